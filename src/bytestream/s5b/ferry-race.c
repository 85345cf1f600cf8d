/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-race"
#include "config.h"

#include "bytestream/s5b/ferry-race.h"

#include "base/ferry-error.h"
#include "bytestream/s5b/ferry-dial-plan.h"

#include <string.h>

const FerryRaceTimes ferry_race_default_times = {
  .stagger = 250, /* RFC 8305 §8 */
  .group_stagger = 1000,
  .proxy_stagger = 500,
  .proxy_hold = 1000,
  .proxy_patience = 500,
  .attempt = 8000,
  .dialling = 18000,
  .after_used = 3000,
  .late_candidates = 2000, /* iris sends some of its candidates late */
  .first_candidate = 5000,
  .report = 45000, /* Dino takes 3 s for each step of each candidate */
  .incoming = 3000,
  .incoming_settle = 200,
  .activated = 30000,
  .activated_grace = 500,
};

const FerryRaceRules ferry_race_rules_jingle = { .initiator_dials = TRUE,
                                                 .announces_proxies = TRUE };
const FerryRaceRules ferry_race_rules_si = { .initiator_dials = FALSE,
                                             .announces_proxies = FALSE };

typedef enum
{
  PHASE_GATHERING,          /* candidates are exchanged */
  PHASE_RACING,             /* at least one report is missing */
  PHASE_AWAITING_INCOMING,  /* our own address is nominated */
  PHASE_ACTIVATING,         /* our own proxy is nominated */
  PHASE_AWAITING_ACTIVATED, /* the peer's proxy is nominated */
  PHASE_GRACE,              /* … and said to be activated */
  PHASE_OVER,
  N_PHASES
} Phase;

static const char *const phase_names[N_PHASES] = {
  [PHASE_GATHERING] = "gathering",
  [PHASE_RACING] = "racing",
  [PHASE_AWAITING_INCOMING] = "awaiting-incoming",
  [PHASE_ACTIVATING] = "activating",
  [PHASE_AWAITING_ACTIVATED] = "awaiting-activated",
  [PHASE_GRACE] = "grace",
  [PHASE_OVER] = "over",
};

/* What one side has made of the other's candidates. */
typedef enum
{
  SIDE_UNDECIDED,
  SIDE_USED,
  SIDE_FAILED,
  N_SIDES
} Side;

struct _FerryRace
{
  const FerryRaceRules *rules;
  const FerryRaceTimes *times;
  gboolean is_initiator;

  Phase phase;
  gint64 since_ms; /* when the phase began */
  FerryRaceTurn turn;

  FerryDialPlan plan; /* of the peer's candidates */
  GPtrArray *own;     /* of FerryCandidate */
  GArray *incoming;   /* of guint: living connections, first completed first */
  gint64 remote_ms;   /* when the last candidates of the peer came */
  Side mine;
  Side theirs;
  gint64 used_ms;                  /* when the peer reported */
  const FerryCandidate *used;      /* of the peer, by us */
  const FerryCandidate *peer_used; /* of ours, by the peer */
};

FerryRace *
ferry_race_new (const FerryRaceRules *rules, const FerryRaceTimes *times, gboolean is_initiator)
{
  g_return_val_if_fail (rules != NULL && times != NULL, NULL);

  FerryRace *self = g_new0 (FerryRace, 1);
  self->rules = rules;
  self->times = times;
  self->is_initiator = is_initiator;
  self->turn.deadline_ms = G_MAXINT64;
  ferry_dial_plan_init (&self->plan, times);
  self->own = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_candidate_free);
  self->incoming = g_array_new (FALSE, FALSE, sizeof (guint));
  if (!rules->initiator_dials)
    *(is_initiator ? &self->mine : &self->theirs) = SIDE_FAILED;
  return self;
}

void
ferry_race_free (FerryRace *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->own);
  ferry_dial_plan_clear (&self->plan);
  g_array_unref (self->incoming);
  g_free (self);
}

gint64
ferry_race_get_deadline (const FerryRace *self)
{
  return self->turn.deadline_ms;
}

