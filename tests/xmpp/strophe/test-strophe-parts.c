/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pure parts below the stream: guard, sign-in, stream management, order of servers, log. */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"
#include "xmpp/strophe/ferry-backoff.h"
#include "xmpp/strophe/ferry-login.h"
#include "xmpp/strophe/ferry-sm.h"
#include "xmpp/strophe/ferry-srv.h"
#include "xmpp/strophe/ferry-strophe-node.h"
#include "xmpp/strophe/ferry-strophe-thread.h"
#include "xmpp/strophe/ferry-xml-log.h"

#include <string.h>

#define HEADER                                                                                 \
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "                                 \
  "xmlns:stream='" FERRY_NS_STREAMS "' version='1.0'>"
#define SASL "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'"
#define BIND "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
#define SM "<sm xmlns='" FERRY_NS_SM "'/>"
#define SUCCESS HEADER "<success " SASL "/>" HEADER
#define BOUND                                                                                  \
  "<iq type='result' id='_xmpp_bind1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"         \
  "<jid>a@b/c</jid></bind></iq>"

typedef struct
{
  const char *xml;
  guint n_stanzas;
  int failure; /* FerryError, or -1 */
} GuardCase;

static const GuardCase guard_cases[] = {
  { HEADER, 0, -1 },
  { HEADER "<iq/><message><body>a</body></message> \n<presence></presence>", 3, -1 },
  { HEADER "<a x=\"1>2'\" y='\">'/><b/></stream:stream> \n", 2, -1 },
  { HEADER "<a><![CDATA[ <b> ]]]]]></a><a/>", 2, -1 },
  { HEADER "<!-- <a> - --><a><!----></a>", 1, -1 },
  { HEADER "text", 0, FERRY_ERROR_PROTOCOL },
  { HEADER "<a/></stream:stream><a/>", 1, FERRY_ERROR_PROTOCOL },
  { "<?xml version='1.0'?><!DOCTYPE s [<!ENTITY x 'y'>]><s>", 0, FERRY_ERROR_PROTOCOL },
  { HEADER "<!DOCTYPE a>", 0, FERRY_ERROR_PROTOCOL },
  { HEADER "<a><!ENTITY b 'c'></a>", 0, FERRY_ERROR_PROTOCOL },
  { HEADER "<![CDATA[a]]>", 0, FERRY_ERROR_PROTOCOL },
  { HEADER "<a><?php ?></a>", 0, FERRY_ERROR_PROTOCOL },
  { HEADER "<?xml version='1.0'?>", 0, FERRY_ERROR_PROTOCOL },
  { HEADER "<a <b>/>", 0, FERRY_ERROR_PROTOCOL },
  { HEADER "<a x='<'/>", 0, FERRY_ERROR_PROTOCOL },
  { HEADER "<a / >", 0, FERRY_ERROR_PROTOCOL },
  { HEADER "< a/>", 0, FERRY_ERROR_PROTOCOL },
  { "</a>", 0, FERRY_ERROR_PROTOCOL },
  { "\xff\xfe<", 0, FERRY_ERROR_PROTOCOL },
};

/* Feeds @xml in pieces of @piece bytes; returns the FerryError or -1. */
static int
guard_feed (const char *xml, gsize length, gsize piece, guint *n_stanzas)
{
  FerryXmlGuard guard;

  *n_stanzas = 0;
  ferry_xml_guard_init (&guard);
  for (gsize at = 0; at < length;)
    {
      gsize n_taken;
      g_autoptr (GError) error = NULL;
      FerryXmlGuardEvent event =
          ferry_xml_guard_step (&guard, xml + at, MIN (piece, length - at), &n_taken);
      at += n_taken;
      if (event == FERRY_XML_GUARD_STANZA)
        (*n_stanzas)++;
      if (event != FERRY_XML_GUARD_FAILED)
        continue;
      ferry_xml_guard_set_error (&guard, &error);
      g_assert_true (error->domain == FERRY_ERROR);
      return error->code;
    }
  return -1;
}

