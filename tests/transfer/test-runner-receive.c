/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-session.h"

#include "base/ferry-error.h"
#include "transfer/ferry-transfer-runner-private.h"

#include <glib/gstdio.h>
#include <string.h>

static const char content[] = "What is not on the list does not travel.\n";
#define SIZE (sizeof content - 1)

typedef struct
{
  char *folder;
  FerryFileInfo *info;
  FerryTransfer *transfer;
  FakeSession *session;
  FerryTransferRunner *runner;
  gboolean finished;
} Fixture;

static void
on_finished (FerryTransferRunner *runner, gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_false (self->finished);
  self->finished = TRUE;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = ferry_test_make_folder ();
  self->info = ferry_file_info_new ("list.txt", SIZE);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  if (self->runner != NULL)
    g_assert_finalize_object (self->runner);
  g_clear_object (&self->session);
  if (self->transfer != NULL)
    g_assert_finalize_object (self->transfer);
  ferry_file_info_unref (self->info);
  ferry_test_remove_folder (self->folder);
  g_free (self->folder);
}

static void
hash_content (FerryHashAlgo algo, FerryHash *out)
{
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (algo);
  ferry_hasher_update (hasher, content, SIZE);
  ferry_hasher_finish (hasher, out);
}

/* Everything up to the user's yes, after the test has changed the offer in self->info. */
static void
make_runner (Fixture *self, FerryHashAlgo hash)
{
  g_autoptr (FerryJid) account = ferry_jid_new ("ada@example.org", NULL);
  g_autoptr (FerryJid) peer = ferry_jid_new ("ben@example.org", NULL);

  self->session = fake_session_new (FERRY_DIRECTION_RECEIVE, self->info);
  self->transfer = ferry_transfer_new ("t1", account, FERRY_DIRECTION_RECEIVE, peer, "Ben",
                                       "list.txt", self->info->size);
  self->runner = ferry_transfer_runner_new_receiver (
      self->transfer, FERRY_SESSION (self->session), self->folder, FERRY_ROUTE_ALL, hash);
  self->runner->limits.checksum_ms = 5000;
  g_signal_connect (self->runner, "finished", G_CALLBACK (on_finished), self);
}

static void
start_until_open (Fixture *self)
{
  make_runner (self, FERRY_HASH_SHA256);
  ferry_transfer_runner_start (self->runner);
  ferry_test_wait (self->session->n_accepts == 1, 5);
  fake_session_open (self->session);
}

/* The peer sends @size bytes of the content and closes its side. */
static void
send_bytes (Fixture *self, gsize size)
{
  peer_write (self->session->pair.theirs, content, size);
  g_assert_true (g_socket_shutdown (self->session->pair.theirs, FALSE, TRUE, NULL));
}

static void
assert_finishes (Fixture *self, FerryTransferState state, int code)
{
  ferry_test_wait (self->finished, 10);
  g_assert_cmpint (ferry_transfer_get_state (self->transfer), ==, state);
  const GError *error = ferry_transfer_get_error (self->transfer);
  if (code < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, FERRY_ERROR, code);
}

/* Is @name, or nothing if it is %NULL, all there is in the folder? */
static void
assert_folder (Fixture *self, const char *name)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);

  g_assert_cmpstr (g_dir_read_name (dir), ==, name);
  if (name != NULL)
    g_assert_null (g_dir_read_name (dir));
}

static void
assert_done (Fixture *self, const char *verified)
{
  g_autofree char *path = g_build_filename (self->folder, "list.txt", NULL);
  g_autofree char *text = NULL;

  assert_finishes (self, FERRY_TRANSFER_DONE, -1);
  assert_folder (self, "list.txt");
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, content);
  g_assert_cmpstr (ferry_transfer_get_path (self->transfer), ==, path);
  g_assert_cmpstr (ferry_transfer_get_verified (self->transfer), ==, verified);
  g_assert_true (ferry_transfer_get_received (self->transfer));
  g_assert_cmpint (ferry_transfer_get_size (self->transfer), ==, SIZE);
}

