/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-transfer-runner-send"

#include "config.h"

#include "base/ferry-error.h"
#include "transfer/ferry-transfer-runner-private.h"

/* send_start → source_opened_cb → (source_hashed_cb) → (source_read_cb) → session_started_cb →
 * (opened, pump) → send_moved → (sent_read_cb) → source_checked_cb → send_ended */

static void
session_started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerrySession) session =
      ferry_transfer_starter_start_finish (FERRY_TRANSFER_STARTER (source), result, &error);

  if (session == NULL)
    {
      self->asks_user = ferry_transfer_guard_asks (error);
      ferry_transfer_runner_settle (self, error);
    }
  else if (self->settled)
    {
      ferry_transfer_runner_bind (self, session);
      ferry_session_cancel (session);
    }
  else
    {
      ferry_transfer_step (self->transfer, FERRY_TRANSFER_EV_OFFER);
      ferry_transfer_runner_bind (self, session);
      ferry_transfer_runner_folder_offered (self);
    }
  ferry_transfer_runner_end (self);
}

static void
offer (FerryTransferRunner *self)
{
  ferry_transfer_starter_start_async (
      self->starter, self->transfer, ferry_source_file_get_info (self->source),
      self->cancellable, session_started_cb, ferry_transfer_runner_begin (self));
}

gboolean
ferry_transfer_runner_send_otherwise (FerryTransferRunner *self, const GError *error)
{
  if (self->pump != NULL || !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED) ||
      ferry_transfer_get_guess (self->transfer) != FERRY_TRANSFER_GUESS_JINGLE)
    return FALSE;

  ferry_transfer_set_guess (self->transfer, FERRY_TRANSFER_GUESS_SI);
  ferry_transfer_add_note (self->transfer,
                           "The other program does not know Jingle; offering it the older way");
  ferry_transfer_runner_unbind (self);
  offer (self);
  return TRUE;
}

/* Returns: whether the hash of the whole source is known now */
static gboolean
take_source_hash (FerryTransferRunner *self, GAsyncResult *result)
{
  g_autoptr (FerryHasher) hasher = ferry_transfer_runner_checked (self, result);
  FerryTransferJournal *journal = ferry_transfer_get_journal (self->transfer);

  if (hasher == NULL)
    return FALSE;
  ferry_hasher_finish (hasher, &journal->promised);
  ferry_transfer_runner_keep_hash (self, &journal->promised);
  ferry_transfer_keep_journal (self->transfer);
  return TRUE;
}

static void
source_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  if (take_source_hash (self, result))
    {
      ferry_source_file_set_hash (self->source,
                                  &ferry_transfer_get_journal (self->transfer)->promised);
      offer (self);
    }
  ferry_transfer_runner_end (self);
}

/* Who offers a file again names it by its hash, so that the peer knows what it goes on with. */
static void
prepare_offer (FerryTransferRunner *self)
{
  FerryFileInfo *info = ferry_source_file_get_info (self->source);
  const char *key = ferry_source_file_get_key (self->source);
  FerryTransferJournal *journal = ferry_transfer_get_journal (self->transfer);
  gboolean is_again = ferry_transfer_get_machine (self->transfer)->has_moved;

  ferry_transfer_set_size (self->transfer, info->size);
  ferry_transfer_runner_note_skipped (self);
  ferry_file_info_read_transfer_id (info, ferry_transfer_get_id (self->transfer));
  ferry_batch_info_set (&info->batch, ferry_transfer_get_batch (self->transfer));
  if (is_again && journal->source_key != NULL && !g_str_equal (journal->source_key, key))
    {
      g_autoptr (GError) error = g_error_new_literal (
          FERRY_ERROR, FERRY_ERROR_SOURCE, "The file was changed since a part of it was sent");
      ferry_transfer_runner_settle (self, error);
      return;
    }
  g_free (journal->source_key);
  journal->source_key = g_strdup (key);
  if (!is_again)
    journal->promised = info->hash;
  else if (info->hash.algo == FERRY_HASH_NONE && journal->promised.algo != FERRY_HASH_NONE)
    ferry_source_file_set_hash (self->source, &journal->promised);
  ferry_transfer_keep_journal (self->transfer);

  if (is_again && info->hash.algo == FERRY_HASH_NONE && self->hash != FERRY_HASH_NONE &&
      !info->is_folder)
    ferry_transfer_runner_check (self, ferry_source_file_get_fd (self->source),
                                 (guint64) info->size, self->hash, source_read_cb);
  else
    offer (self);
}

