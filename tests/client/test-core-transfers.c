/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files between two whole Ferrys: every route, every answer, and what is remembered. */
#include "two-cores.h"

#include "base/ferry-error.h"
#include "ferry-test.h"

#define SIZE (3 * 65536 + 1)

/* Nobody's machine has moved these bytes before it is stopped; in-band, none moves them fast.
 */
#define ENDLESS (128 * 1024 * 1024)

/* In-band this takes long enough to be stopped in the middle. */
#define PAUSED_SIZE (24 * 1024 * 1024)

static const FerryRoute routes[] = { FERRY_ROUTE_DIRECT, FERRY_ROUTE_PROXY,
                                     FERRY_ROUTE_INBAND };

static void
move_file (TwoCores *self, Side *from, Side *to, FerryRoute route)
{
  g_autofree char *name = g_strdup_printf ("%s from %s.bin", ferry_route_get_name (route),
                                           ferry_jid_get_local (from->jid));
  FerryTransfer *sent = side_send (from, self, to, name, SIZE, route);
  FerryOffer *offer = side_wait_offer (to, name);

  g_assert_cmpint (ferry_offer_get_size (offer), ==, SIZE);
  g_assert_true (ferry_offer_is_known (offer));
  g_assert_true (ferry_jid_equal_bare (ferry_offer_get_peer (offer), from->jid));
  FerryTransfer *received = ferry_core_accept_offer (to->core, offer, NULL);

  assert_ends (sent, FERRY_TRANSFER_DONE, -1);
  assert_ends (received, FERRY_TRANSFER_DONE, -1);
  g_assert_cmpint (ferry_transfer_get_route (sent), ==, route);
  g_assert_cmpint (ferry_transfer_get_route (received), ==, route);
  g_assert_cmpstr (ferry_transfer_get_verified (sent), ==, "sha-256");
  g_assert_cmpstr (ferry_transfer_get_verified (received), ==, "sha-256");
  ferry_test_assert_files_equal (ferry_transfer_get_path (sent),
                                 ferry_transfer_get_path (received));
  assert_history (from, name, "done", NULL);
  assert_history (to, name, "done", NULL);
}

static void
test_routes (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A file arrives whole both ways over every route, and both remember it");
  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      move_file (self, &self->alice, &self->bob, routes[i]);
      move_file (self, &self->bob, &self->alice, routes[i]);
    }
}

static void
test_at_once (TwoCores *self, gconstpointer data)
{
  g_test_summary ("Files cross each other on the way");
  FerryTransfer *there =
      side_send (&self->alice, self, &self->bob, "there", SIZE, FERRY_ROUTE_ALL);
  FerryTransfer *back =
      side_send (&self->bob, self, &self->alice, "back", SIZE, FERRY_ROUTE_ALL);

  ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "there"), NULL);
  ferry_core_accept_offer (self->alice.core, side_wait_offer (&self->alice, "back"), NULL);
  assert_ends (there, FERRY_TRANSFER_DONE, -1);
  assert_ends (back, FERRY_TRANSFER_DONE, -1);
}

static void
test_limits (TwoCores *self, gconstpointer data)
{
  g_test_summary ("More files than may go at once wait; a higher limit counts at once");
  FerryCore *core = self->alice.core;
  guint up = 0, down = 0;

  g_assert_true (ferry_core_set_limits (core, 1, 3, NULL));
  ferry_core_get_limits (core, &up, &down);
  g_assert_cmpuint (up, ==, 1);
  FerryTransfer *first =
      side_send (&self->alice, self, &self->bob, "first", ENDLESS, FERRY_ROUTE_INBAND);
  ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "first"), NULL);
  ferry_test_wait (ferry_transfer_get_state (first) == FERRY_TRANSFER_ACTIVE, 20);
  FerryTransfer *second =
      side_send (&self->alice, self, &self->bob, "second", 10, FERRY_ROUTE_INBAND);
  ferry_test_wait (ferry_transfer_get_n_done (first) > SIZE, 20);
  g_assert_cmpint (ferry_transfer_get_state (second), ==, FERRY_TRANSFER_QUEUED);

  g_assert_true (ferry_core_set_limits (core, 2, 3, NULL));
  ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "second"), NULL);
  assert_ends (second, FERRY_TRANSFER_DONE, -1);
  ferry_core_cancel (core, first);
  assert_ends (first, FERRY_TRANSFER_CANCELLED, -1);
}