static void
test_offered_hash (Fixture *self, gconstpointer data)
{
  g_test_summary ("A file whose offered hash is right is verified, stored, and then confirmed");
  static const FerryHashAlgo algos[] = { FERRY_HASH_SHA256, FERRY_HASH_SHA1,
                                         FERRY_HASH_SHA512 };

  for (guint i = 0; i < G_N_ELEMENTS (algos); i++)
    {
      if (i > 0)
        {
          tear_down (self, data);
          *self = (Fixture){ 0 };
          set_up (self, data);
        }
      hash_content (algos[i], &self->info->hash);
      start_until_open (self);
      g_assert_cmpint (ferry_transfer_get_state (self->transfer), ==, FERRY_TRANSFER_ACTIVE);
      send_bytes (self, SIZE);
      assert_done (self, ferry_hash_algo_get_name (algos[i]));
      g_assert_cmpuint (self->session->n_completes, ==, 1);
      g_assert_true (self->session->completed_verified);
    }
}

static void
test_corrupt (Fixture *self, gconstpointer data)
{
  g_test_summary ("A wrong hash keeps the bytes under a name that says so, and tells the peer");
  hash_content (FERRY_HASH_SHA256, &self->info->hash);
  self->info->hash.digest[3] ^= 1;
  start_until_open (self);
  send_bytes (self, SIZE);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_CORRUPT);
  g_assert_error (self->session->failed, FERRY_ERROR, FERRY_ERROR_CORRUPT);
  g_assert_cmpuint (self->session->n_completes, ==, 0);
  g_assert_null (ferry_transfer_get_verified (self->transfer));
  g_assert_false (ferry_transfer_get_received (self->transfer));
  assert_folder (self, "list.txt.bad");
}

static void
test_checksum (Fixture *self, gconstpointer data)
{
  g_test_summary ("A promised checksum is waited for, and counts before and after the bytes");
  FerryHash hash;
  hash_content (FERRY_HASH_SHA512, &hash);

  for (guint early = 0; early < 2; early++)
    {
      if (early)
        {
          tear_down (self, data);
          *self = (Fixture){ 0 };
          set_up (self, data);
        }
      self->info->hash_used = FERRY_HASH_SHA512;
      make_runner (self, FERRY_HASH_SHA256);
      ferry_session_set_expects_checksum (FERRY_SESSION (self->session), TRUE);
      ferry_transfer_runner_start (self->runner);
      ferry_test_wait (self->session->n_accepts == 1, 5);
      fake_session_open (self->session);
      if (early)
        ferry_session_emit_checksum (FERRY_SESSION (self->session), &hash);
      send_bytes (self, SIZE);
      if (!early)
        {
          ferry_test_wait (self->runner->waits_checksum, 5);
          g_assert_cmpint (ferry_transfer_get_state (self->transfer), ==,
                           FERRY_TRANSFER_VERIFYING);
          ferry_session_emit_checksum (FERRY_SESSION (self->session), &hash);
        }
      assert_done (self, "sha-512");
    }
}

static void
test_checksum_wrong (Fixture *self, gconstpointer data)
{
  g_test_summary ("A checksum that comes late and differs still condemns the file");
  FerryHash hash;
  hash_content (FERRY_HASH_SHA256, &hash);
  hash.digest[0] ^= 1;
  make_runner (self, FERRY_HASH_SHA256);
  ferry_session_set_expects_checksum (FERRY_SESSION (self->session), TRUE);
  ferry_transfer_runner_start (self->runner);
  ferry_test_wait (self->session->n_accepts == 1, 5);
  fake_session_open (self->session);
  send_bytes (self, SIZE);
  ferry_test_wait (self->runner->waits_checksum, 5);
  ferry_session_emit_checksum (FERRY_SESSION (self->session), &hash);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_CORRUPT);
  assert_folder (self, "list.txt.bad");
}

