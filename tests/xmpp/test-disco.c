/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-fake-net.h"
#include "ferry-test.h"

#include "xmpp/ferry-disco.h"
#include "xmpp/ferry-ns.h"
#include "xmpp/ferry-ping.h"

#include <string.h>

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"

#define EXODUS                                                                                 \
  "<identity category='client' name='Exodus 0.9.1' type='pc'/>"                                \
  "<feature var='http://jabber.org/protocol/caps'/>"                                           \
  "<feature var='http://jabber.org/protocol/disco#info'/>"                                     \
  "<feature var='http://jabber.org/protocol/disco#items'/>"                                    \
  "<feature var='http://jabber.org/protocol/muc'/>"
#define EXODUS_VER "QgayPKawpkPSDYmwT/WM94uAlu0="
#define QUERY(inner) "<query xmlns='http://jabber.org/protocol/disco#info'>" inner "</query>"
#define FORM(inner) "<x xmlns='jabber:x:data' type='result'>" inner "</x>"
#define TYPE(value) "<field var='FORM_TYPE' type='hidden'><value>" value "</value></field>"

static FerryDiscoInfo *
parse (const char *xml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) node = ferry_test_node (xml);
  FerryDiscoInfo *info = ferry_disco_info_parse (node, &error);
  g_assert_no_error (error);
  return info;
}

/* --- Pure ------------------------------------------------------------------------------------
 */

static void
test_vectors (void)
{
  g_test_summary ("The verification strings of XEP-0115 §5.2 and §5.3");
  g_autoptr (FerryDiscoInfo) simple = parse (QUERY (EXODUS));
  g_autofree char *text = ferry_disco_info_dup_caps_text (simple);
  g_autofree char *ver = ferry_disco_info_dup_ver (simple, FERRY_HASH_SHA1);
  g_assert_cmpstr (text, ==,
                   "client/pc//Exodus 0.9.1<http://jabber.org/protocol/caps<"
                   "http://jabber.org/protocol/disco#info<"
                   "http://jabber.org/protocol/disco#items<http://jabber.org/protocol/muc<");
  g_assert_cmpstr (ver, ==, EXODUS_VER);
  g_assert_true (ferry_disco_info_verify (simple, "sha-1", EXODUS_VER));
  g_assert_false (ferry_disco_info_verify (simple, "sha-256", EXODUS_VER));
  g_assert_false (ferry_disco_info_verify (simple, "md5", EXODUS_VER));
  g_assert_false (ferry_disco_info_verify (simple, NULL, EXODUS_VER));

  g_autoptr (FerryDiscoInfo) complex = parse (QUERY (
      "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>"
      "<identity xml:lang='el' category='client' name='\316\250 0.11' type='pc'/>"
      "<feature var='http://jabber.org/protocol/caps'/>"
      "<feature var='http://jabber.org/protocol/disco#info'/>"
      "<feature var='http://jabber.org/protocol/disco#items'/>"
      "<feature var='http://jabber.org/protocol/muc'/>" FORM (
          TYPE ("urn:xmpp:dataforms:softwareinfo") "<field var='ip_version' type='text-multi'>"
                                                   "<value>ipv4</value><value>ipv6</value>"
                                                   "</field>"
                                                   "<field var='os'><value>Mac</value></field>"
                                                   "<field var='os_version'>"
                                                   "<value>10.5.1</value></field>"
                                                   "<field var='software'><value>Psi</value>"
                                                   "</field><field var='software_version'>"
                                                   "<value>0.11</value></field>")));
  g_autofree char *complex_ver = ferry_disco_info_dup_ver (complex, FERRY_HASH_SHA1);
  g_assert_cmpstr (complex_ver, ==, "q07IKJEyjvHSyhy//CH0CxmKi8w=");

  g_autoptr (FerryNode) node = ferry_disco_info_to_node (complex, "n");
  g_autoptr (FerryDiscoInfo) again = ferry_disco_info_parse (node, NULL);
  g_assert_true (ferry_disco_info_verify (again, "sha-1", complex_ver));
  g_assert_cmpstr (ferry_node_get_attr (node, "node"), ==, "n");
}

