/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user decides about contacts. */
#define G_LOG_DOMAIN "ferry-core"

#include "config.h"

#include "client/ferry-core-private.h"

FerryRoute
ferry_core_get_contact_routes (FerryCore *self, const FerryJid *account, const FerryJid *peer)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FERRY_ROUTE_NONE);
  g_return_val_if_fail (account != NULL && peer != NULL, FERRY_ROUTE_NONE);

  g_autoptr (GError) error = NULL;
  g_autofree char *text = ferry_contact_rules_dup_routes (
      ferry_profile_get_store (self->profile), account, peer, &error);

  if (text != NULL)
    return ferry_routes_from_text (text);
  if (error == NULL)
    return FERRY_ROUTE_ALL;
  /* There may be a rule: better no file than an address given away. */
  g_info ("the rules for %s cannot be read: %s", ferry_jid_get_bare (peer), error->message);
  return FERRY_ROUTE_NONE;
}

gboolean
ferry_core_set_contact_routes (FerryCore *self,
                               const FerryJid *account,
                               const FerryJid *peer,
                               FerryRoute routes,
                               GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);
  g_return_val_if_fail (account != NULL && peer != NULL, FALSE);
  g_return_val_if_fail (routes != FERRY_ROUTE_NONE, FALSE);

  g_autofree char *text = routes != FERRY_ROUTE_ALL ? ferry_routes_to_text (routes) : NULL;
  if (!ferry_contact_rules_set_routes (ferry_profile_get_store (self->profile), account, peer,
                                       text, error))
    return FALSE;

  GListModel *contacts = G_LIST_MODEL (self->contacts);
  for (guint i = 0; i < g_list_model_get_n_items (contacts); i++)
    {
      g_autoptr (FerryContact) contact = g_list_model_get_item (contacts, i);
      if (ferry_jid_equal_bare (ferry_contact_get_account (contact), account) &&
          ferry_jid_equal_bare (ferry_contact_get_jid (contact), peer))
        ferry_contact_set_routes (contact, routes);
    }
  return TRUE;
}

FerryEncryption
ferry_core_get_contact_encryption (FerryCore *self,
                                   const FerryJid *account,
                                   const FerryJid *peer)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FERRY_ENCRYPTION_ALWAYS);
  g_return_val_if_fail (account != NULL && peer != NULL, FERRY_ENCRYPTION_ALWAYS);

  return ferry_contact_rules_get_encryption (ferry_profile_get_store (self->profile), account,
                                             peer);
}

gboolean
ferry_core_set_contact_encryption (FerryCore *self,
                                   const FerryJid *account,
                                   const FerryJid *peer,
                                   FerryEncryption encryption,
                                   GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);
  g_return_val_if_fail (account != NULL && peer != NULL, FALSE);

  return ferry_contact_rules_set_encryption (ferry_profile_get_store (self->profile), account,
                                             peer, encryption, error);
}

static void
on_contacts_changed (
    GListModel *contacts, guint position, guint n_removed, guint n_added, FerryCore *self)
{
  for (guint i = 0; i < n_added; i++)
    {
      g_autoptr (FerryContact) contact = g_list_model_get_item (contacts, position + i);
      ferry_contact_set_routes (
          contact, ferry_core_get_contact_routes (self, ferry_contact_get_account (contact),
                                                  ferry_contact_get_jid (contact)));
    }
}

void
ferry_core_init_contacts (FerryCore *self)
{
  g_signal_connect_object (self->contacts, "items-changed", G_CALLBACK (on_contacts_changed),
                           self, 0);
}
