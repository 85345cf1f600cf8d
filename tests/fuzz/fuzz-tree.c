/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a peer sends as the list of a folder, what is taken of it stays in the folder, has
 * no name twice, and lies in the stream without gaps. */
#include "base/ferry-tree.h"

#include "base/ferry-file-name.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_path (const char *path)
{
  g_auto (GStrv) components = g_strsplit (path, "/", -1);

  g_assert_cmpuint (strlen (path), <=, FERRY_TREE_MAX_PATH);
  for (guint i = 0; components[i] != NULL; i++)
    {
      g_autofree char *again = ferry_file_name_sanitize (components[i], NULL, NULL);
      g_assert_cmpstr (components[i], ==, again);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryTree) tree = ferry_tree_parse (data, size, &error);
  g_autoptr (GHashTable) paths = g_hash_table_new (g_str_hash, g_str_equal);
  guint64 at = size;

  if (tree == NULL)
    {
      g_assert_nonnull (error);
      return 0;
    }
  for (guint i = 0; i < ferry_tree_get_n_entries (tree); i++)
    {
      const FerryTreeEntry *entry = ferry_tree_get_entry (tree, i);
      check_path (entry->path);
      g_assert_true (g_hash_table_add (paths, (gpointer) entry->path));
      g_assert_cmpuint (entry->start, ==, at);
      if (entry->is_folder)
        continue;
      g_assert_cmpuint (ferry_tree_find (tree, at), ==, i);
      at += entry->size + FERRY_TREE_TRAILER_BYTES;
    }
  g_assert_cmpuint (ferry_tree_get_stream_size (tree), ==, at);
  return 0;
}
