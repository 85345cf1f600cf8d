/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between what takes the stream apart (ferry-tree-writer.c) and what looks for the beginning
 * that an earlier attempt left (…-restore.c). */
#pragma once

#include <stdatomic.h>

#include "base/ferry-hash.h"
#include "base/ferry-tree.h"
#include "transfer/ferry-tree-place.h"
#include "transfer/ferry-tree-writer.h"

G_BEGIN_DECLS

/* Our own files in the folder; no name that has gone through the sanitiser begins like this. */
#define LIST_NAME ".ferry-list"
#define STATE_NAME ".ferry-state" /* a byte for each entry */
#define FILE_NAME ".ferry-file"   /* what is being written */

enum
{
  STATE_OPEN,
  STATE_WHOLE,
  STATE_FAILED,
};

struct _FerryTreeWriter
{
  gatomicrefcount ref_count;
  int root;
  guint64 size;
  guint n_files;
  guint list_bytes;

  guint64 at;       /* in the stream */
  GByteArray *list; /* as much as has come of it */
  FerryTree *tree;  /* once it has all come */
  guint index;      /* of the entry at @at */
  FerryTreePlace place;
  int state_fd;

  int fd; /* of the file at @index; -1: not begun */
  FerryHasher *hasher;
  guint8 trailer[FERRY_TREE_TRAILER_BYTES];

  _Atomic guint n_done;
  _Atomic guint n_failed;
  GPtrArray *failed;
};

void ferry_tree_writer_close_fd (int *fd);
/* The sender begins at the beginning, whatever is there. */
void ferry_tree_writer_start_over (FerryTreeWriter *self);
/* Returns: %FALSE if the list is not that of the folder that was offered */
gboolean ferry_tree_writer_parse_list (FerryTreeWriter *self, GError **error);
gboolean ferry_tree_writer_open_state (FerryTreeWriter *self, int flags);
void ferry_tree_writer_count_failed (FerryTreeWriter *self, const FerryTreeEntry *entry);

G_END_DECLS
