/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ferry-cli contacts: who is there, with what, and what can it receive. */
#include "config.h"

#include "cli/ferry-cli.h"

#include <glib/gi18n.h>
#include <string.h>

/* Presence and disco answers arrive in the first moments after signing in; there is no end
 * mark, so the list is taken when nothing has changed for a while. */
#define SETTLE_MS 700
#define LIMIT_MS 5000

typedef struct
{
  FerryCli *cli;
  guint settle_id;
} Listing;

static const char *
get_show_name (FerryPresenceShow show)
{
  static const char *const names[] = {
    [FERRY_PRESENCE_CHAT] = "chat", [FERRY_PRESENCE_AVAILABLE] = "available",
    [FERRY_PRESENCE_AWAY] = "away", [FERRY_PRESENCE_XA] = "xa",
    [FERRY_PRESENCE_DND] = "dnd",   [FERRY_PRESENCE_OFFLINE] = "offline",
  };
  return names[show];
}

static const char *
get_capability_name (FerryCapability capability)
{
  static const char *const names[] = {
    [FERRY_CAPABILITY_UNKNOWN] = "unknown",
    [FERRY_CAPABILITY_NONE] = "none",
    [FERRY_CAPABILITY_SI] = "si",
    [FERRY_CAPABILITY_JINGLE] = "jingle",
  };
  return names[capability];
}

static FerryEncryption
get_encryption (FerryCli *self, FerryContact *contact)
{
  return ferry_core_get_contact_encryption (self->core, ferry_contact_get_account (contact),
                                            ferry_contact_get_jid (contact));
}

static void
print_json (FerryCli *self, FerryContact *contact)
{
  GListModel *devices = ferry_contact_get_devices (contact);
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (FerryDevice) device = g_list_model_get_item (devices, i);
      GVariantDict dict;
      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "jid", "s",
                             ferry_jid_get_text (ferry_device_get_jid (device)));
      g_variant_dict_insert (&dict, "name", "s", ferry_device_get_name (device));
      g_variant_dict_insert (&dict, "presence", "s",
                             get_show_name (ferry_device_get_show (device)));
      g_variant_dict_insert (&dict, "receives", "s",
                             get_capability_name (ferry_device_get_capability (device)));
      g_variant_builder_add_value (&list, g_variant_dict_end (&dict));
    }

  GVariantDict dict;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "event", "s", "contact");
  g_variant_dict_insert (&dict, "jid", "s",
                         ferry_jid_get_text (ferry_contact_get_jid (contact)));
  g_variant_dict_insert (&dict, "name", "s", ferry_contact_get_name (contact));
  g_variant_dict_insert (&dict, "presence", "s",
                         get_show_name (ferry_contact_get_show (contact)));
  g_variant_dict_insert (&dict, "subscription", "s", ferry_contact_get_subscription (contact));
  g_autofree char *routes = ferry_routes_to_text (ferry_contact_get_routes (contact));
  g_variant_dict_insert (&dict, "routes", "s", routes);
  g_variant_dict_insert (&dict, "encryption", "s",
                         ferry_encryption_get_name (get_encryption (self, contact)));
  g_variant_dict_insert_value (&dict, "devices", g_variant_builder_end (&list));
  ferry_cli_output_object (self->output, g_variant_dict_end (&dict));
}

static void
print_text (FerryCli *self, FerryContact *contact)
{
  GListModel *devices = ferry_contact_get_devices (contact);

  ferry_cli_output_print (self->output, "%s  <%s>  %s", ferry_contact_get_name (contact),
                          ferry_jid_get_text (ferry_contact_get_jid (contact)),
                          ferry_contact_is_online (contact) ? _ ("online") : _ ("offline"));
  if (ferry_contact_get_routes (contact) != FERRY_ROUTE_ALL)
    {
      g_autofree char *routes = ferry_routes_to_text (ferry_contact_get_routes (contact));
      /* Translators: %s are ways for files, as in --route: "proxy", "proxy,inband" */
      ferry_cli_output_print (self->output, _ ("    only by %s"), routes);
    }
  if (get_encryption (self, contact) == FERRY_ENCRYPTION_ALWAYS)
    ferry_cli_output_print (self->output, "    %s", _ ("only encrypted"));
  else if (get_encryption (self, contact) == FERRY_ENCRYPTION_NEVER)
    ferry_cli_output_print (self->output, "    %s", _ ("not encrypted"));
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (FerryDevice) device = g_list_model_get_item (devices, i);
      /* Translators: a device of a contact: its name, its address, can it receive files? */
      ferry_cli_output_print (self->output, "    %s  %s  %s", ferry_device_get_name (device),
                              ferry_jid_get_text (ferry_device_get_jid (device)),
                              ferry_device_can_receive (device) ? _ ("receives files")
                                                                : _ ("cannot receive files"));
    }
}

