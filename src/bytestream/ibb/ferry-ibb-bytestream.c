/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver of FerryIbb: turns stanzas, the socket pair and the clock into events, and effects
 * into stanzas and bytes in the pair. Nothing is decided here. */
#define G_LOG_DOMAIN "ferry-ibb-bytestream"

#include "config.h"

#include "bytestream/ibb/ferry-ibb-bytestream.h"

#include "base/ferry-error.h"
#include "base/ferry-id.h"
#include "bytestream/ibb/ferry-ibb-pair.h"
#include "bytestream/ibb/ferry-ibb-service-private.h"
#include "bytestream/ibb/ferry-ibb.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define ANSWER_MS 60000 /* for each block */

struct _FerryIbbBytestream
{
  GObject parent_instance;
  FerryIbbService *service;
  FerryRouter *router;
  gpointer entry; /* in the service, until the end */
  FerryJid *peer;
  char *sid;

  FerryIbb machine;
  GQueue inputs; /* of Input, while one is worked on */
  gboolean working;
  FerryIbbPair *pair;
  GError *no_pair;
  gboolean ready;

  GTask *opening, *closing;
  GSource *cancel_source; /* of the younger of the two */
  GCancellable *queries;

  GQueue sent;       /* of GBytes: the blocks in the machine's slots */
  GQueue taken;      /* of Taken: blocks delivered, not yet in the pair */
  GQueue unanswered; /* of FerryNode: iqs delivered */
  char *last_id;     /* of the last <open/> or block accepted */
  GBytes *last_block;

  guint timer;
  gint64 paused_at_us; /* 0: the clock runs */
  gint64 paused_us;    /* in all so far */
};

static void ferry_ibb_bytestream_iface_init (FerryBytestreamInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (FerryIbbBytestream,
                               ferry_ibb_bytestream,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_BYTESTREAM,
                                                      ferry_ibb_bytestream_iface_init))

static guint note_signal;

/* An event with what its effects are about. */
typedef struct
{
  FerryIbbEvent event;
  FerryNode *stanza; /* to be answered if it is an iq */
  GBytes *block;
  GError *error; /* the event's */
} Input;

typedef struct
{
  guint size;
  gboolean by_message;
} Taken;

/* A question to the peer that does not keep the stream alive. */
typedef struct
{
  GWeakRef stream;
  guint16 seq;
} Query;

static void
input_free (Input *input)
{
  g_clear_pointer (&input->stanza, ferry_node_unref);
  g_clear_pointer (&input->block, g_bytes_unref);
  g_clear_error (&input->error);
  g_free (input);
}

static Query *
query_new (FerryIbbBytestream *self, guint16 seq)
{
  Query *query = g_new0 (Query, 1);
  g_weak_ref_init (&query->stream, self);
  query->seq = seq;
  return query;
}

static void
query_free (Query *query)
{
  g_weak_ref_clear (&query->stream);
  g_free (query);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Query, query_free)

static void
note (FerryIbbBytestream *self, const char *text)
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

static void work (FerryIbbBytestream *self);

static void
put (FerryIbbBytestream *self, const FerryIbbEvent *event, FerryNode *stanza, GBytes *block)
{
  Input *input = g_new0 (Input, 1);
  input->event = *event;
  input->stanza = stanza != NULL ? ferry_node_ref (stanza) : NULL;
  input->block = block != NULL ? g_bytes_ref (block) : NULL;
  input->error = event->error != NULL ? g_error_copy (event->error) : NULL;
  input->event.error = input->error;
  g_queue_push_tail (&self->inputs, input);
}

static void
handle (FerryIbbBytestream *self, const FerryIbbEvent *event, FerryNode *stanza, GBytes *block)
{
  put (self, event, stanza, block);
  if (!self->working)
    work (self);
}

static void
handle_plain (FerryIbbBytestream *self, FerryIbbEventType type)
{
  const FerryIbbEvent event = { .type = type };
  handle (self, &event, NULL, NULL);
}

/* --- Effects --------------------------------------------------------------------------------
 */

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Query) query = user_data;
  g_autoptr (FerryIbbBytestream) self = g_weak_ref_get (&query->stream);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) answer =
      ferry_router_query_finish (FERRY_ROUTER (source), result, &error);

  if (self == NULL)
    return;
  const FerryIbbEvent event = { .type =
                                    answer != NULL ? FERRY_IBB_EV_OPENED : FERRY_IBB_EV_REFUSED,
                                .error = error };
  handle (self, &event, NULL, NULL);
}

