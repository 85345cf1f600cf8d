/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-client"

#include "config.h"

#include "client/ferry-client-insides.h"

#include "base/ferry-error.h"

typedef enum
{
  PROP_JID = 1,
  PROP_STATE,
  PROP_ERROR,
  PROP_CERTIFICATE,
  N_PROPS
} FerryClientProperty;

static GParamSpec *props[N_PROPS];
static guint offer_received_signal;

G_DEFINE_FINAL_TYPE (FerryClient, ferry_client, G_TYPE_OBJECT)

/* --- What it tells ------------------------------------------------------------------------ */

void
ferry_client_set_state (FerryClient *self, FerryClientState state, const GError *error)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (error != NULL || self->error != NULL)
    {
      g_clear_error (&self->error);
      self->error = error != NULL ? g_error_copy (error) : NULL;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR]);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CERTIFICATE]);
    }
  if (self->state != state)
    {
      g_debug ("%s: state %d → %d", ferry_jid_get_bare (self->account->jid), self->state,
               state);
      self->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

void
ferry_client_emit_offer_received (FerryClient *self, FerrySession *session)
{
  g_signal_emit (self, offer_received_signal, 0, session);
}

/* --- What others ask ---------------------------------------------------------------------- */

FerryJid *
ferry_client_get_jid (FerryClient *self)
{
  return self->account->jid;
}

FerryClientState
ferry_client_get_state (FerryClient *self)
{
  return self->state;
}

const GError *
ferry_client_get_error (FerryClient *self)
{
  return self->error;
}

FerryCertificate *
ferry_client_get_certificate (FerryClient *self)
{
  gboolean is_refused = g_error_matches (self->error, FERRY_ERROR, FERRY_ERROR_CERTIFICATE);
  return is_refused && self->stream != NULL
             ? ferry_strophe_stream_get_certificate (self->stream)
             : NULL;
}

FerryAccount *
ferry_client_get_account (FerryClient *self)
{
  return self->account;
}

FerryContactList *
ferry_client_get_contact_list (FerryClient *self)
{
  return self->contact_list;
}

FerryDisco *
ferry_client_get_disco (FerryClient *self)
{
  return self->disco;
}

static void
on_offer_ended (FerrySession *session, const GError *error, FerryClient *self)
{
  if (self->contact_list != NULL && g_error_matches (error, FERRY_ERROR, FERRY_ERROR_GONE))
    ferry_contact_list_doubt_device (self->contact_list, ferry_session_get_peer (session));
}

static void
on_shown_offer_ended (FerrySession *session, const GError *error, FerryClient *self)
{
  if (self->presence != NULL)
    ferry_presence_hide_from (self->presence, ferry_session_get_peer (session));
}

FerrySession *
ferry_client_offer (FerryClient *self,
                    FerryCapability protocol,
                    FerryJid *to,
                    FerryFileInfo *file,
                    FerryRoute routes)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), NULL);
  g_return_val_if_fail (self->jingle != NULL, NULL);

  gboolean is_seen = ferry_jid_equal_bare (to, self->account->jid) ||
                     ferry_roster_may_see_us (self->roster, to);
  /* Many programs refuse those whom they do not see. */
  if (!is_seen)
    ferry_presence_show_to (self->presence, to);
  FerryNegotiator *negotiator = protocol == FERRY_CAPABILITY_SI
                                    ? FERRY_NEGOTIATOR (self->si)
                                    : FERRY_NEGOTIATOR (self->jingle);
  FerrySession *session = ferry_negotiator_offer (negotiator, to, file, routes);
  g_signal_connect_object (session, "ended", G_CALLBACK (on_offer_ended), self, 0);
  if (!is_seen)
    g_signal_connect_object (session, "ended", G_CALLBACK (on_shown_offer_ended), self, 0);
  return session;
}

