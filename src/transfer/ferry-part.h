/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryPart: the disk work behind FerryPartFile, for worker threads: one at a time, and each of
 * these functions may take long. */
#pragma once

#include "signalling/ferry-file-info.h"
#include "transfer/ferry-tree-writer.h"

G_BEGIN_DECLS

typedef struct
{
  gatomicrefcount ref_count;
  char *folder;
  char *name;
  gint64 size;
  int folder_fd;
  int fd;
  char *hidden;               /* its name now; NULL when there is no part (any more) */
  gboolean goes_on;           /* with what an earlier attempt wrote */
  guint64 n_kept;             /* bytes of that */
  gint64 mtime_us;            /* wall clock; 0 for none */
  char *path;                 /* once it has its name */
  FerryTreeWriter *writer;    /* of a folder; nullable */
  FerryFileInfo *folder_info; /* of a folder; nullable */
} FerryPart;

/* Returns: (transfer full): for @path, which need not be there yet */
FerryPart *ferry_part_new (const char *path, const char *name, gint64 size);
FerryPart *ferry_part_ref (FerryPart *self);
/* @data: a #FerryPart */
void ferry_part_unref (gpointer data);
/* Returns: (transfer full): a hidden name that nobody else has */
char *ferry_part_make_name (const char *name);

/* Each is a #FerryFileWork on a #FerryPart. */

/* Makes the part, or opens the one that is there, if it goes on; with room for all of it. */
gboolean ferry_part_open (gpointer data, GCancellable *cancellable, GError **error);
/* Is there room for what is missing? */
gboolean ferry_part_probe (gpointer data, GCancellable *cancellable, GError **error);
/* Gives it its name once it is on the disk. */
gboolean ferry_part_complete (gpointer data, GCancellable *cancellable, GError **error);
/* Gives it a name that tells that it is wrong. */
gboolean ferry_part_set_aside (gpointer data, GCancellable *cancellable, GError **error);
gboolean ferry_part_discard (gpointer data, GCancellable *cancellable, GError **error);
/* For a later attempt; one too short to be of use is deleted. */
gboolean ferry_part_keep (gpointer data, GCancellable *cancellable, GError **error);
/* @data: a path */
gboolean ferry_part_remove (gpointer data, GCancellable *cancellable, GError **error);

G_END_DECLS
