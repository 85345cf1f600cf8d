/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-contact-list"
#include "config.h"

#include "model/ferry-contact-list-private.h"

#include "xmpp/ferry-ns.h"

G_DEFINE_FINAL_TYPE (FerryContactList, ferry_contact_list, G_TYPE_OBJECT)

/* --- What a device can do --------------------------------------------------------------------
 */

FerryCapability
ferry_contact_list_judge (const FerryDiscoInfo *theirs)
{
  g_return_val_if_fail (theirs != NULL, FERRY_CAPABILITY_NONE);

  if (ferry_disco_info_has_feature (theirs, FERRY_NS_JINGLE) &&
      ferry_disco_info_has_feature (theirs, FERRY_NS_JINGLE_FILE) &&
      (ferry_disco_info_has_feature (theirs, FERRY_NS_JINGLE_S5B) ||
       ferry_disco_info_has_feature (theirs, FERRY_NS_JINGLE_IBB)))
    return FERRY_CAPABILITY_JINGLE;

  /* gabble looks for the profile only, so some programs announce no more than that. */
  if (ferry_disco_info_has_feature (theirs, FERRY_NS_SI_FILE))
    return FERRY_CAPABILITY_SI;
  return FERRY_CAPABILITY_NONE;
}

/* --- Devices ---------------------------------------------------------------------------------
 */

static FerryPresenceShow
translate_show (FerryShow show)
{
  switch (show)
    {
    case FERRY_SHOW_CHAT:
      return FERRY_PRESENCE_CHAT;
    case FERRY_SHOW_AWAY:
      return FERRY_PRESENCE_AWAY;
    case FERRY_SHOW_XA:
      return FERRY_PRESENCE_XA;
    case FERRY_SHOW_DND:
      return FERRY_PRESENCE_DND;
    case FERRY_SHOW_AVAILABLE:
    default:
      return FERRY_PRESENCE_AVAILABLE;
    }
}

/* @info: (nullable): %NULL if it would not say */
static void
judge_device (FerryContactList *self, FerryDevice *device, FerryDiscoInfo *info)
{
  ferry_device_set_info (device, info);
  ferry_device_set_capability (device, info != NULL ? ferry_contact_list_judge (info)
                                                    : FERRY_CAPABILITY_NONE);
}

static void
inquiry_ended (FerryJid *jid, FerryDiscoInfo *info, gpointer user_data)
{
  FerryContactList *self = user_data;
  const FerryPresenceInfo *presence = ferry_presence_lookup (self->presence, jid);
  FerryContact *contact = ferry_contact_list_find (self, jid);
  FerryDevice *device = contact != NULL ? ferry_contact_find_device (contact, jid) : NULL;

  if (device == NULL || presence == NULL)
    return;
  /* One that was doubted may refuse to repeat itself; it lives. */
  judge_device (self, device,
                info != NULL ? info : ferry_disco_lookup (self->disco, jid, presence->caps));
  ferry_contact_update (contact);
  ferry_contact_list_check_waiters (self, jid);
}

static void
update_device (FerryContactList *self, FerryContact *contact, const FerryPresenceInfo *presence)
{
  g_autoptr (FerryDevice) device = NULL;
  FerryDevice *known = ferry_contact_find_device (contact, presence->jid);
  FerryDiscoInfo *info = ferry_disco_lookup (self->disco, presence->jid, presence->caps);

  device = known != NULL ? g_object_ref (known) : ferry_device_new (presence->jid);
  ferry_device_set_presence (device, translate_show (presence->show), presence->status,
                             presence->priority, presence->seen_us);
  if (info != NULL)
    {
      ferry_inquiries_settle (self->inquiries, presence->jid);
      judge_device (self, device, info);
    }
  else
    {
      ferry_device_set_capability (device, FERRY_CAPABILITY_UNKNOWN);
      ferry_inquiries_begin (self->inquiries, presence->jid, presence->caps);
    }

  if (known == NULL)
    ferry_contact_add_device (contact, device);
  else
    ferry_contact_update (contact);
  ferry_contact_list_check_waiters (self, presence->jid);
}

