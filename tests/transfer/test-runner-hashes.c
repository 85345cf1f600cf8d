/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With what a file is hashed before it is offered, and when it need not be. */
#include "fake-session.h"
#include "transfer-test.h"

#include "base/ferry-error.h"
#include "store/ferry-hash-cache.h"
#include "transfer/ferry-transfer-runner-private.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE (FERRY_SOURCE_FILE_MIN_ASK_BYTES + 1)
#define LARGE (FERRY_SOURCE_FILE_MAX_HASH_BYTES + 1)

typedef struct
{
  char *folder;
  char *source;
  FerryStore *store;
  FakeStarter *starter;
  FerryTransfer *transfer;
  FerryTransferRunner *runner;
  gboolean finished;
  Run peer;
} Fixture;

static void
on_finished (FerryTransferRunner *runner, gpointer user_data)
{
  Fixture *self = user_data;
  self->finished = TRUE;
}

/* @ago_s: when the file was written */
static void
write_source (Fixture *self, guint64 size, guint seed, gint64 ago_s)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  const struct timespec times[] = { { .tv_sec = now_s - ago_s }, { .tv_sec = now_s - ago_s } };

  ferry_test_write_file (self->source, size, seed);
  g_assert_cmpint (utimensat (AT_FDCWD, self->source, times, 0), ==, 0);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = ferry_test_make_folder ();
  self->source = g_build_filename (self->folder, "source", NULL);
  self->store = ferry_store_open (":memory:", NULL);
  self->starter = fake_starter_new ();
}

static void
drop_runner (Fixture *self)
{
  run_clear (&self->peer);
  self->peer = (Run){ 0 };
  if (self->runner != NULL)
    {
      ferry_transfer_runner_stop (self->runner, FERRY_TRANSFER_STOP_CANCEL);
      ferry_test_wait (self->finished, 10);
      g_assert_finalize_object (g_steal_pointer (&self->runner));
    }
  g_clear_object (&self->transfer);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  drop_runner (self);
  g_clear_object (&self->starter);
  g_assert_finalize_object (self->store);
  ferry_test_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->source);
}

/* Offers the file once more. Returns: (transfer none): as what */
static FerryFileInfo *
offer (Fixture *self)
{
  g_autoptr (FerryJid) account = ferry_jid_new ("ada@example.org", NULL);
  g_autoptr (FerryJid) peer = ferry_jid_new ("ben@example.org", NULL);

  drop_runner (self);
  self->finished = FALSE;
  self->transfer =
      ferry_transfer_new ("t1", account, FERRY_DIRECTION_SEND, peer, "Ben", "source", -1);
  ferry_transfer_set_path (self->transfer, self->source);
  self->runner = ferry_transfer_runner_new_sender (
      self->transfer, FERRY_TRANSFER_STARTER (self->starter), FERRY_HASH_SHA256);
  ferry_transfer_runner_set_store (self->runner, self->store);
  g_signal_connect (self->runner, "finished", G_CALLBACK (on_finished), self);
  ferry_transfer_runner_start (self->runner);
  ferry_test_wait (ferry_transfer_get_state (self->transfer) == FERRY_TRANSFER_OFFERED, 20);
  FakeSession *session =
      fake_starter_get_session (self->starter, self->starter->sessions->len - 1);
  return ferry_session_get_file (FERRY_SESSION (session));
}

/* The peer takes what was offered. */
static void
move_all (Fixture *self, gint64 size)
{
  FakeSession *session =
      fake_starter_get_session (self->starter, self->starter->sessions->len - 1);
  int fd = open_in (self->folder, "target", O_RDWR | O_CREAT);

  fake_session_open (session);
  run_start (&self->peer,
             ferry_pump_new_receiver (session->pair.theirs, fd, 0, size, FERRY_HASH_NONE));
  close (fd);
  ferry_test_wait (self->finished, 60);
}

static gboolean
is_kept (Fixture *self, FerryHash *out)
{
  return ferry_hash_cache_lookup (self->store,
                                  ferry_transfer_get_journal (self->transfer)->source_key,
                                  FERRY_HASH_SHA256, out);
}

