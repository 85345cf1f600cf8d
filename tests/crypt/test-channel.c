/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two channels with somebody in between, who can pass bytes on one by one, change one, or cut.
 */
#include "base/ferry-error.h"
#include "crypt/ferry-channel.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_TURNS 2000000
#define NEVER G_MAXUINT64

typedef enum
{
  SHAKING,
  WRITING,
  SHUTTING,
  READING,
  ENDED,
} Stage;

typedef struct
{
  FerryChannel channel;
  Stage stage;
  gboolean sends;
  gsize n_written;
  GByteArray *got;
  int result; /* 0, or the negative errno that ended it */
} End;

typedef struct
{
  FerryTlsIdentity *own[2];
  End ends[2]; /* client, server */
  int middle[2];
  gsize chunk;         /* how much the middle passes on at once */
  guint64 flip_at;     /* byte that it changes on the way to the receiver */
  guint64 cut_at;      /* byte on the way to the receiver after which it closes */
  guint64 n_passed;    /* to the receiver */
  GByteArray *said[2]; /* nullable: what each end has sent */
  GBytes *file;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      int pair[2];
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), ==, 0);
      fixture->own[i] = ferry_tls_identity_generate (NULL);
      ferry_channel_init (&fixture->ends[i].channel, pair[0]);
      fixture->middle[i] = pair[1];
      fixture->ends[i].got = g_byte_array_new ();
    }
  fixture->chunk = 5000;
  fixture->flip_at = fixture->cut_at = NEVER;
  guint8 *bytes = g_malloc (300000);
  for (guint i = 0; i < 300000; i++)
    bytes[i] = (guint8) (i * 7 + i / 251);
  fixture->file = g_bytes_new_take (bytes, 300000);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      ferry_channel_clear (&fixture->ends[i].channel);
      g_byte_array_unref (fixture->ends[i].got);
      if (fixture->middle[i] >= 0)
        close (fixture->middle[i]);
      g_clear_pointer (&fixture->own[i], ferry_tls_identity_unref);
    }
  g_bytes_unref (fixture->file);
}

/* --- One end ---------------------------------------------------------------------------------
 */

static gssize
act (Fixture *fixture, End *end)
{
  guint8 buffer[10000];
  gsize size;
  const guint8 *file = g_bytes_get_data (fixture->file, &size);
  gssize n = 0;

  switch (end->stage)
    {
    case SHAKING:
      n = ferry_channel_handshake (&end->channel);
      if (n == 0)
        end->stage = end->sends ? WRITING : READING;
      break;
    case WRITING:
      n = ferry_channel_write (&end->channel, file + end->n_written, size - end->n_written);
      end->n_written += (gsize) MAX (n, 0);
      if (end->n_written == size)
        end->stage = SHUTTING;
      break;
    case SHUTTING:
      n = ferry_channel_shut_write (&end->channel);
      if (n == 0)
        end->stage = end->sends ? READING : ENDED;
      break;
    case READING:
      n = ferry_channel_read (&end->channel, buffer, sizeof buffer);
      if (n > 0)
        g_byte_array_append (end->got, buffer, (guint) n);
      else if (n == 0)
        end->stage = end->sends ? ENDED : SHUTTING;
      break;
    case ENDED:
    default:
      break;
    }
  return n;
}

static void
turn (Fixture *fixture, End *end)
{
  gssize n = end->stage != ENDED ? act (fixture, end) : 0;

  if (n >= 0 || n == -EAGAIN)
    return;
  end->result = (int) n;
  end->stage = ENDED;
  shutdown (end->channel.fd, SHUT_RDWR);
}

/* --- In between ------------------------------------------------------------------------------
 */