void
ferry_contact_list_doubt_device (FerryContactList *self, FerryJid *jid)
{
  g_return_if_fail (FERRY_IS_CONTACT_LIST (self) && jid != NULL);

  FerryContact *contact = ferry_contact_list_find (self, jid);
  FerryDevice *device = contact != NULL ? ferry_contact_find_device (contact, jid) : NULL;
  if (device == NULL)
    return;
  g_debug ("%s: is it still there?", ferry_jid_get_text (jid));
  ferry_device_set_capability (device, FERRY_CAPABILITY_UNKNOWN);
  ferry_inquiries_doubt (self->inquiries, jid);
  ferry_contact_update (contact);
}

/* --- Contacts --------------------------------------------------------------------------------
 */

static gboolean
is_account (FerryContactList *self, const FerryJid *jid)
{
  return ferry_jid_equal_bare (self->account, jid);
}

FerryContact *
ferry_contact_list_find (FerryContactList *self, const FerryJid *jid)
{
  g_return_val_if_fail (FERRY_IS_CONTACT_LIST (self) && jid != NULL, NULL);

  if (ferry_jid_is_bare (jid))
    return g_hash_table_lookup (self->contacts, jid);
  g_autoptr (FerryJid) bare = ferry_jid_dup_bare (jid);
  return g_hash_table_lookup (self->contacts, bare);
}

static FerryContact *
make_contact (FerryContactList *self, FerryJid *jid)
{
  FerryContact *contact = ferry_contact_new (self->account, jid);
  g_hash_table_insert (self->contacts, ferry_jid_ref (ferry_contact_get_jid (contact)),
                       contact);
  return contact;
}

static void
drop_contact (FerryContactList *self, FerryContact *contact)
{
  g_autoptr (FerryContact) owned = g_object_ref (contact);
  guint position;

  g_hash_table_remove (self->contacts, ferry_contact_get_jid (contact));
  if (g_list_store_find (self->store, contact, &position))
    g_list_store_remove (self->store, position);
  ferry_contact_list_check_waiters (self, ferry_contact_get_jid (contact));
}

typedef struct
{
  FerryContactList *list;
  FerryContact *contact;
} DeviceWalk;

static void
add_device_cb (const FerryPresenceInfo *presence, gpointer user_data)
{
  DeviceWalk *walk = user_data;
  update_device (walk->list, walk->contact, presence);
}

static void
on_roster_changed (FerryRoster *roster, FerryJid *jid, FerryContactList *self)
{
  const FerryRosterItem *item = ferry_roster_lookup (roster, jid);
  FerryContact *contact = ferry_contact_list_find (self, jid);
  gboolean is_new = contact == NULL;

  if (item == NULL)
    return;
  if (is_new)
    contact = make_contact (self, jid);
  ferry_contact_set_name (contact, item->name);
  ferry_contact_set_subscription (contact, item->subscription);
  if (!is_new)
    return;

  DeviceWalk walk = { self, contact };
  ferry_presence_foreach_of (self->presence, jid, add_device_cb, &walk);
  g_list_store_append (self->store, contact);
}

static void
on_roster_removed (FerryRoster *roster, FerryJid *jid, FerryContactList *self)
{
  FerryContact *contact = ferry_contact_list_find (self, jid);
  if (contact != NULL && !(is_account (self, jid) && ferry_contact_is_online (contact)))
    drop_contact (self, contact);
}

static void
on_presence_changed (FerryPresence *presence, FerryJid *jid, FerryContactList *self)
{
  const FerryPresenceInfo *info = ferry_presence_lookup (presence, jid);
  FerryContact *contact = ferry_contact_list_find (self, jid);

  if (info == NULL)
    return;
  if (contact != NULL)
    {
      update_device (self, contact, info);
      return;
    }
  /* The own account is shown as long as it has other devices; strangers are not. */
  if (is_account (self, jid))
    {
      contact = make_contact (self, self->account);
      update_device (self, contact, info);
      g_list_store_append (self->store, contact);
    }
}

static void
on_presence_gone (FerryPresence *presence, FerryJid *jid, FerryContactList *self)
{
  FerryContact *contact = ferry_contact_list_find (self, jid);

  ferry_inquiries_drop (self->inquiries, jid);
  ferry_disco_forget (self->disco, jid);
  if (contact == NULL)
    return;
  ferry_contact_remove_device (contact, jid);
  if (is_account (self, jid) && !ferry_contact_is_online (contact) &&
      ferry_roster_lookup (self->roster, jid) == NULL)
    drop_contact (self, contact);
  else
    ferry_contact_list_check_waiters (self, jid);
}

