/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How late a main loop runs that has nothing to do: what of Ferry's lateness is the machine's.
 * Ends with its input and prints the worst, milliseconds. The same clock as `ferry-cli
 * --measure`. */
#include <glib-unix.h>
#include <stdio.h>
#include <unistd.h>

#define TICK_MS 5

typedef struct
{
  gint64 expected_us;
  gint64 worst_us;
} Lateness;

static gboolean
tick_cb (gpointer user_data)
{
  Lateness *lateness = user_data;
  gint64 now_us = g_get_monotonic_time ();
  if (lateness->expected_us != 0)
    lateness->worst_us = MAX (lateness->worst_us, now_us - lateness->expected_us);
  lateness->expected_us = now_us + TICK_MS * 1000;
  return G_SOURCE_CONTINUE;
}

static gboolean
input_cb (int fd, GIOCondition condition, gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

int
main (void)
{
  Lateness lateness = { 0 };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_timeout_add_full (G_PRIORITY_DEFAULT, TICK_MS, tick_cb, &lateness, NULL);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, input_cb, loop);
  g_main_loop_run (loop);
  printf ("%.1f\n", (double) lateness.worst_us / 1000);
  return 0;
}
