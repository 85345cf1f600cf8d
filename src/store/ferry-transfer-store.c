/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-transfer-store"

#include "config.h"

#include "store/ferry-transfer-store.h"

#include "base/ferry-error.h"
#include "store/ferry-history-private.h"
#include "store/ferry-store-private.h"

/* The order that bind_row() and row_from_statement() keep. */
#define COLUMNS                                                                                \
  "id, account, peer, peer_name, is_outgoing, name, size, path, part_path, part_offset,"       \
  " promised_hash, state, route, signalling, encrypted, verified, sha256, error_code,"         \
  " error_message, created_us, started_us, ended_us, routes, pause, can_ask, is_ranged,"       \
  " date_us, source_key, peer_id, is_published, n_files, n_files_done, n_files_failed,"        \
  " is_zipped, is_received, is_listed, batch, batch_transfers, batch_files, batch_size,"       \
  " place, failed_files, is_key_verified"

FerryTransferRow *
ferry_transfer_row_new (void)
{
  FerryTransferRow *self = g_new0 (FerryTransferRow, 1);
  self->size = -1;
  self->n_files = -1;
  self->batch.size = -1;
  self->is_listed = TRUE;
  return self;
}

void
ferry_transfer_row_free (FerryTransferRow *self)
{
  g_free (self->id);
  g_free (self->account);
  g_free (self->peer);
  g_free (self->peer_name);
  g_free (self->name);
  g_free (self->path);
  g_free (self->part_path);
  g_free (self->promised_hash);
  g_free (self->state);
  g_free (self->route);
  g_free (self->signalling);
  g_free (self->verified);
  g_free (self->sha256);
  g_free (self->error_code);
  g_free (self->error_message);
  g_free (self->source_key);
  g_free (self->peer_id);
  ferry_batch_info_clear (&self->batch);
  g_free (self->failed_files);
  g_free (self);
}

static void
bind_row (FerryStatement *statement, const FerryTransferRow *row)
{
  ferry_statement_bind (
      statement, "ssssisIssIssssissssIIIiiiiIssiIiiiiisiiIIsi", row->id, row->account,
      row->peer, row->peer_name, row->is_outgoing != FALSE, row->name, row->size, row->path,
      row->part_path, row->offset, row->promised_hash, row->state, row->route, row->signalling,
      row->encrypted != FALSE, row->verified, row->sha256, row->error_code, row->error_message,
      row->created_us, row->started_us, row->ended_us, (int) row->routes, (int) row->pause,
      row->can_ask != FALSE, row->is_ranged != FALSE, row->date_us, row->source_key,
      row->peer_id, row->is_published != FALSE, row->n_files, (int) row->n_files_done,
      (int) row->n_files_failed, row->is_zipped != FALSE, row->is_received != FALSE,
      row->is_listed != FALSE, row->batch.id, (int) row->batch.n_transfers,
      (int) row->batch.n_files, row->batch.size, row->place, row->failed_files,
      row->is_key_verified != FALSE);
}

