/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fast mode of Psi and Coccinella: one bytestream of ours against a scripted peer with real
 * sockets, which does what they do, in every order in which it can arrive. */
#include "ferry-fake-net.h"
#include "ferry-test.h"
#include "test-link.h"

#include "base/ferry-error.h"
#include "base/ferry-hash.h"
#include "bytestream/s5b/ferry-s5b-bytestream.h"
#include "bytestream/s5b/ferry-s5b-dialler.h"
#include "bytestream/s5b/ferry-s5b-listener.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"
#include "bytestream/s5b/ferry-s5b-wire-si.h"

#include <string.h>

#define SID "ft_bc8f"
#define SENDER "psi1@north.example/psi"
#define RECEIVER "psi2@south.example/psi"
#define NOBODY_LISTENS 9 /* the port */

static const FerryRaceTimes times = {
  .stagger = 20,
  .group_stagger = 60,
  .proxy_stagger = 40,
  .proxy_hold = 40,
  .direct_chance = 200,
  .direct_attempt = 80,
  .attempt = 1000,
  .dialling = 2000,
  .after_direct = 50,
  .report = 4000,
  .incoming = 1000,
  .incoming_settle = 50,
  .activated = 2000,
  .go = 4000,
};

typedef struct
{
  gboolean is_sender; /* we are */
  FerryFakeNet *net;
  FerryStream *stream;
  FerryRouter *router;
  FerryS5bService *service;
  TestLink *link;
  FerryJid *own;
  FerryS5bBytestream *bytestream;
  GAsyncResult *opened;
  GSocket *socket; /* what it has become */

  FerryJid *peer;
  FerryS5bListener *listener;
  GSocket *accepted; /* of our dial to the peer */
  GSocket *dialled;  /* of the peer's dial to us */
} Stage;

static void
take_accepted (GSocket *socket, gpointer user_data)
{
  g_set_object (&((Stage *) user_data)->accepted, socket);
}

static void
stage_init (Stage *stage, gboolean is_sender)
{
  const char *own = is_sender ? SENDER : RECEIVER, *peer = is_sender ? RECEIVER : SENDER;

  *stage = (Stage){ .is_sender = is_sender, .net = ferry_fake_net_new () };
  stage->stream = ferry_fake_net_connect (stage->net, own);
  stage->router = ferry_router_new (stage->stream);
  ferry_test_wait (ferry_stream_get_state (stage->stream) == FERRY_STREAM_ONLINE, 5);
  stage->service = ferry_s5b_service_new (stage->router, 0, TRUE);
  ferry_s5b_service_set_times (stage->service, &times);
  stage->link = g_object_new (TEST_TYPE_LINK, NULL);
  stage->own = ferry_jid_new (own, NULL);
  stage->peer = ferry_jid_new (peer, NULL);
  stage->bytestream = ferry_s5b_bytestream_new (
      stage->service, FERRY_S5B_SI_FAST, FERRY_LINK (stage->link), is_sender, stage->own,
      stage->peer, SID, FERRY_ROUTE_DIRECT | FERRY_ROUTE_FAST);

  g_autofree char *destination = ferry_hash_sha1_hex (SID, peer, own, NULL);
  stage->listener = ferry_s5b_listener_new (0, NULL);
  g_assert_nonnull (stage->listener);
  ferry_s5b_listener_expect (stage->listener, destination, take_accepted, stage);
  ferry_bytestream_open_async (FERRY_BYTESTREAM (stage->bytestream), NULL,
                               ferry_test_take_result, &stage->opened);
}

static void
stage_clear (Stage *stage)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&stage->socket);
  g_clear_object (&stage->opened);
  g_clear_object (&stage->accepted);
  g_clear_object (&stage->dialled);
  ferry_s5b_listener_free (stage->listener);
  g_assert_finalize_object (stage->bytestream);
  g_assert_finalize_object (stage->link);
  ferry_jid_unref (stage->own);
  ferry_jid_unref (stage->peer);
  g_clear_object (&stage->service);
  g_clear_object (&stage->router);
  g_clear_object (&stage->stream);
  g_clear_object (&stage->net);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

/* --- What the peer says ----------------------------------------------------------------------
 */

static void
peer_says (Stage *stage, FerryNode *iq)
{
  g_autoptr (FerryNode) owned = iq;
  ferry_link_emit_received (FERRY_LINK (stage->link), owned);
}

