/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryOfferGatherer: a short wait before a question is asked, so that what one contact offers
 * file by file within that time is one question. For programs that do not say what belongs
 * together. What is asked does not change any more: a yes is to what was read. */
#pragma once

#include "model/ferry-offer.h"

G_BEGIN_DECLS

typedef struct _FerryOfferGatherer FerryOfferGatherer;

/**
 * ferry_offer_gatherer_new:
 * @window_ms: how long a question waits for more, from its first offer on
 * @questions: of FerryOffer: where a question is put when its time is over
 *
 * Returns: (transfer full): free with ferry_offer_gatherer_free()
 */
FerryOfferGatherer *ferry_offer_gatherer_new (guint window_ms, GListStore *questions);
void ferry_offer_gatherer_free (FerryOfferGatherer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryOfferGatherer, ferry_offer_gatherer_free)

void ferry_offer_gatherer_take (FerryOfferGatherer *self, FerryOffer *offer);
/* @offer was withdrawn.
 * Returns: %FALSE if it was not here (any more) */
gboolean ferry_offer_gatherer_drop (FerryOfferGatherer *self, FerryOffer *offer);

G_END_DECLS
