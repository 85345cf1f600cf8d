/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTreePlace: a way through the folders of a tree on the disk that follows no link and
 * remembers where it stood, because one file is usually beside the one before. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  int root;   /* borrowed; the folder at the top */
  int fd;     /* of the folder @folder; -1 for none */
  char *path; /* of it, relative; nullable */
} FerryTreePlace;

void ferry_tree_place_init (FerryTreePlace *self, int root);
void ferry_tree_place_clear (FerryTreePlace *self);
/**
 * ferry_tree_place_enter:
 * @path: of an entry, relative to the top
 * @name: (out): its last component, within @path
 *
 * Returns: the folder that the entry is in, borrowed until the next call; -1 with errno
 */
int ferry_tree_place_enter (FerryTreePlace *self, const char *path, const char **name);

G_END_DECLS