static void
data_answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Query) query = user_data;
  g_autoptr (FerryIbbBytestream) self = g_weak_ref_get (&query->stream);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) answer =
      ferry_router_query_finish (FERRY_ROUTER (source), result, &error);

  if (self == NULL)
    return;
  const FerryIbbEvent event = { .type = answer != NULL ? FERRY_IBB_EV_ACK : FERRY_IBB_EV_NAK,
                                .seq = query->seq,
                                .error = error };
  handle (self, &event, NULL, NULL);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Query) query = user_data;
  g_autoptr (FerryIbbBytestream) self = g_weak_ref_get (&query->stream);
  g_autoptr (FerryNode) answer =
      ferry_router_query_finish (FERRY_ROUTER (source), result, NULL);

  if (self != NULL)
    handle_plain (self, FERRY_IBB_EV_CLOSED);
}

static void
send_open (FerryIbbBytestream *self)
{
  const FerryIbbOpen open = { .sid = self->sid, .block_size = self->machine.block_size };
  g_autofree char *text =
      g_strdup_printf ("Opening an in-band stream, blocks of %u bytes", open.block_size);

  ferry_router_query_async (self->router, "set", self->peer, ferry_ibb_open_to_node (&open),
                            ANSWER_MS, self->queries, opened_cb, query_new (self, 0));
  note (self, text);
}

static void
send_block (FerryIbbBytestream *self, guint16 seq, GBytes *block)
{
  gsize size;
  gconstpointer bytes = g_bytes_get_data (block, &size);
  FerryNode *data = ferry_ibb_data_to_node (self->sid, seq, bytes, size);

  if (!self->machine.by_message)
    {
      ferry_router_query_async (self->router, "set", self->peer, data, ANSWER_MS, self->queries,
                                data_answered_cb, query_new (self, seq));
      return;
    }

  /* With an id, or Coccinella does not say that a block was wrong. */
  g_autofree char *id = ferry_id_new ();
  FerryNode *message = ferry_node_new ("message", FERRY_NS_CLIENT);
  ferry_node_set_attrs (message, "to", ferry_jid_get_text (self->peer), "id", id, NULL);
  ferry_node_take_child (message, data);
  ferry_router_send (self->router, message);
}

static void
send_close (FerryIbbBytestream *self)
{
  FerryNode *close = ferry_ibb_close_to_node (self->sid);

  if (self->machine.state == FERRY_IBB_STATE_CLOSING)
    ferry_router_query_async (self->router, "set", self->peer, close, ANSWER_MS, self->queries,
                              closed_cb, query_new (self, 0));
  else
    ferry_router_query_async (self->router, "set", self->peer, close, ANSWER_MS, NULL, NULL,
                              NULL);
}

static void
report_room (FerryIbbBytestream *self)
{
  g_autofree Taken *taken = g_queue_pop_head (&self->taken);
  const FerryIbbEvent event = { .type = FERRY_IBB_EV_ROOM,
                                .size = taken->size,
                                .by_message = taken->by_message };
  put (self, &event, NULL, NULL);
}

static void
remember (FerryIbbBytestream *self, FerryNode *stanza, GBytes *block)
{
  g_free (self->last_id);
  self->last_id = g_strdup (ferry_node_get_attr (stanza, "id"));
  g_clear_pointer (&self->last_block, g_bytes_unref);
  self->last_block = block != NULL ? g_bytes_ref (block) : NULL;
}

static void
deliver (FerryIbbBytestream *self, const Input *input)
{
  Taken *taken = g_new (Taken, 1);
  *taken = (Taken){ .size = input->event.size, .by_message = input->event.by_message };

  remember (self, input->stanza, input->block);
  g_queue_push_tail (&self->taken, taken);
  if (!taken->by_message)
    g_queue_push_tail (&self->unanswered, ferry_node_ref (input->stanza));
  if (ferry_ibb_pair_write (self->pair, input->block))
    report_room (self);
}

static void
accept (FerryIbbBytestream *self, const Input *input)
{
  if (input->event.type == FERRY_IBB_EV_PEER_OPEN)
    remember (self, input->stanza, NULL);
  ferry_router_reply (self->router, input->stanza, NULL);
}

static void
acknowledge_oldest (FerryIbbBytestream *self)
{
  g_autoptr (FerryNode) request = g_queue_pop_head (&self->unanswered);
  ferry_router_reply (self->router, request, NULL);
}

static void
forget_cancellable (FerryIbbBytestream *self)
{
  if (self->cancel_source != NULL)
    g_source_destroy (self->cancel_source);
  g_clear_pointer (&self->cancel_source, g_source_unref);
}

static void
become_ready (FerryIbbBytestream *self)
{
  self->ready = TRUE;
  note (self, "The in-band stream is open");
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

static void
end (FerryIbbBytestream *self)
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
    note (self, self->machine.error->message);
  if (opening != NULL)
    g_task_return_error (opening, g_error_copy (self->machine.error));
  if (closing != NULL)
    return_closed (self, closing);
}

