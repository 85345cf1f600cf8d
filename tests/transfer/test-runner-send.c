/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-session.h"

#include "base/ferry-error.h"
#include "transfer/ferry-transfer-runner-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define SIZE 300000

typedef struct
{
  char *folder;
  char *source;
  char *target;
  FerryTransfer *transfer;
  FakeStarter *starter;
  FerryTransferRunner *runner;
  Run peer; /* a pump that receives */
  gboolean finished;
  GString *states;
} Fixture;

static void
on_finished (FerryTransferRunner *runner, gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_false (self->finished);
  self->finished = TRUE;
}

static void
on_state (FerryTransfer *transfer, GParamSpec *pspec, gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr (GEnumClass) klass = g_type_class_ref (FERRY_TYPE_TRANSFER_STATE);

  g_string_append (
      self->states,
      g_enum_get_value (klass, (int) ferry_transfer_get_state (transfer))->value_nick);
  g_string_append_c (self->states, ' ');
}

static void
make_runner (Fixture *self, FerryHashAlgo hash)
{
  ferry_transfer_set_state (self->transfer, FERRY_TRANSFER_QUEUED);
  g_clear_object (&self->runner);
  self->runner = ferry_transfer_runner_new_sender (
      self->transfer, FERRY_TRANSFER_STARTER (self->starter), hash);
  g_signal_connect (self->runner, "finished", G_CALLBACK (on_finished), self);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (FerryJid) account = ferry_jid_new ("ada@example.org", NULL);
  g_autoptr (FerryJid) peer = ferry_jid_new ("ben@example.org", NULL);

  self->folder = ferry_test_make_folder ();
  self->source = g_build_filename (self->folder, "source", NULL);
  self->target = g_build_filename (self->folder, "target", NULL);
  ferry_test_write_file (self->source, SIZE, 1);
  self->transfer =
      ferry_transfer_new ("t1", account, FERRY_DIRECTION_SEND, peer, "Ben", "source", -1);
  ferry_transfer_set_path (self->transfer, self->source);
  self->states = g_string_new (NULL);
  g_signal_connect (self->transfer, "notify::state", G_CALLBACK (on_state), self);
  self->starter = fake_starter_new ();
  make_runner (self, FERRY_HASH_SHA256);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  run_clear (&self->peer);
  g_assert_finalize_object (self->runner);
  g_clear_object (&self->starter);
  g_assert_finalize_object (self->transfer);
  g_string_free (self->states, TRUE);
  ferry_test_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->source);
  g_free (self->target);
}

static FakeSession *
start_until_offered (Fixture *self)
{
  ferry_transfer_runner_start (self->runner);
  ferry_test_wait (ferry_transfer_get_state (self->transfer) == FERRY_TRANSFER_OFFERED, 5);
  return fake_starter_get_session (self->starter, 0);
}