static void
test_checksum_never (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "A promised checksum that does not come, or is of another kind, proves nothing");
  for (guint other = 0; other < 3; other++)
    {
      if (other > 0)
        {
          tear_down (self, data);
          *self = (Fixture){ 0 };
          set_up (self, data);
        }
      FerryHash hash;
      hash_content (FERRY_HASH_SHA1, &hash);
      make_runner (self, FERRY_HASH_SHA256);
      self->runner->limits.checksum_ms = other == 0 ? 30 : 5000;
      ferry_session_set_expects_checksum (FERRY_SESSION (self->session), TRUE);
      ferry_transfer_runner_start (self->runner);
      ferry_test_wait (self->session->n_accepts == 1, 5);
      fake_session_open (self->session);
      send_bytes (self, SIZE);
      if (other == 1)
        ferry_session_emit_checksum (FERRY_SESSION (self->session), &hash);
      else if (other == 2)
        {
          /* All bytes are here: the peer's going away changes nothing. */
          ferry_test_wait (self->runner->waits_checksum, 5);
          fake_session_end (self->session, FERRY_ERROR_GONE);
        }
      assert_done (self, "size");
      g_assert_cmpuint (self->session->n_completes, ==, other == 2 ? 0 : 1);
      g_assert_false (self->session->completed_verified);
    }
}

static void
test_spoiled (Fixture *self, gconstpointer data)
{
  g_test_summary ("A sender that gives up after its last byte has not sent the file");
  make_runner (self, FERRY_HASH_SHA256);
  ferry_session_set_expects_checksum (FERRY_SESSION (self->session), TRUE);
  ferry_transfer_runner_start (self->runner);
  ferry_test_wait (self->session->n_accepts == 1, 5);
  fake_session_open (self->session);
  send_bytes (self, SIZE);
  ferry_test_wait (self->runner->waits_checksum, 5);
  fake_session_end (self->session, FERRY_ERROR_PEER_STORAGE);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_PEER_STORAGE);
  assert_folder (self, NULL);
}

static void
test_unverified (Fixture *self, gconstpointer data)
{
  g_test_summary ("Without a hash the size is all that is known, and without a size nothing");
  start_until_open (self);
  send_bytes (self, SIZE);
  assert_done (self, "size");
  g_assert_nonnull (ferry_transfer_get_hash (self->transfer));

  tear_down (self, data);
  *self = (Fixture){ 0 };
  set_up (self, data);
  self->info->size = -1;
  start_until_open (self);
  send_bytes (self, SIZE);
  assert_done (self, NULL);
}

static void
test_verify_off (Fixture *self, gconstpointer data)
{
  g_test_summary ("With verifying switched off not even a wrong hash is looked at");
  hash_content (FERRY_HASH_SHA256, &self->info->hash);
  self->info->hash.digest[3] ^= 1;
  make_runner (self, FERRY_HASH_NONE);
  ferry_transfer_runner_start (self->runner);
  ferry_test_wait (self->session->n_accepts == 1, 5);
  fake_session_open (self->session);
  send_bytes (self, SIZE);
  assert_done (self, "size");
  g_assert_null (ferry_transfer_get_hash (self->transfer));
  g_assert_false (self->session->completed_verified);
}

static void
test_no_space (Fixture *self, gconstpointer data)
{
  g_test_summary ("A file that does not fit is refused before it is accepted");
  self->info->size = G_MAXINT64;
  make_runner (self, FERRY_HASH_SHA256);
  ferry_transfer_runner_start (self->runner);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_NO_SPACE);
  g_assert_cmpuint (self->session->n_accepts, ==, 0);
  g_assert_error (self->session->failed, FERRY_ERROR, FERRY_ERROR_NO_SPACE);
  assert_folder (self, NULL);
}

