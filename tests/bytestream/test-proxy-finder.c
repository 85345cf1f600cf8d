/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which relays are found, how often is asked, and what a relay's answer is worth. */
#include "ferry-fake-net.h"
#include "ferry-test.h"

#include "bytestream/s5b/ferry-proxy-finder.h"
#include "xmpp/ferry-ns.h"

#define ANNA "anna@north.example/desk"
#define FOUND "relay.north.example"
#define CHOSEN "anna@home.example/relay"

typedef struct
{
  FerryFakeNet *net;
  FerryStream *stream;
  FerryRouter *router;
  FerryProxyFinder *finder;
  FerryFakePeer *chosen;
  guint n_done;
  guint n_asked;                  /* the found relay for its address */
  const char *claims;             /* whose address the found relay tells */
  FerryStanzaCondition condition; /* with which it refuses, if any */
} Stage;

static gboolean
on_request (FerryNode *request,
            FerryNode **payload,
            FerryStanzaCondition *condition,
            gpointer user_data)
{
  Stage *self = user_data;

  self->n_asked++;
  if (self->condition != FERRY_STANZA_UNDEFINED_CONDITION)
    {
      *condition = self->condition;
      return FALSE;
    }
  *payload = ferry_node_new ("query", FERRY_NS_BYTESTREAMS);
  FerryNode *host = ferry_node_add (*payload, "streamhost", NULL, NULL);
  ferry_node_set_attrs (host, "jid", self->claims, "host", "192.0.2.1", "port", "5000", NULL);
  return TRUE;
}

static void
on_done (FerryProxyFinder *finder, Stage *self)
{
  self->n_done++;
}

static void
stage_init (Stage *self)
{
  self->net = ferry_fake_net_new ();
  self->claims = FOUND;
  ferry_fake_net_add_proxy (self->net, FOUND, on_request, self);
  self->stream = ferry_fake_net_connect (self->net, ANNA);
  self->router = ferry_router_new (self->stream);
  self->chosen = ferry_fake_peer_new (self->net, CHOSEN);
  self->finder = ferry_proxy_finder_new (self->router);
  g_signal_connect (self->finder, "done", G_CALLBACK (on_done), self);
  ferry_test_wait (ferry_stream_get_state (self->stream) == FERRY_STREAM_ONLINE, 5);
}

