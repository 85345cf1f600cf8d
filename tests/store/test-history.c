/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "store/ferry-history-export.h"
#include "store/ferry-history-private.h"
#include "store/ferry-store-private.h"

#include <string.h>

static FerryStore *
open_store (void)
{
  g_autoptr (GError) error = NULL;
  FerryStore *store = ferry_store_open (":memory:", &error);
  g_assert_no_error (error);
  return store;
}

/* A transfer that ended at @ended_us; 0 is one under way. */
static void
add (FerryStore *store,
     const char *id,
     const char *name,
     const char *peer_name,
     const char *path,
     gint64 ended_us)
{
  g_autoptr (FerryTransferRow) row = ferry_transfer_row_new ();
  g_autoptr (GError) error = NULL;
  row->id = g_strdup (id);
  row->account = g_strdup ("me@example.org");
  row->peer = g_strdup ("countess@example.org/laptop");
  row->peer_name = g_strdup (peer_name);
  row->name = g_strdup (name);
  row->size = 5;
  row->path = g_strdup (path);
  row->state = g_strdup (ended_us > 0 ? "done" : "active");
  row->ended_us = ended_us;
  ferry_transfer_store_insert (store, row, &error);
  g_assert_no_error (error);
}

/* The ids in the list, joined by blanks. */
static char *
dup_ids (FerryHistory *history)
{
  g_autoptr (GString) ids = g_string_new (NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (history)); i++)
    {
      g_autoptr (FerryHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (history), i);
      g_string_append_printf (ids, "%s%s", i > 0 ? " " : "",
                              ferry_history_entry_get_id (entry));
    }
  return g_strdup (ids->str);
}

static void
assert_ids (FerryHistory *history, const char *expected)
{
  g_autofree char *ids = dup_ids (history);
  g_assert_cmpstr (ids, ==, expected);
}

typedef struct
{
  guint n_calls, position, n_removed, n_added;
} Change;

static void
on_items_changed (
    GListModel *model, guint position, guint n_removed, guint n_added, gpointer user_data)
{
  Change *change = user_data;
  *change = (Change){ change->n_calls + 1, position, n_removed, n_added };
}

static void
test_order (void)
{
  g_test_summary ("Finished transfers, newest first; changes are told as small as they are");
  g_autoptr (FerryStore) store = open_store ();
  add (store, "a", "a", "Ada", NULL, 100);
  add (store, "b", "b", "Ada", NULL, 300);
  add (store, "c", "c", "Ada", NULL, 0);
  add (store, "d", "d", "Ada", NULL, 200);
  g_autoptr (FerryHistory) history = ferry_history_new (store);
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (history)) ==
                 FERRY_TYPE_HISTORY_ENTRY);
  assert_ids (history, "b d a");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (history), 3));

  Change change = { 0 };
  g_signal_connect (history, "items-changed", G_CALLBACK (on_items_changed), &change);
  ferry_history_refresh (history);
  g_assert_cmpuint (change.n_calls, ==, 0);

  ferry_store_execute (
      store, NULL, "UPDATE transfers SET state = 'failed', ended_us = 250 WHERE id = 'c'", "");
  ferry_history_refresh (history);
  assert_ids (history, "b c d a");
  g_assert_cmpuint (change.n_calls, ==, 1);
  g_assert_cmpuint (change.position, ==, 1);
  g_assert_cmpuint (change.n_removed, ==, 0);
  g_assert_cmpuint (change.n_added, ==, 1);

  g_autoptr (FerryHistoryEntry) kept = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_autoptr (FerryHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (history), 2);
  ferry_history_remove (history, entry);
  assert_ids (history, "b c a");
  g_assert_cmpuint (change.position, ==, 2);
  g_assert_cmpuint (change.n_removed, ==, 1);
  g_assert_cmpuint (change.n_added, ==, 0);
  g_autoptr (FerryHistoryEntry) same = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_assert_true (kept == same);
}

