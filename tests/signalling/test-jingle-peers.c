/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A negotiator whose offers go to peers played by the test: what Gajim, Dino and worse do. */
#include "jingle-stage.h"

#include "xmpp/ferry-ns.h"

static void
offer_inband (Stage *stage, gsize size)
{
  stage_init (stage, FALSE);
  jingle_end_offer (stage->anna, BEN, size, FERRY_ROUTE_INBAND);
  stage_take_and_drop (stage, EXPECT_JINGLE ("session-initiate"));
}

/* Gajim: no creator, `senders='both'`. */
static void
accept_inband (Stage *stage)
{
  g_autofree char *inner = g_strdup_printf (
      "<content name='file' senders='both'>" DESCRIPTION IBB_T "</content>", stage->tsid);
  stage_say (stage, "session-accept", inner, "result");
}

/* Takes @n blocks of the in-band stream. */
static void
take_blocks (Stage *stage, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FerryNode) data =
          ferry_fake_peer_expect_and_ack (stage->ben, "iq[type=set]/data");
    }
}

static void
test_early_success (void)
{
  g_test_summary (
      "Gajim says success while bytes flow: the pipe goes on, and nothing is proven");
  g_auto (Stage) stage = { 0 };
  offer_inband (&stage, 40000);
  accept_inband (&stage);
  g_autoptr (FerryNode) open = ferry_fake_peer_expect_and_ack (stage.ben, "iq[type=set]/open");
  take_blocks (&stage, 2);
  stage_terminate (&stage, "success");
  g_assert_cmpuint (stage.anna->n_ended, ==, 0);
  take_blocks (&stage, 8);
  g_autoptr (FerryNode) end = ferry_fake_peer_expect_and_ack (stage.ben, "iq[type=set]/close");
  stage_wait_for_end (&stage);
  g_assert_no_error (stage.anna->error);
  g_assert_false (ferry_session_was_received (stage.anna->session));
  ferry_fake_peer_assert_none (stage.ben, "iq[type=set]/jingle");
}

static void
test_late_success (void)
{
  g_test_summary ("Success after the last byte counts; Gajim's two answers to one iq do not "
                  "matter, nor that it never answers the checksum");
  g_auto (Stage) stage = { 0 };
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA256);
  offer_inband (&stage, 5);
  ferry_hasher_finish (hasher, &stage.anna->hash);
  accept_inband (&stage);
  g_autoptr (FerryNode) open = ferry_fake_peer_expect_and_ack (stage.ben, "iq[type=set]/open");
  take_blocks (&stage, 1);
  g_autoptr (FerryNode) end = ferry_fake_peer_expect_and_ack (stage.ben, "iq[type=set]/close");
  g_autoptr (FerryNode) checksum =
      ferry_fake_peer_expect (stage.ben, EXPECT_JINGLE ("session-info"));
  ferry_fake_peer_reply_error (stage.ben, end, FERRY_STANZA_ITEM_NOT_FOUND);
  g_assert_cmpuint (stage.anna->n_ended, ==, 0);
  g_assert_cmpint (ferry_session_get_state (stage.anna->session), ==, FERRY_SESSION_CLOSING);
  stage_say (&stage, "session-info",
             "<received xmlns='" FT "' creator='initiator' name='file'/>", "result");
  g_assert_true (ferry_session_was_received (stage.anna->session));
  g_assert_true (ferry_session_was_confirmed (stage.anna->session));
  stage_terminate (&stage, "success");
  stage_wait_for_end (&stage);
  g_assert_no_error (stage.anna->error);
}

static void
test_withdraw (void)
{
  g_test_summary ("Cancelled before the offer is acknowledged: nothing is sent until it is");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, FALSE);
  jingle_end_offer (stage.anna, BEN, 5, FERRY_ROUTE_INBAND);
  g_autoptr (FerryNode) offer =
      ferry_fake_peer_expect (stage.ben, EXPECT_JINGLE ("session-initiate"));
  ferry_session_cancel (stage.anna->session);
  stage_wait_for_end (&stage);
  ferry_fake_peer_assert_none (stage.ben, "iq[type=set]/jingle");
  ferry_fake_peer_reply (stage.ben, offer, NULL);
  stage_take_and_drop (&stage, EXPECT_JINGLE ("session-terminate") "/reason/cancel");
}

