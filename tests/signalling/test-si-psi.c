/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One of our negotiators against a scripted Psi, with real connections: its SOCKS5 bytestreams
 * with fast mode, in its words and its order. */
#include "jingle-end.h"
#include "si-wire.h"

#include "base/ferry-hash.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"
#include "xmpp/ferry-ns.h"

#define ANNA "anna@north.example/desk"
#define PSI "gil@west.example/Psi"
#define SIZE 100000
/* Psi's stream ids are the same after every start. */
#define SID "ft_bc8f"
#define NS_FAST "http://affinix.com/jabber/stream"

/* Psi indents what it sends. */
#define ANSWER_WITH(ns)                                                                        \
  "<si xmlns='http://jabber.org/protocol/si'>\n\n"                                             \
  "<feature xmlns='http://jabber.org/protocol/feature-neg'>\n\n<x xmlns='jabber:x:data' "      \
  "type='submit'>\n\n<field var='stream-method'>\n\n"                                          \
  "<value>" ns "</value></field></x></feature></si>"
#define ANSWER ANSWER_WITH (FERRY_NS_BYTESTREAMS)
#define USED(jid)                                                                              \
  "<query xmlns='" FERRY_NS_BYTESTREAMS "'>\n\n<streamhost-used jid='" jid "'/></query>"
#define STREAMHOST "<streamhost port='%u' host='127.0.0.1' jid='" PSI "'/>\n\n"

/* Real limits but for one: what is waited for here is quick. */
static const FerryRaceTimes times = {
  .stagger = 250,
  .group_stagger = 500,
  .proxy_stagger = 500,
  .proxy_hold = 300,
  .direct_chance = 1500,
  .direct_attempt = 500,
  .attempt = 8000,
  .dialling = 20000,
  .after_direct = 200,
  .report = 60000,
  .report_candidate = 10000,
  .incoming = 300,
  .incoming_settle = 200,
  .activated = 30000,
  .go = 40000,
};

/* --- Psi -------------------------------------------------------------------------------------
 */

typedef struct
{
  FerryFakeNet *net;
  JingleEnd *anna;
  FerryFakePeer *peer;
  FerryS5bListener *listener;
  SiWire *incoming; /* nullable: made by Ferry */
  char *destination;
} Stage;

static void
stage_init (Stage *stage)
{
  stage->net = ferry_fake_net_new ();
  stage->anna = jingle_end_new_si (stage->net, ANNA, TRUE);
  ferry_s5b_service_set_times (stage->anna->s5b, &times);
  stage->peer = ferry_fake_peer_new (stage->net, PSI);
}

