/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/ferry-schema.h"

#include "base/ferry-error.h"

/* clang-format off */
const char *const ferry_schema_steps[] = {
  /* 1: settings, accounts, pinned certificates */
  "CREATE TABLE settings ("
  "  key TEXT NOT NULL PRIMARY KEY,"
  "  value ANY"
  ") STRICT, WITHOUT ROWID;"

  "CREATE TABLE accounts ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  jid TEXT NOT NULL UNIQUE,"           /* bare, normalised */
  "  host TEXT,"                          /* NULL: what DNS says */
  "  port INTEGER NOT NULL DEFAULT 0,"    /* 0: what DNS says */
  "  resource TEXT,"                      /* NULL: that of the profile */
  "  ca_file TEXT,"
  "  pin_sha256 TEXT,"
  "  enabled INTEGER NOT NULL DEFAULT 1"
  ");"

  "CREATE TABLE pins ("
  "  host TEXT NOT NULL,"
  "  sha256 TEXT NOT NULL,"               /* of the certificate, lower-case hex */
  "  added_us INTEGER NOT NULL,"
  "  PRIMARY KEY (host, sha256)"
  ") WITHOUT ROWID;",

  /* 2: transfers, attempts at them, and the index of words that the history is searched with */
  "CREATE TABLE transfers ("
  "  seq INTEGER PRIMARY KEY,"            /* stable: the index of words points at it */
  "  id TEXT NOT NULL UNIQUE,"
  "  account TEXT NOT NULL,"
  "  peer TEXT NOT NULL,"
  /* Without the device, whose name is no word to find a contact by. */
  "  contact TEXT GENERATED ALWAYS AS (substr (peer, 1, instr (peer || '/', '/') - 1)) VIRTUAL,"
  "  peer_name TEXT NOT NULL,"
  "  is_outgoing INTEGER NOT NULL,"
  "  name TEXT NOT NULL,"
  "  size INTEGER NOT NULL,"              /* -1: unknown */
  "  path TEXT,"
  /* Up to the last slash: what is left when all else is taken away from the end. */
  "  folder TEXT GENERATED ALWAYS AS (rtrim (path, replace (path, '/', ''))) VIRTUAL,"
  "  part_path TEXT,"
  "  part_offset INTEGER NOT NULL,"
  "  promised_hash TEXT,"
  "  state TEXT NOT NULL,"
  "  route TEXT,"
  "  signalling TEXT,"
  "  encrypted INTEGER NOT NULL,"
  "  verified TEXT,"
  "  sha256 TEXT,"
  "  error_code TEXT,"
  "  error_message TEXT,"
  "  created_us INTEGER NOT NULL,"
  "  started_us INTEGER NOT NULL,"
  "  ended_us INTEGER NOT NULL,"          /* 0: unfinished */
  "  is_listed INTEGER NOT NULL"
  ");"
  "CREATE INDEX transfers_by_end ON transfers (ended_us, seq);"
  "CREATE INDEX transfers_by_name ON transfers (name, size);"

  "CREATE TABLE attempts ("
  "  transfer TEXT NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,"
  "  n INTEGER NOT NULL,"
  "  started_us INTEGER NOT NULL,"
  "  ended_us INTEGER NOT NULL DEFAULT 0,"
  "  route TEXT,"
  "  start_offset INTEGER NOT NULL,"
  "  n_bytes INTEGER NOT NULL DEFAULT 0,"
  "  error_code TEXT,"
  "  PRIMARY KEY (transfer, n)"
  ") WITHOUT ROWID;"

  /* Words are runs of letters, digits and symbols (emoji are in names), without accents. */
  "CREATE VIRTUAL TABLE transfer_words USING fts5 ("
  "  name, contact, peer_name, folder, content = 'transfers', content_rowid = 'seq',"
  "  prefix = '1 2 3',"
  "  tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co So'\""
  ");"
  "CREATE TRIGGER transfers_added AFTER INSERT ON transfers BEGIN"
  "  INSERT INTO transfer_words (rowid, name, contact, peer_name, folder)"
  "  VALUES (new.seq, new.name, new.contact, new.peer_name, new.folder);"
  "END;"
  "CREATE TRIGGER transfers_removed AFTER DELETE ON transfers BEGIN"
  "  INSERT INTO transfer_words (transfer_words, rowid, name, contact, peer_name, folder)"
  "  VALUES ('delete', old.seq, old.name, old.contact, old.peer_name, old.folder);"
  "END;"
  "CREATE TRIGGER transfers_changed AFTER UPDATE ON transfers"
  " WHEN (old.seq, old.name, old.peer, old.peer_name, old.path)"
  "   IS NOT (new.seq, new.name, new.peer, new.peer_name, new.path) BEGIN"
  "  INSERT INTO transfer_words (transfer_words, rowid, name, contact, peer_name, folder)"
  "  VALUES ('delete', old.seq, old.name, old.contact, old.peer_name, old.folder);"
  "  INSERT INTO transfer_words (rowid, name, contact, peer_name, folder)"
  "  VALUES (new.seq, new.name, new.contact, new.peer_name, new.folder);"
  "END;",

  /* 3: relays that the user named, and the ways that are allowed with a contact */
  "ALTER TABLE accounts ADD COLUMN proxies TEXT;" /* JIDs, one a line; NULL: none */
  "CREATE TABLE contact_rules ("
  "  account TEXT NOT NULL,"
  "  contact TEXT NOT NULL,"
  "  routes TEXT NOT NULL,"
  "  PRIMARY KEY (account, contact)"
  ") WITHOUT ROWID;",

  /* 4: what happened on the way, line by line */
  "ALTER TABLE transfers ADD COLUMN timeline TEXT;", /* NULL: nothing was kept */

  /* 5: what a transfer needs to go on after a restart */
  "ALTER TABLE transfers ADD COLUMN routes INTEGER NOT NULL DEFAULT 0;"    /* 0: all */
  "ALTER TABLE transfers ADD COLUMN pause INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE transfers ADD COLUMN can_ask INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE transfers ADD COLUMN is_ranged INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE transfers ADD COLUMN date_us INTEGER NOT NULL DEFAULT 0;"   /* of the file */
  "ALTER TABLE transfers ADD COLUMN source_key TEXT;"
  "ALTER TABLE transfers ADD COLUMN peer_id TEXT;"
  "ALTER TABLE transfers ADD COLUMN is_published INTEGER NOT NULL DEFAULT 0;",

  /* 6: by which keys contacts' devices are known, and with whom files are encrypted */
  "ALTER TABLE contact_rules ADD COLUMN encryption TEXT;" /* NULL: where the device can */
  "CREATE TABLE device_keys ("
  "  account TEXT NOT NULL,"
  "  contact TEXT NOT NULL,"
  "  device TEXT NOT NULL,"               /* resource */
  "  fingerprint TEXT NOT NULL,"          /* SHA-256 of the key, hex */
  "  seen_us INTEGER NOT NULL,"           /* first */
  "  is_verified INTEGER NOT NULL,"       /* people have compared it */
  "  other TEXT,"                         /* shown later, and not accepted */
  "  other_us INTEGER NOT NULL DEFAULT 0,"
  "  PRIMARY KEY (account, contact, device)"
  ") WITHOUT ROWID;",

  /* 7: folders that go as one */
  "ALTER TABLE transfers ADD COLUMN n_files INTEGER NOT NULL DEFAULT -1;"  /* -1: a file */
  "ALTER TABLE transfers ADD COLUMN n_files_done INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE transfers ADD COLUMN n_files_failed INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE transfers ADD COLUMN is_zipped INTEGER NOT NULL DEFAULT 0;",

  /* 8: whether the other side said that it has the file; hashes of files that were sent */
  "ALTER TABLE transfers ADD COLUMN is_received INTEGER NOT NULL DEFAULT 0;"
  "CREATE TABLE source_hashes ("
  "  key TEXT NOT NULL,"                  /* device, inode, size, time of change */
  "  algo TEXT NOT NULL,"                 /* as in XEP-0300 */
  "  digest TEXT NOT NULL,"               /* hex */
  "  used_us INTEGER NOT NULL,"
  "  PRIMARY KEY (key, algo)"
  ") WITHOUT ROWID;"
  "CREATE INDEX source_hashes_by_use ON source_hashes (used_us);",

  /* 9: what was sent together, in which order, and what did not arrive of a folder */
  "ALTER TABLE transfers ADD COLUMN batch TEXT;"                           /* NULL: sent alone */
  "ALTER TABLE transfers ADD COLUMN batch_transfers INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE transfers ADD COLUMN batch_files INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE transfers ADD COLUMN batch_size INTEGER NOT NULL DEFAULT -1;"
  "ALTER TABLE transfers ADD COLUMN place INTEGER NOT NULL DEFAULT 0;"     /* in the queue */
  "ALTER TABLE transfers ADD COLUMN failed_files TEXT;"                    /* a path a line */
  "CREATE INDEX transfers_by_batch ON transfers (batch) WHERE batch IS NOT NULL;"
  "DROP TABLE attempts;",

  /* 10: devices that encrypted once, and do not any more */
  "ALTER TABLE device_keys ADD COLUMN clear INTEGER NOT NULL DEFAULT 0;",  /* FerryKeyClear */

  /* 11: whether people had compared the key that a transfer was encrypted with */
  "ALTER TABLE transfers ADD COLUMN is_key_verified INTEGER NOT NULL DEFAULT 0;",
};
/* clang-format on */

