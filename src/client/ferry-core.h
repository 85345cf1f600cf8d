/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryCore: all of Ferry behind one door, for the window and the command line alike: the
 * profile's accounts, contacts, offers, transfers and history as list models, and what a user
 * can do with them. */
#pragma once

#include <gio/gio.h>

#include "client/ferry-client.h"
#include "client/ferry-key-guard.h"
#include "model/ferry-batch-list.h"
#include "model/ferry-contact.h"
#include "model/ferry-offer.h"
#include "store/ferry-account-store.h"
#include "store/ferry-contact-rules.h"
#include "store/ferry-history.h"
#include "store/ferry-profile.h"
#include "transfer/ferry-transfer-queue.h"

G_BEGIN_DECLS

#define FERRY_TYPE_CORE (ferry_core_get_type ())
G_DECLARE_FINAL_TYPE (FerryCore, ferry_core, FERRY, CORE, GObject)

/**
 * ferry_core_new:
 * @profile: an open profile
 *
 * Loads accounts, unfinished and recent transfers; connects nothing yet.
 */
FerryCore *ferry_core_new (FerryProfile *profile);
FerryProfile *ferry_core_get_profile (FerryCore *self);

/* Lists live as long as the core; all are also GListStores, which only the core and tests
 * change. */
GListModel *ferry_core_get_clients (FerryCore *self);   /* of FerryClient, one per account */
GListModel *ferry_core_get_contacts (FerryCore *self);  /* of FerryContact */
GListModel *ferry_core_get_offers (FerryCore *self);    /* of FerryOffer, oldest first */
GListModel *ferry_core_get_transfers (FerryCore *self); /* of FerryTransfer, newest first */
/* The same transfers as people see them: of FerryTransfer and FerryBatch, newest first. */
GListModel *ferry_core_get_rows (FerryCore *self);

/* Options for the command line; before ferry_core_start(). */
/* @path: where to write the XMPP traffic, without passwords and file contents; once */
gboolean ferry_core_set_xml_log (FerryCore *self, const char *path, GError **error);
/* Compute checksums of what is sent and received from now on? TRUE at first. */
void ferry_core_set_verify (FerryCore *self, gboolean verify);
/* Ways on which files may come to us; nothing else is announced. All at first. With
 * FERRY_ROUTE_NONE we are no place to send to: nobody's program should pick us, and what is
 * offered all the same is refused. */
void ferry_core_set_routes (FerryCore *self, FerryRoute routes);
/* Is what other programs offer held for 2 s, so that several files of one contact are one
 * question? TRUE at first; not where nobody is asked. */
void ferry_core_set_gathering (FerryCore *self, gboolean gathers);
/* Offer by this protocol only, whatever the device says; %FERRY_CAPABILITY_UNKNOWN (as at
 * first) takes the better one that it has. */
void ferry_core_set_protocol (FerryCore *self, FerryCapability protocol);

/* How many bytes a second may go out and come in, in all; 0 for no limit. At once, and from now
 * on; kept in the profile. */
gboolean ferry_core_set_rates (FerryCore *self, guint64 up, guint64 down, GError **error);
void ferry_core_get_rates (FerryCore *self, guint64 *up, guint64 *down);
/* How many files may be on their way out and in together; see
 * ferry_transfer_queue_set_limits(). At once, and from now on; kept in the profile. */
gboolean ferry_core_set_limits (FerryCore *self, guint up, guint down, GError **error);
void ferry_core_get_limits (FerryCore *self, guint *up, guint *down);
/* The same for this run only, in place of what the profile says. */
void ferry_core_limit_rate (FerryCore *self, FerryDirection direction, guint64 rate);
/* Only look: the queue does not go on. */
void ferry_core_set_idle (FerryCore *self, gboolean is_idle);

/* Connects every account, and goes on with what is in the queue. */
void ferry_core_start (FerryCore *self);
/**
 * ferry_core_stop_async:
 *
 * Stops what is under way, to go on with it at the next start, then signs out everywhere (2 s
 * each at most).
 */
void ferry_core_stop_async (FerryCore *self, GAsyncReadyCallback callback, gpointer user_data);
void ferry_core_stop_finish (FerryCore *self, GAsyncResult *result);

/**
 * ferry_core_add_account:
 * @account: the account; one with the same address is replaced
 * @password: the password, for the place where secrets are kept
 * @error: %FERRY_ERROR_STORE
 *
 * Stores the account; ferry_client_connect() on what is returned signs in.
 *
 * Returns: (transfer none) (nullable): its client
 */
