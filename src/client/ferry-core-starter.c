/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps: start_async → (asked_cb or device_picked_cb) → offer_to. */
#include "config.h"

#include "client/ferry-core-starter.h"

#include "base/ferry-error.h"
#include "client/ferry-core-private.h"
#include "xmpp/ferry-ns.h"

struct _FerryCoreStarter
{
  GObject parent_instance;

  FerryCore *core;          /* unowned */
  FerryCapability protocol; /* UNKNOWN: what the device has */
};

static void iface_init (FerryTransferStarterInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryCoreStarter,
                               ferry_core_starter,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_TRANSFER_STARTER, iface_init))

typedef struct
{
  FerryTransfer *transfer;
  FerryFileInfo *file;
  FerryClient *client;
} Start;

static void
start_free (gpointer data)
{
  Start *start = data;
  g_clear_object (&start->transfer);
  g_clear_pointer (&start->file, ferry_file_info_unref);
  g_clear_object (&start->client);
  g_free (start);
}

void
ferry_core_starter_set_protocol (FerryCoreStarter *self, FerryCapability protocol)
{
  g_return_if_fail (FERRY_IS_CORE_STARTER (self));

  self->protocol = protocol;
}

/* Better before the offer than after the answer. */
static gboolean
check_encryption (
    FerryCoreStarter *self, Start *start, FerryJid *to, gboolean is_ferry, GError **error)
{
  return ferry_client_may_encrypt (start->client, to) ||
         ferry_key_guard_check_clear (self->core->guard, start->transfer, to, is_ferry, error);
}

/* @known: what is known of the device at @to */
static void
offer_to (GTask *task, FerryJid *to, FerryCapability known)
{
  FerryCoreStarter *self = g_task_get_source_object (task);
  Start *start = g_task_get_task_data (task);
  FerryRoute allowed = ferry_core_get_contact_routes (
      self->core, ferry_transfer_get_account (start->transfer), to);
  FerryCapability protocol =
      self->protocol != FERRY_CAPABILITY_UNKNOWN ? self->protocol : known;
  gboolean is_zipped = ferry_transfer_get_journal (start->transfer)->is_zipped;
  gboolean is_ferry = ferry_client_peer_has_feature (start->client, to, FERRY_NS_FILES);
  gboolean takes_folders = ferry_client_peer_has_feature (start->client, to, FERRY_NS_FOLDER);
  GError *error = NULL;
  FerryFileInfo *file = start->file->plain != NULL && (is_zipped || !takes_folders)
                            ? start->file->plain
                            : start->file;

  /* Programs that know stream initiation are old, and may be strict about what is in it. */
  if (protocol == FERRY_CAPABILITY_SI && !is_ferry)
    ferry_file_info_forget_ids (start->file);
  if (file->is_folder && !takes_folders)
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED,
                               "%s cannot receive folders", ferry_jid_get_text (to));
      return;
    }
  ferry_transfer_set_peer (start->transfer, to);
  ferry_transfer_set_can_ask (start->transfer, is_ferry);
  if (!check_encryption (self, start, to, is_ferry, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_return_pointer (
      task,
      ferry_client_offer (start->client, protocol, to, file,
                          ferry_transfer_get_journal (start->transfer)->routes & allowed),
      g_object_unref);
}

/* Which device asks is seen when it does. */
static void
publish_to (GTask *task, FerryJid *contact)
{
  FerryCoreStarter *self = g_task_get_source_object (task);
  Start *start = g_task_get_task_data (task);
  FerryRoute allowed = ferry_core_get_contact_routes (
      self->core, ferry_transfer_get_account (start->transfer), contact);

  ferry_file_info_forget_ids (start->file);
  g_task_return_pointer (
      task,
      ferry_client_publish (start->client, contact, start->file,
                            ferry_transfer_get_journal (start->transfer)->routes & allowed),
      g_object_unref);
}

static void
offer_to_device (GTask *task, FerryDevice *device)
{
  FerryJid *to = ferry_device_get_jid (device);

  if (ferry_device_can_receive (device))
    offer_to (task, to, ferry_device_get_capability (device));
  else
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED,
                             "%s cannot receive files", ferry_jid_get_text (to));
}

/* Who says nothing about itself, or does not know us, is offered Jingle; and stream initiation
 * if that was wrong (ferry_transfer_runner_send_otherwise()). */
