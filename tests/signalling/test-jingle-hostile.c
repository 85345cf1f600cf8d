/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole negotiator against a peer that means harm. Whatever it says is answered exactly once,
 * and when it falls silent nothing is left of it. */
#include "jingle-end.h"

#include "base/ferry-file-name.h"

#include <string.h>

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"
#define EVE "eve@south.example/cave"
#define FT "urn:xmpp:jingle:apps:file-transfer:5"
#define S5B "urn:xmpp:jingle:transports:s5b:1"
#define IBB "http://jabber.org/protocol/ibb"
#define IBB_T "<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='%s' block-size='4096'/>"
#define CONTENT(file, transport)                                                               \
  "<content creator='initiator' name='f' senders='initiator'><description xmlns='" FT          \
  "'><file>" file "</file></description>" transport "</content>"

typedef struct
{
  FerryFakeNet *net;
  JingleEnd *anna;
  FerryFakePeer *ben;
  guint n_asked;
  GHashTable *answers; /* id of Ben's request → how often it was answered */
} Stage;

static void
on_stanza (FerryNode *stanza, gpointer user_data)
{
  Stage *stage = user_data;
  const char *type = ferry_node_get_attr (stanza, "type");

  if (!ferry_fake_match_path (stanza, "iq[from=" ANNA "]") ||
      (g_strcmp0 (type, "result") != 0 && g_strcmp0 (type, "error") != 0))
    return;
  const char *id = ferry_node_get_attr (stanza, "id");
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (stage->answers, id));
  g_hash_table_insert (stage->answers, g_strdup (id), GUINT_TO_POINTER (n + 1));
}

static void
stage_init (Stage *stage)
{
  stage->net = ferry_fake_net_new ();
  stage->anna = jingle_end_new (stage->net, ANNA, TRUE);
  stage->anna->routes = FERRY_ROUTE_NONE;
  stage->ben = ferry_fake_peer_new (stage->net, BEN);
  stage->answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  ferry_fake_net_set_tap (stage->net, on_stanza, stage);
}

