/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryWakeWatch: notices that the machine has slept, and is awake again: connections may be
 * dead then, and nobody will ever say so. logind tells it where there is one; else it shows in
 * the clocks, because one of them stands still during sleep and another one does not. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRY_TYPE_WAKE_WATCH (ferry_wake_watch_get_type ())
G_DECLARE_FINAL_TYPE (FerryWakeWatch, ferry_wake_watch, FERRY, WAKE_WATCH, GObject)

/* Returns: microseconds that the machine has slept since it was started */
typedef gint64 (*FerrySleptFunc) (void);

/* Signal "woke", in the main context that made the object.
 *
 * Returns: (transfer full): the one of this process, made if need be */
FerryWakeWatch *ferry_wake_watch_get (void);

/* For tests: one of its own, on another bus and other clocks.
 *
 * @bus: (nullable): where logind may be; %NULL: nowhere
 * @slept: what the clocks say
 * @period_ms: how often they are looked at where there is no logind */
FerryWakeWatch *
ferry_wake_watch_new (GDBusConnection *bus, FerrySleptFunc slept, guint period_ms);

G_END_DECLS