static void
assert_guard (const char *xml, gsize length, guint n_stanzas, int failure)
{
  const gsize pieces[] = { length + 1, 1, 3, 17 };
  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      guint n;
      int code = guard_feed (xml, length, pieces[i], &n);
      if (code != failure || n != n_stanzas)
        g_test_message ("in pieces of %" G_GSIZE_FORMAT ": %.200s", pieces[i], xml);
      g_assert_cmpint (code, ==, failure);
      g_assert_cmpuint (n, ==, n_stanzas);
    }
}

static void
test_guard (void)
{
  g_test_summary ("The guard counts stanzas and refuses what XMPP forbids, in any pieces");

  for (guint i = 0; i < G_N_ELEMENTS (guard_cases); i++)
    assert_guard (guard_cases[i].xml, strlen (guard_cases[i].xml), guard_cases[i].n_stanzas,
                  guard_cases[i].failure);
}

static void
append_repeated (GString *out, const char *text, guint n)
{
  for (guint i = 0; i < n; i++)
    g_string_append (out, text);
}

static void
test_guard_limits (void)
{
  g_test_summary ("Depth, elements and size of a stanza end exactly at their limits");

  for (guint over = 0; over < 2; over++)
    {
      int failure = over ? FERRY_ERROR_LIMIT : -1;
      g_autoptr (GString) deep = g_string_new (HEADER);
      append_repeated (deep, "<a>", FERRY_NODE_MAX_DEPTH + over);
      append_repeated (deep, "</a>", FERRY_NODE_MAX_DEPTH + over);
      assert_guard (deep->str, deep->len, !over, failure);

      g_autoptr (GString) wide = g_string_new (HEADER "<a>");
      append_repeated (wide, "<a/>", FERRY_XML_GUARD_MAX_ELEMENTS - 1 + over);
      g_string_append (wide, "</a><b/>");
      assert_guard (wide->str, wide->len, over ? 0 : 2, failure);

      g_autoptr (GString) large = g_string_new (HEADER "<a>");
      append_repeated (large, "x",
                       FERRY_XML_GUARD_MAX_STANZA_BYTES - strlen ("<a></a>") + over);
      append_repeated (large, "</a>", 1);
      append_repeated (large, " ", FERRY_XML_GUARD_MAX_STANZA_BYTES * 2);
      append_repeated (large, "<b/>", 1);
      /* One byte too many is seen with the last byte, when the stanza is over: no harm. */
      if (!over)
        assert_guard (large->str, large->len, 2, -1);
    }

  g_autoptr (GString) endless = g_string_new (HEADER "<a x='");
  append_repeated (endless, "x", FERRY_XML_GUARD_MAX_STANZA_BYTES + 10);
  assert_guard (endless->str, endless->len, 0, FERRY_ERROR_LIMIT);
}

typedef struct
{
  const char *xml;
  gboolean is_resuming;
  int failure; /* FerryError, or -1 */
  gboolean is_done;
} LoginCase;

static const LoginCase login_cases[] = {
  { HEADER "<stream:features/>", FALSE, -1, FALSE },
  { HEADER "<failure " SASL "><not-authorized/></failure>", FALSE, FERRY_ERROR_LOGIN, FALSE },
  { HEADER "<failure " SASL "><account-disabled/></failure>", FALSE, FERRY_ERROR_LOGIN, FALSE },
  { HEADER "<failure " SASL "><temporary-auth-failure/></failure>", FALSE, FERRY_ERROR_SERVER,
    FALSE },
  { HEADER "<failure " SASL "><invalid-mechanism/></failure>", FALSE, -1, FALSE },
  /* r=a,s=b,i=4096 and r=a,s=b,i=2000000000 */
  { HEADER "<challenge " SASL ">cj1hLHM9YixpPTQwOTY=</challenge>", FALSE, -1, FALSE },
  { HEADER "<challenge " SASL ">cj1hLHM9YixpPTIwMDAwMDAwMDA=</challenge>", FALSE,
    FERRY_ERROR_SERVER, FALSE },
  { SUCCESS "<stream:features>" SM "</stream:features>", FALSE, FERRY_ERROR_SERVER, FALSE },
  { SUCCESS "<stream:features>" BIND "</stream:features>" BOUND, FALSE, -1, TRUE },
  { SUCCESS "<stream:features>" BIND SM "</stream:features>" BOUND, FALSE, -1, FALSE },
  { SUCCESS "<stream:features>" BIND SM "</stream:features>" BOUND
            "<enabled xmlns='" FERRY_NS_SM "'/>",
    FALSE, -1, TRUE },
  { SUCCESS "<stream:features>" BIND SM "</stream:features>" BOUND "<failed xmlns='" FERRY_NS_SM
            "'/>",
    FALSE, -1, TRUE },
  { SUCCESS "<stream:features>" BIND SM "</stream:features>"
            "<resumed xmlns='" FERRY_NS_SM "' h='0'/>",
    TRUE, -1, TRUE },
  { SUCCESS "<stream:features>" BIND SM "</stream:features>"
            "<resumed xmlns='" FERRY_NS_SM "' h='0'/>",
    FALSE, FERRY_ERROR_PROTOCOL, FALSE },
  { SUCCESS "<stream:features>" BIND "</stream:features>"
            "<iq type='error' id='_xmpp_bind1'><error type='cancel'>"
            "<conflict xmlns='" FERRY_NS_STANZAS "'/></error></iq>",
    FALSE, FERRY_ERROR_CONFLICT, FALSE },
  { HEADER "<a><b></a>", FALSE, -1, FALSE },
  { HEADER "<a></b>", FALSE, FERRY_ERROR_PROTOCOL, FALSE },
};

