/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long to wait before the next attempt to connect. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @n_failures: attempts that failed in a row, 1 or more; @random: from 0 to 1. Returns:
 * milliseconds: 1, 2, 5, 10, 30, then 60 seconds, and up to a fifth more so that not all
 * clients of a server that was away come back at the same moment */
guint ferry_backoff_delay_ms (guint n_failures, double random);

G_END_DECLS
