/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-store"

#include "config.h"

#include "store/ferry-store-private.h"

#include "base/ferry-error.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Another connection of ours (never another process: the profile is locked) may be writing. */
#define BUSY_TIMEOUT_MS 2000
/* The smallest database there is has one page of this size. */
#define MIN_PAGE_BYTES 512

struct _FerryStore
{
  GObject parent_instance;

  sqlite3 *db;
  GHashTable *statements; /* char *sql → sqlite3_stmt */
};

G_DEFINE_FINAL_TYPE (FerryStore, ferry_store, G_TYPE_OBJECT)

static void
ferry_store_finalize (GObject *object)
{
  FerryStore *self = FERRY_STORE (object);

  g_clear_pointer (&self->statements, g_hash_table_unref);
  g_clear_pointer (&self->db, sqlite3_close_v2);

  G_OBJECT_CLASS (ferry_store_parent_class)->finalize (object);
}

static void
ferry_store_class_init (FerryStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_store_finalize;
}

static void
finalize_statement (gpointer statement)
{
  sqlite3_finalize (statement);
}

static void
ferry_store_init (FerryStore *self)
{
  self->statements =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, finalize_statement);
}

static void
set_error (sqlite3 *db, GError **error)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "The database failed: %s",
               sqlite3_errmsg (db));
}

/* --- Opening ---------------------------------------------------------------------------------
 */

/* SQLite would make the file readable for everybody (its companions take the mode of the file),
 * and would take one shorter than a page for an empty one and write over it. */
static gboolean
prepare_file (const char *path, FerrySchemaFault *fault, GError **error)
{
  struct stat info = { 0 };
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

  if (fd < 0 || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      int saved_errno = fd < 0 ? errno : EINVAL;
      *fault = FERRY_SCHEMA_FAULT_OTHER;
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "Could not open “%s”: %s", path,
                   g_strerror (saved_errno));
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  close (fd);
  if (info.st_size > 0 && info.st_size < MIN_PAGE_BYTES)
    {
      *fault = FERRY_SCHEMA_FAULT_DAMAGED;
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "“%s” is too short for a database",
                   path);
      return FALSE;
    }
  return TRUE;
}

/* “ok” in one row, or else what is wrong. Reads the whole file, which is small. */
static gboolean
check_pages (FerryStore *self, FerrySchemaFault *fault, GError **error)
{
  g_autoptr (FerryStatement) statement =
      ferry_store_prepare (self, "PRAGMA quick_check(1)", error);
  g_autofree char *verdict = NULL;

  if (statement != NULL && ferry_statement_next (statement, error))
    verdict = ferry_statement_dup_text (statement, 0);
  if (g_strcmp0 (verdict, "ok") == 0)
    return TRUE;

  *fault = ferry_schema_fault_from_code (sqlite3_errcode (self->db));
  if (verdict != NULL)
    {
      *fault = FERRY_SCHEMA_FAULT_DAMAGED;
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "The database is damaged: %s",
                   verdict);
    }
  return FALSE;
}

static gboolean
prepare_database (FerryStore *self, FerrySchemaFault *fault, GError **error)
{
  static const char setup[] = "PRAGMA journal_mode = WAL;"
                              "PRAGMA synchronous = NORMAL;"
                              "PRAGMA foreign_keys = ON;";

  sqlite3_busy_timeout (self->db, BUSY_TIMEOUT_MS);
  int code = sqlite3_exec (self->db, setup, NULL, NULL, NULL);
  if (code != SQLITE_OK)
    {
      *fault = ferry_schema_fault_from_code (code);
      set_error (self->db, error);
      return FALSE;
    }
  return check_pages (self, fault, error) &&
         ferry_schema_migrate (self->db, ferry_schema_steps, ferry_schema_n_steps, fault,
                               error);
}

FerryStore *
ferry_store_open_with_fault (const char *path, FerrySchemaFault *fault, GError **error)
{
  g_return_val_if_fail (path != NULL && fault != NULL, NULL);

  g_autoptr (FerryStore) self = g_object_new (FERRY_TYPE_STORE, NULL);

  if (strcmp (path, ":memory:") != 0 && !prepare_file (path, fault, error))
    return NULL;
  *fault = FERRY_SCHEMA_FAULT_OTHER;
  if (sqlite3_open_v2 (path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
      SQLITE_OK)
    {
      set_error (self->db, error);
      return NULL;
    }
  *fault = FERRY_SCHEMA_FAULT_NONE;
  if (!prepare_database (self, fault, error))
    return NULL;

  g_debug ("%s: open, schema %u", path, ferry_schema_n_steps);
  return g_steal_pointer (&self);
}

FerryStore *
ferry_store_open (const char *path, GError **error)
{
  FerrySchemaFault fault;
  return ferry_store_open_with_fault (path, &fault, error);
}

/* --- Statements ------------------------------------------------------------------------------
 */

FerryStatement *
ferry_store_prepare (FerryStore *self, const char *sql, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (self), NULL);

  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);
  if (statement != NULL)
    {
      /* On loan already: two loops would step through one statement. */
      g_assert (!sqlite3_stmt_busy (statement));
      return statement;
    }

  if (sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
      SQLITE_OK)
    {
      set_error (self->db, error);
      return NULL;
    }
  g_hash_table_insert (self->statements, g_strdup (sql), statement);
  return statement;
}

void
ferry_statement_release (FerryStatement *self)
{
  sqlite3_reset (self);
  sqlite3_clear_bindings (self);
}

static void
bind_values (FerryStatement *self, const char *format, va_list args)
{
  for (int i = 1; *format != '\0'; format++, i++)
    switch (*format)
      {
      case 's':
        sqlite3_bind_text (self, i, va_arg (args, const char *), -1, SQLITE_TRANSIENT);
        break;
      case 'i':
        sqlite3_bind_int (self, i, va_arg (args, int));
        break;
      case 'I':
        sqlite3_bind_int64 (self, i, va_arg (args, gint64));
        break;
      default:
        g_assert_not_reached ();
      }
}

void
ferry_statement_bind (FerryStatement *self, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  bind_values (self, format, args);
  va_end (args);
}

gboolean
ferry_statement_next (FerryStatement *self, GError **error)
{
  int code = sqlite3_step (self);
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    set_error (sqlite3_db_handle (self), error);
  return code == SQLITE_ROW;
}

gboolean
ferry_statement_run (FerryStatement *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  while (ferry_statement_next (self, &local_error))
    ;
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
ferry_store_execute (FerryStore *self, GError **error, const char *sql, const char *format, ...)
{
  g_autoptr (FerryStatement) statement = ferry_store_prepare (self, sql, error);
  if (statement == NULL)
    return FALSE;

  va_list args;
  va_start (args, format);
  bind_values (statement, format, args);
  va_end (args);
  return ferry_statement_run (statement, error);
}

guint
ferry_store_get_n_changed (FerryStore *self)
{
  return (guint) sqlite3_changes (self->db);
}

char *
ferry_statement_dup_text (FerryStatement *self, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (self, column));
}

gint64
ferry_statement_get_int (FerryStatement *self, int column)
{
  return sqlite3_column_int64 (self, column);
}

sqlite3 *
ferry_store_get_db (FerryStore *self)
{
  return self->db;
}
