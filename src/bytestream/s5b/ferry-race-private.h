/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of FerryRace: ferry-race-events.c keeps what is known, ferry-race.c decides. */
#pragma once

#include "bytestream/s5b/ferry-dial-plan.h"
#include "bytestream/s5b/ferry-race.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_RACE_PHASE_GATHERING,          /* candidates are exchanged */
  FERRY_RACE_PHASE_RACING,             /* at least one report is missing */
  FERRY_RACE_PHASE_AWAITING_INCOMING,  /* our own address is nominated */
  FERRY_RACE_PHASE_ACTIVATING,         /* our own proxy is nominated */
  FERRY_RACE_PHASE_AWAITING_ACTIVATED, /* the peer's proxy is nominated */
  FERRY_RACE_PHASE_GRACE,              /* … and said to be activated */
  FERRY_RACE_PHASE_OVER,
  FERRY_RACE_N_PHASES
} FerryRacePhase;

/* What one side has made of the other's candidates. */
typedef enum
{
  FERRY_RACE_SIDE_UNDECIDED,
  FERRY_RACE_SIDE_USED,
  FERRY_RACE_SIDE_FAILED,
  FERRY_RACE_N_SIDES
} FerryRaceSide;

struct _FerryRace
{
  const FerryRaceRules *rules;
  const FerryRaceTimes *times;
  gboolean is_initiator;

  FerryRacePhase phase;
  gint64 since_ms; /* when the phase began */
  FerryRaceTurn turn;

  FerryDialPlan plan; /* of the peer's candidates */
  GPtrArray *own;     /* of FerryCandidate */
  GArray *incoming;   /* of guint: living connections, first completed first */
  gint64 dialling_ms; /* when we began to dial */
  gint64 remote_ms;   /* when the last candidates of the peer came */
  FerryRaceSide mine;
  FerryRaceSide theirs;
  gint64 mine_ms;                  /* when we reported */
  gint64 theirs_ms;                /* when the peer reported */
  const FerryCandidate *used;      /* of the peer, by us */
  const FerryCandidate *peer_used; /* of ours, by the peer */
  gboolean is_fast;                /* the responder has offered too */
  gboolean has_relay;              /* OBEYS: our nominated proxy relays */
  gboolean is_used_spoken;         /* somebody speaks on what we used */
};

/* How one side stands to the decision. */
typedef enum
{
  FERRY_RACE_EQUAL,   /* both reports decide */
  FERRY_RACE_CHOOSES, /* fast mode, initiator */
  FERRY_RACE_OBEYS,   /* fast mode, responder */
  FERRY_RACE_N_STANDPOINTS
} FerryRaceStandpoint;

FerryRaceStandpoint ferry_race_get_standpoint (const FerryRace *self);
const char *ferry_race_get_phase_name (const FerryRace *self);

void
ferry_race_emit (FerryRace *self, FerryRaceEffectType type, const FerryCandidate *candidate);
void ferry_race_enter (FerryRace *self, FerryRacePhase phase);
/* Settles on the connection of @candidate, or fails. */
void
ferry_race_finish (FerryRace *self, FerryRaceEffectType type, const FerryCandidate *candidate);
void ferry_race_finish_incoming (FerryRace *self, guint connection);
/* Ends our dialling without a result. */
void ferry_race_report_error (FerryRace *self);
/* Our nominated proxy cannot be used. */
void ferry_race_fail_proxy (FerryRace *self);

/* Takes in what happened, or refuses it because the peer may not say it now. */
gboolean ferry_race_take_event (FerryRace *self, const FerryRaceEvent *event, GError **error);

G_END_DECLS