FerryClient *ferry_core_add_account (FerryCore *self,
                                     FerryAccount *account,
                                     const char *password,
                                     GError **error);
/* Signs out, and forgets the account, its password and its key; the history stays. */
gboolean ferry_core_remove_account (FerryCore *self, FerryClient *client, GError **error);
/* Done when all passwords given so far are kept or forgotten; %FERRY_ERROR_STORE if one was
 * not. */
void ferry_core_flush_async (FerryCore *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean ferry_core_flush_finish (FerryCore *self, GAsyncResult *result, GError **error);
/* Did the last password go to the desktop's Secret Service, and not to a file of the profile?
 */
gboolean ferry_core_has_secret_service (FerryCore *self);

/**
 * ferry_core_send:
 * @account: (nullable): own bare JID to send from; %NULL takes the contact's, or the first
 * @to: bare JID (best device) or full JID (that device)
 * @path: local file
 * @routes: ways allowed; %FERRY_ROUTE_ALL normally
 *
 * Puts a file into the queue.
 *
 * Returns: (transfer none): its transfer, already in the list
 */
FerryTransfer *ferry_core_send (
    FerryCore *self, FerryJid *account, FerryJid *to, const char *path, FerryRoute routes);
/* As ferry_core_send(), but for @hold_ms milliseconds it "is-held": nobody hears of it. */
FerryTransfer *ferry_core_send_held (FerryCore *self,
                                     FerryJid *account,
                                     FerryJid *to,
                                     const char *path,
                                     FerryRoute routes,
                                     guint hold_ms);
/**
 * ferry_core_send_batch:
 * @paths: local files and folders
 * @hold_ms: as ferry_core_send_held()
 *
 * Puts them into the queue as a batch: one row, and one question to a contact who has a Ferry.
 * One path alone is no batch.
 *
 * Returns: (transfer full): a list of FerryTransfer, in the order of @paths
 */
GListModel *ferry_core_send_batch (FerryCore *self,
                                   FerryJid *account,
                                   FerryJid *to,
                                   const char *const *paths,
                                   FerryRoute routes,
                                   guint hold_ms);
/* Returns: (transfer none) (nullable): the one with @id, as long as it has a row */
FerryBatch *ferry_core_find_batch (FerryCore *self, const char *id);
/* Before it has begun: should it turn out to be a folder, it goes as an archive, also to those
 * who know folders. */
void ferry_core_set_zipped (FerryCore *self, FerryTransfer *transfer);
/* How a folder goes to a program that does not know folders. */
typedef enum
{
  FERRY_FOLDER_ASK,   /* the user, each time; as at first */
  FERRY_FOLDER_ZIP,   /* as an archive */
  FERRY_FOLDER_FILES, /* one file after the other */
} FerryFolderWay;

/* What the user has said of it once for all; the faces ask and follow. Kept in the profile. */
FerryFolderWay ferry_core_get_folder_way (FerryCore *self);
gboolean ferry_core_set_folder_way (FerryCore *self, FerryFolderWay way, GError **error);
/**
 * ferry_core_list_folder_async:
 * @path: a folder
 *
 * For those who want to send its files one by one, without the folders that they are in.
 */
void ferry_core_list_folder_async (FerryCore *self,
                                   const char *path,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* Returns: (transfer full) (nullable): the paths of all files; %FERRY_ERROR_SOURCE */
GStrv ferry_core_list_folder_finish (FerryCore *self, GAsyncResult *result, GError **error);
/* Takes a held transfer back as if it had never been asked for: no offer, no row, no history.
 * Returns: FALSE if it is held no more; then there is only ferry_core_cancel() */
gboolean ferry_core_take_back (FerryCore *self, FerryTransfer *transfer);
/**
 * ferry_core_publish:
 * @contact: who may ask for the file, with any device
 *
 * Announces a file, and sends it when @contact asks for it, once (XEP-0137). Until then the
 * transfer is OFFERED. All else is as with ferry_core_send().
 */
FerryTransfer *ferry_core_publish (
    FerryCore *self, FerryJid *account, FerryJid *contact, const char *path, FerryRoute routes);
/* @folder: (nullable): where to save; %NULL is the profile's download folder. Of a batch all
 * that is still to come is accepted, too.
 * Returns: (transfer none): its transfer, or the first of the batch */
FerryTransfer *ferry_core_accept_offer (FerryCore *self, FerryOffer *offer, const char *folder);
void ferry_core_decline_offer (FerryCore *self, FerryOffer *offer);

/**
 * ferry_core_get_contact_routes:
 * @account: own address
 * @peer: theirs; the resource does not count, and they need not be in the contact list
 *
 * Returns: the ways for files that the user allows with @peer: FERRY_ROUTE_ALL without a rule.
 *   No transfer ever takes another one, whatever else is asked for
 */
FerryRoute
ferry_core_get_contact_routes (FerryCore *self, const FerryJid *account, const FerryJid *peer);
/**
 * ferry_core_set_contact_routes:
 * @routes: for example FERRY_ROUTE_PROXY, so that they do not learn our network address unless
 *   the relay is theirs, or FERRY_ROUTE_INBAND; FERRY_ROUTE_ALL takes the rule away
 * @error: %FERRY_ERROR_STORE: then nothing has changed
 *
 * For all transfers that begin from now on. The contact's "routes" shows it.
 */
gboolean ferry_core_set_contact_routes (FerryCore *self,
                                        const FerryJid *account,
                                        const FerryJid *peer,
                                        FerryRoute routes,
                                        GError **error);

/* Whether files to and from a contact are encrypted; @peer as above. */
FerryEncryption ferry_core_get_contact_encryption (FerryCore *self,
                                                   const FerryJid *account,
                                                   const FerryJid *peer);
gboolean ferry_core_set_contact_encryption (FerryCore *self,
                                            const FerryJid *account,
                                            const FerryJid *peer,
                                            FerryEncryption encryption,
                                            GError **error);

/**
 * ferry_core_get_key_questions:
 *
 * Devices that show another key than the one they were known by, or none any more, while
 * transfers wait for what the user says. Each is answered by ferry_core_answer_key() with its
 * account and device.
 *
 * Returns: (transfer none) (element-type FerryKeyQuestion): oldest first
 */
GListModel *ferry_core_get_key_questions (FerryCore *self);
/* @error: %FERRY_ERROR_STORE: then nothing has changed, for instance because the device has
 * shown no other key */
gboolean ferry_core_answer_key (FerryCore *self,
                                FerryJid *account,
                                FerryJid *device,
                                FerryKeyAnswer answer,
                                GError **error);
/* Returns: (transfer full) (element-type FerryDeviceKey) (nullable): by contact and device */
GPtrArray *ferry_core_list_keys (FerryCore *self, GError **error);
/* Have people compared the key by which @device is known? */
gboolean ferry_core_verify_key (
    FerryCore *self, FerryJid *account, FerryJid *device, gboolean is_verified, GError **error);
/* The next key that @device shows is its first one again. */
gboolean
ferry_core_forget_key (FerryCore *self, FerryJid *account, FerryJid *device, GError **error);
/* Returns: (transfer full) (nullable): the fingerprint of our own key of @account, for people;
 *   %NULL before it has connected */
char *ferry_core_dup_own_key (FerryCore *self, FerryJid *account);

void ferry_core_cancel (FerryCore *self, FerryTransfer *transfer);
/* Each returns whether that could be done in the state that it is in. */
gboolean ferry_core_pause (FerryCore *self, FerryTransfer *transfer);
/* Ends a pause, whosever it was; or tries again at once after a broken connection. */
gboolean ferry_core_resume (FerryCore *self, FerryTransfer *transfer);
/* Once more, also what has failed; with what has come of it. */
gboolean ferry_core_retry (FerryCore *self, FerryTransfer *transfer);
/* Its place among those that wait; see ferry_transfer_queue_move(). */
gboolean ferry_core_move (FerryCore *self, FerryTransfer *transfer, FerryTransferMove move);
/* @id, @other: of a transfer or a batch; the one takes the place of the other */
void ferry_core_move_to (FerryCore *self, const char *id, const char *other);
/* Returns: (transfer none) (nullable) */
FerryTransfer *ferry_core_find_transfer (FerryCore *self, const char *id);
/* A finished outgoing transfer once more, as a new one. Returns: (transfer none) (nullable) */
FerryTransfer *ferry_core_send_again (FerryCore *self, FerryTransfer *transfer);
/* Takes a finished transfer off the list; its history stays. */
void ferry_core_remove_transfer (FerryCore *self, FerryTransfer *transfer);

/* The folder received files go to. */
const char *ferry_core_get_download_folder (FerryCore *self);
void ferry_core_set_download_folder (FerryCore *self, const char *folder);
/* The search model of the history page. */
FerryHistory *ferry_core_get_history (FerryCore *self);

G_END_DECLS
