/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stanzas between two accounts, while the network behaves and while it does not. */
#include "relay.h"
#include "strophe-fixture.h"

#include "base/ferry-error.h"

typedef struct
{
  FerryProsody *server;
  FerryStropheThread *thread;
  Relay *relay;
  Peer *alice; /* behind the relay */
  Peer *bob;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = ferry_prosody_start (NULL);
  fixture->thread = ferry_strophe_thread_get ();
  fixture->relay = relay_new (fixture->server->c2s_port);
  fixture->alice = peer_new (fixture->thread, "alice", relay_get_port (fixture->relay),
                             fixture->server->pin_sha256);
  ferry_test_wait (fixture->alice->n_online == 1, 10);
  fixture->bob = peer_new_online (fixture->thread, "bob", fixture->server);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  peer_free (fixture->alice);
  peer_free (fixture->bob);
  relay_free (fixture->relay);
  ferry_strophe_thread_unref (fixture->thread);
  ferry_prosody_stop (fixture->server);
}

static void
send_range (Peer *from, Peer *to, guint first, guint end, gsize size)
{
  for (guint i = first; i < end; i++)
    peer_send_number (from, to, i, size);
}

/* Waits for exactly the messages 0 to @n - 1. */
static void
assert_received (Peer *peer, guint n)
{
  ferry_test_wait (peer->stanzas->len >= n, 20);
  g_assert_cmpuint (peer->stanzas->len, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (peer_get_number (peer, i), ==, i);
}

static void
resume (Peer *peer)
{
  guint n_resumed = peer->n_resumed;
  ferry_test_wait (peer_get_state (peer) == FERRY_STREAM_INTERRUPTED, 10);
  ferry_strophe_stream_check (FERRY_STROPHE_STREAM (peer->stream));
  ferry_test_wait (peer->n_resumed == n_resumed + 1, 10);
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Hundreds of messages both ways arrive once and in order");

  for (guint i = 0; i < 300; i++)
    {
      peer_send_number (fixture->alice, fixture->bob, i, 10);
      peer_send_number (fixture->bob, fixture->alice, i, 10);
    }
  assert_received (fixture->bob, 300);
  assert_received (fixture->alice, 300);
}

static void
test_large_when_idle (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A large stanza is written to its end although nothing else happens");

  const gsize sizes[] = { 20000, 40000, 90000, 150000 };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      peer_send_number (fixture->alice, fixture->bob, i, sizes[i]);
      assert_received (fixture->bob, i + 1);
      const char *body =
          ferry_node_get_child_text (fixture->bob->stanzas->pdata[i], "body", NULL);
      g_assert_cmpuint (strlen (body), ==, sizes[i]);
    }
}

static void
test_last_words (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("What was said before the stream is closed still arrives");

  send_range (fixture->alice, fixture->bob, 0, 100, 5000);
  ferry_stream_close (fixture->alice->stream);
  assert_received (fixture->bob, 100);
  ferry_test_wait (peer_get_state (fixture->alice) == FERRY_STREAM_OFFLINE, 10);
}

static void
test_heard_last (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("What came just before the stream is closed counts as received");

  peer_send_number (fixture->alice, fixture->bob, 0, 10);
  assert_received (fixture->bob, 1);
  ferry_stream_close (fixture->bob->stream);
  ferry_test_wait (peer_get_state (fixture->bob) == FERRY_STREAM_OFFLINE, 10);

  /* The server would have said by now that it did not arrive. */
  peer_send_number (fixture->alice, fixture->alice, 0, 10);
  assert_received (fixture->alice, 1);
  g_assert_cmpstr (ferry_node_get_attr (fixture->alice->stanzas->pdata[0], "type"), !=,
                   "error");
}

