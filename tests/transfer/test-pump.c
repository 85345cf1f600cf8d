/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transfer-test.h"

#include "base/ferry-error.h"
#include "transfer/ferry-hash-ring.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#define MIB (1024 * 1024)

/* No test waits for the limits of real life. */
static const FerryPumpLimits short_limits = {
  .first_ms = 5000, .idle_ms = 5000, .sent_ms = 100, .surplus_ms = 100
};

typedef struct
{
  char *folder;
  char *source;
  char *target;
  SocketPair pair;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = ferry_test_make_folder ();
  self->source = g_build_filename (self->folder, "source", NULL);
  self->target = g_build_filename (self->folder, "target", NULL);
  socket_pair_open (&self->pair, GPOINTER_TO_INT (data));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  socket_pair_clear (&self->pair);
  ferry_test_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->source);
  g_free (self->target);
}

/* The descriptor may be closed at once: the pump has its own. */
static FerryPump *
make_sender (Fixture *self, guint64 offset, guint64 length, FerryHashAlgo hash)
{
  int fd = open_in (self->folder, "source", O_RDONLY);
  FerryPump *pump = ferry_pump_new_sender (self->pair.ours, fd, offset, length, hash);
  close (fd);
  return pump;
}

static FerryPump *
make_receiver (Fixture *self, GSocket *socket, gint64 length, FerryHashAlgo hash)
{
  int fd = open_in (self->folder, "target", O_RDWR | O_CREAT);
  FerryPump *pump = ferry_pump_new_receiver (socket, fd, 0, length, hash);
  close (fd);
  ferry_pump_set_limits (pump, &short_limits);
  return pump;
}

static void
move_file (Fixture *self, guint64 size, FerryHashAlgo algo, gboolean size_known)
{
  g_auto (Run) sending = { 0 };
  g_auto (Run) receiving = { 0 };
  g_autoptr (GError) error = NULL;
  FerryHash expected, sent, received;

  ferry_test_write_file (self->source, size, (guint32) size);
  g_unlink (self->target);
  run_start (&sending, make_sender (self, 0, size, algo));
  run_start (&receiving,
             make_receiver (self, self->pair.theirs, size_known ? (gint64) size : -1, algo));
  run_wait (&receiving, &error);
  g_assert_no_error (error);
  run_wait (&sending, &error);
  g_assert_no_error (error);

  ferry_test_assert_files_equal (self->source, self->target);
  g_assert_cmpuint (ferry_pump_get_n_done (sending.pump), ==, size);
  g_assert_cmpuint (ferry_pump_get_n_done (receiving.pump), ==, size);
  g_assert_true (ferry_pump_get_peer_closed (sending.pump));
  g_assert_true (ferry_pump_get_hash (sending.pump, &sent) == (algo != FERRY_HASH_NONE));
  g_assert_true (ferry_pump_get_hash (receiving.pump, &received) == (algo != FERRY_HASH_NONE));
  if (algo == FERRY_HASH_NONE)
    return;
  hash_file (self->source, algo, &expected);
  g_assert_true (ferry_hash_equal (&sent, &expected));
  g_assert_true (ferry_hash_equal (&received, &expected));
}

static void
test_sizes (Fixture *self, gconstpointer data)
{
  g_test_summary ("Files of every size arrive whole, with the right hash at both ends");
  static const guint64 sizes[] = {
    0, 1, 4095, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, MIB, 5 * MIB + 7
  };
  static const FerryHashAlgo algos[] = { FERRY_HASH_NONE, FERRY_HASH_SHA256,
                                         FERRY_HASH_BLAKE2B_512 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (algos); j++)
      for (guint known = 0; known < 2; known++)
        {
          g_test_message ("%" G_GUINT64_FORMAT " bytes, hash %u, size known: %u", sizes[i],
                          algos[j], known);
          socket_pair_clear (&self->pair);
          socket_pair_open (&self->pair, GPOINTER_TO_INT (data));
          move_file (self, sizes[i], algos[j], known);
        }
}

