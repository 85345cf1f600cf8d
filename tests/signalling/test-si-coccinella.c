/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One of our negotiators against a scripted Coccinella, with real connections: it goes through
 * lists of hosts from the end, and reads each SOCKS5 message with one read. */
#include "jingle-end.h"
#include "si-wire.h"

#include "base/ferry-hash.h"
#include "bytestream/s5b/ferry-s5b-service.h"
#include "xmpp/ferry-ns.h"

#define ANNA "anna@north.example/desk"
#define COCCI "gil@west.example/cocci"
#define RELAY "relay.north.example"
#define SIZE 100000
/* Both sides count their requests from 1000. */
#define ID "1010"
#define SID "0fd9a3b1"
#define ANSWER                                                                                 \
  "<si xmlns='http://jabber.org/protocol/si' id='x'><feature "                                 \
  "xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'>"     \
  "<field var='stream-method'><value>" FERRY_NS_BYTESTREAMS "</value></field></x></feature>"   \
  "</si>"
#define USED(jid)                                                                              \
  "<query xmlns='" FERRY_NS_BYTESTREAMS "'><streamhost-used jid='" jid "'/></query>"

typedef struct
{
  FerryFakeNet *net;
  JingleEnd *anna;
  FerryFakePeer *peer;
  GSocket *listener;
  guint16 port;
} Stage;

static gboolean
is_backwards (FerryJid *peer, gpointer user_data)
{
  return g_strcmp0 (ferry_jid_get_resource (peer), "cocci") == 0;
}

static void
listen_on (Stage *stage)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);

  stage->listener =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_assert_true (g_socket_bind (stage->listener, any_port, FALSE, NULL));
  g_assert_true (g_socket_listen (stage->listener, NULL));
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (stage->listener, NULL);
  stage->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

static void
stage_init (Stage *stage)
{
  stage->net = ferry_fake_net_new ();
  stage->anna = jingle_end_new_si (stage->net, ANNA, TRUE);
  ferry_s5b_service_set_backwards_func (stage->anna->s5b, is_backwards, NULL);
  stage->peer = ferry_fake_peer_new (stage->net, COCCI);
  listen_on (stage);
}

