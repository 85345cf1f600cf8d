/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two whole negotiators over the fake net. */
#include "jingle-end.h"

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"
#define MIB (1024 * 1024)

typedef struct
{
  FerryFakeNet *net;
  JingleEnd *anna;
  JingleEnd *ben;
} Pair;

static void
pair_init (Pair *pair, gboolean with_s5b)
{
  pair->net = ferry_fake_net_new ();
  pair->anna = jingle_end_new (pair->net, ANNA, with_s5b);
  pair->ben = jingle_end_new (pair->net, BEN, with_s5b);
}

static void
pair_clear (Pair *pair)
{
  ferry_fake_net_settle (pair->net);
  jingle_end_free (pair->anna);
  jingle_end_free (pair->ben);
  g_object_unref (pair->net);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pair, pair_clear)

static gboolean
both_ended (Pair *pair)
{
  return pair->anna->n_ended > 0 && pair->ben->n_ended > 0;
}

static void
assert_delivered (Pair *pair, FerryRoute route)
{
  ferry_test_wait (both_ended (pair), 20);
  g_assert_no_error (pair->anna->error);
  g_assert_no_error (pair->ben->error);
  g_autoptr (GBytes) received = g_bytes_new (pair->ben->bytes->data, pair->ben->bytes->len);
  g_assert_true (g_bytes_equal (received, pair->anna->content));
  g_assert_true (ferry_session_was_received (pair->anna->session));
  g_assert_cmpint (ferry_session_get_route (pair->anna->session), ==, route);
  g_assert_cmpint (ferry_session_get_route (pair->ben->session), ==, route);
}

static void
test_inband (void)
{
  g_test_summary ("In-band as the first transport: nothing, one byte, and a block and more");
  static const gsize sizes[] = { 0, 1, 4096, MIB + 17 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (Pair) pair = { 0 };
      pair_init (&pair, FALSE);
      jingle_end_offer (pair.anna, BEN, sizes[i], FERRY_ROUTE_INBAND);
      assert_delivered (&pair, FERRY_ROUTE_INBAND);
    }
}

static void
test_checksum (void)
{
  g_test_summary ("A hash that was not ready for the offer follows, and is expected till then");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA256);

  pair.ben->holds = TRUE;
  ferry_hasher_finish (hasher, &pair.anna->hash);
  jingle_end_offer (pair.anna, BEN, 100, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair.ben->session != NULL, 5);
  g_assert_true (ferry_session_expects_checksum (pair.ben->session));
  ferry_test_wait (pair.ben->checksum.algo != FERRY_HASH_NONE, 5);
  g_assert_true (ferry_hash_equal (&pair.ben->checksum, &pair.anna->hash));
  g_assert_false (ferry_session_expects_checksum (pair.ben->session));
  g_assert_cmpuint (pair.anna->n_ended, ==, 0);
  ferry_session_complete (pair.ben->session, TRUE);
  ferry_test_wait (both_ended (&pair), 5);
  g_assert_true (ferry_session_was_received (pair.anna->session));
}

static void
test_direct (void)
{
  g_test_summary ("Over a TCP connection: nothing, and some MiB");
  static const gsize sizes[] = { 0, 4 * MIB };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (Pair) pair = { 0 };
      pair_init (&pair, TRUE);
      jingle_end_offer (pair.anna, BEN, sizes[i], FERRY_ROUTE_DIRECT);
      assert_delivered (&pair, FERRY_ROUTE_DIRECT);
    }
}

/* SOCKS5 may go through a relay only, and there is none. */
static void
begin_without_relay (Pair *pair, FerryRoute anna_more, FerryRoute ben_more)
{
  pair_init (pair, TRUE);
  pair->ben->routes = FERRY_ROUTE_PROXY | ben_more;
  jingle_end_offer (pair->anna, BEN, 10000, FERRY_ROUTE_PROXY | anna_more);
}

