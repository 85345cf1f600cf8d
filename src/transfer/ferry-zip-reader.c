/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-zip-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ferry-error.h"
#include "transfer/ferry-libarchive.h"
#include "transfer/ferry-tree-place.h"

#define CHUNK_BYTES (128 * 1024)
/* From about here on numbers in the archive take more room, depending on what is before. */
#define SHORT_BYTES (G_GUINT64_CONSTANT (3) << 30)

struct _FerryZipReader
{
  const FerryLibarchive *la; /* nullable: there is none */
  FerryTreeWalk *walk;
  char *name;
  FerryTreePlace place;
  struct archive *archive;
  GByteArray *out; /* made, but not read yet … */
  guint n_taken;   /* … from here on */
  guint64 n_made;

  guint index;
  gboolean is_open; /* the entry at @index */
  int fd;
  guint64 n_done; /* bytes of it */
  gboolean is_closed;
  gboolean only_measures;
};

static la_ssize_t
take_bytes (struct archive *archive, void *data, const void *bytes, size_t size)
{
  FerryZipReader *self = data;

  if (!self->only_measures)
    g_byte_array_append (self->out, bytes, (guint) size);
  self->n_made += size;
  return (la_ssize_t) size;
}

FerryZipReader *
ferry_zip_reader_new (FerryTreeWalk *walk, const char *name)
{
  FerryZipReader *self = g_new0 (FerryZipReader, 1);

  self->walk = ferry_tree_walk_ref (walk);
  self->name = g_strdup (name);
  self->fd = -1;
  self->out = g_byte_array_new ();
  ferry_tree_place_init (&self->place, walk->root);
  self->la = ferry_libarchive_get ();
  if (self->la == NULL)
    return self;
  self->archive = self->la->archive_write_new ();
  self->la->archive_write_set_format_zip (self->archive);
  self->la->archive_write_zip_set_compression_store (self->archive);
  self->la->archive_write_set_options (self->archive, "zip:hdrcharset=UTF-8");
  self->la->archive_write_set_bytes_per_block (self->archive, 0);
  return self;
}

void
ferry_zip_reader_unref (gpointer reader)
{
  FerryZipReader *self = reader;

  if (self->fd >= 0)
    close (self->fd);
  if (self->archive != NULL)
    self->la->archive_write_free (self->archive);
  ferry_tree_place_clear (&self->place);
  ferry_tree_walk_unref (self->walk);
  g_byte_array_unref (self->out);
  g_free (self->name);
  g_free (self);
}

static gboolean
fail (FerryZipReader *self, GError **error)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE, "Making the archive: %s",
               self->la->archive_error_string (self->archive));
  return FALSE;
}

static gboolean
open_archive (FerryZipReader *self, GError **error)
{
  if (self->la == NULL)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_SOURCE, "libarchive is missing");
      return FALSE;
    }
  return self->la->archive_write_open (self->archive, self, NULL, take_bytes, NULL) ==
             ARCHIVE_OK ||
         fail (self, error);
}

static gboolean
begin_entry (FerryZipReader *self, const FerryTreeEntry *entry, GError **error)
{
  struct archive_entry *header = self->la->archive_entry_new ();
  g_autofree char *path = g_strconcat (self->name, "/", entry->path, NULL);

  self->la->archive_entry_set_pathname_utf8 (header, path);
  self->la->archive_entry_set_filetype (header, entry->is_folder ? AE_IFDIR : AE_IFREG);
  self->la->archive_entry_set_perm (header, entry->is_folder ? 0755 : 0644);
  self->la->archive_entry_set_mtime (header, entry->mtime_s, 0);
  self->la->archive_entry_set_size (header, (la_int64_t) entry->size);
  gboolean done = self->la->archive_write_header (self->archive, header) == ARCHIVE_OK;
  self->la->archive_entry_free (header);
  self->is_open = TRUE;
  self->n_done = 0;
  return done || fail (self, error);
}

static gboolean
end_entry (FerryZipReader *self, GError **error)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
  self->is_open = FALSE;
  self->index++;
  return self->la->archive_write_finish_entry (self->archive) == ARCHIVE_OK ||
         fail (self, error);
}

/* --- The size --------------------------------------------------------------------------------
 */

