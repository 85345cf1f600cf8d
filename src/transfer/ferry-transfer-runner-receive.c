/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-transfer-runner-receive"

#include "config.h"

#include "base/ferry-error.h"
#include "transfer/ferry-transfer-runner-private.h"

/* receive_start → (asked_cb, take_offer) → receive_begin → part_opened_cb → (part_read_cb)
 *   → (accept, opened, pump) → receive_moved → (checksum, checksum_late_cb)
 *   → receive_stop_waiting → stored_cb | set_aside_cb */

static gboolean
can_compute (FerryHashAlgo algo)
{
  g_autoptr (FerryHasher) hasher = algo != FERRY_HASH_NONE ? ferry_hasher_new (algo) : NULL;
  return hasher != NULL;
}

/* What the peer's hash was or will be made with; else ours, for the record. */
static FerryHashAlgo
choose_hash (FerryTransferRunner *self)
{
  FerryFileInfo *info = ferry_session_get_file (self->session);

  if (self->hash == FERRY_HASH_NONE || info->is_folder)
    return FERRY_HASH_NONE;
  if (can_compute (info->hash.algo))
    return info->hash.algo;
  if (can_compute (info->hash_used))
    return info->hash_used;
  return self->hash;
}

/* --- The part file, and what an earlier attempt has left in it ------------------------------
 */

static void
accept (FerryTransferRunner *self)
{
  const FerryRange rest = { ferry_part_file_get_n_kept (self->part), -1 };

  if (rest.offset > 0)
    ferry_session_set_range (self->session, &rest);
  ferry_session_accept (self->session, self->routes);
}

static void
part_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  self->prefix = ferry_transfer_runner_checked (self, result);
  if (self->prefix != NULL)
    accept (self);
  ferry_transfer_runner_end (self);
}

static void
part_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (GError) error = NULL;

  self->part = ferry_part_file_open_finish (result, &error);
  if (self->part == NULL)
    {
      if (!ferry_transfer_get_machine (self->transfer)->has_moved)
        ferry_transfer_set_part_path (self->transfer, NULL);
      ferry_transfer_runner_settle (self, error);
    }
  else if (!self->settled)
    {
      guint64 n_kept = ferry_part_file_get_n_kept (self->part);
      FerryHashAlgo algo = choose_hash (self);
      if (n_kept > 0 && algo != FERRY_HASH_NONE)
        ferry_transfer_runner_check (self, ferry_part_file_get_fd (self->part), n_kept, algo,
                                     part_read_cb);
      else
        accept (self);
    }
  ferry_transfer_runner_end (self);
}

/* The records name the part before there is one, so that none is ever forgotten. */
static void
record_part (FerryTransferRunner *self)
{
  FerryFileInfo *info = ferry_session_get_file (self->session);
  FerryTransferJournal *journal = ferry_transfer_get_journal (self->transfer);

  if (info->hash.algo != FERRY_HASH_NONE)
    journal->promised = info->hash;
  g_free (journal->peer_id);
  journal->peer_id = g_strdup (info->transfer_id);
  journal->date_us = info->date != NULL ? g_date_time_to_unix (info->date) * G_USEC_PER_SEC : 0;
  ferry_transfer_set_ranged (self->transfer, info->ranged);
  if (journal->part_path == NULL)
    {
      g_autofree char *path =
          ferry_part_file_make_path (self->folder, ferry_transfer_get_name (self->transfer));
      ferry_transfer_set_part_path (self->transfer, path);
    }
  else
    ferry_transfer_keep_journal (self->transfer);
}

void
ferry_transfer_runner_receive_begin (FerryTransferRunner *self)
{
  if (self->session_ended)
    {
      gboolean has_moved = ferry_transfer_get_machine (self->transfer)->has_moved;
      g_autoptr (GError) error = g_error_new_literal (
          FERRY_ERROR, has_moved ? FERRY_ERROR_BROKEN : FERRY_ERROR_CANCELLED_BY_PEER,
          "The offer was withdrawn");
      ferry_transfer_runner_settle (self, error);
      return;
    }
  record_part (self);
  ferry_transfer_runner_know_sender (self);
}

void
ferry_transfer_runner_receive_prepare (FerryTransferRunner *self)
{
  FerryFileInfo *info = ferry_session_get_file (self->session);

  if (info->is_folder)
    {
      ferry_part_file_open_folder_async (ferry_transfer_get_journal (self->transfer)->part_path,
                                         ferry_transfer_get_name (self->transfer), info,
                                         self->cancellable, part_opened_cb,
                                         ferry_transfer_runner_begin (self));
      return;
    }
  ferry_part_file_open_async (ferry_transfer_get_journal (self->transfer)->part_path,
                              ferry_transfer_get_name (self->transfer),
                              ferry_transfer_get_size (self->transfer),
                              info->ranged && info->size >= 0, self->cancellable,
                              part_opened_cb, ferry_transfer_runner_begin (self));
}

/* --- Asking for a file that stopped on its way -----------------------------------------------
 */

static gboolean
offer_late_cb (gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BROKEN,
                                                  "The peer was asked, and offered nothing");

  self->offer_id = 0;
  ferry_transfer_runner_settle (self, error);
  return G_SOURCE_REMOVE;
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (GError) error = NULL;

  /* The offer may be here before the answer. */
  if (!ferry_transfer_starter_ask_finish (FERRY_TRANSFER_STARTER (source), result, &error))
    {
      if (self->session == NULL)
        ferry_transfer_runner_settle (self, error);
    }
  else if (!self->settled && self->session == NULL)
    self->offer_id = g_timeout_add (self->limits.offer_ms, offer_late_cb, self);
  ferry_transfer_runner_end (self);
}

