/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-contact-list"
#include "config.h"

#include "model/ferry-contact-list.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#define PATIENCE_MS 5000

/* Somebody who wants to send, while a device has not yet said what it can do. */
typedef struct
{
  FerryContactList *list; /* not owned: the task holds it */
  FerryJid *jid;
  GTask *task;
  guint timeout_id;
} Waiter;

/* A question about one device, as it was when it was put. */
typedef struct
{
  GWeakRef list;
  FerryJid *jid;
  FerryCaps *caps; /* nullable */
} Question;

struct _FerryContactList
{
  GObject parent_instance;

  FerryJid *account;
  GListStore *store;
  FerryRoster *roster;
  FerryPresence *presence;
  FerryDisco *disco;
  GHashTable *contacts; /* bare FerryJid → FerryContact */
  GPtrArray *waiters;   /* of Waiter */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (FerryContactList, ferry_contact_list, G_TYPE_OBJECT)

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;
  g_clear_handle_id (&waiter->timeout_id, g_source_remove);
  ferry_jid_unref (waiter->jid);
  g_object_unref (waiter->task);
  g_free (waiter);
}

static void
question_free (Question *question)
{
  g_weak_ref_clear (&question->list);
  ferry_jid_unref (question->jid);
  ferry_caps_free (question->caps);
  g_free (question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

/* --- What a device can do --------------------------------------------------------------------
 */

static gboolean
both_have (const FerryDiscoInfo *a, const FerryDiscoInfo *b, const char *feature)
{
  return ferry_disco_info_has_feature (a, feature) && ferry_disco_info_has_feature (b, feature);
}

FerryCapability
ferry_contact_list_judge (const FerryDiscoInfo *theirs, const FerryDiscoInfo *ours)
{
  g_return_val_if_fail (theirs != NULL && ours != NULL, FERRY_CAPABILITY_NONE);

  if (both_have (theirs, ours, FERRY_NS_JINGLE) &&
      (both_have (theirs, ours, FERRY_NS_JINGLE_FILE) ||
       both_have (theirs, ours, FERRY_NS_JINGLE_FILE_4)) &&
      (both_have (theirs, ours, FERRY_NS_JINGLE_S5B) ||
       both_have (theirs, ours, FERRY_NS_JINGLE_IBB)))
    return FERRY_CAPABILITY_JINGLE;

  /* gabble looks for the profile only, so some programs announce no more than that. */
  if (both_have (theirs, ours, FERRY_NS_SI_FILE))
    return FERRY_CAPABILITY_SI;
  return FERRY_CAPABILITY_NONE;
}

/* --- Waiting ---------------------------------------------------------------------------------
 */

static gboolean
is_undecided (FerryContact *contact)
{
  GListModel *devices = ferry_contact_get_devices (contact);
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++)
    {
      g_autoptr (FerryDevice) device = g_list_model_get_item (devices, i);
      if (ferry_device_get_capability (device) == FERRY_CAPABILITY_UNKNOWN)
        return TRUE;
    }
  return FALSE;
}

static void
return_device (FerryContactList *self, GTask *task, const FerryJid *jid)
{
  FerryContact *contact = ferry_contact_list_find (self, jid);
  FerryDevice *device = contact != NULL ? ferry_contact_get_best_device (contact) : NULL;

  if (device != NULL)
    g_task_return_pointer (task, g_object_ref (device), g_object_unref);
  else if (contact == NULL || !ferry_contact_is_online (contact))
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_GONE, "%s is not online",
                             ferry_jid_get_bare (jid));
  else
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED,
                             "no program of %s can receive files", ferry_jid_get_bare (jid));
}

static void
end_waiting (FerryContactList *self, guint index)
{
  Waiter *waiter = g_ptr_array_steal_index (self->waiters, index);
  return_device (self, waiter->task, waiter->jid);
  waiter_free (waiter);
}

static gboolean
patience_ended_cb (gpointer user_data)
{
  Waiter *waiter = user_data;
  g_autoptr (FerryContactList) self = g_object_ref (waiter->list);
  guint index;

  waiter->timeout_id = 0;
  if (g_ptr_array_find (self->waiters, waiter, &index))
    end_waiting (self, index);
  return G_SOURCE_REMOVE;
}

