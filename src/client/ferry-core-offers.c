/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others offer us: a question for each file or folder, or one for all that somebody sends
 * together, or in short order; and its answer, which holds for what comes later of the same
 * batch. */
#define G_LOG_DOMAIN "ferry-core-offers"

#include "config.h"

#include "client/ferry-core-private.h"

#include "base/ferry-file-name.h"
#include "base/ferry-id.h"
#include "store/ferry-transfer-store.h"
#include "xmpp/ferry-ns.h"

#define GATHER_MS 2000
/* As long as files wait for an absent contact, the rest of a batch is welcome. */
#define BATCH_LIFE_US (G_GINT64_CONSTANT (30) * 24 * 3600 * G_USEC_PER_SEC)

static FerryContact *
find_contact (FerryCore *self, FerryJid *account, FerryJid *jid)
{
  FerryClient *client = ferry_core_find_client (self, account);
  FerryContactList *contacts = client != NULL ? ferry_client_get_contact_list (client) : NULL;

  return contacts != NULL ? ferry_contact_list_find (contacts, jid) : NULL;
}

static FerryTransfer *
new_incoming_transfer (FerryOffer *offer)
{
  FerryFileInfo *file = ferry_session_get_file (ferry_offer_get_session (offer));
  FerryTransfer *transfer = ferry_transfer_new (
      ferry_offer_get_id (offer), ferry_offer_get_account (offer), FERRY_DIRECTION_RECEIVE,
      ferry_offer_get_peer (offer), ferry_offer_get_peer_name (offer),
      ferry_offer_get_name (offer), file->size);

  if (file->is_folder)
    ferry_transfer_set_folder (transfer, file->n_files);
  /* So that it is known again, should Ferry end before the first byte. */
  ferry_transfer_get_journal (transfer)->peer_id = g_strdup (file->transfer_id);
  ferry_transfer_set_batch (transfer, ferry_offer_get_batch (offer));
  ferry_transfer_set_times (transfer, g_get_real_time (), 0);
  return transfer;
}

/* What the sender's program can do when the file stops on its way. */
void
ferry_core_learn_peer (FerryCore *self, FerryTransfer *transfer, FerrySession *session)
{
  FerryJid *peer = ferry_session_get_peer (session);
  FerryContact *contact = find_contact (self, ferry_transfer_get_account (transfer), peer);
  FerryDevice *device = contact != NULL ? ferry_contact_find_device (contact, peer) : NULL;
  const FerryFileInfo *file = ferry_session_get_file (session);

  /* Who names its transfer is a Ferry. Of a device that has just come nothing else is known. */
  if (file->transfer_id != NULL)
    ferry_transfer_set_can_ask (transfer, TRUE);
  else if (device != NULL && ferry_device_get_capability (device) != FERRY_CAPABILITY_UNKNOWN)
    ferry_transfer_set_can_ask (transfer, ferry_device_has_feature (device, FERRY_NS_FILES));
  ferry_transfer_set_ranged (transfer, file->ranged);
}

/* --- The end of a question -------------------------------------------------------------------
 */

/* Nobody listens to the session of the offer, or of those in it, any more. */
static void
close_offer (FerryCore *self, FerryOffer *offer)
{
  g_autoptr (FerryOffer) held = g_object_ref (offer);
  GPtrArray *members = ferry_offer_get_members (offer);
  guint position;

  for (guint i = 0; i < members->len; i++)
    g_signal_handlers_disconnect_by_data (ferry_offer_get_session (members->pdata[i]),
                                          members->pdata[i]);
  if (g_list_store_find (self->offers, offer, &position))
    g_list_store_remove (self->offers, position);
  ferry_offer_close (offer);
}

/* (nullable): the question that @offer is a part of */
static FerryOffer *
find_question (FerryCore *self, FerryOffer *offer)
{
  GListModel *offers = G_LIST_MODEL (self->offers);

  for (guint i = 0; i < g_list_model_get_n_items (offers); i++)
    {
      g_autoptr (FerryOffer) question = g_list_model_get_item (offers, i);
      if (g_ptr_array_find (ferry_offer_get_members (question), offer, NULL))
        return question; /* the list holds it */
    }
  return NULL;
}

static void
drop_gathered (FerryCore *self, FerryOffer *offer)
{
  if (self->gatherer != NULL)
    ferry_offer_gatherer_drop (self->gatherer, offer);
}

