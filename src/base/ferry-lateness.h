/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryLateness: how late the main loop runs: what a frame of a window would have to wait. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FerryLateness FerryLateness;

/* Looks every 5 ms, in the default main context. */
FerryLateness *ferry_lateness_start (void);
/* Ends it. Returns: the worst so far, in milliseconds */
double ferry_lateness_stop (FerryLateness *self);

G_END_DECLS
