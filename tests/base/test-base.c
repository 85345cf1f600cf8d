/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-decimal.h"
#include "base/ferry-error.h"
#include "base/ferry-hash.h"
#include "base/ferry-id.h"
#include "base/ferry-jid.h"

#include <string.h>

static void
test_decimal (void)
{
  g_test_summary ("Numbers from a peer are 1 to 19 digits within the limit, and nothing else");
  static const char *const bad[] = { "",     "-1",
                                     "+5",   "1e9",
                                     "0x10", "12345678901234567890",
                                     "1 ",   " 1",
                                     "1.",   "9223372036854775808",
                                     "٣" };
  guint64 value = 77;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (ferry_decimal_parse (bad[i], FERRY_SIZE_MAX, &value));
  g_assert_false (ferry_decimal_parse (NULL, FERRY_SIZE_MAX, &value));
  g_assert_cmpuint (value, ==, 77);
  g_assert_true (ferry_decimal_parse ("9223372036854775807", FERRY_SIZE_MAX, &value));
  g_assert_cmpuint (value, ==, FERRY_SIZE_MAX);
  g_assert_true (ferry_decimal_parse ("0010", 10, &value));
  g_assert_cmpuint (value, ==, 10);
  g_assert_false (ferry_decimal_parse ("11", 10, &value));
}

static void
test_jid (void)
{
  g_test_summary ("Addresses are split, folded and compared by RFC 7622");
  static const struct
  {
    const char *in;
    const char *out; /* NULL: not an address */
  } cases[] = {
    { "Juliet@Capulet.LIT/Balcony", "juliet@capulet.lit/Balcony" },
    { "example.com", "example.com" },
    { "example.com./x", "example.com/x" },
    { "example.com../x", NULL },
    { "example.com\343\200\202", "example.com" }, /* U+3002 is a dot too */
    { "example.com.\343\200\202", NULL },
    { "example..com", NULL },
    { ".example.com", NULL },
    { "a@b/c@d/e", "a@b/c@d/e" },
    { "example.com/a@b", "example.com/a@b" },
    { "b\303\234cher@M\303\234nchen.example", "b\303\274cher@m\303\274nchen.example" },
    { "x@xn--mnchen-3ya.example", "x@m\303\274nchen.example" },
    { "a@[::1]", "a@[::1]" },
    { "", NULL },
    { "@b", NULL },
    { "a@", NULL },
    { "a@b/", NULL },
    { "a b@c", NULL },
    { "a@b@c", NULL },
    { "a\"x@c", NULL },
    { "a@b\n", NULL },
    { "a@b/\x01", NULL },
    { "\xff@b", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerryJid) jid = ferry_jid_new (cases[i].in, NULL);
      g_test_message ("%s", cases[i].in);
      g_assert_cmpstr (jid != NULL ? ferry_jid_get_text (jid) : NULL, ==, cases[i].out);
    }

  g_autofree char *long_part = g_strnfill (1024, 'a');
  g_autofree char *too_long = g_strconcat (long_part, "@b", NULL);
  g_autoptr (FerryJid) jid = ferry_jid_new (too_long, NULL);
  g_assert_null (jid);

  g_autoptr (FerryJid) full = ferry_jid_new ("a@b/c", NULL);
  g_autoptr (FerryJid) bare = ferry_jid_dup_bare (full);
  g_assert_cmpstr (ferry_jid_get_text (bare), ==, "a@b");
  g_assert_cmpstr (ferry_jid_get_bare (full), ==, "a@b");
  g_assert_true (ferry_jid_is_bare (bare));
  g_assert_true (ferry_jid_equal_bare (full, bare));
  g_assert_false (ferry_jid_equal (full, bare));
}

