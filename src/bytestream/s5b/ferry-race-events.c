/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the race does with each event before it decides anew. */
#include "config.h"

#include "bytestream/s5b/ferry-race-private.h"

#include "base/ferry-error.h"

#include <string.h>

static const FerryCandidate *
find_own (FerryRace *self, const char *cid)
{
  for (guint i = 0; i < self->own->len; i++)
    {
      const FerryCandidate *candidate = self->own->pdata[i];
      if (strcmp (candidate->cid, cid) == 0)
        return candidate;
    }
  return NULL;
}

/* --- Events ----------------------------------------------------------------------------------
 */

static gboolean
on_start (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  self->dialling_ms = self->turn.now_ms;
  ferry_race_enter (self, FERRY_RACE_PHASE_RACING);
  return TRUE;
}

static gboolean
on_own (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  if (self->own->len < FERRY_RACE_MAX_CANDIDATES &&
      find_own (self, event->candidate->cid) == NULL)
    g_ptr_array_add (self->own, ferry_candidate_copy (event->candidate));
  return TRUE;
}

static gboolean
on_remote (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  gboolean is_wanted =
      (self->mine == FERRY_RACE_SIDE_UNDECIDED || self->rules->has_fast_mode) &&
      (self->theirs != FERRY_RACE_SIDE_USED ||
       event->candidate->priority > self->peer_used->priority);
  if (ferry_dial_plan_add (&self->plan, event->candidate, is_wanted))
    self->remote_ms = self->turn.now_ms;
  return TRUE;
}

static gboolean
on_connected (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  ferry_dial_plan_set_connected (&self->plan, event->cid, &self->turn);
  return TRUE;
}

static gboolean
on_greeted (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  ferry_dial_plan_set_greeted (&self->plan, event->cid, &self->turn);
  return TRUE;
}

static gboolean
on_dialled (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  ferry_dial_plan_set_up (&self->plan, event->cid);
  return TRUE;
}

static gboolean
on_dial_failed (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  gboolean is_used = self->used != NULL && strcmp (self->used->cid, event->cid) == 0;

  ferry_dial_plan_set_down (&self->plan, event->cid);
  /* OBEYS: the stream that we keep. */
  if (is_used && ferry_race_get_standpoint (self) == FERRY_RACE_OBEYS)
    self->mine = FERRY_RACE_SIDE_FAILED;
  /* The relay hung up before it was activated for good. */
  else if (is_used && (self->phase == FERRY_RACE_PHASE_AWAITING_ACTIVATED ||
                       self->phase == FERRY_RACE_PHASE_GRACE))
    ferry_race_fail_proxy (self);
  return TRUE;
}

static gboolean
on_incoming (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  g_array_append_val (self->incoming, event->connection);
  return TRUE;
}

static gboolean
on_incoming_closed (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  for (guint i = 0; i < self->incoming->len; i++)
    if (g_array_index (self->incoming, guint, i) == event->connection)
      {
        g_array_remove_index (self->incoming, i);
        break;
      }
  return TRUE;
}

/* Who only obeys goes on racing, and its relay is one of the streams that it keeps. */
static gboolean
is_relay_kept (FerryRace *self)
{
  return ferry_race_get_standpoint (self) == FERRY_RACE_OBEYS &&
         self->theirs == FERRY_RACE_SIDE_USED && ferry_candidate_is_proxy (self->peer_used);
}

static gboolean
on_activated (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  if (self->phase == FERRY_RACE_PHASE_RACING)
    {
      self->has_relay = is_relay_kept (self);
      return TRUE;
    }
  if (self->rules->announces_proxies)
    ferry_race_emit (self, FERRY_RACE_TELL_ACTIVATED, self->peer_used);
  ferry_race_finish (self, FERRY_RACE_SETTLE_ACTIVATED, self->peer_used);
  return TRUE;
}

static gboolean
on_not_activated (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  if (self->phase != FERRY_RACE_PHASE_RACING)
    ferry_race_fail_proxy (self);
  else if (is_relay_kept (self))
    self->theirs = FERRY_RACE_SIDE_FAILED;
  return TRUE;
}

static gboolean
refuse_second_report (FerryRace *self, GError **error)
{
  if (self->theirs == FERRY_RACE_SIDE_UNDECIDED)
    return FALSE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "the peer reported twice");
  return TRUE;
}

static gboolean
on_peer_used (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  const FerryCandidate *candidate = find_own (self, event->cid);
  if (refuse_second_report (self, error))
    return FALSE;
  if (candidate == NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "the peer says it used a candidate that was not offered");
      return FALSE;
    }

  self->theirs = FERRY_RACE_SIDE_USED;
  self->peer_used = candidate;
  self->theirs_ms = self->turn.now_ms;
  /* In fast mode that was the decision; a relay of ours is joined to hear it. */
  if (ferry_race_get_standpoint (self) == FERRY_RACE_OBEYS)
    {
      if (ferry_candidate_is_proxy (candidate))
        ferry_race_emit (self, FERRY_RACE_ACTIVATE, candidate);
    }
  /* Strictly above: Dino resolves a tie the other way round, so let there be none. */
  else if (self->mine == FERRY_RACE_SIDE_UNDECIDED &&
           ferry_race_get_standpoint (self) == FERRY_RACE_EQUAL)
    ferry_dial_plan_drop_up_to (&self->plan, candidate->priority, &self->turn);
  return TRUE;
}

static gboolean
on_peer_error (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  if (refuse_second_report (self, error))
    return FALSE;
  self->theirs = FERRY_RACE_SIDE_FAILED;
  self->theirs_ms = self->turn.now_ms;
  return TRUE;
}

