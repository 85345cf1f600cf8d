/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-key-guard"

#include "config.h"

#include "client/ferry-key-guard.h"

#include "base/ferry-error.h"
#include "client/ferry-key-questions.h"
#include "store/ferry-contact-rules.h"

struct _FerryKeyGuard
{
  GObject parent_instance;

  FerryStore *store;
  FerryKeyQuestions *questions;
  GHashTable *clear_once; /* ids of transfers that the user lets go in clear */
};

static void iface_init (FerryTransferGuardInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryKeyGuard,
                               ferry_key_guard,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_TRANSFER_GUARD, iface_init))

static guint answered_signal;

/* --- What is kept of a device ----------------------------------------------------------------
 */

static void
keep (FerryKeyGuard *self, const FerryDeviceKey *key)
{
  g_autoptr (GError) error = NULL;

  if (!ferry_key_store_put (self->store, key, &error))
    g_info ("a key is not kept: %s", error->message);
}

/* Has a device of this contact shown a key? @verified: (nullable): one that people compared */
static gboolean
has_key (FerryKeyGuard *self,
         const FerryJid *account,
         const FerryJid *contact,
         const char *verified)
{
  g_autoptr (GPtrArray) keys = ferry_key_store_list (self->store, NULL);

  for (guint i = 0; keys != NULL && i < keys->len; i++)
    {
      const FerryDeviceKey *key = keys->pdata[i];
      gboolean is_meant =
          verified == NULL
              ? *key->fingerprint != '\0' && ferry_jid_equal_bare (key->account, account)
              : key->is_verified && g_str_equal (key->fingerprint, verified);
      if (is_meant && ferry_jid_equal_bare (key->device, contact))
        return TRUE;
    }
  return FALSE;
}

/* @other: (nullable): fingerprint of the key that it shows; %NULL: it shows none */
static void
ask (FerryKeyGuard *self,
     FerryTransfer *transfer,
     const FerryDeviceKey *known,
     const char *other)
{
  g_autoptr (FerryKeyQuestion) question = ferry_key_question_new (
      known->account, known->device, ferry_transfer_get_peer_name (transfer),
      ferry_transfer_get_name (transfer), known->fingerprint, other, known->is_verified);

  ferry_key_questions_ask (self->questions, question, transfer);
}

/* --- Before a byte moves ---------------------------------------------------------------------
 */

/* Returns: (transfer full) (nullable): the device, if it should encrypt */
static FerryDeviceKey *
find_downgrade (FerryKeyGuard *self,
                FerryTransfer *transfer,
                FerryJid *device,
                gboolean is_ferry,
                GError **error)
{
  FerryJid *account = ferry_transfer_get_account (transfer);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (FerryDeviceKey) known =
      ferry_key_store_lookup (self->store, account, device, &local_error);

  if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  else if (known == NULL && is_ferry && has_key (self, account, device, NULL))
    known = ferry_device_key_new (account, device, "", 0);
  return g_steal_pointer (&known);
}

gboolean
ferry_key_guard_check_clear (FerryKeyGuard *self,
                             FerryTransfer *transfer,
                             FerryJid *device,
                             gboolean is_ferry,
                             GError **error)
{
  g_return_val_if_fail (FERRY_IS_KEY_GUARD (self), FALSE);
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer) && device != NULL, FALSE);

  FerryEncryption rule = ferry_contact_rules_get_encryption (
      self->store, ferry_transfer_get_account (transfer), device);
  g_autoptr (GError) local_error = NULL;

  if (rule == FERRY_ENCRYPTION_ALWAYS)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_UNENCRYPTED, "%s does not encrypt",
                   ferry_jid_get_text (device));
      return FALSE;
    }
  if (rule == FERRY_ENCRYPTION_NEVER ||
      g_hash_table_contains (self->clear_once, ferry_transfer_get_id (transfer)))
    return TRUE;
  g_autoptr (FerryDeviceKey) known =
      find_downgrade (self, transfer, device, is_ferry, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (known == NULL || known->clear == FERRY_KEY_CLEAR_ALLOWED)
    return TRUE;
  /* Kept, so that there is an answer to give also when nobody is here to be asked. */
  if (known->clear != FERRY_KEY_CLEAR_ASKED)
    {
      known->clear = FERRY_KEY_CLEAR_ASKED;
      keep (self, known);
    }
  ask (self, transfer, known, NULL);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_NO_KEY, "%s encrypted before, and does not now",
               ferry_jid_get_text (device));
  return FALSE;
}

