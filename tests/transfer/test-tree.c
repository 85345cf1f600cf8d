/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stream of a folder from somebody who means harm, into a folder in which somebody else
 * puts links. */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "base/ferry-tree.h"
#include "transfer/ferry-tree-writer.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SIZE ((guint64) G_MAXINT64)

/* --- Lists -----------------------------------------------------------------------------------
 */

static void
put (GByteArray *list, char kind, const char *path, gsize length, guint64 size)
{
  guint16 length_be = GUINT16_TO_BE ((guint16) length);
  guint64 numbers[] = { GUINT64_TO_BE (size), 0 };

  g_byte_array_append (list, (const guint8 *) &kind, 1);
  g_byte_array_append (list, (const guint8 *) &length_be, sizeof length_be);
  g_byte_array_append (list, (const guint8 *) path, (guint) length);
  if (kind == 'f')
    g_byte_array_append (list, (const guint8 *) numbers, sizeof numbers);
}

static void
put_folder (GByteArray *list, const char *path)
{
  put (list, 'd', path, strlen (path), 0);
}

static void
put_file (GByteArray *list, const char *path, guint64 size)
{
  put (list, 'f', path, strlen (path), size);
}

static void
assert_refused (const GByteArray *list, const char *what)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryTree) tree = ferry_tree_parse (list->data, list->len, &error);

  g_test_message ("%u bytes: %s", list->len, what);
  g_assert_null (tree);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
}

static void
test_paths (void)
{
  static const char *const paths[] = {
    "",           "/",        "/a",         "//",           "a/",   ".",
    "..",         "d/..",     "../",        "d/./",         "d//a", "d/.",
    "d/../a",     "nobody/a", "f/a",        "f/a/b",        "D/a",  "d /a",
    "d/nobody/a", "\xff",     "d/\xc0\xaf", "\xed\xa0\x80",
  };

  g_test_summary ("A path that leads out, into a file, or nowhere spoils the whole list.");
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    for (const char *kind = "df"; *kind != '\0'; kind++)
      {
        g_autoptr (GByteArray) list = g_byte_array_new ();
        put_folder (list, "d");
        put_file (list, "f", 1);
        put (list, *kind, paths[i], strlen (paths[i]), 1);
        assert_refused (list, "a path");
      }
  g_autoptr (GByteArray) nul = g_byte_array_new ();
  put (nul, 'f', "a\0b", 3, 1);
  assert_refused (nul, "NUL");
  g_autoptr (GByteArray) twice = g_byte_array_new ();
  put_folder (twice, "d");
  put_folder (twice, "d");
  assert_refused (twice, "a folder twice");
  g_autoptr (GByteArray) cut = g_byte_array_new ();
  put_file (cut, "a", 1);
  g_byte_array_set_size (cut, cut->len - 1);
  assert_refused (cut, "cut");
  g_autoptr (GByteArray) unknown = g_byte_array_new ();
  put (unknown, 'l', "a", 1, 0);
  assert_refused (unknown, "a link");
}

static void
test_sizes (void)
{
  g_test_summary ("Sizes that add up to more than there can be are refused, not wrapped.");
  const guint64 sizes[][3] = { { MAX_SIZE, 0, 0 },
                               { MAX_SIZE / 2, MAX_SIZE / 2, MAX_SIZE / 2 },
                               { MAX_SIZE + 1, 0, 0 },
                               { G_MAXUINT64, 1, 0 },
                               { 1, G_MAXUINT64, G_MAXUINT64 },
                               { G_MAXUINT64 - 32, 0, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GByteArray) list = g_byte_array_new ();
      put_file (list, "a", sizes[i][0]);
      put_file (list, "b", sizes[i][1]);
      put_file (list, "c", sizes[i][2]);
      assert_refused (list, "sizes");
    }
}