static void
test_refusals (void)
{
  g_test_summary ("Each way to refuse an offer has its meaning");
  static const struct
  {
    FerryStanzaCondition condition;
    FerryError code;
  } errors[] = {
    { FERRY_STANZA_SERVICE_UNAVAILABLE, FERRY_ERROR_UNSUPPORTED },
    { FERRY_STANZA_FEATURE_NOT_IMPLEMENTED, FERRY_ERROR_UNSUPPORTED },
    { FERRY_STANZA_RESOURCE_CONSTRAINT, FERRY_ERROR_BUSY },
    { FERRY_STANZA_ITEM_NOT_FOUND, FERRY_ERROR_GONE },
    { FERRY_STANZA_BAD_REQUEST, FERRY_ERROR_PROTOCOL },
  };
  static const struct
  {
    const char *reason;
    FerryError code;
  } reasons[] = {
    { "decline", FERRY_ERROR_DECLINED },
    { "busy", FERRY_ERROR_BUSY },
    { "cancel", FERRY_ERROR_CANCELLED_BY_PEER },
    { "gone", FERRY_ERROR_GONE },
    { "timeout", FERRY_ERROR_TIMEOUT },
    { "failed-application", FERRY_ERROR_PEER_STORAGE },
    { "failed_transport", FERRY_ERROR_UNREACHABLE },
    { "security-error", FERRY_ERROR_SECURITY },
    { "unsupported-applications", FERRY_ERROR_UNSUPPORTED },
    { "success", FERRY_ERROR_PROTOCOL },
    { "no-such-reason", FERRY_ERROR_PROTOCOL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage, FALSE);
      jingle_end_offer (stage.anna, BEN, 5, FERRY_ROUTE_INBAND);
      g_autoptr (FerryNode) offer =
          ferry_fake_peer_expect (stage.ben, EXPECT_JINGLE ("session-initiate"));
      ferry_fake_peer_reply_error (stage.ben, offer, errors[i].condition);
      stage_wait_for_end (&stage);
      g_assert_true (g_error_matches (stage.anna->error, FERRY_ERROR, (int) errors[i].code));
    }
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      g_auto (Stage) stage = { 0 };
      offer_inband (&stage, 5);
      stage_terminate (&stage, reasons[i].reason);
      stage_wait_for_end (&stage);
      g_test_message ("%s", reasons[i].reason);
      g_assert_true (g_error_matches (stage.anna->error, FERRY_ERROR, (int) reasons[i].code));
    }
}

static void
test_bad_answers (void)
{
  g_test_summary ("Answers that do not fit are refused, and the session ends");
  static const char *const contents[] = {
    "",
    "<content name='other'>" DESCRIPTION IBB_T "</content>",
    "<content name='file'>" DESCRIPTION "</content>",
    "<content name='file'>" DESCRIPTION "<transport xmlns='" S5B "' sid='x'/></content>",
    "<content name='file'>" DESCRIPTION
    "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='wrong' block-size='4096'/>"
    "</content>",
    "<content name='file'><description xmlns='" FT
    "'><file><size>5</size><range offset='2'/></file></description>" IBB_T "</content>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_auto (Stage) stage = { 0 };
      offer_inband (&stage, 5);
      g_autoptr (GString) inner = g_string_new (contents[i]);
      g_string_replace (inner, "%s", stage.tsid, 0);
      stage_say (&stage, "session-accept", inner->str, "error");
      stage_wait_for_end (&stage);
      g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
      stage_take_and_drop (
          &stage, EXPECT_JINGLE ("session-terminate") "/reason/incompatible-parameters");
    }
}