const guint ferry_schema_n_steps = G_N_ELEMENTS (ferry_schema_steps);

FerrySchemaFault
ferry_schema_fault_from_code (int code)
{
  switch (code & 0xff)
    {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return FERRY_SCHEMA_FAULT_NONE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_ERROR: /* a table that its version promises is not there */
      return FERRY_SCHEMA_FAULT_DAMAGED;
    default:
      return FERRY_SCHEMA_FAULT_OTHER;
    }
}

static gboolean
execute (sqlite3 *db, const char *sql, FerrySchemaFault *fault, GError **error)
{
  int code = sqlite3_exec (db, sql, NULL, NULL, NULL);
  if (code == SQLITE_OK)
    return TRUE;

  *fault = ferry_schema_fault_from_code (code);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "Could not prepare the database: %s",
               sqlite3_errmsg (db));
  return FALSE;
}

static gboolean
read_version (sqlite3 *db, int *version, FerrySchemaFault *fault, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (db, "PRAGMA user_version", -1, &statement, NULL);
  if (code == SQLITE_OK)
    code = sqlite3_step (statement);
  if (code == SQLITE_ROW)
    *version = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  if (code == SQLITE_ROW)
    return TRUE;

  *fault = ferry_schema_fault_from_code (code);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "Could not read the database: %s",
               sqlite3_errmsg (db));
  return FALSE;
}

