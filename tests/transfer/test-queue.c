/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-session.h"

#include "base/ferry-error.h"
#include "transfer/ferry-transfer-queue.h"

#include <glib/gstdio.h>

typedef struct
{
  char *folder;
  char *source;
  GListStore *list;
  FakeStarter *starter;
  FerryTransferQueue *queue;
  guint n_finished;
} Fixture;

static void
on_transfer_finished (FerryTransferQueue *queue, FerryTransfer *transfer, gpointer user_data)
{
  Fixture *self = user_data;

  g_assert_true (ferry_transfer_is_finished (transfer));
  self->n_finished++;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = ferry_test_make_folder ();
  self->source = g_build_filename (self->folder, "source", NULL);
  ferry_test_write_file (self->source, 1000, 1);
  self->list = g_list_store_new (FERRY_TYPE_TRANSFER);
  self->starter = fake_starter_new ();
  self->queue = ferry_transfer_queue_new (self->list, FERRY_TRANSFER_STARTER (self->starter));
  g_signal_connect (self->queue, "transfer-finished", G_CALLBACK (on_transfer_finished), self);
}

static void
cancel_all (Fixture *self)
{
  GListModel *transfers = G_LIST_MODEL (self->list);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);
      ferry_transfer_queue_cancel (self->queue, transfer);
    }
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  cancel_all (self);
  ferry_test_wait (ferry_transfer_queue_get_n_attempts (self->queue) == 0, 5);
  g_assert_finalize_object (self->queue);
  g_assert_finalize_object (self->starter);
  g_assert_finalize_object (self->list);
  ferry_test_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->source);
}

static FerryTransfer *
make_transfer (Fixture *self, FerryDirection direction, const char *peer_text)
{
  static guint n = 0;
  g_autofree char *id = g_strdup_printf ("t%u", n++);
  g_autoptr (FerryJid) account = ferry_jid_new ("ada@example.org", NULL);
  g_autoptr (FerryJid) peer = ferry_jid_new (peer_text, NULL);
  FerryTransfer *transfer =
      ferry_transfer_new (id, account, direction, peer, peer_text, "file", 1000);
  if (direction == FERRY_DIRECTION_SEND)
    ferry_transfer_set_path (transfer, self->source);
  return transfer;
}

/* Returns: (transfer none): its list has it */
static FerryTransfer *
queue_one (Fixture *self, const char *peer)
{
  g_autoptr (FerryTransfer) transfer = make_transfer (self, FERRY_DIRECTION_SEND, peer);

  ferry_transfer_queue_send (self->queue, transfer);
  return transfer;
}

static guint
count_in_state (Fixture *self, FerryTransferState state)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (G_LIST_MODEL (self->list), i);
      n += ferry_transfer_get_state (transfer) == state ? 1 : 0;
    }
  return n;
}

/* Turns the main context until everything that is ready has run. */
static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_order (Fixture *self, gconstpointer data)
{
  g_test_summary ("One contact is asked three questions at a time; the next come in order");
  FerryTransfer *transfers[5];

  for (guint i = 0; i < G_N_ELEMENTS (transfers); i++)
    transfers[i] = queue_one (self, "ben@example.org");
  g_autoptr (FerryTransfer) newest = g_list_model_get_item (G_LIST_MODEL (self->list), 0);
  g_assert_true (newest == transfers[4]);

  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_OFFERED) == 3, 5);
  settle ();
  g_assert_cmpint (ferry_transfer_get_state (transfers[3]), ==, FERRY_TRANSFER_QUEUED);
  g_assert_cmpuint (self->starter->sessions->len, ==, 3);
  g_assert_cmpuint (count_in_state (self, FERRY_TRANSFER_QUEUED), ==, 2);
  g_assert_cmpuint (ferry_transfer_get_n_ahead (transfers[3]), ==, 3);
  g_assert_cmpuint (ferry_transfer_get_n_ahead (transfers[4]), ==, 4);

  fake_session_end (fake_starter_get_session (self->starter, 1), FERRY_ERROR_DECLINED);
  g_assert_cmpuint (self->n_finished, ==, 1);
  ferry_test_wait (self->starter->sessions->len == 4, 5);
  ferry_test_wait (ferry_transfer_get_state (transfers[3]) == FERRY_TRANSFER_OFFERED, 5);
  settle ();
  g_assert_cmpint (ferry_transfer_get_state (transfers[4]), ==, FERRY_TRANSFER_QUEUED);
  g_assert_cmpuint (ferry_transfer_get_n_ahead (transfers[4]), ==, 3);

  /* Finished ones stay in the list. */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (self->list)), ==, 5);
  g_assert_cmpuint (count_in_state (self, FERRY_TRANSFER_DECLINED), ==, 1);
}

