/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fake net is trusted by many tests; here it is tested itself. */
#include "ferry-fake-net.h"
#include "ferry-test.h"

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"

typedef struct
{
  FerryFakeNet *net;
  FerryStream *anna;
  FerryFakePeer *ben;
  GString *heard; /* ids of what anna received, each followed by a blank */
  GString *events;
} Fixture;

static void
on_stanza (FerryStream *stream, FerryNode *stanza, Fixture *f)
{
  const char *id = ferry_node_get_attr (stanza, "id");
  g_string_append_printf (f->heard, "%s ", id != NULL ? id : ferry_node_get_name (stanza));
}

static void
on_online (FerryStream *stream, gboolean resumed, Fixture *f)
{
  g_string_append (f->events, resumed ? "resumed " : "new ");
}

static void
on_offline (FerryStream *stream, const GError *error, Fixture *f)
{
  g_string_append (f->events, error != NULL ? "lost " : "closed ");
}

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->net = ferry_fake_net_new ();
  f->heard = g_string_new (NULL);
  f->events = g_string_new (NULL);
  f->anna = ferry_fake_net_connect (f->net, ANNA);
  g_signal_connect (f->anna, "stanza", G_CALLBACK (on_stanza), f);
  g_signal_connect (f->anna, "online", G_CALLBACK (on_online), f);
  g_signal_connect (f->anna, "offline", G_CALLBACK (on_offline), f);
  f->ben = ferry_fake_peer_new (f->net, BEN);
  ferry_test_wait (ferry_stream_get_state (f->anna) == FERRY_STREAM_ONLINE, 1);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_clear_pointer (&f->ben, ferry_fake_peer_free);
  g_clear_object (&f->anna);
  g_assert_finalize_object (f->net);
  g_string_free (f->heard, TRUE);
  g_string_free (f->events, TRUE);
}

static void
send_xml (FerryStream *stream, const char *xml)
{
  g_autofree char *wrapped = g_strdup_printf ("<s xmlns='jabber:client'>%s</s>", xml);
  g_autoptr (FerryNode) node = ferry_test_node (wrapped);
  ferry_stream_send (stream, ferry_node_get_nth_child (node, 0));
}

static void
test_routing (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Stanzas reach a full address, stamped with their sender");
  send_xml (f->anna, "<iq type='get' id='a' to='" BEN "' from='mallory@x'><q xmlns='u'/></iq>");
  g_autoptr (FerryNode) iq = ferry_fake_peer_expect (f->ben, "iq[id=a]/q[xmlns=u]");
  g_assert_cmpstr (ferry_node_get_attr (iq, "from"), ==, ANNA);

  ferry_fake_peer_reply (f->ben, iq, "<q xmlns='u'/>");
  send_xml (f->anna, "<iq type='get' id='b' to='ben@south.example/gone'><q xmlns='u'/></iq>");
  send_xml (f->anna, "<iq type='get' id='c'><query xmlns='jabber:iq:roster'/></iq>");
  send_xml (f->anna, "<iq type='result' id='d' to='ben@south.example/gone'/>");
  ferry_fake_net_settle (f->net);
  g_assert_cmpstr (f->heard->str, ==, "a b c ");
}

static void
test_presence (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Presence reaches those who have shown theirs, and ends with the session");
  ferry_fake_peer_send (f->ben, "<presence id='ben1'/>");
  ferry_fake_net_settle (f->net);
  g_assert_cmpstr (f->heard->str, ==, "");

  send_xml (f->anna, "<presence id='anna1'/>");
  ferry_fake_net_settle (f->net);
  g_assert_cmpstr (f->heard->str, ==, "anna1 ben1 ");
  g_autoptr (FerryNode) shown = ferry_fake_peer_expect (f->ben, "presence[from=" ANNA "]");

  ferry_fake_net_kill (f->net, f->anna);
  g_autoptr (FerryNode) gone = ferry_fake_peer_expect (f->ben, "presence[type=unavailable]");
  g_assert_cmpstr (ferry_node_get_attr (gone, "from"), ==, ANNA);
}

static void
test_interrupt (Fixture *f, gconstpointer unused)
{
  g_test_summary ("An interrupted stream keeps all stanzas of both directions, in order");
  ferry_fake_net_set_delay (f->net, ANNA, 20, 20);
  ferry_fake_peer_send (f->ben, "<message id='1' to='" ANNA "'/>");
  send_xml (f->anna, "<message id='x1' to='" BEN "'/>");
  ferry_fake_net_interrupt (f->net, f->anna);
  ferry_fake_peer_send (f->ben, "<message id='2' to='" ANNA "'/>");
  send_xml (f->anna, "<message id='x2' to='" BEN "'/>");
  ferry_fake_net_settle (f->net);
  g_assert_cmpstr (f->heard->str, ==, "");
  ferry_fake_peer_assert_none (f->ben, "message");

  ferry_fake_net_resume (f->net, f->anna);
  ferry_fake_peer_send (f->ben, "<message id='3' to='" ANNA "'/>");
  send_xml (f->anna, "<message id='x3' to='" BEN "'/>");
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("x%u", i);
      g_autoptr (FerryNode) message = ferry_fake_peer_expect (f->ben, "message");
      g_assert_cmpstr (ferry_node_get_attr (message, "id"), ==, id);
    }
  ferry_fake_net_settle (f->net);
  g_assert_cmpstr (f->heard->str, ==, "1 2 3 ");
  g_assert_cmpstr (f->events->str, ==, "new resumed ");
}