static void
test_order (void)
{
  g_test_summary ("What comes at the wrong time is out of order; talk is answered at any time");
  g_auto (Stage) stage = { 0 };
  offer_inband (&stage, 5);
  stage_say (&stage, "transport-replace",
             "<content name='file'><transport xmlns='" S5B "' sid='x'/></content>", "error");
  stage_say (&stage, "transport-accept", "<content name='file'/>", "error");
  stage_say (&stage, "session-initiate", "", "error");
  stage_say (&stage, "content-add", "<content name='more' creator='responder'/>", "error");
  stage_say (&stage, "content-accept", "", "error");
  stage_say (&stage, "session-info", "", "result");
  stage_say (&stage, "session-info", "<ringing xmlns='urn:xmpp:jingle:apps:rtp:info:1'/>",
             "error");
  stage_say (&stage, "session-info", "<checksum xmlns='" FT "'/>", "result");
  stage_say (&stage, "description-info", "<content name='file'/>", "result");
  stage_say (&stage, "no-such-action", "", "error");
  accept_inband (&stage);
  stage_say (&stage, "session-accept", "", "error");
  stage_say (&stage, "content-add", "<content name='more' creator='responder'/>", "result");
  stage_take_and_drop (&stage, EXPECT_JINGLE ("content-reject") "/content[name=more]");
  g_assert_cmpuint (stage.anna->n_ended, ==, 0);
  stage_say (&stage, "content-modify", "<content name='file' senders='responder'/>", "result");
  stage_wait_for_end (&stage);
  g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
}

/* A port of ours at which nobody listens. */
static guint
find_closed_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GError) error = NULL;
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_assert_no_error (error);
  g_socket_listener_close (listener);
  return port;
}

/* Brings Anna's offer to where SOCKS5 has failed on both sides. */
static void
fail_s5b (Stage *stage)
{
  stage_init (stage, TRUE);
  jingle_end_offer (stage->anna, BEN, 5, FERRY_ROUTE_ALL);
  stage_take_and_drop (stage, EXPECT_JINGLE ("session-initiate"));
  g_autofree char *inner = g_strdup_printf (
      "<content creator='initiator' name='file'>" DESCRIPTION "<transport xmlns='" S5B
      "' sid='%s'><candidate cid='c' host='127.0.0.1' jid='" BEN
      "' port='%u' priority='8257536' type='direct'/></transport></content>",
      stage->tsid, find_closed_port ());
  stage_say (stage, "session-accept", inner, "result");
  g_autofree char *report = g_strdup_printf (
      "<transport xmlns='" S5B "' sid='%s'><candidate-error/></transport>", stage->tsid);
  stage_say_transport (stage, "transport-info", report);
  stage_take_and_drop (stage,
                       EXPECT_JINGLE ("transport-info") "/content/transport/candidate-error");
  stage_take_and_drop (stage, EXPECT_JINGLE ("transport-replace"));
}

/* Plays an in-band receiver to the end. */
static void
receive_inband (Stage *stage)
{
  take_blocks (stage, 1);
  g_autoptr (FerryNode) end = ferry_fake_peer_expect_and_ack (stage->ben, "iq[type=set]/close");
  stage_terminate (stage, "success");
  stage_wait_for_end (stage);
  g_assert_no_error (stage->anna->error);
  g_assert_cmpint (ferry_session_get_route (stage->anna->session), ==, FERRY_ROUTE_INBAND);
}

static void
test_dino_second_offer (void)
{
  g_test_summary ("Dino tries SOCKS5 once more and rejects our replacement: a second session, "
                  "in-band only, once");
  g_auto (Stage) stage = { 0 };
  fail_s5b (&stage);
  g_autofree char *first = g_strdup (stage.sid);
  g_autofree char *ours = g_strdup_printf (IBB_T, stage.tsid);

  stage_say_transport (&stage, "transport-replace", "<transport xmlns='" S5B "' sid='again'/>");
  stage_take_and_drop (&stage, EXPECT_JINGLE ("transport-reject"));
  stage_say_transport (&stage, "transport-reject", ours);
  stage_take_and_drop (&stage, EXPECT_JINGLE ("session-terminate") "/reason/failed-transport");
  stage_take_and_drop (
      &stage,
      EXPECT_JINGLE (
          "session-initiate") "/content/transport[xmlns=urn:xmpp:jingle:transports:ibb:1]");
  g_assert_cmpstr (stage.sid, !=, first);
  accept_inband (&stage);
  g_autoptr (FerryNode) open = ferry_fake_peer_expect_and_ack (stage.ben, "iq[type=set]/open");
  receive_inband (&stage);
  g_assert_cmpuint (stage.anna->n_ended, ==, 1);
}

