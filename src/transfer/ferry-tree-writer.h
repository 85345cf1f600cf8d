/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTreeWriter: takes the stream of a folder (base/ferry-tree.h) apart into a hidden folder
 * of ours. Nothing has its name in there before it is whole and its hash is right. Used in one
 * thread at a time; the counts may be read in any. */
#pragma once

#include "transfer/ferry-pump.h"

G_BEGIN_DECLS

typedef struct _FerryTreeWriter FerryTreeWriter;

/**
 * ferry_tree_writer_new:
 * @root: the hidden folder, open; duplicated
 * @size: bytes of the stream, as they were announced
 * @n_files: files in it, as they were announced
 * @list_bytes: bytes of the list at its beginning
 */
FerryTreeWriter *
ferry_tree_writer_new (int root, guint64 size, guint n_files, guint list_bytes);
FerryTreeWriter *ferry_tree_writer_ref (FerryTreeWriter *self);
void ferry_tree_writer_unref (FerryTreeWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryTreeWriter, ferry_tree_writer_unref)

/* Looks at what an earlier attempt left in the folder. May take a moment.
 * Returns: how many bytes of the stream need not come again */
guint64 ferry_tree_writer_restore (FerryTreeWriter *self);
/* For ferry_pump_set_content(), with a writer. */
extern const FerryPumpContent ferry_tree_writer_content;
/* Everything has come: takes away our own notes and brings all to the disk. Slow.
 * @error: %FERRY_ERROR_BROKEN if it has not */
gboolean ferry_tree_writer_finish (FerryTreeWriter *self, GError **error);

guint ferry_tree_writer_get_n_done (FerryTreeWriter *self);
/* Those that the sender could not read, or that came damaged. */
guint ferry_tree_writer_get_n_failed (FerryTreeWriter *self);
/* When nobody writes any more: (element-type utf8): paths, the first ones */
GPtrArray *ferry_tree_writer_get_failed (FerryTreeWriter *self);

G_END_DECLS
