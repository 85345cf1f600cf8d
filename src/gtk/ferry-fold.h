/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a row that stand side by side, or below each other in a narrow window. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Turns @box with the folding of the leaflet that @widget is in, if there is one; to be called
 * when @widget has got its place. */
void ferry_fold_box (GtkWidget *widget, GtkBox *box);

G_END_DECLS
