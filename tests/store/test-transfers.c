/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "store/ferry-history-private.h"
#include "store/ferry-store-private.h"
#include "store/ferry-transfer-store.h"

static FerryStore *
open_store (void)
{
  g_autoptr (GError) error = NULL;
  FerryStore *store = ferry_store_open (":memory:", &error);
  g_assert_no_error (error);
  return store;
}

static FerryTransferRow *
make_row (const char *id, const char *name, const char *path)
{
  FerryTransferRow *row = ferry_transfer_row_new ();
  row->id = g_strdup (id);
  row->account = g_strdup ("me@example.org");
  row->peer = g_strdup ("ada@example.org/laptop");
  row->peer_name = g_strdup ("Ada Lovelace");
  row->name = g_strdup (name);
  row->size = 1000;
  row->path = g_strdup (path);
  row->state = g_strdup ("queued");
  row->created_us = 1;
  return row;
}

static void
insert (FerryStore *store, const FerryTransferRow *row)
{
  g_autoptr (GError) error = NULL;
  ferry_transfer_store_insert (store, row, &error);
  g_assert_no_error (error);
}

static void
assert_rows_equal (const FerryTransferRow *a, const FerryTransferRow *b)
{
  g_assert_cmpstr (a->id, ==, b->id);
  g_assert_cmpstr (a->account, ==, b->account);
  g_assert_cmpstr (a->peer, ==, b->peer);
  g_assert_cmpstr (a->peer_name, ==, b->peer_name);
  g_assert_cmpint (a->is_outgoing, ==, b->is_outgoing);
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpint (a->size, ==, b->size);
  g_assert_cmpstr (a->path, ==, b->path);
  g_assert_cmpstr (a->part_path, ==, b->part_path);
  g_assert_cmpint (a->offset, ==, b->offset);
  g_assert_cmpstr (a->promised_hash, ==, b->promised_hash);
  g_assert_cmpstr (a->state, ==, b->state);
  g_assert_cmpstr (a->route, ==, b->route);
  g_assert_cmpstr (a->signalling, ==, b->signalling);
  g_assert_cmpint (a->encrypted, ==, b->encrypted);
  g_assert_cmpint (a->is_key_verified, ==, b->is_key_verified);
  g_assert_cmpstr (a->verified, ==, b->verified);
  g_assert_cmpstr (a->sha256, ==, b->sha256);
  g_assert_cmpstr (a->error_code, ==, b->error_code);
  g_assert_cmpstr (a->error_message, ==, b->error_message);
  g_assert_cmpint (a->created_us, ==, b->created_us);
  g_assert_cmpint (a->started_us, ==, b->started_us);
  g_assert_cmpint (a->ended_us, ==, b->ended_us);
  g_assert_cmpuint (a->routes, ==, b->routes);
  g_assert_cmpuint (a->pause, ==, b->pause);
  g_assert_cmpint (a->can_ask, ==, b->can_ask);
  g_assert_cmpint (a->is_ranged, ==, b->is_ranged);
  g_assert_cmpint (a->date_us, ==, b->date_us);
  g_assert_cmpstr (a->source_key, ==, b->source_key);
  g_assert_cmpstr (a->peer_id, ==, b->peer_id);
  g_assert_cmpint (a->is_published, ==, b->is_published);
  g_assert_cmpint (a->is_received, ==, b->is_received);
  g_assert_cmpstr (a->batch.id, ==, b->batch.id);
  g_assert_cmpuint (a->batch.n_transfers, ==, b->batch.n_transfers);
  g_assert_cmpuint (a->batch.n_files, ==, b->batch.n_files);
  g_assert_cmpint (a->batch.size, ==, b->batch.size);
  g_assert_cmpint (a->place, ==, b->place);
  g_assert_cmpstr (a->failed_files, ==, b->failed_files);
  g_assert_cmpint (a->is_listed, ==, b->is_listed);
}

/* @row: the only one */
static void
assert_stored (FerryStore *store, const FerryTransferRow *row)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryTransferRow) stored = ferry_transfer_store_lookup_seq (store, 1, &error);
  g_assert_no_error (error);
  g_assert_nonnull (stored);
  assert_rows_equal (stored, row);
}

