/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two whole negotiators of stream initiation over the fake net. */
#include "jingle-end.h"

#include <string.h>

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
  pair->anna = jingle_end_new_si (pair->net, ANNA, with_s5b);
  pair->ben = jingle_end_new_si (pair->net, BEN, with_s5b);
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
  if (route == FERRY_ROUTE_INBAND)
    g_assert_true (ferry_session_was_received (pair->anna->session));
  g_assert_false (ferry_session_was_confirmed (pair->anna->session));
  g_assert_cmpstr (ferry_session_get_signalling (pair->anna->session), ==, "si");
  g_assert_cmpint (ferry_session_get_route (pair->anna->session), ==, route);
  g_assert_cmpint (ferry_session_get_route (pair->ben->session), ==, route);
}

static void
test_inband (void)
{
  g_test_summary ("In-band: nothing, one byte, a block, and a MiB and more");
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
test_direct (void)
{
  g_test_summary ("Over a TCP connection, made in either direction: nothing, and some MiB");
  static const struct
  {
    gsize size;
    FerryRoute offered, accepted, route;
  } cases[] = {
    { 0, FERRY_ROUTE_ALL, FERRY_ROUTE_DIRECT, FERRY_ROUTE_DIRECT },
    { 4 * MIB, FERRY_ROUTE_DIRECT, FERRY_ROUTE_ALL, FERRY_ROUTE_DIRECT },
    { 4 * MIB, FERRY_ROUTE_FAST, FERRY_ROUTE_ALL, FERRY_ROUTE_FAST },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Pair) pair = { 0 };
      pair_init (&pair, TRUE);
      pair.ben->routes = cases[i].accepted;
      jingle_end_offer (pair.anna, BEN, cases[i].size, cases[i].offered);
      assert_delivered (&pair, cases[i].route);
    }
}

static void
test_fallback (void)
{
  g_test_summary ("SOCKS5 finds no way (a relay is wanted, there is none): the file comes "
                  "in-band on the same stream id");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, TRUE);
  pair.ben->routes = FERRY_ROUTE_PROXY | FERRY_ROUTE_INBAND;
  jingle_end_offer (pair.anna, BEN, 10000, FERRY_ROUTE_PROXY | FERRY_ROUTE_INBAND);
  assert_delivered (&pair, FERRY_ROUTE_INBAND);
  g_assert_nonnull (strstr (pair.anna->notes->str, "slow way"));
  g_assert_cmpuint (pair.ben->n_offers, ==, 1);
}

static void
test_file (void)
{
  g_test_summary ("What is said of the file arrives; nothing is accepted unasked");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  pair.ben->routes = FERRY_ROUTE_NONE;
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_ALL);
  ferry_test_wait (pair.ben->session != NULL, 5);
  ferry_fake_net_settle (pair.net);
  g_assert_cmpint (ferry_session_get_state (pair.ben->session), ==, FERRY_SESSION_OFFERED);
  g_assert_cmpint (ferry_session_get_state (pair.anna->session), ==, FERRY_SESSION_OFFERED);
  g_assert_cmpstr (ferry_session_get_file (pair.ben->session)->name, ==, "notes.txt");
  g_assert_cmpint (ferry_session_get_file (pair.ben->session)->size, ==, 10);
  g_assert_true (ferry_jid_equal (ferry_session_get_peer (pair.ben->session), pair.anna->jid));
  ferry_session_accept (pair.ben->session, FERRY_ROUTE_ALL);
  assert_delivered (&pair, FERRY_ROUTE_INBAND);
}

static void
test_decline (void)
{
  g_test_summary ("A declined offer is DECLINED there and no error here");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  pair.ben->routes = FERRY_ROUTE_NONE;
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_ALL);
  ferry_test_wait (pair.ben->session != NULL, 5);
  ferry_session_decline (pair.ben->session);
  ferry_test_wait (both_ended (&pair), 5);
  g_assert_no_error (pair.ben->error);
  g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_DECLINED);
}

