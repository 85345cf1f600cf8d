/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-fake-net.h"
#include "ferry-test.h"

#include "model/ferry-contact-list.h"
#include "xmpp/ferry-ns.h"

#define ANNA "anna@north.example/desk"
#define JINGLE_FEATURES                                                                        \
  "<feature var='urn:xmpp:jingle:1'/><feature var='urn:xmpp:jingle:apps:file-transfer:5'/>"    \
  "<feature var='urn:xmpp:jingle:transports:s5b:1'/>"
#define QUERY(inner) "<query xmlns='http://jabber.org/protocol/disco#info'>" inner "</query>"

typedef struct
{
  FerryFakeNet *net;
  FerryStream *stream;
  FerryRouter *router;
  FerryRoster *roster;
  FerryPresence *presence;
  FerryDisco *disco;
  GListStore *store;
  FerryContactList *list;
  FerryFakePeer *sofa;
  FerryFakePeer *phone;
  FerryJid *ben;
  GAsyncResult *result;
} Fixture;

static FerryDiscoInfo *
make_own_info (void)
{
  static const char *const features[] = { FERRY_NS_JINGLE,     FERRY_NS_JINGLE_FILE,
                                          FERRY_NS_JINGLE_S5B, FERRY_NS_JINGLE_IBB,
                                          FERRY_NS_SI,         FERRY_NS_SI_FILE };
  FerryDiscoInfo *info = ferry_disco_info_new ();
  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    ferry_disco_info_add_feature (info, features[i]);
  return info;
}

/* What a client does after "online". */
static void
start_session (Fixture *f)
{
  g_autoptr (GAsyncResult) loaded = NULL;
  g_autoptr (GError) error = NULL;
  ferry_fake_net_settle (f->net);
  ferry_roster_load_async (f->roster, NULL, ferry_test_take_result, &loaded);
  ferry_test_wait (loaded != NULL, 5);
  g_assert_true (ferry_roster_load_finish (f->roster, loaded, &error));
  g_assert_no_error (error);
  ferry_presence_announce (f->presence, 0, ferry_disco_make_caps (f->disco));
  ferry_fake_net_settle (f->net);
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autoptr (FerryDiscoInfo) own = make_own_info ();
  g_autoptr (FerryJid) account = ferry_jid_new ("anna@north.example", NULL);
  f->net = ferry_fake_net_new ();
  f->stream = ferry_fake_net_connect (f->net, ANNA);
  f->router = ferry_router_new (f->stream);
  f->roster = ferry_roster_new (f->router);
  f->presence = ferry_presence_new (f->router);
  f->disco = ferry_disco_new (f->router, own, NULL);
  f->store = g_list_store_new (FERRY_TYPE_CONTACT);
  f->list = ferry_contact_list_new (account, f->store, f->roster, f->presence, f->disco);
  f->sofa = ferry_fake_peer_new (f->net, "ben@south.example/sofa");
  f->phone = ferry_fake_peer_new (f->net, "ben@south.example/phone");
  f->ben = ferry_jid_new ("ben@south.example", NULL);
  start_session (f);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_clear_object (&f->result);
  g_assert_finalize_object (f->list);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->store)), ==, 0);
  g_clear_object (&f->store);
  ferry_fake_net_kill (f->net, f->stream);
  ferry_fake_net_settle (f->net);
  g_assert_finalize_object (f->disco);
  g_assert_finalize_object (f->presence);
  g_assert_finalize_object (f->roster);
  g_assert_finalize_object (f->router);
  g_clear_pointer (&f->sofa, ferry_fake_peer_free);
  g_clear_pointer (&f->phone, ferry_fake_peer_free);
  g_clear_pointer (&f->ben, ferry_jid_unref);
  g_assert_finalize_object (f->stream);
  g_assert_finalize_object (f->net);
}

static FerryContact *
get_ben (Fixture *f)
{
  FerryContact *contact = ferry_contact_list_find (f->list, f->ben);
  g_assert_nonnull (contact);
  return contact;
}

static void
answer_disco (FerryFakePeer *peer, const char *info)
{
  g_autoptr (FerryNode) query = ferry_fake_peer_expect (peer, "iq[type=get]/query");
  ferry_fake_peer_reply (peer, query, info);
}

static void
pick (Fixture *f)
{
  g_clear_object (&f->result);
  ferry_contact_list_pick_device_async (f->list, f->ben, NULL, ferry_test_take_result,
                                        &f->result);
}

