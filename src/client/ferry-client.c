/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-client"

#include "config.h"

#include "client/ferry-client-private.h"

#include "base/ferry-error.h"
#include "bytestream/ibb/ferry-ibb-service.h"
#include "bytestream/s5b/ferry-s5b-service.h"
#include "signalling/jingle/ferry-jingle-negotiator.h"
#include "signalling/si/ferry-si-negotiator.h"
#include "store/ferry-pin-store.h"
#include "store/ferry-settings.h"
#include "xmpp/ferry-ns.h"
#include "xmpp/ferry-disco.h"
#include "xmpp/ferry-ping.h"
#include "xmpp/ferry-presence.h"
#include "xmpp/ferry-roster.h"
#include "xmpp/strophe/ferry-strophe-stream.h"

/* How long a server may take to say goodbye. */
#define CLOSE_LIMIT_MS 2000

/* Of a program that is there, but not for others (RFC 6121 §4.7.2.3). */
#define UNAVAILABLE_PRIORITY -1

struct _FerryClient
{
  GObject parent_instance;

  FerryClientContext context;
  FerryAccount *account;
  char *password; /* NULL until it was looked up */
  GCancellable *cancellable;

  FerryClientState state;
  GError *error;
  gboolean is_wanted; /* ferry_client_connect() was the user's last word */

  /* All made together when the password is known, and kept. */
  FerryStropheStream *stream;
  FerryRouter *router;
  FerryDisco *disco;
  FerryRoster *roster;
  FerryPresence *presence;
  FerryContactList *contact_list;
  FerryS5bService *s5b;
  FerryIbbService *ibb;
  FerryJingleNegotiator *jingle;
  FerrySiNegotiator *si;

  GTask *close_task;
  guint close_timeout_id;
};

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

static void on_stream_online (FerryStream *stream, gboolean resumed, FerryClient *self);

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

/* --- Building ----------------------------------------------------------------------------- */

static void
write_xml_log (gboolean is_outgoing, const char *xml, gpointer user_data)
{
  FILE *file = user_data;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S.%f");

  fprintf (file, "%.12s %s %s\n", time, is_outgoing ? ">" : "<", xml);
  fflush (file);
}

static void
on_offer_received (FerryNegotiator *negotiator, FerrySession *session, FerryClient *self)
{
  g_signal_emit (self, offer_received_signal, 0, session);
}

/* Strangers learn nothing from us unless we spoke to them first. */
static gboolean
may_see_us (FerryClient *self, FerryJid *jid)
{
  return ferry_jid_equal_bare (jid, self->account->jid) ||
         ferry_roster_may_see_us (self->roster, jid) ||
         ferry_presence_is_shown_to (self->presence, jid);
}

/* Nor do they offer us anything; but whom the user knows may, seen or not, if anybody may. */
static gboolean
is_known (FerryJid *jid, gpointer user_data)
{
  FerryClient *self = user_data;
  return self->context.routes != FERRY_ROUTE_NONE &&
         (may_see_us (self, jid) || ferry_roster_lookup (self->roster, jid) != NULL);
}

/* What a device has not said about itself yet is tried. */
static gboolean
may_have_feature (FerryJid *peer, const char *feature, gpointer user_data)
{
  FerryClient *self = user_data;
  FerryContact *contact = ferry_contact_list_find (self->contact_list, peer);
  FerryDevice *device = contact != NULL ? ferry_contact_find_device (contact, peer) : NULL;
  return device == NULL || ferry_device_get_capability (device) == FERRY_CAPABILITY_UNKNOWN ||
         ferry_device_has_feature (device, feature);
}

static char *
dup_pin (FerryClient *self)
{
  if (self->account->pin_sha256 != NULL)
    return g_strdup (self->account->pin_sha256);
  g_autoptr (FerryPin) pin =
      ferry_pin_store_lookup (self->context.store, ferry_jid_get_domain (self->account->jid));
  return pin != NULL ? g_steal_pointer (&pin->sha256) : NULL;
}

static FerryStropheStream *
build_stream (FerryClient *self)
{
  g_autofree char *resource = self->account->resource != NULL
                                  ? g_strdup (self->account->resource)
                                  : ferry_settings_dup_resource (self->context.store);
  g_autoptr (FerryJid) full = ferry_jid_with_resource (self->account->jid, resource);
  g_autofree char *pin = dup_pin (self);
  FerryStropheConfig config = {
    .jid = full,
    .password = self->password,
    .host = self->account->host,
    .port = self->account->port,
    .pin_sha256 = pin,
    .ca_file = self->account->ca_file,
    .xml_log = self->context.xml_log != NULL ? write_xml_log : NULL,
    .xml_log_data = self->context.xml_log,
  };
  return ferry_strophe_stream_new (self->context.thread, &config);
}

static void
add_features (FerryDiscoInfo *info, const char *const *features)
{
  for (guint i = 0; features[i] != NULL; i++)
    ferry_disco_info_add_feature (info, features[i]);
}

/* @routes: ways on which files may come to us. While none may, we still speak the protocols:
 * those to whom we send may look for them. */
