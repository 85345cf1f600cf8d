/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "bytestream/s5b/ferry-jingle-s5b.h"
#include "xmpp/ferry-ns.h"

#define TRANSPORT "<transport xmlns='urn:xmpp:jingle:transports:s5b:1' "

static FerryJingleS5b *
parse (const char *xml)
{
  g_autoptr (FerryNode) node = ferry_test_node (xml);
  g_autoptr (GError) error = NULL;
  FerryJingleS5b *parsed = ferry_jingle_s5b_parse (node, &error);
  g_assert_no_error (error);
  return parsed;
}

static void
test_offer (void)
{
  g_test_summary ("An offer is read completely and written again as it was");
  static const char xml[] =
      TRANSPORT "sid='t5Gq01' mode='tcp' dstaddr='00ff'>"
                "<candidate cid='c1' host='192.0.2.7' jid='anna@north.example/desk' "
                "port='40211' priority='8307557' type='direct'/>"
                "<candidate cid='c2' host='relay.north.example' jid='relay.north.example' "
                "port='5000' priority='705381' type='proxy'/></transport>";
  g_autoptr (FerryJingleS5b) s5b = parse (xml);

  g_assert_cmpstr (s5b->sid, ==, "t5Gq01");
  g_assert_cmpstr (s5b->dstaddr, ==, "00ff");
  g_assert_true (s5b->has_mode);
  g_assert_cmpuint (s5b->candidates->len, ==, 2);
  const FerryCandidate *first = s5b->candidates->pdata[0];
  g_assert_cmpstr (first->host, ==, "192.0.2.7");
  g_assert_cmpuint (first->port, ==, 40211);
  g_assert_cmpuint (first->priority, ==, 8307557);
  g_assert_false (ferry_candidate_is_proxy (first));
  g_assert_true (ferry_candidate_is_proxy (s5b->candidates->pdata[1]));
  g_assert_cmpint (s5b->report, ==, FERRY_JINGLE_S5B_NO_REPORT);

  g_autoptr (FerryNode) again = ferry_jingle_s5b_to_node (s5b);
  ferry_test_assert_node (again, xml);
}

