/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTransferRow: one file on its way, or arrived: name, progress, a sentence, the route, and
 * the actions its state allows. */
#pragma once

#include <gtk/gtk.h>

#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_TRANSFER_ROW (ferry_transfer_row_get_type ())
G_DECLARE_FINAL_TYPE (FerryTransferRow, ferry_transfer_row, FERRY, TRANSFER_ROW, GtkListBoxRow)

GtkWidget *ferry_transfer_row_new (FerryTransfer *transfer);
FerryTransfer *ferry_transfer_row_get_transfer (FerryTransferRow *self);

G_END_DECLS
