/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets with a Secret Service: a real one (gnome-keyring-daemon) on a private bus, and one
 * that takes every question and never answers. Each test is a process of its own, because
 * libsecret keeps its service for the life of the process. */
#include "ferry-test.h"

#include "store/ferry-secrets.h"

#include <string.h>

#define SERVICE "org.freedesktop.secrets"
#define SERVICE_PATH "/org/freedesktop/secrets"

typedef struct
{
  GTestDBus *bus;
  GSubprocess *keyring; /* nullable */
  char *folder;
} Desktop;

static gboolean
begin_subprocess (void)
{
  if (g_test_subprocess ())
    return TRUE;
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  return FALSE;
}

static void
desktop_start (Desktop *self)
{
  self->folder = ferry_test_make_folder ();
  self->keyring = NULL;
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
}

static void
desktop_stop (Desktop *self)
{
  if (self->keyring != NULL)
    {
      g_subprocess_send_signal (self->keyring, SIGTERM);
      g_subprocess_wait (self->keyring, NULL, NULL);
      g_clear_object (&self->keyring);
    }
  /* Letting go of it would wait for libsecret to close its connection; the process ends soon.
   */
  static GTestDBus *volatile stopped_bus; /* volatile: else it is optimized away, and leaks */
  stopped_bus = g_steal_pointer (&self->bus);
  g_test_dbus_stop (stopped_bus);
  ferry_test_remove_folder (self->folder);
  g_clear_pointer (&self->folder, g_free);
}

static GDBusConnection *
get_connection (void)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  /* Stopping the bus is the end of the test, not of the process. */
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  return connection;
}

static void
on_name_appeared (GDBusConnection *connection,
                  const char *name,
                  const char *owner,
                  gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
wait_for_service (GDBusConnection *connection)
{
  gboolean is_there = FALSE;
  guint watch =
      g_bus_watch_name_on_connection (connection, SERVICE, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                      on_name_appeared, NULL, &is_there, NULL);
  ferry_test_wait (is_there, 15);
  g_bus_unwatch_name (watch);
}

/* A keyring with an unlocked collection of its own, in the folder of the test. */
static void
desktop_start_keyring (Desktop *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
      G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_launcher_setenv (launcher, "HOME", self->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", self->folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", self->folder, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "DISPLAY");
  /* It warns in normal work, and we are not here to test it. */
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  self->keyring = g_subprocess_launcher_spawn (
      launcher, &error, "gnome-keyring-daemon", "--foreground", "--unlock",
      "--components=secrets", "--control-directory", self->folder, NULL);
  g_assert_no_error (error);
  GOutputStream *password = g_subprocess_get_stdin_pipe (self->keyring);
  g_output_stream_write_all (password, "test\n", 5, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (password, NULL, &error);
  g_assert_no_error (error);

  g_autoptr (GDBusConnection) connection = get_connection ();
  wait_for_service (connection);
}

/* Skips the test where the machine lacks what it starts. */
static gboolean
has_program (const char *name)
{
  g_autofree char *program = g_find_program_in_path (name);
  g_autofree char *message = g_strdup_printf ("%s is not installed", name);
  if (program == NULL)
    g_test_skip (message);
  return program != NULL;
}

static void
store (FerrySecrets *secrets, const char *secret)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ferry_secrets_store_async (secrets, "a", "Ferry test", secret, NULL, ferry_test_take_result,
                             &result);
  ferry_test_wait (result != NULL, 20);
  ferry_secrets_store_finish (secrets, result, &error);
  g_assert_no_error (error);
}

static void
assert_secret (FerrySecrets *secrets, const char *expected)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ferry_secrets_lookup_async (secrets, "a", NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 20);
  g_autofree char *secret = ferry_secrets_lookup_finish (secrets, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (secret, ==, expected);
}

static void
clear (FerrySecrets *secrets)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ferry_secrets_clear_async (secrets, "a", NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 20);
  ferry_secrets_clear_finish (secrets, result, &error);
  g_assert_no_error (error);
}

static gboolean
file_has (Desktop *desktop, const char *text)
{
  g_autofree char *path = g_build_filename (desktop->folder, "secrets.json", NULL);
  g_autofree char *contents = NULL;
  return g_file_get_contents (path, &contents, NULL, NULL) && strstr (contents, text) != NULL;
}

static void
test_keyring (void)
{
  g_test_summary ("With an unlocked keyring secrets are there, and nothing is in a file");
  Desktop desktop;
  if (!has_program ("dbus-daemon") || !has_program ("gnome-keyring-daemon") ||
      !begin_subprocess ())
    return;
  desktop_start (&desktop);
  desktop_start_keyring (&desktop);

  /* What was stored while there was no keyring goes away when the keyring has it. */
  g_autoptr (FerrySecrets) file = ferry_secrets_new (desktop.folder, FERRY_SECRETS_FILE_ONLY);
  store (file, "from the file");
  g_autoptr (FerrySecrets) secrets = ferry_secrets_new (desktop.folder, FERRY_SECRETS_NONE);
  assert_secret (secrets, "from the file");
  g_assert_cmpstr (ferry_secrets_get_backend (secrets), ==, "secret-service");
  store (secrets, "in the keyring");
  g_assert_false (file_has (&desktop, "from the file"));
  g_assert_false (file_has (&desktop, "in the keyring"));

  g_autoptr (FerrySecrets) other = ferry_secrets_new (desktop.folder, FERRY_SECRETS_NONE);
  assert_secret (other, "in the keyring");
  store (other, "replaced");
  assert_secret (secrets, "replaced");
  clear (secrets);
  assert_secret (other, NULL);
  g_assert_cmpstr (ferry_secrets_get_backend (other), ==, "secret-service");
  desktop_stop (&desktop);
}

