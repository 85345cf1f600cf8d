/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "store/ferry-profile.h"
#include "store/ferry-settings.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

/* How the child process of the locking test says what it met. */
#define EXIT_OPENED 0
#define EXIT_BUSY 10
#define EXIT_OTHER 11

static char *self_path;

static guint
get_mode (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat info;
  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static int
open_in_child (const char *folder)
{
  const char *argv[] = { self_path, "--open", folder, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) child = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_NONE, &error);
  g_assert_no_error (error);
  g_subprocess_wait (child, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (child));
  return g_subprocess_get_exit_status (child);
}

static int
run_child (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryProfile) profile = ferry_profile_open (folder, &error);
  if (profile != NULL)
    return EXIT_OPENED;
  return g_error_matches (error, FERRY_ERROR, FERRY_ERROR_BUSY) ? EXIT_BUSY : EXIT_OTHER;
}

static void
test_modes (void)
{
  g_test_summary ("Whatever the umask, nobody else can read a profile");
  g_autofree char *parent = ferry_test_make_folder ();
  g_autofree char *folder = g_build_filename (parent, "a", "b", NULL);
  g_autoptr (GError) error = NULL;
  mode_t old_mask = umask (0);
  g_autoptr (FerryProfile) profile = ferry_profile_open (folder, &error);
  g_assert_no_error (error);
  /* Reading makes the companions of the database appear. */
  g_autofree char *resource = ferry_settings_dup_resource (ferry_profile_get_store (profile));
  umask (old_mask);

  g_assert_cmpuint (get_mode (folder, ""), ==, 0700);
  g_assert_cmpuint (get_mode (folder, "ferry.db"), ==, 0600);
  g_assert_cmpuint (get_mode (folder, "ferry.db-wal"), ==, 0600);
  g_assert_cmpuint (get_mode (folder, "lock"), ==, 0600);
  g_assert_cmpstr (ferry_profile_get_folder (profile), ==, folder);
  g_assert_null (ferry_profile_get_rescued_path (profile));
  g_assert_false (ferry_profile_is_default (profile));

  g_clear_object (&profile);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  profile = ferry_profile_open (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (get_mode (folder, ""), ==, 0700);
  g_clear_object (&profile);
  ferry_test_remove_folder (parent);
}

static void
test_foreign_folder (void)
{
  g_test_summary ("A folder with other things in it, given by mistake, keeps its mode");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  g_autoptr (FerryProfile) profile = ferry_profile_open (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (get_mode (folder, ""), ==, 0755);
  g_assert_cmpuint (get_mode (folder, "ferry.db"), ==, 0600);
  g_clear_object (&profile);
  ferry_test_remove_folder (folder);
}

static void
test_lock (void)
{
  g_test_summary ("One process, and one object, at a time; the end of the object frees it");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryProfile) profile = ferry_profile_open (folder, &error);
  g_assert_no_error (error);

  g_assert_cmpint (open_in_child (folder), ==, EXIT_BUSY);
  g_assert_null (ferry_profile_open (folder, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_cmpint (open_in_child (folder), ==, EXIT_BUSY);

  g_clear_object (&profile);
  g_assert_cmpint (open_in_child (folder), ==, EXIT_OPENED);
  profile = ferry_profile_open (folder, &error);
  g_assert_no_error (error);
  g_clear_object (&profile);
  ferry_test_remove_folder (folder);
}

static void
test_damaged (gconstpointer contents)
{
  g_test_summary ("What is no database is moved aside with every byte, and a new one begun");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "ferry.db", NULL);
  g_autoptr (GError) error = NULL;
  g_file_set_contents (path, contents, -1, &error);
  g_assert_no_error (error);

  g_autoptr (FerryProfile) profile = ferry_profile_open (folder, &error);
  g_assert_no_error (error);
  g_autofree char *kept = NULL;
  g_assert_nonnull (ferry_profile_get_rescued_path (profile));
  g_file_get_contents (ferry_profile_get_rescued_path (profile), &kept, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (kept, ==, contents);
  g_assert_true (
      ferry_settings_set_int (ferry_profile_get_store (profile), "works", 1, &error));
  g_assert_no_error (error);

  g_clear_object (&profile);
  profile = ferry_profile_open (folder, &error);
  g_assert_no_error (error);
  g_assert_null (ferry_profile_get_rescued_path (profile));
  g_assert_cmpint (ferry_settings_get_int (ferry_profile_get_store (profile), "works", 0), ==,
                   1);
  g_clear_object (&profile);
  ferry_test_remove_folder (folder);
}

/* A profile with enough in it to fill some pages. Returns: (transfer full): its database */
static char *
make_filled_profile (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryProfile) profile = ferry_profile_open (folder, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *key = g_strdup_printf ("a rather long key %u", i);
      ferry_settings_set_string (ferry_profile_get_store (profile), key, "with a value",
                                 &error);
      g_assert_no_error (error);
    }
  return g_build_filename (folder, "ferry.db", NULL);
}

static void
test_truncated (void)
{
  g_test_summary ("A database cut at any page boundary or inside a page is noticed and kept");
  static const gsize cuts[] = { 1, 99, 100, 4096, 5000, 8192, 16384 };

  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autofree char *folder = ferry_test_make_folder ();
      g_autofree char *path = make_filled_profile (folder);
      g_autoptr (GError) error = NULL;
      g_assert_cmpint (truncate (path, (off_t) cuts[i]), ==, 0);
      g_autoptr (FerryProfile) profile = ferry_profile_open (folder, &error);
      g_test_message ("cut at %" G_GSIZE_FORMAT, cuts[i]);
      g_assert_no_error (error);
      g_assert_nonnull (ferry_profile_get_rescued_path (profile));
      g_clear_object (&profile);
      ferry_test_remove_folder (folder);
    }
}

static void
test_scribbled (void)
{
  g_test_summary ("A page full of noise in the middle is noticed and kept");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = make_filled_profile (folder);
  g_autofree char *noise = g_strnfill (4096, '\x5a');
  g_autoptr (GError) error = NULL;
  FILE *file = g_fopen (path, "r+b");
  g_assert_nonnull (file);
  g_assert_cmpint (fseek (file, 4096, SEEK_SET), ==, 0);
  g_assert_cmpuint (fwrite (noise, 4096, 1, file), ==, 1);
  g_assert_cmpint (fclose (file), ==, 0);

  g_autoptr (FerryProfile) profile = ferry_profile_open (folder, &error);
  g_assert_no_error (error);
  g_assert_nonnull (ferry_profile_get_rescued_path (profile));
  g_clear_object (&profile);
  ferry_test_remove_folder (folder);
}

static void
test_newer (void)
{
  g_test_summary ("The database of a newer Ferry is refused and stays where it is");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "ferry.db", NULL);
  g_autoptr (GError) error = NULL;
  sqlite3 *db = NULL;
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "PRAGMA user_version = 999", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  sqlite3_close (db);

  g_assert_null (ferry_profile_open (folder, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, "999"));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  ferry_test_remove_folder (folder);
}

