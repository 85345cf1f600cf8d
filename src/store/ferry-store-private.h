/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the files of this layer talk to the database. */
#pragma once

#include "store/ferry-schema.h"
#include "store/ferry-store.h"

G_BEGIN_DECLS

/* As ferry_store_open(), and says in @fault what kind of trouble it was. */
FerryStore *
ferry_store_open_with_fault (const char *path, FerrySchemaFault *fault, GError **error);

/* A prepared statement on loan: releasing it resets it and drops its values, so that no read
 * transaction stays open. The store keeps it for the next time. */
typedef sqlite3_stmt FerryStatement;
void ferry_statement_release (FerryStatement *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryStatement, ferry_statement_release)

/**
 * ferry_store_prepare:
 * @sql: one statement; the same text gives the same statement, so release it before you ask
 * again
 * @error: %FERRY_ERROR_STORE
 *
 * Returns: (transfer full) (nullable): the statement, ready for values
 */
FerryStatement *ferry_store_prepare (FerryStore *self, const char *sql, GError **error);

/**
 * ferry_statement_bind:
 * @format: one letter a value, from ?1 on: `s` (const char *, nullable), `i` (int), `I`
 * (gint64)
 */
void ferry_statement_bind (FerryStatement *self, const char *format, ...);

/* Returns: is there another row? %FALSE with @error unset means that there is none. */
gboolean ferry_statement_next (FerryStatement *self, GError **error);
/* Runs a statement that gives no rows, to its end. */
gboolean ferry_statement_run (FerryStatement *self, GError **error);

/* Prepares, binds (as ferry_statement_bind()) and runs in one go. */
gboolean ferry_store_execute (
    FerryStore *self, GError **error, const char *sql, const char *format, ...);
/* Rows that the last statement changed. */
guint ferry_store_get_n_changed (FerryStore *self);

char *ferry_statement_dup_text (FerryStatement *self, int column); /* nullable */
gint64 ferry_statement_get_int (FerryStatement *self, int column);

/* For tests and measurements. */
sqlite3 *ferry_store_get_db (FerryStore *self);

G_END_DECLS
