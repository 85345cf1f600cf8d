/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-fake-net.h"
#include "ferry-test.h"

#include "xmpp/ferry-router.h"

#include <string.h>

#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"

typedef struct
{
  FerryFakeNet *net;
  FerryStream *stream;
  FerryRouter *router;
  FerryFakePeer *ben;
  FerryFakePeer *mallory;
  GAsyncResult *result;
  guint n_requests;
  FerryNode *request; /* the last one, unanswered */
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->net = ferry_fake_net_new ();
  f->stream = ferry_fake_net_connect (f->net, ANNA);
  f->router = ferry_router_new (f->stream);
  f->ben = ferry_fake_peer_new (f->net, BEN);
  f->mallory = ferry_fake_peer_new (f->net, "mallory@south.example/x");
  ferry_fake_net_settle (f->net);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_clear_object (&f->result);
  g_clear_pointer (&f->request, ferry_node_unref);
  g_assert_finalize_object (f->router);
  g_clear_pointer (&f->ben, ferry_fake_peer_free);
  g_clear_pointer (&f->mallory, ferry_fake_peer_free);
  g_assert_finalize_object (f->stream);
  g_assert_finalize_object (f->net);
}

static void
ask (Fixture *f, const char *to, guint timeout_ms, GCancellable *cancellable)
{
  g_autoptr (FerryJid) jid = to != NULL ? ferry_jid_new (to, NULL) : NULL;
  g_clear_object (&f->result);
  ferry_router_query_async (f->router, "get", jid, ferry_node_new ("q", "urn:q"), timeout_ms,
                            cancellable, ferry_test_take_result, &f->result);
}

static FerryNode *
finish (Fixture *f, GError **error)
{
  ferry_test_wait (f->result != NULL, 5);
  return ferry_router_query_finish (f->router, f->result, error);
}

/* --- Questions -------------------------------------------------------------------------------
 */

