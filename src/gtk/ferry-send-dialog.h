/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySendDialog: files are chosen, the recipient is not yet. */
#pragma once

#include <adwaita.h>

#include "model/ferry-contact.h"

G_BEGIN_DECLS

#define FERRY_TYPE_SEND_DIALOG (ferry_send_dialog_get_type ())
G_DECLARE_FINAL_TYPE (FerrySendDialog, ferry_send_dialog, FERRY, SEND_DIALOG, AdwWindow)

/**
 * ferry_send_dialog_new:
 * @contacts: (element-type FerryContact): who may get them
 * @files: (element-type GFile): what is sent
 * @preselected: (nullable): a likely recipient
 *
 * Signal "send" (FerryContact, GListModel of GFile): the user decided.
 */
GtkWidget *
ferry_send_dialog_new (GListModel *contacts, GListModel *files, FerryContact *preselected);

G_END_DECLS
