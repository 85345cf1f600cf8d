/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryContactList: keeps the contacts of one account up to date from roster, presence and
 * disco, and picks the device a file goes to. */
#pragma once

#include "model/ferry-contact.h"
#include "xmpp/ferry-disco.h"
#include "xmpp/ferry-presence.h"
#include "xmpp/ferry-roster.h"

G_BEGIN_DECLS

#define FERRY_TYPE_CONTACT_LIST (ferry_contact_list_get_type ())
G_DECLARE_FINAL_TYPE (FerryContactList, ferry_contact_list, FERRY, CONTACT_LIST, GObject)

/**
 * ferry_contact_list_new:
 * @account: own bare JID
 * @store: (element-type FerryContact): list to keep the contacts in, shared with other accounts
 *
 * The contacts leave @store again when the object is disposed.
 */
FerryContactList *ferry_contact_list_new (FerryJid *account,
                                          GListStore *store,
                                          FerryRoster *roster,
                                          FerryPresence *presence,
                                          FerryDisco *disco);

/* The contact of that account, whatever the resource; in constant time. (nullable) */
FerryContact *ferry_contact_list_find (FerryContactList *self, const FerryJid *jid);

/**
 * ferry_contact_list_pick_device_async:
 * @jid: whom to send to; the resource does not count
 *
 * Finds the device that a file should go to. Waits up to 5 s for devices that have not yet said
 * what they can do; what is known of them later shows in “devices-changed” of the contact.
 */
void ferry_contact_list_pick_device_async (FerryContactList *self,
                                           const FerryJid *jid,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
/* @error: %FERRY_ERROR_GONE: no device is online, or none that can take a file has answered
 * yet; %FERRY_ERROR_UNSUPPORTED: none can take a file. Returns: (transfer full) */
FerryDevice *ferry_contact_list_pick_device_finish (FerryContactList *self,
                                                    GAsyncResult *result,
                                                    GError **error);

/**
 * ferry_contact_list_doubt_device:
 * @jid: a full JID
 *
 * A file was offered to that device, and it did not take notice: nothing more goes there until
 * it gives a sign of life, a presence or an answer.
 */
void ferry_contact_list_doubt_device (FerryContactList *self, FerryJid *jid);

/* How a device with these features can take a file from us, who speak every way. */
FerryCapability ferry_contact_list_judge (const FerryDiscoInfo *theirs);

G_END_DECLS
