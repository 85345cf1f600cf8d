/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryOfferCard: the question whether to take a file, with its answers. */
#pragma once

#include <gtk/gtk.h>

#include "model/ferry-offer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_OFFER_CARD (ferry_offer_card_get_type ())
G_DECLARE_FINAL_TYPE (FerryOfferCard, ferry_offer_card, FERRY, OFFER_CARD, GtkListBoxRow)

/* @folder: where the file will go unless the user says otherwise
 * @routes: ways that are allowed with the contact */
GtkWidget *ferry_offer_card_new (FerryOffer *offer, const char *folder, FerryRoute routes);

G_END_DECLS
