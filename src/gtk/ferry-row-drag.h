/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the queue are dragged onto each other: the order in which transfers start. */
#pragma once

#include <gtk/gtk.h>

#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

/**
 * ferry_row_drag_enable:
 * @row: a row of the queue
 * @transfer: what it shows
 *
 * Lets @row be dragged while its transfer has not begun, and others be dropped on it.
 */
void ferry_row_drag_enable (GtkWidget *row, FerryTransfer *transfer);

G_END_DECLS