gboolean
ferry_race_is_over (const FerryRace *self)
{
  return self->phase == PHASE_OVER;
}

/* --- Small tools -----------------------------------------------------------------------------
 */

static gboolean
is_due (FerryRace *self, gint64 at_ms)
{
  return ferry_race_turn_is_due (&self->turn, at_ms);
}

static void
emit (FerryRace *self, FerryRaceEffectType type, const FerryCandidate *candidate)
{
  ferry_race_turn_emit (&self->turn, type, candidate);
}

static void
enter (FerryRace *self, Phase phase)
{
  g_debug ("%s → %s", phase_names[self->phase], phase_names[phase]);
  self->phase = phase;
  self->since_ms = self->turn.now_ms;
}

static void
finish (FerryRace *self, FerryRaceEffectType type, const FerryCandidate *candidate)
{
  emit (self, type, candidate);
  enter (self, PHASE_OVER);
}

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
  enter (self, PHASE_RACING);
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
      self->mine == SIDE_UNDECIDED &&
      (self->theirs != SIDE_USED || event->candidate->priority > self->peer_used->priority);
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
  ferry_dial_plan_set_up (&self->plan, event->cid, &self->turn);
  return TRUE;
}

static gboolean
on_dial_failed (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  ferry_dial_plan_set_down (&self->plan, event->cid);
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

static gboolean
on_activated (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  if (self->rules->announces_proxies)
    emit (self, FERRY_RACE_TELL_ACTIVATED, self->peer_used);
  finish (self, FERRY_RACE_SETTLE_ACTIVATED, self->peer_used);
  return TRUE;
}

static void
fail_proxy (FerryRace *self)
{
  if (self->rules->announces_proxies)
    emit (self, FERRY_RACE_TELL_PROXY_ERROR, NULL);
  finish (self, FERRY_RACE_FAIL, NULL);
}

static gboolean
on_not_activated (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  fail_proxy (self);
  return TRUE;
}

static gboolean
refuse_second_report (FerryRace *self, GError **error)
{
  if (self->theirs == SIDE_UNDECIDED)
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

  self->theirs = SIDE_USED;
  self->peer_used = candidate;
  self->used_ms = self->turn.now_ms;
  /* Strictly above: Dino resolves a tie the other way round, so let there be none. */
  if (self->mine == SIDE_UNDECIDED)
    ferry_dial_plan_drop_up_to (&self->plan, candidate->priority, &self->turn);
  return TRUE;
}

static gboolean
on_peer_error (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  if (refuse_second_report (self, error))
    return FALSE;
  self->theirs = SIDE_FAILED;
  return TRUE;
}

static gboolean
on_peer_activated (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  enter (self, PHASE_GRACE);
  return TRUE;
}

static gboolean
on_peer_proxy_error (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  finish (self, FERRY_RACE_FAIL, NULL);
  return TRUE;
}

static gboolean
on_tick (FerryRace *self, const FerryRaceEvent *event, GError **error)
{
  return TRUE;
}

/* The event table: in which phases an event can come, and what it does then. Elsewhere it is an
 * error of the peer (or, for our own events, too late to matter). */
#define IN(phase) (1u << PHASE_##phase)
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
  [FERRY_RACE_DIAL_FAILED]      = { IN (RACING),             FALSE, on_dial_failed },
  [FERRY_RACE_INCOMING]         = { IN_LIFE,                 FALSE, on_incoming },
  [FERRY_RACE_INCOMING_CLOSED]  = { IN_LIFE,                 FALSE, on_incoming_closed },
  [FERRY_RACE_ACTIVATED]        = { IN (ACTIVATING),         FALSE, on_activated },
  [FERRY_RACE_NOT_ACTIVATED]    = { IN (ACTIVATING),         FALSE, on_not_activated },
  [FERRY_RACE_PEER_USED]        = { IN_NEGOTIATION,          TRUE,  on_peer_used },
  [FERRY_RACE_PEER_ERROR]       = { IN_NEGOTIATION,          TRUE,  on_peer_error },
  [FERRY_RACE_PEER_ACTIVATED]   = { IN (AWAITING_ACTIVATED), TRUE,  on_peer_activated },
  [FERRY_RACE_PEER_PROXY_ERROR] = { IN (ACTIVATING) | IN (AWAITING_ACTIVATED) | IN (GRACE),
                                                             TRUE,  on_peer_proxy_error },
  [FERRY_RACE_TICK]             = { IN_LIFE,                 FALSE, on_tick },
};
/* clang-format on */

