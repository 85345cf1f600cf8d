/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryKeyNotifier: tells the user of transfers that wait for what they say about a device's
 * key, when the window is not in front. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FERRY_TYPE_KEY_NOTIFIER (ferry_key_notifier_get_type ())
G_DECLARE_FINAL_TYPE (FerryKeyNotifier, ferry_key_notifier, FERRY, KEY_NOTIFIER, GObject)

/* @application: has the actions "compare-keys" and "decline-key"
 * @questions: of FerryKeyQuestion */
FerryKeyNotifier *ferry_key_notifier_new (GtkApplication *application, GListModel *questions);

G_END_DECLS