static void
test_silent_contact (Fixture *self, gconstpointer data)
{
  g_test_summary ("Contacts who do not answer keep nobody waiting, up to 50 offers");
  for (guint i = 0; i < 27; i++)
    {
      g_autofree char *peer = g_strdup_printf ("p%u@example.org", i);
      queue_one (self, peer);
      queue_one (self, peer);
    }

  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_OFFERED) == 50, 5);
  settle ();
  g_assert_cmpuint (count_in_state (self, FERRY_TRANSFER_QUEUED), ==, 4);
}

static void
test_limits (Fixture *self, gconstpointer data)
{
  g_test_summary ("No more start while as many as allowed move bytes");
  ferry_transfer_queue_set_limits (self->queue, 2, 3);
  queue_one (self, "a@example.org");
  queue_one (self, "b@example.org");
  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_OFFERED) == 2, 5);
  fake_session_open (fake_starter_get_session (self->starter, 0));
  fake_session_open (fake_starter_get_session (self->starter, 1));
  queue_one (self, "c@example.org");
  settle ();
  g_assert_cmpuint (count_in_state (self, FERRY_TRANSFER_QUEUED), ==, 1);

  ferry_transfer_queue_set_limits (self->queue, 3, 3);
  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_OFFERED) == 1, 5);
}

static void
test_waiting (Fixture *self, gconstpointer data)
{
  g_test_summary ("An absent contact's files wait without holding anything, until retried");
  self->starter->fails_with = FERRY_ERROR_GONE;
  FerryTransfer *ben = queue_one (self, "ben@example.org");
  FerryTransfer *eve = queue_one (self, "eve@example.org");
  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_WAITING_PEER) == 2, 5);
  g_assert_cmpuint (self->n_finished, ==, 0);
  ferry_test_wait (ferry_transfer_queue_get_n_attempts (self->queue) == 0, 5);
  settle ();
  g_assert_cmpint (ferry_transfer_get_state (ben), ==, FERRY_TRANSFER_WAITING_PEER);

  g_autoptr (FerryJid) online = ferry_jid_new ("ben@example.org/phone", NULL);
  self->starter->fails_with = -1;
  ferry_transfer_queue_retry_waiting (self->queue, online);
  ferry_test_wait (ferry_transfer_get_state (ben) == FERRY_TRANSFER_OFFERED, 5);
  g_assert_cmpint (ferry_transfer_get_state (eve), ==, FERRY_TRANSFER_WAITING_PEER);

  ferry_transfer_queue_cancel (self->queue, eve);
  g_assert_cmpint (ferry_transfer_get_state (eve), ==, FERRY_TRANSFER_CANCELLED);
  g_assert_cmpuint (self->n_finished, ==, 1);
  ferry_transfer_queue_cancel (self->queue, eve);
  g_assert_cmpuint (self->n_finished, ==, 1);
}

static void
test_asking (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "The rest of a file is asked for when the device that has it is there, and no "
      "other; what is sent to it may wait for one that takes files");
  g_autoptr (FerryJid) phone = ferry_jid_new ("ben@example.org/phone", NULL);
  g_autoptr (FerryJid) laptop = ferry_jid_new ("ben@example.org/laptop", NULL);
  g_autoptr (FerryTransfer) received =
      make_transfer (self, FERRY_DIRECTION_RECEIVE, "ben@example.org/phone");

  self->starter->fails_with = FERRY_ERROR_GONE;
  ferry_transfer_set_can_ask (received, TRUE);
  ferry_transfer_set_state (received, FERRY_TRANSFER_QUEUED);
  ferry_transfer_queue_restore (self->queue, received);
  FerryTransfer *sent = queue_one (self, "ben@example.org/phone");
  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_WAITING_PEER) == 2, 5);
  g_assert_cmpuint (self->starter->n_asks, ==, 1);

  self->starter->fails_with = -1;
  ferry_transfer_queue_retry_asking (self->queue, laptop);
  settle ();
  g_assert_cmpint (ferry_transfer_get_state (received), ==, FERRY_TRANSFER_WAITING_PEER);
  ferry_transfer_queue_retry_asking (self->queue, phone);
  ferry_test_wait (self->starter->n_asks == 2, 5);
  g_assert_cmpint (ferry_transfer_get_state (sent), ==, FERRY_TRANSFER_WAITING_PEER);
}

