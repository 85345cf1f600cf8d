/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-client"

#include "config.h"

#include "client/ferry-client-insides.h"

#include "base/ferry-error.h"
#include "client/ferry-identity.h"
#include "store/ferry-pin-store.h"

/* How long a server may take to say goodbye. */
/* Above what the stream takes for what was said last. */
#define CLOSE_LIMIT_MS 13000

/* Of a program that is there, but not for others (RFC 6121 §4.7.2.3). */
#define UNAVAILABLE_PRIORITY -1

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

/* --- State -------------------------------------------------------------------------------- */

static void
set_state (FerryClient *self, FerryClientState state, const GError *error)
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

static void
finish_close (FerryClient *self)
{
  g_clear_handle_id (&self->close_timeout_id, g_source_remove);
  g_autoptr (GTask) task = g_steal_pointer (&self->close_task);
  if (task != NULL)
    g_task_return_boolean (task, TRUE);
}

static void
on_stream_offline (FerryStream *stream, const GError *error, FerryClient *self)
{
  gboolean retries = ferry_stream_get_state (stream) == FERRY_STREAM_CONNECTING;
  set_state (self, retries ? FERRY_CLIENT_RETRYING : FERRY_CLIENT_OFFLINE, error);
  finish_close (self);
}

static void
on_stream_state_changed (FerryStream *stream, FerryClient *self)
{
  if (ferry_stream_get_state (stream) == FERRY_STREAM_INTERRUPTED)
    set_state (self, FERRY_CLIENT_RETRYING, NULL);
}

/* --- A new session: roster, then presence, so that we know who is who --------------------- */

static void
roster_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryClient) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferry_roster_load_finish (FERRY_ROSTER (source), result, &error))
    g_info ("%s: no contact list: %s", ferry_jid_get_bare (self->account->jid), error->message);
  /* What is said while interrupted goes out as soon as it no longer is. */
  FerryStreamState state = ferry_stream_get_state (FERRY_STREAM (self->stream));
  if (state != FERRY_STREAM_ONLINE && state != FERRY_STREAM_INTERRUPTED)
    return;
  int priority = self->context.routes != FERRY_ROUTE_NONE ? 0 : UNAVAILABLE_PRIORITY;
  ferry_presence_announce (self->presence, priority, ferry_disco_make_caps (self->disco));
  ferry_s5b_service_find_proxies (self->s5b);
  if (state == FERRY_STREAM_ONLINE)
    set_state (self, FERRY_CLIENT_ONLINE, NULL);
}

static void
on_stream_online (FerryStream *stream, gboolean resumed, FerryClient *self)
{
  if (resumed)
    set_state (self, FERRY_CLIENT_ONLINE, NULL);
  else
    ferry_roster_load_async (self->roster, self->cancellable, roster_loaded_cb,
                             g_object_ref (self));
}

/* --- Connecting: password, key, then the stream ------------------------------------------- */

static void
on_offer_received (GObject *negotiator, FerrySession *session, FerryClient *self)
{
  g_signal_emit (self, offer_received_signal, 0, session);
}

static void
connect_signals (FerryClient *self)
{
  g_signal_connect_object (self->jingle, "offer-received", G_CALLBACK (on_offer_received), self,
                           0);
  g_signal_connect_object (self->si, "offer-received", G_CALLBACK (on_offer_received), self, 0);
  g_signal_connect_object (self->sipub, "offer-received", G_CALLBACK (on_offer_received), self,
                           0);
  g_signal_connect_object (self->stream, "online", G_CALLBACK (on_stream_online), self, 0);
  g_signal_connect_object (self->stream, "offline", G_CALLBACK (on_stream_offline), self, 0);
  g_signal_connect_object (self->stream, "state-changed", G_CALLBACK (on_stream_state_changed),
                           self, 0);
}

static void
open_stream (FerryClient *self)
{
  if (self->stream == NULL)
    {
      ferry_client_build (self);
      connect_signals (self);
    }
  ferry_stream_open (FERRY_STREAM (self->stream));
}

