/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-part-file"

#include "config.h"

#include "transfer/ferry-part-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ferry-error.h"
#include "base/ferry-id.h"
#include "transfer/ferry-disk.h"
#include "transfer/ferry-file-thread.h"
#include "transfer/ferry-folder.h"

/* The part's own name needs only enough of the file's to be recognised. */
#define PART_NAME_BYTES 100
/* The end of an old part is fetched again: it may not have reached the disk. */
#define OVERLAP_BYTES (64 * 1024)

/* What the threads work on; one at a time. */
typedef struct
{
  gatomicrefcount ref_count;
  char *folder;
  char *name;
  gint64 size;
  int folder_fd;
  int fd;
  char *part;                 /* the hidden name; NULL when there is no part (any more) */
  gboolean goes_on;           /* with what an earlier attempt wrote */
  guint64 n_kept;             /* bytes of that */
  gint64 mtime_us;            /* wall clock; 0 for none */
  char *path;                 /* once it has its name */
  FerryTreeWriter *writer;    /* of a folder; nullable */
  FerryFileInfo *folder_info; /* of a folder; nullable */
} Part;

struct _FerryPartFile
{
  GObject parent_instance;

  Part *part;
};

G_DEFINE_FINAL_TYPE (FerryPartFile, ferry_part_file, G_TYPE_OBJECT)

static Part *
part_ref (Part *part)
{
  g_atomic_ref_count_inc (&part->ref_count);
  return part;
}

static void
part_unref (gpointer data)
{
  Part *part = data;

  if (!g_atomic_ref_count_dec (&part->ref_count))
    return;
  if (part->fd >= 0)
    close (part->fd);
  if (part->folder_fd >= 0)
    close (part->folder_fd);
  g_free (part->folder);
  g_free (part->name);
  g_free (part->part);
  g_free (part->path);
  g_clear_pointer (&part->writer, ferry_tree_writer_unref);
  g_clear_pointer (&part->folder_info, ferry_file_info_unref);
  g_free (part);
}

static void
ferry_part_file_finalize (GObject *object)
{
  FerryPartFile *self = FERRY_PART_FILE (object);

  part_unref (self->part);

  G_OBJECT_CLASS (ferry_part_file_parent_class)->finalize (object);
}

static void
ferry_part_file_class_init (FerryPartFileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_part_file_finalize;
}

static void
ferry_part_file_init (FerryPartFile *self)
{
}

/* --- Creating -------------------------------------------------------------------------------
 */

static char *
make_part_name (const char *name)
{
  g_autofree char *id = ferry_id_new ();
  gsize length = MIN (strlen (name), PART_NAME_BYTES);

  while (length > 0 && (name[length] & 0xC0) == 0x80)
    length--; /* not inside a character */
  return g_strdup_printf (".%.*s.ferry-part-%.8s", (int) length, name, id);
}

