/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/jingle/ferry-jingle-action.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define MAX_REASON_TEXT 500

static const char *const action_names[] = {
  [FERRY_JINGLE_CONTENT_ACCEPT] = "content-accept",
  [FERRY_JINGLE_CONTENT_ADD] = "content-add",
  [FERRY_JINGLE_CONTENT_MODIFY] = "content-modify",
  [FERRY_JINGLE_CONTENT_REJECT] = "content-reject",
  [FERRY_JINGLE_CONTENT_REMOVE] = "content-remove",
  [FERRY_JINGLE_DESCRIPTION_INFO] = "description-info",
  [FERRY_JINGLE_SECURITY_INFO] = "security-info",
  [FERRY_JINGLE_SESSION_ACCEPT] = "session-accept",
  [FERRY_JINGLE_SESSION_INFO] = "session-info",
  [FERRY_JINGLE_SESSION_INITIATE] = "session-initiate",
  [FERRY_JINGLE_SESSION_TERMINATE] = "session-terminate",
  [FERRY_JINGLE_TRANSPORT_ACCEPT] = "transport-accept",
  [FERRY_JINGLE_TRANSPORT_INFO] = "transport-info",
  [FERRY_JINGLE_TRANSPORT_REJECT] = "transport-reject",
  [FERRY_JINGLE_TRANSPORT_REPLACE] = "transport-replace",
};

static const char *const reason_names[] = {
  [FERRY_JINGLE_REASON_NONE] = NULL,
  [FERRY_JINGLE_REASON_ALTERNATIVE_SESSION] = "alternative-session",
  [FERRY_JINGLE_REASON_BUSY] = "busy",
  [FERRY_JINGLE_REASON_CANCEL] = "cancel",
  [FERRY_JINGLE_REASON_CONNECTIVITY_ERROR] = "connectivity-error",
  [FERRY_JINGLE_REASON_DECLINE] = "decline",
  [FERRY_JINGLE_REASON_EXPIRED] = "expired",
  [FERRY_JINGLE_REASON_FAILED_APPLICATION] = "failed-application",
  [FERRY_JINGLE_REASON_FAILED_TRANSPORT] = "failed-transport",
  [FERRY_JINGLE_REASON_GENERAL_ERROR] = "general-error",
  [FERRY_JINGLE_REASON_GONE] = "gone",
  [FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS] = "incompatible-parameters",
  [FERRY_JINGLE_REASON_MEDIA_ERROR] = "media-error",
  [FERRY_JINGLE_REASON_SECURITY_ERROR] = "security-error",
  [FERRY_JINGLE_REASON_SUCCESS] = "success",
  [FERRY_JINGLE_REASON_TIMEOUT] = "timeout",
  [FERRY_JINGLE_REASON_UNSUPPORTED_APPLICATIONS] = "unsupported-applications",
  [FERRY_JINGLE_REASON_UNSUPPORTED_TRANSPORTS] = "unsupported-transports",
};

static const char *const senders_names[] = {
  [FERRY_JINGLE_SENDERS_BOTH] = "both",
  [FERRY_JINGLE_SENDERS_INITIATOR] = "initiator",
  [FERRY_JINGLE_SENDERS_RESPONDER] = "responder",
  [FERRY_JINGLE_SENDERS_NONE] = "none",
};

static const char *const role_names[] = {
  [FERRY_JINGLE_INITIATOR] = "initiator",
  [FERRY_JINGLE_RESPONDER] = "responder",
};

/* Returns: the place of @name in @names, or -1 */
static int
find_name (const char *const *names, guint n_names, const char *name)
{
  for (guint i = 0; i < n_names; i++)
    {
      if (g_strcmp0 (names[i], name) == 0)
        return (int) i;
    }
  return -1;
}

static void
content_free (FerryJingleContent *content)
{
  g_free (content->name);
  g_clear_pointer (&content->description, ferry_node_unref);
  g_clear_pointer (&content->transport, ferry_node_unref);
  g_free (content);
}

FerryJingleAction *
ferry_jingle_action_new (FerryJingleActionType type, const char *sid)
{
  FerryJingleAction *self = g_new0 (FerryJingleAction, 1);
  self->type = type;
  self->sid = g_strdup (sid);
  self->contents = g_ptr_array_new_with_free_func ((GDestroyNotify) content_free);
  return self;
}