static void
test_entry (void)
{
  g_test_summary ("An entry reads the same by its functions and by its properties");
  g_autoptr (FerryStore) store = open_store ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryTransferRow) row = ferry_transfer_row_new ();
  row->id = g_strdup ("x");
  row->account = g_strdup ("me@example.org");
  row->peer = g_strdup ("ada@example.org/with/slash");
  row->peer_name = g_strdup ("Ada");
  row->name = g_strdup ("n.txt");
  row->is_outgoing = TRUE;
  row->size = 42;
  row->path = g_strdup ("/d/n.txt");
  row->route = g_strdup ("proxy");
  row->verified = g_strdup ("sha-256");
  row->sha256 = g_strdup ("aa");
  row->state = g_strdup ("failed");
  row->error_code = g_strdup ("corrupt");
  row->ended_us = 99;
  ferry_transfer_store_insert (store, row, &error);
  g_assert_no_error (error);

  g_autoptr (FerryHistory) history = ferry_history_new (store);
  g_autoptr (FerryHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_assert_cmpstr (ferry_history_entry_get_id (entry), ==, "x");
  g_assert_true (ferry_history_entry_is_outgoing (entry));
  g_assert_cmpstr (ferry_history_entry_get_peer (entry), ==, "ada@example.org");
  g_assert_cmpstr (ferry_history_entry_get_peer_name (entry), ==, "Ada");
  g_assert_cmpstr (ferry_history_entry_get_name (entry), ==, "n.txt");
  g_assert_cmpint (ferry_history_entry_get_size (entry), ==, 42);
  g_assert_cmpstr (ferry_history_entry_get_path (entry), ==, "/d/n.txt");
  g_assert_cmpstr (ferry_history_entry_get_route (entry), ==, "proxy");
  g_assert_cmpstr (ferry_history_entry_get_verified (entry), ==, "sha-256");
  g_assert_cmpstr (ferry_history_entry_get_sha256 (entry), ==, "aa");
  g_assert_cmpstr (ferry_history_entry_get_outcome (entry), ==, "failed");
  g_assert_cmpstr (ferry_history_entry_get_error_code (entry), ==, "corrupt");
  g_assert_cmpint (ferry_history_entry_get_ended_us (entry), ==, 99);

  g_autofree char *id = NULL, *peer = NULL, *peer_name = NULL, *name = NULL, *path = NULL;
  g_autofree char *route = NULL, *verified = NULL, *sha256 = NULL, *outcome = NULL;
  g_autofree char *error_code = NULL;
  gboolean is_outgoing = FALSE;
  gint64 size = 0, ended_us = 0;
  g_object_get (entry, "id", &id, "is-outgoing", &is_outgoing, "peer", &peer, "peer-name",
                &peer_name, "name", &name, "size", &size, "path", &path, "route", &route,
                "verified", &verified, "sha256", &sha256, "outcome", &outcome, "error-code",
                &error_code, "ended-us", &ended_us, NULL);
  g_assert_cmpstr (id, ==, "x");
  g_assert_true (is_outgoing);
  g_assert_cmpstr (peer, ==, "ada@example.org");
  g_assert_cmpstr (peer_name, ==, "Ada");
  g_assert_cmpstr (name, ==, "n.txt");
  g_assert_cmpint (size, ==, 42);
  g_assert_cmpstr (path, ==, "/d/n.txt");
  g_assert_cmpstr (route, ==, "proxy");
  g_assert_cmpstr (verified, ==, "sha-256");
  g_assert_cmpstr (sha256, ==, "aa");
  g_assert_cmpstr (outcome, ==, "failed");
  g_assert_cmpstr (error_code, ==, "corrupt");
  g_assert_cmpint (ended_us, ==, 99);
}

static void
test_search (void)
{
  g_test_summary ("Each word typed begins a word of name, contact or folder");
  static const struct
  {
    const char *text;
    const char *ids;
  } cases[] = {
    { "", "4 3 2 1" },
    { NULL, "4 3 2 1" },
    { "  \t ", "4 3 2 1" },
    { "img", "2" },
    { "IMG_20", "2" },
    { "img 2041", "2" },
    { "2041 img", "2" },
    { "041", "" },
    { "ada", "2 1" },
    { "lovel", "1" },
    { "countess", "4 3 2 1" },
    { "example.org", "4 3 2 1" },
    { "laptop", "" },
    { "ada thesis", "1" },
    { "thesis ben", "" },
    { "invoices", "3" },
    { "facture", "3" },
    { "uber", "4" },
    { "\303\234BER", "4" },
    { "U\314\210ber", "4" },
    { "\360\237\222\276", "4" },
    { "pdf", "3 1" },
    { ".pdf", "3 1" },
    { "name:thesis", "" },
    { "thesis OR img", "" },
    { "NOT", "" },
    { "\"thesis\"", "1" },
    { "thesis*", "1" },
    { "***", "4 3 2 1" },
  };
  g_autoptr (FerryStore) store = open_store ();
  add (store, "1", "thesis-draft.pdf", "Ada Lovelace", "/home/me/Downloads/thesis-draft.pdf",
       1);
  add (store, "2", "IMG_2041.jpg", "Ada", NULL, 2);
  add (store, "3", "Facture été.pdf", "Ben", "/srv/Invoices/Facture été.pdf", 3);
  add (store, "4", "\303\234ber \360\237\222\276.txt", "Ben", "/srv/x.txt", 4);
  add (store, "5", "thesis under way.pdf", "Ada", NULL, 0);
  g_autoptr (FerryHistory) history = ferry_history_new (store);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("“%s”", cases[i].text);
      ferry_history_set_search (history, cases[i].text);
      assert_ids (history, cases[i].ids);
    }
}

