/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A negotiator and what peers played by the test offer to it. */
#include "jingle-stage.h"

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
      stage_take_and_drop (&stage, path);
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
  stage_take_and_drop (&stage, EXPECT_JINGLE ("session-accept") "/content[name=a-file-offer]");
  stage_take_and_drop (&stage, EXPECT_JINGLE ("content-remove") "/content[name=other]");
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
  stage_take_and_drop (&stage, EXPECT_JINGLE ("session-accept") "/content/transport[sid=None]");
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
  stage_take_and_drop (&stage, EXPECT_JINGLE ("session-info") "/received");
  stage_take_and_drop (&stage, EXPECT_JINGLE ("session-terminate") "/reason/success");
  stage_wait_for_end (&stage);
  g_assert_no_error (stage.anna->error);
  g_assert_cmpmem (stage.anna->bytes->data, stage.anna->bytes->len, "hello", 5);
  /* What comes after the end meets nobody. */
  stage_say (&stage, "session-info", "<checksum xmlns='" FT "'/>", "error");
}

static void
test_truncated (void)
{
  g_test_summary ("Two of five bytes and “success” are a broken transfer");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage, FALSE);
  send_offer (&stage, "short", CONTENT ("initiator", DESCRIPTION, OLD_IBB));
  stage_take_and_drop (&stage, EXPECT_JINGLE ("session-accept"));
  ferry_fake_peer_send (stage.ben,
                        SET "<open xmlns='http://jabber.org/protocol/ibb' sid='t' "
                            "block-size='4096'/></iq>" SET
                            "<data xmlns='http://jabber.org/protocol/ibb' sid='t' seq='0'>aGU="
                            "</data></iq>",
                        "o", "d");
  g_autoptr (FerryNode) stored = ferry_fake_peer_expect (stage.ben, "iq[type=result][id=d]");
  stage_terminate (&stage, "success");
  ferry_fake_peer_send (
      stage.ben, SET "<close xmlns='http://jabber.org/protocol/ibb' sid='t'/></iq>", "c");
  stage_wait_for_end (&stage);
  g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_BROKEN);
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
      stage_say (&stage, "session-initiate", CONTENT ("initiator", DESCRIPTION, OLD_IBB),
                 "error");
      stage_say (&stage, "session-accept", CONTENT ("initiator", DESCRIPTION, OLD_IBB),
                 "error");
      g_assert_cmpuint (stage.anna->n_offers, ==, 1);
      if (i == 0)
        stage_terminate (&stage, "cancel");
      else
        ferry_fake_peer_send (stage.ben, "<presence type='unavailable'/>");
      stage_wait_for_end (&stage);
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
      stage_take_and_drop (&stage, EXPECT_JINGLE ("session-accept"));
      stage_terminate (&stage, "failed-transport");
      g_assert_cmpuint (stage.anna->n_ended, ==, 0);
      if (is_same == 1)
        {
          send_offer (&stage, "second", CONTENT ("initiator", DESCRIPTION, OLD_IBB));
          stage_take_and_drop (&stage, EXPECT_JINGLE ("session-accept"));
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
  g_test_add_func ("/jingle/offers/unwanted-offers", test_unwanted_offers);
  g_test_add_func ("/jingle/offers/many-contents", test_many_contents);
  g_test_add_func ("/jingle/offers/strange-offer", test_strange_offer);
  g_test_add_func ("/jingle/offers/truncated", test_truncated);
  g_test_add_func ("/jingle/offers/waiting-offer", test_waiting_offer);
  g_test_add_func ("/jingle/offers/take-second", test_take_second);
  return g_test_run ();
}