void
ferry_transfer_runner_receive_start (FerryTransferRunner *self)
{
  if (self->session != NULL)
    {
      ferry_transfer_runner_receive_begin (self);
      return;
    }
  ferry_transfer_step (self->transfer, FERRY_TRANSFER_EV_AGREED);
  ferry_transfer_starter_ask_async (self->starter, self->transfer, self->cancellable, asked_cb,
                                    ferry_transfer_runner_begin (self));
}

FerryPump *
ferry_transfer_runner_receive_make_pump (FerryTransferRunner *self, GSocket *socket)
{
  if (ferry_transfer_runner_is_folder (self))
    return ferry_transfer_runner_folder_receive (self, socket);

  const FerryRange *range = ferry_session_get_range (self->session);
  gint64 size = ferry_transfer_get_size (self->transfer);
  FerryPump *pump = ferry_pump_new_receiver (
      socket, ferry_part_file_get_fd (self->part), range->offset,
      size >= 0 ? (gint64) ferry_range_get_length (range, size) : -1, choose_hash (self));

  if (self->prefix != NULL)
    ferry_pump_take_hasher (pump, g_steal_pointer (&self->prefix));
  return pump;
}

/* --- The end of the bytes --------------------------------------------------------------------
 */

static gboolean
checksum_late_cb (gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  self->checksum_id = 0;
  ferry_transfer_add_note (self->transfer, "the promised checksum did not come");
  ferry_transfer_runner_receive_stop_waiting (self);
  return G_SOURCE_REMOVE;
}

void
ferry_transfer_runner_receive_moved (FerryTransferRunner *self)
{
  FerryFileInfo *info = ferry_session_get_file (self->session);

  self->moved_all = TRUE;
  self->waits_checksum = TRUE;
  if (info->hash.algo != FERRY_HASH_NONE)
    self->checksum = info->hash;
  if (info->size < 0)
    ferry_transfer_set_size (self->transfer, (gint64) ferry_pump_get_n_done (self->pump));

  /* The hashes of a folder are in its stream. */
  if (info->is_folder || self->hash == FERRY_HASH_NONE ||
      self->checksum.algo != FERRY_HASH_NONE || self->session_ended ||
      !ferry_session_expects_checksum (self->session))
    ferry_transfer_runner_receive_stop_waiting (self);
  else
    {
      /* A sender of a part has to read the whole file again for it. */
      gboolean is_part = ferry_session_get_range (self->session)->offset > 0;
      self->checksum_id = g_timeout_add (
          is_part ? self->limits.rehash_ms : self->limits.checksum_ms, checksum_late_cb, self);
    }
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = ferry_part_file_complete_finish (self->part, result, &error);

  if (path == NULL)
    {
      ferry_transfer_runner_settle (self, error);
    }
  else
    {
      g_autofree char *name = g_path_get_basename (path);
      self->stored = TRUE;
      ferry_transfer_set_part_path (self->transfer, NULL);
      ferry_transfer_set_path (self->transfer, path);
      ferry_transfer_set_name (self->transfer, name);
      ferry_transfer_set_received (self->transfer, TRUE);
      /* A cancel may have come too late: the file is there, and so the transfer is done. */
      g_clear_error (&self->error);
      ferry_session_complete (self->session, self->verified);
      ferry_transfer_runner_settle (self, NULL);
    }
  ferry_transfer_runner_end (self);
}

static void
set_aside_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autofree char *path = ferry_part_file_complete_finish (self->part, result, NULL);
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_CORRUPT,
                                                  "The checksum of the file differs");

  self->stored = path != NULL;
  if (self->stored)
    ferry_transfer_set_part_path (self->transfer, NULL);
  ferry_transfer_set_path (self->transfer, path);
  ferry_transfer_runner_settle (self, error);
  ferry_transfer_runner_end (self);
}

/* The old part may not have been a beginning of this file: the next attempt has none. */
static void
settle_spoilt (FerryTransferRunner *self)
{
  g_autoptr (GError) error = g_error_new_literal (
      FERRY_ERROR, FERRY_ERROR_CORRUPT, "The parts of the file do not fit; it starts over");

  ferry_transfer_add_note (self->transfer, error->message);
  ferry_transfer_runner_settle (self, error);
}

void
ferry_transfer_runner_receive_stop_waiting (FerryTransferRunner *self)
{
  FerryFileInfo *info = ferry_session_get_file (self->session);
  FerryHash hash = { .algo = FERRY_HASH_NONE };

  if (!self->waits_checksum)
    return;
  self->waits_checksum = FALSE;
  g_clear_handle_id (&self->checksum_id, g_source_remove);

  if (ferry_pump_get_hash (self->pump, &hash))
    ferry_transfer_set_hash (self->transfer, &hash);
  self->verified = hash.algo != FERRY_HASH_NONE && ferry_hash_equal (&hash, &self->checksum);
  if (hash.algo != FERRY_HASH_NONE && hash.algo == self->checksum.algo && !self->verified)
    {
      if (ferry_session_get_range (self->session)->offset > 0)
        {
          settle_spoilt (self);
          return;
        }
      ferry_part_file_set_aside_async (self->part, set_aside_cb,
                                       ferry_transfer_runner_begin (self));
      return;
    }

  if (info->is_folder)
    {
      hash.algo = FERRY_HASH_SHA256;
      self->verified = ferry_transfer_runner_folder_moved (self);
    }
  if (self->verified)
    ferry_transfer_set_verified (self->transfer, ferry_hash_algo_get_name (hash.algo));
  else if (info->size >= 0)
    ferry_transfer_set_verified (self->transfer, "size");
  ferry_part_file_complete_async (self->part, info->date, self->cancellable, stored_cb,
                                  ferry_transfer_runner_begin (self));
}
