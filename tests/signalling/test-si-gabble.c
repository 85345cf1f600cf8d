/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One of our negotiators against telepathy-gabble, as a script: its si-multiple, and its SOCKS5
 * over real connections. */
#include "jingle-end.h"

#include "xmpp/ferry-ns.h"

#define ANNA "anna@north.example/desk"
#define PEER "gil@west.example/gabble"
#define SID "1795226556-2054932167"
#define VALUE(ns) "<value>" ns "</value>"
#define LIST(values)                                                                           \
  "<si xmlns='http://jabber.org/protocol/si'><si-multiple "                                    \
  "xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>" values "</si-multiple>"         \
  "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer'/></si>"
#define QUERY(streamhosts)                                                                     \
  "<iq type='set' id='q' to='" ANNA "'><query xmlns='http://jabber.org/protocol/bytestreams' " \
  "sid='" SID "' mode='tcp'>" streamhosts "</query></iq>"

typedef struct
{
  FerryFakeNet *net;
  JingleEnd *anna;
  FerryFakePeer *peer;
} Stage;

static void
stage_init (Stage *stage)
{
  stage->net = ferry_fake_net_new ();
  stage->anna = jingle_end_new_si (stage->net, ANNA, TRUE);
  stage->peer = ferry_fake_peer_new (stage->net, PEER);
}

static void
stage_clear (Stage *stage)
{
  ferry_fake_net_settle (stage->net);
  jingle_end_free (stage->anna);
  ferry_fake_peer_free (stage->peer);
  g_object_unref (stage->net);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

/* --- SOCKS5, as gabble speaks it -------------------------------------------------------------
 */

/* Reads @size bytes, or what there is before the end. */
static GByteArray *
read_bytes (GSocket *socket, gsize size)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 buffer[256];
  gssize n = 1;

  g_socket_set_blocking (socket, FALSE);
  while (bytes->len < size && n > 0)
    {
      ferry_test_wait (g_socket_condition_check (socket, G_IO_IN) != 0, 5);
      n = g_socket_receive (socket, (char *) buffer, MIN (size - bytes->len, sizeof buffer),
                            NULL, NULL);
      if (n > 0)
        g_byte_array_append (bytes, buffer, (guint) n);
    }
  return bytes;
}

static void
expect_bytes (GSocket *socket, const char *expected, gsize size)
{
  g_autoptr (GByteArray) bytes = read_bytes (socket, size);
  g_assert_cmpmem (bytes->data, bytes->len, expected, size);
}

static void
write_bytes (GSocket *socket, const char *bytes, gsize size)
{
  g_assert_cmpint (g_socket_send (socket, bytes, size, NULL, NULL), ==, (gssize) size);
}

/* Returns: (transfer full): the hash of a stream of @requester to @target */
static char *
make_hash (const char *sid, const char *requester, const char *target)
{
  g_autofree char *text = g_strconcat (sid, requester, target, NULL);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA1, text, -1);
}

static GSocket *
new_listener (guint16 *port)
{
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (loopback, 0);

  g_assert_true (g_socket_bind (socket, any_port, FALSE, NULL));
  g_assert_true (g_socket_listen (socket, NULL));
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  g_socket_set_blocking (socket, FALSE);
  return g_steal_pointer (&socket);
}

/* A streamhost that takes one connection, and does not want to see another. */
static GSocket *
accept_one (GSocket *listener)
{
  ferry_test_wait (g_socket_condition_check (listener, G_IO_IN) != 0, 5);
  GSocket *socket = g_socket_accept (listener, NULL, NULL);
  g_assert_nonnull (socket);
  return socket;
}

/* --- gabble receives -------------------------------------------------------------------------
 */

/* Returns: (transfer full): our `<query/>`, after @answer to our offer of @size bytes */
static FerryNode *
offer_and_answer (Stage *stage, gsize size, const char *answer)
{
  jingle_end_offer (stage->anna, PEER, size, FERRY_ROUTE_ALL);
  g_autoptr (FerryNode) offer =
      ferry_fake_peer_expect (stage->peer, "iq[type=set]/si[id]/si-multiple");
  ferry_fake_peer_reply (stage->peer, offer, answer);
  return ferry_fake_peer_expect (stage->peer, "iq[type=set]/query[sid][mode=tcp]");
}