static void
test_later (void)
{
  g_test_summary ("Who cannot take a file now, or leaves, does not say that it is not wanted");
  static const struct
  {
    FerryError here;
    FerryError there;
  } cases[] = {
    { FERRY_ERROR_PAUSED, FERRY_ERROR_PAUSED },
    { FERRY_ERROR_OFFLINE, FERRY_ERROR_GONE },
    { FERRY_ERROR_TARGET, FERRY_ERROR_DECLINED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Pair) pair = { 0 };
      pair_init (&pair, FALSE);
      g_autoptr (GError) error = g_error_new (FERRY_ERROR, (int) cases[i].here, "not now");

      pair.ben->routes = FERRY_ROUTE_NONE;
      jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_ALL);
      ferry_test_wait (pair.ben->session != NULL, 5);
      ferry_session_fail (pair.ben->session, error);
      ferry_test_wait (both_ended (&pair), 5);
      g_assert_error (pair.ben->error, FERRY_ERROR, (int) cases[i].here);
      g_assert_error (pair.anna->error, FERRY_ERROR, (int) cases[i].there);
    }
}

static void
test_no_route (void)
{
  g_test_summary ("Routes that are not allowed are neither offered nor taken");
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

/* Runs one transfer and cancels it on one side after @n_turns turns of the main context.
 * Returns: whether it was too late */
static gboolean
cancel_after (guint n_turns, gboolean by_sender)
{
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);
  JingleEnd *own = by_sender ? pair.anna : pair.ben;
  JingleEnd *other = by_sender ? pair.ben : pair.anna;

  jingle_end_offer (pair.anna, BEN, 20000, FERRY_ROUTE_INBAND);
  for (guint i = 0; i < n_turns && !both_ended (&pair); i++)
    ferry_test_iterate (g_get_monotonic_time () + 20000);
  if (own->session == NULL)
    ferry_test_wait (own->session != NULL, 5);
  if (own->n_ended > 0)
    return TRUE;
  ferry_session_cancel (own->session);
  ferry_test_wait (own->n_ended > 0, 5);
  g_assert_error (own->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ferry_fake_net_settle (pair.net);

  /* SI has no word for a sender that stops before the stream: the receiver waits a minute. */
  if (other->session == NULL || (other->n_ended == 0 && other->socket == NULL && by_sender))
    return FALSE;
  ferry_test_wait (other->n_ended > 0, 5);
  if (by_sender && pair.ben->bytes->len < 20000)
    g_assert_error (other->error, FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER);
  else if (other->error != NULL)
    g_assert_true (g_error_matches (other->error, FERRY_ERROR, FERRY_ERROR_DECLINED) ||
                   g_error_matches (other->error, FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER) ||
                   g_error_matches (other->error, FERRY_ERROR, FERRY_ERROR_UNREACHABLE));
  return FALSE;
}

static void
test_cancel (void)
{
  g_test_summary ("Cancelled by either side at any moment, each ends, once");
  for (guint by_sender = 0; by_sender < 2; by_sender++)
    {
      guint n_turns = 0;
      while (!cancel_after (n_turns, by_sender == 1) && n_turns < 200)
        n_turns += n_turns < 60 ? 1 : 7;
      g_assert_cmpuint (n_turns, >, 5);
    }
}

/* Both ends hold the pipe of a file that has begun to move. */
static void
pair_open (Pair *pair, gboolean is_ferry, FerryRoute route)
{
  pair_init (pair, route != FERRY_ROUTE_INBAND);
  pair->anna->is_ferry = is_ferry;
  pair->anna->holds = pair->ben->holds = TRUE;
  jingle_end_offer (pair->anna, BEN, MIB, route);
  ferry_test_wait (pair->anna->socket != NULL, 10);
  g_assert_cmpint (g_socket_send (pair->anna->socket, "x", 1, NULL, NULL), ==, 1);
  ferry_test_wait (pair->ben->socket != NULL, 10);
}

/* What the pump does when its pipe ends too early. */
static gboolean
has_broken (JingleEnd *end)
{
  char byte;

  if (end->n_ended == 0 && g_socket_receive (end->socket, &byte, 1, NULL, NULL) == 0)
    {
      g_autoptr (GError) error =
          g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BROKEN, "It ended early");
      ferry_session_fail (end->session, error);
    }
  return end->n_ended > 0;
}