static void
test_decline (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A no is a no on both sides, and the offer leaves the list");
  FerryTransfer *sent = side_send (&self->alice, self, &self->bob, "no", 10, FERRY_ROUTE_ALL);

  ferry_core_decline_offer (self->bob.core, side_wait_offer (&self->bob, "no"));
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_offers (self->bob.core)), ==, 0);
  assert_ends (sent, FERRY_TRANSFER_DECLINED, FERRY_ERROR_DECLINED);
  assert_history (&self->alice, "no", "declined", "declined");
  assert_history (&self->bob, "no", "declined", NULL);
}

static void
test_withdraw (TwoCores *self, gconstpointer data)
{
  g_test_summary ("An offer taken back leaves the other's list, and is missed");
  FerryTransfer *sent = side_send (&self->alice, self, &self->bob, "oops", 10, FERRY_ROUTE_ALL);

  side_wait_offer (&self->bob, "oops");
  ferry_core_cancel (self->alice.core, sent);
  assert_ends (sent, FERRY_TRANSFER_CANCELLED, -1);
  ferry_test_wait (g_list_model_get_n_items (ferry_core_get_offers (self->bob.core)) == 0, 10);
}

static void
test_take_back (TwoCores *self, gconstpointer data)
{
  g_test_summary ("What is taken back while it is held, nobody ever hears of");
  FerryCore *core = self->alice.core;
  g_autofree char *path = g_build_filename (self->source, "undone", NULL);
  ferry_test_write_file (path, 10, 1);
  g_autoptr (FerryTransfer) undone = g_object_ref (
      ferry_core_send_held (core, NULL, self->bob.jid, path, FERRY_ROUTE_ALL, 600 * 1000));

  g_assert_true (ferry_transfer_is_held (undone));
  g_assert_true (ferry_core_take_back (core, undone));
  g_assert_false (ferry_core_take_back (core, undone));
  g_assert_cmpint (ferry_transfer_get_state (undone), ==, FERRY_TRANSFER_CANCELLED);
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_transfers (core)), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (ferry_core_get_history (core))), ==,
                    0);

  FerryTransfer *sent =
      side_send (&self->alice, self, &self->bob, "meant", 10, FERRY_ROUTE_ALL);
  side_wait_offer (&self->bob, "meant");
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_offers (self->bob.core)), ==, 1);
  g_assert_false (ferry_core_take_back (core, sent));
  ferry_core_cancel (core, sent);
  assert_ends (sent, FERRY_TRANSFER_CANCELLED, -1);
}

static void
test_cancel (TwoCores *self, gconstpointer data)
{
  g_test_summary ("Either side stops a transfer on its way; the other is told, no part stays");
  for (guint by_receiver = 0; by_receiver < 2; by_receiver++)
    {
      FerryTransfer *sent =
          side_send (&self->alice, self, &self->bob, "stop", ENDLESS, FERRY_ROUTE_INBAND);
      FerryTransfer *received =
          ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "stop"), NULL);
      ferry_test_wait (ferry_transfer_get_n_done (received) > 0, 30);

      if (by_receiver)
        ferry_core_cancel (self->bob.core, received);
      else
        ferry_core_cancel (self->alice.core, sent);
      assert_ends (by_receiver ? received : sent, FERRY_TRANSFER_CANCELLED, -1);
      assert_ends (by_receiver ? sent : received, FERRY_TRANSFER_FAILED,
                   FERRY_ERROR_CANCELLED_BY_PEER);
      g_autoptr (GDir) dir = g_dir_open (self->bob.downloads, 0, NULL);
      g_assert_null (g_dir_read_name (dir));
    }
}

static FerryTransfer *
find_transfer (FerryCore *core, const char *name)
{
  GListModel *transfers = ferry_core_get_transfers (core);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);
      if (g_str_equal (ferry_transfer_get_name (transfer), name))
        return transfer; /* the list holds it */
    }
  return NULL;
}

