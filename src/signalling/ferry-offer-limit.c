/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/ferry-offer-limit.h"

#define WINDOW_US (10 * G_USEC_PER_SEC)
#define PER_CONTACT 20
#define OF_ALL 512
#define OF_STRANGERS 10

FerryRateLimit *
ferry_offer_limit_new (void)
{
  return ferry_rate_limit_new (WINDOW_US, PER_CONTACT, OF_ALL);
}

FerryRateLimit *
ferry_offer_limit_new_for_strangers (void)
{
  return ferry_rate_limit_new (WINDOW_US, OF_STRANGERS, OF_STRANGERS);
}

gboolean
ferry_offer_limit_take (FerryRateLimit *self, FerryJid *from)
{
  return ferry_rate_limit_take (self, ferry_jid_get_bare (from), g_get_monotonic_time ());
}

void
ferry_offer_limit_give_back (FerryRateLimit *self, FerrySession *session)
{
  ferry_rate_limit_give_back (self, ferry_jid_get_bare (ferry_session_get_peer (session)));
}