static void
test_login (void)
{
  g_test_summary ("What the server says while we sign in is understood, in any pieces");

  for (guint i = 0; i < G_N_ELEMENTS (login_cases); i++)
    for (gsize piece = 1; piece < 5000; piece += 4998)
      {
        const LoginCase *c = &login_cases[i];
        gsize length = strlen (c->xml);
        g_autoptr (GError) error = NULL;
        FerryLogin login;
        ferry_login_init (&login, c->is_resuming);
        for (gsize at = 0; at < length && error == NULL; at += piece)
          ferry_login_feed (&login, c->xml + at, MIN (piece, length - at), &error);
        if (c->failure >= 0)
          g_assert_error (error, FERRY_ERROR, c->failure);
        else
          g_assert_no_error (error);
        g_assert_cmpint (ferry_login_is_done (&login), ==, c->is_done);
        ferry_login_clear (&login);
      }
}

static void
acknowledge (FerrySm *sm, guint32 h, gboolean is_right)
{
  g_autoptr (FerryNode) answer = ferry_node_new ("a", FERRY_NS_SM);
  g_autoptr (GError) error = NULL;
  ferry_node_set_attr_uint (answer, "h", h);
  g_assert_cmpint (ferry_sm_acknowledge (sm, answer, &error), ==, is_right);
  if (!is_right)
    g_assert_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
}

static void
test_sm (void)
{
  g_test_summary (
      "Stanzas are kept until acknowledged, sent again in order, and counters wrap");

  g_autoptr (FerrySm) sm = ferry_sm_new ();
  g_assert_false (ferry_sm_sent (sm, g_strdup ("too early")));
  g_assert_cmpuint (sm->unacked.texts.length, ==, 0);

  g_autoptr (FerryNode) enabled =
      ferry_test_node ("<enabled xmlns='" FERRY_NS_SM "' id='i&apos;d' resume='1'/>");
  ferry_sm_enable (sm, enabled);
  sm->n_acked = G_MAXUINT32 - 1;
  g_assert_false (ferry_sm_sent (sm, g_strdup ("a")));
  g_assert_true (ferry_sm_ask (sm));
  g_assert_false (ferry_sm_ask (sm));
  g_assert_false (ferry_sm_sent (sm, g_strdup ("b")));
  g_assert_false (ferry_sm_sent (sm, g_strdup ("c")));
  acknowledge (sm, G_MAXUINT32 - 2, FALSE);
  acknowledge (sm, 2, FALSE);
  acknowledge (sm, G_MAXUINT32, TRUE);
  g_assert_cmpuint (sm->unacked.texts.length, ==, 2);
  acknowledge (sm, 0, TRUE);
  g_assert_cmpuint (sm->unacked.texts.length, ==, 1);
  g_assert_false (ferry_sm_sent (sm, g_strdup ("d")));
  g_assert_true (ferry_sm_ask (sm));

  g_auto (FerryXmlQueue) outbox = FERRY_XML_QUEUE_INIT;
  ferry_xml_queue_push (&outbox, g_strdup ("e"));
  ferry_sm_resend (sm, &outbox);
  const char *const expected[] = { "c", "d", "e" };
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *xml = ferry_xml_queue_pop (&outbox);
      g_assert_cmpstr (xml, ==, expected[i]);
    }
  g_assert_true (ferry_xml_queue_is_empty (&outbox));
  g_assert_cmpuint (outbox.n_bytes, ==, 0);
  g_assert_cmpuint (sm->unacked.n_bytes, ==, 0);
  acknowledge (sm, 0, TRUE);

  ferry_sm_handled (sm);
  g_autofree char *answer = ferry_sm_print_answer (sm);
  g_assert_cmpstr (answer, ==, "<a xmlns='urn:xmpp:sm:3' h='1'/>");
  g_autofree char *resume = ferry_sm_print_resume (sm);
  g_assert_cmpstr (resume, ==, "<resume xmlns='urn:xmpp:sm:3' previd='i&apos;d' h='1'/>");
}

