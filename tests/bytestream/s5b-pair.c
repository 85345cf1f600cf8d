/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "s5b-pair.h"

#include "base/ferry-error.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"

/* Short enough for a suite, in the same order as the real ones. */
static const FerryRaceTimes times = {
  .stagger = 20,
  .group_stagger = 60,
  .proxy_stagger = 40,
  .proxy_hold = 40,
  .direct_chance = 200,
  .direct_attempt = 80,
  .attempt = 700,
  .dialling = 1500,
  .after_direct = 50,
  .late_candidates = 150,
  .first_candidate = 300,
  .report = 3000,
  .incoming = 300,
  .incoming_settle = 100,
  .activated = 2000,
  .activated_grace = 20,
};

/* --- Links -----------------------------------------------------------------------------------
 */

#define TEST_TYPE_LINK (test_link_get_type ())
G_DECLARE_FINAL_TYPE (TestLink, test_link, TEST, LINK, GObject)

struct _TestLink
{
  GObject parent_instance;
  TestLink *twin;  /* not owned */
  GPtrArray *sent; /* of FerryNode */
};

typedef struct
{
  TestLink *to;
  FerryNode *payload;
} Delivery;

static gboolean
deliver_cb (gpointer user_data)
{
  Delivery *delivery = user_data;
  ferry_link_emit_received (FERRY_LINK (delivery->to), delivery->payload);
  return G_SOURCE_REMOVE;
}

static void
delivery_free (Delivery *delivery)
{
  g_object_unref (delivery->to);
  ferry_node_unref (delivery->payload);
  g_free (delivery);
}

static void
test_link_send (FerryLink *link, FerryNode *payload)
{
  TestLink *self = TEST_LINK (link);
  g_ptr_array_add (self->sent, payload);
  if (self->twin == NULL)
    return;
  Delivery *delivery = g_new0 (Delivery, 1);
  delivery->to = g_object_ref (self->twin);
  delivery->payload = ferry_node_ref (payload);
  g_idle_add_full (G_PRIORITY_DEFAULT, deliver_cb, delivery, (GDestroyNotify) delivery_free);
}

static void
test_link_iface_init (FerryLinkInterface *iface)
{
  iface->send = test_link_send;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestLink,
                               test_link,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_LINK, test_link_iface_init))

static void
test_link_finalize (GObject *object)
{
  g_ptr_array_unref (TEST_LINK (object)->sent);
  G_OBJECT_CLASS (test_link_parent_class)->finalize (object);
}

static void
test_link_class_init (TestLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_link_finalize;
}

static void
test_link_init (TestLink *self)
{
  self->sent = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_node_unref);
}

/* --- Two sides -------------------------------------------------------------------------------
 */

static void
on_note (FerryS5bBytestream *bytestream, const char *text, gpointer user_data)
{
  ((Side *) user_data)->n_notes++;
}

static void
side_set_up (Side *side, FerryFakeNet *net, const char *jid)
{
  side->stream = ferry_fake_net_connect (net, jid);
  side->router = ferry_router_new (side->stream);
  ferry_test_wait (ferry_stream_get_state (side->stream) == FERRY_STREAM_ONLINE, 5);
  side->service = ferry_s5b_service_new (side->router, 0, TRUE);
  ferry_s5b_service_set_times (side->service, &times);
  side->jid = ferry_jid_new (jid, NULL);
  side->link = g_object_new (TEST_TYPE_LINK, NULL);
  side->sent = TEST_LINK (side->link)->sent;
}

static void
side_tear_down (Side *side)
{
  g_clear_object (&side->socket);
  g_clear_object (&side->opened);
  g_assert_finalize_object (side->bytestream);
  g_clear_pointer (&side->offered, g_ptr_array_unref);
  g_assert_finalize_object (side->link);
  g_clear_pointer (&side->jid, ferry_jid_unref);
  g_clear_object (&side->service);
  g_clear_object (&side->router);
  g_clear_object (&side->stream);
}

void
pair_set_up (Pair *pair)
{
  *pair = (Pair){ .net = ferry_fake_net_new () };
  side_set_up (&pair->anna, pair->net, ANNA);
  side_set_up (&pair->ben, pair->net, BEN);
  TEST_LINK (pair->anna.link)->twin = TEST_LINK (pair->ben.link);
  TEST_LINK (pair->ben.link)->twin = TEST_LINK (pair->anna.link);
}

