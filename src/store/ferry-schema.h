/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema of the profile's database: numbered steps that lead from an empty file to what
 * this Ferry works with. A step that was released is never edited; a change is a new step. */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* Step i leads from version i to version i + 1. */
extern const char *const ferry_schema_steps[];
extern const guint ferry_schema_n_steps;

/**
 * FerrySchemaFault:
 * @FERRY_SCHEMA_FAULT_NONE: nothing is wrong
 * @FERRY_SCHEMA_FAULT_DAMAGED: the file is not a database, or one that was damaged
 * @FERRY_SCHEMA_FAULT_NEWER: a newer Ferry made it; it must be left as it is
 * @FERRY_SCHEMA_FAULT_OTHER: it may be fine, but cannot be used now (rights, space, lock)
 */
typedef enum
{
  FERRY_SCHEMA_FAULT_NONE,
  FERRY_SCHEMA_FAULT_DAMAGED,
  FERRY_SCHEMA_FAULT_NEWER,
  FERRY_SCHEMA_FAULT_OTHER,
} FerrySchemaFault;

/* What kind of trouble a result code of SQLite is. */
FerrySchemaFault ferry_schema_fault_from_code (int code);

/**
 * ferry_schema_migrate:
 * @db: an open database
 * @steps: SQL of each step
 * @n_steps: number of steps, the version to reach
 * @fault: (out): what kind of trouble it was
 * @error: %FERRY_ERROR_STORE
 *
 * Brings `user_version` from what it is to @n_steps in one transaction: all steps or none.
 */
gboolean ferry_schema_migrate (sqlite3 *db,
                               const char *const *steps,
                               guint n_steps,
                               FerrySchemaFault *fault,
                               GError **error);

G_END_DECLS