static void
test_last_word (void)
{
  g_test_summary ("Between two Ferrys either side tells why it stops, over SOCKS5 and in-band; "
                  "to others the stream is closed, which in-band is a cancel");
  static const struct
  {
    FerryError here, there;
  } cases[] = {
    { FERRY_ERROR_PAUSED, FERRY_ERROR_PAUSED },
    { FERRY_ERROR_OFFLINE, FERRY_ERROR_GONE },
    { FERRY_ERROR_NO_SPACE, FERRY_ERROR_PEER_STORAGE },
    { FERRY_ERROR_TOO_MUCH, FERRY_ERROR_CORRUPT },
    { FERRY_ERROR_SECURITY, FERRY_ERROR_SECURITY },
  };
  static const FerryRoute routes[] = { FERRY_ROUTE_INBAND, FERRY_ROUTE_DIRECT };

  for (guint i = 0; i < 4 * G_N_ELEMENTS (cases); i++)
    {
      g_auto (Pair) pair = { 0 };
      pair_open (&pair, TRUE, routes[i % 2]);
      JingleEnd *own = (i & 2) != 0 ? pair.anna : pair.ben;
      JingleEnd *other = (i & 2) != 0 ? pair.ben : pair.anna;
      g_autoptr (GError) error = g_error_new (FERRY_ERROR, (int) cases[i / 4].here, "stop");

      ferry_session_fail (own->session, error);
      ferry_test_wait (both_ended (&pair), 5);
      g_assert_error (own->error, FERRY_ERROR, (int) cases[i / 4].here);
      g_assert_error (other->error, FERRY_ERROR, (int) cases[i / 4].there);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_auto (Pair) pair = { 0 };
      pair_open (&pair, i == 0, FERRY_ROUTE_INBAND);
      ferry_session_cancel (pair.ben->session);
      ferry_test_wait (has_broken (pair.anna), 5);
      g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER);
    }
}

static void
test_why_follows (void)
{
  g_test_summary ("The connection has ended before the word why comes: it counts still, and of "
                  "one that just broke both know at once");
  for (guint is_paused = 0; is_paused < 2; is_paused++)
    {
      FerryError expected = is_paused == 1 ? FERRY_ERROR_PAUSED : FERRY_ERROR_BROKEN;
      g_auto (Pair) pair = { 0 };
      pair_open (&pair, TRUE, FERRY_ROUTE_DIRECT);
      g_autoptr (GError) broken = g_error_new (FERRY_ERROR, FERRY_ERROR_BROKEN, "reset");
      g_autoptr (GError) paused = g_error_new (FERRY_ERROR, FERRY_ERROR_PAUSED, "by Ben");

      ferry_session_fail (pair.anna->session, broken);
      if (is_paused == 1)
        ferry_session_fail (pair.ben->session, paused);
      ferry_test_wait (both_ended (&pair), 3);
      g_assert_error (pair.anna->error, FERRY_ERROR, (int) expected);
      g_assert_error (pair.ben->error, FERRY_ERROR, (int) expected);
    }
}