static const char *
get_sid (FerryNode *query)
{
  return ferry_node_get_attr (ferry_node_get_child (query, "query", FERRY_NS_BYTESTREAMS),
                              "sid");
}

/* In-band, on the id of the stream that failed, with nothing said in between. */
static void
expect_inband (Stage *stage, FerryNode *query)
{
  g_autofree char *path = g_strdup_printf ("iq[type=set]/open[sid=%s]", get_sid (query));
  g_autoptr (FerryNode) open = ferry_fake_peer_expect_and_ack (stage->peer, path);
  g_autoptr (FerryNode) data =
      ferry_fake_peer_expect_and_ack (stage->peer, "iq[type=set]/data[seq=0]");
  g_autoptr (FerryNode) close =
      ferry_fake_peer_expect_and_ack (stage->peer, "iq[type=set]/close[sid]");
  ferry_test_wait (stage->anna->n_ended > 0, 5);
  g_assert_no_error (stage->anna->error);
  g_assert_true (ferry_session_was_received (stage->anna->session));
  g_assert_cmpint (ferry_session_get_route (stage->anna->session), ==, FERRY_ROUTE_INBAND);
  ferry_fake_peer_assert_none (stage->peer, "iq[type=set]/si");
}

static void
test_send_falls_back (void)
{
  g_test_summary (
      "Whatever way SOCKS5 fails, in-band follows on the same id, without an offer");
  static const char *const answers[] = {
    NULL, /* an error */
    "<query xmlns='http://jabber.org/protocol/bytestreams'/>",
    "<query xmlns='http://jabber.org/protocol/bytestreams'><streamhost-used/></query>",
    "<query xmlns='http://jabber.org/protocol/bytestreams'>"
    "<streamhost-used jid='relay.nowhere.example'/></query>",
  };
  static const FerryStanzaCondition conditions[] = { FERRY_STANZA_ITEM_NOT_FOUND,
                                                     FERRY_STANZA_NOT_ACCEPTABLE,
                                                     FERRY_STANZA_INTERNAL_SERVER_ERROR };
  for (guint i = 0; i < G_N_ELEMENTS (answers) + G_N_ELEMENTS (conditions) - 1; i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      g_autoptr (FerryNode) query = offer_and_answer (
          &stage, 2, LIST (VALUE (FERRY_NS_BYTESTREAMS) VALUE (FERRY_NS_IBB)));
      if (i < G_N_ELEMENTS (conditions))
        ferry_fake_peer_reply_error (stage.peer, query, conditions[i]);
      else
        ferry_fake_peer_reply (stage.peer, query, answers[i - G_N_ELEMENTS (conditions) + 1]);
      expect_inband (&stage, query);
    }
}

static void
test_send_order (void)
{
  g_test_summary (
      "The order of the answer is the order of the attempts; unknown ways are left out");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  jingle_end_offer (stage.anna, PEER, 2, FERRY_ROUTE_ALL);
  g_autoptr (FerryNode) offer = ferry_fake_peer_expect (stage.peer, "iq[type=set]/si[id]");
  ferry_fake_peer_reply (
      stage.peer, offer,
      LIST (VALUE ("urn:unknown") VALUE (FERRY_NS_IBB) VALUE (FERRY_NS_BYTESTREAMS)));
  g_autoptr (FerryNode) open = ferry_fake_peer_expect (stage.peer, "iq[type=set]/open[sid]");
  ferry_fake_peer_assert_none (stage.peer, "iq[type=set]/query[sid]");
}

