/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryBatchInfo: what is known of the files and folders that somebody sent together. Each of
 * them is a transfer of its own; this says which ones are of one act. A plain value. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerryBatchInfo:
 * @id: (nullable): the sender's; %NULL for what was sent alone
 * @n_transfers: how many files and folders are sent together; 1 for one that was meant to be
 *   and could not be read then: the peer hears nothing of the others
 * @n_files: the same, with the files in a folder instead of the folder
 * @size: bytes of all of them; -1 as long as nobody has looked
 */
typedef struct
{
  char *id;
  guint n_transfers;
  guint n_files;
  gint64 size;
} FerryBatchInfo;

/* @from: (nullable): %NULL leaves nothing */
void ferry_batch_info_set (FerryBatchInfo *self, const FerryBatchInfo *from);
void ferry_batch_info_clear (FerryBatchInfo *self);

G_END_DECLS
