/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryBatchTotal: what several transfers come to that were sent together. */
#pragma once

#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

/* @foremost: (nullable): borrowed from the transfers; the one that @state is of. The others as
 * the properties of FerryBatch. */
typedef struct
{
  guint n_files;
  guint n_files_done;
  guint n_files_failed;
  gint64 size;
  guint64 n_done;
  double fraction;
  double speed;
  int seconds_left;
  FerryTransfer *foremost;
  FerryTransferState state;
  gboolean is_finished;
} FerryBatchTotal;

/**
 * ferry_batch_total_compute:
 * @transfers: (element-type FerryTransfer): all of one direction
 * @info: what was said of the batch when it was sent
 * @is_complete: is nothing of it still to come?
 * @is_given_up: receiving: what is still to come is not waited for
 */
FerryBatchTotal ferry_batch_total_compute (GPtrArray *transfers,
                                           const FerryBatchInfo *info,
                                           gboolean is_complete,
                                           gboolean is_given_up);

G_END_DECLS
