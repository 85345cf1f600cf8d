/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTransfersView: the queue, in the groups Active, Waiting and Finished. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define FERRY_TYPE_TRANSFERS_VIEW (ferry_transfers_view_get_type ())
G_DECLARE_FINAL_TYPE (FerryTransfersView, ferry_transfers_view, FERRY, TRANSFERS_VIEW, AdwBin)

/* Properties "n-unfinished" (uint): active and waiting transfers; "is-narrow" (boolean): there
 * is no room for much beside each other. */
/* @transfers: (element-type FerryTransfer) */
void ferry_transfers_view_set_transfers (FerryTransfersView *self,
                                         GListModel *transfers,
                                         GListModel *rows);
guint ferry_transfers_view_get_n_unfinished (FerryTransfersView *self);
/* @transfers: (element-type FerryTransfer): which to leave out, or to show again */
void ferry_transfers_view_set_hidden (FerryTransfersView *self,
                                      GListModel *transfers,
                                      gboolean hidden);

G_END_DECLS