void
ferry_jingle_action_free (FerryJingleAction *self)
{
  g_free (self->sid);
  g_clear_pointer (&self->initiator, ferry_jid_unref);
  g_clear_pointer (&self->responder, ferry_jid_unref);
  g_ptr_array_unref (self->contents);
  g_free (self->reason_text);
  g_clear_pointer (&self->reason_extra, ferry_node_unref);
  g_clear_pointer (&self->payload, ferry_node_unref);
  g_free (self);
}

FerryJingleContent *
ferry_jingle_action_add_content (FerryJingleAction *self,
                                 FerryJingleRole creator,
                                 const char *name)
{
  FerryJingleContent *content = g_new0 (FerryJingleContent, 1);
  content->creator = creator;
  content->name = g_strdup (name);
  content->senders = FERRY_JINGLE_SENDERS_INITIATOR;
  g_ptr_array_add (self->contents, content);
  return content;
}

FerryJingleContent *
ferry_jingle_action_get_content (const FerryJingleAction *self,
                                 FerryJingleRole creator,
                                 const char *name)
{
  for (guint i = 0; i < self->contents->len; i++)
    {
      FerryJingleContent *content = self->contents->pdata[i];
      if (content->creator == creator && g_strcmp0 (content->name, name) == 0)
        return content;
    }
  return NULL;
}

static gboolean
is_id (const char *text)
{
  return text != NULL && text[0] != '\0' && strlen (text) <= FERRY_JINGLE_MAX_ID;
}

static FerryNode *
dup_child (FerryNode *node, const char *name)
{
  FerryNode *child = ferry_node_get_child (node, name, NULL);
  return child != NULL ? ferry_node_ref (child) : NULL;
}

static gboolean
parse_content (FerryJingleAction *self, FerryNode *node, GError **error)
{
  const char *name = ferry_node_get_attr (node, "name");
  const char *creator_text = ferry_node_get_attr (node, "creator");
  int creator = FERRY_JINGLE_INITIATOR;

  if (creator_text != NULL)
    creator = find_name (role_names, G_N_ELEMENTS (role_names), creator_text);
  if (creator < 0 || !is_id (name))
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                           "A content has no valid name or creator (XEP-0166 §7.3)");
      return FALSE;
    }
  if (ferry_jingle_action_get_content (self, (FerryJingleRole) creator, name) != NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "Content “%s” is there twice",
                   name);
      return FALSE;
    }

  FerryJingleContent *content =
      ferry_jingle_action_add_content (self, (FerryJingleRole) creator, name);
  int senders = find_name (senders_names, G_N_ELEMENTS (senders_names),
                           ferry_node_get_attr (node, "senders"));
  content->senders = senders < 0 ? FERRY_JINGLE_SENDERS_BOTH : (FerryJingleSenders) senders;
  content->description = dup_child (node, "description");
  content->transport = dup_child (node, "transport");
  content->security = ferry_security_parse (node);
  return TRUE;
}

/* Dino writes `failed_transport` where XEP-0166 has `failed-transport`. */
static FerryJingleReason
find_reason (const char *name)
{
  g_autofree char *dashed = g_strdelimit (g_strdup (name), "_", '-');
  int reason = find_name (reason_names, G_N_ELEMENTS (reason_names), dashed);
  return reason < 0 ? FERRY_JINGLE_REASON_GENERAL_ERROR : (FerryJingleReason) reason;
}

/* What makes no sense in a reason is no error: the session is over in any case. */
static void
parse_reason (FerryJingleAction *self, FerryNode *node)
{
  self->reason = FERRY_JINGLE_REASON_GENERAL_ERROR;
  for (guint i = ferry_node_get_n_children (node); i > 0; i--)
    {
      FerryNode *child = ferry_node_get_nth_child (node, i - 1);
      if (!ferry_node_is (child, NULL, FERRY_NS_JINGLE))
        {
          g_clear_pointer (&self->reason_extra, ferry_node_unref);
          self->reason_extra = ferry_node_ref (child);
        }
      else if (ferry_node_is (child, "text", NULL))
        {
          const char *text = ferry_node_get_text (child);
          g_autofree char *cut = g_strndup (text, MAX_REASON_TEXT);
          g_free (self->reason_text);
          self->reason_text = g_utf8_make_valid (cut, -1);
        }
      else
        self->reason = find_reason (ferry_node_get_name (child));
    }
}