static FerryDevice *
finish_pick (Fixture *f, GError **error)
{
  ferry_test_wait (f->result != NULL, 8);
  return ferry_contact_list_pick_device_finish (f->list, f->result, error);
}

static void
test_contacts (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Contacts come from the roster, devices from presence, names from disco");
  FerryContact *ben = get_ben (f);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->store)), ==, 1);
  g_assert_cmpstr (ferry_contact_get_subscription (ben), ==, "both");
  g_assert_false (ferry_contact_is_online (ben));

  ferry_fake_peer_send (f->sofa, "<presence><show>away</show><status>tea</status>"
                                 "<priority>3</priority></presence>");
  ferry_test_wait (ferry_contact_is_online (ben), 5);
  g_assert_cmpint (ferry_contact_get_show (ben), ==, FERRY_PRESENCE_AWAY);
  g_assert_cmpstr (ferry_contact_get_status (ben), ==, "tea");
  g_assert_true (ferry_contact_can_receive (ben));
  g_assert_null (ferry_contact_get_best_device (ben));

  answer_disco (f->sofa,
                QUERY ("<identity category='client' type='pc' name='Gajim'/>" JINGLE_FEATURES));
  ferry_test_wait (ferry_contact_get_best_device (ben) != NULL, 5);
  FerryDevice *device = ferry_contact_get_best_device (ben);
  g_assert_cmpstr (ferry_device_get_name (device), ==, "Gajim");
  g_assert_cmpint (ferry_device_get_priority (device), ==, 3);
  g_assert_cmpint (ferry_device_get_capability (device), ==, FERRY_CAPABILITY_JINGLE);
  g_assert_true (ferry_device_has_feature (device, FERRY_NS_JINGLE_FILE));
  g_assert_false (ferry_device_has_feature (device, FERRY_NS_SI_FILE));

  ferry_fake_peer_send (f->sofa, "<presence type='unavailable'/>");
  ferry_test_wait (!ferry_contact_is_online (ben), 5);
}

static void
note_answer_cb (FerryNode *stanza, gpointer user_data)
{
  const FerryNode *error = ferry_node_get_child (stanza, "error", NULL);
  if (g_strcmp0 (ferry_node_get_attr (stanza, "id"), "push") == 0)
    g_string_append (user_data, error != NULL
                                    ? ferry_node_get_name (ferry_node_get_nth_child (error, 0))
                                    : ferry_node_get_attr (stanza, "type"));
}

static void
test_roster_pushes (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Pushes of the own server rename, add and remove contacts; others do not");
  static const struct
  {
    const char *from;
    const char *item;
    const char *error; /* nullable */
  } cases[] = {
    { NULL, "<item jid='ben@south.example' name='Ben' subscription='to'/>", NULL },
    { "anna@north.example", "<item jid='Cleo@South.example/x' subscription='both'/>", NULL },
    { "mallory@evil.example/x", "<item jid='ben@south.example' name='Boss'/>",
      "service-unavailable" },
    { "north.example", "<item jid='ben@south.example' name='Boss'/>", "service-unavailable" },
    { "anna@north.example/other", "<item jid='ben@south.example' name='Boss'/>",
      "service-unavailable" },
    { NULL, "<item jid='@@' subscription='both'/>", "bad-request" },
    { NULL, "<item jid='x@y' subscription='all'/>", "bad-request" },
    { NULL, "", "bad-request" },
    { NULL, "<item jid='x@y'/><item jid='z@y'/>", "bad-request" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml = g_strdup_printf (
          "<iq xmlns='jabber:client' type='set' id='push'><query xmlns='jabber:iq:roster'>%s"
          "</query></iq>",
          cases[i].item);
      g_autoptr (FerryNode) push = ferry_test_node (xml);
      ferry_node_set_attr (push, "from", cases[i].from);
      g_autoptr (GString) answer = g_string_new (NULL);
      ferry_fake_net_set_tap (f->net, note_answer_cb, answer);
      ferry_stream_emit_stanza (f->stream, push);
      ferry_fake_net_settle (f->net);
      ferry_fake_net_set_tap (f->net, NULL, NULL);
      g_assert_cmpstr (answer->str, ==, cases[i].error != NULL ? cases[i].error : "result");
    }
  g_assert_cmpstr (ferry_contact_get_name (get_ben (f)), ==, "Ben");
  g_assert_cmpstr (ferry_contact_get_subscription (get_ben (f)), ==, "to");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->store)), ==, 2);

  g_autoptr (FerryNode) removal = ferry_test_node (
      "<iq xmlns='jabber:client' type='set' id='r'><query xmlns='jabber:iq:roster'>"
      "<item jid='ben@south.example' subscription='remove'/></query></iq>");
  ferry_stream_emit_stanza (f->stream, removal);
  g_assert_null (ferry_contact_list_find (f->list, f->ben));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->store)), ==, 1);
}