/* The responder says it before it dials, the initiator hears it before it hears of that. */
gboolean
ferry_race_takes_counter_offer (const FerryRace *self)
{
  FerryRacePhase phase =
      self->is_initiator ? FERRY_RACE_PHASE_RACING : FERRY_RACE_PHASE_GATHERING;
  return self->rules->has_fast_mode && !self->is_fast && self->phase == phase &&
         (!self->is_initiator || self->theirs == FERRY_RACE_SIDE_UNDECIDED);
}

/* The initiator comes to dial, which it had given up from the start; to the responder the same
 * happens when it makes the offer. */
static gboolean
on_counter_offer (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  if (!ferry_race_takes_counter_offer (self))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "an offer of the target is out of place");
      return FALSE;
    }

  self->is_fast = TRUE;
  *(self->is_initiator ? &self->mine : &self->theirs) = FERRY_RACE_SIDE_UNDECIDED;
  self->dialling_ms = self->turn.now_ms;
  return TRUE;
}

static gboolean
is_incoming (FerryRace *self, guint connection)
{
  for (guint i = 0; i < self->incoming->len; i++)
    if (g_array_index (self->incoming, guint, i) == connection)
      return TRUE;
  return FALSE;
}

/* The go can overtake every report. Without fast mode it only shows that a relay is activated.
 */
static gboolean
on_go (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  gboolean is_dialled = event->cid != NULL && self->mine == FERRY_RACE_SIDE_USED &&
                        strcmp (self->used->cid, event->cid) == 0;
  gboolean is_on_incoming = event->cid == NULL && is_incoming (self, event->connection);
  gboolean is_relayed = event->cid == NULL && event->connection == 0 && self->has_relay;

  if (ferry_race_get_standpoint (self) != FERRY_RACE_OBEYS)
    {
      self->is_used_spoken |= is_dialled;
      return TRUE;
    }
  if (!(is_dialled || is_on_incoming || is_relayed))
    return TRUE;

  if (self->mine == FERRY_RACE_SIDE_UNDECIDED)
    ferry_race_report_error (self);
  if (is_dialled)
    ferry_race_finish (self, FERRY_RACE_SETTLE_DIALLED, self->used);
  else if (is_on_incoming)
    ferry_race_finish_incoming (self, event->connection);
  else
    ferry_race_finish (self, FERRY_RACE_SETTLE_ACTIVATED, self->peer_used);
  return TRUE;
}

static gboolean
on_peer_activated (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  ferry_race_enter (self, FERRY_RACE_PHASE_GRACE);
  return TRUE;
}

static gboolean
on_peer_proxy_error (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  ferry_race_finish (self, FERRY_RACE_FAIL, NULL);
  return TRUE;
}

static gboolean
on_tick (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  return TRUE;
}

/* The event table: in which phases an event can come, and what it does then. Elsewhere it is an
 * error of the peer (or, for our own events, too late to matter). */
#define IN(phase) (1u << FERRY_RACE_PHASE_##phase)
#define IN_NEGOTIATION (IN (GATHERING) | IN (RACING))
#define IN_LIFE (IN (OVER) - 1)
/* clang-format off */
static const struct
{
  guint phases;
  gboolean is_peers;
  gboolean (*handle) (FerryRace *self, const FerryRaceEvent *event, GError **error);
} events[FERRY_RACE_N_EVENTS] = {
  [FERRY_RACE_START]            = { IN (GATHERING),          FALSE, on_start },
  [FERRY_RACE_OWN]              = { IN_NEGOTIATION,          FALSE, on_own },
  [FERRY_RACE_REMOTE]           = { IN_NEGOTIATION,          FALSE, on_remote },
  [FERRY_RACE_CONNECTED]        = { IN (RACING),             FALSE, on_connected },
  [FERRY_RACE_GREETED]          = { IN (RACING),             FALSE, on_greeted },
  [FERRY_RACE_DIALLED]          = { IN (RACING),             FALSE, on_dialled },
  [FERRY_RACE_DIAL_FAILED]      = { IN_LIFE,                 FALSE, on_dial_failed },
  [FERRY_RACE_INCOMING]         = { IN_LIFE,                 FALSE, on_incoming },
  [FERRY_RACE_INCOMING_CLOSED]  = { IN_LIFE,                 FALSE, on_incoming_closed },
  [FERRY_RACE_ACTIVATED]        = { IN (RACING) | IN (ACTIVATING), FALSE, on_activated },
  [FERRY_RACE_NOT_ACTIVATED]    = { IN (RACING) | IN (ACTIVATING), FALSE, on_not_activated },
  [FERRY_RACE_PEER_USED]        = { IN_NEGOTIATION,          TRUE,  on_peer_used },
  [FERRY_RACE_PEER_ERROR]       = { IN_NEGOTIATION,          TRUE,  on_peer_error },
  [FERRY_RACE_PEER_ACTIVATED]   = { IN (AWAITING_ACTIVATED), TRUE,  on_peer_activated },
  [FERRY_RACE_PEER_PROXY_ERROR] = { IN (ACTIVATING) | IN (AWAITING_ACTIVATED) | IN (GRACE),
                                                             TRUE,  on_peer_proxy_error },
  [FERRY_RACE_COUNTER_OFFER]    = { IN_NEGOTIATION,          TRUE,  on_counter_offer },
  [FERRY_RACE_GO]               = { IN_LIFE,                 FALSE, on_go },
  [FERRY_RACE_TICK]             = { IN_LIFE,                 FALSE, on_tick },
};
/* clang-format on */

gboolean
ferry_race_take_event (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  if ((events[event->type].phases & (1u << self->phase)) != 0)
    return events[event->type].handle (self, event, error);
  if (!events[event->type].is_peers)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
               "the peer's report is out of place while %s", ferry_race_get_phase_name (self));
  return FALSE;
}
