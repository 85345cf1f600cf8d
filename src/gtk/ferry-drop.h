/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dropping files on a widget. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @files: (element-type GFile): at least one; borrowed */
typedef void (*FerryDropFunc) (GtkWidget *widget, GListModel *files);

/**
 * ferry_drop_enable:
 * @widget: where files may be dropped
 * @dropped: what happens then
 *
 * Makes @widget a place to drop files on, unless FERRY_DISABLE_DND is set in the environment:
 * the way out where the display's drag and drop is broken.
 */
void ferry_drop_enable (GtkWidget *widget, FerryDropFunc dropped);
/* Returns: (transfer full) (nullable): the files in @value, a GdkFileList */
GListModel *ferry_drop_dup_files (const GValue *value);

G_END_DECLS
