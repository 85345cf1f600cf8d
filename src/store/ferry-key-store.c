/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-key-store"

#include "config.h"

#include "store/ferry-key-store.h"

#include "store/ferry-store-private.h"

#define COLUMNS                                                                                \
  "account, contact || '/' || device, fingerprint, seen_us, is_verified, other, other_us, "    \
  "clear"

const char *
ferry_key_clear_get_name (FerryKeyClear clear)
{
  static const char *const names[] = {
    [FERRY_KEY_CLEAR_NOT] = "no",
    [FERRY_KEY_CLEAR_ASKED] = "asked",
    [FERRY_KEY_CLEAR_ALLOWED] = "allowed",
  };

  g_return_val_if_fail (clear < G_N_ELEMENTS (names), NULL);
  return names[clear];
}

FerryDeviceKey *
ferry_device_key_new (FerryJid *account,
                      FerryJid *device,
                      const char *fingerprint,
                      gint64 seen_us)
{
  g_return_val_if_fail (account != NULL && device != NULL && fingerprint != NULL, NULL);

  FerryDeviceKey *self = g_new0 (FerryDeviceKey, 1);
  self->account = ferry_jid_dup_bare (account);
  self->device = ferry_jid_ref (device);
  self->fingerprint = g_strdup (fingerprint);
  self->seen_us = seen_us;
  return self;
}

void
ferry_device_key_free (FerryDeviceKey *self)
{
  g_clear_pointer (&self->account, ferry_jid_unref);
  g_clear_pointer (&self->device, ferry_jid_unref);
  g_free (self->fingerprint);
  g_free (self->other);
  g_free (self);
}

/* Returns: (nullable): %NULL if somebody has edited the row */
static FerryDeviceKey *
key_from_row (FerryStatement *row)
{
  g_autoptr (FerryDeviceKey) key = g_new0 (FerryDeviceKey, 1);
  g_autofree char *account = ferry_statement_dup_text (row, 0);
  g_autofree char *device = ferry_statement_dup_text (row, 1);

  key->account = ferry_jid_new (account, NULL);
  key->device = ferry_jid_new (device, NULL);
  key->fingerprint = ferry_statement_dup_text (row, 2);
  key->seen_us = ferry_statement_get_int (row, 3);
  key->is_verified = ferry_statement_get_int (row, 4) != 0;
  key->other = ferry_statement_dup_text (row, 5);
  key->other_us = ferry_statement_get_int (row, 6);
  key->clear = (FerryKeyClear) CLAMP (ferry_statement_get_int (row, 7), FERRY_KEY_CLEAR_NOT,
                                      FERRY_KEY_CLEAR_ALLOWED);
  return key->account != NULL && key->device != NULL ? g_steal_pointer (&key) : NULL;
}

FerryDeviceKey *
ferry_key_store_lookup (FerryStore *store,
                        const FerryJid *account,
                        const FerryJid *device,
                        GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL && device != NULL, NULL);

  g_autoptr (FerryStatement) statement =
      ferry_store_prepare (store,
                           "SELECT " COLUMNS " FROM device_keys"
                           " WHERE account = ?1 AND contact = ?2 AND device = ?3",
                           error);
  if (statement == NULL)
    return NULL;

  ferry_statement_bind (statement, "sss", ferry_jid_get_bare (account),
                        ferry_jid_get_bare (device), ferry_jid_get_resource (device));
  return ferry_statement_next (statement, error) ? key_from_row (statement) : NULL;
}

GPtrArray *
ferry_key_store_list (FerryStore *store, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store), NULL);

  g_autoptr (GError) local_error = NULL;
  g_autoptr (GPtrArray) keys =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_device_key_free);
  g_autoptr (FerryStatement) statement = ferry_store_prepare (
      store, "SELECT " COLUMNS " FROM device_keys ORDER BY contact, device, account", error);
  if (statement == NULL)
    return NULL;

  while (ferry_statement_next (statement, &local_error))
    {
      FerryDeviceKey *key = key_from_row (statement);
      if (key != NULL)
        g_ptr_array_add (keys, key);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  return g_steal_pointer (&keys);
}

gboolean
ferry_key_store_put (FerryStore *store, const FerryDeviceKey *key, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && key != NULL, FALSE);

  return ferry_store_execute (
      store, error,
      "REPLACE INTO device_keys (account, contact, device, fingerprint, seen_us, is_verified,"
      " other, other_us, clear) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      "ssssIisIi", ferry_jid_get_bare (key->account), ferry_jid_get_bare (key->device),
      ferry_jid_get_resource (key->device), key->fingerprint, key->seen_us, key->is_verified,
      key->other, key->other_us, (int) key->clear);
}

gboolean
ferry_key_store_remove (FerryStore *store,
                        const FerryJid *account,
                        const FerryJid *device,
                        GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL && device != NULL, FALSE);

  return ferry_store_execute (
      store, error,
      "DELETE FROM device_keys WHERE account = ?1 AND contact = ?2 AND device = ?3", "sss",
      ferry_jid_get_bare (account), ferry_jid_get_bare (device),
      ferry_jid_get_resource (device));
}