/* There are fewer files than it says. */
static void
show_anew (FerryCore *self, FerryOffer *question)
{
  gpointer items[] = { question };
  guint position;

  if (ferry_offer_get_batch (question) == NULL &&
      g_list_store_find (self->offers, question, &position))
    g_list_store_splice (self->offers, position, 1, items, 1);
}

/* The peer took the offer back, or went away, before it was answered: a missed one. */
static void
on_session_ended (FerrySession *session, const GError *error, FerryOffer *offer)
{
  FerryCore *self = g_object_get_data (G_OBJECT (offer), "ferry-core");
  g_autoptr (FerryOffer) held = g_object_ref (offer);
  g_autoptr (FerryTransfer) missed = new_incoming_transfer (offer);
  FerryOffer *question = find_question (self, offer);

  g_signal_handlers_disconnect_by_data (session, offer);
  ferry_transfer_set_state (missed, FERRY_TRANSFER_MISSED);
  g_list_store_insert (self->transfers, 0, missed);
  if (question == NULL)
    drop_gathered (self, offer);
  else if (ferry_offer_remove_member (question, offer))
    close_offer (self, question);
  else
    show_anew (self, question);
}

/* --- The answer ------------------------------------------------------------------------------
 */

static FerryTransfer *
accept (FerryCore *self, FerryOffer *offer, const char *folder)
{
  FerryTransfer *transfer = new_incoming_transfer (offer);
  FerryRoute allowed = ferry_core_get_contact_routes (self, ferry_offer_get_account (offer),
                                                      ferry_offer_get_peer (offer));

  ferry_core_learn_peer (self, transfer, ferry_offer_get_session (offer));
  ferry_transfer_queue_receive (self->queue, transfer, ferry_offer_get_session (offer), folder,
                                self->routes & allowed);
  return transfer;
}

FerryTransfer *
ferry_core_accept_offer (FerryCore *self, FerryOffer *offer, const char *folder)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);
  g_return_val_if_fail (FERRY_IS_OFFER (offer), NULL);

  g_autoptr (FerryOffer) held = g_object_ref (offer);
  g_autoptr (GPtrArray) members = g_ptr_array_ref (ferry_offer_get_members (offer));
  g_autofree char *target = g_strdup (folder != NULL ? folder : self->download_folder);
  FerryTransfer *first = NULL;

  close_offer (self, offer);
  for (guint i = 0; i < members->len; i++)
    {
      g_autoptr (FerryTransfer) transfer = accept (self, members->pdata[i], target);
      first = first != NULL ? first : transfer; /* the list holds it */
    }
  return first;
}

static void
decline (FerryCore *self, FerryOffer *offer)
{
  g_autoptr (FerryTransfer) transfer = new_incoming_transfer (offer);

  ferry_session_decline (ferry_offer_get_session (offer));
  /* In the history, but no row of the list: the user has just dealt with it. */
  g_list_store_insert (self->transfers, 0, transfer);
  ferry_transfer_set_state (transfer, FERRY_TRANSFER_DECLINED);
  ferry_transfer_recorder_unlist (self->recorder, transfer);
}

void
ferry_core_decline_offer (FerryCore *self, FerryOffer *offer)
{
  g_return_if_fail (FERRY_IS_CORE (self));
  g_return_if_fail (FERRY_IS_OFFER (offer));

  g_autoptr (FerryOffer) held = g_object_ref (offer);
  g_autoptr (GPtrArray) members = g_ptr_array_ref (ferry_offer_get_members (offer));
  const FerryBatchInfo *batch = ferry_offer_get_batch (offer);

  close_offer (self, offer);
  for (guint i = 0; i < members->len; i++)
    decline (self, members->pdata[i]);
  if (batch != NULL && batch->n_transfers > members->len)
    g_hash_table_replace (self->declined, g_strdup (batch->id),
                          GUINT_TO_POINTER (batch->n_transfers - members->len));
}

/* --- The rest of a batch ---------------------------------------------------------------------
 */

/* Each no was meant for as many as there were to come; who offers them once more asks again. */
static gboolean
take_declined (FerryCore *self, FerryOffer *offer)
{
  const FerryBatchInfo *batch = ferry_offer_get_batch (offer);
  guint n_left = GPOINTER_TO_UINT (g_hash_table_lookup (self->declined, batch->id));

  if (n_left == 0)
    return FALSE;
  if (n_left == 1)
    g_hash_table_remove (self->declined, batch->id);
  else
    g_hash_table_replace (self->declined, g_strdup (batch->id), GUINT_TO_POINTER (n_left - 1));
  decline (self, offer);
  return TRUE;
}

/* The yes was to so many files with so many bytes, and to a folder to save them in. The
 * database knows of it, also after a restart. */
