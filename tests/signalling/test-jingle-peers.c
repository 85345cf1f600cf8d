/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A negotiator against peers played by the test: what Gajim, Dino and worse do. */
#include "jingle-end.h"

#include "xmpp/ferry-ns.h"

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"
#define FT "urn:xmpp:jingle:apps:file-transfer:5"
#define S5B "urn:xmpp:jingle:transports:s5b:1"
#define IBB_T "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='%s' block-size='4096'/>"
#define SET "<iq type='set' id='%s' to='" ANNA "'>"
#define DESCRIPTION                                                                            \
  "<description xmlns='" FT "'><file><name>f</name><size>5</size></file></description>"
#define EXPECT_JINGLE(action) "iq[type=set]/jingle[xmlns=urn:xmpp:jingle:1][action=" action "]"

typedef struct
{
  FerryFakeNet *net;
  JingleEnd *anna;
  FerryFakePeer *ben;
  char *sid;  /* of Anna's session */
  char *tsid; /* of the transport she named last */
} Stage;

static void
stage_init (Stage *stage, gboolean with_s5b)
{
  stage->net = ferry_fake_net_new ();
  stage->anna = jingle_end_new (stage->net, ANNA, with_s5b);
  stage->ben = ferry_fake_peer_new (stage->net, BEN);
}

static void
stage_clear (Stage *stage)
{
  if (stage->anna->session != NULL)
    ferry_session_cancel (stage->anna->session);
  ferry_fake_net_settle (stage->net);
  jingle_end_free (stage->anna);
  ferry_fake_peer_free (stage->ben);
  g_object_unref (stage->net);
  g_free (stage->sid);
  g_free (stage->tsid);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

static FerryNode *
get_transport (FerryNode *iq)
{
  FerryNode *jingle = ferry_node_get_child (iq, "jingle", NULL);
  FerryNode *content = ferry_node_get_child (jingle, "content", NULL);
  return ferry_node_get_child (content, "transport", NULL);
}

/* Takes Anna's action: acknowledges it, notes its session and transport. */
static FerryNode *
take (Stage *stage, const char *path)
{
  FerryNode *iq = ferry_fake_peer_expect_and_ack (stage->ben, path);
  FerryNode *jingle = ferry_node_get_child (iq, "jingle", NULL);

  g_free (stage->sid);
  stage->sid = g_strdup (ferry_node_get_attr (jingle, "sid"));
  if (ferry_node_get_child (jingle, "content", NULL) != NULL && get_transport (iq) != NULL)
    {
      g_free (stage->tsid);
      stage->tsid = g_strdup (ferry_node_get_attr (get_transport (iq), "sid"));
    }
  return iq;
}

static void
take_and_drop (Stage *stage, const char *path)
{
  g_autoptr (FerryNode) iq = take (stage, path);
}

/* Says @inner in an action of Anna's session; @type is what she must answer. */
static void
say (Stage *stage, const char *action, const char *inner, const char *answer)
{
  static guint n_ids;
  g_autofree char *id = g_strdup_printf ("b%u", ++n_ids);
  g_autofree char *path = g_strdup_printf ("iq[type=%s][id=%s]", answer, id);

  ferry_fake_peer_send (stage->ben,
                        SET "<jingle xmlns='urn:xmpp:jingle:1' action='%s' sid='%s'>%s"
                            "</jingle></iq>",
                        id, action, stage->sid, inner);
  g_autoptr (FerryNode) reply = ferry_fake_peer_expect (stage->ben, path);
}

static void
say_transport (Stage *stage, const char *action, const char *transport)
{
  g_autofree char *inner =
      g_strdup_printf ("<content creator='initiator' name='file'>%s</content>", transport);
  say (stage, action, inner, "result");
}

static void
terminate (Stage *stage, const char *reason)
{
  g_autofree char *inner = g_strdup_printf ("<reason><%s/></reason>", reason);
  say (stage, "session-terminate", inner, "result");
}

static void
offer_inband (Stage *stage, gsize size)
{
  stage_init (stage, FALSE);
  jingle_end_offer (stage->anna, BEN, size, FERRY_ROUTE_INBAND);
  take_and_drop (stage, EXPECT_JINGLE ("session-initiate"));
}

/* Gajim: no creator, `senders='both'`. */
static void
accept_inband (Stage *stage)
{
  g_autofree char *inner = g_strdup_printf (
      "<content name='file' senders='both'>" DESCRIPTION IBB_T "</content>", stage->tsid);
  say (stage, "session-accept", inner, "result");
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
wait_for_end (Stage *stage)
{
  ferry_test_wait (stage->anna->n_ended > 0, 10);
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
  terminate (&stage, "success");
  g_assert_cmpuint (stage.anna->n_ended, ==, 0);
  take_blocks (&stage, 8);
  g_autoptr (FerryNode) end = ferry_fake_peer_expect_and_ack (stage.ben, "iq[type=set]/close");
  wait_for_end (&stage);
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
  say (&stage, "session-info", "<received xmlns='" FT "' creator='initiator' name='file'/>",
       "result");
  g_assert_true (ferry_session_was_received (stage.anna->session));
  g_assert_true (ferry_session_was_confirmed (stage.anna->session));
  terminate (&stage, "success");
  wait_for_end (&stage);
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
  wait_for_end (&stage);
  ferry_fake_peer_assert_none (stage.ben, "iq[type=set]/jingle");
  ferry_fake_peer_reply (stage.ben, offer, NULL);
  take_and_drop (&stage, EXPECT_JINGLE ("session-terminate") "/reason/cancel");
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
      wait_for_end (&stage);
      g_assert_true (g_error_matches (stage.anna->error, FERRY_ERROR, (int) errors[i].code));
    }
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      g_auto (Stage) stage = { 0 };
      offer_inband (&stage, 5);
      terminate (&stage, reasons[i].reason);
      wait_for_end (&stage);
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
      say (&stage, "session-accept", inner->str, "error");
      wait_for_end (&stage);
      g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
      take_and_drop (&stage,
                     EXPECT_JINGLE ("session-terminate") "/reason/incompatible-parameters");
    }
}

