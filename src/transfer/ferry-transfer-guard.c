/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-transfer-guard.h"

#include "base/ferry-error.h"

G_DEFINE_INTERFACE (FerryTransferGuard, ferry_transfer_guard, G_TYPE_OBJECT)

static void
ferry_transfer_guard_default_init (FerryTransferGuardInterface *iface)
{
}

gboolean
ferry_transfer_guard_asks (const GError *error)
{
  return g_error_matches (error, FERRY_ERROR, FERRY_ERROR_OTHER_KEY) ||
         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NO_KEY);
}

gboolean
ferry_transfer_guard_waits (FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), FALSE);

  return ferry_transfer_get_pause (transfer) == FERRY_TRANSFER_PAUSE_KEY ||
         (ferry_transfer_get_state (transfer) == FERRY_TRANSFER_PREPARING &&
          ferry_transfer_guard_asks (ferry_transfer_get_error (transfer)));
}

gboolean
ferry_transfer_guard_check (FerryTransferGuard *self,
                            FerryTransfer *transfer,
                            FerrySession *session,
                            GError **error)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_GUARD (self), FALSE);

  return FERRY_TRANSFER_GUARD_GET_IFACE (self)->check (self, transfer, session, error);
}

void
ferry_transfer_guard_wait_async (FerryTransferGuard *self,
                                 FerryTransfer *transfer,
                                 FerrySession *session,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_return_if_fail (FERRY_IS_TRANSFER_GUARD (self));

  FERRY_TRANSFER_GUARD_GET_IFACE (self)->wait_async (self, transfer, session, cancellable,
                                                     callback, user_data);
}

gboolean
ferry_transfer_guard_wait_finish (FerryTransferGuard *self,
                                  GAsyncResult *result,
                                  GError **error)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_GUARD (self), FALSE);

  return FERRY_TRANSFER_GUARD_GET_IFACE (self)->wait_finish (self, result, error);
}

void
ferry_transfer_guard_meet (FerryTransferGuard *self,
                           FerryTransfer *transfer,
                           FerrySession *session)
{
  g_return_if_fail (FERRY_IS_TRANSFER_GUARD (self));

  FERRY_TRANSFER_GUARD_GET_IFACE (self)->meet (self, transfer, session);
}
