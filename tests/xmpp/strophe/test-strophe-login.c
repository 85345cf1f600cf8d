/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signing in at a real server, and being refused by it. */
#include "strophe-fixture.h"
#include "strophe-memory.h"

#include "base/ferry-error.h"

#define WRONG_PIN "0000000000000000000000000000000000000000000000000000000000000000"

typedef struct
{
  FerryProsody *server;
  FerryStropheThread *thread;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  /* A second host, which shows the certificate of the first. */
  const char *options[] = { "--option=VirtualHost \"other.test\"", NULL };
  fixture->server = ferry_prosody_start (options);
  fixture->thread = ferry_strophe_thread_get ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  ferry_strophe_thread_unref (fixture->thread);
  ferry_prosody_stop (fixture->server);
}

static void
test_starttls_with_pin (Fixture *fixture, gconstpointer data)
{
  g_test_summary (
      "STARTTLS and the pinned certificate lead to a session, which closes cleanly");

  g_autoptr (Peer) alice = peer_new_online (fixture->thread, "alice", fixture->server);
  g_assert_cmpuint (alice->n_resumed, ==, 0);
  g_assert_cmpstr (ferry_jid_get_text (ferry_stream_get_jid (alice->stream)), ==,
                   "alice@ferry.test/ferry-alice");

  ferry_stream_close (alice->stream);
  ferry_test_wait (alice->n_offline == 1, 5);
  g_assert_no_error (alice->error);
  g_assert_cmpint (peer_get_state (alice), ==, FERRY_STREAM_OFFLINE);

  ferry_stream_open (alice->stream);
  ferry_test_wait (alice->n_online == 2, 10);
  g_assert_cmpuint (alice->n_resumed, ==, 0);
}

static void
test_direct_tls_with_authority (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Direct TLS and a CA file lead to a session; the name is checked");

  g_autoptr (FerryJid) jid = ferry_jid_new ("bob@ferry.test/x", NULL);
  FerryStropheConfig config = { .jid = jid,
                                .password = "secret",
                                .host = "127.0.0.1",
                                .port = fixture->server->tls_port,
                                .direct_tls = TRUE,
                                .ca_file = fixture->server->cert_path };
  g_autoptr (Peer) bob = peer_new_for_config (fixture->thread, &config);
  ferry_test_wait (bob->n_online == 1, 10);

  g_autoptr (FerryJid) other = ferry_jid_new ("bob@other.test/x", NULL);
  config.jid = other;
  g_autoptr (Peer) misled = peer_new_for_config (fixture->thread, &config);
  ferry_test_wait (misled->n_offline == 1, 10);
  g_assert_error (misled->error, FERRY_ERROR, FERRY_ERROR_CERTIFICATE);
  FerryCertificate *certificate =
      ferry_strophe_stream_get_certificate (FERRY_STROPHE_STREAM (misled->stream));
  g_assert_cmpint (certificate->problems & G_TLS_CERTIFICATE_BAD_IDENTITY, !=, 0);
}

static void
test_wrong_pin (Fixture *fixture, gconstpointer data)
{
  g_test_summary (
      "Another certificate than the pinned one is refused, shown, and can be trusted");

  g_autoptr (Peer) alice =
      peer_new (fixture->thread, "alice", fixture->server->c2s_port, WRONG_PIN);
  FerryStropheStream *stream = FERRY_STROPHE_STREAM (alice->stream);
  ferry_test_wait (alice->n_offline == 1, 10);
  g_assert_error (alice->error, FERRY_ERROR, FERRY_ERROR_CERTIFICATE);
  g_assert_cmpint (alice->state_at_offline, ==, FERRY_STREAM_OFFLINE);
  g_assert_cmpuint (ferry_strophe_stream_get_retry_in_ms (stream), ==, 0);

  FerryCertificate *certificate = ferry_strophe_stream_get_certificate (stream);
  g_assert_nonnull (certificate);
  g_assert_cmpstr (certificate->host, ==, "ferry.test");
  g_assert_cmpstr (certificate->sha256, ==, fixture->server->pin_sha256);
  g_assert_cmpstr (certificate->pinned, ==, WRONG_PIN);
  g_assert_nonnull (strstr (certificate->subject, "ferry.test"));
  g_assert_nonnull (certificate->not_after);

  ferry_strophe_stream_set_pin (stream, certificate->sha256);
  ferry_stream_open (alice->stream);
  ferry_test_wait (alice->n_online == 1, 10);
}

