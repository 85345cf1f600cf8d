/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One of our negotiators against scripted peers, each in the words of a real client. */
#include "jingle-end.h"

#include "xmpp/ferry-ns.h"

#define ANNA "anna@north.example/desk"
#define PEER "gil@west.example/old"
#define FORM_OFFER(options)                                                                    \
  "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' "          \
  "type='form'><field var='stream-method' type='list-single'>" options                         \
  "</field></x></feature>"
#define OPTION(ns) "<option><value>" ns "</value></option>"
#define FORM_ANSWER(ns)                                                                        \
  "<si xmlns='http://jabber.org/protocol/si'>"                                                 \
  "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' "          \
  "type='submit'><field var='stream-method'><value>" ns "</value></field></x></feature></si>"

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
  stage->anna = jingle_end_new_si (stage->net, ANNA, FALSE);
  stage->peer = ferry_fake_peer_new (stage->net, PEER);
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

/* --- We send ---------------------------------------------------------------------------------
 */

/* Answers our offer of two bytes and returns our in-band <open/>. */
static FerryNode *
offer_and_answer (Stage *stage, const char *answer)
{
  jingle_end_offer (stage->anna, PEER, 2, FERRY_ROUTE_ALL);
  g_autoptr (FerryNode) offer = ferry_fake_peer_expect (stage->peer, "iq[type=set]/si[id]");
  FerryNode *si = ferry_node_get_child (offer, "si", FERRY_NS_SI);
  g_assert_cmpstr (ferry_node_get_attr (si, "profile"), ==, FERRY_NS_SI_FILE);
  ferry_fake_peer_reply (stage->peer, offer, answer);

  FerryNode *open = ferry_fake_peer_expect (stage->peer, "iq[type=set]/open[sid]");
  g_assert_cmpstr (
      ferry_node_get_attr (ferry_node_get_child (open, "open", FERRY_NS_IBB), "sid"), ==,
      ferry_node_get_attr (si, "id"));
  return open;
}

static void
test_send_gabble (void)
{
  g_test_summary ("gabble: a list in place of the form; it closes a second time itself");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) open = offer_and_answer (
      &stage, "<si xmlns='http://jabber.org/protocol/si'><si-multiple "
              "xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'><value>urn:unknown"
              "</value><value>http://jabber.org/protocol/ibb</value></si-multiple>"
              "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer'/></si>");
  ferry_fake_peer_reply (stage.peer, open, NULL);
  g_autoptr (FerryNode) data =
      ferry_fake_peer_expect_and_ack (stage.peer, "iq[type=set]/data[seq=0]");
  g_autoptr (FerryNode) close =
      ferry_fake_peer_expect_and_ack (stage.peer, "iq[type=set]/close[sid]");
  ferry_fake_peer_send (
      stage.peer,
      "<iq type='set' id='again' to='" ANNA "'><close xmlns='http://jabber.org/protocol/ibb' "
      "sid='%s'/></iq>",
      ferry_node_get_attr (ferry_node_get_child (close, "close", FERRY_NS_IBB), "sid"));
  g_autoptr (FerryNode) error = ferry_fake_peer_expect (stage.peer, "iq[type=error][id=again]");
  ferry_test_wait (stage.anna->n_ended > 0, 5);
  g_assert_no_error (stage.anna->error);
  g_assert_true (ferry_session_was_received (stage.anna->session));
}

static void
test_send_libpurple (void)
{
  g_test_summary ("libpurple: a form, no id, and no answer to <close/>");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) open = offer_and_answer (&stage, FORM_ANSWER (FERRY_NS_IBB));
  ferry_fake_peer_reply (stage.peer, open, NULL);
  g_autoptr (FerryNode) data =
      ferry_fake_peer_expect_and_ack (stage.peer, "iq[type=set]/data[seq=0]");
  g_autoptr (FerryNode) close = ferry_fake_peer_expect (stage.peer, "iq[type=set]/close[sid]");
  ferry_test_wait (stage.anna->n_ended > 0, 5);
  g_assert_no_error (stage.anna->error);
  g_assert_true (ferry_session_was_received (stage.anna->session));
}