/* @port: 0 for an offer without any streamhost */
static void
peer_offers (Stage *stage, guint16 port, gboolean has_fast)
{
  g_autoptr (FerryS5bQuery) query = ferry_s5b_query_new (FERRY_S5B_QUERY_OFFER, SID);
  query->has_fast = has_fast;
  if (port != 0)
    g_ptr_array_add (
        query->candidates,
        ferry_candidate_new ("c", "127.0.0.1", port, stage->peer, 1, FERRY_CANDIDATE_DIRECT));
  peer_says (stage, ferry_s5b_query_to_node (query));
}

static void
peer_offers_itself (Stage *stage, gboolean has_fast)
{
  peer_offers (stage, ferry_s5b_listener_get_port (stage->listener), has_fast);
}

static void
peer_used_ours (Stage *stage)
{
  g_autoptr (FerryS5bQuery) query = ferry_s5b_query_new (FERRY_S5B_QUERY_USED, NULL);
  query->used = ferry_jid_ref (stage->own);
  peer_says (stage, ferry_s5b_query_to_node (query));
}

static void
peer_refuses (Stage *stage)
{
  peer_says (stage, ferry_s5b_refusal_to_node (FERRY_STANZA_NOT_ACCEPTABLE));
}

/* --- What we say -----------------------------------------------------------------------------
 */

static FerryS5bQuery *
wait_said (Stage *stage, guint number, FerryS5bQueryKind kind)
{
  ferry_test_wait (stage->link->sent->len > number, 8);
  FerryS5bQuery *query =
      ferry_s5b_query_parse (stage->link->sent->pdata[number], stage->own, NULL);
  g_assert_nonnull (query);
  g_assert_cmpint (query->kind, ==, kind);
  return query;
}

static void
assert_said (Stage *stage, guint number, FerryS5bQueryKind kind)
{
  g_autoptr (FerryS5bQuery) query = wait_said (stage, number, kind);
}

/* Our offer is the first thing that we say. */
static guint16
wait_our_port (Stage *stage, gboolean has_fast)
{
  g_autoptr (FerryS5bQuery) query = wait_said (stage, 0, FERRY_S5B_QUERY_OFFER);
  g_assert_true (query->has_fast == has_fast);
  g_assert_cmpuint (query->candidates->len, >, 0);
  return ((const FerryCandidate *) query->candidates->pdata[0])->port;
}

/* --- What the peer does ----------------------------------------------------------------------
 */

static void
peer_dials_us (Stage *stage)
{
  g_autofree char *destination = ferry_hash_sha1_hex (SID, ferry_jid_get_text (stage->own),
                                                      ferry_jid_get_text (stage->peer), NULL);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (FerryHostPolicy) policy = ferry_host_policy_new (none, 0, TRUE);
  g_autoptr (FerryCandidate) candidate =
      ferry_candidate_new ("d", "127.0.0.1", wait_our_port (stage, stage->is_sender),
                           stage->own, 1, FERRY_CANDIDATE_DIRECT);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ferry_s5b_dial_async (candidate, FERRY_HOST_DIRECT, policy, destination, NULL, NULL, NULL,
                        ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 5);
  stage->dialled = ferry_s5b_dial_finish (result, &error);
  g_assert_no_error (error);
}

static void
say (GSocket *socket, const char *text)
{
  gssize n = (gssize) strlen (text);
  g_assert_cmpint (g_socket_send (socket, text, (gsize) n, NULL, NULL), ==, n);
}

/* The next bytes on @socket are these. */
static void
assert_hears (GSocket *socket, const char *expected)
{
  char text[64] = "";
  gsize have = 0, want = strlen (expected);

  while (have < want)
    {
      gssize n = 0;
      ferry_test_wait (
          (n = g_socket_receive (socket, text + have, want - have, NULL, NULL)) >= 0, 5);
      g_assert_cmpint (n, >, 0);
      have += (gsize) n;
    }
  g_assert_cmpstr (text, ==, expected);
}

static gboolean
is_at_end (GSocket *socket)
{
  char byte;
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (socket, &byte, 1, NULL, &error);
  return n == 0 || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
}

static void
assert_opens (Stage *stage, FerryRoute route)
{
  g_autoptr (GError) error = NULL;
  ferry_test_wait (stage->opened != NULL, 8);
  stage->socket = ferry_bytestream_open_finish (FERRY_BYTESTREAM (stage->bytestream),
                                                stage->opened, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ferry_bytestream_get_route (FERRY_BYTESTREAM (stage->bytestream)), ==,
                   route);
}