static void
test_pipe_errors (Fixture *self, gconstpointer data)
{
  g_test_summary ("Too few and too many bytes fail, tell the peer, and leave nothing behind");
  start_until_open (self);
  send_bytes (self, 2);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_BROKEN);
  g_assert_error (self->session->failed, FERRY_ERROR, FERRY_ERROR_BROKEN);
  assert_folder (self, NULL);

  tear_down (self, data);
  *self = (Fixture){ 0 };
  set_up (self, data);
  start_until_open (self);
  peer_write (self->session->pair.theirs, content, SIZE);
  send_bytes (self, 1);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_TOO_MUCH);
  g_assert_error (self->session->failed, FERRY_ERROR, FERRY_ERROR_TOO_MUCH);
  assert_folder (self, NULL);
}

static void
test_broken_at_once (Fixture *self, gconstpointer data)
{
  g_test_summary ("Broken before the first byte: who can ask for the file goes on, under the "
                  "same name of its part; nothing is in the folder meanwhile");
  for (guint can_ask = 0; can_ask < 2; can_ask++)
    {
      if (can_ask == 1)
        {
          tear_down (self, data);
          *self = (Fixture){ 0 };
          set_up (self, data);
        }
      self->info->ranged = TRUE;
      make_runner (self, FERRY_HASH_SHA256);
      ferry_transfer_set_can_ask (self->transfer, can_ask == 1);
      ferry_transfer_runner_start (self->runner);
      ferry_test_wait (self->session->n_accepts == 1, 5);
      fake_session_open (self->session);
      send_bytes (self, 0);
      assert_finishes (self, can_ask == 1 ? FERRY_TRANSFER_RECONNECTING : FERRY_TRANSFER_FAILED,
                       FERRY_ERROR_BROKEN);
      const char *part = ferry_transfer_get_journal (self->transfer)->part_path;
      g_assert_true ((part != NULL) == (can_ask == 1));
      assert_folder (self, NULL);
    }
}

static void
test_unreachable (Fixture *self, gconstpointer data)
{
  g_test_summary ("Where an attempt before had come to a way another one follows; where none "
                  "was found by the first there is none, whatever it tried");
  static const struct
  {
    int code;
    gboolean had_way;
  } cases[] = { { FERRY_ERROR_UNREACHABLE, FALSE },
                { FERRY_ERROR_UNREACHABLE, TRUE },
                { FERRY_ERROR_ROUTE, FALSE },
                { FERRY_ERROR_ROUTE, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (i > 0)
        {
          tear_down (self, data);
          *self = (Fixture){ 0 };
          set_up (self, data);
        }
      self->info->ranged = TRUE;
      make_runner (self, FERRY_HASH_SHA256);
      ferry_transfer_set_can_ask (self->transfer, TRUE);
      if (cases[i].had_way)
        ferry_transfer_set_route (self->transfer, FERRY_ROUTE_DIRECT);
      ferry_transfer_runner_start (self->runner);
      ferry_test_wait (self->session->n_accepts == 1, 5);
      ferry_session_set_route (FERRY_SESSION (self->session), FERRY_ROUTE_DIRECT);
      fake_session_end (self->session, cases[i].code);
      assert_finishes (self,
                       cases[i].had_way ? FERRY_TRANSFER_RECONNECTING : FERRY_TRANSFER_FAILED,
                       cases[i].code);
    }
}

static void
test_peer_ends (Fixture *self, gconstpointer data)
{
  g_test_summary ("A peer that cancels stops it; one that is content early does not");
  start_until_open (self);
  peer_write (self->session->pair.theirs, content, 10);
  fake_session_end (self->session, FERRY_ERROR_CANCELLED_BY_PEER);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_CANCELLED_BY_PEER);
  assert_folder (self, NULL);

  tear_down (self, data);
  *self = (Fixture){ 0 };
  set_up (self, data);
  hash_content (FERRY_HASH_SHA256, &self->info->hash);
  start_until_open (self);
  peer_write (self->session->pair.theirs, content, 10);
  fake_session_end (self->session, -1);
  g_assert_false (self->finished);
  peer_write (self->session->pair.theirs, content + 10, SIZE - 10);
  assert_done (self, "sha-256");

  /* Content, but with too few bytes: Dino's way of being cut off. */
  tear_down (self, data);
  *self = (Fixture){ 0 };
  set_up (self, data);
  start_until_open (self);
  send_bytes (self, 10);
  fake_session_end (self->session, -1);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_BROKEN);
  assert_folder (self, NULL);
}