static void
test_confirmed (void)
{
  g_test_summary (
      "A Ferry's own word is awaited: a connection ends in order also when a relay ends "
      "it for a receiver that is no more");
  static const FerryRoute routes[] = { FERRY_ROUTE_INBAND, FERRY_ROUTE_DIRECT };

  for (guint i = 0; i < 4; i++)
    {
      gboolean has_all = i < 2;
      g_auto (Pair) pair = { 0 };
      pair_open (&pair, TRUE, routes[i % 2]);
      ferry_session_sent (pair.anna->session, NULL, TRUE);
      ferry_fake_net_settle (pair.net);
      g_assert_cmpuint (pair.anna->n_ended, ==, 0);
      g_assert_false (ferry_session_was_received (pair.anna->session));
      if (has_all)
        ferry_session_complete (pair.ben->session, TRUE);
      else
        ferry_fake_net_kill (pair.net, pair.anna->stream);
      ferry_test_wait (pair.anna->n_ended > 0, 10);
      g_assert_true (ferry_session_was_received (pair.anna->session) == has_all);
      if (has_all)
        g_assert_no_error (pair.anna->error);
      else
        g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_OFFLINE);
    }
}

static void
test_withdrawn (void)
{
  g_test_summary ("A Ferry takes its offer back");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);
  pair.anna->is_ferry = TRUE;
  pair.ben->routes = FERRY_ROUTE_NONE;

  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_ALL);
  ferry_test_wait (pair.ben->session != NULL, 5);
  ferry_session_cancel (pair.anna->session);
  ferry_test_wait (both_ended (&pair), 5);
  g_assert_error (pair.anna->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_error (pair.ben->error, FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER);
}

static void
test_has_it (void)
{
  g_test_summary ("Who has the file already says so in place of an answer, and nothing moves");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);
  pair.anna->is_ferry = TRUE;
  pair.ben->routes = FERRY_ROUTE_NONE;

  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_ALL);
  ferry_test_wait (pair.ben->session != NULL, 5);
  ferry_session_complete (pair.ben->session, TRUE);
  ferry_test_wait (both_ended (&pair), 5);
  g_assert_no_error (pair.ben->error);
  g_assert_no_error (pair.anna->error);
  g_assert_true (ferry_session_was_received (pair.anna->session));
  g_assert_true (ferry_session_was_confirmed (pair.anna->session));
  g_assert_null (pair.anna->socket);
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
  g_assert_cmpuint (pair.ben->n_ended, ==, 0);
  ferry_fake_net_resume (pair.net, pair.anna->stream);
  assert_delivered (&pair, FERRY_ROUTE_INBAND);
}

static void
test_lost (void)
{
  g_test_summary ("A lost session ends an offer and a stream");
  for (guint is_open = 0; is_open < 2; is_open++)
    {
      g_auto (Pair) pair = { 0 };
      pair_init (&pair, FALSE);
      pair.ben->holds = TRUE;
      pair.ben->routes = is_open == 1 ? FERRY_ROUTE_ALL : FERRY_ROUTE_NONE;
      jingle_end_offer (pair.anna, BEN, 4 * MIB, FERRY_ROUTE_INBAND);
      if (is_open == 1)
        ferry_test_wait (pair.anna->socket != NULL && pair.ben->socket != NULL, 10);
      else
        ferry_test_wait (pair.ben->session != NULL, 10);
      ferry_fake_net_kill (pair.net, pair.anna->stream);
      ferry_fake_net_settle (pair.net);
      ferry_test_wait (pair.anna->n_ended > 0, 5);
      g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_OFFLINE);
    }
}

