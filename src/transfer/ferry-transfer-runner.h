/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTransferRunner: one attempt at a FerryTransfer: brings session, pump and file together,
 * and writes into the transfer how it goes. */
#pragma once

#include "store/ferry-store.h"
#include "transfer/ferry-transfer-guard.h"
#include "transfer/ferry-throttle.h"
#include "transfer/ferry-transfer-starter.h"
#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_TRANSFER_RUNNER (ferry_transfer_runner_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryTransferRunner, ferry_transfer_runner, FERRY, TRANSFER_RUNNER, GObject)

/**
 * ferry_transfer_runner_new_sender:
 * @transfer: its "path" is the file to send
 * @starter: finds the device and makes the session
 * @hash: what to hash with, or %FERRY_HASH_NONE
 *
 * Signal "finished": exactly once, last: the machine of the transfer knows how it ended.
 */
FerryTransferRunner *ferry_transfer_runner_new_sender (FerryTransfer *transfer,
                                                       FerryTransferStarter *starter,
                                                       FerryHashAlgo hash);
/**
 * ferry_transfer_runner_new_receiver:
 * @transfer: its "name" is what the file shall be called; sanitised
 * @session: an offer the user said yes to; it is accepted when there is room for the file
 * @folder: where to save
 * @routes: ways allowed
 * @hash: what to hash with if the peer says nothing; %FERRY_HASH_NONE: do not verify
 */
FerryTransferRunner *ferry_transfer_runner_new_receiver (FerryTransfer *transfer,
                                                         FerrySession *session,
                                                         const char *folder,
                                                         FerryRoute routes,
                                                         FerryHashAlgo hash);

/**
 * ferry_transfer_runner_new_asker:
 * @transfer: receiving, unfinished: its journal tells the part file
 * @starter: asks the peer
 * @hash: as above
 *
 * Asks the peer to offer the file again, and goes on with it once it does:
 * ferry_transfer_runner_take_offer().
 */
FerryTransferRunner *ferry_transfer_runner_new_asker (FerryTransfer *transfer,
                                                      FerryTransferStarter *starter,
                                                      FerryHashAlgo hash);
/* Returns: %FALSE if it does not wait for one (any more) */
gboolean ferry_transfer_runner_take_offer (FerryTransferRunner *self, FerrySession *session);

/* Why an attempt is given up from our side. */
typedef enum
{
  FERRY_TRANSFER_STOP_NOT,
  FERRY_TRANSFER_STOP_CANCEL, /* for good */
  FERRY_TRANSFER_STOP_PAUSE,  /* the user will say when to go on */
  FERRY_TRANSFER_STOP_LATER,  /* Ferry ends, or a newer session is there */
} FerryTransferStop;

/* Before the start: who is asked whether files may move; without one they always may. */
void ferry_transfer_runner_set_guard (FerryTransferRunner *self, FerryTransferGuard *guard);
/* Before the start: where hashes of files that were sent are kept; without one each is read
 * anew. */
void ferry_transfer_runner_set_store (FerryTransferRunner *self, FerryStore *store);
/* Before the start: what keeps its bytes and those of others in bounds. */
void ferry_transfer_runner_set_throttle (FerryTransferRunner *self, FerryThrottle *throttle);
void ferry_transfer_runner_start (FerryTransferRunner *self);
/* At any moment, also before the start; "finished" follows, perhaps at once. */
void ferry_transfer_runner_stop (FerryTransferRunner *self, FerryTransferStop why);

G_END_DECLS
