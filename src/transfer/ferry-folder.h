/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryFolder: giving a file, or a folder, its name in a folder without replacing anything.
 * Every call here may block. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ferry_folder_publish:
 * @folder_fd: the folder, open for reading
 * @part: what the file is called in it now
 * @name: a sanitised name
 * @error: %FERRY_ERROR_TARGET
 *
 * Renames @part to @name, or to the first of `NAME (1)` … `NAME (999)` that no name in the
 * folder equals, not even in other case: the folder may be seen from a system that cannot tell
 * them apart.
 *
 * Returns: (transfer full) (nullable): the name it got
 */
char *ferry_folder_publish (int folder_fd, const char *part, const char *name, GError **error);
/* Deletes @name, and if it is a folder everything in it; follows no link. */
void ferry_folder_remove (int folder_fd, const char *name);
/* Deletes everything in the folder; follows no link. */
void ferry_folder_clear (int folder_fd);

G_END_DECLS
