/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-race"
#include "config.h"

#include "bytestream/s5b/ferry-race-private.h"

static const FerryRaceTimes jingle_times = {
  .stagger = 250, /* RFC 8305 §8 */
  .group_stagger = 250,
  .proxy_stagger = 500,
  .proxy_hold = 300,
  .direct_chance = 1500, /* a lost packet is sent again after 1 s */
  .direct_attempt = 500,
  .attempt = 8000,
  .dialling = 18000,
  .after_direct = 200,
  .late_candidates = 2000, /* iris sends some of its candidates late */
  .first_candidate = 5000,
  .report = 45000, /* Dino takes 3 s for each step of each candidate */
  .incoming = 3000,
  .incoming_settle = 200,
  .activated = 30000,
  .activated_grace = 500,
};

static const FerryRaceTimes si_times = {
  .stagger = 250,
  .group_stagger = 500, /* gabble: two connections at once must not be */
  .proxy_stagger = 500,
  .proxy_hold = 300,
  .direct_chance = 1500,
  .direct_attempt = 500,
  .attempt = 8000,
  .dialling = 20000, /* Coccinella gives up after 30 s */
  .after_direct = 200,
  .report = 60000,
  .report_candidate = 10000, /* gabble dials one after the other */
  .incoming = 3000,
  .incoming_settle = 200,
  .activated = 30000,
  .go = 40000,
};

const FerryRaceRules ferry_race_rules_jingle = {
  .initiator_dials = TRUE,
  .announces_proxies = TRUE,
  .trickles = TRUE,
  .doubts_hashes = TRUE,
  .times = &jingle_times,
};
const FerryRaceRules ferry_race_rules_si = { .times = &si_times };
const FerryRaceRules ferry_race_rules_si_fast = { .has_fast_mode = TRUE, .times = &si_times };

static const char *const phase_names[FERRY_RACE_N_PHASES] = {
  [FERRY_RACE_PHASE_GATHERING] = "gathering",
  [FERRY_RACE_PHASE_RACING] = "racing",
  [FERRY_RACE_PHASE_AWAITING_INCOMING] = "awaiting-incoming",
  [FERRY_RACE_PHASE_ACTIVATING] = "activating",
  [FERRY_RACE_PHASE_AWAITING_ACTIVATED] = "awaiting-activated",
  [FERRY_RACE_PHASE_GRACE] = "grace",
  [FERRY_RACE_PHASE_OVER] = "over",
};

FerryRace *
ferry_race_new (const FerryRaceRules *rules, const FerryRaceTimes *times, gboolean is_initiator)
{
  g_return_val_if_fail (rules != NULL, NULL);

  FerryRace *self = g_new0 (FerryRace, 1);
  self->rules = rules;
  self->times = times != NULL ? times : rules->times;
  self->is_initiator = is_initiator;
  self->turn.deadline_ms = G_MAXINT64;
  ferry_dial_plan_init (&self->plan, self->times);
  self->own = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_candidate_free);
  self->incoming = g_array_new (FALSE, FALSE, sizeof (guint));
  if (!rules->initiator_dials)
    *(is_initiator ? &self->mine : &self->theirs) = FERRY_RACE_SIDE_FAILED;
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
  return self->phase == FERRY_RACE_PHASE_OVER;
}

gboolean
ferry_race_is_fast (const FerryRace *self)
{
  return self->is_fast;
}

FerryRaceStandpoint
ferry_race_get_standpoint (const FerryRace *self)
{
  if (!self->is_fast)
    return FERRY_RACE_EQUAL;
  return self->is_initiator ? FERRY_RACE_CHOOSES : FERRY_RACE_OBEYS;
}

const char *
ferry_race_get_phase_name (const FerryRace *self)
{
  return phase_names[self->phase];
}

/* --- Small tools -----------------------------------------------------------------------------
 */

static gboolean
is_due (FerryRace *self, gint64 at_ms)
{
  return ferry_race_turn_is_due (&self->turn, at_ms);
}

void
ferry_race_emit (FerryRace *self, FerryRaceEffectType type, const FerryCandidate *candidate)
{
  ferry_race_turn_emit (&self->turn, type, candidate);
}

