/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver of FerryIbb: turns stanzas, the socket pair and the clock into events, which
 * ferry-ibb-effects.c answers. Nothing is decided here. */
#define G_LOG_DOMAIN "ferry-ibb-bytestream"

#include "config.h"

#include "bytestream/ibb/ferry-ibb-bytestream-private.h"

#include "base/ferry-error.h"
#include "bytestream/ibb/ferry-ibb-service-private.h"

static void ferry_ibb_bytestream_iface_init (FerryBytestreamInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (FerryIbbBytestream,
                               ferry_ibb_bytestream,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_BYTESTREAM,
                                                      ferry_ibb_bytestream_iface_init))

static guint note_signal;

static void
input_free (FerryIbbInputEvent *input)
{
  g_clear_pointer (&input->stanza, ferry_node_unref);
  g_clear_pointer (&input->block, g_bytes_unref);
  g_clear_error (&input->error);
  g_free (input);
}

void
ferry_ibb_bytestream_note (FerryIbbBytestream *self, const char *text)
{
  g_debug ("%s: %s", self->sid, text);
  g_signal_emit (self, note_signal, 0, text);
}

static gboolean
is_iq (FerryNode *stanza)
{
  return ferry_node_is (stanza, "iq", NULL);
}

/* --- Input: one at a time, in order ---------------------------------------------------------
 */

static void work_on (FerryIbbBytestream *self);

static void
put (FerryIbbBytestream *self, const FerryIbbEvent *event, FerryNode *stanza, GBytes *block)
{
  FerryIbbInputEvent *input = g_new0 (FerryIbbInputEvent, 1);
  input->event = *event;
  input->stanza = stanza != NULL ? ferry_node_ref (stanza) : NULL;
  input->block = block != NULL ? g_bytes_ref (block) : NULL;
  input->error = event->error != NULL ? g_error_copy (event->error) : NULL;
  input->event.error = input->error;
  g_queue_push_tail (&self->inputs, input);
}

void
ferry_ibb_bytestream_handle (FerryIbbBytestream *self,
                             const FerryIbbEvent *event,
                             FerryNode *stanza,
                             GBytes *block)
{
  put (self, event, stanza, block);
  work_on (self);
}

void
ferry_ibb_bytestream_handle_plain (FerryIbbBytestream *self, FerryIbbEventType type)
{
  const FerryIbbEvent event = { .type = type };
  ferry_ibb_bytestream_handle (self, &event, NULL, NULL);
}

void
ferry_ibb_bytestream_report_room (FerryIbbBytestream *self)
{
  g_autofree FerryIbbTaken *taken = g_queue_pop_head (&self->taken);
  const FerryIbbEvent event = { .type = FERRY_IBB_EV_ROOM,
                                .size = taken->size,
                                .by_message = taken->by_message };
  put (self, &event, NULL, NULL);
}

/* --- What is told above ---------------------------------------------------------------------
 */

static void
forget_cancellable (FerryIbbBytestream *self)
{
  if (self->cancel_source != NULL)
    g_source_destroy (self->cancel_source);
  g_clear_pointer (&self->cancel_source, g_source_unref);
}

void
ferry_ibb_bytestream_become_ready (FerryIbbBytestream *self)
{
  self->ready = TRUE;
  ferry_ibb_bytestream_note (self, "In-band: the stream is open");
  if (self->opening == NULL)
    return;

  g_autoptr (GTask) task = g_steal_pointer (&self->opening);
  forget_cancellable (self);
  g_task_return_pointer (task, ferry_ibb_pair_take_far (self->pair), g_object_unref);
}

static void
return_closed (FerryIbbBytestream *self, GTask *task)
{
  if (self->machine.error != NULL)
    g_task_return_error (task, g_error_copy (self->machine.error));
  else
    g_task_return_boolean (task, TRUE);
}

gboolean
ferry_ibb_bytestream_is_complete (FerryIbbBytestream *self)
{
  g_return_val_if_fail (FERRY_IS_IBB_BYTESTREAM (self), FALSE);

  return self->machine.state == FERRY_IBB_STATE_ENDED && self->machine.error == NULL;
}

void
ferry_ibb_bytestream_end (FerryIbbBytestream *self)
{
  g_autoptr (GTask) opening = g_steal_pointer (&self->opening);
  g_autoptr (GTask) closing = g_steal_pointer (&self->closing);
  FerryNode *request;

  forget_cancellable (self);
  g_cancellable_cancel (self->queries);
  if (self->entry != NULL)
    ferry_ibb_service_unregister (self->service, g_steal_pointer (&self->entry));
  while ((request = g_queue_pop_head (&self->unanswered)) != NULL)
    {
      ferry_router_reply_error (self->router, request, FERRY_STANZA_ITEM_NOT_FOUND, NULL);
      ferry_node_unref (request);
    }
  if (self->pair != NULL)
    ferry_ibb_pair_shut (self->pair);
  if (self->machine.error != NULL)
    ferry_ibb_bytestream_note (self, self->machine.error->message);
  if (opening != NULL)
    g_task_return_error (opening, g_error_copy (self->machine.error));
  if (closing != NULL)
    return_closed (self, closing);
}

