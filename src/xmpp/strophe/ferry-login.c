/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/strophe/ferry-login.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define NS_SASL "urn:ietf:params:xml:ns:xmpp-sasl"
#define NS_BIND "urn:ietf:params:xml:ns:xmpp-bind"

typedef struct
{
  const char *condition;
  int code; /* -1: libstrophe goes on with its next mechanism */
} SaslCondition;

/* RFC 6120 §6.5; everything else is the server's trouble and may pass */
static const SaslCondition sasl_conditions[] = {
  { "not-authorized", FERRY_ERROR_LOGIN },
  { "account-disabled", FERRY_ERROR_LOGIN },
  { "credentials-expired", FERRY_ERROR_LOGIN },
  { "invalid-authzid", FERRY_ERROR_LOGIN },
  { "invalid-mechanism", -1 },
  { "mechanism-too-weak", -1 },
};

void
ferry_login_init (FerryLogin *self, gboolean is_resuming)
{
  *self = (FerryLogin){ .is_resuming = is_resuming };
  ferry_stream_reader_init (&self->reader);
}

void
ferry_login_clear (FerryLogin *self)
{
  ferry_stream_reader_clear (&self->reader);
}

static gboolean
read_failure (const FerryNode *failure, GError **error)
{
  int code = FERRY_ERROR_SERVER;
  for (guint i = 0; i < G_N_ELEMENTS (sasl_conditions); i++)
    if (ferry_node_get_child (failure, sasl_conditions[i].condition, NULL) != NULL)
      code = sasl_conditions[i].code;
  if (code < 0)
    return TRUE;

  const char *text = ferry_node_get_child_text (failure, "text", NULL);
  g_set_error (error, FERRY_ERROR, code, "the server refused the login: %s %s",
               ferry_node_get_n_children (failure) > 0
                   ? ferry_node_get_name (ferry_node_get_nth_child (failure, 0))
                   : "no reason",
               text != NULL ? text : "");
  return FALSE;
}

/* RFC 5802 §5.1: `r=…,s=…,i=ROUNDS`, in base64. Other mechanisms have no such field, or in
 * quotes. */
static gboolean
check_challenge (const FerryNode *challenge, GError **error)
{
  gsize length;
  g_autofree guchar *decoded = g_base64_decode (ferry_node_get_text (challenge), &length);
  g_autofree char *text = g_strndup ((const char *) decoded, length);
  g_auto (GStrv) fields = g_strsplit (text, ",", -1);

  for (guint i = 0; fields[i] != NULL; i++)
    {
      if (!g_str_has_prefix (fields[i], "i="))
        continue;
      guint64 rounds;
      if (!g_ascii_string_to_unsigned (fields[i] + 2, 10, 1, FERRY_LOGIN_MAX_ROUNDS, &rounds,
                                       NULL))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_SERVER,
                       "the server asks for too many rounds of key stretching");
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_features (FerryLogin *self, const FerryNode *features, GError **error)
{
  if (!self->is_authenticated)
    return TRUE;

  self->has_sm = ferry_node_get_child (features, "sm", FERRY_NS_SM) != NULL;
  /* RFC 3921 wanted a session after the bind; asking for it would disturb a resumed one. */
  const FerryNode *session = ferry_node_get_child (features, "session", NULL);
  gboolean wants_session =
      session != NULL && ferry_node_get_child (session, "optional", NULL) == NULL;
  self->is_resume_refused = self->is_resuming && (!self->has_sm || wants_session);
  /* libstrophe does not survive features without it (0.12.2). */
  if (ferry_node_get_child (features, "bind", NS_BIND) == NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_SERVER,
                   "the server does not let us bind a resource");
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_bind_result (FerryLogin *self, const FerryNode *iq, GError **error)
{
  if (g_strcmp0 (ferry_node_get_attr (iq, "type"), "error") == 0)
    {
      const FerryNode *stanza_error = ferry_node_get_child (iq, "error", NULL);
      gboolean is_conflict =
          stanza_error != NULL &&
          ferry_node_get_child (stanza_error, "conflict", FERRY_NS_STANZAS) != NULL;
      g_set_error (error, FERRY_ERROR, is_conflict ? FERRY_ERROR_CONFLICT : FERRY_ERROR_SERVER,
                   "the server refused the resource");
      return FALSE;
    }
  if (ferry_node_get_child (iq, "bind", NS_BIND) != NULL)
    self->is_bound = TRUE;
  return TRUE;
}

static gboolean
read_sm (FerryLogin *self, const FerryNode *sm, GError **error)
{
  if (ferry_node_is (sm, "enabled", NULL))
    {
      const char *max = ferry_node_get_attr (sm, "max");
      guint64 seconds = 0;
      if (max != NULL && g_ascii_string_to_unsigned (max, 10, 1, G_MAXUINT, &seconds, NULL))
        self->max_s = (guint) seconds;
      self->is_sm_answered = TRUE;
    }
  else if (ferry_node_is (sm, "resumed", NULL))
    {
      if (!self->is_resuming)
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                       "the server resumed a session that nobody asked for");
          return FALSE;
        }
      self->is_resumed = TRUE;
    }
  else if (ferry_node_is (sm, "failed", NULL))
    {
      self->is_sm_answered = TRUE;
      self->is_resume_refused = self->is_resuming;
    }
  return TRUE;
}

static gboolean
read_node (FerryLogin *self, const FerryNode *node, GError **error)
{
  if (ferry_node_is (node, "features", FERRY_NS_STREAMS))
    return read_features (self, node, error);
  if (ferry_node_is (node, NULL, FERRY_NS_SM))
    return read_sm (self, node, error);
  if (ferry_node_is (node, "iq", NULL) && self->is_authenticated && !self->is_bound)
    return read_bind_result (self, node, error);
  if (ferry_node_is (node, "challenge", NS_SASL))
    return check_challenge (node, error);
  if (ferry_node_is (node, "failure", NS_SASL))
    return read_failure (node, error);
  if (ferry_node_is (node, "success", NS_SASL) && !self->is_authenticated)
    {
      self->is_authenticated = TRUE;
      ferry_stream_reader_restart (&self->reader);
    }
  return TRUE;
}

gboolean
ferry_login_feed (FerryLogin *self, const char *data, gsize length, GError **error)
{
  while (length > 0)
    {
      g_autoptr (GError) local_error = NULL;
      gsize n_taken;
      g_autoptr (FerryNode) node =
          ferry_stream_reader_read (&self->reader, data, length, &n_taken, &local_error);
      data += n_taken;
      length -= n_taken;

      /* The library reports the end of a stream by itself, with the server's reason. */
      if (g_error_matches (local_error, FERRY_ERROR, FERRY_ERROR_SERVER))
        continue;
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (node != NULL && !ferry_login_is_done (self) && !read_node (self, node, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
ferry_login_is_done (const FerryLogin *self)
{
  return self->is_resumed || (self->is_bound && (!self->has_sm || self->is_sm_answered));
}
