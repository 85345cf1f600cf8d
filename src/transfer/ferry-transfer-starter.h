/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTransferStarter: what sending needs from above: a device of the contact that can receive
 * files, and a session with it. Contacts and accounts live there. */
#pragma once

#include "signalling/ferry-session.h"
#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_TRANSFER_STARTER (ferry_transfer_starter_get_type ())
G_DECLARE_INTERFACE (
    FerryTransferStarter, ferry_transfer_starter, FERRY, TRANSFER_STARTER, GObject)

/**
 * FerryTransferStarterInterface:
 * @start_async: find a device of the transfer's peer and offer it the file
 * @start_finish: (transfer full): a session in which we send, in state OFFERED. Errors:
 *   %FERRY_ERROR_GONE (the contact is not online) and %FERRY_ERROR_OFFLINE (we are not) make
 *   the transfer wait for ferry_transfer_queue_retry_waiting(), as they do when the session
 *   ends so before the peer's user has agreed; all others end it
 * @ask_async: receiving, unfinished: ask the transfer's peer to offer the rest of the file
 * @ask_finish: %TRUE when the offer is about to come
 * @pick_hash: (nullable): with what a file should be hashed that goes to the transfer's peer;
 * as long as nothing is known of its device, SHA-256
 */
struct _FerryTransferStarterInterface
{
  GTypeInterface parent_iface;

  void (*start_async) (FerryTransferStarter *self,
                       FerryTransfer *transfer,
                       FerryFileInfo *file,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  FerrySession *(*start_finish) (FerryTransferStarter *self,
                                 GAsyncResult *result,
                                 GError **error);
  void (*ask_async) (FerryTransferStarter *self,
                     FerryTransfer *transfer,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
  gboolean (*ask_finish) (FerryTransferStarter *self, GAsyncResult *result, GError **error);
  FerryHashAlgo (*pick_hash) (FerryTransferStarter *self, FerryTransfer *transfer);
};

/* SHA-256 where the starter does not say. */
FerryHashAlgo ferry_transfer_starter_pick_hash (FerryTransferStarter *self,
                                                FerryTransfer *transfer);

void ferry_transfer_starter_ask_async (FerryTransferStarter *self,
                                       FerryTransfer *transfer,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean ferry_transfer_starter_ask_finish (FerryTransferStarter *self,
                                            GAsyncResult *result,
                                            GError **error);

void ferry_transfer_starter_start_async (FerryTransferStarter *self,
                                         FerryTransfer *transfer,
                                         FerryFileInfo *file,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
FerrySession *ferry_transfer_starter_start_finish (FerryTransferStarter *self,
                                                   GAsyncResult *result,
                                                   GError **error);

G_END_DECLS
