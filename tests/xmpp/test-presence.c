/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-fake-net.h"
#include "ferry-test.h"

#include "xmpp/ferry-ns.h"
#include "xmpp/ferry-presence.h"
#include "xmpp/ferry-roster.h"

#include <string.h>

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"

static FerryPresenceInfo *
parse (const char *inner)
{
  g_autoptr (FerryJid) from = ferry_jid_new (BEN, NULL);
  g_autofree char *xml =
      g_strdup_printf ("<presence xmlns='jabber:client'>%s</presence>", inner);
  g_autoptr (FerryNode) node = ferry_test_node (xml);
  return ferry_presence_info_parse (node, from, 42);
}

static void
test_priority (void)
{
  g_test_summary ("A priority is -128 to 127; anything else reads as 0");
  static const struct
  {
    const char *text;
    int priority;
  } cases[] = { { "0", 0 },    { "127", 127 }, { "-128", -128 }, { "-1", -1 }, { "128", 0 },
                { "-129", 0 }, { "", 0 },      { "-", 0 },       { "+5", 0 },  { " 5", 0 },
                { "5x", 0 },   { "--5", 0 },   { "-0", 0 },      { "1e1", 0 }, { "007", 7 } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml = g_strdup_printf ("<priority>%s</priority>", cases[i].text);
      g_autoptr (FerryPresenceInfo) info = parse (xml);
      g_assert_cmpint (info->priority, ==, cases[i].priority);
    }
}

static void
test_parse (void)
{
  g_test_summary ("What is malformed in a presence reads as absent");
  g_autoptr (FerryPresenceInfo) full =
      parse ("<show>dnd</show><status>tea</status><c xmlns='" FERRY_NS_CAPS
             "' node='n' ver='v' hash='sha-1'/>");
  g_assert_cmpint (full->show, ==, FERRY_SHOW_DND);
  g_assert_cmpstr (full->status, ==, "tea");
  g_assert_cmpstr (full->caps->ver, ==, "v");
  g_assert_cmpint (full->seen_us, ==, 42);

  g_autofree char *many = g_strnfill (1022, 'x');
  g_autofree char *xml = g_strdup_printf ("<show>lost</show><status>%s\303\234</status>"
                                          "<c xmlns='" FERRY_NS_CAPS "' node='n' ver=''/>",
                                          many);
  g_autoptr (FerryPresenceInfo) odd = parse (xml);
  g_assert_cmpint (odd->show, ==, FERRY_SHOW_AVAILABLE);
  g_assert_cmpstr (odd->status, ==, many);
  g_assert_null (odd->caps);
}

static void
test_roster_item (void)
{
  g_test_summary ("A roster item keeps its limits");
  g_autoptr (GString) xml =
      g_string_new ("<item xmlns='jabber:iq:roster' jid='Ben@South.example/x' name='");
  for (guint i = 0; i < 1000; i++)
    g_string_append (xml, "\303\234");
  g_string_append (xml, "' ask='subscribe'>");
  for (guint i = 0; i < 60; i++)
    g_string_append_printf (xml, "<group>g%u</group>", i);
  g_string_append (xml, "</item>");
  g_autoptr (FerryNode) node = ferry_test_node (xml->str);
  g_autoptr (FerryRosterItem) item = ferry_roster_item_parse (node, NULL);
  g_assert_cmpstr (ferry_jid_get_text (item->jid), ==, "ben@south.example");
  g_assert_cmpuint (strlen (item->name), ==, 1022);
  g_assert_cmpuint (g_strv_length (item->groups), ==, 50);
  g_assert_cmpstr (item->subscription, ==, "none");
  g_assert_true (item->is_asking);
}

/* --- With a stream ---------------------------------------------------------------------------
 */

typedef struct
{
  FerryFakeNet *net;
  FerryStream *stream;
  FerryRouter *router;
  FerryPresence *presence;
  FerryFakePeer *ben;
  FerryJid *ben_jid;
  GString *seen;
} Fixture;

static void
on_changed (FerryPresence *presence, FerryJid *jid, Fixture *f)
{
  g_string_append_printf (f->seen, "+%s ", ferry_jid_get_resource (jid));
}

static void
on_gone (FerryPresence *presence, FerryJid *jid, Fixture *f)
{
  g_string_append_printf (f->seen, "-%s ", ferry_jid_get_resource (jid));
}

static void
on_cleared (FerryPresence *presence, Fixture *f)
{
  g_string_append (f->seen, "cleared ");
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->net = ferry_fake_net_new ();
  f->stream = ferry_fake_net_connect (f->net, ANNA);
  f->router = ferry_router_new (f->stream);
  f->presence = ferry_presence_new (f->router);
  f->ben = ferry_fake_peer_new (f->net, BEN);
  f->ben_jid = ferry_jid_new (BEN, NULL);
  f->seen = g_string_new (NULL);
  g_signal_connect (f->presence, "changed", G_CALLBACK (on_changed), f);
  g_signal_connect (f->presence, "gone", G_CALLBACK (on_gone), f);
  g_signal_connect (f->presence, "cleared", G_CALLBACK (on_cleared), f);
  ferry_fake_net_settle (f->net);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_assert_finalize_object (f->presence);
  g_assert_finalize_object (f->router);
  g_clear_pointer (&f->ben, ferry_fake_peer_free);
  g_clear_pointer (&f->ben_jid, ferry_jid_unref);
  g_assert_finalize_object (f->stream);
  g_assert_finalize_object (f->net);
  g_string_free (f->seen, TRUE);
}

