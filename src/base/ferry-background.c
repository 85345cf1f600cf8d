/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-background"

#include "config.h"

#include "base/ferry-background.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICE 5

void
ferry_background_enter (void)
{
  /* Linux keeps the nice value for each thread, whatever POSIX says of processes. */
  if (setpriority (PRIO_PROCESS, (id_t) gettid (), NICE) != 0)
    g_debug ("the thread stays as urgent as it is: %s", g_strerror (errno));
}
