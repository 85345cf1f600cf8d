/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-session"

#include "config.h"

#include "signalling/ferry-session.h"

typedef struct
{
  char *id;
  char *signalling;
  FerryDirection direction;
  FerryJid *peer;
  FerryFileInfo *file;

  FerryTlsIdentity *own; /* nullable */
  FerryTlsRole role;
  FerrySecurity theirs;
  gboolean knows_security; /* the peer has said it */

  FerrySessionState state;
  FerryRoute route;
  FerryRange range;
  gboolean opened;
  gboolean received;
  gboolean confirmed;
  gboolean expects_checksum;
} FerrySessionPrivate;

typedef enum
{
  PROP_ID = 1,
  PROP_SIGNALLING,
  PROP_DIRECTION,
  PROP_PEER,
  PROP_FILE,
  N_PROPS
} FerrySessionProperty;

enum
{
  STATE_CHANGED,
  ROUTE_CHANGED,
  OPENED,
  CHECKSUM,
  NOTE,
  ENDED,
  FINISHED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static const char *const state_names[] = {
  [FERRY_SESSION_OFFERED] = "offered", [FERRY_SESSION_CONNECTING] = "connecting",
  [FERRY_SESSION_OPEN] = "open",       [FERRY_SESSION_CLOSING] = "closing",
  [FERRY_SESSION_ENDED] = "ended",
};

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (FerrySession, ferry_session, G_TYPE_OBJECT)

#define PRIVATE(self)                                                                          \
  ((FerrySessionPrivate *) ferry_session_get_instance_private ((FerrySession *) (self)))

/* Signal handlers may drop the last reference: emissions hold one of their own. */
static void
change_state (FerrySession *self, FerrySessionState state)
{
  FerrySessionPrivate *priv = PRIVATE (self);
  if (priv->state == state)
    return;
  g_debug ("%s: %s → %s", priv->id, state_names[priv->state], state_names[state]);
  priv->state = state;
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

void
ferry_session_set_state (FerrySession *self, FerrySessionState state)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (state != FERRY_SESSION_ENDED); /* that is ferry_session_end () */

  g_autoptr (FerrySession) alive = g_object_ref (self);
  if (PRIVATE (self)->state != FERRY_SESSION_ENDED)
    change_state (self, state);
}

void
ferry_session_set_route (FerrySession *self, FerryRoute route)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  FerrySessionPrivate *priv = PRIVATE (self);
  if (priv->state == FERRY_SESSION_ENDED || priv->route == route)
    return;
  priv->route = route;
  g_signal_emit (self, signals[ROUTE_CHANGED], 0);
}

void
ferry_session_set_received (FerrySession *self)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  PRIVATE (self)->received = TRUE;
}

void
ferry_session_set_confirmed (FerrySession *self)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  PRIVATE (self)->confirmed = TRUE;
}

void
ferry_session_set_expects_checksum (FerrySession *self, gboolean expects)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  PRIVATE (self)->expects_checksum = expects;
}

void
ferry_session_emit_opened (FerrySession *self, GSocket *socket)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (G_IS_SOCKET (socket));
  g_return_if_fail (!PRIVATE (self)->opened);

  FerrySessionPrivate *priv = PRIVATE (self);
  g_autoptr (FerrySession) alive = g_object_ref (self);
  if (priv->state == FERRY_SESSION_ENDED)
    return;
  priv->opened = TRUE;
  change_state (self, FERRY_SESSION_OPEN);
  /* A handler of "state-changed" may have cancelled: nothing may follow "ended". */
  if (priv->state != FERRY_SESSION_ENDED)
    g_signal_emit (self, signals[OPENED], 0, socket);
}

void
ferry_session_emit_checksum (FerrySession *self, const FerryHash *hash)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (hash != NULL);

  FerrySessionPrivate *priv = PRIVATE (self);
  priv->expects_checksum = FALSE;
  if (priv->state != FERRY_SESSION_ENDED)
    g_signal_emit (self, signals[CHECKSUM], 0, hash);
}

void
ferry_session_emit_note (FerrySession *self, const char *format, ...)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);

  FerrySessionPrivate *priv = PRIVATE (self);
  g_debug ("%s: %s", priv->id, text);
  if (priv->state != FERRY_SESSION_ENDED)
    g_signal_emit (self, signals[NOTE], 0, text);
}

void
ferry_session_end (FerrySession *self, const GError *error)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  FerrySessionPrivate *priv = PRIVATE (self);
  if (priv->state == FERRY_SESSION_ENDED)
    return;
  g_autoptr (FerrySession) alive = g_object_ref (self);
  if (error != NULL)
    g_debug ("%s: ends: %s", priv->id, error->message);
  change_state (self, FERRY_SESSION_ENDED);
  g_signal_emit (self, signals[ENDED], 0, error);
}

void
ferry_session_finish (FerrySession *self)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (PRIVATE (self)->state == FERRY_SESSION_ENDED);

  g_signal_emit (self, signals[FINISHED], 0);
}

void
ferry_session_set_id (FerrySession *self, const char *id)
{
  FerrySessionPrivate *priv = PRIVATE (self);

  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (id != NULL);

  g_free (priv->id);
  priv->id = g_strdup (id);
}

