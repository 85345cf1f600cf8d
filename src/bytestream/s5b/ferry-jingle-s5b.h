/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryJingleS5b: the `<transport/>` element of XEP-0260, read and written. It carries
 * candidates (session-initiate, session-accept, transport-info) or one report about the race
 * (transport-info). */
#pragma once

#include "base/ferry-node.h"
#include "bytestream/s5b/ferry-candidate.h"

G_BEGIN_DECLS

/* Read at most so many candidates of one side, so many of them proxies; the rest is ignored. */
#define FERRY_JINGLE_S5B_MAX_CANDIDATES 20
#define FERRY_JINGLE_S5B_MAX_PROXIES 3

/**
 * FerryJingleS5bReport:
 * @FERRY_JINGLE_S5B_NO_REPORT: candidates only
 * @FERRY_JINGLE_S5B_USED: the sender connected to candidate `cid` of the reader
 * @FERRY_JINGLE_S5B_ERROR: the sender could connect to none of the reader's
 * @FERRY_JINGLE_S5B_ACTIVATED: the sender's proxy `cid` relays now
 * @FERRY_JINGLE_S5B_PROXY_ERROR: the nominated proxy cannot be used
 */
typedef enum
{
  FERRY_JINGLE_S5B_NO_REPORT,
  FERRY_JINGLE_S5B_USED,
  FERRY_JINGLE_S5B_ERROR,
  FERRY_JINGLE_S5B_ACTIVATED,
  FERRY_JINGLE_S5B_PROXY_ERROR,
} FerryJingleS5bReport;

typedef struct
{
  char *sid;             /* of the transport, not of the session; 1..256 bytes */
  gboolean has_mode;     /* `mode='tcp'` is written: by the initiator only */
  char *dstaddr;         /* nullable: DST.ADDR to use with the sender's own candidates */
  GPtrArray *candidates; /* of FerryCandidate, in the order of the element; may be empty */
  FerryJingleS5bReport report;
  char *cid; /* nullable: of @report */
} FerryJingleS5b;

/* @sid: (nullable). Returns: (transfer full): no candidates, no report */
FerryJingleS5b *ferry_jingle_s5b_new (const char *sid);
void ferry_jingle_s5b_free (FerryJingleS5b *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryJingleS5b, ferry_jingle_s5b_free)

/**
 * ferry_jingle_s5b_parse:
 * @transport: `<transport xmlns='urn:xmpp:jingle:transports:s5b:1'/>`
 * @error: %FERRY_ERROR_PROTOCOL if the element is not that, has no usable sid, or reports a
 *   candidate without naming it; %FERRY_ERROR_UNSUPPORTED for another mode than tcp
 *
 * A candidate with a bad value is left out, and a bad dstaddr is taken for none (XEP-0260 §2.2;
 * clients differ too much to be strict). Hosts are not judged here.
 *
 * Returns: (transfer full) (nullable): what it says
 */
FerryJingleS5b *ferry_jingle_s5b_parse (FerryNode *transport, GError **error);
/* Returns: (transfer full): the `<transport/>` element */
FerryNode *ferry_jingle_s5b_to_node (const FerryJingleS5b *self);

G_END_DECLS
