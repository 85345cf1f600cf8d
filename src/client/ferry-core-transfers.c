/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a user does with transfers: send, cancel, send again, clear. */
#include "config.h"

#include "client/ferry-core-private.h"

#include "base/ferry-error.h"
#include "base/ferry-file-name.h"
#include "base/ferry-id.h"
#include "transfer/ferry-part-file.h"

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

FerryTransfer *
ferry_core_queue_file (
    FerryCore *self, FerryJid *account, FerryJid *to, const char *path, const FerrySend *what)
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
  FerryTransferJournal *journal = ferry_transfer_get_journal (transfer);
  journal->routes = what->routes;
  journal->is_published = what->is_published;
  ferry_batch_info_set (&journal->batch, what->batch);
  if (what->hold_ms > 0)
    ferry_transfer_queue_send_held (self->queue, transfer, what->hold_ms);
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

  const FerrySend what = { .routes = routes, .hold_ms = hold_ms };

  return ferry_core_queue_file (self, account, to, path, &what);
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

  const FerrySend what = { .routes = routes, .is_published = TRUE };

  return ferry_core_queue_file (self, account, contact, path, &what);
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

/* --- What stopped on its way -----------------------------------------------------------------
 */

static gboolean
is_same_date (gint64 known_us, GDateTime *date)
{
  return known_us == 0 || date == NULL ||
         known_us / G_USEC_PER_SEC == g_date_time_to_unix (date);
}

static gboolean
is_same_hash (const FerryHash *known, const FerryHash *hash)
{
  return known->algo == FERRY_HASH_NONE || known->algo != hash->algo ||
         ferry_hash_equal (known, hash);
}

/* Is @transfer, unfinished, one of that direction with that contact? */
static gboolean
is_unfinished (FerryTransfer *transfer,
               FerryDirection direction,
               FerryJid *account,
               FerryJid *peer)
{
  FerryTransferState state = ferry_transfer_get_state (transfer);

  return (!ferry_transfer_state_is_final (state) || state == FERRY_TRANSFER_FAILED) &&
         ferry_transfer_get_direction (transfer) == direction &&
         ferry_jid_equal_bare (ferry_transfer_get_account (transfer), account) &&
         ferry_jid_equal_bare (ferry_transfer_get_peer (transfer), peer);
}

/* Has a part of it come, and nothing more now? The same file may be on its way twice. */
static gboolean
is_stuck (FerryTransfer *transfer)
{
  const FerryTransferMachine *machine = ferry_transfer_get_machine (transfer);

  return machine->has_moved &&
         (machine->state == FERRY_TRANSFER_STALLED ||
          ferry_transfer_machine_get_phase (machine) != FERRY_TRANSFER_WANTS_ATTEMPT);
}

/* Is it of this file? A Ferry says which one it means. Of others what is known has to be the
 * same, and that a part of it has come; whether the parts fit is seen in the end. */
static gboolean
is_of_file (FerryTransfer *transfer, const FerryFileInfo *file, const char *safe_name)
{
  const FerryTransferJournal *journal = ferry_transfer_get_journal (transfer);
  gboolean is_sending = ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND;
  const char *id = is_sending ? ferry_transfer_get_id (transfer) : journal->peer_id;

  if (file->size < 0 || ferry_transfer_get_size (transfer) != file->size)
    return FALSE;
  if (file->transfer_id != NULL && id != NULL)
    return g_str_equal (file->transfer_id, id);

  g_autofree char *name =
      ferry_file_name_sanitize (ferry_transfer_get_name (transfer), file->media_type, NULL);
  return is_stuck (transfer) && g_str_equal (name, safe_name) &&
         is_same_hash (&journal->promised, &file->hash) &&
         is_same_date (journal->date_us, file->date);
}

/* (nullable): the newest */
static FerryTransfer *
find_unfinished (FerryCore *self,
                 FerryDirection direction,
                 FerryJid *account,
                 FerryJid *peer,
                 const FerryFileInfo *file)
{
  GListModel *transfers = G_LIST_MODEL (self->transfers);
  g_autofree char *name = ferry_file_name_sanitize (file->name, file->media_type, NULL);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);
      if (is_unfinished (transfer, direction, account, peer) &&
          is_of_file (transfer, file, name))
        return transfer; /* the list holds it */
    }
  return NULL;
}