static FerryTransferRow *
row_from_statement (FerryStatement *statement)
{
  FerryTransferRow *row = ferry_transfer_row_new ();
  int i = 0;
  row->id = ferry_statement_dup_text (statement, i++);
  row->account = ferry_statement_dup_text (statement, i++);
  row->peer = ferry_statement_dup_text (statement, i++);
  row->peer_name = ferry_statement_dup_text (statement, i++);
  row->is_outgoing = ferry_statement_get_int (statement, i++) != 0;
  row->name = ferry_statement_dup_text (statement, i++);
  row->size = ferry_statement_get_int (statement, i++);
  row->path = ferry_statement_dup_text (statement, i++);
  row->part_path = ferry_statement_dup_text (statement, i++);
  row->offset = ferry_statement_get_int (statement, i++);
  row->promised_hash = ferry_statement_dup_text (statement, i++);
  row->state = ferry_statement_dup_text (statement, i++);
  row->route = ferry_statement_dup_text (statement, i++);
  row->signalling = ferry_statement_dup_text (statement, i++);
  row->encrypted = ferry_statement_get_int (statement, i++) != 0;
  row->verified = ferry_statement_dup_text (statement, i++);
  row->sha256 = ferry_statement_dup_text (statement, i++);
  row->error_code = ferry_statement_dup_text (statement, i++);
  row->error_message = ferry_statement_dup_text (statement, i++);
  row->created_us = ferry_statement_get_int (statement, i++);
  row->started_us = ferry_statement_get_int (statement, i++);
  row->ended_us = ferry_statement_get_int (statement, i++);
  row->routes = (guint) ferry_statement_get_int (statement, i++);
  row->pause = (guint) ferry_statement_get_int (statement, i++);
  row->can_ask = ferry_statement_get_int (statement, i++) != 0;
  row->is_ranged = ferry_statement_get_int (statement, i++) != 0;
  row->date_us = ferry_statement_get_int (statement, i++);
  row->source_key = ferry_statement_dup_text (statement, i++);
  row->peer_id = ferry_statement_dup_text (statement, i++);
  row->is_published = ferry_statement_get_int (statement, i++) != 0;
  row->n_files = ferry_statement_get_int (statement, i++);
  row->n_files_done = (guint) ferry_statement_get_int (statement, i++);
  row->n_files_failed = (guint) ferry_statement_get_int (statement, i++);
  row->is_zipped = ferry_statement_get_int (statement, i++) != 0;
  row->is_received = ferry_statement_get_int (statement, i++) != 0;
  row->is_listed = ferry_statement_get_int (statement, i++) != 0;
  row->batch.id = ferry_statement_dup_text (statement, i++);
  row->batch.n_transfers = (guint) ferry_statement_get_int (statement, i++);
  row->batch.n_files = (guint) ferry_statement_get_int (statement, i++);
  row->batch.size = ferry_statement_get_int (statement, i++);
  row->place = ferry_statement_get_int (statement, i++);
  row->failed_files = ferry_statement_dup_text (statement, i++);
  row->is_key_verified = ferry_statement_get_int (statement, i++) != 0;
  return row;
}

/* --- Writing ---------------------------------------------------------------------------------
 */

/* Did the last statement meet the row it was meant for? */
static gboolean
check_met (FerryStore *store, const char *id, GError **error)
{
  if (ferry_store_get_n_changed (store) > 0)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "No transfer “%s”", id);
  return FALSE;
}

gboolean
ferry_transfer_store_insert (FerryStore *store, const FerryTransferRow *row, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && row != NULL, FALSE);

  g_autoptr (FerryStatement) statement = ferry_store_prepare (
      store,
      "INSERT INTO transfers (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
      " ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27,"
      " ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43)",
      error);
  if (statement == NULL)
    return FALSE;

  bind_row (statement, row);
  return ferry_statement_run (statement, error);
}

gboolean
ferry_transfer_store_update (FerryStore *store, const FerryTransferRow *row, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && row != NULL, FALSE);

  g_autoptr (FerryStatement) statement = ferry_store_prepare (
      store,
      "UPDATE transfers SET (" COLUMNS ") = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
      " ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28,"
      " ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42, ?43)"
      " WHERE id = ?1",
      error);
  if (statement == NULL)
    return FALSE;

  bind_row (statement, row);
  return ferry_statement_run (statement, error) && check_met (store, row->id, error);
}

gboolean
ferry_transfer_store_set_offset (FerryStore *store,
                                 const char *id,
                                 gint64 offset,
                                 GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && id != NULL, FALSE);

  return ferry_store_execute (store, error,
                              "UPDATE transfers SET part_offset = ?2 WHERE id = ?1", "sI", id,
                              offset) &&
         check_met (store, id, error);
}

gboolean
ferry_transfer_store_set_listed (FerryStore *store,
                                 const char *id,
                                 gboolean is_listed,
                                 GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && id != NULL, FALSE);

  return ferry_store_execute (store, error, "UPDATE transfers SET is_listed = ?2 WHERE id = ?1",
                              "si", id, is_listed != FALSE) &&
         check_met (store, id, error);
}