static void
pass_on (Fixture *fixture, guint from)
{
  gboolean to_receiver = fixture->ends[from].sends;
  guint8 buffer[8192];

  if (fixture->middle[0] < 0)
    return;
  gssize n =
      recv (fixture->middle[from], buffer, MIN (fixture->chunk, sizeof buffer), MSG_PEEK);
  if (n == 0)
    shutdown (fixture->middle[1 - from], SHUT_WR);
  if (n <= 0)
    return;

  guint64 at = fixture->n_passed;
  if (to_receiver && fixture->flip_at >= at && fixture->flip_at < at + (guint64) n)
    buffer[fixture->flip_at - at] ^= 1;
  if (to_receiver && fixture->cut_at < at + (guint64) n)
    n = (gssize) (fixture->cut_at - at);
  gssize sent = n > 0 ? send (fixture->middle[1 - from], buffer, (gsize) n, MSG_NOSIGNAL) : 0;
  if (sent > 0 && fixture->said[from] != NULL)
    g_byte_array_append (fixture->said[from], buffer, (guint) sent);
  if (sent > 0)
    recv (fixture->middle[from], buffer, (gsize) sent, 0);
  else if (sent < 0 && errno != EAGAIN)
    shutdown (fixture->middle[from], SHUT_RDWR);
  if (to_receiver && sent > 0)
    fixture->n_passed += (guint64) sent;
  if (to_receiver && fixture->n_passed >= fixture->cut_at)
    for (guint i = 0; i < 2; i++)
      {
        close (fixture->middle[i]);
        fixture->middle[i] = -1;
      }
}

/* @sender: 0 the client, 1 the server */
static void
run (Fixture *fixture, guint sender)
{
  fixture->ends[sender].sends = TRUE;
  for (guint i = 0; i < N_TURNS; i++)
    {
      for (guint which = 0; which < 2; which++)
        {
          turn (fixture, &fixture->ends[which]);
          pass_on (fixture, which);
        }
      if (fixture->ends[0].stage == ENDED && fixture->ends[1].stage == ENDED)
        return;
    }
  g_assert_not_reached ();
}

static void
start (Fixture *fixture, guint which, FerryTlsRole role, FerryTlsIdentity *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryTlsAgreement) agreement = ferry_tls_agreement_new (
      role, fixture->own[which], ferry_tls_identity_get_fingerprint (expected));

  ferry_channel_start_tls (&fixture->ends[which].channel, agreement, &error);
  g_assert_no_error (error);
}

static void
start_both (Fixture *fixture)
{
  start (fixture, 0, FERRY_TLS_CLIENT, fixture->own[1]);
  start (fixture, 1, FERRY_TLS_SERVER, fixture->own[0]);
}

static void
assert_arrived (Fixture *fixture, guint receiver)
{
  g_autoptr (GBytes) got =
      g_byte_array_free_to_bytes (g_steal_pointer (&fixture->ends[receiver].got));

  fixture->ends[receiver].got = g_byte_array_new ();
  g_assert_cmpint (fixture->ends[0].result, ==, 0);
  g_assert_cmpint (fixture->ends[1].result, ==, 0);
  g_assert_true (g_bytes_equal (got, fixture->file));
  g_assert_false (fixture->ends[receiver].channel.was_cut);
}

/* --- Tests -----------------------------------------------------------------------------------
 */

static void
test_plain (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Without an agreement bytes go as they are");
  fixture->ends[0].stage = WRITING;
  fixture->ends[1].stage = READING;
  run (fixture, 0);
  assert_arrived (fixture, 1);
  g_assert_cmpuint (fixture->n_passed, ==, g_bytes_get_size (fixture->file));
}

static void
test_either_way (Fixture *fixture, gconstpointer sender)
{
  g_test_summary ("The file goes either way, whoever is the client");
  start_both (fixture);
  run (fixture, GPOINTER_TO_UINT (sender));
  assert_arrived (fixture, 1 - GPOINTER_TO_UINT (sender));
  g_assert_cmpuint (fixture->n_passed, >, g_bytes_get_size (fixture->file));
}

static void
test_byte_by_byte (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A network that delivers single bytes is only slow");
  g_bytes_unref (fixture->file);
  fixture->file = g_bytes_new_static ("short", 5);
  fixture->chunk = 1;
  start_both (fixture);
  run (fixture, 0);
  assert_arrived (fixture, 1);
}

