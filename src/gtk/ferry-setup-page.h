/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySetupPage: signing in to an account for the first time. */
#pragma once

#include <adwaita.h>

#include "client/ferry-core.h"

G_BEGIN_DECLS

#define FERRY_TYPE_SETUP_PAGE (ferry_setup_page_get_type ())
G_DECLARE_FINAL_TYPE (FerrySetupPage, ferry_setup_page, FERRY, SETUP_PAGE, AdwBin)

/* Signal "done": an account is connected. */
void ferry_setup_page_set_core (FerrySetupPage *self, FerryCore *core);

G_END_DECLS