static void
test_reports (void)
{
  g_test_summary ("Each of the four reports is read and written");
  static const struct
  {
    const char *child;
    FerryJingleS5bReport report;
    const char *cid;
  } cases[] = {
    { "<candidate-used cid='x'/>", FERRY_JINGLE_S5B_USED, "x" },
    { "<candidate-error/>", FERRY_JINGLE_S5B_ERROR, NULL },
    { "<activated cid='y'/>", FERRY_JINGLE_S5B_ACTIVATED, "y" },
    { "<proxy-error/>", FERRY_JINGLE_S5B_PROXY_ERROR, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml =
          g_strdup_printf (TRANSPORT "sid='s'>%s</transport>", cases[i].child);
      g_autoptr (FerryJingleS5b) s5b = parse (xml);
      g_assert_cmpint (s5b->report, ==, cases[i].report);
      g_assert_cmpstr (s5b->cid, ==, cases[i].cid);
      g_autoptr (FerryNode) again = ferry_jingle_s5b_to_node (s5b);
      ferry_test_assert_node (again, xml);
    }
}

static void
test_refused (void)
{
  g_test_summary ("What is not a TCP transport with a sid is refused");
  static const struct
  {
    const char *xml;
    FerryError code;
  } cases[] = {
    { "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='s'/>", FERRY_ERROR_PROTOCOL },
    { TRANSPORT "/>", FERRY_ERROR_PROTOCOL },
    { TRANSPORT "sid=''/>", FERRY_ERROR_PROTOCOL },
    { TRANSPORT "sid='s' mode='udp'/>", FERRY_ERROR_UNSUPPORTED },
    { TRANSPORT "sid='s'><candidate-used/></transport>", FERRY_ERROR_PROTOCOL },
    { TRANSPORT "sid='s'><activated cid=''/></transport>", FERRY_ERROR_PROTOCOL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerryNode) node = ferry_test_node (cases[i].xml);
      g_autoptr (GError) error = NULL;
      g_test_message ("%s", cases[i].xml);
      g_assert_null (ferry_jingle_s5b_parse (node, &error));
      g_assert_error (error, FERRY_ERROR, (int) cases[i].code);
    }
}

static void
test_candidates (void)
{
  g_test_summary (
      "A candidate with a bad value is left out; missing port and type have defaults");
  static const struct
  {
    const char *attrs;
    gboolean is_good;
  } cases[] = {
    { "cid='a' host='h.example' jid='a@b/c' priority='1'", TRUE },
    { "cid='a' host='h.example' jid='a@b/c' priority='1' type='tunnel' port='65535'", TRUE },
    { "cid='a' host='h.example' jid='a@b/c' priority='1' type='magic'", FALSE },
    { "cid='a' host='h.example' jid='a@b/c' priority='1' port='0'", FALSE },
    { "cid='a' host='h.example' jid='a@b/c' priority='1' port='65536'", FALSE },
    { "cid='a' host='h.example' jid='a@b/c' priority='1' port='-1'", FALSE },
    { "cid='a' host='h.example' jid='a@b/c' priority='0'", FALSE },
    { "cid='a' host='h.example' jid='a@b/c' priority='2147483648'", FALSE },
    { "cid='a' host='h.example' jid='a@b/c'", FALSE },
    { "cid='a' host='h.example' jid='@' priority='1'", FALSE },
    { "cid='a' host='h.example' priority='1'", FALSE },
    { "cid='a' host='' jid='a@b/c' priority='1'", FALSE },
    { "cid='' host='h.example' jid='a@b/c' priority='1'", FALSE },
    { "host='h.example' jid='a@b/c' priority='1'", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml =
          g_strdup_printf (TRANSPORT "sid='s'><candidate %s/></transport>", cases[i].attrs);
      g_autoptr (FerryJingleS5b) s5b = parse (xml);
      g_test_message ("%s", cases[i].attrs);
      g_assert_cmpuint (s5b->candidates->len, ==, cases[i].is_good ? 1 : 0);
      if (i == 0)
        {
          const FerryCandidate *candidate = s5b->candidates->pdata[0];
          g_assert_cmpuint (candidate->port, ==, 1080);
          g_assert_cmpint (candidate->type, ==, FERRY_CANDIDATE_DIRECT);
        }
    }
}

static void
test_limits (void)
{
  g_test_summary ("Of too many candidates the first are taken, a repeated cid counts once");
  g_autoptr (GString) xml = g_string_new (TRANSPORT "sid='s' dstaddr='not\303\251'>");

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (xml,
                            "<candidate cid='%u' host='h.example' jid='a@b' priority='1' "
                            "type='%s'/>",
                            i / 2, i < 100 ? "proxy" : "direct");
  g_string_append (xml, "</transport>");
  g_autoptr (FerryJingleS5b) s5b = parse (xml->str);
  g_assert_null (s5b->dstaddr);
  g_assert_cmpuint (s5b->candidates->len, ==, FERRY_JINGLE_S5B_MAX_CANDIDATES);
  for (guint i = 0; i < s5b->candidates->len; i++)
    g_assert_cmpint (ferry_candidate_is_proxy (s5b->candidates->pdata[i]), ==,
                     i < FERRY_JINGLE_S5B_MAX_PROXIES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytestream/jingle-s5b/offer", test_offer);
  g_test_add_func ("/bytestream/jingle-s5b/reports", test_reports);
  g_test_add_func ("/bytestream/jingle-s5b/refused", test_refused);
  g_test_add_func ("/bytestream/jingle-s5b/candidates", test_candidates);
  g_test_add_func ("/bytestream/jingle-s5b/limits", test_limits);
  return g_test_run ();
}
