/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-tree-writer-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ferry-error.h"
#include "transfer/ferry-disk.h"

#define BUFFER_BYTES (128 * 1024)
#define MAX_FAILED 100

FerryTreeWriter *
ferry_tree_writer_new (int root, guint64 size, guint n_files, guint list_bytes)
{
  FerryTreeWriter *self = g_new0 (FerryTreeWriter, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->root = fcntl (root, F_DUPFD_CLOEXEC, 3);
  self->size = size;
  self->n_files = n_files;
  self->list_bytes = list_bytes;
  self->list = g_byte_array_new ();
  self->fd = -1;
  self->state_fd = -1;
  self->failed = g_ptr_array_new_with_free_func (g_free);
  ferry_tree_place_init (&self->place, self->root);
  return self;
}

FerryTreeWriter *
ferry_tree_writer_ref (FerryTreeWriter *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_tree_writer_close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
ferry_tree_writer_unref (FerryTreeWriter *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  ferry_tree_writer_close_fd (&self->fd);
  ferry_tree_writer_close_fd (&self->state_fd);
  ferry_tree_place_clear (&self->place);
  ferry_tree_writer_close_fd (&self->root);
  g_clear_pointer (&self->hasher, ferry_hasher_free);
  g_clear_pointer (&self->tree, ferry_tree_free);
  g_byte_array_unref (self->list);
  g_ptr_array_unref (self->failed);
  g_free (self);
}

static gboolean
set_disk_error (GError **error, const char *doing)
{
  ferry_disk_set_error (error, doing, errno);
  return FALSE;
}

/* --- The list --------------------------------------------------------------------------------
 */

/* Returns: %FALSE if it is not that of the folder that was offered */
gboolean
ferry_tree_writer_parse_list (FerryTreeWriter *self, GError **error)
{
  g_autoptr (FerryTree) tree = ferry_tree_parse (self->list->data, self->list->len, error);

  if (tree == NULL)
    return FALSE;
  if (ferry_tree_get_n_files (tree) != self->n_files ||
      ferry_tree_get_stream_size (tree) != self->size)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                           "The list of the folder is not what the offer said");
      return FALSE;
    }
  g_clear_pointer (&self->tree, ferry_tree_free);
  self->tree = g_steal_pointer (&tree);
  return TRUE;
}