static void
stage_clear (Stage *self)
{
  ferry_fake_net_settle (self->net);
  g_clear_object (&self->finder);
  g_clear_pointer (&self->chosen, ferry_fake_peer_free);
  g_clear_object (&self->router);
  g_clear_object (&self->stream);
  g_clear_object (&self->net);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

static const FerryProxy *
get_proxy (Stage *self, guint position)
{
  GPtrArray *proxies = ferry_proxy_finder_get_proxies (self->finder);
  g_assert_cmpuint (position, <, proxies->len);
  return proxies->pdata[position];
}

static guint
count_proxies (Stage *self)
{
  return ferry_proxy_finder_get_proxies (self->finder)->len;
}

static void
test_cached (void)
{
  g_test_summary ("A relay of the domain is asked once, and known from then on");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  ferry_proxy_finder_find (stage.finder);
  ferry_proxy_finder_find (stage.finder);
  g_assert_true (ferry_proxy_finder_is_busy (stage.finder));
  ferry_test_wait (stage.n_done == 1, 5);
  g_assert_cmpuint (count_proxies (&stage), ==, 1);
  g_assert_cmpstr (get_proxy (&stage, 0)->host, ==, "192.0.2.1");
  g_assert_cmpuint (get_proxy (&stage, 0)->port, ==, 5000);

  ferry_proxy_finder_find (stage.finder);
  ferry_fake_net_settle (stage.net);
  g_assert_false (ferry_proxy_finder_is_busy (stage.finder));
  g_assert_cmpuint (stage.n_asked, ==, 1);
}

static void
test_chosen (void)
{
  g_test_summary ("The user's relays come first, asked for nothing but the address");
  static const char *const jids[] = { CHOSEN, "@nonsense", FOUND, NULL };
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  ferry_proxy_finder_set_chosen (stage.finder, jids);
  ferry_proxy_finder_find (stage.finder);
  g_autoptr (FerryNode) request = ferry_fake_peer_expect (
      stage.chosen, "iq[type=get]/query[xmlns=" FERRY_NS_BYTESTREAMS "]");
  ferry_fake_peer_reply (stage.chosen, request,
                         "<query xmlns='" FERRY_NS_BYTESTREAMS "'><streamhost jid='" CHOSEN
                         "' host='198.51.100.1' port='7777'/></query>");
  ferry_test_wait (stage.n_done == 1, 5);
  ferry_fake_peer_assert_none (stage.chosen, "iq[type=get]");
  g_assert_cmpuint (count_proxies (&stage), ==, 2);
  g_assert_cmpstr (get_proxy (&stage, 0)->host, ==, "198.51.100.1");
  g_assert_cmpstr (ferry_jid_get_text (get_proxy (&stage, 1)->jid), ==, FOUND);
  g_assert_cmpuint (stage.n_asked, ==, 1); /* chosen and found: one relay */
}

static void
test_refused (void)
{
  g_test_summary (
      "A relay that refuses, or names one elsewhere, is none; it is asked again soon");
  static const struct
  {
    FerryStanzaCondition condition;
    const char *claims;
  } cases[] = {
    { FERRY_STANZA_FORBIDDEN, FOUND },
    { FERRY_STANZA_NOT_ALLOWED, FOUND },
    { FERRY_STANZA_ITEM_NOT_FOUND, FOUND },
    { FERRY_STANZA_UNDEFINED_CONDITION, "relay.elsewhere.example" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Stage) stage = { 0 };
      stage_init (&stage);
      stage.condition = cases[i].condition;
      stage.claims = cases[i].claims;
      ferry_proxy_finder_set_freshness (stage.finder, G_TIME_SPAN_HOUR, 0);
      ferry_proxy_finder_find (stage.finder);
      ferry_test_wait (stage.n_done == 1, 5);
      g_assert_cmpuint (count_proxies (&stage), ==, 0);

      stage.condition = FERRY_STANZA_UNDEFINED_CONDITION;
      stage.claims = "sub." FOUND;
      ferry_test_wait (stage.n_done == 2, 5);
      g_assert_cmpuint (count_proxies (&stage), ==, 1);
      g_assert_cmpstr (ferry_jid_get_text (get_proxy (&stage, 0)->jid), ==, "sub." FOUND);
    }
}

static void
test_again (void)
{
  g_test_summary ("What was found grows old and is looked for again, but not while offline");
  g_auto (Stage) stage = { 0 };
  stage_init (&stage);
  ferry_proxy_finder_set_freshness (stage.finder, 20 * G_TIME_SPAN_MILLISECOND,
                                    G_TIME_SPAN_HOUR);
  ferry_proxy_finder_find (stage.finder);
  ferry_test_wait (stage.n_done == 3, 5);
  g_assert_cmpuint (stage.n_asked, ==, 3);

  ferry_fake_net_kill (stage.net, stage.stream);
  ferry_test_wait (!ferry_proxy_finder_is_busy (stage.finder), 5);
  guint n_asked = stage.n_asked, n_done = stage.n_done;
  gint64 end_us = g_get_monotonic_time () + 100 * G_TIME_SPAN_MILLISECOND;
  ferry_test_wait (g_get_monotonic_time () >= end_us, 5);
  g_assert_cmpuint (stage.n_asked, ==, n_asked);
  g_assert_cmpuint (stage.n_done, ==, n_done);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytestream/proxy-finder/cached", test_cached);
  g_test_add_func ("/bytestream/proxy-finder/chosen", test_chosen);
  g_test_add_func ("/bytestream/proxy-finder/refused", test_refused);
  g_test_add_func ("/bytestream/proxy-finder/again", test_again);
  return g_test_run ();
}
