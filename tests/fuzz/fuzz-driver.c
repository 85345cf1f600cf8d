/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz target without a fuzzing engine: every seed of a folder as it is, then mutations
 * of them from a fixed random sequence, so that a failure comes again. Usage:
 * fuzz-NAME FOLDER [ROUNDS], or fuzz-NAME FILE to repeat one input. */
#include <gio/gio.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define DEFAULT_ROUNDS 20000

static GPtrArray *
load_seeds (const char *path)
{
  GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      char *contents;
      gsize length;
      if (g_file_get_contents (file, &contents, &length, NULL))
        g_ptr_array_add (seeds, g_bytes_new_take (contents, length));
    }
  return seeds;
}

static void
mutate (GRand *rand, GByteArray *input, GPtrArray *seeds)
{
  guint n_edits = (guint) g_rand_int_range (rand, 1, 6);
  for (guint i = 0; i < n_edits; i++)
    {
      guint at = input->len > 0 ? (guint) g_rand_int_range (rand, 0, (gint32) input->len) : 0;
      guint8 byte = (guint8) g_rand_int_range (rand, 0, 256);
      switch (g_rand_int_range (rand, 0, 5))
        {
        case 0:
          if (input->len > 0)
            input->data[at] = byte;
          break;
        case 1:
          if (input->len > 0)
            input->data[at] ^= (guint8) (1 << (byte & 7));
          break;
        case 2:
          if (input->len > 0)
            g_byte_array_remove_range (input, at, 1 + byte % (input->len - at));
          break;
        case 3:
          g_byte_array_append (input, &byte, 1);
          break;
        default:
          if (seeds->len > 0)
            {
              gsize size;
              GBytes *other = seeds->pdata[g_rand_int_range (rand, 0, (gint32) seeds->len)];
              const guint8 *data = g_bytes_get_data (other, &size);
              if (size > 0)
                g_byte_array_append (input, data + byte % size, (guint) (size - byte % size));
            }
          break;
        }
    }
}

int
main (int argc, char **argv)
{
  g_return_val_if_fail (argc >= 2, 2);

  if (!g_file_test (argv[1], G_FILE_TEST_IS_DIR))
    {
      g_autofree char *contents = NULL;
      gsize length;
      if (!g_file_get_contents (argv[1], &contents, &length, NULL))
        return 2;
      return LLVMFuzzerTestOneInput ((const guint8 *) contents, length);
    }

  g_autoptr (GPtrArray) seeds = load_seeds (argv[1]);
  if (seeds->len == 0)
    {
      g_printerr ("no seeds in %s\n", argv[1]);
      return 1;
    }
  for (guint i = 0; i < seeds->len; i++)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (seeds->pdata[i], &size);
      LLVMFuzzerTestOneInput (data, size);
    }

  guint n_rounds = argc > 2 ? (guint) g_ascii_strtoull (argv[2], NULL, 10) : DEFAULT_ROUNDS;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  for (guint i = 0; i < n_rounds; i++)
    {
      gsize size;
      GBytes *seed = seeds->pdata[g_rand_int_range (rand, 0, (gint32) seeds->len)];
      const guint8 *data = g_bytes_get_data (seed, &size);
      g_autoptr (GByteArray) input = g_byte_array_new ();
      g_byte_array_append (input, data, (guint) size);
      mutate (rand, input, seeds);
      if (input->len < 1 << 16)
        LLVMFuzzerTestOneInput (input->data, input->len);
    }
  g_print ("%u seeds, %u mutations\n", seeds->len, n_rounds);
  return 0;
}