/* Did all of it come, and did a Ferry never hear so? Only that says which file it means. */
static gboolean
has_come (FerryTransfer *transfer, FerryJid *account, FerryJid *peer, const FerryFileInfo *file)
{
  const FerryTransferJournal *journal = ferry_transfer_get_journal (transfer);
  const FerryHash *hash = ferry_transfer_get_hash (transfer);

  return file->transfer_id != NULL && g_strcmp0 (journal->peer_id, file->transfer_id) == 0 &&
         ferry_transfer_get_state (transfer) == FERRY_TRANSFER_DONE &&
         ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_RECEIVE &&
         ferry_transfer_get_size (transfer) == file->size &&
         ferry_transfer_get_n_files_failed (transfer) == 0 &&
         (hash == NULL || is_same_hash (hash, &file->hash)) &&
         ferry_jid_equal_bare (ferry_transfer_get_account (transfer), account) &&
         ferry_jid_equal_bare (ferry_transfer_get_peer (transfer), peer);
}

gboolean
ferry_core_has_come (FerryCore *self, FerryClient *client, FerrySession *session)
{
  GListModel *transfers = G_LIST_MODEL (self->transfers);
  FerryJid *account = ferry_client_get_jid (client);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);
      if (!has_come (transfer, account, ferry_session_get_peer (session),
                     ferry_session_get_file (session)))
        continue;
      ferry_session_complete (session, TRUE);
      return TRUE;
    }
  return FALSE;
}

gboolean
ferry_core_take_rest (FerryCore *self, FerryClient *client, FerrySession *session)
{
  FerryJid *account = ferry_client_get_jid (client);
  FerryJid *peer = ferry_session_get_peer (session);
  FerryTransfer *transfer = find_unfinished (self, FERRY_DIRECTION_RECEIVE, account, peer,
                                             ferry_session_get_file (session));

  if (transfer == NULL || ferry_transfer_get_journal (transfer)->part_path == NULL)
    return FALSE;
  ferry_core_learn_peer (self, transfer, session);
  if (!ferry_transfer_queue_take_offer (
          self->queue, transfer, session,
          self->routes & ferry_core_get_contact_routes (self, account, peer)))
    {
      g_autoptr (GError) error =
          g_error_new_literal (FERRY_ERROR, FERRY_ERROR_PAUSED, "Our user has paused it");
      ferry_session_fail (session, error);
    }
  return TRUE;
}

FerryJingleRequestAnswer
ferry_core_take_request (FerryClient *client,
                         FerryJid *peer,
                         const FerryFileInfo *file,
                         gpointer user_data)
{
  FerryCore *self = user_data;
  FerryTransfer *transfer =
      find_unfinished (self, FERRY_DIRECTION_SEND, ferry_client_get_jid (client), peer, file);

  /* Nobody is given what they were not offered before, nor waits for what is no more. */
  if (transfer == NULL ||
      g_error_matches (ferry_transfer_get_error (transfer), FERRY_ERROR, FERRY_ERROR_SOURCE))
    return FERRY_JINGLE_REQUEST_REFUSED;
  if (!ferry_transfer_queue_call (self->queue, transfer))
    return FERRY_JINGLE_REQUEST_PAUSED;
  ferry_transfer_set_peer (transfer, peer);
  return FERRY_JINGLE_REQUEST_TAKEN;
}

/* --- What is under way -----------------------------------------------------------------------
 */

void
ferry_core_cancel (FerryCore *self, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  ferry_transfer_queue_cancel (self->queue, transfer);
}

gboolean
ferry_core_pause (FerryCore *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);

  return ferry_transfer_queue_pause (self->queue, transfer);
}

gboolean
ferry_core_resume (FerryCore *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);

  return ferry_transfer_queue_resume (self->queue, transfer);
}

gboolean
ferry_core_retry (FerryCore *self, FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);

  return ferry_transfer_queue_retry (self->queue, transfer);
}

