/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-error.h"
#include "transfer/ferry-part-file.h"
#include "transfer/ferry-transfer-queue-private.h"

/* Who receives lets the sender try first. */
#define RECEIVER_DELAY_MS 5000
#define SPACE_PERIOD_S 5
/* How long a file waits for an absent contact. */
#define PATIENCE_US (G_GINT64_CONSTANT (30) * 24 * 3600 * G_USEC_PER_SEC)

typedef FerryTransferQueueEntry Entry;

static gboolean
alarm_cb (gpointer user_data)
{
  Entry *entry = user_data;

  entry->timer_id = 0;
  ferry_transfer_step (entry->transfer, FERRY_TRANSFER_EV_ALARM);
  return G_SOURCE_REMOVE;
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryTransfer) transfer = user_data;

  if (ferry_part_file_probe_finish (result))
    ferry_transfer_step (transfer, FERRY_TRANSFER_EV_SPACE);
}

static gboolean
space_cb (gpointer user_data)
{
  Entry *entry = user_data;
  const char *path = ferry_transfer_get_journal (entry->transfer)->part_path;

  if (path != NULL)
    ferry_part_file_probe_async (path, ferry_transfer_get_size (entry->transfer), probed_cb,
                                 g_object_ref (entry->transfer));
  return G_SOURCE_CONTINUE;
}

static gboolean
expired_cb (gpointer user_data)
{
  Entry *entry = user_data;
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_TIMEOUT,
                                                  "The contact did not come in 30 days");

  entry->timer_id = 0;
  ferry_transfer_set_error (entry->transfer, error);
  ferry_transfer_set_times (entry->transfer, ferry_transfer_get_started_us (entry->transfer),
                            g_get_real_time ());
  ferry_transfer_step (entry->transfer, FERRY_TRANSFER_EV_EXPIRED);
  ferry_transfer_queue_end (entry->queue, entry);
  return G_SOURCE_REMOVE;
}

static void
watch_alarm (Entry *entry)
{
  const FerryTransferMachine *machine = ferry_transfer_get_machine (entry->transfer);
  guint delay_ms = ferry_transfer_machine_get_delay_ms (machine);

  if (!machine->is_sending)
    delay_ms += RECEIVER_DELAY_MS;
  entry->timer_id = g_timeout_add (delay_ms, alarm_cb, entry);
  ferry_transfer_set_retry_at (entry->transfer,
                               g_get_monotonic_time () + (gint64) delay_ms * 1000);
}

static void
watch_patience (Entry *entry)
{
  gint64 waited_us = g_get_real_time () - ferry_transfer_get_created_us (entry->transfer);
  gint64 left_s = (PATIENCE_US - waited_us) / G_USEC_PER_SEC;

  entry->timer_id = g_timeout_add_seconds (
      (guint) CLAMP (left_s, 1, PATIENCE_US / G_USEC_PER_SEC), expired_cb, entry);
}

void
ferry_transfer_queue_watch (Entry *entry)
{
  g_clear_handle_id (&entry->timer_id, g_source_remove);
  switch (ferry_transfer_machine_get_phase (ferry_transfer_get_machine (entry->transfer)))
    {
    case FERRY_TRANSFER_WANTS_ALARM:
      watch_alarm (entry);
      break;
    case FERRY_TRANSFER_WANTS_CONTACT:
      watch_patience (entry);
      break;
    case FERRY_TRANSFER_WANTS_SPACE:
      entry->timer_id = g_timeout_add_seconds (SPACE_PERIOD_S, space_cb, entry);
      break;
    case FERRY_TRANSFER_WANTS_TURN:
    case FERRY_TRANSFER_WANTS_ATTEMPT:
    case FERRY_TRANSFER_WANTS_NOTHING:
    case FERRY_TRANSFER_WANTS_NO_MORE:
    default:
      break;
    }
}
