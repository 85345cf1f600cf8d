/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-transfer-recorder"

#include "config.h"

#include "client/ferry-transfer-recorder.h"

#include "base/ferry-error.h"

#include <string.h>

/* Between two notes of how far a file has come. */
#define PROGRESS_BYTES (4 * 1024 * 1024)

struct _FerryTransferRecorder
{
  GObject parent_instance;

  FerryStore *store;
  GListStore *transfers;
  GHashTable *known; /* FerryTransfer → itself: whose signals are connected */
};

G_DEFINE_FINAL_TYPE (FerryTransferRecorder, ferry_transfer_recorder, G_TYPE_OBJECT)

static guint finished_signal;

/* Words in the database: never change one, only add. */
static const char *const state_words[] = {
  [FERRY_TRANSFER_PREPARING] = "preparing",
  [FERRY_TRANSFER_QUEUED] = "queued",
  [FERRY_TRANSFER_WAITING_PEER] = "waiting-peer",
  [FERRY_TRANSFER_OFFERED] = "offered",
  [FERRY_TRANSFER_CONNECTING] = "connecting",
  [FERRY_TRANSFER_ACTIVE] = "active",
  [FERRY_TRANSFER_STALLED] = "stalled",
  [FERRY_TRANSFER_RECONNECTING] = "reconnecting",
  [FERRY_TRANSFER_PAUSED] = "paused",
  [FERRY_TRANSFER_VERIFYING] = "verifying",
  [FERRY_TRANSFER_CHECKING] = "checking",
  [FERRY_TRANSFER_DONE] = "done",
  [FERRY_TRANSFER_DECLINED] = "declined",
  [FERRY_TRANSFER_CANCELLED] = "cancelled",
  [FERRY_TRANSFER_MISSED] = "missed",
  [FERRY_TRANSFER_FAILED] = "failed",
};

static FerryTransferState
state_from_word (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_words); i++)
    if (g_strcmp0 (state_words[i], word) == 0)
      return i;
  return FERRY_TRANSFER_FAILED;
}

static void
log_failure (const GError *error)
{
  /* A full disk must not stop a transfer whose bytes go elsewhere. */
  if (error != NULL)
    g_info ("could not record a transfer: %s", error->message);
}

/* --- Writing ---------------------------------------------------------------------------------
 */

/* `ALGO:HEX`, or NULL */
static char *
promised_to_text (const FerryHash *hash)
{
  if (hash->algo == FERRY_HASH_NONE)
    return NULL;
  g_autofree char *hex = ferry_hash_to_hex (hash);
  return g_strdup_printf ("%s:%s", ferry_hash_algo_get_name (hash->algo), hex);
}

static void
promised_from_text (const char *text, FerryHash *out)
{
  const char *colon = text != NULL ? strchr (text, ':') : NULL;
  if (colon == NULL)
    return;
  g_autofree char *name = g_strndup (text, (gsize) (colon - text));
  FerryHash hash;
  if (ferry_hash_parse_hex (ferry_hash_algo_from_name (name), colon + 1, &hash))
    *out = hash;
}