static void
test_order (void)
{
  g_test_summary ("What comes at the wrong time is out of order; talk is answered at any time");
  g_auto (Stage) stage = { 0 };
  offer_inband (&stage, 5);
  say (&stage, "transport-replace",
       "<content name='file'><transport xmlns='" S5B "' sid='x'/></content>", "error");
  say (&stage, "transport-accept", "<content name='file'/>", "error");
  say (&stage, "session-initiate", "", "error");
  say (&stage, "content-add", "<content name='more' creator='responder'/>", "error");
  say (&stage, "content-accept", "", "error");
  say (&stage, "session-info", "", "result");
  say (&stage, "session-info", "<ringing xmlns='urn:xmpp:jingle:apps:rtp:info:1'/>", "error");
  say (&stage, "session-info", "<checksum xmlns='" FT "'/>", "result");
  say (&stage, "description-info", "<content name='file'/>", "result");
  say (&stage, "no-such-action", "", "error");
  accept_inband (&stage);
  say (&stage, "session-accept", "", "error");
  say (&stage, "content-add", "<content name='more' creator='responder'/>", "result");
  take_and_drop (&stage, EXPECT_JINGLE ("content-reject") "/content[name=more]");
  g_assert_cmpuint (stage.anna->n_ended, ==, 0);
  say (&stage, "content-modify", "<content name='file' senders='responder'/>", "result");
  wait_for_end (&stage);
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
  take_and_drop (stage, EXPECT_JINGLE ("session-initiate"));
  g_autofree char *inner = g_strdup_printf (
      "<content creator='initiator' name='file'>" DESCRIPTION "<transport xmlns='" S5B
      "' sid='%s'><candidate cid='c' host='127.0.0.1' jid='" BEN
      "' port='%u' priority='8257536' type='direct'/></transport></content>",
      stage->tsid, find_closed_port ());
  say (stage, "session-accept", inner, "result");
  g_autofree char *report = g_strdup_printf (
      "<transport xmlns='" S5B "' sid='%s'><candidate-error/></transport>", stage->tsid);
  say_transport (stage, "transport-info", report);
  take_and_drop (stage, EXPECT_JINGLE ("transport-info") "/content/transport/candidate-error");
  take_and_drop (stage, EXPECT_JINGLE ("transport-replace"));
}

