/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-transfer-runner"

#include "config.h"

#include "transfer/ferry-transfer-runner-private.h"

#include "base/ferry-error.h"

/* Both directions:
 *
 *   start → (file and session ready) → "opened" → pump → moved → settle → "ended" → finished
 *
 * The end, which can come at any moment, is in ferry-transfer-runner-end.c. */

enum
{
  FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FerryTransferRunner, ferry_transfer_runner, G_TYPE_OBJECT)

static void
ferry_transfer_runner_dispose (GObject *object)
{
  FerryTransferRunner *self = FERRY_TRANSFER_RUNNER (object);

  g_clear_handle_id (&self->sample_id, g_source_remove);
  g_clear_handle_id (&self->checksum_id, g_source_remove);
  g_clear_handle_id (&self->offer_id, g_source_remove);
  g_clear_pointer (&self->check, ferry_prefix_hash_unref);
  g_clear_pointer (&self->prefix, ferry_hasher_free);
  g_clear_object (&self->session);
  g_clear_object (&self->pump);
  g_clear_pointer (&self->throttle, ferry_throttle_unref);
  g_clear_object (&self->starter);
  g_clear_object (&self->guard);
  g_clear_object (&self->store);
  g_clear_object (&self->source);
  g_clear_pointer (&self->reader, ferry_tree_reader_unref);
  g_clear_object (&self->part);

  G_OBJECT_CLASS (ferry_transfer_runner_parent_class)->dispose (object);
}

static void
ferry_transfer_runner_finalize (GObject *object)
{
  FerryTransferRunner *self = FERRY_TRANSFER_RUNNER (object);

  g_clear_object (&self->transfer);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_clear_error (&self->verdict);
  g_clear_pointer (&self->target, ferry_jid_unref);
  g_free (self->folder);

  G_OBJECT_CLASS (ferry_transfer_runner_parent_class)->finalize (object);
}