static void
assert_fails (Stage *stage)
{
  g_autoptr (GError) error = NULL;
  ferry_test_wait (stage->opened != NULL, 8);
  g_assert_null (ferry_bytestream_open_finish (FERRY_BYTESTREAM (stage->bytestream),
                                               stage->opened, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_UNREACHABLE);
}

/* --- We receive ------------------------------------------------------------------------------
 */

/* Both streams stand: ours to the sender, the sender's to us. */
static void
join_both_ways (Stage *stage)
{
  peer_offers_itself (stage, TRUE);
  peer_dials_us (stage);
  assert_said (stage, 1, FERRY_S5B_QUERY_USED);
  ferry_test_wait (stage->accepted != NULL, 5);
}

static void
test_receiver_go_on_ours (void)
{
  g_test_summary ("The receiver offers before it answers; the go on the stream that it dialled "
                  "makes it that one, and the bytes glued to the go are the file's");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, FALSE);

  join_both_ways (&stage);
  peer_refuses (&stage);
  say (stage.accepted, "\rfile");
  assert_opens (&stage, FERRY_ROUTE_DIRECT);
  assert_hears (stage.socket, "file");
  ferry_test_wait (is_at_end (stage.dialled), 5);
}

static void
test_receiver_go_on_theirs (void)
{
  g_test_summary ("The go overtakes the answer to the receiver's offer; the late answer, and a "
                  "second one, change nothing");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, FALSE);

  join_both_ways (&stage);
  say (stage.dialled, "\rfile");
  assert_opens (&stage, FERRY_ROUTE_FAST);
  peer_used_ours (&stage);
  peer_refuses (&stage);
  assert_hears (stage.socket, "file");
  say (stage.dialled, " and more");
  assert_hears (stage.socket, " and more");
  ferry_test_wait (is_at_end (stage.accepted), 5);
}

static void
test_receiver_sender_unreachable (void)
{
  g_test_summary (
      "The receiver cannot reach the sender, says so once, and waits for the sender's "
      "stream; also when the sender offers no streamhost at all, as Psi does");
  static const guint16 ports[] = { NOBODY_LISTENS, 0 };
  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage, FALSE);

      peer_offers (&stage, ports[i], TRUE);
      assert_said (&stage, 1, FERRY_S5B_QUERY_REFUSED);
      peer_dials_us (&stage);
      peer_used_ours (&stage);
      say (stage.dialled, "\r");
      assert_opens (&stage, FERRY_ROUTE_FAST);
      say (stage.dialled, "file");
      assert_hears (stage.socket, "file");
      g_assert_cmpuint (stage.link->sent->len, ==, 2);
    }
}

static void
test_receiver_closed_before_go (void)
{
  g_test_summary (
      "The stream that the receiver has reported is closed, or spoken on without a go: "
      "it waits for the other one");
  static const char *const words[] = { NULL, "file" };
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage, FALSE);

      join_both_ways (&stage);
      if (words[i] != NULL)
        say (stage.accepted, words[i]);
      else
        g_socket_close (stage.accepted, NULL);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      say (stage.dialled, "\rfile");
      assert_opens (&stage, FERRY_ROUTE_FAST);
      assert_hears (stage.socket, "file");
    }
}

static void
test_receiver_closed_after_go (void)
{
  g_test_summary (
      "The chosen stream is closed just after the go and the file: nothing is lost");
  for (guint is_fast = 0; is_fast < 2; is_fast++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage, FALSE);

      join_both_ways (&stage);
      GSocket *chosen = is_fast ? stage.dialled : stage.accepted;
      say (chosen, "\rsmall file");
      g_socket_close (stage.dialled, NULL);
      g_socket_close (stage.accepted, NULL);
      assert_opens (&stage, is_fast ? FERRY_ROUTE_FAST : FERRY_ROUTE_DIRECT);
      assert_hears (stage.socket, "small file");
      ferry_test_wait (is_at_end (stage.socket), 5);
    }
}

static void
test_receiver_nothing (void)
{
  g_test_summary ("Neither direction works: one answer, and the way is free for in-band");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, FALSE);

  peer_offers (&stage, NOBODY_LISTENS, TRUE);
  assert_said (&stage, 1, FERRY_S5B_QUERY_REFUSED);
  peer_refuses (&stage);
  assert_fails (&stage);
  g_assert_cmpuint (stage.link->sent->len, ==, 2);
}