/* Plays an in-band receiver to the end. */
static void
receive_inband (Stage *stage)
{
  take_blocks (stage, 1);
  g_autoptr (FerryNode) end = ferry_fake_peer_expect_and_ack (stage->ben, "iq[type=set]/close");
  terminate (stage, "success");
  wait_for_end (stage);
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

  say_transport (&stage, "transport-replace", "<transport xmlns='" S5B "' sid='again'/>");
  take_and_drop (&stage, EXPECT_JINGLE ("transport-reject"));
  say_transport (&stage, "transport-reject", ours);
  take_and_drop (&stage, EXPECT_JINGLE ("session-terminate") "/reason/failed-transport");
  take_and_drop (
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
  terminate (&stage, "failed_transport");
  take_and_drop (&stage, EXPECT_JINGLE ("session-initiate"));
  terminate (&stage, "failed-transport");
  wait_for_end (&stage);
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

      say_transport (&stage, "transport-replace", theirs);
      ferry_fake_peer_assert_none (stage.ben, "iq[type=set]/jingle");
      if (ours_wins == 1)
        {
          say_transport (&stage, "transport-accept", ours);
          take_and_drop (&stage,
                         EXPECT_JINGLE ("transport-reject") "/content/transport[sid=None]");
          g_autoptr (FerryNode) open =
              ferry_fake_peer_expect_and_ack (stage.ben, "iq[type=set]/open");
          g_assert_cmpstr (
              ferry_node_get_attr (ferry_node_get_child (open, "open", NULL), "sid"), !=,
              "None");
        }
      else
        {
          say_transport (&stage, "transport-reject", ours);
          take_and_drop (&stage,
                         EXPECT_JINGLE ("transport-accept") "/content/transport[sid=None]");
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

/* --- Offers to us ----------------------------------------------------------------------------
 */

static void
send_offer (Stage *stage, const char *sid, const char *contents)
{
  g_free (stage->sid);
  stage->sid = g_strdup (sid);
  ferry_fake_peer_send (stage->ben,
                        SET "<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' "
                            "initiator='" BEN "' sid='%s'>%s</jingle></iq>",
                        sid, sid, contents);
}

#define CONTENT(senders, description, transport)                                               \
  "<content creator='initiator' name='a-file-offer' senders='" senders                         \
  "'>" description transport "</content>"
#define OLD_IBB                                                                                \
  "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='t' block-size='4096'/>"

static void
test_unwanted_offers (void)
{
  g_test_summary ("Offers that are not for us are acknowledged and terminated with the reason; "
                  "malformed ones are bad requests");
  static const struct
  {
    const char *contents;
    const char *reason; /* NULL: bad-request */
  } cases[] = {
    { "", NULL },
    { CONTENT ("none", DESCRIPTION, OLD_IBB), NULL },
    { CONTENT ("initiator", "<description xmlns='" FT "'/>", OLD_IBB), NULL },
    { CONTENT ("initiator",
               "<description xmlns='" FT "'><file><size>-1</size></file></description>",
               OLD_IBB),
      NULL },
    { CONTENT (
          "initiator", DESCRIPTION,
          "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='t' block-size='65536'/>"),
      NULL },
    { "<content name='' senders='initiator'>" DESCRIPTION OLD_IBB "</content>", NULL },
    { "<content creator='nobody' name='x'>" DESCRIPTION OLD_IBB "</content>", NULL },
    { CONTENT (
          "initiator",
          "<description xmlns='urn:xmpp:jingle:apps:file-transfer:3'><offer><file/></offer>"
          "</description>",
          OLD_IBB),
      "unsupported-applications" },
    { CONTENT ("initiator", "<description xmlns='urn:xmpp:jingle:apps:rtp:1'/>", OLD_IBB),
      "unsupported-applications" },
    { CONTENT ("initiator", DESCRIPTION,
               "<transport xmlns='urn:xmpp:jingle:transports:ice:0'/>"),
      "unsupported-transports" },
    { CONTENT ("initiator", DESCRIPTION, ""), "unsupported-transports" },
    { CONTENT ("initiator", DESCRIPTION, "<transport xmlns='" S5B "' sid='t' mode='udp'/>"),
      "unsupported-transports" },
    { CONTENT ("initiator", DESCRIPTION, OLD_IBB "<security xmlns='urn:xmpp:jingle:jet:0'/>"),
      "security-error" },
    { CONTENT ("responder", DESCRIPTION, OLD_IBB), "failed-application" },
    { CONTENT ("initiator",
               "<description xmlns='" FT
               "'><file><size>9</size><range offset='4'/></file></description>",
               OLD_IBB),
      "incompatible-parameters" },
  };
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, TRUE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *sid = g_strdup_printf ("s%u", i);
      g_autofree char *answer = g_strdup_printf (
          "iq[type=%s][id=%s]", cases[i].reason != NULL ? "result" : "error", sid);
      g_test_message ("%s", cases[i].contents);
      send_offer (&stage, sid, cases[i].contents);
      g_autoptr (FerryNode) reply = ferry_fake_peer_expect (stage.ben, answer);
      if (cases[i].reason == NULL)
        continue;
      g_autofree char *path =
          g_strdup_printf (EXPECT_JINGLE ("session-terminate") "/reason/%s", cases[i].reason);
      take_and_drop (&stage, path);
      g_assert_cmpstr (stage.sid, ==, sid);
    }
  g_assert_cmpuint (stage.anna->n_offers, ==, 0);
}

static void
test_many_contents (void)
{
  g_test_summary ("Of several files the first is taken and the others are removed; 33 are too "
                  "many for anybody");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, FALSE);
  g_autoptr (GString) contents = g_string_new (NULL);
  for (guint i = 0; i < 33; i++)
    g_string_append_printf (contents, "<content name='c%u'/>", i);
  send_offer (&stage, "many", contents->str);
  g_autoptr (FerryNode) error = ferry_fake_peer_expect (stage.ben, "iq[type=error]");
  g_assert_true (ferry_fake_match_path (error, "iq/error/resource-constraint"));

  send_offer (&stage, "two",
              CONTENT ("initiator", DESCRIPTION,
                       OLD_IBB) "<content creator='initiator' name='other'>" DESCRIPTION OLD_IBB
                                "</content>");
  take_and_drop (&stage, EXPECT_JINGLE ("session-accept") "/content[name=a-file-offer]");
  take_and_drop (&stage, EXPECT_JINGLE ("content-remove") "/content[name=other]");
}

static void
test_strange_offer (void)
{
  g_test_summary ("No size, a date of Gajim's, a stream called None, no creator: a file still");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, FALSE);
  send_offer (&stage, "strange",
              "<content name='x'><description xmlns='" FT
              "'><file><name>../../.bashrc</name><desc/><hash xmlns='urn:xmpp:hashes:2' "
              "algo='blake2b-512'>rubbish</hash><date>2026-11-21T02:28:53.045050+00:00Z</date>"
              "</file></description><transport xmlns='urn:xmpp:jingle:transports:ibb:1' "
              "sid='None' block-size='10'/></content>");
  take_and_drop (&stage, EXPECT_JINGLE ("session-accept") "/content/transport[sid=None]");
  FerryFileInfo *file = ferry_session_get_file (stage.anna->session);
  g_assert_cmpint (file->size, ==, -1);
  g_assert_cmpint (file->hash.algo, ==, FERRY_HASH_NONE);
  g_assert_nonnull (file->date);
  ferry_fake_peer_send (stage.ben,
                        SET "<open xmlns='http://jabber.org/protocol/ibb' sid='None' "
                            "block-size='10'/></iq>" SET
                            "<data xmlns='http://jabber.org/protocol/ibb' sid='None' seq='0'>"
                            "aGVsbG8=</data></iq>" SET
                            "<close xmlns='http://jabber.org/protocol/ibb' sid='None'/></iq>",
                        "o", "d", "c");
  take_and_drop (&stage, EXPECT_JINGLE ("session-info") "/received");
  take_and_drop (&stage, EXPECT_JINGLE ("session-terminate") "/reason/success");
  wait_for_end (&stage);
  g_assert_no_error (stage.anna->error);
  g_assert_cmpmem (stage.anna->bytes->data, stage.anna->bytes->len, "hello", 5);
  /* What comes after the end meets nobody. */
  say (&stage, "session-info", "<checksum xmlns='" FT "'/>", "error");
}