FerrySession *
ferry_client_publish (FerryClient *self,
                      FerryJid *contact,
                      FerryFileInfo *file,
                      FerryRoute routes)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), NULL);
  g_return_val_if_fail (self->sipub != NULL, NULL);

  return ferry_sipub_negotiator_publish (self->sipub, contact, file, routes);
}

FerryTlsIdentity *
ferry_client_get_identity (FerryClient *self)
{
  return self->identity;
}

FerryJingleRequests *
ferry_client_get_requests (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), NULL);
  g_return_val_if_fail (self->jingle != NULL, NULL);

  return ferry_jingle_negotiator_get_requests (self->jingle);
}

void
ferry_client_set_request_func (FerryClient *self,
                               FerryClientRequestFunc func,
                               gpointer user_data)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));

  self->take_request = func;
  self->request_data = user_data;
}

void
ferry_client_set_xml_log (FerryClient *self, FILE *file)
{
  g_return_if_fail (self->stream == NULL);

  self->context.xml_log = file;
}

void
ferry_client_set_routes (FerryClient *self, FerryRoute routes)
{
  g_return_if_fail (self->stream == NULL);

  self->context.routes = routes;
}

/* --- The object --------------------------------------------------------------------------- */

static void
ferry_client_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  FerryClient *self = FERRY_CLIENT (object);

  switch ((FerryClientProperty) prop_id)
    {
    case PROP_JID:
      g_value_set_boxed (value, self->account->jid);
      break;
    case PROP_STATE:
      g_value_set_int (value, (int) self->state);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_CERTIFICATE:
      g_value_set_boxed (value, ferry_client_get_certificate (self));
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_client_dispose (GObject *object)
{
  FerryClient *self = FERRY_CLIENT (object);

  g_cancellable_cancel (self->cancellable);
  ferry_client_finish_close (self);
  ferry_client_clear_parts (self);
  G_OBJECT_CLASS (ferry_client_parent_class)->dispose (object);
}

static void
ferry_client_finalize (GObject *object)
{
  FerryClient *self = FERRY_CLIENT (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->account, ferry_account_unref);
  g_clear_pointer (&self->password, g_free);
  g_clear_pointer (&self->identity, ferry_tls_identity_unref);
  g_clear_error (&self->error);
  g_clear_object (&self->context.store);
  g_clear_object (&self->context.secrets);
  g_clear_object (&self->context.contacts);
  g_clear_pointer (&self->context.thread, ferry_strophe_thread_unref);
  G_OBJECT_CLASS (ferry_client_parent_class)->finalize (object);
}

static void
ferry_client_class_init (FerryClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = ferry_client_get_property;
  object_class->dispose = ferry_client_dispose;
  object_class->finalize = ferry_client_finalize;

  props[PROP_JID] = g_param_spec_boxed ("jid", NULL, NULL, FERRY_TYPE_JID, flags);
  props[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, FERRY_CLIENT_OFFLINE,
                                        FERRY_CLIENT_RETRYING, FERRY_CLIENT_OFFLINE, flags);
  props[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  props[PROP_CERTIFICATE] =
      g_param_spec_boxed ("certificate", NULL, NULL, FERRY_TYPE_CERTIFICATE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);

  offer_received_signal =
      g_signal_new ("offer-received", FERRY_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, FERRY_TYPE_SESSION);
}

static void
ferry_client_init (FerryClient *self)
{
  self->cancellable = g_cancellable_new ();
}

FerryClient *
ferry_client_new (const FerryClientContext *context,
                  FerryAccount *account,
                  const char *password)
{
  g_return_val_if_fail (account != NULL, NULL);

  FerryClient *self = g_object_new (FERRY_TYPE_CLIENT, NULL);
  self->context = *context;
  g_object_ref (context->store);
  g_object_ref (context->secrets);
  g_object_ref (context->contacts);
  ferry_strophe_thread_ref (context->thread);
  self->account = ferry_account_ref (account);
  self->password = g_strdup (password);
  return self;
}