static void
ferry_transfer_runner_class_init (FerryTransferRunnerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_transfer_runner_dispose;
  object_class->finalize = ferry_transfer_runner_finalize;

  signals[FINISHED] = g_signal_new ("finished", FERRY_TYPE_TRANSFER_RUNNER, G_SIGNAL_RUN_LAST,
                                    0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferry_transfer_runner_init (FerryTransferRunner *self)
{
  self->cancellable = g_cancellable_new ();
  self->limits = (FerryTransferRunnerLimits){ .sample_ms = 250,
                                              .stalled_ms = 10 * 1000,
                                              .checksum_ms = 10 * 1000,
                                              .rehash_ms = 120 * 1000,
                                              .offer_ms = 120 * 1000 };
}

/* --- Reading again what is there ------------------------------------------------------------
 */

static gboolean
check_sample_cb (gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  if (ferry_transfer_get_state (self->transfer) == FERRY_TRANSFER_CHECKING)
    ferry_transfer_set_n_done (self->transfer, ferry_prefix_hash_get_n_done (self->check),
                               g_get_monotonic_time ());
  return G_SOURCE_CONTINUE;
}

void
ferry_transfer_runner_check (FerryTransferRunner *self,
                             int fd,
                             guint64 n_bytes,
                             FerryHashAlgo algo,
                             GAsyncReadyCallback callback)
{
  self->check = ferry_prefix_hash_new (fd, n_bytes, algo);
  ferry_transfer_step (self->transfer, FERRY_TRANSFER_EV_CHECK);
  self->sample_id = g_timeout_add (self->limits.sample_ms, check_sample_cb, self);
  ferry_prefix_hash_run_async (self->check, self->cancellable, callback,
                               ferry_transfer_runner_begin (self));
}

FerryHasher *
ferry_transfer_runner_checked (FerryTransferRunner *self, GAsyncResult *result)
{
  g_autoptr (FerryPrefixHash) check = g_steal_pointer (&self->check);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryHasher) hasher = ferry_prefix_hash_run_finish (check, result, &error);

  g_clear_handle_id (&self->sample_id, g_source_remove);
  if (self->settled)
    return NULL;
  if (hasher == NULL)
    ferry_transfer_runner_settle (self, error);
  else
    ferry_transfer_step (self->transfer, FERRY_TRANSFER_EV_READ);
  return g_steal_pointer (&hasher);
}

/* --- Moving bytes ---------------------------------------------------------------------------
 */

/* Bytes of the file that are at the receiver's, as far as we know. */
static guint64
get_position (FerryTransferRunner *self)
{
  return ferry_session_get_range (self->session)->offset + ferry_pump_get_n_done (self->pump);
}

static void
show_quiet (FerryTransferRunner *self, gint64 quiet_us)
{
  gboolean is_quiet = quiet_us >= (gint64) self->limits.stalled_ms * 1000;

  /* Whoever hears of the state finds how long it is. */
  if (is_quiet)
    ferry_transfer_set_quiet_seconds (self->transfer, (guint) (quiet_us / G_USEC_PER_SEC));
  ferry_transfer_step (self->transfer,
                       is_quiet ? FERRY_TRANSFER_EV_QUIET : FERRY_TRANSFER_EV_MOVING);
}

static void
show_motion (FerryTransferRunner *self, guint64 n_done, gint64 now_us)
{
  FerryTransferState state = ferry_transfer_get_state (self->transfer);
  gint64 size = ferry_transfer_get_size (self->transfer);

  if (n_done != self->n_seen)
    {
      self->n_seen = n_done;
      self->seen_us = now_us;
    }
  ferry_transfer_set_n_done (self->transfer, n_done, now_us);
  ferry_transfer_set_reached (self->transfer, n_done);
  ferry_transfer_runner_meet_peer (self);
  ferry_transfer_runner_show_files (self);
  if (state != FERRY_TRANSFER_ACTIVE && state != FERRY_TRANSFER_STALLED)
    return;

  /* All bytes are out, but the pump waits for the peer to have them. */
  if (ferry_transfer_runner_is_sending (self) && size >= 0 && n_done >= (guint64) size)
    ferry_transfer_step (self->transfer, FERRY_TRANSFER_EV_MOVED);
  else
    show_quiet (self, now_us - self->seen_us);
}

static gboolean
sample_cb (gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  show_motion (self, get_position (self), g_get_monotonic_time ());
  return G_SOURCE_CONTINUE;
}

static void
moved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean moved = ferry_pump_run_finish (self->pump, result, &error);

  g_clear_handle_id (&self->sample_id, g_source_remove);
  ferry_transfer_set_n_done (self->transfer, get_position (self), g_get_monotonic_time ());
  ferry_transfer_set_reached (self->transfer, get_position (self));
  ferry_transfer_runner_meet_peer (self);
  if (!moved)
    {
      ferry_transfer_runner_settle (self, self->verdict != NULL ? self->verdict : error);
    }
  else if (!self->settled)
    {
      ferry_transfer_step (self->transfer, FERRY_TRANSFER_EV_MOVED);
      if (ferry_transfer_runner_is_sending (self))
        ferry_transfer_runner_send_moved (self);
      else
        ferry_transfer_runner_receive_moved (self);
    }
  ferry_transfer_runner_end (self);
}

void
ferry_transfer_runner_move (FerryTransferRunner *self, FerryPump *pump)
{
  self->pump = pump;
  if (self->throttle != NULL)
    ferry_pump_set_throttle (pump, self->throttle);
  self->seen_us = g_get_monotonic_time ();
  if (ferry_transfer_get_started_us (self->transfer) == 0)
    ferry_transfer_set_times (self->transfer, g_get_real_time (), 0);
  ferry_transfer_set_n_done (self->transfer, get_position (self), self->seen_us);
  ferry_transfer_step (self->transfer, FERRY_TRANSFER_EV_OPENED);
  self->sample_id = g_timeout_add (self->limits.sample_ms, sample_cb, self);
  ferry_pump_run_async (pump, self->cancellable, moved_cb, ferry_transfer_runner_begin (self));
}

/* --- The session ----------------------------------------------------------------------------
 */

static void
on_state_changed (FerrySession *session, gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  if (!self->settled && ferry_session_get_state (session) == FERRY_SESSION_CONNECTING)
    ferry_transfer_step (self->transfer, FERRY_TRANSFER_EV_AGREED);
}

static void
on_route_changed (FerrySession *session, gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  ferry_transfer_set_route (self->transfer, ferry_session_get_route (session));
}