static void
perform (FerryIbbBytestream *self, const FerryIbbEffect *effect, const Input *input)
{
  switch (effect->type)
    {
    case FERRY_IBB_DO_OPEN:
      send_open (self);
      break;
    case FERRY_IBB_DO_ACCEPT:
      accept (self, input);
      break;
    case FERRY_IBB_DO_REFUSE:
      ferry_router_reply_error (self->router, input->stanza, effect->condition, NULL);
      break;
    case FERRY_IBB_DO_CLOSE:
      send_close (self);
      break;
    case FERRY_IBB_DO_READY:
      become_ready (self);
      break;
    case FERRY_IBB_DO_SEND:
      g_queue_push_tail (&self->sent, g_bytes_ref (input->block));
      send_block (self, effect->seq, input->block);
      break;
    case FERRY_IBB_DO_RESEND: /* always the oldest */
      send_block (self, effect->seq, g_queue_peek_head (&self->sent));
      break;
    case FERRY_IBB_DO_RELEASE:
      g_bytes_unref (g_queue_pop_head (&self->sent));
      break;
    case FERRY_IBB_DO_DELIVER:
      deliver (self, input);
      break;
    case FERRY_IBB_DO_ACK:
      acknowledge_oldest (self);
      break;
    case FERRY_IBB_DO_END:
    default:
      end (self);
      break;
    }
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
  handle_plain (self, FERRY_IBB_EV_TIMER);
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

static void
update_reading (FerryIbbBytestream *self)
{
  gboolean wanted = self->paused_at_us == 0 && ferry_ibb_wants_local (&self->machine);
  if (self->pair != NULL)
    ferry_ibb_pair_set_reading (self->pair, wanted ? self->machine.block_size : 0);
}

static void
work (FerryIbbBytestream *self)
{
  /* A task that returns may drop the last reference from outside. */
  g_autoptr (FerryIbbBytestream) alive = g_object_ref (self);
  FerryIbbEffects effects;
  Input *input;

  self->working = TRUE;
  while ((input = g_queue_pop_head (&self->inputs)) != NULL)
    {
      ferry_ibb_step (&self->machine, &input->event, get_now_ms (self), &effects);
      for (guint i = 0; i < effects.n_items; i++)
        perform (self, &effects.items[i], input);
      input_free (input);
    }
  self->working = FALSE;
  update_timer (self);
  update_reading (self);
}

/* --- Events ---------------------------------------------------------------------------------
 */

static void
on_pair_bytes (GBytes *block, gpointer user_data)
{
  const FerryIbbEvent event = { .type = FERRY_IBB_EV_LOCAL_BYTES,
                                .size = (guint) g_bytes_get_size (block) };
  handle (user_data, &event, NULL, block);
}

static void
on_pair_eof (gpointer user_data)
{
  handle_plain (user_data, FERRY_IBB_EV_LOCAL_EOF);
}

static void
on_pair_written (gpointer user_data)
{
  FerryIbbBytestream *self = user_data;
  report_room (self);
  if (!self->working)
    work (self);
}

static void
on_pair_gone (gpointer user_data)
{
  handle_plain (user_data, FERRY_IBB_EV_LOCAL_GONE);
}

static const FerryIbbPairFuncs pair_funcs = {
  .bytes = on_pair_bytes,
  .eof = on_pair_eof,
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
  handle (self, &event, stanza, block);
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
  handle (self, &event, stanza, NULL);
}

static void
take_close (FerryIbbBytestream *self, FerryNode *stanza)
{
  const FerryIbbEvent event = { .type = FERRY_IBB_EV_PEER_CLOSE,
                                .size = (guint) ferry_ibb_pair_get_available (self->pair) };
  handle (self, &event, stanza, NULL);
}

static void
on_input (FerryNode *stanza, FerryNode *payload, gpointer user_data)
{
  g_autoptr (FerryIbbBytestream) self = g_object_ref (user_data);

  if (!is_iq (stanza) && g_strcmp0 (ferry_node_get_attr (stanza, "type"), "error") == 0)
    {
      g_autoptr (GError) error = ferry_stanza_error_parse (stanza);
      const FerryIbbEvent event = { .type = FERRY_IBB_EV_BOUNCED, .error = error };
      handle (self, &event, NULL, NULL);
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
  update_timer (self);
  update_reading (self);
}

static void
on_stream_online (FerryIbbBytestream *self, gboolean resumed, FerryStream *stream)
{
  if (!resumed)
    handle_plain (self, FERRY_IBB_EV_OFFLINE);
}

static void
on_stream_offline (FerryIbbBytestream *self, const GError *error, FerryStream *stream)
{
  handle_plain (self, FERRY_IBB_EV_OFFLINE);
}

/* --- The interface --------------------------------------------------------------------------
 */

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  handle_plain (user_data, FERRY_IBB_EV_ABANDON);
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
      handle_plain (self, FERRY_IBB_EV_BEGIN);
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
      handle_plain (self, FERRY_IBB_EV_LOCAL_CLOSE);
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
    handle_plain (self, FERRY_IBB_EV_ABANDON);
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