/* Each request of Ben's had one answer, and no session is left once he has gone. */
static void
stage_clear (Stage *stage)
{
  g_autofree char *last_id = g_strdup_printf ("b%u", stage->n_asked);

  ferry_fake_net_settle (stage->net);
  ferry_fake_peer_send (stage->ben, "<presence type='unavailable' to='" ANNA "'/>");
  ferry_fake_net_settle (stage->net);
  for (guint i = 1; i <= stage->n_asked; i++)
    {
      g_autofree char *id = g_strdup_printf ("b%u", i);
      g_test_message ("%s of %s", id, last_id);
      g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (stage->answers, id)), ==, 1);
    }
  g_assert_cmpuint (ferry_jingle_negotiator_get_n_sessions (
                        FERRY_JINGLE_NEGOTIATOR (stage->anna->negotiator)),
                    ==, 0);

  ferry_fake_net_set_tap (stage->net, NULL, NULL);
  jingle_end_free (stage->anna);
  ferry_fake_peer_free (stage->ben);
  g_object_unref (stage->net);
  g_hash_table_unref (stage->answers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

/* Returns: (transfer full): the answer to an iq of type set around @payload */
static FerryNode *
ask (Stage *stage, const char *payload)
{
  stage->n_asked++;
  g_autofree char *path = g_strdup_printf ("iq[id=b%u]", stage->n_asked);
  ferry_fake_peer_send (stage->ben, "<iq type='set' id='b%u' to='" ANNA "'>%s</iq>",
                        stage->n_asked, payload);
  return ferry_fake_peer_expect (stage->ben, path);
}

static void
ask_and_expect (Stage *stage, const char *payload, const char *type)
{
  g_test_message ("%.300s", payload);
  g_autoptr (FerryNode) answer = ask (stage, payload);
  g_assert_cmpstr (ferry_node_get_attr (answer, "type"), ==, type);
}

static FerryNode *
say (Stage *stage, const char *action, const char *sid, const char *inner)
{
  g_autofree char *payload = g_strdup_printf (
      "<jingle xmlns='urn:xmpp:jingle:1' action='%s' sid='%s'>%s</jingle>", action, sid, inner);
  return ask (stage, payload);
}

static void
say_and_expect (
    Stage *stage, const char *action, const char *sid, const char *inner, const char *type)
{
  g_test_message ("%s %.300s", action, inner);
  g_autoptr (FerryNode) answer = say (stage, action, sid, inner);
  g_assert_cmpstr (ferry_node_get_attr (answer, "type"), ==, type);
}

/* Offers; takes the offer back if it was taken. Returns: whether it reached Anna's user. */
static gboolean
offer (Stage *stage, const char *content)
{
  g_autofree char *sid = g_strdup_printf ("s%u", stage->n_asked);
  g_autoptr (FerryNode) answer = say (stage, "session-initiate", sid, content);

  if (stage->anna->n_offers == 0)
    return FALSE;
  g_assert_cmpstr (ferry_node_get_attr (answer, "type"), ==, "result");
  say_and_expect (stage, "session-terminate", sid, "<reason><cancel/></reason>", "result");
  g_assert_cmpuint (stage->anna->n_ended, ==, 1);
  return TRUE;
}

/* --- Offers ----------------------------------------------------------------------------------
 */

static void
test_names (void)
{
  g_test_summary ("Whatever a file is called, what the user is shown is one part of a path");
  g_autofree char *long_name = g_strnfill (900, 'x');
  const char *names[] = {
    "../../.bashrc",       "..",  "C:\\x\\y.txt",  "a/b",       "NUL", "con.txt", long_name,
    "\342\200\256gpj.exe", "   ", "e\314\201.txt", "file.txt ", "-rf", ""
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto (Stage) stage = { 0 };
      g_autofree char *content =
          g_strdup_printf (CONTENT ("<name>%s</name><size>5</size>", IBB_T), names[i], "t");
      stage_init (&stage);
      g_test_message ("%s", names[i]);
      g_assert_true (offer (&stage, content));
      FerryFileInfo *file = ferry_session_get_file (stage.anna->session);
      g_autofree char *shown = ferry_file_name_sanitize (file->name, file->media_type, NULL);
      g_assert_cmpuint (strlen (shown), >, 0);
      g_assert_cmpuint (strlen (shown), <=, 200);
      g_assert_null (strpbrk (shown, "/\\"));
      g_assert_true (shown[0] != '.' && shown[0] != '-' && shown[0] != ' ');
    }
}

static void
test_sizes_and_ranges (void)
{
  g_test_summary ("What is no size, and a part that we do not have, never reaches the user");
  static const char *const files[] = {
    "<size>-1</size>",
    "<size>+5</size>",
    "<size>1e9</size>",
    "<size>0x10</size>",
    "<size>99999999999999999999</size>",
    "<size>9223372036854775808</size>",
    "<size>5</size><range offset='5'/>",
    "<size>5</size><range offset='6'/>",
    "<size>5</size><range length='18446744073709551615'/>",
    "<size>5</size><range offset='1' length='9223372036854775807'/>",
    "<size>5</size><range offset='-1'/>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_auto (Stage) stage = { 0 };
      g_autofree char *content =
          g_strdup_printf ("<content creator='initiator' name='f' senders='initiator'>"
                           "<description xmlns='" FT "'><file><name>n</name>%s</file>"
                           "</description>" IBB_T "</content>",
                           files[i], "t");
      stage_init (&stage);
      g_test_message ("%s", files[i]);
      g_assert_false (offer (&stage, content));
    }
}

static void
test_candidates (void)
{
  g_test_summary ("A thousand candidates and impossible ones are no reason to fall over");
  static const char *const candidates[] = {
    "host='127.1' port='80'",     "host='[::1%lo]' port='5000'",
    "host='192.0.2.1' port='0'",  "host='192.0.2.1' port='65536'",
    "host='192.0.2.1' port='-1'", "host='localhost' port='22'",
    "host='0x7f.1' port='5000'",  "host='' port='5000'",
  };
  g_auto (Stage) stage = { 0 };
  g_autoptr (GString) transport = g_string_new ("<transport xmlns='" S5B "' sid='t'>");

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (transport, "<candidate cid='c%u' jid='" BEN "' priority='%u' %s/>",
                            i, i, candidates[i % G_N_ELEMENTS (candidates)]);
  g_string_append (transport, "</transport>");
  g_autofree char *content =
      g_strdup_printf (CONTENT ("<name>n</name><size>5</size>", "%s"), transport->str);
  stage_init (&stage);
  offer (&stage, content);
}

static void
test_contents (void)
{
  g_test_summary ("33 contents are too many, whoever made them");
  g_auto (Stage) stage = { 0 };
  g_autoptr (GString) contents = g_string_new (NULL);

  for (guint i = 0; i < 33; i++)
    g_string_append_printf (contents,
                            "<content creator='initiator' name='f%u'><description xmlns='" FT
                            "'><file><size>1</size></file></description>" IBB_T "</content>",
                            i, "t");
  stage_init (&stage);
  g_assert_false (offer (&stage, contents->str));
  g_assert_false (offer (&stage, "<content creator='nobody' name='f'/>"));
}

static void
test_flood (void)
{
  g_test_summary (
      "20 offers in 10 s, whether kept or withdrawn; then there is no room for a while");
  g_auto (Stage) stage = { 0 };
  guint n_taken = 0;
  g_autofree char *content =
      g_strdup_printf (CONTENT ("<name>n</name><size>5</size>", IBB_T), "t");

  stage_init (&stage);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *sid = g_strdup_printf ("flood%u", i);
      g_autoptr (FerryNode) answer = say (&stage, "session-initiate", sid, content);
      if (g_strcmp0 (ferry_node_get_attr (answer, "type"), "result") != 0)
        {
          g_assert_true (
              ferry_fake_match_path (answer, "iq/error[type=wait]/resource-constraint"));
          continue;
        }
      n_taken++;
      say_and_expect (&stage, "session-terminate", sid, "", "result");
    }
  g_assert_cmpuint (n_taken, ==, 20);
  g_assert_cmpuint (stage.anna->n_offers, ==, 20);
}

