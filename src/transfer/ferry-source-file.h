/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySourceFile: a file, or a folder, that is being sent: opened once, and known to be the
 * same at the end. All slow calls run in threads. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-hash.h"
#include "signalling/ferry-file-info.h"
#include "transfer/ferry-tree-walk.h"

G_BEGIN_DECLS

/* Larger files are offered before their hash is known (XEP-0234 `hash-used`). */
#define FERRY_SOURCE_FILE_MAX_HASH_BYTES (64 * 1024 * 1024)
/* Smaller ones are hashed as soon as they are open: that is quicker than to ask whether
 * somebody has done so before. */
#define FERRY_SOURCE_FILE_MIN_ASK_BYTES (1024 * 1024)

#define FERRY_TYPE_SOURCE_FILE (ferry_source_file_get_type ())
G_DECLARE_FINAL_TYPE (FerrySourceFile, ferry_source_file, FERRY, SOURCE_FILE, GObject)

/**
 * ferry_source_file_open_async:
 * @path: a regular file, or a folder: all that is in it is looked up then
 * @hash: what to hash a small file with, and to promise for a large one; or NONE. Between the
 *   two, ferry_source_file_hash_async() hashes it
 */
void ferry_source_file_open_async (const char *path,
                                   FerryHashAlgo hash,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* @error: %FERRY_ERROR_SOURCE, %G_IO_ERROR_CANCELLED */
FerrySourceFile *ferry_source_file_open_finish (GAsyncResult *result, GError **error);

/* Open for reading until the source file goes. */
int ferry_source_file_get_fd (FerrySourceFile *self);
/* What to offer. */
FerryFileInfo *ferry_source_file_get_info (FerrySourceFile *self);

/* Returns: (nullable) (transfer none): of a folder: what is in it */
FerryTreeWalk *ferry_source_file_get_walk (FerrySourceFile *self);
/* The peer was offered a folder as an archive: ferry_source_file_get_info() is of that now. */
void ferry_source_file_use_archive (FerrySourceFile *self);
/* (transfer none): device, inode, size and time of change: which version of the file it is */
const char *ferry_source_file_get_key (FerrySourceFile *self);
/* Was it left alone for some time before it was opened? Else what is written next may be of the
 * same time, and the key the same for two versions. */
gboolean ferry_source_file_is_settled (FerrySourceFile *self);

/* Reads all of it. */
void ferry_source_file_hash_async (FerrySourceFile *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* @error: %FERRY_ERROR_SOURCE, %G_IO_ERROR_CANCELLED. The hash is in the info then. */
gboolean
ferry_source_file_hash_finish (FerrySourceFile *self, GAsyncResult *result, GError **error);

/* The hash of the whole file became known. */
void ferry_source_file_set_hash (FerrySourceFile *self, const FerryHash *hash);

/* Is it still what was opened? */
void ferry_source_file_check_async (FerrySourceFile *self,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
/* @error: %FERRY_ERROR_SOURCE if it was changed meanwhile */
gboolean
ferry_source_file_check_finish (FerrySourceFile *self, GAsyncResult *result, GError **error);

G_END_DECLS