/* Reserves the blocks, so that a full disk shows now and not at 99 %. */
static gboolean
reserve_blocks (Part *part, GError **error)
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
open_old_part (Part *part)
{
  struct stat info;
  int fd = openat (part->folder_fd, part->part, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

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
  unlinkat (part->folder_fd, part->part, 0);
  return FALSE;
}

static gboolean
open_new_part (Part *part, GError **error)
{
  part->fd = openat (part->folder_fd, part->part,
                     O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (part->fd >= 0)
    return TRUE;
  ferry_disk_set_error (error, "Creating the file", errno);
  g_clear_pointer (&part->part, g_free);
  return FALSE;
}

/* Bytes that the file still needs of the disk. */
static guint64
get_needed (Part *part)
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
open_folder_part (Part *part, GError **error)
{
  struct stat info;

  if (mkdirat (part->folder_fd, part->part, 0700) < 0 && errno != EEXIST)
    {
      ferry_disk_set_error (error, "Making the folder", errno);
      g_clear_pointer (&part->part, g_free);
      return FALSE;
    }
  part->fd =
      openat (part->folder_fd, part->part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
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
  unlinkat (part->folder_fd, part->part, AT_REMOVEDIR);
  return FALSE;
}

static gboolean
open_part (gpointer data, GCancellable *cancellable, GError **error)
{
  Part *part = data;

  part->folder_fd = open (part->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (part->folder_fd < 0)
    {
      ferry_disk_set_error (error, "Opening the folder", errno);
      g_clear_pointer (&part->part, g_free);
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
    unlinkat (part->folder_fd, part->part, 0);
  return FALSE;
}

char *
ferry_part_file_make_path (const char *folder, const char *name)
{
  g_return_val_if_fail (folder != NULL, NULL);
  g_return_val_if_fail (name != NULL && strchr (name, '/') == NULL, NULL);

  g_autofree char *part = make_part_name (name);
  return g_build_filename (folder, part, NULL);
}

/* Returns: (transfer full): for @path, in nobody's hands yet */
static Part *
part_new (const char *path, const char *name, gint64 size)
{
  Part *part = g_new0 (Part, 1);

  g_atomic_ref_count_init (&part->ref_count);
  part->folder = g_path_get_dirname (path);
  part->part = g_path_get_basename (path);
  part->name = g_strdup (name);
  part->size = size;
  part->folder_fd = -1;
  part->fd = -1;
  return part;
}

void
ferry_part_file_open_folder_async (const char *path,
                                   const char *name,
                                   const FerryFileInfo *info,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_return_if_fail (path != NULL);
  g_return_if_fail (name != NULL && strchr (name, '/') == NULL);
  g_return_if_fail (info->is_folder && info->size >= 0);

  Part *part = part_new (path, name, info->size);
  part->folder_info = ferry_file_info_ref ((FerryFileInfo *) info);
  part->goes_on = info->ranged;

  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_part_file_open_folder_async);
  g_task_set_task_data (task, part, part_unref);
  ferry_file_thread_run (task, open_part);
}

void
ferry_part_file_open_async (const char *path,
                            const char *name,
                            gint64 size,
                            gboolean goes_on,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (path != NULL);
  g_return_if_fail (name != NULL && strchr (name, '/') == NULL);
  g_return_if_fail (size >= -1);

  Part *part = part_new (path, name, size);
  part->goes_on = goes_on;

  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_part_file_open_async);
  g_task_set_task_data (task, part, part_unref);
  ferry_file_thread_run (task, open_part);
}

FerryPartFile *
ferry_part_file_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;

  FerryPartFile *self = g_object_new (FERRY_TYPE_PART_FILE, NULL);
  self->part = part_ref (g_task_get_task_data (G_TASK (result)));
  return self;
}

int
ferry_part_file_get_fd (FerryPartFile *self)
{
  g_return_val_if_fail (FERRY_IS_PART_FILE (self), -1);

  return self->part->fd;
}

FerryTreeWriter *
ferry_part_file_get_writer (FerryPartFile *self)
{
  g_return_val_if_fail (FERRY_IS_PART_FILE (self), NULL);

  return self->part->writer;
}

guint64
ferry_part_file_get_n_kept (FerryPartFile *self)
{
  g_return_val_if_fail (FERRY_IS_PART_FILE (self), 0);

  return self->part->n_kept;
}

/* --- Completing -----------------------------------------------------------------------------
 */

/* Best effort: a file without its date is still the file. */
static void
set_mtime (Part *part)
{
  const struct timespec times[] = { { .tv_nsec = UTIME_OMIT },
                                    { .tv_sec = part->mtime_us / G_USEC_PER_SEC,
                                      .tv_nsec = part->mtime_us % G_USEC_PER_SEC * 1000 } };
  if (part->mtime_us > 0)
    futimens (part->fd, times);
}

static gboolean
give_name (Part *part, const char *name, GError **error)
{
  g_autofree char *got = ferry_folder_publish (part->folder_fd, part->part, name, error);

  if (got == NULL)
    return FALSE;
  fsync (part->folder_fd);
  g_clear_pointer (&part->part, g_free);
  part->path = g_build_filename (part->folder, got, NULL);
  return TRUE;
}

static gboolean
complete_part (gpointer data, GCancellable *cancellable, GError **error)
{
  Part *part = data;

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

static gboolean
set_part_aside (gpointer data, GCancellable *cancellable, GError **error)
{
  Part *part = data;
  g_autofree char *name = g_strconcat (part->name, ".bad", NULL);

  return give_name (part, name, error);
}

static gboolean
discard_part (gpointer data, GCancellable *cancellable, GError **error)
{
  Part *part = data;

  if (part->part != NULL)
    ferry_folder_remove (part->folder_fd, part->part);
  g_clear_pointer (&part->part, g_free);
  return TRUE;
}

static gboolean
keep_part (gpointer data, GCancellable *cancellable, GError **error)
{
  Part *part = data;
  struct stat info;

  if (part->writer != NULL)
    return TRUE;
  if (fstat (part->fd, &info) < 0 || info.st_size <= OVERLAP_BYTES)
    return discard_part (data, cancellable, error);
  /* Its length stays; what was reserved beyond it is given back. */
  return ftruncate (part->fd, info.st_size) == 0;
}

static gboolean
remove_part (gpointer data, GCancellable *cancellable, GError **error)
{
  /* Never anything else, whatever the records say. */
  if (strstr (data, ".ferry-part-") != NULL)
    ferry_folder_remove (AT_FDCWD, data);
  return TRUE;
}

void
ferry_part_file_remove (const char *path)
{
  g_return_if_fail (path != NULL);

  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_set_source_tag (task, ferry_part_file_remove);
  g_task_set_task_data (task, g_strdup (path), g_free);
  ferry_file_thread_run (task, remove_part);
}

static gboolean
probe_space (gpointer data, GCancellable *cancellable, GError **error)
{
  Part *part = data;

  part->folder_fd = open (part->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (part->folder_fd < 0)
    return FALSE;
  part->fd = openat (part->folder_fd, part->part, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  return ferry_disk_check_space (part->folder_fd, get_needed (part), error);
}

void
ferry_part_file_probe_async (const char *path,
                             gint64 size,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (path != NULL);

  Part *part = part_new (path, NULL, size);

  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (task, ferry_part_file_probe_async);
  g_task_set_task_data (task, part, part_unref);
  ferry_file_thread_run (task, probe_space);
}

gboolean
ferry_part_file_probe_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
run_on_part (FerryPartFile *self,
             FerryFileWork work,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, run_on_part);
  g_task_set_task_data (task, part_ref (self->part), part_unref);
  ferry_file_thread_run (task, work);
}

/* The peer's date is believed from 1970 to tomorrow (a clock may go wrong). */
static gint64
get_sane_mtime_us (GDateTime *date)
{
  if (date == NULL)
    return 0;

  gint64 seconds = g_date_time_to_unix (date);
  gint64 tomorrow = g_get_real_time () / G_USEC_PER_SEC + 24 * 3600;
  if (seconds < 0 || seconds > tomorrow)
    return 0;
  return seconds * G_USEC_PER_SEC + g_date_time_get_microsecond (date);
}

void
ferry_part_file_complete_async (FerryPartFile *self,
                                GDateTime *date,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PART_FILE (self));
  g_return_if_fail (self->part->part != NULL);

  self->part->mtime_us = get_sane_mtime_us (date);
  run_on_part (self, complete_part, cancellable, callback, user_data);
}

void
ferry_part_file_set_aside_async (FerryPartFile *self,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PART_FILE (self));
  g_return_if_fail (self->part->part != NULL);

  run_on_part (self, set_part_aside, NULL, callback, user_data);
}

char *
ferry_part_file_complete_finish (FerryPartFile *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_boolean (G_TASK (result), error) ? g_strdup (self->part->path) : NULL;
}

void
ferry_part_file_keep_async (FerryPartFile *self,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PART_FILE (self));

  run_on_part (self, keep_part, NULL, callback, user_data);
}

void
ferry_part_file_discard_async (FerryPartFile *self,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PART_FILE (self));

  run_on_part (self, discard_part, NULL, callback, user_data);
}