static void
test_second_offer_once (void)
{
  g_test_summary ("A peer that fails the second session too gets no third");
  g_auto (Stage) stage = { 0 };
  fail_s5b (&stage);
  stage_terminate (&stage, "failed_transport");
  stage_take_and_drop (&stage, EXPECT_JINGLE ("session-initiate"));
  stage_terminate (&stage, "failed-transport");
  stage_wait_for_end (&stage);
  g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_UNREACHABLE);
  ferry_fake_peer_assert_none (stage.ben, EXPECT_JINGLE ("session-initiate"));
}

static void
test_hold (void)
{
  g_test_summary ("A replacement of the peer is held while ours is out, and taken when ours is "
                  "rejected; ours taken, theirs is rejected");
  for (guint ours_wins = 0; ours_wins < 2; ours_wins++)
    {
      g_auto (Stage) stage = { 0 };
      fail_s5b (&stage);
      g_autofree char *ours = g_strdup_printf (IBB_T, stage.tsid);
      g_autofree char *theirs = g_strdup_printf (IBB_T, "None");

      stage_say_transport (&stage, "transport-replace", theirs);
      ferry_fake_peer_assert_none (stage.ben, "iq[type=set]/jingle");
      if (ours_wins == 1)
        {
          stage_say_transport (&stage, "transport-accept", ours);
          stage_take_and_drop (
              &stage, EXPECT_JINGLE ("transport-reject") "/content/transport[sid=None]");
          g_autoptr (FerryNode) open =
              ferry_fake_peer_expect_and_ack (stage.ben, "iq[type=set]/open");
          g_assert_cmpstr (
              ferry_node_get_attr (ferry_node_get_child (open, "open", NULL), "sid"), !=,
              "None");
        }
      else
        {
          stage_say_transport (&stage, "transport-reject", ours);
          stage_take_and_drop (
              &stage, EXPECT_JINGLE ("transport-accept") "/content/transport[sid=None]");
          ferry_fake_peer_send (stage.ben,
                                SET "<open xmlns='http://jabber.org/protocol/ibb' sid='None' "
                                    "block-size='4096'/></iq>",
                                "open");
          g_autoptr (FerryNode) opened =
              ferry_fake_peer_expect (stage.ben, "iq[type=result][id=open]");
        }
      receive_inband (&stage);
    }
}

static void
test_leaving (void)
{
  g_test_summary ("A server's “service-unavailable” for a device that is leaving is not taken "
                  "for the word of the device");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, FALSE);
  ferry_fake_peer_send (stage.ben, "<presence/>");
  ferry_router_send (stage.anna->router, ferry_test_node ("<presence xmlns='jabber:client'/>"));
  ferry_fake_net_settle (stage.net);
  jingle_end_offer (stage.anna, BEN, 5, FERRY_ROUTE_INBAND);
  g_autoptr (FerryNode) offer =
      ferry_fake_peer_expect (stage.ben, EXPECT_JINGLE ("session-initiate"));
  ferry_fake_peer_reply_error (stage.ben, offer, FERRY_STANZA_SERVICE_UNAVAILABLE);
  ferry_fake_net_settle (stage.net);
  g_assert_cmpuint (stage.anna->n_ended, ==, 0);
  ferry_fake_peer_send (stage.ben, "<presence type='unavailable'/>");
  stage_wait_for_end (&stage);
  g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_GONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jingle/peers/early-success", test_early_success);
  g_test_add_func ("/jingle/peers/late-success", test_late_success);
  g_test_add_func ("/jingle/peers/withdraw", test_withdraw);
  g_test_add_func ("/jingle/peers/refusals", test_refusals);
  g_test_add_func ("/jingle/peers/bad-answers", test_bad_answers);
  g_test_add_func ("/jingle/peers/order", test_order);
  g_test_add_func ("/jingle/peers/dino-second-offer", test_dino_second_offer);
  g_test_add_func ("/jingle/peers/second-offer-once", test_second_offer_once);
  g_test_add_func ("/jingle/peers/hold", test_hold);
  g_test_add_func ("/jingle/peers/leaving", test_leaving);
  return g_test_run ();
}