static void
test_send_coccinella (void)
{
  g_test_summary ("Coccinella: blank text in the answer, blocks only as messages");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  g_autoptr (FerryNode) open = offer_and_answer (&stage, FORM_ANSWER ("\n " FERRY_NS_IBB "\n"));
  ferry_fake_peer_reply (stage.peer, open, NULL);
  g_autoptr (FerryNode) data = ferry_fake_peer_expect (stage.peer, "iq[type=set]/data[seq=0]");
  ferry_fake_peer_reply_error (stage.peer, data, FERRY_STANZA_FEATURE_NOT_IMPLEMENTED);
  g_autoptr (FerryNode) message =
      ferry_fake_peer_expect (stage.peer, "message[id]/data[seq=0]");
  g_autoptr (FerryNode) ping = ferry_fake_peer_expect (stage.peer, "iq[type=get]/ping");
  ferry_fake_peer_reply_error (stage.peer, ping, FERRY_STANZA_FEATURE_NOT_IMPLEMENTED);
  g_autoptr (FerryNode) close =
      ferry_fake_peer_expect_and_ack (stage.peer, "iq[type=set]/close[sid]");
  ferry_test_wait (stage.anna->n_ended > 0, 5);
  g_assert_no_error (stage.anna->error);
}

static void
test_refusals (void)
{
  g_test_summary ("What each client says instead of yes, and what our user hears of it");
  static const struct
  {
    const char *error;
    FerryError code;
  } refusals[] = {
    { "<error code='403' type='auth'><forbidden "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Offer Declined</text></error>",
      FERRY_ERROR_DECLINED },
    { "<error code='403'>Declined</error>", FERRY_ERROR_DECLINED },
    { "<error code='406'>Not Acceptable</error>", FERRY_ERROR_UNSUPPORTED },
    { "<error code='404'>Not Found</error>", FERRY_ERROR_GONE },
    { "<error code='400' type='cancel'><bad-request "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><no-valid-streams "
      "xmlns='http://jabber.org/protocol/si'/></error>",
      FERRY_ERROR_UNSUPPORTED },
    { "<error type='cancel'><service-unavailable "
      "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
      FERRY_ERROR_UNSUPPORTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      jingle_end_offer (stage.anna, PEER, 2, FERRY_ROUTE_ALL);
      g_autoptr (FerryNode) offer = ferry_fake_peer_expect (stage.peer, "iq[type=set]/si[id]");
      ferry_fake_peer_send (stage.peer, "<iq type='error' id='%s' to='" ANNA "'>%s</iq>",
                            ferry_node_get_attr (offer, "id"), refusals[i].error);
      ferry_test_wait (stage.anna->n_ended > 0, 5);
      g_assert_error (stage.anna->error, FERRY_ERROR, (int) refusals[i].code);
    }
}

static void
test_bad_answers (void)
{
  g_test_summary (
      "An answer that chooses nothing, what was not offered, or a part of the file");
  static const char *const answers[] = {
    NULL,
    "<si xmlns='http://jabber.org/protocol/si'/>",
    FORM_ANSWER ("urn:unknown"),
    FORM_ANSWER (FERRY_NS_BYTESTREAMS),
    "<si xmlns='http://jabber.org/protocol/si'><si-multiple "
    "xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'><value>http://jabber.org/"
    "protocol/ibb</value></si-multiple><file "
    "xmlns='http://jabber.org/protocol/si/profile/file-transfer'><range offset='1'/></file>"
    "</si>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      jingle_end_offer (stage.anna, PEER, 2, FERRY_ROUTE_ALL);
      g_autoptr (FerryNode) offer = ferry_fake_peer_expect (stage.peer, "iq[type=set]/si[id]");
      ferry_fake_peer_reply (stage.peer, offer, answers[i]);
      ferry_test_wait (stage.anna->n_ended > 0, 5);
      g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
      ferry_fake_peer_assert_none (stage.peer, "iq[type=set]/open");
    }
}

static void
test_peer_leaves (void)
{
  g_test_summary ("A peer that goes offline takes its answer with it");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  jingle_end_offer (stage.anna, PEER, 2, FERRY_ROUTE_ALL);
  g_autoptr (FerryNode) offer = ferry_fake_peer_expect (stage.peer, "iq[type=set]/si[id]");
  ferry_fake_peer_send (stage.peer, "<presence type='unavailable' to='" ANNA "'/>");
  ferry_test_wait (stage.anna->n_ended > 0, 5);
  g_assert_error (stage.anna->error, FERRY_ERROR, FERRY_ERROR_GONE);
}

/* --- We receive ------------------------------------------------------------------------------
 */

#define OFFER(id, inner)                                                                       \
  "<iq type='set' id='" id "' to='" ANNA "'><si xmlns='http://jabber.org/protocol/si' "        \
  "id='ft_bc8f' mime-type='text/plain' "                                                       \
  "profile='http://jabber.org/protocol/si/profile/file-transfer'>" inner "</si></iq>"
#define FILE_TWO                                                                               \
  "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='a.txt' size='2'/>"

static void
send_two_bytes (Stage *stage, const char *stanza)
{
  ferry_fake_peer_send (stage->peer,
                        "<iq type='set' id='o' to='" ANNA
                        "'><open xmlns='http://jabber.org/protocol/ibb' sid='ft_bc8f' "
                        "block-size='4096'/></iq>");
  g_autoptr (FerryNode) opened = ferry_fake_peer_expect (stage->peer, "iq[type=result][id=o]");
  ferry_fake_peer_send (stage->peer,
                        "<%s%s id='d' to='" ANNA
                        "'><data xmlns='http://jabber.org/protocol/ibb' sid='ft_bc8f' "
                        "seq='0'>aG\nk=</data></%s>",
                        stanza, g_str_equal (stanza, "iq") ? " type='set'" : "", stanza);
  ferry_test_wait (stage->anna->n_ended > 0, 5);
  g_assert_no_error (stage->anna->error);
  g_assert_cmpmem (stage->anna->bytes->data, stage->anna->bytes->len, "hi", 2);
  ferry_fake_peer_send (stage->peer,
                        "<iq type='set' id='c' to='" ANNA
                        "'><close xmlns='http://jabber.org/protocol/ibb' sid='ft_bc8f'/></iq>");
  g_autoptr (FerryNode) closed = ferry_fake_peer_expect (stage->peer, "iq[id=c]");
}

static void
test_receive_form (void)
{
  g_test_summary ("libpurple, Psi, Coccinella: both ways offered in either order, a form "
                  "answered; blocks as iqs or as messages, base64 in lines");
  static const char *const offers[] = {
    OFFER ("f", FILE_TWO FORM_OFFER (OPTION (FERRY_NS_BYTESTREAMS) OPTION (FERRY_NS_IBB))),
    OFFER ("f",
           FORM_OFFER ("\n" OPTION (FERRY_NS_IBB) "\n" OPTION (FERRY_NS_BYTESTREAMS)) FILE_TWO),
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (offers); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      ferry_fake_peer_send (stage.peer, "%s", offers[i / 2]);
      g_autoptr (FerryNode) answer =
          ferry_fake_peer_expect (stage.peer, "iq[type=result][id=f]/si");
      ferry_test_assert_node (ferry_node_get_child (answer, "si", FERRY_NS_SI),
                              FORM_ANSWER (FERRY_NS_IBB));
      send_two_bytes (&stage, i % 2 == 0 ? "iq" : "message");
      g_assert_cmpstr (ferry_session_get_file (stage.anna->session)->media_type, ==,
                       "text/plain");
    }
}

static void
test_receive_gabble (void)
{
  g_test_summary ("gabble: a list is answered with a list, without a form");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  ferry_fake_peer_send (stage.peer, "%s",
                        OFFER ("g",
                               FORM_OFFER (OPTION (FERRY_NS_BYTESTREAMS) OPTION (
                                   FERRY_NS_IBB)) "<si-multiple "
                                                  "xmlns='http://telepathy.freedesktop.org/"
                                                  "xmpp/si-multiple'/>" FILE_TWO));
  g_autoptr (FerryNode) answer =
      ferry_fake_peer_expect (stage.peer, "iq[type=result][id=g]/si/si-multiple");
  g_assert_null (
      ferry_node_get_child (ferry_node_get_child (answer, "si", FERRY_NS_SI), "feature", NULL));
  send_two_bytes (&stage, "iq");
}

static void
test_offer_refused (void)
{
  g_test_summary ("Offers that cannot be: each is answered once, none is shown");
  static const struct
  {
    const char *offer;
    const char *path;
  } cases[] = {
    { OFFER ("x", FORM_OFFER (OPTION (FERRY_NS_IBB))),
      "iq[type=error][id=x]/error/bad-request" },
    { OFFER ("x", FILE_TWO FORM_OFFER (OPTION ("urn:unknown"))),
      "iq[type=error][id=x]/error/no-valid-streams" },
    { OFFER ("x", FILE_TWO FORM_OFFER ("")), "iq[type=error][id=x]/error/no-valid-streams" },
    { "<iq type='set' id='x' to='" ANNA "'><si xmlns='http://jabber.org/protocol/si' id='t' "
      "profile='http://telepathy.freedesktop.org/xmpp/tubes'/></iq>",
      "iq[type=error][id=x]/error/bad-profile" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      ferry_fake_peer_send (stage.peer, "%s", cases[i].offer);
      g_autoptr (FerryNode) error = ferry_fake_peer_expect (stage.peer, cases[i].path);
      g_assert_cmpuint (stage.anna->n_offers, ==, 0);
    }
}

static void
test_id_in_use (void)
{
  g_test_summary ("A stream id that is in use with this peer is refused; an <open/> before the "
                  "user has agreed too");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);

  stage.anna->routes = FERRY_ROUTE_NONE;
  ferry_fake_peer_send (stage.peer, "%s",
                        OFFER ("1", FILE_TWO FORM_OFFER (OPTION (FERRY_NS_IBB))));
  ferry_test_wait (stage.anna->session != NULL, 5);
  ferry_fake_peer_send (stage.peer, "%s",
                        OFFER ("2", FILE_TWO FORM_OFFER (OPTION (FERRY_NS_IBB))));
  g_autoptr (FerryNode) in_use = ferry_fake_peer_expect (stage.peer, "iq[type=error][id=2]");
  ferry_fake_peer_send (stage.peer,
                        "<iq type='set' id='o' to='" ANNA
                        "'><open xmlns='http://jabber.org/protocol/ibb' sid='ft_bc8f' "
                        "block-size='4096'/></iq>");
  g_autoptr (FerryNode) early = ferry_fake_peer_expect (stage.peer, "iq[type=error][id=o]");
  g_assert_cmpuint (stage.anna->n_offers, ==, 1);
  ferry_session_decline (stage.anna->session);
  g_autoptr (FerryNode) declined =
      ferry_fake_peer_expect (stage.peer, "iq[type=error][id=1]/error/forbidden");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/si/peers/send/gabble", test_send_gabble);
  g_test_add_func ("/si/peers/send/libpurple", test_send_libpurple);
  g_test_add_func ("/si/peers/send/coccinella", test_send_coccinella);
  g_test_add_func ("/si/peers/send/refusals", test_refusals);
  g_test_add_func ("/si/peers/send/bad-answers", test_bad_answers);
  g_test_add_func ("/si/peers/send/peer-leaves", test_peer_leaves);
  g_test_add_func ("/si/peers/receive/form", test_receive_form);
  g_test_add_func ("/si/peers/receive/gabble", test_receive_gabble);
  g_test_add_func ("/si/peers/receive/refused", test_offer_refused);
  g_test_add_func ("/si/peers/receive/id-in-use", test_id_in_use);
  return g_test_run ();
}
