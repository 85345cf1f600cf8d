/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that work while a person uses the window. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ferry_background_enter:
 *
 * Makes the calling thread, and those it starts, a little less urgent than the main loop, so
 * that a busy machine still draws and answers in time. Costs nothing where a processor is free.
 */
void ferry_background_enter (void);

G_END_DECLS