/* The peer takes everything with a pump of its own. */
static void
let_peer_receive (Fixture *self, FakeSession *session)
{
  int fd = open_in (self->folder, "target", O_RDWR | O_CREAT);
  FerryPump *pump =
      ferry_pump_new_receiver (session->pair.theirs, fd, 0, SIZE, FERRY_HASH_NONE);
  close (fd);
  run_start (&self->peer, pump);
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

static void
test_received (Fixture *self, gconstpointer data)
{
  g_test_summary ("Sent, received and verified are three facts; a confirmed file has them all");
  FakeSession *session = start_until_offered (self);

  g_assert_cmpint (ferry_transfer_get_size (self->transfer), ==, SIZE);
  g_assert_cmpstr (ferry_jid_get_text (ferry_transfer_get_peer (self->transfer)), ==,
                   "ben@example.org/desk");
  session->keeps_quiet = TRUE;
  fake_session_open (session);
  let_peer_receive (self, session);
  ferry_test_wait (session->n_sents == 1, 10);
  g_assert_true (session->told_hash);
  g_assert_cmpint (ferry_transfer_get_state (self->transfer), ==, FERRY_TRANSFER_VERIFYING);
  g_assert_false (ferry_transfer_get_received (self->transfer));
  g_assert_false (self->finished);

  ferry_session_set_received (FERRY_SESSION (session));
  ferry_session_set_confirmed (FERRY_SESSION (session));
  fake_session_end (session, -1);
  assert_finishes (self, FERRY_TRANSFER_DONE, -1);
  g_assert_true (ferry_transfer_get_received (self->transfer));
  g_assert_cmpstr (ferry_transfer_get_verified (self->transfer), ==, "sha-256");
  g_assert_cmpuint (ferry_transfer_get_n_done (self->transfer), ==, SIZE);
  g_assert_cmpint (ferry_transfer_get_route (self->transfer), ==, FERRY_ROUTE_PROXY);
  g_assert_cmpstr (ferry_transfer_get_signalling (self->transfer), ==, "jingle");
  FerryHash expected;
  hash_file (self->source, FERRY_HASH_SHA256, &expected);
  g_assert_true (ferry_hash_equal (ferry_transfer_get_hash (self->transfer), &expected));
  g_assert_cmpint (ferry_transfer_get_started_us (self->transfer), >, 0);
  g_assert_cmpint (ferry_transfer_get_ended_us (self->transfer), >=,
                   ferry_transfer_get_started_us (self->transfer));
  g_assert_cmpstr (self->states->str, ==,
                   "queued preparing offered connecting active verifying done ");
  g_assert_true (run_wait (&self->peer, NULL));
  ferry_test_assert_files_equal (self->source, self->target);
}

static void
test_unconfirmed (Fixture *self, gconstpointer data)
{
  g_test_summary ("A peer that is only content has not verified anything");
  FakeSession *session = start_until_offered (self);

  ferry_session_set_received (FERRY_SESSION (session)); /* a mere success */
  fake_session_open (session);
  let_peer_receive (self, session);
  assert_finishes (self, FERRY_TRANSFER_DONE, -1);
  g_assert_true (ferry_transfer_get_received (self->transfer));
  g_assert_null (ferry_transfer_get_verified (self->transfer));
  g_assert_true (run_wait (&self->peer, NULL));
}

static void
test_no_hash (Fixture *self, gconstpointer data)
{
  g_test_summary ("With verifying switched off nothing is hashed, offered or claimed");
  make_runner (self, FERRY_HASH_NONE);
  FakeSession *session = start_until_offered (self);
  FerryFileInfo *info = ferry_session_get_file (FERRY_SESSION (session));

  g_assert_cmpint (info->hash.algo, ==, FERRY_HASH_NONE);
  g_assert_cmpint (info->hash_used, ==, FERRY_HASH_NONE);
  fake_session_open (session);
  let_peer_receive (self, session);
  ferry_session_set_received (FERRY_SESSION (session));
  ferry_session_set_confirmed (FERRY_SESSION (session));
  assert_finishes (self, FERRY_TRANSFER_DONE, -1);
  g_assert_false (session->told_hash);
  g_assert_null (ferry_transfer_get_verified (self->transfer));
  g_assert_null (ferry_transfer_get_hash (self->transfer));
  g_assert_true (run_wait (&self->peer, NULL));
}

static void
test_refused (Fixture *self, gconstpointer data)
{
  g_test_summary ("What the peer answers to an offer becomes the right end");
  static const struct
  {
    int code;
    FerryTransferState state;
  } cases[] = {
    { FERRY_ERROR_DECLINED, FERRY_TRANSFER_DECLINED },
    { FERRY_ERROR_TIMEOUT, FERRY_TRANSFER_MISSED },
    { FERRY_ERROR_CANCELLED_BY_PEER, FERRY_TRANSFER_FAILED },
    { FERRY_ERROR_UNREACHABLE, FERRY_TRANSFER_FAILED },
    { FERRY_ERROR_ROUTE, FERRY_TRANSFER_FAILED },
    { FERRY_ERROR_PAUSED, FERRY_TRANSFER_PAUSED },
    { FERRY_ERROR_PEER_STORAGE, FERRY_TRANSFER_FAILED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (i > 0)
        {
          tear_down (self, data);
          *self = (Fixture){ 0 };
          set_up (self, data);
        }
      FakeSession *session = start_until_offered (self);
      fake_session_end (session, cases[i].code);
      assert_finishes (self, cases[i].state,
                       cases[i].code == FERRY_ERROR_GONE ? -1 : cases[i].code);
    }
}

static void
test_other_signalling (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "A device that was offered Jingle by guess, and does not know it, is offered the "
      "other way, once; one that is known is not");
  FakeSession *jingle = start_until_offered (self);

  ferry_transfer_set_guess (self->transfer, FERRY_TRANSFER_GUESS_JINGLE);
  fake_session_end (jingle, FERRY_ERROR_UNSUPPORTED);
  g_assert_cmpint (ferry_transfer_get_guess (self->transfer), ==, FERRY_TRANSFER_GUESS_SI);
  ferry_test_wait (self->starter->sessions->len == 2, 5);
  while (g_main_context_iteration (NULL, FALSE)) /* the runner takes it */
    ;
  g_assert_false (self->finished);
  g_assert_cmpint (ferry_transfer_get_state (self->transfer), ==, FERRY_TRANSFER_OFFERED);

  fake_session_end (fake_starter_get_session (self->starter, 1), FERRY_ERROR_UNSUPPORTED);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_UNSUPPORTED);
  g_assert_cmpuint (self->starter->sessions->len, ==, 2);
}