static void
test_held (Fixture *self, gconstpointer data)
{
  g_test_summary ("A held transfer is offered to nobody before its time, and cancelled never");
  g_autoptr (FerryTransfer) held =
      make_transfer (self, FERRY_DIRECTION_SEND, "ben@example.org");
  g_autoptr (FerryTransfer) undone =
      make_transfer (self, FERRY_DIRECTION_SEND, "ben@example.org");
  gint64 before_us = g_get_monotonic_time ();

  ferry_transfer_queue_send_held (self->queue, undone, 600 * 1000);
  ferry_transfer_queue_send_held (self->queue, held, 300);
  FerryTransfer *other = queue_one (self, "ben@example.org");
  g_assert_true (ferry_transfer_is_held (held));

  /* It keeps nobody else waiting. */
  ferry_test_wait (ferry_transfer_get_state (other) == FERRY_TRANSFER_OFFERED, 5);
  g_assert_true (ferry_transfer_is_held (undone));
  ferry_transfer_queue_cancel (self->queue, undone);
  g_assert_cmpint (ferry_transfer_get_state (undone), ==, FERRY_TRANSFER_CANCELLED);
  g_assert_false (ferry_transfer_is_held (undone));

  ferry_test_wait (!ferry_transfer_is_held (held), 5);
  g_assert_cmpint (g_get_monotonic_time () - before_us, >=, 299 * 1000);
  g_assert_cmpuint (self->starter->sessions->len, ==, 1);
  ferry_test_wait (ferry_transfer_get_state (held) == FERRY_TRANSFER_OFFERED, 5);
  g_assert_cmpuint (self->starter->sessions->len, ==, 2);
}

static FakeSession *
receive_one (Fixture *self, FerryTransfer **out)
{
  g_autoptr (FerryFileInfo) info = ferry_file_info_new ("file", 1000);
  FakeSession *session = fake_session_new (FERRY_DIRECTION_RECEIVE, info);
  g_autoptr (FerryTransfer) transfer =
      make_transfer (self, FERRY_DIRECTION_RECEIVE, "ben@example.org");

  ferry_transfer_queue_receive (self->queue, transfer, FERRY_SESSION (session), self->folder,
                                FERRY_ROUTE_ALL);
  *out = transfer;
  return session;
}

static void
test_receive (Fixture *self, gconstpointer data)
{
  g_test_summary ("Received files wait for their turn, and may be withdrawn meanwhile");
  FerryTransfer *transfers[5];
  FakeSession *sessions[5];

  for (guint i = 0; i < 5; i++)
    sessions[i] = receive_one (self, &transfers[i]);
  ferry_test_wait (
      sessions[0]->n_accepts + sessions[1]->n_accepts + sessions[2]->n_accepts == 3, 5);
  settle ();
  g_assert_cmpuint (sessions[3]->n_accepts, ==, 0);

  fake_session_end (sessions[3], FERRY_ERROR_CANCELLED_BY_PEER);
  g_assert_cmpint (ferry_transfer_get_state (transfers[3]), ==, FERRY_TRANSFER_FAILED);
  fake_session_end (sessions[0], FERRY_ERROR_UNREACHABLE);
  ferry_test_wait (sessions[4]->n_accepts == 1, 5);
  g_assert_cmpuint (sessions[3]->n_accepts, ==, 0);
  ferry_test_wait (self->n_finished == 2, 5);

  cancel_all (self);
  ferry_test_wait (self->n_finished == 5, 5);
  for (guint i = 0; i < 5; i++)
    g_object_unref (sessions[i]);
}

static void
test_dropped (Fixture *self, gconstpointer data)
{
  g_test_summary ("A queue that goes away tells its peers that it goes on later, and leaves no "
                  "part file where the sender has no parts");
  FerryTransfer *borrowed;
  g_autoptr (FakeSession) session = receive_one (self, &borrowed);
  g_autoptr (FerryTransfer) transfer = g_object_ref (borrowed);

  ferry_test_wait (session->n_accepts == 1, 5);
  fake_session_open (session);
  g_clear_object (&self->queue);
  ferry_test_wait (ferry_transfer_get_state (transfer) == FERRY_TRANSFER_QUEUED, 5);
  g_assert_error (session->failed, FERRY_ERROR, FERRY_ERROR_OFFLINE);
  g_assert_cmpuint (self->n_finished, ==, 0);
  g_assert_cmpint (g_unlink (self->source), ==, 0);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  self->queue = ferry_transfer_queue_new (self->list, FERRY_TRANSFER_STARTER (self->starter));
}

