/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryRace: how two sides that dial each other agree on one connection, as a pure machine. It
 * has no sockets, no clock and no XML: events with the present time go in, effects come out.
 *
 * Each side dials the other's candidates, best first and staggered, and reports once: the first
 * that worked ("used"), or none ("error"). Both reports together name the one nominated
 * candidate (XEP-0260 §2.4); classic XEP-0065 is the same race with one side that has nothing
 * to dial. A nominated proxy is activated by its offerer first.
 *
 * Fast mode of Psi and Coccinella begins when the responder of such a one-sided race offers
 * candidates too: both dial, but the initiator alone decides, with the first stream that it
 * learns of, and says so by one byte on that stream, the "go". The responder keeps up to two
 * streams until one says go.
 */
#pragma once

#include "bytestream/s5b/ferry-candidate.h"

G_BEGIN_DECLS

/* Time limits and delays, milliseconds. */
typedef struct
{
  guint stagger;          /* between the starts of direct dials */
  guint group_stagger;    /* the same inside a group of equal address of owner and port */
  guint proxy_stagger;    /* between the starts of proxy dials */
  guint proxy_hold;       /* from the first direct dial to the first of a proxy */
  guint direct_chance;    /* while direct dials run no proxy is taken so soon after the start */
  guint direct_attempt;   /* … nor so soon after the last of them began */
  guint attempt;          /* one dial */
  guint dialling;         /* all dials together */
  guint after_direct;     /* more dialling after the peer has found a direct way */
  guint late_candidates;  /* no error report so soon after the peer's last candidates */
  guint first_candidate;  /* the same when none came at all */
  guint report;           /* for the peer's report, but at least … */
  guint report_candidate; /* … so long for each candidate after the time of all our dials */
  guint incoming;         /* for the connection to our nominated candidate */
  guint incoming_settle;  /* for the losers among several to close */
  guint activated;        /* for the peer to activate its proxy */
  guint activated_grace;  /* after that, because Gajim speaks before its proxy has answered */
  guint go;               /* for the go of fast mode, after a stream was agreed on */
} FerryRaceTimes;

/* On which rules the race runs. */
typedef struct
{
  gboolean initiator_dials;   /* else it starts as if it had reported an error */
  gboolean announces_proxies; /* "activated" is sent and awaited */
  gboolean trickles;          /* more candidates may come */
  gboolean has_fast_mode;     /* the responder may counter-offer */
  gboolean doubts_hashes;     /* clients disagree about the order of the addresses in it */
  const FerryRaceTimes *times;
} FerryRaceRules;

extern const FerryRaceRules ferry_race_rules_jingle;  /* XEP-0260 */
extern const FerryRaceRules ferry_race_rules_si;      /* XEP-0065 */
extern const FerryRaceRules ferry_race_rules_si_fast; /* the same with fast mode */

/* Candidates of one side beyond this number are ignored. */
#define FERRY_RACE_MAX_CANDIDATES 20

typedef enum
{
  FERRY_RACE_START,            /* both sides' candidates are known, more may follow */
  FERRY_RACE_OWN,              /* candidate: we offer it */
  FERRY_RACE_REMOTE,           /* candidate: the peer offers it */
  FERRY_RACE_CONNECTED,        /* cid: dialling it has a TCP connection */
  FERRY_RACE_GREETED,          /* cid: somebody there speaks SOCKS5 */
  FERRY_RACE_DIALLED,          /* cid: the dial is complete */
  FERRY_RACE_DIAL_FAILED,      /* cid: it came to nothing, or was closed by the peer later */
  FERRY_RACE_INCOMING,         /* connection: the peer has completed a dial to us */
  FERRY_RACE_INCOMING_CLOSED,  /* connection: it has given that up */
  FERRY_RACE_ACTIVATED,        /* our nominated proxy relays now */
  FERRY_RACE_NOT_ACTIVATED,    /* … cannot be used */
  FERRY_RACE_PEER_USED,        /* cid: of ours, the peer's report */
  FERRY_RACE_PEER_ERROR,       /* the peer's report: none of ours worked */
  FERRY_RACE_PEER_ACTIVATED,   /* the peer's proxy relays now */
  FERRY_RACE_PEER_PROXY_ERROR, /* the nominated proxy cannot be used */
  FERRY_RACE_COUNTER_OFFER,    /* the responder offers too: fast mode is in force from now on */
  FERRY_RACE_GO,               /* the peer speaks on our dial of cid, or on the connection, or
                                * (neither given) on our relay; in fast mode: it said go there */
  FERRY_RACE_TICK,             /* the time of ferry_race_get_deadline() has come */
  FERRY_RACE_N_EVENTS
} FerryRaceEventType;

typedef struct
{
  FerryRaceEventType type;
  const FerryCandidate *candidate; /* copied */
  const char *cid;
  guint connection;
} FerryRaceEvent;

typedef enum
{
  FERRY_RACE_DIAL,             /* candidate: of the peer */
  FERRY_RACE_DROP,             /* candidate: stop dialling it or close its connection */
  FERRY_RACE_TELL_USED,        /* candidate: of the peer */
  FERRY_RACE_TELL_ERROR,       /* */
  FERRY_RACE_ACTIVATE,         /* candidate: our proxy: connect to it and activate */
  FERRY_RACE_TELL_ACTIVATED,   /* candidate: our proxy */
  FERRY_RACE_TELL_PROXY_ERROR, /* */
  FERRY_RACE_SETTLE_DIALLED, /* candidate: of the peer: take its connection, close all others */
  FERRY_RACE_SETTLE_INCOMING,  /* connection: take it, close all others */
  FERRY_RACE_SETTLE_ACTIVATED, /* candidate: our proxy: take its connection, close all others */
  FERRY_RACE_FAIL,             /* close everything */
} FerryRaceEffectType;

typedef struct
{
  FerryRaceEffectType type;
  const FerryCandidate *candidate; /* borrowed from the race */
  guint connection;
  gboolean says_go; /* settling: first of all say go on it */
} FerryRaceEffect;

typedef struct _FerryRace FerryRace;

/**
 * ferry_race_new:
 * @rules: on which rules; not copied
 * @times: (nullable): limits and delays, not copied; %NULL takes those of @rules
 * @is_initiator: are we the initiator (Jingle) or the requester (SI)?
 */
FerryRace *ferry_race_new (const FerryRaceRules *rules,
                           const FerryRaceTimes *times,
                           gboolean is_initiator);
void ferry_race_free (FerryRace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryRace, ferry_race_free)

/**
 * ferry_race_step:
 * @event: what happened
 * @now_ms: monotonic time; never less than in the call before
 * @effects: (element-type FerryRaceEffect): what to do, in this order, is appended here
 * @error: %FERRY_ERROR_PROTOCOL if the peer may not say this now; nothing has changed then
 *
 * After a settling effect or FAIL all events are without effect.
 */
gboolean ferry_race_step (FerryRace *self,
                          const FerryRaceEvent *event,
                          gint64 now_ms,
                          GArray *effects,
                          GError **error);
/* When the next TICK is due; %G_MAXINT64 if none is. */
gint64 ferry_race_get_deadline (const FerryRace *self);
/* May COUNTER_OFFER happen now? */
gboolean ferry_race_takes_counter_offer (const FerryRace *self);
/* Is fast mode in force? */
gboolean ferry_race_is_fast (const FerryRace *self);
/* Has it settled or failed? */
gboolean ferry_race_is_over (const FerryRace *self);

G_END_DECLS
