/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-key-guard"

#include "config.h"

#include "client/ferry-key-guard.h"

#include "base/ferry-error.h"
#include "store/ferry-contact-rules.h"

/* Who waits for the answer to a question: a transfer that holds an offer open waits with a
 * task; one whose attempt ended waits as a PAUSED transfer, which it may not be yet. */
typedef struct
{
  FerryKeyGuard *guard;
  FerryKeyQuestion *question; /* NULL: it was answered */
  gboolean accepted;
  FerryTransfer *transfer;
  gulong state_id;
  GTask *task; /* nullable */
  gulong cancelled_id;
} Waiter;

struct _FerryKeyGuard
{
  GObject parent_instance;

  FerryStore *store;
  GListStore *questions;
  GPtrArray *waiters; /* of Waiter */
};

static void iface_init (FerryTransferGuardInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryKeyGuard,
                               ferry_key_guard,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_TRANSFER_GUARD, iface_init))

static guint answered_signal;

/* --- Questions and who waits for them --------------------------------------------------------
 */

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;

  g_clear_signal_handler (&waiter->state_id, waiter->transfer);
  if (waiter->task != NULL)
    g_clear_signal_handler (&waiter->cancelled_id, g_task_get_cancellable (waiter->task));
  g_clear_object (&waiter->task);
  g_clear_object (&waiter->transfer);
  g_clear_object (&waiter->question);
  g_free (waiter);
}

static FerryKeyQuestion *
find_question (FerryKeyGuard *self, const FerryJid *account, const FerryJid *device)
{
  GListModel *questions = G_LIST_MODEL (self->questions);

  for (guint i = 0; i < g_list_model_get_n_items (questions); i++)
    {
      g_autoptr (FerryKeyQuestion) question = g_list_model_get_item (questions, i);
      if (ferry_jid_equal_bare (ferry_key_question_get_account (question), account) &&
          ferry_jid_equal (ferry_key_question_get_device (question), device))
        return question; /* the list holds it */
    }
  return NULL;
}

static void
close_question (FerryKeyGuard *self, FerryKeyQuestion *question)
{
  g_autoptr (FerryKeyQuestion) held = g_object_ref (question);
  guint position;

  if (g_list_store_find (self->questions, question, &position))
    g_list_store_remove (self->questions, position);
  ferry_key_question_close (held);
}

/* A question that nobody waits for any more is none. */
static void
drop_waiter (FerryKeyGuard *self, Waiter *waiter)
{
  g_autoptr (FerryKeyQuestion) question = g_steal_pointer (&waiter->question);

  g_ptr_array_remove (self->waiters, waiter);
  for (guint i = 0; i < self->waiters->len; i++)
    if (((Waiter *) self->waiters->pdata[i])->question == question)
      return;
  if (question != NULL)
    close_question (self, question);
}

static void
on_cancelled (GCancellable *cancellable, Waiter *waiter)
{
  g_autoptr (FerryKeyGuard) self = g_object_ref (waiter->guard);
  g_autoptr (GTask) task = g_steal_pointer (&waiter->task);

  /* A handler of the cancellable must not disconnect itself with its lock held. */
  waiter->cancelled_id = 0;
  g_task_return_error_if_cancelled (task);
  drop_waiter (self, waiter);
}

static gboolean
is_paused (FerryTransfer *transfer)
{
  return ferry_transfer_get_pause (transfer) == FERRY_TRANSFER_PAUSE_KEY;
}

static void
tell_transfer (FerryKeyGuard *self, Waiter *waiter)
{
  g_autoptr (FerryTransfer) transfer = g_object_ref (waiter->transfer);
  gboolean accepted = waiter->accepted;

  g_ptr_array_remove (self->waiters, waiter);
  g_signal_emit (self, answered_signal, 0, transfer, accepted);
}

