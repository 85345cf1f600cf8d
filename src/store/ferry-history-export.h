/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history as a file for other programs: CSV for a spreadsheet, JSON lines for a script. */
#pragma once

#include "store/ferry-history.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_HISTORY_CSV,  /* RFC 4180, with a line of titles */
  FERRY_HISTORY_JSON, /* one object per line, as ferry-cli history --json prints them */
} FerryHistoryFormat;

/* Returns: (transfer floating): a{sv} with the keys of ferry-cli's JSON; what is not known has
 * no key */
GVariant *ferry_history_entry_to_variant (FerryHistoryEntry *self);

/**
 * ferry_history_export_async:
 * @self: the history; what its search leaves is exported, as it is now
 * @file: a file, replaced as a whole when everything is written
 *
 * Reads in small slices, so that a window stays alive meanwhile.
 */
void ferry_history_export_async (FerryHistory *self,
                                 GFile *file,
                                 FerryHistoryFormat format,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* Returns: FALSE with a %G_IO_ERROR, or %FERRY_ERROR_STORE */
gboolean ferry_history_export_finish (FerryHistory *self, GAsyncResult *result, GError **error);

G_END_DECLS