static void
test_kept (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "A file that was hashed once is not read again; a wrong hash costs one attempt, "
      "and is forgotten");
  FerryHash expected, found;

  write_source (self, SIZE, 1, 3600);
  hash_file (self->source, FERRY_HASH_SHA256, &expected);
  g_assert_true (ferry_hash_equal (&offer (self)->hash, &expected));
  g_assert_true (is_kept (self, &found));
  g_assert_true (ferry_hash_equal (&found, &expected));

  const FerryHash wrong = { FERRY_HASH_SHA256, { 1, 2, 3 } };
  g_assert_true (ferry_hash_cache_add (
      self->store, ferry_transfer_get_journal (self->transfer)->source_key, &wrong, 1, NULL));
  g_assert_true (ferry_hash_equal (&offer (self)->hash, &wrong));
  move_all (self, SIZE);
  g_assert_cmpint (ferry_transfer_get_state (self->transfer), ==, FERRY_TRANSFER_FAILED);
  g_assert_error (ferry_transfer_get_error (self->transfer), FERRY_ERROR, FERRY_ERROR_SOURCE);
  g_assert_false (is_kept (self, &found));
  g_assert_true (ferry_hash_equal (&offer (self)->hash, &expected));
}

static void
test_changed (Fixture *self, gconstpointer data)
{
  g_test_summary ("Another version of the file is another file");
  FerryHash expected;

  write_source (self, SIZE, 1, 3600);
  offer (self);
  write_source (self, SIZE, 2, 1800);
  hash_file (self->source, FERRY_HASH_SHA256, &expected);
  g_assert_true (ferry_hash_equal (&offer (self)->hash, &expected));
}

static void
test_young (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "Nothing is kept of a file that may still be being written, nor of small ones");
  FerryHash found;

  /* A clock that is ahead, too. */
  write_source (self, SIZE, 1, -3600);
  g_assert_cmpint (offer (self)->hash.algo, ==, FERRY_HASH_SHA256);
  g_assert_false (is_kept (self, &found));
  write_source (self, 1000, 1, 3600);
  g_assert_cmpint (offer (self)->hash.algo, ==, FERRY_HASH_SHA256);
  g_assert_false (is_kept (self, &found));
}

static void
test_large (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "A large file is hashed while it is sent; the next time it is offered with that "
      "hash");
  FerryHash expected, found;

  write_source (self, LARGE, 1, 3600);
  FerryFileInfo *info = offer (self);
  g_assert_cmpint (info->hash.algo, ==, FERRY_HASH_NONE);
  g_assert_cmpint (info->hash_used, ==, FERRY_HASH_SHA256);
  g_assert_false (is_kept (self, &found));
  move_all (self, LARGE);
  g_assert_cmpint (ferry_transfer_get_state (self->transfer), ==, FERRY_TRANSFER_DONE);
  hash_file (self->source, FERRY_HASH_SHA256, &expected);
  g_assert_true (ferry_hash_equal (&offer (self)->hash, &expected));
}

static void
test_picked (Fixture *self, gconstpointer data)
{
  g_test_summary ("Who prefers another hash gets that, and it is kept as such");
  FerryHash expected, found;

  write_source (self, SIZE, 1, 3600);
  hash_file (self->source, FERRY_HASH_SHA3_256, &expected);
  self->starter->hash = FERRY_HASH_SHA3_256;
  g_assert_true (ferry_hash_equal (&offer (self)->hash, &expected));
  g_assert_false (is_kept (self, &found));
  self->starter->hash = FERRY_HASH_SHA256;
  hash_file (self->source, FERRY_HASH_SHA256, &expected);
  g_assert_true (ferry_hash_equal (&offer (self)->hash, &expected));
}

#define ADD(path, function)                                                                    \
  g_test_add ("/runner-hashes/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("kept", test_kept);
  ADD ("changed", test_changed);
  ADD ("young", test_young);
  ADD ("large", test_large);
  ADD ("picked", test_picked);
  return g_test_run ();
}
