/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the list makes its entries and its search of. */
#pragma once

#include "store/ferry-history.h"
#include "store/ferry-transfer-store.h"

G_BEGIN_DECLS

/* Returns: (transfer full) (nullable): %NULL if there is none (@error unset) or on failure */
FerryTransferRow *
ferry_transfer_store_lookup_seq (FerryStore *store, gint64 seq, GError **error);

/* @row: (transfer full) */
FerryHistoryEntry *ferry_history_entry_new_take (FerryTransferRow *row);

FerryStore *ferry_history_get_store (FerryHistory *self);
/* Returns: (transfer full) (element-type gint64): which rows the list holds now, in its order
 */
GArray *ferry_history_dup_seqs (FerryHistory *self);

/**
 * ferry_history_query_new:
 * @text: (nullable): what the user typed; any bytes
 *
 * Returns: (transfer full) (nullable): an FTS5 query in which each word is the beginning of
 * one; never a syntax error. %NULL if there is nothing to search for
 */
char *ferry_history_query_new (const char *text);

G_END_DECLS