static void
test_untrusted (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Without a pin a self-signed certificate is refused, and says why");

  g_autoptr (Peer) alice = peer_new (fixture->thread, "alice", fixture->server->c2s_port, NULL);
  ferry_test_wait (alice->n_offline == 1, 10);
  g_assert_error (alice->error, FERRY_ERROR, FERRY_ERROR_CERTIFICATE);
  FerryCertificate *certificate =
      ferry_strophe_stream_get_certificate (FERRY_STROPHE_STREAM (alice->stream));
  g_assert_null (certificate->pinned);
  g_assert_cmpint (certificate->problems & G_TLS_CERTIFICATE_UNKNOWN_CA, !=, 0);
}

static void
test_wrong_password (Fixture *fixture, gconstpointer data)
{
  g_test_summary (
      "A wrong password ends all attempts; with the right one it can be opened again");

  /* The library has begun with the next mechanism by then. */
  strophe_memory_allow_broken_logins (1);
  g_autoptr (FerryJid) jid = ferry_jid_new ("alice@ferry.test/x", NULL);
  FerryStropheConfig config = { .jid = jid,
                                .password = "wrong",
                                .host = "127.0.0.1",
                                .port = fixture->server->c2s_port,
                                .pin_sha256 = fixture->server->pin_sha256 };
  g_autoptr (Peer) alice = peer_new_for_config (fixture->thread, &config);
  FerryStropheStream *stream = FERRY_STROPHE_STREAM (alice->stream);
  ferry_test_wait (alice->n_offline == 1, 10);
  g_assert_error (alice->error, FERRY_ERROR, FERRY_ERROR_LOGIN);
  g_assert_cmpint (alice->state_at_offline, ==, FERRY_STREAM_OFFLINE);
  g_assert_cmpuint (ferry_strophe_stream_get_retry_in_ms (stream), ==, 0);

  ferry_strophe_stream_set_password (stream, "secret");
  ferry_stream_open (alice->stream);
  ferry_test_wait (alice->n_online == 1, 10);
}

static void
test_at_once (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Two accounts that sign in at the same instant do not disturb each other");

  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (Peer) alice = peer_new (fixture->thread, "alice", fixture->server->c2s_port,
                                         fixture->server->pin_sha256);
      g_autoptr (Peer) bob = peer_new (fixture->thread, "bob", fixture->server->c2s_port,
                                       fixture->server->pin_sha256);
      ferry_test_wait (alice->n_online == 1 && bob->n_online == 1, 10);
      g_assert_cmpuint (alice->n_offline + bob->n_offline, ==, 0);
    }
}

static void
test_conflict (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Signing in elsewhere with the same device name ends the first session");

  g_autoptr (Peer) first = peer_new_online (fixture->thread, "alice", fixture->server);
  g_autoptr (Peer) second = peer_new_online (fixture->thread, "alice", fixture->server);
  ferry_test_wait (first->n_offline == 1, 10);
  g_assert_error (first->error, FERRY_ERROR, FERRY_ERROR_CONFLICT);
  g_assert_cmpint (first->state_at_offline, ==, FERRY_STREAM_OFFLINE);
  g_assert_cmpint (peer_get_state (second), ==, FERRY_STREAM_ONLINE);
}

static void
test_unreachable (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A server that is not there is tried again, and found when it is back");

  ferry_prosody_interrupt (fixture->server);
  g_autoptr (Peer) alice = peer_new (fixture->thread, "alice", fixture->server->c2s_port,
                                     fixture->server->pin_sha256);
  FerryStropheStream *stream = FERRY_STROPHE_STREAM (alice->stream);
  ferry_test_wait (alice->n_offline == 1, 10);
  g_assert_error (alice->error, FERRY_ERROR, FERRY_ERROR_SERVER);
  g_assert_cmpint (alice->state_at_offline, ==, FERRY_STREAM_CONNECTING);
  g_assert_cmpuint (ferry_strophe_stream_get_retry_in_ms (stream), >, 0);
  g_assert_cmpuint (ferry_strophe_stream_get_retry_in_ms (stream), <=, 1201);

  ferry_prosody_restart (fixture->server);
  ferry_strophe_stream_check (stream);
  g_assert_cmpuint (ferry_strophe_stream_get_retry_in_ms (stream), ==, 0);
  ferry_test_wait (alice->n_online == 1, 10);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  /* A proxy that is not there: to the own machine nobody may go by it. */
  g_setenv ("http_proxy", "http://127.0.0.1:9", TRUE);
  g_test_init (&argc, &argv, NULL);
  add ("/strophe/login/starttls-with-pin", test_starttls_with_pin);
  add ("/strophe/login/direct-tls-with-authority", test_direct_tls_with_authority);
  add ("/strophe/login/wrong-pin", test_wrong_pin);
  add ("/strophe/login/untrusted", test_untrusted);
  add ("/strophe/login/wrong-password", test_wrong_password);
  add ("/strophe/login/at-once", test_at_once);
  add ("/strophe/login/conflict", test_conflict);
  add ("/strophe/login/unreachable", test_unreachable);
  return g_test_run ();
}
