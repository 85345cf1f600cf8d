/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "signalling/ferry-negotiator.h"

/* A session that writes down what it was asked, and does no more. */
typedef FerrySessionClass ScribeClass;
typedef struct
{
  FerrySession parent_instance;
  GString *asked;
} Scribe;

GType scribe_get_type (void);
G_DEFINE_TYPE (Scribe, scribe, FERRY_TYPE_SESSION)

static void
scribe_accept (FerrySession *session, FerryRoute routes)
{
  g_string_append_printf (((Scribe *) session)->asked, "accept:%u ", (guint) routes);
  ferry_session_set_state (session, FERRY_SESSION_CONNECTING);
}

static void
scribe_decline (FerrySession *session)
{
  g_string_append (((Scribe *) session)->asked, "decline ");
  ferry_session_end (session, NULL);
}

static void
scribe_cancel (FerrySession *session)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
  g_string_append (((Scribe *) session)->asked, "cancel ");
  ferry_session_end (session, error);
}

static void
scribe_sent (FerrySession *session, const FerryHash *hash, gboolean peer_closed)
{
  g_string_append_printf (((Scribe *) session)->asked, "sent:%d ", peer_closed);
}

static void
scribe_complete (FerrySession *session, gboolean verified)
{
  g_string_append_printf (((Scribe *) session)->asked, "complete:%d ", verified);
}

static void
scribe_fail (FerrySession *session, const GError *error)
{
  g_string_append (((Scribe *) session)->asked, "fail ");
  ferry_session_end (session, error);
}

static void
scribe_finalize (GObject *object)
{
  g_string_free (((Scribe *) object)->asked, TRUE);
  G_OBJECT_CLASS (scribe_parent_class)->finalize (object);
}

static void
scribe_class_init (ScribeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = scribe_finalize;
  klass->accept = scribe_accept;
  klass->decline = scribe_decline;
  klass->cancel = scribe_cancel;
  klass->sent = scribe_sent;
  klass->complete = scribe_complete;
  klass->fail = scribe_fail;
}

static void
scribe_init (Scribe *self)
{
  self->asked = g_string_new (NULL);
}

static FerrySession *
new_session (FerryDirection direction)
{
  g_autoptr (FerryJid) peer = ferry_jid_new ("romeo@montague.example/orchard", NULL);
  g_autoptr (FerryFileInfo) file = ferry_file_info_new ("letter.txt", 1234);
  return g_object_new (scribe_get_type (), "id", "s1", "signalling", "si", "direction",
                       direction, "peer", peer, "file", file, NULL);
}

static void
append_state (FerrySession *session, gpointer log)
{
  g_string_append_printf (log, "state:%d ", (int) ferry_session_get_state (session));
}

static void
append_route (FerrySession *session, gpointer log)
{
  g_string_append_printf (log, "route:%u ", (guint) ferry_session_get_route (session));
}

static void
append_opened (FerrySession *session, GSocket *socket, gpointer log)
{
  g_string_append (log, "opened ");
}

static void
append_checksum (FerrySession *session, const FerryHash *hash, gpointer log)
{
  g_string_append_printf (log, "checksum:%s ", ferry_hash_algo_get_name (hash->algo));
}

static void
append_note (FerrySession *session, const char *text, gpointer log)
{
  g_string_append_printf (log, "note:%s ", text);
}

static void
append_ended (FerrySession *session, const GError *error, gpointer log)
{
  g_string_append_printf (log, "ended:%s ",
                          error != NULL ? ferry_error_get_code_name (error) : "well");
}

static void
watch (FerrySession *session, GString *log)
{
  g_signal_connect (session, "state-changed", G_CALLBACK (append_state), log);
  g_signal_connect (session, "route-changed", G_CALLBACK (append_route), log);
  g_signal_connect (session, "opened", G_CALLBACK (append_opened), log);
  g_signal_connect (session, "checksum", G_CALLBACK (append_checksum), log);
  g_signal_connect (session, "note", G_CALLBACK (append_note), log);
  g_signal_connect (session, "ended", G_CALLBACK (append_ended), log);
}

static GSocket *
new_socket (void)
{
  return g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                       NULL);
}

