/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The envelope of Jingle (XEP-0166): one `<jingle/>` element as a plain struct. What it says of
 * files and transports stays in nodes, read by ferry-jingle-file.h, ferry-jingle-ibb.h and
 * ferry-jingle-s5b.h. */
#pragma once

#include "base/ferry-jid.h"
#include "base/ferry-node.h"
#include "signalling/ferry-security.h"

G_BEGIN_DECLS

/* More contents than this in one element are refused. */
#define FERRY_JINGLE_MAX_CONTENTS 32
/* Session ids and content names are 1 to this many bytes. */
#define FERRY_JINGLE_MAX_ID 256

typedef enum
{
  FERRY_JINGLE_CONTENT_ACCEPT,
  FERRY_JINGLE_CONTENT_ADD,
  FERRY_JINGLE_CONTENT_MODIFY,
  FERRY_JINGLE_CONTENT_REJECT,
  FERRY_JINGLE_CONTENT_REMOVE,
  FERRY_JINGLE_DESCRIPTION_INFO,
  FERRY_JINGLE_SECURITY_INFO,
  FERRY_JINGLE_SESSION_ACCEPT,
  FERRY_JINGLE_SESSION_INFO,
  FERRY_JINGLE_SESSION_INITIATE,
  FERRY_JINGLE_SESSION_TERMINATE,
  FERRY_JINGLE_TRANSPORT_ACCEPT,
  FERRY_JINGLE_TRANSPORT_INFO,
  FERRY_JINGLE_TRANSPORT_REJECT,
  FERRY_JINGLE_TRANSPORT_REPLACE,
} FerryJingleActionType;

typedef enum
{
  FERRY_JINGLE_INITIATOR,
  FERRY_JINGLE_RESPONDER,
} FerryJingleRole;

/* Which side of a content sends. */
typedef enum
{
  FERRY_JINGLE_SENDERS_BOTH, /* also when the attribute is absent or unknown */
  FERRY_JINGLE_SENDERS_INITIATOR,
  FERRY_JINGLE_SENDERS_RESPONDER,
  FERRY_JINGLE_SENDERS_NONE,
} FerryJingleSenders;

/* Why a session, or one content of it, ends. */
typedef enum
{
  FERRY_JINGLE_REASON_NONE, /* there was no `<reason/>` */
  FERRY_JINGLE_REASON_ALTERNATIVE_SESSION,
  FERRY_JINGLE_REASON_BUSY,
  FERRY_JINGLE_REASON_CANCEL,
  FERRY_JINGLE_REASON_CONNECTIVITY_ERROR,
  FERRY_JINGLE_REASON_DECLINE,
  FERRY_JINGLE_REASON_EXPIRED,
  FERRY_JINGLE_REASON_FAILED_APPLICATION,
  FERRY_JINGLE_REASON_FAILED_TRANSPORT,
  FERRY_JINGLE_REASON_GENERAL_ERROR, /* also every condition we do not know */
  FERRY_JINGLE_REASON_GONE,
  FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS,
  FERRY_JINGLE_REASON_MEDIA_ERROR,
  FERRY_JINGLE_REASON_SECURITY_ERROR,
  FERRY_JINGLE_REASON_SUCCESS,
  FERRY_JINGLE_REASON_TIMEOUT,
  FERRY_JINGLE_REASON_UNSUPPORTED_APPLICATIONS,
  FERRY_JINGLE_REASON_UNSUPPORTED_TRANSPORTS,
} FerryJingleReason;

typedef struct
{
  FerryJingleRole creator;
  char *name;
  FerryJingleSenders senders;
  FerryNode *description; /* nullable */
  FerryNode *transport;   /* nullable */
  FerrySecurity security;
} FerryJingleContent;

typedef struct
{
  FerryJingleActionType type;
  char *sid;
  FerryJid *initiator; /* nullable */
  FerryJid *responder; /* nullable */
  GPtrArray *contents; /* of FerryJingleContent, never NULL */
  FerryJingleReason reason;
  char *reason_text;       /* nullable; at most 500 bytes */
  FerryNode *reason_extra; /* nullable; application-specific child of `<reason/>` */
  FerryNode *payload;      /* nullable; what a session-info says */
} FerryJingleAction;

FerryJingleAction *ferry_jingle_action_new (FerryJingleActionType type, const char *sid);

/**
 * ferry_jingle_action_parse:
 * @jingle: any node
 * @error: %FERRY_ERROR_PROTOCOL if it is not a well-formed `<jingle/>` with a known action;
 *   %FERRY_ERROR_LIMIT if it has more than %FERRY_JINGLE_MAX_CONTENTS contents
 *
 * Reads XEP-0166 §7. A missing `creator` means the initiator; unknown values of `senders` and
 * unknown reasons are no errors.
 *
 * Returns: (transfer full) (nullable): the action
 */
FerryJingleAction *ferry_jingle_action_parse (FerryNode *jingle, GError **error);
FerryNode *ferry_jingle_action_to_node (const FerryJingleAction *self);
void ferry_jingle_action_free (FerryJingleAction *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryJingleAction, ferry_jingle_action_free)

/* Adds a content sent by the initiator. Returns: (transfer none) */
FerryJingleContent *ferry_jingle_action_add_content (FerryJingleAction *self,
                                                     FerryJingleRole creator,
                                                     const char *name);
/* Returns: (transfer none) (nullable): the content with this key */
FerryJingleContent *ferry_jingle_action_get_content (const FerryJingleAction *self,
                                                     FerryJingleRole creator,
                                                     const char *name);

G_END_DECLS