static void
test_unusable (void)
{
  g_test_summary ("A folder that cannot be one, and links in place of our files, are errors");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  g_autofree char *below = g_build_filename (file, "profile", NULL);
  g_autofree char *lock = g_build_filename (folder, "lock", NULL);
  g_autofree char *database = g_build_filename (folder, "ferry.db", NULL);
  g_autoptr (GError) error = NULL;
  ferry_test_write_file (file, 10, 1);

  g_assert_null (ferry_profile_open (below, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);

  g_assert_cmpint (symlink (file, lock), ==, 0);
  g_assert_null (ferry_profile_open (folder, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  g_assert_cmpint (unlink (lock), ==, 0);

  g_assert_cmpint (symlink (file, database), ==, 0);
  g_assert_null (ferry_profile_open (folder, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  ferry_test_remove_folder (folder);
}

static void
test_environment (void)
{
  g_test_summary ("Without a folder FERRY_PROFILE decides");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autoptr (GError) error = NULL;
  g_setenv ("FERRY_PROFILE", folder, TRUE);
  g_autoptr (FerryProfile) profile = ferry_profile_open (NULL, &error);
  g_unsetenv ("FERRY_PROFILE");
  g_assert_no_error (error);
  g_assert_cmpstr (ferry_profile_get_folder (profile), ==, folder);
  g_clear_object (&profile);
  ferry_test_remove_folder (folder);
}

static void
test_default (void)
{
  g_test_summary ("Else it is the user's own profile");
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  g_autofree char *data = ferry_test_make_folder ();
  g_autofree char *expected = g_build_filename (data, "ferry", NULL);
  g_autoptr (GError) error = NULL;
  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_autoptr (FerryProfile) profile = ferry_profile_open (NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ferry_profile_get_folder (profile), ==, expected);
  g_assert_true (ferry_profile_is_default (profile));
  g_clear_object (&profile);
  ferry_test_remove_folder (data);
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--open") == 0)
    return run_child (argv[2]);

  self_path = g_canonicalize_filename (argv[0], NULL);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/profile/modes", test_modes);
  g_test_add_func ("/profile/foreign-folder", test_foreign_folder);
  g_test_add_func ("/profile/lock", test_lock);
  g_test_add_data_func ("/profile/damaged/text", "this is no database, but it is long enough",
                        test_damaged);
  g_test_add_data_func ("/profile/damaged/header", "SQLite format 3", test_damaged);
  g_test_add_func ("/profile/truncated", test_truncated);
  g_test_add_func ("/profile/scribbled", test_scribbled);
  g_test_add_func ("/profile/newer", test_newer);
  g_test_add_func ("/profile/unusable", test_unusable);
  g_test_add_func ("/profile/environment", test_environment);
  g_test_add_func ("/profile/default", test_default);
  return g_test_run ();
}