gboolean
ferry_tree_writer_open_state (FerryTreeWriter *self, int flags)
{
  ferry_tree_writer_close_fd (&self->state_fd);
  self->state_fd =
      openat (self->root, STATE_NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
  return self->state_fd >= 0;
}

/* The list first, and under its name only when it is whole: what a later attempt goes on with
 * is never half of it. */
static gboolean
keep_list (FerryTreeWriter *self, GError **error)
{
  int fd = openat (self->root, FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                   0600);
  gsize n_written = 0;

  while (fd >= 0 && n_written < self->list->len)
    {
      gssize n = write (fd, self->list->data + n_written, self->list->len - n_written);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      n_written += (gsize) n;
    }
  gboolean is_kept = fd >= 0 && n_written == self->list->len &&
                     ferry_tree_writer_open_state (self, O_CREAT | O_TRUNC) &&
                     renameat (self->root, FILE_NAME, self->root, LIST_NAME) == 0;
  if (!is_kept)
    set_disk_error (error, "Writing the list of the folder");
  ferry_tree_writer_close_fd (&fd);
  return is_kept;
}

static gboolean
take_list (
    FerryTreeWriter *self, const guint8 *data, gsize size, gsize *n_taken, GError **error)
{
  *n_taken = MIN (size, self->list_bytes - self->list->len);
  g_byte_array_append (self->list, data, (guint) *n_taken);
  return self->list->len < self->list_bytes ||
         (ferry_tree_writer_parse_list (self, error) && keep_list (self, error));
}

/* --- One entry -------------------------------------------------------------------------------
 */

static void
note_state (FerryTreeWriter *self, guint8 state)
{
  /* If this fails the file comes once more, should there be another attempt. */
  if (pwrite (self->state_fd, &state, 1, self->index) != 1)
    return;
}

/* Is it a fault of this one name, which others need not have? */
static gboolean
is_about_name (int errnum)
{
  return errnum == EINVAL || errnum == EILSEQ || errnum == ENAMETOOLONG || errnum == EEXIST ||
         errnum == EISDIR || errnum == ENOTEMPTY || errnum == ENOENT;
}

static gboolean
make_folder (FerryTreeWriter *self, const FerryTreeEntry *entry, GError **error)
{
  const char *name;
  int parent = ferry_tree_place_enter (&self->place, entry->path, &name);

  /* One that cannot be is not there for its files, each of which fails. */
  if (parent >= 0 && mkdirat (parent, name, 0700) == 0)
    return TRUE;
  return is_about_name (errno) || set_disk_error (error, "Making a folder");
}

/* Returns: is the hash that of the first @n_bytes now? */
static gboolean
hash_beginning (FerryTreeWriter *self, guint64 n_bytes)
{
  g_autofree guint8 *buffer = n_bytes > 0 ? g_malloc (BUFFER_BYTES) : NULL;

  for (guint64 at = 0; at < n_bytes;)
    {
      gssize n = pread (self->fd, buffer, (gsize) MIN (n_bytes - at, BUFFER_BYTES), (off_t) at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      ferry_hasher_update (self->hasher, buffer, (gsize) n);
      at += (guint64) n;
    }
  return TRUE;
}

static gboolean
begin_file (FerryTreeWriter *self, guint64 begin, GError **error)
{
  self->fd =
      openat (self->root, FILE_NAME,
              O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | (begin == 0 ? O_TRUNC : 0), 0600);
  if (self->fd < 0)
    return set_disk_error (error, "Creating a file");
  g_clear_pointer (&self->hasher, ferry_hasher_free);
  self->hasher = ferry_hasher_new (FERRY_HASH_SHA256);
  if (hash_beginning (self, begin))
    return TRUE;
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_CORRUPT,
                       "What is there of a file is not its beginning");
  return FALSE;
}

/* @good: (out): does it have its name now? Returns: %FALSE with @error if no other file would
 */
static gboolean
publish_file (FerryTreeWriter *self,
              const FerryTreeEntry *entry,
              gboolean *good,
              GError **error)
{
  /* The date that the sender says is believed from 1970 to tomorrow. */
  gint64 tomorrow = g_get_real_time () / G_USEC_PER_SEC + 24 * 3600;
  const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = entry->mtime_s } };
  const char *name;

  if (entry->mtime_s > 0 && entry->mtime_s < tomorrow)
    futimens (self->fd, times);
  int folder = ferry_tree_place_enter (&self->place, entry->path, &name);
  *good = folder >= 0 && renameat (self->root, FILE_NAME, folder, name) == 0;
  return *good || is_about_name (errno) || set_disk_error (error, "Naming a file");
}

static gboolean
is_good (FerryTreeWriter *self)
{
  FerryHash hash;

  ferry_hasher_finish (self->hasher, &hash);
  return self->trailer[0] == FERRY_TREE_WHOLE &&
         memcmp (hash.digest, self->trailer + 1, sizeof self->trailer - 1) == 0;
}

void
ferry_tree_writer_count_failed (FerryTreeWriter *self, const FerryTreeEntry *entry)
{
  atomic_fetch_add (&self->n_failed, 1);
  if (self->failed->len < MAX_FAILED)
    g_ptr_array_add (self->failed, g_strdup (entry->path));
}

static gboolean
end_file (FerryTreeWriter *self, const FerryTreeEntry *entry, GError **error)
{
  gboolean good = is_good (self);

  if (good && !publish_file (self, entry, &good, error))
    return FALSE;
  if (!good)
    ferry_tree_writer_count_failed (self, entry);
  note_state (self, good ? STATE_WHOLE : STATE_FAILED);
  ferry_tree_writer_close_fd (&self->fd);
  atomic_fetch_add (&self->n_done, 1);
  self->index++;
  return TRUE;
}

