/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several files at once between two whole Ferrys. */
#include "two-cores.h"

#include "base/ferry-error.h"
#include "client/ferry-control.h"
#include "ferry-test.h"

#include <glib/gstdio.h>

#define N_FILES 8
#define SIZE 5000
/* Longer than any test. */
#define HOLD_MS 600000

/* Returns: (transfer full): of FerryTransfer */
static GListModel *
send_files (TwoCores *self, guint n_files)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < n_files; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u.bin", self->source, i);
      ferry_test_write_file (path, SIZE, i);
      g_strv_builder_add (builder, path);
    }
  g_auto (GStrv) paths = g_strv_builder_end (builder);
  return ferry_core_send_batch (self->alice.core, NULL, self->bob.jid,
                                (const char *const *) paths, FERRY_ROUTE_ALL, 0);
}

static FerryOffer *
wait_question (TwoCores *self)
{
  GListModel *offers = ferry_core_get_offers (self->bob.core);

  ferry_test_wait (g_list_model_get_n_items (offers) > 0, 30);
  g_autoptr (FerryOffer) offer = g_list_model_get_item (offers, 0);
  return offer; /* the list holds it */
}

/* (transfer none): the only row of a side */
static FerryBatch *
get_row (Side *side)
{
  GListModel *rows = ferry_core_get_rows (side->core);

  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 1);
  g_autoptr (GObject) row = g_list_model_get_item (rows, 0);
  g_assert_true (FERRY_IS_BATCH (row));
  return FERRY_BATCH (row);
}

static void
assert_arrived (TwoCores *self, guint n_files)
{
  for (guint i = 0; i < n_files; i++)
    {
      g_autofree char *sent = g_strdup_printf ("%s/%u.bin", self->source, i);
      g_autofree char *received = g_strdup_printf ("%s/%u.bin", self->bob.downloads, i);
      ferry_test_assert_files_equal (sent, received);
    }
}

static void
test_one_question (TwoCores *self, gconstpointer data)
{
  g_test_summary ("Files that are sent together are one question and one row, and all arrive");
  g_autoptr (GListModel) sent = send_files (self, N_FILES);
  FerryOffer *offer = wait_question (self);

  g_assert_true (ferry_offer_is_group (offer));
  g_assert_cmpuint (ferry_offer_get_n_files (offer), ==, N_FILES);
  g_assert_cmpint (ferry_offer_get_size (offer), ==, N_FILES * SIZE);
  ferry_core_accept_offer (self->bob.core, offer, NULL);
  for (guint i = 0; i < N_FILES; i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (sent, i);
      assert_ends (transfer, FERRY_TRANSFER_DONE, -1);
      g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_offers (self->bob.core)), ==,
                        0);
    }
  assert_arrived (self, N_FILES);
  FerryBatch *there = get_row (&self->alice), *here = get_row (&self->bob);
  ferry_test_wait (ferry_batch_is_finished (there) && ferry_batch_is_finished (here), 30);
  g_assert_cmpuint (ferry_batch_get_n_files (here), ==, N_FILES);
  g_assert_cmpuint (ferry_batch_get_n_files_done (here), ==, N_FILES);
  g_assert_cmpint (ferry_batch_get_state (here), ==, FERRY_TRANSFER_DONE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (there)), ==, N_FILES);
  g_assert_true (ferry_core_find_batch (self->alice.core, ferry_batch_get_id (there)) == there);
}

static void
test_declined (TwoCores *self, gconstpointer data)
{
  g_test_summary ("One no is for all of a batch, and only for this one");
  g_autoptr (GListModel) sent = send_files (self, N_FILES);
  ferry_core_decline_offer (self->bob.core, wait_question (self));

  for (guint i = 0; i < N_FILES; i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (sent, i);
      assert_ends (transfer, FERRY_TRANSFER_DECLINED, FERRY_ERROR_DECLINED);
    }
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_offers (self->bob.core)), ==, 0);
  g_autoptr (GListModel) again = send_files (self, 2);
  ferry_core_accept_offer (self->bob.core, wait_question (self), NULL);
  g_autoptr (FerryTransfer) last = g_list_model_get_item (again, 1);
  assert_ends (last, FERRY_TRANSFER_DONE, -1);
}