static void
test_truncated (void)
{
  g_test_summary ("Two of five bytes and “success” are a broken transfer");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, FALSE);
  send_offer (&stage, "short", CONTENT ("initiator", DESCRIPTION, OLD_IBB));
  take_and_drop (&stage, EXPECT_JINGLE ("session-accept"));
  ferry_fake_peer_send (stage.ben,
                        SET "<open xmlns='http://jabber.org/protocol/ibb' sid='t' "
                            "block-size='4096'/></iq>" SET
                            "<data xmlns='http://jabber.org/protocol/ibb' sid='t' seq='0'>aGU="
                            "</data></iq>",
                        "o", "d");
  g_autoptr (FerryNode) stored = ferry_fake_peer_expect (stage.ben, "iq[type=result][id=d]");
  terminate (&stage, "success");
  ferry_fake_peer_send (
      stage.ben, SET "<close xmlns='http://jabber.org/protocol/ibb' sid='t'/></iq>", "c");
  wait_for_end (&stage);
  g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_BROKEN);
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
  wait_for_end (&stage);
  g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_GONE);
}

static void
test_waiting_offer (void)
{
  g_test_summary ("An offer that waits for our user: its id is taken, its sender may withdraw "
                  "it or go away");
  for (guint i = 0; i < 2; i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage, FALSE);
      stage.anna->routes = FERRY_ROUTE_NONE;
      ferry_fake_peer_send (stage.ben, "<presence/>");
      ferry_router_send (stage.anna->router,
                         ferry_test_node ("<presence xmlns='jabber:client'/>"));
      ferry_fake_net_settle (stage.net);
      send_offer (&stage, "one", CONTENT ("initiator", DESCRIPTION, OLD_IBB));
      ferry_test_wait (stage.anna->session != NULL, 5);
      say (&stage, "session-initiate", CONTENT ("initiator", DESCRIPTION, OLD_IBB), "error");
      say (&stage, "session-accept", CONTENT ("initiator", DESCRIPTION, OLD_IBB), "error");
      g_assert_cmpuint (stage.anna->n_offers, ==, 1);
      if (i == 0)
        terminate (&stage, "cancel");
      else
        ferry_fake_peer_send (stage.ben, "<presence type='unavailable'/>");
      wait_for_end (&stage);
      if (i == 0)
        g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER);
      else
        g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_GONE);
    }
}