static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FerryCoreStarter *self = g_task_get_source_object (task);
  Start *start = g_task_get_task_data (task);
  FerryDisco *disco = FERRY_DISCO (source);
  FerryJid *to = ferry_transfer_get_peer (start->transfer);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryDiscoInfo) info = ferry_disco_query_finish (disco, result, &error);
  FerryCapability capability =
      info != NULL ? ferry_contact_list_judge (info) : FERRY_CAPABILITY_JINGLE;
  gboolean is_told = self->protocol != FERRY_CAPABILITY_UNKNOWN;

  ferry_transfer_set_guess (start->transfer, info != NULL || is_told
                                                 ? FERRY_TRANSFER_NO_GUESS
                                                 : FERRY_TRANSFER_GUESS_JINGLE);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else if (capability == FERRY_CAPABILITY_NONE && !is_told)
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED,
                             "%s cannot receive files", ferry_jid_get_text (to));
  else
    offer_to (task, to, capability);
}

static void
device_picked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (FerryDevice) device =
      ferry_contact_list_pick_device_finish (FERRY_CONTACT_LIST (source), result, &error);

  if (device == NULL)
    g_task_return_error (task, error);
  else
    offer_to_device (task, device);
}

/* Of a contact whose presence we see: is this device away? */
static gboolean
is_away (FerryContact *contact, FerryJid *peer)
{
  const char *subscription = contact != NULL ? ferry_contact_get_subscription (contact) : NULL;

  return !ferry_jid_is_bare (peer) &&
         (g_strcmp0 (subscription, "both") == 0 || g_strcmp0 (subscription, "to") == 0) &&
         ferry_contact_find_device (contact, peer) == NULL;
}

/* Returns: (transfer none) (nullable): who carries @transfer */
static FerryClient *
find_client (FerryTransferStarter *starter, FerryTransfer *transfer)
{
  return ferry_core_find_client (FERRY_CORE_STARTER (starter)->core,
                                 ferry_transfer_get_account (transfer));
}

/* Returns: (nullable) (transfer none): %NULL when it is not connected, which @task then says */
static FerryClient *
find_online_client (FerryTransferStarter *starter, FerryTransfer *transfer, GTask *task)
{
  FerryClient *client = find_client (starter, transfer);

  if (client != NULL && ferry_client_get_state (client) == FERRY_CLIENT_ONLINE)
    return client;
  g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_OFFLINE, "%s is not connected",
                           ferry_jid_get_text (ferry_transfer_get_account (transfer)));
  return NULL;
}

static void
start_async (FerryTransferStarter *starter,
             FerryTransfer *transfer,
             FerryFileInfo *file,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  FerryJid *peer = ferry_transfer_get_peer (transfer);
  g_autoptr (GTask) task = g_task_new (starter, cancellable, callback, user_data);

  g_task_set_source_tag (task, start_async);
  FerryClient *client = find_online_client (starter, transfer, task);
  if (client == NULL)
    return;

  Start *start = g_new0 (Start, 1);
  start->transfer = g_object_ref (transfer);
  start->file = ferry_file_info_ref (file);
  start->client = g_object_ref (client);
  g_task_set_task_data (task, start, start_free);

  FerryContactList *contacts = ferry_client_get_contact_list (client);
  FerryContact *contact = ferry_contact_list_find (contacts, peer);
  FerryDevice *device = contact != NULL ? ferry_contact_find_device (contact, peer) : NULL;
  const FerryTransferMachine *machine = ferry_transfer_get_machine (transfer);
  if (ferry_transfer_get_journal (transfer)->is_published)
    publish_to (task, peer);
  else if (ferry_transfer_get_guess (transfer) == FERRY_TRANSFER_GUESS_SI &&
           !ferry_jid_is_bare (peer))
    offer_to (task, peer, FERRY_CAPABILITY_SI);
  else if (device != NULL && ferry_device_get_capability (device) != FERRY_CAPABILITY_UNKNOWN)
    offer_to_device (task, device);
  /* What has come of a file is on one device, and waits there for the rest. A Ferry that it was
   * offered to before is not asked what it can do while it is away: the server's answer would
   * look like a device that does not encrypt any more. */
  else if ((machine->has_moved || machine->can_ask) && is_away (contact, peer))
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_GONE, "%s is not online",
                             ferry_jid_get_text (peer));
  /* Whoever names a device means that one. Also when the protocol is named, too: it may
   * encrypt. */
  else if (!ferry_jid_is_bare (peer))
    ferry_disco_query_async (ferry_client_get_disco (client), peer, NULL, cancellable, asked_cb,
                             g_steal_pointer (&task));
  /* Nothing will ever tell when somebody of whom we see nothing comes. Our own devices are no
   * contact while there are none. */
  else if (contact == NULL && !ferry_jid_equal_bare (peer, ferry_client_get_jid (client)))
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED,
                             "%s is no contact: the address of a device is needed",
                             ferry_jid_get_text (peer));
  else
    ferry_contact_list_pick_device_async (contacts, peer, cancellable, device_picked_cb,
                                          g_steal_pointer (&task));
}