static void
test_ambiguous (void)
{
  g_test_summary ("Answers that another could share a hash with are not believed (§5.4)");
  static const char *const bad[] = {
    QUERY ("<feature var='a'/><feature var='a'/>"),
    QUERY ("<identity category='c' type='t'/><identity category='c' type='t'/>"),
    QUERY (FORM (TYPE ("f")) FORM (TYPE ("f"))),
    QUERY (FORM ("<field var='FORM_TYPE' type='hidden'><value>a</value><value>b</value>"
                 "</field>")),
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (FerryDiscoInfo) info = parse (bad[i]);
      g_autofree char *ver = ferry_disco_info_dup_ver (info, FERRY_HASH_SHA1);
      g_assert_false (ferry_disco_info_verify (info, "sha-1", ver));
    }

  /* A name cannot pretend to be features. */
  g_autoptr (FerryDiscoInfo) sly =
      parse (QUERY ("<identity category='client' type='pc' name='Exodus 0.9.1&lt;"
                    "http://jabber.org/protocol/caps'/>"
                    "<feature var='http://jabber.org/protocol/disco#info'/>"
                    "<feature var='http://jabber.org/protocol/disco#items'/>"
                    "<feature var='http://jabber.org/protocol/muc'/>"));
  g_assert_false (ferry_disco_info_verify (sly, "sha-1", EXODUS_VER));

  /* A form without a hidden type does not count. */
  g_autoptr (FerryDiscoInfo) odd =
      parse (QUERY (EXODUS FORM ("<field var='FORM_TYPE'><value>f</value></field>")));
  g_assert_true (ferry_disco_info_verify (odd, "sha-1", EXODUS_VER));
}

