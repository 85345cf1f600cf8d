/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transfer-test.h"

#include "base/ferry-error.h"
#include "transfer/ferry-disk.h"
#include "transfer/ferry-part-file.h"
#include "transfer/ferry-source-file.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = ferry_test_make_folder ();
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  ferry_test_remove_folder (self->folder);
  g_free (self->folder);
}

static void
put (Fixture *self, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
assert_content (Fixture *self, const char *name, const char *expected)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static guint
count_files (Fixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static FerryPartFile *
create (const char *folder, const char *name, gint64 size, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_autofree char *path = ferry_part_file_make_path (folder, name);

  ferry_part_file_open_async (path, name, size, FALSE, NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  return ferry_part_file_open_finish (result, error);
}

static char *
complete (FerryPartFile *part, GDateTime *date, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferry_part_file_complete_async (part, date, NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  return ferry_part_file_complete_finish (part, result, error);
}

/* Receives @text as @name. Returns: the name it got */
static char *
receive (Fixture *self, const char *name, const char *text, GDateTime *date)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryPartFile) part = create (self->folder, name, (gint64) strlen (text), &error);
  g_assert_no_error (error);
  g_assert_cmpint (write (ferry_part_file_get_fd (part), text, strlen (text)), ==,
                   strlen (text));
  g_autofree char *path = complete (part, date, &error);
  g_assert_no_error (error);
  g_autofree char *dirname = g_path_get_dirname (path);
  g_assert_cmpstr (dirname, ==, self->folder);
  return g_path_get_basename (path);
}

static void
test_part_life (Fixture *self, gconstpointer data)
{
  g_test_summary ("A part is hidden and private, then has its name, its bytes and its date");
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryPartFile) part = create (self->folder, "notes.txt", 3, &error);
  g_assert_no_error (error);

  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name = g_dir_read_name (dir);
  g_assert_true (g_str_has_prefix (name, ".notes.txt.ferry-part-"));
  g_assert_cmpuint (count_files (self), ==, 1);
  struct stat info;
  g_assert_cmpint (fstat (ferry_part_file_get_fd (part), &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (info.st_size, ==, 0);

  g_assert_cmpint (write (ferry_part_file_get_fd (part), "abc", 3), ==, 3);
  g_autoptr (GDateTime) date = g_date_time_new_utc (2001, 2, 3, 4, 5, 6);
  g_autofree char *path = complete (part, date, &error);
  g_assert_no_error (error);
  assert_content (self, "notes.txt", "abc");
  g_assert_cmpuint (count_files (self), ==, 1);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mtim.tv_sec, ==, g_date_time_to_unix (date));
}

static void
test_part_dates (Fixture *self, gconstpointer data)
{
  g_test_summary ("A date before 1970 or after tomorrow is not believed");
  g_autoptr (GDateTime) old = g_date_time_new_utc (1969, 1, 1, 0, 0, 0);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) future = g_date_time_add_days (now, 2);
  GDateTime *const dates[] = { old, future, NULL };

  for (guint i = 0; i < G_N_ELEMENTS (dates); i++)
    {
      struct stat info;
      g_autofree char *name = receive (self, "a", "x", dates[i]);
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      g_assert_cmpint (stat (path, &info), ==, 0);
      g_assert_cmpint (ABS (info.st_mtim.tv_sec - g_date_time_to_unix (now)), <, 60);
    }
}

static void
test_part_names_taken (Fixture *self, gconstpointer data)
{
  g_test_summary ("No file is ever replaced: not by the same name, nor by one in other case");
  put (self, "a.txt", "mine");
  put (self, "B.TXT", "mine too");
  put (self, "b (1).txt", "and this");
  g_autofree char *link = g_build_filename (self->folder, "link.txt", NULL);
  g_autofree char *outside = g_build_filename (self->folder, "a.txt", NULL);
  g_assert_cmpint (symlink (outside, link), ==, 0);
  g_autofree char *dangling = g_build_filename (self->folder, "dangling", NULL);
  g_assert_cmpint (symlink ("/nowhere/at/all", dangling), ==, 0);

  g_autofree char *a = receive (self, "a.txt", "new", NULL);
  g_assert_cmpstr (a, ==, "a (1).txt");
  g_autofree char *a2 = receive (self, "a.txt", "newer", NULL);
  g_assert_cmpstr (a2, ==, "a (2).txt");
  g_autofree char *b = receive (self, "b.txt", "new", NULL);
  g_assert_cmpstr (b, ==, "b (2).txt");
  g_autofree char *c = receive (self, "link.txt", "new", NULL);
  g_assert_cmpstr (c, ==, "link (1).txt");
  g_autofree char *d = receive (self, "dangling", "new", NULL);
  g_assert_cmpstr (d, ==, "dangling (1)");
  assert_content (self, "a.txt", "mine");
  assert_content (self, "a (1).txt", "new");
  assert_content (self, "a (2).txt", "newer");
  assert_content (self, "B.TXT", "mine too");
  g_assert_false (g_file_test ("/nowhere/at/all", G_FILE_TEST_EXISTS));
}

static void
test_part_long_name (Fixture *self, gconstpointer data)
{
  g_test_summary ("A name as long as may be works, and so do its number and its .bad");
  g_autofree char *many = g_strnfill (97, 'x');
  /* 197 bytes; the part's name is cut at 100, which is inside a character */
  g_autofree char *name = g_strconcat ("xx", many, "ä", many, "t", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  g_autofree char *first = receive (self, name, "1", NULL);
  g_autofree char *second = receive (self, name, "2", NULL);
  g_assert_cmpstr (first, ==, name);
  g_assert_cmpstr (second, !=, name);

  g_autoptr (FerryPartFile) part = create (self->folder, name, 0, &error);
  g_assert_no_error (error);
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  for (const char *entry; (entry = g_dir_read_name (dir)) != NULL;)
    g_assert_true (g_utf8_validate (entry, -1, NULL));
  ferry_part_file_set_aside_async (part, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  g_autofree char *bad = ferry_part_file_complete_finish (part, result, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (bad, "t.bad"));
}

static void
test_part_discard (Fixture *self, gconstpointer data)
{
  g_test_summary ("A discarded part is gone; one that has its name stays");
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryPartFile) part = create (self->folder, "a", 1000, &error);
  g_autoptr (FerryPartFile) kept = create (self->folder, "b", 0, &error);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) other = NULL;
  g_assert_no_error (error);

  ferry_part_file_discard_async (part, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  g_assert_cmpuint (count_files (self), ==, 1);
  g_autofree char *path = complete (kept, NULL, &error);
  g_assert_no_error (error);
  ferry_part_file_discard_async (kept, ferry_test_take_result, &other);
  ferry_test_wait (other != NULL, 10);
  g_assert_cmpuint (count_files (self), ==, 1);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_part_folders (Fixture *self, gconstpointer data)
{
  g_test_summary ("A folder that is missing, no folder, unwritable or gone says so");
  g_autofree char *missing = g_build_filename (self->folder, "missing", NULL);
  g_autofree char *file = g_build_filename (self->folder, "file", NULL);
  g_autofree char *doomed = g_build_filename (self->folder, "doomed", NULL);
  put (self, "file", "x");
  /* /proc refuses new files even to root. */
  const char *const folders[] = { missing, file, "/proc" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FerryPartFile) part = create (folders[i], "a", 1, &error);
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_TARGET);
      g_assert_null (part);
    }

  g_autoptr (GError) error = NULL;
  g_assert_cmpint (g_mkdir (doomed, 0700), ==, 0);
  g_autoptr (FerryPartFile) part = create (doomed, "a", 1, &error);
  g_assert_no_error (error);
  ferry_test_remove_folder (doomed);
  g_autofree char *path = complete (part, NULL, &error);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_TARGET);
  g_assert_null (path);
}

