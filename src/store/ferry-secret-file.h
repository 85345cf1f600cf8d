/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of names and secrets (a JSON object) that only the user can read. The functions block:
 * they are for a worker thread, one at a time for each file. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full) (nullable): %NULL without an error if file or name are not there;
 * errors: %FERRY_ERROR_STORE */
char *ferry_secret_file_lookup (const char *path, const char *name, GError **error);

/**
 * ferry_secret_file_set:
 * @secret: (nullable): %NULL removes the name
 *
 * Replaces the file by a new one, at once and whole. One that cannot be understood is kept
 * beside it as `.damaged`.
 */
gboolean
ferry_secret_file_set (const char *path, const char *name, const char *secret, GError **error);

G_END_DECLS
