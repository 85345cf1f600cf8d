/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "store/ferry-secrets.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

static char *
lookup (FerrySecrets *secrets, const char *name, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  ferry_secrets_lookup_async (secrets, name, NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  return ferry_secrets_lookup_finish (secrets, result, error);
}

static void
store (FerrySecrets *secrets, const char *name, const char *secret)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ferry_secrets_store_async (secrets, name, "Test", secret, NULL, ferry_test_take_result,
                             &result);
  ferry_test_wait (result != NULL, 10);
  ferry_secrets_store_finish (secrets, result, &error);
  g_assert_no_error (error);
}

static void
clear (FerrySecrets *secrets, const char *name)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ferry_secrets_clear_async (secrets, name, NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  ferry_secrets_clear_finish (secrets, result, &error);
  g_assert_no_error (error);
}

static void
assert_secret (FerrySecrets *secrets, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *secret = lookup (secrets, name, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (secret, ==, expected);
}

static void
test_file (void)
{
  g_test_summary ("The file keeps secrets from one object to the next, for the user alone");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "secrets.json", NULL);
  g_autoptr (FerrySecrets) secrets = ferry_secrets_new (folder, FERRY_SECRETS_FILE_ONLY);
  struct stat info;

  g_assert_cmpstr (ferry_secrets_get_backend (secrets), ==, "file");
  assert_secret (secrets, "a", NULL);
  clear (secrets, "a");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  mode_t old_mask = umask (0);
  store (secrets, "a", "pass \"word\"\n\\ \303\274 []=");
  umask (old_mask);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);
  store (secrets, "b=[x]@y/z", "");
  assert_secret (secrets, "a", "pass \"word\"\n\\ \303\274 []=");

  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
  store (secrets, "a", "new");
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0600);

  g_autoptr (FerrySecrets) other = ferry_secrets_new (folder, FERRY_SECRETS_FILE_ONLY);
  assert_secret (other, "a", "new");
  assert_secret (other, "b=[x]@y/z", "");
  clear (other, "a");
  assert_secret (secrets, "a", NULL);
  assert_secret (secrets, "b=[x]@y/z", "");
  ferry_test_remove_folder (folder);
}

static void
test_order (void)
{
  g_test_summary ("Requests made at once are carried out in order, and none is lost");
  enum
  {
    N = 30
  };
  g_autofree char *folder = ferry_test_make_folder ();
  g_autoptr (FerrySecrets) secrets = ferry_secrets_new (folder, FERRY_SECRETS_FILE_ONLY);
  GAsyncResult *results[N + 1] = { NULL };

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *name = g_strdup_printf ("name %u", i % 10);
      g_autofree char *secret = g_strdup_printf ("secret %u", i);
      ferry_secrets_store_async (secrets, name, "Test", secret, NULL, ferry_test_take_result,
                                 &results[i]);
    }
  ferry_secrets_lookup_async (secrets, "name 3", NULL, ferry_test_take_result, &results[N]);
  ferry_test_wait (results[N] != NULL, 20);
  for (guint i = 0; i < N; i++)
    {
      g_autoptr (GError) error = NULL;
      ferry_test_wait (results[i] != NULL, 20);
      ferry_secrets_store_finish (secrets, results[i], &error);
      g_assert_no_error (error);
      g_object_unref (results[i]);
    }
  g_autofree char *last = ferry_secrets_lookup_finish (secrets, results[N], NULL);
  g_assert_cmpstr (last, ==, "secret 23");
  g_object_unref (results[N]);
  ferry_test_remove_folder (folder);
}

