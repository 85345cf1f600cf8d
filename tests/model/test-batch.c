/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "model/ferry-batch-list.h"
#include "model/ferry-sentence.h"

/* @batch: (nullable). Returns: (transfer full) */
static FerryTransfer *
make (
    FerryDirection direction, const char *id, const char *batch, guint n_transfers, gint64 size)
{
  g_autoptr (FerryJid) account = ferry_jid_new ("ada@example.org", NULL);
  g_autoptr (FerryJid) peer = ferry_jid_new ("ben@example.org", NULL);
  g_autofree char *name = g_strconcat (id, ".txt", NULL);
  FerryTransfer *transfer =
      ferry_transfer_new (id, account, direction, peer, "Ben", name, size);
  const FerryBatchInfo info = { (char *) batch, n_transfers, n_transfers, 1000 * n_transfers };

  ferry_transfer_set_batch (transfer, batch != NULL ? &info : NULL);
  ferry_transfer_set_state (transfer, FERRY_TRANSFER_QUEUED);
  return transfer;
}

static FerryTransfer *
add (GListStore *store, guint position, const char *id, const char *batch)
{
  g_autoptr (FerryTransfer) transfer = make (FERRY_DIRECTION_SEND, id, batch, 3, 1000);

  g_list_store_insert (store, position, transfer);
  return transfer;
}

/* "a [b c] d": the rows and what is in them */
static char *
describe (FerryBatchList *list)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (list)); i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_string_append (text, i > 0 ? " " : "");
      if (FERRY_IS_TRANSFER (row))
        {
          g_string_append (text, ferry_transfer_get_id (FERRY_TRANSFER (row)));
          continue;
        }
      GListModel *batch = G_LIST_MODEL (row);
      g_string_append (text, "[");
      for (guint n = 0; n < g_list_model_get_n_items (batch); n++)
        {
          g_autoptr (FerryTransfer) transfer = g_list_model_get_item (batch, n);
          g_string_append_printf (text, "%s%s", n > 0 ? " " : "",
                                  ferry_transfer_get_id (transfer));
        }
      g_string_append (text, "]");
    }
  return g_strdup (text->str);
}

#define assert_rows(list, expected)                                                            \
  G_STMT_START                                                                                 \
  {                                                                                            \
    g_autofree char *found = describe (list);                                                  \
    g_assert_cmpstr (found, ==, expected);                                                     \
  }                                                                                            \
  G_STMT_END

/* Keeps a copy of a list by nothing but its signal. */
static void
on_items_changed (
    GListModel *model, guint position, guint n_removed, guint n_added, GPtrArray *copy)
{
  if (n_removed > 0)
    g_ptr_array_remove_range (copy, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, position + i);
      g_ptr_array_insert (copy, (int) (position + i), item);
    }
}

static void
assert_copy (FerryBatchList *list, GPtrArray *copy)
{
  g_assert_cmpuint (copy->len, ==, g_list_model_get_n_items (G_LIST_MODEL (list)));
  for (guint i = 0; i < copy->len; i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (G_LIST_MODEL (list), i);
      g_assert_true (row == copy->pdata[i]);
    }
}

