/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-source-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ferry-error.h"
#include "transfer/ferry-file-thread.h"
#include "transfer/ferry-zip-reader.h"

#define BUFFER_BYTES (256 * 1024)
/* Clocks of file systems are coarse, and those of servers not ours. */
#define SETTLED_S 3

/* What the threads work on; one at a time. */
typedef struct
{
  gatomicrefcount ref_count;
  char *path;
  FerryHashAlgo algo;
  int fd;
  struct stat opened;
  gboolean is_settled;
  FerryFileInfo *info;
  char *key;
  FerryTreeWalk *walk; /* of a folder; nullable */
} Source;

struct _FerrySourceFile
{
  GObject parent_instance;

  Source *source;
};

G_DEFINE_FINAL_TYPE (FerrySourceFile, ferry_source_file, G_TYPE_OBJECT)

static void
source_unref (gpointer data)
{
  Source *source = data;

  if (!g_atomic_ref_count_dec (&source->ref_count))
    return;
  if (source->fd >= 0)
    close (source->fd);
  g_clear_pointer (&source->info, ferry_file_info_unref);
  g_clear_pointer (&source->walk, ferry_tree_walk_unref);
  g_free (source->path);
  g_free (source->key);
  g_free (source);
}

static Source *
source_ref (Source *source)
{
  g_atomic_ref_count_inc (&source->ref_count);
  return source;
}

static void
ferry_source_file_finalize (GObject *object)
{
  FerrySourceFile *self = FERRY_SOURCE_FILE (object);

  source_unref (self->source);

  G_OBJECT_CLASS (ferry_source_file_parent_class)->finalize (object);
}

static void
ferry_source_file_class_init (FerrySourceFileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_source_file_finalize;
}

static void
ferry_source_file_init (FerrySourceFile *self)
{
}

static gboolean
set_source_error (GError **error, const char *doing, int errnum)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE, "%s: %s", doing, g_strerror (errnum));
  return FALSE;
}

static FerryFileInfo *
describe (Source *source)
{
  g_autofree char *base = g_path_get_basename (source->path);
  g_autofree char *name = g_filename_display_name (base);
  g_autofree char *content_type = g_content_type_guess (name, NULL, 0, NULL);
  FerryFileInfo *info = ferry_file_info_new (name, source->opened.st_size);

  info->media_type = g_content_type_get_mime_type (content_type);
  info->date = g_date_time_new_from_unix_utc (source->opened.st_mtim.tv_sec);
  info->ranged = TRUE;
  return info;
}

static gboolean
hash_source (gpointer data, GCancellable *cancellable, GError **error)
{
  Source *source = data;
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (source->algo);
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  off_t at = 0;

  if (hasher == NULL)
    return TRUE; /* then the file goes without a hash */
  while (at < source->opened.st_size)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      gssize n = pread (source->fd, buffer, BUFFER_BYTES, at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return set_source_error (error, "Reading the file", n < 0 ? errno : EIO);
      ferry_hasher_update (hasher, buffer, (gsize) n);
      at += n;
    }
  ferry_hasher_finish (hasher, &source->info->hash);
  return TRUE;
}

/* What decides about the stream: the same list of the same folder gives the same one. */
static char *
make_folder_key (Source *source)
{
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA256);
  gsize size;
  const guint8 *list = g_bytes_get_data (source->walk->list, &size);
  FerryHash hash;

  ferry_hasher_update (hasher, list, size);
  ferry_hasher_finish (hasher, &hash);
  g_autofree char *hex = ferry_hash_to_hex (&hash);
  return g_strconcat ("folder:", hex, NULL);
}

/* Returns: (nullable): the folder as those see it who know only files */
static FerryFileInfo *
describe_archive (Source *source, const char *name)
{
  gint64 size = ferry_zip_reader_measure (source->walk, name);
  g_autofree char *archive_name = g_strconcat (name, ".zip", NULL);

  if (size < 0)
    return NULL;
  FerryFileInfo *info = ferry_file_info_new (archive_name, size);
  info->media_type = g_strdup ("application/zip");
  info->date = g_date_time_ref (source->info->date);
  info->hash_used = source->algo;
  return info;
}

static gboolean
open_folder (Source *source, GCancellable *cancellable, GError **error)
{
  g_autofree char *base = g_path_get_basename (source->path);
  g_autofree char *name = g_filename_display_name (base);

  source->walk = ferry_tree_walk_run (source->path, cancellable, error);
  if (source->walk == NULL)
    return FALSE;
  const FerryTree *tree = source->walk->tree;
  source->key = make_folder_key (source);
  source->info = ferry_file_info_new (name, (gint64) ferry_tree_get_stream_size (tree));
  source->info->is_folder = TRUE;
  source->info->n_files = ferry_tree_get_n_files (tree);
  source->info->list_bytes = (guint) g_bytes_get_size (source->walk->list);
  source->info->ranged = TRUE;
  source->info->date = g_date_time_new_from_unix_utc (source->opened.st_mtim.tv_sec);
  source->info->plain = describe_archive (source, name);
  return TRUE;
}

