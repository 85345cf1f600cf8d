/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "signalling/si/ferry-si-offer.h"

#include <string.h>

#define SI_OPEN                                                                                \
  "<si xmlns='http://jabber.org/protocol/si' id='s7' "                                         \
  "profile='http://jabber.org/protocol/si/profile/file-transfer'"
#define FILE_NS " xmlns='http://jabber.org/protocol/si/profile/file-transfer'"
#define FORM(type, inner)                                                                      \
  "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' "          \
  "type='" type "'>" inner "</x></feature>"
#define METHODS                                                                                \
  "<option><value>http://jabber.org/protocol/bytestreams</value></option>"                     \
  "<option><value>http://jabber.org/protocol/ibb</value></option>"
#define BOTH FORM ("form", "<field var='stream-method' type='list-single'>" METHODS "</field>")
#define MULTIPLE(inner)                                                                        \
  "<si-multiple xmlns='http://telepathy.freedesktop.org/xmpp/si-multiple'>" inner              \
  "</si-multiple>"
#define IBB "http://jabber.org/protocol/ibb"
#define S5B "http://jabber.org/protocol/bytestreams"

static const FerrySecurity in_clear = { .kind = FERRY_SECURITY_NONE };

static FerrySiOffer *
parse (const char *xml, FerrySiRefusal *refusal)
{
  g_autoptr (FerryNode) node = ferry_test_node (xml);
  g_autoptr (GError) error = NULL;
  FerrySiOffer *offer = ferry_si_offer_parse (node, refusal, &error);

  g_assert_true ((offer == NULL) == (error != NULL));
  g_assert_true ((offer == NULL) == (*refusal != FERRY_SI_REFUSAL_NONE));
  return offer;
}

static void
test_offer (void)
{
  g_test_summary ("Everything that an offer can say");
  FerrySiRefusal refusal;
  g_autoptr (FerrySiOffer) offer = parse (
      SI_OPEN " mime-type='text/plain'><file" FILE_NS
              " name='notes.txt' size='1022' date='2024-03-01T09:30:00Z' "
              "hash='552da749930852c69ae5d2141d3766b1'><desc>for Monday</desc><range/>"
              "<transfer xmlns='urn:ferry:files:0' id='t1'/></file>" BOTH MULTIPLE ("") "</si>",
      &refusal);

  g_assert_cmpstr (offer->id, ==, "s7");
  g_assert_cmpstr (offer->file->name, ==, "notes.txt");
  g_assert_cmpint (offer->file->size, ==, 1022);
  g_assert_cmpstr (offer->file->media_type, ==, "text/plain");
  g_assert_cmpstr (offer->file->desc, ==, "for Monday");
  g_autofree char *date = ferry_file_info_format_date (offer->file);
  g_assert_cmpstr (date, ==, "2024-03-01T09:30:00Z");
  g_assert_cmpint (offer->file->hash.algo, ==, FERRY_HASH_NONE);
  g_assert_true (offer->file->ranged);
  g_assert_cmpstr (offer->file->transfer_id, ==, "t1");
  g_assert_true (offer->is_multiple);
  g_assert_cmpuint (offer->methods.n_items, ==, 2);
  g_assert_cmpint (offer->methods.items[0], ==, FERRY_SI_S5B);
  g_assert_cmpint (offer->methods.items[1], ==, FERRY_SI_INBAND);

  g_autoptr (FerryNode) printed =
      ferry_si_offer_to_node (offer->id, offer->file, offer->methods, &offer->security);
  g_autoptr (FerrySiOffer) again = ferry_si_offer_parse (printed, &refusal, NULL);
  g_autoptr (FerryNode) printed_again =
      ferry_si_offer_to_node (again->id, again->file, again->methods, &again->security);
  g_assert_true (ferry_node_equal (printed, printed_again));
  g_assert_cmpstr (again->file->transfer_id, ==, "t1");
}

