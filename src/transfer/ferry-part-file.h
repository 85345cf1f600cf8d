/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryPartFile: a file that is being received: hidden and ours alone until it is whole, then
 * given its name without ever replacing another file. All slow calls run in threads. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRY_TYPE_PART_FILE (ferry_part_file_get_type ())
G_DECLARE_FINAL_TYPE (FerryPartFile, ferry_part_file, FERRY, PART_FILE, GObject)

/**
 * ferry_part_file_create_async:
 * @folder: an existing folder
 * @name: the name the file will have; sanitised (base/ferry-file-name.h)
 * @size: bytes to come, -1 if unknown
 *
 * Looks whether there is room on the disk, makes `.NAME.ferry-part` with a random suffix in
 * @folder, and reserves its blocks.
 */
void ferry_part_file_create_async (const char *folder,
                                   const char *name,
                                   gint64 size,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* @error: %FERRY_ERROR_NO_SPACE, %FERRY_ERROR_TARGET, %G_IO_ERROR_CANCELLED */
FerryPartFile *ferry_part_file_create_finish (GAsyncResult *result, GError **error);

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

/* Deletes the part; does nothing to a file that has its name. */
void ferry_part_file_discard_async (FerryPartFile *self,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean ferry_part_file_discard_finish (FerryPartFile *self, GAsyncResult *result);

G_END_DECLS
