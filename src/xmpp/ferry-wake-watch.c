/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-wake-watch"
#include "config.h"

#include "xmpp/ferry-wake-watch.h"

#include <time.h>

#define LOGIND "org.freedesktop.login1"
#define PERIOD_MS 10000
/* The clocks are not read at the same moment. */
#define MIN_SLEEP_US G_USEC_PER_SEC

struct _FerryWakeWatch
{
  GObject parent_instance;

  guint watch_id; /* of logind's name */
  GDBusConnection *bus;
  guint subscription; /* with logind */

  FerrySleptFunc slept;
  guint period_ms;
  gint64 slept_us;
  guint timer_id; /* without logind */
};

G_DEFINE_FINAL_TYPE (FerryWakeWatch, ferry_wake_watch, G_TYPE_OBJECT)

static guint woke_signal;
static FerryWakeWatch *of_process; /* borrowed */

/* --- Without logind --------------------------------------------------------------------------
 */

static gint64
get_clock_us (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static gint64
get_slept_us (void)
{
  return get_clock_us (CLOCK_BOOTTIME) - get_clock_us (CLOCK_MONOTONIC);
}

static gboolean
look_cb (gpointer user_data)
{
  FerryWakeWatch *self = user_data;
  gint64 before_us = self->slept_us;

  self->slept_us = self->slept ();
  if (self->slept_us - before_us > MIN_SLEEP_US)
    {
      g_debug ("slept for %" G_GINT64_FORMAT " s",
               (self->slept_us - before_us) / G_USEC_PER_SEC);
      g_signal_emit (self, woke_signal, 0);
    }
  return G_SOURCE_CONTINUE;
}

static void
watch_clocks (FerryWakeWatch *self)
{
  if (self->timer_id != 0)
    return;
  self->slept_us = self->slept ();
  self->timer_id = self->period_ms % 1000 == 0
                       ? g_timeout_add_seconds (self->period_ms / 1000, look_cb, self)
                       : g_timeout_add (self->period_ms, look_cb, self);
}

/* --- With logind -----------------------------------------------------------------------------
 */

static void
prepare_for_sleep_cb (GDBusConnection *bus,
                      const char *sender,
                      const char *path,
                      const char *interface,
                      const char *signal,
                      GVariant *parameters,
                      gpointer user_data)
{
  gboolean begins;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (parameters, "(b)", &begins);
  g_debug ("logind: the machine %s", begins ? "goes to sleep" : "is awake");
  if (!begins)
    g_signal_emit_by_name (user_data, "woke");
}

static void
forget_logind (FerryWakeWatch *self)
{
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  self->subscription = 0;
  g_clear_object (&self->bus);
}

static void
appeared_cb (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  FerryWakeWatch *self = user_data;

  forget_logind (self);
  g_clear_handle_id (&self->timer_id, g_source_remove);
  self->bus = g_object_ref (bus);
  self->subscription = g_dbus_connection_signal_subscribe (
      bus, owner, LOGIND ".Manager", "PrepareForSleep", "/org/freedesktop/login1", NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, prepare_for_sleep_cb, self, NULL);
}

/* Also when there is no bus at all. */
static void
vanished_cb (GDBusConnection *bus, const char *name, gpointer user_data)
{
  forget_logind (user_data);
  watch_clocks (user_data);
}

/* --- The object ------------------------------------------------------------------------------
 */

static void
ferry_wake_watch_dispose (GObject *object)
{
  FerryWakeWatch *self = FERRY_WAKE_WATCH (object);

  if (self->watch_id != 0)
    g_bus_unwatch_name (self->watch_id);
  self->watch_id = 0;
  forget_logind (self);
  g_clear_handle_id (&self->timer_id, g_source_remove);
  if (of_process == self)
    of_process = NULL;
  G_OBJECT_CLASS (ferry_wake_watch_parent_class)->dispose (object);
}

static void
ferry_wake_watch_class_init (FerryWakeWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_wake_watch_dispose;
  woke_signal = g_signal_new ("woke", FERRY_TYPE_WAKE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 0);
}

static void
ferry_wake_watch_init (FerryWakeWatch *self)
{
  self->slept = get_slept_us;
  self->period_ms = PERIOD_MS;
}

FerryWakeWatch *
ferry_wake_watch_get (void)
{
  if (of_process != NULL)
    return g_object_ref (of_process);
  of_process = g_object_new (FERRY_TYPE_WAKE_WATCH, NULL);
  of_process->watch_id =
      g_bus_watch_name (G_BUS_TYPE_SYSTEM, LOGIND, G_BUS_NAME_WATCHER_FLAGS_NONE, appeared_cb,
                        vanished_cb, of_process, NULL);
  return of_process;
}

FerryWakeWatch *
ferry_wake_watch_new (GDBusConnection *bus, FerrySleptFunc slept, guint period_ms)
{
  g_return_val_if_fail (slept != NULL && period_ms > 0, NULL);

  FerryWakeWatch *self = g_object_new (FERRY_TYPE_WAKE_WATCH, NULL);
  self->slept = slept;
  self->period_ms = period_ms;
  if (bus != NULL)
    self->watch_id = g_bus_watch_name_on_connection (bus, LOGIND, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                     appeared_cb, vanished_cb, self, NULL);
  else
    watch_clocks (self);
  return self;
}
