/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a user does with transfers: send, accept, decline, cancel, send again, clear. */
#include "config.h"

#include "client/ferry-core-private.h"

#include "base/ferry-id.h"

/* --- Sending ---------------------------------------------------------------------------------
 */

static FerryJid *
find_account (FerryCore *self, FerryJid *to)
{
  GListModel *clients = G_LIST_MODEL (self->clients);
  FerryJid *account = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      FerryContactList *contacts = ferry_client_get_contact_list (client);
      if (contacts != NULL && ferry_contact_list_find (contacts, to) != NULL)
        return ferry_client_get_jid (client);
      if (account == NULL)
        account = ferry_client_get_jid (client);
    }
  return account;
}

static const char *
find_peer_name (FerryCore *self, FerryJid *account, FerryJid *peer)
{
  FerryClient *client = ferry_core_find_client (self, account);
  FerryContactList *contacts = client != NULL ? ferry_client_get_contact_list (client) : NULL;
  FerryContact *contact = contacts != NULL ? ferry_contact_list_find (contacts, peer) : NULL;
  return contact != NULL ? ferry_contact_get_name (contact) : ferry_jid_get_bare (peer);
}

static FerryTransfer *
queue_file (FerryCore *self,
            FerryJid *account,
            FerryJid *to,
            const char *path,
            FerryRoute routes,
            guint hold_ms,
            gboolean is_published)
{
  if (account == NULL)
    account = find_account (self, to);
  g_return_val_if_fail (account != NULL, NULL);

  g_autofree char *id = ferry_id_new ();
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *utf8_name = g_filename_display_name (name);
  g_autoptr (FerryTransfer) transfer = ferry_transfer_new (
      id, account, FERRY_DIRECTION_SEND, to, find_peer_name (self, account, to), utf8_name, -1);
  ferry_transfer_set_path (transfer, path);
  ferry_core_starter_set_routes (self->starter, transfer, routes);
  if (is_published)
    ferry_core_starter_set_published (self->starter, transfer);
  if (hold_ms > 0)
    ferry_transfer_queue_send_held (self->queue, transfer, hold_ms);
  else
    ferry_transfer_queue_send (self->queue, transfer);
  return transfer;
}

FerryTransfer *
ferry_core_send (
    FerryCore *self, FerryJid *account, FerryJid *to, const char *path, FerryRoute routes)
{
  return ferry_core_send_held (self, account, to, path, routes, 0);
}

FerryTransfer *
ferry_core_send_held (FerryCore *self,
                      FerryJid *account,
                      FerryJid *to,
                      const char *path,
                      FerryRoute routes,
                      guint hold_ms)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);
  g_return_val_if_fail (to != NULL && path != NULL, NULL);

  return queue_file (self, account, to, path, routes, hold_ms, FALSE);
}

gboolean
ferry_core_take_back (FerryCore *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), FALSE);

  if (!ferry_transfer_is_held (transfer))
    return FALSE;
  g_autoptr (FerryTransfer) held = g_object_ref (transfer);
  ferry_transfer_recorder_forget (self->recorder, transfer);
  ferry_transfer_queue_cancel (self->queue, transfer);
  return TRUE;
}

FerryTransfer *
ferry_core_publish (
    FerryCore *self, FerryJid *account, FerryJid *contact, const char *path, FerryRoute routes)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);
  g_return_val_if_fail (contact != NULL && path != NULL, NULL);

  return queue_file (self, account, contact, path, routes, 0, TRUE);
}

FerryTransfer *
ferry_core_send_again (FerryCore *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);

  if (ferry_transfer_get_direction (transfer) != FERRY_DIRECTION_SEND ||
      ferry_transfer_get_path (transfer) == NULL)
    return NULL;
  /* To the contact, not to the device of then: that may be gone. */
  g_autoptr (FerryJid) peer = ferry_jid_dup_bare (ferry_transfer_get_peer (transfer));
  return ferry_core_send (self, ferry_transfer_get_account (transfer), peer,
                          ferry_transfer_get_path (transfer), FERRY_ROUTE_ALL);
}

/* --- Offers ----------------------------------------------------------------------------------
 */