/* Something about @jid has changed. A callback may do anything to the list of waiters, so it is
 * walked anew after each. */
static void
check_waiters (FerryContactList *self, const FerryJid *jid)
{
  g_autoptr (FerryContactList) alive = g_object_ref (self);
  FerryContact *contact = ferry_contact_list_find (self, jid);

  if (contact != NULL && is_undecided (contact))
    return;
  for (guint i = 0; i < self->waiters->len;)
    if (ferry_jid_equal_bare (((Waiter *) self->waiters->pdata[i])->jid, jid))
      {
        end_waiting (self, i);
        i = 0;
      }
    else
      i++;
}

void
ferry_contact_list_pick_device_async (FerryContactList *self,
                                      const FerryJid *jid,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_return_if_fail (FERRY_IS_CONTACT_LIST (self) && jid != NULL);

  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_contact_list_pick_device_async);

  FerryContact *contact = ferry_contact_list_find (self, jid);
  if (contact == NULL || !is_undecided (contact))
    {
      return_device (self, task, jid);
      return;
    }

  Waiter *waiter = g_new0 (Waiter, 1);
  waiter->list = self;
  waiter->jid = ferry_jid_dup_bare (jid);
  waiter->task = g_steal_pointer (&task);
  waiter->timeout_id = g_timeout_add (PATIENCE_MS, patience_ended_cb, waiter);
  g_ptr_array_add (self->waiters, waiter);
}

FerryDevice *
ferry_contact_list_pick_device_finish (FerryContactList *self,
                                       GAsyncResult *result,
                                       GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
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
  ferry_device_set_capability (
      device, info != NULL ? ferry_contact_list_judge (info, ferry_disco_get_own (self->disco))
                           : FERRY_CAPABILITY_NONE);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (FerryContactList) self = g_weak_ref_get (&question->list);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryDiscoInfo) info =
      ferry_disco_query_finish (FERRY_DISCO (source), result, &error);

  if (self == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  /* It may have gone, or become another program, meanwhile. */
  const FerryPresenceInfo *presence = ferry_presence_lookup (self->presence, question->jid);
  FerryContact *contact = ferry_contact_list_find (self, question->jid);
  FerryDevice *device =
      contact != NULL ? ferry_contact_find_device (contact, question->jid) : NULL;
  if (device == NULL || presence == NULL || !ferry_caps_equal (presence->caps, question->caps))
    return;

  if (error != NULL)
    g_debug ("%s does not say what it can do: %s", ferry_jid_get_text (question->jid),
             error->message);
  judge_device (self, device, info);
  ferry_contact_update (contact);
  check_waiters (self, question->jid);
}

static void
ask_device (FerryContactList *self, const FerryPresenceInfo *presence)
{
  Question *question = g_new0 (Question, 1);
  g_weak_ref_init (&question->list, self);
  question->jid = ferry_jid_ref (presence->jid);
  question->caps = ferry_caps_copy (presence->caps);
  ferry_disco_query_async (self->disco, presence->jid, presence->caps, self->cancellable,
                           answered_cb, question);
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
    judge_device (self, device, info);
  else
    {
      ferry_device_set_capability (device, FERRY_CAPABILITY_UNKNOWN);
      ask_device (self, presence);
    }

  if (known == NULL)
    ferry_contact_add_device (contact, device);
  else
    ferry_contact_update (contact);
  check_waiters (self, presence->jid);
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
  check_waiters (self, ferry_contact_get_jid (contact));
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

  ferry_disco_forget (self->disco, jid);
  if (contact == NULL)
    return;
  ferry_contact_remove_device (contact, jid);
  if (is_account (self, jid) && !ferry_contact_is_online (contact) &&
      ferry_roster_lookup (self->roster, jid) == NULL)
    drop_contact (self, contact);
  else
    check_waiters (self, jid);
}

static void
on_presence_cleared (FerryPresence *presence, FerryContactList *self)
{
  g_autoptr (FerryContactList) alive = g_object_ref (self);
  g_autoptr (GPtrArray) contacts = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer value;

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
  while (self->waiters->len > 0)
    end_waiting (self, 0);
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

  g_cancellable_cancel (self->cancellable);
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
  g_clear_object (&self->cancellable);

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
  self->cancellable = g_cancellable_new ();
}