static gboolean
write_bytes (FerryTreeWriter *self, const guint8 *data, gsize size, guint64 at, GError **error)
{
  ferry_hasher_update (self->hasher, data, size);
  while (size > 0)
    {
      gssize n = pwrite (self->fd, data, size, (off_t) at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return set_disk_error (error, "Writing a file");
      data += n;
      size -= (gsize) n;
      at += (guint64) n;
    }
  return TRUE;
}

/* --- The stream ------------------------------------------------------------------------------
 */

/* Makes folders until a file comes, or the end. */
static gboolean
pass_folders (FerryTreeWriter *self, GError **error)
{
  for (; self->index < ferry_tree_get_n_entries (self->tree); self->index++)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (self->tree, self->index);
      if (!entry->is_folder)
        return TRUE;
      if (!make_folder (self, entry, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
take_file (
    FerryTreeWriter *self, const guint8 *data, gsize size, gsize *n_taken, GError **error)
{
  const FerryTreeEntry *entry = ferry_tree_get_entry (self->tree, self->index);
  guint64 at = self->at - entry->start;

  if (self->fd < 0 && !begin_file (self, MIN (at, entry->size), error))
    return FALSE;
  if (at < entry->size)
    {
      *n_taken = (gsize) MIN (size, entry->size - at);
      return write_bytes (self, data, *n_taken, at, error);
    }
  at -= entry->size;
  *n_taken = MIN (size, sizeof self->trailer - (gsize) at);
  memcpy (self->trailer + at, data, *n_taken);
  return at + *n_taken < sizeof self->trailer || end_file (self, entry, error);
}

static gboolean
take_some (
    FerryTreeWriter *self, const guint8 *data, gsize size, gsize *n_taken, GError **error)
{
  /* An empty list has come before the first byte. */
  if (self->tree == NULL || self->list->len < self->list_bytes)
    return take_list (self, data, size, n_taken, error);
  if (!pass_folders (self, error))
    return FALSE;
  if (self->index < ferry_tree_get_n_entries (self->tree))
    return take_file (self, data, size, n_taken, error);
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_TOO_MUCH,
                       "More came than the list of the folder says");
  return FALSE;
}

/* The sender begins at the beginning, whatever is there. */
void
ferry_tree_writer_start_over (FerryTreeWriter *self)
{
  ferry_tree_writer_close_fd (&self->fd);
  g_byte_array_set_size (self->list, 0);
  self->at = 0;
  self->index = 0;
  atomic_store (&self->n_done, 0);
  atomic_store (&self->n_failed, 0);
  g_ptr_array_set_size (self->failed, 0);
}

static gboolean
write_stream (gpointer data, const guint8 *bytes, gsize size, guint64 at, GError **error)
{
  FerryTreeWriter *self = data;

  if (at == 0 && self->at > 0)
    ferry_tree_writer_start_over (self);
  if (at != self->at)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                           "The sender goes on at another place than it was asked for");
      return FALSE;
    }
  while (size > 0)
    {
      gsize n_taken = 0;
      if (!take_some (self, bytes, size, &n_taken, error))
        return FALSE;
      bytes += n_taken;
      size -= n_taken;
      self->at += n_taken;
    }
  return TRUE;
}

static void
unref_writer (gpointer data)
{
  ferry_tree_writer_unref (data);
}

const FerryPumpContent ferry_tree_writer_content = { .write = write_stream,
                                                     .unref = unref_writer };

/* --- The end ---------------------------------------------------------------------------------
 */

gboolean
ferry_tree_writer_finish (FerryTreeWriter *self, GError **error)
{
  /* Of nothing the list is empty, and nobody has sent it. */
  if (self->list_bytes == 0 && self->tree == NULL &&
      !ferry_tree_writer_parse_list (self, error))
    return FALSE;
  if (self->tree == NULL || self->at != self->size)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_BROKEN,
                           "The folder has not all come");
      return FALSE;
    }
  if (!pass_folders (self, error))
    return FALSE;
  unlinkat (self->root, STATE_NAME, 0);
  unlinkat (self->root, FILE_NAME, 0);
  unlinkat (self->root, LIST_NAME, 0);
  /* Once for all: a sync for each of many small files takes many times as long. */
  return syncfs (self->root) == 0 || set_disk_error (error, "Writing the folder to the disk");
}

guint
ferry_tree_writer_get_n_done (FerryTreeWriter *self)
{
  return atomic_load (&self->n_done);
}

guint
ferry_tree_writer_get_n_failed (FerryTreeWriter *self)
{
  return atomic_load (&self->n_failed);
}

GPtrArray *
ferry_tree_writer_get_failed (FerryTreeWriter *self)
{
  return self->failed;
}
