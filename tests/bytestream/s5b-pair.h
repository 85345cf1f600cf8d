/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two SOCKS5 bytestreams over 127.0.0.1, joined by two links in the place of a session. */
#pragma once

#include "ferry-fake-net.h"
#include "ferry-test.h"

#include "bytestream/s5b/ferry-s5b-bytestream.h"

#define SID "t5Gq01"
#define ANNA "anna@north.example/desk"
#define BEN "ben@south.example/sofa"

typedef struct
{
  FerryStream *stream;
  FerryRouter *router;
  FerryS5bService *service;
  FerryLink *link;
  GPtrArray *sent; /* not owned; of FerryNode: what this side has said over the link */
  FerryJid *jid;
  FerryS5bBytestream *bytestream;
  GPtrArray *offered;
  GAsyncResult *opened;
  GSocket *socket;
  guint n_notes;
} Side;

typedef struct
{
  FerryFakeNet *net;
  Side anna; /* the initiator */
  Side ben;
} Pair;

void pair_set_up (Pair *pair);
void pair_tear_down (Pair *pair);
void pair_make_bytestreams (Pair *pair, FerryRoute anna_routes, FerryRoute ben_routes);
/* What Jingle does: the offer goes over, then the answer. */
void pair_exchange (Pair *pair);
/* Opens both, and waits until both have ended, well or not. */
void pair_open (Pair *pair);
/* Both have a connection, by @route, and it is one. */
void pair_assert_joined (Pair *pair, FerryRoute route);

void side_gather (Side *side);
void side_open (Side *side, GCancellable *cancellable);
void side_assert_unreachable (Side *side);
