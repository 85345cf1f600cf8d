/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "xmpp/ferry-reply-cache.h"
#include "xmpp/ferry-stanza-error.h"

#include <string.h>

#define ERROR(inner) "<iq xmlns='jabber:client' type='error'>" inner "</iq>"
#define STANZAS "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'"

static void
test_parse (void)
{
  g_test_summary (
      "Conditions, legacy codes, and what is neither, become the errors of the table");
  static const struct
  {
    const char *xml;
    FerryStanzaCondition condition;
    FerryError code;
  } cases[] = {
    { ERROR ("<error type='auth'><forbidden " STANZAS "/></error>"), FERRY_STANZA_FORBIDDEN,
      FERRY_ERROR_FORBIDDEN },
    { ERROR ("<error><text " STANZAS ">x</text><gone " STANZAS "/></error>"), FERRY_STANZA_GONE,
      FERRY_ERROR_GONE },
    { ERROR ("<error code='403'/>"), FERRY_STANZA_FORBIDDEN, FERRY_ERROR_FORBIDDEN },
    { ERROR ("<error code='503'>Not here</error>"), FERRY_STANZA_SERVICE_UNAVAILABLE,
      FERRY_ERROR_UNSUPPORTED },
    { ERROR ("<error code='404'><conflict " STANZAS "/></error>"), FERRY_STANZA_CONFLICT,
      FERRY_ERROR_PROTOCOL },
    { ERROR ("<error><new-one " STANZAS "/></error>"), FERRY_STANZA_UNDEFINED_CONDITION,
      FERRY_ERROR_PROTOCOL },
    { ERROR ("<error code='999'/>"), FERRY_STANZA_UNDEFINED_CONDITION, FERRY_ERROR_PROTOCOL },
    { ERROR (""), FERRY_STANZA_UNDEFINED_CONDITION, FERRY_ERROR_PROTOCOL },
    { ERROR ("<error><text " STANZAS ">[gone]</text><bad-request " STANZAS "/></error>"),
      FERRY_STANZA_BAD_REQUEST, FERRY_ERROR_PROTOCOL },
    { ERROR ("<error type='wait'><resource-constraint " STANZAS
             "/><paused xmlns='urn:ferry:files:0'/></error>"),
      FERRY_STANZA_RESOURCE_CONSTRAINT, FERRY_ERROR_PAUSED },
    { ERROR ("<error type='wait'><resource-constraint " STANZAS
             "/><paused xmlns='x'/></error>"),
      FERRY_STANZA_RESOURCE_CONSTRAINT, FERRY_ERROR_BUSY },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int code = cases[i].code;
      g_autoptr (FerryNode) stanza = ferry_test_node (cases[i].xml);
      g_autoptr (GError) error = ferry_stanza_error_parse (stanza);
      g_assert_error (error, FERRY_ERROR, code);
      g_prefix_error (&error, "Could not ask [%s]: ", "item-not-found");
      g_assert_cmpint (ferry_stanza_error_get_condition (error), ==, cases[i].condition);
    }

  g_autoptr (GError) plain = g_error_new (FERRY_ERROR, FERRY_ERROR_TIMEOUT, "no answer");
  g_autoptr (GError) foreign = g_error_new (G_FILE_ERROR, G_FILE_ERROR_IO, "x [gone]");
  g_assert_cmpint (ferry_stanza_error_get_condition (plain), ==,
                   FERRY_STANZA_UNDEFINED_CONDITION);
  g_assert_cmpint (ferry_stanza_error_get_condition (foreign), ==,
                   FERRY_STANZA_UNDEFINED_CONDITION);
}

static void
test_text (void)
{
  g_test_summary ("The peer's words are kept on one line and cut at a character's boundary");
  g_autofree char *many = g_strnfill (499, 'x');
  g_autofree char *xml = g_strdup_printf (
      ERROR ("<error><gone " STANZAS "/><text " STANZAS ">%s\303\234y</text></error>"), many);
  g_autoptr (FerryNode) stanza = ferry_test_node (xml);
  g_autoptr (GError) error = ferry_stanza_error_parse (stanza);
  g_autofree char *expected = g_strconcat (many, " [gone]", NULL);
  g_assert_cmpstr (error->message, ==, expected);

  g_autoptr (FerryNode) lines = ferry_test_node (
      ERROR ("<error><gone " STANZAS "/><text " STANZAS ">a\nb&#9;c</text></error>"));
  g_autoptr (GError) line = ferry_stanza_error_parse (lines);
  g_assert_cmpstr (line->message, ==, "a b c [gone]");
}