static void
test_offset (Fixture *self, gconstpointer data)
{
  g_test_summary ("A range goes to its own place in the file, and only it is hashed");
  const guint64 offset = 300001, size = MIB;
  g_auto (Run) sending = { 0 };
  g_auto (Run) receiving = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *bytes = NULL;
  FerryHash hash, expected;

  ferry_test_write_file (self->source, size, 5);
  g_file_get_contents (self->source, &bytes, NULL, &error);
  g_assert_no_error (error);
  g_file_set_contents (self->target, bytes, offset, &error);
  g_assert_no_error (error);

  int fd = open_in (self->folder, "target", O_RDWR);
  FerryPump *receiver = ferry_pump_new_receiver (self->pair.theirs, fd, offset,
                                                 (gint64) (size - offset), FERRY_HASH_SHA256);
  close (fd);
  run_start (&sending, make_sender (self, offset, size - offset, FERRY_HASH_NONE));
  run_start (&receiving, receiver);
  g_assert_true (run_wait (&receiving, &error));
  g_assert_true (run_wait (&sending, &error));

  ferry_test_assert_files_equal (self->source, self->target);
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA256);
  ferry_hasher_update (hasher, bytes + offset, size - offset);
  ferry_hasher_finish (hasher, &expected);
  g_assert_true (ferry_pump_get_hash (receiving.pump, &hash));
  g_assert_true (ferry_hash_equal (&hash, &expected));
}

