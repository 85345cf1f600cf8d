/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-range.h"

#define MAX_TEXT "9223372036854775807"

static void
test_parse (void)
{
  g_test_summary ("Offset and length inside the file, and nothing that wraps");
  static const struct
  {
    const char *offset, *length;
    gint64 size;
    gboolean is_good;
    FerryRange range;
    guint64 n_bytes;
  } cases[] = {
    { NULL, NULL, 1000, TRUE, { 0, -1 }, 1000 },
    { "0", NULL, 1000, TRUE, { 0, -1 }, 1000 },
    { NULL, "1000", 1000, TRUE, { 0, 1000 }, 1000 },
    { NULL, "0", 1000, TRUE, { 0, -1 }, 1000 },
    { "512", NULL, 1000, TRUE, { 512, -1 }, 488 },
    { "128", "256", 1000, TRUE, { 128, 256 }, 256 },
    { "010", "1", 1000, TRUE, { 10, 1 }, 1 },
    { "1000", NULL, 1000, TRUE, { 1000, -1 }, 0 },
    { "1000", "0", 1000, TRUE, { 1000, -1 }, 0 },
    { NULL, NULL, 0, TRUE, { 0, -1 }, 0 },
    { MAX_TEXT, NULL, G_MAXINT64, TRUE, { G_MAXINT64, -1 }, 0 },
    { "1001", NULL, 1000, FALSE },
    { "1000", "1", 1000, FALSE },
    { "1", "1000", 1000, FALSE },
    { "1", "18446744073709551615", 1000, FALSE },
    { "1", MAX_TEXT, 1000, FALSE },
    { MAX_TEXT, "1", -1, FALSE },
    { "9223372036854775808", NULL, -1, FALSE },
    { "-1", NULL, 1000, FALSE },
    { "+1", NULL, 1000, FALSE },
    { " 1", NULL, 1000, FALSE },
    { "0x1", NULL, 1000, FALSE },
    { "", NULL, 1000, FALSE },
    { NULL, "", 1000, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerryRange range = { 77, 77 };
      gboolean is_good =
          ferry_range_parse (cases[i].offset, cases[i].length, cases[i].size, &range);

      g_test_message ("%u", i);
      g_assert_cmpint (is_good, ==, cases[i].is_good);
      g_assert_cmpuint (range.offset, ==, is_good ? cases[i].range.offset : 77);
      g_assert_cmpint (range.length, ==, is_good ? cases[i].range.length : 77);
      if (!is_good)
        continue;
      g_assert_true (ferry_range_fits (&range, cases[i].size));
      g_assert_cmpuint (ferry_range_get_length (&range, cases[i].size), ==, cases[i].n_bytes);
    }
}

static void
test_fits (void)
{
  g_test_summary ("What fits, and what is all of a file");
  g_assert_true (ferry_range_is_whole (&FERRY_RANGE_WHOLE, 5));
  g_assert_true (ferry_range_is_whole (&(FerryRange){ 0, 5 }, 5));
  g_assert_false (ferry_range_is_whole (&(FerryRange){ 0, 4 }, 5));
  g_assert_false (ferry_range_is_whole (&(FerryRange){ 1, -1 }, 5));
  g_assert_true (ferry_range_fits (&(FerryRange){ 5, -1 }, 5));
  g_assert_false (ferry_range_fits (&(FerryRange){ 6, -1 }, 5));
  g_assert_false (ferry_range_fits (&(FerryRange){ 2, 4 }, 5));
  g_assert_true (ferry_range_fits (&(FerryRange){ 2, 4 }, -1));
  g_assert_false (ferry_range_fits (&(FerryRange){ 2, G_MAXINT64 - 1 }, -1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/range/parse", test_parse);
  g_test_add_func ("/range/fits", test_fits);
  return g_test_run ();
}