static gboolean
tell_later_cb (gpointer user_data)
{
  FerryKeyGuard *self = user_data;

  for (guint i = 0; i < self->waiters->len;)
    {
      Waiter *waiter = self->waiters->pdata[i];
      if (waiter->question == NULL && is_paused (waiter->transfer))
        {
          tell_transfer (self, waiter);
          i = 0;
        }
      else
        i++;
    }
  return G_SOURCE_REMOVE;
}

/* Others still hear of the new state: what follows from an answer comes after that. */
static void
on_state (FerryTransfer *transfer, GParamSpec *pspec, Waiter *waiter)
{
  g_autoptr (FerryKeyGuard) self = g_object_ref (waiter->guard);
  FerryTransferState state = ferry_transfer_get_state (transfer);

  if (is_paused (transfer) && waiter->question == NULL)
    g_idle_add_full (G_PRIORITY_DEFAULT, tell_later_cb, g_object_ref (self), g_object_unref);
  else if (!is_paused (transfer) &&
           (ferry_transfer_state_is_final (state) || state == FERRY_TRANSFER_QUEUED))
    drop_waiter (self, waiter);
}

static Waiter *
add_waiter (FerryKeyGuard *self, FerryKeyQuestion *question, FerryTransfer *transfer)
{
  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter *known = self->waiters->pdata[i];
      if (known->transfer == transfer)
        return known;
    }
  Waiter *waiter = g_new0 (Waiter, 1);
  waiter->guard = self;
  waiter->question = g_object_ref (question);
  waiter->transfer = g_object_ref (transfer);
  waiter->state_id =
      g_signal_connect (transfer, "notify::state", G_CALLBACK (on_state), waiter);
  g_ptr_array_add (self->waiters, waiter);
  return waiter;
}

/* --- What a runner asks ----------------------------------------------------------------------
 */

static gboolean
check_rule (FerryKeyGuard *self, FerryTransfer *transfer, FerryJid *device, GError **error)
{
  if (ferry_contact_rules_get_encryption (self->store, ferry_transfer_get_account (transfer),
                                          device) != FERRY_ENCRYPTION_ALWAYS)
    return TRUE;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_UNENCRYPTED, "%s does not encrypt",
               ferry_jid_get_text (device));
  return FALSE;
}

static void
open_question (FerryKeyGuard *self,
               FerryTransfer *transfer,
               FerryDeviceKey *known,
               const char *other)
{
  FerryKeyQuestion *question = find_question (self, known->account, known->device);
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryKeyQuestion) added = NULL;

  /* Kept, so that there is an answer to give also when nobody is here to be asked. */
  if (g_strcmp0 (known->other, other) != 0)
    {
      g_free (known->other);
      known->other = g_strdup (other);
      known->other_us = g_get_real_time ();
      if (!ferry_key_store_put (self->store, known, &error))
        g_info ("a key is not kept: %s", error->message);
    }
  if (question != NULL && g_str_equal (ferry_key_question_get_other (question), other))
    {
      add_waiter (self, question, transfer);
      return;
    }
  added = ferry_key_question_new (
      known->account, known->device, ferry_transfer_get_peer_name (transfer),
      ferry_transfer_get_name (transfer), known->fingerprint, other, known->is_verified);
  add_waiter (self, added, transfer);
  g_list_store_append (self->questions, added);
}

static gboolean
check (FerryTransferGuard *guard,
       FerryTransfer *transfer,
       FerrySession *session,
       GError **error)
{
  FerryKeyGuard *self = FERRY_KEY_GUARD (guard);
  FerryJid *device = ferry_session_get_peer (session);
  g_autoptr (GError) local_error = NULL;
  FerryHash key;

  if (!ferry_session_get_peer_key (session, &key))
    return check_rule (self, transfer, device, error);
  g_autofree char *shown = ferry_hash_to_hex (&key);
  g_autoptr (FerryDeviceKey) known = ferry_key_store_lookup (
      self->store, ferry_transfer_get_account (transfer), device, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (known == NULL || g_str_equal (known->fingerprint, shown))
    return TRUE;
  open_question (self, transfer, known, shown);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_OTHER_KEY, "%s shows the key %s, not %s",
               ferry_jid_get_text (device), shown, known->fingerprint);
  return FALSE;
}

