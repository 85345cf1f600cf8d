/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many offers and sessions of others are taken: the same numbers for every signalling. */
#pragma once

#include "signalling/ferry-session.h"
#include "xmpp/ferry-rate-limit.h"

G_BEGIN_DECLS

#define FERRY_MAX_OFFERS_PER_CONTACT 5 /* waiting for our user, by bare JID */
#define FERRY_MAX_OFFERS 50
#define FERRY_MAX_SESSIONS_PER_PEER 16
#define FERRY_MAX_SESSIONS 128

/* Offers that come, in any 10 s: of one contact (bare JID), and of all. */
FerryRateLimit *ferry_offer_limit_new (void);
/* For requests of those who are no contacts: few, and however many they are, they leave room to
 * the contacts. */
FerryRateLimit *ferry_offer_limit_new_for_strangers (void);
/* Returns: whether one more of @from may be looked at; it then counts */
gboolean ferry_offer_limit_take (FerryRateLimit *self, FerryJid *from);
/* @session has become a transfer, and does not count any more: a hundred small files that our
 * user wants are no flood. */
void ferry_offer_limit_give_back (FerryRateLimit *self, FerrySession *session);

G_END_DECLS