static gboolean
run_steps (sqlite3 *db,
           const char *const *steps,
           guint n_steps,
           FerrySchemaFault *fault,
           GError **error)
{
  int version = 0;

  if (!read_version (db, &version, fault, error))
    return FALSE;
  if (version < 0 || (guint) version > n_steps)
    {
      *fault = FERRY_SCHEMA_FAULT_NEWER;
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE,
                   "The database has version %d, made by a newer Ferry; this one knows %u",
                   version, n_steps);
      return FALSE;
    }
  if ((guint) version == n_steps)
    return TRUE;

  for (guint i = (guint) version; i < n_steps; i++)
    if (!execute (db, steps[i], fault, error))
      return FALSE;

  g_autofree char *set_version = g_strdup_printf ("PRAGMA user_version = %u", n_steps);
  return execute (db, set_version, fault, error);
}

gboolean
ferry_schema_migrate (sqlite3 *db,
                      const char *const *steps,
                      guint n_steps,
                      FerrySchemaFault *fault,
                      GError **error)
{
  g_return_val_if_fail (db != NULL && fault != NULL, FALSE);

  *fault = FERRY_SCHEMA_FAULT_NONE;
  if (!execute (db, "BEGIN IMMEDIATE", fault, error))
    return FALSE;
  if (run_steps (db, steps, n_steps, fault, error) && execute (db, "COMMIT", fault, error))
    return TRUE;

  sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}
