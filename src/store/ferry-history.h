/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryHistory: everything that was sent and received, newest first, as a list model that a
 * search narrows. Rows load from the database page by page. */
#pragma once

#include <gio/gio.h>

#include "store/ferry-store.h"

G_BEGIN_DECLS

#define FERRY_TYPE_HISTORY_ENTRY (ferry_history_entry_get_type ())
G_DECLARE_FINAL_TYPE (FerryHistoryEntry, ferry_history_entry, FERRY, HISTORY_ENTRY, GObject)

/* Read-only properties of the same names: "id", "is-outgoing", "peer" (bare JID text),
 * "peer-name", "name", "size" (int64), "path" (nullable), "route" (nullable text), "verified"
 * (nullable), "sha256" (nullable hex), "outcome" (done, declined, cancelled, missed, failed),
 * "error-code" (nullable), "ended-us" (int64, wall clock). */
const char *ferry_history_entry_get_id (FerryHistoryEntry *self);
gboolean ferry_history_entry_is_outgoing (FerryHistoryEntry *self);
const char *ferry_history_entry_get_peer (FerryHistoryEntry *self);
const char *ferry_history_entry_get_peer_name (FerryHistoryEntry *self);
const char *ferry_history_entry_get_name (FerryHistoryEntry *self);
gint64 ferry_history_entry_get_size (FerryHistoryEntry *self);
const char *ferry_history_entry_get_path (FerryHistoryEntry *self);
const char *ferry_history_entry_get_route (FerryHistoryEntry *self);
gboolean ferry_history_entry_is_encrypted (FerryHistoryEntry *self);
/* With a key that people had compared? */
gboolean ferry_history_entry_is_key_verified (FerryHistoryEntry *self);
const char *ferry_history_entry_get_verified (FerryHistoryEntry *self);
/* Did the receiver say that it has the file? */
gboolean ferry_history_entry_was_received (FerryHistoryEntry *self);
const char *ferry_history_entry_get_sha256 (FerryHistoryEntry *self);
const char *ferry_history_entry_get_outcome (FerryHistoryEntry *self);
const char *ferry_history_entry_get_error_code (FerryHistoryEntry *self);
gint64 ferry_history_entry_get_ended_us (FerryHistoryEntry *self);

#define FERRY_TYPE_HISTORY (ferry_history_get_type ())
/* Implements GListModel of FerryHistoryEntry. */
G_DECLARE_FINAL_TYPE (FerryHistory, ferry_history, FERRY, HISTORY, GObject)

FerryHistory *ferry_history_new (FerryStore *store);
/* @text: (nullable): words that must all begin a word of file name, contact or folder */
void ferry_history_set_search (FerryHistory *self, const char *text);
/* The database has new rows: look again. */
void ferry_history_refresh (FerryHistory *self);
/* Returns: (transfer full) (nullable): what happened on the way, line by line, if it was kept
 */
char *ferry_history_dup_timeline (FerryHistory *self, FerryHistoryEntry *entry);
/* Forgets everything that ended; no file is touched. */
void ferry_history_clear (FerryHistory *self);
void ferry_history_remove (FerryHistory *self, FerryHistoryEntry *entry);

G_END_DECLS
