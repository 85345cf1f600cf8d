/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How two bytestreams come to the same connection, directly or by a relay, or to none. */
#include "s5b-pair.h"

#include "base/ferry-hash.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

/* --- The relay -------------------------------------------------------------------------------
 */

/* A SOCKS5 relay as XEP-0065 wants it: joins two connections with the same destination when it
 * is told to. */
typedef struct
{
  FerryS5bListener *listener; /* speaks the listening side for us */
  GPtrArray *sockets;
  GSource *sources[2];
  char *jid;
  char *destination;
  gboolean refuses_activation;
  guint n_activations;
} Relay;

static void
relay_incoming (GSocket *socket, gpointer user_data)
{
  Relay *relay = user_data;
  g_ptr_array_add (relay->sockets, g_object_ref (socket));
}

static gboolean
relay_copy_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Relay *relay = user_data;
  GSocket *other = relay->sockets->pdata[socket == relay->sockets->pdata[0] ? 1 : 0];
  char bytes[4096];
  gssize n = g_socket_receive (socket, bytes, sizeof bytes, NULL, NULL);

  if (n <= 0)
    {
      g_socket_shutdown (other, FALSE, TRUE, NULL);
      return G_SOURCE_REMOVE;
    }
  g_assert_cmpint (g_socket_send (other, bytes, (gsize) n, NULL, NULL), ==, n);
  return G_SOURCE_CONTINUE;
}

static gboolean
relay_answer (FerryNode *request,
              FerryNode **payload,
              FerryStanzaCondition *condition,
              gpointer user_data)
{
  Relay *relay = user_data;
  FerryNode *query = ferry_node_get_child (request, "query", FERRY_NS_BYTESTREAMS);
  const char *target = ferry_node_get_child_text (query, "activate", FERRY_NS_BYTESTREAMS);

  if (target == NULL)
    {
      FerryNode *answer = ferry_node_new ("query", FERRY_NS_BYTESTREAMS);
      FerryNode *host = ferry_node_add (answer, "streamhost", NULL, NULL);
      ferry_node_set_attrs (host, "jid", relay->jid, "host", "127.0.0.1", NULL);
      ferry_node_set_attr_uint (host, "port", ferry_s5b_listener_get_port (relay->listener));
      *payload = answer;
      return TRUE;
    }

  relay->n_activations++;
  g_autofree char *hash = ferry_hash_sha1_hex (
      ferry_node_get_attr (query, "sid"), ferry_node_get_attr (request, "from"), target, NULL);
  if (relay->refuses_activation || relay->sockets->len != 2 ||
      strcmp (hash, relay->destination) != 0)
    {
      *condition = FERRY_STANZA_NOT_ALLOWED;
      return FALSE;
    }
  for (guint i = 0; i < 2; i++)
    {
      relay->sources[i] = g_socket_create_source (relay->sockets->pdata[i], G_IO_IN, NULL);
      g_source_set_callback (relay->sources[i], G_SOURCE_FUNC (relay_copy_cb), relay, NULL);
      g_source_attach (relay->sources[i], NULL);
    }
  return TRUE;
}

/* A relay of the server of @offerer. */
static Relay *
relay_new (FerryFakeNet *net, const char *offerer, const char *other)
{
  g_autoptr (FerryJid) jid = ferry_jid_new (offerer, NULL);
  Relay *relay = g_new0 (Relay, 1);
  relay->jid = g_strconcat ("relay.", ferry_jid_get_domain (jid), NULL);
  relay->listener = ferry_s5b_listener_new (0, NULL);
  g_assert_nonnull (relay->listener);
  relay->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  relay->destination = ferry_hash_sha1_hex (SID, offerer, other, NULL);
  ferry_s5b_listener_expect (relay->listener, relay->destination, relay_incoming, relay);
  ferry_fake_net_add_proxy (net, relay->jid, relay_answer, relay);
  return relay;
}

static void
relay_free (Relay *relay)
{
  ferry_s5b_listener_free (relay->listener);
  for (guint i = 0; i < 2; i++)
    if (relay->sources[i] != NULL)
      {
        g_source_destroy (relay->sources[i]);
        g_source_unref (relay->sources[i]);
      }
  g_ptr_array_unref (relay->sockets);
  g_free (relay->destination);
  g_free (relay->jid);
  g_free (relay);
}

/* --- Tests -----------------------------------------------------------------------------------
 */

