/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-dial-plan.h"

#include <string.h>

gboolean
ferry_race_turn_is_due (FerryRaceTurn *turn, gint64 at_ms)
{
  if (turn->now_ms >= at_ms)
    return TRUE;
  turn->deadline_ms = MIN (turn->deadline_ms, at_ms);
  return FALSE;
}

void
ferry_race_turn_emit (FerryRaceTurn *turn,
                      FerryRaceEffectType type,
                      const FerryCandidate *candidate)
{
  FerryRaceEffect effect = { .type = type, .candidate = candidate };
  g_array_append_val (turn->effects, effect);
}

static void
dial_free (FerryDial *dial)
{
  ferry_candidate_free (dial->candidate);
  g_free (dial);
}

void
ferry_dial_plan_init (FerryDialPlan *self, const FerryRaceTimes *times)
{
  self->times = times;
  self->dials = g_ptr_array_new_with_free_func ((GDestroyNotify) dial_free);
}

void
ferry_dial_plan_clear (FerryDialPlan *self)
{
  g_clear_pointer (&self->dials, g_ptr_array_unref);
}

/* --- Single dials ----------------------------------------------------------------------------
 */

static gboolean
is_pending (const FerryDial *dial)
{
  return dial->state == FERRY_DIAL_STATE_RUNNING || dial->state == FERRY_DIAL_STATE_CONNECTED ||
         dial->state == FERRY_DIAL_STATE_GREETED;
}

/* TCP stands, so the listener has seen us. */
static gboolean
is_established (const FerryDial *dial)
{
  return dial->state == FERRY_DIAL_STATE_CONNECTED || dial->state == FERRY_DIAL_STATE_GREETED ||
         dial->state == FERRY_DIAL_STATE_UP;
}

static void
drop (FerryDial *dial, FerryRaceTurn *turn)
{
  if (is_pending (dial) || dial->state == FERRY_DIAL_STATE_UP)
    ferry_race_turn_emit (turn, FERRY_RACE_DROP, dial->candidate);
  dial->state = FERRY_DIAL_STATE_DOWN;
}

/* One listener on several addresses: the same owner, the same port. */
static gboolean
is_same_group (const FerryDial *a, const FerryDial *b)
{
  return a->candidate->port == b->candidate->port &&
         ferry_jid_equal (a->candidate->jid, b->candidate->jid);
}

static FerryDial *
find (FerryDialPlan *self, const char *cid)
{
  for (guint i = 0; i < self->dials->len; i++)
    {
      FerryDial *dial = self->dials->pdata[i];
      if (strcmp (dial->candidate->cid, cid) == 0)
        return dial;
    }
  return NULL;
}

gboolean
ferry_dial_plan_add (FerryDialPlan *self, const FerryCandidate *candidate, gboolean is_wanted)
{
  if (self->dials->len == FERRY_RACE_MAX_CANDIDATES || find (self, candidate->cid) != NULL)
    return FALSE;

  FerryDial *dial = g_new0 (FerryDial, 1);
  dial->candidate = ferry_candidate_copy (candidate);
  dial->state = is_wanted ? FERRY_DIAL_STATE_WAITING : FERRY_DIAL_STATE_DOWN;
  guint at = 0;
  while (at < self->dials->len &&
         ((FerryDial *) self->dials->pdata[at])->candidate->priority >= candidate->priority)
    at++;
  g_ptr_array_insert (self->dials, (gint) at, dial);
  return TRUE;
}

/* --- News ------------------------------------------------------------------------------------
 */

/* gabble aborts when a second connection reaches its listener: of a group only one dial may go
 * beyond TCP. The others wait, because this one may have found another machine that has the
 * same private address. */
void
ferry_dial_plan_set_connected (FerryDialPlan *self, const char *cid, FerryRaceTurn *turn)
{
  FerryDial *connected = find (self, cid);
  if (connected == NULL || connected->state != FERRY_DIAL_STATE_RUNNING)
    return;

  connected->state = FERRY_DIAL_STATE_CONNECTED;
  for (guint i = 0; i < self->dials->len; i++)
    {
      FerryDial *dial = self->dials->pdata[i];
      if (dial != connected && is_pending (dial) && is_same_group (dial, connected))
        {
          drop (dial, turn);
          dial->state = FERRY_DIAL_STATE_WAITING;
        }
    }
}

/* This is the listener of the group: no other address of it is tried any more, not even if this
 * dial fails. */
void
ferry_dial_plan_set_greeted (FerryDialPlan *self, const char *cid, FerryRaceTurn *turn)
{
  FerryDial *greeted = find (self, cid);
  if (greeted == NULL || !is_pending (greeted))
    return;

  greeted->state = FERRY_DIAL_STATE_GREETED;
  for (guint i = 0; i < self->dials->len; i++)
    {
      FerryDial *dial = self->dials->pdata[i];
      if (dial != greeted && is_same_group (dial, greeted))
        drop (dial, turn);
    }
}

void
ferry_dial_plan_set_up (FerryDialPlan *self, const char *cid)
{
  FerryDial *dial = find (self, cid);
  if (dial != NULL && is_pending (dial))
    dial->state = FERRY_DIAL_STATE_UP;
}

void
ferry_dial_plan_set_down (FerryDialPlan *self, const char *cid)
{
  FerryDial *dial = find (self, cid);
  if (dial != NULL && (is_pending (dial) || dial->state == FERRY_DIAL_STATE_UP))
    dial->state = FERRY_DIAL_STATE_DOWN;
}