static void
test_deep (void)
{
  g_autoptr (GString) path = g_string_new ("d");
  g_autoptr (GByteArray) list = g_byte_array_new ();
  g_autoptr (FerryTree) tree = NULL;

  g_test_summary (
      "A tree is 64 folders deep at most, and its paths are shorter than the system's.");
  for (guint i = 0; i < FERRY_TREE_MAX_DEPTH; i++)
    {
      put_folder (list, path->str);
      g_string_append (path, "/d");
    }
  tree = ferry_tree_parse (list->data, list->len, NULL);
  g_assert_nonnull (tree);
  g_assert_cmpuint (ferry_tree_get_n_entries (tree), ==, FERRY_TREE_MAX_DEPTH);
  put_folder (list, path->str);
  assert_refused (list, "too deep");

  g_autoptr (GByteArray) names = g_byte_array_new ();
  g_autofree char *name = g_strnfill (190, 'n');
  g_string_assign (path, name);
  while (path->len <= FERRY_TREE_MAX_PATH)
    {
      put_folder (names, path->str);
      g_string_append_printf (path, "/%s", name);
    }
  put_folder (names, path->str);
  assert_refused (names, "too long");
}

static void
test_many (void)
{
  g_autoptr (GByteArray) list = g_byte_array_new ();

  g_test_summary ("A list of a million entries is refused.");
  for (guint i = 0; i < 1000000; i++)
    {
      char name[16];
      g_snprintf (name, sizeof name, "%u", i);
      put_folder (list, name);
    }
  assert_refused (list, "a million");
}

static void
test_equal_names (void)
{
  static const char *const raw[] = { "aa?",      "aa:",      "AA:", "a\xcc\x88",
                                     "\xc3\xa4", "\xc3\x84", "CON" };
  static const char *const safe[] = { "aa_",          "aa_ (1)",      "AA_ (2)", "\xc3\xa4",
                                      "\xc3\xa4 (1)", "\xc3\x84 (2)", "_CON" };
  g_autoptr (GByteArray) list = g_byte_array_new ();

  g_test_summary ("Names that are one for some system become two, in each folder anew; and who "
                  "makes so many that finding names takes long is refused.");
  put_folder (list, "sub");
  for (guint i = 0; i < G_N_ELEMENTS (raw); i++)
    {
      g_autofree char *below = g_strconcat ("sub/", raw[i], NULL);
      put_file (list, raw[i], 0);
      put_file (list, below, 0);
    }
  g_autoptr (FerryTree) tree = ferry_tree_parse (list->data, list->len, NULL);
  g_assert_nonnull (tree);
  for (guint i = 0; i < G_N_ELEMENTS (raw); i++)
    {
      g_autofree char *below = g_strconcat ("sub/", safe[i], NULL);
      g_assert_cmpstr (ferry_tree_get_entry (tree, 1 + 2 * i)->path, ==, safe[i]);
      g_assert_cmpstr (ferry_tree_get_entry (tree, 2 + 2 * i)->path, ==, below);
    }

  g_byte_array_set_size (list, 0);
  for (guint i = 0; i < FERRY_TREE_MAX_ENTRIES; i++)
    {
      char name[16];
      g_snprintf (name, sizeof name, "%u", i % 250);
      put_file (list, name, 0);
    }
  assert_refused (list, "equal names");
}

/* --- The writer ------------------------------------------------------------------------------
 */

typedef struct
{
  char *place; /* with the folder "in" that is received, and "outside" */
  int root;
  GByteArray *stream;
  guint list_bytes;
  FerryTreeWriter *writer;
} Fixture;

static char *
get_path (Fixture *self, const char *name)
{
  return g_build_filename (self->place, name, NULL);
}

/* "first", then "sub/second", one byte each. */
static void
set_up (Fixture *self, gconstpointer data)
{
  self->place = ferry_test_make_folder ();
  g_autofree char *in = get_path (self, "in");
  g_autofree char *outside = get_path (self, "outside");
  g_assert_cmpint (g_mkdir (in, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (outside, 0700), ==, 0);
  self->root = open (in, O_RDONLY | O_DIRECTORY);

  self->stream = g_byte_array_new ();
  put_file (self->stream, "first", 1);
  put_folder (self->stream, "sub");
  put_file (self->stream, "sub/second", 1);
  self->list_bytes = self->stream->len;
  for (guint i = 0; i < 2; i++)
    {
      guint8 file[1 + FERRY_TREE_TRAILER_BYTES] = { 'x', FERRY_TREE_WHOLE };
      FerryHash hash;
      g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA256);
      ferry_hasher_update (hasher, file, 1);
      ferry_hasher_finish (hasher, &hash);
      memcpy (file + 2, hash.digest, sizeof file - 2);
      g_byte_array_append (self->stream, file, sizeof file);
    }
  self->writer = ferry_tree_writer_new (self->root, self->stream->len, 2, self->list_bytes);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  ferry_tree_writer_unref (self->writer);
  close (self->root);
  ferry_test_remove_folder (self->place);
  g_byte_array_unref (self->stream);
  g_free (self->place);
}