static gboolean
add_zeros (FerryZipReader *self, guint64 n_left)
{
  static const guint8 zeros[CHUNK_BYTES];

  while (n_left > 0)
    {
      gsize n = (gsize) MIN (n_left, sizeof zeros);
      if (self->la->archive_write_data (self->archive, zeros, n) != (la_ssize_t) n)
        return FALSE;
      n_left -= n;
    }
  return TRUE;
}

/* The bytes of files count as they are; where they would make numbers longer, zeros stand for
 * them. */
static gboolean
measure_all (FerryZipReader *self, gboolean is_short)
{
  const FerryTree *tree = self->walk->tree;

  for (guint i = 0; i < ferry_tree_get_n_entries (tree); i++)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (tree, i);
      if (!begin_entry (self, entry, NULL) || (!is_short && !add_zeros (self, entry->size)) ||
          !end_entry (self, NULL))
        return FALSE;
    }
  return self->la->archive_write_close (self->archive) == ARCHIVE_OK;
}

gint64
ferry_zip_reader_measure (FerryTreeWalk *walk, const char *name)
{
  FerryZipReader *self = ferry_zip_reader_new (walk, name);
  gboolean is_short = walk->n_bytes < SHORT_BYTES;

  self->only_measures = TRUE;
  if (self->la != NULL)
    self->la->archive_write_set_options (self->archive, "zip:fakecrc32");
  gboolean done = open_archive (self, NULL) && measure_all (self, is_short);
  gint64 size = (gint64) (self->n_made + (is_short ? walk->n_bytes : 0));
  ferry_zip_reader_unref (self);
  return done ? size : -1;
}

/* --- The bytes -------------------------------------------------------------------------------
 */

static gboolean
set_changed (FerryZipReader *self, GError **error)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE, "“%s” is not what it was any more",
               ferry_tree_get_entry (self->walk->tree, self->index)->path);
  return FALSE;
}

static gboolean
open_file (FerryZipReader *self, const FerryTreeEntry *entry, GError **error)
{
  const char *path = self->walk->paths->pdata[self->index];
  const char *name;
  int folder = ferry_tree_place_enter (&self->place, path, &name);
  struct stat info;

  if (folder >= 0)
    self->fd = openat (folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
  if (self->fd < 0 || fstat (self->fd, &info) < 0 || !S_ISREG (info.st_mode) ||
      (guint64) info.st_size != entry->size || info.st_mtim.tv_sec != entry->mtime_s)
    return set_changed (self, error);
  return TRUE;
}

static gboolean
add_bytes (FerryZipReader *self, const FerryTreeEntry *entry, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (CHUNK_BYTES);
  gssize n;

  do
    n = pread (self->fd, buffer, (gsize) MIN (entry->size - self->n_done, CHUNK_BYTES),
               (off_t) self->n_done);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return set_changed (self, error);
  self->n_done += (guint64) n;
  return self->la->archive_write_data (self->archive, buffer, (gsize) n) == n ||
         fail (self, error);
}

/* Makes a little more of the archive. Returns: %FALSE with @error */
static gboolean
make_some (FerryZipReader *self, GError **error)
{
  if (self->index == ferry_tree_get_n_entries (self->walk->tree))
    {
      self->is_closed = TRUE;
      return self->la->archive_write_close (self->archive) == ARCHIVE_OK || fail (self, error);
    }
  const FerryTreeEntry *entry = ferry_tree_get_entry (self->walk->tree, self->index);
  if (!self->is_open)
    return (entry->is_folder || open_file (self, entry, error)) &&
           begin_entry (self, entry, error);
  if (self->n_done < entry->size)
    return add_bytes (self, entry, error);
  return end_entry (self, error);
}

static gsize
read_archive (gpointer data, guint8 *buffer, gsize size, guint64 at, GError **error)
{
  FerryZipReader *self = data;

  if (at == 0 && self->n_made == 0 && !open_archive (self, error))
    return 0;
  while (self->n_taken == self->out->len)
    {
      g_byte_array_set_size (self->out, 0);
      self->n_taken = 0;
      if (self->is_closed)
        {
          g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_SOURCE,
                               "The archive is shorter than was announced");
          return 0;
        }
      if (!make_some (self, error))
        return 0;
    }
  gsize n = MIN (size, self->out->len - self->n_taken);
  memcpy (buffer, self->out->data + self->n_taken, n);
  self->n_taken += (guint) n;
  return n;
}

const FerryPumpContent ferry_zip_reader_content = { .read = read_archive,
                                                    .unref = ferry_zip_reader_unref };
