/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The course of a transfer, step by step, to be read or copied. */
#pragma once

#include "transfer/ferry-transfer.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define FERRY_TYPE_DETAILS_DIALOG (ferry_details_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryDetailsDialog, ferry_details_dialog, FERRY, DETAILS_DIALOG, AdwWindow)

GtkWidget *ferry_details_dialog_new (FerryTransfer *transfer);

G_END_DECLS