static void
test_rows (void)
{
  g_test_summary ("What was sent together is one row, in the order in which it was sent");
  g_autoptr (GListStore) store = g_list_store_new (FERRY_TYPE_TRANSFER);
  add (store, 0, "a", NULL);
  add (store, 0, "b", "one");
  add (store, 0, "c", "one");
  g_autoptr (FerryBatchList) list = ferry_batch_list_new (G_LIST_MODEL (store));
  g_autoptr (GPtrArray) copy = g_ptr_array_new ();
  on_items_changed (G_LIST_MODEL (list), 0, 0, g_list_model_get_n_items (G_LIST_MODEL (list)),
                    copy);
  g_signal_connect (list, "items-changed", G_CALLBACK (on_items_changed), copy);

  assert_rows (list, "[b c] a");
  add (store, 0, "d", NULL);
  add (store, 0, "e", "one");
  assert_rows (list, "d [b c e] a");
  add (store, 0, "f", "two");
  assert_rows (list, "[f] d [b c e] a");
  /* The list is f e d c b a now. */
  add (store, 3, "g", NULL);
  add (store, 5, "h", "one");
  assert_rows (list, "[f] d g [b h c e] a");
  add (store, 8, "i", NULL);
  assert_rows (list, "[f] d g [b h c e] a i");
  assert_copy (list, copy);
  g_assert_nonnull (ferry_batch_list_find (list, "two"));
  g_assert_null (ferry_batch_list_find (list, "three"));

  g_list_store_remove (store, 0);
  g_assert_null (ferry_batch_list_find (list, "two"));
  g_list_store_remove (store, 0);
  assert_rows (list, "d g [b h c] a i");
  g_list_store_splice (store, 0, 3, NULL, 0);
  assert_rows (list, "[b h] a i");
  assert_copy (list, copy);
  g_list_store_remove_all (store);
  assert_rows (list, "");
  assert_copy (list, copy);
}

static void
test_sum (void)
{
  g_test_summary ("A batch comes to what its files come to, and has the state of the foremost");
  g_autoptr (FerryTransfer) a = make (FERRY_DIRECTION_SEND, "a", "one", 3, 1000);
  g_autoptr (FerryTransfer) b = make (FERRY_DIRECTION_SEND, "b", "one", 3, -1);
  g_autoptr (FerryTransfer) c = make (FERRY_DIRECTION_SEND, "c", "one", 3, 500);
  g_autoptr (FerryBatch) batch = ferry_batch_new (a);
  ferry_batch_insert (batch, 1, b);
  ferry_batch_insert (batch, 2, c);
  ferry_transfer_set_folder (c, 4);
  ferry_test_wait (ferry_batch_get_n_files (batch) == 6, 5);
  g_assert_cmpint (ferry_batch_get_size (batch), ==, 3000);
  g_assert_cmpint (ferry_batch_get_state (batch), ==, FERRY_TRANSFER_QUEUED);
  ferry_transfer_set_size (b, 1500);
  ferry_test_wait (ferry_batch_get_size (batch) == 3000, 5);

  ferry_transfer_set_state (a, FERRY_TRANSFER_ACTIVE);
  ferry_transfer_set_n_done (a, 600, g_get_monotonic_time ());
  ferry_transfer_set_files_done (c, 2, 1);
  ferry_test_wait (ferry_batch_get_n_done (batch) == 600, 5);
  g_assert_cmpint (ferry_batch_get_state (batch), ==, FERRY_TRANSFER_ACTIVE);
  g_assert_true (ferry_batch_get_foremost (batch) == a);
  g_assert_cmpfloat_with_epsilon (ferry_batch_get_fraction (batch), 0.2, 0.001);
  g_assert_cmpuint (ferry_batch_get_n_files_done (batch), ==, 2);
  g_assert_cmpuint (ferry_batch_get_n_files_failed (batch), ==, 1);
  g_autofree char *active = ferry_sentence_for_batch (batch);
  g_assert_true (g_str_has_prefix (active, "2 of 6 files · 600 bytes of 3.0"));

  ferry_transfer_set_state (a, FERRY_TRANSFER_DONE);
  ferry_transfer_set_state (b, FERRY_TRANSFER_FAILED);
  ferry_transfer_set_state (c, FERRY_TRANSFER_OFFERED);
  ferry_test_wait (ferry_batch_get_state (batch) == FERRY_TRANSFER_OFFERED, 5);
  g_assert_false (ferry_batch_is_finished (batch));
  g_autofree char *offered = ferry_sentence_for_batch (batch);
  g_assert_cmpstr (offered, ==,
                   "Waiting for \xe2\x81\xa8"
                   "Ben\xe2\x81\xa9 to accept");

  ferry_transfer_set_state (c, FERRY_TRANSFER_DONE);
  ferry_test_wait (ferry_batch_is_finished (batch), 5);
  g_assert_cmpint (ferry_batch_get_state (batch), ==, FERRY_TRANSFER_FAILED);
  g_assert_cmpuint (ferry_batch_get_n_files_done (batch), ==, 6);
  g_assert_cmpuint (ferry_batch_get_n_files_failed (batch), ==, 2);
  g_autofree char *finished = ferry_sentence_for_batch (batch);
  g_assert_true (g_str_has_suffix (finished, "4 of 6 files arrived"));
}