/* --- The clock ------------------------------------------------------------------------------
 */

/* Stands still while the XMPP stream is interrupted: nobody can answer then. */
static gint64
get_now_ms (FerryIbbBytestream *self)
{
  gint64 now = self->paused_at_us != 0 ? self->paused_at_us : g_get_monotonic_time ();
  return (now - self->paused_us) / 1000;
}

static gboolean
on_timer (gpointer user_data)
{
  FerryIbbBytestream *self = user_data;
  self->timer = 0;
  ferry_ibb_bytestream_handle_plain (self, FERRY_IBB_EV_TIMER);
  return G_SOURCE_REMOVE;
}

static void
update_timer (FerryIbbBytestream *self)
{
  gint64 deadline = ferry_ibb_get_deadline (&self->machine);

  g_clear_handle_id (&self->timer, g_source_remove);
  if (deadline >= 0 && self->paused_at_us == 0)
    self->timer = g_timeout_add ((guint) MAX (deadline - get_now_ms (self), 1), on_timer, self);
}

/* Returns: whether there is something to work on */
static gboolean
read_local (FerryIbbBytestream *self)
{
  gboolean is_eof;

  if (self->pair == NULL || self->paused_at_us != 0 || !ferry_ibb_wants_local (&self->machine))
    return FALSE;
  g_autoptr (GBytes) block =
      ferry_ibb_pair_read (self->pair, self->machine.block_size, &is_eof);
  if (block == NULL && !is_eof)
    return FALSE; /* on_pair_readable() will be called */
  const FerryIbbEvent event = { .type =
                                    is_eof ? FERRY_IBB_EV_LOCAL_EOF : FERRY_IBB_EV_LOCAL_BYTES,
                                .size = is_eof ? 0 : (guint) g_bytes_get_size (block) };
  put (self, &event, NULL, block);
  return TRUE;
}

static void
work (FerryIbbBytestream *self)
{
  /* A task that returns may drop the last reference from outside. */
  g_autoptr (FerryIbbBytestream) alive = g_object_ref (self);
  FerryIbbEffects effects;
  FerryIbbInputEvent *input;

  self->working = TRUE;
  do
    while ((input = g_queue_pop_head (&self->inputs)) != NULL)
      {
        ferry_ibb_step (&self->machine, &input->event, get_now_ms (self), &effects);
        for (guint i = 0; i < effects.n_items; i++)
          ferry_ibb_bytestream_perform (self, &effects.items[i], input);
        input_free (input);
      }
  while (read_local (self));
  self->working = FALSE;
  update_timer (self);
}

static void
work_on (FerryIbbBytestream *self)
{
  if (!self->working)
    work (self);
}

/* --- Events ---------------------------------------------------------------------------------
 */

static void
on_pair_readable (gpointer user_data)
{
  work_on (user_data);
}

static void
on_pair_written (gpointer user_data)
{
  FerryIbbBytestream *self = user_data;
  ferry_ibb_bytestream_report_room (self);
  work_on (self);
}

static void
on_pair_gone (gpointer user_data)
{
  ferry_ibb_bytestream_handle_plain (user_data, FERRY_IBB_EV_LOCAL_GONE);
}

static const FerryIbbPairFuncs pair_funcs = {
  .readable = on_pair_readable,
  .written = on_pair_written,
  .gone = on_pair_gone,
};

static gboolean
is_repeat (FerryIbbBytestream *self, FerryNode *stanza, GBytes *block)
{
  const char *id = ferry_node_get_attr (stanza, "id");
  if (id == NULL || g_strcmp0 (id, self->last_id) != 0)
    return FALSE;
  return block == self->last_block ||
         (block != NULL && self->last_block != NULL && g_bytes_equal (block, self->last_block));
}

static void
take_data (FerryIbbBytestream *self, FerryNode *stanza, FerryNode *payload)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) block = NULL;
  FerryIbbEvent event = { .type = FERRY_IBB_EV_PEER_DATA, .by_message = !is_iq (stanza) };
  FerryIbbData data;

  if (ferry_ibb_data_parse (payload, &data, &error))
    block = ferry_ibb_data_decode (&data, self->machine.block_size, &error);
  if (block != NULL)
    {
      event.seq = data.seq;
      event.size = (guint) g_bytes_get_size (block);
      event.repeated = is_repeat (self, stanza, block);
    }
  else
    {
      g_debug ("%s: %s", self->sid, error->message);
      event.type = FERRY_IBB_EV_PEER_BAD;
    }
  ferry_ibb_bytestream_handle (self, &event, stanza, block);
}