void
ferry_race_enter (FerryRace *self, FerryRacePhase phase)
{
  g_debug ("%s → %s", phase_names[self->phase], phase_names[phase]);
  self->phase = phase;
  self->since_ms = self->turn.now_ms;
}

static void
finish (FerryRace *self,
        FerryRaceEffectType type,
        const FerryCandidate *candidate,
        guint connection)
{
  FerryRaceEffect effect = {
    .type = type,
    .candidate = candidate,
    .connection = connection,
    .says_go =
        type != FERRY_RACE_FAIL && ferry_race_get_standpoint (self) == FERRY_RACE_CHOOSES,
  };
  g_array_append_val (self->turn.effects, effect);
  ferry_race_enter (self, FERRY_RACE_PHASE_OVER);
}

void
ferry_race_finish (FerryRace *self, FerryRaceEffectType type, const FerryCandidate *candidate)
{
  finish (self, type, candidate, 0);
}

void
ferry_race_finish_incoming (FerryRace *self, guint connection)
{
  finish (self, FERRY_RACE_SETTLE_INCOMING, NULL, connection);
}

void
ferry_race_fail_proxy (FerryRace *self)
{
  if (self->rules->announces_proxies)
    ferry_race_emit (self, FERRY_RACE_TELL_PROXY_ERROR, NULL);
  ferry_race_finish (self, FERRY_RACE_FAIL, NULL);
}

/* --- Deciding --------------------------------------------------------------------------------
 */

static gboolean
offers_direct (FerryRace *self)
{
  for (guint i = 0; i < self->own->len; i++)
    if (!ferry_candidate_is_proxy (self->own->pdata[i]))
      return TRUE;
  return FALSE;
}

static void
report_used (FerryRace *self, const FerryDial *winner)
{
  ferry_dial_plan_drop_all_but (&self->plan, winner, &self->turn);
  self->mine = FERRY_RACE_SIDE_USED;
  self->mine_ms = self->turn.now_ms;
  self->used = winner->candidate;
  ferry_race_emit (self, FERRY_RACE_TELL_USED, self->used);
}

void
ferry_race_report_error (FerryRace *self)
{
  ferry_dial_plan_drop_all_but (&self->plan, NULL, &self->turn);
  self->mine = FERRY_RACE_SIDE_FAILED;
  self->mine_ms = self->turn.now_ms;
  ferry_race_emit (self, FERRY_RACE_TELL_ERROR, NULL);
}

/* Can it be that the peer sends another candidate that would change something? */
static gboolean
may_give_up (FerryRace *self)
{
  if (!self->rules->trickles || self->theirs == FERRY_RACE_SIDE_USED ||
      self->plan.dials->len == FERRY_RACE_MAX_CANDIDATES)
    return TRUE;
  return is_due (self, MAX (self->remote_ms, self->since_ms) +
                           (self->plan.dials->len > 0 ? self->times->late_candidates
                                                      : self->times->first_candidate));
}

/* Before a relay is taken, direct dials have had time enough for a lost packet. */
static gboolean
had_direct_chance (FerryRace *self)
{
  gint64 began_ms;

  return !ferry_dial_plan_get_unfinished_direct (&self->plan, &began_ms) ||
         is_due (self, MAX (self->dialling_ms + self->times->direct_chance,
                            began_ms + self->times->direct_attempt));
}

/* In fast mode the first report can be the decision: iris chooses the first stream that it
 * hears of. So a relay is not reported before the peer had time to find a direct way, and to
 * say so when it has. */
static gboolean
had_peer_direct_chance (FerryRace *self)
{
  const FerryRaceTimes *times = self->times;

  if (ferry_race_get_standpoint (self) == FERRY_RACE_EQUAL ||
      self->theirs != FERRY_RACE_SIDE_UNDECIDED || !offers_direct (self))
    return TRUE;
  return is_due (self, self->dialling_ms + times->direct_chance +
                           (self->incoming->len > 0 ? times->incoming : 0));
}