static void
test_send_direct (void)
{
  g_test_summary (
      "gabble dials us: a reply of type 3 with its own hash; nothing before its word");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  g_autoptr (FerryNode) query =
      offer_and_answer (&stage, 3, LIST (VALUE (FERRY_NS_BYTESTREAMS) VALUE (FERRY_NS_IBB)));
  FerryNode *host = ferry_node_get_child (
      ferry_node_get_child (query, "query", FERRY_NS_BYTESTREAMS), "streamhost", NULL);
  g_assert_cmpstr (ferry_node_get_attr (host, "jid"), ==, ANNA);
  g_autofree char *hash = make_hash (get_sid (query), ANNA, PEER);

  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (
      client, "127.0.0.1",
      (guint16) g_ascii_strtoull (ferry_node_get_attr (host, "port"), NULL, 10), NULL, NULL);
  g_assert_nonnull (connection);
  GSocket *socket = g_socket_connection_get_socket (connection);
  g_autofree char *request = g_strdup_printf ("\5\1_\3\50%s__", hash);
  request[2] = request[45] = request[46] = '\0';
  write_bytes (socket, "\5\1\0", 3);
  expect_bytes (socket, "\5\0", 2);
  write_bytes (socket, request, 47);
  request[1] = '\0';
  expect_bytes (socket, request, 47);
  ferry_fake_net_settle (stage.net);
  g_assert_cmpint (g_socket_condition_check (socket, G_IO_IN), ==, 0);

  /* Its answer has no sid, and its end of the connection is its only word. */
  ferry_fake_peer_reply (stage.peer, query,
                         "<query xmlns='http://jabber.org/protocol/bytestreams'>"
                         "<streamhost-used jid='" ANNA "'/></query>");
  g_autoptr (GByteArray) bytes = read_bytes (socket, 3);
  g_assert_cmpuint (bytes->len, ==, 3);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  ferry_test_wait (stage.anna->n_ended > 0, 10);
  g_assert_no_error (stage.anna->error);
  g_assert_cmpint (ferry_session_get_route (stage.anna->session), ==, FERRY_ROUTE_DIRECT);
}

/* --- gabble sends ----------------------------------------------------------------------------
 */

static void
send_offer (Stage *stage)
{
  ferry_fake_peer_send (
      stage->peer,
      "<iq type='set' id='offer' to='" ANNA
      "'><si xmlns='http://jabber.org/protocol/si' id='" SID
      "' profile='http://jabber.org/protocol/si/profile/file-transfer'>"
      "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' "
      "type='form'><field var='stream-method' type='list-single'>"
      "<option><value>http://jabber.org/protocol/bytestreams</value></option>"
      "<option><value>http://jabber.org/protocol/ibb</value></option></field></x></feature>"
      "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'/>"
      "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='two.txt' "
      "size='2' mime-type='text/plain' date='2026-11-21T02:02:13Z'>"
      /* Metadata forms, which are to be passed over. */
      "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>"
      "http://telepathy.freedesktop.org/xmpp/file-transfer-service</value></field>"
      "<field var='ServiceName'><value>my.svc</value></field></x>"
      "<desc/><range/></file></si></iq>");
  g_autoptr (FerryNode) answer =
      ferry_fake_peer_expect (stage->peer, "iq[type=result][id=offer]/si/si-multiple");
  ferry_test_assert_node (ferry_node_get_child (answer, "si", FERRY_NS_SI),
                          "<si xmlns='http://jabber.org/protocol/si'><si-multiple "
                          "xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>" VALUE (
                              FERRY_NS_BYTESTREAMS) VALUE (FERRY_NS_IBB) "</si-multiple></si>");
}

static void
open_inband (Stage *stage)
{
  ferry_fake_peer_send (stage->peer, "<iq type='set' id='open' to='" ANNA
                                     "'><open xmlns='http://jabber.org/protocol/ibb' "
                                     "sid='" SID "' block-size='4096'/></iq>");
  g_autoptr (FerryNode) opened =
      ferry_fake_peer_expect (stage->peer, "iq[type=result][id=open]");
  ferry_fake_peer_send (stage->peer, "<iq type='set' id='data' to='" ANNA
                                     "'><data xmlns='http://jabber.org/protocol/ibb' "
                                     "sid='" SID "' seq='0'>aGk=</data></iq>");
  ferry_test_wait (stage->anna->n_ended > 0, 5);
  g_assert_no_error (stage->anna->error);
  g_assert_cmpmem (stage->anna->bytes->data, stage->anna->bytes->len, "hi", 2);
  g_assert_cmpint (ferry_session_get_route (stage->anna->session), ==, FERRY_ROUTE_INBAND);
}

static void
test_receive_falls_back (void)
{
  g_test_summary (
      "No streamhost, or none that answers: item-not-found, and in-band is welcome");
  guint16 port;
  g_autoptr (GSocket) taken = new_listener (&port);
  g_socket_close (taken, NULL); /* now nobody listens there */
  g_autofree char *dead =
      g_strdup_printf (QUERY ("<streamhost jid='" PEER "' host='127.0.0.1' port='%u'/>"), port);
  const char *const queries[] = { QUERY (""), dead };

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      send_offer (&stage);
      ferry_fake_peer_send (stage.peer, "%s", queries[i]);
      g_autoptr (FerryNode) error =
          ferry_fake_peer_expect (stage.peer, "iq[type=error][id=q]/error/item-not-found");
      open_inband (&stage);
    }
}

