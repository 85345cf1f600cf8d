/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryNotifier: tells the user of offers, questions about keys and finished transfers when the
 * window is not in front. */
#pragma once

#include "client/ferry-core.h"

G_BEGIN_DECLS

#define FERRY_TYPE_NOTIFIER (ferry_notifier_get_type ())
G_DECLARE_FINAL_TYPE (FerryNotifier, ferry_notifier, FERRY, NOTIFIER, GObject)

FerryNotifier *ferry_notifier_new (GApplication *application, FerryCore *core);

G_END_DECLS