static void
test_direct (void)
{
  g_test_summary ("Both can reach each other: one connection is taken by both sides");
  Pair pair;

  pair_set_up (&pair);
  pair_make_bytestreams (&pair, FERRY_ROUTE_ALL, FERRY_ROUTE_ALL);
  pair_exchange (&pair);
  g_assert_cmpuint (pair.anna.offered->len, >, 0);
  g_assert_cmpuint (pair.anna.offered->len, <=, 5);
  pair_open (&pair);
  pair_assert_joined (&pair, FERRY_ROUTE_DIRECT);
  pair_tear_down (&pair);
}

/* @to hears that the other side has used @candidate. */
static void
claim_used (Side *to, const FerryCandidate *candidate)
{
  g_autofree char *xml =
      g_strdup_printf ("<transport xmlns='" FERRY_NS_JINGLE_S5B "' sid='" SID "'>"
                       "<candidate-used cid='%s'/></transport>",
                       candidate->cid);
  g_autoptr (FerryNode) payload = ferry_test_node (xml);
  ferry_link_emit_received (to->link, payload);
}

static void
test_own_cid (void)
{
  g_test_summary (
      "Who says that it has used a candidate of its own is not believed, however often: "
      "the race goes on");
  Pair pair;

  pair_set_up (&pair);
  pair_make_bytestreams (&pair, FERRY_ROUTE_ALL, FERRY_ROUTE_ALL);
  pair_exchange (&pair);
  side_open (&pair.ben, NULL);
  side_open (&pair.anna, NULL);
  for (guint i = 0; i < 100; i++)
    {
      claim_used (&pair.anna, pair.ben.offered->pdata[0]);
      claim_used (&pair.ben, pair.anna.offered->pdata[0]);
    }
  ferry_test_wait (pair.anna.opened != NULL && pair.ben.opened != NULL, 8);
  pair_assert_joined (&pair, FERRY_ROUTE_DIRECT);
  pair_tear_down (&pair);
}

static void
test_one_way (void)
{
  g_test_summary ("Only one side can be reached, either one: its candidate is taken");
  for (guint i = 0; i < 2; i++)
    {
      Pair pair;
      pair_set_up (&pair);
      pair_make_bytestreams (&pair, FERRY_ROUTE_DIRECT, FERRY_ROUTE_DIRECT);
      Side *reachable = i == 0 ? &pair.anna : &pair.ben;
      Side *other = i == 0 ? &pair.ben : &pair.anna;
      side_gather (reachable);
      ferry_s5b_bytestream_add_remote (
          other->bytestream, reachable->offered,
          ferry_s5b_bytestream_get_dstaddr (reachable->bytestream));
      pair_open (&pair);
      pair_assert_joined (&pair, FERRY_ROUTE_DIRECT);
      pair_tear_down (&pair);
    }
}

static void
test_early (void)
{
  g_test_summary (
      "A peer that dials before we have opened finds us, and its connection is kept");
  Pair pair;

  pair_set_up (&pair);
  pair_make_bytestreams (&pair, FERRY_ROUTE_DIRECT, FERRY_ROUTE_DIRECT);
  side_gather (&pair.anna);
  ferry_s5b_bytestream_add_remote (pair.ben.bytestream, pair.anna.offered,
                                   ferry_s5b_bytestream_get_dstaddr (pair.anna.bytestream));
  side_open (&pair.ben, NULL);
  ferry_test_wait (pair.ben.sent->len == 1, 5);
  g_assert_cmpuint (pair.anna.n_notes, ==, 1);
  side_open (&pair.anna, NULL);
  ferry_test_wait (pair.anna.opened != NULL && pair.ben.opened != NULL, 8);
  pair_assert_joined (&pair, FERRY_ROUTE_DIRECT);
  pair_tear_down (&pair);
}

static void
test_wrong_dstaddr (void)
{
  g_test_summary (
      "The listener takes both orders of the hash; the dialling initiator tries the "
      "other one when the first is refused");
  static const char *const dstaddrs[] = { NULL, "00ff", "" };
  for (guint i = 0; i < G_N_ELEMENTS (dstaddrs); i++)
    {
      Pair pair;
      pair_set_up (&pair);
      pair_make_bytestreams (&pair, FERRY_ROUTE_DIRECT, FERRY_ROUTE_DIRECT);
      side_gather (&pair.ben);
      const char *wrong = dstaddrs[i] == NULL || dstaddrs[i][0] != '\0'
                              ? dstaddrs[i]
                              : ferry_s5b_bytestream_get_dstaddr (pair.anna.bytestream);
      ferry_s5b_bytestream_add_remote (pair.anna.bytestream, pair.ben.offered, wrong);
      pair_open (&pair);
      pair_assert_joined (&pair, FERRY_ROUTE_DIRECT);
      pair_tear_down (&pair);
    }
}