static void
test_restart (TwoCores *self, gconstpointer data)
{
  g_test_summary ("What was finished is listed again after a restart, and can be removed");
  FerryTransfer *sent =
      side_send (&self->alice, self, &self->bob, "kept", SIZE, FERRY_ROUTE_ALL);
  FerryTransfer *received =
      ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "kept"), NULL);
  assert_ends (sent, FERRY_TRANSFER_DONE, -1);
  assert_ends (received, FERRY_TRANSFER_DONE, -1);

  side_close (&self->bob);
  side_open (&self->bob);
  received = find_transfer (self->bob.core, "kept");
  g_assert_nonnull (received);
  g_assert_cmpint (ferry_transfer_get_state (received), ==, FERRY_TRANSFER_DONE);
  g_assert_cmpstr (ferry_transfer_get_verified (received), ==, "sha-256");
  g_assert_cmpint (ferry_transfer_get_size (received), ==, SIZE);
  ferry_core_remove_transfer (self->bob.core, received);
  g_assert_null (find_transfer (self->bob.core, "kept"));
  assert_history (&self->bob, "kept", "done", NULL);

  side_close (&self->bob);
  side_open (&self->bob);
  g_assert_null (find_transfer (self->bob.core, "kept"));
  ferry_core_start (self->bob.core);
  side_wait_online (&self->bob); /* with the password that was kept */
}

static char *
dup_past_timeline (FerryCore *core, const char *name)
{
  FerryHistory *history = ferry_core_get_history (core);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (history)); i++)
    {
      g_autoptr (FerryHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (history), i);
      if (g_str_equal (ferry_history_entry_get_name (entry), name))
        return ferry_history_dup_timeline (history, entry);
    }
  return NULL;
}

static void
test_timeline (TwoCores *self, gconstpointer data)
{
  g_test_summary ("What was tried on the way is in the history, and there after a restart");
  FerryTransfer *sent =
      side_send (&self->alice, self, &self->bob, "tried", SIZE, FERRY_ROUTE_PROXY);
  ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "tried"), NULL);
  assert_ends (sent, FERRY_TRANSFER_DONE, -1);

  g_autofree char *timeline = ferry_transfer_dup_timeline (sent);
  g_autofree char *past = dup_past_timeline (self->alice.core, "tried");
  g_assert_cmpstr (past, ==, timeline);
  g_assert_nonnull (strstr (past, "Relay: "));
  g_assert_nonnull (strstr (past, "Using this way: proxy"));
  g_assert_null (strstr (past, "Direct: "));

  side_close (&self->alice);
  side_open (&self->alice);
  g_autofree char *later = dup_past_timeline (self->alice.core, "tried");
  g_assert_cmpstr (later, ==, past);
  g_autofree char *listed =
      ferry_transfer_dup_timeline (find_transfer (self->alice.core, "tried"));
  g_assert_cmpstr (listed, ==, past);

  ferry_history_clear (ferry_core_get_history (self->alice.core));
  g_assert_null (dup_past_timeline (self->alice.core, "tried"));
  side_close (&self->alice);
  side_open (&self->alice);
  g_assert_null (find_transfer (self->alice.core, "tried"));
  ferry_core_start (self->alice.core);
  side_wait_online (&self->alice);
}

/* What a crash leaves is what is on the disk now. */
static char *
copy_profile (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  char *copy = ferry_test_make_folder ();
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      if (g_str_equal (name, "control"))
        continue; /* a socket: nobody listens any more */
      g_autoptr (GFile) from = g_file_new_build_filename (folder, name, NULL);
      g_autoptr (GFile) to = g_file_new_build_filename (copy, name, NULL);
      g_autoptr (GError) error = NULL;
      g_file_copy (from, to, G_FILE_COPY_NONE, NULL, NULL, NULL, &error);
      g_assert_no_error (error);
    }
  return copy;
}

static void
test_crash (TwoCores *self, gconstpointer data)
{
  g_test_summary ("What a crash cut waits in the queue at the next start");
  FerryTransfer *sent =
      side_send (&self->alice, self, &self->bob, "cut", ENDLESS, FERRY_ROUTE_INBAND);
  FerryTransfer *received =
      ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "cut"), NULL);
  ferry_test_wait (ferry_transfer_get_n_done (received) > 0, 30);
  ferry_test_wait (ferry_transfer_get_n_done (sent) > 0, 30);

  Side *sides[] = { &self->alice, &self->bob };
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      Side after = { .folder = copy_profile (sides[i]->folder),
                     .downloads = sides[i]->downloads };
      side_open (&after);
      FerryTransfer *cut = find_transfer (after.core, "cut");
      g_assert_nonnull (cut);
      g_assert_cmpint (ferry_transfer_get_state (cut), ==, FERRY_TRANSFER_QUEUED);
      g_assert_true (ferry_transfer_get_machine (cut)->has_moved);
      side_close (&after);
      ferry_test_remove_folder (after.folder);
      g_free (after.folder);
    }

  ferry_core_cancel (self->alice.core, sent);
  assert_ends (received, FERRY_TRANSFER_FAILED, FERRY_ERROR_CANCELLED_BY_PEER);
}