static gboolean
is_ben (FerryJid *peer, gpointer user_data)
{
  return g_strcmp0 (ferry_jid_get_text (peer), BEN) == 0;
}

static FerryJingleRequestAnswer
count_request (FerryJid *peer, const FerryFileInfo *file, gpointer user_data)
{
  (*(guint *) user_data)++;
  return FERRY_JINGLE_REQUEST_REFUSED;
}

static void
test_strangers_ask (void)
{
  g_test_summary ("Strangers by the hundred ask for files: few are looked up, none learns that "
                  "anybody is there, and a contact can still offer");
  g_auto (Stage) stage = { 0 };
  guint n_looked_up = 0;
  g_autofree char *content =
      g_strdup_printf (CONTENT ("<name>n</name><size>5</size>", IBB_T), "t");
  g_autofree char *request = g_strdup_printf (
      "<content creator='initiator' name='f' senders='responder'><description xmlns='" FT
      "'><file><name>n</name></file></description>" IBB_T "</content>",
      "t");

  stage_init (&stage);
  FerryJingleNegotiator *negotiator = FERRY_JINGLE_NEGOTIATOR (stage.anna->negotiator);
  ferry_signalling_set_known_func (stage.anna->signalling, is_ben, NULL);
  ferry_jingle_negotiator_set_request_func (negotiator, count_request, &n_looked_up);
  for (guint i = 0; i < 600; i++)
    {
      g_autofree char *jid = g_strdup_printf ("s%u@south.example/x", i);
      g_autoptr (FerryFakePeer) stranger = ferry_fake_peer_new (stage.net, jid);
      ferry_fake_peer_send (stranger,
                            "<iq type='set' id='q' to='" ANNA
                            "'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' "
                            "sid='s'>%s</jingle></iq>",
                            request);
      g_autoptr (FerryNode) answer =
          ferry_fake_peer_expect (stranger, "iq[type=error]/error/service-unavailable");
      g_assert_nonnull (answer);
    }
  /* 10 in any 10 s, however slow the machine is. */
  g_assert_cmpuint (n_looked_up, <, 100);
  say_and_expect (&stage, "session-initiate", "s", content, "result");
  g_assert_cmpuint (stage.anna->n_offers, ==, 1);
}

/* --- Sessions --------------------------------------------------------------------------------
 */

