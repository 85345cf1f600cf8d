/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ferry-cli prints: one JSON object a line for programs, or sentences and a progress bar
 * for people. Answers go to stdout, everything about their making to stderr. */
#pragma once

#include "client/ferry-core.h"

G_BEGIN_DECLS

typedef struct _FerryCliOutput FerryCliOutput;

FerryCliOutput *ferry_cli_output_new (gboolean json, gboolean verbose);
void ferry_cli_output_free (FerryCliOutput *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryCliOutput, ferry_cli_output_free)

gboolean ferry_cli_output_is_json (FerryCliOutput *self);

/* A sentence for people, on stderr; nothing with --json. */
void ferry_cli_output_say (FerryCliOutput *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* A line of the answer for people, on stdout; nothing with --json. */
void ferry_cli_output_print (FerryCliOutput *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/**
 * ferry_cli_output_event:
 * @event: `connected`, `offer`, `accepted`, `declined`, `connecting`, `route`, `progress`,
 *   `verifying`, `done` or `failed`
 * @transfer: (nullable): what it is about
 *
 * Prints the event with --json; without, keeps the progress bar up to date.
 */
void ferry_cli_output_event (FerryCliOutput *self, const char *event, FerryTransfer *transfer);
/* The same state, in other words: only people hear of it. */
void ferry_cli_output_refresh (FerryCliOutput *self, FerryTransfer *transfer);
void ferry_cli_output_offer (FerryCliOutput *self, FerryOffer *offer);
/* `connected`, with the full JID. */
/* A device shows another key than before; nobody can be asked here. */
void ferry_cli_output_key_question (FerryCliOutput *self, FerryKeyQuestion *question);
void ferry_cli_output_connected (FerryCliOutput *self, FerryClient *client);
/* `failed` without a transfer: @sentence for people, @error for programs. */
void ferry_cli_output_error (FerryCliOutput *self, const char *sentence, const GError *error);
/* One JSON object of strings and numbers, for lists. @object: a floating a{sv}; strings, int64,
 * booleans, doubles and as. */
void ferry_cli_output_object (FerryCliOutput *self, GVariant *object);

G_END_DECLS