static void
test_sm_many (void)
{
  g_test_summary ("One question for many stanzas, and no other before it is answered");

  g_autoptr (FerrySm) sm = ferry_sm_new ();
  g_autoptr (FerryNode) enabled =
      ferry_test_node ("<enabled xmlns='" FERRY_NS_SM "' id='i' resume='1'/>");
  guint n_questions = 0;

  ferry_sm_enable (sm, enabled);
  for (guint i = 0; i < 100; i++)
    n_questions += ferry_sm_sent (sm, g_strdup ("x")) ? 1 : 0;
  g_assert_cmpuint (n_questions, ==, 1);
  acknowledge (sm, 32, TRUE);
  g_assert_cmpuint (sm->unacked.texts.length, ==, 68);
  g_assert_cmpuint (sm->n_unasked, ==, 68);
  g_assert_true (ferry_sm_sent (sm, g_strdup ("x")));
}

static void
test_sm_full (void)
{
  g_test_summary ("A server that acknowledges nothing gets no more than 1 MiB, and is asked");

  g_autoptr (FerrySm) sm = ferry_sm_new ();
  g_autoptr (FerryNode) enabled =
      ferry_test_node ("<enabled xmlns='" FERRY_NS_SM "' id='i' resume='1'/>");
  ferry_sm_enable (sm, enabled);
  g_assert_false (ferry_sm_sent (sm, g_strnfill (600000, 'x')));
  g_assert_false (ferry_sm_is_full (sm));
  g_assert_true (ferry_sm_sent (sm, g_strnfill (600000, 'x')));
  g_assert_true (ferry_sm_is_full (sm));
  acknowledge (sm, 1, TRUE);
  g_assert_false (ferry_sm_is_full (sm));
}

static void
add_target (GPtrArray *targets, const char *host, guint16 priority, guint16 weight)
{
  FerrySrvTarget *target = ferry_srv_target_new (host, 5222, FALSE);
  target->priority = priority;
  target->weight = weight;
  g_ptr_array_add (targets, target);
}

static void
test_srv_order (void)
{
  g_test_summary ("Servers come by priority, then in proportion to their weight");

  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint n_heavy_first = 0;
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GPtrArray) targets =
          g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_srv_target_free);
      add_target (targets, "late", 20, 100);
      add_target (targets, "light", 10, 25);
      add_target (targets, "heavy", 10, 75);
      add_target (targets, "first", 5, 0);
      ferry_srv_order (targets, rand);

      const FerrySrvTarget *const *sorted = (const FerrySrvTarget *const *) targets->pdata;
      g_assert_cmpstr (sorted[0]->host, ==, "first");
      g_assert_cmpstr (sorted[3]->host, ==, "late");
      n_heavy_first += strcmp (sorted[1]->host, "heavy") == 0;
    }
  g_assert_cmpuint (n_heavy_first, >, 700);
  g_assert_cmpuint (n_heavy_first, <, 800);
}

