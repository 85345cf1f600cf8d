/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the queue (ferry-transfer-queue.c), its order (…-order.c), what its entries wait for
 * (…-wait.c) and what users and peers want of them (…-control.c). */
#pragma once

#include "transfer/ferry-transfer-queue.h"
#include "transfer/ferry-transfer-runner.h"

G_BEGIN_DECLS

/* Attempts under way in one direction, those included that wait for an answer, which may take
 * a day: the files of sixteen contacts who are out keep nobody waiting. */
#define FERRY_TRANSFER_QUEUE_MAX_STARTED 50

/* A transfer that is not finished. */
typedef struct
{
  FerryTransferQueue *queue; /* owns us */
  FerryTransfer *transfer;
  FerryTransferRunner *runner; /* NULL: no attempt has begun, and no offer is at hand */
  FerrySession *next;          /* nullable: a newer offer, for when this attempt is over */
  gboolean started;
  guint hold_id;        /* 0: it may start */
  gboolean retry_asked; /* the contact came while it was being looked for */
  gboolean called;      /* the peer has asked for the rest while it was being sent */
  guint timer_id;       /* of what its state waits for */
  gulong state_id;
  gulong finished_id;
} FerryTransferQueueEntry;

struct _FerryTransferQueue
{
  GObject parent_instance;

  GListStore *list;
  FerryTransferStarter *starter;
  FerryTransferGuard *guard; /* nullable */
  FerryStore *store;         /* nullable */
  FerryHashAlgo hash;
  guint limits[FERRY_DIRECTION_RECEIVE + 1];
  FerryThrottle *throttles[FERRY_DIRECTION_RECEIVE + 1];
  GPtrArray *entries; /* in the order in which they shall start */
  guint start_id;
  gboolean is_held; /* nothing is started */
};

/* (nullable) */
FerryTransferQueueEntry *ferry_transfer_queue_find (FerryTransferQueue *self,
                                                    FerryTransfer *transfer);
/* @transfer: its machine knows already where it stands */
FerryTransferQueueEntry *ferry_transfer_queue_add (FerryTransferQueue *self,
                                                   FerryTransfer *transfer);
/* (nullable): who starts next */
FerryTransferQueueEntry *ferry_transfer_queue_find_next (FerryTransferQueue *self);
/* Tells each that waits for its turn how many come before. */
void ferry_transfer_queue_count_ahead (FerryTransferQueue *self);
/* Behind all others. */
void ferry_transfer_queue_place_last (FerryTransferQueue *self, FerryTransferQueueEntry *entry);
/* Its transfer is finished; frees @entry. */
void ferry_transfer_queue_end (FerryTransferQueue *self, FerryTransferQueueEntry *entry);
/* An offer of the rest of a file. */
void ferry_transfer_queue_take_session (FerryTransferQueueEntry *entry, FerrySession *session);
/* Looks, later, who may start. */
void ferry_transfer_queue_schedule (FerryTransferQueue *self);
/* Sees to it that what the state of @entry waits for is noticed. */
void ferry_transfer_queue_watch (FerryTransferQueueEntry *entry);

G_END_DECLS