static void
test_part_no_space (Fixture *self, gconstpointer data)
{
  g_test_summary ("A claimed size that does not fit is refused and leaves nothing behind");
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryPartFile) part = create (self->folder, "a", G_MAXINT64, &error);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NO_SPACE);
  g_assert_null (part);
  g_assert_cmpuint (count_files (self), ==, 0);
}

static void
test_disk_reserve (void)
{
  g_test_summary ("5 % of a disk stay free, but not more than 1 GB");
  const guint64 gb = 1000 * 1000 * 1000;

  g_assert_cmpuint (ferry_disk_get_usable (10 * gb, 2 * gb), ==, 3 * gb / 2);
  g_assert_cmpuint (ferry_disk_get_usable (10 * gb, gb / 2), ==, 0);
  g_assert_cmpuint (ferry_disk_get_usable (1000 * gb, 2 * gb), ==, gb);
  g_assert_cmpuint (ferry_disk_get_usable (0, 0), ==, 0);
}

static FerrySourceFile *
open_source (const char *path, FerryHashAlgo algo, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferry_source_file_open_async (path, algo, NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 20);
  return ferry_source_file_open_finish (result, error);
}

static gboolean
check_source (FerrySourceFile *source, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  ferry_source_file_check_async (source, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 20);
  return ferry_source_file_check_finish (source, result, error);
}

