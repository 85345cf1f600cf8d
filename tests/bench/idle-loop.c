/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How late a main loop runs that has nothing to do: what of Ferry's lateness is the machine's.
 * Ends with its input and prints the worst, milliseconds. */
#include "base/ferry-lateness.h"

#include <glib-unix.h>
#include <stdio.h>
#include <unistd.h>

static gboolean
input_cb (int fd, GIOCondition condition, gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  FerryLateness *lateness = ferry_lateness_start ();

  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, input_cb, loop);
  g_main_loop_run (loop);
  printf ("%.1f\n", ferry_lateness_stop (lateness));
  return 0;
}