static void
stage_clear (Stage *stage)
{
  ferry_fake_net_settle (stage->net);
  jingle_end_free (stage->anna);
  ferry_fake_peer_free (stage->peer);
  g_object_unref (stage->listener);
  g_object_unref (stage->net);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

/* What one read gets has to be all of @expected. */
static void
read_once (GSocket *socket, const char *expected, gsize size)
{
  char bytes[256];

  ferry_test_wait (g_socket_condition_check (socket, G_IO_IN) != 0, 10);
  gssize n = g_socket_receive (socket, bytes, sizeof bytes, NULL, NULL);
  g_assert_cmpmem (bytes, n, expected, size);
}

/* Its SOCKS5 server, with Ferry as the client. @owner: who offers hosts for @sid */
static SiWire *
serve (Stage *stage, const char *sid, const char *owner, const char *dialler)
{
  g_autofree char *hash = ferry_hash_sha1_hex (sid, owner, dialler, NULL);
  g_autofree char *request = g_strdup_printf ("\5\1_\3\50%s__", hash);

  request[2] = request[45] = request[46] = '\0';
  ferry_test_wait (g_socket_condition_check (stage->listener, G_IO_IN) != 0, 10);
  g_autoptr (GSocket) socket = g_socket_accept (stage->listener, NULL, NULL);
  g_assert_nonnull (socket);
  read_once (socket, "\5\1\0", 3);
  g_assert_cmpint (g_socket_send (socket, "\5\0", 2, NULL, NULL), ==, 2);
  read_once (socket, request, 47);
  request[1] = '\0';
  g_assert_cmpint (g_socket_send (socket, request, 47, NULL, NULL), ==, 47);
  return si_wire_new (g_steal_pointer (&socket));
}

static gboolean
answer_as_relay (FerryNode *request,
                 FerryNode **payload,
                 FerryStanzaCondition *condition,
                 gpointer user_data)
{
  *payload = ferry_node_new ("query", FERRY_NS_BYTESTREAMS);
  FerryNode *host = ferry_node_add (*payload, "streamhost", NULL, NULL);
  ferry_node_set_attrs (host, "jid", RELAY, "host", "127.0.0.1", "port", "7777", NULL);
  return TRUE;
}

static FerryNode *
get_query (FerryNode *iq)
{
  return ferry_node_get_child (iq, "query", FERRY_NS_BYTESTREAMS);
}

static const char *
get_sid (FerryNode *iq)
{
  return ferry_node_get_attr (get_query (iq), "sid");
}

/* --- Ferry sends -----------------------------------------------------------------------------
 */

/* Returns: our list of hosts for @peer */
static FerryNode *
take_file (Stage *stage, FerryFakePeer *peer, const char *jid)
{
  jingle_end_offer (stage->anna, jid, SIZE, FERRY_ROUTE_ALL);
  g_autoptr (FerryNode) offer = ferry_fake_peer_expect (peer, "iq[type=set]/si[id]");
  ferry_fake_peer_reply (peer, offer, ANSWER);
  return ferry_fake_peer_expect (peer, "iq[type=set]/query[sid]");
}

/* Returns: (element-type utf8): the JIDs of the hosts, in the order of the list */
static GPtrArray *
list_hosts (FerryNode *query)
{
  GPtrArray *jids = g_ptr_array_new ();

  for (guint i = 0; i < ferry_node_get_n_children (query); i++)
    {
      FerryNode *child = ferry_node_get_nth_child (query, i);
      if (g_str_equal (ferry_node_get_name (child), "streamhost"))
        g_ptr_array_add (jids, (gpointer) ferry_node_get_attr (child, "jid"));
    }
  return jids;
}

static void
assert_sent (Stage *stage, FerryRoute route)
{
  ferry_test_wait (stage->anna->n_ended > 0, 10);
  g_assert_no_error (stage->anna->error);
  g_assert_cmpint (ferry_session_get_route (stage->anna->session), ==, route);
}

static void
test_send_order (void)
{
  g_test_summary (
      "It takes the last host that answers: that is our best address, and the relay "
      "is right before it; others find the relay at the end");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  ferry_fake_net_add_proxy (stage.net, RELAY, answer_as_relay, NULL);
  ferry_s5b_service_find_proxies (stage.anna->s5b);

  g_autoptr (FerryNode) request = take_file (&stage, stage.peer, COCCI);
  g_autoptr (GPtrArray) hosts = list_hosts (get_query (request));
  g_assert_cmpuint (hosts->len, >=, 2);
  g_assert_cmpstr (hosts->pdata[hosts->len - 1], ==, ANNA);
  g_assert_cmpstr (hosts->pdata[hosts->len - 2], ==, RELAY);
  g_autoptr (SiWire) wire = si_wire_dial (get_query (request), get_sid (request), ANNA, COCCI);
  ferry_fake_peer_reply (stage.peer, request, USED (ANNA));
  si_wire_assert_file (wire, "", SIZE);
  g_socket_close (wire->socket, NULL);
  assert_sent (&stage, FERRY_ROUTE_DIRECT);

  jingle_end_reset (stage.anna);
  g_autoptr (FerryFakePeer) other = ferry_fake_peer_new (stage.net, "gil@west.example/other");
  g_autoptr (FerryNode) second = take_file (&stage, other, "gil@west.example/other");
  g_autoptr (GPtrArray) forwards = list_hosts (get_query (second));
  g_assert_cmpstr (forwards->pdata[0], ==, ANNA);
  g_assert_cmpstr (forwards->pdata[forwards->len - 1], ==, RELAY);
  ferry_session_cancel (stage.anna->session);
}

/* Its own list, before it dials ours. */
static void
offer_port (Stage *stage, const char *sid, guint port)
{
  ferry_fake_peer_send (stage->peer,
                        "<iq type='set' id='" ID "' to='" ANNA "'><query "
                        "xmlns='" FERRY_NS_BYTESTREAMS "' sid='%s' mode='tcp'><streamhost "
                        "jid='" COCCI "' host='127.0.0.1' port='%u'/></query></iq>",
                        sid, port);
}

/* A rejected query is inside the error. */
static void
refuse (Stage *stage, FerryNode *request)
{
  ferry_fake_peer_send (stage->peer,
                        "<iq type='error' id='%s' to='" ANNA "'><error code='404' "
                        "type='cancel'><item-not-found "
                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><query "
                        "xmlns='" FERRY_NS_BYTESTREAMS "' sid='%s'/></error></iq>",
                        ferry_node_get_attr (request, "id"), get_sid (request));
}

static void
test_send_fast (void)
{
  g_test_summary ("We dial it in lock-step, it reaches nobody: the file comes after one byte");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) request = take_file (&stage, stage.peer, COCCI);
  offer_port (&stage, get_sid (request), stage.port);
  g_autoptr (SiWire) wire = serve (&stage, get_sid (request), COCCI, ANNA);
  refuse (&stage, request);
  g_autoptr (FerryNode) used = ferry_fake_peer_expect (
      stage.peer, "iq[type=result][id=" ID "]/query/streamhost-used[jid=" COCCI "]");
  si_wire_assert_file (wire, "\r", SIZE);
  g_socket_close (wire->socket, NULL);
  assert_sent (&stage, FERRY_ROUTE_FAST);
}