static void
test_fields (void)
{
  g_test_summary ("Every field comes back, empty and full, inserted and updated");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (FerryTransferRow) row = make_row ("t1", "a.pdf", NULL);
  g_autoptr (GError) error = NULL;
  insert (store, row);
  assert_stored (store, row);

  row->is_outgoing = TRUE;
  row->size = G_MAXINT64;
  row->path = g_strdup ("/home/me/\xff not UTF-8/a.pdf");
  row->part_path = g_strdup ("/home/me/.a.pdf.ferry-part");
  row->offset = 4194304;
  row->promised_hash = g_strdup ("sha-256:00");
  row->route = g_strdup ("direct");
  row->signalling = g_strdup ("jingle");
  row->encrypted = TRUE;
  row->is_key_verified = TRUE;
  row->verified = g_strdup ("sha-256");
  row->sha256 = g_strdup ("ff");
  row->batch.id = g_strdup ("b1");
  row->batch.n_transfers = 12;
  row->batch.n_files = 50;
  row->batch.size = G_MAXINT64;
  row->place = -7;
  row->failed_files = g_strdup ("a/b.txt\nc.txt");
  row->error_code = g_strdup ("broken");
  row->error_message = g_strdup ("it's \"broken\"");
  row->started_us = 5;
  row->ended_us = 6;
  row->routes = 5;
  row->pause = 2;
  row->can_ask = TRUE;
  row->is_ranged = TRUE;
  row->date_us = 7;
  row->source_key = g_strdup ("1:2:3:4.5");
  row->peer_id = g_strdup ("theirs");
  row->is_published = TRUE;
  row->is_received = TRUE;
  row->is_listed = FALSE;
  g_assert_true (ferry_transfer_store_update (store, row, &error));
  g_assert_no_error (error);
  assert_stored (store, row);
}

