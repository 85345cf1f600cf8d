/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-transfer-starter.h"

G_DEFINE_INTERFACE (FerryTransferStarter, ferry_transfer_starter, G_TYPE_OBJECT)

static void
ferry_transfer_starter_default_init (FerryTransferStarterInterface *iface)
{
}

void
ferry_transfer_starter_start_async (FerryTransferStarter *self,
                                    FerryTransfer *transfer,
                                    FerryFileInfo *file,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (FERRY_IS_TRANSFER_STARTER (self));

  FERRY_TRANSFER_STARTER_GET_IFACE (self)->start_async (self, transfer, file, cancellable,
                                                        callback, user_data);
}

FerrySession *
ferry_transfer_starter_start_finish (FerryTransferStarter *self,
                                     GAsyncResult *result,
                                     GError **error)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_STARTER (self), NULL);

  return FERRY_TRANSFER_STARTER_GET_IFACE (self)->start_finish (self, result, error);
}

void
ferry_transfer_starter_ask_async (FerryTransferStarter *self,
                                  FerryTransfer *transfer,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (FERRY_IS_TRANSFER_STARTER (self));

  FERRY_TRANSFER_STARTER_GET_IFACE (self)->ask_async (self, transfer, cancellable, callback,
                                                      user_data);
}

gboolean
ferry_transfer_starter_ask_finish (FerryTransferStarter *self,
                                   GAsyncResult *result,
                                   GError **error)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_STARTER (self), FALSE);

  return FERRY_TRANSFER_STARTER_GET_IFACE (self)->ask_finish (self, result, error);
}

FerryHashAlgo
ferry_transfer_starter_pick_hash (FerryTransferStarter *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_STARTER (self), FERRY_HASH_SHA256);

  FerryTransferStarterInterface *iface = FERRY_TRANSFER_STARTER_GET_IFACE (self);
  return iface->pick_hash != NULL ? iface->pick_hash (self, transfer) : FERRY_HASH_SHA256;
}
