/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder that comes in pieces and breaks off in between is put together in its place: what is
 * whole is there, what is damaged is not, and nothing is beside it. Input: size of the pieces,
 * where it breaks, which files are damaged, and the list; or numbers of an offer that are no
 * more true than they have to be, and the stream. */
#include "transfer/ferry-tree-writer.h"

#include "base/ferry-tree.h"
#include "transfer/ferry-folder.h"

#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_STREAM 100000
#define FOLDER "in"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct
{
  gsize piece;
  guint8 cut_at; /* in 256ths */
  guint8 damage;
  const guint8 *list;
  gsize list_bytes;
} Input;

static guint n_files_there;

static int
count_file (const char *path, const struct stat *info, int kind, struct FTW *where)
{
  const char *name = path + where->base;

  if (kind == FTW_F && !g_str_has_prefix (name, ".ferry-"))
    n_files_there++;
  return 0;
}

static gboolean
is_damaged (const Input *input, guint i)
{
  return (input->damage >> (i % 8)) & 1;
}

/* Returns: the whole stream of @tree */
static GByteArray *
make_stream (const Input *input, const FerryTree *tree)
{
  GByteArray *stream = g_byte_array_new ();
  g_autofree guint8 *zeros = g_malloc0 (MAX_STREAM);

  g_byte_array_append (stream, input->list, (guint) input->list_bytes);
  for (guint i = 0; i < ferry_tree_get_n_entries (tree); i++)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (tree, i);
      guint8 trailer[FERRY_TREE_TRAILER_BYTES] = { FERRY_TREE_WHOLE };
      FerryHash hash;
      if (entry->is_folder)
        continue;
      g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA256);
      ferry_hasher_update (hasher, zeros, entry->size);
      ferry_hasher_finish (hasher, &hash);
      memcpy (trailer + 1, hash.digest, sizeof trailer - 1);
      trailer[1] ^= is_damaged (input, i);
      g_byte_array_append (stream, zeros, (guint) entry->size);
      g_byte_array_append (stream, trailer, sizeof trailer);
    }
  return stream;
}

/* Returns: does the writer take all of it? */
static gboolean
feed (FerryTreeWriter *writer,
      const Input *input,
      const GByteArray *stream,
      guint64 from,
      guint64 to)
{
  while (from < to)
    {
      gsize n = MIN (input->piece, to - from);
      if (!ferry_tree_writer_content.write (writer, stream->data + from, n, from, NULL))
        return FALSE;
      from += n;
    }
  return TRUE;
}

static void
check_good (int root, const char *path, const Input *input, const FerryTree *tree)
{
  g_autoptr (GByteArray) stream = make_stream (input, tree);
  guint n_files = ferry_tree_get_n_files (tree), n_damaged = 0;
  guint64 cut_at = (guint64) stream->len * input->cut_at / 256;
  FerryTreeWriter *first =
      ferry_tree_writer_new (root, stream->len, n_files, (guint) input->list_bytes);

  g_assert_true (feed (first, input, stream, 0, cut_at));
  ferry_tree_writer_unref (first);

  g_autoptr (FerryTreeWriter) writer =
      ferry_tree_writer_new (root, stream->len, n_files, (guint) input->list_bytes);
  guint64 from = ferry_tree_writer_restore (writer);
  g_assert_cmpuint (from, <=, cut_at);
  g_assert_true (feed (writer, input, stream, from, stream->len));
  for (guint i = 0; i < ferry_tree_get_n_entries (tree); i++)
    n_damaged += !ferry_tree_get_entry (tree, i)->is_folder && is_damaged (input, i);
  g_assert_cmpuint (ferry_tree_writer_get_n_done (writer), ==, n_files);
  g_assert_cmpuint (ferry_tree_writer_get_n_failed (writer), ==, n_damaged);
  n_files_there = 0;
  nftw (path, count_file, 16, FTW_PHYS);
  g_assert_cmpuint (n_files_there, ==, n_files - n_damaged);
}

static void
check_bad (int root, const Input *input)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (FerryTreeWriter) writer =
      ferry_tree_writer_new (root, MAX_STREAM, 1, (guint) input->list_bytes);

  g_byte_array_append (stream, input->list, (guint) input->list_bytes);
  g_assert_false (feed (writer, input, stream, 0, stream->len));
}

/* Nobody has promised that this is taken or refused: it just stays in its place. */
static void
try_lies (int root, const Input *input)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  g_autoptr (FerryTreeWriter) writer =
      ferry_tree_writer_new (root, input->list_bytes, input->cut_at, input->damage);

  g_byte_array_append (stream, input->list, (guint) input->list_bytes);
  if (feed (writer, input, stream, 0, stream->len))
    feed (writer, input, stream, 0, stream->len);
  ferry_tree_writer_restore (writer);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (size < 4)
    return 0;

  g_autofree char *place = g_dir_make_tmp ("ferry-fuzz-tree-XXXXXX", NULL);
  const Input input = { 1 + data[0] * 16u, data[1], data[2], data + 3, size - 3 };
  g_autoptr (FerryTree) tree = ferry_tree_parse (input.list, input.list_bytes, NULL);
  g_autofree char *path = g_build_filename (place, FOLDER, NULL);
  g_assert_cmpint (mkdir (path, 0700), ==, 0);
  int root = open (path, O_RDONLY | O_DIRECTORY);

  if (data[0] % 2 != 0)
    try_lies (root, &input);
  else if (tree == NULL)
    check_bad (root, &input);
  else if (ferry_tree_get_stream_size (tree) <= MAX_STREAM)
    check_good (root, path, &input, tree);
  close (root);
  ferry_folder_remove (AT_FDCWD, path);
  /* It is empty now: nothing has left the folder, and nothing in it withstood. */
  g_assert_cmpint (rmdir (place), ==, 0);
  return 0;
}