static void
test_source_info (Fixture *self, gconstpointer data)
{
  g_test_summary ("Small files have their hash at once, those between when asked, and "
                  "large ones a promise");
  g_autofree char *small = g_build_filename (self->folder, "small.png", NULL);
  g_autofree char *large = g_build_filename (self->folder, "large", NULL);
  g_autoptr (GError) error = NULL;
  FerryHash expected;

  ferry_test_write_file (small, 700001, 3);
  hash_file (small, FERRY_HASH_SHA256, &expected);
  g_autoptr (FerrySourceFile) source = open_source (small, FERRY_HASH_SHA256, &error);
  g_assert_no_error (error);
  FerryFileInfo *info = ferry_source_file_get_info (source);
  g_assert_cmpstr (info->name, ==, "small.png");
  g_assert_cmpint (info->size, ==, 700001);
  g_assert_true (ferry_hash_equal (&info->hash, &expected));
  g_assert_cmpint (info->hash_used, ==, FERRY_HASH_NONE);
  g_assert_nonnull (info->date);

  g_autofree char *middle = g_build_filename (self->folder, "middle", NULL);
  ferry_test_write_file (middle, FERRY_SOURCE_FILE_MIN_ASK_BYTES, 4);
  hash_file (middle, FERRY_HASH_SHA256, &expected);
  g_autoptr (FerrySourceFile) asked = open_source (middle, FERRY_HASH_SHA256, &error);
  g_assert_no_error (error);
  info = ferry_source_file_get_info (asked);
  g_assert_cmpint (info->hash.algo, ==, FERRY_HASH_NONE);
  g_assert_cmpint (info->hash_used, ==, FERRY_HASH_NONE);
  g_autoptr (GAsyncResult) result = NULL;
  ferry_source_file_hash_async (asked, NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  g_assert_true (ferry_source_file_hash_finish (asked, result, &error));
  g_assert_true (ferry_hash_equal (&info->hash, &expected));

  int fd = open (large, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint (ftruncate (fd, FERRY_SOURCE_FILE_MAX_HASH_BYTES + 1), ==, 0);
  close (fd);
  g_autoptr (FerrySourceFile) big = open_source (large, FERRY_HASH_SHA256, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ferry_source_file_get_info (big)->hash.algo, ==, FERRY_HASH_NONE);
  g_assert_cmpint (ferry_source_file_get_info (big)->hash_used, ==, FERRY_HASH_SHA256);

  g_autoptr (FerrySourceFile) unhashed = open_source (small, FERRY_HASH_NONE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ferry_source_file_get_info (unhashed)->hash.algo, ==, FERRY_HASH_NONE);
  g_assert_cmpint (ferry_source_file_get_info (unhashed)->hash_used, ==, FERRY_HASH_NONE);
}

static void
test_source_changed (Fixture *self, gconstpointer data)
{
  g_test_summary ("A file that grew or was written to is not the one that was offered");
  g_autofree char *path = g_build_filename (self->folder, "a", NULL);
  g_autoptr (GError) error = NULL;
  put (self, "a", "abc");

  g_autoptr (FerrySourceFile) source = open_source (path, FERRY_HASH_SHA256, &error);
  g_assert_no_error (error);
  g_assert_true (check_source (source, &error));
  g_assert_no_error (error);

  int fd = open_in (self->folder, "a", O_WRONLY | O_APPEND);
  g_assert_cmpint (write (fd, "d", 1), ==, 1);
  g_assert_false (check_source (source, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE);
  g_clear_error (&error);

  g_autoptr (FerrySourceFile) again = open_source (path, FERRY_HASH_SHA256, &error);
  g_assert_no_error (error);
  const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = 1 } };
  g_assert_cmpint (futimens (fd, times), ==, 0);
  close (fd);
  g_assert_false (check_source (again, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE);
}

static void
test_source_refused (Fixture *self, gconstpointer data)
{
  g_test_summary ("What is neither a file nor a folder is not sent, and a FIFO hangs nobody");
  g_autofree char *missing = g_build_filename (self->folder, "missing", NULL);
  g_autofree char *fifo = g_build_filename (self->folder, "fifo", NULL);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  const char *const paths[] = { missing, fifo, "/dev/zero" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FerrySourceFile) source = open_source (paths[i], FERRY_HASH_SHA256, &error);
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE);
      g_assert_null (source);
    }
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/part/life", test_part_life);
  ADD ("/part/dates", test_part_dates);
  ADD ("/part/names-taken", test_part_names_taken);
  ADD ("/part/long-name", test_part_long_name);
  ADD ("/part/discard", test_part_discard);
  ADD ("/part/folders", test_part_folders);
  ADD ("/part/no-space", test_part_no_space);
  g_test_add_func ("/part/reserve", test_disk_reserve);
  ADD ("/source/info", test_source_info);
  ADD ("/source/changed", test_source_changed);
  ADD ("/source/refused", test_source_refused);
  return g_test_run ();
}
