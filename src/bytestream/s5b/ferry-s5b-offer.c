/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-s5b-offer.h"

#include "base/ferry-id.h"
#include "bytestream/s5b/ferry-proxy-finder.h"

/* XEP-0260 §2.2: 65536 times the type preference, plus a local one. */
#define PREFERENCE_DIRECT 126
#define PREFERENCE_PROXY 10
#define LOCAL_INITIATOR 50021
#define LOCAL_RESPONDER 40009
#define LOCAL_STEP 13

typedef struct
{
  GPtrArray *candidates;
  GPtrArray *remote;
  guint32 next_local;
} Offer;

static gboolean
is_offered (Offer *offer, const char *host, guint16 port)
{
  for (guint i = 0; i < offer->remote->len; i++)
    {
      const FerryCandidate *candidate = offer->remote->pdata[i];
      if (candidate->port == port && g_ascii_strcasecmp (candidate->host, host) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_priority_taken (Offer *offer, guint32 priority)
{
  for (guint i = 0; i < offer->remote->len; i++)
    if (((const FerryCandidate *) offer->remote->pdata[i])->priority == priority)
      return TRUE;
  return FALSE;
}

static guint32
take_priority (Offer *offer, guint32 type_preference)
{
  guint32 priority;
  do
    {
      priority = 65536 * type_preference + offer->next_local;
      offer->next_local -= LOCAL_STEP;
    }
  while (is_priority_taken (offer, priority));
  return priority;
}

static void
add (Offer *offer, const char *host, guint16 port, FerryJid *jid, FerryCandidateType type)
{
  guint32 preference = type == FERRY_CANDIDATE_PROXY ? PREFERENCE_PROXY : PREFERENCE_DIRECT;
  g_autofree char *cid = ferry_id_new ();

  g_ptr_array_add (
      offer->candidates,
      ferry_candidate_new (cid, host, port, jid, take_priority (offer, preference), type));
}

/* Returns: (transfer container): those of @proxies that the peer does not offer */
static GPtrArray *
choose_proxies (Offer *offer, GPtrArray *proxies)
{
  GPtrArray *chosen = g_ptr_array_new ();
  for (guint i = 0;
       proxies != NULL && i < proxies->len && chosen->len < FERRY_S5B_OFFER_MAX_PROXIES; i++)
    {
      FerryProxy *proxy = proxies->pdata[i];
      if (!is_offered (offer, proxy->host, proxy->port))
        g_ptr_array_add (chosen, proxy);
    }
  return chosen;
}

GPtrArray *
ferry_s5b_offer_make (FerryJid *own,
                      GPtrArray *addresses,
                      guint16 port,
                      GPtrArray *proxies,
                      GPtrArray *remote,
                      gboolean is_initiator)
{
  g_return_val_if_fail (own != NULL && remote != NULL, NULL);

  Offer offer = {
    .candidates = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_candidate_free),
    .remote = remote,
    .next_local = is_initiator ? LOCAL_INITIATOR : LOCAL_RESPONDER,
  };
  g_autoptr (GPtrArray) relays = choose_proxies (&offer, proxies);

  for (guint i = 0; addresses != NULL && i < addresses->len &&
                    offer.candidates->len + relays->len < FERRY_S5B_OFFER_MAX;
       i++)
    {
      g_autofree char *host = g_inet_address_to_string (addresses->pdata[i]);
      if (!is_offered (&offer, host, port))
        add (&offer, host, port, own, FERRY_CANDIDATE_DIRECT);
    }
  for (guint i = 0; i < relays->len; i++)
    {
      const FerryProxy *proxy = relays->pdata[i];
      add (&offer, proxy->host, proxy->port, proxy->jid, FERRY_CANDIDATE_PROXY);
    }
  return offer.candidates;
}