static void
test_take_second (void)
{
  g_test_summary (
      "The same file again after SOCKS5 failed is taken without a question, another "
      "file is not");
  for (guint is_same = 0; is_same < 2; is_same++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage, TRUE);
      send_offer (&stage, "first",
                  CONTENT ("initiator", DESCRIPTION, "<transport xmlns='" S5B "' sid='t5'/>"));
      take_and_drop (&stage, EXPECT_JINGLE ("session-accept"));
      terminate (&stage, "failed-transport");
      g_assert_cmpuint (stage.anna->n_ended, ==, 0);
      if (is_same == 1)
        {
          send_offer (&stage, "second", CONTENT ("initiator", DESCRIPTION, OLD_IBB));
          take_and_drop (&stage, EXPECT_JINGLE ("session-accept"));
          g_assert_cmpstr (stage.sid, ==, "second");
          g_assert_cmpuint (stage.anna->n_offers, ==, 1);
        }
      else
        {
          send_offer (&stage, "second",
                      CONTENT ("initiator",
                               "<description xmlns='" FT "'><file><name>g</name><size>5</size>"
                               "</file></description>",
                               OLD_IBB));
          ferry_test_wait (stage.anna->n_offers == 2, 5);
        }
    }
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
  g_test_add_func ("/jingle/peers/unwanted-offers", test_unwanted_offers);
  g_test_add_func ("/jingle/peers/many-contents", test_many_contents);
  g_test_add_func ("/jingle/peers/strange-offer", test_strange_offer);
  g_test_add_func ("/jingle/peers/truncated", test_truncated);
  g_test_add_func ("/jingle/peers/leaving", test_leaving);
  g_test_add_func ("/jingle/peers/waiting-offer", test_waiting_offer);
  g_test_add_func ("/jingle/peers/take-second", test_take_second);
  return g_test_run ();
}
