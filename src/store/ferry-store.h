/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryStore: the open SQLite database of a profile: WAL, schema versioned by `user_version`,
 * statements prepared once. Each kind of row has a file of its own that works on it. */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

#define FERRY_TYPE_STORE (ferry_store_get_type ())
G_DECLARE_FINAL_TYPE (FerryStore, ferry_store, FERRY, STORE, GObject)

/**
 * ferry_store_open:
 * @path: database file, or ":memory:"
 * @error: %FERRY_ERROR_STORE: unreadable, damaged, or made by a newer Ferry
 *
 * Opens the database and brings its schema up to date in one transaction.
 */
FerryStore *ferry_store_open (const char *path, GError **error);

G_END_DECLS
