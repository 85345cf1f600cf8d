/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryPreferences: what holds for all transfers. Every choice counts, and is kept, at once. */
#pragma once

#include <adwaita.h>

#include "client/ferry-core.h"

G_BEGIN_DECLS

#define FERRY_TYPE_PREFERENCES (ferry_preferences_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryPreferences, ferry_preferences, FERRY, PREFERENCES, AdwPreferencesWindow)

GtkWidget *ferry_preferences_new (FerryCore *core);

G_END_DECLS
