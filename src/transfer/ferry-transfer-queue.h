/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTransferQueue: runs the transfers of a list, a few at a time. Finished ones stay in the
 * list until somebody removes them. */
#pragma once

#include "store/ferry-store.h"
#include "transfer/ferry-transfer-guard.h"
#include "transfer/ferry-transfer-starter.h"
#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_TRANSFER_QUEUE (ferry_transfer_queue_get_type ())
G_DECLARE_FINAL_TYPE (FerryTransferQueue, ferry_transfer_queue, FERRY, TRANSFER_QUEUE, GObject)

/**
 * ferry_transfer_queue_new:
 * @list: of FerryTransfer, newest first; the queue inserts at its beginning
 * @starter: how to begin to send
 *
 * Signal "transfer-finished" (FerryTransfer *): it came into a final state. Signal
 * "attempt-finished": an attempt came to its end, whatever follows.
 */
FerryTransferQueue *ferry_transfer_queue_new (GListStore *list, FerryTransferStarter *starter);
/* What sent bytes are hashed with, and received ones if the sender says nothing; SHA-256 unless
 * set. %FERRY_HASH_NONE switches verifying off, for transfers that start from now on. */
void ferry_transfer_queue_set_hash (FerryTransferQueue *self, FerryHashAlgo hash);
/* Who is asked before files move; for transfers that start from now on. */
void ferry_transfer_queue_set_guard (FerryTransferQueue *self, FerryTransferGuard *guard);
/* Where hashes of files that were sent are kept; for transfers that start from now on. */
void ferry_transfer_queue_set_store (FerryTransferQueue *self, FerryStore *store);
/* How many may move bytes at once, 1 to %FERRY_TRANSFER_QUEUE_MAX_LIMIT; unless set,
 * %FERRY_TRANSFER_QUEUE_DEFAULT_LIMIT. */
#define FERRY_TRANSFER_QUEUE_MAX_LIMIT 16
#define FERRY_TRANSFER_QUEUE_DEFAULT_LIMIT 3
void ferry_transfer_queue_set_limits (FerryTransferQueue *self, guint n_up, guint n_down);

typedef enum
{
  FERRY_TRANSFER_MOVE_FIRST,
  FERRY_TRANSFER_MOVE_UP,
  FERRY_TRANSFER_MOVE_DOWN,
  FERRY_TRANSFER_MOVE_LAST,
} FerryTransferMove;

/**
 * ferry_transfer_queue_move:
 *
 * Changes the order of those in its direction that are not under way. The order is kept.
 *
 * Returns: %FALSE if it is under way, or cannot go further
 */
gboolean ferry_transfer_queue_move (FerryTransferQueue *self,
                                    FerryTransfer *transfer,
                                    FerryTransferMove move);
/* @other: whose place @transfer takes; those in between move by one. Neither may be under way.
 */
gboolean ferry_transfer_queue_move_to (FerryTransferQueue *self,
                                       FerryTransfer *transfer,
                                       FerryTransfer *other);

/* How many bytes a second may move in all, at once also for what is under way; 0 for no limit.
 */
void ferry_transfer_queue_set_rate (FerryTransferQueue *self,
                                    FerryDirection direction,
                                    guint64 rate);

/**
 * ferry_transfer_queue_send:
 * @transfer: sending; its "path" is the file
 *
 * Puts it into the list, if it is not there, and starts it when its turn has come. A transfer
 * whose contact is absent waits for ferry_transfer_queue_retry_waiting().
 */
void ferry_transfer_queue_send (FerryTransferQueue *self, FerryTransfer *transfer);
/* As ferry_transfer_queue_send(), but nothing happens for @hold_ms milliseconds: who cancels it
 * while it "is-held" has told nobody of it. */
void ferry_transfer_queue_send_held (FerryTransferQueue *self,
                                     FerryTransfer *transfer,
                                     guint hold_ms);
/**
 * ferry_transfer_queue_receive:
 * @transfer: receiving; its "name" is sanitised
 * @session: the offer, to which the user said yes
 * @folder: where to save
 * @routes: ways allowed
 */
void ferry_transfer_queue_receive (FerryTransferQueue *self,
                                   FerryTransfer *transfer,
                                   FerrySession *session,
                                   const char *folder,
                                   FerryRoute routes);
/* One that was unfinished when Ferry last ended; it goes on from its state. */
void ferry_transfer_queue_restore (FerryTransferQueue *self, FerryTransfer *transfer);
/* A sending one of a batch does not start before its size is known, and set by this. */
void ferry_transfer_queue_set_batch (FerryTransferQueue *self,
                                     FerryTransfer *transfer,
                                     const FerryBatchInfo *batch);
/* Nothing is started while it is held. */
void ferry_transfer_queue_hold (FerryTransferQueue *self, gboolean is_held);
/* Ends all attempts, and begins no more: what is unfinished goes on when Ferry starts again. */
void ferry_transfer_queue_suspend (FerryTransferQueue *self);

/* Each returns whether that could be done: the state is one for it. */
gboolean ferry_transfer_queue_pause (FerryTransferQueue *self, FerryTransfer *transfer);
gboolean ferry_transfer_queue_resume (FerryTransferQueue *self, FerryTransfer *transfer);
/* Also one that is finished and in the list no more, unless it is done. */
gboolean ferry_transfer_queue_retry (FerryTransferQueue *self, FerryTransfer *transfer);
/* One that waits for what the user says of the peer's key, which is no: it fails.
 * Returns: %FALSE if it does not wait for that */
gboolean ferry_transfer_queue_refuse (FerryTransferQueue *self,
                                      FerryTransfer *transfer,
                                      const GError *error);
/* The peer has said no to all of a batch: one that it was not offered yet need not be. */
void ferry_transfer_queue_decline (FerryTransferQueue *self, FerryTransfer *transfer);
/* The peer offers again what was not finished. @transfer: receiving, with a part file.
 * @routes: ways allowed now
 * Returns: %FALSE if the user has paused it */
gboolean ferry_transfer_queue_take_offer (FerryTransferQueue *self,
                                          FerryTransfer *transfer,
                                          FerrySession *session,
                                          FerryRoute routes);
/* The peer asks for the rest. @transfer: sending. Returns: %FALSE if the user has paused it */
gboolean ferry_transfer_queue_call (FerryTransferQueue *self, FerryTransfer *transfer);
/* @peer: (nullable): a contact that came online, whatever the resource; %NULL for all, when we
 * are online again */
void ferry_transfer_queue_retry_waiting (FerryTransferQueue *self, FerryJid *peer);
/* @device is online, whether it takes files or not: it can be asked for the rest of its own. */
void ferry_transfer_queue_retry_asking (FerryTransferQueue *self, FerryJid *device);
/* Does nothing to a finished one. */
void ferry_transfer_queue_cancel (FerryTransferQueue *self, FerryTransfer *transfer);
/* Attempts that have something to clear away still. */
guint ferry_transfer_queue_get_n_attempts (FerryTransferQueue *self);

G_END_DECLS