FerryTransfer *
ferry_core_new_incoming_transfer (FerryCore *self, FerryOffer *offer)
{
  FerryTransfer *transfer = ferry_transfer_new (
      ferry_offer_get_id (offer), ferry_offer_get_account (offer), FERRY_DIRECTION_RECEIVE,
      ferry_offer_get_peer (offer), ferry_offer_get_peer_name (offer),
      ferry_offer_get_name (offer), ferry_offer_get_size (offer));
  ferry_transfer_set_times (transfer, g_get_real_time (), 0);
  return transfer;
}

FerryTransfer *
ferry_core_accept_offer (FerryCore *self, FerryOffer *offer, const char *folder)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);
  g_return_val_if_fail (FERRY_IS_OFFER (offer), NULL);

  g_autoptr (FerryOffer) held = g_object_ref (offer);
  g_autoptr (FerryTransfer) transfer = ferry_core_new_incoming_transfer (self, offer);
  FerryRoute allowed = ferry_core_get_contact_routes (self, ferry_offer_get_account (offer),
                                                      ferry_offer_get_peer (offer));
  ferry_core_take_offer_out (self, offer);
  ferry_transfer_queue_receive (self->queue, transfer, ferry_offer_get_session (offer),
                                folder != NULL ? folder : self->download_folder,
                                self->routes & allowed);
  return transfer;
}

void
ferry_core_decline_offer (FerryCore *self, FerryOffer *offer)
{
  g_return_if_fail (FERRY_IS_CORE (self));
  g_return_if_fail (FERRY_IS_OFFER (offer));

  g_autoptr (FerryOffer) held = g_object_ref (offer);
  g_autoptr (FerryTransfer) transfer = ferry_core_new_incoming_transfer (self, offer);
  ferry_core_take_offer_out (self, offer);
  ferry_session_decline (ferry_offer_get_session (offer));
  /* In the history, but no row of the list: the user has just dealt with it. */
  g_list_store_insert (self->transfers, 0, transfer);
  ferry_transfer_set_state (transfer, FERRY_TRANSFER_DECLINED);
  ferry_transfer_recorder_unlist (self->recorder, transfer);
}

/* --- What is under way -----------------------------------------------------------------------
 */

void
ferry_core_cancel (FerryCore *self, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  ferry_transfer_queue_cancel (self->queue, transfer);
}

void
ferry_core_cancel_all (FerryCore *self)
{
  ferry_transfer_queue_cancel_all (self->queue);
}

void
ferry_core_remove_transfer (FerryCore *self, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  if (ferry_transfer_is_finished (transfer))
    ferry_transfer_recorder_unlist (self->recorder, transfer);
}

void
ferry_core_clear_finished (FerryCore *self)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  GListModel *transfers = G_LIST_MODEL (self->transfers);
  for (guint i = g_list_model_get_n_items (transfers); i > 0; i--)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i - 1);
      ferry_core_remove_transfer (self, transfer);
    }
}

void
ferry_core_set_protocol (FerryCore *self, FerryCapability protocol)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  ferry_core_starter_set_protocol (self->starter, protocol);
}

void
ferry_core_set_verify (FerryCore *self, gboolean verify)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  ferry_transfer_queue_set_hash (self->queue, verify ? FERRY_HASH_SHA256 : FERRY_HASH_NONE);
}

/* --- The queue -------------------------------------------------------------------------------
 */

/* Somebody for whom a file waits may be there now, or have turned out to be unable. */
static void
on_devices_changed (FerryContact *contact, FerryCore *self)
{
  gboolean is_answer =
      ferry_contact_get_best_device (contact) != NULL || ferry_contact_is_unable (contact);

  if (is_answer && self->queue != NULL)
    ferry_transfer_queue_retry_waiting (self->queue, ferry_contact_get_jid (contact));
}

static void
on_contacts_changed (
    GListModel *contacts, guint position, guint n_removed, guint n_added, FerryCore *self)
{
  for (guint i = 0; i < n_added; i++)
    {
      g_autoptr (FerryContact) contact = g_list_model_get_item (contacts, position + i);
      g_signal_connect_object (contact, "devices-changed", G_CALLBACK (on_devices_changed),
                               self, 0);
      on_devices_changed (contact, self);
    }
}

void
ferry_core_init_queue (FerryCore *self)
{
  self->starter = ferry_core_starter_new (self);
  self->queue =
      ferry_transfer_queue_new (self->transfers, FERRY_TRANSFER_STARTER (self->starter));
  g_signal_connect_object (self->contacts, "items-changed", G_CALLBACK (on_contacts_changed),
                           self, 0);
}
