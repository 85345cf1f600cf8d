/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryWindow: people on one side, their files on the other. */
#pragma once

#include <adwaita.h>

#include "client/ferry-core.h"
#include "gtk/ferry-application.h"

G_BEGIN_DECLS

#define FERRY_TYPE_WINDOW (ferry_window_get_type ())
G_DECLARE_FINAL_TYPE (FerryWindow, ferry_window, FERRY, WINDOW, AdwApplicationWindow)

FerryWindow *ferry_window_new (FerryApplication *application, FerryCore *core);

/* Sends to @contact at once; without one, asks for whom the files are. @files: of GFile */
void ferry_window_send_files (FerryWindow *self, FerryContact *contact, GListModel *files);
/* Says @text for a few seconds. */
void ferry_window_toast (FerryWindow *self, const char *text);
/* Brings the transfers, and with them the open offers, to the front. */
void ferry_window_show_transfers (FerryWindow *self);
/* What could still be undone is done: rows that are hidden already go. */
void ferry_window_settle (FerryWindow *self);

G_END_DECLS
