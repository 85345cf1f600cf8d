/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The course of a transfer, step by step, to be read or copied. */
#pragma once

#include "store/ferry-history.h"
#include "transfer/ferry-transfer.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define FERRY_TYPE_DETAILS_DIALOG (ferry_details_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryDetailsDialog, ferry_details_dialog, FERRY, DETAILS_DIALOG, AdwWindow)

GtkWidget *ferry_details_dialog_new (FerryTransfer *transfer);
/* The same for one that is past. */
GtkWidget *ferry_details_dialog_new_for_entry (FerryHistory *history, FerryHistoryEntry *entry);

G_END_DECLS
