/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryRouteBadge: the way a file takes, whether it is encrypted there, and who learns what. */
#pragma once

#include <adwaita.h>

#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_ROUTE_BADGE (ferry_route_badge_get_type ())
G_DECLARE_FINAL_TYPE (FerryRouteBadge, ferry_route_badge, FERRY, ROUTE_BADGE, AdwBin)

/* Shows the present way of @transfer, or hides itself while there is none. */
void ferry_route_badge_show (FerryRouteBadge *self, FerryTransfer *transfer);

G_END_DECLS