static void
on_presence_cleared (FerryPresence *presence, FerryContactList *self)
{
  g_autoptr (FerryContactList) alive = g_object_ref (self);
  g_autoptr (GPtrArray) contacts = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer value;

  ferry_inquiries_drop_all (self->inquiries);
  g_hash_table_iter_init (&iter, self->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (contacts, g_object_ref (value));
  for (guint i = 0; i < contacts->len; i++)
    {
      FerryContact *contact = contacts->pdata[i];
      ferry_contact_remove_all_devices (contact);
      if (ferry_contact_is_self (contact) &&
          ferry_roster_lookup (self->roster, ferry_contact_get_jid (contact)) == NULL)
        drop_contact (self, contact);
    }
  ferry_contact_list_end_waiting (self);
}

/* --- Object ----------------------------------------------------------------------------------
 */

static void
add_item_cb (const FerryRosterItem *item, gpointer user_data)
{
  FerryContactList *self = user_data;
  on_roster_changed (self->roster, item->jid, self);
}

FerryContactList *
ferry_contact_list_new (FerryJid *account,
                        GListStore *store,
                        FerryRoster *roster,
                        FerryPresence *presence,
                        FerryDisco *disco)
{
  g_return_val_if_fail (account != NULL && G_IS_LIST_STORE (store), NULL);

  FerryContactList *self = g_object_new (FERRY_TYPE_CONTACT_LIST, NULL);
  self->account = ferry_jid_dup_bare (account);
  self->store = g_object_ref (store);
  self->roster = g_object_ref (roster);
  self->presence = g_object_ref (presence);
  self->disco = g_object_ref (disco);
  self->inquiries = ferry_inquiries_new (disco, inquiry_ended, self);
  g_signal_connect_object (roster, "changed", G_CALLBACK (on_roster_changed), self, 0);
  g_signal_connect_object (roster, "removed", G_CALLBACK (on_roster_removed), self, 0);
  g_signal_connect_object (presence, "changed", G_CALLBACK (on_presence_changed), self, 0);
  g_signal_connect_object (presence, "gone", G_CALLBACK (on_presence_gone), self, 0);
  g_signal_connect_object (presence, "cleared", G_CALLBACK (on_presence_cleared), self, 0);
  ferry_roster_foreach (roster, add_item_cb, self);
  return self;
}

static void
ferry_contact_list_dispose (GObject *object)
{
  FerryContactList *self = FERRY_CONTACT_LIST (object);
  GHashTableIter iter;
  gpointer contact;

  g_clear_pointer (&self->inquiries, ferry_inquiries_free);
  g_hash_table_iter_init (&iter, self->contacts);
  while (g_hash_table_iter_next (&iter, NULL, &contact))
    {
      guint position;
      if (g_list_store_find (self->store, contact, &position))
        g_list_store_remove (self->store, position);
      g_hash_table_iter_remove (&iter);
    }

  G_OBJECT_CLASS (ferry_contact_list_parent_class)->dispose (object);
}

/* A task of a waiter holds the list, so none waits here. */
static void
ferry_contact_list_finalize (GObject *object)
{
  FerryContactList *self = FERRY_CONTACT_LIST (object);

  g_clear_pointer (&self->account, ferry_jid_unref);
  g_clear_object (&self->store);
  g_clear_object (&self->roster);
  g_clear_object (&self->presence);
  g_clear_object (&self->disco);
  g_clear_pointer (&self->contacts, g_hash_table_unref);
  g_clear_pointer (&self->waiters, g_ptr_array_unref);

  G_OBJECT_CLASS (ferry_contact_list_parent_class)->finalize (object);
}

static void
ferry_contact_list_class_init (FerryContactListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_contact_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferry_contact_list_finalize;
}

static void
ferry_contact_list_init (FerryContactList *self)
{
  self->contacts = g_hash_table_new_full (ferry_jid_hash, ferry_jid_equal,
                                          (GDestroyNotify) ferry_jid_unref, g_object_unref);
  self->waiters = g_ptr_array_new ();
}
