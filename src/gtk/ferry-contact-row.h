/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryContactRow: one person in a list of contacts. */
#pragma once

#include <gtk/gtk.h>

#include "model/ferry-contact.h"

G_BEGIN_DECLS

#define FERRY_TYPE_CONTACT_ROW (ferry_contact_row_get_type ())
G_DECLARE_FINAL_TYPE (FerryContactRow, ferry_contact_row, FERRY, CONTACT_ROW, GtkListBoxRow)

/* @with_actions: show the button that sends files, and take dropped ones? Signal
 * "files-dropped" (GListModel of GFile). */
GtkWidget *ferry_contact_row_new (FerryContact *contact, gboolean with_actions);
FerryContact *ferry_contact_row_get_contact (FerryContactRow *self);

G_END_DECLS