static void
test_last_words_unheard (Fixture *fixture, gconstpointer data)
{
  g_test_summary (
      "What was said last on a connection that loses everything without a word, and "
      "what was said while there was none, arrives before the stream ends");
  Peer *alice = fixture->alice;

  send_range (alice, fixture->bob, 0, 5, 10);
  assert_received (fixture->bob, 5);
  if (GPOINTER_TO_INT (data))
    {
      relay_cut (fixture->relay);
      ferry_test_wait (peer_get_state (alice) == FERRY_STREAM_INTERRUPTED, 10);
      send_range (alice, fixture->bob, 5, 10, 10);
      ferry_stream_close (alice->stream);
    }
  else
    {
      gsize lost_before = relay_get_swallowed (fixture->relay, TRUE);
      relay_set_mode (fixture->relay, RELAY_SWALLOW);
      send_range (alice, fixture->bob, 5, 10, 10);
      ferry_stream_close (alice->stream);
      ferry_test_wait (relay_get_swallowed (fixture->relay, TRUE) > lost_before, 10);
      relay_set_mode (fixture->relay, RELAY_PASS);
    }
  assert_received (fixture->bob, 10);
  ferry_test_wait (peer_get_state (alice) == FERRY_STREAM_OFFLINE, 15);
  g_assert_no_error (alice->error);
  g_assert_cmpuint (alice->n_offline, ==, 1);
}

static void
test_resume (Fixture *fixture, gconstpointer data)
{
  g_test_summary (
      "What got lost before a cut and what was sent during it arrives once, in order");

  Peer *alice = fixture->alice;
  Peer *bob = fixture->bob;

  for (guint round = 0; round < 2; round++)
    {
      guint base = round * 40;
      send_range (alice, bob, base, base + 10, 10);
      assert_received (bob, base + 10);

      gsize lost_before = relay_get_swallowed (fixture->relay, TRUE);
      relay_set_mode (fixture->relay, RELAY_SWALLOW);
      send_range (alice, bob, base + 10, base + 20, 1000);
      send_range (bob, alice, round * 5, round * 5 + 5, 10);
      ferry_test_wait (relay_get_swallowed (fixture->relay, TRUE) - lost_before > 10000 &&
                           relay_get_swallowed (fixture->relay, FALSE) > 0,
                       10);
      relay_cut (fixture->relay);
      ferry_test_wait (peer_get_state (alice) == FERRY_STREAM_INTERRUPTED, 10);
      send_range (alice, bob, base + 20, base + 30, 10);
      resume (alice);
      send_range (alice, bob, base + 30, base + 40, 10);
      assert_received (bob, base + 40);
      assert_received (alice, round * 5 + 5);
    }
  g_assert_cmpuint (alice->n_offline, ==, 0);
}

static void
test_resume_full_queues (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Nothing is lost although a cut meets queues full of large stanzas");

  relay_set_mode (fixture->relay, RELAY_HOLD);
  send_range (fixture->alice, fixture->bob, 0, 300, 20000);
  /* Time for the XMPP thread to push what the sockets take; how much it is does not matter. */
  peer_send_number (fixture->bob, fixture->alice, 0, 10);
  assert_received (fixture->alice, 1);
  relay_cut (fixture->relay);
  resume (fixture->alice);
  send_range (fixture->alice, fixture->bob, 300, 301, 10);
  assert_received (fixture->bob, 301);
}

static void
test_resume_by_itself (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("The session comes back without help, after about a second");

  relay_cut (fixture->relay);
  ferry_test_wait (fixture->alice->n_resumed == 1, 10);
  send_range (fixture->alice, fixture->bob, 0, 1, 10);
  assert_received (fixture->bob, 1);
}

static void
test_silent_network (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A network that loses everything without a word is noticed and left");

  g_autoptr (FerryJid) jid = ferry_jid_new ("alice@ferry.test/other", NULL);
  FerryStropheConfig config = { .jid = jid,
                                .password = "secret",
                                .host = "127.0.0.1",
                                .port = relay_get_port (fixture->relay),
                                .pin_sha256 = fixture->server->pin_sha256,
                                .ping_after_ms = 100,
                                .ping_wait_ms = 400 };
  g_autoptr (Peer) other = peer_new_for_config (fixture->thread, &config);
  ferry_test_wait (other->n_online == 1, 10);
  relay_set_mode (fixture->relay, RELAY_SWALLOW);
  ferry_test_wait (peer_get_state (other) == FERRY_STREAM_INTERRUPTED, 10);
  relay_set_mode (fixture->relay, RELAY_PASS);
  resume (other);
}