static void
test_withdrawn (Fixture *self, gconstpointer data)
{
  g_test_summary ("An offer can be withdrawn before its turn, and before the file exists");
  make_runner (self, FERRY_HASH_SHA256);
  fake_session_end (self->session, FERRY_ERROR_CANCELLED_BY_PEER);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_CANCELLED_BY_PEER);

  tear_down (self, data);
  *self = (Fixture){ 0 };
  set_up (self, data);
  make_runner (self, FERRY_HASH_SHA256);
  ferry_transfer_runner_start (self->runner);
  fake_session_end (self->session, FERRY_ERROR_CANCELLED_BY_PEER);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_CANCELLED_BY_PEER);
  g_assert_cmpuint (self->session->n_accepts, ==, 0);
  assert_folder (self, NULL);
}

static void
test_cancel (Fixture *self, gconstpointer data)
{
  g_test_summary ("Cancelling works while preparing, moving and waiting for the checksum");
  for (guint step = 0; step < 3; step++)
    {
      if (step > 0)
        {
          tear_down (self, data);
          *self = (Fixture){ 0 };
          set_up (self, data);
        }
      make_runner (self, FERRY_HASH_SHA256);
      ferry_session_set_expects_checksum (FERRY_SESSION (self->session), TRUE);
      ferry_transfer_runner_start (self->runner);
      if (step > 0)
        {
          ferry_test_wait (self->session->n_accepts == 1, 5);
          fake_session_open (self->session);
        }
      if (step > 1)
        {
          send_bytes (self, SIZE);
          ferry_test_wait (self->runner->waits_checksum, 5);
        }
      ferry_transfer_runner_stop (self->runner, FERRY_TRANSFER_STOP_CANCEL);
      assert_finishes (self, FERRY_TRANSFER_CANCELLED, -1);
      g_assert_cmpuint (self->session->n_cancels, ==, 1);
      assert_folder (self, NULL);
    }
}

static void
test_taken_name (Fixture *self, gconstpointer data)
{
  g_test_summary ("The transfer tells the name the file really got");
  g_autofree char *path = g_build_filename (self->folder, "LIST.txt", NULL);
  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));

  start_until_open (self);
  send_bytes (self, SIZE);
  assert_finishes (self, FERRY_TRANSFER_DONE, -1);
  g_assert_cmpstr (ferry_transfer_get_name (self->transfer), ==, "list (1).txt");
}

#define ADD(path, function)                                                                    \
  g_test_add ("/runner/receive/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("offered-hash", test_offered_hash);
  ADD ("corrupt", test_corrupt);
  ADD ("checksum", test_checksum);
  ADD ("checksum-wrong", test_checksum_wrong);
  ADD ("checksum-never", test_checksum_never);
  ADD ("spoiled", test_spoiled);
  ADD ("unverified", test_unverified);
  ADD ("verify-off", test_verify_off);
  ADD ("no-space", test_no_space);
  ADD ("pipe-errors", test_pipe_errors);
  ADD ("broken-at-once", test_broken_at_once);
  ADD ("unreachable", test_unreachable);
  ADD ("peer-ends", test_peer_ends);
  ADD ("withdrawn", test_withdrawn);
  ADD ("cancel", test_cancel);
  ADD ("taken-name", test_taken_name);
  return g_test_run ();
}
