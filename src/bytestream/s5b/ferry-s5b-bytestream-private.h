/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of FerryS5bBytestream: ferry-s5b-bytestream.c drives the race, a dialect speaks
 * with the twin, ferry-s5b-gather.c finds out what can be offered. */
#pragma once

#include "bytestream/s5b/ferry-race.h"
#include "bytestream/s5b/ferry-s5b-bytestream.h"
#include "bytestream/s5b/ferry-s5b-sockets.h"
#include "bytestream/s5b/ferry-s5b-wire-si.h"

G_BEGIN_DECLS

/* How the race is talked about. */
typedef struct
{
  /* ferry_bytestream_open_async() was called. */
  void (*begin) (FerryS5bBytestream *self);
  /* The race has something to tell: a TELL effect. */
  void (*tell) (FerryS5bBytestream *self, const FerryRaceEffect *effect);
  void (*received) (FerryS5bBytestream *self, FerryNode *payload);
  /* Nothing happens any more; may be called again. */
  void (*end) (FerryS5bBytestream *self);
} FerryS5bDialectFuncs;

extern const FerryS5bDialectFuncs ferry_s5b_dialect_jingle;
extern const FerryS5bDialectFuncs ferry_s5b_dialect_si;

struct _FerryS5bBytestream
{
  GObject parent_instance;

  FerryS5bService *service;
  const FerryS5bDialectFuncs *dialect;
  const FerryRaceRules *rules;
  FerryLink *link;
  gboolean is_initiator;
  FerryJid *own;
  FerryJid *peer;
  char *sid;
  FerryRoute routes;
  FerryRoute dial_route;   /* of a direct connection that we make; NONE if it is not allowed */
  FerryRoute listen_route; /* of one that the peer makes */

  FerryRace *race;
  GQueue queue; /* of Queued */
  gboolean is_stepping;
  GSource *tick;

  FerryS5bSockets *sockets;
  GPtrArray *remote;  /* of FerryCandidate: all that the peer has offered */
  GPtrArray *offered; /* of FerryCandidate, nullable: what we offer */

  GTask *open; /* nullable */
  GSource *cancelled;
  FerryRoute route;
  gboolean is_closed; /* settled, failed or cancelled: nothing happens any more */

  /* SI only */
  FerryS5bQuery *offer;  /* of the twin, nullable */
  GSource *offer_limit;  /* until it is here */
  gboolean owes_answer;  /* to the offer of the twin */
  gboolean is_declined;  /* the target said forbidden */
  gboolean is_empty;     /* nothing will be sent on it */
  FerryRoute used_route; /* which the target says it has used, or NONE */
};

void ferry_s5b_bytestream_happen (FerryS5bBytestream *self, const FerryRaceEvent *event);
void ferry_s5b_bytestream_fail (FerryS5bBytestream *self);

G_END_DECLS