static void
test_success_without_bytes (Fixture *self, gconstpointer data)
{
  g_test_summary ("A session that ends well before a byte could move has not ended well");
  FakeSession *session = start_until_offered (self);

  fake_session_end (session, -1);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_BROKEN);
}

static void
test_absent_peer (Fixture *self, gconstpointer data)
{
  g_test_summary ("An absent contact is waited for; other errors of the start are failures");
  self->starter->fails_with = FERRY_ERROR_GONE;
  ferry_transfer_runner_start (self->runner);
  assert_finishes (self, FERRY_TRANSFER_WAITING_PEER, -1);
  g_assert_cmpint (ferry_transfer_get_ended_us (self->transfer), ==, 0);

  self->finished = FALSE;
  self->starter->fails_with = FERRY_ERROR_UNSUPPORTED;
  make_runner (self, FERRY_HASH_SHA256);
  ferry_transfer_runner_start (self->runner);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_UNSUPPORTED);
}

static void
test_peer_leaves (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "A contact who leaves is waited for, but not a device that the user named and "
      "that has not agreed");
  static const struct
  {
    const char *target;
    gboolean agrees;
    int code;
    FerryTransferState state;
  } cases[] = {
    { "ben@example.org", FALSE, FERRY_ERROR_GONE, FERRY_TRANSFER_WAITING_PEER },
    { "ben@example.org", FALSE, FERRY_ERROR_OFFLINE, FERRY_TRANSFER_WAITING_PEER },
    { "ben@example.org/desk", FALSE, FERRY_ERROR_GONE, FERRY_TRANSFER_FAILED },
    { "ben@example.org", TRUE, FERRY_ERROR_GONE, FERRY_TRANSFER_WAITING_PEER },
    { "ben@example.org/desk", TRUE, FERRY_ERROR_GONE, FERRY_TRANSFER_WAITING_PEER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerryJid) target = ferry_jid_new (cases[i].target, NULL);
      ferry_transfer_set_state (self->transfer, FERRY_TRANSFER_QUEUED);
      ferry_transfer_set_error (self->transfer, NULL);
      ferry_transfer_set_peer (self->transfer, target);
      self->finished = FALSE;
      make_runner (self, FERRY_HASH_SHA256);
      ferry_transfer_runner_start (self->runner);
      ferry_test_wait (ferry_transfer_get_state (self->transfer) == FERRY_TRANSFER_OFFERED, 5);
      FerrySession *session = FERRY_SESSION (fake_starter_get_session (self->starter, i));
      if (cases[i].agrees)
        ferry_session_set_state (session, FERRY_SESSION_CONNECTING);
      fake_session_end (FAKE_SESSION (session), cases[i].code);
      gboolean waits = cases[i].state == FERRY_TRANSFER_WAITING_PEER;
      assert_finishes (self, cases[i].state, waits ? -1 : cases[i].code);
      if (waits)
        g_assert_true (ferry_jid_equal (ferry_transfer_get_peer (self->transfer), target));
    }
}

