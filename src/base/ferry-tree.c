/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-tree.h"

#include "base/ferry-decimal.h"
#include "base/ferry-error.h"
#include "base/ferry-file-name.h"

#include <gio/gio.h>
#include <string.h>

/* An entry on the wire: kind, length of the path, path, and of a file its size and date; all
 * numbers begin with their highest byte. */
#define KIND_FOLDER 'd'
#define KIND_FILE 'f'
#define MAX_NUMBER 999
/* In the whole tree: names tried that were taken. A list that needs more was made to cost time.
 */
#define MAX_COLLISIONS 300000

struct _FerryTree
{
  GArray *entries; /* of FerryTreeEntry */
  GStringChunk *strings;
  GHashTable *folders; /* path as the sender wrote it → our path; not their strings */
  GHashTable *taken;   /* reading: parents and names, folded; writing: paths */
  guint n_collisions;
  guint n_files;
  guint64 list_bytes;
  guint64 stream_size;
};

FerryTree *
ferry_tree_new (void)
{
  FerryTree *self = g_new0 (FerryTree, 1);

  self->entries = g_array_new (FALSE, FALSE, sizeof (FerryTreeEntry));
  self->strings = g_string_chunk_new (4096);
  self->folders = g_hash_table_new (g_str_hash, g_str_equal);
  self->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_insert (self->folders, (gpointer) "", (gpointer) "");
  return self;
}

void
ferry_tree_free (FerryTree *self)
{
  g_array_unref (self->entries);
  g_hash_table_unref (self->folders);
  g_clear_pointer (&self->taken, g_hash_table_unref);
  g_string_chunk_free (self->strings);
  g_free (self);
}

/* --- Entries ---------------------------------------------------------------------------------
 */

/* Returns: does every component name something, and something below the folder? */
static gboolean
is_inside (const char *path)
{
  g_auto (GStrv) components = g_strsplit (path, "/", FERRY_TREE_MAX_DEPTH + 1);

  for (guint i = 0; components[i] != NULL; i++)
    if (i == FERRY_TREE_MAX_DEPTH || components[i][0] == '\0' ||
        g_str_equal (components[i], ".") || g_str_equal (components[i], ".."))
      return FALSE;
  return components[0] != NULL;
}

/* (nullable): our path of the folder that @path is in */
static const char *
find_parent (FerryTree *self, const char *path)
{
  const char *slash = strrchr (path, '/');
  g_autofree char *parent = g_strndup (path, slash != NULL ? (gsize) (slash - path) : 0);

  return g_hash_table_lookup (self->folders, parent);
}

static char *
join (const char *parent, const char *name)
{
  return parent[0] == '\0' ? g_strdup (name) : g_strconcat (parent, "/", name, NULL);
}

/* Returns: (transfer full): the same for what some system takes for one entry. @parent: our own
 * path, which is kept once: where it lies stands for it. */
static char *
fold (const char *parent, const char *name)
{
  g_autofree char *normal = g_utf8_normalize (name, -1, G_NORMALIZE_NFC);
  g_autofree char *folded = g_utf8_casefold (normal != NULL ? normal : name, -1);
  return g_strdup_printf ("%p/%s", parent, folded);
}

/* Returns: (transfer full) (nullable): a path that no other entry has; %NULL if there is none,
 * or it is too long */
static char *
make_safe (FerryTree *self, const char *parent, const char *raw)
{
  g_autofree char *name = ferry_file_name_sanitize (raw, NULL, NULL);

  for (guint n = 0; n <= MAX_NUMBER && self->n_collisions <= MAX_COLLISIONS; n++)
    {
      g_autofree char *numbered =
          n == 0 ? g_strdup (name) : ferry_file_name_with_number (name, n);
      g_autofree char *path = join (parent, numbered);
      if (strlen (path) > FERRY_TREE_MAX_PATH)
        return NULL;
      if (g_hash_table_add (self->taken, fold (parent, numbered)))
        return g_steal_pointer (&path);
      self->n_collisions++;
    }
  return NULL;
}

/* @raw: as it is on the wire, @path: as we call it */
static void
append (FerryTree *self,
        gboolean is_folder,
        const char *raw,
        const char *path,
        guint64 size,
        gint64 mtime_s)
{
  FerryTreeEntry entry = { .is_folder = is_folder,
                           .path = g_string_chunk_insert (self->strings, path),
                           .size = size,
                           .mtime_s = mtime_s };

  if (is_folder)
    g_hash_table_insert (self->folders, g_string_chunk_insert (self->strings, raw),
                         (gpointer) entry.path);
  else
    self->n_files++;
  g_array_append_val (self->entries, entry);
}

/* Places everything behind the list. Returns: %FALSE if the stream would be too long */
static gboolean
lay_out (FerryTree *self)
{
  guint64 at = self->list_bytes;

  for (guint i = 0; i < self->entries->len; i++)
    {
      FerryTreeEntry *entry = &g_array_index (self->entries, FerryTreeEntry, i);
      entry->start = at;
      if (entry->is_folder)
        continue;
      if (entry->size > FERRY_SIZE_MAX - FERRY_TREE_TRAILER_BYTES - at)
        return FALSE;
      at += entry->size + FERRY_TREE_TRAILER_BYTES;
    }
  self->stream_size = at;
  /* Nothing is added any more. */
  g_clear_pointer (&self->taken, g_hash_table_unref);
  g_hash_table_remove_all (self->folders);
  return TRUE;
}

/* --- Writing ---------------------------------------------------------------------------------
 */

