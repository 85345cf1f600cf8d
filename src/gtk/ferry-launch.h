/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handing a file to the desktop: opening it, or pointing at it in the file manager. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* May Ferry offer to open a file of this name? Programs are never started from a transfer. */
gboolean ferry_launch_can_open (const char *path);

/**
 * ferry_launch_open_async:
 * @path: a file; a name that could be run is refused with %G_IO_ERROR_PERMISSION_DENIED
 *
 * Opens the file in its default program.
 */
void ferry_launch_open_async (const char *path,
                              GdkDisplay *display,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/**
 * ferry_launch_show_async:
 * @path: a file
 *
 * Shows the file selected in its folder, or just the folder where no file manager can do that.
 */
void ferry_launch_show_async (const char *path,
                              GdkDisplay *display,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean ferry_launch_finish (GAsyncResult *result, GError **error);

G_END_DECLS
