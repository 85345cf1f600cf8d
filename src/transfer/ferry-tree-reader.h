/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTreeReader: the stream of a folder that is sent (base/ferry-tree.h), made while it is
 * read. Used in one thread; the counts may be read in any. */
#pragma once

#include "transfer/ferry-pump.h"
#include "transfer/ferry-tree-walk.h"

G_BEGIN_DECLS

typedef struct _FerryTreeReader FerryTreeReader;

FerryTreeReader *ferry_tree_reader_new (FerryTreeWalk *walk);
FerryTreeReader *ferry_tree_reader_ref (FerryTreeReader *self);
void ferry_tree_reader_unref (FerryTreeReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryTreeReader, ferry_tree_reader_unref)

/* For ferry_pump_set_content(), with a reader. A file that is not what the list says, or cannot
 * be read, is one that failed; the stream goes on. */
extern const FerryPumpContent ferry_tree_reader_content;

guint ferry_tree_reader_get_n_done (FerryTreeReader *self);
guint ferry_tree_reader_get_n_failed (FerryTreeReader *self);
/* When nobody reads any more: (element-type utf8): paths, the first ones */
GPtrArray *ferry_tree_reader_get_failed (FerryTreeReader *self);

G_END_DECLS
