/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryBatch: files and folders that were sent together, shown as one: a list model of their
 * FerryTransfers, in the order in which they were sent, with what they come to in all. It
 * decides nothing: whatever is done with a batch is done with each of them. */
#pragma once

#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_BATCH (ferry_batch_get_type ())
G_DECLARE_FINAL_TYPE (FerryBatch, ferry_batch, FERRY, BATCH, GObject)

/**
 * ferry_batch_new:
 * @first: a transfer that has a batch
 *
 * Properties, of the names and types that FerryTransfer has, all notifying, a moment after
 * whatever caused it: "id" (that of the batch), "direction", "peer-name", "name" (of the
 * first), "n-files" (as many as are to come, with those in folders), "n-files-done",
 * "n-files-failed" (which are done, too), "size", "n-done", "fraction", "speed",
 * "seconds-left", "state" (of the one that is furthest, or waits most; WAITING_PEER for a
 * moment if the peer has not offered all yet), "foremost" (FerryTransfer: that one; it notifies
 * also when only something of it has changed), "is-finished".
 */
FerryBatch *ferry_batch_new (FerryTransfer *first);
/* @position: in the order in which they were sent */
void ferry_batch_insert (FerryBatch *self, guint position, FerryTransfer *transfer);
/* Returns: whether none is left */
gboolean ferry_batch_remove (FerryBatch *self, FerryTransfer *transfer);

const char *ferry_batch_get_id (FerryBatch *self);
FerryDirection ferry_batch_get_direction (FerryBatch *self);
const char *ferry_batch_get_peer_name (FerryBatch *self);
const char *ferry_batch_get_name (FerryBatch *self);
guint ferry_batch_get_n_files (FerryBatch *self);
guint ferry_batch_get_n_files_done (FerryBatch *self);
guint ferry_batch_get_n_files_failed (FerryBatch *self);
gint64 ferry_batch_get_size (FerryBatch *self);
guint64 ferry_batch_get_n_done (FerryBatch *self);
double ferry_batch_get_fraction (FerryBatch *self);
double ferry_batch_get_speed (FerryBatch *self);
int ferry_batch_get_seconds_left (FerryBatch *self);
FerryTransferState ferry_batch_get_state (FerryBatch *self);
gboolean ferry_batch_is_finished (FerryBatch *self);
/* The one that "state" is of. Returns: (transfer none) (nullable) */
FerryTransfer *ferry_batch_get_foremost (FerryBatch *self);
/* Returns: (transfer full) (element-type FerryTransfer): those that have not begun, by their
 * places in the queue */
GPtrArray *ferry_batch_dup_waiting (FerryBatch *self);

G_END_DECLS