static void
test_hash (void)
{
  g_test_summary ("DST.ADDR vectors of XEP-0260, known digests, strict base64");
  g_autofree char *dstaddr = ferry_hash_sha1_hex ("vj3hs98y", "romeo@montague.lit/orchard",
                                                  "juliet@capulet.lit/balcony", NULL);
  g_assert_cmpstr (dstaddr, ==, "972b7bf47291ca609517f67f86b5081086052dad");
  g_autofree char *swapped = ferry_hash_sha1_hex ("ferry-s1", "ben@south.example/sofa",
                                                  "anna@north.example/desk", NULL);
  g_assert_cmpstr (swapped, ==, "fe5464395f0e462951310690553aa5f621452128");

  static const FerryHashAlgo available[] = { FERRY_HASH_SHA1,     FERRY_HASH_SHA256,
                                             FERRY_HASH_SHA512,   FERRY_HASH_SHA3_256,
                                             FERRY_HASH_SHA3_512, FERRY_HASH_BLAKE2B_512 };
  for (guint i = 0; i < G_N_ELEMENTS (available); i++)
    {
      g_autoptr (FerryHasher) hasher = ferry_hasher_new (available[i]);
      FerryHash hash, again;
      g_assert_nonnull (hasher);
      ferry_hasher_update (hasher, "abc", 3);
      ferry_hasher_finish (hasher, &hash);
      g_autofree char *base64 = ferry_hash_to_base64 (&hash);
      g_assert_true (ferry_hash_parse_base64 (available[i], base64, &again));
      g_assert_true (ferry_hash_equal (&hash, &again));
      g_autofree char *hex = ferry_hash_to_hex (&hash);
      g_assert_true (ferry_hash_parse_hex (available[i], hex, &again));
      g_assert_true (ferry_hash_equal (&hash, &again));
      if (available[i] == FERRY_HASH_SHA256)
        g_assert_cmpstr (hex, ==,
                         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
      g_assert_cmpint (ferry_hash_algo_from_name (ferry_hash_algo_get_name (available[i])), ==,
                       available[i]);
    }

  FerryHash out;
  g_assert_true (ferry_hash_parse_base64 (
      FERRY_HASH_SHA256, " 2XarmwTlNxDAMkvymloX3S5+\nVbylNrJt/l5QyPa+YoU= ", &out));
  g_assert_false (ferry_hash_parse_base64 (FERRY_HASH_SHA256, "2XarmwTl", &out));
  g_assert_false (ferry_hash_parse_base64 (
      FERRY_HASH_SHA256, "2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+Y!U=", &out));
  g_assert_false (ferry_hash_parse_base64 (FERRY_HASH_SHA256, NULL, &out));
  g_assert_cmpint (ferry_hash_algo_from_name ("md5"), ==, FERRY_HASH_NONE);
}

static void
test_node_print (void)
{
  g_test_summary ("What is printed reads back; what XML cannot hold is left out");
  g_autoptr (FerryNode) node = ferry_node_new ("iq", "jabber:client");
  FerryNode *query = ferry_node_add (node, "query", "urn:q", NULL);
  ferry_node_set_attrs (query, "name", "a'b<c>&\n\"", "none", NULL, NULL);
  ferry_node_add (query, "item", NULL, "x\x01y\xff\xef\xbf\xbez");
  g_autofree char *text = ferry_node_to_string (node);

  g_assert_cmpstr (text, ==,
                   "<iq xmlns='jabber:client'><query xmlns='urn:q' "
                   "name='a&apos;b&lt;c&gt;&amp;&#10;\"'><item>xyz</item></query></iq>");
  g_assert_cmpstr (ferry_node_get_ns (ferry_node_get_child (query, "item", "urn:q")), ==,
                   "urn:q");
  g_autoptr (FerryNode) again = ferry_test_node (text);
  g_assert_cmpstr (ferry_node_get_attr (ferry_node_get_child (again, "query", NULL), "name"),
                   ==, "a'b<c>&\n\"");
}

static void
test_node_parse (void)
{
  g_test_summary ("Namespaces resolve; depth is bounded; nonsense is an error");
  g_autoptr (FerryNode) node =
      ferry_test_node ("<a xmlns='x' xmlns:p='y'><p:b/><c><d xmlns=''/></c>t<!-- c -->u</a>");
  g_assert_nonnull (ferry_node_get_child (node, "b", "y"));
  g_assert_nonnull (ferry_node_get_child (node, "c", "x"));
  g_assert_cmpstr (ferry_node_get_text (node), ==, "tu");

  g_autoptr (GString) deep = g_string_new (NULL);
  for (guint i = 0; i < 100000; i++)
    g_string_append (deep, "<a>");
  static const char *const bad[] = { "",
                                     "<a>",
                                     "<a/><b/>",
                                     "<p:a/>",
                                     "<a b='1' b='2'/><",
                                     "x",
                                     "<a>\b</a>",
                                     "<a>&#8;</a>",
                                     "<a b='\x1f'/>",
                                     "<a: xmlns:a='x'/>",
                                     "<a:b:c xmlns:a='x'/>",
                                     "<a>\xEF\xBF\xBE</a>" };
  g_autoptr (GError) error = NULL;
  g_assert_null (ferry_node_parse (deep->str, -1, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (ferry_node_parse (bad[i], -1, NULL));
}

static void
test_node_late_namespace (void)
{
  g_test_summary ("A subtree without a namespace takes that of the parent it is added to");
  FerryNode *inner = ferry_node_new ("transport", NULL);
  ferry_node_add (inner, "candidate", NULL, NULL);
  g_autoptr (FerryNode) outer = ferry_node_new ("content", "urn:o");
  ferry_node_take_child (outer, inner);
  ferry_test_assert_node (
      outer, "<content xmlns='urn:o'><transport><candidate/></transport></content>");
}

static void
test_id (void)
{
  g_test_summary ("Ids are NMTOKENs and do not repeat");
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < 1000; i++)
    {
      char *id = ferry_id_new ();
      g_assert_cmpuint (strlen (id), ==, 20);
      g_assert_true (g_ascii_isalpha (id[0]));
      g_assert_true (g_hash_table_add (seen, id));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/decimal", test_decimal);
  g_test_add_func ("/base/jid", test_jid);
  g_test_add_func ("/base/hash", test_hash);
  g_test_add_func ("/base/id", test_id);
  g_test_add_func ("/base/node/print", test_node_print);
  g_test_add_func ("/base/node/parse", test_node_parse);
  g_test_add_func ("/base/node/late-namespace", test_node_late_namespace);
  return g_test_run ();
}
