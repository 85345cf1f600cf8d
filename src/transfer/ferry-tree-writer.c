/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-tree-writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ferry-error.h"
#include "base/ferry-hash.h"
#include "base/ferry-tree.h"
#include "transfer/ferry-disk.h"
#include "transfer/ferry-tree-place.h"

/* Our own files in the folder; no name that has gone through the sanitiser begins like this. */
#define LIST_NAME ".ferry-list"
#define STATE_NAME ".ferry-state" /* a byte for each entry */
#define FILE_NAME ".ferry-file"   /* what is being written */
/* The end of a file that is not whole is fetched again: it may not have reached the disk. */
#define OVERLAP_BYTES (64 * 1024)
#define BUFFER_BYTES (128 * 1024)
#define MAX_FAILED 100

enum
{
  STATE_OPEN,
  STATE_WHOLE,
  STATE_FAILED,
};

struct _FerryTreeWriter
{
  gatomicrefcount ref_count;
  int root;
  guint64 size;
  guint n_files;
  guint list_bytes;

  guint64 at;       /* in the stream */
  GByteArray *list; /* as much as has come of it */
  FerryTree *tree;  /* once it has all come */
  guint index;      /* of the entry at @at */
  FerryTreePlace place;
  int state_fd;

  int fd; /* of the file at @index; -1: not begun */
  FerryHasher *hasher;
  guint8 trailer[FERRY_TREE_TRAILER_BYTES];

  _Atomic guint n_done;
  _Atomic guint n_failed;
  GPtrArray *failed;
};

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

static void
close_fd (int *fd)
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
  close_fd (&self->fd);
  close_fd (&self->state_fd);
  ferry_tree_place_clear (&self->place);
  close_fd (&self->root);
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
static gboolean
parse_list (FerryTreeWriter *self, GError **error)
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

static gboolean
open_state (FerryTreeWriter *self, int flags)
{
  close_fd (&self->state_fd);
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
                     open_state (self, O_CREAT | O_TRUNC) &&
                     renameat (self->root, FILE_NAME, self->root, LIST_NAME) == 0;
  if (!is_kept)
    set_disk_error (error, "Writing the list of the folder");
  close_fd (&fd);
  return is_kept;
}

static gboolean
take_list (
    FerryTreeWriter *self, const guint8 *data, gsize size, gsize *n_taken, GError **error)
{
  *n_taken = MIN (size, self->list_bytes - self->list->len);
  g_byte_array_append (self->list, data, (guint) *n_taken);
  return self->list->len < self->list_bytes ||
         (parse_list (self, error) && keep_list (self, error));
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

static gboolean
make_folder (FerryTreeWriter *self, const FerryTreeEntry *entry, GError **error)
{
  const char *name;
  int parent = ferry_tree_place_enter (&self->place, entry->path, &name);

  if (parent < 0 || (mkdirat (parent, name, 0700) < 0 && errno != EEXIST))
    return set_disk_error (error, "Making a folder");
  return TRUE;
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

static gboolean
publish_file (FerryTreeWriter *self, const FerryTreeEntry *entry, GError **error)
{
  /* The date that the sender says is believed from 1970 to tomorrow. */
  gint64 tomorrow = g_get_real_time () / G_USEC_PER_SEC + 24 * 3600;
  const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = entry->mtime_s } };
  const char *name;
  int folder = ferry_tree_place_enter (&self->place, entry->path, &name);

  if (entry->mtime_s > 0 && entry->mtime_s < tomorrow)
    futimens (self->fd, times);
  if (folder < 0 || renameat (self->root, FILE_NAME, folder, name) < 0)
    return set_disk_error (error, "Naming a file");
  return TRUE;
}

static gboolean
is_good (FerryTreeWriter *self)
{
  FerryHash hash;

  ferry_hasher_finish (self->hasher, &hash);
  return self->trailer[0] == FERRY_TREE_WHOLE &&
         memcmp (hash.digest, self->trailer + 1, sizeof self->trailer - 1) == 0;
}

static void
count_failed (FerryTreeWriter *self, const FerryTreeEntry *entry)
{
  atomic_fetch_add (&self->n_failed, 1);
  if (self->failed->len < MAX_FAILED)
    g_ptr_array_add (self->failed, g_strdup (entry->path));
}

