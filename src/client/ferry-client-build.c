/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an account is made of, and what it shows of itself to whom. */
#include "config.h"

#include "client/ferry-client-insides.h"

#include "store/ferry-contact-rules.h"
#include "store/ferry-pin-store.h"
#include "store/ferry-settings.h"
#include "xmpp/ferry-ns.h"
#include "xmpp/ferry-ping.h"

/* --- The stream ------------------------------------------------------------------------------
 */

static void
write_xml_log (gboolean is_outgoing, const char *xml, gpointer user_data)
{
  FILE *file = user_data;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S.%f");

  fprintf (file, "%.12s %s %s\n", time, is_outgoing ? ">" : "<", xml);
  fflush (file);
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

/* --- What others may know --------------------------------------------------------------------
 */

/* Strangers learn nothing from us unless we spoke to them first. */
static gboolean
may_see_us (FerryClient *self, FerryJid *jid)
{
  return ferry_jid_equal_bare (jid, self->account->jid) ||
         ferry_roster_may_see_us (self->roster, jid) ||
         ferry_presence_is_shown_to (self->presence, jid);
}

/* Who announced a file through a service is known by the contact only. */
static FerryJid *
find_publisher (FerryJid *owner, gpointer user_data)
{
  FerryClient *self = user_data;
  FerryContact *contact = ferry_contact_list_find (self->contact_list, owner);
  GListModel *devices = contact != NULL ? ferry_contact_get_devices (contact) : NULL;

  for (guint i = 0; devices != NULL && i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (FerryDevice) device = g_list_model_get_item (devices, i);
      if (ferry_device_has_feature (device, FERRY_NS_SIPUB) ||
          ferry_device_has_feature (device, FERRY_NS_SIPUB_COCCINELLA))
        return ferry_jid_ref (ferry_device_get_jid (device));
    }
  return NULL;
}

/* Nor do they offer us anything; but whom the user knows may, seen or not, if anybody may. */
static gboolean
is_known (FerryJid *jid, gpointer user_data)
{
  FerryClient *self = user_data;
  return self->context.routes != FERRY_ROUTE_NONE &&
         (may_see_us (self, jid) || ferry_roster_lookup (self->roster, jid) != NULL);
}

static FerryJingleRequestAnswer
take_request (FerryJid *peer, const FerryFileInfo *file, gpointer user_data)
{
  FerryClient *self = user_data;

  return self->take_request != NULL ? self->take_request (self, peer, file, self->request_data)
                                    : FERRY_JINGLE_REQUEST_REFUSED;
}

/* (nullable) */
static FerryDevice *
find_device (FerryClient *self, FerryJid *peer)
{
  FerryContact *contact = ferry_contact_list_find (self->contact_list, peer);
  return contact != NULL ? ferry_contact_find_device (contact, peer) : NULL;
}

/* What a device has not said about itself, or would not say, is tried. */
static gboolean
may_have_feature (FerryJid *peer, const char *feature, gpointer user_data)
{
  FerryDevice *device = find_device (user_data, peer);
  return device == NULL || ferry_device_get_capability (device) == FERRY_CAPABILITY_UNKNOWN ||
         ferry_device_get_capability (device) == FERRY_CAPABILITY_NONE ||
         ferry_device_has_feature (device, feature);
}

/* Coccinella tries the streamhosts of a list from the last to the first. It is no contact, or
 * was asked without a look at its presence, when a user names the device. */
static gboolean
is_backwards (FerryJid *peer, gpointer user_data)
{
  FerryClient *self = user_data;
  FerryDevice *device = find_device (self, peer);
  FerryDiscoInfo *told = ferry_disco_lookup (self->disco, peer, NULL);

  return (device != NULL && ferry_device_is_program (device, "Coccinella")) ||
         (told != NULL && g_strcmp0 (ferry_disco_info_get_name (told), "Coccinella") == 0);
}

/* A device of nobody's contact list is one that was asked; so is one that is just there, of
 * whose presence nobody knows yet what it means. */
gboolean
ferry_client_peer_has_feature (FerryClient *self, FerryJid *peer, const char *feature)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self) && self->contact_list != NULL, FALSE);

  FerryDevice *device = find_device (self, peer);
  FerryDiscoInfo *info = ferry_disco_lookup (self->disco, peer, NULL);

  if (device != NULL && ferry_device_get_capability (device) != FERRY_CAPABILITY_UNKNOWN)
    return ferry_device_has_feature (device, feature);
  return info != NULL && ferry_disco_info_has_feature (info, feature);
}

/* --- Encryption ------------------------------------------------------------------------------
 */

/* Whoever asks for encryption gets it, whatever the rule says: it takes nothing from anybody.
 */
static FerryTlsIdentity *
get_identity (FerryJid *peer, gboolean offers, gpointer user_data)
{
  FerryClient *self = user_data;

  return offers || ferry_client_may_encrypt (self, peer) ? self->identity : NULL;
}