static FerryTransferRow *
row_from_transfer (FerryTransfer *transfer)
{
  FerryTransferRow *row = ferry_transfer_row_new ();
  const GError *transfer_error = ferry_transfer_get_error (transfer);
  const FerryHash *hash = ferry_transfer_get_hash (transfer);
  FerryTransferState state = ferry_transfer_get_state (transfer);
  const FerryTransferJournal *journal = ferry_transfer_get_journal (transfer);

  row->id = g_strdup (ferry_transfer_get_id (transfer));
  row->account = g_strdup (ferry_jid_get_bare (ferry_transfer_get_account (transfer)));
  row->peer = g_strdup (ferry_jid_get_text (ferry_transfer_get_peer (transfer)));
  row->peer_name = g_strdup (ferry_transfer_get_peer_name (transfer));
  row->is_outgoing = ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND;
  row->name = g_strdup (ferry_transfer_get_name (transfer));
  row->size = ferry_transfer_get_size (transfer);
  row->path = g_strdup (ferry_transfer_get_path (transfer));
  row->offset = (gint64) ferry_transfer_get_n_done (transfer);
  row->state = g_strdup (state_words[state]);
  row->route = g_strdup (ferry_route_get_name (ferry_transfer_get_route (transfer)));
  row->signalling = g_strdup (ferry_transfer_get_signalling (transfer));
  row->encrypted = ferry_transfer_get_encrypted (transfer);
  row->is_key_verified = ferry_transfer_get_key_verified (transfer);
  row->verified = g_strdup (ferry_transfer_get_verified (transfer));
  row->is_received = ferry_transfer_get_received (transfer);
  row->sha256 =
      hash != NULL && hash->algo == FERRY_HASH_SHA256 ? ferry_hash_to_hex (hash) : NULL;
  if (transfer_error != NULL)
    {
      row->error_code = g_strdup (ferry_error_get_code_name (transfer_error));
      row->error_message = g_strdup (transfer_error->message);
    }
  row->started_us = ferry_transfer_get_started_us (transfer);
  row->created_us = ferry_transfer_get_created_us (transfer);
  row->routes = journal->routes != FERRY_ROUTE_ALL ? journal->routes : 0;
  row->pause = ferry_transfer_get_pause (transfer);
  row->can_ask = ferry_transfer_get_machine (transfer)->can_ask;
  row->is_ranged = ferry_transfer_can_pause (transfer);
  row->date_us = journal->date_us;
  row->part_path = g_strdup (journal->part_path);
  row->source_key = g_strdup (journal->source_key);
  row->peer_id = g_strdup (journal->peer_id);
  row->is_published = journal->is_published;
  row->n_files =
      ferry_transfer_is_folder (transfer) ? (gint64) ferry_transfer_get_n_files (transfer) : -1;
  row->n_files_done = ferry_transfer_get_n_files_done (transfer);
  row->n_files_failed = ferry_transfer_get_n_files_failed (transfer);
  row->is_zipped = journal->is_zipped;
  row->place = journal->place;
  ferry_batch_info_set (&row->batch, &journal->batch);
  if (ferry_transfer_get_failed_files (transfer) != NULL)
    row->failed_files = g_strjoinv ("\n", (char **) ferry_transfer_get_failed_files (transfer));
  row->promised_hash = promised_to_text (&journal->promised);
  if (ferry_transfer_state_is_final (state))
    {
      gint64 ended_us = ferry_transfer_get_ended_us (transfer);
      row->ended_us = ended_us > 0 ? ended_us : g_get_real_time ();
    }
  row->is_listed = TRUE;
  return row;
}

static void
keep_timeline (FerryTransferRecorder *self, FerryTransfer *transfer)
{
  g_autofree char *timeline = ferry_transfer_dup_timeline (transfer);
  g_autoptr (GError) error = NULL;

  ferry_transfer_store_set_timeline (self->store, ferry_transfer_get_id (transfer), timeline,
                                     &error);
  log_failure (error);
}

static void
record (FerryTransferRecorder *self, FerryTransfer *transfer)
{
  g_autoptr (FerryTransferRow) row = row_from_transfer (transfer);
  g_autoptr (GError) error = NULL;

  ferry_transfer_store_update (self->store, row, &error);
  log_failure (error);
}

static void
on_state_changed (FerryTransfer *transfer, GParamSpec *pspec, FerryTransferRecorder *self)
{
  record (self, transfer);
  if (!ferry_transfer_is_finished (transfer))
    return;
  keep_timeline (self, transfer);
  g_signal_emit (self, finished_signal, 0, transfer);
}

static void
on_journal_changed (FerryTransfer *transfer, FerryTransferRecorder *self)
{
  record (self, transfer);
}

/* The length of the part file is what counts; this is for those who only look. */
static void
on_progress (FerryTransfer *transfer, GParamSpec *pspec, FerryTransferRecorder *self)
{
  gint64 n_done = (gint64) ferry_transfer_get_n_done (transfer);
  gint64 *n_kept = g_object_get_data (G_OBJECT (transfer), "ferry-recorded-bytes");
  g_autoptr (GError) error = NULL;

  if (ferry_transfer_get_state (transfer) == FERRY_TRANSFER_CHECKING)
    return;
  if (n_kept == NULL)
    {
      n_kept = g_new0 (gint64, 1);
      g_object_set_data_full (G_OBJECT (transfer), "ferry-recorded-bytes", n_kept, g_free);
    }
  if (n_done == 0 || (*n_kept > 0 && ABS (n_done - *n_kept) < PROGRESS_BYTES))
    return;
  *n_kept = n_done;
  ferry_transfer_store_set_offset (self->store, ferry_transfer_get_id (transfer), n_done,
                                   &error);
  log_failure (error);
}

