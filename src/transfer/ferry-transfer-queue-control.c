/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-error.h"
#include "transfer/ferry-part-file.h"
#include "transfer/ferry-transfer-queue-private.h"

typedef FerryTransferQueueEntry Entry;

/* Stops the attempt that is under way. Returns: %FALSE if there is none */
static gboolean
stop_attempt (Entry *entry, FerryTransferStop why)
{
  if (entry->runner == NULL)
    return FALSE;
  g_autoptr (FerryTransferRunner) runner = g_object_ref (entry->runner);
  ferry_transfer_runner_stop (runner, why);
  return TRUE;
}

/* Ends one at rest. */
static void
end_entry (FerryTransferQueue *self, Entry *entry, FerryTransferEvent event)
{
  FerryTransfer *transfer = entry->transfer;

  if (ferry_transfer_get_journal (transfer)->part_path != NULL)
    ferry_part_file_remove (ferry_transfer_get_journal (transfer)->part_path);
  ferry_transfer_set_part_path (transfer, NULL);
  ferry_transfer_set_times (transfer, ferry_transfer_get_started_us (transfer),
                            g_get_real_time ());
  ferry_transfer_step (transfer, event);
  ferry_transfer_queue_end (self, entry);
}

static void
cancel_entry (FerryTransferQueue *self, Entry *entry)
{
  g_clear_object (&entry->next);
  if (!stop_attempt (entry, FERRY_TRANSFER_STOP_CANCEL))
    end_entry (self, entry, FERRY_TRANSFER_EV_CANCEL);
}

gboolean
ferry_transfer_queue_refuse (FerryTransferQueue *self,
                             FerryTransfer *transfer,
                             const GError *error)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_QUEUE (self), FALSE);

  Entry *entry = ferry_transfer_queue_find (self, transfer);
  if (entry == NULL || ferry_transfer_get_pause (transfer) != FERRY_TRANSFER_PAUSE_KEY)
    return FALSE;
  ferry_transfer_set_error (transfer, error);
  end_entry (self, entry, FERRY_TRANSFER_EV_FAILED);
  return TRUE;
}

void
ferry_transfer_queue_decline (FerryTransferQueue *self, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  Entry *entry = ferry_transfer_queue_find (self, transfer);
  if (entry == NULL || entry->runner != NULL ||
      ferry_transfer_get_state (transfer) != FERRY_TRANSFER_QUEUED)
    return;
  g_autoptr (GError) error = g_error_new_literal (
      FERRY_ERROR, FERRY_ERROR_DECLINED, "The peer has declined what it was sent with");
  ferry_transfer_set_error (transfer, error);
  end_entry (self, entry, FERRY_TRANSFER_EV_DECLINED);
}

void
ferry_transfer_queue_cancel (FerryTransferQueue *self, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  Entry *entry = ferry_transfer_queue_find (self, transfer);
  if (entry != NULL)
    cancel_entry (self, entry);
}

gboolean
ferry_transfer_queue_pause (FerryTransferQueue *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_QUEUE (self), FALSE);

  Entry *entry = ferry_transfer_queue_find (self, transfer);
  if (entry == NULL || !ferry_transfer_can_pause (transfer))
    return FALSE;
  return stop_attempt (entry, FERRY_TRANSFER_STOP_PAUSE) ||
         ferry_transfer_step (transfer, FERRY_TRANSFER_EV_PAUSE);
}

/* The user wants it to go on, but the peer's program cannot be asked for the rest: if it has
 * ended by that, says why. */
static void
end_if_failed (FerryTransferQueue *self, FerryTransfer *transfer)
{
  Entry *entry = ferry_transfer_queue_find (self, transfer);

  if (ferry_transfer_get_state (transfer) != FERRY_TRANSFER_FAILED)
    return;
  g_autoptr (GError) error = g_error_new_literal (
      FERRY_ERROR, FERRY_ERROR_BROKEN, "Only a new offer of the peer brings the rest");
  ferry_transfer_set_error (transfer, error);
  ferry_transfer_set_times (transfer, ferry_transfer_get_started_us (transfer),
                            g_get_real_time ());
  if (entry != NULL)
    ferry_transfer_queue_end (self, entry);
}

