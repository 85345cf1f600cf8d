/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-part.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ferry-id.h"
#include "transfer/ferry-disk.h"
#include "transfer/ferry-folder.h"

/* The part's own name needs only enough of the file's to be recognised. */
#define PART_NAME_BYTES 100
/* The end of an old part is fetched again: it may not have reached the disk. */
#define OVERLAP_BYTES (64 * 1024)

FerryPart *
ferry_part_new (const char *path, const char *name, gint64 size)
{
  FerryPart *part = g_new0 (FerryPart, 1);

  g_atomic_ref_count_init (&part->ref_count);
  part->folder = g_path_get_dirname (path);
  part->hidden = g_path_get_basename (path);
  part->name = g_strdup (name);
  part->size = size;
  part->folder_fd = -1;
  part->fd = -1;
  return part;
}

FerryPart *
ferry_part_ref (FerryPart *part)
{
  g_atomic_ref_count_inc (&part->ref_count);
  return part;
}

void
ferry_part_unref (gpointer data)
{
  FerryPart *part = data;

  if (!g_atomic_ref_count_dec (&part->ref_count))
    return;
  if (part->fd >= 0)
    close (part->fd);
  if (part->folder_fd >= 0)
    close (part->folder_fd);
  g_free (part->folder);
  g_free (part->name);
  g_free (part->hidden);
  g_free (part->path);
  g_clear_pointer (&part->writer, ferry_tree_writer_unref);
  g_clear_pointer (&part->folder_info, ferry_file_info_unref);
  g_free (part);
}

/* --- Opening ---------------------------------------------------------------------------------
 */

char *
ferry_part_make_name (const char *name)
{
  g_autofree char *id = ferry_id_new ();
  gsize length = MIN (strlen (name), PART_NAME_BYTES);

  while (length > 0 && (name[length] & 0xC0) == 0x80)
    length--; /* not inside a character */
  return g_strdup_printf (".%.*s.ferry-part-%.8s", (int) length, name, id);
}

/* Reserves the blocks, so that a full disk shows now and not at 99 %. */
static gboolean
reserve_blocks (FerryPart *part, GError **error)
{
  if (part->size <= 0 || fallocate (part->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t) part->size) == 0)
    return TRUE;
  if (errno != ENOSPC && errno != EDQUOT && errno != EFBIG)
    return TRUE; /* the file system cannot reserve */

  ferry_disk_set_error (error, "Reserving space", errno);
  return FALSE;
}

/* What was written of it by an earlier attempt. Only ours: a plain file that nobody linked to.
 */
static gboolean
open_old_part (FerryPart *part)
{
  struct stat info;
  int fd = openat (part->folder_fd, part->hidden, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0)
    return FALSE;
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_nlink == 1 &&
      info.st_uid == geteuid () && info.st_size > OVERLAP_BYTES && info.st_size <= part->size)
    {
      part->fd = fd;
      part->n_kept = (guint64) info.st_size - OVERLAP_BYTES;
      return TRUE;
    }
  close (fd);
  unlinkat (part->folder_fd, part->hidden, 0);
  return FALSE;
}

