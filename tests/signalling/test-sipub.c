/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Published requests (XEP-0137): what is read of them, two of our clients with each other, and
 * one of ours with a scripted peer. */
#include "jingle-end.h"

#include "signalling/si/ferry-sipub-negotiator.h"
#include "xmpp/ferry-ns.h"

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"
#define PEER "gil@west.example/old"
#define STRANGER "eve@east.example/x"
#define PROFILE "profile='http://jabber.org/protocol/si/profile/file-transfer'"
#define FILE_ELEMENT(size)                                                                     \
  "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='a.txt' size='" size \
  "'/>"
#define SIPUB(ns, attrs)                                                                       \
  "<sipub xmlns='" ns "' id='p1' " PROFILE " " attrs ">" FILE_ELEMENT ("2") "</sipub>"

/* --- One client ------------------------------------------------------------------------------
 */

typedef struct
{
  JingleEnd *end;
  FerrySipubNegotiator *sipub;
} Client;

static gboolean
is_known (FerryJid *peer, gpointer user_data)
{
  return g_strcmp0 (ferry_jid_get_local (peer), "eve") != 0;
}

static FerryJid *
find_device (FerryJid *owner, gpointer user_data)
{
  return g_strcmp0 (ferry_jid_get_local (owner), "gil") == 0 ? ferry_jid_new (PEER, NULL)
                                                             : NULL;
}

/* Whoever is watched accepts when the test says so. */
static void
on_found (FerrySipubNegotiator *negotiator, FerrySession *session, Client *self)
{
  self->end->n_offers++;
  if (self->end->session == NULL)
    jingle_end_watch (self->end, session);
}

static void
client_init (Client *self, FerryFakeNet *net, const char *jid)
{
  self->end = jingle_end_new_si (net, jid, FALSE);
  ferry_signalling_set_known_func (self->end->signalling, is_known, NULL);
  self->sipub = ferry_sipub_negotiator_new (
      self->end->signalling, FERRY_SI_NEGOTIATOR (self->end->negotiator), find_device, NULL);
  g_signal_connect (self->sipub, "offer-received", G_CALLBACK (on_found), self);
  /* Messages go to devices that show themselves. */
  ferry_router_send (self->end->router, ferry_node_new ("presence", FERRY_NS_CLIENT));
}

static void
client_clear (Client *self)
{
  if (self->end == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->sipub, self);
  g_clear_object (&self->sipub);
  g_clear_pointer (&self->end, jingle_end_free);
}

static void
client_publish (Client *self, const char *contact, gsize size)
{
  g_autoptr (FerryJid) jid = ferry_jid_new (contact, NULL);
  g_autoptr (FerryFileInfo) file = ferry_file_info_new ("notes.txt", (gint64) size);

  self->end->content = jingle_test_content (size);
  g_autoptr (FerrySession) session =
      ferry_sipub_negotiator_publish (self->sipub, jid, file, FERRY_ROUTE_ALL);
  jingle_end_watch (self->end, session);
}

typedef struct
{
  FerryFakeNet *net;
  Client anna;
  Client ben;
  FerryFakePeer *peer;
} Stage;

static void
stage_init (Stage *self)
{
  self->net = ferry_fake_net_new ();
  client_init (&self->anna, self->net, ANNA);
  client_init (&self->ben, self->net, BEN);
  self->peer = ferry_fake_peer_new (self->net, PEER);
  ferry_fake_peer_send (self->peer, "<presence/>");
  ferry_fake_net_settle (self->net);
}