static void
test_wrong_server_key (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("The client accepts no key but the agreed one");
  g_autoptr (FerryTlsIdentity) other = ferry_tls_identity_generate (NULL);
  start (fixture, 0, FERRY_TLS_CLIENT, other);
  start (fixture, 1, FERRY_TLS_SERVER, fixture->own[0]);
  run (fixture, 1);
  g_assert_cmpint (fixture->ends[0].result, ==, -EBADMSG);
  g_assert_cmpuint (fixture->ends[0].got->len, ==, 0);
}

static void
test_wrong_client_key (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("The server accepts no key but the agreed one");
  g_autoptr (FerryTlsIdentity) other = ferry_tls_identity_generate (NULL);
  start (fixture, 0, FERRY_TLS_CLIENT, fixture->own[1]);
  start (fixture, 1, FERRY_TLS_SERVER, other);
  run (fixture, 0);
  g_assert_cmpint (fixture->ends[1].result, ==, -EBADMSG);
  g_assert_cmpuint (fixture->ends[1].got->len, ==, 0);
}

static void
test_same_roles (Fixture *fixture, gconstpointer role)
{
  g_test_summary ("Two clients, or two servers, never come to an agreement");
  start (fixture, 0, GPOINTER_TO_INT (role), fixture->own[1]);
  start (fixture, 1, GPOINTER_TO_INT (role), fixture->own[0]);
  if (GPOINTER_TO_INT (role) == FERRY_TLS_SERVER)
    fixture->cut_at = 0; /* both wait, until a limit of time */
  else
    run (fixture, 0);
  for (guint i = 0; i < 2; i++)
    {
      if (GPOINTER_TO_INT (role) == FERRY_TLS_SERVER)
        g_assert_cmpint (ferry_channel_handshake (&fixture->ends[i].channel), ==, -EAGAIN);
      else
        g_assert_cmpint (fixture->ends[i].result, !=, 0);
    }
}

static void
test_clear_text (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A peer that sends the file in clear is refused");
  fixture->ends[0].stage = WRITING;
  start (fixture, 1, FERRY_TLS_SERVER, fixture->own[0]);
  run (fixture, 0);
  g_assert_cmpint (fixture->ends[1].result, ==, -EBADMSG);
  g_assert_cmpuint (fixture->ends[1].got->len, ==, 0);
}

static void
test_changed (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("One changed bit anywhere is noticed, and nothing after it is believed");
  start_both (fixture);
  run (fixture, 0);
  guint64 n_all = fixture->n_passed;
  tear_down (fixture, NULL);

  /* In the hello, the rest of the handshake, the first record, the middle, the last record of
   * the file, and the end that is said: 24 bytes, whose middle is taken because signatures, and
   * so all that comes after, are a few bytes longer or shorter each time. */
  guint64 places[] = { 60, 700, 2000, n_all / 2, n_all - 100, n_all - 12 };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      *fixture = (Fixture){ 0 };
      set_up (fixture, NULL);
      start_both (fixture);
      fixture->flip_at = places[i];
      run (fixture, 0);

      GByteArray *got = fixture->ends[1].got;
      g_assert_cmpint (fixture->ends[1].result, ==, -EBADMSG);
      g_assert_cmpuint (got->len, <=, g_bytes_get_size (fixture->file));
      g_assert_cmpmem (got->data, got->len, g_bytes_get_data (fixture->file, NULL), got->len);
      if (i + 1 < G_N_ELEMENTS (places))
        tear_down (fixture, NULL);
    }
}

static void
test_cut (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("An end that the peer did not say is told apart from one that it said");
  start_both (fixture);
  fixture->cut_at = 200000;
  run (fixture, 0);
  g_assert_cmpint (fixture->ends[1].result, ==, 0);
  g_assert_true (fixture->ends[1].channel.was_cut);
  g_assert_cmpuint (fixture->ends[1].got->len, <, g_bytes_get_size (fixture->file));
}

