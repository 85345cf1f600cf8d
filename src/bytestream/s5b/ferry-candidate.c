/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-candidate.h"

/**
 * ferry_candidate_new:
 * @cid: its id, unique among the candidates of one side
 * @host: address or name
 * @port: TCP port
 * @jid: whose it is
 * @priority: 1 … 2^31-1
 * @type: what kind of address it is
 *
 * Returns: (transfer full): the candidate; everything is copied
 */
FerryCandidate *
ferry_candidate_new (const char *cid,
                     const char *host,
                     guint16 port,
                     FerryJid *jid,
                     guint32 priority,
                     FerryCandidateType type)
{
  g_return_val_if_fail (cid != NULL && host != NULL && jid != NULL, NULL);

  FerryCandidate *self = g_new0 (FerryCandidate, 1);
  self->cid = g_strdup (cid);
  self->host = g_strdup (host);
  self->port = port;
  self->jid = ferry_jid_ref (jid);
  self->priority = priority;
  self->type = type;
  return self;
}

FerryCandidate *
ferry_candidate_copy (const FerryCandidate *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return ferry_candidate_new (self->cid, self->host, self->port, self->jid, self->priority,
                              self->type);
}

void
ferry_candidate_free (FerryCandidate *self)
{
  if (self == NULL)
    return;

  g_free (self->cid);
  g_free (self->host);
  ferry_jid_unref (self->jid);
  g_free (self);
}

void
ferry_candidate_set_address (FerryCandidate *self, const char *host, guint16 port)
{
  g_return_if_fail (self != NULL && host != NULL);

  g_free (self->host);
  self->host = g_strdup (host);
  self->port = port;
}

gboolean
ferry_candidate_is_proxy (const FerryCandidate *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->type == FERRY_CANDIDATE_PROXY;
}
