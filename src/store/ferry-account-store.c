/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-account-store"

#include "config.h"

#include "store/ferry-account-store.h"

#include "base/ferry-error.h"
#include "store/ferry-store-private.h"

G_DEFINE_BOXED_TYPE (FerryAccount, ferry_account, ferry_account_ref, ferry_account_unref)

FerryAccount *
ferry_account_new (FerryJid *jid)
{
  g_return_val_if_fail (jid != NULL, NULL);

  FerryAccount *self = g_new0 (FerryAccount, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->jid = ferry_jid_dup_bare (jid);
  self->enabled = TRUE;
  return self;
}

FerryAccount *
ferry_account_ref (FerryAccount *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_account_unref (FerryAccount *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->jid, ferry_jid_unref);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->resource, g_free);
  g_clear_pointer (&self->ca_file, g_free);
  g_clear_pointer (&self->pin_sha256, g_free);
  g_clear_pointer (&self->proxies, g_strfreev);
  g_free (self);
}

/* Returns: (nullable): what is in the column */
static char *
join_proxies (const FerryAccount *account)
{
  return account->proxies != NULL ? g_strjoinv ("\n", account->proxies) : NULL;
}

/* Returns: (nullable): %NULL if the row's address is none */
static FerryAccount *
account_from_row (FerryStatement *row)
{
  g_autofree char *text = ferry_statement_dup_text (row, 1);
  g_autoptr (FerryJid) jid = ferry_jid_new (text, NULL);
  if (jid == NULL)
    return NULL;

  FerryAccount *account = ferry_account_new (jid);
  account->id = ferry_statement_get_int (row, 0);
  account->host = ferry_statement_dup_text (row, 2);
  account->port = (guint16) CLAMP (ferry_statement_get_int (row, 3), 0, G_MAXUINT16);
  account->resource = ferry_statement_dup_text (row, 4);
  account->ca_file = ferry_statement_dup_text (row, 5);
  account->pin_sha256 = ferry_statement_dup_text (row, 6);
  account->enabled = ferry_statement_get_int (row, 7) != 0;
  g_autofree char *proxies = ferry_statement_dup_text (row, 8);
  account->proxies = proxies != NULL ? g_strsplit (proxies, "\n", -1) : NULL;
  return account;
}

GPtrArray *
ferry_account_store_list (FerryStore *store, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store), NULL);

  g_autoptr (GError) local_error = NULL;
  g_autoptr (GPtrArray) accounts =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_account_unref);
  g_autoptr (FerryStatement) statement =
      ferry_store_prepare (store,
                           "SELECT id, jid, host, port, resource, ca_file, pin_sha256, enabled,"
                           " proxies FROM accounts ORDER BY id",
                           error);
  if (statement == NULL)
    return NULL;

  while (ferry_statement_next (statement, &local_error))
    {
      FerryAccount *account = account_from_row (statement);
      if (account != NULL)
        g_ptr_array_add (accounts, account);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  return g_steal_pointer (&accounts);
}

gboolean
ferry_account_store_add (FerryStore *store, FerryAccount *account, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL && account->id == 0, FALSE);

  const char *jid = ferry_jid_get_bare (account->jid);
  g_autofree char *proxies = join_proxies (account);
  if (!ferry_store_execute (
          store, error,
          "INSERT INTO accounts"
          " (jid, host, port, resource, ca_file, pin_sha256, enabled, proxies)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
          " ON CONFLICT (jid) DO NOTHING",
          "ssisssis", jid, account->host, (int) account->port, account->resource,
          account->ca_file, account->pin_sha256, account->enabled != FALSE, proxies))
    return FALSE;
  if (ferry_store_get_n_changed (store) == 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_CONFLICT, "The account %s is there already",
                   jid);
      return FALSE;
    }
  account->id = sqlite3_last_insert_rowid (ferry_store_get_db (store));
  return TRUE;
}

gboolean
ferry_account_store_update (FerryStore *store, FerryAccount *account, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL, FALSE);

  g_autofree char *proxies = join_proxies (account);
  if (!ferry_store_execute (store, error,
                            "UPDATE accounts SET jid = ?2, host = ?3, port = ?4,"
                            " resource = ?5, ca_file = ?6, pin_sha256 = ?7, enabled = ?8,"
                            " proxies = ?9 WHERE id = ?1",
                            "Ississsis", account->id, ferry_jid_get_bare (account->jid),
                            account->host, (int) account->port, account->resource,
                            account->ca_file, account->pin_sha256, account->enabled != FALSE,
                            proxies))
    return FALSE;
  if (ferry_store_get_n_changed (store) == 1)
    return TRUE;

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "No account %" G_GINT64_FORMAT,
               account->id);
  return FALSE;
}

gboolean
ferry_account_store_remove (FerryStore *store, gint64 id, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store), FALSE);

  return ferry_store_execute (store, error, "DELETE FROM accounts WHERE id = ?1", "I", id);
}