static gboolean
check_key (FerryKeyGuard *self,
           FerryTransfer *transfer,
           FerryJid *device,
           const FerryHash *key,
           GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *shown = ferry_hash_to_hex (key);
  g_autoptr (FerryDeviceKey) known = ferry_key_store_lookup (
      self->store, ferry_transfer_get_account (transfer), device, &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (known == NULL || *known->fingerprint == '\0' || g_str_equal (known->fingerprint, shown))
    return TRUE;
  /* As above. */
  if (g_strcmp0 (known->other, shown) != 0)
    {
      g_free (known->other);
      known->other = g_strdup (shown);
      known->other_us = g_get_real_time ();
      keep (self, known);
    }
  ask (self, transfer, known, shown);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_OTHER_KEY, "%s shows the key %s, not %s",
               ferry_jid_get_text (device), shown, known->fingerprint);
  return FALSE;
}

static gboolean
check (FerryTransferGuard *guard,
       FerryTransfer *transfer,
       FerrySession *session,
       GError **error)
{
  FerryKeyGuard *self = FERRY_KEY_GUARD (guard);
  FerryJid *device = ferry_session_get_peer (session);
  /* Only a Ferry names its transfer; of one that we send to the starter knows. */
  gboolean is_ferry = ferry_session_get_direction (session) == FERRY_DIRECTION_RECEIVE &&
                      ferry_session_get_file (session)->transfer_id != NULL;
  FerryHash key;

  return ferry_session_get_peer_key (session, &key)
             ? check_key (self, transfer, device, &key, error)
             : ferry_key_guard_check_clear (self, transfer, device, is_ferry, error);
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

  ferry_key_questions_wait_async (self->questions, transfer, cancellable, callback, user_data);
}

static gboolean
wait_finish (FerryTransferGuard *guard, GAsyncResult *result, GError **error)
{
  return ferry_key_questions_wait_finish (FERRY_KEY_GUARD (guard)->questions, result, error);
}

/* --- When the device has proven that it has its key ------------------------------------------
 */

