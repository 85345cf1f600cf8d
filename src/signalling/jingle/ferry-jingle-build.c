/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/jingle/ferry-jingle-build.h"

#include "xmpp/ferry-ns.h"

#define MAX_ECHO 256

FerryNode *
ferry_jingle_build_initiate (const char *sid,
                             FerryJid *own,
                             const char *name,
                             const FerryFileInfo *file,
                             const FerrySecurity *security,
                             FerryNode *transport)
{
  g_autoptr (FerryJingleAction) action =
      ferry_jingle_action_new (FERRY_JINGLE_SESSION_INITIATE, sid);
  FerryJingleContent *content =
      ferry_jingle_action_add_content (action, FERRY_JINGLE_INITIATOR, name);
  FerryFileInfo described = *file; /* a look at it with another promise; owns nothing */

  described.hash_used = FERRY_HASH_SHA256;
  action->initiator = ferry_jid_ref (own);
  content->description = ferry_jingle_file_to_node (&described, NULL);
  content->transport = transport;
  content->security = *security;
  return ferry_jingle_action_to_node (action);
}

FerryNode *
ferry_jingle_build_accept (const char *sid,
                           FerryJid *own,
                           const char *name,
                           const FerryFileInfo *file,
                           const FerryRange *range,
                           const FerrySecurity *security,
                           FerryNode *transport)
{
  g_autoptr (FerryJingleAction) action =
      ferry_jingle_action_new (FERRY_JINGLE_SESSION_ACCEPT, sid);
  FerryJingleContent *content =
      ferry_jingle_action_add_content (action, FERRY_JINGLE_INITIATOR, name);
  FerryFileInfo described = *file;

  described.ranged = FALSE; /* a range in the answer asks for a part */
  action->responder = ferry_jid_ref (own);
  content->description = ferry_jingle_file_to_node (&described, range);
  content->transport = transport;
  content->security = *security;
  return ferry_jingle_action_to_node (action);
}

FerryNode *
ferry_jingle_build_terminate (const char *sid, FerryJingleReason reason, const GError *error)
{
  g_autoptr (FerryJingleAction) action =
      ferry_jingle_action_new (FERRY_JINGLE_SESSION_TERMINATE, sid);

  action->reason = reason;
  if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_PAUSED))
    action->reason_extra = ferry_node_new ("paused", FERRY_NS_FILES);
  else if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_CORRUPT))
    action->reason_text = g_strdup ("checksum mismatch");
  else if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_TOO_MUCH))
    action->reason_extra = ferry_node_new ("file-too-large", FERRY_NS_JINGLE_FILE_ERRORS);
  return ferry_jingle_action_to_node (action);
}

FerryNode *
ferry_jingle_build_transport (FerryJingleActionType type,
                              const char *sid,
                              const char *name,
                              FerryNode *transport)
{
  g_autoptr (FerryJingleAction) action = ferry_jingle_action_new (type, sid);
  ferry_jingle_action_add_content (action, FERRY_JINGLE_INITIATOR, name)->transport = transport;
  return ferry_jingle_action_to_node (action);
}

FerryNode *
ferry_jingle_build_contents (FerryJingleActionType type,
                             const char *sid,
                             FerryJingleRole creator,
                             GPtrArray *names)
{
  g_autoptr (FerryJingleAction) action = ferry_jingle_action_new (type, sid);
  for (guint i = 0; i < names->len; i++)
    ferry_jingle_action_add_content (action, creator, names->pdata[i]);
  action->reason = FERRY_JINGLE_REASON_DECLINE;
  return ferry_jingle_action_to_node (action);
}

FerryNode *
ferry_jingle_build_info (const char *sid, FerryNode *payload)
{
  g_autoptr (FerryJingleAction) action =
      ferry_jingle_action_new (FERRY_JINGLE_SESSION_INFO, sid);
  action->payload = payload;
  return ferry_jingle_action_to_node (action);
}

FerryNode *
ferry_jingle_build_rejected (FerryNode *transport)
{
  FerryNode *node = ferry_node_new ("transport", ferry_node_get_ns (transport));
  g_autofree char *sid = g_strdup (ferry_node_get_attr (transport, "sid"));

  if (sid != NULL && strlen (sid) <= MAX_ECHO)
    ferry_node_set_attr (node, "sid", sid);
  return node;
}