static gboolean
open_new_part (FerryPart *part, GError **error)
{
  part->fd = openat (part->folder_fd, part->hidden,
                     O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (part->fd >= 0)
    return TRUE;
  ferry_disk_set_error (error, "Creating the file", errno);
  g_clear_pointer (&part->hidden, g_free);
  return FALSE;
}

/* Bytes that the file still needs of the disk. */
static guint64
get_needed (FerryPart *part)
{
  struct stat info;
  guint64 size = (guint64) MAX (part->size, 0);

  if (part->fd < 0 || fstat (part->fd, &info) < 0)
    return size;
  guint64 has = (guint64) info.st_blocks * 512;
  return size > has ? size - has : 0;
}

/* A hidden folder of ours, new or left by an earlier attempt. */
static gboolean
open_folder_part (FerryPart *part, GError **error)
{
  struct stat info;

  if (mkdirat (part->folder_fd, part->hidden, 0700) < 0 && errno != EEXIST)
    {
      ferry_disk_set_error (error, "Making the folder", errno);
      g_clear_pointer (&part->hidden, g_free);
      return FALSE;
    }
  part->fd =
      openat (part->folder_fd, part->hidden, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (part->fd < 0 || fstat (part->fd, &info) < 0 || info.st_uid != geteuid ())
    {
      ferry_disk_set_error (error, "Opening the folder", part->fd < 0 ? errno : EPERM);
      return FALSE;
    }
  part->writer =
      ferry_tree_writer_new (part->fd, (guint64) part->size, part->folder_info->n_files,
                             part->folder_info->list_bytes);
  if (part->goes_on)
    part->n_kept = ferry_tree_writer_restore (part->writer);
  if (ferry_disk_check_space (part->folder_fd, (guint64) part->size - part->n_kept, error))
    return TRUE;
  /* Only if it is empty: what is in it is kept for when there is room. */
  unlinkat (part->folder_fd, part->hidden, AT_REMOVEDIR);
  return FALSE;
}

gboolean
ferry_part_open (gpointer data, GCancellable *cancellable, GError **error)
{
  FerryPart *part = data;

  part->folder_fd = open (part->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (part->folder_fd < 0)
    {
      ferry_disk_set_error (error, "Opening the folder", errno);
      g_clear_pointer (&part->hidden, g_free);
      return FALSE;
    }
  if (part->folder_info != NULL)
    return open_folder_part (part, error);
  gboolean is_old = part->goes_on && open_old_part (part);
  /* A size is only a claim: nothing is reserved for one that cannot be. */
  if (!ferry_disk_check_space (part->folder_fd, get_needed (part), error))
    return FALSE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!is_old && !open_new_part (part, error))
    return FALSE;
  if (reserve_blocks (part, error))
    return TRUE;
  if (!is_old)
    unlinkat (part->folder_fd, part->hidden, 0);
  return FALSE;
}

gboolean
ferry_part_probe (gpointer data, GCancellable *cancellable, GError **error)
{
  FerryPart *part = data;

  part->folder_fd = open (part->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (part->folder_fd < 0)
    return FALSE;
  part->fd = openat (part->folder_fd, part->hidden, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  return ferry_disk_check_space (part->folder_fd, get_needed (part), error);
}

/* --- Completing ------------------------------------------------------------------------------
 */

/* Best effort: a file without its date is still the file. */
static void
set_mtime (FerryPart *part)
{
  const struct timespec times[] = { { .tv_nsec = UTIME_OMIT },
                                    { .tv_sec = part->mtime_us / G_USEC_PER_SEC,
                                      .tv_nsec = part->mtime_us % G_USEC_PER_SEC * 1000 } };
  if (part->mtime_us > 0)
    futimens (part->fd, times);
}

static gboolean
give_name (FerryPart *part, const char *name, GError **error)
{
  g_autofree char *got = ferry_folder_publish (part->folder_fd, part->hidden, name, error);

  if (got == NULL)
    return FALSE;
  fsync (part->folder_fd);
  g_clear_pointer (&part->hidden, g_free);
  part->path = g_build_filename (part->folder, got, NULL);
  return TRUE;
}

gboolean
ferry_part_complete (gpointer data, GCancellable *cancellable, GError **error)
{
  FerryPart *part = data;

  if (part->writer != NULL)
    return ferry_tree_writer_finish (part->writer, error) &&
           !g_cancellable_set_error_if_cancelled (cancellable, error) &&
           give_name (part, part->name, error);
  if (fdatasync (part->fd) < 0)
    {
      ferry_disk_set_error (error, "Writing the file to the disk", errno);
      return FALSE;
    }
  set_mtime (part);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return give_name (part, part->name, error);
}

gboolean
ferry_part_set_aside (gpointer data, GCancellable *cancellable, GError **error)
{
  FerryPart *part = data;
  g_autofree char *name = g_strconcat (part->name, ".bad", NULL);

  return give_name (part, name, error);
}

gboolean
ferry_part_discard (gpointer data, GCancellable *cancellable, GError **error)
{
  FerryPart *part = data;

  if (part->hidden != NULL)
    ferry_folder_remove (part->folder_fd, part->hidden);
  g_clear_pointer (&part->hidden, g_free);
  return TRUE;
}

gboolean
ferry_part_keep (gpointer data, GCancellable *cancellable, GError **error)
{
  FerryPart *part = data;
  struct stat info;

  if (part->writer != NULL)
    return TRUE;
  if (fstat (part->fd, &info) < 0 || info.st_size <= OVERLAP_BYTES)
    return ferry_part_discard (data, cancellable, error);
  /* Its length stays; what was reserved beyond it is given back. */
  return ftruncate (part->fd, info.st_size) == 0;
}

gboolean
ferry_part_remove (gpointer data, GCancellable *cancellable, GError **error)
{
  /* Never anything else, whatever the records say. */
  if (strstr (data, ".ferry-part-") != NULL)
    ferry_folder_remove (AT_FDCWD, data);
  return TRUE;
}
