/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTransferGuard: whom a runner asks before a byte moves: is this the device that the user
 * knows, and may the file go as the session has agreed? Keys and rules live above. */
#pragma once

#include "signalling/ferry-session.h"
#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_TRANSFER_GUARD (ferry_transfer_guard_get_type ())
G_DECLARE_INTERFACE (FerryTransferGuard, ferry_transfer_guard, FERRY, TRANSFER_GUARD, GObject)

/**
 * FerryTransferGuardInterface:
 * @check: may @transfer go on with @session, whose peer has said how it encrypts? Errors:
 *   %FERRY_ERROR_OTHER_KEY, %FERRY_ERROR_NO_KEY: the user is being asked about the device's
 * key, or about there being none; %FERRY_ERROR_UNENCRYPTED; %FERRY_ERROR_STORE
 * @wait_async: after an error that says so: wait for what the user says
 * @wait_finish: the same error if the user does not want that
 * @meet: the device has proven that it has the key that it showed
 */
struct _FerryTransferGuardInterface
{
  GTypeInterface parent_iface;

  gboolean (*check) (FerryTransferGuard *self,
                     FerryTransfer *transfer,
                     FerrySession *session,
                     GError **error);
  void (*wait_async) (FerryTransferGuard *self,
                      FerryTransfer *transfer,
                      FerrySession *session,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
  gboolean (*wait_finish) (FerryTransferGuard *self, GAsyncResult *result, GError **error);
  void (*meet) (FerryTransferGuard *self, FerryTransfer *transfer, FerrySession *session);
};

/* Does @error of a check say that the user is being asked? */
gboolean ferry_transfer_guard_asks (const GError *error);
/* Does @transfer wait for what the user says? As a PAUSED one, or inside an attempt. */
gboolean ferry_transfer_guard_waits (FerryTransfer *transfer);
gboolean ferry_transfer_guard_check (FerryTransferGuard *self,
                                     FerryTransfer *transfer,
                                     FerrySession *session,
                                     GError **error);
void ferry_transfer_guard_wait_async (FerryTransferGuard *self,
                                      FerryTransfer *transfer,
                                      FerrySession *session,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean ferry_transfer_guard_wait_finish (FerryTransferGuard *self,
                                           GAsyncResult *result,
                                           GError **error);
void ferry_transfer_guard_meet (FerryTransferGuard *self,
                                FerryTransfer *transfer,
                                FerrySession *session);

G_END_DECLS
