/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person looked at closely: the devices they are online with, and what the user decided about
 * them. */
#pragma once

#include "client/ferry-core.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define FERRY_TYPE_CONTACT_DIALOG (ferry_contact_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryContactDialog, ferry_contact_dialog, FERRY, CONTACT_DIALOG, AdwWindow)

GtkWidget *ferry_contact_dialog_new (FerryCore *core, FerryContact *contact);

G_END_DECLS
