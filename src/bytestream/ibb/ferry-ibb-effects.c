/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Effects of the machine: stanzas to the peer, bytes into the pair. */
#define G_LOG_DOMAIN "ferry-ibb-bytestream"

#include "config.h"

#include "bytestream/ibb/ferry-ibb-bytestream-private.h"

#include "base/ferry-id.h"
#include "xmpp/ferry-ns.h"

#define ANSWER_MS 60000 /* for each block */

/* A question to the peer that does not keep the stream alive. */
typedef struct
{
  GWeakRef stream;
  guint16 seq;
} Query;

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
  ferry_ibb_bytestream_handle (self, &event, NULL, NULL);
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
  ferry_ibb_bytestream_handle (self, &event, NULL, NULL);
}

/* A peer answers in the order in which it was asked: what is said after a message, if only that
 * it does not know the question, says that the message was read. */
static gboolean
is_passed (const FerryNode *answer, const GError *error)
{
  FerryStanzaCondition condition = answer == NULL ? ferry_stanza_error_get_condition (error)
                                                  : FERRY_STANZA_UNDEFINED_CONDITION;

  return answer != NULL || condition == FERRY_STANZA_FEATURE_NOT_IMPLEMENTED ||
         condition == FERRY_STANZA_SERVICE_UNAVAILABLE;
}

static void
message_passed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Query) query = user_data;
  g_autoptr (FerryIbbBytestream) self = g_weak_ref_get (&query->stream);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) answer =
      ferry_router_query_finish (FERRY_ROUTER (source), result, &error);

  if (self == NULL)
    return;
  const FerryIbbEvent event = { .type = is_passed (answer, error) ? FERRY_IBB_EV_ACK
                                                                  : FERRY_IBB_EV_NAK,
                                .seq = query->seq,
                                .error = error };
  ferry_ibb_bytestream_handle (self, &event, NULL, NULL);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Query) query = user_data;
  g_autoptr (FerryIbbBytestream) self = g_weak_ref_get (&query->stream);
  g_autoptr (FerryNode) answer =
      ferry_router_query_finish (FERRY_ROUTER (source), result, NULL);

  if (self != NULL)
    ferry_ibb_bytestream_handle_plain (self, FERRY_IBB_EV_CLOSED);
}

static void
send_open (FerryIbbBytestream *self)
{
  const FerryIbbOpen open = { .sid = self->sid, .block_size = self->machine.block_size };
  g_autofree char *text =
      g_strdup_printf ("Opening an in-band stream, blocks of %u bytes", open.block_size);

  ferry_router_query_async (self->router, "set", self->peer, ferry_ibb_open_to_node (&open),
                            ANSWER_MS, self->queries, opened_cb, query_new (self, 0));
  ferry_ibb_bytestream_note (self, text);
}

/* @data: (transfer full). Nothing answers a message, so a ping follows it. It has an id, or
 * Coccinella would not say that a block was wrong. */
static void
send_message (FerryIbbBytestream *self, guint16 seq, FerryNode *data)
{
  g_autofree char *id = ferry_id_new ();
  FerryNode *message = ferry_node_new ("message", FERRY_NS_CLIENT);

  ferry_node_set_attrs (message, "to", ferry_jid_get_text (self->peer), "id", id, NULL);
  ferry_node_take_child (message, data);
  ferry_router_send (self->router, message);
  ferry_router_query_async (self->router, "get", self->peer,
                            ferry_node_new ("ping", FERRY_NS_PING), ANSWER_MS, self->queries,
                            message_passed_cb, query_new (self, seq));
}

static void
send_block (FerryIbbBytestream *self, guint16 seq, GBytes *block)
{
  gsize size;
  gconstpointer bytes = g_bytes_get_data (block, &size);
  FerryNode *data = ferry_ibb_data_to_node (self->sid, seq, bytes, size);

  if (self->machine.by_message)
    send_message (self, seq, data);
  else
    ferry_router_query_async (self->router, "set", self->peer, data, ANSWER_MS, self->queries,
                              data_answered_cb, query_new (self, seq));
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
remember (FerryIbbBytestream *self, FerryNode *stanza, GBytes *block)
{
  g_free (self->last_id);
  self->last_id = g_strdup (ferry_node_get_attr (stanza, "id"));
  g_clear_pointer (&self->last_block, g_bytes_unref);
  self->last_block = block != NULL ? g_bytes_ref (block) : NULL;
}

static void
deliver (FerryIbbBytestream *self, const FerryIbbInputEvent *input)
{
  FerryIbbTaken *taken = g_new (FerryIbbTaken, 1);
  *taken = (FerryIbbTaken){ .size = input->event.size, .by_message = input->event.by_message };

  remember (self, input->stanza, input->block);
  g_queue_push_tail (&self->taken, taken);
  if (!taken->by_message)
    g_queue_push_tail (&self->unanswered, ferry_node_ref (input->stanza));
  if (ferry_ibb_pair_write (self->pair, input->block))
    ferry_ibb_bytestream_report_room (self);
}

static void
accept (FerryIbbBytestream *self, const FerryIbbInputEvent *input)
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

void
ferry_ibb_bytestream_perform (FerryIbbBytestream *self,
                              const FerryIbbEffect *effect,
                              const FerryIbbInputEvent *input)
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
      ferry_ibb_bytestream_become_ready (self);
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
      ferry_ibb_bytestream_end (self);
      break;
    }
}