static void
source_hashed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferry_source_file_hash_finish (FERRY_SOURCE_FILE (source), result, &error))
    {
      ferry_transfer_runner_settle (self, error);
    }
  else if (!self->settled)
    {
      ferry_transfer_runner_keep_hash (self, &ferry_source_file_get_info (self->source)->hash);
      prepare_offer (self);
    }
  ferry_transfer_runner_end (self);
}

/* What is not known and should be before the file is offered is read. */
static void
find_source_hash (FerryTransferRunner *self)
{
  const FerryFileInfo *info = ferry_source_file_get_info (self->source);

  if (self->hash == FERRY_HASH_NONE || info->is_folder || info->hash.algo != FERRY_HASH_NONE ||
      ferry_transfer_runner_find_hash (self) || info->hash_used != FERRY_HASH_NONE)
    prepare_offer (self);
  else
    ferry_source_file_hash_async (self->source, self->cancellable, source_hashed_cb,
                                  ferry_transfer_runner_begin (self));
}

static void
source_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (GError) error = NULL;

  self->source = ferry_source_file_open_finish (result, &error);
  if (self->source == NULL)
    {
      ferry_transfer_runner_settle (self, error);
    }
  else if (!self->settled)
    {
      find_source_hash (self);
    }
  ferry_transfer_runner_end (self);
}

void
ferry_transfer_runner_send_start (FerryTransferRunner *self)
{
  if (self->hash != FERRY_HASH_NONE)
    self->hash = ferry_transfer_starter_pick_hash (self->starter, self->transfer);
  ferry_source_file_open_async (ferry_transfer_get_path (self->transfer), self->hash,
                                self->cancellable, source_opened_cb,
                                ferry_transfer_runner_begin (self));
}

FerryPump *
ferry_transfer_runner_send_make_pump (FerryTransferRunner *self, GSocket *socket)
{
  FerryPump *folder = ferry_transfer_runner_folder_send (self, socket);

  if (folder != NULL)
    return folder;
  FerryFileInfo *info = ferry_source_file_get_info (self->source);
  const FerryRange *range = ferry_session_get_range (self->session);
  gboolean is_whole = ferry_range_is_whole (range, info->size);

  /* A hash of a part would say nothing of the file. */
  return ferry_pump_new_sender (socket, ferry_source_file_get_fd (self->source), range->offset,
                                ferry_range_get_length (range, info->size),
                                is_whole ? self->hash : FERRY_HASH_NONE);
}