static void
lock_keyring (void)
{
  g_autoptr (GDBusConnection) connection = get_connection ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) alias = g_dbus_connection_call_sync (
      connection, SERVICE, SERVICE_PATH, "org.freedesktop.Secret.Service", "ReadAlias",
      g_variant_new ("(s)", "default"), G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, 5000,
      NULL, &error);
  g_assert_no_error (error);
  const char *path = NULL;
  g_variant_get (alias, "(&o)", &path);
  g_assert_cmpstr (path, !=, "/");

  const char *paths[] = { path, NULL };
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      connection, SERVICE, SERVICE_PATH, "org.freedesktop.Secret.Service", "Lock",
      g_variant_new ("(^ao)", paths), NULL, G_DBUS_CALL_FLAGS_NONE, 5000, NULL, &error);
  g_assert_no_error (error);
}

static void
test_locked (void)
{
  g_test_summary ("A locked keyring is not asked to ask: the file is used, at once");
  Desktop desktop;
  if (!has_program ("dbus-daemon") || !has_program ("gnome-keyring-daemon") ||
      !begin_subprocess ())
    return;
  desktop_start (&desktop);
  desktop_start_keyring (&desktop);
  lock_keyring ();

  g_autoptr (FerrySecrets) secrets = ferry_secrets_new (desktop.folder, FERRY_SECRETS_NONE);
  gint64 start_us = g_get_monotonic_time ();
  store (secrets, "in the file");
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 2e6 * ferry_test_patience ());
  g_assert_cmpstr (ferry_secrets_get_backend (secrets), ==, "file");
  g_assert_true (file_has (&desktop, "in the file"));
  assert_secret (secrets, "in the file");
  desktop_stop (&desktop);
}

static void
test_absent (void)
{
  g_test_summary ("A bus without a Secret Service: the file is used, at once");
  Desktop desktop;
  if (!has_program ("dbus-daemon") || !begin_subprocess ())
    return;
  desktop_start (&desktop);
  g_object_unref (get_connection ());
  g_autoptr (FerrySecrets) secrets =
      ferry_secrets_new (desktop.folder, FERRY_SECRETS_INTERACTIVE);
  gint64 start_us = g_get_monotonic_time ();
  store (secrets, "in the file");
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 2e6 * ferry_test_patience ());
  g_assert_cmpstr (ferry_secrets_get_backend (secrets), ==, "file");
  assert_secret (secrets, "in the file");
  desktop_stop (&desktop);
}

/* Takes calls to the service and drops them. Runs in GDBus's thread. */
static GDBusMessage *
swallow_cb (GDBusConnection *connection,
            GDBusMessage *message,
            gboolean is_incoming,
            gpointer user_data)
{
  if (is_incoming &&
      g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    {
      g_atomic_int_inc ((int *) user_data);
      g_object_unref (message);
      return NULL;
    }
  return message;
}

static gboolean
count_tick_cb (gpointer user_data)
{
  (*(guint *) user_data)++;
  return G_SOURCE_CONTINUE;
}

static void
test_silent (void)
{
  g_test_summary ("A service that never answers is given up after 3 s; the main loop runs on");
  Desktop desktop;
  if (!has_program ("dbus-daemon") || !begin_subprocess ())
    return;
  desktop_start (&desktop);
  g_object_unref (get_connection ());
  g_autoptr (GError) error = NULL;
  int n_swallowed = 0;
  guint n_ticks = 0;
  g_autoptr (GDBusConnection) silent = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (desktop.bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_add_filter (silent, swallow_cb, &n_swallowed, NULL);
  guint name = g_bus_own_name_on_connection (silent, SERVICE, G_BUS_NAME_OWNER_FLAGS_NONE, NULL,
                                             NULL, NULL, NULL);
  wait_for_service (silent);

  guint ticker = g_timeout_add (20, count_tick_cb, &n_ticks);
  g_autoptr (FerrySecrets) secrets = ferry_secrets_new (desktop.folder, FERRY_SECRETS_NONE);
  gint64 start_us = g_get_monotonic_time ();
  store (secrets, "in the file");
  gint64 first_us = g_get_monotonic_time () - start_us;
  g_assert_cmpint (first_us, >, 2.5 * G_USEC_PER_SEC);
  g_assert_cmpint (first_us, <, 6e6 * ferry_test_patience ());
  g_assert_cmpuint (n_ticks, >, 50);
  g_assert_cmpint (g_atomic_int_get (&n_swallowed), >, 0);
  g_assert_cmpstr (ferry_secrets_get_backend (secrets), ==, "file");

  start_us = g_get_monotonic_time ();
  assert_secret (secrets, "in the file");
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 2e6 * ferry_test_patience ());

  g_source_remove (ticker);
  g_bus_unown_name (name);
  desktop_stop (&desktop);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keyring/unlocked", test_keyring);
  g_test_add_func ("/keyring/locked", test_locked);
  g_test_add_func ("/keyring/absent", test_absent);
  g_test_add_func ("/keyring/silent", test_silent);
  return g_test_run ();
}
