/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the queue are dragged onto each other: the order in which transfers start. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ferry_row_drag_enable:
 * @row: a row of the queue
 * @item: what it shows: a FerryTransfer or a FerryBatch
 *
 * Lets @row be dragged while that, or a part of it, has not begun, and others be dropped on it.
 */
void ferry_row_drag_enable (GtkWidget *row, gpointer item);

G_END_DECLS