static void
test_send_answers_twice (void)
{
  g_test_summary ("It says that it has used our address, and then that it has not: the second "
                  "answer is none");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) request = take_file (&stage, stage.peer, COCCI);
  offer_port (&stage, get_sid (request), 9);
  g_autoptr (SiWire) wire = si_wire_dial (get_query (request), get_sid (request), ANNA, COCCI);
  ferry_fake_peer_reply (stage.peer, request, USED (ANNA));
  refuse (&stage, request);
  g_autoptr (FerryNode) refused =
      ferry_fake_peer_expect (stage.peer, "iq[type=error][id=" ID "]");
  si_wire_assert_file (wire, "\r", SIZE);
  g_socket_close (wire->socket, NULL);
  assert_sent (&stage, FERRY_ROUTE_DIRECT);
}

/* --- Ferry receives --------------------------------------------------------------------------
 */

/* It offers a file and, when we agree, its hosts. Returns: our own list, which has to come
 * before our answer */
static FerryNode *
offer_file (Stage *stage)
{
  ferry_fake_peer_send (
      stage->peer,
      "<iq type='set' id='" ID "' to='" ANNA "'><si xmlns='http://jabber.org/protocol/si' "
      "id='" SID "' mime-type='text/plain' "
      "profile='http://jabber.org/protocol/si/profile/file-transfer'><file "
      "xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='notes.txt' size='%u' "
      "hash='552da749930852c69ae5d2141d3766b1'/><feature "
      "xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
      "<field var='stream-method' type='list-single'><option><value>" FERRY_NS_BYTESTREAMS
      "</value></option><option><value>" FERRY_NS_IBB
      "</value></option></field></x></feature></si></iq>",
      SIZE);
  g_autoptr (FerryNode) answer =
      ferry_fake_peer_expect (stage->peer, "iq[type=result][id=" ID "]/si");
  ferry_fake_peer_send (stage->peer,
                        "<iq type='set' id='1011' to='" ANNA "'><query "
                        "xmlns='" FERRY_NS_BYTESTREAMS "' sid='" SID "' mode='tcp'><streamhost "
                        "jid='" COCCI "' host='127.0.0.1' port='%u'/><fast "
                        "xmlns='http://affinix.com/jabber/stream'/></query></iq>",
                        stage->port);
  FerryNode *counter = ferry_fake_peer_expect (stage->peer, "iq[id]");
  g_assert_cmpstr (ferry_node_get_attr (counter, "type"), ==, "set");
  g_assert_cmpstr (get_sid (counter), ==, SID);
  return counter;
}

static void
assert_received (Stage *stage, FerryRoute route)
{
  g_autoptr (GBytes) content = jingle_test_content (SIZE);

  ferry_test_wait (stage->anna->n_ended > 0, 10);
  g_assert_no_error (stage->anna->error);
  g_assert_cmpmem (stage->anna->bytes->data, stage->anna->bytes->len,
                   g_bytes_get_data (content, NULL), SIZE);
  g_assert_cmpint (ferry_session_get_route (stage->anna->session), ==, route);
}

static void
test_receive_direct (void)
{
  g_test_summary ("We dial it in lock-step; when we say so it refuses our list, chooses the "
                  "stream with one byte, sends and hangs up");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) counter = offer_file (&stage);
  g_autoptr (SiWire) wire = serve (&stage, SID, COCCI, ANNA);
  g_autoptr (FerryNode) used = ferry_fake_peer_expect (
      stage.peer, "iq[type=result][id=1011]/query/streamhost-used[jid=" COCCI "]");
  refuse (&stage, counter);
  si_wire_send_go_and_file (wire, SIZE);
  g_socket_close (wire->socket, NULL);
  assert_received (&stage, FERRY_ROUTE_DIRECT);
}

static void
test_receive_fast (void)
{
  g_test_summary ("Nobody reaches it: it dials the last of our list, says so and sends");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  g_socket_close (stage.listener, NULL);

  g_autoptr (FerryNode) counter = offer_file (&stage);
  g_autoptr (SiWire) wire = si_wire_dial (get_query (counter), SID, ANNA, COCCI);
  ferry_fake_peer_reply (stage.peer, counter, USED (ANNA));
  si_wire_send_go_and_file (wire, SIZE);
  g_socket_close (wire->socket, NULL);
  g_autoptr (FerryNode) failed =
      ferry_fake_peer_expect (stage.peer, "iq[type=error][id=1011]/error");
  assert_received (&stage, FERRY_ROUTE_FAST);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/si/coccinella/send/order", test_send_order);
  g_test_add_func ("/si/coccinella/send/fast", test_send_fast);
  g_test_add_func ("/si/coccinella/send/answers-twice", test_send_answers_twice);
  g_test_add_func ("/si/coccinella/receive/direct", test_receive_direct);
  g_test_add_func ("/si/coccinella/receive/fast", test_receive_fast);
  return g_test_run ();
}