static void
test_half_a_stanza (Fixture *fixture, gconstpointer data)
{
  g_test_summary (
      "A cut in the middle of a stanza leaves no server that does not listen: either "
      "the session is resumed, or a new one begun");

  g_autoptr (FerryJid) jid = ferry_jid_new ("alice@ferry.test/half", NULL);
  FerryStropheConfig config = { .jid = jid,
                                .password = "secret",
                                .host = "127.0.0.1",
                                .port = relay_get_port (fixture->relay),
                                .pin_sha256 = fixture->server->pin_sha256 };
  g_autoptr (Peer) alice = peer_new_for_config (fixture->thread, &config);
  ferry_test_wait (alice->n_online == 1, 10);

  relay_swallow_after (fixture->relay, 60000);
  peer_send_number (alice, fixture->bob, 0, 150000);
  ferry_test_wait (relay_get_swallowed (fixture->relay, TRUE) > 0, 10);
  relay_cut (fixture->relay);
  ferry_test_wait (alice->n_online == 2, 30);
  ferry_test_wait (alice->n_offline > 0 || fixture->bob->stanzas->len > 0, 30);
  ferry_test_wait (peer_get_state (alice) == FERRY_STREAM_ONLINE, 30);
  guint n_before = fixture->bob->stanzas->len;
  peer_send_number (alice, fixture->bob, 1, 10);
  ferry_test_wait (fixture->bob->stanzas->len > n_before, 10);
  g_assert_cmpuint (peer_get_number (fixture->bob, n_before), ==, 1);
}

static void
test_check (Fixture *fixture, gconstpointer data)
{
  g_test_summary (
      "After a change of the network, or a sleep, a dead connection is left at once");

  FerryStropheStream *alice = FERRY_STROPHE_STREAM (fixture->alice->stream);
  ferry_strophe_stream_check (alice); /* it is alive, and stays */
  send_range (fixture->bob, fixture->alice, 0, 1, 10);
  assert_received (fixture->alice, 1);

  relay_set_mode (fixture->relay, RELAY_SWALLOW);
  ferry_strophe_stream_check (alice);
  /* Without a reason to doubt it is believed in for two minutes. */
  ferry_test_wait (peer_get_state (fixture->alice) == FERRY_STREAM_INTERRUPTED, 20);
  g_assert_cmpuint (fixture->alice->n_resumed, ==, 0);
  g_assert_cmpuint (ferry_strophe_stream_get_retry_in_ms (alice), <=, 1200);

  relay_set_mode (fixture->relay, RELAY_PASS);
  ferry_strophe_stream_check (alice); /* nor does it wait for its next attempt */
  g_assert_cmpuint (ferry_strophe_stream_get_retry_in_ms (alice), ==, 0);
  ferry_test_wait (fixture->alice->n_resumed == 1, 10);
  send_range (fixture->alice, fixture->bob, 0, 1, 10);
  assert_received (fixture->bob, 1);
}

static void
test_check_of_an_attempt (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("An attempt that got stuck on a network that is no more is given up");

  FerryStropheStream *alice = FERRY_STROPHE_STREAM (fixture->alice->stream);
  relay_cut (fixture->relay);
  relay_set_mode (fixture->relay, RELAY_SWALLOW);
  ferry_test_wait (peer_get_state (fixture->alice) == FERRY_STREAM_INTERRUPTED, 10);
  ferry_strophe_stream_check (alice);
  gint64 begun_us = g_get_monotonic_time ();
  ferry_strophe_stream_check (alice); /* it has just begun: it may be a good one */
  g_assert_cmpuint (ferry_strophe_stream_get_retry_in_ms (alice), ==, 0);

  /* A stuck attempt ends by itself only after 20 s. */
  while (ferry_strophe_stream_get_retry_in_ms (alice) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 15 * G_USEC_PER_SEC);
      ferry_strophe_stream_check (alice);
      ferry_test_iterate (g_get_monotonic_time () + G_USEC_PER_SEC / 10);
    }
  relay_set_mode (fixture->relay, RELAY_PASS);
  ferry_test_wait (fixture->alice->n_resumed == 1, 20);
}