/* Says so where a file that had come some way has to come from its beginning again. */
static void
note_restart (FerryTransferRunner *self)
{
  gboolean starts_over = ferry_transfer_get_machine (self->transfer)->has_moved &&
                         !ferry_session_get_file (self->session)->ranged &&
                         ferry_session_get_range (self->session)->offset == 0;

  if (ferry_transfer_runner_is_sending (self))
    starts_over = ferry_transfer_get_machine (self->transfer)->has_moved &&
                  ferry_session_get_range (self->session)->offset == 0;
  ferry_transfer_set_starts_over (self->transfer, starts_over);
  if (starts_over)
    ferry_transfer_add_note (self->transfer,
                             "the other program cannot continue files; it starts over");
}

static void
on_opened (FerrySession *session, GSocket *socket, gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  if (self->settled || !ferry_transfer_runner_may_move (self))
    return;
  ferry_transfer_set_route (self->transfer, ferry_session_get_route (session));
  note_restart (self);
  FerryPump *pump = ferry_transfer_runner_is_sending (self)
                        ? ferry_transfer_runner_send_make_pump (self, socket)
                        : ferry_transfer_runner_receive_make_pump (self, socket);
  ferry_transfer_runner_encrypt (self, pump);
  ferry_transfer_runner_move (self, pump);
}

static void
on_checksum (FerrySession *session, gpointer hash, gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  self->checksum = *(const FerryHash *) hash;
  ferry_transfer_runner_receive_stop_waiting (self);
}

static void
on_note (FerrySession *session, const char *text, gpointer user_data)
{
  FerryTransferRunner *self = user_data;

  ferry_transfer_add_note (self->transfer, text);
}

/* What the peer says of a broken pipe is better than what we saw. */
static void
improve_error (FerryTransferRunner *self, const GError *error)
{
  if (error == NULL || !g_error_matches (self->error, FERRY_ERROR, FERRY_ERROR_BROKEN))
    return;
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
}

static void
end_well (FerryTransferRunner *self)
{
  if (self->pump == NULL && ferry_transfer_runner_is_sending (self) &&
      ferry_session_was_confirmed (self->session))
    ferry_transfer_runner_send_unneeded (self);
  else if (self->moved_all && ferry_transfer_runner_is_sending (self))
    ferry_transfer_runner_send_ended (self);
  else if (self->moved_all)
    ferry_transfer_runner_receive_stop_waiting (self);
  else if (self->pump == NULL)
    {
      g_autoptr (GError) error = g_error_new_literal (
          FERRY_ERROR, FERRY_ERROR_BROKEN, "The session ended before a byte could move");
      ferry_transfer_runner_settle (self, error);
    }
  /* Else the peer is content early, as Gajim is; the pipe decides. */
}

/* Every byte is here; does @error of the session take their worth? Ours to cancel does, and a
 * sender who says that its file was not what it should be; a lost connection does not. */
static gboolean
spoils_file (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_PEER_STORAGE);
}

static void
on_ended (FerrySession *session, const GError *error, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (FerryTransferRunner) alive = g_object_ref (self);

  self->session_ended = TRUE;
  if (self->settled)
    improve_error (self, error);
  else if (error == NULL)
    end_well (self);
  else if (ferry_transfer_runner_is_sending (self) &&
           (ferry_transfer_runner_send_otherwise (self, error) ||
            ferry_transfer_runner_send_doubted (self, error)))
    return;
  else if (!ferry_transfer_runner_is_sending (self) && self->moved_all &&
           !spoils_file (error) && ferry_session_get_file (session)->size >= 0)
    ferry_transfer_runner_receive_stop_waiting (self);
  else
    ferry_transfer_runner_settle (self, error);
  ferry_transfer_runner_try_finish (self);
}

void
ferry_transfer_runner_bind (FerryTransferRunner *self, FerrySession *session)
{
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "state-changed", G_CALLBACK (on_state_changed), self, 0);
  g_signal_connect_object (session, "route-changed", G_CALLBACK (on_route_changed), self, 0);
  g_signal_connect_object (session, "opened", G_CALLBACK (on_opened), self, 0);
  g_signal_connect_object (session, "checksum", G_CALLBACK (on_checksum), self, 0);
  g_signal_connect_object (session, "note", G_CALLBACK (on_note), self, 0);
  g_signal_connect_object (session, "ended", G_CALLBACK (on_ended), self, 0);
  self->session_ended = ferry_session_get_state (session) == FERRY_SESSION_ENDED;
  ferry_transfer_set_peer (self->transfer, ferry_session_get_peer (session));
  ferry_transfer_set_signalling (self->transfer, ferry_session_get_signalling (session));
}