/* @from: days from now at which the certificate begins to be good, @to: ends */
static FerryTlsIdentity *
make_dated (int from, int to)
{
  g_autoptr (FerryTlsIdentity) made = ferry_tls_identity_generate (NULL);
  EVP_PKEY *key = ferry_tls_identity_get_key (made);
  X509 *certificate = ferry_tls_identity_get_certificate (made);
  g_autoptr (GError) error = NULL;

  X509_time_adj_ex (X509_getm_notBefore (certificate), from, 0, NULL);
  X509_time_adj_ex (X509_getm_notAfter (certificate), to, 0, NULL);
  g_assert_cmpint (X509_sign (certificate, key, EVP_sha256 ()), >, 0);
  g_autofree char *pem = ferry_tls_identity_to_pem (made);
  FerryTlsIdentity *dated = ferry_tls_identity_new_from_pem (pem, &error);
  g_assert_no_error (error);
  return dated;
}

static void
test_dates (Fixture *fixture, gconstpointer data)
{
  g_test_summary (
      "A key is known by its fingerprint: dates of its certificate that are over, or "
      "still to come, as where a clock is wrong, are no reason to fail");
  static const int days[][2] = { { -20000, -10000 }, { 10000, 20000 }, { 10, -10 } };

  for (guint i = 0; i < G_N_ELEMENTS (days); i++)
    {
      tear_down (fixture, NULL);
      *fixture = (Fixture){ 0 };
      set_up (fixture, NULL);
      for (guint end = 0; end < 2; end++)
        {
          ferry_tls_identity_unref (fixture->own[end]);
          fixture->own[end] = make_dated (days[i][0], days[i][1]);
        }
      start_both (fixture);
      run (fixture, 0);
      assert_arrived (fixture, 1);
    }
}

/* To a new channel somebody says what was said in another session, which they have heard. */
static void
test_replay (Fixture *fixture, gconstpointer data)
{
  g_test_summary (
      "Who has heard a session cannot be either end of another one, though the keys "
      "are the same");
  for (guint i = 0; i < 2; i++)
    fixture->said[i] = g_byte_array_new ();
  start_both (fixture);
  run (fixture, 0);
  assert_arrived (fixture, 1);

  for (guint heard = 0; heard < 2; heard++)
    {
      FerryTlsRole role = heard == 0 ? FERRY_TLS_SERVER : FERRY_TLS_CLIENT;
      g_autoptr (FerryTlsAgreement) agreement =
          ferry_tls_agreement_new (role, fixture->own[1 - heard],
                                   ferry_tls_identity_get_fingerprint (fixture->own[heard]));
      FerryChannel channel;
      guint8 buffer[16384];
      gsize n_said = 0;
      gssize n = -EAGAIN;
      int pair[2];

      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), ==, 0);
      ferry_channel_init (&channel, pair[0]);
      g_assert_true (ferry_channel_start_tls (&channel, agreement, NULL));
      for (guint i = 0; i < N_TURNS && n == -EAGAIN && n_said < fixture->said[heard]->len; i++)
        {
          gssize sent = send (pair[1], fixture->said[heard]->data + n_said,
                              fixture->said[heard]->len - n_said, MSG_NOSIGNAL);
          n_said += (gsize) MAX (sent, 0);
          n = ferry_channel_handshake (&channel);
          recv (pair[1], buffer, sizeof buffer, 0);
        }
      g_assert_cmpint (n, ==, -EBADMSG);
      ferry_channel_clear (&channel);
      close (pair[1]);
      g_byte_array_unref (fixture->said[heard]);
    }
}

/* --- Peers of another make -------------------------------------------------------------------
 */

typedef struct
{
  const char *what;
  int max_version;
  gboolean has_certificate;
  gboolean has_second_certificate;
  const char *alpn;
} Strange;