static void
test_offer_variants (void)
{
  g_test_summary ("What clients write differently, and surplus that is ignored");
  static const struct
  {
    const char *xml;
    guint n_methods;
    FerrySiMethod first;
    const char *media_type;
  } cases[] = {
    /* gabble: the media type on the file */
    { SI_OPEN "><file" FILE_NS " name='a' size='0' mime-type='image/png'/>" BOTH "</si>", 2,
      FERRY_SI_S5B, "image/png" },
    /* XEP-0137, example 9: no form at all */
    { SI_OPEN "><file" FILE_NS " name='a' size='7'/></si>", 1, FERRY_SI_S5B, NULL },
    /* another field first, unknown and repeated methods, blank text */
    { SI_OPEN "><file" FILE_NS " name='a' size='007' date='yesterday'/>" FORM (
          "form", "<field var='x'/><field var='stream-method'>"
                  "<option><value> " IBB "\n</value></option>"
                  "<option><value>urn:x</value></option><option/>"
                  "<option><value>" IBB "</value></option></field>") "</si>",
      1, FERRY_SI_INBAND, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerrySiRefusal refusal;
      g_autoptr (FerrySiOffer) offer = parse (cases[i].xml, &refusal);
      g_assert_nonnull (offer);
      g_assert_cmpuint (offer->methods.n_items, ==, cases[i].n_methods);
      g_assert_cmpint (offer->methods.items[0], ==, cases[i].first);
      g_assert_cmpstr (offer->file->media_type, ==, cases[i].media_type);
      g_assert_false (offer->is_multiple);
      g_assert_null (offer->file->date);
    }
}

static void
test_offer_refused (void)
{
  g_test_summary ("Each impossible offer has its refusal");
  static const struct
  {
    const char *xml;
    FerrySiRefusal refusal;
  } cases[] = {
    { "<si xmlns='urn:x'/>", FERRY_SI_REFUSAL_MALFORMED },
    { "<si xmlns='http://jabber.org/protocol/si' id='1'/>", FERRY_SI_REFUSAL_BAD_PROFILE },
    { SI_OPEN ">" BOTH "</si>", FERRY_SI_REFUSAL_MALFORMED },
    { SI_OPEN "><file" FILE_NS " size='1'/>" BOTH "</si>", FERRY_SI_REFUSAL_MALFORMED },
    { SI_OPEN "><file" FILE_NS " name='' size='1'/>" BOTH "</si>", FERRY_SI_REFUSAL_MALFORMED },
    { SI_OPEN "><file" FILE_NS " name='a'/>" BOTH "</si>", FERRY_SI_REFUSAL_MALFORMED },
    { SI_OPEN "><file" FILE_NS " name='a' size='-1'/>" BOTH "</si>",
      FERRY_SI_REFUSAL_MALFORMED },
    { SI_OPEN "><file" FILE_NS " name='a' size='+5'/>" BOTH "</si>",
      FERRY_SI_REFUSAL_MALFORMED },
    { SI_OPEN "><file" FILE_NS " name='a' size='0x10'/>" BOTH "</si>",
      FERRY_SI_REFUSAL_MALFORMED },
    { SI_OPEN "><file" FILE_NS " name='a' size='1 '/>" BOTH "</si>",
      FERRY_SI_REFUSAL_MALFORMED },
    { SI_OPEN "><file" FILE_NS " name='a' size='9223372036854775808'/>" BOTH "</si>",
      FERRY_SI_REFUSAL_MALFORMED },
    { "<si xmlns='http://jabber.org/protocol/si' "
      "profile='http://jabber.org/protocol/si/profile/file-transfer'><file" FILE_NS
      " name='a' size='1'/>" BOTH "</si>",
      FERRY_SI_REFUSAL_MALFORMED },
    { SI_OPEN "><file" FILE_NS " name='a' size='1'/>" FORM ("form", "<field var='x'/>") "</si>",
      FERRY_SI_REFUSAL_MALFORMED },
    { SI_OPEN "><file" FILE_NS
              " name='a' size='1'/>" FORM ("form", "<field var='stream-method'/>") "</si>",
      FERRY_SI_REFUSAL_NO_STREAMS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerrySiRefusal refusal;
      g_autoptr (FerrySiOffer) offer = parse (cases[i].xml, &refusal);
      g_assert_null (offer);
      g_assert_cmpint (refusal, ==, cases[i].refusal);
    }
}

static void
test_long_id (void)
{
  g_test_summary ("Ids up to 256 bytes, names up to 1023");
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *id = g_strnfill (i == 0 ? 257 : 256, 'i');
      g_autofree char *name = g_strnfill (i == 1 ? 1024 : 1023, 'n');
      g_autofree char *xml = g_strdup_printf (
          "<si xmlns='http://jabber.org/protocol/si' id='%s' "
          "profile='http://jabber.org/protocol/si/profile/file-transfer'><file" FILE_NS
          " name='%s' size='1'/>" BOTH "</si>",
          id, name);
      FerrySiRefusal refusal;
      g_autoptr (FerrySiOffer) offer = parse (xml, &refusal);
      g_assert_true ((offer != NULL) == (i > 1));
    }
}

static void
test_offer_printed (void)
{
  g_test_summary (
      "gabble wants list-single, iris <field/> first and alone; one method needs no "
      "si-multiple");
  g_autoptr (FerryFileInfo) file = ferry_file_info_new ("a.txt", 3);
  FerrySiMethods methods = { 2, { FERRY_SI_S5B, FERRY_SI_INBAND } };
  g_autoptr (FerryNode) both = ferry_si_offer_to_node ("s7", file, methods, &in_clear);

  ferry_test_assert_node (both, SI_OPEN "><file" FILE_NS
                                        " name='a.txt' size='3'/>" BOTH MULTIPLE ("") "</si>");
  methods = ferry_si_methods_filter (&methods, FERRY_SI_INBAND);
  g_autoptr (FerryNode) one = ferry_si_offer_to_node ("s7", file, methods, &in_clear);
  ferry_test_assert_node (
      one, SI_OPEN "><file" FILE_NS " name='a.txt' size='3'/>" FORM (
               "form", "<field var='stream-method' type='list-single'><option><value>" IBB
                       "</value></option></field>") "</si>");
}

#define ANSWER(inner) "<si xmlns='http://jabber.org/protocol/si'>" inner "</si>"
#define CHOSEN(ns) FORM ("submit", "<field var='stream-method'><value>" ns "</value></field>")
#define RANGE(attrs) "<file" FILE_NS "><range " attrs "/></file>"

static void
test_answer (void)
{
  g_test_summary ("A form, a list, both; ranges of a file of 1000 bytes");
  static const struct
  {
    const char *xml;
    gboolean is_good;
    guint n_methods;
    FerrySiMethod first;
    guint64 offset;
    gint64 length;
  } cases[] = {
    { ANSWER (CHOSEN (S5B)), TRUE, 1, FERRY_SI_S5B, 0, -1 },
    { ANSWER (MULTIPLE ("<value>" IBB "</value><value>" S5B "</value>")), TRUE, 2,
      FERRY_SI_INBAND, 0, -1 },
    { ANSWER (CHOSEN (S5B) MULTIPLE ("<value>" IBB "</value>")), TRUE, 1, FERRY_SI_INBAND, 0,
      -1 },
    { ANSWER (MULTIPLE ("<value>urn:x</value><value>" IBB "</value>")), TRUE, 1,
      FERRY_SI_INBAND, 0, -1 },
    { ANSWER (RANGE ("offset='512'") CHOSEN (IBB)), TRUE, 1, FERRY_SI_INBAND, 512, -1 },
    { ANSWER (RANGE ("offset='1000'") CHOSEN (IBB)), TRUE, 1, FERRY_SI_INBAND, 1000, -1 },
    { ANSWER (RANGE ("offset='10' length='990'") CHOSEN (IBB)), TRUE, 1, FERRY_SI_INBAND, 10,
      990 },
    { ANSWER (RANGE ("length='0'") CHOSEN (IBB)), TRUE, 1, FERRY_SI_INBAND, 0, -1 },
    { ANSWER (RANGE ("offset='1001'") CHOSEN (IBB)), FALSE },
    { ANSWER (RANGE ("offset='10' length='991'") CHOSEN (IBB)), FALSE },
    { ANSWER (RANGE ("offset='1' length='18446744073709551615'") CHOSEN (IBB)), FALSE },
    { ANSWER (RANGE ("offset='-1'") CHOSEN (IBB)), FALSE },
    { ANSWER (MULTIPLE ("") CHOSEN (IBB)), FALSE },
    { ANSWER (CHOSEN ("urn:x")), FALSE },
    { ANSWER (""), FALSE },
    { "<si xmlns='urn:x'/>", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerryNode) node = ferry_test_node (cases[i].xml);
      g_autoptr (GError) error = NULL;
      FerrySiAnswer answer;
      g_assert_cmpint (ferry_si_answer_parse (node, 1000, &answer, &error), ==,
                       cases[i].is_good);
      if (!cases[i].is_good)
        {
          g_assert_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpuint (answer.methods.n_items, ==, cases[i].n_methods);
      g_assert_cmpint (answer.methods.items[0], ==, cases[i].first);
      g_assert_cmpuint (answer.range.offset, ==, cases[i].offset);
      g_assert_cmpint (answer.range.length, ==, cases[i].length);
    }
  g_assert_false (ferry_si_answer_parse (NULL, 0, &(FerrySiAnswer){ 0 }, NULL));
}

static void
test_answer_printed (void)
{
  g_test_summary ("Never both, and the form names one way only");
  const FerrySiMethods methods = { 2, { FERRY_SI_S5B, FERRY_SI_INBAND } };
  g_autoptr (FerryNode) form = ferry_si_answer_to_node (methods, FALSE, NULL, &in_clear);
  g_autoptr (FerryNode) list = ferry_si_answer_to_node (methods, TRUE, NULL, &in_clear);

  g_autoptr (FerryNode) part =
      ferry_si_answer_to_node (methods, FALSE, &(FerryRange){ 512, -1 }, &in_clear);

  ferry_test_assert_node (form, ANSWER (CHOSEN (S5B)));
  ferry_test_assert_node (part, ANSWER (RANGE ("offset='512'") CHOSEN (S5B)));
  ferry_test_assert_node (list,
                          ANSWER (MULTIPLE ("<value>" S5B "</value><value>" IBB "</value>")));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/si/parsers/offer", test_offer);
  g_test_add_func ("/si/parsers/offer-variants", test_offer_variants);
  g_test_add_func ("/si/parsers/offer-refused", test_offer_refused);
  g_test_add_func ("/si/parsers/long-id", test_long_id);
  g_test_add_func ("/si/parsers/offer-printed", test_offer_printed);
  g_test_add_func ("/si/parsers/answer", test_answer);
  g_test_add_func ("/si/parsers/answer-printed", test_answer_printed);
  return g_test_run ();
}
