/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-tree-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ferry-hash.h"
#include "transfer/ferry-tree-place.h"

#define MAX_FAILED 100
#define BUFFER_BYTES (128 * 1024)

struct _FerryTreeReader
{
  gatomicrefcount ref_count;
  FerryTreeWalk *walk;
  FerryTreePlace place;
  guint64 at;  /* in the stream */
  guint index; /* of the entry there; behind the list */

  gboolean has_begun; /* the file at @index */
  gboolean has_failed;
  int fd;
  FerryHasher *hasher;
  gboolean has_trailer;
  guint8 trailer[FERRY_TREE_TRAILER_BYTES];

  _Atomic guint n_done;
  _Atomic guint n_failed;
  GPtrArray *failed;
};

FerryTreeReader *
ferry_tree_reader_new (FerryTreeWalk *walk)
{
  FerryTreeReader *self = g_new0 (FerryTreeReader, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->walk = ferry_tree_walk_ref (walk);
  self->fd = -1;
  self->failed = g_ptr_array_new_with_free_func (g_free);
  ferry_tree_place_init (&self->place, walk->root);
  return self;
}

FerryTreeReader *
ferry_tree_reader_ref (FerryTreeReader *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
leave_file (FerryTreeReader *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  self->has_begun = self->has_failed = self->has_trailer = FALSE;
  g_clear_pointer (&self->hasher, ferry_hasher_free);
}

void
ferry_tree_reader_unref (FerryTreeReader *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  leave_file (self);
  ferry_tree_place_clear (&self->place);
  ferry_tree_walk_unref (self->walk);
  g_ptr_array_unref (self->failed);
  g_free (self);
}

/* --- One file --------------------------------------------------------------------------------
 */

static const FerryTreeEntry *
get_entry (FerryTreeReader *self)
{
  return ferry_tree_get_entry (self->walk->tree, self->index);
}

static gboolean
is_as_listed (const FerryTreeEntry *entry, int fd)
{
  struct stat info;

  return fstat (fd, &info) == 0 && S_ISREG (info.st_mode) &&
         (guint64) info.st_size == entry->size && info.st_mtim.tv_sec == entry->mtime_s;
}

static int
open_file (FerryTreeReader *self)
{
  const char *path = self->walk->paths->pdata[self->index];
  const char *name;
  int folder = ferry_tree_place_enter (&self->place, path, &name);

  if (folder < 0)
    return -1;
  return openat (folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
}

static gboolean
read_exactly (int fd, guint8 *buffer, gsize size, guint64 at)
{
  while (size > 0)
    {
      gssize n = pread (fd, buffer, size, (off_t) at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return FALSE;
      buffer += n;
      size -= (gsize) n;
      at += (guint64) n;
    }
  return TRUE;
}

/* What is at the receiver's already counts for the hash. */
static gboolean
hash_beginning (FerryTreeReader *self, guint64 n_bytes)
{
  g_autofree guint8 *buffer = n_bytes > 0 ? g_malloc (BUFFER_BYTES) : NULL;

  for (guint64 at = 0; at < n_bytes;)
    {
      gsize n = (gsize) MIN (n_bytes - at, BUFFER_BYTES);
      if (!read_exactly (self->fd, buffer, n, at))
        return FALSE;
      ferry_hasher_update (self->hasher, buffer, n);
      at += n;
    }
  return TRUE;
}

static void
begin_file (FerryTreeReader *self)
{
  const FerryTreeEntry *entry = get_entry (self);
  guint64 begin = self->at - entry->start;

  self->has_begun = TRUE;
  self->fd = open_file (self);
  self->hasher = ferry_hasher_new (FERRY_HASH_SHA256);
  self->has_failed = self->fd < 0 || self->hasher == NULL || !is_as_listed (entry, self->fd) ||
                     !hash_beginning (self, MIN (begin, entry->size));
}

static void
end_file (FerryTreeReader *self)
{
  const FerryTreeEntry *entry = get_entry (self);
  FerryHash hash;

  self->has_trailer = TRUE;
  memset (self->trailer, 0, sizeof self->trailer);
  if (!self->has_failed && is_as_listed (entry, self->fd))
    {
      ferry_hasher_finish (self->hasher, &hash);
      memcpy (self->trailer + 1, hash.digest, sizeof self->trailer - 1);
      return;
    }
  self->trailer[0] = FERRY_TREE_FAILED;
  atomic_fetch_add (&self->n_failed, 1);
  if (self->failed->len < MAX_FAILED)
    g_ptr_array_add (self->failed, g_strdup (entry->path));
}

/* --- The stream ------------------------------------------------------------------------------
 */

static gsize
read_list (FerryTreeReader *self, guint8 *buffer, gsize size)
{
  gsize n_list;
  const guint8 *list = g_bytes_get_data (self->walk->list, &n_list);
  gsize n = MIN (size, n_list - (gsize) self->at);

  memcpy (buffer, list + self->at, n);
  return n;
}

/* Of a file that failed zeros: what was announced has to come. */
static gsize
read_bytes (FerryTreeReader *self, guint8 *buffer, gsize size, guint64 at, guint64 n_left)
{
  gsize n = (gsize) MIN (size, n_left);

  if (!self->has_failed && !read_exactly (self->fd, buffer, n, at))
    self->has_failed = TRUE;
  if (self->has_failed)
    memset (buffer, 0, n);
  else
    ferry_hasher_update (self->hasher, buffer, n);
  return n;
}

static gsize
read_trailer (FerryTreeReader *self, guint8 *buffer, gsize size, gsize at)
{
  gsize n = MIN (size, sizeof self->trailer - at);

  if (!self->has_trailer)
    end_file (self);
  memcpy (buffer, self->trailer + at, n);
  if (at + n == sizeof self->trailer)
    {
      atomic_fetch_add (&self->n_done, 1);
      leave_file (self);
      self->index++;
    }
  return n;
}

static gsize
read_some (FerryTreeReader *self, guint8 *buffer, gsize size)
{
  if (self->at < g_bytes_get_size (self->walk->list))
    return read_list (self, buffer, size);
  while (self->index < ferry_tree_get_n_entries (self->walk->tree) &&
         get_entry (self)->is_folder)
    self->index++;
  if (self->index == ferry_tree_get_n_entries (self->walk->tree))
    return 0;
  if (!self->has_begun)
    begin_file (self);

  const FerryTreeEntry *entry = get_entry (self);
  guint64 at = self->at - entry->start;
  return at < entry->size ? read_bytes (self, buffer, size, at, entry->size - at)
                          : read_trailer (self, buffer, size, (gsize) (at - entry->size));
}

static void
seek (FerryTreeReader *self, guint64 at)
{
  leave_file (self);
  self->at = at;
  self->index = ferry_tree_find (self->walk->tree, at);
  guint n_before = 0;
  for (guint i = 0; i < self->index; i++)
    n_before += ferry_tree_get_entry (self->walk->tree, i)->is_folder ? 0 : 1;
  atomic_store (&self->n_done, n_before);
}

static gsize
read_stream (gpointer data, guint8 *buffer, gsize size, guint64 at, GError **error)
{
  FerryTreeReader *self = data;
  gsize n_read = 0;

  if (at != self->at)
    seek (self, at);
  while (n_read < size)
    {
      gsize n = read_some (self, buffer + n_read, size - n_read);
      if (n == 0)
        break;
      n_read += n;
      self->at += n;
    }
  return n_read;
}

static void
unref_reader (gpointer data)
{
  ferry_tree_reader_unref (data);
}

const FerryPumpContent ferry_tree_reader_content = { .read = read_stream,
                                                     .unref = unref_reader };

guint
ferry_tree_reader_get_n_done (FerryTreeReader *self)
{
  return atomic_load (&self->n_done);
}

guint
ferry_tree_reader_get_n_failed (FerryTreeReader *self)
{
  return atomic_load (&self->n_failed);
}

GPtrArray *
ferry_tree_reader_get_failed (FerryTreeReader *self)
{
  return self->failed;
}
