/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "store/ferry-account-store.h"
#include "store/ferry-contact-rules.h"
#include "store/ferry-hash-cache.h"
#include "store/ferry-history.h"
#include "store/ferry-key-store.h"
#include "store/ferry-pin-store.h"
#include "store/ferry-settings.h"
#include "store/ferry-store-private.h"
#include "store/ferry-transfer-store.h"

static int
query_int (sqlite3 *db, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  g_assert_cmpint (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  int value = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return value;
}

/* All that makes the schema, as one text. */
static char *
dup_schema (FerryStore *store)
{
  g_autoptr (GString) schema = g_string_new (NULL);
  g_autoptr (FerryStatement) rows = ferry_store_prepare (
      store,
      "SELECT type || ' ' || name || ': ' || coalesce (sql, '') FROM sqlite_schema"
      " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'transfer\\_words\\_%'"
      " ESCAPE '\\' ORDER BY type, name",
      NULL);
  while (ferry_statement_next (rows, NULL))
    {
      g_autofree char *line = ferry_statement_dup_text (rows, 0);
      g_string_append_printf (schema, "%s\n", line);
    }
  return g_strdup (schema->str);
}

/* A database file with the contents of tests/store/@dump. */
static char *
load_dump (const char *folder, const char *dump)
{
  g_autofree char *dump_path = g_test_build_filename (G_TEST_DIST, "store", dump, NULL);
  g_autofree char *sql = NULL;
  g_autoptr (GError) error = NULL;
  char *path = g_build_filename (folder, "old.db", NULL);
  sqlite3 *db = NULL;

  g_file_get_contents (dump_path, &sql, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
  return path;
}

static void
test_pragmas (void)
{
  g_test_summary ("The database runs with WAL, foreign keys, and the newest schema");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "ferry.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryStore) store = ferry_store_open (path, &error);
  g_assert_no_error (error);
  sqlite3 *db = ferry_store_get_db (store);
  g_assert_cmpint (query_int (db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), ==,
                   1);
  g_assert_cmpint (query_int (db, "PRAGMA foreign_keys"), ==, 1);
  g_assert_cmpint (query_int (db, "PRAGMA user_version"), ==, (int) ferry_schema_n_steps);
  g_clear_object (&store);
  ferry_test_remove_folder (folder);
}

static void
check_transfers (FerryStore *store, guint version)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) listed = ferry_transfer_store_list_listed (store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (listed->len, ==, 2);
  FerryTransferRow *row = listed->pdata[1];
  gboolean is_paused = version >= 5;
  g_assert_cmpstr (row->state, ==, is_paused ? "paused" : "active");
  g_assert_cmpuint (row->pause, ==, is_paused ? 1 : 0);
  g_assert_cmpint (row->can_ask, ==, is_paused);
  g_assert_cmpint (row->is_ranged, ==, is_paused);
  g_assert_cmpint (row->offset, ==, is_paused ? 400 : 0);
  g_assert_cmpuint (row->routes, ==, 0);
  g_assert_cmpstr (row->batch.id, ==, version >= 9 ? "b1" : NULL);
  g_assert_cmpuint (row->batch.n_transfers, ==, version >= 9 ? 2 : 0);
  g_assert_cmpuint (row->batch.n_files, ==, version >= 9 ? 49 : 0);
  g_assert_cmpint (row->batch.size, ==, version >= 9 ? 7000 : -1);
  g_assert_cmpint (row->place, ==, version >= 9 ? -3 : 0);
  g_assert_cmpint (row->is_key_verified, ==, version >= 11);
  g_assert_cmpstr (row->failed_files, ==, version >= 9 ? "a/b.txt\nc.txt" : NULL);
  g_autoptr (FerryHistory) history = ferry_history_new (store);
  ferry_history_set_search (history, "thesis downloads ben");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (history)), ==, 1);
}