void
ferry_dial_plan_drop_up_to (FerryDialPlan *self, guint32 priority, FerryRaceTurn *turn)
{
  for (guint i = 0; i < self->dials->len; i++)
    {
      FerryDial *dial = self->dials->pdata[i];
      if (dial->candidate->priority <= priority)
        drop (dial, turn);
    }
}

void
ferry_dial_plan_drop_all_but (FerryDialPlan *self, const FerryDial *winner, FerryRaceTurn *turn)
{
  for (guint i = 0; i < self->dials->len; i++)
    if (self->dials->pdata[i] != winner)
      drop (self->dials->pdata[i], turn);
}

/* --- The schedule ----------------------------------------------------------------------------
 */

static void
expire (FerryDialPlan *self, FerryRaceTurn *turn)
{
  for (guint i = 0; i < self->dials->len; i++)
    {
      FerryDial *dial = self->dials->pdata[i];
      if (is_pending (dial) &&
          ferry_race_turn_is_due (turn, dial->started_ms + self->times->attempt))
        drop (dial, turn);
    }
}

/* Is another member of the group beyond TCP? Then this one waits for the outcome. */
static gboolean
is_blocked (const FerryDialPlan *self, const FerryDial *dial)
{
  for (guint i = 0; i < self->dials->len; i++)
    {
      const FerryDial *other = self->dials->pdata[i];
      if (other != dial && is_established (other) && is_same_group (other, dial))
        return TRUE;
    }
  return FALSE;
}

/* The last dial of this kind that was begun. */
static const FerryDial *
find_latest (const FerryDialPlan *self, gboolean is_proxy)
{
  const FerryDial *latest = NULL;
  for (guint i = 0; i < self->dials->len; i++)
    {
      const FerryDial *dial = self->dials->pdata[i];
      if (dial->started_ms > 0 && ferry_candidate_is_proxy (dial->candidate) == is_proxy &&
          (latest == NULL || dial->started_ms >= latest->started_ms))
        latest = dial;
    }
  return latest;
}

/* When may this waiting dial begin? 0: at once, because what ran before it has failed. */
static gint64
get_start_time (const FerryDialPlan *self, const FerryDial *dial)
{
  const FerryRaceTimes *times = self->times;
  gboolean is_proxy = ferry_candidate_is_proxy (dial->candidate);
  const FerryDial *latest = find_latest (self, is_proxy);
  gint64 at_ms = 0;

  if (latest != NULL && is_pending (latest))
    at_ms = latest->started_ms + (is_proxy ? times->proxy_stagger : times->stagger);
  /* A relay is asked soon, because that commits nobody to it. */
  if (is_proxy && ferry_dial_plan_get_unfinished_direct (self, NULL))
    at_ms = MAX (at_ms, self->direct_began_ms + times->proxy_hold);
  for (guint i = 0; i < self->dials->len; i++)
    {
      const FerryDial *other = self->dials->pdata[i];
      if (is_pending (other) && is_same_group (other, dial))
        at_ms = MAX (at_ms, other->started_ms + times->group_stagger);
    }
  return at_ms;
}

/* The dial that may begin first, the better candidate if several may. */
static FerryDial *
find_next (FerryDialPlan *self, gint64 *start_ms)
{
  FerryDial *next = NULL;

  for (guint i = 0; i < self->dials->len; i++)
    {
      FerryDial *dial = self->dials->pdata[i];
      if (dial->state != FERRY_DIAL_STATE_WAITING || is_blocked (self, dial))
        continue;
      gint64 at_ms = get_start_time (self, dial);
      if (next == NULL || at_ms < *start_ms)
        {
          next = dial;
          *start_ms = at_ms;
        }
    }
  return next;
}

void
ferry_dial_plan_run (FerryDialPlan *self, FerryRaceTurn *turn)
{
  FerryDial *next;
  gint64 start_ms = 0;

  expire (self, turn);
  while ((next = find_next (self, &start_ms)) != NULL &&
         ferry_race_turn_is_due (turn, start_ms))
    {
      next->state = FERRY_DIAL_STATE_RUNNING;
      next->started_ms = MAX (turn->now_ms, 1);
      if (self->direct_began_ms == 0 && !ferry_candidate_is_proxy (next->candidate))
        self->direct_began_ms = next->started_ms;
      ferry_race_turn_is_due (turn, next->started_ms + self->times->attempt);
      ferry_race_turn_emit (turn, FERRY_RACE_DIAL, next->candidate);
    }
}

/* --- What has become of it -------------------------------------------------------------------
 */

const FerryDial *
ferry_dial_plan_get_best (const FerryDialPlan *self)
{
  for (guint i = 0; i < self->dials->len; i++)
    {
      const FerryDial *dial = self->dials->pdata[i];
      if (dial->state == FERRY_DIAL_STATE_UP)
        return dial;
    }
  return NULL;
}

gboolean
ferry_dial_plan_is_alive (const FerryDialPlan *self)
{
  for (guint i = 0; i < self->dials->len; i++)
    if (((const FerryDial *) self->dials->pdata[i])->state != FERRY_DIAL_STATE_DOWN)
      return TRUE;
  return FALSE;
}

gboolean
ferry_dial_plan_get_unfinished_direct (const FerryDialPlan *self, gint64 *began_ms)
{
  const FerryDial *latest = find_latest (self, FALSE);

  if (began_ms != NULL)
    *began_ms = latest != NULL ? latest->started_ms : 0;
  for (guint i = 0; i < self->dials->len; i++)
    {
      const FerryDial *dial = self->dials->pdata[i];
      if ((dial->state == FERRY_DIAL_STATE_WAITING || is_pending (dial)) &&
          !ferry_candidate_is_proxy (dial->candidate))
        return TRUE;
    }
  return FALSE;
}
