/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pumps that encrypt. What the channel refuses is tested with the channel. */
#include "transfer-test.h"

#include "base/ferry-error.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MIB (1024 * 1024)

typedef struct
{
  char *folder;
  char *source;
  char *target;
  SocketPair pair;
  FerryTlsIdentity *own[2]; /* sender, receiver */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = ferry_test_make_folder ();
  self->source = g_build_filename (self->folder, "source", NULL);
  self->target = g_build_filename (self->folder, "target", NULL);
  socket_pair_open (&self->pair, TRUE);
  for (guint i = 0; i < 2; i++)
    self->own[i] = ferry_tls_identity_generate (NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  socket_pair_clear (&self->pair);
  ferry_test_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->source);
  g_free (self->target);
  for (guint i = 0; i < 2; i++)
    ferry_tls_identity_unref (self->own[i]);
}

/* @role: of the sender; @known: whom the receiver expects */
static void
start_with (Fixture *self,
            const FerryPumpLimits *limits,
            guint64 size,
            gint64 announced,
            FerryTlsRole role,
            FerryTlsIdentity *known,
            Run *sending,
            Run *receiving)
{
  int in = open_in (self->folder, "source", O_RDONLY);
  int out = open_in (self->folder, "target", O_RDWR | O_CREAT | O_TRUNC);
  FerryPump *sender = ferry_pump_new_sender (self->pair.ours, in, 0, size, FERRY_HASH_SHA256);
  FerryPump *receiver =
      ferry_pump_new_receiver (self->pair.theirs, out, 0, announced, FERRY_HASH_SHA256);
  g_autoptr (FerryTlsAgreement) ours = ferry_tls_agreement_new (
      role, self->own[0], ferry_tls_identity_get_fingerprint (self->own[1]));
  g_autoptr (FerryTlsAgreement) theirs =
      ferry_tls_agreement_new (role == FERRY_TLS_CLIENT ? FERRY_TLS_SERVER : FERRY_TLS_CLIENT,
                               self->own[1], ferry_tls_identity_get_fingerprint (known));

  ferry_pump_set_tls (sender, ours);
  ferry_pump_set_tls (receiver, theirs);
  ferry_pump_set_limits (sender, limits);
  ferry_pump_set_limits (receiver, limits);
  run_start (sending, sender);
  run_start (receiving, receiver);
  close (in);
  close (out);
}

static void
start (Fixture *self,
       guint64 size,
       gint64 announced,
       FerryTlsRole role,
       FerryTlsIdentity *known,
       Run *sending,
       Run *receiving)
{
  static const FerryPumpLimits limits = {
    .handshake_ms = 5000, .first_ms = 5000, .idle_ms = 5000, .sent_ms = 5000, .surplus_ms = 1000
  };

  start_with (self, &limits, size, announced, role, known, sending, receiving);
}

static void
test_sizes (Fixture *self, gconstpointer data)
{
  g_test_summary ("Files of every size arrive, of known and unknown length, in either role");
  static const guint64 sizes[] = { 0, 1, 16384, MIB, 5 * MIB + 7 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes) * 4; i++)
    {
      g_auto (Run) sending = { 0 };
      g_auto (Run) receiving = { 0 };
      g_autoptr (GError) error = NULL;
      FerryHash sent, received;
      guint64 size = sizes[i / 4];

      ferry_test_write_file (self->source, size, i);
      socket_pair_clear (&self->pair);
      socket_pair_open (&self->pair, TRUE);
      start (self, size, i & 1 ? (gint64) size : -1,
             i & 2 ? FERRY_TLS_CLIENT : FERRY_TLS_SERVER, self->own[0], &sending, &receiving);
      run_wait (&receiving, &error);
      g_assert_no_error (error);
      run_wait (&sending, &error);
      g_assert_no_error (error);

      ferry_test_assert_files_equal (self->source, self->target);
      g_assert_true (ferry_pump_get_peer_closed (sending.pump));
      g_assert_true (ferry_pump_get_hash (sending.pump, &sent));
      g_assert_true (ferry_pump_get_hash (receiving.pump, &received));
      g_assert_true (ferry_hash_equal (&sent, &received));
      g_assert_cmpuint (ferry_pump_get_n_done (receiving.pump), ==, size);
    }
}

