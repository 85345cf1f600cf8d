/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Picking the device that a file goes to, which may have to wait for what devices say. */
#include "config.h"

#include "model/ferry-contact-list-private.h"

#include "base/ferry-error.h"

#define PATIENCE_MS 5000

/* Somebody who wants to send, while a device has not yet said what it can do. */
typedef struct
{
  FerryContactList *list; /* not owned: the task holds it */
  FerryJid *jid;
  GTask *task;
  guint timeout_id;
} Waiter;

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
return_device (FerryContactList *self, GTask *task, const FerryJid *jid)
{
  FerryContact *contact = ferry_contact_list_find (self, jid);
  FerryDevice *device = contact != NULL ? ferry_contact_get_best_device (contact) : NULL;

  if (device != NULL)
    g_task_return_pointer (task, g_object_ref (device), g_object_unref);
  else if (contact != NULL && ferry_contact_is_unable (contact))
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED,
                             "no program of %s can receive files", ferry_jid_get_bare (jid));
  else
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_GONE,
                             "no program of %s is there that says it can receive files",
                             ferry_jid_get_bare (jid));
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

/* A callback may do anything to the list of waiters, so it is walked anew after each. */
void
ferry_contact_list_check_waiters (FerryContactList *self, const FerryJid *jid)
{
  g_autoptr (FerryContactList) alive = g_object_ref (self);
  FerryContact *contact = ferry_contact_list_find (self, jid);

  if (contact != NULL && ferry_contact_is_undecided (contact))
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
ferry_contact_list_end_waiting (FerryContactList *self)
{
  while (self->waiters->len > 0)
    end_waiting (self, 0);
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
  if (contact == NULL || !ferry_contact_is_undecided (contact))
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
