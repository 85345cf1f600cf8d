/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryHistoryView: everything that was sent and received, with a search as you type. */
#pragma once

#include <adwaita.h>

#include "store/ferry-history.h"

G_BEGIN_DECLS

#define FERRY_TYPE_HISTORY_VIEW (ferry_history_view_get_type ())
G_DECLARE_FINAL_TYPE (FerryHistoryView, ferry_history_view, FERRY, HISTORY_VIEW, AdwBin)

void ferry_history_view_set_history (FerryHistoryView *self, FerryHistory *history);
void ferry_history_view_start_search (FerryHistoryView *self);

G_END_DECLS
