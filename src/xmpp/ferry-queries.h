/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryQueries: the router's questions that wait for their answers, each with its time limit.
 * Every question ends exactly once: answered, timed out, cancelled, or failed with the rest. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-jid.h"

G_BEGIN_DECLS

typedef struct _FerryQueries FerryQueries;

FerryQueries *ferry_queries_new (void);
/* All must have ended; each task holds the router, which holds this. */
void ferry_queries_free (FerryQueries *self);

/**
 * ferry_queries_add:
 * @id: of the iq
 * @to: (nullable): whom it asks
 * @task: (transfer full): returned when the question ends
 * @limit_ms: time limit
 * @is_running: does the clock run now?
 */
void ferry_queries_add (FerryQueries *self,
                        const char *id,
                        const FerryJid *to,
                        GTask *task,
                        guint limit_ms,
                        gboolean is_running);
/* @to: (out) (nullable): whom the question was put to. Returns: is there such a question? */
gboolean ferry_queries_lookup (FerryQueries *self, const char *id, const FerryJid **to);
/* Takes a question off the list, before its task returns: the callback may ask again. Returns:
 * (transfer full): its task */
GTask *ferry_queries_steal (FerryQueries *self, const char *id);
/* Stops and starts the clocks of all. */
void ferry_queries_set_running (FerryQueries *self, gboolean is_running);
void ferry_queries_fail_all (FerryQueries *self, const GError *error);

G_END_DECLS