static void
test_limits (void)
{
  g_test_summary ("What is too much or malformed is left out");
  g_autoptr (GString) xml = g_string_new ("<query xmlns='" FERRY_NS_DISCO_INFO "'>");
  g_autofree char *long_text = g_strnfill (1024, 'x');
  g_string_append_printf (xml, "<feature var='%s'/><feature/><identity category='c'/>",
                          long_text);
  for (guint i = 0; i < 600; i++)
    g_string_append_printf (xml, "<feature var='f%u'/>", i);
  g_string_append (xml, "</query>");
  g_autoptr (FerryDiscoInfo) info = parse (xml->str);
  g_assert_false (ferry_disco_info_has_feature (info, long_text));
  g_assert_true (ferry_disco_info_has_feature (info, "f0"));
  g_assert_true (ferry_disco_info_has_feature (info, "f511"));
  g_assert_false (ferry_disco_info_has_feature (info, "f512"));
  g_assert_null (ferry_disco_info_get_name (info));

  g_autoptr (FerryNode) other = ferry_test_node ("<query xmlns='urn:other'/>");
  g_autoptr (GError) error = NULL;
  g_assert_null (ferry_disco_info_parse (other, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
  g_assert_null (ferry_disco_info_parse (NULL, NULL));
}

static void
test_cache (void)
{
  g_test_summary ("The cache keeps what has its hash, over restarts, and believes no file");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "caps.xml", NULL);
  g_autoptr (FerryDiscoInfo) info = parse (QUERY (EXODUS));
  FerryCaps good = { (char *) "n", (char *) EXODUS_VER, (char *) "sha-1" };
  FerryCaps poisoned = { (char *) "n",
                         (char *) "AAAAPKawpkPSDYmwT/WM94uAlu0=", (char *) "sha-1" };
  FerryCaps legacy = { (char *) "n", (char *) EXODUS_VER, NULL };

  FerryCapsCache *cache = ferry_caps_cache_new (path);
  g_assert_false (ferry_caps_cache_add (cache, &poisoned, info));
  g_assert_false (ferry_caps_cache_add (cache, &legacy, info));
  g_assert_false (ferry_caps_cache_add (cache, NULL, info));
  g_assert_true (ferry_caps_cache_add (cache, &good, info));
  g_assert_true (ferry_caps_cache_add (cache, &good, info));
  g_assert_cmpuint (ferry_caps_cache_get_size (cache), ==, 1);
  ferry_caps_cache_free (cache);

  cache = ferry_caps_cache_new (path);
  g_assert_nonnull (ferry_caps_cache_lookup (cache, &good));
  g_assert_null (ferry_caps_cache_lookup (cache, &legacy));
  ferry_caps_cache_free (cache);

  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  char *muc = strstr (text, "protocol/muc");
  g_assert_nonnull (muc);
  muc[9] = 'x';
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  cache = ferry_caps_cache_new (path);
  g_assert_cmpuint (ferry_caps_cache_get_size (cache), ==, 0);
  ferry_caps_cache_free (cache);

  g_assert_true (g_file_set_contents (path, "<caps><entry", -1, NULL));
  cache = ferry_caps_cache_new (path);
  g_assert_cmpuint (ferry_caps_cache_get_size (cache), ==, 0);
  ferry_caps_cache_free (cache);
  ferry_test_remove_folder (folder);
}

/* --- With a stream ---------------------------------------------------------------------------
 */

typedef struct
{
  FerryFakeNet *net;
  FerryStream *stream;
  FerryRouter *router;
  FerryDisco *disco;
  FerryFakePeer *ben;
  FerryJid *ben_jid;
  GAsyncResult *result;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autoptr (FerryDiscoInfo) own = ferry_disco_info_new ();
  ferry_disco_info_add_identity (own, "client", "pc", NULL, "Ferry");
  ferry_disco_info_add_feature (own, "f1");
  f->net = ferry_fake_net_new ();
  f->stream = ferry_fake_net_connect (f->net, ANNA);
  f->router = ferry_router_new (f->stream);
  f->disco = ferry_disco_new (f->router, own, NULL);
  f->ben = ferry_fake_peer_new (f->net, BEN);
  f->ben_jid = ferry_jid_new (BEN, NULL);
  ferry_fake_net_settle (f->net);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_clear_object (&f->result);
  g_clear_pointer (&f->ben_jid, ferry_jid_unref);
  g_assert_finalize_object (f->disco);
  g_assert_finalize_object (f->router);
  g_clear_pointer (&f->ben, ferry_fake_peer_free);
  g_assert_finalize_object (f->stream);
  g_assert_finalize_object (f->net);
}

static gboolean
allow_cb (FerryDisco *disco, FerryJid *from, gpointer user_data)
{
  return g_strcmp0 (ferry_jid_get_text (from), user_data) == 0;
}

static void
request (Fixture *f, const char *ns, const char *node)
{
  static guint n;
  g_autofree char *attr = node != NULL ? g_strdup_printf (" node='%s'", node) : g_strdup ("");
  ferry_fake_peer_send (f->ben,
                        "<iq type='get' id='r%u' to='" ANNA "'><query xmlns='%s'%s/></iq>", n++,
                        ns, attr);
}

static void
test_answers (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Only who may see us learns what we can do, by our mark or without");
  g_autoptr (FerryNode) caps = ferry_disco_make_caps (f->disco);
  g_autofree char *marked =
      g_strconcat (FERRY_DISCO_NODE "#", ferry_node_get_attr (caps, "ver"), NULL);

  request (f, FERRY_NS_DISCO_INFO, NULL);
  g_autoptr (FerryNode) stranger =
      ferry_fake_peer_expect (f->ben, "iq/error/service-unavailable");
  request (f, FERRY_NS_DISCO_ITEMS, NULL);
  g_autoptr (FerryNode) stranger2 =
      ferry_fake_peer_expect (f->ben, "iq/error/service-unavailable");

  ferry_disco_set_allow_func (f->disco, allow_cb, (gpointer) BEN);
  request (f, FERRY_NS_DISCO_INFO, NULL);
  g_autoptr (FerryNode) plain =
      ferry_fake_peer_expect (f->ben, "iq[type=result]/query/feature[var=f1]");
  g_assert_null (ferry_node_get_attr (ferry_node_get_child (plain, "query", NULL), "node"));
  request (f, FERRY_NS_DISCO_ITEMS, NULL);
  g_autoptr (FerryNode) items = ferry_fake_peer_expect (f->ben, "iq[type=result]/query");
  request (f, FERRY_NS_DISCO_INFO, "nonsense");
  g_autoptr (FerryNode) unknown = ferry_fake_peer_expect (f->ben, "iq/error/item-not-found");

  request (f, FERRY_NS_DISCO_INFO, marked);
  g_autofree char *path =
      g_strdup_printf ("iq[type=result]/query[node=%s]/feature[var=f1]", marked);
  g_autoptr (FerryNode) named = ferry_fake_peer_expect (f->ben, path);
  request (f, FERRY_NS_DISCO_INFO, FERRY_DISCO_NODE "#other");
  g_autoptr (FerryNode) other = ferry_fake_peer_expect (f->ben, "iq/error/item-not-found");
}

static void
ask (Fixture *f, const FerryCaps *caps)
{
  g_clear_object (&f->result);
  ferry_disco_query_async (f->disco, f->ben_jid, caps, NULL, ferry_test_take_result,
                           &f->result);
}

static FerryDiscoInfo *
finish (Fixture *f, GError **error)
{
  ferry_test_wait (f->result != NULL, 5);
  return ferry_disco_query_finish (f->disco, f->result, error);
}

static void
test_caching (Fixture *f, gconstpointer unused)
{
  g_test_summary (
      "One question serves all who ask it, and a good answer all who bear the mark");
  FerryCaps caps = { (char *) "n", (char *) EXODUS_VER, (char *) "sha-1" };
  g_autoptr (FerryJid) other = ferry_jid_new ("cleo@south.example/x", NULL);
  g_autoptr (GAsyncResult) second = NULL;

  ask (f, &caps);
  ferry_disco_query_async (f->disco, f->ben_jid, &caps, NULL, ferry_test_take_result, &second);
  g_autoptr (FerryNode) query =
      ferry_fake_peer_expect (f->ben, "iq[type=get]/query[node=n#" EXODUS_VER "]");
  ferry_fake_peer_reply (f->ben, query, QUERY (EXODUS));
  g_autoptr (FerryDiscoInfo) info = finish (f, NULL);
  g_assert_cmpstr (ferry_disco_info_get_name (info), ==, "Exodus 0.9.1");
  ferry_test_wait (second != NULL, 1);
  g_autoptr (FerryDiscoInfo) info2 = ferry_disco_query_finish (f->disco, second, NULL);
  g_assert_true (info == info2);

  g_assert_true (ferry_disco_lookup (f->disco, other, &caps) == info);
  g_assert_null (ferry_disco_lookup (f->disco, other, NULL));
  ask (f, &caps);
  g_autoptr (FerryDiscoInfo) info3 = finish (f, NULL);
  ferry_fake_peer_assert_none (f->ben, "iq");
}

static void
test_poison (Fixture *f, gconstpointer unused)
{
  g_test_summary ("An answer that lacks its hash stands for the liar only, under that mark");
  FerryCaps caps = { (char *) "n", (char *) EXODUS_VER, (char *) "sha-1" };
  FerryCaps later = { (char *) "n", (char *) "other", (char *) "sha-1" };
  g_autoptr (FerryJid) other = ferry_jid_new ("cleo@south.example/x", NULL);

  ask (f, &caps);
  g_autoptr (FerryNode) query = ferry_fake_peer_expect (f->ben, "iq/query");
  ferry_fake_peer_reply (f->ben, query, QUERY (EXODUS "<feature var='evil'/>"));
  g_autoptr (FerryDiscoInfo) info = finish (f, NULL);
  g_assert_true (ferry_disco_info_has_feature (info, "evil"));
  g_assert_true (ferry_disco_lookup (f->disco, f->ben_jid, &caps) == info);
  g_assert_null (ferry_disco_lookup (f->disco, other, &caps));
  g_assert_null (ferry_disco_lookup (f->disco, f->ben_jid, &later));
  ferry_disco_forget (f->disco, f->ben_jid);
  g_assert_null (ferry_disco_lookup (f->disco, f->ben_jid, &caps));
}

static void
test_refusal (Fixture *f, gconstpointer unused)
{
  g_test_summary (
      "A refused or senseless answer is an error, and the question can be put again");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      ask (f, NULL);
      g_autoptr (FerryNode) query = ferry_fake_peer_expect (f->ben, "iq/query");
      if (i == 0)
        ferry_fake_peer_reply_error (f->ben, query, FERRY_STANZA_SERVICE_UNAVAILABLE);
      else
        ferry_fake_peer_reply (f->ben, query, "<x xmlns='urn:x'/>");
      g_assert_null (finish (f, &error));
      int expected = i == 0 ? FERRY_ERROR_UNSUPPORTED : FERRY_ERROR_PROTOCOL;
      g_assert_error (error, FERRY_ERROR, expected);
    }
}