/* --- Deciding --------------------------------------------------------------------------------
 */

static void
report_used (FerryRace *self, const FerryDial *winner)
{
  ferry_dial_plan_drop_all_but (&self->plan, winner, &self->turn);
  self->mine = SIDE_USED;
  self->used = winner->candidate;
  emit (self, FERRY_RACE_TELL_USED, self->used);
}

static void
report_error (FerryRace *self)
{
  ferry_dial_plan_drop_all_but (&self->plan, NULL, &self->turn);
  self->mine = SIDE_FAILED;
  emit (self, FERRY_RACE_TELL_ERROR, NULL);
}

/* Can it be that the peer sends another candidate that would change something? */
static gboolean
may_give_up (FerryRace *self)
{
  if (self->theirs == SIDE_USED || self->plan.dials->len == FERRY_RACE_MAX_CANDIDATES)
    return TRUE;
  return is_due (self, MAX (self->remote_ms, self->since_ms) +
                           (self->plan.dials->len > 0 ? self->times->late_candidates
                                                      : self->times->first_candidate));
}

static void
decide_mine (FerryRace *self)
{
  const FerryRaceTimes *times = self->times;
  const FerryDial *best = ferry_dial_plan_get_best (&self->plan);

  if (best != NULL)
    {
      if (!ferry_candidate_is_proxy (best->candidate) ||
          !ferry_dial_plan_has_unfinished_direct (&self->plan) ||
          is_due (self, best->up_ms + times->proxy_patience))
        report_used (self, best);
    }
  else if (ferry_dial_plan_is_alive (&self->plan))
    {
      if (is_due (self, self->since_ms + times->dialling) ||
          (self->theirs == SIDE_USED &&
           is_due (self, MAX (self->used_ms, self->since_ms) + times->after_used)))
        report_error (self);
    }
  else if (may_give_up (self))
    report_error (self);
}

typedef enum
{
  VERDICT_WAIT,   /* a report is missing */
  VERDICT_MINE,   /* the peer's candidate that we used */
  VERDICT_THEIRS, /* our candidate that the peer used */
  VERDICT_TIE,    /* the better of both; equal: the one the initiator chose */
  VERDICT_NONE,
} Verdict;

/* The decision. Rows: mine. Columns: theirs. */
/* clang-format off */
static const Verdict verdicts[N_SIDES][N_SIDES] = {
  /*                    undecided       used            failed        */
  [SIDE_UNDECIDED] = { VERDICT_WAIT,   VERDICT_WAIT,   VERDICT_WAIT },
  [SIDE_USED]      = { VERDICT_WAIT,   VERDICT_TIE,    VERDICT_MINE },
  [SIDE_FAILED]    = { VERDICT_WAIT,   VERDICT_THEIRS, VERDICT_NONE },
};
/* clang-format on */

static Verdict
break_tie (FerryRace *self)
{
  if (self->used->priority != self->peer_used->priority)
    return self->used->priority > self->peer_used->priority ? VERDICT_MINE : VERDICT_THEIRS;
  return self->is_initiator ? VERDICT_MINE : VERDICT_THEIRS;
}

static void
nominate_mine (FerryRace *self)
{
  if (ferry_candidate_is_proxy (self->used) && self->rules->announces_proxies)
    enter (self, PHASE_AWAITING_ACTIVATED);
  else
    finish (self, FERRY_RACE_SETTLE_DIALLED, self->used);
}