static void
wait_async (FerryTransferGuard *guard,
            FerryTransfer *transfer,
            FerrySession *session,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  FerryKeyGuard *self = FERRY_KEY_GUARD (guard);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, wait_async);
  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter *waiter = self->waiters->pdata[i];
      if (waiter->transfer != transfer || waiter->question == NULL)
        continue;
      waiter->task = g_steal_pointer (&task);
      waiter->cancelled_id =
          g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_cancelled), waiter);
      return;
    }
  /* It was answered in the moment in which it was asked. */
  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter *waiter = self->waiters->pdata[i];
      gboolean accepted = waiter->accepted;
      if (waiter->transfer != transfer)
        continue;
      g_ptr_array_remove (self->waiters, waiter);
      if (accepted)
        g_task_return_boolean (task, TRUE);
      else
        g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_OTHER_KEY,
                                 "The user does not want the key");
      return;
    }
  g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_OTHER_KEY, "There is no question");
}

static gboolean
wait_finish (FerryTransferGuard *guard, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Is it the key of another device of this contact, and did people compare it there? */
static gboolean
is_verified_elsewhere (FerryKeyGuard *self, const FerryDeviceKey *key)
{
  g_autoptr (GPtrArray) keys = ferry_key_store_list (self->store, NULL);

  for (guint i = 0; keys != NULL && i < keys->len; i++)
    {
      const FerryDeviceKey *other = keys->pdata[i];
      if (other->is_verified && g_str_equal (other->fingerprint, key->fingerprint) &&
          ferry_jid_equal_bare (other->device, key->device))
        return TRUE;
    }
  return FALSE;
}

static void
meet (FerryTransferGuard *guard, FerryTransfer *transfer, FerrySession *session)
{
  FerryKeyGuard *self = FERRY_KEY_GUARD (guard);
  FerryJid *account = ferry_transfer_get_account (transfer);
  FerryJid *device = ferry_session_get_peer (session);
  g_autoptr (GError) error = NULL;
  FerryHash key;

  if (!ferry_session_get_peer_key (session, &key))
    return;
  g_autofree char *shown = ferry_hash_to_hex (&key);
  g_autoptr (FerryDeviceKey) known =
      ferry_key_store_lookup (self->store, account, device, NULL);
  if (known == NULL)
    {
      known = ferry_device_key_new (account, device, shown, g_get_real_time ());
      known->is_verified = is_verified_elsewhere (self, known);
      if (!ferry_key_store_put (self->store, known, &error))
        g_info ("a key is not kept: %s", error->message);
    }
  ferry_transfer_set_key_verified (transfer, known->is_verified &&
                                                 g_str_equal (known->fingerprint, shown));
}

static void
iface_init (FerryTransferGuardInterface *iface)
{
  iface->check = check;
  iface->wait_async = wait_async;
  iface->wait_finish = wait_finish;
  iface->meet = meet;
}

/* --- What the user says ----------------------------------------------------------------------
 */

static gboolean
take_answer (FerryKeyGuard *self,
             FerryJid *account,
             FerryJid *device,
             FerryKeyAnswer answer,
             GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (FerryDeviceKey) key =
      ferry_key_store_lookup (self->store, account, device, &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (key == NULL || key->other == NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "%s has shown no other key",
                   ferry_jid_get_text (device));
      return FALSE;
    }
  /* What was declined when it was asked can still be accepted; here it is put away. */
  if (answer == FERRY_KEY_DECLINE && find_question (self, account, device) == NULL)
    g_clear_pointer (&key->other, g_free);
  if (answer != FERRY_KEY_DECLINE)
    {
      g_free (key->fingerprint);
      key->fingerprint = g_steal_pointer (&key->other);
      key->seen_us = key->other_us;
      key->is_verified = answer == FERRY_KEY_VERIFY;
      key->other_us = 0;
    }
  return ferry_key_store_put (self->store, key, error);
}

static void
answer_waiter (FerryKeyGuard *self, Waiter *waiter)
{
  g_autoptr (GTask) task = NULL;
  gboolean accepted = waiter->accepted;

  if (waiter->task == NULL)
    {
      /* If it is not PAUSED yet, on_state() follows. */
      if (is_paused (waiter->transfer))
        tell_transfer (self, waiter);
      return;
    }
  g_clear_signal_handler (&waiter->cancelled_id, g_task_get_cancellable (waiter->task));
  task = g_steal_pointer (&waiter->task);
  g_ptr_array_remove (self->waiters, waiter);
  if (accepted)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_OTHER_KEY,
                             "The user does not want the key");
}