void
ferry_session_set_identity (FerrySession *self, FerryTlsIdentity *own, FerryTlsRole role)
{
  FerrySessionPrivate *priv = PRIVATE (self);

  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (own != NULL && priv->own == NULL);

  priv->own = ferry_tls_identity_ref (own);
  priv->role = role;
}

FerrySecurity
ferry_session_get_own_security (FerrySession *self)
{
  FerrySecurity security = { .kind = FERRY_SECURITY_NONE };

  g_return_val_if_fail (FERRY_IS_SESSION (self), security);
  FerryTlsIdentity *own = PRIVATE (self)->own;
  if (own != NULL)
    {
      security.kind = FERRY_SECURITY_TLS;
      security.fingerprint = *ferry_tls_identity_get_fingerprint (own);
    }
  return security;
}

gboolean
ferry_session_take_security (FerrySession *self, const FerrySecurity *theirs)
{
  FerrySessionPrivate *priv = PRIVATE (self);

  g_return_val_if_fail (FERRY_IS_SESSION (self), FALSE);
  priv->theirs = *theirs;
  priv->knows_security = TRUE;
  return theirs->kind == (priv->own != NULL ? FERRY_SECURITY_TLS : FERRY_SECURITY_NONE);
}

void
ferry_session_copy_security (FerrySession *self, FerrySession *other)
{
  FerrySessionPrivate *priv = PRIVATE (self);
  FerrySessionPrivate *from = PRIVATE (other);

  g_return_if_fail (FERRY_IS_SESSION (self) && FERRY_IS_SESSION (other));
  g_return_if_fail (priv->own == NULL);

  priv->own = from->own != NULL ? ferry_tls_identity_ref (from->own) : NULL;
  priv->role = from->role;
  priv->theirs = from->theirs;
  priv->knows_security = from->knows_security;
  ferry_jid_unref (priv->peer);
  priv->peer = ferry_jid_ref (from->peer);
}

gboolean
ferry_session_has_security (FerrySession *self, const FerrySecurity *theirs)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FALSE);

  return ferry_security_equal (&PRIVATE (self)->theirs, theirs);
}

gboolean
ferry_session_knows_security (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FALSE);

  return PRIVATE (self)->knows_security;
}

gboolean
ferry_session_get_peer_key (FerrySession *self, FerryHash *out)
{
  FerrySessionPrivate *priv = PRIVATE (self);

  g_return_val_if_fail (FERRY_IS_SESSION (self), FALSE);
  if (priv->own == NULL || priv->theirs.kind != FERRY_SECURITY_TLS)
    return FALSE;
  *out = priv->theirs.fingerprint;
  return TRUE;
}

FerryTlsAgreement *
ferry_session_dup_tls_agreement (FerrySession *self)
{
  FerrySessionPrivate *priv = PRIVATE (self);

  g_return_val_if_fail (FERRY_IS_SESSION (self), NULL);
  if (priv->own == NULL)
    return NULL;
  return ferry_tls_agreement_new (priv->role, priv->own, &priv->theirs.fingerprint);
}

const char *
ferry_session_get_id (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), NULL);
  return PRIVATE (self)->id;
}

const char *
ferry_session_get_signalling (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), NULL);
  return PRIVATE (self)->signalling;
}

FerryDirection
ferry_session_get_direction (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FERRY_DIRECTION_SEND);
  return PRIVATE (self)->direction;
}

FerryJid *
ferry_session_get_peer (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), NULL);
  return PRIVATE (self)->peer;
}

FerryFileInfo *
ferry_session_get_file (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), NULL);
  return PRIVATE (self)->file;
}

FerrySessionState
ferry_session_get_state (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FERRY_SESSION_ENDED);
  return PRIVATE (self)->state;
}

FerryRoute
ferry_session_get_route (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FERRY_ROUTE_NONE);
  return PRIVATE (self)->route;
}

const FerryRange *
ferry_session_get_range (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), NULL);
  return &PRIVATE (self)->range;
}

void
ferry_session_set_range (FerrySession *self, const FerryRange *range)
{
  FerrySessionPrivate *priv = PRIVATE (self);

  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (priv->file->ranged || ferry_range_is_whole (range, priv->file->size));
  g_return_if_fail (ferry_range_fits (range, priv->file->size));

  priv->range = *range;
}

gboolean
ferry_session_was_received (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FALSE);
  return PRIVATE (self)->received;
}

gboolean
ferry_session_was_confirmed (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FALSE);
  return PRIVATE (self)->confirmed;
}

gboolean
ferry_session_expects_checksum (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FALSE);
  return PRIVATE (self)->expects_checksum;
}

/* The caller may be a moment behind the peer: what comes too late does nothing, so that nobody
 * above has to ask for the state first. What is wrong in any state is a bug. */

void
ferry_session_accept (FerrySession *self, FerryRoute routes)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (PRIVATE (self)->direction == FERRY_DIRECTION_RECEIVE);

  if (PRIVATE (self)->state == FERRY_SESSION_OFFERED)
    FERRY_SESSION_GET_CLASS (self)->accept (self, routes);
}