static void
test_small_at_once (Fixture *self, gconstpointer data)
{
  g_test_summary ("The end of an empty or a tiny file is waited for by nobody");
  static const FerryPumpLimits patient = { .handshake_ms = 60000,
                                           .first_ms = 60000,
                                           .idle_ms = 60000,
                                           .sent_ms = 60000,
                                           .surplus_ms = 60000 };

  for (guint64 size = 0; size < 4; size++)
    {
      g_auto (Run) sending = { 0 };
      g_auto (Run) receiving = { 0 };

      ferry_test_write_file (self->source, size, 1);
      socket_pair_clear (&self->pair);
      socket_pair_open (&self->pair, size % 2 == 0);
      start_with (self, &patient, size, (gint64) size, FERRY_TLS_CLIENT, self->own[0], &sending,
                  &receiving);
      /* Much less than any of the limits. */
      ferry_test_wait (sending.result != NULL && receiving.result != NULL, 20);
    }
}

static void
test_stranger (Fixture *self, gconstpointer data)
{
  g_test_summary ("Whoever has another key sends nothing, and that is told apart from a break");
  g_autoptr (FerryTlsIdentity) other = ferry_tls_identity_generate (NULL);
  g_auto (Run) sending = { 0 };
  g_auto (Run) receiving = { 0 };
  g_autoptr (GError) error = NULL;

  ferry_test_write_file (self->source, MIB, 1);
  start (self, MIB, MIB, FERRY_TLS_CLIENT, other, &sending, &receiving);
  g_assert_false (run_wait (&receiving, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_SECURITY);
  g_assert_cmpuint (ferry_pump_get_n_done (receiving.pump), ==, 0);
  g_assert_false (run_wait (&sending, NULL));
}

static void
test_silence (Fixture *self, gconstpointer data)
{
  g_test_summary ("A peer that says nothing does not hold the handshake for ever");
  static const FerryPumpLimits limits = { .handshake_ms = 100, .first_ms = 60000 };
  g_autoptr (FerryTlsAgreement) agreement = ferry_tls_agreement_new (
      FERRY_TLS_SERVER, self->own[1], ferry_tls_identity_get_fingerprint (self->own[0]));
  g_auto (Run) receiving = { 0 };
  g_autoptr (GError) error = NULL;
  int out = open_in (self->folder, "target", O_RDWR | O_CREAT);
  FerryPump *receiver =
      ferry_pump_new_receiver (self->pair.theirs, out, 0, 5, FERRY_HASH_SHA256);

  close (out);
  ferry_pump_set_tls (receiver, agreement);
  ferry_pump_set_limits (receiver, &limits);
  run_start (&receiving, receiver);
  g_assert_false (run_wait (&receiving, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);
}

static void
test_no_word_at_the_end (Fixture *self, gconstpointer data)
{
  g_test_summary ("Of unknown length, only an end that the sender said is the end");
  g_auto (Run) sending = { 0 };
  g_auto (Run) receiving = { 0 };
  g_autoptr (GError) error = NULL;

  ferry_test_write_file (self->source, 64 * MIB, 1);
  start (self, 64 * MIB, -1, FERRY_TLS_CLIENT, self->own[0], &sending, &receiving);
  run_wait_n_done (&receiving, 1);
  shutdown (g_socket_get_fd (self->pair.ours), SHUT_WR);
  g_assert_false (run_wait (&receiving, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_BROKEN);
  g_assert_false (run_wait (&sending, NULL));
}

#define ADD(path, function)                                                                    \
  g_test_add ("/pump-tls/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("sizes", test_sizes);
  ADD ("small-at-once", test_small_at_once);
  ADD ("stranger", test_stranger);
  ADD ("silence", test_silence);
  ADD ("no-word-at-the-end", test_no_word_at_the_end);
  return g_test_run ();
}
