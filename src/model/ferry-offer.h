/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryOffer: a question to the user, as an object in a list: somebody wants to send a file. It
 * is answered through FerryCore and then leaves the list. */
#pragma once

#include "signalling/ferry-session.h"

G_BEGIN_DECLS

#define FERRY_TYPE_OFFER (ferry_offer_get_type ())
G_DECLARE_FINAL_TYPE (FerryOffer, ferry_offer, FERRY, OFFER, GObject)

/**
 * ferry_offer_new:
 * @id: the id the transfer will have
 * @account: own bare JID
 * @session: a session in state OFFERED, receiving; (nullable): %NULL only in tests of the
 * window
 * @peer: full JID of the device that offers
 * @peer_name: what the user calls the contact, or the bare JID of a stranger
 * @device_name: (nullable): what that device is called
 * @name: the safe file name (the sanitiser was here)
 * @raw_name: (nullable): what the peer wrote, if that differs
 * @size: bytes, -1 if unknown
 * @is_known: is the peer in the contact list?
 *
 * Read-only properties of these names ("peer-name", "device-name", "name", "raw-name", "size",
 * "is-known", "media-type", "is-batch"). Signal "closed": answered, or withdrawn by the peer.
 */
FerryOffer *ferry_offer_new (const char *id,
                             FerryJid *account,
                             FerrySession *session,
                             FerryJid *peer,
                             const char *peer_name,
                             const char *device_name,
                             const char *name,
                             const char *raw_name,
                             gint64 size,
                             gboolean is_known);
const char *ferry_offer_get_id (FerryOffer *self);
FerryJid *ferry_offer_get_account (FerryOffer *self);
FerrySession *ferry_offer_get_session (FerryOffer *self);
FerryJid *ferry_offer_get_peer (FerryOffer *self);
const char *ferry_offer_get_peer_name (FerryOffer *self);
const char *ferry_offer_get_device_name (FerryOffer *self);
const char *ferry_offer_get_name (FerryOffer *self);
const char *ferry_offer_get_raw_name (FerryOffer *self);
gint64 ferry_offer_get_size (FerryOffer *self);
/* One question for a folder with all that is in it: properties "is-folder" and "n-files". */
gboolean ferry_offer_is_folder (FerryOffer *self);
guint ferry_offer_get_n_files (FerryOffer *self);
gboolean ferry_offer_is_known (FerryOffer *self);
/* Files and folders that a Ferry sends together, of which this is one, or the question about
 * all of them. Its id is one that no other sender can have. (nullable) */
const FerryBatchInfo *ferry_offer_get_batch (FerryOffer *self);

/**
 * ferry_offer_new_group:
 * @first: the first of several offers
 *
 * One question about several: "is-batch" is TRUE, "name" that of the first, "n-files" and
 * "size" those of all. If @first has a batch it is about this, as much of it as is offered
 * already or will be; else about the members that it has.
 */
FerryOffer *ferry_offer_new_group (FerryOffer *first);
gboolean ferry_offer_is_group (FerryOffer *self);
void ferry_offer_add_member (FerryOffer *self, FerryOffer *member);
/* Returns: whether nothing is left to be asked */
gboolean ferry_offer_remove_member (FerryOffer *self, FerryOffer *member);
/* Returns: (transfer none) (element-type FerryOffer): each with its own session: those of a
 * group, else the offer alone */
GPtrArray *ferry_offer_get_members (FerryOffer *self);
/* Emits "closed"; for FerryCore. */
void ferry_offer_close (FerryOffer *self);

G_END_DECLS