/* Is what still runs not worth waiting for any more? */
static gboolean
is_dialling_over (FerryRace *self)
{
  const FerryRaceTimes *times = self->times;

  if (is_due (self, self->dialling_ms + times->dialling))
    return TRUE;
  if (self->theirs != FERRY_RACE_SIDE_USED)
    return FALSE;
  if (ferry_candidate_is_proxy (self->peer_used))
    return had_direct_chance (self);
  return is_due (self, MAX (self->theirs_ms, self->dialling_ms) + times->after_direct);
}

static void
decide_mine (FerryRace *self)
{
  const FerryDial *best = ferry_dial_plan_get_best (&self->plan);

  if (best != NULL && !ferry_candidate_is_proxy (best->candidate))
    report_used (self, best);
  else if (best != NULL && self->theirs == FERRY_RACE_SIDE_USED &&
           !ferry_candidate_is_proxy (self->peer_used))
    ferry_race_report_error (self);
  else if (best != NULL)
    {
      if (had_direct_chance (self) && had_peer_direct_chance (self))
        report_used (self, best);
    }
  else if (ferry_dial_plan_is_alive (&self->plan) ? is_dialling_over (self)
                                                  : may_give_up (self))
    ferry_race_report_error (self);
}

typedef enum
{
  VERDICT_WAIT,   /* a report is missing, or the go */
  VERDICT_MINE,   /* the peer's candidate that we used */
  VERDICT_THEIRS, /* our candidate that the peer used */
  VERDICT_TIE,    /* the better of both; equal: the one the initiator chose */
  VERDICT_SOON,   /* theirs, unless a better dial of ours is about to be complete */
  VERDICT_YIELD,  /* the peer has chosen: our dialling is in vain */
  VERDICT_NONE,
} Verdict;

#define FOR(standpoint, mine) [FERRY_RACE_##standpoint][FERRY_RACE_SIDE_##mine]
/* The decision. Rows: how we stand to it, and mine. Columns: theirs. */
/* clang-format off */
static const Verdict
verdicts[FERRY_RACE_N_STANDPOINTS][FERRY_RACE_N_SIDES][FERRY_RACE_N_SIDES] = {
  /*                            undecided     used            failed       */
  FOR (EQUAL,   UNDECIDED) = { VERDICT_WAIT, VERDICT_WAIT,   VERDICT_WAIT },
  FOR (EQUAL,   USED)      = { VERDICT_WAIT, VERDICT_TIE,    VERDICT_MINE },
  FOR (EQUAL,   FAILED)    = { VERDICT_WAIT, VERDICT_THEIRS, VERDICT_NONE },

  FOR (CHOOSES, UNDECIDED) = { VERDICT_WAIT, VERDICT_SOON,   VERDICT_WAIT },
  FOR (CHOOSES, USED)      = { VERDICT_MINE, VERDICT_MINE,   VERDICT_MINE },
  FOR (CHOOSES, FAILED)    = { VERDICT_WAIT, VERDICT_THEIRS, VERDICT_NONE },

  FOR (OBEYS,   UNDECIDED) = { VERDICT_WAIT, VERDICT_YIELD,  VERDICT_WAIT },
  FOR (OBEYS,   USED)      = { VERDICT_WAIT, VERDICT_WAIT,   VERDICT_WAIT },
  FOR (OBEYS,   FAILED)    = { VERDICT_WAIT, VERDICT_WAIT,   VERDICT_NONE },
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
  /* It was closed since we reported it; the peer sees that too. */
  if (ferry_dial_plan_get_best (&self->plan) == NULL)
    ferry_race_finish (self, FERRY_RACE_FAIL, NULL);
  else if (ferry_candidate_is_proxy (self->used) && self->rules->announces_proxies)
    ferry_race_enter (self, FERRY_RACE_PHASE_AWAITING_ACTIVATED);
  else
    ferry_race_finish (self, FERRY_RACE_SETTLE_DIALLED, self->used);
}

static void
nominate_theirs (FerryRace *self)
{
  if (self->mine == FERRY_RACE_SIDE_UNDECIDED)
    ferry_race_report_error (self);
  ferry_dial_plan_drop_all_but (&self->plan, NULL, &self->turn);
  if (ferry_candidate_is_proxy (self->peer_used))
    {
      ferry_race_emit (self, FERRY_RACE_ACTIVATE, self->peer_used);
      ferry_race_enter (self, FERRY_RACE_PHASE_ACTIVATING);
    }
  else
    ferry_race_enter (self, FERRY_RACE_PHASE_AWAITING_INCOMING);
}