static void
stage_clear (Stage *stage)
{
  ferry_fake_net_settle (stage->net);
  g_clear_pointer (&stage->listener, ferry_s5b_listener_free);
  g_clear_pointer (&stage->incoming, si_wire_free);
  g_free (stage->destination);
  jingle_end_free (stage->anna);
  ferry_fake_peer_free (stage->peer);
  g_object_unref (stage->net);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

static void
on_incoming (GSocket *socket, gpointer user_data)
{
  Stage *stage = user_data;
  g_assert_null (stage->incoming);
  stage->incoming = si_wire_new (g_object_ref (socket));
}

/* Opens Psi's port for the stream @sid. Returns: the port */
static guint
listen_for (Stage *stage, const char *sid)
{
  stage->listener = ferry_s5b_listener_new (0, NULL);
  g_assert_nonnull (stage->listener);
  stage->destination = ferry_hash_sha1_hex (sid, PSI, ANNA, NULL);
  ferry_s5b_listener_expect (stage->listener, stage->destination, on_incoming, stage);
  return ferry_s5b_listener_get_port (stage->listener);
}

static SiWire *
dial (FerryNode *query, const char *sid)
{
  return si_wire_dial (query, sid, ANNA, PSI);
}

/* Ferry offers, Psi agrees to SOCKS5. Returns: Ferry's list of hosts */
static FerryNode *
take_file (Stage *stage, gsize size, FerryRoute routes)
{
  jingle_end_offer (stage->anna, PSI, size, routes);
  g_autoptr (FerryNode) offer = ferry_fake_peer_expect (stage->peer, "iq[type=set]/si[id]");
  ferry_fake_peer_reply (stage->peer, offer, ANSWER);
  return ferry_fake_peer_expect (stage->peer, "iq[type=set]/query[sid]");
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

static gboolean
has_fast (FerryNode *iq)
{
  return ferry_node_get_child (get_query (iq), "fast", NS_FAST) != NULL;
}

/* Psi's own list, as target: its iq ids are short and counted. */
static void
offer_port (Stage *stage, const char *sid, guint port)
{
  ferry_fake_peer_send (stage->peer,
                        "<iq type='set' id='aac4a' to='" ANNA "'>\n\n<query mode='tcp' "
                        "xmlns='" FERRY_NS_BYTESTREAMS "' sid='%s'>\n\n" STREAMHOST
                        "</query></iq>",
                        sid, port);
}

static void
refuse (Stage *stage, FerryNode *request)
{
  ferry_fake_peer_send (stage->peer,
                        "<iq type='error' id='%s' to='" ANNA "'>\n\n<error type='cancel' "
                        "code='404'>\n\n<remote-server-not-found "
                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
                        ferry_node_get_attr (request, "id"));
}

/* --- Ferry sends -----------------------------------------------------------------------------
 */

static void
assert_sent (Stage *stage, FerryRoute route)
{
  ferry_test_wait (stage->anna->n_ended > 0, 10);
  g_assert_no_error (stage->anna->error);
  g_assert_cmpint (ferry_session_get_route (stage->anna->session), ==, route);
}

static void
test_send_plain (void)
{
  g_test_summary (
      "Without fast mode no byte comes before the file; Psi dials several hosts and "
      "closes all but one as soon as that is connected");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) request = take_file (&stage, SIZE, FERRY_ROUTE_DIRECT);
  g_assert_false (has_fast (request));
  g_autoptr (SiWire) loser = dial (get_query (request), get_sid (request));
  g_autoptr (SiWire) winner = dial (get_query (request), get_sid (request));
  g_socket_close (loser->socket, NULL);
  ferry_fake_peer_reply (stage.peer, request, USED (ANNA));
  si_wire_assert_file (winner, "", SIZE);
  g_socket_close (winner->socket, NULL);
  assert_sent (&stage, FERRY_ROUTE_DIRECT);
}

/* Psi connects, hangs up, and says then that it has used our address. */
static void
connect_and_go (Stage *stage, gsize size)
{
  g_autoptr (FerryNode) request = take_file (stage, size, FERRY_ROUTE_DIRECT);
  SiWire *wire = dial (get_query (request), get_sid (request));

  si_wire_free (wire);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  ferry_fake_peer_reply (stage->peer, request, USED (ANNA));
  ferry_test_wait (stage->anna->n_ended > 0, 10);
}

static void
test_send_empty (void)
{
  g_test_summary ("Psi has all of an empty file when it is connected, and hangs up before it "
                  "says that it was");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  connect_and_go (&stage, 0);
  assert_sent (&stage, FERRY_ROUTE_DIRECT);
}

static void
test_send_nothing_arrives (void)
{
  g_test_summary ("The same with a file that has bytes is a failure");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  connect_and_go (&stage, 1);
  g_assert_nonnull (stage.anna->error);
}

static void
test_send_fast (void)
{
  g_test_summary ("Psi cannot reach us and offers its own port: we dial it, answer its offer, "
                  "and the file comes after one byte");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) request = take_file (&stage, SIZE, FERRY_ROUTE_ALL);
  g_assert_true (has_fast (request));
  offer_port (&stage, get_sid (request), listen_for (&stage, get_sid (request)));
  refuse (&stage, request);
  g_autoptr (FerryNode) used = ferry_fake_peer_expect (
      stage.peer, "iq[type=result][id=aac4a]/query/streamhost-used[jid=" PSI "]");
  ferry_test_wait (stage.incoming != NULL, 10);
  si_wire_assert_file (stage.incoming, "\r", SIZE);
  g_clear_pointer (&stage.incoming, si_wire_free);
  assert_sent (&stage, FERRY_ROUTE_FAST);
}

