/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-transfer-queue"

#include "config.h"

#include "transfer/ferry-transfer-queue-private.h"

#include "transfer/ferry-part-file.h"

typedef FerryTransferQueueEntry Entry;

enum
{
  TRANSFER_FINISHED,
  ATTEMPT_FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FerryTransferQueue, ferry_transfer_queue, G_TYPE_OBJECT)

static void
drop_runner (Entry *entry)
{
  g_clear_signal_handler (&entry->finished_id, entry->runner);
  g_clear_object (&entry->runner);
  entry->started = FALSE;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  drop_runner (entry);
  g_clear_handle_id (&entry->hold_id, g_source_remove);
  g_clear_handle_id (&entry->timer_id, g_source_remove);
  g_clear_object (&entry->next);
  g_clear_signal_handler (&entry->state_id, entry->transfer);
  g_clear_object (&entry->transfer);
  g_free (entry);
}

static void
ferry_transfer_queue_dispose (GObject *object)
{
  FerryTransferQueue *self = FERRY_TRANSFER_QUEUE (object);

  g_clear_handle_id (&self->start_id, g_source_remove);
  while (self->entries->len > 0)
    {
      Entry *entry = g_ptr_array_steal_index (self->entries, self->entries->len - 1);
      g_autoptr (FerryTransferRunner) runner =
          entry->runner != NULL ? g_object_ref (entry->runner) : NULL;
      entry_free (entry);
      /* Nobody listens any more, but the peer is told. */
      if (runner != NULL)
        ferry_transfer_runner_stop (runner, FERRY_TRANSFER_STOP_LATER);
    }
  g_clear_object (&self->starter);
  g_clear_object (&self->guard);
  g_clear_object (&self->store);
  g_clear_object (&self->list);

  G_OBJECT_CLASS (ferry_transfer_queue_parent_class)->dispose (object);
}

static void
ferry_transfer_queue_finalize (GObject *object)
{
  FerryTransferQueue *self = FERRY_TRANSFER_QUEUE (object);

  g_ptr_array_unref (self->entries);
  for (guint i = 0; i < G_N_ELEMENTS (self->throttles); i++)
    ferry_throttle_unref (self->throttles[i]);

  G_OBJECT_CLASS (ferry_transfer_queue_parent_class)->finalize (object);
}

static void
ferry_transfer_queue_class_init (FerryTransferQueueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_transfer_queue_dispose;
  object_class->finalize = ferry_transfer_queue_finalize;

  signals[ATTEMPT_FINISHED] =
      g_signal_new ("attempt-finished", FERRY_TYPE_TRANSFER_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 0);
  signals[TRANSFER_FINISHED] =
      g_signal_new ("transfer-finished", FERRY_TYPE_TRANSFER_QUEUE, G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 1, FERRY_TYPE_TRANSFER);
}

static void
ferry_transfer_queue_init (FerryTransferQueue *self)
{
  self->hash = FERRY_HASH_SHA256;
  self->limits[FERRY_DIRECTION_SEND] = FERRY_TRANSFER_QUEUE_DEFAULT_LIMIT;
  self->limits[FERRY_DIRECTION_RECEIVE] = FERRY_TRANSFER_QUEUE_DEFAULT_LIMIT;
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  for (guint i = 0; i < G_N_ELEMENTS (self->throttles); i++)
    self->throttles[i] = ferry_throttle_new ();
}

FerryTransferQueue *
ferry_transfer_queue_new (GListStore *list, FerryTransferStarter *starter)
{
  g_return_val_if_fail (G_IS_LIST_STORE (list), NULL);
  g_return_val_if_fail (FERRY_IS_TRANSFER_STARTER (starter), NULL);

  FerryTransferQueue *self = g_object_new (FERRY_TYPE_TRANSFER_QUEUE, NULL);
  self->list = g_object_ref (list);
  self->starter = g_object_ref (starter);
  return self;
}

void
ferry_transfer_queue_set_hash (FerryTransferQueue *self, FerryHashAlgo hash)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  self->hash = hash;
}

void
ferry_transfer_queue_set_guard (FerryTransferQueue *self, FerryTransferGuard *guard)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  g_set_object (&self->guard, guard);
}

void
ferry_transfer_queue_set_store (FerryTransferQueue *self, FerryStore *store)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  g_set_object (&self->store, store);
}

/* --- Whose turn it is -----------------------------------------------------------------------
 */

static Entry *
get_entry (FerryTransferQueue *self, guint i)
{
  return g_ptr_array_index (self->entries, i);
}

Entry *
ferry_transfer_queue_find (FerryTransferQueue *self, FerryTransfer *transfer)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (get_entry (self, i)->transfer == transfer)
      return get_entry (self, i);
  return NULL;
}