static gboolean
open_source (gpointer data, GCancellable *cancellable, GError **error)
{
  Source *source = data;

  /* Without O_NONBLOCK a FIFO would hold this thread for ever. */
  source->fd = open (source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (source->fd < 0 || fstat (source->fd, &source->opened) < 0)
    return set_source_error (error, "Opening the file", errno);
  if (S_ISDIR (source->opened.st_mode))
    return open_folder (source, cancellable, error);
  if (!S_ISREG (source->opened.st_mode))
    return set_source_error (error, "Opening the file", EINVAL);

  source->info = describe (source);
  source->key = g_strdup_printf (
      "%ju:%ju:%jd:%jd.%09ld", (uintmax_t) source->opened.st_dev,
      (uintmax_t) source->opened.st_ino, (intmax_t) source->opened.st_size,
      (intmax_t) source->opened.st_mtim.tv_sec, source->opened.st_mtim.tv_nsec);
  source->is_settled =
      source->opened.st_mtim.tv_sec <= g_get_real_time () / G_USEC_PER_SEC - SETTLED_S;
  if (source->algo == FERRY_HASH_NONE)
    return TRUE;
  if (source->opened.st_size < FERRY_SOURCE_FILE_MIN_ASK_BYTES)
    return hash_source (source, cancellable, error);
  if (source->opened.st_size > FERRY_SOURCE_FILE_MAX_HASH_BYTES)
    source->info->hash_used = source->algo;
  return TRUE;
}

void
ferry_source_file_open_async (const char *path,
                              FerryHashAlgo hash,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_return_if_fail (path != NULL);

  Source *source = g_new0 (Source, 1);
  g_atomic_ref_count_init (&source->ref_count);
  source->path = g_strdup (path);
  source->algo = hash;
  source->fd = -1;

  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_source_file_open_async);
  g_task_set_task_data (task, source, source_unref);
  ferry_file_thread_run (task, open_source);
}

FerrySourceFile *
ferry_source_file_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;

  FerrySourceFile *self = g_object_new (FERRY_TYPE_SOURCE_FILE, NULL);
  self->source = source_ref (g_task_get_task_data (G_TASK (result)));
  return self;
}

int
ferry_source_file_get_fd (FerrySourceFile *self)
{
  g_return_val_if_fail (FERRY_IS_SOURCE_FILE (self), -1);

  return self->source->fd;
}

FerryFileInfo *
ferry_source_file_get_info (FerrySourceFile *self)
{
  g_return_val_if_fail (FERRY_IS_SOURCE_FILE (self), NULL);

  return self->source->info;
}

void
ferry_source_file_use_archive (FerrySourceFile *self)
{
  g_return_if_fail (FERRY_IS_SOURCE_FILE (self));
  g_return_if_fail (self->source->info->plain != NULL);

  FerryFileInfo *folder = self->source->info;
  self->source->info = ferry_file_info_ref (folder->plain);
  ferry_file_info_unref (folder);
}

FerryTreeWalk *
ferry_source_file_get_walk (FerrySourceFile *self)
{
  g_return_val_if_fail (FERRY_IS_SOURCE_FILE (self), NULL);

  return self->source->walk;
}

const char *
ferry_source_file_get_key (FerrySourceFile *self)
{
  g_return_val_if_fail (FERRY_IS_SOURCE_FILE (self), NULL);

  return self->source->key;
}

gboolean
ferry_source_file_is_settled (FerrySourceFile *self)
{
  g_return_val_if_fail (FERRY_IS_SOURCE_FILE (self), FALSE);

  return self->source->is_settled;
}

void
ferry_source_file_hash_async (FerrySourceFile *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_return_if_fail (FERRY_IS_SOURCE_FILE (self));

  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_source_file_hash_async);
  g_task_set_task_data (task, source_ref (self->source), source_unref);
  ferry_file_thread_run (task, hash_source);
}

gboolean
ferry_source_file_hash_finish (FerrySourceFile *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ferry_source_file_set_hash (FerrySourceFile *self, const FerryHash *hash)
{
  g_return_if_fail (FERRY_IS_SOURCE_FILE (self));

  self->source->info->hash = *hash;
}

static gboolean
check_source (gpointer data, GCancellable *cancellable, GError **error)
{
  Source *source = data;
  struct stat now;

  /* Of a folder each file was looked at when it was its turn. */
  if (source->walk != NULL)
    return TRUE;
  if (fstat (source->fd, &now) < 0)
    return set_source_error (error, "Looking at the file", errno);
  if (now.st_size == source->opened.st_size && now.st_ino == source->opened.st_ino &&
      now.st_mtim.tv_sec == source->opened.st_mtim.tv_sec &&
      now.st_mtim.tv_nsec == source->opened.st_mtim.tv_nsec)
    return TRUE;

  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_SOURCE,
                       "The file was changed while it was sent");
  return FALSE;
}

void
ferry_source_file_check_async (FerrySourceFile *self,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (FERRY_IS_SOURCE_FILE (self));

  GTask *task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, ferry_source_file_check_async);
  g_task_set_task_data (task, source_ref (self->source), source_unref);
  ferry_file_thread_run (task, check_source);
}

gboolean
ferry_source_file_check_finish (FerrySourceFile *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
