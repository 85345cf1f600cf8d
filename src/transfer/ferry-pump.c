/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-pump"

#include "config.h"

#include "transfer/ferry-pump.h"

#include "base/ferry-source.h"

#include "transfer/ferry-pump-private.h"

#include <glib-unix.h>

/* A thread that hangs in a dead network file system is left to finish alone. */
#define ABANDON_AFTER_MS 2000

/* ferry_pump_run_async:
 *   thread starts → (cancelled_cb → abandon_cb) → finished_cb joins it → task returns
 */
struct _FerryPump
{
  GObject parent_instance;

  FerryPumpWorker *worker;
  GThread *thread;
  GTask *task; /* while it runs */
  GSource *finished_source;
  GSource *abandon_source;
  gulong cancelled_id;
  gboolean has_run;
  gboolean has_results; /* the thread was joined */
};

G_DEFINE_FINAL_TYPE (FerryPump, ferry_pump, G_TYPE_OBJECT)

static void
ferry_pump_finalize (GObject *object)
{
  FerryPump *self = FERRY_PUMP (object);

  /* A running task holds a reference, so there is no thread here. */
  g_assert (self->task == NULL);
  g_clear_pointer (&self->worker, ferry_pump_worker_unref);

  G_OBJECT_CLASS (ferry_pump_parent_class)->finalize (object);
}

static void
ferry_pump_class_init (FerryPumpClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_pump_finalize;
}

static void
ferry_pump_init (FerryPump *self)
{
}

static FerryPump *
new_pump (
    GSocket *socket, int fd, guint64 offset, guint64 length, FerryHashAlgo hash, gboolean sends)
{
  FerryPump *self = g_object_new (FERRY_TYPE_PUMP, NULL);
  self->worker = ferry_pump_worker_new (g_socket_get_fd (socket), fd, offset, length, sends);
  self->worker->algo = hash;
  return self;
}

FerryPump *
ferry_pump_new_sender (
    GSocket *socket, int fd, guint64 offset, guint64 length, FerryHashAlgo hash)
{
  g_return_val_if_fail (G_IS_SOCKET (socket), NULL);
  g_return_val_if_fail (offset <= G_MAXINT64 && length <= G_MAXINT64 - offset, NULL);

  return new_pump (socket, fd, offset, length, hash, TRUE);
}

FerryPump *
ferry_pump_new_receiver (
    GSocket *socket, int fd, guint64 offset, gint64 length, FerryHashAlgo hash)
{
  g_return_val_if_fail (G_IS_SOCKET (socket), NULL);
  g_return_val_if_fail (offset <= G_MAXINT64 && length >= -1, NULL);
  g_return_val_if_fail (length <= (gint64) (G_MAXINT64 - offset), NULL);

  return new_pump (socket, fd, offset, length < 0 ? FERRY_PUMP_UNTIL_END : (guint64) length,
                   hash, FALSE);
}

void
ferry_pump_set_limits (FerryPump *self, const FerryPumpLimits *limits)
{
  g_return_if_fail (FERRY_IS_PUMP (self));
  g_return_if_fail (!self->has_run);

  self->worker->limits = *limits;
}

void
ferry_pump_take_hasher (FerryPump *self, FerryHasher *hasher)
{
  g_return_if_fail (FERRY_IS_PUMP (self));
  g_return_if_fail (!self->has_run && self->worker->algo != FERRY_HASH_NONE);

  self->worker->hasher = hasher;
}

/* Ends the run, whether the thread is done or abandoned. */
static GTask *
end_run (FerryPump *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  /* First, because it waits for a cancelled_cb in another thread. */
  g_cancellable_disconnect (cancellable, self->cancelled_id);
  ferry_clear_source (&self->finished_source);
  ferry_clear_source (&self->abandon_source);
  return g_steal_pointer (&self->task);
}