static void
test_nasty_search (void)
{
  g_test_summary ("No input is an error of the database");
  static const char *const nasty[] = { "\"",
                                       "\"\"",
                                       "'",
                                       "a\"b",
                                       "(",
                                       "a AND",
                                       "NEAR(a b, 2)",
                                       "^a",
                                       "-a",
                                       "a + b",
                                       "{name}: a",
                                       ":",
                                       "*",
                                       "a**",
                                       "\\",
                                       "%",
                                       "\xff\xfe",
                                       "a\xffz",
                                       "\360\237\222",
                                       "\314\201",
                                       "\342\200\256",
                                       "'; DROP TABLE transfers; --" };
  g_autoptr (FerryStore) store = open_store ();
  add (store, "1", "thesis-draft.pdf", "Ada Lovelace", NULL, 1);
  g_autoptr (FerryStatement) statement = ferry_store_prepare (
      store, "SELECT count (*) FROM transfer_words WHERE transfer_words MATCH ?1", NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < 5000; i++)
    {
      char noise[48];
      for (guint k = 0; k < sizeof noise; k++)
        noise[k] = "\"*()^:-+{}',. aANDORT\xc3\xa9\xe2\x80\xff"[g_rand_int_range (rand, 0, 27)];
      noise[g_rand_int_range (rand, 0, sizeof noise)] = '\0';
      noise[sizeof noise - 1] = '\0';
      const char *text = i < G_N_ELEMENTS (nasty) ? nasty[i] : noise;
      g_autofree char *query = ferry_history_query_new (text);
      g_autoptr (GError) error = NULL;
      if (query == NULL)
        continue;
      ferry_statement_bind (statement, "s", query);
      ferry_statement_next (statement, &error);
      ferry_statement_release (statement);
      g_assert_no_error (error);
    }

  g_autofree char *book = g_strnfill (1000000, 'x');
  g_autofree char *words = g_strnfill (100000, ' ');
  for (guint i = 0; i < 100000; i += 2)
    words[i] = 'x';
  g_autofree char *one_word = ferry_history_query_new (book);
  g_autofree char *many_words = ferry_history_query_new (words);
  g_assert_cmpuint (strlen (one_word), <, 200);
  g_assert_cmpuint (strlen (many_words), <, 200);
}

static void
test_many (void)
{
  g_test_summary ("10 000 entries: the list, a search and a page are there at once");
  enum
  {
    N = 10000
  };
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *file = g_build_filename (folder, "ferry.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryStore) store = ferry_store_open (file, &error);
  g_assert_no_error (error);
  g_assert_true (ferry_store_execute (store, &error, "BEGIN", ""));
  for (guint i = 1; i <= N; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autofree char *name = g_strdup_printf ("photo %u from trip %u.jpg", i, i % 100);
      g_autofree char *path = g_strdup_printf ("/home/me/Pictures/%u/%s", i % 30, name);
      add (store, id, name, i % 2 != 0 ? "Ada" : "Ben", path, i);
    }
  g_assert_true (ferry_store_execute (store, &error, "COMMIT", ""));

  /* Opening reads and checks every page of the file. */
  g_clear_object (&store);
  gint64 closed_us = g_get_monotonic_time ();
  store = ferry_store_open (file, &error);
  g_assert_no_error (error);

  gint64 start_us = g_get_monotonic_time ();
  g_autoptr (FerryHistory) history = ferry_history_new (store);
  gint64 opened_us = g_get_monotonic_time ();
  g_autoptr (FerryHistoryEntry) middle = g_list_model_get_item (G_LIST_MODEL (history), N / 2);
  gint64 paged_us = g_get_monotonic_time ();
  ferry_history_set_search (history, "pho ada trip");
  gint64 searched_us = g_get_monotonic_time ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, N / 2);
  ferry_history_set_search (history, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, N);
  gint64 before_all_us = g_get_monotonic_time ();
  for (guint i = 0; i < N; i++)
    {
      g_autoptr (FerryHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (history), i);
      g_assert_cmpint (ferry_history_entry_get_ended_us (entry), ==, N - i);
    }
  gint64 all_us = g_get_monotonic_time ();

  g_test_message ("%d entries: database %.1f ms, list %.1f ms, one page %.2f ms,"
                  " search %.1f ms, all %.1f ms",
                  N, (start_us - closed_us) / 1e3, (opened_us - start_us) / 1e3,
                  (paged_us - opened_us) / 1e3, (searched_us - paged_us) / 1e3,
                  (all_us - before_all_us) / 1e3);
  g_assert_cmpint (opened_us - start_us, <, 1e6 * ferry_test_patience ());
  g_assert_cmpint (searched_us - paged_us, <, 1e6 * ferry_test_patience ());
  g_clear_object (&history);
  g_clear_object (&store);
  ferry_test_remove_folder (folder);
}