/* An address in an attribute is optional, but if it is there it must be one. */
static gboolean
parse_jid_attr (FerryNode *node, const char *key, FerryJid **out, GError **error)
{
  const char *text = ferry_node_get_attr (node, key);
  if (text == NULL || text[0] == '\0')
    return TRUE;
  *out = ferry_jid_new (text, error);
  return *out != NULL;
}

static gboolean
parse_children (FerryJingleAction *self, FerryNode *jingle, GError **error)
{
  for (guint i = 0; i < ferry_node_get_n_children (jingle); i++)
    {
      FerryNode *child = ferry_node_get_nth_child (jingle, i);
      if (ferry_node_is (child, "content", FERRY_NS_JINGLE))
        {
          if (self->contents->len == FERRY_JINGLE_MAX_CONTENTS)
            {
              g_set_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT, "More than %d contents",
                           FERRY_JINGLE_MAX_CONTENTS);
              return FALSE;
            }
          if (!parse_content (self, child, error))
            return FALSE;
        }
      else if (ferry_node_is (child, "reason", FERRY_NS_JINGLE))
        parse_reason (self, child);
      else if (self->payload == NULL)
        self->payload = ferry_node_ref (child);
    }
  return TRUE;
}

FerryJingleAction *
ferry_jingle_action_parse (FerryNode *jingle, GError **error)
{
  int type = find_name (action_names, G_N_ELEMENTS (action_names),
                        ferry_node_get_attr (jingle, "action"));
  const char *sid = ferry_node_get_attr (jingle, "sid");

  if (!ferry_node_is (jingle, "jingle", FERRY_NS_JINGLE) || type < 0 || !is_id (sid))
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                           "No known Jingle action, or no session id (XEP-0166 §7.1)");
      return NULL;
    }

  g_autoptr (FerryJingleAction) self =
      ferry_jingle_action_new ((FerryJingleActionType) type, sid);
  if (!parse_jid_attr (jingle, "initiator", &self->initiator, error) ||
      !parse_jid_attr (jingle, "responder", &self->responder, error) ||
      !parse_children (self, jingle, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
add_content_node (FerryNode *jingle,
                  FerryJingleActionType type,
                  const FerryJingleContent *content)
{
  FerryNode *node = ferry_node_add (jingle, "content", NULL, NULL);
  ferry_node_set_attrs (node, "creator", role_names[content->creator], "name", content->name,
                        NULL);
  /* `senders` is part of the offer and its answer; elsewhere it would ask for a change. */
  if (type == FERRY_JINGLE_SESSION_INITIATE || type == FERRY_JINGLE_SESSION_ACCEPT)
    ferry_node_set_attr (node, "senders", senders_names[content->senders]);
  if (content->description != NULL)
    ferry_node_take_child (node, ferry_node_ref (content->description));
  if (content->transport != NULL)
    ferry_node_take_child (node, ferry_node_ref (content->transport));
  ferry_security_add_to (&content->security, node);
}

FerryNode *
ferry_jingle_action_to_node (const FerryJingleAction *self)
{
  FerryNode *jingle = ferry_node_new ("jingle", FERRY_NS_JINGLE);
  ferry_node_set_attrs (jingle, "action", action_names[self->type], "initiator",
                        self->initiator != NULL ? ferry_jid_get_text (self->initiator) : NULL,
                        "responder",
                        self->responder != NULL ? ferry_jid_get_text (self->responder) : NULL,
                        "sid", self->sid, NULL);

  for (guint i = 0; i < self->contents->len; i++)
    add_content_node (jingle, self->type, self->contents->pdata[i]);
  if (self->reason != FERRY_JINGLE_REASON_NONE)
    {
      FerryNode *reason = ferry_node_add (jingle, "reason", NULL, NULL);
      ferry_node_add (reason, reason_names[self->reason], NULL, NULL);
      if (self->reason_text != NULL)
        ferry_node_add (reason, "text", NULL, self->reason_text);
      if (self->reason_extra != NULL)
        ferry_node_take_child (reason, ferry_node_ref (self->reason_extra));
    }
  if (self->payload != NULL)
    ferry_node_take_child (jingle, ferry_node_ref (self->payload));
  return jingle;
}
