/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said on the way to a bytestream of stream initiation (XEP-0065 §5):
 *
 *   requester: begin → gathered → offer of ours, waits;  fast mode: counter-offer → dials
 *   target:    begin, offer of the twin → fast mode: gathered → offer of ours → dials
 *
 * Each offer gets one answer, whatever happens.
 */
#define G_LOG_DOMAIN "ferry-s5b-bytestream"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-bytestream-private.h"

#include "base/ferry-error.h"
#include "base/ferry-source.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"

#include <string.h>

#define OFFER_MS 60000

static void
happen (FerryS5bBytestream *self, FerryRaceEventType type, const char *cid)
{
  ferry_s5b_bytestream_happen (self, &(FerryRaceEvent){ .type = type, .cid = cid });
}

static void
refuse (FerryS5bBytestream *self, FerryStanzaCondition condition)
{
  ferry_link_send (self->link, ferry_s5b_refusal_to_node (condition));
}

/* --- Offers ----------------------------------------------------------------------------------
 */

/* Relays after what is direct. Who goes through a list backwards tries one after the other and
 * waits 8 s for each that is silent: its relays come after our best address only. */
static guint
get_turn (const FerryCandidate *candidate, guint rank, gboolean is_backwards)
{
  if (ferry_candidate_is_proxy (candidate))
    return 1;
  return is_backwards && rank > 0 ? 2 : 0;
}

/* @candidates: best first */
static void
add_to_offer (FerryS5bQuery *query, GPtrArray *candidates, gboolean is_backwards)
{
  for (guint turn = 0; turn < 3; turn++)
    for (guint i = 0; i < candidates->len; i++)
      if (get_turn (candidates->pdata[i], i, is_backwards) == turn)
        g_ptr_array_insert (query->candidates, is_backwards ? 0 : -1,
                            ferry_candidate_copy (candidates->pdata[i]));
}

static void
send_offer (FerryS5bBytestream *self)
{
  g_autoptr (FerryS5bQuery) query = ferry_s5b_query_new (FERRY_S5B_QUERY_OFFER, self->sid);
  query->has_fast = self->is_initiator && self->rules->has_fast_mode;
  add_to_offer (query, self->offered,
                ferry_s5b_service_is_backwards (self->service, self->peer));
  ferry_link_send (self->link, ferry_s5b_query_to_node (query));
}

static void
gathered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryS5bBytestream *self = FERRY_S5B_BYTESTREAM (source);
  g_autoptr (GPtrArray) candidates = ferry_s5b_bytestream_gather_finish (self, result, NULL);

  if (self->is_closed || candidates == NULL)
    return;
  if (self->is_initiator)
    send_offer (self);
  else if (candidates->len > 0)
    {
      /* Before anything else is said: an answer that comes first ends fast mode for the peer.
       */
      ferry_s5b_sockets_await_go (self->sockets);
      send_offer (self);
      happen (self, FERRY_RACE_COUNTER_OFFER, NULL);
    }
  happen (self, FERRY_RACE_START, NULL);
}

static gboolean
has_proxy (GPtrArray *candidates)
{
  for (guint i = 0; i < candidates->len; i++)
    if (ferry_candidate_is_proxy (candidates->pdata[i]))
      return TRUE;
  return FALSE;
}

/* The target, when the offer is there and we may begin. */
static void
take_offer (FerryS5bBytestream *self)
{
  ferry_clear_source (&self->offer_limit);
  if (!self->rules->has_fast_mode || !self->offer->has_fast)
    {
      happen (self, FERRY_RACE_START, NULL);
      return;
    }
  /* One relay is enough, and the requester's comes first. */
  if (has_proxy (self->offer->candidates))
    self->routes &= ~(guint) FERRY_ROUTE_PROXY;
  ferry_s5b_bytestream_gather_async (self, NULL, gathered_cb, NULL);
}

static gboolean
offer_timeout_cb (gpointer user_data)
{
  ferry_s5b_bytestream_fail (user_data);
  return G_SOURCE_REMOVE;
}

