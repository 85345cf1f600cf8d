/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A place where a peer may be reached: a streamhost of XEP-0065, a candidate of XEP-0260. */
#pragma once

#include "base/ferry-jid.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_CANDIDATE_DIRECT,
  FERRY_CANDIDATE_ASSISTED,
  FERRY_CANDIDATE_TUNNEL,
  FERRY_CANDIDATE_PROXY,
} FerryCandidateType;

typedef struct
{
  char *cid;  /* unique among one side's candidates; SI makes one up */
  char *host; /* as the peer wrote it, unchecked: ferry-host-policy.h decides about dialling */
  guint16 port;
  FerryJid *jid;    /* whose it is: the offerer's, or the proxy's */
  guint32 priority; /* 1 … 2^31-1; higher is better */
  FerryCandidateType type;
} FerryCandidate;

FerryCandidate *ferry_candidate_new (const char *cid,
                                     const char *host,
                                     guint16 port,
                                     FerryJid *jid,
                                     guint32 priority,
                                     FerryCandidateType type);
FerryCandidate *ferry_candidate_copy (const FerryCandidate *self);
void ferry_candidate_free (FerryCandidate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryCandidate, ferry_candidate_free)

void ferry_candidate_set_address (FerryCandidate *self, const char *host, guint16 port);
gboolean ferry_candidate_is_proxy (const FerryCandidate *self);

G_END_DECLS