static void
test_srv_records (void)
{
  g_test_summary ("Records that say “not here” are left out");

  GList *records = NULL;
  records = g_list_append (records, g_srv_target_new ("", 5222, 0, 0));
  records = g_list_append (records, g_srv_target_new (".", 5222, 0, 0));
  records = g_list_append (records, g_srv_target_new ("xmpp.example", 443, 3, 4));
  g_autoptr (GPtrArray) targets =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_srv_target_free);
  ferry_srv_add_records (targets, records, TRUE);
  g_list_free_full (records, (GDestroyNotify) g_srv_target_free);

  g_assert_cmpuint (targets->len, ==, 1);
  const FerrySrvTarget *target = targets->pdata[0];
  g_assert_cmpstr (target->host, ==, "xmpp.example");
  g_assert_cmpuint (target->port, ==, 443);
  g_assert_true (target->is_direct_tls);
}

static void
test_backoff (void)
{
  g_test_summary ("Pauses grow to a minute and are spread by a fifth");

  const guint expected_ms[] = { 1000, 2000, 5000, 10000, 30000, 60000, 60000 };
  for (guint i = 0; i < G_N_ELEMENTS (expected_ms); i++)
    {
      g_assert_cmpuint (ferry_backoff_delay_ms (i + 1, 0), ==, expected_ms[i]);
      g_assert_cmpuint (ferry_backoff_delay_ms (i + 1, 1), ==, expected_ms[i] / 5 * 6);
    }
}

static void
test_xml_log (void)
{
  g_test_summary ("The log shows the shape of a stanza but no file contents");

  g_autoptr (FerryNode) stanza = ferry_test_node (
      "<iq xmlns='jabber:client' id='1'><data xmlns='" FERRY_NS_IBB "' seq='0'>c2VjcmV0</data>"
      "</iq>");
  g_autofree char *text = ferry_xml_log_format (stanza);
  g_assert_null (strstr (text, "c2VjcmV0"));
  g_assert_nonnull (strstr (text, "seq='0'>[8 bytes]<"));
}

static void
test_node (void)
{
  g_test_summary ("What libstrophe parsed is the same tree, with the language under its name");
  static const char xml[] =
      "<iq xmlns='jabber:client' type='result' id='1'>"
      "<query xmlns='http://jabber.org/protocol/disco#info'>"
      "<identity xml:lang='el' category='client' type='pc' name='&#x3a8;'/>"
      "<x xmlns='jabber:x:data' type='result'><field var='a'><value>b &lt; "
      "c</value></field></x>"
      "</query></iq>";
  xmpp_ctx_t *ctx = xmpp_ctx_new (NULL, NULL);
  xmpp_stanza_t *stanza = xmpp_stanza_new_from_string (ctx, xml);

  g_assert_nonnull (stanza);
  g_autoptr (FerryNode) node = ferry_strophe_node_convert (stanza);
  ferry_test_assert_node (node, xml);
  xmpp_stanza_release (stanza);
  xmpp_ctx_free (ctx);
}

static void
test_one_thread (void)
{
  g_test_summary ("All who ask share one XMPP thread; after the last a new one can begin");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (FerryStropheThread) first = ferry_strophe_thread_get ();
      g_autoptr (FerryStropheThread) second = ferry_strophe_thread_get ();
      g_assert_true (first == second);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/strophe/parts/guard", test_guard);
  g_test_add_func ("/strophe/parts/guard-limits", test_guard_limits);
  g_test_add_func ("/strophe/parts/login", test_login);
  g_test_add_func ("/strophe/parts/sm", test_sm);
  g_test_add_func ("/strophe/parts/sm-many", test_sm_many);
  g_test_add_func ("/strophe/parts/sm-full", test_sm_full);
  g_test_add_func ("/strophe/parts/srv-order", test_srv_order);
  g_test_add_func ("/strophe/parts/srv-records", test_srv_records);
  g_test_add_func ("/strophe/parts/backoff", test_backoff);
  g_test_add_func ("/strophe/parts/xml-log", test_xml_log);
  g_test_add_func ("/strophe/parts/node", test_node);
  g_test_add_func ("/strophe/parts/one-thread", test_one_thread);
  return g_test_run ();
}