/* Takes our dial; returns: (transfer full): the connection, after @reply to our CONNECT */
static GSocket *
serve (GSocket *listener, const char *reply, gsize size)
{
  GSocket *socket = accept_one (listener);
  g_autofree char *hash = make_hash (SID, PEER, ANNA);
  g_autofree char *request = g_strdup_printf ("\5\1_\3\50%s__", hash);
  request[2] = request[45] = request[46] = '\0';

  expect_bytes (socket, "\5\1\0", 3);
  write_bytes (socket, "\5\0", 2);
  expect_bytes (socket, request, 47);
  if (size > 0)
    write_bytes (socket, reply, size);
  return socket;
}

static void
test_receive_direct (void)
{
  g_test_summary (
      "Replies are read by their length, whatever is in them; the rest is the file");
  static const struct
  {
    const char *reply;
    gsize size;
  } replies[] = {
    { "\5\0\0\3\4abcd\0\0hi", 13 },                           /* not the hash: Pidgin */
    { "\5\0\0\0\0\0hi", 8 },                                  /* no address: old ejabberd */
    { "\5\0\0\1\177\0\0\1\0\0hi", 12 },                       /* IPv4 */
    { "\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0hi", 24 }, /* IPv6 */
  };
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_auto (Stage) stage = { 0 };
      guint16 port;
      g_autoptr (GSocket) listener = new_listener (&port);
      stage_init (&stage);
      send_offer (&stage);
      /* The same machine under two addresses: only one connection may reach it, or gabble
       * aborts. */
      ferry_fake_peer_send (stage.peer,
                            QUERY ("<streamhost jid='" PEER "' host='127.0.0.1' port='%u'/>"
                                   "<streamhost jid='" PEER "' host='127.0.0.2' port='%u'/>"),
                            port, port);
      g_autoptr (GSocket) socket = serve (listener, replies[i].reply, replies[i].size);
      g_autoptr (FerryNode) used = ferry_fake_peer_expect (
          stage.peer, "iq[type=result][id=q]/query/streamhost-used[jid=" PEER "]");
      ferry_test_wait (stage.anna->n_ended > 0, 5);
      g_assert_no_error (stage.anna->error);
      g_assert_cmpmem (stage.anna->bytes->data, stage.anna->bytes->len, "hi", 2);
      g_assert_cmpint (ferry_session_get_route (stage.anna->session), ==, FERRY_ROUTE_DIRECT);
      g_assert_cmpint (g_socket_condition_check (listener, G_IO_IN), ==, 0);
    }
}

static void
test_receive_short_reply (void)
{
  g_test_summary ("gabble before 0.7.22 answers CONNECT with two bytes, and means yes");
  g_auto (Stage) stage = { 0 };
  guint16 port;
  g_autoptr (GSocket) listener = new_listener (&port);
  stage_init (&stage);
  send_offer (&stage);
  ferry_fake_peer_send (
      stage.peer, QUERY ("<streamhost jid='" PEER "' host='127.0.0.1' port='%u'/>"), port);
  g_autoptr (GSocket) socket = serve (listener, "\5\0", 2);
  g_autoptr (FerryNode) used =
      ferry_fake_peer_expect (stage.peer, "iq[type=result][id=q]/query/streamhost-used");
  write_bytes (socket, "hi", 2);
  ferry_test_wait (stage.anna->n_ended > 0, 5);
  g_assert_no_error (stage.anna->error);
  g_assert_cmpmem (stage.anna->bytes->data, stage.anna->bytes->len, "hi", 2);
}

