/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-transfer-runner-end"

#include "config.h"

#include "base/ferry-error.h"
#include "transfer/ferry-transfer-runner-private.h"

/* How an attempt ends: what its outcome means for the transfer, what becomes of the part file,
 * and what the peer is told. Three things must have come to rest before "finished": the outcome
 * is settled, the session has ended, and no operation is under way. They come in any order, so
 * each ends in try_finish(). */

/* Does this attempt go on with what an earlier one has left? */
static gboolean
is_resumed (FerryTransferRunner *self)
{
  return self->session != NULL && ferry_session_get_range (self->session)->offset > 0;
}

static FerryTransferEvent
get_stop_event (FerryTransferStop stop)
{
  switch (stop)
    {
    case FERRY_TRANSFER_STOP_PAUSE:
      return FERRY_TRANSFER_EV_STOP_PAUSED;
    case FERRY_TRANSFER_STOP_LATER:
      return FERRY_TRANSFER_EV_STOP_LATER;
    case FERRY_TRANSFER_STOP_CANCEL:
    case FERRY_TRANSFER_STOP_NOT:
    default:
      return FERRY_TRANSFER_EV_STOP_CANCELLED;
    }
}

/* Where no way was ever found there is none: each one that is allowed was tried. Of the attempt
 * before a receiver cannot tell: a way may have opened that only the sender has seen. */
static gboolean
is_without_way (FerryTransferRunner *self, const GError *error)
{
  const FerryTransferMachine *machine = ferry_transfer_get_machine (self->transfer);

  return (error->code == FERRY_ERROR_UNREACHABLE || error->code == FERRY_ERROR_ROUTE) &&
         !ferry_transfer_machine_has_begun (machine) &&
         (ferry_transfer_runner_is_sending (self) || !self->had_way);
}

/* What an error means for the life of the transfer. */
static FerryTransferEvent
get_error_event (FerryTransferRunner *self, const GError *error)
{
  static const FerryTransferEvent events[FERRY_ERROR_PAUSED + 1] = {
    [FERRY_ERROR_DECLINED] = FERRY_TRANSFER_EV_DECLINED,
    [FERRY_ERROR_PAUSED] = FERRY_TRANSFER_EV_PAUSED_BY_PEER,
    [FERRY_ERROR_NO_SPACE] = FERRY_TRANSFER_EV_FULL,
    [FERRY_ERROR_GONE] = FERRY_TRANSFER_EV_ABSENT,
    [FERRY_ERROR_OFFLINE] = FERRY_TRANSFER_EV_ABSENT,
    [FERRY_ERROR_UNREACHABLE] = FERRY_TRANSFER_EV_BROKEN,
    [FERRY_ERROR_ROUTE] = FERRY_TRANSFER_EV_BROKEN,
    [FERRY_ERROR_BROKEN] = FERRY_TRANSFER_EV_BROKEN,
    [FERRY_ERROR_BUSY] = FERRY_TRANSFER_EV_BROKEN,
    [FERRY_ERROR_SERVER] = FERRY_TRANSFER_EV_BROKEN,
  };
  const FerryTransferMachine *machine = ferry_transfer_get_machine (self->transfer);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return get_stop_event (self->stop);
  if (self->asks_user && ferry_transfer_guard_asks (error))
    return FERRY_TRANSFER_EV_ASKED;
  if (error->domain != FERRY_ERROR || (guint) error->code >= G_N_ELEMENTS (events))
    return FERRY_TRANSFER_EV_FAILED;
  if (error->code == FERRY_ERROR_TIMEOUT)
    return machine->state == FERRY_TRANSFER_OFFERED ? FERRY_TRANSFER_EV_UNANSWERED
                                                    : FERRY_TRANSFER_EV_BROKEN;
  /* Whoever named a device, and saw it leave before it agreed, is told so. */
  if (events[error->code] == FERRY_TRANSFER_EV_ABSENT &&
      ferry_transfer_runner_is_sending (self) && self->session != NULL &&
      !ferry_jid_is_bare (self->target) && !machine->was_agreed && !machine->has_moved)
    return FERRY_TRANSFER_EV_FAILED;
  if (is_without_way (self, error))
    return FERRY_TRANSFER_EV_FAILED;
  /* What was there already was no beginning of this file: it has to come from the start. */
  if (error->code == FERRY_ERROR_CORRUPT && is_resumed (self))
    return FERRY_TRANSFER_EV_BROKEN;
  return events[error->code] != 0 ? events[error->code] : FERRY_TRANSFER_EV_FAILED;
}

/* Is the part worth keeping, because another attempt can go on with it? */
static gboolean
is_part_kept (FerryTransferRunner *self, FerryTransferEvent event)
{
  gboolean is_ranged = self->session == NULL || ferry_session_get_file (self->session)->ranged;
  FerryTransferMachine after = *ferry_transfer_get_machine (self->transfer);

  ferry_transfer_machine_step (&after, event);
  if (g_error_matches (self->error, FERRY_ERROR, FERRY_ERROR_CORRUPT) ||
      (ferry_transfer_state_is_final (after.state) && !after.has_moved))
    return FALSE;
  return is_ranged &&
         (event == FERRY_TRANSFER_EV_ABSENT || event == FERRY_TRANSFER_EV_BROKEN ||
          event == FERRY_TRANSFER_EV_FULL || event == FERRY_TRANSFER_EV_PAUSED_BY_PEER ||
          event == FERRY_TRANSFER_EV_ASKED || event == FERRY_TRANSFER_EV_STOP_PAUSED ||
          event == FERRY_TRANSFER_EV_STOP_LATER);
}