gboolean
ferry_core_move (FerryCore *self, FerryTransfer *transfer, FerryTransferMove move)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);

  return ferry_transfer_queue_move (self->queue, transfer, move);
}

FerryTransfer *
ferry_core_find_transfer (FerryCore *self, const char *id)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);

  GListModel *transfers = G_LIST_MODEL (self->transfers);
  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);
      if (g_strcmp0 (ferry_transfer_get_id (transfer), id) == 0)
        return transfer; /* the list holds it */
    }
  return NULL;
}

void
ferry_core_cancel_account (FerryCore *self, FerryJid *account)
{
  GListModel *transfers = G_LIST_MODEL (self->transfers);

  for (guint i = g_list_model_get_n_items (transfers); i > 0; i--)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i - 1);
      if (ferry_jid_equal_bare (ferry_transfer_get_account (transfer), account))
        ferry_transfer_queue_cancel (self->queue, transfer);
    }
}

void
ferry_core_remove_transfer (FerryCore *self, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  if (!ferry_transfer_is_finished (transfer))
    return;
  const char *part = ferry_transfer_get_journal (transfer)->part_path;
  if (part != NULL)
    ferry_part_file_remove (part);
  ferry_transfer_set_part_path (transfer, NULL);
  ferry_transfer_recorder_unlist (self->recorder, transfer);
}

void
ferry_core_set_protocol (FerryCore *self, FerryCapability protocol)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  ferry_core_starter_set_protocol (self->starter, protocol);
}

void
ferry_core_set_idle (FerryCore *self, gboolean is_idle)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  self->is_idle = is_idle;
}

void
ferry_core_set_verify (FerryCore *self, gboolean verify)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  ferry_transfer_queue_set_hash (self->queue, verify ? FERRY_HASH_SHA256 : FERRY_HASH_NONE);
}

/* --- The queue -------------------------------------------------------------------------------
 */

/* Somebody for whom a file waits may be there now, or have turned out to be unable. A device
 * that takes no files, as ferry-cli send, still has those that it began to send. */
static void
on_devices_changed (FerryContact *contact, FerryCore *self)
{
  GListModel *devices = ferry_contact_get_devices (contact);
  gboolean is_answer =
      ferry_contact_get_best_device (contact) != NULL || ferry_contact_is_unable (contact);

  if (self->queue == NULL)
    return;
  if (is_answer)
    {
      ferry_transfer_queue_retry_waiting (self->queue, ferry_contact_get_jid (contact));
      return;
    }
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (FerryDevice) device = g_list_model_get_item (devices, i);
      ferry_transfer_queue_retry_asking (self->queue, ferry_device_get_jid (device));
    }
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

static int
compare_places (gconstpointer a, gconstpointer b)
{
  gint64 first = ferry_transfer_get_journal (*(FerryTransfer *const *) a)->place;
  gint64 second = ferry_transfer_get_journal (*(FerryTransfer *const *) b)->place;

  return first < second ? -1 : first > second;
}

static void
restore_queue (FerryCore *self)
{
  GListModel *transfers = G_LIST_MODEL (self->transfers);
  g_autoptr (GPtrArray) unfinished = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = g_list_model_get_n_items (transfers); i > 0; i--)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i - 1);
      if (!ferry_transfer_is_finished (transfer))
        g_ptr_array_add (unfinished, g_object_ref (transfer));
    }
  g_ptr_array_sort (unfinished, compare_places);
  for (guint i = 0; i < unfinished->len; i++)
    ferry_transfer_queue_restore (self->queue, unfinished->pdata[i]);
}

void
ferry_core_init_queue (FerryCore *self)
{
  self->starter = ferry_core_starter_new (self);
  self->queue =
      ferry_transfer_queue_new (self->transfers, FERRY_TRANSFER_STARTER (self->starter));
  ferry_transfer_queue_set_store (self->queue, ferry_profile_get_store (self->profile));
  ferry_core_init_keys (self);
  g_signal_connect_object (self->contacts, "items-changed", G_CALLBACK (on_contacts_changed),
                           self, 0);
  restore_queue (self);
  /* Until ferry_core_start(). */
  ferry_transfer_queue_hold (self->queue, TRUE);
}