static void
test_broken (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "After a pipe that breaks before the first byte another attempt follows, unless the "
      "peer has a reason");
  for (guint better = 0; better < 2; better++)
    {
      if (better)
        {
          tear_down (self, data);
          *self = (Fixture){ 0 };
          set_up (self, data);
        }
      FakeSession *session = start_until_offered (self);
      if (better)
        session->better =
            g_error_new_literal (FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER, "enough");
      session->is_broken = TRUE;
      fake_session_open (session);
      assert_finishes (self, better ? FERRY_TRANSFER_FAILED : FERRY_TRANSFER_RECONNECTING,
                       better ? FERRY_ERROR_CANCELLED_BY_PEER : FERRY_ERROR_BROKEN);
      g_assert_error (session->failed, FERRY_ERROR, FERRY_ERROR_BROKEN);
    }
}

/* An attempt before this one. */
static void
break_once (FerryTransfer *transfer)
{
  static const FerryTransferEvent events[] = { FERRY_TRANSFER_EV_TURN, FERRY_TRANSFER_EV_AGREED,
                                               FERRY_TRANSFER_EV_OPENED,
                                               FERRY_TRANSFER_EV_BROKEN,
                                               FERRY_TRANSFER_EV_ALARM };

  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    g_assert_true (ferry_transfer_step (transfer, events[i]));
}

static void
test_no_way (Fixture *self, gconstpointer data)
{
  g_test_summary ("Who has agreed, and is found by no way, is not offered the file again by "
                  "itself; one that took too long is, if it is a Ferry, and one to whom a way "
                  "was open before");
  static const struct
  {
    int code;
    gboolean can_ask;
    gboolean was_open;
    FerryTransferState state;
  } cases[] = {
    { FERRY_ERROR_UNREACHABLE, TRUE, FALSE, FERRY_TRANSFER_FAILED },
    { FERRY_ERROR_UNREACHABLE, TRUE, TRUE, FERRY_TRANSFER_RECONNECTING },
    { FERRY_ERROR_ROUTE, TRUE, FALSE, FERRY_TRANSFER_FAILED },
    { FERRY_ERROR_ROUTE, TRUE, TRUE, FERRY_TRANSFER_RECONNECTING },
    { FERRY_ERROR_TIMEOUT, FALSE, FALSE, FERRY_TRANSFER_FAILED },
    { FERRY_ERROR_TIMEOUT, TRUE, FALSE, FERRY_TRANSFER_RECONNECTING },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (i > 0)
        {
          tear_down (self, data);
          *self = (Fixture){ 0 };
          set_up (self, data);
        }
      ferry_transfer_set_can_ask (self->transfer, cases[i].can_ask);
      if (cases[i].was_open)
        break_once (self->transfer);
      FakeSession *session = start_until_offered (self);
      ferry_session_set_state (FERRY_SESSION (session), FERRY_SESSION_CONNECTING);
      fake_session_end (session, cases[i].code);
      assert_finishes (self, cases[i].state, cases[i].code);
    }
}

static void
test_early_success (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "Bytes go on flowing though the peer has ended the talk early, as Gajim does");
  FakeSession *session = start_until_offered (self);

  fake_session_open (session);
  fake_session_end (session, -1);
  g_assert_false (self->finished);
  let_peer_receive (self, session);
  assert_finishes (self, FERRY_TRANSFER_DONE, -1);
  g_assert_cmpuint (session->n_sents, ==, 0);
  g_assert_true (run_wait (&self->peer, NULL));
  ferry_test_assert_files_equal (self->source, self->target);
}