static void
test_resume_in_vain (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "What was paused, and only the peer can begin again, fails and says so; an offer "
      "of the rest takes it up");
  FerryTransfer *transfer;
  g_autoptr (FakeSession) session = receive_one (self, &transfer);

  ferry_test_wait (session->n_accepts == 1, 5);
  ferry_transfer_set_ranged (transfer, TRUE);
  g_assert_true (ferry_transfer_queue_pause (self->queue, transfer));
  ferry_test_wait (ferry_transfer_get_state (transfer) == FERRY_TRANSFER_PAUSED, 5);
  ferry_test_wait (ferry_transfer_queue_get_n_attempts (self->queue) == 0, 5);
  g_assert_true (ferry_transfer_queue_resume (self->queue, transfer));
  g_assert_cmpint (ferry_transfer_get_state (transfer), ==, FERRY_TRANSFER_FAILED);
  g_assert_error (ferry_transfer_get_error (transfer), FERRY_ERROR, FERRY_ERROR_BROKEN);
  g_assert_cmpuint (self->n_finished, ==, 1);
  g_assert_false (ferry_transfer_queue_resume (self->queue, transfer));

  g_autoptr (FerryFileInfo) info = ferry_file_info_new ("file", 1000);
  g_autoptr (FakeSession) again = fake_session_new (FERRY_DIRECTION_RECEIVE, info);
  g_assert_true (ferry_transfer_queue_take_offer (self->queue, transfer, FERRY_SESSION (again),
                                                  FERRY_ROUTE_ALL));
  ferry_test_wait (again->n_accepts == 1, 5);
  g_assert_no_error (ferry_transfer_get_error (transfer));
  cancel_all (self);
  ferry_test_wait (self->n_finished == 2, 5);
}

/* Whose offers are open. */
static void
assert_offered (FerryTransfer **transfers, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; expected[i] != '\0'; i++)
    g_string_append_c (
        text, ferry_transfer_get_state (transfers[i]) == FERRY_TRANSFER_OFFERED ? 'o' : '.');
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_move (Fixture *self, gconstpointer data)
{
  g_test_summary ("Who waits can be moved, and starts in the new order; who has begun stays");
  FerryTransfer *transfers[7];

  for (guint i = 0; i < G_N_ELEMENTS (transfers); i++)
    transfers[i] = queue_one (self, "ben@example.org");
  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_OFFERED) == 3, 5);
  settle ();
  assert_offered (transfers, "ooo....");

  g_assert_false (
      ferry_transfer_queue_move (self->queue, transfers[1], FERRY_TRANSFER_MOVE_DOWN));
  g_assert_false (
      ferry_transfer_queue_move (self->queue, transfers[3], FERRY_TRANSFER_MOVE_UP));
  g_assert_false (
      ferry_transfer_queue_move (self->queue, transfers[6], FERRY_TRANSFER_MOVE_LAST));
  g_assert_false (ferry_transfer_queue_move_to (self->queue, transfers[3], transfers[0]));
  /* 3 4 5 6, then 6 3 4 5, then 6 4 3 5, then 6 4 5 3, then 6 5 4 3 */
  g_assert_true (
      ferry_transfer_queue_move (self->queue, transfers[6], FERRY_TRANSFER_MOVE_FIRST));
  g_assert_true (
      ferry_transfer_queue_move (self->queue, transfers[3], FERRY_TRANSFER_MOVE_DOWN));
  g_assert_true (
      ferry_transfer_queue_move (self->queue, transfers[3], FERRY_TRANSFER_MOVE_LAST));
  g_assert_true (ferry_transfer_queue_move_to (self->queue, transfers[5], transfers[4]));
  for (guint i = 3; i < 6; i++)
    g_assert_cmpint (ferry_transfer_get_place (transfers[i]), >,
                     ferry_transfer_get_place (transfers[i + 1]));

  /* Which of the first three is offered first is up to the threads that read them. */
  static const char *const expected[] = { "...o", "..oo", ".ooo" };
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      fake_session_end (fake_starter_get_session (self->starter, i), FERRY_ERROR_DECLINED);
      ferry_test_wait (count_in_state (self, FERRY_TRANSFER_OFFERED) == 3, 5);
      assert_offered (transfers + 3, expected[i]);
    }
}

