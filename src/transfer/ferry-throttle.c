/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-throttle.h"

/* What may come at once after a rest: an eighth of a second's bytes, but no more than this,
 * unless it would be gone before a thread that waited is awake again. */
#define MAX_BURST_BYTES (64 * 1024)
#define MIN_BURST_BYTES (4 * 1024)
#define WAKING_MS 20
#define MAX_WAIT_MS 100

struct _FerryThrottle
{
  gatomicrefcount ref_count;
  GMutex mutex; /* of all below */
  guint64 rate;
  double n_bytes; /* in the bucket */
  gint64 filled_us;
};

FerryThrottle *
ferry_throttle_new (void)
{
  FerryThrottle *self = g_new0 (FerryThrottle, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->mutex);
  return self;
}

FerryThrottle *
ferry_throttle_ref (FerryThrottle *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_throttle_unref (FerryThrottle *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_mutex_clear (&self->mutex);
  g_free (self);
}

void
ferry_throttle_set_rate (FerryThrottle *self, guint64 rate)
{
  g_mutex_lock (&self->mutex);
  self->rate = rate;
  self->n_bytes = 0;
  self->filled_us = 0;
  g_mutex_unlock (&self->mutex);
}

static double
get_burst (FerryThrottle *self)
{
  double rate = (double) self->rate;

  return MAX (CLAMP (rate / 8, MIN_BURST_BYTES, MAX_BURST_BYTES), rate * WAKING_MS / 1000);
}

static void
fill (FerryThrottle *self, gint64 now_us)
{
  if (self->filled_us > 0 && now_us > self->filled_us)
    self->n_bytes += (double) self->rate * (double) (now_us - self->filled_us) / 1e6;
  self->n_bytes = MIN (self->n_bytes, get_burst (self));
  self->filled_us = MAX (self->filled_us, now_us);
}

gsize
ferry_throttle_take (FerryThrottle *self, gsize wanted, gint64 now_us, int *wait_ms)
{
  gsize n_taken = wanted;

  *wait_ms = 0;
  g_mutex_lock (&self->mutex);
  if (self->rate > 0)
    {
      fill (self, now_us);
      /* Not for a few bytes each. */
      double n_worth = MIN ((double) wanted, get_burst (self) / 4);
      if (self->n_bytes >= n_worth)
        n_taken = MIN (wanted, (gsize) self->n_bytes);
      else
        {
          double left_ms = (n_worth - self->n_bytes) * 1000 / (double) self->rate;
          *wait_ms = (int) CLAMP (left_ms + 1, 1, MAX_WAIT_MS);
          n_taken = 0;
        }
      self->n_bytes -= (double) n_taken;
    }
  g_mutex_unlock (&self->mutex);
  return n_taken;
}

void
ferry_throttle_give_back (FerryThrottle *self, gsize n_bytes)
{
  g_mutex_lock (&self->mutex);
  if (self->rate > 0)
    self->n_bytes += (double) n_bytes;
  g_mutex_unlock (&self->mutex);
}