gboolean
ferry_client_may_encrypt (FerryClient *self, FerryJid *peer)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), FALSE);

  return self->identity != NULL && self->contact_list != NULL &&
         ferry_client_peer_has_feature (self, peer, FERRY_NS_TLS) &&
         ferry_contact_rules_get_encryption (self->context.store, self->account->jid, peer) !=
             FERRY_ENCRYPTION_NEVER;
}

static void
add_features (FerryDiscoInfo *info, const char *const *features)
{
  for (guint i = 0; features[i] != NULL; i++)
    ferry_disco_info_add_feature (info, features[i]);
}

/* XEP-0300 §5 */
static void
add_hashes (FerryDiscoInfo *info)
{
  for (FerryHashAlgo algo = FERRY_HASH_SHA1; algo <= FERRY_HASH_BLAKE2B_512; algo++)
    {
      g_autofree char *feature =
          g_strconcat (FERRY_NS_HASH_NAME_PREFIX, ferry_hash_algo_get_name (algo), NULL);
      g_autoptr (FerryHasher) hasher = ferry_hasher_new (algo);
      if (hasher != NULL)
        ferry_disco_info_add_feature (info, feature);
    }
}

/* @routes: ways on which files may come to us. While none may, we still speak the protocols:
 * those to whom we send may look for them. */
static FerryDiscoInfo *
build_own_disco_info (FerryRoute routes, gboolean encrypts)
{
  static const char *const always[] = {
    FERRY_NS_DISCO_INFO, FERRY_NS_DISCO_ITEMS, FERRY_NS_CAPS,  FERRY_NS_PING,   FERRY_NS_SI,
    FERRY_NS_SIPUB,      FERRY_NS_JINGLE,      FERRY_NS_FILES, FERRY_NS_HASHES, NULL
  };
  static const char *const files[] = { FERRY_NS_SI_FILE, FERRY_NS_JINGLE_FILE, FERRY_NS_FOLDER,
                                       NULL };
  static const char *const s5b[] = { FERRY_NS_BYTESTREAMS, FERRY_NS_JINGLE_S5B, NULL };
  static const char *const ibb[] = { FERRY_NS_IBB, FERRY_NS_JINGLE_IBB, NULL };
  FerryDiscoInfo *info = ferry_disco_info_new ();

  ferry_disco_info_add_identity (info, "client", "pc", NULL, "Ferry");
  add_features (info, always);
  add_hashes (info);
  if (encrypts)
    ferry_disco_info_add_feature (info, FERRY_NS_TLS);
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

/* --- All of it -------------------------------------------------------------------------------
 */

void
ferry_client_build (FerryClient *self)
{
  g_autoptr (FerryDiscoInfo) own =
      build_own_disco_info (self->context.routes, self->identity != NULL);

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
  ferry_s5b_service_set_proxies (self->s5b, (const char *const *) self->account->proxies);
  ferry_s5b_service_set_backwards_func (self->s5b, is_backwards, self);
  self->ibb = ferry_ibb_service_new (self->router);
  self->signalling = ferry_signalling_new (self->router, self->s5b, self->ibb);
  ferry_signalling_set_known_func (self->signalling, is_known, self);
  ferry_signalling_set_identity_func (self->signalling, get_identity, self);
  self->jingle = ferry_jingle_negotiator_new (self->signalling);
  ferry_jingle_negotiator_set_feature_func (self->jingle, may_have_feature, self);
  ferry_jingle_negotiator_set_request_func (self->jingle, take_request, self);
  self->si = ferry_si_negotiator_new (self->signalling);
  self->sipub = ferry_sipub_negotiator_new (self->signalling, self->si, find_publisher, self);
}

static gboolean
know_nobody (FerryJid *jid, gpointer user_data)
{
  return FALSE;
}

void
ferry_client_clear_parts (FerryClient *self)
{
  /* Answers that are still awaited may keep these for a while longer than us. */
  if (self->disco != NULL)
    ferry_disco_set_allow_func (self->disco, NULL, NULL);
  if (self->signalling != NULL)
    {
      ferry_signalling_set_known_func (self->signalling, know_nobody, NULL);
      ferry_signalling_set_identity_func (self->signalling, NULL, NULL);
    }
  if (self->jingle != NULL)
    ferry_jingle_negotiator_set_request_func (self->jingle, NULL, NULL);
  if (self->s5b != NULL)
    ferry_s5b_service_set_backwards_func (self->s5b, NULL, NULL);
  g_clear_object (&self->sipub);
  g_clear_object (&self->si);
  g_clear_object (&self->jingle);
  g_clear_object (&self->signalling);
  g_clear_object (&self->ibb);
  g_clear_object (&self->s5b);
  g_clear_object (&self->contact_list);
  g_clear_object (&self->presence);
  g_clear_object (&self->roster);
  g_clear_object (&self->disco);
  g_clear_object (&self->router);
  g_clear_object (&self->stream);
}
