/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-lateness"

#include "config.h"

#include "base/ferry-lateness.h"

#include <time.h>

#define TICK_MS 5
/* A frame at 60 Hz. */
#define NOTABLE_US 16667

struct _FerryLateness
{
  guint source_id;
  gint64 expected_us; /* 0: before the first tick */
  gint64 worked_us;   /* what this thread had worked by then */
  gint64 worst_us;
};

/* Processor time of this thread: what of a delay is our own, and not that of a busy machine. */
static gint64
get_worked_us (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gboolean
tick_cb (gpointer user_data)
{
  FerryLateness *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  gint64 late_us = self->expected_us != 0 ? now_us - self->expected_us : 0;

  gint64 worked_us = get_worked_us ();

  if (late_us > NOTABLE_US)
    g_debug ("%.1f ms late, after %.1f ms of work", (double) late_us / 1000,
             (double) (worked_us - self->worked_us) / 1000);
  self->worked_us = worked_us;
  self->worst_us = MAX (self->worst_us, late_us);
  self->expected_us = now_us + TICK_MS * 1000;
  return G_SOURCE_CONTINUE;
}

FerryLateness *
ferry_lateness_start (void)
{
  FerryLateness *self = g_new0 (FerryLateness, 1);

  self->source_id = g_timeout_add_full (G_PRIORITY_DEFAULT, TICK_MS, tick_cb, self, NULL);
  return self;
}

double
ferry_lateness_stop (FerryLateness *self)
{
  g_return_val_if_fail (self != NULL, 0);

  double worst_ms = (double) self->worst_us / 1000;

  g_source_remove (self->source_id);
  g_free (self);
  return worst_ms;
}
