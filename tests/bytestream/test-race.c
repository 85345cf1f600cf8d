/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The race step by step: what it does when, with the real times. */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "bytestream/s5b/ferry-proxy-finder.h"
#include "bytestream/s5b/ferry-race.h"
#include "bytestream/s5b/ferry-s5b-offer.h"

#include <string.h>

#define START 100000

static const char *const effect_names[] = {
  [FERRY_RACE_DIAL] = "dial",
  [FERRY_RACE_DROP] = "drop",
  [FERRY_RACE_TELL_USED] = "used",
  [FERRY_RACE_TELL_ERROR] = "error",
  [FERRY_RACE_ACTIVATE] = "activate",
  [FERRY_RACE_TELL_ACTIVATED] = "activated",
  [FERRY_RACE_TELL_PROXY_ERROR] = "proxy-error",
  [FERRY_RACE_SETTLE_DIALLED] = "settle-dialled",
  [FERRY_RACE_SETTLE_INCOMING] = "settle-incoming",
  [FERRY_RACE_SETTLE_ACTIVATED] = "settle-activated",
  [FERRY_RACE_FAIL] = "fail",
};

/* One step @ms after the start; what comes of it must read like @expected. */
static void
step (FerryRace *race, gint64 ms, const FerryRaceEvent *event, const char *expected)
{
  g_autoptr (GArray) effects = g_array_new (FALSE, FALSE, sizeof (FerryRaceEffect));
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  ferry_race_step (race, event, START + ms, effects, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < effects->len; i++)
    {
      const FerryRaceEffect *effect = &g_array_index (effects, FerryRaceEffect, i);
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", effect_names[effect->type]);
      if (effect->candidate != NULL)
        g_string_append_printf (text, " %s", effect->candidate->cid);
      if (effect->connection != 0)
        g_string_append_printf (text, " %u", effect->connection);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
say (FerryRace *race, gint64 ms, FerryRaceEventType type, const char *cid, const char *expected)
{
  step (race, ms, &(FerryRaceEvent){ .type = type, .cid = cid, .connection = 7 }, expected);
}

/* Time passes; nothing may be due before @ms. */
static void
wait_until (FerryRace *race, gint64 ms, const char *expected)
{
  g_assert_cmpint (ferry_race_get_deadline (race) - START, ==, ms);
  say (race, ms, FERRY_RACE_TICK, NULL, expected);
}

/* @port: tells groups apart; a relay has its own JID */
static void
add (FerryRace *race,
     FerryRaceEventType type,
     const char *cid,
     guint16 port,
     guint32 priority,
     gboolean is_proxy)
{
  g_autoptr (FerryJid) jid =
      ferry_jid_new (is_proxy ? "relay.example" : "anna@north.example/desk", NULL);
  g_autoptr (FerryCandidate) candidate =
      ferry_candidate_new (cid, "192.0.2.7", port, jid, priority,
                           is_proxy ? FERRY_CANDIDATE_PROXY : FERRY_CANDIDATE_DIRECT);
  step (race, 0, &(FerryRaceEvent){ .type = type, .candidate = candidate }, "");
}

static FerryRace *
make (gboolean is_initiator)
{
  return ferry_race_new (&ferry_race_rules_jingle, NULL, is_initiator);
}

static void
test_stagger (void)
{
  g_test_summary (
      "Dials begin best first, 250 ms apart, or at once when the one before failed");
  g_autoptr (FerryRace) race = make (TRUE);
  add (race, FERRY_RACE_REMOTE, "c", 3, 10, FALSE);
  add (race, FERRY_RACE_REMOTE, "a", 1, 30, FALSE);
  add (race, FERRY_RACE_REMOTE, "b", 2, 20, FALSE);

  say (race, 0, FERRY_RACE_START, NULL, "dial a");
  wait_until (race, 250, "dial b");
  say (race, 260, FERRY_RACE_DIAL_FAILED, "b", "dial c");
  say (race, 300, FERRY_RACE_DIALLED, "c", "drop a, used c");
  say (race, 400, FERRY_RACE_PEER_ERROR, NULL, "settle-dialled c");
  g_assert_true (ferry_race_is_over (race));
  say (race, 500, FERRY_RACE_PEER_ERROR, NULL, "");
}

static void
test_group (void)
{
  g_test_summary ("Of one listener on several addresses one connection at most is established");
  g_autoptr (FerryRace) race = make (TRUE);
  add (race, FERRY_RACE_REMOTE, "a", 1, 30, FALSE);
  add (race, FERRY_RACE_REMOTE, "b", 1, 20, FALSE);
  add (race, FERRY_RACE_REMOTE, "c", 1, 10, FALSE);

  say (race, 0, FERRY_RACE_START, NULL, "dial a");
  wait_until (race, 250, "dial b");
  say (race, 300, FERRY_RACE_CONNECTED, "b", "drop a");
  /* It was another machine: the group goes on. */
  say (race, 400, FERRY_RACE_DIAL_FAILED, "b", "dial a");
  say (race, 500, FERRY_RACE_CONNECTED, "a", "");
  /* That is the listener, so its other addresses are done with, even when it refuses. */
  say (race, 510, FERRY_RACE_GREETED, "a", "");
  say (race, 600, FERRY_RACE_DIAL_FAILED, "a", "");
  wait_until (race, 2000, "error");
}

static void
test_proxies (void)
{
  g_test_summary ("A relay is asked soon, but taken only when direct ways had their chance");
  g_autoptr (FerryRace) race = make (TRUE);
  add (race, FERRY_RACE_REMOTE, "a", 1, 30, FALSE);
  add (race, FERRY_RACE_REMOTE, "p", 2, 20, TRUE);

  say (race, 0, FERRY_RACE_START, NULL, "dial a");
  wait_until (race, 300, "dial p");
  say (race, 400, FERRY_RACE_DIALLED, "p", "");
  wait_until (race, 1500, "drop a, used p");
  say (race, 1700, FERRY_RACE_PEER_ERROR, NULL, "");
  say (race, 1800, FERRY_RACE_PEER_ACTIVATED, NULL, "");
  wait_until (race, 2300, "settle-dialled p");
}

static void
test_relay_speaks (void)
{
  g_test_summary (
      "Bytes show that a relay is activated: then there is no need to wait for more");
  g_autoptr (FerryRace) race = make (TRUE);
  add (race, FERRY_RACE_REMOTE, "p", 2, 20, TRUE);

  say (race, 0, FERRY_RACE_START, NULL, "dial p");
  say (race, 10, FERRY_RACE_DIALLED, "p", "used p");
  say (race, 20, FERRY_RACE_PEER_ERROR, NULL, "");
  /* Somebody may speak too early; that decides nothing. */
  say (race, 30, FERRY_RACE_GO, "p", "");
  say (race, 40, FERRY_RACE_PEER_ACTIVATED, NULL, "settle-dialled p");
}

static void
test_proxy_loses (void)
{
  g_test_summary ("A direct way that opens while a relay waits is taken");
  g_autoptr (FerryRace) race = make (TRUE);
  add (race, FERRY_RACE_REMOTE, "a", 1, 30, FALSE);
  add (race, FERRY_RACE_REMOTE, "p", 2, 20, TRUE);

  say (race, 0, FERRY_RACE_START, NULL, "dial a");
  wait_until (race, 300, "dial p");
  say (race, 400, FERRY_RACE_DIALLED, "p", "");
  /* The first packet was lost. */
  say (race, 1400, FERRY_RACE_DIALLED, "a", "drop p, used a");
}

static void
test_own_proxy (void)
{
  g_test_summary ("Our own nominated relay is activated before the peer is told");
  g_autoptr (FerryRace) race = make (FALSE);
  add (race, FERRY_RACE_OWN, "p", 2, 20, TRUE);

  say (race, 0, FERRY_RACE_START, NULL, "");
  say (race, 100, FERRY_RACE_PEER_USED, "p", "error, activate p");
  say (race, 200, FERRY_RACE_ACTIVATED, NULL, "activated p, settle-activated p");
}

static void
test_tie (void)
{
  g_test_summary ("The higher priority wins; equal ones: what the initiator chose");
  static const struct
  {
    gboolean is_initiator;
    guint32 theirs;
    const char *expected;
  } cases[] = {
    { TRUE, 10, "settle-dialled x" },          { FALSE, 10, "settle-dialled x" },
    { TRUE, 20, "settle-dialled x" },          { FALSE, 20, "drop x, settle-incoming 7" },
    { TRUE, 30, "drop x, settle-incoming 7" }, { FALSE, 30, "drop x, settle-incoming 7" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerryRace) race = make (cases[i].is_initiator);
      add (race, FERRY_RACE_REMOTE, "x", 1, 20, FALSE);
      add (race, FERRY_RACE_OWN, "y", 1, cases[i].theirs, FALSE);
      say (race, 0, FERRY_RACE_INCOMING, NULL, "");
      say (race, 0, FERRY_RACE_START, NULL, "dial x");
      say (race, 10, FERRY_RACE_DIALLED, "x", "used x");
      say (race, 20, FERRY_RACE_PEER_USED, "y", cases[i].expected);
    }
}

static void
test_error_times (void)
{
  g_test_summary (
      "An error is reported 2 s after the last candidates, 5 s if there are none, at "
      "once when the peer has found a way");
  g_autoptr (FerryRace) none = make (TRUE);
  say (none, 0, FERRY_RACE_START, NULL, "");
  wait_until (none, 5000, "error");
  wait_until (none, 45000, "fail");

  g_autoptr (FerryRace) one = make (TRUE);
  add (one, FERRY_RACE_REMOTE, "a", 1, 30, FALSE);
  say (one, 0, FERRY_RACE_START, NULL, "dial a");
  say (one, 10, FERRY_RACE_DIAL_FAILED, "a", "");
  wait_until (one, 2000, "error");
  say (one, 2100, FERRY_RACE_PEER_ERROR, NULL, "fail");

  g_autoptr (FerryRace) used = make (TRUE);
  add (used, FERRY_RACE_OWN, "y", 1, 30, FALSE);
  say (used, 0, FERRY_RACE_START, NULL, "");
  say (used, 10, FERRY_RACE_PEER_USED, "y", "error");
  /* It says so, but no connection has come: 3 s are enough. */
  wait_until (used, 3010, "fail");
}

static void
test_after_direct (void)
{
  g_test_summary (
      "When the peer has found a direct way only better candidates are tried, 200 ms "
      "at most: dropped packets of the other direction cost nobody 3 s");
  g_autoptr (FerryRace) race = make (TRUE);
  add (race, FERRY_RACE_REMOTE, "a", 1, 30, FALSE);
  add (race, FERRY_RACE_REMOTE, "b", 2, 20, FALSE);
  add (race, FERRY_RACE_REMOTE, "c", 3, 10, FALSE);
  add (race, FERRY_RACE_OWN, "y", 1, 20, FALSE);

  say (race, 0, FERRY_RACE_START, NULL, "dial a");
  wait_until (race, 250, "dial b");
  say (race, 300, FERRY_RACE_INCOMING, NULL, "");
  say (race, 310, FERRY_RACE_PEER_USED, "y", "drop b");
  wait_until (race, 510, "drop a, error, settle-incoming 7");
}

static void
test_peer_took_relay (void)
{
  g_test_summary (
      "When the peer has found only our relay our direct dials keep their chance, and "
      "no more than that");
  for (int works = 0; works <= 1; works++)
    {
      g_autoptr (FerryRace) race = make (TRUE);
      add (race, FERRY_RACE_REMOTE, "a", 1, 30, FALSE);
      add (race, FERRY_RACE_REMOTE, "b", 2, 20, FALSE);
      add (race, FERRY_RACE_OWN, "p", 3, 10, TRUE);

      say (race, 0, FERRY_RACE_START, NULL, "dial a");
      say (race, 40, FERRY_RACE_PEER_USED, "p", "");
      wait_until (race, 250, "dial b");
      if (works)
        say (race, 1400, FERRY_RACE_DIALLED, "b", "drop a, used b, settle-dialled b");
      else
        wait_until (race, 1500, "drop a, drop b, error, activate p");
    }
}

static void
test_many_addresses (void)
{
  g_test_summary ("A relay waits for the last of many addresses of one listener, but not long");
  g_autoptr (FerryRace) race = ferry_race_new (&ferry_race_rules_si, NULL, FALSE);
  add (race, FERRY_RACE_REMOTE, "a", 1, 50, FALSE);
  add (race, FERRY_RACE_REMOTE, "b", 1, 40, FALSE);
  add (race, FERRY_RACE_REMOTE, "c", 1, 30, FALSE);
  add (race, FERRY_RACE_REMOTE, "d", 1, 20, FALSE);
  add (race, FERRY_RACE_REMOTE, "p", 2, 10, TRUE);

  say (race, 0, FERRY_RACE_START, NULL, "dial a");
  wait_until (race, 300, "dial p");
  say (race, 350, FERRY_RACE_DIALLED, "p", "");
  wait_until (race, 500, "dial b");
  wait_until (race, 1000, "dial c");
  wait_until (race, 1500, "dial d");
  wait_until (race, 2000, "drop a, drop b, drop c, drop d, used p, settle-dialled p");
}

static void
test_first_unreachable (void)
{
  g_test_summary (
      "An unreachable first streamhost costs half a second, not minutes: in the target "
      "of stream initiation the second is taken as soon as it answers");
  g_autoptr (FerryRace) race = ferry_race_new (&ferry_race_rules_si, NULL, FALSE);
  add (race, FERRY_RACE_REMOTE, "a", 1, 30, FALSE);
  add (race, FERRY_RACE_REMOTE, "b", 1, 20, FALSE);
  add (race, FERRY_RACE_REMOTE, "p", 2, 10, TRUE);

  say (race, 0, FERRY_RACE_START, NULL, "dial a");
  wait_until (race, 300, "dial p");
  wait_until (race, 500, "dial b");
  say (race, 510, FERRY_RACE_DIALLED, "p", "");
  say (race, 520, FERRY_RACE_CONNECTED, "b", "drop a");
  say (race, 530, FERRY_RACE_GREETED, "b", "");
  say (race, 540, FERRY_RACE_DIALLED, "b", "drop p, used b, settle-dialled b");
}

static void
test_fast_relay (void)
{
  g_test_summary (
      "Fast mode's initiator takes the responder's relay only when neither direction "
      "is direct");
  for (int works = 0; works <= 1; works++)
    {
      g_autoptr (FerryRace) race = ferry_race_new (&ferry_race_rules_si_fast, NULL, TRUE);
      add (race, FERRY_RACE_OWN, "y", 1, 20, FALSE);
      say (race, 0, FERRY_RACE_START, NULL, "");
      add (race, FERRY_RACE_REMOTE, "p", 2, 10, TRUE);
      say (race, 10, FERRY_RACE_COUNTER_OFFER, NULL, "dial p");
      say (race, 30, FERRY_RACE_DIALLED, "p", "");
      if (works)
        {
          say (race, 1200, FERRY_RACE_INCOMING, NULL, "");
          say (race, 1210, FERRY_RACE_PEER_USED, "y", "drop p, error, settle-incoming 7");
        }
      else
        wait_until (race, 1510, "used p, settle-dialled p");
    }
}

static void
test_fast_target_relay (void)
{
  g_test_summary ("Fast mode's target names the initiator's relay only when the initiator had "
                  "time to dial: iris chooses what it hears of first");
  for (int works = 0; works <= 1; works++)
    {
      g_autoptr (FerryRace) race = ferry_race_new (&ferry_race_rules_si_fast, NULL, FALSE);
      add (race, FERRY_RACE_OWN, "y", 1, 20, FALSE);
      add (race, FERRY_RACE_REMOTE, "p", 2, 10, TRUE);
      say (race, 0, FERRY_RACE_COUNTER_OFFER, NULL, "");
      say (race, 0, FERRY_RACE_START, NULL, "dial p");
      say (race, 30, FERRY_RACE_DIALLED, "p", "");
      if (works)
        {
          say (race, 1200, FERRY_RACE_INCOMING, NULL, "");
          say (race, 1210, FERRY_RACE_PEER_USED, "y", "drop p, error");
        }
      else
        wait_until (race, 1500, "used p");
    }
}

static void
test_limits (void)
{
  g_test_summary ("Dropped packets cost little more than 8 s, with relays too");
  g_autoptr (FerryRace) race = make (TRUE);
  add (race, FERRY_RACE_REMOTE, "a", 1, 30, FALSE);
  add (race, FERRY_RACE_REMOTE, "p", 2, 20, TRUE);

  say (race, 0, FERRY_RACE_START, NULL, "dial a");
  wait_until (race, 300, "dial p");
  wait_until (race, 8000, "drop a");
  wait_until (race, 8300, "drop p, error");
}

static void
test_protocol_errors (void)
{
  g_test_summary ("Reports that cannot be are refused and change nothing");
  g_autoptr (FerryRace) race = make (TRUE);
  static const struct
  {
    FerryRaceEventType type;
    const char *cid;
  } bad[] = {
    { FERRY_RACE_PEER_USED, "unknown" },
    { FERRY_RACE_PEER_USED, "x" }, /* its own */
    { FERRY_RACE_PEER_ACTIVATED, "y" },
    { FERRY_RACE_PEER_PROXY_ERROR, NULL },
  };
  add (race, FERRY_RACE_REMOTE, "x", 1, 20, FALSE);
  add (race, FERRY_RACE_OWN, "y", 1, 10, FALSE);
  say (race, 0, FERRY_RACE_START, NULL, "dial x");

  for (guint i = 0; i <= G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GArray) effects = g_array_new (FALSE, FALSE, sizeof (FerryRaceEffect));
      g_autoptr (GError) error = NULL;
      FerryRaceEvent event = { .type = FERRY_RACE_PEER_ERROR };
      if (i < G_N_ELEMENTS (bad))
        event = (FerryRaceEvent){ .type = bad[i].type, .cid = bad[i].cid };
      else
        say (race, 1, FERRY_RACE_PEER_ERROR, NULL, "");
      g_assert_false (ferry_race_step (race, &event, START + 1, effects, &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
      g_assert_cmpuint (effects->len, ==, 0);
    }
  say (race, 10, FERRY_RACE_DIALLED, "x", "used x, settle-dialled x");
}

/* --- What is offered -------------------------------------------------------------------------
 */

static void
test_offer (void)
{
  g_test_summary ("At most five candidates, relays last, priorities unlike the peer's, nothing "
                  "that the peer offers already");
  g_autoptr (FerryJid) own = ferry_jid_new ("anna@north.example/desk", NULL);
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) remote =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_candidate_free);
  g_autoptr (GPtrArray) proxies =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_proxy_free);

  for (guint i = 1; i <= 6; i++)
    {
      g_autofree char *text = g_strdup_printf ("198.51.100.%u", i);
      g_ptr_array_add (addresses, g_inet_address_new_from_string (text));
    }
  static const char *const answer =
      "<query xmlns='http://jabber.org/protocol/bytestreams'>"
      "<streamhost jid='evil.example' host='h' port='1'/>"
      "<streamhost jid='relay.north.example' host='' port='5000'/>"
      "<streamhost jid='relay.north.example' host='r.example' port='0'/>"
      "<streamhost jid='a.relay.north.example' host='r.example' port='5000'/></query>";
  g_autoptr (FerryNode) query = ferry_test_node (answer);
  g_autoptr (FerryJid) relay = ferry_jid_new ("relay.north.example", NULL);
  g_ptr_array_add (proxies, ferry_proxy_parse (query, relay));
  g_assert_nonnull (proxies->pdata[0]);

  g_ptr_array_add (remote,
                   ferry_candidate_new ("r", "198.51.100.2", 4000, relay,
                                        65536 * 126 + 40009 - 13, FERRY_CANDIDATE_DIRECT));
  g_autoptr (GPtrArray) offer =
      ferry_s5b_offer_make (own, addresses, 4000, proxies, remote, FALSE);
  static const char *const hosts[] = { "198.51.100.1", "198.51.100.3", "198.51.100.4",
                                       "198.51.100.5", "r.example" };
  static const guint32 priorities[] = { 65536 * 126 + 40009, 65536 * 126 + 39983,
                                        65536 * 126 + 39970, 65536 * 126 + 39957,
                                        65536 * 10 + 39944 };
  g_assert_cmpuint (offer->len, ==, G_N_ELEMENTS (hosts));
  for (guint i = 0; i < offer->len; i++)
    {
      const FerryCandidate *candidate = offer->pdata[i];
      g_assert_cmpstr (candidate->host, ==, hosts[i]);
      g_assert_cmpuint (candidate->priority, ==, priorities[i]);
    }

  g_autoptr (GPtrArray) first = ferry_s5b_offer_make (own, addresses, 4000, NULL, remote, TRUE);
  g_assert_cmpuint (((const FerryCandidate *) first->pdata[0])->priority, ==,
                    65536 * 126 + 50021);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytestream/race/stagger", test_stagger);
  g_test_add_func ("/bytestream/race/group", test_group);
  g_test_add_func ("/bytestream/race/proxies", test_proxies);
  g_test_add_func ("/bytestream/race/relay-speaks", test_relay_speaks);
  g_test_add_func ("/bytestream/race/proxy-loses", test_proxy_loses);
  g_test_add_func ("/bytestream/race/own-proxy", test_own_proxy);
  g_test_add_func ("/bytestream/race/tie", test_tie);
  g_test_add_func ("/bytestream/race/error-times", test_error_times);
  g_test_add_func ("/bytestream/race/after-direct", test_after_direct);
  g_test_add_func ("/bytestream/race/peer-took-relay", test_peer_took_relay);
  g_test_add_func ("/bytestream/race/many-addresses", test_many_addresses);
  g_test_add_func ("/bytestream/race/first-streamhost-unreachable", test_first_unreachable);
  g_test_add_func ("/bytestream/race/fast-relay", test_fast_relay);
  g_test_add_func ("/bytestream/race/fast-target-relay", test_fast_target_relay);
  g_test_add_func ("/bytestream/race/limits", test_limits);
  g_test_add_func ("/bytestream/race/protocol-errors", test_protocol_errors);
  g_test_add_func ("/bytestream/s5b/offer", test_offer);
  return g_test_run ();
}