static void
test_receiver_plain (void)
{
  g_test_summary ("A sender that does not know fast mode hears no offer, and needs no go");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, FALSE);

  peer_offers_itself (&stage, FALSE);
  assert_said (&stage, 0, FERRY_S5B_QUERY_USED);
  assert_opens (&stage, FERRY_ROUTE_DIRECT);
  say (stage.accepted, "file");
  assert_hears (stage.socket, "file");
}

/* --- We send ---------------------------------------------------------------------------------
 */

static void
test_sender_dials (void)
{
  g_test_summary ("The sender's own dial is first: it answers, says go, and keeps that stream "
                  "although the receiver then reports its own, and takes that back as well");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, TRUE);

  peer_dials_us (&stage);
  peer_offers_itself (&stage, FALSE);
  assert_said (&stage, 1, FERRY_S5B_QUERY_USED);
  assert_opens (&stage, FERRY_ROUTE_FAST);
  assert_hears (stage.accepted, "\r");

  /* Coccinella answers twice with one id. */
  peer_used_ours (&stage);
  peer_refuses (&stage);
  ferry_test_wait (is_at_end (stage.dialled), 5);
  say (stage.socket, "file");
  assert_hears (stage.accepted, "file");
  g_assert_cmpuint (stage.link->sent->len, ==, 2);
}

static void
test_sender_hears (void)
{
  g_test_summary ("The receiver's dial is first: its offer is answered before the go is said");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, TRUE);

  peer_dials_us (&stage);
  peer_offers (&stage, NOBODY_LISTENS, FALSE);
  peer_used_ours (&stage);
  assert_opens (&stage, FERRY_ROUTE_DIRECT);
  assert_said (&stage, 1, FERRY_S5B_QUERY_REFUSED);
  assert_hears (stage.dialled, "\r");
  say (stage.socket, "file");
  assert_hears (stage.dialled, "file");
}

static void
test_sender_last_way (void)
{
  g_test_summary ("The receiver could not connect: the sender goes on dialling");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, TRUE);

  wait_our_port (&stage, TRUE);
  peer_offers_itself (&stage, FALSE);
  peer_refuses (&stage);
  assert_opens (&stage, FERRY_ROUTE_FAST);
  assert_said (&stage, 1, FERRY_S5B_QUERY_USED);
  assert_hears (stage.accepted, "\r");
}

static void
test_sender_plain (void)
{
  g_test_summary (
      "The answer comes before an offer: plain mode, no go; a late offer is refused and "
      "leaves the stream alone");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, TRUE);

  peer_dials_us (&stage);
  peer_used_ours (&stage);
  assert_opens (&stage, FERRY_ROUTE_DIRECT);
  peer_offers_itself (&stage, FALSE);
  assert_said (&stage, 1, FERRY_S5B_QUERY_REFUSED);
  say (stage.socket, "file");
  assert_hears (stage.dialled, "file");
}

static void
test_sender_nothing (void)
{
  g_test_summary (
      "Neither direction works: the receiver's offer is answered, and the way is free "
      "for in-band");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, TRUE);

  wait_our_port (&stage, TRUE);
  peer_offers (&stage, NOBODY_LISTENS, FALSE);
  peer_refuses (&stage);
  assert_fails (&stage);
  assert_said (&stage, 1, FERRY_S5B_QUERY_REFUSED);
  g_assert_cmpuint (stage.link->sent->len, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytestream/fast/receiver/go-on-ours", test_receiver_go_on_ours);
  g_test_add_func ("/bytestream/fast/receiver/go-on-theirs", test_receiver_go_on_theirs);
  g_test_add_func ("/bytestream/fast/receiver/sender-unreachable",
                   test_receiver_sender_unreachable);
  g_test_add_func ("/bytestream/fast/receiver/closed-before-go",
                   test_receiver_closed_before_go);
  g_test_add_func ("/bytestream/fast/receiver/closed-just-after-go",
                   test_receiver_closed_after_go);
  g_test_add_func ("/bytestream/fast/receiver/nothing", test_receiver_nothing);
  g_test_add_func ("/bytestream/fast/receiver/plain", test_receiver_plain);
  g_test_add_func ("/bytestream/fast/sender/dials", test_sender_dials);
  g_test_add_func ("/bytestream/fast/sender/hears", test_sender_hears);
  g_test_add_func ("/bytestream/fast/sender/last-way", test_sender_last_way);
  g_test_add_func ("/bytestream/fast/sender/plain", test_sender_plain);
  g_test_add_func ("/bytestream/fast/sender/nothing", test_sender_nothing);
  return g_test_run ();
}