static void
test_silent (void)
{
  g_test_summary ("Hosts that accept and say nothing: both sides fail within the limits");
  Pair pair;
  g_autoptr (GPtrArray) silent =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_candidate_free);

  pair_set_up (&pair);
  pair_make_bytestreams (&pair, FERRY_ROUTE_ALL, FERRY_ROUTE_ALL);
  /* A backlog that nobody takes from. */
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);
  g_assert_true (g_socket_bind (socket, any_port, FALSE, NULL));
  g_assert_true (g_socket_listen (socket, NULL));
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);
  guint16 port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  g_ptr_array_add (silent, ferry_candidate_new ("d", "127.0.0.1", port, pair.ben.jid, 20,
                                                FERRY_CANDIDATE_DIRECT));
  g_ptr_array_add (silent, ferry_candidate_new ("p", "127.0.0.1", port, pair.ben.jid, 10,
                                                FERRY_CANDIDATE_PROXY));
  ferry_s5b_bytestream_add_remote (pair.anna.bytestream, silent, NULL);
  gint64 start_us = g_get_monotonic_time ();
  pair_open (&pair);
  side_assert_unreachable (&pair.anna);
  side_assert_unreachable (&pair.ben);
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 5e6 * ferry_test_patience ());
  pair_tear_down (&pair);
}

static void
test_proxy (void)
{
  g_test_summary (
      "Direct ways forbidden: the relay of either side carries the bytes, activated "
      "once");
  for (guint i = 0; i < 2; i++)
    {
      Pair pair;
      pair_set_up (&pair);
      Side *owner = i == 0 ? &pair.anna : &pair.ben;
      Relay *relay = relay_new (pair.net, i == 0 ? ANNA : BEN, i == 0 ? BEN : ANNA);
      ferry_s5b_service_find_proxies (owner->service);
      pair_make_bytestreams (&pair, FERRY_ROUTE_PROXY, FERRY_ROUTE_PROXY);
      pair_exchange (&pair);
      g_assert_cmpuint (owner->offered->len, ==, 1);
      pair_open (&pair);
      pair_assert_joined (&pair, FERRY_ROUTE_PROXY);
      g_assert_cmpuint (relay->n_activations, ==, 1);
      pair_tear_down (&pair);
      relay_free (relay);
    }
}

/* A place that @candidates call a relay, and that only wants to see who comes. */
static GSocket *
spy_new (GPtrArray *candidates, const char *const *jids)
{
  GSocket *spy =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GError) error = NULL;
  g_socket_bind (spy, any, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (spy, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (spy, FALSE);
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (spy, NULL);

  for (guint i = 0; jids[i] != NULL; i++)
    {
      g_autofree char *cid = g_strdup_printf ("lie-%u", i);
      g_autoptr (FerryJid) jid = ferry_jid_new (jids[i], NULL);
      g_ptr_array_add (candidates, ferry_candidate_new (cid, "127.0.0.1",
                                                        g_inet_socket_address_get_port (
                                                            G_INET_SOCKET_ADDRESS (address)),
                                                        jid, 1000 - i, FERRY_CANDIDATE_PROXY));
    }
  return spy;
}

static void
assert_saw_nobody (GSocket *spy)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) visitor = g_socket_accept (spy, NULL, &error);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

static void
test_false_relay (void)
{
  g_test_summary ("Who wants only relays dials no address that a peer calls one: neither under "
                  "the peer's own name, nor under one that is no relay's, nor under a relay's");
  g_autoptr (GPtrArray) lies =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_candidate_free);
  Pair pair;
  pair_set_up (&pair);
  Relay *relay = relay_new (pair.net, ANNA, BEN);
  const char *const jids[] = { ANNA, "nobody.example.net", relay->jid, NULL };
  g_autoptr (GSocket) spy = spy_new (lies, jids);

  pair_make_bytestreams (&pair, FERRY_ROUTE_PROXY, FERRY_ROUTE_PROXY);
  ferry_s5b_bytestream_add_remote (pair.ben.bytestream, lies, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  side_open (&pair.ben, cancellable);
  ferry_test_wait (relay->sockets->len == 1, 8); /* where the third says that it is */
  assert_saw_nobody (spy);
  g_cancellable_cancel (cancellable);
  ferry_test_wait (pair.ben.opened != NULL, 8);
  pair_tear_down (&pair);
  relay_free (relay);
}

static guint
count_proxies (Pair *pair)
{
  FerryProxyFinder *finder = ferry_s5b_service_get_proxy_finder (pair->anna.service);

  ferry_s5b_service_find_proxies (pair->anna.service);
  ferry_test_wait (!ferry_proxy_finder_is_busy (finder), 5);
  return ferry_proxy_finder_get_proxies (finder)->len;
}