static void
check_rules (FerryStore *store)
{
  g_autoptr (FerryJid) account = ferry_jid_new ("ada@example.org", NULL);
  g_autoptr (FerryJid) contact = ferry_jid_new ("ben@example.org", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *routes = ferry_contact_rules_dup_routes (store, account, contact, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (routes, ==, "proxy");
}

static void
check_keys (FerryStore *store, guint version)
{
  g_autoptr (FerryJid) account = ferry_jid_new ("ada@example.org", NULL);
  g_autoptr (FerryJid) device = ferry_jid_new ("ben@example.org/ferry-Xy98Zw", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryDeviceKey) key = ferry_key_store_lookup (store, account, device, &error);
  g_assert_no_error (error);
  g_assert_nonnull (key);
  g_assert_true (key->is_verified);
  g_assert_true (g_str_has_prefix (key->fingerprint, "abab"));
  g_assert_true (g_str_has_prefix (key->other, "cdcd"));
  g_assert_cmpint (key->clear, ==,
                   version >= 10 ? FERRY_KEY_CLEAR_ALLOWED : FERRY_KEY_CLEAR_NOT);
  g_assert_cmpint (ferry_contact_rules_get_encryption (store, account, device), ==,
                   FERRY_ENCRYPTION_ALWAYS);
}

static void
check_hashes (FerryStore *store)
{
  FerryHash hash;
  g_assert_true (ferry_hash_cache_lookup (store, "2049:17:5000000:1763700000.000000000",
                                          FERRY_HASH_SHA256, &hash));
  g_assert_cmpint (hash.digest[0], ==, 0xef);
}

static void
check_timeline (FerryStore *store)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *timeline = ferry_transfer_store_dup_timeline (store, "t1", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (timeline, ==, "  0.120 s  Direct: trying 192.0.2.1 port 5000\n");
}

static void
test_migrate_dumps (void)
{
  g_test_summary ("The dump of every schema version opens, with what was in it, as if new");
  g_autoptr (FerryStore) fresh = ferry_store_open (":memory:", NULL);
  g_autofree char *fresh_schema = dup_schema (fresh);

  for (guint version = 1; version <= ferry_schema_n_steps; version++)
    {
      g_autofree char *folder = ferry_test_make_folder ();
      g_autofree char *dump = g_strdup_printf ("schema-v%u.sql", version);
      g_autofree char *path = load_dump (folder, dump);
      g_autoptr (GError) error = NULL;
      g_autoptr (FerryStore) store = ferry_store_open (path, &error);
      g_assert_no_error (error);

      g_assert_cmpint (query_int (ferry_store_get_db (store), "PRAGMA user_version"), ==,
                       (int) ferry_schema_n_steps);
      g_autoptr (GPtrArray) accounts = ferry_account_store_list (store, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (accounts->len, ==, 2);
      FerryAccount *second = accounts->pdata[1];
      g_assert_cmpstr (ferry_jid_get_text (second->jid), ==, "ben@example.org");
      g_assert_cmpuint (second->port, ==, 5223);
      g_autofree char *resource = ferry_settings_dup_resource (store);
      g_assert_cmpstr (resource, ==, "ferry-Ab12Cd");
      g_autoptr (FerryPin) pin = ferry_pin_store_lookup (store, "example.org");
      g_assert_cmpstr (pin->sha256, ==, "aabb");
      g_autofree char *schema = dup_schema (store);
      g_assert_cmpstr (schema, ==, fresh_schema);
      if (version >= 2)
        check_transfers (store, version);
      if (version >= 3)
        check_rules (store);
      if (version >= 4)
        check_timeline (store);
      if (version >= 6)
        check_keys (store, version);
      if (version >= 8)
        check_hashes (store);
      g_clear_object (&store);
      ferry_test_remove_folder (folder);
    }
}

static void
test_hash_cache (void)
{
  g_test_summary (
      "A hash is found by file and algorithm, replaced and removed; the oldest give "
      "way to new ones");
  g_autoptr (FerryStore) store = ferry_store_open (":memory:", NULL);
  g_autoptr (GError) error = NULL;
  FerryHash first = { FERRY_HASH_SHA256, { 1 } }, second = { FERRY_HASH_SHA256, { 2 } };
  FerryHash found;

  g_assert_false (ferry_hash_cache_lookup (store, "a", FERRY_HASH_SHA256, &found));
  g_assert_true (ferry_hash_cache_add (store, "a", &first, 1, &error));
  g_assert_true (ferry_hash_cache_lookup (store, "a", FERRY_HASH_SHA256, &found));
  g_assert_true (ferry_hash_equal (&found, &first));
  g_assert_false (ferry_hash_cache_lookup (store, "a", FERRY_HASH_SHA512, &found));
  g_assert_false (ferry_hash_cache_lookup (store, "b", FERRY_HASH_SHA256, &found));
  g_assert_true (ferry_hash_cache_add (store, "a", &second, 2, &error));
  g_assert_true (ferry_hash_cache_lookup (store, "a", FERRY_HASH_SHA256, &found));
  g_assert_true (ferry_hash_equal (&found, &second));

  g_assert_true (ferry_store_execute (store, &error, "BEGIN", ""));
  for (guint i = 0; i < FERRY_HASH_CACHE_MAX_FILES; i++)
    {
      g_autofree char *key = g_strdup_printf ("file %u", i);
      g_assert_true (ferry_hash_cache_add (store, key, &first, 10 + i, &error));
    }
  g_assert_true (ferry_store_execute (store, &error, "COMMIT", ""));
  g_assert_false (ferry_hash_cache_lookup (store, "a", FERRY_HASH_SHA256, &found));
  g_assert_true (ferry_hash_cache_lookup (store, "file 0", FERRY_HASH_SHA256, &found));
  g_assert_cmpint (query_int (ferry_store_get_db (store), "SELECT count(*) FROM source_hashes"),
                   ==, FERRY_HASH_CACHE_MAX_FILES);
  g_assert_true (ferry_hash_cache_remove (store, "file 0", &error));
  g_assert_false (ferry_hash_cache_lookup (store, "file 0", FERRY_HASH_SHA256, &found));
  g_assert_no_error (error);
}

static void
test_migrate_steps (void)
{
  g_test_summary ("Only missing steps run; a failing step leaves all as it was");
  static const char *const steps[] = { "CREATE TABLE a (x); INSERT INTO a VALUES (1);",
                                       "UPDATE a SET x = x + 10;",
                                       "UPDATE a SET x = x + 100; CREATE TABLE a (x);" };
  g_autoptr (GError) error = NULL;
  FerrySchemaFault fault;
  sqlite3 *db = NULL;
  g_assert_cmpint (sqlite3_open (":memory:", &db), ==, SQLITE_OK);

  g_assert_true (ferry_schema_migrate (db, steps, 1, &fault, &error));
  g_assert_true (ferry_schema_migrate (db, steps, 2, &fault, &error));
  g_assert_true (ferry_schema_migrate (db, steps, 2, &fault, &error));
  g_assert_no_error (error);
  g_assert_cmpint (query_int (db, "SELECT x FROM a"), ==, 11);

  g_assert_false (ferry_schema_migrate (db, steps, 3, &fault, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  g_assert_cmpint (query_int (db, "SELECT x FROM a"), ==, 11);
  g_assert_cmpint (query_int (db, "PRAGMA user_version"), ==, 2);
  g_assert_true (sqlite3_get_autocommit (db));

  g_assert_false (ferry_schema_migrate (db, steps, 1, &fault, &error));
  g_assert_cmpint (fault, ==, FERRY_SCHEMA_FAULT_NEWER);
  sqlite3_close (db);
}

static void
test_two_connections (void)
{
  g_test_summary ("A reader of a second connection is not in the way of a writer (WAL)");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "ferry.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryStore) writer = ferry_store_open (path, &error);
  g_assert_no_error (error);
  g_autoptr (FerryStore) reader = ferry_store_open (path, &error);
  g_assert_no_error (error);
  ferry_settings_set_int (writer, "a", 1, &error);
  ferry_settings_set_int (writer, "b", 1, &error);

  g_autoptr (FerryStatement) rows =
      ferry_store_prepare (reader, "SELECT value FROM settings", &error);
  g_assert_true (ferry_statement_next (rows, &error));
  g_assert_true (ferry_settings_set_int (writer, "a", 2, &error));
  g_assert_true (ferry_settings_set_int (writer, "b", 2, &error));
  g_assert_no_error (error);
  /* The reader's look at the database is one moment of it. */
  g_assert_true (ferry_statement_next (rows, &error));
  g_assert_cmpint (ferry_statement_get_int (rows, 0), ==, 1);
  g_clear_pointer (&rows, ferry_statement_release);
  g_assert_cmpint (ferry_settings_get_int (reader, "b", 0), ==, 2);
  g_assert_no_error (error);

  g_clear_object (&reader);
  g_clear_object (&writer);
  ferry_test_remove_folder (folder);
}

typedef struct
{
  const char *path;
  const char *key;
  guint n_failed;
} Writer;

static gpointer
write_many (gpointer user_data)
{
  Writer *self = user_data;
  g_autoptr (FerryStore) store = ferry_store_open (self->path, NULL);
  for (guint i = 1; i <= 200; i++)
    if (store == NULL || !ferry_settings_set_int (store, self->key, i, NULL))
      self->n_failed++;
  return NULL;
}

static void
test_two_writers (void)
{
  g_test_summary ("Two connections in two threads write in turn, and none fails");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "ferry.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryStore) store = ferry_store_open (path, &error);
  g_assert_no_error (error);
  Writer writers[] = { { path, "a", 0 }, { path, "b", 0 } };
  GThread *threads[G_N_ELEMENTS (writers)];

  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    threads[i] = g_thread_new ("writer", write_many, &writers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpuint (writers[i].n_failed, ==, 0);
      g_assert_cmpint (ferry_settings_get_int (store, writers[i].key, 0), ==, 200);
    }
  g_clear_object (&store);
  ferry_test_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/pragmas", test_pragmas);
  g_test_add_func ("/store/migrate/dumps", test_migrate_dumps);
  g_test_add_func ("/store/hash-cache", test_hash_cache);
  g_test_add_func ("/store/migrate/steps", test_migrate_steps);
  g_test_add_func ("/store/two-connections", test_two_connections);
  g_test_add_func ("/store/two-writers", test_two_writers);
  return g_test_run ();
}
