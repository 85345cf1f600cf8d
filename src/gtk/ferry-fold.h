/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of a row that stand side by side, or below each other where there is little room. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ferry_fold_box:
 * @widget: a row that has got its place
 * @above: the type of a widget above it; without one there nothing is done
 * @property: a boolean of that
 * @box: a part of the row
 *
 * Puts the children of @box below each other while @property is true.
 */
void ferry_fold_box (GtkWidget *widget, GType above, const char *property, GtkBox *box);

G_END_DECLS