gboolean
ferry_key_guard_answer (FerryKeyGuard *self,
                        FerryJid *account,
                        FerryJid *device,
                        FerryKeyAnswer answer,
                        GError **error)
{
  g_return_val_if_fail (FERRY_IS_KEY_GUARD (self), FALSE);
  g_return_val_if_fail (account != NULL && device != NULL, FALSE);

  if (!take_answer (self, account, device, answer, error))
    return FALSE;
  g_autoptr (FerryKeyGuard) alive = g_object_ref (self);
  FerryKeyQuestion *question = find_question (self, account, device);
  if (question == NULL)
    return TRUE;

  g_autoptr (GPtrArray) answered = g_ptr_array_new ();
  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter *waiter = self->waiters->pdata[i];
      if (waiter->question != question)
        continue;
      waiter->accepted = answer != FERRY_KEY_DECLINE;
      g_ptr_array_add (answered, waiter);
    }
  for (guint i = 0; i < answered->len; i++)
    g_clear_object (&((Waiter *) answered->pdata[i])->question);
  close_question (self, question);
  for (guint i = 0; i < answered->len; i++)
    if (g_ptr_array_find (self->waiters, answered->pdata[i], NULL))
      answer_waiter (self, answered->pdata[i]);
  return TRUE;
}

GListModel *
ferry_key_guard_get_questions (FerryKeyGuard *self)
{
  g_return_val_if_fail (FERRY_IS_KEY_GUARD (self), NULL);

  return G_LIST_MODEL (self->questions);
}

static void
ferry_key_guard_dispose (GObject *object)
{
  FerryKeyGuard *self = FERRY_KEY_GUARD (object);

  g_ptr_array_set_size (self->waiters, 0);
  g_list_store_remove_all (self->questions);
  G_OBJECT_CLASS (ferry_key_guard_parent_class)->dispose (object);
}

static void
ferry_key_guard_finalize (GObject *object)
{
  FerryKeyGuard *self = FERRY_KEY_GUARD (object);

  g_ptr_array_unref (self->waiters);
  g_object_unref (self->questions);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (ferry_key_guard_parent_class)->finalize (object);
}

static void
ferry_key_guard_class_init (FerryKeyGuardClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_key_guard_dispose;
  object_class->finalize = ferry_key_guard_finalize;
  answered_signal =
      g_signal_new ("answered", FERRY_TYPE_KEY_GUARD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, FERRY_TYPE_TRANSFER, G_TYPE_BOOLEAN);
}

static void
ferry_key_guard_init (FerryKeyGuard *self)
{
  self->questions = g_list_store_new (FERRY_TYPE_KEY_QUESTION);
  self->waiters = g_ptr_array_new_with_free_func (waiter_free);
}

FerryKeyGuard *
ferry_key_guard_new (FerryStore *store)
{
  g_return_val_if_fail (FERRY_IS_STORE (store), NULL);

  FerryKeyGuard *self = g_object_new (FERRY_TYPE_KEY_GUARD, NULL);
  self->store = g_object_ref (store);
  return self;
}