static void
test_new_proxies (void)
{
  g_test_summary ("Relays are searched for once in a session, and anew in the next");
  Pair pair;

  pair_set_up (&pair);
  g_assert_cmpuint (count_proxies (&pair), ==, 0);
  Relay *relay = relay_new (pair.net, ANNA, BEN);
  g_assert_cmpuint (count_proxies (&pair), ==, 0);

  ferry_fake_net_interrupt (pair.net, pair.anna.stream);
  ferry_fake_net_resume (pair.net, pair.anna.stream);
  ferry_fake_net_settle (pair.net);
  g_assert_cmpuint (count_proxies (&pair), ==, 0);
  ferry_fake_net_lose_session (pair.net, pair.anna.stream);
  ferry_fake_net_settle (pair.net);
  g_assert_cmpuint (count_proxies (&pair), ==, 1);

  pair_make_bytestreams (&pair, FERRY_ROUTE_ALL, FERRY_ROUTE_ALL);
  pair_tear_down (&pair);
  relay_free (relay);
}

static void
test_proxy_refuses (void)
{
  g_test_summary ("A relay that does not activate: both sides fail, with proxy-error");
  Pair pair;

  pair_set_up (&pair);
  Relay *relay = relay_new (pair.net, ANNA, BEN);
  relay->refuses_activation = TRUE;
  ferry_s5b_service_find_proxies (pair.anna.service);
  pair_make_bytestreams (&pair, FERRY_ROUTE_PROXY, FERRY_ROUTE_PROXY);
  pair_exchange (&pair);
  pair_open (&pair);
  side_assert_unreachable (&pair.anna);
  side_assert_unreachable (&pair.ben);
  ferry_test_assert_node (pair.anna.sent->pdata[pair.anna.sent->len - 1],
                          "<transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='" SID
                          "'><proxy-error/>"
                          "</transport>");
  pair_tear_down (&pair);
  relay_free (relay);
}

static void
test_nothing (void)
{
  g_test_summary ("Nothing can be reached: both sides say so once and fail in bounded time");
  Pair pair;

  pair_set_up (&pair);
  pair_make_bytestreams (&pair, FERRY_ROUTE_NONE, FERRY_ROUTE_NONE);
  pair_exchange (&pair);
  g_assert_cmpuint (pair.anna.offered->len, ==, 0);
  pair_open (&pair);
  side_assert_unreachable (&pair.anna);
  side_assert_unreachable (&pair.ben);
  g_assert_cmpuint (pair.anna.sent->len, ==, 1);
  ferry_test_assert_node (pair.anna.sent->pdata[0],
                          "<transport xmlns='urn:xmpp:jingle:transports:s5b:1' sid='" SID
                          "'><candidate-error/>"
                          "</transport>");
  pair_tear_down (&pair);
}

static void
test_cancel (void)
{
  g_test_summary ("Cancelling ends everything, late messages included");
  Pair pair;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  pair_set_up (&pair);
  pair_make_bytestreams (&pair, FERRY_ROUTE_ALL, FERRY_ROUTE_ALL);
  pair_exchange (&pair);
  side_open (&pair.anna, cancellable);
  g_cancellable_cancel (cancellable);
  ferry_test_wait (pair.anna.opened != NULL, 5);
  g_assert_null (ferry_bytestream_open_finish (FERRY_BYTESTREAM (pair.anna.bytestream),
                                               pair.anna.opened, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  side_open (&pair.ben, NULL);
  ferry_test_wait (pair.ben.opened != NULL, 8);
  side_assert_unreachable (&pair.ben);
  pair_tear_down (&pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytestream/s5b/direct", test_direct);
  g_test_add_func ("/bytestream/s5b/own-cid", test_own_cid);
  g_test_add_func ("/bytestream/s5b/one-way", test_one_way);
  g_test_add_func ("/bytestream/s5b/early", test_early);
  g_test_add_func ("/bytestream/s5b/wrong-dstaddr", test_wrong_dstaddr);
  g_test_add_func ("/bytestream/s5b/silent", test_silent);
  g_test_add_func ("/bytestream/s5b/proxy", test_proxy);
  g_test_add_func ("/bytestream/s5b/new-proxies", test_new_proxies);
  g_test_add_func ("/bytestream/s5b/false-relay", test_false_relay);
  g_test_add_func ("/bytestream/s5b/proxy-refuses", test_proxy_refuses);
  g_test_add_func ("/bytestream/s5b/nothing", test_nothing);
  g_test_add_func ("/bytestream/s5b/cancel", test_cancel);
  return g_test_run ();
}