static void
test_sessions (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A killed session loses what was on its way; a lost one comes back as new");
  ferry_fake_net_set_delay (f->net, ANNA, 20, 20);
  send_xml (f->anna, "<message id='x1' to='" BEN "'/>");
  ferry_fake_net_lose_session (f->net, f->anna);
  g_assert_cmpint (ferry_stream_get_state (f->anna), ==, FERRY_STREAM_CONNECTING);
  ferry_test_wait (ferry_stream_get_state (f->anna) == FERRY_STREAM_ONLINE, 1);
  ferry_fake_net_kill (f->net, f->anna);
  send_xml (f->anna, "<message id='x2' to='" BEN "'/>");
  ferry_stream_open (f->anna);
  ferry_test_wait (ferry_stream_get_state (f->anna) == FERRY_STREAM_ONLINE, 1);
  send_xml (f->anna, "<message id='x3' to='" BEN "'/>");
  ferry_stream_close (f->anna);
  ferry_fake_net_settle (f->net);
  g_assert_cmpstr (f->events->str, ==, "new lost new lost new closed ");
  g_autoptr (FerryNode) message = ferry_fake_peer_expect (f->ben, "message");
  g_assert_cmpstr (ferry_node_get_attr (message, "id"), ==, "x3");
}

static void
test_rules (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Chosen stanzas are lost, or overtaken by the next");
  ferry_fake_net_drop_next (f->net, 2, ferry_fake_match_path, "message[id=1]");
  ferry_fake_net_swap_next (f->net, ferry_fake_match_path, "message[id=2]");
  for (guint i = 0; i < 3; i++)
    ferry_fake_peer_send (f->ben,
                          "<message id='1' to='" ANNA "'/><message id='2' to='" ANNA "'/>");
  ferry_fake_net_settle (f->net);
  g_assert_cmpstr (f->heard->str, ==, "2 2 1 2 ");
  g_assert_cmpuint (ferry_fake_net_get_n_rules (f->net), ==, 0);
}

static void
test_shuffle (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Shuffled peers overtake each other, each keeps its own order");
  g_autoptr (FerryFakePeer) cleo = ferry_fake_peer_new (f->net, "cleo@north.example/x");
  ferry_fake_net_shuffle (f->net, 7, 10);
  for (guint i = 0; i < 10; i++)
    {
      ferry_fake_peer_send (f->ben, "<message id='b%u' to='" ANNA "'/>", i);
      ferry_fake_peer_send (cleo, "<message id='c%u' to='" ANNA "'/>", i);
    }
  ferry_fake_net_settle (f->net);

  g_auto (GStrv) ids = g_strsplit (g_strchomp (f->heard->str), " ", -1);
  guint n_b = 0, n_c = 0, n_overtaken = 0;
  for (guint i = 0; ids[i] != NULL; i++)
    {
      guint *n = ids[i][0] == 'b' ? &n_b : &n_c;
      g_assert_cmpuint ((guint) (ids[i][1] - '0'), ==, *n);
      (*n)++;
      n_overtaken += n_c > n_b;
    }
  g_assert_cmpuint (n_b, ==, 10);
  g_assert_cmpuint (n_c, ==, 10);
  g_assert_cmpuint (n_overtaken, >, 0);
}

static gboolean
proxy_cb (FerryNode *request,
          FerryNode **payload,
          FerryStanzaCondition *condition,
          gpointer user_data)
{
  *condition = FERRY_STANZA_FORBIDDEN;
  if (g_strcmp0 (ferry_node_get_attr (request, "type"), "set") == 0)
    return FALSE;
  *payload = ferry_test_node ("<query xmlns='http://jabber.org/protocol/bytestreams'/>");
  return TRUE;
}

static void
test_proxy (Fixture *f, gconstpointer unused)
{
  g_test_summary ("The server's proxy is listed, and its hook answers for it");
  ferry_fake_net_add_proxy (f->net, "proxy.south.example", proxy_cb, NULL);
  ferry_fake_peer_send (f->ben, "<iq type='get' id='1' to='south.example'>"
                                "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
                                "<iq type='get' id='2' to='proxy.south.example'>"
                                "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
                                "<iq type='get' id='3' to='proxy.south.example'>"
                                "<query xmlns='http://jabber.org/protocol/bytestreams'/></iq>"
                                "<iq type='set' id='4' to='proxy.south.example'>"
                                "<query xmlns='http://jabber.org/protocol/bytestreams'/></iq>");
  g_autoptr (FerryNode) items =
      ferry_fake_peer_expect (f->ben, "iq[id=1]/query/item[jid=proxy.south.example]");
  g_autoptr (FerryNode) info =
      ferry_fake_peer_expect (f->ben, "iq[id=2]/query/identity[type=bytestreams]");
  g_autoptr (FerryNode) address =
      ferry_fake_peer_expect (f->ben, "iq[id=3][type=result]/query");
  g_autoptr (FerryNode) refused = ferry_fake_peer_expect (f->ben, "iq[id=4]/error/forbidden");
  g_assert_nonnull (refused);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/fake-net/routing", test_routing);
  ADD ("/fake-net/presence", test_presence);
  ADD ("/fake-net/interrupt", test_interrupt);
  ADD ("/fake-net/sessions", test_sessions);
  ADD ("/fake-net/rules", test_rules);
  ADD ("/fake-net/shuffle", test_shuffle);
  ADD ("/fake-net/proxy", test_proxy);
  return g_test_run ();
}