void
ferry_transfer_runner_unbind (FerryTransferRunner *self)
{
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  self->session_ended = FALSE;
}

/* --- Construction ---------------------------------------------------------------------------
 */

FerryTransferRunner *
ferry_transfer_runner_new_sender (FerryTransfer *transfer,
                                  FerryTransferStarter *starter,
                                  FerryHashAlgo hash)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);
  g_return_val_if_fail (ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND, NULL);
  g_return_val_if_fail (ferry_transfer_get_path (transfer) != NULL, NULL);
  g_return_val_if_fail (FERRY_IS_TRANSFER_STARTER (starter), NULL);

  FerryTransferRunner *self = g_object_new (FERRY_TYPE_TRANSFER_RUNNER, NULL);
  self->transfer = g_object_ref (transfer);
  self->starter = g_object_ref (starter);
  self->target = ferry_jid_ref (ferry_transfer_get_peer (transfer));
  self->hash = hash;
  return self;
}

FerryTransferRunner *
ferry_transfer_runner_new_receiver (FerryTransfer *transfer,
                                    FerrySession *session,
                                    const char *folder,
                                    FerryRoute routes,
                                    FerryHashAlgo hash)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);
  g_return_val_if_fail (ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_RECEIVE,
                        NULL);
  g_return_val_if_fail (FERRY_IS_SESSION (session), NULL);
  g_return_val_if_fail (folder != NULL, NULL);

  FerryTransferRunner *self = g_object_new (FERRY_TYPE_TRANSFER_RUNNER, NULL);
  self->transfer = g_object_ref (transfer);
  self->folder = g_strdup (folder);
  self->routes = routes;
  self->hash = hash;
  ferry_transfer_runner_bind (self, session);
  return self;
}

FerryTransferRunner *
ferry_transfer_runner_new_asker (FerryTransfer *transfer,
                                 FerryTransferStarter *starter,
                                 FerryHashAlgo hash)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);
  g_return_val_if_fail (ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_RECEIVE,
                        NULL);
  g_return_val_if_fail (FERRY_IS_TRANSFER_STARTER (starter), NULL);

  FerryTransferRunner *self = g_object_new (FERRY_TYPE_TRANSFER_RUNNER, NULL);
  self->transfer = g_object_ref (transfer);
  self->starter = g_object_ref (starter);
  self->hash = hash;
  return self;
}

gboolean
ferry_transfer_runner_take_offer (FerryTransferRunner *self, FerrySession *session)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_RUNNER (self), FALSE);

  if (self->settled || self->session != NULL || ferry_transfer_runner_is_sending (self))
    return FALSE;
  g_clear_handle_id (&self->offer_id, g_source_remove);
  self->routes = ferry_transfer_get_journal (self->transfer)->routes;
  ferry_transfer_runner_bind (self, session);
  ferry_transfer_runner_receive_begin (self);
  return TRUE;
}

void
ferry_transfer_runner_set_throttle (FerryTransferRunner *self, FerryThrottle *throttle)
{
  g_return_if_fail (FERRY_IS_TRANSFER_RUNNER (self));
  g_return_if_fail (self->pump == NULL && self->throttle == NULL);

  self->throttle = ferry_throttle_ref (throttle);
}

void
ferry_transfer_runner_start (FerryTransferRunner *self)
{
  g_return_if_fail (FERRY_IS_TRANSFER_RUNNER (self));

  if (self->settled)
    return;
  self->had_way = ferry_transfer_get_route (self->transfer) != FERRY_ROUTE_NONE;
  ferry_transfer_step (self->transfer, FERRY_TRANSFER_EV_TURN);
  if (ferry_transfer_runner_is_sending (self))
    ferry_transfer_runner_send_start (self);
  else
    ferry_transfer_runner_receive_start (self);
}
