/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "gtk/ferry-application.h"

G_BEGIN_DECLS

/* Adds the `app.` actions and their keys. */
void ferry_application_init_actions (FerryApplication *self);
/* Stops the core, then ends the program. */
void ferry_application_shut_down (FerryApplication *self);

/* How many transfers are not finished. */
guint ferry_application_count_unfinished (FerryApplication *self);

G_END_DECLS