/* As if the server had sent it. */
static void
receive (Fixture *f, const char *from, const char *type, const char *inner)
{
  g_autofree char *xml =
      g_strdup_printf ("<presence xmlns='jabber:client'>%s</presence>", inner);
  g_autoptr (FerryNode) node = ferry_test_node (xml);
  g_autoptr (FerryNode) presence = ferry_node_copy (node);
  ferry_node_set_attrs (presence, "from", from, "type", type, NULL);
  ferry_stream_emit_stanza (f->stream, presence);
}

static void
test_tracking (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Resources come and go, one by one or with their account");
  receive (f, BEN, NULL, "");
  receive (f, BEN, NULL, "<show>away</show>");
  receive (f, "ben@south.example/phone", NULL, "");
  receive (f, "ben@south.example", NULL, ""); /* no resource */
  receive (f, BEN, "subscribe", "");          /* not about being there */
  receive (f, "room@muc.x/ben", NULL, "<x xmlns='" FERRY_NS_MUC_USER "'/>");
  receive (f, ANNA, NULL, ""); /* ourselves */
  g_assert_cmpstr (f->seen->str, ==, "+sofa +sofa +phone ");
  g_assert_cmpint (ferry_presence_lookup (f->presence, f->ben_jid)->show, ==, FERRY_SHOW_AWAY);

  receive (f, BEN, "unavailable", "");
  receive (f, BEN, "unavailable", "");
  g_assert_null (ferry_presence_lookup (f->presence, f->ben_jid));
  receive (f, BEN, NULL, "");
  receive (f, "ben@south.example", "unavailable", "");
  receive (f, BEN, NULL, "");
  receive (f, "ben@south.example", "error", "");
  g_assert_cmpstr (f->seen->str, ==,
                   "+sofa +sofa +phone -sofa +sofa -phone -sofa +sofa -sofa ");
}

static void
test_limit (Fixture *f, gconstpointer unused)
{
  g_test_summary ("No more than 50 resources of an account are kept");
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *from = g_strdup_printf ("ben@south.example/r%u", i);
      receive (f, from, NULL, "");
    }
  g_assert_null (strstr (f->seen->str, "r50"));
  g_assert_nonnull (strstr (f->seen->str, "r49"));
  receive (f, "ben@south.example/r0", NULL, "<show>xa</show>");
  g_assert_true (g_str_has_suffix (f->seen->str, "+r49 +r0 "));
}

static void
test_sessions (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Presence outlives an interruption, not the session");
  receive (f, BEN, NULL, "");
  ferry_fake_net_interrupt (f->net, f->stream);
  ferry_fake_net_resume (f->net, f->stream);
  g_assert_nonnull (ferry_presence_lookup (f->presence, f->ben_jid));
  ferry_fake_net_lose_session (f->net, f->stream);
  g_assert_null (ferry_presence_lookup (f->presence, f->ben_jid));
  ferry_fake_net_settle (f->net);
  g_assert_cmpstr (f->seen->str, ==, "+sofa cleared ");
}

static void
test_own (Fixture *f, gconstpointer unused)
{
  g_test_summary (
      "Ours is announced with priority and caps, and shown to strangers for a while");
  FerryNode *caps = ferry_node_new ("c", FERRY_NS_CAPS);
  ferry_node_set_attr (caps, "ver", "v");
  ferry_fake_peer_send (f->ben, "<presence/>");
  ferry_fake_net_settle (f->net);
  ferry_presence_announce (f->presence, -1, caps);
  g_autoptr (FerryNode) announced =
      ferry_fake_peer_expect (f->ben, "presence[from=" ANNA "]/c[ver=v]");
  g_assert_cmpstr (ferry_node_get_child_text (announced, "priority", NULL), ==, "-1");

  g_assert_false (ferry_presence_is_shown_to (f->presence, f->ben_jid));
  ferry_presence_show_to (f->presence, f->ben_jid);
  ferry_presence_show_to (f->presence, f->ben_jid);
  g_assert_true (ferry_presence_is_shown_to (f->presence, f->ben_jid));
  g_autoptr (FerryNode) directed = ferry_fake_peer_expect (f->ben, "presence[to=" BEN "]/c");
  ferry_presence_hide_from (f->presence, f->ben_jid);
  ferry_fake_peer_assert_none (f->ben, "presence[from=" ANNA "]");
  ferry_presence_hide_from (f->presence, f->ben_jid);
  ferry_presence_hide_from (f->presence, f->ben_jid);
  g_autoptr (FerryNode) hidden = ferry_fake_peer_expect (f->ben, "presence[type=unavailable]");
  ferry_fake_peer_assert_none (f->ben, "presence[from=" ANNA "]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  g_test_add_func ("/presence/parse/priority", test_priority);
  g_test_add_func ("/presence/parse/rest", test_parse);
  g_test_add_func ("/roster/item", test_roster_item);
  ADD ("/presence/tracking", test_tracking);
  ADD ("/presence/limit", test_limit);
  ADD ("/presence/sessions", test_sessions);
  ADD ("/presence/own", test_own);
  return g_test_run ();
}