static void
test_errors (void)
{
  g_test_summary ("An id is there once; what is not there cannot be changed");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (FerryTransferRow) row = make_row ("t1", "a.pdf", NULL);
  g_autoptr (FerryTransferRow) other = make_row ("t2", "a.pdf", NULL);
  g_autoptr (GError) error = NULL;
  insert (store, row);

  g_assert_false (ferry_transfer_store_insert (store, row, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  g_assert_false (ferry_transfer_store_update (store, other, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  g_assert_false (ferry_transfer_store_set_offset (store, "t2", 1, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  g_assert_true (ferry_transfer_store_delete (store, "t2", &error));
  assert_stored (store, row);
  g_assert_true (ferry_transfer_store_delete (store, "t1", &error));
  g_assert_null (ferry_transfer_store_lookup_seq (store, 1, &error));
  g_assert_no_error (error);
}

static void
test_lists (void)
{
  g_test_summary ("What is hidden is kept, and can be shown again; what is listed is in order");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (GError) error = NULL;
  static const char *const ids[] = { "t1", "t2", "t3" };
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (FerryTransferRow) row = make_row (ids[i], "a.pdf", NULL);
      insert (store, row);
    }
  ferry_transfer_store_set_listed (store, "t2", FALSE, &error);
  ferry_transfer_store_set_offset (store, "t3", 12, &error);
  g_assert_no_error (error);

  g_autoptr (GPtrArray) listed = ferry_transfer_store_list_listed (store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (listed->len, ==, 2);
  g_assert_cmpstr (((FerryTransferRow *) listed->pdata[0])->id, ==, "t1");
  g_assert_cmpstr (((FerryTransferRow *) listed->pdata[1])->id, ==, "t3");
  g_assert_cmpint (((FerryTransferRow *) listed->pdata[1])->offset, ==, 12);

  ferry_transfer_store_set_listed (store, "t2", TRUE, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) all = ferry_transfer_store_list_listed (store, &error);
  g_assert_cmpuint (all->len, ==, 3);
  g_assert_cmpstr (((FerryTransferRow *) all->pdata[1])->id, ==, "t2");
}

static void
insert_of_batch (FerryStore *store, const char *id, const char *batch, const char *state)
{
  g_autoptr (FerryTransferRow) row = make_row (id, "a.pdf", NULL);

  row->batch.id = g_strdup (batch);
  row->part_path = g_strdup ("/srv/in/.a.pdf.part");
  g_free (row->state);
  row->state = g_strdup (state);
  row->created_us = 50;
  insert (store, row);
}

static void
test_batches (void)
{
  g_test_summary ("Of a batch counts what was accepted, by this account, of that contact");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (GError) error = NULL;
  FerryBatchSum sum;

#define SUM(peer, batch, since_us, but)                                                        \
  g_assert_true (ferry_transfer_store_sum_batch (store, "me@example.org", peer, batch,         \
                                                 since_us, but, &sum, &error))
  insert_of_batch (store, "t1", "b1", "done");
  insert_of_batch (store, "t2", "b1", "active");
  insert_of_batch (store, "t3", "b1", "declined");
  insert_of_batch (store, "t4", "b1", "missed");
  /* Of this one nothing is left: it may be offered again. */
  insert_of_batch (store, "t7", "b1", "failed");
  ferry_store_execute (store, &error, "UPDATE transfers SET part_path = NULL WHERE id = 't7'",
                       "");
  insert_of_batch (store, "t5", "b2", "queued");
  insert_of_batch (store, "t6", NULL, "queued");
  SUM ("ada@example.org", "b1", 50, NULL);
  g_autofree char *path = g_steal_pointer (&sum.path);
  g_assert_cmpuint (sum.n_transfers, ==, 2);
  g_assert_cmpint (sum.size, ==, 2000);
  g_assert_cmpstr (path, ==, "/srv/in/.a.pdf.part");
  ferry_store_execute (store, &error,
                       "UPDATE transfers SET peer_id = 'x' WHERE id IN ('t1', 't2')", "");
  SUM ("ada@example.org", "b1", 50, NULL);
  g_free (sum.path);
  g_assert_cmpuint (sum.n_transfers, ==, 1);
  SUM ("ada@example.org", "b1", 50, "x");
  g_assert_cmpuint (sum.n_transfers, ==, 0);
  SUM ("ada@example.org", "b1", 51, NULL);
  g_assert_cmpuint (sum.n_transfers, ==, 0);
  g_assert_null (sum.path);
  SUM ("eve@example.org", "b1", 0, NULL);
  g_assert_cmpuint (sum.n_transfers, ==, 0);
#undef SUM
  g_assert_no_error (error);
}

static void
test_words (void)
{
  g_test_summary ("The index of words follows every insert, update and delete");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (GError) error = NULL;
  static const char check[] =
      "INSERT INTO transfer_words (transfer_words, rank) VALUES ('integrity-check', 1)";
  g_autoptr (FerryTransferRow) row = make_row ("t1", "a.pdf", "/home/me/Invoices/a.pdf");
  g_autoptr (FerryTransferRow) other = make_row ("t2", "b.pdf", NULL);
  g_autoptr (FerryTransferRow) odd = make_row ("t3", "c.pdf", "c.pdf");
  insert (store, row);
  insert (store, other);
  insert (store, odd);
  g_assert_true (ferry_store_execute (store, &error, check, ""));
  g_free (row->path);
  row->path = g_strdup ("/srv/\xc3\x84rger/a.pdf");
  g_assert_true (ferry_transfer_store_update (store, row, &error));
  g_free (other->name);
  other->name = g_strdup ("renamed.pdf");
  g_assert_true (ferry_transfer_store_update (store, other, &error));
  g_assert_true (ferry_transfer_store_set_offset (store, "t2", 3, &error));
  g_assert_true (ferry_store_execute (store, &error, check, ""));
  g_assert_true (ferry_transfer_store_delete (store, "t1", &error));
  g_assert_true (ferry_store_execute (store, &error, check, ""));
  g_assert_no_error (error);

  /* The check can fail: take the triggers away and it does. */
  g_assert_true (ferry_store_execute (store, &error, "DROP TRIGGER transfers_removed", ""));
  g_assert_true (ferry_transfer_store_delete (store, "t2", &error));
  g_assert_false (ferry_store_execute (store, &error, check, ""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfers/fields", test_fields);
  g_test_add_func ("/transfers/errors", test_errors);
  g_test_add_func ("/transfers/lists", test_lists);
  g_test_add_func ("/transfers/batches", test_batches);
  g_test_add_func ("/transfers/words", test_words);
  return g_test_run ();
}
