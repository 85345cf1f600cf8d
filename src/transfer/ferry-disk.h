/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room on a disk, and what an errno of a write means. Every call here may block. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ferry_disk_check_space:
 * @fd: any open file or folder on that disk
 * @wanted: bytes that are going to be written
 * @error: %FERRY_ERROR_NO_SPACE
 *
 * A reserve stays free: 5 % of the disk, at most 1 GB. A disk that does not tell passes.
 */
gboolean ferry_disk_check_space (int fd, guint64 wanted, GError **error);
/* The arithmetic of the above. Returns: bytes that a file may take */
guint64 ferry_disk_get_usable (guint64 total, guint64 available);
/* Sets %FERRY_ERROR_NO_SPACE or %FERRY_ERROR_TARGET for a failed write. @doing: "write" */
void ferry_disk_set_error (GError **error, const char *doing, int errnum);

G_END_DECLS
