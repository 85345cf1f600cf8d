/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the runner, the queue and the store write into a transfer. */
#define G_LOG_DOMAIN "ferry-transfer"

#include "config.h"

#include "transfer/ferry-transfer-private.h"

/* A peer can cause notes, so their number has an end. */
#define MAX_NOTES 200
/* An attempt that brings less has come no further. */
#define MIN_PROGRESS_BYTES (1024 * 1024)

/* Returns: whether it was another string */
static gboolean
replace_string (char **where, const char *value)
{
  if (g_strcmp0 (*where, value) == 0)
    return FALSE;
  g_free (*where);
  *where = g_strdup (value);
  return TRUE;
}

static void
show_speed (FerryTransfer *self, double speed, int seconds_left)
{
  if (speed != self->shown_speed)
    {
      self->shown_speed = speed;
      ferry_transfer_notify (self, PROP_SPEED);
    }
  if (seconds_left != self->seconds_left)
    {
      self->seconds_left = seconds_left;
      ferry_transfer_notify (self, PROP_SECONDS_LEFT);
    }
}

/* @before: what was shown until now */
static void
show_state (FerryTransfer *self, FerryTransferState before, const char *why)
{
  FerryTransferState state = self->machine.state;

  if (state == before)
    return;
  g_debug ("%s: %s → %s%s%s", self->id, ferry_transfer_state_get_name (before),
           ferry_transfer_state_get_name (state), why != NULL ? " on " : "",
           why != NULL ? why : "");
  ferry_transfer_add_note (self, ferry_transfer_state_get_name (state));

  g_object_freeze_notify (G_OBJECT (self));
  ferry_transfer_notify (self, PROP_STATE);
  if (ferry_transfer_state_is_final (before) != ferry_transfer_is_finished (self))
    ferry_transfer_notify (self, PROP_IS_FINISHED);
  if (state == FERRY_TRANSFER_DONE)
    ferry_transfer_notify (self, PROP_FRACTION);
  if (state != FERRY_TRANSFER_ACTIVE && state != FERRY_TRANSFER_STALLED)
    {
      ferry_speed_clear (&self->speed);
      show_speed (self, 0, -1);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

gboolean
ferry_transfer_step (FerryTransfer *self, FerryTransferEvent event)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FALSE);

  FerryTransferState before = self->machine.state;
  if (!ferry_transfer_machine_step (&self->machine, event))
    return FALSE;
  show_state (self, before, ferry_transfer_event_get_name (event));
  return TRUE;
}

void
ferry_transfer_set_state (FerryTransfer *self, FerryTransferState state)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));
  g_return_if_fail (state <= FERRY_TRANSFER_FAILED);

  FerryTransferState before = self->machine.state;
  self->machine.state = state;
  self->machine.pause =
      state == FERRY_TRANSFER_PAUSED ? FERRY_TRANSFER_PAUSE_USER : FERRY_TRANSFER_PAUSE_NONE;
  show_state (self, before, NULL);
}

void
ferry_transfer_set_pause (FerryTransfer *self, FerryTransferPause pause)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  self->machine.pause = pause;
}

void
ferry_transfer_set_can_ask (FerryTransfer *self, gboolean can_ask)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  self->machine.can_ask = can_ask;
}

void
ferry_transfer_set_reached (FerryTransfer *self, guint64 n_bytes)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (n_bytes <= self->n_reached)
    return;
  /* What is less than this may be the part that was sent twice. */
  gboolean is_further = self->n_reached == 0 || n_bytes - self->n_reached >= MIN_PROGRESS_BYTES;
  if (!is_further)
    return;
  self->n_reached = n_bytes;
  self->machine.has_moved = TRUE;
  ferry_transfer_step (self, FERRY_TRANSFER_EV_FURTHER);
}

void
ferry_transfer_set_ranged (FerryTransfer *self, gboolean ranged)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  self->ranged = ranged;
}

void
ferry_transfer_set_starts_over (FerryTransfer *self, gboolean starts_over)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  self->starts_over = starts_over;
}

void
ferry_transfer_set_guess (FerryTransfer *self, FerryTransferGuess guess)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  self->guess = guess;
}

void
ferry_transfer_set_link (FerryTransfer *self, FerryTransferLink link)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (link == self->link)
    return;
  self->link = link;
  ferry_transfer_notify (self, PROP_LINK);
}

void
ferry_transfer_set_n_ahead (FerryTransfer *self, guint n_ahead)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (n_ahead == self->n_ahead)
    return;
  self->n_ahead = n_ahead;
  ferry_transfer_notify (self, PROP_N_AHEAD);
}

void
ferry_transfer_set_quiet_seconds (FerryTransfer *self, guint seconds)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (seconds == self->quiet_seconds)
    return;
  self->quiet_seconds = seconds;
  ferry_transfer_notify (self, PROP_QUIET_SECONDS);
}

void
ferry_transfer_set_retry_at (FerryTransfer *self, gint64 monotonic_us)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  self->retry_at_us = monotonic_us;
}

void
ferry_transfer_set_created_us (FerryTransfer *self, gint64 created_us)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  self->wanted_us = created_us;
}

