/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "bytestream/s5b/ferry-s5b-wire-si.h"
#include "xmpp/ferry-ns.h"

#define QUERY "<query xmlns='http://jabber.org/protocol/bytestreams' "
#define FAST "<fast xmlns='http://affinix.com/jabber/stream'/>"
#define MARK "<proxy xmlns='http://affinix.com/jabber/stream'/>"
#define ERROR_OF(condition)                                                                    \
  "<error type='cancel'><" condition " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"

static FerryS5bQuery *
parse (const char *type, const char *child, GError **error)
{
  g_autofree char *xml =
      g_strdup_printf ("<iq xmlns='jabber:client' type='%s'>%s</iq>", type, child);
  g_autoptr (FerryNode) iq = ferry_test_node (xml);
  g_autoptr (FerryJid) from = ferry_jid_new ("anna@north.example/desk", NULL);
  return ferry_s5b_query_parse (iq, from, error);
}

static void
test_offer (void)
{
  g_test_summary ("An offer is read completely and written again as it was");
  static const char xml[] =
      "<iq xmlns='jabber:client' type='set'>" QUERY "sid='s7Kq2x' mode='tcp' dstaddr='00ff'>"
      "<streamhost jid='anna@north.example/desk' host='192.0.2.7' port='40211'/>"
      "<streamhost jid='relay.north.example' host='relay.north.example' port='5000'>" MARK
      "</streamhost>" FAST "</query></iq>";
  g_autoptr (FerryNode) iq = ferry_test_node (xml);
  g_autoptr (FerryJid) from = ferry_jid_new ("Anna@north.example/desk", NULL);
  g_autoptr (FerryS5bQuery) query = ferry_s5b_query_parse (iq, from, NULL);

  g_assert_nonnull (query);
  g_assert_cmpint (query->kind, ==, FERRY_S5B_QUERY_OFFER);
  g_assert_cmpstr (query->sid, ==, "s7Kq2x");
  g_assert_cmpstr (query->dstaddr, ==, "00ff");
  g_assert_true (query->has_fast);
  g_assert_cmpuint (query->candidates->len, ==, 2);
  const FerryCandidate *direct = query->candidates->pdata[0],
                       *relay = query->candidates->pdata[1];
  g_assert_cmpstr (direct->host, ==, "192.0.2.7");
  g_assert_cmpuint (direct->port, ==, 40211);
  g_assert_false (ferry_candidate_is_proxy (direct));
  g_assert_true (ferry_candidate_is_proxy (relay));
  g_assert_cmpuint (direct->priority, >, relay->priority);
  g_assert_cmpstr (ferry_s5b_query_get_sid (iq), ==, "s7Kq2x");

  g_autoptr (FerryNode) again = ferry_s5b_query_to_node (query);
  ferry_test_assert_node (again, xml);
}