void
ferry_session_decline (FerrySession *self)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (PRIVATE (self)->direction == FERRY_DIRECTION_RECEIVE);

  if (PRIVATE (self)->state == FERRY_SESSION_OFFERED)
    FERRY_SESSION_GET_CLASS (self)->decline (self);
}

void
ferry_session_cancel (FerrySession *self)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  if (PRIVATE (self)->state != FERRY_SESSION_ENDED)
    FERRY_SESSION_GET_CLASS (self)->cancel (self);
}

void
ferry_session_sent (FerrySession *self, const FerryHash *hash, gboolean peer_closed)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (PRIVATE (self)->direction == FERRY_DIRECTION_SEND);

  if (PRIVATE (self)->state != FERRY_SESSION_ENDED)
    FERRY_SESSION_GET_CLASS (self)->sent (self, hash, peer_closed);
}

void
ferry_session_complete (FerrySession *self, gboolean verified)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (PRIVATE (self)->direction == FERRY_DIRECTION_RECEIVE);

  if (PRIVATE (self)->state != FERRY_SESSION_ENDED)
    FERRY_SESSION_GET_CLASS (self)->complete (self, verified);
}

void
ferry_session_fail (FerrySession *self, const GError *error)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (error != NULL);

  if (PRIVATE (self)->state != FERRY_SESSION_ENDED)
    FERRY_SESSION_GET_CLASS (self)->fail (self, error);
}

/* Also after the end: an answer that is waited for will not come any more. */
void
ferry_session_lose (FerrySession *self, const GError *error)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (error != NULL);

  FerrySessionClass *klass = FERRY_SESSION_GET_CLASS (self);
  if (klass->lose != NULL)
    klass->lose (self, error);
}

static void
ferry_session_set_property (GObject *object,
                            guint prop_id,
                            const GValue *value,
                            GParamSpec *pspec)
{
  FerrySessionPrivate *priv = PRIVATE (object);

  switch ((FerrySessionProperty) prop_id)
    {
    case PROP_ID:
      priv->id = g_value_dup_string (value);
      break;
    case PROP_SIGNALLING:
      priv->signalling = g_value_dup_string (value);
      break;
    case PROP_DIRECTION:
      priv->direction = (FerryDirection) g_value_get_uint (value);
      break;
    case PROP_PEER:
      priv->peer = g_value_dup_boxed (value);
      break;
    case PROP_FILE:
      priv->file = g_value_dup_boxed (value);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_session_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  FerrySessionPrivate *priv = PRIVATE (object);

  switch ((FerrySessionProperty) prop_id)
    {
    case PROP_ID:
      g_value_set_string (value, priv->id);
      break;
    case PROP_SIGNALLING:
      g_value_set_string (value, priv->signalling);
      break;
    case PROP_DIRECTION:
      g_value_set_uint (value, priv->direction);
      break;
    case PROP_PEER:
      g_value_set_boxed (value, priv->peer);
      break;
    case PROP_FILE:
      g_value_set_boxed (value, priv->file);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_session_finalize (GObject *object)
{
  FerrySessionPrivate *priv = PRIVATE (object);

  g_free (priv->id);
  g_free (priv->signalling);
  g_clear_pointer (&priv->own, ferry_tls_identity_unref);
  g_clear_pointer (&priv->peer, ferry_jid_unref);
  g_clear_pointer (&priv->file, ferry_file_info_unref);
  G_OBJECT_CLASS (ferry_session_parent_class)->finalize (object);
}

static void
ferry_session_class_init (FerrySessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags once = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->set_property = ferry_session_set_property;
  object_class->get_property = ferry_session_get_property;
  object_class->finalize = ferry_session_finalize;

  props[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, once);
  props[PROP_SIGNALLING] = g_param_spec_string ("signalling", NULL, NULL, NULL, once);
  /* FerryDirection */
  props[PROP_DIRECTION] =
      g_param_spec_uint ("direction", NULL, NULL, FERRY_DIRECTION_SEND, FERRY_DIRECTION_RECEIVE,
                         FERRY_DIRECTION_SEND, once);
  props[PROP_PEER] = g_param_spec_boxed ("peer", NULL, NULL, FERRY_TYPE_JID, once);
  props[PROP_FILE] = g_param_spec_boxed ("file", NULL, NULL, FERRY_TYPE_FILE_INFO, once);
  g_object_class_install_properties (object_class, N_PROPS, props);

  signals[STATE_CHANGED] = g_signal_new ("state-changed", FERRY_TYPE_SESSION, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[ROUTE_CHANGED] = g_signal_new ("route-changed", FERRY_TYPE_SESSION, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[OPENED] = g_signal_new ("opened", FERRY_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_SOCKET);
  /* const FerryHash * */
  signals[CHECKSUM] = g_signal_new ("checksum", FERRY_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[NOTE] = g_signal_new ("note", FERRY_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[ENDED] = g_signal_new ("ended", FERRY_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[FINISHED] = g_signal_new ("finished", FERRY_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferry_session_init (FerrySession *self)
{
  PRIVATE (self)->range = FERRY_RANGE_WHOLE;
}
