/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-disk.h"

#include <errno.h>
#include <sys/statvfs.h>

#include "base/ferry-error.h"

#define RESERVE_MAX_BYTES (1000 * 1000 * 1000)

guint64
ferry_disk_get_usable (guint64 total, guint64 available)
{
  guint64 reserve = MIN (total / 20, RESERVE_MAX_BYTES);
  return available > reserve ? available - reserve : 0;
}

gboolean
ferry_disk_check_space (int fd, guint64 wanted, GError **error)
{
  struct statvfs disk;

  /* Some network and FUSE file systems know no numbers; the write itself will tell. */
  if (fstatvfs (fd, &disk) < 0 || disk.f_blocks == 0)
    return TRUE;

  guint64 block = disk.f_frsize;
  guint64 usable = ferry_disk_get_usable (disk.f_blocks * block, disk.f_bavail * block);
  if (wanted <= usable)
    return TRUE;

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_NO_SPACE,
               "%" G_GUINT64_FORMAT " bytes are wanted, %" G_GUINT64_FORMAT " can be used",
               wanted, usable);
  return FALSE;
}

void
ferry_disk_set_error (GError **error, const char *doing, int errnum)
{
  gboolean full = errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG;
  g_set_error (error, FERRY_ERROR, full ? FERRY_ERROR_NO_SPACE : FERRY_ERROR_TARGET, "%s: %s",
               doing, g_strerror (errnum));
}