static void
test_new_life (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Who went cannot answer any more, and who came back is asked anew");
  g_autoptr (GError) error = NULL;

  ask (f, NULL);
  g_autoptr (FerryNode) first = ferry_fake_peer_expect (f->ben, "iq/query");
  ferry_disco_forget (f->disco, f->ben_jid);
  g_assert_null (finish (f, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_GONE);

  ask (f, NULL);
  g_autoptr (FerryNode) second = ferry_fake_peer_expect (f->ben, "iq/query");
  ferry_fake_peer_reply (f->ben, first, QUERY ("<feature var='old'/>"));
  ferry_fake_net_settle (f->net);
  g_assert_null (ferry_disco_lookup (f->disco, f->ben_jid, NULL));
  ferry_fake_peer_reply (f->ben, second, QUERY ("<feature var='new'/>"));
  g_autoptr (FerryDiscoInfo) info = finish (f, NULL);
  g_assert_true (ferry_disco_info_has_feature (info, "new"));
}

static void
test_unknown_node (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Coccinella does not know the node of its own presence, in strange words; "
                  "asked without it, it answers");
  FerryCaps caps = { (char *) "n", (char *) EXODUS_VER, (char *) "sha-1" };
  g_autoptr (GError) error = NULL;

  ask (f, &caps);
  g_autoptr (FerryNode) named = ferry_fake_peer_expect (f->ben, "iq[type=get]/query[node]");
  ferry_fake_peer_send (
      f->ben,
      "<iq type='error' id='%s' to='" ANNA "'><query "
      "xmlns='http://jabber.org/protocol/disco#info'><error code='404' type='cancel'>"
      "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></query></iq>",
      ferry_node_get_attr (named, "id"));
  g_autoptr (FerryNode) plain = ferry_fake_peer_expect (f->ben, "iq[type=get]/query");
  g_assert_null (ferry_node_get_attr (ferry_node_get_child (plain, "query", NULL), "node"));
  ferry_fake_peer_reply (f->ben, plain, QUERY (EXODUS));
  g_autoptr (FerryDiscoInfo) info = finish (f, &error);
  g_assert_no_error (error);
  g_assert_true (ferry_disco_info_has_feature (info, "http://jabber.org/protocol/muc"));
}