static void
test_cut (Fixture *self, gconstpointer data)
{
  g_test_summary ("A stream that ends or is reset early is broken; what came is in the file");
  for (guint reset = 0; reset < 2; reset++)
    {
      g_auto (Run) receiving = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *got = NULL;
      gsize n_got = 0;

      run_start (&receiving, make_receiver (self, self->pair.theirs, 5, FERRY_HASH_SHA256));
      peer_write (self->pair.ours, "ab", 2);
      run_wait_n_done (&receiving, 2);
      if (reset)
        peer_reset (self->pair.ours);
      else
        g_socket_shutdown (self->pair.ours, FALSE, TRUE, NULL);

      g_assert_false (run_wait (&receiving, &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_BROKEN);
      FerryHash hash;
      g_assert_true (g_file_get_contents (self->target, &got, &n_got, NULL));
      g_assert_cmpmem (got, n_got, "ab", 2);
      g_assert_true (!ferry_pump_get_hash (receiving.pump, &hash));
      socket_pair_clear (&self->pair);
      socket_pair_open (&self->pair, TRUE);
    }
}

static void
test_too_much (Fixture *self, gconstpointer data)
{
  g_test_summary ("One byte more than announced is refused and never written");
  for (guint size = 0; size < 5; size += 4)
    {
      g_auto (Run) receiving = { 0 };
      g_autoptr (GError) error = NULL;
      GStatBuf info;

      peer_write (self->pair.ours, "abcde", size + 1);
      run_start (&receiving, make_receiver (self, self->pair.theirs, size, FERRY_HASH_NONE));
      g_assert_false (run_wait (&receiving, &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_TOO_MUCH);
      g_assert_cmpint (g_stat (self->target, &info), ==, 0);
      g_assert_cmpint (info.st_size, ==, size);
      socket_pair_clear (&self->pair);
      socket_pair_open (&self->pair, GPOINTER_TO_INT (data));
    }
}

static void
test_stall (Fixture *self, gconstpointer data)
{
  g_test_summary ("Silence ends a pump: another limit before the first byte than after it");
  const FerryPumpLimits patient_first = { .first_ms = 60000, .idle_ms = 50 };
  const FerryPumpLimits patient_then = { .first_ms = 50, .idle_ms = 60000 };
  g_auto (Run) before = { 0 };
  g_auto (Run) after = { 0 };
  g_auto (Run) sending = { 0 };
  g_autoptr (GError) error = NULL;

  FerryPump *pump = make_receiver (self, self->pair.theirs, 5, FERRY_HASH_NONE);
  ferry_pump_set_limits (pump, &patient_then);
  run_start (&before, pump);
  g_assert_false (run_wait (&before, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);
  g_clear_error (&error);

  pump = make_receiver (self, self->pair.theirs, 5, FERRY_HASH_NONE);
  ferry_pump_set_limits (pump, &patient_first);
  run_start (&after, pump);
  peer_write (self->pair.ours, "a", 1);
  g_assert_false (run_wait (&after, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);
  g_clear_error (&error);

  ferry_test_write_file (self->source, 32 * MIB, 1);
  pump = make_sender (self, 0, 32 * MIB, FERRY_HASH_NONE);
  ferry_pump_set_limits (pump, &patient_first);
  run_start (&sending, pump);
  g_assert_false (run_wait (&sending, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);
}

static gboolean
set_true_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
test_nothing (Fixture *self, gconstpointer data)
{
  g_test_summary ("Who sends or receives nothing does not close at once a connection that the "
                  "other is only about to take");
  const FerryPumpLimits patient = {
    .first_ms = 5000, .idle_ms = 5000, .sent_ms = 5000, .surplus_ms = 5000
  };

  ferry_test_write_file (self->source, 0, 1);
  for (guint sends = 0; sends < 2; sends++)
    {
      g_auto (Run) run = { 0 };
      g_autoptr (GError) error = NULL;
      gboolean over = FALSE;
      GSocket *other = sends ? self->pair.theirs : self->pair.ours;
      FerryPump *pump = sends ? make_sender (self, 0, 0, FERRY_HASH_NONE)
                              : make_receiver (self, self->pair.theirs, 0, FERRY_HASH_NONE);
      ferry_pump_set_limits (pump, &patient);
      run_start (&run, pump);
      g_timeout_add (200, set_true_cb, &over);
      ferry_test_wait (over, 5);
      g_assert_cmpint (g_socket_condition_check (other, G_IO_IN), ==, 0);
      g_assert_null (run.result);

      g_socket_shutdown (other, FALSE, TRUE, &error);
      g_assert_no_error (error);
      g_assert_true (run_wait (&run, &error));
      g_assert_no_error (error);
      g_assert_true (g_socket_condition_check (other, G_IO_IN) & G_IO_IN);
      run_clear (&run);
      socket_pair_clear (&self->pair);
      socket_pair_open (&self->pair, GPOINTER_TO_INT (data));
    }
}

static void
assert_cancels (Run *run)
{
  g_autoptr (GError) error = NULL;
  gint64 began_us = g_get_monotonic_time ();

  g_cancellable_cancel (run->cancellable);
  g_assert_false (run_wait (run, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  /* 50 ms are promised; a machine that does other work at the same time gets some more. */
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, 300 * 1000);
}

static void
test_cancel (Fixture *self, gconstpointer data)
{
  g_test_summary ("Cancelling stops a waiting, a busy and an ending pump at once");
  g_auto (Run) waiting = { 0 };
  g_auto (Run) busy = { 0 };
  g_auto (Run) drain = { 0 };
  g_auto (Run) ending = { 0 };

  run_start (&waiting, make_receiver (self, self->pair.theirs, 5, FERRY_HASH_SHA256));
  assert_cancels (&waiting);

  ferry_test_write_file (self->source, 64 * MIB, 1);
  run_start (&busy, make_sender (self, 0, 64 * MIB, FERRY_HASH_SHA256));
  run_start (&drain, make_receiver (self, self->pair.theirs, 64 * MIB, FERRY_HASH_SHA256));
  run_wait_n_done (&busy, MIB);
  assert_cancels (&busy);
  g_cancellable_cancel (drain.cancellable);
  g_assert_false (run_wait (&drain, NULL));

  socket_pair_clear (&self->pair);
  socket_pair_open (&self->pair, GPOINTER_TO_INT (data));
  run_start (&ending, make_sender (self, 0, 3, FERRY_HASH_NONE));
  run_wait_n_done (&ending, 3);
  assert_cancels (&ending);
}

static void
test_cancelled_before (Fixture *self, gconstpointer data)
{
  g_test_summary ("A pump that is cancelled before it starts ends as cancelled");
  g_auto (Run) run = { 0 };
  g_autoptr (GError) error = NULL;

  run.pump = make_receiver (self, self->pair.theirs, 5, FERRY_HASH_NONE);
  run.cancellable = g_cancellable_new ();
  g_cancellable_cancel (run.cancellable);
  ferry_pump_run_async (run.pump, run.cancellable, ferry_test_take_result, &run.result);
  g_assert_false (run_wait (&run, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_source_shrinks (Fixture *self, gconstpointer data)
{
  g_test_summary ("A source that ends too early or cannot be read is the source's fault");
  g_auto (Run) shrunk = { 0 };
  g_auto (Run) unreadable = { 0 };
  g_autoptr (GError) error = NULL;

  ferry_test_write_file (self->source, 1000, 1);
  run_start (&shrunk, make_sender (self, 0, 1001, FERRY_HASH_SHA256));
  g_assert_false (run_wait (&shrunk, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE);
  g_clear_error (&error);

  int folder = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  run_start (&unreadable,
             ferry_pump_new_sender (self->pair.ours, folder, 0, 1, FERRY_HASH_NONE));
  close (folder);
  g_assert_false (run_wait (&unreadable, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE);
}

static void
assert_write_fails (GSocket *ours, GSocket *theirs, int fd, int code)
{
  g_auto (Run) run = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *data = g_malloc0 (8192);

  peer_write (ours, data, 8192);
  run_start (&run, ferry_pump_new_receiver (theirs, fd, 0, 8192, FERRY_HASH_SHA256));
  g_assert_false (run_wait (&run, &error));
  g_assert_error (error, FERRY_ERROR, code);
}

static void
test_target_fails (Fixture *self, gconstpointer data)
{
  g_test_summary ("A full disk, a file the disk cannot hold and an unwritable file differ");
  int full = open ("/dev/full", O_RDWR | O_CLOEXEC);
  int big = open_in (self->folder, "target", O_RDWR | O_CREAT);
  int read_only = open_in (self->folder, "target", O_RDONLY);
  struct rlimit old, small;

  assert_write_fails (self->pair.ours, self->pair.theirs, full, FERRY_ERROR_NO_SPACE);
  assert_write_fails (self->pair.ours, self->pair.theirs, read_only, FERRY_ERROR_TARGET);

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  small = (struct rlimit){ .rlim_cur = 4096, .rlim_max = old.rlim_max };
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  assert_write_fails (self->pair.ours, self->pair.theirs, big, FERRY_ERROR_NO_SPACE);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  signal (SIGXFSZ, SIG_DFL);
  close (full);
  close (big);
  close (read_only);
}

static void
test_sender_end (Fixture *self, gconstpointer data)
{
  g_test_summary ("After the last byte a sender tells whether its peer closed in order");
  g_auto (Run) silent = { 0 };
  g_auto (Run) chatty = { 0 };
  g_autoptr (GError) error = NULL;

  ferry_test_write_file (self->source, 3, 1);
  FerryPump *pump = make_sender (self, 0, 3, FERRY_HASH_NONE);
  ferry_pump_set_limits (pump, &short_limits);
  run_start (&silent, pump);
  g_assert_true (run_wait (&silent, &error));
  g_assert_false (ferry_pump_get_peer_closed (pump));

  socket_pair_clear (&self->pair);
  socket_pair_open (&self->pair, GPOINTER_TO_INT (data));
  peer_write (self->pair.theirs, "sixteen bytes...", 16);
  run_start (&chatty, make_sender (self, 0, 3, FERRY_HASH_NONE));
  run_wait_n_done (&chatty, 3);
  g_assert_true (g_socket_shutdown (self->pair.theirs, FALSE, TRUE, NULL));
  g_assert_true (run_wait (&chatty, &error));
  g_assert_true (ferry_pump_get_peer_closed (chatty.pump));
}

static void
test_sender_broken (Fixture *self, gconstpointer data)
{
  g_test_summary ("A peer that goes away in the middle breaks the pump, not the program");
  g_auto (Run) sending = { 0 };
  g_autoptr (GError) error = NULL;

  ferry_test_write_file (self->source, 32 * MIB, 1);
  run_start (&sending, make_sender (self, 0, 32 * MIB, FERRY_HASH_SHA256));
  run_wait_n_done (&sending, 1);
  g_socket_close (self->pair.theirs, NULL);
  g_assert_false (run_wait (&sending, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_BROKEN);
}

static void
test_socket_released (Fixture *self, gconstpointer data)
{
  g_test_summary ("A pump that is done holds no end of the connection");
  g_auto (Run) receiving = { 0 };
  char byte;

  peer_write (self->pair.ours, "abc", 3);
  run_start (&receiving, make_receiver (self, self->pair.theirs, 3, FERRY_HASH_NONE));
  g_assert_true (run_wait (&receiving, NULL));
  g_clear_object (&self->pair.theirs);
  /* Only a closed connection refuses bytes. */
  g_socket_send (self->pair.ours, "x", 1, NULL, NULL);
  g_socket_condition_timed_wait (self->pair.ours, G_IO_HUP, G_USEC_PER_SEC, NULL, NULL);
  g_assert_cmpint (g_socket_send (self->pair.ours, "x", 1, NULL, NULL), ==, -1);
  g_assert_cmpint (g_socket_receive (self->pair.ours, &byte, 1, NULL, NULL), <=, 0);
}

static void
test_hash_ring (gconstpointer threaded_pointer)
{
  g_test_summary ("The ring hashes in order whatever the sizes, and ends cleanly unfinished");
  gboolean threaded = GPOINTER_TO_INT (threaded_pointer);
  FerryHash expected, hash;
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA256);
  g_autoptr (FerryHashRing) ring = ferry_hash_ring_new (FERRY_HASH_SHA256, 1000, threaded);

  for (guint i = 0; i < 5000; i++)
    {
      gsize size = (i * 37) % 1001;
      guint8 *buffer = ferry_hash_ring_get_buffer (ring);
      memset (buffer, (int) (i % 251), size);
      ferry_hasher_update (hasher, buffer, size);
      ferry_hash_ring_push (ring, size);
    }
  ferry_hash_ring_finish (ring, &hash);
  ferry_hasher_finish (hasher, &expected);
  g_assert_true (ferry_hash_equal (&hash, &expected));

  g_autoptr (FerryHashRing) unfinished =
      ferry_hash_ring_new (FERRY_HASH_SHA256, 1000, threaded);
  memset (ferry_hash_ring_get_buffer (unfinished), 1, 1000);
  ferry_hash_ring_push (unfinished, 1000);
}

#define ADD(path, function)                                                                    \
  g_test_add ("/pump/pair/" path, Fixture, GINT_TO_POINTER (FALSE), set_up, function,          \
              tear_down);                                                                      \
  g_test_add ("/pump/tcp/" path, Fixture, GINT_TO_POINTER (TRUE), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/pump/hash-ring", GINT_TO_POINTER (TRUE), test_hash_ring);
  g_test_add_data_func ("/pump/hash-at-once", GINT_TO_POINTER (FALSE), test_hash_ring);
  ADD ("sizes", test_sizes);
  ADD ("offset", test_offset);
  ADD ("cut", test_cut);
  ADD ("too-much", test_too_much);
  ADD ("stall", test_stall);
  ADD ("nothing", test_nothing);
  ADD ("cancel", test_cancel);
  ADD ("cancelled-before", test_cancelled_before);
  ADD ("source-shrinks", test_source_shrinks);
  ADD ("target-fails", test_target_fails);
  ADD ("sender-end", test_sender_end);
  ADD ("sender-broken", test_sender_broken);
  ADD ("socket-released", test_socket_released);
  return g_test_run ();
}