static void
test_fallback (void)
{
  g_test_summary (
      "SOCKS5 finds no way: transport-replace, and the file comes in-band. Who does "
      "not allow that gets ROUTE and no byte, the other side a failure");
  g_auto (Pair) pair = { 0 };
  g_auto (Pair) strict_anna = { 0 };
  g_auto (Pair) strict_ben = { 0 };

  /* All three at once, as this waits for late candidates of the peer (XEP-0260 §2.4). */
  begin_without_relay (&pair, FERRY_ROUTE_INBAND, FERRY_ROUTE_INBAND);
  begin_without_relay (&strict_anna, FERRY_ROUTE_NONE, FERRY_ROUTE_INBAND);
  begin_without_relay (&strict_ben, FERRY_ROUTE_INBAND, FERRY_ROUTE_NONE);

  assert_delivered (&pair, FERRY_ROUTE_INBAND);
  g_assert_nonnull (strstr (pair.anna->notes->str, "slow way"));
  g_assert_nonnull (strstr (pair.ben->notes->str, "slow way"));

  ferry_test_wait (both_ended (&strict_ben), 20);
  g_assert_error (strict_ben.ben->error, FERRY_ERROR, FERRY_ERROR_ROUTE);
  g_assert_error (strict_ben.anna->error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED);
  g_assert_cmpuint (strict_ben.ben->n_offers, ==, 1);
  g_assert_cmpuint (strict_ben.ben->bytes->len, ==, 0);

  ferry_test_wait (both_ended (&strict_anna), 20);
  g_assert_error (strict_anna.anna->error, FERRY_ERROR, FERRY_ERROR_ROUTE);
  g_assert_error (strict_anna.ben->error, FERRY_ERROR, FERRY_ERROR_UNREACHABLE);
  g_assert_cmpuint (strict_anna.ben->bytes->len, ==, 0);
}

static void
test_no_route (void)
{
  g_test_summary ("What cannot work is not begun: no common transport, no allowed route");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_DIRECT);
  ferry_test_wait (pair.anna->n_ended > 0, 5);
  g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_ROUTE);
  g_assert_cmpuint (pair.ben->n_offers, ==, 0);

  jingle_end_reset (pair.anna);
  pair.ben->routes = FERRY_ROUTE_DIRECT;
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
  ferry_test_wait (both_ended (&pair), 5);
  g_assert_error (pair.ben->error, FERRY_ERROR, FERRY_ERROR_ROUTE);
  g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED);
}

static void
test_decline (void)
{
  g_test_summary ("A declined offer is DECLINED there and no error here");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  pair.ben->routes = FERRY_ROUTE_NONE;
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair.ben->session != NULL, 5);
  g_assert_cmpint (ferry_session_get_state (pair.ben->session), ==, FERRY_SESSION_OFFERED);
  g_assert_cmpstr (ferry_session_get_file (pair.ben->session)->name, ==, "notes.txt");
  g_assert_cmpint (ferry_session_get_file (pair.ben->session)->size, ==, 10);
  ferry_session_decline (pair.ben->session);
  ferry_test_wait (both_ended (&pair), 5);
  g_assert_no_error (pair.ben->error);
  g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_DECLINED);
}

static void
test_has_it (void)
{
  g_test_summary ("Who has the file already says so in place of an answer, and nothing moves");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  pair.ben->routes = FERRY_ROUTE_NONE;
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair.ben->session != NULL, 5);
  ferry_session_complete (pair.ben->session, TRUE);
  ferry_test_wait (both_ended (&pair), 5);
  g_assert_no_error (pair.ben->error);
  g_assert_no_error (pair.anna->error);
  g_assert_true (ferry_session_was_received (pair.anna->session));
  g_assert_true (ferry_session_was_confirmed (pair.anna->session));
  g_assert_null (pair.anna->socket);
}

/* Runs one transfer and cancels it on one side after @n_turns turns of the main context.
 * Returns: whether it was too late */
static gboolean
cancel_after (guint n_turns, gboolean by_sender, gboolean with_s5b)
{
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, with_s5b);
  JingleEnd *own = by_sender ? pair.anna : pair.ben;
  JingleEnd *other = by_sender ? pair.ben : pair.anna;

  jingle_end_offer (pair.anna, BEN, 20000, with_s5b ? FERRY_ROUTE_DIRECT : FERRY_ROUTE_INBAND);
  for (guint i = 0; i < n_turns && !both_ended (&pair); i++)
    ferry_test_iterate (g_get_monotonic_time () + 20000);
  if (own->session == NULL)
    ferry_test_wait (own->session != NULL, 5);
  if (own->n_ended > 0)
    {
      ferry_test_wait (both_ended (&pair), 5);
      return TRUE;
    }
  ferry_session_cancel (own->session);
  ferry_test_wait (own->n_ended > 0, 5);
  g_assert_error (own->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ferry_fake_net_settle (pair.net);
  /* The other side has heard of the offer, or never will. */
  if (other->session != NULL)
    ferry_test_wait (other->n_ended > 0, 5);
  if (other->error != NULL)
    g_assert_true (g_error_matches (other->error, FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER) ||
                   g_error_matches (other->error, FERRY_ERROR, FERRY_ERROR_BROKEN));
  else if (other->session != NULL)
    g_assert_false (by_sender && pair.ben->bytes->len < 20000);
  return FALSE;
}