static void
test_incoming (void)
{
  g_test_summary ("A batch of which not everything is offered yet waits for the sender");
  g_autoptr (FerryTransfer) a = make (FERRY_DIRECTION_RECEIVE, "a", "one", 2, 1000);
  g_autoptr (FerryTransfer) b = make (FERRY_DIRECTION_RECEIVE, "b", "one", 2, 700);
  g_autoptr (FerryBatch) batch = ferry_batch_new (a);
  g_assert_cmpuint (ferry_batch_get_n_files (batch), ==, 2);
  g_assert_cmpint (ferry_batch_get_size (batch), ==, 2000);

  ferry_transfer_set_state (a, FERRY_TRANSFER_DONE);
  ferry_test_wait (ferry_batch_get_state (batch) == FERRY_TRANSFER_WAITING_PEER, 5);
  g_assert_false (ferry_batch_is_finished (batch));
  g_autofree char *waiting = ferry_sentence_for_batch (batch);
  g_assert_true (g_str_has_prefix (waiting, "Waiting for the other files from"));

  ferry_batch_insert (batch, 1, b);
  ferry_transfer_set_state (b, FERRY_TRANSFER_DONE);
  ferry_test_wait (ferry_batch_is_finished (batch), 5);
  g_assert_cmpint (ferry_batch_get_size (batch), ==, 1700);
  /* A row that the user takes off the list was there all the same. */
  g_assert_false (ferry_batch_remove (batch, a));
  ferry_test_wait (ferry_batch_get_n_files (batch) == 1, 5);
  g_assert_true (ferry_batch_is_finished (batch));
  g_assert_true (ferry_batch_remove (batch, b));
}

static void
test_never_offered (void)
{
  g_test_summary ("What failed at the sender's is not waited for, for long");
  g_autoptr (FerryTransfer) a = make (FERRY_DIRECTION_RECEIVE, "a", "one", 3, 1000);
  g_autoptr (FerryTransfer) b = make (FERRY_DIRECTION_RECEIVE, "b", "one", 3, 1000);
  g_autoptr (FerryBatch) batch = ferry_batch_new (a);
  ferry_transfer_set_state (a, FERRY_TRANSFER_DONE);
  ferry_test_wait (ferry_batch_get_state (batch) == FERRY_TRANSFER_WAITING_PEER, 5);
  ferry_test_wait (ferry_batch_is_finished (batch), 20);
  g_assert_cmpint (ferry_batch_get_state (batch), ==, FERRY_TRANSFER_DONE);
  g_autofree char *finished = ferry_sentence_for_batch (batch);
  g_assert_true (g_str_has_suffix (finished, "1 of 3 files arrived"));
  ferry_batch_insert (batch, 1, b);
  ferry_test_wait (!ferry_batch_is_finished (batch), 5);
}

static void
test_name (void)
{
  g_test_summary ("Several files are known by the first and the number of the others");
  g_autofree char *one = ferry_sentence_for_several ("a.jpg", 1);
  g_autofree char *many = ferry_sentence_for_several ("a.jpg", 12);

  g_assert_cmpstr (one, ==,
                   "\xe2\x81\xa8"
                   "a.jpg\xe2\x81\xa9");
  g_assert_cmpstr (many, ==,
                   "\xe2\x81\xa8"
                   "a.jpg\xe2\x81\xa9 and 11 more");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/batch/rows", test_rows);
  g_test_add_func ("/batch/sum", test_sum);
  g_test_add_func ("/batch/incoming", test_incoming);
  g_test_add_func ("/batch/never-offered", test_never_offered);
  g_test_add_func ("/batch/name", test_name);
  return g_test_run ();
}