static void
test_life (void)
{
  g_test_summary ("A session tells its whole life through signals, in order");
  g_autoptr (FerrySession) session = new_session (FERRY_DIRECTION_RECEIVE);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GSocket) socket = new_socket ();
  const FerryHash hash = { .algo = FERRY_HASH_SHA256 };
  watch (session, log);

  g_assert_cmpstr (ferry_session_get_id (session), ==, "s1");
  g_assert_cmpstr (ferry_session_get_signalling (session), ==, "si");
  g_assert_cmpint (ferry_session_get_direction (session), ==, FERRY_DIRECTION_RECEIVE);
  g_assert_cmpstr (ferry_jid_get_resource (ferry_session_get_peer (session)), ==, "orchard");
  g_assert_cmpstr (ferry_session_get_file (session)->name, ==, "letter.txt");
  g_assert_cmpint (ferry_session_get_state (session), ==, FERRY_SESSION_OFFERED);

  ferry_session_accept (session, FERRY_ROUTE_DIRECT);
  ferry_session_accept (session, FERRY_ROUTE_DIRECT); /* too late: not passed on */
  ferry_session_decline (session);                    /* likewise */
  ferry_session_set_route (session, FERRY_ROUTE_PROXY);
  ferry_session_set_route (session, FERRY_ROUTE_PROXY);
  ferry_session_set_expects_checksum (session, TRUE);
  ferry_session_emit_opened (session, socket);
  ferry_session_emit_note (session, "%s-%d", "proxy", 1);
  g_assert_true (ferry_session_expects_checksum (session));
  ferry_session_emit_checksum (session, &hash);
  g_assert_false (ferry_session_expects_checksum (session));
  ferry_session_complete (session, TRUE);
  g_assert_false (ferry_session_was_received (session));
  ferry_session_set_received (session);
  g_assert_true (ferry_session_was_received (session));
  ferry_session_set_state (session, FERRY_SESSION_CLOSING);
  ferry_session_end (session, NULL);

  g_assert_cmpstr (((Scribe *) session)->asked->str, ==, "accept:1 complete:1 ");
  g_assert_cmpstr (log->str, ==,
                   "state:1 route:4 state:2 opened note:proxy-1 checksum:sha-256 state:3 "
                   "state:4 ended:well ");
}

static void
cancel_when_open (FerrySession *session, gpointer user_data)
{
  if (ferry_session_get_state (session) == FERRY_SESSION_OPEN)
    ferry_session_cancel (session);
}

static void
drop_last (FerrySession *session, const GError *error, gpointer user_data)
{
  g_clear_object ((FerrySession **) user_data);
}

static void
test_ended_once (void)
{
  g_test_summary ("\"ended\" comes exactly once and last, whoever calls whatever afterwards");
  FerrySession *session = new_session (FERRY_DIRECTION_SEND);
  g_autoptr (FerrySession) watched = g_object_ref (session);
  g_autoptr (GString) log = g_string_new (NULL);
  g_autoptr (GSocket) socket = new_socket ();
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BROKEN, "x");
  const FerryHash hash = { .algo = FERRY_HASH_SHA1 };
  g_signal_connect (session, "state-changed", G_CALLBACK (cancel_when_open), NULL);
  watch (session, log);
  g_signal_connect (session, "ended", G_CALLBACK (drop_last), &session);

  ferry_session_emit_opened (session, socket); /* cancelled in the middle of it */
  g_assert_null (session);
  ferry_session_end (watched, error);
  ferry_session_cancel (watched);
  ferry_session_fail (watched, error);
  ferry_session_sent (watched, &hash, FALSE);
  ferry_session_set_state (watched, FERRY_SESSION_OPEN);
  ferry_session_set_route (watched, FERRY_ROUTE_DIRECT);
  ferry_session_emit_checksum (watched, &hash);
  ferry_session_emit_note (watched, "late");

  g_assert_cmpint (ferry_session_get_state (watched), ==, FERRY_SESSION_ENDED);
  g_assert_cmpstr (((Scribe *) watched)->asked->str, ==, "cancel ");
  /* "ended" itself first, then the news of the state from the emission it interrupted. */
  g_assert_cmpstr (log->str, ==, "state:4 ended:cancelled state:4 ");
}

static void
test_last_reference (void)
{
  g_test_summary ("The handler of \"ended\" may drop the last reference");
  FerrySession *session = new_session (FERRY_DIRECTION_SEND);
  gpointer weak = session;
  g_object_add_weak_pointer (G_OBJECT (session), &weak);
  g_signal_connect (session, "ended", G_CALLBACK (drop_last), &session);

  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_SOURCE, "x");
  ferry_session_fail (session, error);
  g_assert_null (session);
  g_assert_null (weak);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/life", test_life);
  g_test_add_func ("/session/ended-once", test_ended_once);
  g_test_add_func ("/session/last-reference", test_last_reference);
  return g_test_run ();
}