static gboolean
take_accepted (FerryCore *self, FerryOffer *offer)
{
  const FerryBatchInfo *batch = ferry_offer_get_batch (offer);
  const FerryFileInfo *file = ferry_session_get_file (ferry_offer_get_session (offer));
  FerryStore *store = ferry_profile_get_store (self->profile);
  FerryBatchSum sum = { 0 };
  g_autoptr (GError) error = NULL;

  if (!ferry_transfer_store_sum_batch (
          store, ferry_jid_get_bare (ferry_offer_get_account (offer)),
          ferry_jid_get_bare (ferry_offer_get_peer (offer)), batch->id,
          g_get_real_time () - BATCH_LIFE_US, file->transfer_id, &sum, &error))
    {
      g_info ("could not look for the batch of an offer: %s", error->message);
      return FALSE;
    }
  g_autofree char *path = sum.path;
  g_debug ("%s: %u of %u accepted, %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " bytes",
           batch->id, sum.n_transfers, batch->n_transfers, sum.size, batch->size);
  if (path == NULL || sum.n_transfers >= batch->n_transfers || file->size < 0 ||
      file->size > batch->size - sum.size)
    return FALSE;
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (FerryTransfer) transfer = accept (self, offer, folder);
  return TRUE;
}

/* (nullable): the question about the same batch */
static FerryOffer *
find_batch (FerryCore *self, FerryOffer *offer)
{
  const FerryBatchInfo *batch = ferry_offer_get_batch (offer);
  GListModel *offers = G_LIST_MODEL (self->offers);

  for (guint i = 0; i < g_list_model_get_n_items (offers); i++)
    {
      g_autoptr (FerryOffer) question = g_list_model_get_item (offers, i);
      const FerryBatchInfo *other = ferry_offer_get_batch (question);
      if (other != NULL && g_str_equal (other->id, batch->id) &&
          ferry_jid_equal (ferry_offer_get_account (question), ferry_offer_get_account (offer)))
        return question; /* the list holds it */
    }
  return NULL;
}

static FerryOffer *
make_offer (FerryCore *self, FerryClient *client, FerrySession *session)
{
  FerryFileInfo *file = ferry_session_get_file (session);
  FerryJid *account = ferry_client_get_jid (client);
  FerryJid *peer = ferry_session_get_peer (session);
  FerryContact *contact = find_contact (self, account, peer);
  FerryDevice *device = contact != NULL ? ferry_contact_find_device (contact, peer) : NULL;
  gboolean changed;
  g_autofree char *name = ferry_file_name_sanitize (file->name, file->media_type, &changed);
  g_autofree char *id = ferry_id_new ();

  FerryOffer *offer = ferry_offer_new (
      id, account, session, peer,
      contact != NULL ? ferry_contact_get_name (contact) : ferry_jid_get_bare (peer),
      device != NULL ? ferry_device_get_name (device) : NULL, name, changed ? file->name : NULL,
      file->size, contact != NULL);
  g_object_set_data (G_OBJECT (offer), "ferry-core", self);
  return offer;
}

void
ferry_core_take_offer_in (FerryClient *client, FerrySession *session, FerryCore *self)
{
  if (ferry_core_take_rest (self, client, session) ||
      ferry_core_has_come (self, client, session))
    return;

  g_autoptr (FerryOffer) offer = make_offer (self, client, session);
  gboolean is_of_batch = ferry_offer_get_batch (offer) != NULL;
  if (is_of_batch && (take_declined (self, offer) || take_accepted (self, offer)))
    return;
  g_signal_connect_object (session, "ended", G_CALLBACK (on_session_ended), offer, 0);
  FerryOffer *question = is_of_batch ? find_batch (self, offer) : NULL;
  if (question != NULL)
    ferry_offer_add_member (question, offer);
  else if (is_of_batch)
    {
      g_autoptr (FerryOffer) group = ferry_offer_new_group (offer);
      g_list_store_append (self->offers, group);
    }
  /* A Ferry says what belongs together. */
  else if (self->gatherer != NULL && ferry_session_get_file (session)->transfer_id == NULL)
    ferry_offer_gatherer_take (self->gatherer, offer);
  else
    g_list_store_append (self->offers, offer);
}

void
ferry_core_set_gathering (FerryCore *self, gboolean gathers)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  g_clear_pointer (&self->gatherer, ferry_offer_gatherer_free);
  if (gathers)
    self->gatherer = ferry_offer_gatherer_new (GATHER_MS, self->offers);
}
