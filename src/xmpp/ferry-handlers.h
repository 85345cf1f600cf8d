/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryHandlers: who wants which stanzas. Part of FerryRouter. */
#pragma once

#include "xmpp/ferry-router.h"

G_BEGIN_DECLS

typedef struct _FerryHandlers FerryHandlers;

FerryHandlers *ferry_handlers_new (void);
void ferry_handlers_free (FerryHandlers *self);
/**
 * ferry_handlers_add:
 * @kind: "iq" for requests, "message" or "presence"
 * @ns: (nullable): of a child it must have; %NULL takes every one
 * @func: a #FerryRequestFunc for "iq", else a #FerryStanzaFunc
 *
 * Returns: an id, never 0
 */
guint ferry_handlers_add (
    FerryHandlers *self, const char *kind, const char *ns, GCallback func, gpointer user_data);
void ferry_handlers_remove (FerryHandlers *self, guint id);

/* Handlers may come and go while these run. Newest first. */
/* Returns: did one take the request @iq upon itself? */
gboolean
ferry_handlers_offer (FerryHandlers *self, FerryRouter *router, FerryNode *iq, FerryJid *from);
/* Shows a message or presence to all who want it. */
void ferry_handlers_show (FerryHandlers *self,
                          FerryRouter *router,
                          FerryNode *stanza,
                          FerryJid *from);

G_END_DECLS
