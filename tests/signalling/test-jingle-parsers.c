/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "signalling/jingle/ferry-jingle-build.h"
#include "signalling/jingle/ferry-jingle-event.h"

#define JINGLE(attrs, inner) "<jingle xmlns='urn:xmpp:jingle:1' " attrs ">" inner "</jingle>"
#define FT "urn:xmpp:jingle:apps:file-transfer:5"
#define FILE_WITH(inner) "<description xmlns='" FT "'><file>" inner "</file></description>"

static void
test_action (void)
{
  g_test_summary ("An action says what it is; missing creators and strange senders do no harm");
  g_autoptr (FerryNode) node = ferry_test_node (
      JINGLE ("action='session-initiate' sid='s' initiator='A@b.c/d'",
              "<content name='x' senders='all'><description xmlns='urn:d'/><transport "
              "xmlns='urn:t'/></content><content name='x' creator='responder'/>"));
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryJingleAction) action = ferry_jingle_action_parse (node, &error);
  g_assert_no_error (error);
  g_assert_cmpint (action->type, ==, FERRY_JINGLE_SESSION_INITIATE);
  g_assert_cmpstr (ferry_jid_get_text (action->initiator), ==, "a@b.c/d");
  g_assert_cmpuint (action->contents->len, ==, 2);
  FerryJingleContent *content =
      ferry_jingle_action_get_content (action, FERRY_JINGLE_INITIATOR, "x");
  g_assert_nonnull (content);
  g_assert_cmpint (content->senders, ==, FERRY_JINGLE_SENDERS_BOTH);
  g_assert_nonnull (content->transport);
  g_assert_cmpint (content->security.kind, ==, FERRY_SECURITY_NONE);
  g_assert_nonnull (ferry_jingle_action_get_content (action, FERRY_JINGLE_RESPONDER, "x"));
  g_assert_null (ferry_jingle_action_get_content (action, FERRY_JINGLE_RESPONDER, "y"));
}

