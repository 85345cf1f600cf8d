/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryS5bQuery: what the two sides of a bytestream of stream initiation say to each other
 * (XEP-0065 §5, with fast mode), read and written.
 *
 * Over the FerryLink of such a bytestream travel `<iq/>` elements that have a `type` and at
 * most one child, but neither id nor addresses:
 *
 *   <iq type='set'><query sid='…' …/></iq>                        an offer of streamhosts
 *   <iq type='result'><query …><streamhost-used …/></query></iq>  the answer to the twin's
 * offer <iq type='error'><error …/></iq>                              the same
 *
 * Each side makes at most one offer, in fast mode both do; an answer always belongs to the one
 * offer of the side that reads it. So whoever implements the link
 *
 *   - sends the child of a `set` as an iq request of its own, and emits "received" with the
 *     answer: the result as it came, or ferry_s5b_refusal_to_node() for an error or when no
 *     answer can come any more (whose time limit must be above that of the race: 90 s);
 *   - answers the twin's request with a `result` or `error` that it is given to send;
 *   - hands every request for (peer, sid) on, also a bad one: the bytestream answers each, as
 *     long as it lives. Only a second request, which finds the twin's first one there, the link
 *     refuses itself with not-acceptable; a request without a sid or with an unknown one never
 *     gets so far (ferry_s5b_query_get_sid()).
 *
 * Nothing may be answered later than it was told to: fast mode rests on the order of stanzas.
 */
#pragma once

#include "base/ferry-node.h"
#include "bytestream/s5b/ferry-candidate.h"
#include "xmpp/ferry-stanza-error.h"

G_BEGIN_DECLS

/* Read at most so many streamhosts, so many of them proxies; the rest is ignored. */
#define FERRY_S5B_QUERY_MAX_CANDIDATES 10
#define FERRY_S5B_QUERY_MAX_PROXIES 3

/**
 * FerryS5bQueryKind:
 * @FERRY_S5B_QUERY_OFFER: here I can be reached
 * @FERRY_S5B_QUERY_USED: I am connected to that one of yours
 * @FERRY_S5B_QUERY_REFUSED: I am not going to be
 */
typedef enum
{
  FERRY_S5B_QUERY_OFFER,
  FERRY_S5B_QUERY_USED,
  FERRY_S5B_QUERY_REFUSED,
} FerryS5bQueryKind;

typedef struct
{
  FerryS5bQueryKind kind;
  char *sid;             /* 1..256 bytes; nullable unless OFFER */
  char *dstaddr;         /* OFFER, nullable: DST.ADDR to use with these streamhosts */
  gboolean has_fast;     /* OFFER: the target may make an offer too */
  GPtrArray *candidates; /* OFFER: of FerryCandidate, as written; priorities put proxies last */
  FerryJid *used;        /* USED, nullable: of the streamhost; %NULL if none is named */
  FerryStanzaCondition condition; /* REFUSED */
} FerryS5bQuery;

/* @sid: (nullable) */
FerryS5bQuery *ferry_s5b_query_new (FerryS5bQueryKind kind, const char *sid);
void ferry_s5b_query_free (FerryS5bQuery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryS5bQuery, ferry_s5b_query_free)

/**
 * ferry_s5b_query_parse:
 * @iq: of type set, result or error; may have an id and addresses
 * @from: who says it: a streamhost with another JID is a proxy, marked or not
 * @error: of a request only: %FERRY_ERROR_PROTOCOL (answer bad-request) if it has no usable
 *   sid, %FERRY_ERROR_UNSUPPORTED (answer not-acceptable) for another mode than tcp
 *
 * A streamhost with a bad value, or for Zeroconf, is left out. Hosts are not judged here.
 *
 * Returns: (transfer full) (nullable): what it says
 */
FerryS5bQuery *ferry_s5b_query_parse (FerryNode *iq, const FerryJid *from, GError **error);
/* Returns: (nullable): the usable sid of a request; borrowed from @iq */
const char *ferry_s5b_query_get_sid (FerryNode *iq);

/* Returns: (transfer full): the `<iq/>` for the link */
FerryNode *ferry_s5b_query_to_node (const FerryS5bQuery *self);
FerryNode *ferry_s5b_refusal_to_node (FerryStanzaCondition condition);

G_END_DECLS