static void
nominate_theirs (FerryRace *self)
{
  ferry_dial_plan_drop_all_but (&self->plan, NULL, &self->turn);
  if (ferry_candidate_is_proxy (self->peer_used))
    {
      emit (self, FERRY_RACE_ACTIVATE, self->peer_used);
      enter (self, PHASE_ACTIVATING);
    }
  else
    enter (self, PHASE_AWAITING_INCOMING);
}

static void
race (FerryRace *self)
{
  if (self->mine == SIDE_UNDECIDED)
    {
      ferry_dial_plan_run (&self->plan, &self->turn);
      decide_mine (self);
    }
  if (self->theirs == SIDE_UNDECIDED && is_due (self, self->since_ms + self->times->report))
    self->theirs = SIDE_FAILED;

  Verdict verdict = verdicts[self->mine][self->theirs];
  switch (verdict == VERDICT_TIE ? break_tie (self) : verdict)
    {
    case VERDICT_MINE:
      nominate_mine (self);
      break;
    case VERDICT_THEIRS:
      nominate_theirs (self);
      break;
    case VERDICT_NONE:
      finish (self, FERRY_RACE_FAIL, NULL);
      break;
    case VERDICT_WAIT:
    case VERDICT_TIE:
    default:
      break;
    }
}

/* The peer says it has a connection to us. If it raced on several of our addresses, the losers
 * close soon; the dial that was complete first is the likely winner. */
static void
await_incoming (FerryRace *self)
{
  if (self->incoming->len == 0)
    {
      if (is_due (self, self->since_ms + self->times->incoming))
        finish (self, FERRY_RACE_FAIL, NULL);
      return;
    }
  if (self->incoming->len > 1 && !is_due (self, self->since_ms + self->times->incoming_settle))
    return;

  FerryRaceEffect effect = { .type = FERRY_RACE_SETTLE_INCOMING,
                             .connection = g_array_index (self->incoming, guint, 0) };
  g_array_append_val (self->turn.effects, effect);
  enter (self, PHASE_OVER);
}

static void
await_activation (FerryRace *self)
{
  if (is_due (self, self->since_ms + self->times->activated))
    fail_proxy (self);
}

static void
await_peer_activation (FerryRace *self)
{
  if (is_due (self, self->since_ms + self->times->activated))
    finish (self, FERRY_RACE_FAIL, NULL);
}

static void
await_grace (FerryRace *self)
{
  if (is_due (self, self->since_ms + self->times->activated_grace))
    finish (self, FERRY_RACE_SETTLE_DIALLED, self->used);
}

/* What each phase does with what it knows and the time. */
static void (*const phases[N_PHASES]) (FerryRace *self) = {
  [PHASE_RACING] = race,
  [PHASE_AWAITING_INCOMING] = await_incoming,
  [PHASE_ACTIVATING] = await_activation,
  [PHASE_AWAITING_ACTIVATED] = await_peer_activation,
  [PHASE_GRACE] = await_grace,
};

gboolean
ferry_race_step (FerryRace *self,
                 const FerryRaceEvent *event,
                 gint64 now_ms,
                 GArray *effects,
                 GError **error)
{
  g_return_val_if_fail (self != NULL && event != NULL && effects != NULL, FALSE);
  g_return_val_if_fail (event->type < FERRY_RACE_N_EVENTS, FALSE);

  if (self->phase == PHASE_OVER)
    return TRUE;

  gboolean is_in_place = (events[event->type].phases & (1u << self->phase)) != 0;
  if (!is_in_place && events[event->type].is_peers)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                   "the peer's report is out of place while %s", phase_names[self->phase]);
      return FALSE;
    }

  self->turn.now_ms = MAX (self->turn.now_ms, now_ms);
  self->turn.effects = effects;
  gboolean success = !is_in_place || events[event->type].handle (self, event, error);

  Phase before;
  do
    {
      before = self->phase;
      self->turn.deadline_ms = G_MAXINT64;
      if (phases[self->phase] != NULL)
        phases[self->phase](self);
    }
  while (self->phase != before);
  self->turn.effects = NULL;
  return success;
}
