/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-transfer-runner-receive"

#include "config.h"

#include "base/ferry-error.h"
#include "transfer/ferry-transfer-runner-private.h"

/* receive_start → part_created_cb → (accept, opened, pump) → receive_moved
 *   → (checksum, checksum_late_cb) → receive_stop_waiting → stored_cb | set_aside_cb */

static void
part_created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (GError) error = NULL;

  self->part = ferry_part_file_create_finish (result, &error);
  if (self->part == NULL)
    ferry_transfer_runner_settle (self, error);
  else if (!self->settled)
    ferry_session_accept (self->session, self->routes);
  ferry_transfer_runner_end (self);
}

void
ferry_transfer_runner_receive_start (FerryTransferRunner *self)
{
  if (self->session_ended)
    {
      g_autoptr (GError) error = g_error_new_literal (
          FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER, "The offer was withdrawn");
      ferry_transfer_runner_settle (self, error);
      return;
    }
  ferry_part_file_create_async (self->folder, ferry_transfer_get_name (self->transfer),
                                ferry_transfer_get_size (self->transfer), self->cancellable,
                                part_created_cb, ferry_transfer_runner_begin (self));
}

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

  if (self->hash == FERRY_HASH_NONE)
    return FERRY_HASH_NONE;
  if (can_compute (info->hash.algo))
    return info->hash.algo;
  if (can_compute (info->hash_used))
    return info->hash_used;
  return self->hash;
}

FerryPump *
ferry_transfer_runner_receive_make_pump (FerryTransferRunner *self, GSocket *socket)
{
  return ferry_pump_new_receiver (socket, ferry_part_file_get_fd (self->part), 0,
                                  ferry_transfer_get_size (self->transfer), choose_hash (self));
}

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

  if (self->hash == FERRY_HASH_NONE || self->checksum.algo != FERRY_HASH_NONE ||
      self->session_ended || !ferry_session_expects_checksum (self->session))
    ferry_transfer_runner_receive_stop_waiting (self);
  else
    self->checksum_id = g_timeout_add (self->limits.checksum_ms, checksum_late_cb, self);
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
  ferry_transfer_set_path (self->transfer, path);
  ferry_transfer_runner_settle (self, error);
  ferry_transfer_runner_end (self);
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
      ferry_part_file_set_aside_async (self->part, set_aside_cb,
                                       ferry_transfer_runner_begin (self));
      return;
    }

  if (self->verified)
    ferry_transfer_set_verified (self->transfer, ferry_hash_algo_get_name (hash.algo));
  else if (info->size >= 0)
    ferry_transfer_set_verified (self->transfer, "size");
  ferry_part_file_complete_async (self->part, info->date, self->cancellable, stored_cb,
                                  ferry_transfer_runner_begin (self));
}