static void
test_one_fails (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A file that is not there fails alone; one that is cancelled ends alone");
  g_autofree char *missing = g_build_filename (self->source, "1.bin", NULL);
  g_autoptr (GListModel) sent = send_files (self, N_FILES);
  g_remove (missing);
  g_autoptr (FerryTransfer) cancelled = g_list_model_get_item (sent, 2);
  FerryOffer *offer = wait_question (self);
  ferry_core_cancel (self->alice.core, cancelled);
  assert_ends (cancelled, FERRY_TRANSFER_CANCELLED, -1);
  ferry_core_accept_offer (self->bob.core, offer, NULL);

  for (guint i = 0; i < N_FILES; i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (sent, i);
      if (i == 1)
        assert_ends (transfer, FERRY_TRANSFER_FAILED, FERRY_ERROR_SOURCE);
      else if (i != 2)
        assert_ends (transfer, FERRY_TRANSFER_DONE, -1);
    }
  FerryBatch *row = get_row (&self->alice);
  ferry_test_wait (ferry_batch_is_finished (row), 30);
  g_assert_cmpuint (ferry_batch_get_n_files_failed (row), ==, 2);
}

static void
test_missing (TwoCores *self, gconstpointer data)
{
  g_test_summary ("Nobody waits for a file that the sender never had");
  g_autofree char *a = g_build_filename (self->source, "a", NULL);
  g_autofree char *missing = g_build_filename (self->source, "missing", NULL);
  g_autofree char *c = g_build_filename (self->source, "c", NULL);
  const char *const paths[] = { a, missing, c, NULL };
  ferry_test_write_file (a, SIZE, 1);
  ferry_test_write_file (c, SIZE, 2);
  g_autoptr (GListModel) sent =
      ferry_core_send_batch (self->alice.core, NULL, self->bob.jid, paths, FERRY_ROUTE_ALL, 0);
  FerryOffer *offer = wait_question (self);

  g_assert_cmpuint (ferry_offer_get_n_files (offer), ==, 2);
  g_assert_cmpint (ferry_offer_get_size (offer), ==, 2 * SIZE);
  g_assert_cmpuint (ferry_offer_get_batch (offer)->n_transfers, ==, 2);
  ferry_core_accept_offer (self->bob.core, offer, NULL);
  FerryBatch *there = get_row (&self->alice), *here = get_row (&self->bob);
  ferry_test_wait (ferry_batch_is_finished (there) && ferry_batch_is_finished (here), 30);
  g_assert_cmpint (ferry_batch_get_state (here), ==, FERRY_TRANSFER_DONE);
  g_assert_cmpuint (ferry_batch_get_n_files (here), ==, 2);
  g_assert_cmpuint (ferry_batch_get_n_files_done (here), ==, 2);
  g_assert_cmpuint (ferry_batch_get_n_files (there), ==, 3);
  g_assert_cmpuint (ferry_batch_get_n_files_failed (there), ==, 1);
}

static void
test_restart (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A batch is one, and accepted, also after both have started again");
  g_autoptr (GListModel) sent = send_files (self, N_FILES);
  FerryOffer *offer = wait_question (self);
  FerryTransfer *first = ferry_core_accept_offer (self->bob.core, offer, NULL);
  assert_ends (first, FERRY_TRANSFER_DONE, -1);
  g_clear_object (&sent);
  side_close (&self->alice);
  side_close (&self->bob);
  side_open (&self->bob);
  side_open (&self->alice);
  ferry_core_start (self->bob.core);
  ferry_core_start (self->alice.core);
  side_wait_online (&self->bob);
  side_wait_online (&self->alice);

  ferry_test_wait (ferry_batch_is_finished (get_row (&self->alice)), 60);
  g_assert_cmpint (ferry_batch_get_state (get_row (&self->alice)), ==, FERRY_TRANSFER_DONE);
  ferry_test_wait (ferry_batch_is_finished (get_row (&self->bob)), 30);
  g_assert_cmpuint (g_list_model_get_n_items (ferry_core_get_offers (self->bob.core)), ==, 0);
  assert_arrived (self, N_FILES);
}

static void
assert_order (FerryTransfer *const *transfers, guint n)
{
  for (guint i = 1; i < n; i++)
    g_assert_cmpint (ferry_transfer_get_place (transfers[i - 1]), <,
                     ferry_transfer_get_place (transfers[i]));
}