gboolean
ferry_tree_add (
    FerryTree *self, gboolean is_folder, const char *path, guint64 size, gint64 mtime_s)
{
  g_return_val_if_fail (self != NULL && self->taken != NULL, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  if (self->entries->len == FERRY_TREE_MAX_ENTRIES || strlen (path) > FERRY_TREE_MAX_PATH ||
      size > FERRY_SIZE_MAX || !is_inside (path) || find_parent (self, path) == NULL ||
      !g_hash_table_add (self->taken, g_strdup (path)))
    return FALSE;
  append (self, is_folder, path, path, size, mtime_s);
  return TRUE;
}

static void
put_number (GByteArray *out, guint64 value)
{
  guint64 bytes = GUINT64_TO_BE (value);
  g_byte_array_append (out, (const guint8 *) &bytes, sizeof bytes);
}

GBytes *
ferry_tree_to_bytes (FerryTree *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  GByteArray *out = g_byte_array_new ();
  for (guint i = 0; i < self->entries->len; i++)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (self, i);
      guint8 kind = entry->is_folder ? KIND_FOLDER : KIND_FILE;
      guint16 length = GUINT16_TO_BE ((guint16) strlen (entry->path));
      g_byte_array_append (out, &kind, 1);
      g_byte_array_append (out, (const guint8 *) &length, sizeof length);
      g_byte_array_append (out, (const guint8 *) entry->path, (guint) strlen (entry->path));
      if (entry->is_folder)
        continue;
      put_number (out, entry->size);
      put_number (out, (guint64) entry->mtime_s);
    }
  self->list_bytes = out->len;
  /* What is on a disk is never that long. */
  g_warn_if_fail (lay_out (self));
  return g_byte_array_free_to_bytes (out);
}

/* --- Reading ---------------------------------------------------------------------------------
 */

typedef struct
{
  const guint8 *at;
  gsize n_left;
} Reader;

static gboolean
take (Reader *reader, gpointer out, gsize size)
{
  if (size > reader->n_left)
    return FALSE;
  memcpy (out, reader->at, size);
  reader->at += size;
  reader->n_left -= size;
  return TRUE;
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "The list of a folder has %s", what);
  return FALSE;
}

static gboolean
take_numbers (Reader *reader, guint64 *size, gint64 *mtime_s)
{
  guint64 numbers[2];

  if (!take (reader, numbers, sizeof numbers))
    return FALSE;
  *size = GUINT64_FROM_BE (numbers[0]);
  *mtime_s = (gint64) GUINT64_FROM_BE (numbers[1]);
  return *size <= FERRY_SIZE_MAX;
}

static gboolean
parse_entry (FerryTree *self, Reader *reader, GError **error)
{
  char raw[FERRY_TREE_MAX_PATH + 1];
  guint8 kind;
  guint16 length_be;
  guint64 size = 0;
  gint64 mtime_s = 0;

  if (!take (reader, &kind, 1) || !take (reader, &length_be, sizeof length_be))
    return fail (error, "an entry that is cut");
  gsize length = GUINT16_FROM_BE (length_be);
  if (kind != KIND_FILE && kind != KIND_FOLDER)
    return fail (error, "an unknown kind of entry");
  if (length > FERRY_TREE_MAX_PATH || !take (reader, raw, length))
    return fail (error, "too long a path");
  raw[length] = '\0';
  if (!g_utf8_validate_len (raw, length, NULL) || !is_inside (raw))
    return fail (error, "a path that leads out of it");
  if (kind == KIND_FILE && !take_numbers (reader, &size, &mtime_s))
    return fail (error, "an impossible size");

  const char *parent = find_parent (self, raw);
  if (parent == NULL || g_hash_table_contains (self->folders, raw))
    return fail (error, "its entries in an impossible order");
  const char *slash = strrchr (raw, '/');
  g_autofree char *path = make_safe (self, parent, slash != NULL ? slash + 1 : raw);
  if (path == NULL)
    return fail (error, "too long a path, or too many equal names");
  append (self, kind == KIND_FOLDER, raw, path, size, mtime_s);
  return TRUE;
}

FerryTree *
ferry_tree_parse (const guint8 *data, gsize size, GError **error)
{
  g_autoptr (FerryTree) self = ferry_tree_new ();
  Reader reader = { data, size };

  if (size > FERRY_TREE_MAX_LIST_BYTES)
    return fail (error, "too many bytes"), NULL;
  while (reader.n_left > 0)
    {
      if (self->entries->len == FERRY_TREE_MAX_ENTRIES)
        return fail (error, "too many entries"), NULL;
      if (!parse_entry (self, &reader, error))
        return NULL;
    }
  self->list_bytes = size;
  if (!lay_out (self))
    return fail (error, "impossible sizes"), NULL;
  return g_steal_pointer (&self);
}

guint
ferry_tree_get_n_entries (const FerryTree *self)
{
  return self->entries->len;
}

const FerryTreeEntry *
ferry_tree_get_entry (const FerryTree *self, guint i)
{
  return &g_array_index (self->entries, FerryTreeEntry, i);
}

guint
ferry_tree_get_n_files (const FerryTree *self)
{
  return self->n_files;
}

guint64
ferry_tree_get_stream_size (const FerryTree *self)
{
  return self->stream_size;
}

static guint64
get_end (const FerryTreeEntry *entry)
{
  return entry->is_folder ? entry->start
                          : entry->start + entry->size + FERRY_TREE_TRAILER_BYTES;
}

guint
ferry_tree_find (const FerryTree *self, guint64 at)
{
  guint low = 0, high = self->entries->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      if (get_end (ferry_tree_get_entry (self, middle)) <= at)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}