static void
test_answers (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A question gets the answer of its addressee, result or error");
  g_autoptr (GError) error = NULL;

  ask (f, BEN, 0, NULL);
  g_autoptr (FerryNode) query = ferry_fake_peer_expect (f->ben, "iq[type=get]/q[xmlns=urn:q]");
  ferry_fake_peer_reply (f->ben, query, "<a xmlns='urn:q'/>");
  g_autoptr (FerryNode) answer = finish (f, &error);
  g_assert_no_error (error);
  g_assert_nonnull (ferry_node_get_child (answer, "a", "urn:q"));

  ask (f, BEN, 0, NULL);
  g_autoptr (FerryNode) second = ferry_fake_peer_expect (f->ben, "iq/q");
  g_assert_cmpstr (ferry_node_get_attr (second, "id"), !=, ferry_node_get_attr (query, "id"));
  ferry_fake_peer_reply_error (f->ben, second, FERRY_STANZA_RESOURCE_CONSTRAINT);
  g_assert_null (finish (f, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_BUSY);
  g_assert_cmpint (ferry_stanza_error_get_condition (error), ==,
                   FERRY_STANZA_RESOURCE_CONSTRAINT);
}

static void
test_forged_answers (Fixture *f, gconstpointer unused)
{
  g_test_summary ("An answer from another address does not count, nor does a second one");
  g_autoptr (GError) error = NULL;

  ask (f, BEN, 0, NULL);
  g_autoptr (FerryNode) query = ferry_fake_peer_expect (f->ben, "iq/q");
  const char *id = ferry_node_get_attr (query, "id");
  ferry_fake_peer_send (f->mallory, "<iq type='result' id='%s' to='" ANNA "'/>", id);
  ferry_fake_net_settle (f->net);
  g_assert_null (f->result);

  ferry_fake_peer_send (f->ben, "<iq type='result' id='%s' to='" ANNA "'/>", id);
  ferry_fake_peer_send (f->ben, "<iq type='error' id='%s' to='" ANNA "'/>", id);
  g_autoptr (FerryNode) answer = finish (f, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ferry_node_get_attr (answer, "from"), ==, BEN);
  ferry_fake_net_settle (f->net);
}

static void
take_id_cb (FerryNode *stanza, gpointer user_data)
{
  char **id = user_data;
  g_free (*id);
  *id = g_strdup (ferry_node_get_attr (stanza, "id"));
}

static void
test_own_server (Fixture *f, gconstpointer unused)
{
  g_test_summary ("The own server may leave out its address, nobody else can stand in for it");
  static const struct
  {
    const char *to;
    const char *from;
    gboolean counts;
  } cases[] = {
    { NULL, NULL, TRUE },
    { NULL, "anna@north.example", TRUE },
    { NULL, "north.example", TRUE },
    { NULL, ANNA, TRUE },
    { NULL, "anna@north.example/other", FALSE },
    { NULL, "ben@south.example", FALSE },
    { "anna@north.example", NULL, TRUE },
    { "NORTH.example", NULL, TRUE },
    { "north.example", "North.Example", TRUE },
    { "north.example", "anna@north.example", FALSE },
    { "proxy.north.example", NULL, FALSE },
    { BEN, NULL, FALSE },
    { BEN, "ben@south.example", FALSE },
    { BEN, "BEN@south.example/sofa", TRUE },
    { BEN, "ben@south.example/Sofa", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = NULL;
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      ferry_fake_net_set_tap (f->net, take_id_cb, &id);
      ferry_fake_net_drop_next (f->net, 1, ferry_fake_match_path, "iq[type=get]");
      ask (f, cases[i].to, 0, cancellable);
      ferry_fake_net_settle (f->net);
      ferry_fake_net_set_tap (f->net, NULL, NULL);
      g_assert_null (f->result);

      g_autoptr (FerryNode) answer = ferry_node_new ("iq", "jabber:client");
      ferry_node_set_attrs (answer, "type", "result", "id", id, "from", cases[i].from, NULL);
      ferry_stream_emit_stanza (f->stream, answer);
      ferry_fake_net_settle (f->net);
      if (f->result == NULL)
        g_cancellable_cancel (cancellable);
      g_autoptr (GError) error = NULL;
      g_autoptr (FerryNode) taken = finish (f, &error);
      if ((taken != NULL) != cases[i].counts)
        g_error ("case %u: asked %s, answered by %s", i, cases[i].to, cases[i].from);
    }
}

static void
test_timeout (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A question ends after its time; what comes later is ignored");
  g_autoptr (GError) error = NULL;

  ask (f, BEN, 20, NULL);
  g_assert_null (finish (f, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);

  g_autoptr (FerryNode) query = ferry_fake_peer_expect (f->ben, "iq/q");
  ferry_fake_peer_reply (f->ben, query, NULL);
  ferry_fake_net_settle (f->net);
}

static void
test_interrupted (Fixture *f, gconstpointer unused)
{
  g_test_summary ("The time limit stands still while the stream is interrupted");
  g_autoptr (GError) error = NULL;
  gint64 start_us = g_get_monotonic_time ();

  ask (f, BEN, 60, NULL);
  ferry_fake_net_interrupt (f->net, f->stream);
  ferry_test_wait (g_get_monotonic_time () > start_us + 150000, 1);
  g_assert_null (f->result);

  ferry_fake_net_resume (f->net, f->stream);
  g_autoptr (FerryNode) query = ferry_fake_peer_expect (f->ben, "iq/q");
  ferry_fake_peer_reply (f->ben, query, NULL);
  g_autoptr (FerryNode) answer = finish (f, &error);
  g_assert_no_error (error);

  /* It does run again afterwards. */
  ferry_fake_net_interrupt (f->net, f->stream);
  ask (f, BEN, 30, NULL);
  ferry_fake_net_resume (f->net, f->stream);
  g_assert_null (finish (f, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);
}

static void
test_lost_session (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Questions end with their session, and none is put without one");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      ask (f, BEN, 0, NULL);
      if (i == 0)
        ferry_fake_net_lose_session (f->net, f->stream);
      else
        ferry_fake_net_kill (f->net, f->stream);
      g_assert_null (finish (f, &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_OFFLINE);
      ferry_fake_net_settle (f->net);
    }

  g_autoptr (GError) error = NULL;
  ask (f, BEN, 0, NULL);
  g_assert_null (finish (f, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_OFFLINE);
}

static void
test_cancel (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A cancelled question ends at once; its answer is ignored");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  ask (f, BEN, 0, cancellable);
  g_autoptr (FerryNode) query = ferry_fake_peer_expect (f->ben, "iq/q");
  g_cancellable_cancel (cancellable);
  g_assert_null (finish (f, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  ferry_fake_peer_reply (f->ben, query, NULL);
  ferry_fake_net_settle (f->net);
}

static void
ask_again_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *f = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_null (ferry_router_query_finish (f->router, result, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_OFFLINE);
  ask (f, BEN, 0, NULL);
}

static void
test_ask_while_ending (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A callback may ask again while all questions of a session end");
  for (guint i = 0; i < 5; i++)
    ferry_router_query_async (f->router, "get", NULL, ferry_node_new ("q", "urn:q"), 0, NULL,
                              i == 0 ? ask_again_cb : NULL, f);
  ferry_fake_net_kill (f->net, f->stream);
  g_autoptr (GError) error = NULL;
  g_assert_null (finish (f, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_OFFLINE);
}

/* --- Requests --------------------------------------------------------------------------------
 */

static gboolean
answer_cb (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  Fixture *f = user_data;
  f->n_requests++;
  g_assert_true (from == NULL || !ferry_jid_is_bare (from));
  ferry_router_reply (router, request, ferry_node_new ("done", "urn:do"));
  return TRUE;
}

static gboolean
keep_cb (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  Fixture *f = user_data;
  f->n_requests++;
  g_clear_pointer (&f->request, ferry_node_unref);
  f->request = ferry_node_ref (request);
  return TRUE;
}

static gboolean
pass_cb (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  Fixture *f = user_data;
  f->n_requests++;
  return FALSE;
}

static void
test_every_request_answered (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Each request gets exactly one answer, whatever it is");
  g_autofree char *long_id = g_strnfill (257, 'i');
  g_autofree char *fitting_id = g_strnfill (256, 'i');
  g_autoptr (GString) too_deep = g_string_new (NULL);
  for (guint i = 0; i < 33; i++)
    g_string_append (too_deep, i == 0 ? "<a xmlns='urn:do'>" : "<a>");
  for (guint i = 0; i < 33; i++)
    g_string_append (too_deep, "</a>");
  const struct
  {
    const char *id;
    const char *payload;
    const char *answer;
  } cases[] = {
    { "1", "<do xmlns='urn:do'/>", "iq[type=result]/done" },
    { "2", "<x xmlns='urn:unknown'/>",
      "iq[type=error]/error[type=cancel]/service-unavailable" },
    { "3", "", "iq[type=error]/error[type=modify]/bad-request" },
    { "4", "<do xmlns='urn:do'/><do xmlns='urn:do'/>", "iq/error/bad-request" },
    { "5", too_deep->str, "iq/error[type=modify]/policy-violation" },
    { fitting_id, "<do xmlns='urn:do'/>", "iq[type=result]/done" },
    { long_id, "<do xmlns='urn:do'/>", "iq/error/bad-request" },
  };

  ferry_router_add_request_handler (f->router, "urn:do", answer_cb, f);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ferry_fake_peer_send (f->ben, "<iq type='set' id='%s' to='" ANNA "'>%s</iq>", cases[i].id,
                            cases[i].payload);
      g_autoptr (FerryNode) answer = ferry_fake_peer_expect (f->ben, cases[i].answer);
      g_assert_cmpstr (ferry_node_get_attr (answer, "id"), ==, cases[i].id);
      ferry_fake_peer_assert_none (f->ben, "iq");
    }
  g_assert_cmpuint (f->n_requests, ==, 2);
}

static void
test_unanswerable (Fixture *f, gconstpointer unused)
{
  g_test_summary ("What cannot be answered, or needs none, is dropped");
  ferry_router_add_request_handler (f->router, "urn:do", answer_cb, f);
  ferry_fake_peer_send (f->ben, "<iq type='set' to='" ANNA "'><do xmlns='urn:do'/></iq>"
                                "<iq type='set' id='' to='" ANNA "'><do xmlns='urn:do'/></iq>"
                                "<iq type='result' id='1' to='" ANNA "'/>"
                                "<iq type='error' id='2' to='" ANNA "'/>"
                                "<iq type='odd' id='3' to='" ANNA "'><do xmlns='urn:do'/></iq>"
                                "<iq id='4' to='" ANNA "'><do xmlns='urn:do'/></iq>");
  g_autoptr (FerryNode) nameless = ferry_test_node (
      "<iq xmlns='jabber:client' type='set' id='5' from='@@'><do xmlns='urn:do'/></iq>");
  ferry_stream_emit_stanza (f->stream, nameless);
  ferry_fake_peer_assert_none (f->ben, "iq");
  g_assert_cmpuint (f->n_requests, ==, 0);
}

static void
test_handlers (Fixture *f, gconstpointer unused)
{
  g_test_summary ("The newest handler is asked first, a passing one lets the next see it");
  guint first = ferry_router_add_request_handler (f->router, "urn:do", answer_cb, f);
  guint second = ferry_router_add_request_handler (f->router, "urn:do", pass_cb, f);
  g_assert_cmpuint (first, !=, 0);
  g_assert_cmpuint (first, !=, second);

  ferry_fake_peer_send (f->ben,
                        "<iq type='get' id='1' to='" ANNA "'><do xmlns='urn:do'/></iq>");
  g_clear_pointer (&f->request, ferry_node_unref);
  f->request = ferry_fake_peer_expect (f->ben, "iq[type=result]");
  g_assert_cmpuint (f->n_requests, ==, 2);

  ferry_router_remove_handler (f->router, first);
  ferry_fake_peer_send (f->ben,
                        "<iq type='get' id='2' to='" ANNA "'><do xmlns='urn:do'/></iq>");
  g_autoptr (FerryNode) refused =
      ferry_fake_peer_expect (f->ben, "iq/error/service-unavailable");
  g_assert_cmpuint (f->n_requests, ==, 3);
}

static void
test_repeats (Fixture *f, gconstpointer unused)
{
  g_test_summary ("A request that comes twice is carried out once and answered twice alike");
  ferry_router_add_request_handler (f->router, "urn:do", answer_cb, f);
  for (guint i = 0; i < 2; i++)
    {
      ferry_fake_peer_send (f->ben, "<iq type='set' id='1' to='" ANNA "'>"
                                    "<do xmlns='urn:do'/></iq>");
      g_autoptr (FerryNode) answer = ferry_fake_peer_expect (f->ben, "iq[type=result]/done");
      g_assert_cmpuint (f->n_requests, ==, 1);
    }

  /* Another payload, or another sender, makes another request. */
  ferry_fake_peer_send (f->ben, "<iq type='set' id='1' to='" ANNA "'>"
                                "<do xmlns='urn:do' n='2'/></iq>");
  g_autoptr (FerryNode) other = ferry_fake_peer_expect (f->ben, "iq[type=result]/done");
  ferry_fake_peer_send (f->mallory, "<iq type='set' id='1' to='" ANNA "'>"
                                    "<do xmlns='urn:do'/></iq>");
  g_autoptr (FerryNode) third = ferry_fake_peer_expect (f->mallory, "iq[type=result]/done");
  g_assert_cmpuint (f->n_requests, ==, 3);

  ferry_router_let_repeats_through (f->router, "urn:do");
  ferry_fake_peer_send (f->ben, "<iq type='set' id='1' to='" ANNA "'>"
                                "<do xmlns='urn:do'/></iq>");
  g_autoptr (FerryNode) fourth = ferry_fake_peer_expect (f->ben, "iq[type=result]/done");
  g_assert_cmpuint (f->n_requests, ==, 4);
}

static void
test_late_answer (Fixture *f, gconstpointer unused)
{
  g_test_summary (
      "A request is answered once: not twice, not before its repeat, not in the next session");
  const char *request = "<iq type='set' id='%u' to='" ANNA "'><do xmlns='urn:do'/></iq>";
  g_autofree char *one = g_strdup_printf (request, 1);
  g_autofree char *two = g_strdup_printf (request, 2);

  ferry_router_add_request_handler (f->router, "urn:do", keep_cb, f);
  ferry_fake_peer_send (f->ben, "%s%s", one, one);
  ferry_fake_peer_assert_none (f->ben, "iq");
  g_assert_cmpuint (f->n_requests, ==, 1);
  ferry_router_reply (f->router, f->request, NULL);
  ferry_router_reply_error (f->router, f->request, FERRY_STANZA_CONFLICT, NULL);
  g_autoptr (FerryNode) answer = ferry_fake_peer_expect (f->ben, "iq[type=result]");
  ferry_fake_peer_assert_none (f->ben, "iq");

  ferry_fake_peer_send (f->ben, "%s", two);
  ferry_test_wait (f->n_requests == 2, 1);
  ferry_fake_net_lose_session (f->net, f->stream);
  ferry_fake_net_settle (f->net);
  ferry_router_reply (f->router, f->request, NULL);
  ferry_fake_peer_assert_none (f->ben, "iq");
}

/* --- Messages and presences ------------------------------------------------------------------
 */

static void
note_cb (FerryRouter *router, FerryNode *stanza, FerryJid *from, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", ferry_jid_get_text (from));
}

static void
test_other_stanzas (Fixture *f, gconstpointer unused)
{
  g_test_summary ("Messages go to the handlers of their children, presences to all");
  g_autoptr (GString) messages = g_string_new (NULL);
  g_autoptr (GString) presences = g_string_new (NULL);
  guint id = ferry_router_add_message_handler (f->router, "urn:m", note_cb, messages);
  ferry_router_add_presence_handler (f->router, note_cb, presences);

  ferry_fake_peer_send (f->ben,
                        "<message to='" ANNA "'><body>x</body><m xmlns='urn:m'/></message>"
                        "<message to='" ANNA "'><n xmlns='urn:n'/></message>"
                        "<presence to='" ANNA "'/>");
  ferry_fake_net_settle (f->net);
  g_assert_cmpstr (messages->str, ==, BEN " ");
  g_assert_cmpstr (presences->str, ==, BEN " ");

  g_autoptr (FerryNode) own = ferry_test_node ("<presence xmlns='jabber:client'/>");
  ferry_stream_emit_stanza (f->stream, own);
  g_assert_cmpstr (presences->str, ==, BEN " anna@north.example ");

  ferry_router_remove_handler (f->router, id);
  ferry_fake_peer_send (f->ben, "<message to='" ANNA "'><m xmlns='urn:m'/></message>");
  ferry_fake_net_settle (f->net);
  g_assert_cmpstr (messages->str, ==, BEN " ");

  FerryNode *message = ferry_node_new ("message", "jabber:client");
  ferry_node_set_attr (message, "to", BEN);
  ferry_router_send (f->router, message);
  g_autoptr (FerryNode) got = ferry_fake_peer_expect (f->ben, "message[from=" ANNA "]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/router/query/answers", test_answers);
  ADD ("/router/query/forged", test_forged_answers);
  ADD ("/router/query/own-server", test_own_server);
  ADD ("/router/query/timeout", test_timeout);
  ADD ("/router/query/interrupted", test_interrupted);
  ADD ("/router/query/lost-session", test_lost_session);
  ADD ("/router/query/cancel", test_cancel);
  ADD ("/router/query/ask-while-ending", test_ask_while_ending);
  ADD ("/router/request/answered", test_every_request_answered);
  ADD ("/router/request/unanswerable", test_unanswerable);
  ADD ("/router/request/handlers", test_handlers);
  ADD ("/router/request/repeats", test_repeats);
  ADD ("/router/request/late", test_late_answer);
  ADD ("/router/others", test_other_stanzas);
  return g_test_run ();
}
