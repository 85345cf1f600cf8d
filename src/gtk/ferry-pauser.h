/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryPauser: the actions "pause-all" and "resume-all", possible while there is something to
 * pause or to go on with. */
#pragma once

#include "client/ferry-core.h"

G_BEGIN_DECLS

#define FERRY_TYPE_PAUSER (ferry_pauser_get_type ())
G_DECLARE_FINAL_TYPE (FerryPauser, ferry_pauser, FERRY, PAUSER, GObject)

/* @actions: where to add them */
FerryPauser *ferry_pauser_new (GActionMap *actions, FerryCore *core);

G_END_DECLS
