/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTransferRecorder: keeps the rows of the database equal to the transfers of a list: each
 * is written when it enters the list and when its state changes, so that a crash loses at most
 * the byte count. */
#pragma once

#include "store/ferry-transfer-store.h"
#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_TRANSFER_RECORDER (ferry_transfer_recorder_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryTransferRecorder, ferry_transfer_recorder, FERRY, TRANSFER_RECORDER, GObject)

/**
 * ferry_transfer_recorder_new:
 * @store: the database
 * @transfers: of FerryTransfer
 *
 * Fills @transfers with what the list showed when Ferry last ran, newest first; what was under
 * way then is QUEUED, for somebody to go on with. Records from then on.
 *
 * Signal "finished" (FerryTransfer): one has become part of the history.
 */
FerryTransferRecorder *ferry_transfer_recorder_new (FerryStore *store, GListStore *transfers);
/* Takes a finished one off the list; the history keeps it. */
void ferry_transfer_recorder_unlist (FerryTransferRecorder *self, FerryTransfer *transfer);
/* Takes one off the list as if it had never been there. */
void ferry_transfer_recorder_forget (FerryTransferRecorder *self, FerryTransfer *transfer);

G_END_DECLS