static FerryTransferEvent
get_end_event (FerryTransferRunner *self)
{
  return self->error != NULL ? get_error_event (self, self->error) : FERRY_TRANSFER_EV_DONE;
}

static void
finish (FerryTransferRunner *self)
{
  FerryTransferEvent event = get_end_event (self);
  gboolean is_stopped = g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  gint64 started_us = ferry_transfer_get_started_us (self->transfer);

  self->finished = TRUE;
  g_clear_handle_id (&self->checksum_id, g_source_remove);
  g_clear_handle_id (&self->offer_id, g_source_remove);
  /* Whoever hears of the new state finds the rest as it belongs to it. */
  if (!is_stopped)
    ferry_transfer_set_error (self->transfer, self->error);
  ferry_transfer_set_times (self->transfer, started_us, g_get_real_time ());
  /* Any device of the contact will do, as long as none has a part of the file. */
  if (event == FERRY_TRANSFER_EV_ABSENT && ferry_transfer_runner_is_sending (self) &&
      !ferry_transfer_get_machine (self->transfer)->has_moved)
    ferry_transfer_set_peer (self->transfer, self->target);
  ferry_transfer_step (self->transfer, event);
  if (ferry_transfer_get_state (self->transfer) == FERRY_TRANSFER_WAITING_PEER)
    ferry_transfer_set_error (self->transfer, NULL);
  if (!ferry_transfer_is_finished (self->transfer))
    ferry_transfer_set_times (self->transfer, started_us, 0);
  else if (self->discarded)
    ferry_transfer_set_part_path (self->transfer, NULL);
  g_signal_emit_by_name (self, "finished");
}

static void
discarded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ferry_transfer_runner_end (user_data);
}

void
ferry_transfer_runner_try_finish (FerryTransferRunner *self)
{
  if (self->finished || !self->settled || self->n_pending > 0 ||
      (self->session != NULL && !self->session_ended))
    return;

  if (self->part != NULL && !self->stored && is_part_kept (self, get_end_event (self)))
    {
      ferry_part_file_keep_async (self->part, discarded_cb, ferry_transfer_runner_begin (self));
      g_clear_object (&self->part);
      return;
    }
  if (self->part != NULL && !self->stored)
    {
      self->discarded = TRUE;
      ferry_part_file_discard_async (self->part, discarded_cb,
                                     ferry_transfer_runner_begin (self));
      g_clear_object (&self->part);
      return;
    }
  finish (self);
}

FerryTransferRunner *
ferry_transfer_runner_begin (FerryTransferRunner *self)
{
  self->n_pending++;
  return g_object_ref (self);
}

void
ferry_transfer_runner_end (FerryTransferRunner *self)
{
  g_autoptr (FerryTransferRunner) alive = self;

  self->n_pending--;
  ferry_transfer_runner_try_finish (self);
}

/* A disk that was large enough at first: it will be again, and then we ask for the rest. */
static gboolean
is_full_later (FerryTransferRunner *self)
{
  return !ferry_transfer_runner_is_sending (self) &&
         g_error_matches (self->error, FERRY_ERROR, FERRY_ERROR_NO_SPACE) &&
         ferry_transfer_machine_has_begun (ferry_transfer_get_machine (self->transfer));
}

static void
tell_peer (FerryTransferRunner *self)
{
  if (self->session == NULL || self->session_ended)
    return;
  gboolean is_pause = self->stop == FERRY_TRANSFER_STOP_PAUSE || is_full_later (self) ||
                      (self->stop == FERRY_TRANSFER_STOP_NOT && self->asks_user);
  if (!is_pause && !g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      ferry_session_fail (self->session, self->error);
      return;
    }
  if (!is_pause && self->stop != FERRY_TRANSFER_STOP_LATER)
    {
      ferry_session_cancel (self->session);
      return;
    }
  g_autoptr (GError) error = g_error_new_literal (
      FERRY_ERROR, is_pause ? FERRY_ERROR_PAUSED : FERRY_ERROR_OFFLINE, "It goes on later");
  ferry_session_fail (self->session, error);
}

void
ferry_transfer_runner_settle (FerryTransferRunner *self, const GError *error)
{
  g_autoptr (FerryTransferRunner) alive = g_object_ref (self);

  if (!self->settled)
    {
      self->settled = TRUE;
      g_clear_handle_id (&self->sample_id, g_source_remove);
      if (error != NULL)
        {
          self->error = g_error_copy (error);
          g_debug ("%s: %s", ferry_transfer_get_id (self->transfer), error->message);
          g_cancellable_cancel (self->cancellable);
          tell_peer (self);
        }
    }
  ferry_transfer_runner_try_finish (self);
}

void
ferry_transfer_runner_stop (FerryTransferRunner *self, FerryTransferStop why)
{
  g_return_if_fail (FERRY_IS_TRANSFER_RUNNER (self));

  g_autoptr (GError) error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The user stopped the transfer");
  if (!self->settled)
    self->stop = why;
  ferry_transfer_runner_settle (self, error);
}
