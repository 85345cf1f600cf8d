/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One of our negotiators against a scripted libpurple, which goes from SOCKS5 to in-band
 * without a word: `<open/>` on the id of the stream that failed. */
#include "jingle-end.h"
#include "si-wire.h"

#include "xmpp/ferry-ns.h"

#define ANNA "anna@north.example/desk"
#define PURPLE "gil@west.example/purple"
#define SID "purple7c1e0a2"
#define SIZE 5000
/* It takes the size of a block for that of its base64. */
#define BLOCK 3070

#define FORM(type, field)                                                                      \
  "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' "          \
  "type='" type "'>" field "</x></feature>"
#define ANSWER                                                                                 \
  "<si xmlns='http://jabber.org/protocol/si'>" FORM (                                          \
      "submit",                                                                                \
      "<field var='stream-method'><value>" FERRY_NS_BYTESTREAMS "</value></field>") "</si>"

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
  stage->peer = ferry_fake_peer_new (stage->net, PURPLE);
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

/* --- libpurple sends -------------------------------------------------------------------------
 */

static void
offer_file (Stage *stage)
{
  ferry_fake_peer_send (
      stage->peer,
      "<iq type='set' id='purple7c1e0a3' to='" ANNA "'><si "
      "xmlns='http://jabber.org/protocol/si' id='" SID "' "
      "profile='http://jabber.org/protocol/si/profile/file-transfer'><file "
      "xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='notes.txt' "
      "size='%u'/>" FORM (
          "form",
          "<field var='stream-method' type='list-single'><option><value>" FERRY_NS_BYTESTREAMS
          "</value></option><option><value>" FERRY_NS_IBB "</value></option></field>") "</si>"
                                                                                       "</iq>",
      SIZE);
  g_autoptr (FerryNode) answer = ferry_fake_peer_expect (
      stage->peer, "iq[type=result][id=purple7c1e0a3]/si/feature/x/field/value");
  FerryNode *si = ferry_node_get_child (answer, "si", FERRY_NS_SI);
  FerryNode *feature = ferry_node_get_child (si, "feature", NULL);
  FerryNode *field =
      ferry_node_get_child (ferry_node_get_child (feature, "x", NULL), "field", NULL);
  g_assert_cmpstr (ferry_node_get_child_text (field, "value", NULL), ==, FERRY_NS_BYTESTREAMS);
}

static void
send_block (Stage *stage, guint seq, const guint8 *bytes, gsize size)
{
  g_autofree char *base64 = g_base64_encode (bytes, size);
  g_autofree char *path = g_strdup_printf ("iq[type=result][id=data%u]", seq);

  ferry_fake_peer_send (stage->peer,
                        "<iq type='set' id='data%u' to='" ANNA "'><data "
                        "xmlns='http://jabber.org/protocol/ibb' sid='" SID "' seq='%u'>%s"
                        "</data></iq>",
                        seq, seq, base64);
  g_autoptr (FerryNode) taken = ferry_fake_peer_expect (stage->peer, path);
}

/* The whole file, and no more SOCKS5 nor another offer. */
static void
send_inband (Stage *stage)
{
  g_autoptr (GBytes) content = jingle_test_content (SIZE);
  const guint8 *bytes = g_bytes_get_data (content, NULL);

  ferry_fake_peer_send (stage->peer, "<iq type='set' id='purple7c1e0a4' to='" ANNA "'><open "
                                     "xmlns='http://jabber.org/protocol/ibb' sid='" SID
                                     "' block-size='4096'/></iq>");
  g_autoptr (FerryNode) opened =
      ferry_fake_peer_expect (stage->peer, "iq[type=result][id=purple7c1e0a4]");
  send_block (stage, 0, bytes, BLOCK);
  send_block (stage, 1, bytes + BLOCK, SIZE - BLOCK);
  ferry_fake_peer_send (stage->peer,
                        "<iq type='set' id='close' to='" ANNA "'><close "
                        "xmlns='http://jabber.org/protocol/ibb' sid='" SID "'/></iq>");
  ferry_test_wait (stage->anna->n_ended > 0, 20);
  g_assert_no_error (stage->anna->error);
  g_assert_cmpmem (stage->anna->bytes->data, stage->anna->bytes->len, bytes, SIZE);
  g_assert_cmpint (ferry_session_get_route (stage->anna->session), ==, FERRY_ROUTE_INBAND);
}

/* Returns: (transfer full): nobody listens at its port, and nobody else can have it */
static GSocket *
new_deaf_socket (guint16 *port)
{
  GSocket *socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any_port = g_inet_socket_address_new (any, 0);

  g_assert_true (g_socket_bind (socket, any_port, FALSE, NULL));
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
  return socket;
}

static void
test_receive_fallback (void)
{
  g_test_summary ("None of its hosts can be reached, and we say so: it opens in-band");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  guint16 port;
  g_autoptr (GSocket) deaf = new_deaf_socket (&port);

  offer_file (&stage);
  ferry_fake_peer_send (stage.peer,
                        "<iq type='set' id='hosts' to='" ANNA "'><query "
                        "xmlns='" FERRY_NS_BYTESTREAMS "' sid='" SID "' mode='tcp'>"
                        "<streamhost jid='" PURPLE "' host='127.0.0.1' port='%u'/>"
                        "<streamhost jid='" PURPLE
                        "' host='127.0.0.2' port='%u'/></query></iq>",
                        port, port);
  g_autoptr (FerryNode) failed =
      ferry_fake_peer_expect (stage.peer, "iq[type=error][id=hosts]/error/item-not-found");
  send_inband (&stage);
}

static void
test_receive_no_hosts (void)
{
  g_test_summary ("It has no host to offer: not even a list comes before in-band");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  offer_file (&stage);
  send_inband (&stage);
}