static FerrySession *
start_finish (FerryTransferStarter *starter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- Asking for the rest of a file -----------------------------------------------------------
 */

static FerryFileInfo *
describe (FerryTransfer *transfer)
{
  const FerryTransferJournal *journal = ferry_transfer_get_journal (transfer);
  FerryFileInfo *file = ferry_file_info_new (ferry_transfer_get_name (transfer),
                                             ferry_transfer_get_size (transfer));

  file->hash = journal->promised;
  ferry_file_info_read_transfer_id (file, journal->peer_id);
  if (journal->date_us > 0)
    file->date = g_date_time_new_from_unix_utc (journal->date_us / G_USEC_PER_SEC);
  return file;
}

static void
requested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (ferry_jingle_requests_send_finish (FERRY_JINGLE_REQUESTS (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
ask_async (FerryTransferStarter *starter,
           FerryTransfer *transfer,
           GCancellable *cancellable,
           GAsyncReadyCallback callback,
           gpointer user_data)
{
  FerryJid *peer = ferry_transfer_get_peer (transfer);
  g_autoptr (GTask) task = g_task_new (starter, cancellable, callback, user_data);

  g_task_set_source_tag (task, ask_async);
  FerryClient *client = find_online_client (starter, transfer, task);
  if (client == NULL)
    return;
  FerryContact *contact =
      ferry_contact_list_find (ferry_client_get_contact_list (client), peer);
  if (is_away (contact, peer))
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_GONE, "%s is not online",
                               ferry_jid_get_text (peer));
      return;
    }
  g_autoptr (FerryFileInfo) file = describe (transfer);
  const FerryRange rest = { MIN (ferry_transfer_get_n_done (transfer),
                                 (guint64) MAX (ferry_transfer_get_size (transfer), 0)),
                            -1 };
  ferry_jingle_requests_send_async (ferry_client_get_requests (client), peer, file, &rest,
                                    cancellable, requested_cb, g_steal_pointer (&task));
}

static gboolean
ask_finish (FerryTransferStarter *starter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- What both sides can compute ------------------------------------------------------------
 */

static FerryHashAlgo
pick_hash (FerryTransferStarter *starter, FerryTransfer *transfer)
{
  FerryJid *peer = ferry_transfer_get_peer (transfer);
  FerryClient *client = find_client (starter, transfer);
  FerryContactList *contacts = client != NULL ? ferry_client_get_contact_list (client) : NULL;
  FerryContact *contact = contacts != NULL ? ferry_contact_list_find (contacts, peer) : NULL;
  FerryDevice *device = NULL;

  if (contact != NULL)
    device = ferry_jid_is_bare (peer) ? ferry_contact_get_best_device (contact)
                                      : ferry_contact_find_device (contact, peer);
  return device != NULL ? ferry_device_pick_hash (device) : FERRY_HASH_SHA256;
}

static void
iface_init (FerryTransferStarterInterface *iface)
{
  iface->ask_async = ask_async;
  iface->ask_finish = ask_finish;
  iface->pick_hash = pick_hash;
  iface->start_async = start_async;
  iface->start_finish = start_finish;
}

static void
ferry_core_starter_class_init (FerryCoreStarterClass *klass)
{
}

static void
ferry_core_starter_init (FerryCoreStarter *self)
{
}

FerryCoreStarter *
ferry_core_starter_new (FerryCore *core)
{
  FerryCoreStarter *self = g_object_new (FERRY_TYPE_CORE_STARTER, NULL);
  self->core = core;
  return self;
}