static void
settle_main_context (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
pair_tear_down (Pair *pair)
{
  settle_main_context ();
  side_tear_down (&pair->anna);
  side_tear_down (&pair->ben);
  g_clear_object (&pair->net);
}

void
pair_make_bytestreams (Pair *pair, FerryRoute anna_routes, FerryRoute ben_routes)
{
  Side *anna = &pair->anna, *ben = &pair->ben;
  anna->bytestream = ferry_s5b_bytestream_new (anna->service, FERRY_S5B_JINGLE, anna->link,
                                               TRUE, anna->jid, ben->jid, SID, anna_routes);
  ben->bytestream = ferry_s5b_bytestream_new (ben->service, FERRY_S5B_JINGLE, ben->link, FALSE,
                                              ben->jid, anna->jid, SID, ben_routes);
  g_signal_connect (anna->bytestream, "note", G_CALLBACK (on_note), anna);
  g_signal_connect (ben->bytestream, "note", G_CALLBACK (on_note), ben);
}

void
side_gather (Side *side)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ferry_s5b_bytestream_gather_async (side->bytestream, NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 5);
  side->offered = ferry_s5b_bytestream_gather_finish (side->bytestream, result, &error);
  g_assert_no_error (error);
}

void
pair_exchange (Pair *pair)
{
  side_gather (&pair->anna);
  ferry_s5b_bytestream_add_remote (pair->ben.bytestream, pair->anna.offered,
                                   ferry_s5b_bytestream_get_dstaddr (pair->anna.bytestream));
  side_gather (&pair->ben);
  ferry_s5b_bytestream_add_remote (pair->anna.bytestream, pair->ben.offered,
                                   ferry_s5b_bytestream_get_dstaddr (pair->ben.bytestream));
}

void
side_open (Side *side, GCancellable *cancellable)
{
  ferry_bytestream_open_async (FERRY_BYTESTREAM (side->bytestream), cancellable,
                               ferry_test_take_result, &side->opened);
}

void
pair_open (Pair *pair)
{
  side_open (&pair->ben, NULL);
  side_open (&pair->anna, NULL);
  ferry_test_wait (pair->anna.opened != NULL && pair->ben.opened != NULL, 8);
}

static void
finish_open (Side *side, FerryRoute route)
{
  g_autoptr (GError) error = NULL;
  side->socket =
      ferry_bytestream_open_finish (FERRY_BYTESTREAM (side->bytestream), side->opened, &error);
  g_assert_no_error (error);
  g_assert_nonnull (side->socket);
  g_assert_false (g_socket_get_blocking (side->socket));
  g_assert_cmpint (ferry_bytestream_get_route (FERRY_BYTESTREAM (side->bytestream)), ==, route);
  g_assert_cmpuint (side->n_notes, >, 0);
}

void
side_assert_unreachable (Side *side)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket =
      ferry_bytestream_open_finish (FERRY_BYTESTREAM (side->bytestream), side->opened, &error);
  g_assert_null (socket);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_UNREACHABLE);
}

/* Reads what is there. Returns: how much @have is now */
static gsize
receive (GSocket *socket, char *bytes, gsize have, gsize size)
{
  gssize n = g_socket_receive (socket, bytes + have, size - have, NULL, NULL);
  return n > 0 ? have + (gsize) n : have;
}

static void
assert_moves (GSocket *from, GSocket *to)
{
  char bytes[16] = "";
  gsize have = 0;

  g_assert_cmpint (g_socket_send (from, "hello, you", 10, NULL, NULL), ==, 10);
  ferry_test_wait ((have = receive (to, bytes, have, 10)) == 10, 5);
  g_assert_cmpstr (bytes, ==, "hello, you");
}

void
pair_assert_joined (Pair *pair, FerryRoute route)
{
  finish_open (&pair->anna, route);
  finish_open (&pair->ben, route);
  assert_moves (pair->anna.socket, pair->ben.socket);
  assert_moves (pair->ben.socket, pair->anna.socket);
}
