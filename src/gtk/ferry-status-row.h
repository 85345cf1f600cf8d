/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryStatusRow: how the connection of one account stands, and what to do about it. */
#pragma once

#include <gtk/gtk.h>

#include "client/ferry-client.h"

G_BEGIN_DECLS

#define FERRY_TYPE_STATUS_ROW (ferry_status_row_get_type ())
G_DECLARE_FINAL_TYPE (FerryStatusRow, ferry_status_row, FERRY, STATUS_ROW, GtkListBoxRow)

GtkWidget *ferry_status_row_new (FerryClient *client);

G_END_DECLS