static void
test_cancel (void)
{
  g_test_summary ("Cancelled by either side at any moment, both end, once");
  for (guint with_s5b = 0; with_s5b < 2; with_s5b++)
    {
      for (guint by_sender = 0; by_sender < 2; by_sender++)
        {
          guint n_turns = 0;
          while (!cancel_after (n_turns, by_sender == 1, with_s5b == 1) && n_turns < 200)
            n_turns += n_turns < 60 ? 1 : 7;
          g_assert_cmpuint (n_turns, >, 5);
        }
    }
}

static void
test_interrupted (void)
{
  g_test_summary ("A cut stream that is resumed costs nothing");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  jingle_end_offer (pair.anna, BEN, 300000, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair.ben->bytes->len > 10000, 10);
  ferry_fake_net_interrupt (pair.net, pair.anna->stream);
  ferry_fake_net_settle (pair.net);
  g_assert_cmpuint (pair.ben->bytes->len, <, 300000);
  g_assert_cmpuint (pair.ben->n_ended, ==, 0);
  ferry_fake_net_resume (pair.net, pair.anna->stream);
  assert_delivered (&pair, FERRY_ROUTE_INBAND);
}

static void
test_interrupted_offer (void)
{
  g_test_summary ("An offer outlives a cut: it is answered afterwards");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  pair.ben->routes = FERRY_ROUTE_NONE;
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair.ben->session != NULL, 5);
  ferry_fake_net_interrupt (pair.net, pair.anna->stream);
  ferry_session_accept (pair.ben->session, FERRY_ROUTE_ALL);
  ferry_fake_net_settle (pair.net);
  g_assert_cmpint (ferry_session_get_state (pair.anna->session), ==, FERRY_SESSION_OFFERED);
  ferry_fake_net_resume (pair.net, pair.anna->stream);
  assert_delivered (&pair, FERRY_ROUTE_INBAND);
}

static void
test_lost_checksum (void)
{
  g_test_summary ("Without a session no hash can come any more: nobody need wait for it");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, TRUE);

  pair.ben->holds = TRUE;
  pair.anna->hash.algo = FERRY_HASH_SHA256;
  jingle_end_offer (pair.anna, BEN, 4 * MIB, FERRY_ROUTE_DIRECT);
  ferry_test_wait (pair.anna->socket != NULL && pair.ben->socket != NULL, 10);
  g_assert_true (ferry_session_expects_checksum (pair.ben->session));
  ferry_fake_net_kill (pair.net, pair.ben->stream);
  g_assert_cmpuint (pair.ben->n_ended, ==, 0);
  g_assert_false (ferry_session_expects_checksum (pair.ben->session));
  ferry_session_cancel (pair.ben->session);
  ferry_session_cancel (pair.anna->session);
  ferry_test_wait (both_ended (&pair), 10);
}