static void
stage_clear (Stage *self)
{
  ferry_fake_net_settle (self->net);
  client_clear (&self->anna);
  client_clear (&self->ben);
  ferry_fake_peer_free (self->peer);
  g_object_unref (self->net);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

/* --- Two of ours -----------------------------------------------------------------------------
 */

static void
test_fetch (void)
{
  g_test_summary ("A published file waits, and goes as soon as the contact asks for it");
  static const gsize sizes[] = { 0, 1, 70001 };
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      client_publish (&stage.anna, BEN, sizes[i]);
      ferry_test_wait (stage.ben.end->session != NULL, 5);
      FerrySession *found = stage.ben.end->session, *own = stage.anna.end->session;
      ferry_fake_net_settle (stage.net);
      g_assert_cmpint (ferry_session_get_state (found), ==, FERRY_SESSION_OFFERED);
      g_assert_cmpint (ferry_session_get_state (own), ==, FERRY_SESSION_OFFERED);
      g_assert_cmpstr (ferry_session_get_signalling (found), ==, FERRY_SIPUB_SIGNALLING);
      g_assert_cmpint (ferry_session_get_file (found)->size, ==, sizes[i]);

      ferry_session_accept (found, FERRY_ROUTE_ALL);
      ferry_test_wait (stage.anna.end->n_ended > 0 && stage.ben.end->n_ended > 0, 10);
      g_assert_no_error (stage.anna.end->error);
      g_assert_no_error (stage.ben.end->error);
      g_assert_true (ferry_session_was_received (own));
      g_assert_cmpint (ferry_session_get_route (found), ==, FERRY_ROUTE_INBAND);
      g_assert_cmpuint (stage.ben.end->bytes->len, ==, sizes[i]);
      g_assert_cmpuint (stage.ben.end->n_offers, ==, 1);
    }
}

static void
test_stopped (void)
{
  g_test_summary ("A file taken back, or fetched before, is not to be had any more");
  for (guint i = 0; i < 2; i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      client_publish (&stage.anna, BEN, 3);
      ferry_test_wait (stage.ben.end->session != NULL, 5);
      if (i == 0)
        ferry_session_cancel (stage.anna.end->session);
      else
        ferry_session_fail (stage.anna.end->session,
                            &(GError){ FERRY_ERROR, FERRY_ERROR_SOURCE, (char *) "gone" });
      g_assert_cmpuint (stage.anna.end->n_ended, ==, 1);
      ferry_session_accept (stage.ben.end->session, FERRY_ROUTE_ALL);
      ferry_test_wait (stage.ben.end->n_ended > 0, 5);
      g_assert_error (stage.ben.end->error, FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER);
    }
}

