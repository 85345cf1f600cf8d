/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryKeyDialog: a device shows another key than the one it was known by; both fingerprints,
 * and what to do about it. It goes when the question does. */
#pragma once

#include <adwaita.h>

#include "client/ferry-core.h"

G_BEGIN_DECLS

#define FERRY_TYPE_KEY_DIALOG (ferry_key_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FerryKeyDialog, ferry_key_dialog, FERRY, KEY_DIALOG, AdwWindow)

GtkWidget *ferry_key_dialog_new (FerryCore *core, FerryKeyQuestion *question);

G_END_DECLS
