/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryBatchRow: files that were sent together, as one row that opens to a row for each. */
#pragma once

#include <gtk/gtk.h>

#include "model/ferry-batch.h"

G_BEGIN_DECLS

#define FERRY_TYPE_BATCH_ROW (ferry_batch_row_get_type ())
G_DECLARE_FINAL_TYPE (FerryBatchRow, ferry_batch_row, FERRY, BATCH_ROW, GtkListBoxRow)

GtkWidget *ferry_batch_row_new (FerryBatch *batch);
/* Opens or closes it. */
void ferry_batch_row_toggle (FerryBatchRow *self);

G_END_DECLS