static void
test_lost (void)
{
  g_test_summary (
      "A lost session ends what needs it; bytes on a connection of their own go on");
  for (guint with_s5b = 0; with_s5b < 2; with_s5b++)
    {
      g_auto (Pair) pair = { 0 };
      pair_init (&pair, with_s5b == 1);
      pair.ben->holds = TRUE;
      jingle_end_offer (pair.anna, BEN, 4 * MIB,
                        with_s5b == 1 ? FERRY_ROUTE_DIRECT : FERRY_ROUTE_INBAND);
      ferry_test_wait (pair.anna->socket != NULL && pair.ben->socket != NULL, 10);
      ferry_fake_net_kill (pair.net, pair.anna->stream);
      ferry_fake_net_settle (pair.net);

      g_assert_cmpuint (pair.anna->n_ended, ==, with_s5b == 1 ? 0 : 1);
      if (with_s5b == 1)
        {
          gsize n_received = 0;
          static char buffer[65536];
          while (n_received < 4 * MIB)
            {
              ferry_test_wait (g_socket_condition_check (pair.ben->socket, G_IO_IN) != 0, 10);
              gssize n = g_socket_receive (pair.ben->socket, buffer, sizeof buffer, NULL, NULL);
              g_assert_cmpint (n, >, 0);
              n_received += (gsize) n;
              g_main_context_iteration (NULL, FALSE);
            }
          ferry_session_complete (pair.ben->session, FALSE);
          ferry_test_wait (both_ended (&pair), 10);
          g_assert_no_error (pair.anna->error);
          g_assert_no_error (pair.ben->error);
          g_assert_false (ferry_session_was_received (pair.anna->session));
        }
      else
        g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_OFFLINE);
    }
}

/* As soon as all is sent, whoever receives has it, says so and leaves. */
static void
send_all (JingleEnd *end)
{
  gsize size;
  const char *data = g_bytes_get_data (end->content, &size);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_socket_send (end->socket, data, size, NULL, &error), ==, (gssize) size);
  g_assert_no_error (error);
  g_assert_true (g_socket_shutdown (end->socket, FALSE, TRUE, NULL));
}

static void
test_content_and_gone (void)
{
  g_test_summary ("In-band: a receiver that has said so and is gone before our own thread is "
                  "ready takes nothing back");
  g_autoptr (GError) gone = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_GONE, "gone");

  for (guint sent_first = 0; sent_first < 2; sent_first++)
    {
      g_auto (Pair) pair = { 0 };
      pair_init (&pair, FALSE);
      pair.anna->holds = TRUE;
      jingle_end_offer (pair.anna, BEN, 5000, FERRY_ROUTE_INBAND);
      ferry_test_wait (pair.anna->socket != NULL, 10);
      send_all (pair.anna);
      ferry_test_wait (pair.ben->n_ended > 0, 10);
      ferry_fake_net_settle (pair.net);

      if (sent_first == 1)
        ferry_session_sent (pair.anna->session, NULL, TRUE);
      ferry_session_lose (pair.anna->session, gone);
      g_assert_cmpuint (pair.anna->n_ended, ==, 0);
      if (sent_first == 0)
        ferry_session_sent (pair.anna->session, NULL, TRUE);
      assert_delivered (&pair, FERRY_ROUTE_INBAND);
    }
}

static void
test_sent_and_gone (void)
{
  g_test_summary ("In-band: a sender may go once its stream is closed in order");
  g_autoptr (GError) gone = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_GONE, "gone");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  pair.ben->holds = TRUE;
  jingle_end_offer (pair.anna, BEN, 5000, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair.anna->session != NULL &&
                       ferry_session_get_state (pair.anna->session) == FERRY_SESSION_CLOSING,
                   10);
  ferry_fake_net_settle (pair.net);
  ferry_session_lose (pair.ben->session, gone);
  g_assert_cmpuint (pair.ben->n_ended, ==, 0);
  ferry_session_complete (pair.ben->session, TRUE);
  ferry_test_wait (both_ended (&pair), 10);
  g_assert_no_error (pair.ben->error);
  g_assert_no_error (pair.anna->error);
}

static void
test_limits (void)
{
  g_test_summary ("Five open offers of one contact are enough");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);
  g_autoptr (FerryJid) ben = ferry_jid_new (BEN, NULL);
  g_autoptr (FerryFileInfo) file = ferry_file_info_new ("many", 1);
  g_autoptr (GPtrArray) sessions = g_ptr_array_new_with_free_func (g_object_unref);

  pair.ben->routes = FERRY_ROUTE_NONE;
  for (guint i = 0; i < 5; i++)
    g_ptr_array_add (sessions, ferry_negotiator_offer (pair.anna->negotiator, ben, file,
                                                       FERRY_ROUTE_INBAND));
  ferry_fake_net_settle (pair.net);
  g_assert_cmpuint (pair.ben->n_offers, ==, 5);
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair.anna->n_ended > 0, 5);
  g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_BUSY);
  g_assert_cmpuint (pair.ben->n_offers, ==, 5);

  /* One answer makes room for one more. */
  ferry_session_decline (pair.ben->session);
  ferry_fake_net_settle (pair.net);
  jingle_end_reset (pair.anna);
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
  ferry_fake_net_settle (pair.net);
  g_assert_cmpuint (pair.ben->n_offers, ==, 6);
  ferry_session_cancel (pair.anna->session);
  for (guint i = 0; i < sessions->len; i++)
    ferry_session_cancel (sessions->pdata[i]);
}

