/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place where a file name that came from somebody else becomes one that is safe to
 * create, whatever the system and the disk. No other code may use a peer's name for a path. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes of a name at most; leaves room for our own suffixes on every file system. */
#define FERRY_FILE_NAME_MAX_BYTES 200

/**
 * ferry_file_name_sanitize:
 * @raw: (nullable): what the peer wrote; any bytes
 * @media_type: (nullable): what the peer says the file is; gives a file without a usable name
 * an extension, if it is a type we know
 * @changed: (out) (optional): is the result different from @raw?
 *
 * Makes one path component that is valid UTF-8 in NFC, at most %FERRY_FILE_NAME_MAX_BYTES long,
 * visible, free of control and bidirectional characters, and of names and characters that some
 * system takes for something else. Sanitising the result again gives the same.
 *
 * Returns: (transfer full): the name; never empty, `.` or `..`
 */
char *ferry_file_name_sanitize (const char *raw, const char *media_type, gboolean *changed);

/**
 * ferry_file_name_with_number:
 * @name: a sanitised name
 * @n: 1 or more
 *
 * Returns: (transfer full): @name with ` (n)` before its extension, shortened if it must be
 */
char *ferry_file_name_with_number (const char *name, guint n);

/* Would a desktop run it, or something inside it, when it is opened? Then nobody may open it
 * from Ferry: by its last extension, whatever the case. */
gboolean ferry_file_name_is_runnable (const char *name);

/* Returns: (transfer full): @name between U+2068 and U+2069, so that its direction does not
 * turn the sentence around it */
char *ferry_file_name_for_display (const char *name);

G_END_DECLS