static void
test_send_fast_incoming (void)
{
  g_test_summary ("Fast mode where Psi's dial to us is what works: its own offer is refused, "
                  "and still the byte comes first");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) request = take_file (&stage, SIZE, FERRY_ROUTE_ALL);
  /* Nobody listens there any more. */
  guint port = listen_for (&stage, get_sid (request));
  g_clear_pointer (&stage.listener, ferry_s5b_listener_free);
  offer_port (&stage, get_sid (request), port);
  g_autoptr (SiWire) wire = dial (get_query (request), get_sid (request));
  ferry_fake_peer_reply (stage.peer, request, USED (ANNA));
  g_autoptr (FerryNode) refused =
      ferry_fake_peer_expect (stage.peer, "iq[type=error][id=aac4a]");
  si_wire_assert_file (wire, "\r", SIZE);
  g_socket_close (wire->socket, NULL);
  assert_sent (&stage, FERRY_ROUTE_DIRECT);
}

static void
test_send_late_offer (void)
{
  g_test_summary ("An offer of Psi's after its answer is refused, and there is no byte");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) request = take_file (&stage, SIZE, FERRY_ROUTE_ALL);
  g_autoptr (SiWire) wire = dial (get_query (request), get_sid (request));
  ferry_fake_peer_reply (stage.peer, request, USED (ANNA));
  offer_port (&stage, get_sid (request), listen_for (&stage, get_sid (request)));
  g_autoptr (FerryNode) refused =
      ferry_fake_peer_expect (stage.peer, "iq[type=error][id=aac4a]/error/not-acceptable");
  si_wire_assert_file (wire, "", SIZE);
  g_socket_close (wire->socket, NULL);
  assert_sent (&stage, FERRY_ROUTE_DIRECT);
}

static void
test_send_again (void)
{
  g_test_summary (
      "SOCKS5 fails, Psi rejects in-band on the same id: it is offered the file once "
      "more, in-band only");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) request = take_file (&stage, SIZE, FERRY_ROUTE_ALL);
  refuse (&stage, request);
  g_autoptr (FerryNode) open = ferry_fake_peer_expect (stage.peer, "iq[type=set]/open[sid]");
  ferry_fake_peer_send (stage.peer,
                        "<iq type='error' id='%s' to='" ANNA "'>\n\n<error type='cancel' "
                        "code='403'>\n\n<forbidden "
                        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
                        ferry_node_get_attr (open, "id"));
  g_autoptr (FerryNode) offer = ferry_fake_peer_expect (stage.peer, "iq[type=set]/si[id]");
  g_assert_cmpstr (ferry_node_get_attr (ferry_node_get_child (offer, "si", FERRY_NS_SI), "id"),
                   !=, get_sid (request));
  ferry_fake_peer_reply (stage.peer, offer, ANSWER_WITH (FERRY_NS_IBB));
  g_autoptr (FerryNode) opened =
      ferry_fake_peer_expect_and_ack (stage.peer, "iq[type=set]/open[sid]");
  ferry_session_cancel (stage.anna->session);
}

/* --- Ferry receives --------------------------------------------------------------------------
 */

/* Psi offers a file and, when Ferry agrees, its hosts: port 0 is none. Returns: Ferry's own
 * list, which has to come before its answer */