static void
test_stop (TwoCores *self, gconstpointer data)
{
  g_test_summary (
      "A core that stops in the middle tells the peer, and goes on at its next start");
  FerryTransfer *sent =
      side_send (&self->alice, self, &self->bob, "half", ENDLESS, FERRY_ROUTE_INBAND);
  FerryTransfer *received =
      ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "half"), NULL);
  /* The last 64 KiB are fetched again. */
  ferry_test_wait (ferry_transfer_get_n_done (received) > 256 * 1024, 30);

  side_close (&self->bob);
  ferry_test_wait (ferry_transfer_get_state (sent) == FERRY_TRANSFER_WAITING_PEER, 30);
  side_open (&self->bob);
  received = find_transfer (self->bob.core, "half");
  g_assert_cmpint (ferry_transfer_get_state (received), ==, FERRY_TRANSFER_QUEUED);
  ferry_core_start (self->bob.core);
  ferry_test_wait (ferry_transfer_get_state (received) == FERRY_TRANSFER_ACTIVE, 60);
  g_assert_cmpuint (ferry_transfer_get_n_done (received), >, 0);
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_offers (self->bob.core)), ==, 0);
  ferry_core_cancel (self->bob.core, received);
  assert_ends (received, FERRY_TRANSFER_CANCELLED, -1);
  assert_ends (sent, FERRY_TRANSFER_FAILED, FERRY_ERROR_CANCELLED_BY_PEER);
  g_autoptr (GDir) dir = g_dir_open (self->bob.downloads, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
}

static void
test_pause (TwoCores *self, gconstpointer data)
{
  g_test_summary (
      "Either side pauses, both see whose pause it is, and either side ends its own: "
      "the file goes on where it stopped, without a question");
  for (guint by_sender = 0; by_sender < 2; by_sender++)
    {
      FerryTransfer *sent =
          side_send (&self->alice, self, &self->bob, "later", PAUSED_SIZE, FERRY_ROUTE_INBAND);
      FerryTransfer *received =
          ferry_core_accept_offer (self->bob.core, side_wait_offer (&self->bob, "later"), NULL);
      FerryTransfer *ours = by_sender ? sent : received;
      FerryTransfer *theirs = by_sender ? received : sent;
      FerryCore *core = by_sender ? self->alice.core : self->bob.core;

      ferry_test_wait (ferry_transfer_get_n_done (received) > PAUSED_SIZE / 8, 60);
      g_assert_true (ferry_core_pause (core, ours));
      ferry_test_wait (ferry_transfer_get_state (ours) == FERRY_TRANSFER_PAUSED, 30);
      ferry_test_wait (ferry_transfer_get_state (theirs) == FERRY_TRANSFER_PAUSED, 30);
      g_assert_cmpint (ferry_transfer_get_pause (ours), ==, FERRY_TRANSFER_PAUSE_USER);
      g_assert_cmpint (ferry_transfer_get_pause (theirs), ==, FERRY_TRANSFER_PAUSE_PEER);

      g_assert_true (ferry_core_resume (core, ours));
      ferry_test_wait (ferry_transfer_get_state (received) == FERRY_TRANSFER_ACTIVE, 60);
      g_assert_cmpuint (ferry_transfer_get_n_done (received), >, PAUSED_SIZE / 16);
      g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_offers (self->bob.core)), ==,
                        0);
      assert_ends (sent, FERRY_TRANSFER_DONE, -1);
      assert_ends (received, FERRY_TRANSFER_DONE, -1);
      g_assert_cmpstr (ferry_transfer_get_verified (received), ==, "sha-256");
      ferry_test_assert_files_equal (ferry_transfer_get_path (sent),
                                     ferry_transfer_get_path (received));
    }
}

#define ADD(path, function)                                                                    \
  g_test_add ("/core/transfers/" path, TwoCores, NULL, two_cores_set_up, function,             \
              two_cores_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("routes", test_routes);
  ADD ("at-once", test_at_once);
  ADD ("limits", test_limits);
  ADD ("decline", test_decline);
  ADD ("withdraw", test_withdraw);
  ADD ("take-back", test_take_back);
  ADD ("cancel", test_cancel);
  ADD ("restart", test_restart);
  ADD ("timeline", test_timeline);
  ADD ("crash", test_crash);
  ADD ("stop", test_stop);
  ADD ("pause", test_pause);
  return g_test_run ();
}
