/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By which keys the devices of contacts are known: the first one that a device has shown, or
 * the one that the user has accepted since. */
#pragma once

#include "base/ferry-jid.h"
#include "store/ferry-store.h"

G_BEGIN_DECLS

/**
 * FerryKeyClear:
 * @FERRY_KEY_CLEAR_NOT: it has encrypted whatever it could
 * @FERRY_KEY_CLEAR_ASKED: it did not encrypt when it should have; the user has not accepted
 * that
 * @FERRY_KEY_CLEAR_ALLOWED: files go in clear until it encrypts again
 */
typedef enum
{
  FERRY_KEY_CLEAR_NOT,
  FERRY_KEY_CLEAR_ASKED,
  FERRY_KEY_CLEAR_ALLOWED,
} FerryKeyClear;

/* For programs: "no", "asked", "allowed". */
const char *ferry_key_clear_get_name (FerryKeyClear clear);

/* @account: own bare address; @device: full address; @fingerprint: SHA-256 of the key, hex;
 * empty while it has shown none: then @clear says why it is here; @seen_us: when it was shown
 * first, wall clock; @is_verified: people have compared it; @other: (nullable): what the device
 * has shown since, and the user has not accepted; @other_us: when */
typedef struct
{
  FerryJid *account;
  FerryJid *device;
  char *fingerprint;
  gint64 seen_us;
  gboolean is_verified;
  char *other;
  gint64 other_us;
  FerryKeyClear clear;
} FerryDeviceKey;

FerryDeviceKey *ferry_device_key_new (FerryJid *account,
                                      FerryJid *device,
                                      const char *fingerprint,
                                      gint64 seen_us);
void ferry_device_key_free (FerryDeviceKey *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryDeviceKey, ferry_device_key_free)

/* Returns: (transfer full) (nullable): %NULL without @error if the device is not known */
FerryDeviceKey *ferry_key_store_lookup (FerryStore *store,
                                        const FerryJid *account,
                                        const FerryJid *device,
                                        GError **error);
/* Returns: (transfer full) (element-type FerryDeviceKey) (nullable): by contact and device */
GPtrArray *ferry_key_store_list (FerryStore *store, GError **error);
/* In the place of what is known of the device. */
gboolean ferry_key_store_put (FerryStore *store, const FerryDeviceKey *key, GError **error);
gboolean ferry_key_store_remove (FerryStore *store,
                                 const FerryJid *account,
                                 const FerryJid *device,
                                 GError **error);

G_END_DECLS