static void
test_streamhosts (void)
{
  g_test_summary ("A streamhost with a bad value is left out, the rest of the offer stands; "
                  "relays are known by mark or JID and come last whatever the order");
  static const struct
  {
    const char *attrs;
    gboolean is_good;
    gboolean is_proxy;
  } cases[] = {
    { "jid='anna@north.example/desk' host='192.0.2.7' port='1'", TRUE, FALSE },
    { "jid='anna@north.example/desk' host='2001:db8::7' port='65535'", TRUE, FALSE },
    { "jid='anna@north.example/other' host='192.0.2.7' port='1'", TRUE, TRUE },
    { "jid='relay.example' host='relay.example' port='7777'", TRUE, TRUE },
    { "jid='anna@north.example/desk' host='' port='1'", FALSE, FALSE },
    { "jid='anna@north.example/desk' port='1'", FALSE, FALSE },
    { "host='192.0.2.7' port='1'", FALSE, FALSE },
    { "jid='@' host='192.0.2.7' port='1'", FALSE, FALSE },
    { "jid='anna@north.example/desk' host='192.0.2.7'", FALSE, FALSE },
    { "jid='anna@north.example/desk' host='192.0.2.7' port='0'", FALSE, FALSE },
    { "jid='anna@north.example/desk' host='192.0.2.7' port='65536'", FALSE, FALSE },
    { "jid='anna@north.example/desk' host='192.0.2.7' port='+80'", FALSE, FALSE },
    { "jid='anna@north.example/desk' host='192.0.2.7' port='8.0'", FALSE, FALSE },
    { "jid='anna@north.example/desk' zeroconf='_jabber.bytestreams'", FALSE, FALSE },
    { "jid='anna@north.example/desk' host='192.0.2.7' port='1' zeroconf='x'", FALSE, FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml = g_strdup_printf (
          QUERY "sid='s'>" FAST "<streamhost jid='relay.north.example' host='192.0.2.1' "
                "port='5000'>" MARK "</streamhost><streamhost %s/></query>",
          cases[i].attrs);
      g_autoptr (FerryS5bQuery) query = parse ("set", xml, NULL);
      g_assert_nonnull (query);
      g_assert_true (query->has_fast);
      g_assert_cmpuint (query->candidates->len, ==, cases[i].is_good ? 2 : 1);
      if (!cases[i].is_good)
        continue;
      const FerryCandidate *first = query->candidates->pdata[0];
      const FerryCandidate *second = query->candidates->pdata[1];
      g_assert_cmpint (ferry_candidate_is_proxy (second), ==, cases[i].is_proxy);
      g_assert_cmpint (first->priority > second->priority, ==, cases[i].is_proxy);
    }
}

static void
test_limits (void)
{
  g_test_summary ("Of very many streamhosts ten are read, three of them relays, with ids and "
                  "priorities of their own");
  g_autoptr (GString) xml = g_string_new (QUERY "sid='s'>");
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (xml, "<streamhost jid='%s' host='192.0.2.%u' port='1'/>",
                            i % 2 ? "anna@north.example/desk" : "relay.example", i % 250);
  g_string_append (xml, "</query>");
  g_autoptr (FerryS5bQuery) query = parse ("set", xml->str, NULL);
  guint n_proxies = 0;

  g_assert_cmpuint (query->candidates->len, ==, 10);
  for (guint i = 0; i < 10; i++)
    {
      const FerryCandidate *candidate = query->candidates->pdata[i];
      n_proxies += ferry_candidate_is_proxy (candidate);
      for (guint j = 0; j < i; j++)
        {
          const FerryCandidate *other = query->candidates->pdata[j];
          g_assert_cmpstr (other->cid, !=, candidate->cid);
          g_assert_cmpuint (other->priority, !=, candidate->priority);
        }
    }
  g_assert_cmpuint (n_proxies, ==, 3);
}

static void
test_bad_offers (void)
{
  g_test_summary ("What cannot be taken is told apart: bad-request, not-acceptable");
  g_autofree char *long_sid = g_strnfill (257, 's');
  g_autofree char *too_long = g_strdup_printf (QUERY "sid='%s'/>", long_sid);
  const struct
  {
    const char *child;
    FerryError code;
  } cases[] = {
    { QUERY "/>", FERRY_ERROR_PROTOCOL },
    { QUERY "sid=''/>", FERRY_ERROR_PROTOCOL },
    { too_long, FERRY_ERROR_PROTOCOL },
    { "", FERRY_ERROR_PROTOCOL },
    { "<query xmlns='jabber:iq:roster' sid='s'/>", FERRY_ERROR_PROTOCOL },
    { QUERY "sid='s' mode='udp'/>", FERRY_ERROR_UNSUPPORTED },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (parse ("set", cases[i].child, &error));
      g_assert_error (error, FERRY_ERROR, (int) cases[i].code);
    }
  g_autoptr (FerryS5bQuery) empty = parse ("set", QUERY "sid='s' dstaddr='\303\244'/>", NULL);
  g_assert_cmpuint (empty->candidates->len, ==, 0);
  g_assert_null (empty->dstaddr);
  g_assert_false (empty->has_fast);
}

static void
test_answers (void)
{
  g_test_summary ("Both answers are read, as sloppy as they come, and written");
  g_autoptr (FerryS5bQuery) used =
      parse ("result", QUERY "><streamhost-used jid='relay.example'/></query>", NULL);
  g_assert_cmpint (used->kind, ==, FERRY_S5B_QUERY_USED);
  g_assert_cmpstr (ferry_jid_get_text (used->used), ==, "relay.example");

  static const char *const nothing[] = { "", QUERY "/>", QUERY "><streamhost-used/></query>",
                                         QUERY "><streamhost-used jid='@'/></query>" };
  for (guint i = 0; i < G_N_ELEMENTS (nothing); i++)
    {
      g_autoptr (FerryS5bQuery) query = parse ("result", nothing[i], NULL);
      g_assert_cmpint (query->kind, ==, FERRY_S5B_QUERY_USED);
      g_assert_null (query->used);
    }

  used->sid = g_strdup ("s7Kq2x");
  g_autoptr (FerryNode) node = ferry_s5b_query_to_node (used);
  ferry_test_assert_node (node,
                          "<iq xmlns='jabber:client' type='result'>" QUERY
                          "sid='s7Kq2x'><streamhost-used jid='relay.example'/></query></iq>");

  g_autoptr (FerryS5bQuery) refused = parse ("error", ERROR_OF ("forbidden"), NULL);
  g_assert_cmpint (refused->kind, ==, FERRY_S5B_QUERY_REFUSED);
  g_assert_cmpint (refused->condition, ==, FERRY_STANZA_FORBIDDEN);
  g_autoptr (FerryS5bQuery) mute = parse ("error", "", NULL);
  g_assert_cmpint (mute->condition, ==, FERRY_STANZA_UNDEFINED_CONDITION);
  g_autoptr (FerryNode) refusal = ferry_s5b_refusal_to_node (FERRY_STANZA_ITEM_NOT_FOUND);
  ferry_test_assert_node (
      refusal, "<iq xmlns='jabber:client' type='error'>" ERROR_OF ("item-not-found") "</iq>");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytestream/s5b-query/offer", test_offer);
  g_test_add_func ("/bytestream/s5b-query/streamhosts", test_streamhosts);
  g_test_add_func ("/bytestream/s5b-query/limits", test_limits);
  g_test_add_func ("/bytestream/s5b-query/bad-offers", test_bad_offers);
  g_test_add_func ("/bytestream/s5b-query/answers", test_answers);
  return g_test_run ();
}
