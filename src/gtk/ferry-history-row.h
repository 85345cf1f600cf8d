/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryHistoryRow: one line of the history. */
#pragma once

#include <adwaita.h>

#include "store/ferry-history.h"

G_BEGIN_DECLS

#define FERRY_TYPE_HISTORY_ROW (ferry_history_row_get_type ())
G_DECLARE_FINAL_TYPE (FerryHistoryRow, ferry_history_row, FERRY, HISTORY_ROW, AdwBin)

/* Signal "remove-requested". */
GtkWidget *ferry_history_row_new (void);
void ferry_history_row_set_entry (FerryHistoryRow *self, FerryHistoryEntry *entry);
FerryHistoryEntry *ferry_history_row_get_entry (FerryHistoryRow *self); /* nullable */
/* What a screen reader says of the whole line. Returns: (transfer full) */
char *ferry_history_row_dup_label (FerryHistoryEntry *entry);

G_END_DECLS
