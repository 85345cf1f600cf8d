/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-pin-store"

#include "config.h"

#include "store/ferry-pin-store.h"

#include "store/ferry-store-private.h"

void
ferry_pin_free (FerryPin *self)
{
  g_free (self->host);
  g_free (self->sha256);
  g_free (self);
}

static FerryPin *
pin_from_row (FerryStatement *row)
{
  FerryPin *pin = g_new0 (FerryPin, 1);
  pin->host = ferry_statement_dup_text (row, 0);
  pin->sha256 = ferry_statement_dup_text (row, 1);
  pin->added_us = ferry_statement_get_int (row, 2);
  return pin;
}

GPtrArray *
ferry_pin_store_list (FerryStore *store, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store), NULL);

  g_autoptr (GError) local_error = NULL;
  g_autoptr (GPtrArray) pins = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_pin_free);
  g_autoptr (FerryStatement) statement = ferry_store_prepare (
      store, "SELECT host, sha256, added_us FROM pins ORDER BY host, added_us, sha256", error);
  if (statement == NULL)
    return NULL;

  while (ferry_statement_next (statement, &local_error))
    g_ptr_array_add (pins, pin_from_row (statement));
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  return g_steal_pointer (&pins);
}

gboolean
ferry_pin_store_add (
    FerryStore *store, const char *host, const char *sha256, gint64 added_us, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && host != NULL && sha256 != NULL, FALSE);

  g_autofree char *lower_host = g_utf8_strdown (host, -1);
  g_autofree char *lower_sha256 = g_ascii_strdown (sha256, -1);
  return ferry_store_execute (store, error,
                              "INSERT INTO pins (host, sha256, added_us) VALUES (?1, ?2, ?3)"
                              " ON CONFLICT DO NOTHING",
                              "ssI", lower_host, lower_sha256, added_us);
}

gboolean
ferry_pin_store_remove (FerryStore *store, const char *host, const char *sha256, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && host != NULL && sha256 != NULL, FALSE);

  g_autofree char *lower_host = g_utf8_strdown (host, -1);
  g_autofree char *lower_sha256 = g_ascii_strdown (sha256, -1);
  return ferry_store_execute (store, error, "DELETE FROM pins WHERE host = ?1 AND sha256 = ?2",
                              "ss", lower_host, lower_sha256);
}

gboolean
ferry_pin_store_contains (FerryStore *store, const char *host, const char *sha256)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && host != NULL && sha256 != NULL, FALSE);

  g_autofree char *lower_host = g_utf8_strdown (host, -1);
  g_autofree char *lower_sha256 = g_ascii_strdown (sha256, -1);
  g_autoptr (FerryStatement) statement =
      ferry_store_prepare (store, "SELECT 1 FROM pins WHERE host = ?1 AND sha256 = ?2", NULL);
  if (statement == NULL)
    return FALSE;

  ferry_statement_bind (statement, "ss", lower_host, lower_sha256);
  return ferry_statement_next (statement, NULL);
}

FerryPin *
ferry_pin_store_lookup (FerryStore *store, const char *host)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && host != NULL, NULL);

  g_autofree char *lower_host = g_utf8_strdown (host, -1);
  g_autoptr (FerryStatement) statement =
      ferry_store_prepare (store,
                           "SELECT host, sha256, added_us FROM pins WHERE host = ?1"
                           " ORDER BY added_us DESC, sha256 LIMIT 1",
                           NULL);
  if (statement == NULL)
    return NULL;

  ferry_statement_bind (statement, "s", lower_host);
  return ferry_statement_next (statement, NULL) ? pin_from_row (statement) : NULL;
}