static void
test_places (Fixture *self, gconstpointer data)
{
  g_test_summary (
      "What is restored in its order keeps its place, and what is new comes behind");
  FerryTransfer *transfers[3];

  ferry_transfer_queue_hold (self->queue, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (transfers); i++)
    {
      transfers[i] = make_transfer (self, FERRY_DIRECTION_SEND, "ben@example.org");
      ferry_transfer_set_place (transfers[i], (gint64) i * 5 - 3);
      ferry_transfer_set_state (transfers[i], FERRY_TRANSFER_QUEUED);
      ferry_transfer_queue_restore (self->queue, transfers[i]);
      g_assert_cmpint (ferry_transfer_get_place (transfers[i]), ==, (gint64) i * 5 - 3);
    }
  FerryTransfer *last = queue_one (self, "ben@example.org");
  g_assert_cmpint (ferry_transfer_get_place (last), ==, 8);
  g_assert_true (ferry_transfer_queue_move_to (self->queue, last, transfers[1]));
  g_assert_cmpint (ferry_transfer_get_place (last), ==, 2);
  g_assert_cmpint (ferry_transfer_get_place (transfers[1]), ==, 7);
  g_assert_cmpint (ferry_transfer_get_place (transfers[2]), ==, 8);
  for (guint i = 0; i < G_N_ELEMENTS (transfers); i++)
    g_object_unref (transfers[i]);
}

static void
test_stalled (Fixture *self, gconstpointer data)
{
  g_test_summary ("What hardly moves is begun anew as soon as the user says so");
  FerryTransfer *transfer = queue_one (self, "ben@example.org");

  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_OFFERED) == 1, 5);
  fake_session_open (fake_starter_get_session (self->starter, 0));
  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_ACTIVE) == 1, 5);
  g_assert_false (ferry_transfer_queue_retry (self->queue, transfer));
  g_assert_true (ferry_transfer_step (transfer, FERRY_TRANSFER_EV_QUIET));
  g_assert_true (ferry_transfer_queue_retry (self->queue, transfer));
  ferry_test_wait (self->starter->sessions->len == 2, 5);
  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_OFFERED) == 1, 5);
  g_assert_cmpuint (self->n_finished, ==, 0);
}

static void
test_down_limit (Fixture *self, gconstpointer data)
{
  g_test_summary ("Receiving has a limit of its own, and sending does not count for it");
  FerryTransfer *first, *second;
  ferry_transfer_queue_set_limits (self->queue, 3, 1);
  queue_one (self, "ben@example.org");
  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_OFFERED) == 1, 5);
  fake_session_open (fake_starter_get_session (self->starter, 0));
  g_autoptr (FakeSession) one = receive_one (self, &first);
  g_autoptr (FakeSession) two = receive_one (self, &second);
  ferry_test_wait (one->n_accepts == 1, 5);
  settle ();
  g_assert_cmpuint (two->n_accepts, ==, 0);
  g_assert_cmpint (ferry_transfer_get_state (second), ==, FERRY_TRANSFER_QUEUED);

  ferry_transfer_queue_set_limits (self->queue, 3, 2);
  ferry_test_wait (two->n_accepts == 1, 5);
  cancel_all (self);
  ferry_test_wait (self->n_finished == 3, 5);
}

static void
test_many_ahead (Fixture *self, gconstpointer data)
{
  g_test_summary ("How many come before is told also while nothing starts, up to a hundred");
  FerryTransfer *transfers[FERRY_TRANSFER_MANY_AHEAD + 5];

  ferry_transfer_queue_hold (self->queue, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (transfers); i++)
    transfers[i] = queue_one (self, "ben@example.org");
  settle ();
  for (guint i = 0; i < G_N_ELEMENTS (transfers); i++)
    g_assert_cmpuint (ferry_transfer_get_n_ahead (transfers[i]), ==,
                      MIN (i, FERRY_TRANSFER_MANY_AHEAD));

  ferry_transfer_queue_move (self->queue, transfers[7], FERRY_TRANSFER_MOVE_FIRST);
  settle ();
  g_assert_cmpuint (ferry_transfer_get_n_ahead (transfers[7]), ==, 0);
  g_assert_cmpuint (ferry_transfer_get_n_ahead (transfers[0]), ==, 1);
}