static void
test_receive_refusals (void)
{
  g_test_summary ("Who speaks SOCKS5 but refuses is never dialled again under another address");
  static const struct
  {
    const char *reply;
    gsize size;
  } replies[] = {
    { "\5\1\0\3\0\0\0", 7 },        /* Prosody */
    { "\5\1", 2 },                  /* Dino */
    { "\5\4\0\1\0\0\0\0\0\0", 10 }, /* iris */
    { "", 0 },                      /* gabble: no word */
  };
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_auto (Stage) stage = { 0 };
      guint16 port;
      g_autoptr (GSocket) listener = new_listener (&port);
      stage_init (&stage);
      send_offer (&stage);
      ferry_fake_peer_send (stage.peer,
                            QUERY ("<streamhost jid='" PEER "' host='127.0.0.1' port='%u'/>"
                                   "<streamhost jid='" PEER "' host='127.0.0.2' port='%u'/>"),
                            port, port);
      g_autoptr (GSocket) socket = serve (listener, replies[i].reply, replies[i].size);
      g_socket_close (socket, NULL);
      g_autoptr (FerryNode) error =
          ferry_fake_peer_expect (stage.peer, "iq[type=error][id=q]/error/item-not-found");
      g_assert_cmpint (g_socket_condition_check (listener, G_IO_IN), ==, 0);
      open_inband (&stage);
    }
}

/* Its relay as a streamhost, to which we are connected and of which we have said so. */
static GSocket *
reach_relay (Stage *stage, GSocket *listener, guint16 port)
{
  send_offer (stage);
  ferry_fake_peer_send (
      stage->peer, QUERY ("<streamhost jid='relay.west.example' host='127.0.0.1' port='%u'/>"),
      port);
  GSocket *socket = serve (listener, "\5\0\0\1\0\0\0\0\0\0", 10);
  g_autoptr (FerryNode) used =
      ferry_fake_peer_expect (stage->peer, "iq[type=result][id=q]/query/streamhost-used");
  g_assert_null (stage->anna->socket);
  return socket;
}

static void
test_receive_dead_relay (void)
{
  g_test_summary ("It cannot activate the relay that we are connected to, and opens in-band");
  for (guint i = 0; i < 2; i++)
    {
      g_auto (Stage) stage = { 0 };
      guint16 port;
      g_autoptr (GSocket) listener = new_listener (&port);
      stage_init (&stage);
      g_autoptr (GSocket) socket = reach_relay (&stage, listener, port);
      /* The relay may hang up first, or keep us. */
      if (i == 1)
        {
          g_socket_close (socket, NULL);
          ferry_fake_net_settle (stage.net);
        }
      open_inband (&stage);
    }
}

static void
test_receive_relay (void)
{
  g_test_summary ("The first byte through the relay decides; then in-band comes too late");
  g_auto (Stage) stage = { 0 };
  guint16 port;
  g_autoptr (GSocket) listener = new_listener (&port);
  stage_init (&stage);
  g_autoptr (GSocket) socket = reach_relay (&stage, listener, port);
  write_bytes (socket, "h", 1);
  ferry_test_wait (stage.anna->socket != NULL, 5);
  g_assert_cmpint (ferry_session_get_route (stage.anna->session), ==, FERRY_ROUTE_PROXY);
  ferry_fake_net_settle (stage.net);
  ferry_fake_peer_send (stage.peer, "<iq type='set' id='open' to='" ANNA
                                    "'><open xmlns='http://jabber.org/protocol/ibb' "
                                    "sid='" SID "' block-size='4096'/></iq>");
  g_autoptr (FerryNode) late = ferry_fake_peer_expect (stage.peer, "iq[type=error][id=open]");
  write_bytes (socket, "i", 1);
  ferry_test_wait (stage.anna->n_ended > 0, 5);
  g_assert_no_error (stage.anna->error);
  g_assert_cmpmem (stage.anna->bytes->data, stage.anna->bytes->len, "hi", 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/si/gabble/send/falls-back", test_send_falls_back);
  g_test_add_func ("/si/gabble/send/order", test_send_order);
  g_test_add_func ("/si/gabble/send/direct", test_send_direct);
  g_test_add_func ("/si/gabble/receive/falls-back", test_receive_falls_back);
  g_test_add_func ("/si/gabble/receive/direct", test_receive_direct);
  g_test_add_func ("/si/gabble/receive/short-reply", test_receive_short_reply);
  g_test_add_func ("/si/gabble/receive/refusals", test_receive_refusals);
  g_test_add_func ("/si/gabble/receive/dead-relay", test_receive_dead_relay);
  g_test_add_func ("/si/gabble/receive/relay", test_receive_relay);
  return g_test_run ();
}