gboolean
ferry_transfer_store_delete (FerryStore *store, const char *id, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && id != NULL, FALSE);

  return ferry_store_execute (store, error, "DELETE FROM transfers WHERE id = ?1", "s", id);
}

/* --- Reading ---------------------------------------------------------------------------------
 */

static GPtrArray *
collect_rows (FerryStatement *statement, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GPtrArray) rows =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_transfer_row_free);

  while (ferry_statement_next (statement, &local_error))
    g_ptr_array_add (rows, row_from_statement (statement));
  if (local_error == NULL)
    return g_steal_pointer (&rows);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

FerryTransferRow *
ferry_transfer_store_lookup_seq (FerryStore *store, gint64 seq, GError **error)
{
  g_autoptr (FerryStatement) statement =
      ferry_store_prepare (store, "SELECT " COLUMNS " FROM transfers WHERE seq = ?1", error);
  if (statement == NULL)
    return NULL;

  ferry_statement_bind (statement, "I", seq);
  return ferry_statement_next (statement, error) ? row_from_statement (statement) : NULL;
}

GPtrArray *
ferry_transfer_store_list_listed (FerryStore *store, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store), NULL);

  g_autoptr (FerryStatement) statement = ferry_store_prepare (
      store, "SELECT " COLUMNS " FROM transfers WHERE is_listed = 1 ORDER BY seq", error);
  return statement != NULL ? collect_rows (statement, error) : NULL;
}

gboolean
ferry_transfer_store_sum_batch (FerryStore *store,
                                const char *account,
                                const char *peer,
                                const char *batch,
                                gint64 since_us,
                                const char *but,
                                FerryBatchSum *sum,
                                GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && account != NULL, FALSE);
  g_return_val_if_fail (peer != NULL && batch != NULL && sum != NULL, FALSE);

  g_autoptr (FerryStatement) statement = ferry_store_prepare (
      store,
      /* A file that is offered anew, because its sender does not know that it has come, is one.
       */
      "SELECT count (*), coalesce (sum (size), 0), max (path) FROM"
      " (SELECT max (size, 0) AS size, coalesce (part_path, path) AS path FROM transfers"
      "  WHERE batch = ?1 AND account = ?2 AND contact = ?3 AND is_outgoing = 0"
      "  AND created_us >= ?4 AND state NOT IN ('declined', 'missed')"
      "  AND NOT (state = 'failed' AND path IS NULL AND part_path IS NULL)"
      "  AND (?5 IS NULL OR peer_id IS NOT ?5) GROUP BY coalesce (peer_id, id))",
      error);
  if (statement == NULL)
    return FALSE;

  ferry_statement_bind (statement, "sssIs", batch, account, peer, since_us, but);
  if (!ferry_statement_next (statement, error))
    return FALSE;
  sum->n_transfers = (guint) ferry_statement_get_int (statement, 0);
  sum->size = ferry_statement_get_int (statement, 1);
  sum->path = ferry_statement_dup_text (statement, 2);
  return TRUE;
}

/* --- Timelines -------------------------------------------------------------------------------
 */

gboolean
ferry_transfer_store_set_timeline (FerryStore *store,
                                   const char *id,
                                   const char *timeline,
                                   GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && id != NULL, FALSE);

  return ferry_store_execute (store, error, "UPDATE transfers SET timeline = ?2 WHERE id = ?1",
                              "ss", id, timeline) &&
         check_met (store, id, error);
}

char *
ferry_transfer_store_dup_timeline (FerryStore *store, const char *id, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && id != NULL, NULL);

  g_autoptr (FerryStatement) statement =
      ferry_store_prepare (store, "SELECT timeline FROM transfers WHERE id = ?1", error);
  if (statement == NULL)
    return NULL;

  ferry_statement_bind (statement, "s", id);
  return ferry_statement_next (statement, error) ? ferry_statement_dup_text (statement, 0)
                                                 : NULL;
}
