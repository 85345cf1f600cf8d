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

gboolean
ferry_pin_store_add (
    FerryStore *store, const char *host, const char *sha256, gint64 added_us, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && host != NULL && sha256 != NULL, FALSE);

  g_autofree char *lower_host = g_utf8_strdown (host, -1);
  g_autofree char *lower_sha256 = g_ascii_strdown (sha256, -1);
  return ferry_store_execute (store, error,
                              "INSERT INTO pins (host, sha256, added_us) VALUES (?1, ?2, ?3)"
                              " ON CONFLICT DO UPDATE SET added_us = excluded.added_us",
                              "ssI", lower_host, lower_sha256, added_us);
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
