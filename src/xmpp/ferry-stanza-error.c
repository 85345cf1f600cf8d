/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/ferry-stanza-error.h"

#include "xmpp/ferry-ns.h"

#include <string.h>

/* Bytes of the peer's own words that are kept. */
#define MAX_TEXT_BYTES 500

typedef struct
{
  const char *name;
  const char *type; /* the one RFC 6120 §8.3.3 recommends */
  FerryError code;
} Condition;

/* clang-format off */
static const Condition conditions[] = {
  [FERRY_STANZA_UNDEFINED_CONDITION]     = { "undefined-condition",     "cancel", FERRY_ERROR_PROTOCOL },
  [FERRY_STANZA_BAD_REQUEST]             = { "bad-request",             "modify", FERRY_ERROR_PROTOCOL },
  [FERRY_STANZA_CONFLICT]                = { "conflict",                "cancel", FERRY_ERROR_PROTOCOL },
  [FERRY_STANZA_FEATURE_NOT_IMPLEMENTED] = { "feature-not-implemented", "cancel", FERRY_ERROR_UNSUPPORTED },
  [FERRY_STANZA_FORBIDDEN]               = { "forbidden",               "auth",   FERRY_ERROR_FORBIDDEN },
  [FERRY_STANZA_GONE]                    = { "gone",                    "cancel", FERRY_ERROR_GONE },
  [FERRY_STANZA_INTERNAL_SERVER_ERROR]   = { "internal-server-error",   "cancel", FERRY_ERROR_BUSY },
  [FERRY_STANZA_ITEM_NOT_FOUND]          = { "item-not-found",          "cancel", FERRY_ERROR_GONE },
  [FERRY_STANZA_JID_MALFORMED]           = { "jid-malformed",           "modify", FERRY_ERROR_PROTOCOL },
  [FERRY_STANZA_NOT_ACCEPTABLE]          = { "not-acceptable",          "modify", FERRY_ERROR_UNSUPPORTED },
  [FERRY_STANZA_NOT_ALLOWED]             = { "not-allowed",             "cancel", FERRY_ERROR_FORBIDDEN },
  [FERRY_STANZA_NOT_AUTHORIZED]          = { "not-authorized",          "auth",   FERRY_ERROR_FORBIDDEN },
  [FERRY_STANZA_POLICY_VIOLATION]        = { "policy-violation",        "modify", FERRY_ERROR_FORBIDDEN },
  [FERRY_STANZA_RECIPIENT_UNAVAILABLE]   = { "recipient-unavailable",   "wait",   FERRY_ERROR_GONE },
  [FERRY_STANZA_REDIRECT]                = { "redirect",                "modify", FERRY_ERROR_GONE },
  [FERRY_STANZA_REGISTRATION_REQUIRED]   = { "registration-required",   "auth",   FERRY_ERROR_FORBIDDEN },
  [FERRY_STANZA_REMOTE_SERVER_NOT_FOUND] = { "remote-server-not-found", "cancel", FERRY_ERROR_GONE },
  [FERRY_STANZA_REMOTE_SERVER_TIMEOUT]   = { "remote-server-timeout",   "wait",   FERRY_ERROR_GONE },
  [FERRY_STANZA_RESOURCE_CONSTRAINT]     = { "resource-constraint",     "wait",   FERRY_ERROR_BUSY },
  [FERRY_STANZA_SERVICE_UNAVAILABLE]     = { "service-unavailable",     "cancel", FERRY_ERROR_UNSUPPORTED },
  [FERRY_STANZA_SUBSCRIPTION_REQUIRED]   = { "subscription-required",   "auth",   FERRY_ERROR_FORBIDDEN },
  [FERRY_STANZA_UNEXPECTED_REQUEST]      = { "unexpected-request",      "wait",   FERRY_ERROR_PROTOCOL },
};

/* XEP-0086 §3, for peers that send a number only. */
static const struct
{
  const char *code;
  FerryStanzaCondition condition;
} legacy_codes[] = {
  { "302", FERRY_STANZA_REDIRECT },
  { "400", FERRY_STANZA_BAD_REQUEST },
  { "401", FERRY_STANZA_NOT_AUTHORIZED },
  { "403", FERRY_STANZA_FORBIDDEN },
  { "404", FERRY_STANZA_ITEM_NOT_FOUND },
  { "405", FERRY_STANZA_NOT_ALLOWED },
  { "406", FERRY_STANZA_NOT_ACCEPTABLE },
  { "407", FERRY_STANZA_REGISTRATION_REQUIRED },
  { "408", FERRY_STANZA_REMOTE_SERVER_TIMEOUT },
  { "409", FERRY_STANZA_CONFLICT },
  { "500", FERRY_STANZA_INTERNAL_SERVER_ERROR },
  { "501", FERRY_STANZA_FEATURE_NOT_IMPLEMENTED },
  { "502", FERRY_STANZA_SERVICE_UNAVAILABLE },
  { "503", FERRY_STANZA_SERVICE_UNAVAILABLE },
  { "504", FERRY_STANZA_REMOTE_SERVER_TIMEOUT },
  { "510", FERRY_STANZA_SERVICE_UNAVAILABLE },
};
/* clang-format on */