static void
test_pick (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A device is picked once all have said what they can do");
  g_autoptr (GError) error = NULL;

  pick (f);
  g_assert_null (finish_pick (f, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_GONE);
  g_clear_error (&error);

  ferry_fake_peer_send (f->sofa, "<presence/>");
  ferry_fake_peer_send (f->phone, "<presence><priority>5</priority></presence>");
  ferry_fake_net_settle (f->net);
  pick (f);
  answer_disco (f->phone,
                QUERY ("<feature var='http://jabber.org/protocol/si'/><feature "
                       "var='http://jabber.org/protocol/si/profile/file-transfer'/>"));
  ferry_fake_net_settle (f->net);
  g_assert_null (f->result);
  answer_disco (f->sofa, QUERY (JINGLE_FEATURES));
  g_autoptr (FerryDevice) device = finish_pick (f, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ferry_device_get_name (device), ==, "sofa");

  ferry_fake_peer_send (f->sofa, "<presence type='unavailable'/>");
  ferry_fake_net_settle (f->net);
  pick (f);
  g_autoptr (FerryDevice) second = finish_pick (f, &error);
  g_assert_cmpint (ferry_device_get_capability (second), ==, FERRY_CAPABILITY_SI);
}

static void
refuse_disco (FerryFakePeer *peer, FerryStanzaCondition condition)
{
  g_autoptr (FerryNode) query = ferry_fake_peer_expect (peer, "iq[type=get]/query");
  ferry_fake_peer_reply_error (peer, query, condition);
}

static void
test_pick_unsupported (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Programs that refuse to say, or cannot, are told from people who are away");
  g_autoptr (GError) error = NULL;
  ferry_fake_peer_send (f->sofa, "<presence/>");
  ferry_fake_peer_send (f->phone, "<presence/>");
  ferry_fake_net_settle (f->net);
  pick (f);
  answer_disco (f->phone, QUERY ("<feature var='urn:xmpp:jingle:1'/>"));
  refuse_disco (f->sofa, FERRY_STANZA_FEATURE_NOT_IMPLEMENTED);
  g_assert_null (finish_pick (f, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED);
  g_assert_false (ferry_contact_can_receive (get_ben (f)));
  g_clear_error (&error);

  /* Programs that want to be left alone are as good as not there. */
  ferry_fake_peer_send (f->sofa, "<presence><priority>-1</priority></presence>");
  ferry_fake_peer_send (f->phone, "<presence type='unavailable'/>");
  ferry_fake_net_settle (f->net);
  pick (f);
  answer_disco (f->sofa, QUERY ("<feature var='urn:xmpp:jingle:1'/>"));
  g_assert_null (finish_pick (f, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_GONE);
}

static void
test_ask_again (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A device that cannot be asked just now is asked again, but not for ever");
  g_autoptr (GError) error = NULL;
  ferry_fake_peer_send (f->sofa, "<presence/>");
  ferry_fake_net_settle (f->net);
  pick (f);
  refuse_disco (f->sofa, FERRY_STANZA_REMOTE_SERVER_TIMEOUT);
  ferry_fake_net_settle (f->net);
  g_assert_null (f->result);
  answer_disco (f->sofa, QUERY (JINGLE_FEATURES));
  g_autoptr (FerryDevice) device = finish_pick (f, &error);
  g_assert_no_error (error);
  g_assert_nonnull (device);

  ferry_fake_peer_send (f->phone, "<presence/>");
  for (guint i = 0; i < 3; i++)
    refuse_disco (f->phone, FERRY_STANZA_SERVICE_UNAVAILABLE);
  ferry_test_wait (!ferry_contact_is_undecided (get_ben (f)), 5);
  g_autoptr (FerryJid) phone = ferry_jid_new ("ben@south.example/phone", NULL);
  g_assert_cmpint (ferry_device_get_capability (ferry_contact_find_device (get_ben (f), phone)),
                   ==, FERRY_CAPABILITY_NONE);

  /* A new presence is a new chance. */
  ferry_fake_peer_send (f->phone, "<presence><show>chat</show></presence>");
  answer_disco (f->phone, QUERY (JINGLE_FEATURES));
  ferry_test_wait (ferry_device_can_receive (ferry_contact_find_device (get_ben (f), phone)),
                   5);
}

static void
test_new_life (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A device that came back is asked anew, whatever it looks like; what was "
                  "asked of it in its former life decides nothing");
  static const char presence[] =
      "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/>"
      "</presence>";
  g_autoptr (GError) error = NULL;

  ferry_fake_peer_send (f->sofa, presence);
  ferry_fake_net_settle (f->net);
  g_autoptr (FerryNode) first = ferry_fake_peer_expect (f->sofa, "iq[type=get]/query");
  ferry_fake_peer_send (f->sofa, "<presence type='unavailable'/>");
  ferry_fake_peer_send (f->sofa, presence);
  ferry_fake_net_settle (f->net);
  pick (f);
  ferry_fake_peer_reply_error (f->sofa, first, FERRY_STANZA_SERVICE_UNAVAILABLE);
  ferry_fake_net_settle (f->net);
  g_assert_null (f->result);
  answer_disco (f->sofa, QUERY (JINGLE_FEATURES));
  g_autoptr (FerryDevice) device = finish_pick (f, &error);
  g_assert_no_error (error);
  g_assert_true (ferry_device_can_receive (device));
}

static void
count_cb (FerryContact *contact, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
test_doubt_again (Fixture *f, gconstpointer unused)
{
  g_test_summary (
      "A device that lives, but gives reason to doubt again, is asked later: offers "
      "do not come at it as fast as it loses them");
  g_autoptr (FerryJid) sofa = ferry_jid_new ("ben@south.example/sofa", NULL);
  gint64 waited_us[2];

  ferry_fake_peer_send (f->sofa, "<presence/>");
  answer_disco (f->sofa, QUERY (JINGLE_FEATURES));
  for (guint i = 0; i < 2; i++)
    {
      ferry_test_wait (ferry_contact_get_best_device (get_ben (f)) != NULL, 5);
      gint64 start_us = g_get_monotonic_time ();
      ferry_contact_list_doubt_device (f->list, sofa);
      answer_disco (f->sofa, QUERY (JINGLE_FEATURES));
      waited_us[i] = g_get_monotonic_time () - start_us;
    }
  g_assert_cmpint (waited_us[1], >, 2 * G_TIME_SPAN_SECOND);
}

static void
test_doubt (Fixture *f, gconstpointer unused)
{
  g_test_summary (
      "A device that took no notice of an offer gets no other until it gives a sign "
      "of life: an answer, or a presence");
  g_autoptr (FerryJid) sofa = ferry_jid_new ("ben@south.example/sofa", NULL);
  guint n_changes = 0;

  for (guint i = 0; i < 2; i++)
    {
      ferry_fake_peer_send (f->sofa, "<presence/>");
      ferry_fake_net_settle (f->net);
      if (i == 0)
        answer_disco (f->sofa, QUERY (JINGLE_FEATURES));
      ferry_test_wait (ferry_contact_get_best_device (get_ben (f)) != NULL, 5);

      ferry_contact_list_doubt_device (f->list, sofa);
      g_assert_null (ferry_contact_get_best_device (get_ben (f)));
      g_assert_true (ferry_contact_is_online (get_ben (f)));
      gulong id =
          g_signal_connect (get_ben (f), "devices-changed", G_CALLBACK (count_cb), &n_changes);
      if (i == 0)
        answer_disco (f->sofa, QUERY (JINGLE_FEATURES));
      else
        {
          ferry_fake_peer_send (f->sofa, "<presence type='unavailable'/><presence/>");
          answer_disco (f->sofa, QUERY (JINGLE_FEATURES));
        }
      ferry_test_wait (ferry_contact_get_best_device (get_ben (f)) != NULL, 5);
      g_assert_cmpuint (n_changes, >, 0);
      g_signal_handler_disconnect (get_ben (f), id);
      n_changes = 0;
    }
  ferry_fake_peer_assert_none (f->sofa, "iq");
}

static void
test_pick_silent (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A silent device is waited for at most 5 s, a vanished one not at all");
  g_autoptr (GError) error = NULL;
  gint64 start_us = g_get_monotonic_time ();
  ferry_fake_peer_send (f->sofa, "<presence/>");
  ferry_fake_peer_send (f->phone, "<presence/>");
  ferry_fake_net_settle (f->net);
  answer_disco (f->phone, QUERY (JINGLE_FEATURES));
  pick (f);
  g_autoptr (FerryDevice) device = finish_pick (f, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ferry_device_get_name (device), ==, "phone");
  g_assert_cmpint (g_get_monotonic_time () - start_us, >, 4 * G_TIME_SPAN_SECOND);

  pick (f);
  ferry_fake_net_kill (f->net, f->stream);
  g_assert_null (finish_pick (f, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_GONE);
}

static void
test_lost_session (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Devices end with the session, not with an interruption; contacts stay");
  ferry_fake_peer_send (f->sofa, "<presence/>");
  ferry_test_wait (ferry_contact_is_online (get_ben (f)), 5);
  ferry_fake_net_interrupt (f->net, f->stream);
  ferry_fake_net_resume (f->net, f->stream);
  ferry_fake_net_settle (f->net);
  g_assert_true (ferry_contact_is_online (get_ben (f)));

  ferry_fake_net_lose_session (f->net, f->stream);
  g_assert_false (ferry_contact_is_online (get_ben (f)));
  start_session (f);
  ferry_test_wait (ferry_contact_is_online (get_ben (f)), 5);
}

static void
test_self (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Our own other devices are a contact while there are any");
  g_autoptr (FerryJid) own = ferry_jid_new (ANNA, NULL);
  g_assert_null (ferry_contact_list_find (f->list, own));
  g_autoptr (FerryFakePeer) laptop = ferry_fake_peer_new (f->net, "anna@north.example/laptop");
  ferry_fake_peer_send (laptop, "<presence/>");
  ferry_test_wait (ferry_contact_list_find (f->list, own) != NULL, 5);
  FerryContact *self = ferry_contact_list_find (f->list, own);
  g_assert_true (ferry_contact_is_self (self));
  g_assert_null (ferry_contact_find_device (self, own));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (f->store)), ==, 2);
  ferry_fake_peer_send (laptop, "<presence type='unavailable'/>");
  ferry_test_wait (ferry_contact_list_find (f->list, own) == NULL, 5);
}

static void
test_judge (void)
{
  g_test_summary ("A device can do what it announces, as far as Ferry speaks it");
  static const struct
  {
    const char *features;
    FerryCapability capability;
  } cases[] = {
    { JINGLE_FEATURES, FERRY_CAPABILITY_JINGLE },
    { "<feature var='urn:xmpp:jingle:1'/>"
      "<feature var='urn:xmpp:jingle:apps:file-transfer:5'/>",
      FERRY_CAPABILITY_NONE },
    { "<feature var='urn:xmpp:jingle:1'/><feature var='urn:xmpp:jingle:apps:file-transfer:5'/>"
      "<feature var='urn:xmpp:jingle:transports:ibb:1'/>",
      FERRY_CAPABILITY_JINGLE },
    { "<feature var='urn:xmpp:jingle:1'/><feature var='urn:xmpp:jingle:apps:file-transfer:4'/>"
      "<feature var='urn:xmpp:jingle:transports:ibb:1'/>",
      FERRY_CAPABILITY_NONE },
    { "<feature var='http://jabber.org/protocol/si/profile/file-transfer'/>",
      FERRY_CAPABILITY_SI },
    { "<feature var='http://jabber.org/protocol/si'/>", FERRY_CAPABILITY_NONE },
    { "", FERRY_CAPABILITY_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml = g_strdup_printf (
          "<query xmlns='" FERRY_NS_DISCO_INFO "'>%s</query>", cases[i].features);
      g_autoptr (FerryNode) node = ferry_test_node (xml);
      g_autoptr (FerryDiscoInfo) info = ferry_disco_info_parse (node, NULL);
      g_assert_cmpint (ferry_contact_list_judge (info), ==, cases[i].capability);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/contact-list/contacts", test_contacts);
  ADD ("/contact-list/roster-pushes", test_roster_pushes);
  ADD ("/contact-list/pick", test_pick);
  ADD ("/contact-list/pick-unsupported", test_pick_unsupported);
  ADD ("/contact-list/pick-silent", test_pick_silent);
  ADD ("/contact-list/ask-again", test_ask_again);
  ADD ("/contact-list/new-life", test_new_life);
  ADD ("/contact-list/doubt", test_doubt);
  ADD ("/contact-list/doubt-again", test_doubt_again);
  ADD ("/contact-list/lost-session", test_lost_session);
  ADD ("/contact-list/self", test_self);
  g_test_add_func ("/contact-list/judge", test_judge);
  return g_test_run ();
}