static void
test_ping (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A ping is answered");
  g_assert_cmpuint (ferry_ping_answer (f->router), !=, 0);
  ferry_fake_peer_send (
      f->ben, "<iq type='get' id='p1' to='" ANNA "'><ping xmlns='urn:xmpp:ping'/></iq>"
              "<iq type='set' id='p2' to='" ANNA "'><ping xmlns='urn:xmpp:ping'/></iq>");
  g_autoptr (FerryNode) pong = ferry_fake_peer_expect (f->ben, "iq[id=p1][type=result]");
  g_assert_cmpuint (ferry_node_get_n_children (pong), ==, 0);
  g_autoptr (FerryNode) odd = ferry_fake_peer_expect (f->ben, "iq[id=p2][type=error]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  g_test_add_func ("/disco/info/vectors", test_vectors);
  g_test_add_func ("/disco/info/ambiguous", test_ambiguous);
  g_test_add_func ("/disco/info/limits", test_limits);
  g_test_add_func ("/disco/caps-cache", test_cache);
  ADD ("/disco/answers", test_answers);
  ADD ("/disco/caching", test_caching);
  ADD ("/disco/poison", test_poison);
  ADD ("/disco/refusal", test_refusal);
  ADD ("/disco/unknown-node", test_unknown_node);
  ADD ("/disco/new-life", test_new_life);
  ADD ("/disco/ping", test_ping);
  return g_test_run ();
}