static void
begin (FerryS5bBytestream *self)
{
  if (self->is_initiator)
    ferry_s5b_bytestream_gather_async (self, NULL, gathered_cb, NULL);
  else if (self->offer != NULL)
    take_offer (self);
  else
    {
      self->offer_limit = g_timeout_source_new (OFFER_MS);
      g_source_set_callback (self->offer_limit, offer_timeout_cb, self, NULL);
      g_source_attach (self->offer_limit, g_main_context_get_thread_default ());
    }
}

/* --- What the twin says ----------------------------------------------------------------------
 */

static gboolean
is_wanted (FerryS5bBytestream *self, const FerryS5bQuery *offer)
{
  if (self->is_closed || strcmp (offer->sid, self->sid) != 0)
    return FALSE;
  return self->is_initiator ? ferry_race_takes_counter_offer (self->race) : self->offer == NULL;
}

/* Takes @offer. */
static void
on_offer (FerryS5bBytestream *self, FerryS5bQuery *offer)
{
  if (!is_wanted (self, offer))
    {
      ferry_s5b_query_free (offer);
      refuse (self, FERRY_STANZA_NOT_ACCEPTABLE);
      return;
    }

  self->offer = offer;
  self->owes_answer = TRUE;
  ferry_s5b_bytestream_add_remote (self, offer->candidates, offer->dstaddr);
  if (self->is_initiator)
    happen (self, FERRY_RACE_COUNTER_OFFER, NULL);
  else if (self->open != NULL)
    take_offer (self);
}

/* Several addresses of ours have one JID: which of them it was makes no difference. */
static void
on_used (FerryS5bBytestream *self, const FerryJid *used)
{
  for (guint i = 0; used != NULL && self->offered != NULL && i < self->offered->len; i++)
    {
      const FerryCandidate *candidate = self->offered->pdata[i];
      if (ferry_jid_equal (candidate->jid, used))
        {
          self->used_route =
              ferry_candidate_is_proxy (candidate) ? FERRY_ROUTE_PROXY : self->listen_route;
          happen (self, FERRY_RACE_PEER_USED, candidate->cid);
          return;
        }
    }
  happen (self, FERRY_RACE_PEER_ERROR, NULL);
}

static void
received (FerryS5bBytestream *self, FerryNode *payload)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryS5bQuery) query = ferry_s5b_query_parse (payload, self->peer, &error);

  if (query == NULL)
    {
      g_debug ("%s: %s", self->sid, error->message);
      refuse (self, g_error_matches (error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED)
                        ? FERRY_STANZA_NOT_ACCEPTABLE
                        : FERRY_STANZA_BAD_REQUEST);
      return;
    }
  switch (query->kind)
    {
    case FERRY_S5B_QUERY_OFFER:
      on_offer (self, g_steal_pointer (&query));
      break;
    case FERRY_S5B_QUERY_USED:
      on_used (self, query->used);
      break;
    case FERRY_S5B_QUERY_REFUSED:
    default:
      self->is_declined = query->condition == FERRY_STANZA_FORBIDDEN;
      happen (self, FERRY_RACE_PEER_ERROR, NULL);
      break;
    }
}

/* --- What the race says ----------------------------------------------------------------------
 */

static void
tell (FerryS5bBytestream *self, const FerryRaceEffect *effect)
{
  self->owes_answer = FALSE;
  if (effect->type != FERRY_RACE_TELL_USED)
    {
      refuse (self, FERRY_STANZA_ITEM_NOT_FOUND);
      return;
    }
  g_autoptr (FerryS5bQuery) query = ferry_s5b_query_new (FERRY_S5B_QUERY_USED, self->sid);
  query->used = ferry_jid_ref (effect->candidate->jid);
  ferry_link_send (self->link, ferry_s5b_query_to_node (query));
}

static void
end (FerryS5bBytestream *self)
{
  ferry_clear_source (&self->offer_limit);
  if (!self->owes_answer)
    return;
  self->owes_answer = FALSE;
  refuse (self, FERRY_STANZA_ITEM_NOT_FOUND);
}

const FerryS5bDialectFuncs ferry_s5b_dialect_si = {
  .begin = begin,
  .tell = tell,
  .received = received,
  .end = end,
};
