/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTree: what is in a folder that goes from one Ferry to another, and where each file of it
 * stands in the one stream that they travel in:
 *
 *   the list of all entries, then for each file its bytes and a trailer (0 and its SHA-256, or
 *   another value if the sender could not read it)
 *
 * The list alone decides about the length of the stream and the place of everything in it, so
 * that any part of the stream can be asked for again. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FERRY_TREE_MAX_ENTRIES 200000
#define FERRY_TREE_MAX_LIST_BYTES (64 * 1024 * 1024)
#define FERRY_TREE_MAX_DEPTH 64
#define FERRY_TREE_MAX_PATH 4000 /* bytes */

/* After each file: %FERRY_TREE_WHOLE and the hash, or %FERRY_TREE_FAILED and zeros. */
#define FERRY_TREE_TRAILER_BYTES 33
#define FERRY_TREE_WHOLE 0
#define FERRY_TREE_FAILED 1

/**
 * FerryTreeEntry:
 * @path: relative to the folder, `/` between the components; of a parsed tree it is safe to
 *   create
 * @start: of a file, where its bytes begin in the stream
 */
typedef struct
{
  gboolean is_folder;
  const char *path;
  guint64 size;
  gint64 mtime_s; /* wall clock; 0 if unknown */
  guint64 start;
} FerryTreeEntry;

typedef struct _FerryTree FerryTree;

FerryTree *ferry_tree_new (void);
void ferry_tree_free (FerryTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryTree, ferry_tree_free)

/**
 * ferry_tree_add:
 * @path: UTF-8; the folder that it is in was added before
 * @size: bytes; 0 for a folder
 *
 * Returns: %FALSE if it is too long, too deep, there already, or one too many
 */
gboolean ferry_tree_add (
    FerryTree *self, gboolean is_folder, const char *path, guint64 size, gint64 mtime_s);
/* After the last was added: the list as it goes over the wire, which also settles where
 * everything stands. */
GBytes *ferry_tree_to_bytes (FerryTree *self);

/**
 * ferry_tree_parse:
 * @data: what a peer sent as the list
 * @error: %FERRY_ERROR_PROTOCOL
 *
 * Every component of every path has gone through the sanitiser of names; names that are one
 * name for some system have become two.
 *
 * Returns: (nullable): nothing in it leads out of the folder
 */
FerryTree *ferry_tree_parse (const guint8 *data, gsize size, GError **error);

guint ferry_tree_get_n_entries (const FerryTree *self);
const FerryTreeEntry *ferry_tree_get_entry (const FerryTree *self, guint i);
guint ferry_tree_get_n_files (const FerryTree *self);
/* Bytes of the whole stream. */
guint64 ferry_tree_get_stream_size (const FerryTree *self);
/* Returns: the index of the first entry whose part of the stream ends after @at; the number of
 * entries if there is none */
guint ferry_tree_find (const FerryTree *self, guint64 at);

G_END_DECLS
