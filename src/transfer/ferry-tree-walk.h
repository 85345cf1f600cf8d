/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTreeWalk: what is in a folder on our disk that shall be sent. Plain data: made in one
 * thread, then read by others. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-tree.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  int root;           /* the folder, open */
  FerryTree *tree;    /* the names in it are UTF-8 … */
  GPtrArray *paths;   /* … and here as they are on the disk, in the same order */
  GBytes *list;       /* of the tree, as it is sent */
  guint64 n_bytes;    /* of all files */
  GPtrArray *skipped; /* of char *: what is left out, and why; the first ones */
  guint n_skipped;
} FerryTreeWalk;

/**
 * ferry_tree_walk_run:
 * @path: of the folder; a link as the last component of it is followed: the user named it
 * @error: %FERRY_ERROR_SOURCE, %G_IO_ERROR_CANCELLED
 *
 * Looks at everything below the folder, hidden or not, but follows no link. Links, pipes and
 * the like, and what may not be read, are left out. May take long.
 *
 * Returns: (nullable)
 */
FerryTreeWalk *
ferry_tree_walk_run (const char *path, GCancellable *cancellable, GError **error);
FerryTreeWalk *ferry_tree_walk_ref (FerryTreeWalk *self);
void ferry_tree_walk_unref (FerryTreeWalk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryTreeWalk, ferry_tree_walk_unref)

G_END_DECLS