static SSL_CTX *
strange_context (const Strange *strange, FerryTlsIdentity *identity, FerryTlsIdentity *second)
{
  SSL_CTX *context = SSL_CTX_new (TLS_client_method ());

  SSL_CTX_set_max_proto_version (context, strange->max_version);
  if (strange->alpn != NULL)
    SSL_CTX_set_alpn_protos (context, (const guchar *) strange->alpn, strlen (strange->alpn));
  if (strange->has_certificate)
    {
      SSL_CTX_use_certificate (context, ferry_tls_identity_get_certificate (identity));
      SSL_CTX_use_PrivateKey (context, ferry_tls_identity_get_key (identity));
    }
  if (strange->has_second_certificate)
    SSL_CTX_add1_chain_cert (context, ferry_tls_identity_get_certificate (second));
  return context;
}

static void
try_strange (Fixture *fixture, const Strange *strange, int expected)
{
  SSL_CTX *context = strange_context (strange, fixture->own[0], fixture->own[1]);
  SSL *ssl = SSL_new (context);
  int result = -EAGAIN;

  g_test_message ("%s", strange->what);
  SSL_set_fd (ssl, fixture->ends[0].channel.fd);
  SSL_set_connect_state (ssl);
  start (fixture, 1, FERRY_TLS_SERVER, fixture->own[0]);
  for (guint i = 0; i < 1000 && result == -EAGAIN; i++)
    {
      SSL_do_handshake (ssl);
      pass_on (fixture, 0);
      result = ferry_channel_handshake (&fixture->ends[1].channel);
      pass_on (fixture, 1);
    }
  g_assert_cmpint (result, ==, expected);
  SSL_free (ssl);
  SSL_CTX_free (context);
}

static void
test_strangers (Fixture *fixture, gconstpointer data)
{
  static const Strange strangers[] = {
    { "as it should be", TLS1_3_VERSION, TRUE, FALSE,
      "\x07"
      "ferry/0" },
    { "TLS 1.2", TLS1_2_VERSION, TRUE, FALSE,
      "\x07"
      "ferry/0" },
    { "no certificate", TLS1_3_VERSION, FALSE, FALSE,
      "\x07"
      "ferry/0" },
    { "two certificates", TLS1_3_VERSION, TRUE, TRUE,
      "\x07"
      "ferry/0" },
    { "another protocol", TLS1_3_VERSION, TRUE, FALSE,
      "\x02"
      "h2" },
    { "no protocol", TLS1_3_VERSION, TRUE, FALSE, NULL },
  };
  g_test_summary ("Only TLS 1.3, one certificate and our own protocol are taken");
  for (guint i = 0; i < G_N_ELEMENTS (strangers); i++)
    {
      try_strange (fixture, &strangers[i], i == 0 ? 0 : -EBADMSG);
      tear_down (fixture, NULL);
      *fixture = (Fixture){ 0 };
      set_up (fixture, NULL);
    }
}

#define ADD(path, data, function)                                                              \
  g_test_add ("/channel/" path, Fixture, data, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("plain", NULL, test_plain);
  ADD ("client-sends", GUINT_TO_POINTER (0), test_either_way);
  ADD ("server-sends", GUINT_TO_POINTER (1), test_either_way);
  ADD ("byte-by-byte", NULL, test_byte_by_byte);
  ADD ("wrong-server-key", NULL, test_wrong_server_key);
  ADD ("wrong-client-key", NULL, test_wrong_client_key);
  ADD ("two-clients", GINT_TO_POINTER (FERRY_TLS_CLIENT), test_same_roles);
  ADD ("two-servers", GINT_TO_POINTER (FERRY_TLS_SERVER), test_same_roles);
  ADD ("clear-text", NULL, test_clear_text);
  ADD ("changed", NULL, test_changed);
  ADD ("cut", NULL, test_cut);
  ADD ("dates", NULL, test_dates);
  ADD ("replay", NULL, test_replay);
  ADD ("strangers", NULL, test_strangers);
  return g_test_run ();
}
