/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the end of a sleep is noticed, with and without logind. tests/cli/test_reconnect.py shows
 * what comes of it. */
#include "ferry-test.h"

#include "xmpp/ferry-wake-watch.h"

static gint64 slept_us;
static guint n_reads;

static gint64
fake_slept (void)
{
  n_reads++;
  return slept_us;
}

static void
count_cb (FerryWakeWatch *watch, guint *n_woke)
{
  (*n_woke)++;
}

static void
wait_reads (guint n)
{
  guint target = n_reads + n;
  ferry_test_wait (n_reads >= target, 5);
}

static void
test_clocks (void)
{
  g_test_summary (
      "Without logind a sleep shows in the clocks, once; their small errors do not");

  guint n_woke = 0;
  slept_us = 7 * G_USEC_PER_SEC;
  g_autoptr (FerryWakeWatch) watch = ferry_wake_watch_new (NULL, fake_slept, 5);
  g_signal_connect (watch, "woke", G_CALLBACK (count_cb), &n_woke);

  wait_reads (3);
  slept_us += G_USEC_PER_SEC / 2;
  wait_reads (3);
  g_assert_cmpuint (n_woke, ==, 0);
  slept_us += 3600 * (gint64) G_USEC_PER_SEC;
  wait_reads (3);
  g_assert_cmpuint (n_woke, ==, 1);
}

/* --- A private bus ---------------------------------------------------------------------------
 */

typedef struct
{
  GTestDBus *daemon;
  GDBusConnection *ours;
  GDBusConnection *logind;
} Bus;

static GDBusConnection *
connect_bus (GTestDBus *daemon)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (daemon),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static void
set_up (Bus *bus, gconstpointer data)
{
  bus->daemon = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus->daemon);
  bus->ours = connect_bus (bus->daemon);
  bus->logind = connect_bus (bus->daemon);
}

static void
tear_down (Bus *bus, gconstpointer data)
{
  g_clear_object (&bus->ours);
  g_clear_object (&bus->logind);
  g_test_dbus_down (bus->daemon);
  g_clear_object (&bus->daemon);
}

static void
emit (GDBusConnection *from, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_dbus_connection_emit_signal (from, NULL, "/org/freedesktop/login1",
                                 "org.freedesktop.login1.Manager", "PrepareForSleep",
                                 parameters, &error);
  g_assert_no_error (error);
}

static void
test_logind (Bus *bus, gconstpointer data)
{
  g_test_summary ("logind's word counts while logind is there, and nobody else's");

  guint n_woke = 0;
  slept_us = 0;
  g_autoptr (FerryWakeWatch) watch = ferry_wake_watch_new (bus->ours, fake_slept, 5);
  g_signal_connect (watch, "woke", G_CALLBACK (count_cb), &n_woke);
  wait_reads (2); /* it is not there yet */

  guint id = g_bus_own_name_on_connection (bus->logind, "org.freedesktop.login1",
                                           G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  /* When the clocks are no longer read the bus is listened to. */
  gint64 quiet_us = g_get_monotonic_time ();
  guint seen = n_reads;
  while (g_get_monotonic_time () - quiet_us < 300 * 1000)
    {
      ferry_test_iterate (g_get_monotonic_time () + 10000);
      if (n_reads != seen)
        quiet_us = g_get_monotonic_time ();
      seen = n_reads;
    }

  emit (bus->ours, g_variant_new ("(b)", FALSE)); /* not from logind */
  emit (bus->logind, g_variant_new ("(s)", "nonsense"));
  emit (bus->logind, g_variant_new ("(b)", TRUE));
  emit (bus->logind, g_variant_new ("(b)", FALSE));
  ferry_test_wait (n_woke > 0, 10);
  g_assert_cmpuint (n_woke, ==, 1);

  g_bus_unown_name (id);
  wait_reads (2); /* the clocks are back */
  slept_us += 60 * G_USEC_PER_SEC;
  ferry_test_wait (n_woke == 2, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wake-watch/clocks", test_clocks);
  g_test_add ("/wake-watch/logind", Bus, NULL, set_up, test_logind, tear_down);
  return g_test_run ();
}
