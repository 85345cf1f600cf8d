/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one table between stanza errors (RFC 6120 §8.3) and FerryError. */
#pragma once

#include "base/ferry-error.h"
#include "base/ferry-node.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_STANZA_UNDEFINED_CONDITION,
  FERRY_STANZA_BAD_REQUEST,
  FERRY_STANZA_CONFLICT,
  FERRY_STANZA_FEATURE_NOT_IMPLEMENTED,
  FERRY_STANZA_FORBIDDEN,
  FERRY_STANZA_GONE,
  FERRY_STANZA_INTERNAL_SERVER_ERROR,
  FERRY_STANZA_ITEM_NOT_FOUND,
  FERRY_STANZA_JID_MALFORMED,
  FERRY_STANZA_NOT_ACCEPTABLE,
  FERRY_STANZA_NOT_ALLOWED,
  FERRY_STANZA_NOT_AUTHORIZED,
  FERRY_STANZA_POLICY_VIOLATION,
  FERRY_STANZA_RECIPIENT_UNAVAILABLE,
  FERRY_STANZA_REDIRECT,
  FERRY_STANZA_REGISTRATION_REQUIRED,
  FERRY_STANZA_REMOTE_SERVER_NOT_FOUND,
  FERRY_STANZA_REMOTE_SERVER_TIMEOUT,
  FERRY_STANZA_RESOURCE_CONSTRAINT,
  FERRY_STANZA_SERVICE_UNAVAILABLE,
  FERRY_STANZA_SUBSCRIPTION_REQUIRED,
  FERRY_STANZA_UNEXPECTED_REQUEST,
} FerryStanzaCondition;

/**
 * ferry_stanza_error_to_node:
 * @condition: what went wrong; the error type (cancel, modify, wait, auth) follows from it
 * @detail: (transfer full) (nullable): application-specific child
 *
 * Returns: (transfer full): an `<error/>` element in jabber:client
 */
FerryNode *ferry_stanza_error_to_node (FerryStanzaCondition condition, FerryNode *detail);

/**
 * ferry_stanza_error_parse:
 * @stanza: a stanza of type error; anything missing in it reads as undefined-condition, legacy
 *   numeric codes without a condition are understood (XEP-0086)
 *
 * Returns: (transfer full): a GError in FERRY_ERROR; its message names the condition and holds
 *   the peer's text, cut to 500 bytes. A Ferry that goes on later says so by
 *   `<paused xmlns='urn:ferry:files:0'/>`: %FERRY_ERROR_PAUSED
 */
GError *ferry_stanza_error_parse (const FerryNode *stanza);
/* The condition a GError of ferry_stanza_error_parse() was made from, also after
 * g_prefix_error(); UNDEFINED_CONDITION for other errors. */
FerryStanzaCondition ferry_stanza_error_get_condition (const GError *error);
/* Has the error the application-specific child @name in @ns? */
gboolean
ferry_stanza_error_has_detail (const FerryNode *stanza, const char *name, const char *ns);

G_END_DECLS