/* Without a key nothing is encrypted, and nobody is told that it could be. */
static void
identity_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryClient) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryTlsIdentity) identity = ferry_identity_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->is_wanted)
    return;
  if (identity == NULL)
    g_info ("%s: no key for transfers: %s", ferry_jid_get_bare (self->account->jid),
            error->message);
  else if (self->identity == NULL)
    self->identity = g_steal_pointer (&identity);
  open_stream (self);
}

static void
load_identity (FerryClient *self)
{
  if (self->stream != NULL)
    open_stream (self);
  else
    ferry_identity_load_async (self->context.secrets, self->account->jid, self->cancellable,
                               identity_loaded_cb, g_object_ref (self));
}

static void
password_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryClient) self = user_data;
  g_autoptr (GError) error = NULL;

  self->password = ferry_secrets_lookup_finish (FERRY_SECRETS (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !self->is_wanted)
    return;
  if (self->password == NULL)
    {
      g_autoptr (GError) missing =
          g_error_new (FERRY_ERROR, FERRY_ERROR_LOGIN, "there is no password: %s",
                       error != NULL ? error->message : "none is stored");
      set_state (self, FERRY_CLIENT_OFFLINE, missing);
      return;
    }
  load_identity (self);
}

void
ferry_client_connect (FerryClient *self)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));

  self->is_wanted = TRUE;
  set_state (self, FERRY_CLIENT_CONNECTING, NULL);
  if (self->password != NULL)
    {
      load_identity (self);
      return;
    }
  g_autofree char *name = ferry_secrets_dup_password_name (self->account->jid);
  ferry_secrets_lookup_async (self->context.secrets, name, self->cancellable, password_found_cb,
                              g_object_ref (self));
}

void
ferry_client_disconnect (FerryClient *self)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));

  self->is_wanted = FALSE;
  if (self->stream != NULL)
    ferry_stream_close (FERRY_STREAM (self->stream));
  else
    set_state (self, FERRY_CLIENT_OFFLINE, NULL);
}

static gboolean
close_limit_cb (gpointer user_data)
{
  FerryClient *self = user_data;
  self->close_timeout_id = 0;
  finish_close (self);
  return G_SOURCE_REMOVE;
}

void
ferry_client_close_async (FerryClient *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));
  g_return_if_fail (self->close_task == NULL);

  self->close_task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->close_task, ferry_client_close_async);
  if (self->stream == NULL ||
      ferry_stream_get_state (FERRY_STREAM (self->stream)) == FERRY_STREAM_OFFLINE)
    {
      finish_close (self);
      return;
    }
  self->close_timeout_id = g_timeout_add (CLOSE_LIMIT_MS, close_limit_cb, self);
  ferry_client_disconnect (self);
}

void
ferry_client_close_finish (FerryClient *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}

void
ferry_client_trust_certificate (FerryClient *self)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));

  FerryCertificate *certificate = ferry_client_get_certificate (self);
  g_autoptr (GError) error = NULL;
  if (certificate == NULL)
    return;

  /* What the user trusts for this account replaces what was trusted before. */
  g_free (self->account->pin_sha256);
  self->account->pin_sha256 = g_strdup (certificate->sha256);
  if (!ferry_account_store_update (self->context.store, self->account, &error) ||
      !ferry_pin_store_add (self->context.store, certificate->host, certificate->sha256,
                            g_get_real_time (), &error))
    g_info ("the certificate could not be remembered: %s", error->message);
  ferry_strophe_stream_set_pin (self->stream, self->account->pin_sha256);
  ferry_client_connect (self);
}

static void
new_password_stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  if (!ferry_secrets_store_finish (FERRY_SECRETS (source), result, &error))
    g_info ("the password could not be kept: %s", error->message);
}

void
ferry_client_set_password (FerryClient *self, const char *password)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));
  g_return_if_fail (password != NULL);

  g_autofree char *name = ferry_secrets_dup_password_name (self->account->jid);
  g_autofree char *label =
      g_strdup_printf ("Ferry: %s", ferry_jid_get_bare (self->account->jid));
  ferry_secrets_store_async (self->context.secrets, name, label, password, NULL,
                             new_password_stored_cb, NULL);
  g_free (self->password);
  self->password = g_strdup (password);
  if (self->stream != NULL)
    ferry_strophe_stream_set_password (self->stream, password);
  ferry_client_connect (self);
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
  finish_close (self);
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