static void
test_write (void)
{
  g_test_summary ("Each condition is written with its type and read back; details are found");
  for (guint i = 0; i <= FERRY_STANZA_UNEXPECTED_REQUEST; i++)
    {
      g_autoptr (FerryNode) stanza = ferry_node_new ("iq", "jabber:client");
      ferry_node_take_child (stanza, ferry_stanza_error_to_node (i, NULL));
      g_autoptr (GError) error = ferry_stanza_error_parse (stanza);
      g_assert_cmpint (ferry_stanza_error_get_condition (error), ==, i);
    }

  g_autoptr (FerryNode) iq = ferry_node_new ("iq", "jabber:client");
  ferry_node_take_child (
      iq, ferry_stanza_error_to_node (FERRY_STANZA_ITEM_NOT_FOUND,
                                      ferry_node_new ("unknown-session", "urn:e")));
  ferry_test_assert_node (iq, "<iq xmlns='jabber:client'><error type='cancel'>"
                              "<item-not-found " STANZAS "/><unknown-session xmlns='urn:e'/>"
                              "</error></iq>");
  g_assert_true (ferry_stanza_error_has_detail (iq, "unknown-session", "urn:e"));
  g_assert_false (ferry_stanza_error_has_detail (iq, "unknown-session", "urn:f"));
}

/* --- Replies that are kept -------------------------------------------------------------------
 */

static FerryNode *
make_request (const char *from, guint id)
{
  FerryNode *iq = ferry_node_new ("iq", "jabber:client");
  ferry_node_set_attrs (iq, "type", "set", "from", from, NULL);
  ferry_node_set_attr_uint (iq, "id", id);
  return iq;
}

static FerryReplyState
begin (FerryReplyCache *cache, const char *from, guint id, gint64 now_us)
{
  g_autoptr (FerryNode) request = make_request (from, id);
  g_autoptr (FerryNode) answer = ferry_node_new ("iq", "jabber:client");
  FerryNode *reply = NULL;
  FerryReplyState state = ferry_reply_cache_begin (cache, request, now_us, &reply);
  if (state == FERRY_REPLY_NEW)
    ferry_reply_cache_finish (cache, request, answer, now_us);
  g_assert_true ((reply != NULL) == (state == FERRY_REPLY_KNOWN));
  return state;
}

static void
test_reply_cache (void)
{
  g_test_summary ("Answers are kept for 120 s, 32 for each peer, and no more than 512");
  g_autoptr (FerryReplyCache) cache = ferry_reply_cache_new ();
  const gint64 s = G_TIME_SPAN_SECOND;

  g_assert_cmpint (begin (cache, "a", 0, 0), ==, FERRY_REPLY_NEW);
  g_assert_cmpint (begin (cache, "a", 0, 120 * s), ==, FERRY_REPLY_KNOWN);
  g_assert_cmpint (begin (cache, "b", 0, 120 * s), ==, FERRY_REPLY_NEW);
  g_assert_cmpint (begin (cache, "a", 0, 121 * s), ==, FERRY_REPLY_NEW);

  for (guint i = 1; i < 32; i++)
    g_assert_cmpint (begin (cache, "a", i, 122 * s), ==, FERRY_REPLY_NEW);
  g_assert_cmpint (begin (cache, "a", 0, 123 * s), ==, FERRY_REPLY_KNOWN);
  g_assert_cmpint (begin (cache, "a", 32, 123 * s), ==, FERRY_REPLY_NEW);
  g_assert_cmpint (begin (cache, "a", 1, 123 * s), ==, FERRY_REPLY_KNOWN);
  g_assert_cmpint (begin (cache, "a", 0, 123 * s), ==, FERRY_REPLY_NEW);

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *from = g_strdup_printf ("p%u", i);
      begin (cache, from, 0, 124 * s);
    }
  g_assert_cmpuint (ferry_reply_cache_get_size (cache), ==, 512);
  begin (cache, "z", 0, 500 * s);
  g_assert_cmpuint (ferry_reply_cache_get_size (cache), ==, 1);

  g_autoptr (FerryNode) open = make_request ("a", 77);
  FerryNode *reply = NULL;
  g_assert_cmpint (ferry_reply_cache_begin (cache, open, 501 * s, &reply), ==, FERRY_REPLY_NEW);
  g_assert_cmpint (ferry_reply_cache_begin (cache, open, 999 * s, &reply), ==,
                   FERRY_REPLY_PENDING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stanza-error/parse", test_parse);
  g_test_add_func ("/stanza-error/text", test_text);
  g_test_add_func ("/stanza-error/write", test_write);
  g_test_add_func ("/reply-cache", test_reply_cache);
  return g_test_run ();
}