static void
source_checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  const FerryHash *offered = &ferry_source_file_get_info (self->source)->hash;
  const FerryHash *read_again = &ferry_transfer_get_journal (self->transfer)->promised;
  g_autoptr (GError) error = NULL;
  FerryHash hash = { .algo = FERRY_HASH_NONE };
  gboolean same = ferry_source_file_check_finish (self->source, result, &error);

  ferry_pump_get_hash (self->pump, &hash);
  /* Where a hash was offered it decides: the file may be another one now, but the one that was
   * offered is with the peer. */
  if (offered->algo != FERRY_HASH_NONE && offered->algo == hash.algo)
    {
      same = ferry_hash_equal (offered, &hash);
      if (!same && error == NULL)
        g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_SOURCE,
                             "What was sent is not what was offered");
      if (!same)
        ferry_transfer_runner_forget_hash (self);
    }
  else if (same && hash.algo != FERRY_HASH_NONE)
    {
      ferry_transfer_runner_keep_hash (self, &hash);
    }

  if (!same)
    {
      ferry_transfer_runner_settle (self, error);
    }
  else if (self->verdict != NULL)
    {
      ferry_transfer_runner_settle (self, self->verdict);
    }
  else if (!self->settled)
    {
      const FerryHash *known = hash.algo != FERRY_HASH_NONE          ? &hash
                               : offered->algo != FERRY_HASH_NONE    ? offered
                               : read_again->algo != FERRY_HASH_NONE ? read_again
                                                                     : NULL;
      ferry_transfer_set_hash (self->transfer, known);
      self->moved_all = TRUE;
      self->peer_knows_hash =
          known != NULL && (offered->algo != FERRY_HASH_NONE || !self->session_ended);
      if (self->session_ended)
        ferry_transfer_runner_send_ended (self);
      else
        ferry_session_sent (self->session, known, ferry_pump_get_peer_closed (self->pump));
    }
  ferry_transfer_runner_end (self);
}

static void
check_source (FerryTransferRunner *self)
{
  ferry_source_file_check_async (self->source, source_checked_cb,
                                 ferry_transfer_runner_begin (self));
}

static void
sent_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  if (take_source_hash (self, result))
    check_source (self);
  ferry_transfer_runner_end (self);
}

void
ferry_transfer_runner_send_moved (FerryTransferRunner *self)
{
  FerryFileInfo *info = ferry_source_file_get_info (self->source);
  FerryHash hash;

  /* The peer has asked for a part only, of a file whose hash was promised. */
  if (!info->is_folder && self->hash != FERRY_HASH_NONE && info->hash.algo == FERRY_HASH_NONE &&
      !ferry_pump_get_hash (self->pump, &hash))
    ferry_transfer_runner_check (self, ferry_source_file_get_fd (self->source),
                                 (guint64) info->size, self->hash, sent_read_cb);
  else
    check_source (self);
}

/* Whoever compares first says first that this is not what was offered. Why, we know when the
 * pump has told what it read. */
gboolean
ferry_transfer_runner_send_doubted (FerryTransferRunner *self, const GError *error)
{
  if (self->pump == NULL || self->moved_all ||
      !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_CORRUPT))
    return FALSE;
  self->verdict = g_error_copy (error);
  return TRUE;
}

/* Three facts: all bytes were sent (we are here); the peer is content with them; and it said
 * so as one does who could compare them with our hash. */
void
ferry_transfer_runner_send_ended (FerryTransferRunner *self)
{
  const FerryHash *hash = ferry_transfer_get_hash (self->transfer);

  ferry_transfer_set_received (self->transfer, ferry_session_was_received (self->session));
  /* A folder has a hash with each file. */
  if (ferry_transfer_runner_is_folder (self))
    {
      if (ferry_transfer_runner_folder_moved (self) &&
          ferry_session_was_confirmed (self->session))
        ferry_transfer_set_verified (self->transfer,
                                     ferry_hash_algo_get_name (FERRY_HASH_SHA256));
    }
  else if (ferry_session_was_confirmed (self->session) && self->peer_knows_hash)
    ferry_transfer_set_verified (self->transfer, ferry_hash_algo_get_name (hash->algo));
  ferry_transfer_runner_settle (self, NULL);
}

void
ferry_transfer_runner_send_unneeded (FerryTransferRunner *self)
{
  const FerryFileInfo *info = ferry_source_file_get_info (self->source);

  ferry_transfer_add_note (self->transfer, "the other side has it already");
  if (info->size >= 0)
    ferry_transfer_set_n_done (self->transfer, (guint64) info->size, g_get_monotonic_time ());
  if (info->hash.algo != FERRY_HASH_NONE)
    ferry_transfer_set_hash (self->transfer, &info->hash);
  self->peer_knows_hash = info->hash.algo != FERRY_HASH_NONE;
  ferry_transfer_runner_send_ended (self);
}