static gboolean
finished_cb (int fd, GIOCondition condition, gpointer user_data)
{
  FerryPump *self = user_data;

  g_thread_join (g_steal_pointer (&self->thread));
  self->has_results = TRUE;

  g_autoptr (GTask) task = end_run (self);
  FerryPumpWorker *worker = self->worker;
  g_debug ("%s %" G_GUINT64_FORMAT " bytes: %s", worker->sends ? "sent" : "received",
           ferry_pump_get_n_done (self),
           worker->error != NULL ? worker->error->message : "complete");
  if (worker->error != NULL)
    g_task_return_error (task, g_error_copy (worker->error));
  else
    g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
abandon_cb (gpointer user_data)
{
  FerryPump *self = user_data;

  g_debug ("the thread hangs and is left alone");
  g_thread_unref (g_steal_pointer (&self->thread));
  g_autoptr (GTask) task = end_run (self);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The transfer was stopped");
  return G_SOURCE_REMOVE;
}

/* May run in any thread that cancels. */
static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  FerryPump *self = user_data;

  ferry_pump_worker_stop (self->worker);
  g_source_set_ready_time (self->abandon_source,
                           g_get_monotonic_time () + ABANDON_AFTER_MS * 1000);
}

static gboolean
dispatch_abandon (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs abandon_funcs = { .dispatch = dispatch_abandon };

static void
watch_thread (FerryPump *self)
{
  GMainContext *context = g_task_get_context (self->task);

  self->finished_source = g_unix_fd_source_new (self->worker->finished, G_IO_IN);
  g_source_set_callback (self->finished_source, G_SOURCE_FUNC (finished_cb), self, NULL);
  g_source_attach (self->finished_source, context);
  /* Never ready unless cancelled. */
  self->abandon_source = g_source_new (&abandon_funcs, sizeof (GSource));
  g_source_set_callback (self->abandon_source, abandon_cb, self, NULL);
  g_source_attach (self->abandon_source, context);
}

void
ferry_pump_set_content (FerryPump *self, const FerryPumpContent *content, gpointer data)
{
  g_return_if_fail (FERRY_IS_PUMP (self));
  g_return_if_fail (!self->has_run && self->worker->content == NULL);

  self->worker->content = content;
  self->worker->content_data = data;
}

void
ferry_pump_set_throttle (FerryPump *self, FerryThrottle *throttle)
{
  g_return_if_fail (FERRY_IS_PUMP (self));
  g_return_if_fail (!self->has_run && self->worker->throttle == NULL);

  self->worker->throttle = ferry_throttle_ref (throttle);
}

void
ferry_pump_set_tls (FerryPump *self, FerryTlsAgreement *agreement)
{
  g_return_if_fail (FERRY_IS_PUMP (self));
  g_return_if_fail (!self->has_run && self->worker->tls == NULL);

  self->worker->tls = ferry_tls_agreement_ref (agreement);
}

void
ferry_pump_set_handshake_limit (FerryPump *self, int limit_ms)
{
  g_return_if_fail (FERRY_IS_PUMP (self));
  g_return_if_fail (!self->has_run && limit_ms > 0);

  self->worker->limits.handshake_ms = limit_ms;
}

void
ferry_pump_run_async (FerryPump *self,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PUMP (self));
  g_return_if_fail (!self->has_run);

  g_autoptr (GError) error = NULL;
  self->has_run = TRUE;
  self->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->task, ferry_pump_run_async);

  ferry_pump_worker_ref (self->worker);
  self->thread = g_thread_try_new ("ferry-pump", ferry_pump_worker_run, self->worker, &error);
  if (self->thread == NULL)
    {
      ferry_pump_worker_unref (self->worker);
      g_autoptr (GTask) task = g_steal_pointer (&self->task);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  watch_thread (self);
  if (cancellable != NULL)
    self->cancelled_id =
        g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
}

gboolean
ferry_pump_run_finish (FerryPump *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

guint64
ferry_pump_get_n_done (FerryPump *self)
{
  g_return_val_if_fail (FERRY_IS_PUMP (self), 0);

  return atomic_load_explicit (&self->worker->n_done, memory_order_relaxed);
}

gboolean
ferry_pump_has_met_peer (FerryPump *self)
{
  g_return_val_if_fail (FERRY_IS_PUMP (self), FALSE);

  return atomic_load (&self->worker->has_met_peer);
}

gboolean
ferry_pump_get_hash (FerryPump *self, FerryHash *out)
{
  g_return_val_if_fail (FERRY_IS_PUMP (self), FALSE);
  g_return_val_if_fail (out != NULL, FALSE);

  if (!self->has_results)
    return FALSE;
  *out = self->worker->hash;
  return out->algo != FERRY_HASH_NONE;
}

gboolean
ferry_pump_get_peer_closed (FerryPump *self)
{
  g_return_val_if_fail (FERRY_IS_PUMP (self), FALSE);

  return self->has_results && self->worker->peer_closed;
}