static void
meet (FerryTransferGuard *guard, FerryTransfer *transfer, FerrySession *session)
{
  FerryKeyGuard *self = FERRY_KEY_GUARD (guard);
  FerryJid *account = ferry_transfer_get_account (transfer);
  FerryJid *device = ferry_session_get_peer (session);
  FerryHash key;

  if (!ferry_session_get_peer_key (session, &key))
    return;
  g_autofree char *shown = ferry_hash_to_hex (&key);
  g_autoptr (FerryDeviceKey) known =
      ferry_key_store_lookup (self->store, account, device, NULL);
  if (known == NULL || *known->fingerprint == '\0')
    {
      g_clear_pointer (&known, ferry_device_key_free);
      known = ferry_device_key_new (account, device, shown, g_get_real_time ());
      known->is_verified = has_key (self, account, device, shown);
      keep (self, known);
    }
  else if (known->clear != FERRY_KEY_CLEAR_NOT)
    {
      known->clear = FERRY_KEY_CLEAR_NOT;
      keep (self, known);
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

/* Returns: whether there was something to answer */
static gboolean
change_key (FerryDeviceKey *key, const char *other, FerryKeyAnswer answer)
{
  if (other == NULL || answer == FERRY_KEY_ONCE)
    return FALSE;
  if (answer == FERRY_KEY_DECLINE)
    return TRUE;
  g_autofree char *accepted = g_strdup (other);
  g_free (key->fingerprint);
  key->fingerprint = g_steal_pointer (&accepted);
  key->seen_us = key->other_us;
  key->is_verified = answer == FERRY_KEY_VERIFY;
  if (g_strcmp0 (key->other, key->fingerprint) == 0)
    g_clear_pointer (&key->other, g_free);
  key->clear = FERRY_KEY_CLEAR_NOT;
  return TRUE;
}

static gboolean
change_clear (FerryDeviceKey *key, FerryKeyAnswer answer)
{
  if (answer == FERRY_KEY_VERIFY)
    return FALSE;
  if (answer == FERRY_KEY_ACCEPT)
    key->clear = FERRY_KEY_CLEAR_ALLOWED;
  return TRUE;
}

/* What was declined when it was asked can still be accepted, or be put away. */
static gboolean
change_unasked (FerryDeviceKey *key, FerryKeyAnswer answer)
{
  gboolean had = key->other != NULL || key->clear != FERRY_KEY_CLEAR_NOT;

  if (answer == FERRY_KEY_DECLINE)
    {
      g_clear_pointer (&key->other, g_free);
      key->clear = FERRY_KEY_CLEAR_NOT;
      return had;
    }
  if (key->other != NULL)
    return change_key (key, key->other, answer);
  return key->clear == FERRY_KEY_CLEAR_ASKED && answer == FERRY_KEY_ACCEPT &&
         change_clear (key, answer);
}

/* @question: (nullable) */
static gboolean
take_answer (FerryKeyGuard *self,
             FerryDeviceKey *key,
             FerryKeyQuestion *question,
             FerryKeyAnswer answer,
             GError **error)
{
  /* About what was shown to the user: the device may show yet another key since. */
  const char *other = question != NULL ? ferry_key_question_get_other (question) : NULL;
  gboolean has_changed = question == NULL ? change_unasked (key, answer)
                         : other != NULL  ? change_key (key, other, answer)
                                          : change_clear (key, answer);

  if (has_changed)
    return ferry_key_store_put (self->store, key, error);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "Nothing is asked about %s",
               ferry_jid_get_text (key->device));
  return FALSE;
}

static void
allow_once (FerryKeyGuard *self, FerryKeyQuestion *question)
{
  g_autoptr (GPtrArray) waiting = ferry_key_questions_list_waiting (self->questions, question);

  for (guint i = 0; i < waiting->len; i++)
    g_hash_table_add (self->clear_once, g_strdup (ferry_transfer_get_id (waiting->pdata[i])));
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

  FerryKeyQuestion *question = ferry_key_questions_find (self->questions, account, device);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (FerryDeviceKey) key =
      ferry_key_store_lookup (self->store, account, device, &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (key == NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "Nothing is known of %s",
                   ferry_jid_get_text (device));
      return FALSE;
    }
  if (!take_answer (self, key, question, answer, error))
    return FALSE;
  if (question == NULL)
    return TRUE;
  if (answer == FERRY_KEY_ONCE)
    allow_once (self, question);
  ferry_key_questions_answer (self->questions, question, answer != FERRY_KEY_DECLINE);
  return TRUE;
}

GListModel *
ferry_key_guard_get_questions (FerryKeyGuard *self)
{
  g_return_val_if_fail (FERRY_IS_KEY_GUARD (self), NULL);

  return ferry_key_questions_get_list (self->questions);
}

/* --- Life ------------------------------------------------------------------------------------
 */

static void
on_answered (FerryKeyGuard *self, FerryTransfer *transfer, GError *refusal)
{
  g_signal_emit (self, answered_signal, 0, transfer, refusal);
}

static void
ferry_key_guard_dispose (GObject *object)
{
  FerryKeyGuard *self = FERRY_KEY_GUARD (object);

  g_object_run_dispose (G_OBJECT (self->questions));
  G_OBJECT_CLASS (ferry_key_guard_parent_class)->dispose (object);
}

static void
ferry_key_guard_finalize (GObject *object)
{
  FerryKeyGuard *self = FERRY_KEY_GUARD (object);

  g_object_unref (self->questions);
  g_hash_table_unref (self->clear_once);
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
                    G_TYPE_NONE, 2, FERRY_TYPE_TRANSFER, G_TYPE_ERROR);
}

static void
ferry_key_guard_init (FerryKeyGuard *self)
{
  self->questions = ferry_key_questions_new ();
  g_signal_connect_object (self->questions, "answered", G_CALLBACK (on_answered), self,
                           G_CONNECT_SWAPPED);
  self->clear_once = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

FerryKeyGuard *
ferry_key_guard_new (FerryStore *store)
{
  g_return_val_if_fail (FERRY_IS_STORE (store), NULL);

  FerryKeyGuard *self = g_object_new (FERRY_TYPE_KEY_GUARD, NULL);
  self->store = g_object_ref (store);
  return self;
}
