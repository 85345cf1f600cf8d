/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files dropped on the window, or pasted into it. */
#include "config.h"

#include "gtk/ferry-window-private.h"

#include "gtk/ferry-drop.h"

static void
on_dropped (GtkWidget *widget, GListModel *files)
{
  ferry_window_send_files (FERRY_WINDOW (gtk_widget_get_root (widget)), NULL, files);
}

void
ferry_window_init_dnd (FerryWindow *self)
{
  ferry_drop_enable (GTK_WIDGET (self->leaflet), on_dropped);
}
