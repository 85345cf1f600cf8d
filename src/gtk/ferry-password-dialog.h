/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking for the password of an account that the server refused. */
#pragma once

#include <gtk/gtk.h>

#include "client/ferry-client.h"

G_BEGIN_DECLS

/* Gives the client the new password if the user enters one. */
GtkWidget *ferry_password_dialog_new (FerryClient *client);

G_END_DECLS