static void
test_receive_other_stream (void)
{
  g_test_summary ("In-band is open for the stream that was agreed, and for no other");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  offer_file (&stage);
  ferry_fake_peer_send (stage.peer, "<iq type='set' id='other' to='" ANNA "'><open "
                                    "xmlns='http://jabber.org/protocol/ibb' "
                                    "sid='purple7c1e0a9' block-size='4096'/></iq>");
  g_autoptr (FerryNode) refused =
      ferry_fake_peer_expect (stage.peer, "iq[type=error][id=other]");
  send_inband (&stage);
}

/* --- libpurple receives ----------------------------------------------------------------------
 */

/* It agrees to SOCKS5, reaches nobody, and waits 30 s for in-band. Returns: our `<open/>` */
static FerryNode *
fail_hosts (Stage *stage)
{
  jingle_end_offer (stage->anna, PURPLE, SIZE, FERRY_ROUTE_ALL);
  g_autoptr (FerryNode) offer = ferry_fake_peer_expect (stage->peer, "iq[type=set]/si[id]");
  ferry_fake_peer_reply (stage->peer, offer, ANSWER);
  g_autoptr (FerryNode) hosts = ferry_fake_peer_expect (stage->peer, "iq[type=set]/query[sid]");
  ferry_fake_peer_send (stage->peer,
                        "<iq type='error' id='%s' to='" ANNA "'><error code='404' "
                        "type='cancel'><item-not-found "
                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
                        ferry_node_get_attr (hosts, "id"));
  FerryNode *open = ferry_fake_peer_expect (stage->peer, "iq[type=set]/open[sid]");
  g_assert_cmpstr (
      ferry_node_get_attr (ferry_node_get_child (open, "open", FERRY_NS_IBB), "sid"), ==,
      ferry_node_get_attr (ferry_node_get_child (offer, "si", FERRY_NS_SI), "id"));
  ferry_fake_peer_assert_none (stage->peer, "iq[type=set]/si");
  return open;
}

static void
test_send_fallback (void)
{
  g_test_summary (
      "It reaches none of our hosts: we open in-band on the same id without another "
      "offer. It does not answer <close/>");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_autoptr (FerryNode) open = fail_hosts (&stage);
  ferry_fake_peer_reply (stage.peer, open, NULL);
  for (guint seq = 0; bytes->len < SIZE; seq++)
    {
      g_autofree char *path = g_strdup_printf ("iq[type=set]/data[seq=%u]", seq);
      g_autoptr (FerryNode) data = ferry_fake_peer_expect_and_ack (stage.peer, path);
      gsize size;
      g_autofree guchar *block =
          g_base64_decode (ferry_node_get_child_text (data, "data", FERRY_NS_IBB), &size);
      /* A larger one ends the transfer without a word. */
      g_assert_cmpuint (size, <=, 4096);
      g_byte_array_append (bytes, block, (guint) size);
    }
  g_autoptr (FerryNode) close = ferry_fake_peer_expect (stage.peer, "iq[type=set]/close[sid]");
  ferry_test_wait (stage.anna->n_ended > 0, 20);
  g_assert_no_error (stage.anna->error);
  g_assert_true (ferry_session_was_received (stage.anna->session));
  g_assert_cmpint (ferry_session_get_route (stage.anna->session), ==, FERRY_ROUTE_INBAND);
  g_autoptr (GBytes) content = jingle_test_content (SIZE);
  g_assert_cmpmem (bytes->data, bytes->len, g_bytes_get_data (content, NULL), SIZE);
}

static void
test_send_forgotten (void)
{
  g_test_summary ("Its user has stopped: it knows nothing of the stream any more, and the file "
                  "does not count as sent");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) open = fail_hosts (&stage);
  ferry_fake_peer_reply (stage.peer, open, NULL);
  g_autoptr (FerryNode) data = ferry_fake_peer_expect (stage.peer, "iq[type=set]/data[seq=0]");
  ferry_fake_peer_send (stage.peer,
                        "<iq type='error' id='%s' to='" ANNA "'><error code='440' "
                        "type='cancel'><item-not-found "
                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
                        ferry_node_get_attr (data, "id"));
  ferry_test_wait (stage.anna->n_ended > 0, 20);
  g_assert_nonnull (stage.anna->error);
  g_assert_false (ferry_session_was_received (stage.anna->session));
}

static void
test_send_not_inband (void)
{
  g_test_summary ("What may not go through the servers does not");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  jingle_end_offer (stage.anna, PURPLE, SIZE, FERRY_ROUTE_DIRECT);
  g_autoptr (FerryNode) offer = ferry_fake_peer_expect (stage.peer, "iq[type=set]/si[id]");
  ferry_fake_peer_reply (stage.peer, offer, ANSWER);
  g_autoptr (FerryNode) hosts = ferry_fake_peer_expect (stage.peer, "iq[type=set]/query[sid]");
  ferry_fake_peer_reply_error (stage.peer, hosts, FERRY_STANZA_ITEM_NOT_FOUND);
  ferry_test_wait (stage.anna->n_ended > 0, 20);
  g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_ROUTE);
  ferry_fake_peer_assert_none (stage.peer, "iq[type=set]/open");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/si/libpurple/receive/fallback", test_receive_fallback);
  g_test_add_func ("/si/libpurple/receive/no-hosts", test_receive_no_hosts);
  g_test_add_func ("/si/libpurple/receive/other-stream", test_receive_other_stream);
  g_test_add_func ("/si/libpurple/send/fallback", test_send_fallback);
  g_test_add_func ("/si/libpurple/send/forgotten", test_send_forgotten);
  g_test_add_func ("/si/libpurple/send/not-inband", test_send_not_inband);
  return g_test_run ();
}