static void
test_peer_cancels (Fixture *self, gconstpointer data)
{
  g_test_summary ("A peer that cancels in the middle stops the pump");
  ferry_test_write_file (self->source, 8 * 1024 * 1024, 2);
  FakeSession *session = start_until_offered (self);

  fake_session_open (session);
  fake_session_end (session, FERRY_ERROR_CANCELLED_BY_PEER);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_CANCELLED_BY_PEER);
}

static void
change_source (Fixture *self)
{
  int fd = open_in (self->folder, "source", O_WRONLY);

  g_assert_cmpint (pwrite (fd, "!", 1, SIZE - 1), ==, 1);
  close (fd);
}

static void
test_source_changed (Fixture *self, gconstpointer data)
{
  g_test_summary ("A file that changed on the way is not claimed to have been sent");
  FakeSession *session = start_until_offered (self);

  change_source (self);
  fake_session_open (session);
  let_peer_receive (self, session);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_SOURCE);
  g_assert_error (session->failed, FERRY_ERROR, FERRY_ERROR_SOURCE);
  g_assert_cmpuint (session->n_sents, ==, 0);
  g_assert_true (run_wait (&self->peer, NULL));
}

static void
test_doubted (Fixture *self, gconstpointer data)
{
  g_test_summary ("A peer may say that a file is wrong before we know what we sent: it was the "
                  "file that changed, or else the peer is right");
  static const struct
  {
    gboolean changes;
    gboolean takes_all;
    int code;
  } cases[] = {
    { TRUE, TRUE, FERRY_ERROR_SOURCE },
    { FALSE, TRUE, FERRY_ERROR_CORRUPT },
    { FALSE, FALSE, FERRY_ERROR_CORRUPT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (i > 0)
        {
          tear_down (self, data);
          *self = (Fixture){ 0 };
          set_up (self, data);
        }
      FakeSession *session = start_until_offered (self);
      if (cases[i].changes)
        change_source (self);
      session->is_broken = !cases[i].takes_all;
      fake_session_open (session);
      fake_session_end (session, FERRY_ERROR_CORRUPT);
      g_assert_false (self->finished);
      if (cases[i].takes_all)
        let_peer_receive (self, session);
      assert_finishes (self, FERRY_TRANSFER_FAILED, cases[i].code);
      g_assert_cmpuint (session->n_sents, ==, 0);
      if (cases[i].takes_all)
        g_assert_true (run_wait (&self->peer, NULL));
    }
}

static void
test_source_missing (Fixture *self, gconstpointer data)
{
  g_test_summary ("A file that is gone is never offered");
  g_unlink (self->source);
  ferry_transfer_runner_start (self->runner);
  assert_finishes (self, FERRY_TRANSFER_FAILED, FERRY_ERROR_SOURCE);
  g_assert_cmpuint (self->starter->sessions->len, ==, 0);
}

static void
test_cancel_early (Fixture *self, gconstpointer data)
{
  g_test_summary ("Cancelling works before the start, while preparing and while looking");
  ferry_transfer_runner_stop (self->runner, FERRY_TRANSFER_STOP_CANCEL);
  assert_finishes (self, FERRY_TRANSFER_CANCELLED, -1);
  ferry_transfer_runner_start (self->runner);

  self->finished = FALSE;
  make_runner (self, FERRY_HASH_SHA256);
  ferry_transfer_runner_start (self->runner);
  ferry_transfer_runner_stop (self->runner, FERRY_TRANSFER_STOP_CANCEL);
  assert_finishes (self, FERRY_TRANSFER_CANCELLED, -1);

  self->finished = FALSE;
  make_runner (self, FERRY_HASH_SHA256);
  self->starter->keeps_quiet = TRUE;
  ferry_transfer_runner_start (self->runner);
  ferry_test_wait (self->starter->pending != NULL, 5);
  ferry_transfer_runner_stop (self->runner, FERRY_TRANSFER_STOP_CANCEL);
  g_assert_false (self->finished);
  /* The session comes all the same, and must not stay behind. */
  fake_starter_answer (self->starter);
  assert_finishes (self, FERRY_TRANSFER_CANCELLED, -1);
  g_assert_cmpuint (fake_starter_get_session (self->starter, 0)->n_cancels, ==, 1);
}

static void
test_cancel_late (Fixture *self, gconstpointer data)
{
  g_test_summary ("Cancelling works while offered, while moving, and while waiting for a word");
  FakeSession *session = start_until_offered (self);
  ferry_transfer_runner_stop (self->runner, FERRY_TRANSFER_STOP_CANCEL);
  assert_finishes (self, FERRY_TRANSFER_CANCELLED, -1);
  g_assert_cmpuint (session->n_cancels, ==, 1);

  self->finished = FALSE;
  make_runner (self, FERRY_HASH_SHA256);
  ferry_transfer_runner_start (self->runner);
  ferry_test_wait (self->starter->sessions->len == 2, 5);
  ferry_test_wait (ferry_transfer_get_state (self->transfer) == FERRY_TRANSFER_OFFERED, 5);
  session = fake_starter_get_session (self->starter, 1);
  fake_session_open (session);
  ferry_transfer_runner_stop (self->runner, FERRY_TRANSFER_STOP_CANCEL);
  assert_finishes (self, FERRY_TRANSFER_CANCELLED, -1);
  g_assert_cmpuint (session->n_cancels, ==, 1);

  self->finished = FALSE;
  make_runner (self, FERRY_HASH_SHA256);
  ferry_transfer_runner_start (self->runner);
  ferry_test_wait (self->starter->sessions->len == 3, 5);
  ferry_test_wait (ferry_transfer_get_state (self->transfer) == FERRY_TRANSFER_OFFERED, 5);
  session = fake_starter_get_session (self->starter, 2);
  session->keeps_quiet = TRUE;
  fake_session_open (session);
  let_peer_receive (self, session);
  ferry_test_wait (session->n_sents == 1, 5);
  ferry_transfer_runner_stop (self->runner, FERRY_TRANSFER_STOP_CANCEL);
  assert_finishes (self, FERRY_TRANSFER_CANCELLED, -1);
  g_assert_cmpuint (session->n_cancels, ==, 1);
  g_assert_true (run_wait (&self->peer, NULL));
}

static void
test_stalled (Fixture *self, gconstpointer data)
{
  g_test_summary ("Silence is shown, and how long it is, and its end");
  ferry_test_write_file (self->source, SIZE, 2);
  self->runner->limits.sample_ms = 10;
  self->runner->limits.stalled_ms = 50;
  FakeSession *session = start_until_offered (self);

  fake_session_open (session);
  ferry_test_wait (ferry_transfer_get_state (self->transfer) == FERRY_TRANSFER_STALLED, 5);
  ferry_test_wait (ferry_transfer_get_quiet_seconds (self->transfer) == 1, 5);
  let_peer_receive (self, session);
  assert_finishes (self, FERRY_TRANSFER_DONE, -1);
  g_assert_true (run_wait (&self->peer, NULL));
}

#define ADD(path, function)                                                                    \
  g_test_add ("/runner/send/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("received", test_received);
  ADD ("unconfirmed", test_unconfirmed);
  ADD ("no-hash", test_no_hash);
  ADD ("refused", test_refused);
  ADD ("other-signalling", test_other_signalling);
  ADD ("success-without-bytes", test_success_without_bytes);
  ADD ("absent-peer", test_absent_peer);
  ADD ("peer-leaves", test_peer_leaves);
  ADD ("broken", test_broken);
  ADD ("no-way", test_no_way);
  ADD ("early-success", test_early_success);
  ADD ("peer-cancels", test_peer_cancels);
  ADD ("source-changed", test_source_changed);
  ADD ("doubted", test_doubted);
  ADD ("source-missing", test_source_missing);
  ADD ("cancel-early", test_cancel_early);
  ADD ("cancel-late", test_cancel_late);
  ADD ("stalled", test_stalled);
  return g_test_run ();
}
