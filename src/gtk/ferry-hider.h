/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryHider: closing the window does not stop what is under way. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FERRY_TYPE_HIDER (ferry_hider_get_type ())
G_DECLARE_FINAL_TYPE (FerryHider, ferry_hider, FERRY, HIDER, GObject)

/**
 * ferry_hider_new:
 * @application: gets a notification, and its "quit" action when nothing is left to do
 * @transfers: (element-type FerryTransfer)
 */
FerryHider *ferry_hider_new (GtkApplication *application, GListModel *transfers);
/* Hides @window until it is presented again, if anything is under way. Returns: FALSE if
 * nothing is, and the program may end */
gboolean ferry_hider_hide (FerryHider *self, GtkWindow *window);
/* How many transfers are not finished. */
guint ferry_hider_count_unfinished (FerryHider *self);

G_END_DECLS
