/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryApplication: the program: options, the profile, the window, and what outlives it. */
#pragma once

#include <adwaita.h>

#include "client/ferry-core.h"

G_BEGIN_DECLS

#define FERRY_TYPE_APPLICATION (ferry_application_get_type ())
G_DECLARE_FINAL_TYPE (FerryApplication, ferry_application, FERRY, APPLICATION, AdwApplication)

/* @core: (nullable): everything below the window; %NULL opens the user's profile and signs in
 */
FerryApplication *ferry_application_new (FerryCore *core);
/* The user closes @window: what is under way goes on without it, else the program ends. */
void ferry_application_close_window (FerryApplication *self, GtkWindow *window);
FerryCore *ferry_application_get_core (FerryApplication *self); /* nullable before start-up */

G_END_DECLS