static void
test_limits (void)
{
  g_test_summary ("Five open offers of one contact are enough; an answer makes room");
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

static void
on_end (FerrySession *session, const GError *error, gpointer user_data)
{
  GError **out = user_data;
  *out = g_error_copy (error);
}

static void
test_shared_limits (void)
{
  g_test_summary ("Who speaks two protocols may not offer twice as much");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);
  g_autoptr (FerryJingleNegotiator) offering =
      ferry_jingle_negotiator_new (pair.anna->signalling);
  g_autoptr (FerryJingleNegotiator) offered =
      ferry_jingle_negotiator_new (pair.ben->signalling);
  g_autoptr (FerryJid) ben = ferry_jid_new (BEN, NULL);
  g_autoptr (FerryFileInfo) file = ferry_file_info_new ("many", 1);
  g_autoptr (GPtrArray) sessions = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  pair.ben->routes = FERRY_ROUTE_NONE;
  for (guint i = 0; i < 6; i++)
    {
      FerryNegotiator *negotiator =
          i % 2 == 0 ? pair.anna->negotiator : FERRY_NEGOTIATOR (offering);
      g_ptr_array_add (sessions,
                       ferry_negotiator_offer (negotiator, ben, file, FERRY_ROUTE_INBAND));
      if (i == 5)
        g_signal_connect (sessions->pdata[i], "ended", G_CALLBACK (on_end), &error);
      ferry_fake_net_settle (pair.net);
    }
  ferry_test_wait (error != NULL, 5);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_BUSY);
  g_assert_cmpuint (pair.ben->n_offers, ==, 3);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpint (ferry_session_get_state (sessions->pdata[i]), ==, FERRY_SESSION_OFFERED);
      ferry_session_cancel (sessions->pdata[i]);
    }
}

static void
test_flood (void)
{
  g_test_summary (
      "20 offers in 10 s, then there is no room for a while; files that were taken do "
      "not count");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  for (guint i = 0; i < 3; i++)
    {
      jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
      assert_delivered (&pair, FERRY_ROUTE_INBAND);
      jingle_end_reset (pair.anna);
      jingle_end_reset (pair.ben);
    }
  pair.ben->routes = FERRY_ROUTE_NONE;
  for (guint i = 0; i < 20; i++)
    {
      jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
      ferry_fake_net_settle (pair.net);
      g_assert_cmpuint (pair.ben->n_offers, ==, 1);
      ferry_session_decline (pair.ben->session);
      ferry_test_wait (pair.anna->n_ended > 0, 5);
      g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_DECLINED);
      jingle_end_reset (pair.anna);
      jingle_end_reset (pair.ben);
    }
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair.anna->n_ended > 0, 5);
  g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_BUSY);
  g_assert_cmpuint (pair.ben->n_offers, ==, 0);
}

static gboolean
is_nobody (FerryJid *peer, gpointer user_data)
{
  return FALSE;
}

static void
test_stranger (void)
{
  g_test_summary ("A stranger is told that nobody is there");
  g_auto (Pair) pair = { 0 };
  pair_init (&pair, FALSE);

  ferry_signalling_set_known_func (pair.ben->signalling, is_nobody, NULL);
  jingle_end_offer (pair.anna, BEN, 10, FERRY_ROUTE_INBAND);
  ferry_test_wait (pair.anna->n_ended > 0, 5);
  g_assert_error (pair.anna->error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED);
  g_assert_cmpuint (pair.ben->n_offers, ==, 0);
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
  g_test_add_func ("/si/session/inband", test_inband);
  g_test_add_func ("/si/session/direct", test_direct);
  g_test_add_func ("/si/session/fallback", test_fallback);
  g_test_add_func ("/si/session/range", test_range);
  g_test_add_func ("/si/session/file", test_file);
  g_test_add_func ("/si/session/decline", test_decline);
  g_test_add_func ("/si/session/later", test_later);
  g_test_add_func ("/si/session/no-route", test_no_route);
  g_test_add_func ("/si/session/cancel", test_cancel);
  g_test_add_func ("/si/session/last-word", test_last_word);
  g_test_add_func ("/si/session/why-follows", test_why_follows);
  g_test_add_func ("/si/session/confirmed", test_confirmed);
  g_test_add_func ("/si/session/withdrawn", test_withdrawn);
  g_test_add_func ("/si/session/has-it", test_has_it);
  g_test_add_func ("/si/session/interrupted", test_interrupted);
  g_test_add_func ("/si/session/lost", test_lost);
  g_test_add_func ("/si/session/limits", test_limits);
  g_test_add_func ("/si/session/shared-limits", test_shared_limits);
  g_test_add_func ("/si/session/flood", test_flood);
  g_test_add_func ("/si/session/stranger", test_stranger);
  return g_test_run ();
}