static void
test_session_gone (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("If the server forgot the session the stream says so and begins a new one");

  relay_cut (fixture->relay);
  ferry_test_wait (peer_get_state (fixture->alice) == FERRY_STREAM_INTERRUPTED, 10);
  peer_send_number (fixture->alice, fixture->bob, 99, 10);
  ferry_prosody_restart (fixture->server);
  ferry_strophe_stream_check (FERRY_STROPHE_STREAM (fixture->alice->stream));
  ferry_test_wait (fixture->alice->n_online == 2, 10);
  g_assert_cmpuint (fixture->alice->n_resumed, ==, 0);
  g_assert_cmpuint (fixture->alice->n_offline, ==, 1);
  g_assert_error (fixture->alice->error, FERRY_ERROR, FERRY_ERROR_GONE);
  g_assert_cmpint (fixture->alice->state_at_offline, ==, FERRY_STREAM_CONNECTING);

  /* Bob's session ended with the server too, with a goodbye if it had the time; he comes back
   * by himself. */
  ferry_test_wait (fixture->bob->n_online == 2, 10);
  g_assert_cmpuint (fixture->bob->n_resumed, ==, 0);
  g_assert_cmpuint (fixture->bob->n_offline, >=, 1);
  g_assert_nonnull (fixture->bob->error);

  send_range (fixture->alice, fixture->bob, 0, 1, 10);
  assert_received (fixture->bob, 1);
}

static void
test_close_while_interrupted (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Closing ends a stream that is trying to come back");

  relay_cut (fixture->relay);
  ferry_test_wait (peer_get_state (fixture->alice) == FERRY_STREAM_INTERRUPTED, 10);
  ferry_stream_close (fixture->alice->stream);
  ferry_test_wait (fixture->alice->n_offline == 1, 5);
  g_assert_no_error (fixture->alice->error);
  g_assert_cmpint (peer_get_state (fixture->alice), ==, FERRY_STREAM_OFFLINE);
}

/* Prints, asserts nothing: numbers depend on the machine. */
static void
test_speed (Fixture *fixture, gconstpointer data)
{
  const guint n = 300;
  g_autoptr (FerryJid) jid = ferry_jid_new ("alice@ferry.test/direct", NULL);
  FerryStropheConfig config = { .jid = jid,
                                .password = "secret",
                                .host = "127.0.0.1",
                                .port = fixture->server->c2s_port,
                                .pin_sha256 = fixture->server->pin_sha256 };
  g_autoptr (Peer) alice = peer_new_for_config (fixture->thread, &config);
  ferry_test_wait (alice->n_online == 1, 10);

  for (guint large = 0; large < 2; large++)
    {
      gsize size = large ? 20000 : 10;
      gint64 begin_us = g_get_monotonic_time ();
      for (guint i = 0; i < n; i++)
        {
          guint seen = alice->stanzas->len;
          peer_send_number (alice, fixture->bob, i, size);
          guint answered = fixture->bob->stanzas->len;
          ferry_test_wait (fixture->bob->stanzas->len > answered, 10);
          peer_send_number (fixture->bob, alice, i, size);
          ferry_test_wait (alice->stanzas->len > seen, 10);
        }
      double seconds = (double) (g_get_monotonic_time () - begin_us) / G_USEC_PER_SEC;
      g_test_message ("echo of %" G_GSIZE_FORMAT " bytes client to client: %.0f/s, %.2f ms",
                      size, n / seconds, seconds * 1000 / n);
    }
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/strophe/session/order", test_order);
  add ("/strophe/session/large-when-idle", test_large_when_idle);
  add ("/strophe/session/last-words", test_last_words);
  add ("/strophe/session/heard-last", test_heard_last);
  g_test_add ("/strophe/session/last-words-unheard", Fixture, GINT_TO_POINTER (FALSE), set_up,
              test_last_words_unheard, tear_down);
  g_test_add ("/strophe/session/last-words-cut", Fixture, GINT_TO_POINTER (TRUE), set_up,
              test_last_words_unheard, tear_down);
  add ("/strophe/session/resume", test_resume);
  add ("/strophe/session/resume-full-queues", test_resume_full_queues);
  add ("/strophe/session/resume-by-itself", test_resume_by_itself);
  add ("/strophe/session/silent-network", test_silent_network);
  add ("/strophe/session/half-a-stanza", test_half_a_stanza);
  add ("/strophe/session/check", test_check);
  add ("/strophe/session/check-of-an-attempt", test_check_of_an_attempt);
  add ("/strophe/session/session-gone", test_session_gone);
  add ("/strophe/session/close-while-interrupted", test_close_while_interrupted);
  add ("/strophe/session/speed", test_speed);
  return g_test_run ();
}