FerryNode *
ferry_stanza_error_to_node (FerryStanzaCondition condition, FerryNode *detail)
{
  g_return_val_if_fail (condition < G_N_ELEMENTS (conditions), NULL);

  FerryNode *node = ferry_node_new ("error", FERRY_NS_CLIENT);
  ferry_node_set_attr (node, "type", conditions[condition].type);
  ferry_node_add (node, conditions[condition].name, FERRY_NS_STANZAS, NULL);
  if (detail != NULL)
    ferry_node_take_child (node, detail);
  return node;
}

static FerryStanzaCondition
find_condition (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (conditions); i++)
    if (strcmp (conditions[i].name, name) == 0)
      return i;
  return FERRY_STANZA_UNDEFINED_CONDITION;
}

static FerryStanzaCondition
read_condition (const FerryNode *error)
{
  for (guint i = 0; i < ferry_node_get_n_children (error); i++)
    {
      const FerryNode *child = ferry_node_get_nth_child (error, i);
      if (ferry_node_is (child, NULL, FERRY_NS_STANZAS) && !ferry_node_is (child, "text", NULL))
        return find_condition (ferry_node_get_name (child));
    }

  const char *code = ferry_node_get_attr (error, "code");
  for (guint i = 0; code != NULL && i < G_N_ELEMENTS (legacy_codes); i++)
    if (strcmp (legacy_codes[i].code, code) == 0)
      return legacy_codes[i].condition;
  return FERRY_STANZA_UNDEFINED_CONDITION;
}

/* The peer's words on one line. XEP-0086 peers put them straight into <error/>. */
static char *
read_text (const FerryNode *error)
{
  const char *raw = ferry_node_get_child_text (error, "text", FERRY_NS_STANZAS);
  if (raw == NULL)
    raw = ferry_node_get_text (error);

  GString *text = g_string_new (NULL);
  for (const char *p = raw; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      if (text->len + (gsize) (g_utf8_next_char (p) - p) > MAX_TEXT_BYTES)
        break;
      g_string_append_unichar (text, g_unichar_iscntrl (c) ? ' ' : c);
    }
  return g_strstrip (g_string_free (text, FALSE));
}

GError *
ferry_stanza_error_parse (const FerryNode *stanza)
{
  g_return_val_if_fail (stanza != NULL, NULL);

  const FerryNode *error = ferry_node_get_child (stanza, "error", NULL);
  FerryStanzaCondition condition =
      error != NULL ? read_condition (error) : FERRY_STANZA_UNDEFINED_CONDITION;
  g_autofree char *text = error != NULL ? read_text (error) : g_strdup ("");

  FerryError code = conditions[condition].code;
  if (ferry_stanza_error_has_detail (stanza, "paused", FERRY_NS_FILES))
    code = FERRY_ERROR_PAUSED;

  /* The condition stands last, where g_prefix_error() leaves it alone. */
  return g_error_new (FERRY_ERROR, (int) code, "%s [%s]",
                      *text != '\0' ? text : "answered with an error",
                      conditions[condition].name);
}

FerryStanzaCondition
ferry_stanza_error_get_condition (const GError *error)
{
  g_return_val_if_fail (error != NULL, FERRY_STANZA_UNDEFINED_CONDITION);

  const char *open = error->domain == FERRY_ERROR ? strrchr (error->message, '[') : NULL;
  size_t length = open != NULL ? strlen (open) : 0;
  if (length < 3 || open[length - 1] != ']')
    return FERRY_STANZA_UNDEFINED_CONDITION;

  g_autofree char *name = g_strndup (open + 1, length - 2);
  return find_condition (name);
}

gboolean
ferry_stanza_error_has_detail (const FerryNode *stanza, const char *name, const char *ns)
{
  g_return_val_if_fail (stanza != NULL, FALSE);

  const FerryNode *error = ferry_node_get_child (stanza, "error", NULL);
  return error != NULL && ferry_node_get_child (error, name, ns) != NULL;
}