static void
test_bad_actions (void)
{
  g_test_summary ("What is no action of Jingle is refused");
  g_autofree char *long_sid = g_strnfill (257, 's');
  g_autofree char *too_long =
      g_strdup_printf (JINGLE ("action='session-info' sid='%s'", ""), long_sid);
  const char *const bad[] = {
    JINGLE ("sid='s'", ""),
    JINGLE ("action='session-info'", ""),
    JINGLE ("action='session-info' sid=''", ""),
    JINGLE ("action='Session-Info' sid='s'", ""),
    JINGLE ("action='session-info' sid='s' initiator='a@@b'", ""),
    JINGLE ("action='session-info' sid='s'", "<content/>"),
    JINGLE ("action='session-info' sid='s'", "<content name='x' creator='both'/>"),
    JINGLE ("action='session-info' sid='s'", "<content name='x'/><content name='x'/>"),
    "<jingle xmlns='urn:xmpp:jingle:0' action='session-info' sid='s'/>",
    "<query xmlns='urn:xmpp:jingle:1' action='session-info' sid='s'/>",
    too_long,
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (FerryNode) node = ferry_test_node (bad[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (FerryJingleAction) action = ferry_jingle_action_parse (node, &error);
      g_test_message ("%s", bad[i]);
      g_assert_null (action);
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
    }
}

static void
test_reasons (void)
{
  g_test_summary ("Reasons that we do not know are failures, never successes");
  static const struct
  {
    const char *inner;
    FerryJingleReason reason;
    const char *text;
  } cases[] = {
    { "", FERRY_JINGLE_REASON_NONE, NULL },
    { "<reason/>", FERRY_JINGLE_REASON_GENERAL_ERROR, NULL },
    { "<reason><success/></reason>", FERRY_JINGLE_REASON_SUCCESS, NULL },
    { "<reason><failed_transport/><text>Exception has been thrown</text></reason>",
      FERRY_JINGLE_REASON_FAILED_TRANSPORT, "Exception has been thrown" },
    { "<reason><text>why</text><what-ever/></reason>", FERRY_JINGLE_REASON_GENERAL_ERROR,
      "why" },
    { "<reason><x xmlns='urn:x'/><decline/></reason>", FERRY_JINGLE_REASON_DECLINE, NULL },
    { "<reason><success xmlns='urn:other'/></reason>", FERRY_JINGLE_REASON_GENERAL_ERROR,
      NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml =
          g_strdup_printf (JINGLE ("action='session-terminate' sid='s'", "%s"), cases[i].inner);
      g_autoptr (FerryNode) node = ferry_test_node (xml);
      g_autoptr (FerryJingleAction) action = ferry_jingle_action_parse (node, NULL);
      g_test_message ("%s", xml);
      g_assert_nonnull (action);
      g_assert_cmpint (action->reason, ==, cases[i].reason);
      g_assert_cmpstr (action->reason_text, ==, cases[i].text);
    }
}

static FerryFileInfo *
parse_file (const char *xml, FerryRange *range)
{
  g_autoptr (FerryNode) node = ferry_test_node (xml);
  g_autoptr (GError) error = NULL;
  FerryFileInfo *file = ferry_jingle_file_parse (node, range, &error);
  g_assert_true ((file == NULL) == (error != NULL));
  if (error != NULL)
    g_assert_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
  return file;
}

static void
test_file (void)
{
  g_test_summary ("The offer of XEP-0234, read and written");
  FerryRange range;
  const char *xml =
      FILE_WITH ("<media-type>text/plain</media-type><name>notes.txt</"
                 "name><date>2024-03-01T09:30:00Z</date>"
                 "<desc>mine</desc><size>6144</size><range/><hash xmlns='urn:xmpp:hashes:2' "
                 "algo='sha-256'>2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU=</hash>");
  g_autoptr (FerryFileInfo) file = parse_file (xml, &range);
  g_assert_cmpstr (file->name, ==, "notes.txt");
  g_assert_cmpint (file->size, ==, 6144);
  g_assert_cmpstr (file->media_type, ==, "text/plain");
  g_assert_cmpstr (file->desc, ==, "mine");
  g_assert_true (file->ranged);
  g_assert_cmpint (file->hash.algo, ==, FERRY_HASH_SHA256);
  g_assert_cmpint (file->hash_used, ==, FERRY_HASH_NONE);
  g_assert_cmpuint (range.offset, ==, 0);
  g_assert_cmpint (range.length, ==, -1);
  g_autoptr (FerryNode) written = ferry_jingle_file_to_node (file, NULL);
  ferry_test_assert_node (written, xml);
}

static void
test_lenient_file (void)
{
  g_test_summary (
      "What other clients write wrong, or leave out, is no reason to refuse a file");
  static const char *const dates[] = { "2026-11-21T02:28:53.045050+00:00Z",
                                       "2026-11-21T02:28:53Z", "2026-11-21T04:28:53+02:00",
                                       "2026-11-21T02:28:53" };
  for (guint i = 0; i < G_N_ELEMENTS (dates); i++)
    {
      g_autofree char *xml = g_strdup_printf (FILE_WITH ("<date>%s</date>"), dates[i]);
      g_autoptr (FerryFileInfo) file = parse_file (xml, NULL);
      g_assert_cmpint (g_date_time_to_unix (file->date), ==, 1795228133);
    }

  static const char *const harmless[] = {
    "<date>yesterday</date>",
    "<date>1969-07-21T02:56:15Z</date>",
    "<date/>",
    "<desc/>",
    "<media-type>text</media-type>",
    "<media-type>a/b/c</media-type>",
    "<media-type>text/pl&gt;ain</media-type>",
    "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>AAAA</hash>",
    "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>!</hash>",
    "<hash xmlns='urn:xmpp:hashes:2' algo='md5'>AAAA</hash>",
    "<hash xmlns='urn:xmpp:hashes:1' algo='sha-256'>AAAA</hash>",
    "<unknown xmlns='urn:x'/>",
  };
  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    {
      g_autofree char *xml = g_strdup_printf (FILE_WITH ("%s"), harmless[i]);
      g_autoptr (FerryFileInfo) file = parse_file (xml, NULL);
      g_test_message ("%s", harmless[i]);
      g_assert_nonnull (file);
      g_assert_null (file->date);
      g_assert_null (file->desc);
      g_assert_null (file->media_type);
      g_assert_null (file->name);
      g_assert_cmpint (file->size, ==, -1);
      g_assert_cmpint (file->hash.algo, ==, FERRY_HASH_NONE);
    }
}

static void
test_bad_files (void)
{
  g_test_summary ("Impossible sizes, ranges and names are refused");
  g_autofree char *long_name = g_strnfill (4000, 'n');
  g_autofree char *too_long = g_strdup_printf (FILE_WITH ("<name>%s</name>"), long_name);
  const char *const bad[] = {
    "<description xmlns='" FT "'/>",
    "<description xmlns='urn:xmpp:jingle:apps:file-transfer:4'><file/></description>",
    FILE_WITH ("<size>-1</size>"),
    FILE_WITH ("<size>+5</size>"),
    FILE_WITH ("<size>1e9</size>"),
    FILE_WITH ("<size>0x10</size>"),
    FILE_WITH ("<size>12345678901234567890</size>"),
    FILE_WITH ("<size>9223372036854775808</size>"),
    FILE_WITH ("<size>1 </size>"),
    FILE_WITH ("<size/>"),
    FILE_WITH ("<size>5</size><range offset='6'/>"),
    FILE_WITH ("<size>5</size><range offset='3' length='3'/>"),
    FILE_WITH ("<size>5</size><range length='18446744073709551615'/>"),
    FILE_WITH ("<range offset='9223372036854775807' length='1'/>"),
    FILE_WITH ("<range offset='-1'/>"),
    too_long,
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      FerryRange range;
      g_autoptr (FerryFileInfo) file = parse_file (bad[i], &range);
      g_test_message ("%s", bad[i]);
      g_assert_null (file);
    }
}

static void
test_hashes (void)
{
  g_test_summary ("Of several hashes the best counts; an empty one is a promise");
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA512);
  FerryHash sha512;
  ferry_hasher_finish (hasher, &sha512);
  g_autofree char *base64 = ferry_hash_to_base64 (&sha512);
  g_autofree char *xml =
      g_strdup_printf (FILE_WITH ("<hash xmlns='urn:xmpp:hashes:2' algo='sha-512'>%s</hash>"
                                  "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>"
                                  "2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU=</hash>"),
                       base64);
  g_autoptr (FerryFileInfo) file = parse_file (xml, NULL);
  g_assert_true (ferry_hash_equal (&file->hash, &sha512));

  g_autoptr (FerryFileInfo) promised =
      parse_file (FILE_WITH ("<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'/>"), NULL);
  g_assert_cmpint (promised->hash.algo, ==, FERRY_HASH_NONE);
  g_assert_cmpint (promised->hash_used, ==, FERRY_HASH_SHA256);
  g_autoptr (FerryNode) written = ferry_jingle_file_to_node (promised, NULL);
  ferry_test_assert_node (written,
                          FILE_WITH ("<hash-used xmlns='urn:xmpp:hashes:2' algo='sha-256'/>"));
}

static void
test_checksum (void)
{
  g_test_summary ("A checksum names our content or none; that of a range is not ours");
  static const struct
  {
    const char *attrs;
    gboolean is_ours;
  } cases[] = {
    { "", TRUE },
    { "creator='initiator' name='file'", TRUE },
    { "name='file'", TRUE },
    { "name='other'", FALSE },
    { "creator='responder' name='file'", FALSE },
  };
  const char *hash = "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>"
                     "2XarmwTlNxDAMkvymloX3S5+VbylNrJt/l5QyPa+YoU=</hash>";
  FerryHash out;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml = g_strdup_printf (
          "<checksum xmlns='" FT "' %s><file>%s</file></checksum>", cases[i].attrs, hash);
      g_autoptr (FerryNode) node = ferry_test_node (xml);
      g_assert_cmpint (ferry_jingle_checksum_parse (node, FERRY_JINGLE_INITIATOR, "file", &out),
                       ==, cases[i].is_ours);
    }
  g_autofree char *ranged = g_strdup_printf (
      "<checksum xmlns='" FT "'><file><range offset='1'>%s</range></file></checksum>", hash);
  g_autoptr (FerryNode) node = ferry_test_node (ranged);
  g_assert_false (ferry_jingle_checksum_parse (node, FERRY_JINGLE_INITIATOR, "file", &out));

  g_autoptr (FerryNode) written =
      ferry_jingle_checksum_to_node (FERRY_JINGLE_INITIATOR, "file", &out);
  g_autofree char *expected = g_strdup_printf (
      "<checksum xmlns='" FT "' creator='initiator' name='file'><file>%s</file></checksum>",
      hash);
  ferry_test_assert_node (written, expected);
}

static void
test_ibb (void)
{
  g_test_summary ("In-band transports: any name of a stream, block sizes of 16 bits");
  static const struct
  {
    const char *attrs;
    guint block_size; /* 0: refused */
  } cases[] = {
    { "sid='None' block-size='4096'", 4096 },
    { "sid='t' block-size='65535' stanza='iq'", 65535 },
    { "sid='t' block-size='1'", 1 },
    { "sid='t' block-size='0'", 0 },
    { "sid='t' block-size='65536'", 0 },
    { "sid='t' block-size='-1'", 0 },
    { "sid='t'", 0 },
    { "sid='' block-size='4096'", 0 },
    { "block-size='4096'", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *xml = g_strdup_printf (
          "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' %s/>", cases[i].attrs);
      g_autoptr (FerryNode) node = ferry_test_node (xml);
      g_autoptr (FerryJingleIbb) ibb = ferry_jingle_ibb_parse (node, NULL);
      g_assert_cmpuint (ibb != NULL ? ibb->block_size : 0, ==, cases[i].block_size);
    }
}

static void
test_build (void)
{
  g_test_summary ("What Ferry says reads as the specification shows it");
  g_autoptr (FerryJid) own = ferry_jid_new ("anna@north.example/desk", NULL);
  g_autoptr (FerryFileInfo) file = ferry_file_info_new ("n", 5);
  FerryNode *transport = ferry_test_node ("<transport xmlns='urn:t' sid='t'/>");
  g_autoptr (FerryNode) initiate =
      ferry_jingle_build_initiate ("s", own, "file", file, &(FerrySecurity){ 0 }, transport);
  ferry_test_assert_node (
      initiate,
      JINGLE ("action='session-initiate' initiator='anna@north.example/desk' sid='s'",
              "<content creator='initiator' name='file' senders='initiator'>" FILE_WITH (
                  "<name>n</name><size>5</size><hash-used xmlns='urn:xmpp:hashes:2' "
                  "algo='sha-256'/>") "<transport xmlns='urn:t' sid='t'/></content>"));
  g_assert_cmpint (file->hash_used, ==, FERRY_HASH_NONE);

  g_autoptr (GError) too_much =
      g_error_new_literal (FERRY_ERROR, FERRY_ERROR_TOO_MUCH, "/home/anna/secret");
  g_autoptr (FerryNode) terminate =
      ferry_jingle_build_terminate ("s", FERRY_JINGLE_REASON_MEDIA_ERROR, too_much);
  ferry_test_assert_node (
      terminate, JINGLE ("action='session-terminate' sid='s'",
                         "<reason><media-error/><file-too-large "
                         "xmlns='urn:xmpp:jingle:apps:file-transfer:errors:0'/></reason>"));

  g_autoptr (FerryNode) received = ferry_jingle_build_info (
      "s", ferry_jingle_received_to_node (FERRY_JINGLE_INITIATOR, "file"));
  ferry_test_assert_node (received, JINGLE ("action='session-info' sid='s'",
                                            "<received xmlns='" FT
                                            "' creator='initiator' name='file'/>"));

  g_autoptr (FerryNode) theirs =
      ferry_test_node ("<transport xmlns='urn:t' sid='t' more='x'><candidate/></transport>");
  g_autoptr (FerryNode) rejected = ferry_jingle_build_rejected (theirs);
  ferry_test_assert_node (rejected, "<transport xmlns='urn:t' sid='t'/>");
}

/* --- The machine's own clock -----------------------------------------------------------------
 */

/* Returns: milliseconds until the end is told */
static guint
run_clock (FerryJingleMachine *machine, FerryJingleReason *said, int *code)
{
  guint waited_ms = 0;

  for (guint i = 0; i < 20 && *code == -2; i++)
    {
      FerryJingleEvent event = { .type = FERRY_JINGLE_EV_TIMEOUT };
      g_auto (FerryJingleEffects) effects = { 0 };
      waited_ms += ferry_jingle_machine_get_timeout_ms (machine);
      ferry_jingle_machine_step (machine, &event, &effects);
      for (guint e = 0; e < effects.n_items; e++)
        {
          if (effects.items[e].type == FERRY_JINGLE_DO_SEND_TERMINATE)
            *said = effects.items[e].reason;
          if (effects.items[e].type == FERRY_JINGLE_DO_END)
            *code = effects.items[e].error != NULL ? effects.items[e].error->code : -1;
        }
    }
  return waited_ms;
}

static void
test_limits (void)
{
  g_test_summary ("How long a session waits in each state, and how it then ends");
  static const struct
  {
    FerryJingleRole role;
    FerryJingleState state;
    guint seconds;
    FerryJingleReason said;
    int code; /* -1: no error */
  } cases[] = {
    { FERRY_JINGLE_INITIATOR, FERRY_JINGLE_OFFERING, 30, FERRY_JINGLE_REASON_NONE,
      FERRY_ERROR_GONE },
    { FERRY_JINGLE_INITIATOR, FERRY_JINGLE_PENDING, 24 * 3600, FERRY_JINGLE_REASON_TIMEOUT,
      FERRY_ERROR_TIMEOUT },
    /* Dino answers every in-band block of a file it has failed: its silence is no success. */
    { FERRY_JINGLE_INITIATOR, FERRY_JINGLE_CLOSING, 30, FERRY_JINGLE_REASON_TIMEOUT,
      FERRY_ERROR_TIMEOUT },
    { FERRY_JINGLE_RESPONDER, FERRY_JINGLE_AWAIT_REPLACE, 30,
      FERRY_JINGLE_REASON_FAILED_TRANSPORT, FERRY_ERROR_UNREACHABLE },
    { FERRY_JINGLE_RESPONDER, FERRY_JINGLE_OPENING, 20, FERRY_JINGLE_REASON_FAILED_TRANSPORT,
      FERRY_ERROR_UNREACHABLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerryJingleMachine machine;
      FerryJingleReason said = FERRY_JINGLE_REASON_NONE;
      int code = -2;
      ferry_jingle_machine_init (&machine, cases[i].role, "m", TRUE, TRUE, FALSE);
      machine.state = cases[i].state;
      g_assert_cmpuint (run_clock (&machine, &said, &code), ==, cases[i].seconds * 1000);
      g_assert_cmpint (said, ==, cases[i].said);
      g_assert_cmpint (code, ==, cases[i].code);
      ferry_jingle_machine_clear (&machine);
    }

  /* By SOCKS5, or after the peer's own word, silence is no failure. */
  for (guint i = 0; i < 2; i++)
    {
      FerryJingleMachine machine;
      FerryJingleReason said = FERRY_JINGLE_REASON_NONE;
      int code = -2;
      ferry_jingle_machine_init (&machine, FERRY_JINGLE_INITIATOR, "m", i == 1, TRUE, FALSE);
      machine.state = FERRY_JINGLE_CLOSING;
      machine.peer_received = i == 1;
      g_assert_cmpuint (run_clock (&machine, &said, &code), ==, 30000);
      g_assert_cmpint (said, ==, FERRY_JINGLE_REASON_SUCCESS);
      g_assert_cmpint (code, ==, -1);
      ferry_jingle_machine_clear (&machine);
    }

  /* Silence after our transport-replace: one more session, in-band. */
  FerryJingleMachine machine;
  FerryJingleEvent event = { .type = FERRY_JINGLE_EV_TIMEOUT };
  g_auto (FerryJingleEffects) effects = { 0 };
  ferry_jingle_machine_init (&machine, FERRY_JINGLE_INITIATOR, "m", FALSE, TRUE, FALSE);
  machine.state = FERRY_JINGLE_REPLACING;
  machine.s5b_failed = TRUE;
  g_assert_cmpuint (ferry_jingle_machine_get_timeout_ms (&machine), ==, 60000);
  ferry_jingle_machine_step (&machine, &event, &effects);
  g_assert_cmpint (machine.state, ==, FERRY_JINGLE_OFFERING);
  g_assert_cmpint (effects.items[0].type, ==, FERRY_JINGLE_DO_SEND_TERMINATE);
  g_assert_cmpint (effects.items[effects.n_items - 1].type, ==, FERRY_JINGLE_DO_SEND_INITIATE);
  ferry_jingle_machine_clear (&machine);
}

static void
test_late_notice (void)
{
  g_test_summary ("Who takes notice of an offer after it was given up is told so");
  FerryJingleMachine machine;
  FerryJingleReason said = FERRY_JINGLE_REASON_NONE;
  int code = -2;
  FerryJingleEvent event = { .type = FERRY_JINGLE_EV_ACKED };
  g_auto (FerryJingleEffects) effects = { 0 };

  ferry_jingle_machine_init (&machine, FERRY_JINGLE_INITIATOR, "m", TRUE, TRUE, FALSE);
  machine.state = FERRY_JINGLE_OFFERING;
  run_clock (&machine, &said, &code);
  g_assert_cmpint (code, ==, FERRY_ERROR_GONE);
  g_assert_cmpint (machine.state, ==, FERRY_JINGLE_WITHDRAWN);
  ferry_jingle_machine_step (&machine, &event, &effects);
  g_assert_cmpuint (effects.n_items, ==, 1);
  g_assert_cmpint (effects.items[0].type, ==, FERRY_JINGLE_DO_SEND_TERMINATE);
  g_assert_cmpint (effects.items[0].reason, ==, FERRY_JINGLE_REASON_TIMEOUT);
  g_assert_cmpint (machine.state, ==, FERRY_JINGLE_ENDED);
  ferry_jingle_machine_clear (&machine);
}

static void
feed (FerryJingleMachine *machine, const FerryJingleEvent *event)
{
  g_auto (FerryJingleEffects) effects = { 0 };

  ferry_jingle_machine_step (machine, event, &effects);
  for (guint i = 0; i < effects.n_items; i++)
    g_assert_cmpint (effects.items[i].type, !=, FERRY_JINGLE_DO_END);
}

static void
test_content_and_off (void)
{
  g_test_summary ("A peer that has its empty file, says so and leaves, ends no session of ours "
                  "that is about to have its pipe");
  g_autoptr (GError) gone = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_GONE, "gone");
  FerryJingleEvent success = { .type = FERRY_JINGLE_EV_PEER_TERMINATE,
                               .reason = FERRY_JINGLE_REASON_SUCCESS };
  FerryJingleEvent lost = { .type = FERRY_JINGLE_EV_LOST, .error = gone };
  FerryJingleEvent opened = { .type = FERRY_JINGLE_EV_OPENED };
  FerryJingleMachine machine;

  ferry_jingle_machine_init (&machine, FERRY_JINGLE_INITIATOR, "m", FALSE, TRUE, FALSE);
  machine.state = FERRY_JINGLE_CONNECTING;
  feed (&machine, &success);
  feed (&machine, &lost);
  feed (&machine, &opened);
  g_assert_cmpint (machine.state, ==, FERRY_JINGLE_OPEN);
  ferry_jingle_machine_clear (&machine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jingle/parsers/action", test_action);
  g_test_add_func ("/jingle/parsers/bad-actions", test_bad_actions);
  g_test_add_func ("/jingle/parsers/reasons", test_reasons);
  g_test_add_func ("/jingle/parsers/file", test_file);
  g_test_add_func ("/jingle/parsers/lenient-file", test_lenient_file);
  g_test_add_func ("/jingle/parsers/bad-files", test_bad_files);
  g_test_add_func ("/jingle/parsers/hashes", test_hashes);
  g_test_add_func ("/jingle/parsers/checksum", test_checksum);
  g_test_add_func ("/jingle/parsers/ibb", test_ibb);
  g_test_add_func ("/jingle/parsers/build", test_build);
  g_test_add_func ("/jingle/machine/limits", test_limits);
  g_test_add_func ("/jingle/machine/late-notice", test_late_notice);
  g_test_add_func ("/jingle/machine/content-and-off", test_content_and_off);
  return g_test_run ();
}
