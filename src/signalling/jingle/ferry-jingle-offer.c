/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/jingle/ferry-jingle-event.h"

#include "xmpp/ferry-ns.h"

void
ferry_jingle_offer_free (FerryJingleOffer *self)
{
  g_free (self->content);
  g_clear_pointer (&self->others, g_ptr_array_unref);
  g_clear_pointer (&self->file, ferry_file_info_unref);
  g_clear_pointer (&self->ibb, ferry_jingle_ibb_free);
  g_clear_pointer (&self->s5b, ferry_jingle_s5b_free);
  g_free (self);
}

/* Returns: %FALSE for what is not well-formed; *@refusal for what is, but not for us */
static gboolean
parse_transport (FerryJingleOffer *self,
                 FerryNode *transport,
                 FerryJingleReason *refusal,
                 GError **error)
{
  g_autoptr (GError) local = NULL;

  if (ferry_node_is (transport, NULL, FERRY_NS_JINGLE_S5B))
    {
      self->s5b = ferry_jingle_s5b_parse (transport, &local);
      if (self->s5b != NULL)
        return TRUE;
      if (!g_error_matches (local, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  else if (ferry_node_is (transport, NULL, FERRY_NS_JINGLE_IBB))
    {
      self->ibb = ferry_jingle_ibb_parse (transport, error);
      return self->ibb != NULL;
    }
  *refusal = FERRY_JINGLE_REASON_UNSUPPORTED_TRANSPORTS;
  return TRUE;
}

/* XEP-0234 §4.1; `both` is what clients write that do not think of it. */
static gboolean
check_senders (const FerryJingleContent *content,
               FerryJingleReason *refusal,
               FerryNode **refusal_extra,
               GError **error)
{
  if (content->senders == FERRY_JINGLE_SENDERS_NONE)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                           "An offer in which nobody sends");
      return FALSE;
    }
  if (content->senders == FERRY_JINGLE_SENDERS_RESPONDER)
    {
      /* A request. There is nothing here that may be fetched. */
      *refusal = FERRY_JINGLE_REASON_FAILED_APPLICATION;
      *refusal_extra = ferry_node_new ("file-not-available", FERRY_NS_JINGLE_FILE_ERRORS);
    }
  return TRUE;
}

static gboolean
parse_content (FerryJingleOffer *self,
               const FerryJingleContent *content,
               FerryJingleReason *refusal,
               FerryNode **refusal_extra,
               GError **error)
{
  FerryRange range = FERRY_RANGE_WHOLE;

  if (!ferry_node_is (content->description, NULL, FERRY_NS_JINGLE_FILE))
    {
      *refusal = FERRY_JINGLE_REASON_UNSUPPORTED_APPLICATIONS;
      return TRUE;
    }
  /* What is offered under encryption must never be taken in clear (XEP-0391 §7). */
  if (content->security.kind == FERRY_SECURITY_OTHER)
    {
      *refusal = FERRY_JINGLE_REASON_SECURITY_ERROR;
      return TRUE;
    }
  if (!check_senders (content, refusal, refusal_extra, error))
    return FALSE;
  if (*refusal != FERRY_JINGLE_REASON_NONE)
    return TRUE;

  self->file = ferry_jingle_file_parse (content->description, &range, error);
  if (self->file == NULL)
    return FALSE;
  if (!ferry_range_is_whole (&range, self->file->size))
    {
      *refusal =
          FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS; /* we have no part to go on from */
      return TRUE;
    }
  self->content = g_strdup (content->name);
  self->security = content->security;
  return parse_transport (self, content->transport, refusal, error);
}

FerryJingleOffer *
ferry_jingle_offer_parse (const FerryJingleAction *action,
                          FerryJingleReason *refusal,
                          FerryNode **refusal_extra,
                          GError **error)
{
  *refusal = FERRY_JINGLE_REASON_NONE;
  *refusal_extra = NULL;
  if (action->contents->len == 0)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "An offer of nothing");
      return NULL;
    }

  /* One file a session: the first content is taken, the others are removed when we accept. */
  g_autoptr (FerryJingleOffer) self = g_new0 (FerryJingleOffer, 1);
  self->others = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 1; i < action->contents->len; i++)
    {
      const FerryJingleContent *other = action->contents->pdata[i];
      g_ptr_array_add (self->others, g_strdup (other->name));
    }
  const FerryJingleContent *content = action->contents->pdata[0];
  if (content->creator != FERRY_JINGLE_INITIATOR)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                           "An offer created by its receiver");
      return NULL;
    }
  if (!parse_content (self, content, refusal, refusal_extra, error) ||
      *refusal != FERRY_JINGLE_REASON_NONE)
    return NULL;
  return g_steal_pointer (&self);
}