static gboolean
feed (Fixture *self, guint from, guint to, GError **error)
{
  return ferry_tree_writer_content.write (self->writer, self->stream->data + from, to - from,
                                          from, error);
}

/* The first file whole, and "sub" made: nothing of the second has come. */
static guint
get_middle (Fixture *self)
{
  return self->list_bytes + 1 + FERRY_TREE_TRAILER_BYTES;
}

static void
assert_refuses (Fixture *self, guint from, guint to, FerryError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (feed (self, from, to, &error));
  g_assert_error (error, FERRY_ERROR, (int) code);
}

/* Nothing has been put outside, and what is there is as it was. */
static void
assert_outside (Fixture *self, guint n_expected)
{
  g_autofree char *outside = get_path (self, "outside");
  g_autoptr (GDir) dir = g_dir_open (outside, 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  g_assert_cmpuint (n, ==, n_expected);
}

static void
put_link (Fixture *self, const char *target, const char *name)
{
  g_assert_cmpint (symlinkat (target, self->root, name), ==, 0);
}

static void
test_whole (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary ("What the other tests disturb goes well undisturbed.");
  g_assert_true (feed (self, 0, self->stream->len, &error));
  g_assert_no_error (error);
  g_assert_true (ferry_tree_writer_finish (self->writer, &error));
  g_assert_no_error (error);
  g_assert_cmpint (faccessat (self->root, "sub/second", R_OK, 0), ==, 0);
}

static void
test_link_for_folder (Fixture *self, gconstpointer data)
{
  g_test_summary ("A folder that became a link is not followed.");
  g_assert_true (feed (self, 0, get_middle (self), NULL));
  put_link (self, "../outside", "sub");
  assert_refuses (self, get_middle (self), self->stream->len, FERRY_ERROR_TARGET);
  assert_outside (self, 0);
}

static void
test_link_for_file (Fixture *self, gconstpointer data)
{
  g_autofree char *victim = get_path (self, "outside/victim");
  g_autofree char *text = NULL;

  g_test_summary ("A link with the name of a file gives way, and what it leads to stays.");
  g_assert_true (g_file_set_contents (victim, "mine", -1, NULL));
  put_link (self, "../outside/victim", "first");
  g_assert_true (feed (self, 0, self->stream->len, NULL));
  g_assert_true (g_file_get_contents (victim, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
  assert_outside (self, 1);
}

static void
test_name_taken (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_test_summary (
      "A file whose name the disk does not give fails by its name, and the rest comes.");
  g_assert_cmpint (mkdirat (self->root, "first", 0700), ==, 0);
  g_assert_true (feed (self, 0, self->stream->len, &error));
  g_assert_no_error (error);
  g_assert_true (ferry_tree_writer_finish (self->writer, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (ferry_tree_writer_get_n_done (self->writer), ==, 2);
  g_assert_cmpuint (ferry_tree_writer_get_n_failed (self->writer), ==, 1);
  GPtrArray *failed = ferry_tree_writer_get_failed (self->writer);
  g_assert_cmpuint (failed->len, ==, 1);
  g_assert_cmpstr (failed->pdata[0], ==, "first");
  g_assert_cmpint (faccessat (self->root, "sub/second", R_OK, 0), ==, 0);
  g_assert_cmpint (faccessat (self->root, ".ferry-file", F_OK, 0), ==, -1);
}

static void
test_link_for_our_notes (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { ".ferry-file", ".ferry-state" };

  g_test_summary ("Our own files in the folder are no links either.");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ferry_tree_writer_unref (self->writer);
      self->writer = ferry_tree_writer_new (self->root, self->stream->len, 2, self->list_bytes);
      put_link (self, "../outside/new", names[i]);
      assert_refuses (self, 0, self->stream->len, FERRY_ERROR_TARGET);
      g_assert_cmpint (unlinkat (self->root, names[i], 0), ==, 0);
      assert_outside (self, 0);
    }
}

static void
test_link_at_restoring (Fixture *self, gconstpointer data)
{
  g_test_summary ("What an earlier attempt left is not looked for behind links.");
  g_assert_true (feed (self, 0, get_middle (self), NULL));
  g_assert_cmpint (renameat (self->root, ".ferry-list", self->root, "list"), ==, 0);
  put_link (self, "list", ".ferry-list");
  g_assert_cmpuint (ferry_tree_writer_restore (self->writer), ==, 0);
}

static void
test_wrong_length (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint8 surplus = 0;

  g_test_summary ("A stream that is shorter or longer than its list says is an error.");
  g_assert_true (feed (self, 0, self->stream->len - 1, NULL));
  g_assert_false (ferry_tree_writer_finish (self->writer, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_BROKEN);
  g_assert_true (feed (self, self->stream->len - 1, self->stream->len, NULL));
  g_byte_array_append (self->stream, &surplus, 1);
  assert_refuses (self, self->stream->len - 1, self->stream->len, FERRY_ERROR_TOO_MUCH);
}

static void
test_another_list (Fixture *self, gconstpointer data)
{
  const struct
  {
    int size, n_files, list_bytes;
  } lies[] = {
    { 1, 0, 0 }, { -1, 0, 0 }, { 0, 1, 0 }, { 0, -1, 0 }, { 0, 0, -1 }, { 0, 0, 1 }
  };

  g_test_summary ("A list that is not the one of the offer is an error, whatever differs.");
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      ferry_tree_writer_unref (self->writer);
      self->writer = ferry_tree_writer_new (
          self->root, self->stream->len + (guint64) lies[i].size, 2 + (guint) lies[i].n_files,
          self->list_bytes + (guint) lies[i].list_bytes);
      assert_refuses (self, 0, self->stream->len, FERRY_ERROR_PROTOCOL);
    }
}

static void
test_no_list (Fixture *self, gconstpointer data)
{
  g_test_summary ("Of a folder without a list, which has nothing in it, no byte is taken.");
  ferry_tree_writer_unref (self->writer);
  self->writer = ferry_tree_writer_new (self->root, self->stream->len, 0, 0);
  assert_refuses (self, 0, self->stream->len, FERRY_ERROR_PROTOCOL);
}

static void
test_restoring_another_list (Fixture *self, gconstpointer data)
{
  g_test_summary ("What an earlier attempt left of another list is not mixed with what comes.");
  g_autoptr (GByteArray) other = g_byte_array_new ();
  put_file (other, "other", 0);
  g_autoptr (FerryTreeWriter) writer =
      ferry_tree_writer_new (self->root, other->len + FERRY_TREE_TRAILER_BYTES, 1, other->len);

  g_assert_true (feed (self, 0, self->stream->len, NULL));
  g_assert_cmpint (faccessat (self->root, "sub/second", R_OK, 0), ==, 0);
  g_assert_cmpuint (ferry_tree_writer_restore (writer), ==, 0);
  g_assert_cmpint (faccessat (self->root, "first", R_OK, 0), ==, -1);
  g_assert_cmpint (faccessat (self->root, "sub", R_OK, 0), ==, -1);
  g_assert_cmpint (faccessat (self->root, ".ferry-list", R_OK, 0), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree/list/paths", test_paths);
  g_test_add_func ("/tree/list/sizes", test_sizes);
  g_test_add_func ("/tree/list/deep", test_deep);
  g_test_add_func ("/tree/list/many", test_many);
  g_test_add_func ("/tree/list/equal-names", test_equal_names);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/tree/writer/whole", test_whole);
  ADD ("/tree/writer/link-for-folder", test_link_for_folder);
  ADD ("/tree/writer/link-for-file", test_link_for_file);
  ADD ("/tree/writer/name-taken", test_name_taken);
  ADD ("/tree/writer/link-for-our-notes", test_link_for_our_notes);
  ADD ("/tree/writer/link-at-restoring", test_link_at_restoring);
  ADD ("/tree/writer/restoring-another-list", test_restoring_another_list);
  ADD ("/tree/writer/wrong-length", test_wrong_length);
  ADD ("/tree/writer/another-list", test_another_list);
  ADD ("/tree/writer/no-list", test_no_list);
  return g_test_run ();
}