static gboolean
settled_cb (gpointer user_data)
{
  Listing *listing = user_data;
  listing->settle_id = 0;
  ferry_cli_finish (listing->cli, FERRY_CLI_DONE);
  return G_SOURCE_REMOVE;
}

static gboolean
limit_cb (gpointer user_data)
{
  ferry_cli_finish (user_data, FERRY_CLI_DONE);
  return G_SOURCE_CONTINUE;
}

static void
restart_settling (Listing *listing)
{
  g_clear_handle_id (&listing->settle_id, g_source_remove);
  listing->settle_id = g_timeout_add (SETTLE_MS, settled_cb, listing);
}

static void
on_contacts_changed (
    GListModel *contacts, guint position, guint n_removed, guint n_added, Listing *listing)
{
  for (guint i = 0; i < n_added; i++)
    {
      g_autoptr (FerryContact) contact = g_list_model_get_item (contacts, position + i);
      g_signal_connect_swapped (contact, "notify", G_CALLBACK (restart_settling), listing);
    }
  restart_settling (listing);
}

/* With every account of the profile: it is about the person. */
static gboolean
set_routes (FerryCli *self, FerryJid *contact, FerryRoute routes)
{
  GListModel *clients = ferry_core_get_clients (self->core);

  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      g_autoptr (GError) error = NULL;
      if (!ferry_core_set_contact_routes (self->core, ferry_client_get_jid (client), contact,
                                          routes, &error))
        {
          ferry_cli_output_error (self->output, _ ("That could not be kept."), error);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
set_encryption (FerryCli *self, FerryJid *contact, FerryEncryption encryption)
{
  GListModel *clients = ferry_core_get_clients (self->core);

  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      g_autoptr (GError) error = NULL;
      if (!ferry_core_set_contact_encryption (self->core, ferry_client_get_jid (client),
                                              contact, encryption, &error))
        {
          ferry_cli_output_error (self->output, _ ("That could not be kept."), error);
          return FALSE;
        }
    }
  return TRUE;
}

/* @rule: ADDRESS=VALUE. Returns: (transfer full) (nullable): the address */
static FerryJid *
split_rule (const char *rule, const char **value)
{
  const char *sign = strrchr (rule, '=');
  g_autofree char *address = sign != NULL ? g_strndup (rule, (gsize) (sign - rule)) : NULL;
  g_autoptr (FerryJid) jid = address != NULL ? ferry_jid_new (address, NULL) : NULL;

  if (jid == NULL || ferry_jid_get_local (jid) == NULL)
    return NULL;
  *value = sign + 1;
  return g_steal_pointer (&jid);
}

/* @rule: ADDRESS=HOW */
static FerryCliExit
take_encryption (FerryCli *self, const char *rule)
{
  const char *how = NULL;
  g_autoptr (FerryJid) jid = split_rule (rule, &how);
  FerryEncryption encryption;

  if (jid == NULL || !ferry_encryption_from_name (how, &encryption))
    return ferry_cli_usage_error (self, "%s", _ ("“--encryption ADDRESS=auto|always|never”."));
  if (!set_encryption (self, jid, encryption))
    return FERRY_CLI_FAILED;
  const char *address = ferry_jid_get_bare (jid);
  if (encryption == FERRY_ENCRYPTION_ALWAYS)
    ferry_cli_output_say (self->output,
                          _ ("Files to and from %s go only encrypted from now on."), address);
  else if (encryption == FERRY_ENCRYPTION_NEVER)
    ferry_cli_output_say (self->output, _ ("Files to %s are not encrypted any more."), address);
  else
    ferry_cli_output_say (
        self->output, _ ("Files to and from %s are encrypted where the device can."), address);
  return FERRY_CLI_DONE;
}

/* @rule: ADDRESS=ROUTE,… */
static FerryCliExit
take_route (FerryCli *self, const char *rule)
{
  const char *names = NULL;
  g_autoptr (FerryJid) jid = split_rule (rule, &names);

  if (jid == NULL)
    return ferry_cli_usage_error (self, "%s", _ ("“--route ADDRESS=ROUTE,…”."));
  FerryRoute routes = ferry_cli_parse_routes (self, names);
  if (routes == FERRY_ROUTE_NONE)
    return FERRY_CLI_USAGE;
  if (!set_routes (self, jid, routes))
    return FERRY_CLI_FAILED;
  if (routes == FERRY_ROUTE_ALL)
    ferry_cli_output_say (self->output, _ ("Files to and from %s may take any way."),
                          ferry_jid_get_bare (jid));
  else
    ferry_cli_output_say (self->output, _ ("Files to and from %s go only by %s from now on."),
                          ferry_jid_get_bare (jid), names);
  return FERRY_CLI_DONE;
}

/* @rules: (nullable) */
static FerryCliExit
take_rules (FerryCli *self, char **rules, FerryCliExit (*take) (FerryCli *, const char *))
{
  FerryCliExit code = FERRY_CLI_DONE;

  for (guint i = 0; code == FERRY_CLI_DONE && rules != NULL && rules[i] != NULL; i++)
    code = take (self, rules[i]);
  return code;
}

FerryCliExit
ferry_cli_contacts (FerryCli *self, int argc, char **argv)
{
  g_auto (GStrv) routes = NULL, encryptions = NULL;
  const GOptionEntry entries[] = {
    { "route", 0, 0, G_OPTION_ARG_STRING_ARRAY, &routes,
      N_ ("Allow only these ways with a contact, in both directions: auto, or direct, fast, "
          "proxy, inband; may be repeated; lists nothing"),
      N_ ("ADDRESS=ROUTE,…") },
    { "encryption", 0, 0, G_OPTION_ARG_STRING_ARRAY, &encryptions,
      N_ ("Encrypt files with a contact: auto (where the device can), always or never; may be "
          "repeated; lists nothing"),
      N_ ("ADDRESS=HOW") },
    { NULL },
  };

  if (!ferry_cli_parse (self, "",
                        _ ("Lists contacts, their devices and what those can receive."),
                        entries, &argc, &argv))
    return FERRY_CLI_USAGE;
  FerryCliExit ruled = take_rules (self, routes, take_route);
  if (ruled == FERRY_CLI_DONE)
    ruled = take_rules (self, encryptions, take_encryption);
  if (ruled != FERRY_CLI_DONE || routes != NULL || encryptions != NULL)
    return ruled;

  GListModel *contacts = ferry_core_get_contacts (self->core);
  Listing listing = { .cli = self };
  g_signal_connect (contacts, "items-changed", G_CALLBACK (on_contacts_changed), &listing);
  ferry_core_set_idle (self->core, TRUE);
  FerryCliExit code = ferry_cli_connect (self);
  if (code == FERRY_CLI_DONE)
    {
      guint limit = g_timeout_add (LIMIT_MS, limit_cb, self);
      restart_settling (&listing);
      code = ferry_cli_wait (self);
      g_source_remove (limit);
    }

  g_clear_handle_id (&listing.settle_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (contacts, &listing);
  for (guint i = 0; i < g_list_model_get_n_items (contacts); i++)
    {
      g_autoptr (FerryContact) contact = g_list_model_get_item (contacts, i);
      g_signal_handlers_disconnect_by_data (contact, &listing);
      if (code != FERRY_CLI_DONE)
        continue;
      if (ferry_cli_output_is_json (self->output))
        print_json (self, contact);
      else
        print_text (self, contact);
    }
  return code;
}
