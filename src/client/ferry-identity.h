/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of an account inside bytestreams: made once, and kept where its password is kept. */
#pragma once

#include "crypt/ferry-tls-identity.h"
#include "store/ferry-secrets.h"

G_BEGIN_DECLS

/**
 * ferry_identity_load_async:
 * @account: own address
 *
 * Finds the account's key; without one, makes one and keeps it.
 */
void ferry_identity_load_async (FerrySecrets *secrets,
                                FerryJid *account,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* @error: of FerrySecrets, or %FERRY_ERROR_SECURITY. Returns: (transfer full) */
FerryTlsIdentity *ferry_identity_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