static FerryDiscoInfo *
build_own_disco_info (FerryRoute routes)
{
  static const char *const always[] = { FERRY_NS_DISCO_INFO,
                                        FERRY_NS_DISCO_ITEMS,
                                        FERRY_NS_CAPS,
                                        FERRY_NS_PING,
                                        FERRY_NS_SI,
                                        FERRY_NS_JINGLE,
                                        FERRY_NS_HASHES,
                                        FERRY_NS_HASH_NAME_PREFIX "sha-256",
                                        FERRY_NS_HASH_NAME_PREFIX "sha-512",
                                        FERRY_NS_HASH_NAME_PREFIX "sha-1",
                                        NULL };
  static const char *const files[] = { FERRY_NS_SI_FILE, FERRY_NS_JINGLE_FILE, NULL };
  static const char *const s5b[] = { FERRY_NS_BYTESTREAMS, FERRY_NS_JINGLE_S5B, NULL };
  static const char *const ibb[] = { FERRY_NS_IBB, FERRY_NS_JINGLE_IBB, NULL };
  FerryDiscoInfo *info = ferry_disco_info_new ();

  ferry_disco_info_add_identity (info, "client", "pc", NULL, "Ferry");
  add_features (info, always);
  if (routes != FERRY_ROUTE_NONE)
    add_features (info, files);
  if (routes == FERRY_ROUTE_NONE || (routes & (FERRY_ROUTE_DIRECT | FERRY_ROUTE_PROXY)))
    add_features (info, s5b);
  if (routes == FERRY_ROUTE_NONE || (routes & FERRY_ROUTE_INBAND))
    add_features (info, ibb);
  return info;
}

static gboolean
may_ask_disco (FerryDisco *disco, FerryJid *from, gpointer user_data)
{
  return may_see_us (user_data, from);
}

static void
build (FerryClient *self)
{
  g_autoptr (FerryDiscoInfo) own = build_own_disco_info (self->context.routes);

  self->stream = build_stream (self);
  self->router = ferry_router_new (FERRY_STREAM (self->stream));
  ferry_ping_answer (self->router);
  self->disco = ferry_disco_new (self->router, own, self->context.caps_cache_path);
  ferry_disco_set_allow_func (self->disco, may_ask_disco, self);
  self->roster = ferry_roster_new (self->router);
  self->presence = ferry_presence_new (self->router);
  self->contact_list = ferry_contact_list_new (self->account->jid, self->context.contacts,
                                               self->roster, self->presence, self->disco);
  self->s5b = ferry_s5b_service_new (self->router, 0, self->context.allow_loopback);
  self->ibb = ferry_ibb_service_new (self->router);
  self->jingle = ferry_jingle_negotiator_new (self->router, self->s5b, self->ibb);
  ferry_jingle_negotiator_set_known_func (self->jingle, is_known, self, NULL);
  ferry_jingle_negotiator_set_feature_func (self->jingle, may_have_feature, self, NULL);
  self->si = ferry_si_negotiator_new (self->router, self->s5b, self->ibb);
  ferry_si_negotiator_set_known_func (self->si, is_known, self, NULL);

  g_signal_connect_object (self->jingle, "offer-received", G_CALLBACK (on_offer_received), self,
                           0);
  g_signal_connect_object (self->si, "offer-received", G_CALLBACK (on_offer_received), self, 0);
  g_signal_connect_object (self->stream, "online", G_CALLBACK (on_stream_online), self, 0);
  g_signal_connect_object (self->stream, "offline", G_CALLBACK (on_stream_offline), self, 0);
  g_signal_connect_object (self->stream, "state-changed", G_CALLBACK (on_stream_state_changed),
                           self, 0);
}

/* --- A new session: roster, then presence, so that we know who is who --------------------- */

static void
roster_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryClient) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferry_roster_load_finish (FERRY_ROSTER (source), result, &error))
    g_info ("%s: no contact list: %s", ferry_jid_get_bare (self->account->jid), error->message);
  if (ferry_stream_get_state (FERRY_STREAM (self->stream)) != FERRY_STREAM_ONLINE)
    return;
  int priority = self->context.routes != FERRY_ROUTE_NONE ? 0 : UNAVAILABLE_PRIORITY;
  ferry_presence_announce (self->presence, priority, ferry_disco_make_caps (self->disco));
  ferry_s5b_service_find_proxies (self->s5b);
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

/* --- Connecting --------------------------------------------------------------------------- */

static void
open_stream (FerryClient *self)
{
  if (self->stream == NULL)
    build (self);
  ferry_stream_open (FERRY_STREAM (self->stream));
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
  open_stream (self);
}

void
ferry_client_connect (FerryClient *self)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));

  self->is_wanted = TRUE;
  set_state (self, FERRY_CLIENT_CONNECTING, NULL);
  if (self->password != NULL)
    {
      open_stream (self);
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

static gboolean
know_nobody (FerryJid *jid, gpointer user_data)
{
  return FALSE;
}

static void
ferry_client_dispose (GObject *object)
{
  FerryClient *self = FERRY_CLIENT (object);

  g_cancellable_cancel (self->cancellable);
  finish_close (self);
  /* Answers that are still awaited may keep these for a while longer than us. */
  if (self->disco != NULL)
    ferry_disco_set_allow_func (self->disco, NULL, NULL);
  if (self->jingle != NULL)
    ferry_jingle_negotiator_set_known_func (self->jingle, know_nobody, NULL, NULL);
  if (self->si != NULL)
    ferry_si_negotiator_set_known_func (self->si, know_nobody, NULL, NULL);
  g_clear_object (&self->si);
  g_clear_object (&self->jingle);
  g_clear_object (&self->ibb);
  g_clear_object (&self->s5b);
  g_clear_object (&self->contact_list);
  g_clear_object (&self->presence);
  g_clear_object (&self->roster);
  g_clear_object (&self->disco);
  g_clear_object (&self->router);
  g_clear_object (&self->stream);
  G_OBJECT_CLASS (ferry_client_parent_class)->dispose (object);
}

static void
ferry_client_finalize (GObject *object)
{
  FerryClient *self = FERRY_CLIENT (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->account, ferry_account_unref);
  g_clear_pointer (&self->password, g_free);
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