static void
take_open (FerryIbbBytestream *self, FerryNode *stanza, FerryNode *payload)
{
  g_autoptr (GError) error = NULL;
  FerryIbbOpen open;

  if (!ferry_ibb_open_parse (payload, &open, &error))
    {
      g_debug ("%s: %s", self->sid, error->message);
      ferry_router_reply_error (self->router, stanza, FERRY_STANZA_BAD_REQUEST, NULL);
      return;
    }
  const FerryIbbEvent event = { .type = FERRY_IBB_EV_PEER_OPEN,
                                .block_size = open.block_size,
                                .stanza = open.stanza,
                                .repeated = is_repeat (self, stanza, NULL) };
  ferry_ibb_bytestream_handle (self, &event, stanza, NULL);
}

static void
take_close (FerryIbbBytestream *self, FerryNode *stanza)
{
  const FerryIbbEvent event = { .type = FERRY_IBB_EV_PEER_CLOSE,
                                .size = (guint) ferry_ibb_pair_get_available (self->pair) };
  ferry_ibb_bytestream_handle (self, &event, stanza, NULL);
}

static void
on_input (FerryNode *stanza, FerryNode *payload, gpointer user_data)
{
  g_autoptr (FerryIbbBytestream) self = g_object_ref (user_data);

  if (!is_iq (stanza) && g_strcmp0 (ferry_node_get_attr (stanza, "type"), "error") == 0)
    {
      g_autoptr (GError) error = ferry_stanza_error_parse (stanza);
      const FerryIbbEvent event = { .type = FERRY_IBB_EV_BOUNCED, .error = error };
      ferry_ibb_bytestream_handle (self, &event, NULL, NULL);
    }
  else if (ferry_node_is (payload, "data", NULL))
    take_data (self, stanza, payload);
  else if (ferry_node_is (payload, "open", NULL))
    take_open (self, stanza, payload);
  else if (ferry_node_is (payload, "close", NULL))
    take_close (self, stanza);
  else
    ferry_router_reply_error (self->router, stanza, FERRY_STANZA_BAD_REQUEST, NULL);
}

static void
on_stream_state_changed (FerryIbbBytestream *self, FerryStream *stream)
{
  gboolean interrupted = ferry_stream_get_state (stream) == FERRY_STREAM_INTERRUPTED;

  if (interrupted && self->paused_at_us == 0)
    self->paused_at_us = g_get_monotonic_time ();
  else if (!interrupted && self->paused_at_us != 0)
    {
      self->paused_us += g_get_monotonic_time () - self->paused_at_us;
      self->paused_at_us = 0;
    }
  work_on (self);
}

static void
on_stream_online (FerryIbbBytestream *self, gboolean resumed, FerryStream *stream)
{
  if (!resumed)
    ferry_ibb_bytestream_handle_plain (self, FERRY_IBB_EV_OFFLINE);
}

static void
on_stream_offline (FerryIbbBytestream *self, const GError *error, FerryStream *stream)
{
  ferry_ibb_bytestream_handle_plain (self, FERRY_IBB_EV_OFFLINE);
}

/* --- The interface --------------------------------------------------------------------------
 */

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  ferry_ibb_bytestream_handle_plain (user_data, FERRY_IBB_EV_ABANDON);
  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (FerryIbbBytestream *self, GCancellable *cancellable)
{
  forget_cancellable (self);
  if (cancellable == NULL)
    return;
  self->cancel_source = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancel_source, G_SOURCE_FUNC (on_cancelled), self, NULL);
  g_source_attach (self->cancel_source, g_main_context_get_thread_default ());
}

static void
ferry_ibb_bytestream_open_async (FerryBytestream *stream,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  FerryIbbBytestream *self = FERRY_IBB_BYTESTREAM (stream);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_ibb_bytestream_open_async);

  if (self->no_pair != NULL)
    g_task_return_error (task, g_error_copy (self->no_pair));
  else if (self->ready)
    g_task_return_pointer (task, ferry_ibb_pair_take_far (self->pair), g_object_unref);
  else if (self->machine.state == FERRY_IBB_STATE_ENDED)
    g_task_return_error (task, g_error_copy (self->machine.error));
  else if (self->entry == NULL)
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_LIMIT,
                             "Too many in-band streams with this peer");
  else
    {
      self->opening = g_steal_pointer (&task);
      watch_cancellable (self, cancellable);
      ferry_ibb_bytestream_handle_plain (self, FERRY_IBB_EV_BEGIN);
    }
}

