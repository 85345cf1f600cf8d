/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryQueueRow: one file on its way, or arrived: name, progress, a sentence, the route, and
 * the actions its state allows. */
#pragma once

#include <gtk/gtk.h>

#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_QUEUE_ROW (ferry_queue_row_get_type ())
G_DECLARE_FINAL_TYPE (FerryQueueRow, ferry_queue_row, FERRY, QUEUE_ROW, GtkListBoxRow)

GtkWidget *ferry_queue_row_new (FerryTransfer *transfer);

/* What Enter and a double click do: opens what arrived, else tells the details. */
void ferry_queue_row_activate (FerryQueueRow *self);

G_END_DECLS