static void
test_damaged (gconstpointer contents)
{
  g_test_summary ("A file that is none is an error to read, and kept when a new one is begun");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "secrets.json", NULL);
  g_autofree char *damaged = g_strconcat (path, ".damaged", NULL);
  g_autofree char *kept = NULL;
  g_autoptr (FerrySecrets) secrets = ferry_secrets_new (folder, FERRY_SECRETS_FILE_ONLY);
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, contents, -1, NULL));

  g_assert_null (lookup (secrets, "a", &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  store (secrets, "a", "x");
  assert_secret (secrets, "a", "x");
  g_assert_true (g_file_get_contents (damaged, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, contents);
  ferry_test_remove_folder (folder);
}

static void
test_odd_member (void)
{
  g_test_summary ("A member that is no text is no secret");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "secrets.json", NULL);
  g_autoptr (FerrySecrets) secrets = ferry_secrets_new (folder, FERRY_SECRETS_FILE_ONLY);
  g_assert_true (
      g_file_set_contents (path, "{\"a\": 5, \"b\": {}, \"c\": null, \"d\": \"x\"}", -1, NULL));
  assert_secret (secrets, "a", NULL);
  assert_secret (secrets, "b", NULL);
  assert_secret (secrets, "c", NULL);
  assert_secret (secrets, "d", "x");
  ferry_test_remove_folder (folder);
}

static void
test_unwritable (void)
{
  g_test_summary ("Where nothing can be written, storing says so");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autofree char *absent = g_build_filename (folder, "absent", NULL);
  g_autoptr (FerrySecrets) secrets = ferry_secrets_new (absent, FERRY_SECRETS_FILE_ONLY);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ferry_secrets_store_async (secrets, "a", "Test", "x", NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 10);
  g_assert_false (ferry_secrets_store_finish (secrets, result, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  ferry_test_remove_folder (folder);
}

static void
test_cancelled (void)
{
  g_test_summary ("A cancelled request says so and changes nothing");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autoptr (FerrySecrets) secrets = ferry_secrets_new (folder, FERRY_SECRETS_FILE_ONLY);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_cancellable_cancel (cancellable);
  ferry_secrets_store_async (secrets, "a", "Test", "x", cancellable, ferry_test_take_result,
                             &result);
  ferry_test_wait (result != NULL, 10);
  g_assert_false (ferry_secrets_store_finish (secrets, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_secret (secrets, "a", NULL);
  ferry_test_remove_folder (folder);
}

static void
test_no_bus (void)
{
  g_test_summary ("Without a session bus secrets go to the file, at once");
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  g_autofree char *folder = ferry_test_make_folder ();
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  g_autoptr (FerrySecrets) secrets = ferry_secrets_new (folder, FERRY_SECRETS_NONE);
  gint64 start_us = g_get_monotonic_time ();
  g_assert_null (ferry_secrets_get_backend (secrets));
  store (secrets, "a", "x");
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 2e6 * ferry_test_patience ());
  g_assert_cmpstr (ferry_secrets_get_backend (secrets), ==, "file");
  assert_secret (secrets, "a", "x");
  ferry_test_remove_folder (folder);
}

static void
test_profile (void)
{
  g_test_summary ("A throw-away profile never touches the keyring");
  g_autofree char *folder = ferry_test_make_folder ();
  g_autoptr (FerryProfile) profile = ferry_profile_open (folder, NULL);
  g_assert_nonnull (profile);
  g_autoptr (FerrySecrets) secrets =
      ferry_secrets_new_for_profile (profile, FERRY_SECRETS_INTERACTIVE);
  g_autoptr (FerryJid) jid = ferry_jid_new ("Ada@example.org/x", NULL);
  g_autofree char *name = ferry_secrets_dup_password_name (jid);
  g_assert_cmpstr (ferry_secrets_get_backend (secrets), ==, "file");
  g_assert_cmpstr (name, ==, "password:ada@example.org");
  g_clear_object (&secrets);
  g_clear_object (&profile);
  ferry_test_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secrets/file", test_file);
  g_test_add_func ("/secrets/order", test_order);
  g_test_add_data_func ("/secrets/damaged/cut", "{ \"a\": \"secr", test_damaged);
  g_test_add_data_func ("/secrets/damaged/list", "[ 1 ]", test_damaged);
  g_test_add_data_func ("/secrets/damaged/empty", "", test_damaged);
  g_test_add_func ("/secrets/odd-member", test_odd_member);
  g_test_add_func ("/secrets/unwritable", test_unwritable);
  g_test_add_func ("/secrets/cancelled", test_cancelled);
  g_test_add_func ("/secrets/no-bus", test_no_bus);
  g_test_add_func ("/secrets/profile", test_profile);
  return g_test_run ();
}