static void
test_no_session (void)
{
  g_test_summary ("All actions but an offer need a session; ours are nobody else's");
  static const char *const actions[] = {
    "session-accept",   "session-info",      "session-terminate", "content-accept",
    "content-add",      "content-modify",    "content-reject",    "content-remove",
    "description-info", "security-info",     "transport-accept",  "transport-info",
    "transport-reject", "transport-replace", "no-such-action",
  };
  g_auto (Stage) stage = { 0 };
  g_autofree char *content =
      g_strdup_printf (CONTENT ("<name>n</name><size>5</size>", IBB_T), "t");

  stage_init (&stage);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    say_and_expect (&stage, actions[i], "none", content, "error");

  /* Eve knows the sid of Ben's session. */
  say_and_expect (&stage, "session-initiate", "bens", content, "result");
  g_autoptr (FerryFakePeer) eve = ferry_fake_peer_new (stage.net, EVE);
  ferry_fake_peer_send (eve, "<iq type='set' id='e1' to='" ANNA
                             "'><jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' "
                             "sid='bens'/></iq>");
  g_autoptr (FerryNode) answer =
      ferry_fake_peer_expect (eve, "iq[type=error][id=e1]/error/unknown-session");
  g_assert_cmpuint (stage.anna->n_ended, ==, 0);
}

static void
test_out_of_order (void)
{
  g_test_summary ("To an offer nobody has answered, all that comes out of order is refused");
  g_auto (Stage) stage = { 0 };
  g_autofree char *content =
      g_strdup_printf (CONTENT ("<name>n</name><size>5</size>", IBB_T), "t");

  stage_init (&stage);
  say_and_expect (&stage, "session-initiate", "s", content, "result");
  say_and_expect (&stage, "session-initiate", "s", content, "error");
  say_and_expect (&stage, "session-accept", "s", content, "error");
  say_and_expect (&stage, "session-accept", "s", content, "error");
  say_and_expect (&stage, "transport-accept", "s", content, "error");
  say_and_expect (&stage, "session-info", "s", "<nothing xmlns='urn:x'/>", "error");
  g_assert_cmpuint (stage.anna->n_offers, ==, 1);
}

static void
test_inband (void)
{
  g_test_summary (
      "Streams nobody agreed on, data before the opening and bad blocks are refused");
  g_auto (Stage) stage = { 0 };
  g_autofree char *content =
      g_strdup_printf (CONTENT ("<name>n</name><size>5</size>", IBB_T), "t");

  stage_init (&stage);
  ask_and_expect (&stage, "<open xmlns='" IBB "' sid='t' block-size='4096'/>", "error");
  ask_and_expect (&stage, "<data xmlns='" IBB "' sid='t' seq='0'>aGU=</data>", "error");
  ask_and_expect (&stage, "<close xmlns='" IBB "' sid='t'/>", "error");

  stage.anna->routes = FERRY_ROUTE_INBAND;
  stage.anna->holds = TRUE;
  say_and_expect (&stage, "session-initiate", "s", content, "result");
  g_autoptr (FerryNode) accept =
      ferry_fake_peer_expect_and_ack (stage.ben, "iq[type=set]/jingle[action=session-accept]");
  ask_and_expect (&stage, "<data xmlns='" IBB "' sid='t' seq='0'>aGU=</data>", "error");
  ask_and_expect (&stage, "<open xmlns='" IBB "' sid='t' block-size='0'/>", "error");
  ask_and_expect (&stage, "<open xmlns='" IBB "' sid='t' block-size='65536'/>", "error");
  ask_and_expect (&stage, "<open xmlns='" IBB "' sid='t' block-size='4096'/>", "result");
  ask_and_expect (&stage, "<open xmlns='" IBB "' sid='t' block-size='4096'/>", "error");
  ask_and_expect (&stage, "<data xmlns='" IBB "' sid='t' seq='0'>aGU=</data>", "result");
  ask_and_expect (&stage, "<data xmlns='" IBB "' sid='t' seq='2'>aGU=</data>", "error");
  ask_and_expect (&stage, "<close xmlns='" IBB "' sid='t'/>", "error");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jingle/hostile/names", test_names);
  g_test_add_func ("/jingle/hostile/sizes-and-ranges", test_sizes_and_ranges);
  g_test_add_func ("/jingle/hostile/candidates", test_candidates);
  g_test_add_func ("/jingle/hostile/contents", test_contents);
  g_test_add_func ("/jingle/hostile/flood", test_flood);
  g_test_add_func ("/jingle/hostile/strangers-ask", test_strangers_ask);
  g_test_add_func ("/jingle/hostile/no-session", test_no_session);
  g_test_add_func ("/jingle/hostile/out-of-order", test_out_of_order);
  g_test_add_func ("/jingle/hostile/inband", test_inband);
  return g_test_run ();
}