static void on_finished (FerryTransferRunner *runner, gpointer user_data);

static void
take_runner (Entry *entry, FerryTransferRunner *runner)
{
  FerryDirection direction = ferry_transfer_get_direction (entry->transfer);

  entry->runner = runner;
  ferry_transfer_runner_set_throttle (runner, entry->queue->throttles[direction]);
  ferry_transfer_runner_set_guard (runner, entry->queue->guard);
  ferry_transfer_runner_set_store (runner, entry->queue->store);
  entry->finished_id = g_signal_connect (runner, "finished", G_CALLBACK (on_finished), entry);
}

/* An offer of the rest of a file. */
void
ferry_transfer_queue_take_session (Entry *entry, FerrySession *session)
{
  g_autofree char *folder =
      g_path_get_dirname (ferry_transfer_get_journal (entry->transfer)->part_path);

  take_runner (entry,
               ferry_transfer_runner_new_receiver (
                   entry->transfer, session, folder,
                   ferry_transfer_get_journal (entry->transfer)->routes, entry->queue->hash));
}

static FerryTransferRunner *
make_runner (FerryTransferQueue *self, Entry *entry)
{
  if (ferry_transfer_get_direction (entry->transfer) == FERRY_DIRECTION_SEND)
    return ferry_transfer_runner_new_sender (entry->transfer, self->starter, self->hash);
  return ferry_transfer_runner_new_asker (entry->transfer, self->starter, self->hash);
}

static gboolean
start_cb (gpointer user_data)
{
  FerryTransferQueue *self = user_data;
  Entry *entry;

  self->start_id = 0;
  /* A start can change the queue, so it is looked at anew each time. */
  while (!self->is_held && (entry = ferry_transfer_queue_find_next (self)) != NULL)
    {
      if (entry->runner == NULL)
        take_runner (entry, make_runner (self, entry));
      entry->started = TRUE;
      entry->retry_asked = FALSE;
      entry->called = FALSE;
      g_autoptr (FerryTransferRunner) runner = g_object_ref (entry->runner);
      ferry_transfer_runner_start (runner);
    }
  ferry_transfer_queue_count_ahead (self);
  return G_SOURCE_REMOVE;
}

/* Later, because whoever changes the queue may not be done with it. */
void
ferry_transfer_queue_schedule (FerryTransferQueue *self)
{
  if (self->start_id == 0)
    self->start_id = g_idle_add_full (G_PRIORITY_DEFAULT, start_cb, self, NULL);
}

static void
on_state (FerryTransfer *transfer, GParamSpec *pspec, gpointer user_data)
{
  Entry *entry = user_data;

  ferry_transfer_queue_watch (entry);
  ferry_transfer_queue_schedule (entry->queue);
}

void
ferry_transfer_queue_end (FerryTransferQueue *self, Entry *entry)
{
  g_autoptr (FerryTransfer) transfer = g_object_ref (entry->transfer);

  ferry_transfer_set_held (transfer, FALSE);
  g_ptr_array_remove (self->entries, entry);
  ferry_transfer_queue_schedule (self);
  g_signal_emit (self, signals[TRANSFER_FINISHED], 0, transfer);
}

static void
on_finished (FerryTransferRunner *runner, gpointer user_data)
{
  Entry *entry = user_data;
  g_autoptr (FerrySession) next = g_steal_pointer (&entry->next);

  if (next != NULL)
    ferry_transfer_step (entry->transfer, FERRY_TRANSFER_EV_CALLED);
  g_autoptr (FerryTransferQueue) queue = g_object_ref (entry->queue);
  if (ferry_transfer_is_finished (entry->transfer))
    {
      ferry_transfer_queue_end (queue, entry);
      g_signal_emit (queue, signals[ATTEMPT_FINISHED], 0);
      return;
    }
  drop_runner (entry);
  if (next != NULL)
    ferry_transfer_queue_take_session (entry, next);
  if (entry->retry_asked)
    ferry_transfer_step (entry->transfer, FERRY_TRANSFER_EV_CAME);
  if (entry->called)
    ferry_transfer_step (entry->transfer, FERRY_TRANSFER_EV_CALLED);
  ferry_transfer_queue_schedule (queue);
  g_signal_emit (queue, signals[ATTEMPT_FINISHED], 0);
}

/* @transfer: its machine knows already where it stands */
Entry *
ferry_transfer_queue_add (FerryTransferQueue *self, FerryTransfer *transfer)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->queue = self;
  entry->transfer = g_object_ref (transfer);
  entry->state_id = g_signal_connect (transfer, "notify::state", G_CALLBACK (on_state), entry);
  ferry_transfer_queue_place_last (self, entry);
  if (!g_list_store_find (self->list, transfer, NULL))
    g_list_store_insert (self->list, 0, transfer);
  ferry_transfer_queue_watch (entry);
  ferry_transfer_queue_schedule (self);
  return entry;
}