static void
follow (FerryTransferRecorder *self, FerryTransfer *transfer)
{
  g_signal_connect_object (transfer, "notify::state", G_CALLBACK (on_state_changed), self, 0);
  g_signal_connect_object (transfer, "notify::n-done", G_CALLBACK (on_progress), self, 0);
  g_signal_connect_object (transfer, "journal-changed", G_CALLBACK (on_journal_changed), self,
                           0);
}

static void
on_transfers_changed (GListModel *transfers,
                      guint position,
                      guint n_removed,
                      guint n_added,
                      FerryTransferRecorder *self)
{
  for (guint i = 0; i < n_added; i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, position + i);
      g_autoptr (FerryTransferRow) row = NULL;
      g_autoptr (GError) error = NULL;

      if (!g_hash_table_add (self->known, g_object_ref (transfer)))
        continue; /* it only moved */
      row = row_from_transfer (transfer);
      ferry_transfer_store_insert (self->store, row, &error);
      log_failure (error);
      follow (self, transfer);
    }
}

void
ferry_transfer_recorder_unlist (FerryTransferRecorder *self, FerryTransfer *transfer)
{
  g_autoptr (GError) error = NULL;
  guint position;

  g_return_if_fail (FERRY_IS_TRANSFER_RECORDER (self));
  ferry_transfer_store_set_listed (self->store, ferry_transfer_get_id (transfer), FALSE,
                                   &error);
  log_failure (error);
  g_hash_table_remove (self->known, transfer);
  if (g_list_store_find (self->transfers, transfer, &position))
    g_list_store_remove (self->transfers, position);
}

void
ferry_transfer_recorder_forget (FerryTransferRecorder *self, FerryTransfer *transfer)
{
  g_autoptr (GError) error = NULL;
  guint position;

  g_return_if_fail (FERRY_IS_TRANSFER_RECORDER (self));
  g_signal_handlers_disconnect_by_data (transfer, self);
  ferry_transfer_store_delete (self->store, ferry_transfer_get_id (transfer), &error);
  log_failure (error);
  if (g_list_store_find (self->transfers, transfer, &position))
    g_list_store_remove (self->transfers, position);
  g_hash_table_remove (self->known, transfer);
}

/* --- Reading what was there ------------------------------------------------------------------
 */

static FerryTransfer *
transfer_from_row (const FerryTransferRow *row)
{
  g_autoptr (FerryJid) account = ferry_jid_new (row->account, NULL);
  g_autoptr (FerryJid) peer = ferry_jid_new (row->peer, NULL);
  FerryHash hash;

  if (account == NULL || peer == NULL)
    return NULL;
  FerryTransfer *transfer = ferry_transfer_new (
      row->id, account, row->is_outgoing ? FERRY_DIRECTION_SEND : FERRY_DIRECTION_RECEIVE, peer,
      row->peer_name, row->name, row->size);
  ferry_transfer_set_created_us (transfer, row->created_us);
  ferry_transfer_set_can_ask (transfer, row->can_ask);
  ferry_transfer_set_ranged (transfer, row->is_ranged);
  FerryTransferJournal *journal = ferry_transfer_get_journal (transfer);
  journal->routes = row->routes != 0 ? row->routes : FERRY_ROUTE_ALL;
  journal->date_us = row->date_us;
  journal->part_path = g_strdup (row->part_path);
  journal->source_key = g_strdup (row->source_key);
  journal->peer_id = g_strdup (row->peer_id);
  journal->is_published = row->is_published;
  journal->is_zipped = row->is_zipped;
  journal->place = row->place;
  ferry_batch_info_set (&journal->batch, &row->batch);
  if (row->n_files >= 0)
    ferry_transfer_set_folder (transfer, (guint) row->n_files);
  ferry_transfer_set_files_done (transfer, row->n_files_done, row->n_files_failed);
  if (row->failed_files != NULL)
    {
      g_auto (GStrv) paths = g_strsplit (row->failed_files, "\n", -1);
      ferry_transfer_set_failed_files (transfer, (const char *const *) paths);
    }
  promised_from_text (row->promised_hash, &journal->promised);
  ferry_transfer_set_path (transfer, row->path);
  ferry_transfer_set_route (transfer, ferry_route_from_name (row->route));
  ferry_transfer_set_signalling (transfer, row->signalling);
  ferry_transfer_set_encrypted (transfer, row->encrypted);
  ferry_transfer_set_key_verified (transfer, row->is_key_verified);
  ferry_transfer_set_verified (transfer, row->verified);
  ferry_transfer_set_received (transfer, row->is_received);
  if (ferry_hash_parse_hex (FERRY_HASH_SHA256, row->sha256, &hash))
    ferry_transfer_set_hash (transfer, &hash);
  return transfer;
}