static GSocket *
ferry_ibb_bytestream_open_finish (FerryBytestream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
ferry_ibb_bytestream_close_async (FerryBytestream *stream,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  FerryIbbBytestream *self = FERRY_IBB_BYTESTREAM (stream);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_ibb_bytestream_close_async);
  /* The bytes may be out although somebody lost patience meanwhile. */
  g_task_set_check_cancellable (task, FALSE);

  if (self->machine.state == FERRY_IBB_STATE_ENDED)
    return_closed (self, task);
  else if (self->closing != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "Already closing");
  else
    {
      self->closing = g_steal_pointer (&task);
      if (self->opening == NULL)
        watch_cancellable (self, cancellable);
      ferry_ibb_bytestream_handle_plain (self, FERRY_IBB_EV_LOCAL_CLOSE);
    }
}

static gboolean
ferry_ibb_bytestream_close_finish (FerryBytestream *stream,
                                   GAsyncResult *result,
                                   GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static FerryRoute
ferry_ibb_bytestream_get_route (FerryBytestream *stream)
{
  return FERRY_IBB_BYTESTREAM (stream)->ready ? FERRY_ROUTE_INBAND : FERRY_ROUTE_NONE;
}

static void
ferry_ibb_bytestream_iface_init (FerryBytestreamInterface *iface)
{
  iface->open_async = ferry_ibb_bytestream_open_async;
  iface->open_finish = ferry_ibb_bytestream_open_finish;
  iface->close_async = ferry_ibb_bytestream_close_async;
  iface->close_finish = ferry_ibb_bytestream_close_finish;
  iface->get_route = ferry_ibb_bytestream_get_route;
}

FerryIbbBytestream *
ferry_ibb_bytestream_new (FerryIbbService *service,
                          FerryJid *peer,
                          const char *sid,
                          guint block_size,
                          FerryIbbRole role)
{
  g_return_val_if_fail (FERRY_IS_IBB_SERVICE (service), NULL);
  g_return_val_if_fail (peer != NULL && sid != NULL, NULL);
  g_return_val_if_fail (block_size >= 1 && block_size <= FERRY_IBB_MAX_BLOCK_SIZE, NULL);

  FerryIbbBytestream *self = g_object_new (FERRY_TYPE_IBB_BYTESTREAM, NULL);
  self->service = g_object_ref (service);
  self->router = g_object_ref (ferry_ibb_service_get_router (service));
  self->peer = ferry_jid_ref (peer);
  self->sid = g_strdup (sid);
  ferry_ibb_init (&self->machine, role, block_size, 0);
  self->pair = ferry_ibb_pair_new (&pair_funcs, self, &self->no_pair);
  if (self->pair != NULL)
    self->entry = ferry_ibb_service_register (service, peer, sid, on_input, self);

  FerryStream *stream = ferry_router_get_stream (self->router);
  g_signal_connect_object (stream, "state-changed", G_CALLBACK (on_stream_state_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (stream, "online", G_CALLBACK (on_stream_online), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (stream, "offline", G_CALLBACK (on_stream_offline), self,
                           G_CONNECT_SWAPPED);
  return self;
}

static void
ferry_ibb_bytestream_dispose (GObject *object)
{
  FerryIbbBytestream *self = FERRY_IBB_BYTESTREAM (object);

  if (self->entry != NULL)
    ferry_ibb_bytestream_handle_plain (self, FERRY_IBB_EV_ABANDON);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->pair, ferry_ibb_pair_free);
  g_clear_object (&self->router);
  g_clear_object (&self->service);
  G_OBJECT_CLASS (ferry_ibb_bytestream_parent_class)->dispose (object);
}

static void
ferry_ibb_bytestream_finalize (GObject *object)
{
  FerryIbbBytestream *self = FERRY_IBB_BYTESTREAM (object);

  ferry_ibb_clear (&self->machine);
  g_queue_clear_full (&self->inputs, (GDestroyNotify) input_free);
  g_queue_clear_full (&self->sent, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&self->taken, g_free);
  g_queue_clear_full (&self->unanswered, (GDestroyNotify) ferry_node_unref);
  g_clear_object (&self->queries);
  g_clear_error (&self->no_pair);
  g_clear_pointer (&self->last_block, g_bytes_unref);
  g_clear_pointer (&self->peer, ferry_jid_unref);
  g_free (self->last_id);
  g_free (self->sid);
  G_OBJECT_CLASS (ferry_ibb_bytestream_parent_class)->finalize (object);
}

static void
ferry_ibb_bytestream_class_init (FerryIbbBytestreamClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_ibb_bytestream_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferry_ibb_bytestream_finalize;

  note_signal = g_signal_new ("note", FERRY_TYPE_IBB_BYTESTREAM, G_SIGNAL_RUN_LAST, 0, NULL,
                              NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
ferry_ibb_bytestream_init (FerryIbbBytestream *self)
{
  self->queries = g_cancellable_new ();
}