void
ferry_transfer_set_part_path (FerryTransfer *self, const char *path)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (replace_string (&self->journal.part_path, path))
    ferry_transfer_emit_journal_changed (self);
}

void
ferry_transfer_set_place (FerryTransfer *self, gint64 place)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (self->journal.place == place)
    return;
  self->journal.place = place;
  ferry_transfer_emit_journal_changed (self);
  ferry_transfer_notify (self, PROP_PLACE);
}

void
ferry_transfer_keep_journal (FerryTransfer *self)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  ferry_transfer_emit_journal_changed (self);
}

void
ferry_transfer_set_error (FerryTransfer *self, const GError *error)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (error == NULL && self->error == NULL)
    return;

  g_clear_error (&self->error);
  if (error != NULL)
    {
      self->error = g_error_copy (error);
      ferry_transfer_add_note (self, error->message);
    }
  ferry_transfer_notify (self, PROP_ERROR);
}

void
ferry_transfer_set_peer (FerryTransfer *self, FerryJid *peer)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));
  g_return_if_fail (peer != NULL);

  ferry_jid_ref (peer);
  g_clear_pointer (&self->peer, ferry_jid_unref);
  self->peer = peer;
}

void
ferry_transfer_set_name (FerryTransfer *self, const char *name)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (replace_string (&self->name, name))
    ferry_transfer_notify (self, PROP_NAME);
}

void
ferry_transfer_set_size (FerryTransfer *self, gint64 size)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));
  g_return_if_fail (size >= -1);

  if (size == self->size)
    return;
  self->size = size;
  ferry_transfer_notify (self, PROP_SIZE);
  ferry_transfer_notify (self, PROP_FRACTION);
}

void
ferry_transfer_set_n_done (FerryTransfer *self, guint64 n_done, gint64 now_us)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  guint64 size = self->size > 0 ? (guint64) self->size : 0;

  g_object_freeze_notify (G_OBJECT (self));
  if (n_done != self->n_done)
    {
      self->n_done = n_done;
      ferry_transfer_notify (self, PROP_N_DONE);
      ferry_transfer_notify (self, PROP_FRACTION);
    }
  ferry_speed_add (&self->speed, n_done, now_us);
  show_speed (self, ferry_speed_get (&self->speed),
              size > n_done ? ferry_speed_get_seconds_left (&self->speed, size - n_done) : -1);
  g_object_thaw_notify (G_OBJECT (self));
}

void
ferry_transfer_set_route (FerryTransfer *self, FerryRoute route)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (route == self->route)
    return;
  self->route = route;
  ferry_transfer_notify (self, PROP_ROUTE);
}

void
ferry_transfer_set_signalling (FerryTransfer *self, const char *signalling)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  replace_string (&self->signalling, signalling);
}

void
ferry_transfer_set_key_verified (FerryTransfer *self, gboolean verified)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (!verified == !self->key_verified)
    return;
  self->key_verified = verified;
  ferry_transfer_notify (self, PROP_KEY_VERIFIED);
}

void
ferry_transfer_set_encrypted (FerryTransfer *self, gboolean encrypted)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (!encrypted == !self->encrypted)
    return;
  self->encrypted = encrypted;
  ferry_transfer_notify (self, PROP_ENCRYPTED);
}

void
ferry_transfer_set_received (FerryTransfer *self, gboolean received)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (!received == !self->received)
    return;
  self->received = received;
  ferry_transfer_notify (self, PROP_RECEIVED);
}

void
ferry_transfer_set_held (FerryTransfer *self, gboolean held)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (!held == !self->held)
    return;
  self->held = held;
  ferry_transfer_notify (self, PROP_IS_HELD);
}

void
ferry_transfer_set_verified (FerryTransfer *self, const char *verified)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (replace_string (&self->verified, verified))
    ferry_transfer_notify (self, PROP_VERIFIED);
}

void
ferry_transfer_set_hash (FerryTransfer *self, const FerryHash *hash)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  FerryHash *copy = ferry_hash_copy (hash);
  ferry_hash_free (self->hash);
  self->hash = copy;
}

void
ferry_transfer_set_path (FerryTransfer *self, const char *path)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (replace_string (&self->path, path))
    ferry_transfer_notify (self, PROP_PATH);
}

void
ferry_transfer_set_times (FerryTransfer *self, gint64 started_us, gint64 ended_us)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  self->started_us = started_us;
  self->ended_us = ended_us;
}

void
ferry_transfer_set_timeline (FerryTransfer *self, const char *timeline)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  g_string_assign (self->timeline, timeline != NULL ? timeline : "");
}

void
ferry_transfer_add_note (FerryTransfer *self, const char *text)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));
  g_return_if_fail (text != NULL);

  if (self->n_notes == MAX_NOTES)
    return;
  self->n_notes++;

  gint64 ms = (g_get_monotonic_time () - self->created_us) / 1000;
  g_autofree char *line =
      g_strdup (self->n_notes < MAX_NOTES ? text : "(no further notes are kept)");
  g_strdelimit (line, "\r\n", ' ');
  g_string_append_printf (self->timeline, "%3d.%03d s  %s\n", (int) (ms / 1000),
                          (int) (ms % 1000), line);
}
