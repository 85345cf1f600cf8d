/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryContact: a person in the contact list, with the devices they are online with. Kept up to
 * date by FerryContactList from roster, presence and disco. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-hash.h"
#include "base/ferry-jid.h"
#include "bytestream/ferry-bytestream.h"
#include "xmpp/ferry-disco-info.h"

G_BEGIN_DECLS

/* Ordered from the most to the least reachable. */
typedef enum
{
  FERRY_PRESENCE_CHAT,
  FERRY_PRESENCE_AVAILABLE,
  FERRY_PRESENCE_AWAY,
  FERRY_PRESENCE_XA,
  FERRY_PRESENCE_DND,
  FERRY_PRESENCE_OFFLINE,
} FerryPresenceShow;

/* How a device can take a file. */
typedef enum
{
  FERRY_CAPABILITY_UNKNOWN, /* still being asked */
  FERRY_CAPABILITY_NONE,
  FERRY_CAPABILITY_SI,
  FERRY_CAPABILITY_JINGLE,
} FerryCapability;

/* --- One device ------------------------------------------------------------------------------
 */

#define FERRY_TYPE_DEVICE (ferry_device_get_type ())
G_DECLARE_FINAL_TYPE (FerryDevice, ferry_device, FERRY, DEVICE, GObject)

/* Properties, notifying: "jid" (FerryJid), "name" (string: disco identity, "Ferry"; the
 * resource only if nothing better is known), "show" (int), "status" (string, nullable),
 * "capability" (int). */
FerryDevice *ferry_device_new (FerryJid *jid);
FerryJid *ferry_device_get_jid (FerryDevice *self);
const char *ferry_device_get_name (FerryDevice *self);
FerryPresenceShow ferry_device_get_show (FerryDevice *self);
const char *ferry_device_get_status (FerryDevice *self);
int ferry_device_get_priority (FerryDevice *self);
FerryCapability ferry_device_get_capability (FerryDevice *self);
gboolean ferry_device_can_receive (FerryDevice *self);
/* What is not known yet is not there. */
gboolean ferry_device_has_feature (FerryDevice *self, const char *feature);
/* With what a file for it should be hashed (XEP-0300 §5): SHA-256 where it can compute that, or
 * does not say what it can; else the quickest that it and we can. */
FerryHashAlgo ferry_device_pick_hash (FerryDevice *self);
/* Does it say that it is the program @name? */
gboolean ferry_device_is_program (FerryDevice *self, const char *name);
/* Monotonic microseconds of the last presence. */
gint64 ferry_device_get_seen_us (FerryDevice *self);
/* For the list: */
void ferry_device_set_presence (FerryDevice *self,
                                FerryPresenceShow show,
                                const char *status,
                                int priority,
                                gint64 seen_us);
void ferry_device_set_capability (FerryDevice *self, FerryCapability capability);
/* @info: (nullable): what the device says about itself; its name is in it, too */
void ferry_device_set_info (FerryDevice *self, FerryDiscoInfo *info);

/* --- One person ------------------------------------------------------------------------------
 */

#define FERRY_TYPE_CONTACT (ferry_contact_get_type ())
G_DECLARE_FINAL_TYPE (FerryContact, ferry_contact, FERRY, CONTACT, GObject)

/**
 * ferry_contact_new:
 * @account: own bare JID whose roster this is
 * @jid: the contact's bare JID
 *
 * Properties, notifying: "jid", "name" (string; roster name, else the local part), "show" (int;
 * of the best device, OFFLINE without one), "status" (string, nullable), "is-online" (boolean),
 * "n-devices" (uint), "can-receive" (boolean: some device can take a file; TRUE while any is
 * still UNKNOWN), "subscription" (string: none, to, from, both), "is-self" (boolean), "routes"
 * (flags as uint: FerryRoute, the ways the user allows with this contact; change it with
 * ferry_core_set_contact_routes()).
 *
 * Signal "devices-changed": a device came, went, or is known better.
 */
FerryContact *ferry_contact_new (FerryJid *account, FerryJid *jid);
FerryJid *ferry_contact_get_account (FerryContact *self);
FerryJid *ferry_contact_get_jid (FerryContact *self);
const char *ferry_contact_get_name (FerryContact *self);
FerryPresenceShow ferry_contact_get_show (FerryContact *self);
const char *ferry_contact_get_status (FerryContact *self);
gboolean ferry_contact_is_online (FerryContact *self);
gboolean ferry_contact_can_receive (FerryContact *self);
const char *ferry_contact_get_subscription (FerryContact *self);
/* Is this our own account (its other devices)? */
gboolean ferry_contact_is_self (FerryContact *self);
/* The ways for files that the user allows with this contact; all of them at first. */
FerryRoute ferry_contact_get_routes (FerryContact *self);
/* (element-type FerryDevice): online devices, best first */
GListModel *ferry_contact_get_devices (FerryContact *self);
/* The device a file goes to when the user names none; (nullable): no device can take one now.
 * Order: what it speaks, priority, show, most recent presence. */
FerryDevice *ferry_contact_get_best_device (FerryContact *self);
/* Has some device not yet said what it can do? */
gboolean ferry_contact_is_undecided (FerryContact *self);
/* Are there devices, all known, and none that can take a file? Those with a negative priority,
 * which want to be left alone, make nobody unable. */
gboolean ferry_contact_is_unable (FerryContact *self);
/* Is there a device that can receive, and none of those that knows folders? */
gboolean ferry_contact_lacks_folders (FerryContact *self);
FerryDevice *ferry_contact_find_device (FerryContact *self, const FerryJid *full);
/* For the core, which keeps it: */
void ferry_contact_set_routes (FerryContact *self, FerryRoute routes);
/* For the list: */
void ferry_contact_set_name (FerryContact *self, const char *name);
void ferry_contact_set_subscription (FerryContact *self, const char *subscription);
void ferry_contact_add_device (FerryContact *self, FerryDevice *device);
void ferry_contact_remove_device (FerryContact *self, const FerryJid *full);
void ferry_contact_remove_all_devices (FerryContact *self);
/* A device changed: sort and notify again. */
void ferry_contact_update (FerryContact *self);

G_END_DECLS