static void
restore_timeline (FerryTransferRecorder *self, FerryTransfer *transfer)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *timeline =
      ferry_transfer_store_dup_timeline (self->store, ferry_transfer_get_id (transfer), &error);

  log_failure (error);
  if (timeline != NULL)
    ferry_transfer_set_timeline (transfer, timeline);
}

/* Ferry ended in the middle of a file that only a new offer of the peer's can bring. */
static void
end_interrupted (FerryTransferRecorder *self, FerryTransfer *transfer)
{
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BROKEN,
                                                  "Ferry ended before the file was complete");

  ferry_transfer_set_error (transfer, error);
  ferry_transfer_set_times (transfer, ferry_transfer_get_started_us (transfer),
                            g_get_real_time ());
  record (self, transfer);
  keep_timeline (self, transfer);
}

static void
restore (FerryTransferRecorder *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = ferry_transfer_store_list_listed (self->store, &error);

  log_failure (error);
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const FerryTransferRow *row = rows->pdata[i];
      g_autoptr (FerryTransfer) transfer = transfer_from_row (row);
      FerryTransferState state = state_from_word (row->state);

      if (transfer == NULL)
        continue;
      g_autoptr (GError) reason = NULL;
      if (state == FERRY_TRANSFER_FAILED)
        reason = ferry_error_new_from_code_name (row->error_code, row->error_message);
      ferry_transfer_set_error (transfer, reason);
      ferry_transfer_set_times (transfer, row->started_us, row->ended_us);
      ferry_transfer_set_state (transfer, state);
      ferry_transfer_set_pause (transfer, row->pause);
      if (row->offset > 0)
        {
          ferry_transfer_set_n_done (transfer, (guint64) row->offset, g_get_monotonic_time ());
          ferry_transfer_set_reached (transfer, (guint64) row->offset);
        }
      restore_timeline (self, transfer);
      if (ferry_transfer_step (transfer, FERRY_TRANSFER_EV_LOADED) &&
          ferry_transfer_get_state (transfer) == FERRY_TRANSFER_FAILED)
        end_interrupted (self, transfer);
      g_hash_table_add (self->known, g_object_ref (transfer));
      follow (self, transfer);
      g_list_store_insert (self->transfers, 0, transfer);
    }
}

static void
ferry_transfer_recorder_finalize (GObject *object)
{
  FerryTransferRecorder *self = FERRY_TRANSFER_RECORDER (object);

  g_clear_pointer (&self->known, g_hash_table_unref);
  g_clear_object (&self->transfers);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (ferry_transfer_recorder_parent_class)->finalize (object);
}

static void
ferry_transfer_recorder_class_init (FerryTransferRecorderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_transfer_recorder_finalize;
  finished_signal = g_signal_new ("finished", FERRY_TYPE_TRANSFER_RECORDER, G_SIGNAL_RUN_LAST,
                                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, FERRY_TYPE_TRANSFER);
}

static void
ferry_transfer_recorder_init (FerryTransferRecorder *self)
{
  self->known = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

FerryTransferRecorder *
ferry_transfer_recorder_new (FerryStore *store, GListStore *transfers)
{
  g_return_val_if_fail (FERRY_IS_STORE (store), NULL);

  FerryTransferRecorder *self = g_object_new (FERRY_TYPE_TRANSFER_RECORDER, NULL);
  self->store = g_object_ref (store);
  self->transfers = g_object_ref (transfers);
  restore (self);
  g_signal_connect_object (transfers, "items-changed", G_CALLBACK (on_transfers_changed), self,
                           0);
  return self;
}
