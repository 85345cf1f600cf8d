/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryDialPlan: the part of the race that says which candidate of the peer is dialled when.
 * Best first and staggered (RFC 8305), relays held back, and never two connections at a time to
 * one listener that has several addresses. Pure, like the race. */
#pragma once

#include "bytestream/s5b/ferry-race.h"

G_BEGIN_DECLS

/* One step of the race: its time, its effects, and when the next step is due. */
typedef struct
{
  gint64 now_ms;
  gint64 deadline_ms;
  GArray *effects; /* borrowed */
} FerryRaceTurn;

/* Has the time come? If not, the machine wants to be asked again then. */
gboolean ferry_race_turn_is_due (FerryRaceTurn *turn, gint64 at_ms);
void ferry_race_turn_emit (FerryRaceTurn *turn,
                           FerryRaceEffectType type,
                           const FerryCandidate *candidate);

typedef enum
{
  FERRY_DIAL_STATE_WAITING,   /* its turn will come */
  FERRY_DIAL_STATE_RUNNING,   /* no TCP connection yet */
  FERRY_DIAL_STATE_CONNECTED, /* TCP, no sign of SOCKS5 yet */
  FERRY_DIAL_STATE_GREETED,   /* SOCKS5 */
  FERRY_DIAL_STATE_UP,        /* complete */
  FERRY_DIAL_STATE_DOWN,      /* failed, dropped, or not worth trying */
} FerryDialState;

typedef struct
{
  FerryCandidate *candidate;
  FerryDialState state;
  gint64 started_ms; /* 0: never */
} FerryDial;

typedef struct
{
  const FerryRaceTimes *times;
  GPtrArray *dials;       /* of FerryDial, best candidate first */
  gint64 direct_began_ms; /* when the first direct dial began; 0: none has */
} FerryDialPlan;

void ferry_dial_plan_init (FerryDialPlan *self, const FerryRaceTimes *times);
void ferry_dial_plan_clear (FerryDialPlan *self);

/* Does nothing if the plan is full or knows the cid. @is_wanted: is it worth dialling?
 * Returns: whether it is new */
gboolean
ferry_dial_plan_add (FerryDialPlan *self, const FerryCandidate *candidate, gboolean is_wanted);
/* News of a dial; without effect if it is not running. */
void ferry_dial_plan_set_connected (FerryDialPlan *self, const char *cid, FerryRaceTurn *turn);
void ferry_dial_plan_set_greeted (FerryDialPlan *self, const char *cid, FerryRaceTurn *turn);
void ferry_dial_plan_set_up (FerryDialPlan *self, const char *cid);
void ferry_dial_plan_set_down (FerryDialPlan *self, const char *cid);

/* Gives up every candidate whose priority is not above @priority. */
void ferry_dial_plan_drop_up_to (FerryDialPlan *self, guint32 priority, FerryRaceTurn *turn);
/* @winner: (nullable) */
void ferry_dial_plan_drop_all_but (FerryDialPlan *self,
                                   const FerryDial *winner,
                                   FerryRaceTurn *turn);

/* Drops what took too long and begins what is due. */
void ferry_dial_plan_run (FerryDialPlan *self, FerryRaceTurn *turn);

/* (nullable): the best dial that is complete. */
const FerryDial *ferry_dial_plan_get_best (const FerryDialPlan *self);
/* Is there anything that is complete, runs or waits? */
gboolean ferry_dial_plan_is_alive (const FerryDialPlan *self);
/* Is there a direct candidate that runs or waits? @began_ms: (nullable): when the last one was
 * begun, 0 if none was */
gboolean ferry_dial_plan_get_unfinished_direct (const FerryDialPlan *self, gint64 *began_ms);

G_END_DECLS