gboolean
ferry_transfer_queue_resume (FerryTransferQueue *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_QUEUE (self), FALSE);

  if (ferry_transfer_queue_find (self, transfer) == NULL ||
      !ferry_transfer_step (transfer, FERRY_TRANSFER_EV_RESUME))
    return FALSE;
  end_if_failed (self, transfer);
  return TRUE;
}

static gboolean
can_begin (FerryTransfer *transfer)
{
  return ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND ||
         ferry_transfer_get_machine (transfer)->can_ask;
}

gboolean
ferry_transfer_queue_retry (FerryTransferQueue *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_QUEUE (self), FALSE);

  /* What hardly moves is begun anew, at once. */
  Entry *entry = ferry_transfer_queue_find (self, transfer);
  if (entry != NULL && ferry_transfer_get_state (transfer) == FERRY_TRANSFER_STALLED)
    return can_begin (transfer) && stop_attempt (entry, FERRY_TRANSFER_STOP_LATER);

  if (!ferry_transfer_step (transfer, FERRY_TRANSFER_EV_RETRY))
    return FALSE;
  ferry_transfer_set_error (transfer, NULL);
  end_if_failed (self, transfer);
  if (!ferry_transfer_is_finished (transfer) &&
      ferry_transfer_queue_find (self, transfer) == NULL)
    ferry_transfer_queue_add (self, transfer);
  return TRUE;
}

gboolean
ferry_transfer_queue_take_offer (FerryTransferQueue *self,
                                 FerryTransfer *transfer,
                                 FerrySession *session,
                                 FerryRoute routes)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_QUEUE (self), FALSE);
  g_return_val_if_fail (ferry_transfer_get_journal (transfer)->part_path != NULL, FALSE);

  Entry *entry = ferry_transfer_queue_find (self, transfer);
  ferry_transfer_get_journal (transfer)->routes = routes;
  if (entry != NULL && entry->runner != NULL)
    {
      if (entry->started && ferry_transfer_runner_take_offer (entry->runner, session))
        return TRUE;
      /* The peer has lost what we still wait for. */
      g_set_object (&entry->next, session);
      return stop_attempt (entry, FERRY_TRANSFER_STOP_LATER);
    }
  if (!ferry_transfer_step (transfer, FERRY_TRANSFER_EV_CALLED))
    return FALSE;
  ferry_transfer_set_error (transfer, NULL);
  if (entry == NULL)
    entry = ferry_transfer_queue_add (self, transfer);
  ferry_transfer_queue_take_session (entry, session);
  ferry_transfer_queue_schedule (self);
  return TRUE;
}

gboolean
ferry_transfer_queue_call (FerryTransferQueue *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_QUEUE (self), FALSE);

  Entry *entry = ferry_transfer_queue_find (self, transfer);
  FerryTransferState state = ferry_transfer_get_state (transfer);
  if (entry != NULL && entry->runner != NULL)
    {
      entry->called = TRUE;
      /* An attempt that has got this far is one that the peer knows nothing of any more. */
      if (state == FERRY_TRANSFER_ACTIVE || state == FERRY_TRANSFER_STALLED ||
          state == FERRY_TRANSFER_VERIFYING)
        stop_attempt (entry, FERRY_TRANSFER_STOP_LATER);
      return TRUE;
    }
  if (!ferry_transfer_step (transfer, FERRY_TRANSFER_EV_CALLED) &&
      state != FERRY_TRANSFER_QUEUED)
    return FALSE;
  ferry_transfer_set_error (transfer, NULL);
  if (entry == NULL)
    ferry_transfer_queue_add (self, transfer);
  return TRUE;
}

void
ferry_transfer_queue_suspend (FerryTransferQueue *self)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  self->is_held = TRUE;
  g_autoptr (GPtrArray) runners = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->entries->len; i++)
    if (((Entry *) g_ptr_array_index (self->entries, i))->runner != NULL)
      g_ptr_array_add (runners,
                       g_object_ref (((Entry *) g_ptr_array_index (self->entries, i))->runner));
  for (guint i = 0; i < runners->len; i++)
    ferry_transfer_runner_stop (runners->pdata[i], FERRY_TRANSFER_STOP_LATER);
}