static gboolean
is_not_stranger (FerryJid *peer, gpointer user_data)
{
  return !ferry_jid_equal (peer, user_data);
}

static void
test_stranger (void)
{
  g_test_summary ("A stranger is told that nobody is there; one whom we ask may answer");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  ferry_signalling_set_known_func (pair.ben->signalling, is_not_stranger, pair.anna->jid);
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair.anna->n_ended > 0, 5);
  g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED);
  g_assert_cmpuint (pair.ben->n_offers, ==, 0);

  jingle_end_offer (pair.ben, ANNA, 10, FERRY_ROUTE_INBAND);
  jingle_end_reset (pair.anna);
  ferry_test_wait (both_ended (&pair), 5);
  g_assert_no_error (pair.ben->error);
}

static void
assert_rest_delivered (Pair *pair, guint64 offset)
{
  gsize size;
  const guint8 *content = g_bytes_get_data (pair->anna->content, &size);

  ferry_test_wait (both_ended (pair), 20);
  g_assert_no_error (pair->anna->error);
  g_assert_no_error (pair->ben->error);
  g_assert_cmpuint (pair->anna->first, ==, offset);
  g_assert_cmpmem (pair->ben->bytes->data, pair->ben->bytes->len, content + offset,
                   size - offset);
}

static void
test_range (void)
{
  g_test_summary ("The rest of a file: from the middle, its last byte, none of it; in-band, "
                  "direct, and after a fallback. A sender without ranges is not asked");
  static const guint64 offsets[] = { 0, 4097, 99999, 100000 };

  for (guint i = 0; i < 3 * G_N_ELEMENTS (offsets); i++)
    {
      const FerryRoute routes[] = { FERRY_ROUTE_INBAND, FERRY_ROUTE_DIRECT,
                                    FERRY_ROUTE_PROXY | FERRY_ROUTE_INBAND };
      g_auto (Pair) pair = { 0 };
      pair_init (&pair, TRUE);
      pair.anna->ranged = TRUE;
      pair.ben->routes = routes[i % 3];
      pair.ben->wanted_at = offsets[i / 3];
      jingle_end_offer (pair.anna, BEN, 100000, routes[i % 3]);
      assert_rest_delivered (&pair, offsets[i / 3]);
    }
  g_auto (Pair) plain = { 0 };
  pair_init (&plain, FALSE);
  plain.ben->wanted_at = 5;
  jingle_end_offer (plain.anna, BEN, 10, FERRY_ROUTE_INBAND);
  assert_rest_delivered (&plain, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jingle/session/inband", test_inband);
  g_test_add_func ("/jingle/session/checksum", test_checksum);
  g_test_add_func ("/jingle/session/direct", test_direct);
  g_test_add_func ("/jingle/session/fallback", test_fallback);
  g_test_add_func ("/jingle/session/range", test_range);
  g_test_add_func ("/jingle/session/no-route", test_no_route);
  g_test_add_func ("/jingle/session/decline", test_decline);
  g_test_add_func ("/jingle/session/has-it", test_has_it);
  g_test_add_func ("/jingle/session/cancel", test_cancel);
  g_test_add_func ("/jingle/session/interrupted", test_interrupted);
  g_test_add_func ("/jingle/session/interrupted-offer", test_interrupted_offer);
  g_test_add_func ("/jingle/session/lost", test_lost);
  g_test_add_func ("/jingle/session/content-and-gone", test_content_and_gone);
  g_test_add_func ("/jingle/session/sent-and-gone", test_sent_and_gone);
  g_test_add_func ("/jingle/session/lost-checksum", test_lost_checksum);
  g_test_add_func ("/jingle/session/limits", test_limits);
  g_test_add_func ("/jingle/session/stranger", test_stranger);
  return g_test_run ();
}
