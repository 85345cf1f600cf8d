/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryOfferNotifier: tells of offers while the window is not in front, each contact's at most
 * once a minute: the first with its buttons, those that follow as a number. */
#pragma once

#include "client/ferry-core.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FERRY_TYPE_OFFER_NOTIFIER (ferry_offer_notifier_get_type ())
G_DECLARE_FINAL_TYPE (FerryOfferNotifier, ferry_offer_notifier, FERRY, OFFER_NOTIFIER, GObject)

/**
 * ferry_offer_notifier_new:
 * @application: which outlives the notifier
 * @offers: of FerryOffer
 */
FerryOfferNotifier *ferry_offer_notifier_new (GtkApplication *application, GListModel *offers);

G_END_DECLS