static FerryNode *
offer_file (Stage *stage, guint port)
{
  ferry_fake_peer_send (
      stage->peer,
      "<iq type='set' id='aac4a' to='" ANNA "'>\n\n<si xmlns='http://jabber.org/protocol/si' "
      "id='" SID "' profile='http://jabber.org/protocol/si/profile/file-transfer'>\n\n"
      "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' size='%u' "
      "name='notes.txt'>\n\n<range/></file><feature "
      "xmlns='http://jabber.org/protocol/feature-neg'>\n\n<x xmlns='jabber:x:data' "
      "type='form'>\n\n<field type='list-single' var='stream-method'>\n\n<option>\n\n"
      "<value>" FERRY_NS_BYTESTREAMS "</value></option><option>\n\n<value>" FERRY_NS_IBB
      "</value></option></field></x></feature></si></iq>",
      SIZE);
  g_autoptr (FerryNode) answer =
      ferry_fake_peer_expect (stage->peer, "iq[type=result][id=aac4a]/si");
  g_autofree char *host = port != 0 ? g_strdup_printf (STREAMHOST, port) : g_strdup ("");
  ferry_fake_peer_send (stage->peer,
                        "<iq type='set' id='aac5a' to='" ANNA "'>\n\n<query "
                        "xmlns='" FERRY_NS_BYTESTREAMS "' mode='tcp' sid='" SID "'>\n\n%s"
                        "<fast xmlns='" NS_FAST "'/></query></iq>",
                        host);
  FerryNode *counter = ferry_fake_peer_expect (stage->peer, "iq[id]");
  g_assert_cmpstr (ferry_node_get_attr (counter, "type"), ==, "set");
  g_assert_cmpstr (get_sid (counter), ==, SID);
  g_assert_false (has_fast (counter));
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
  g_test_summary (
      "We dial Psi; it refuses our offer because somebody is there already, chooses "
      "the stream and sends, all in one piece");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) counter = offer_file (&stage, listen_for (&stage, SID));
  g_autoptr (FerryNode) used = ferry_fake_peer_expect (
      stage.peer, "iq[type=result][id=aac5a]/query/streamhost-used[jid=" PSI "]");
  ferry_test_wait (stage.incoming != NULL, 10);
  ferry_fake_peer_reply_error (stage.peer, counter, FERRY_STANZA_NOT_ACCEPTABLE);
  si_wire_send_go_and_file (stage.incoming, SIZE);
  assert_received (&stage, FERRY_ROUTE_DIRECT);
}

static void
test_receive_fast (void)
{
  g_test_summary ("Psi has no port and dials ours; byte and file overtake its answer");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) counter = offer_file (&stage, 0);
  g_autoptr (FerryNode) refused =
      ferry_fake_peer_expect (stage.peer, "iq[type=error][id=aac5a]");
  g_autoptr (SiWire) wire = dial (get_query (counter), SID);
  si_wire_send_go_and_file (wire, SIZE);
  assert_received (&stage, FERRY_ROUTE_FAST);
  ferry_fake_peer_reply (stage.peer, counter, USED (ANNA));
}

static void
test_receive_unchosen_closed (void)
{
  g_test_summary ("Both directions are connected, and Psi closes one before it chooses the "
                  "other");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) counter = offer_file (&stage, listen_for (&stage, SID));
  ferry_test_wait (stage.incoming != NULL, 10);
  g_autoptr (SiWire) wire = dial (get_query (counter), SID);
  ferry_fake_peer_reply (stage.peer, counter, USED (ANNA));
  g_clear_pointer (&stage.incoming, si_wire_free);
  ferry_fake_net_settle (stage.net);
  si_wire_send_go_and_file (wire, SIZE);
  assert_received (&stage, FERRY_ROUTE_FAST);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/si/psi/send/plain", test_send_plain);
  g_test_add_func ("/si/psi/send/empty", test_send_empty);
  g_test_add_func ("/si/psi/send/nothing-arrives", test_send_nothing_arrives);
  g_test_add_func ("/si/psi/send/fast", test_send_fast);
  g_test_add_func ("/si/psi/send/fast-incoming", test_send_fast_incoming);
  g_test_add_func ("/si/psi/send/late-offer", test_send_late_offer);
  g_test_add_func ("/si/psi/send/again", test_send_again);
  g_test_add_func ("/si/psi/receive/direct", test_receive_direct);
  g_test_add_func ("/si/psi/receive/fast", test_receive_fast);
  g_test_add_func ("/si/psi/receive/unchosen-closed", test_receive_unchosen_closed);
  return g_test_run ();
}
