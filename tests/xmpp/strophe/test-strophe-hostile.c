/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers that do what none should. */
#include "fake-server.h"
#include "strophe-fixture.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define HEADER                                                                                 \
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' id='1' from='ferry.test' "        \
  "xmlns:stream='" FERRY_NS_STREAMS "' version='1.0'>"
#define STARTTLS "<stream:features><starttls xmlns='" FERRY_NS_STARTTLS "'/></stream:features>"
#define PROCEED "<proceed xmlns='" FERRY_NS_STARTTLS "'/>"
#define PLAIN                                                                                  \
  "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"                     \
  "<mechanism>PLAIN</mechanism></mechanisms></stream:features>"
#define BIND                                                                                   \
  "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>"
#define BIND_SM                                                                                \
  "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='" FERRY_NS_SM   \
  "'/></stream:features>"
#define BOUND                                                                                  \
  "<iq type='result' id='_xmpp_bind1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"         \
  "<jid>alice@ferry.test/ferry-alice</jid></bind></iq>"

/* clang-format off */
#define SIGN_IN_STEPS                                                                          \
  { .expect = "<stream:stream", .reply = HEADER STARTTLS },                                    \
  { .expect = "<starttls", .reply = PROCEED, .start_tls = TRUE },                              \
  { .expect = "<stream:stream", .reply = HEADER PLAIN },                                       \
  { .expect = "<auth", .reply = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>" },       \
  { .expect = "<stream:stream", .reply = HEADER BIND },                                        \
  { .expect = "_xmpp_bind1", .reply = BOUND },                                                 \
  { .expect = "ready" }
/* clang-format on */

/* glib-networking 2.74 forgets the error of a write to a connection that broke. To be told from
 * a leak of ours (tests/lsan.supp) it needs whole stacks, which cost time. */
const char *__asan_default_options (void);

const char *
__asan_default_options (void)
{
  return "fast_unwind_on_malloc=0";
}

typedef struct
{
  FerryProsody *good; /* for its certificate, and to show that others are not disturbed */
  FerryStropheThread *thread;
  FakeServer *fake;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->good = ferry_prosody_start (NULL);
  fixture->thread = ferry_strophe_thread_get ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fake_server_free (fixture->fake);
  ferry_strophe_thread_unref (fixture->thread);
  ferry_prosody_stop (fixture->good);
}

static Peer *
connect_to_fake (Fixture *fixture, const FakeStep *steps)
{
  fixture->fake = fake_server_new (steps, fixture->good->folder);
  return peer_new (fixture->thread, "alice", fake_server_get_port (fixture->fake),
                   fixture->good->pin_sha256);
}

static void
assert_nothing_secret_sent (Fixture *fixture)
{
  g_autofree char *received = fake_server_dup_received (fixture->fake);
  g_assert_null (strstr (received, "<auth"));
  g_assert_null (strstr (received, "alice"));
}

static void
test_no_starttls (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A server without STARTTLS learns neither name nor password");

  static const FakeStep steps[] = { { .expect = "<stream:stream", .reply = HEADER PLAIN },
                                    { 0 } };
  g_autoptr (Peer) alice = connect_to_fake (fixture, steps);
  ferry_test_wait (alice->n_offline == 1, 10);
  g_assert_error (alice->error, FERRY_ERROR, FERRY_ERROR_SECURITY);
  assert_nothing_secret_sent (fixture);
}

static void
test_injection (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Bytes slipped in between <proceed/> and TLS end the attempt");

  static const FakeStep steps[] = {
    { .expect = "<stream:stream", .reply = HEADER STARTTLS },
    { .expect = "<starttls", .reply = PROCEED "<stream:features/>", .start_tls = TRUE },
    { 0 },
  };
  g_autoptr (Peer) alice = connect_to_fake (fixture, steps);
  ferry_test_wait (alice->n_offline == 1, 10);
  g_assert_error (alice->error, FERRY_ERROR, FERRY_ERROR_SECURITY);
  assert_nothing_secret_sent (fixture);
}

static void
test_not_xmpp (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Something that is no XMPP server at all is a server error");

  static const FakeStep steps[] = { { .reply = "SSH-2.0-OpenSSH_9.2\r\n" }, { 0 } };
  g_autoptr (Peer) alice = connect_to_fake (fixture, steps);
  ferry_test_wait (alice->n_offline == 1, 10);
  g_assert_error (alice->error, FERRY_ERROR, FERRY_ERROR_SERVER);
  g_assert_cmpint (alice->state_at_offline, ==, FERRY_STREAM_CONNECTING);
}

static void
test_silent_after_proceed (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A server that falls silent blocks no other account, and can be left");

  static const FakeStep steps[] = {
    { .expect = "<stream:stream", .reply = HEADER STARTTLS },
    { .expect = "<starttls", .reply = PROCEED },
    { .expect = "never" },
    { 0 },
  };
  g_autoptr (Peer) alice = connect_to_fake (fixture, steps);
  g_autoptr (Peer) bob = peer_new_online (fixture->thread, "bob", fixture->good);
  g_assert_cmpint (peer_get_state (alice), ==, FERRY_STREAM_CONNECTING);
  ferry_stream_close (alice->stream);
  ferry_test_wait (alice->n_offline == 1, 3);
  g_assert_no_error (alice->error);
}

/* Everybody has signed in; then comes @attack. It must cost the session, and nobody else. */
static void
assert_survives (Fixture *fixture, const FakeStep *steps, int code)
{
  g_autoptr (Peer) bob = peer_new_online (fixture->thread, "bob", fixture->good);
  g_autoptr (Peer) alice = connect_to_fake (fixture, steps);
  ferry_test_wait (alice->n_online == 1, 10);

  g_autoptr (FerryNode) ready = ferry_test_node ("<message xmlns='jabber:client' id='ready'/>");
  ferry_stream_send (alice->stream, ready);
  ferry_test_wait (alice->n_offline == 1, 60); /* a large attack takes its time under ASan */
  g_assert_error (alice->error, FERRY_ERROR, code);
  g_assert_cmpint (alice->state_at_offline, ==, FERRY_STREAM_CONNECTING);

  peer_send_number (bob, bob, 1, 10);
  ferry_test_wait (bob->stanzas->len == 1, 10);
  g_assert_cmpuint (bob->n_offline, ==, 0);
}

static void
test_deep (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A stanza nested a hundred thousand deep never reaches the parser");
  static const FakeStep steps[] = { SIGN_IN_STEPS,
                                    { .reply = "<a>", .n_repeats = 100000 },
                                    { 0 } };
  assert_survives (fixture, steps, FERRY_ERROR_LIMIT);
}

static void
test_wide (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A stanza of a hundred thousand elements is stopped");
  static const FakeStep steps[] = {
    SIGN_IN_STEPS,
    { .reply = "<iq>" },
    { .reply = "<a/>", .n_repeats = 100000 },
    { 0 },
  };
  assert_survives (fixture, steps, FERRY_ERROR_LIMIT);
}

static void
test_endless (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A text without end is stopped");
  static const FakeStep steps[] = {
    SIGN_IN_STEPS,
    { .reply = "<message><body>" },
    { .reply = "nothing but text, and no end in sight\n", .n_repeats = G_MAXUINT - 1 },
    { 0 },
  };
  assert_survives (fixture, steps, FERRY_ERROR_LIMIT);
}

static void
test_dtd (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A document type inside the stream is refused");
  static const FakeStep steps[] = {
    SIGN_IN_STEPS,
    { .reply = "<!DOCTYPE a [<!ENTITY b 'c'>]><message>&b;</message>" },
    { 0 },
  };
  assert_survives (fixture, steps, FERRY_ERROR_PROTOCOL);
}

static void
test_not_well_formed (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("What the guard lets through but the parser refuses ends the session too");
  static const FakeStep steps[] = {
    SIGN_IN_STEPS,
    { .reply = "<message><body>&nbsp;</body></iq>" },
    { 0 },
  };
  assert_survives (fixture, steps, FERRY_ERROR_PROTOCOL);
}

static guint
count_messages (FakeServer *server)
{
  g_autofree char *received = fake_server_dup_received (server);
  guint n = 0;
  for (const char *p = received; (p = strstr (p, "<message")) != NULL; p++)
    n++;
  return n;
}

static gboolean
set_true_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
test_never_acknowledges (Fixture *fixture, gconstpointer data)
{
  g_test_summary (
      "A server that acknowledges nothing is sent no more than 1 MiB; when too much "
      "waits for it, the session ends");
  /* clang-format off */
  static const FakeStep steps[] = {
    { .expect = "<stream:stream", .reply = HEADER STARTTLS },
    { .expect = "<starttls", .reply = PROCEED, .start_tls = TRUE },
    { .expect = "<stream:stream", .reply = HEADER PLAIN },
    { .expect = "<auth", .reply = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>" },
    { .expect = "<stream:stream", .reply = HEADER BIND_SM },
    { .expect = "_xmpp_bind1", .reply = BOUND },
    { .expect = "<enable", .reply = "<enabled xmlns='" FERRY_NS_SM "' id='i' resume='true'/>" },
    { 0 },
  };
  /* clang-format on */
  g_autofree char *body = g_strnfill (64 * 1024, 'x');
  g_autoptr (FerryNode) stanza = ferry_node_new ("message", FERRY_NS_CLIENT);
  ferry_node_add (stanza, "body", NULL, body);
  g_autoptr (Peer) alice = connect_to_fake (fixture, steps);
  ferry_test_wait (alice->n_online == 1, 10);

  for (guint i = 0; i < 48; i++)
    ferry_stream_send (alice->stream, stanza);
  ferry_test_wait (count_messages (fixture->fake) >= 16, 30);
  gboolean is_over = FALSE;
  g_timeout_add (200, set_true_cb, &is_over);
  ferry_test_wait (is_over, 5);
  g_assert_cmpuint (count_messages (fixture->fake), ==, 16);
  g_assert_cmpuint (alice->n_offline, ==, 0);

  for (guint i = 0; i < 112; i++)
    ferry_stream_send (alice->stream, stanza);
  ferry_test_wait (alice->n_offline == 1, 30);
  g_assert_error (alice->error, FERRY_ERROR, FERRY_ERROR_LIMIT);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/strophe/hostile/no-starttls", test_no_starttls);
  add ("/strophe/hostile/injection", test_injection);
  add ("/strophe/hostile/not-xmpp", test_not_xmpp);
  add ("/strophe/hostile/silent-after-proceed", test_silent_after_proceed);
  add ("/strophe/hostile/deep", test_deep);
  add ("/strophe/hostile/wide", test_wide);
  add ("/strophe/hostile/endless", test_endless);
  add ("/strophe/hostile/dtd", test_dtd);
  add ("/strophe/hostile/not-well-formed", test_not_well_formed);
  add ("/strophe/hostile/never-acknowledges", test_never_acknowledges);
  return g_test_run ();
}
