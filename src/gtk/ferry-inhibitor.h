/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryInhibitor: keeps the computer awake while the bytes of a transfer move. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FERRY_TYPE_INHIBITOR (ferry_inhibitor_get_type ())
G_DECLARE_FINAL_TYPE (FerryInhibitor, ferry_inhibitor, FERRY, INHIBITOR, GObject)

/**
 * ferry_inhibitor_new:
 * @application: which owns the inhibitor
 * @transfers: of FerryTransfer
 */
FerryInhibitor *ferry_inhibitor_new (GtkApplication *application, GListModel *transfers);

G_END_DECLS