static void
test_cancel (void)
{
  g_test_summary ("Either side stops it on its way, and the asker before it asked");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  stage.ben.end->holds = TRUE;
  client_publish (&stage.anna, BEN, 70001);
  ferry_test_wait (stage.ben.end->session != NULL, 5);
  ferry_session_accept (stage.ben.end->session, FERRY_ROUTE_ALL);
  ferry_test_wait (stage.ben.end->socket != NULL, 5);
  ferry_session_cancel (stage.ben.end->session);
  g_assert_error (stage.ben.end->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ferry_test_wait (stage.anna.end->n_ended > 0, 10);
  g_assert_nonnull (stage.anna.end->error);

  jingle_end_reset (stage.anna.end);
  jingle_end_reset (stage.ben.end);
  client_publish (&stage.anna, BEN, 2);
  ferry_test_wait (stage.ben.end->session != NULL, 5);
  ferry_session_decline (stage.ben.end->session);
  g_assert_cmpuint (stage.ben.end->n_ended, ==, 1);
  g_assert_no_error (stage.ben.end->error);
  g_assert_cmpuint (stage.anna.end->n_ended, ==, 0);
}

/* --- A scripted peer asks --------------------------------------------------------------------
 */

static void
ask (Stage *stage, const char *ns, const char *id)
{
  static guint n; /* a repeated iq would get the first answer again */
  ferry_fake_peer_send (
      stage->peer, "<iq type='get' id='ask%u' to='" ANNA "'><start xmlns='%s' id='%s'/></iq>",
      n++, ns, id);
}

static char *
expect_published (Stage *stage)
{
  g_autoptr (FerryNode) message = ferry_fake_peer_expect (stage->peer, "message/sipub[id]");
  FerryNode *sipub = ferry_node_get_child (message, "sipub", FERRY_NS_SIPUB);
  g_assert_cmpstr (ferry_node_get_attr (sipub, "from"), ==, ANNA);
  g_assert_cmpstr (ferry_node_get_attr (sipub, "profile"), ==, FERRY_NS_SI_FILE);
  return g_strdup (ferry_node_get_attr (sipub, "id"));
}

static void
test_owner (void)
{
  g_test_summary ("The offer has the id that was told; in both namespaces; for one time");
  static const char *const namespaces[] = { FERRY_NS_SIPUB, FERRY_NS_SIPUB_COCCINELLA };
  for (guint i = 0; i < G_N_ELEMENTS (namespaces); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      client_publish (&stage.anna, PEER, 2);
      g_autofree char *id = expect_published (&stage);

      ask (&stage, namespaces[i], id);
      g_autoptr (FerryNode) answer =
          ferry_fake_peer_expect (stage.peer, "iq[type=result]/starting[sid]");
      FerryNode *starting = ferry_node_get_child (answer, "starting", namespaces[i]);
      g_assert_nonnull (starting);
      g_autoptr (FerryNode) offer = ferry_fake_peer_expect (stage.peer, "iq[type=set]/si[id]");
      FerryNode *si = ferry_node_get_child (offer, "si", FERRY_NS_SI);
      g_assert_cmpstr (ferry_node_get_attr (si, "id"), ==,
                       ferry_node_get_attr (starting, "sid"));
      g_assert_cmpstr (ferry_node_get_attr (si, "id"), !=, id);

      ask (&stage, namespaces[i], id);
      g_autoptr (FerryNode) second =
          ferry_fake_peer_expect (stage.peer, "iq[type=error]/error/not-acceptable");
      ferry_fake_peer_reply_error (stage.peer, offer, FERRY_STANZA_FORBIDDEN);
      ferry_test_wait (stage.anna.end->n_ended > 0, 5);
      g_assert_error (stage.anna.end->error, FERRY_ERROR, FERRY_ERROR_DECLINED);
    }
}

static void
test_owner_refuses (void)
{
  g_test_summary ("An unknown id, somebody else's file, a stranger: each its own answer");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  client_publish (&stage.anna, BEN, 2);
  ferry_test_wait (stage.ben.end->session != NULL, 5);
  const char *id = ferry_session_get_id (stage.anna.end->session);

  ask (&stage, FERRY_NS_SIPUB, "nothing");
  g_autoptr (FerryNode) unknown =
      ferry_fake_peer_expect (stage.peer, "iq[type=error]/error/not-acceptable");
  ask (&stage, FERRY_NS_SIPUB, id);
  g_autoptr (FerryNode) others =
      ferry_fake_peer_expect (stage.peer, "iq[type=error]/error/forbidden");
  ferry_fake_peer_send (stage.peer, "<iq type='get' id='bad' to='" ANNA
                                    "'><start xmlns='" FERRY_NS_SIPUB "'/></iq>");
  g_autoptr (FerryNode) bad =
      ferry_fake_peer_expect (stage.peer, "iq[type=error][id=bad]/error/bad-request");

  g_autoptr (FerryFakePeer) stranger = ferry_fake_peer_new (stage.net, STRANGER);
  ferry_fake_peer_send (stranger,
                        "<iq type='get' id='x' to='" ANNA "'><start xmlns='" FERRY_NS_SIPUB
                        "' id='%s'/></iq>",
                        id);
  g_autoptr (FerryNode) nobody =
      ferry_fake_peer_expect (stranger, "iq[type=error]/error/service-unavailable");
  g_assert_cmpint (ferry_session_get_state (stage.anna.end->session), ==,
                   FERRY_SESSION_OFFERED);
}

static void
test_bounce (void)
{
  g_test_summary ("An announcement that reached nobody is not waited for");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  client_publish (&stage.anna, PEER, 2);
  g_autofree char *id = expect_published (&stage);
  ferry_fake_peer_send (
      stage.peer,
      "<message type='error' to='" ANNA "'><sipub xmlns='" FERRY_NS_SIPUB "' id='%s' " PROFILE
      ">" FILE_ELEMENT ("2") "</sipub><error type='cancel'><service-unavailable "
                             "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
      id);
  ferry_test_wait (stage.anna.end->n_ended > 0, 5);
  g_assert_nonnull (stage.anna.end->error);
}

/* --- We ask a scripted peer ------------------------------------------------------------------
 */

#define SAY(stage, body)                                                                       \
  ferry_fake_peer_send ((stage)->peer, "<message to='" ANNA "'>" body "</message>")

/* Returns: (transfer full): our question */
static FerryNode *
accept_and_expect (Stage *stage)
{
  ferry_test_wait (stage->anna.end->session != NULL, 5);
  ferry_session_accept (stage->anna.end->session, FERRY_ROUTE_ALL);
  return ferry_fake_peer_expect (stage->peer, "iq[type=get]/start[id=p1]");
}

static void
send_si (Stage *stage, const char *sid, const char *size)
{
  ferry_fake_peer_send (
      stage->peer,
      "<iq type='set' id='offer' to='" ANNA "'><si xmlns='http://jabber.org/protocol/si' "
      "id='%s' " PROFILE "><file xmlns='http://jabber.org/protocol/si/profile/file-transfer' "
      "name='a.txt' size='%s'/><feature xmlns='http://jabber.org/protocol/feature-neg'>"
      "<x xmlns='jabber:x:data' type='form'><field var='stream-method' type='list-single'>"
      "<option><value>http://jabber.org/protocol/ibb</value></option></field></x></feature>"
      "</si></iq>",
      sid, size);
}

static void
test_asker (void)
{
  g_test_summary ("The question is put as the announcement was; the offer needs no other yes");
  static const struct
  {
    const char *announcement;
    const char *ns;
  } cases[] = {
    { SIPUB (FERRY_NS_SIPUB, ""), FERRY_NS_SIPUB },
    { SIPUB (FERRY_NS_SIPUB_COCCINELLA, ""), FERRY_NS_SIPUB_COCCINELLA },
    { SIPUB (FERRY_NS_SIPUB, "from='gil@west.example'"), FERRY_NS_SIPUB },
    { "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='files'><item "
      "id='1'>" SIPUB (FERRY_NS_SIPUB, "from='gil@west.example'") "</item></items></event>",
      FERRY_NS_SIPUB },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      ferry_fake_peer_send (stage.peer, "<message to='" ANNA "'>%s</message>",
                            cases[i].announcement);
      g_autoptr (FerryNode) start = accept_and_expect (&stage);
      g_assert_nonnull (ferry_node_get_child (start, "start", cases[i].ns));
      g_autofree char *answer =
          g_strdup_printf ("<starting xmlns='%s' sid='s1'/>", cases[i].ns);
      ferry_fake_peer_reply (stage.peer, start, answer);
      send_si (&stage, "s1", "2");
      g_autoptr (FerryNode) yes =
          ferry_fake_peer_expect (stage.peer, "iq[type=result][id=offer]/si");
      g_assert_cmpuint (stage.anna.end->n_offers, ==, 1);
      ferry_session_cancel (stage.anna.end->session);
    }
}

static void
test_asker_refused (void)
{
  g_test_summary ("What the owner says instead of yes, and what our user hears of it");
  static const struct
  {
    FerryStanzaCondition condition;
    FerryError code;
  } refusals[] = {
    { FERRY_STANZA_NOT_ACCEPTABLE, FERRY_ERROR_CANCELLED_BY_PEER },
    { FERRY_STANZA_ITEM_NOT_FOUND, FERRY_ERROR_CANCELLED_BY_PEER },
    { FERRY_STANZA_FORBIDDEN, FERRY_ERROR_DECLINED },
    { FERRY_STANZA_FEATURE_NOT_IMPLEMENTED, FERRY_ERROR_UNSUPPORTED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      SAY (&stage, SIPUB (FERRY_NS_SIPUB, ""));
      g_autoptr (FerryNode) start = accept_and_expect (&stage);
      ferry_fake_peer_reply_error (stage.peer, start, refusals[i].condition);
      ferry_test_wait (stage.anna.end->n_ended > 0, 5);
      g_assert_error (stage.anna.end->error, FERRY_ERROR, (int) refusals[i].code);
    }
}

static void
test_other_file (void)
{
  g_test_summary ("Another file, another id, or nothing asked: then our user is asked");
  static const struct
  {
    const char *sid;
    const char *size;
    gboolean ends;
  } offers[] = { { "s1", "3", TRUE }, { "s2", "2", FALSE } };
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      SAY (&stage, SIPUB (FERRY_NS_SIPUB, ""));
      g_autoptr (FerryNode) start = accept_and_expect (&stage);
      ferry_fake_peer_reply (stage.peer, start,
                             "<starting xmlns='" FERRY_NS_SIPUB "' sid='s1'/>");
      send_si (&stage, offers[i].sid, offers[i].size);
      ferry_test_wait (stage.anna.end->n_offers == 2, 5);
      ferry_fake_peer_assert_none (stage.peer, "iq[type=result]");
      g_assert_cmpuint (stage.anna.end->n_ended, ==, offers[i].ends ? 1 : 0);
    }
}

static void
test_bad_answer (void)
{
  g_test_summary ("An answer without a stream id is none");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  SAY (&stage, SIPUB (FERRY_NS_SIPUB, ""));
  g_autoptr (FerryNode) start = accept_and_expect (&stage);
  ferry_fake_peer_reply (stage.peer, start, "<starting xmlns='" FERRY_NS_SIPUB "'/>");
  ferry_test_wait (stage.anna.end->n_ended > 0, 5);
  g_assert_error (stage.anna.end->error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
}

static void
test_left_alone (void)
{
  g_test_summary ("Strangers, repeats, nonsense and floods do not reach our user");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  g_autoptr (FerryFakePeer) stranger = ferry_fake_peer_new (stage.net, STRANGER);
  ferry_fake_peer_send (stranger,
                        "<message to='" ANNA "'>" SIPUB (FERRY_NS_SIPUB, "") "</message>");
  ferry_fake_peer_send (stranger, "<message to='" ANNA "'>%s</message>",
                        SIPUB (FERRY_NS_SIPUB, "from='" PEER "'"));
  SAY (&stage, SIPUB (FERRY_NS_SIPUB, "from='" STRANGER "'"));
  SAY (&stage, SIPUB (FERRY_NS_SIPUB, "from='@'"));
  SAY (&stage, "<sipub xmlns='" FERRY_NS_SIPUB "' " PROFILE ">" FILE_ELEMENT ("2") "</sipub>");
  SAY (&stage, "<sipub xmlns='" FERRY_NS_SIPUB
               "' id='p' profile='urn:x'>" FILE_ELEMENT ("2") "</sipub>");
  SAY (&stage,
       "<sipub xmlns='" FERRY_NS_SIPUB "' id='p' " PROFILE ">" FILE_ELEMENT ("-1") "</sipub>");
  /* A service is not the owner. */
  SAY (&stage, "<event xmlns='http://jabber.org/protocol/pubsub#event'><items><item>" SIPUB (
                   FERRY_NS_SIPUB, "") "</item></items></event>");
  ferry_fake_net_settle (stage.net);
  g_assert_cmpuint (stage.anna.end->n_offers, ==, 0);

  SAY (&stage, SIPUB (FERRY_NS_SIPUB, ""));
  SAY (&stage, SIPUB (FERRY_NS_SIPUB, ""));
  ferry_fake_net_settle (stage.net);
  g_assert_cmpuint (stage.anna.end->n_offers, ==, 1);
  for (guint i = 0; i < 30; i++)
    ferry_fake_peer_send (stage.peer,
                          "<message to='" ANNA "'><sipub xmlns='" FERRY_NS_SIPUB
                          "' id='f%u' " PROFILE ">" FILE_ELEMENT ("2") "</sipub></message>",
                          i);
  ferry_fake_net_settle (stage.net);
  g_assert_cmpuint (stage.anna.end->n_offers, ==, 20);
}

static void
test_owner_absent (void)
{
  g_test_summary ("A file whose owner is known by the contact only, and not there");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  SAY (&stage, SIPUB (FERRY_NS_SIPUB, "from='ben@south.example'"));
  ferry_test_wait (stage.anna.end->session != NULL, 5);
  ferry_session_accept (stage.anna.end->session, FERRY_ROUTE_ALL);
  ferry_test_wait (stage.anna.end->n_ended > 0, 5);
  g_assert_error (stage.anna.end->error, FERRY_ERROR, FERRY_ERROR_GONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sipub/fetch", test_fetch);
  g_test_add_func ("/sipub/stopped", test_stopped);
  g_test_add_func ("/sipub/cancel", test_cancel);
  g_test_add_func ("/sipub/owner", test_owner);
  g_test_add_func ("/sipub/owner-refuses", test_owner_refuses);
  g_test_add_func ("/sipub/bounce", test_bounce);
  g_test_add_func ("/sipub/asker", test_asker);
  g_test_add_func ("/sipub/asker-refused", test_asker_refused);
  g_test_add_func ("/sipub/other-file", test_other_file);
  g_test_add_func ("/sipub/bad-answer", test_bad_answer);
  g_test_add_func ("/sipub/left-alone", test_left_alone);
  g_test_add_func ("/sipub/owner-absent", test_owner_absent);
  return g_test_run ();
}