static void
test_each_in_turn (Fixture *self, gconstpointer data)
{
  g_test_summary ("The first file for one contact goes before the second for another");
  ferry_transfer_queue_set_limits (self->queue, 2, 1);
  FerryTransfer *first = queue_one (self, "ben@example.org");
  FerryTransfer *second = queue_one (self, "ben@example.org");
  FerryTransfer *other = queue_one (self, "eve@example.org");
  ferry_transfer_queue_hold (self->queue, FALSE);
  ferry_test_wait (ferry_transfer_get_state (first) != FERRY_TRANSFER_QUEUED, 5);
  g_assert_cmpint (ferry_transfer_get_state (other), !=, FERRY_TRANSFER_QUEUED);
  g_assert_cmpint (ferry_transfer_get_state (second), ==, FERRY_TRANSFER_QUEUED);
  ferry_test_wait (count_in_state (self, FERRY_TRANSFER_OFFERED) == 3, 5);
}

static void
test_patience (Fixture *self, gconstpointer data)
{
  g_test_summary ("A file waits 30 days for its contact, and then it has failed");
  const gint64 day_us = G_GINT64_CONSTANT (24) * 3600 * G_USEC_PER_SEC;
  g_autoptr (FerryTransfer) old = make_transfer (self, FERRY_DIRECTION_SEND, "ben@example.org");
  g_autoptr (FerryTransfer) young =
      make_transfer (self, FERRY_DIRECTION_SEND, "ben@example.org");

  ferry_transfer_set_created_us (old, g_get_real_time () - 30 * day_us);
  ferry_transfer_set_created_us (young, g_get_real_time () - 29 * day_us);
  ferry_transfer_set_state (old, FERRY_TRANSFER_WAITING_PEER);
  ferry_transfer_set_state (young, FERRY_TRANSFER_WAITING_PEER);
  ferry_transfer_queue_restore (self->queue, old);
  ferry_transfer_queue_restore (self->queue, young);
  ferry_test_wait (ferry_transfer_is_finished (old), 20);
  g_assert_cmpint (ferry_transfer_get_state (old), ==, FERRY_TRANSFER_FAILED);
  g_assert_error (ferry_transfer_get_error (old), FERRY_ERROR, FERRY_ERROR_TIMEOUT);
  g_assert_cmpuint (self->n_finished, ==, 1);
  settle ();
  g_assert_cmpint (ferry_transfer_get_state (young), ==, FERRY_TRANSFER_WAITING_PEER);
}

static void
test_unmeasured_batch (Fixture *self, gconstpointer data)
{
  g_test_summary ("One of a batch waits until it is known how large the batch is");
  g_autoptr (FerryTransfer) transfer =
      make_transfer (self, FERRY_DIRECTION_SEND, "ben@example.org");
  FerryBatchInfo batch = { (char *) "one", 2, 0, -1 };

  ferry_transfer_set_batch (transfer, &batch);
  ferry_transfer_queue_send (self->queue, transfer);
  FerryTransfer *other = queue_one (self, "ben@example.org");
  ferry_test_wait (ferry_transfer_get_state (other) == FERRY_TRANSFER_OFFERED, 5);
  g_assert_cmpint (ferry_transfer_get_state (transfer), ==, FERRY_TRANSFER_QUEUED);
  batch.size = 2000;
  ferry_transfer_queue_set_batch (self->queue, transfer, &batch);
  ferry_test_wait (ferry_transfer_get_state (transfer) == FERRY_TRANSFER_OFFERED, 5);
}

#define ADD(path, function)                                                                    \
  g_test_add ("/queue/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("order", test_order);
  ADD ("silent-contact", test_silent_contact);
  ADD ("limits", test_limits);
  ADD ("down-limit", test_down_limit);
  ADD ("many-ahead", test_many_ahead);
  ADD ("each-in-turn", test_each_in_turn);
  ADD ("patience", test_patience);
  ADD ("unmeasured-batch", test_unmeasured_batch);
  ADD ("waiting", test_waiting);
  ADD ("asking", test_asking);
  ADD ("held", test_held);
  ADD ("receive", test_receive);
  ADD ("resume-in-vain", test_resume_in_vain);
  ADD ("dropped", test_dropped);
  ADD ("move", test_move);
  ADD ("places", test_places);
  ADD ("stalled", test_stalled);
  return g_test_run ();
}
