/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu of a row: by the second button, a long touch, the Menu key and Shift+F10. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Returns: (transfer full): what can be done with @widget now */
typedef GMenuModel *(*FerryContextMenuFunc) (GtkWidget *widget);

/* Gives @widget a context menu, asked for anew each time it opens. */
void ferry_context_menu_enable (GtkWidget *widget, FerryContextMenuFunc create);
/* Appends an item whose action takes a string. */
void ferry_context_menu_append (GMenu *menu,
                                const char *label,
                                const char *action,
                                const char *target);

G_END_DECLS
