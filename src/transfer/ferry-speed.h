/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySpeed: how fast, and how long still, from samples of a byte counter. Pure: the caller
 * brings the time. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Over how long the mean is taken, and how long a guess is too wild to be shown. */
#define FERRY_SPEED_WINDOW_US (5 * G_USEC_PER_SEC)
#define FERRY_SPEED_HIDDEN_US (2 * G_USEC_PER_SEC)
/* Samples are kept this far apart, so that a fixed number of them covers the window. */
#define FERRY_SPEED_STEP_US (G_USEC_PER_SEC / 5)
#define FERRY_SPEED_N_SAMPLES (FERRY_SPEED_WINDOW_US / FERRY_SPEED_STEP_US + 1)

typedef struct
{
  gint64 at_us;
  guint64 n_done;
} FerrySpeedSample;

/* A zeroed struct is ready for use. */
typedef struct
{
  FerrySpeedSample kept[FERRY_SPEED_N_SAMPLES]; /* a ring; the oldest begins the mean */
  guint first;
  guint n_kept;
  FerrySpeedSample newest;
  gint64 began_us;
} FerrySpeed;

void ferry_speed_clear (FerrySpeed *self);
/**
 * ferry_speed_add:
 * @n_done: bytes moved so far; a smaller number than before begins anew
 * @now_us: monotonic time
 */
void ferry_speed_add (FerrySpeed *self, guint64 n_done, gint64 now_us);
/* Bytes a second, the mean of the last 5 s. */
double ferry_speed_get (const FerrySpeed *self);
/* Returns: seconds until @n_left bytes will have moved, rounded up; -1 if nobody can tell */
int ferry_speed_get_seconds_left (const FerrySpeed *self, guint64 n_left);

G_END_DECLS