/* --- What others ask for --------------------------------------------------------------------
 */

void
ferry_transfer_queue_set_rate (FerryTransferQueue *self, FerryDirection direction, guint64 rate)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  ferry_throttle_set_rate (self->throttles[direction], rate);
}

void
ferry_transfer_queue_send (FerryTransferQueue *self, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));
  g_return_if_fail (FERRY_IS_TRANSFER (transfer));
  g_return_if_fail (ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND);
  g_return_if_fail (ferry_transfer_queue_find (self, transfer) == NULL);

  ferry_transfer_set_state (transfer, FERRY_TRANSFER_QUEUED);
  ferry_transfer_queue_add (self, transfer);
}

void
ferry_transfer_queue_restore (FerryTransferQueue *self, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));
  g_return_if_fail (!ferry_transfer_is_finished (transfer));
  g_return_if_fail (ferry_transfer_queue_find (self, transfer) == NULL);

  ferry_transfer_queue_add (self, transfer);
}

void
ferry_transfer_queue_set_batch (FerryTransferQueue *self,
                                FerryTransfer *transfer,
                                const FerryBatchInfo *batch)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  ferry_transfer_set_batch (transfer, batch);
  ferry_transfer_queue_schedule (self);
}

void
ferry_transfer_queue_hold (FerryTransferQueue *self, gboolean is_held)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  self->is_held = is_held;
  ferry_transfer_queue_count_ahead (self);
  ferry_transfer_queue_schedule (self);
}

static gboolean
hold_ended_cb (gpointer user_data)
{
  Entry *entry = user_data;

  entry->hold_id = 0;
  ferry_transfer_set_held (entry->transfer, FALSE);
  ferry_transfer_queue_schedule (entry->queue);
  return G_SOURCE_REMOVE;
}

void
ferry_transfer_queue_send_held (FerryTransferQueue *self,
                                FerryTransfer *transfer,
                                guint hold_ms)
{
  ferry_transfer_set_held (transfer, TRUE);
  ferry_transfer_queue_send (self, transfer);

  Entry *entry = ferry_transfer_queue_find (self, transfer);
  g_return_if_fail (entry != NULL);
  entry->hold_id = g_timeout_add (hold_ms, hold_ended_cb, entry);
}

void
ferry_transfer_queue_receive (FerryTransferQueue *self,
                              FerryTransfer *transfer,
                              FerrySession *session,
                              const char *folder,
                              FerryRoute routes)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));
  g_return_if_fail (FERRY_IS_TRANSFER (transfer));
  g_return_if_fail (ferry_transfer_queue_find (self, transfer) == NULL);

  g_autofree char *part =
      ferry_part_file_make_path (folder, ferry_transfer_get_name (transfer));
  ferry_transfer_get_journal (transfer)->routes = routes;
  ferry_transfer_set_part_path (transfer, part);
  ferry_transfer_set_state (transfer, FERRY_TRANSFER_QUEUED);
  Entry *entry = ferry_transfer_queue_add (self, transfer);
  /* From now on, because the offer may be withdrawn while it waits for its turn. */
  take_runner (entry, ferry_transfer_runner_new_receiver (transfer, session, folder, routes,
                                                          self->hash));
}

/* During an attempt: when that has failed. */
static void
retry (Entry *entry)
{
  if (!ferry_transfer_step (entry->transfer, FERRY_TRANSFER_EV_CAME))
    entry->retry_asked = TRUE;
}

void
ferry_transfer_queue_retry_waiting (FerryTransferQueue *self, FerryJid *peer)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self));

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = get_entry (self, i);
      if (peer == NULL ||
          ferry_jid_equal_bare (ferry_transfer_get_peer (entry->transfer), peer))
        retry (entry);
    }
}

void
ferry_transfer_queue_retry_asking (FerryTransferQueue *self, FerryJid *device)
{
  g_return_if_fail (FERRY_IS_TRANSFER_QUEUE (self) && device != NULL);

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = get_entry (self, i);
      if (ferry_transfer_get_direction (entry->transfer) == FERRY_DIRECTION_RECEIVE &&
          ferry_jid_equal (ferry_transfer_get_peer (entry->transfer), device))
        retry (entry);
    }
}

guint
ferry_transfer_queue_get_n_attempts (FerryTransferQueue *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER_QUEUE (self), 0);

  guint n = 0;
  for (guint i = 0; i < self->entries->len; i++)
    n += get_entry (self, i)->runner != NULL ? 1 : 0;
  return n;
}