static FerryControlResult
move (TwoCores *self, const char *verb, const char *id)
{
  return ferry_control_apply (self->alice.core, verb, id);
}

static void
test_move (TwoCores *self, gconstpointer data)
{
  g_test_summary ("A batch is moved as a whole, in its order, and only as far as it goes");
  g_autofree char *path = g_build_filename (self->source, "0.bin", NULL);
  const char *const paths[] = { path, path, NULL };
  ferry_test_write_file (path, SIZE, 1);
  FerryTransfer *one = ferry_core_send_held (self->alice.core, NULL, self->bob.jid, path,
                                             FERRY_ROUTE_ALL, HOLD_MS);
  g_autoptr (GListModel) sent = ferry_core_send_batch (self->alice.core, NULL, self->bob.jid,
                                                       paths, FERRY_ROUTE_ALL, HOLD_MS);
  g_autoptr (FerryTransfer) a = g_list_model_get_item (sent, 0);
  g_autoptr (FerryTransfer) b = g_list_model_get_item (sent, 1);
  FerryTransfer *last = ferry_core_send_held (self->alice.core, NULL, self->bob.jid, path,
                                              FERRY_ROUTE_ALL, HOLD_MS);
  /* The thread that looks at the files holds the core. */
  ferry_test_wait (ferry_transfer_get_batch (a)->size >= 0, 10);
  const char *batch = ferry_transfer_get_batch (a)->id;

  assert_order ((FerryTransfer *[]){ one, a, b, last }, 4);
  g_assert_cmpint (move (self, "move-down", batch), ==, FERRY_CONTROL_DONE);
  assert_order ((FerryTransfer *[]){ one, last, a, b }, 4);
  g_assert_cmpint (move (self, "move-down", batch), ==, FERRY_CONTROL_NOT_NOW);
  assert_order ((FerryTransfer *[]){ one, last, a, b }, 4);
  g_assert_cmpint (move (self, "move-first", batch), ==, FERRY_CONTROL_DONE);
  assert_order ((FerryTransfer *[]){ a, b, one, last }, 4);
  g_assert_cmpint (move (self, "move-up", batch), ==, FERRY_CONTROL_NOT_NOW);
  g_assert_cmpint (move (self, "move-up", ferry_transfer_get_id (last)), ==,
                   FERRY_CONTROL_DONE);
  assert_order ((FerryTransfer *[]){ a, b, last, one }, 4);
  g_assert_cmpint (move (self, "move-last", batch), ==, FERRY_CONTROL_DONE);
  assert_order ((FerryTransfer *[]){ last, one, a, b }, 4);
  const char *one_id = ferry_transfer_get_id (one);
  ferry_core_move_to (self->alice.core, batch, ferry_transfer_get_id (last));
  assert_order ((FerryTransfer *[]){ a, b, last, one }, 4);
  ferry_core_move_to (self->alice.core, batch, ferry_transfer_get_id (last));
  assert_order ((FerryTransfer *[]){ last, a, b, one }, 4);
  ferry_core_move_to (self->alice.core, one_id, batch);
  assert_order ((FerryTransfer *[]){ last, one, a, b }, 4);
  ferry_core_move_to (self->alice.core, one_id, batch);
  assert_order ((FerryTransfer *[]){ last, a, b, one }, 4);
  ferry_core_move_to (self->alice.core, batch, one_id);
  assert_order ((FerryTransfer *[]){ last, one, a, b }, 4);
  ferry_core_move_to (self->alice.core, batch, "nobody");
  ferry_core_move_to (self->alice.core, "nobody", batch);
  assert_order ((FerryTransfer *[]){ last, one, a, b }, 4);
  g_assert_cmpint (move (self, "move-sideways", batch), ==, FERRY_CONTROL_BAD);
  g_assert_cmpint (move (self, "move-up", "nobody"), ==, FERRY_CONTROL_UNKNOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function)                                                                   \
  g_test_add ("/core/batches/" name, TwoCores, NULL, two_cores_set_up, function,               \
              two_cores_tear_down)
  TEST ("one-question", test_one_question);
  TEST ("declined", test_declined);
  TEST ("one-fails", test_one_fails);
  TEST ("missing", test_missing);
  TEST ("restart", test_restart);
  TEST ("move", test_move);
#undef TEST
  return g_test_run ();
}
