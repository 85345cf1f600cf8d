/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryPartFile: a file, or a folder, that is being received: hidden and ours alone until it is
 * whole, then given its name without ever replacing another file. All slow calls run in
 * threads. */
#pragma once

#include <gio/gio.h>

#include "signalling/ferry-file-info.h"
#include "transfer/ferry-tree-writer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_PART_FILE (ferry_part_file_get_type ())
G_DECLARE_FINAL_TYPE (FerryPartFile, ferry_part_file, FERRY, PART_FILE, GObject)

/* Returns: (transfer full): a path in @folder for a file that will be called @name (sanitised:
 * base/ferry-file-name.h): `.NAME.ferry-part-` and random characters */
char *ferry_part_file_make_path (const char *folder, const char *name);
/**
 * ferry_part_file_open_async:
 * @path: as made by the above; the folder is there
 * @name: the name the file will have; sanitised
 * @size: bytes to come, -1 if unknown
 * @goes_on: keep what an earlier attempt wrote to @path
 *
 * Looks whether there is room on the disk, makes the part file if it is not there, and reserves
 * its blocks. Bytes are only ever written one after the other, so the length of a part is the
 * record of what has come; its last 64 KiB are not trusted.
 */
void ferry_part_file_open_async (const char *path,
                                 const char *name,
                                 gint64 size,
                                 gboolean goes_on,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* The same for a folder with all that is in it. @info: of the folder, as it was offered */
void ferry_part_file_open_folder_async (const char *path,
                                        const char *name,
                                        const FerryFileInfo *info,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
/* Returns: (nullable): of a folder: what takes the stream */
FerryTreeWriter *ferry_part_file_get_writer (FerryPartFile *self);
/* @error: %FERRY_ERROR_NO_SPACE, %FERRY_ERROR_TARGET, %G_IO_ERROR_CANCELLED; an old part is
 * kept also then */
FerryPartFile *ferry_part_file_open_finish (GAsyncResult *result, GError **error);
/* Bytes from its beginning that need not come again. */
guint64 ferry_part_file_get_n_kept (FerryPartFile *self);
/* Deletes a part that nobody works on, in its own time. */
void ferry_part_file_remove (const char *path);
/* Is there room for what is missing of a part? @size: of the whole file */
void ferry_part_file_probe_async (const char *path,
                                  gint64 size,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean ferry_part_file_probe_finish (GAsyncResult *result);

/* Open for reading and writing until the part file goes. */
int ferry_part_file_get_fd (FerryPartFile *self);

/**
 * ferry_part_file_complete_async:
 * @date: (nullable): modification time the file shall have, ignored if it is not sane
 *
 * Brings the bytes to the disk and gives the file its name, or the next free one: ` (1)`, …
 */
void ferry_part_file_complete_async (FerryPartFile *self,
                                     GDateTime *date,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
/* The bytes are wrong: keeps them as `NAME.bad`. Ends with ferry_part_file_complete_finish().
 */
void ferry_part_file_set_aside_async (FerryPartFile *self,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* @error: %FERRY_ERROR_NO_SPACE, %FERRY_ERROR_TARGET; %G_IO_ERROR_CANCELLED: it is a part still
 * Returns: (transfer full) (nullable): the path it has now */
char *
ferry_part_file_complete_finish (FerryPartFile *self, GAsyncResult *result, GError **error);

/* Leaves the part for a later attempt, without the blocks that were reserved for the rest; one
 * that is too short to be of use is deleted. @callback hears only that it is over. */
void ferry_part_file_keep_async (FerryPartFile *self,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* Deletes the part; does nothing to a file that has its name. @callback as above. */
void ferry_part_file_discard_async (FerryPartFile *self,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

G_END_DECLS
