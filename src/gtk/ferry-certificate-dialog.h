/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryCertificateDialog: what is wrong with a server's certificate, and the choice to trust it
 * nevertheless. */
#pragma once

#include <adwaita.h>

#include "client/ferry-client.h"

G_BEGIN_DECLS

#define FERRY_TYPE_CERTIFICATE_DIALOG (ferry_certificate_dialog_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryCertificateDialog, ferry_certificate_dialog, FERRY, CERTIFICATE_DIALOG, AdwWindow)

/* @client: one that has a refused certificate */
GtkWidget *ferry_certificate_dialog_new (FerryClient *client);

G_END_DECLS