static void
test_deleted_below (void)
{
  g_test_summary ("A row deleted behind the list's back is a blank until the next refresh");
  g_autoptr (FerryStore) store = open_store ();
  add (store, "a", "a", "Ada", NULL, 100);
  g_autoptr (FerryHistory) history = ferry_history_new (store);
  ferry_transfer_store_delete (store, "a", NULL);
  g_autoptr (FerryHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (history), 0);
  g_assert_cmpstr (ferry_history_entry_get_name (entry), ==, "");
  ferry_history_remove (history, entry);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, 0);
}

static char *export(FerryHistory *history, FerryHistoryFormat format)
{
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "history", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  ferry_history_export_async (history, file, format, NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  g_assert_true (ferry_history_export_finish (history, result, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  g_assert_no_error (error);
  ferry_test_remove_folder (folder);
  return text;
}

static void
test_export (void)
{
  g_test_summary (
      "An export holds what the search leaves; no name becomes a formula or a field");
  g_autoptr (FerryStore) store = open_store ();
  add (store, "a", "=HYPERLINK(\"http://evil\")", "Ada", "/tmp/a, b", 1000000);
  add (store, "b", "notes.txt", "Ada", NULL, 2000000);
  add (store, "c", "other.txt", "Grace", NULL, 3000000);
  g_autoptr (FerryHistory) history = ferry_history_new (store);
  ferry_history_set_search (history, "ada");

  g_autofree char *csv = export(history, FERRY_HISTORY_CSV);
  g_assert_cmpstr (
      csv, ==,
      "ended,direction,peer,peer name,name,size,outcome,error,route,encrypted,received,"
      "verified,sha256,path\r\n"
      "\"1970-01-01T00:00:02Z\",\"receive\",\"countess@example.org\",\"Ada\",\"notes.txt\","
      "\"5\",\"done\",,,\"no\",\"yes\",,,\r\n"
      "\"1970-01-01T00:00:01Z\",\"receive\",\"countess@example.org\",\"Ada\","
      "\"'=HYPERLINK(\"\"http://evil\"\")\",\"5\",\"done\",,,\"no\",\"yes\",,,\"/tmp/a, "
      "b\"\r\n");
  g_autofree char *json = export(history, FERRY_HISTORY_JSON);
  g_auto (GStrv) lines = g_strsplit (json, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_nonnull (strstr (lines[0], "\"name\":\"notes.txt\""));
  g_assert_nonnull (strstr (lines[1], "\"name\":\"=HYPERLINK(\\\"http://evil\\\")\""));
}

static void
test_export_failure (void)
{
  g_test_summary ("An export that cannot be written says so; one can be stopped");
  g_autoptr (FerryStore) store = open_store ();
  add (store, "a", "a", "Ada", NULL, 1000000);
  g_autoptr (FerryHistory) history = ferry_history_new (store);
  g_autoptr (GFile) file = g_file_new_for_path ("/nowhere/at/all");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  static const int expected[] = { G_IO_ERROR_NOT_FOUND, G_IO_ERROR_CANCELLED };

  for (guint stopped = 0; stopped < 2; stopped++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      if (stopped)
        g_cancellable_cancel (cancellable);
      ferry_history_export_async (history, file, FERRY_HISTORY_CSV, cancellable,
                                  ferry_test_take_result, &result);
      ferry_test_wait (result != NULL, 10);
      g_assert_false (ferry_history_export_finish (history, result, &error));
      g_assert_error (error, G_IO_ERROR, expected[stopped]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/order", test_order);
  g_test_add_func ("/history/entry", test_entry);
  g_test_add_func ("/history/search", test_search);
  g_test_add_func ("/history/nasty-search", test_nasty_search);
  g_test_add_func ("/history/many", test_many);
  g_test_add_func ("/history/deleted-below", test_deleted_below);
  g_test_add_func ("/history/export", test_export);
  g_test_add_func ("/history/export-failure", test_export_failure);
  return g_test_run ();
}
