/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include <glib/gstdio.h>

double
ferry_test_patience (void)
{
  const char *text = g_getenv ("FERRY_TEST_PATIENCE");
  return text != NULL ? MAX (1, g_ascii_strtod (text, NULL)) : 1;
}

static gboolean
wake_cb (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

void
ferry_test_iterate (gint64 deadline_us)
{
  gint64 left_us = deadline_us - g_get_monotonic_time ();
  guint wake = g_timeout_add ((guint) CLAMP (left_us / 1000 + 1, 1, 60000), wake_cb, NULL);
  g_main_context_iteration (NULL, TRUE);
  GSource *source = g_main_context_find_source_by_id (NULL, wake);
  if (source != NULL)
    g_source_destroy (source);
}

void
ferry_test_take_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **out = user_data;
  g_assert_null (*out);
  *out = g_object_ref (result);
}

char *
ferry_test_make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("ferry-test-XXXXXX", &error);
  g_assert_no_error (error);
  return path;
}

void
ferry_test_remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      if (g_file_test (child, G_FILE_TEST_IS_DIR) &&
          !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        ferry_test_remove_folder (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

void
ferry_test_write_file (const char *path, guint64 size, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autofree guint32 *chunk = g_new (guint32, 16384);
  FILE *file = g_fopen (path, "wb");
  g_assert_nonnull (file);

  while (size > 0)
    {
      gsize n = MIN (size, 16384 * sizeof (guint32));
      for (guint i = 0; i < (n + 3) / 4; i++)
        chunk[i] = g_rand_int (rand);
      g_assert_cmpuint (fwrite (chunk, 1, n, file), ==, n);
      size -= n;
    }
  g_assert_cmpint (fclose (file), ==, 0);
}

void
ferry_test_assert_files_equal (const char *a, const char *b)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) map_a = g_mapped_file_new (a, FALSE, &error);
  g_assert_no_error (error);
  g_autoptr (GMappedFile) map_b = g_mapped_file_new (b, FALSE, &error);
  g_assert_no_error (error);
  g_autoptr (GBytes) bytes_a = g_mapped_file_get_bytes (map_a);
  g_autoptr (GBytes) bytes_b = g_mapped_file_get_bytes (map_b);

  g_assert_cmpuint (g_bytes_get_size (bytes_a), ==, g_bytes_get_size (bytes_b));
  g_assert_true (g_bytes_equal (bytes_a, bytes_b));
}

FerryNode *
ferry_test_node (const char *xml)
{
  g_autoptr (GError) error = NULL;
  FerryNode *node = ferry_node_parse (xml, -1, &error);
  g_assert_no_error (error);
  return node;
}

void
ferry_test_assert_node (FerryNode *node, const char *expected_xml)
{
  g_autoptr (FerryNode) expected = ferry_test_node (expected_xml);
  g_assert_nonnull (node);
  if (ferry_node_equal (node, expected))
    return;

  g_autofree char *text = ferry_node_to_string (node);
  g_autofree char *expected_text = ferry_node_to_string (expected);
  g_assert_cmpstr (text, ==, expected_text);
  g_error ("the nodes differ, though they print alike");
}