static gboolean
end_file (FerryTreeWriter *self, const FerryTreeEntry *entry, GError **error)
{
  gboolean good = is_good (self);

  if (good && !publish_file (self, entry, error))
    return FALSE;
  if (!good)
    count_failed (self, entry);
  note_state (self, good ? STATE_WHOLE : STATE_FAILED);
  close_fd (&self->fd);
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
static void
start_over (FerryTreeWriter *self)
{
  close_fd (&self->fd);
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
    start_over (self);
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

/* --- What an earlier attempt has left --------------------------------------------------------
 */

static gboolean
read_list (FerryTreeWriter *self)
{
  int fd = openat (self->root, LIST_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  struct stat info;
  gboolean is_there = fd >= 0 && fstat (fd, &info) == 0 && info.st_size == self->list_bytes;
  gsize n_read = 0;

  g_byte_array_set_size (self->list, is_there ? self->list_bytes : 0);
  while (is_there && n_read < self->list_bytes)
    {
      gssize n = read (fd, self->list->data + n_read, self->list_bytes - n_read);
      if (n < 0 && errno == EINTR)
        continue;
      is_there = n > 0;
      n_read += n > 0 ? (gsize) n : 0;
    }
  close_fd (&fd);
  return is_there && parse_list (self, NULL) && open_state (self, 0);
}

/* Is the entry at the index dealt with? After a crash of the system a file may be shorter. */
static gboolean
is_settled (FerryTreeWriter *self, const FerryTreeEntry *entry)
{
  const char *name;
  int folder = ferry_tree_place_enter (&self->place, entry->path, &name);
  guint8 state = STATE_OPEN;
  struct stat info;

  if (entry->is_folder)
    return folder >= 0 && fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR (info.st_mode);
  if (pread (self->state_fd, &state, 1, self->index) != 1)
    return FALSE;
  if (state == STATE_FAILED)
    return TRUE;
  return state == STATE_WHOLE && folder >= 0 &&
         fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG (info.st_mode) &&
         (guint64) info.st_size == entry->size;
}

static void
pass_settled (FerryTreeWriter *self)
{
  for (; self->index < ferry_tree_get_n_entries (self->tree); self->index++)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (self->tree, self->index);
      guint8 state = STATE_OPEN;
      if (!is_settled (self, entry))
        return;
      if (entry->is_folder)
        continue;
      atomic_fetch_add (&self->n_done, 1);
      if (pread (self->state_fd, &state, 1, self->index) == 1 && state == STATE_FAILED)
        count_failed (self, entry);
    }
}

static gboolean
is_file_left (FerryTreeWriter *self)
{
  for (guint i = self->index; i < ferry_tree_get_n_entries (self->tree); i++)
    if (!ferry_tree_get_entry (self->tree, i)->is_folder)
      return TRUE;
  return FALSE;
}

/* Nobody can be asked for nothing, so the last file comes once more where all are there.
 * Returns: %FALSE if there is no file at all */
static gboolean
leave_one_open (FerryTreeWriter *self)
{
  if (is_file_left (self))
    return TRUE;
  while (self->index > 0)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (self->tree, --self->index);
      if (entry->is_folder)
        continue;
      atomic_fetch_sub (&self->n_done, 1);
      return TRUE;
    }
  return FALSE;
}

/* Bytes of the file at the index that are worth keeping. */
static guint64
get_begun (FerryTreeWriter *self, const FerryTreeEntry *entry)
{
  struct stat info;

  if (fstatat (self->root, FILE_NAME, &info, AT_SYMLINK_NOFOLLOW) < 0 ||
      !S_ISREG (info.st_mode) || info.st_size <= OVERLAP_BYTES ||
      (guint64) info.st_size > entry->size)
    return 0;
  return (guint64) info.st_size - OVERLAP_BYTES;
}

guint64
ferry_tree_writer_restore (FerryTreeWriter *self)
{
  start_over (self);
  if (!read_list (self))
    {
      start_over (self);
      return 0;
    }
  pass_settled (self);
  if (!leave_one_open (self))
    {
      start_over (self);
      return 0;
    }
  /* A folder that is missing is made when the next file comes. */
  for (guint i = self->index;; i++)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (self->tree, i);
      if (entry->is_folder)
        continue;
      self->at = entry->start + (i == self->index ? get_begun (self, entry) : 0);
      return self->at;
    }
}

/* --- The end ---------------------------------------------------------------------------------
 */

gboolean
ferry_tree_writer_finish (FerryTreeWriter *self, GError **error)
{
  /* Of nothing the list is empty, and nobody has sent it. */
  if (self->list_bytes == 0 && self->tree == NULL && !parse_list (self, error))
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