/* What the sides know may have come to nothing since. */
static void
lose_heart (FerryRace *self)
{
  const FerryRaceTimes *times = self->times;

  if (self->theirs == FERRY_RACE_SIDE_UNDECIDED &&
      is_due (self, self->since_ms +
                        MAX (times->report,
                             times->dialling + self->own->len * times->report_candidate)))
    self->theirs = FERRY_RACE_SIDE_FAILED;

  if (ferry_race_get_standpoint (self) != FERRY_RACE_OBEYS)
    return;
  /* The peer has closed what it had opened. */
  if (self->theirs == FERRY_RACE_SIDE_USED && !ferry_candidate_is_proxy (self->peer_used) &&
      self->incoming->len == 0)
    self->theirs = FERRY_RACE_SIDE_FAILED;
  if ((self->mine == FERRY_RACE_SIDE_USED || self->theirs == FERRY_RACE_SIDE_USED) &&
      is_due (self, MAX (self->mine_ms, self->theirs_ms) + times->go))
    {
      if (self->mine == FERRY_RACE_SIDE_UNDECIDED)
        ferry_race_report_error (self);
      self->mine = self->theirs = FERRY_RACE_SIDE_FAILED;
    }
}

static void
race (FerryRace *self)
{
  if (self->mine == FERRY_RACE_SIDE_UNDECIDED)
    {
      ferry_dial_plan_run (&self->plan, &self->turn);
      decide_mine (self);
    }
  lose_heart (self);

  Verdict verdict = verdicts[ferry_race_get_standpoint (self)][self->mine][self->theirs];
  switch (verdict == VERDICT_TIE ? break_tie (self) : verdict)
    {
    case VERDICT_MINE:
      nominate_mine (self);
      break;
    case VERDICT_THEIRS:
      nominate_theirs (self);
      break;
    case VERDICT_SOON:
      if (!ferry_candidate_is_proxy (self->peer_used) || had_direct_chance (self))
        nominate_theirs (self);
      break;
    case VERDICT_YIELD:
      ferry_race_report_error (self);
      break;
    case VERDICT_NONE:
      ferry_race_finish (self, FERRY_RACE_FAIL, NULL);
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
        ferry_race_finish (self, FERRY_RACE_FAIL, NULL);
      return;
    }
  if (self->incoming->len > 1 && !is_due (self, self->since_ms + self->times->incoming_settle))
    return;

  ferry_race_finish_incoming (self, g_array_index (self->incoming, guint, 0));
}

static void
await_activation (FerryRace *self)
{
  if (is_due (self, self->since_ms + self->times->activated))
    ferry_race_fail_proxy (self);
}

static void
await_peer_activation (FerryRace *self)
{
  if (is_due (self, self->since_ms + self->times->activated))
    ferry_race_finish (self, FERRY_RACE_FAIL, NULL);
}

/* A relay lets bytes through when it is activated, and not before. */
static void
await_grace (FerryRace *self)
{
  if (self->is_used_spoken || is_due (self, self->since_ms + self->times->activated_grace))
    ferry_race_finish (self, FERRY_RACE_SETTLE_DIALLED, self->used);
}

/* What each phase does with what it knows and the time. */
static void (*const phases[FERRY_RACE_N_PHASES]) (FerryRace *self) = {
  [FERRY_RACE_PHASE_RACING] = race,
  [FERRY_RACE_PHASE_AWAITING_INCOMING] = await_incoming,
  [FERRY_RACE_PHASE_ACTIVATING] = await_activation,
  [FERRY_RACE_PHASE_AWAITING_ACTIVATED] = await_peer_activation,
  [FERRY_RACE_PHASE_GRACE] = await_grace,
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

  if (self->phase == FERRY_RACE_PHASE_OVER)
    return TRUE;

  self->turn.now_ms = MAX (self->turn.now_ms, now_ms);
  self->turn.effects = effects;
  gboolean success = ferry_race_take_event (self, event, error);

  FerryRacePhase before;
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
