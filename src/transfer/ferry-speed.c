/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-speed.h"

#include <math.h>

/* Longer than anybody waits, and far from the end of an int. */
#define SECONDS_MAX (100 * 365 * 24 * 3600.0 / 2)

void
ferry_speed_clear (FerrySpeed *self)
{
  g_return_if_fail (self != NULL);

  *self = (FerrySpeed){ 0 };
}

static const FerrySpeedSample *
get_kept (const FerrySpeed *self, guint i)
{
  return &self->kept[(self->first + i) % FERRY_SPEED_N_SAMPLES];
}

static void
drop_oldest (FerrySpeed *self)
{
  self->first = (self->first + 1) % FERRY_SPEED_N_SAMPLES;
  self->n_kept--;
}

void
ferry_speed_add (FerrySpeed *self, guint64 n_done, gint64 now_us)
{
  g_return_if_fail (self != NULL);

  if (self->n_kept > 0 && (n_done < self->newest.n_done || now_us < self->newest.at_us))
    ferry_speed_clear (self);
  if (self->n_kept == 0)
    self->began_us = now_us;
  self->newest = (FerrySpeedSample){ now_us, n_done };

  /* The second oldest takes over the beginning of the mean once it is a whole window old. */
  while (self->n_kept > 1 && now_us - get_kept (self, 1)->at_us >= FERRY_SPEED_WINDOW_US)
    drop_oldest (self);

  if (self->n_kept > 0 &&
      now_us - get_kept (self, self->n_kept - 1)->at_us < FERRY_SPEED_STEP_US)
    return;
  if (self->n_kept == FERRY_SPEED_N_SAMPLES)
    drop_oldest (self);
  self->kept[(self->first + self->n_kept++) % FERRY_SPEED_N_SAMPLES] = self->newest;
}

double
ferry_speed_get (const FerrySpeed *self)
{
  g_return_val_if_fail (self != NULL, 0);

  if (self->n_kept == 0)
    return 0;

  const FerrySpeedSample *oldest = get_kept (self, 0);
  gint64 took_us = self->newest.at_us - oldest->at_us;
  return took_us > 0 ? (double) (self->newest.n_done - oldest->n_done) * 1e6 / (double) took_us
                     : 0;
}

int
ferry_speed_get_seconds_left (const FerrySpeed *self, guint64 n_left)
{
  g_return_val_if_fail (self != NULL, -1);

  double speed = ferry_speed_get (self);
  if (speed <= 0 || self->newest.at_us - self->began_us < FERRY_SPEED_HIDDEN_US)
    return -1;

  double seconds = ceil ((double) n_left / speed);
  return seconds < SECONDS_MAX ? (int) seconds : -1;
}
