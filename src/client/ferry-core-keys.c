/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By which keys devices are known, and what the user says of them. */
#define G_LOG_DOMAIN "ferry-core"

#include "config.h"

#include "client/ferry-core-private.h"

#include "base/ferry-error.h"

static void
on_answered (FerryKeyGuard *guard, FerryTransfer *transfer, GError *refusal, FerryCore *self)
{
  if (refusal == NULL)
    ferry_transfer_queue_resume (self->queue, transfer);
  else
    ferry_transfer_queue_refuse (self->queue, transfer, refusal);
}

void
ferry_core_init_keys (FerryCore *self)
{
  self->guard = ferry_key_guard_new (ferry_profile_get_store (self->profile));
  g_signal_connect_object (self->guard, "answered", G_CALLBACK (on_answered), self, 0);
  ferry_transfer_queue_set_guard (self->queue, FERRY_TRANSFER_GUARD (self->guard));
}

GListModel *
ferry_core_get_key_questions (FerryCore *self)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);

  return ferry_key_guard_get_questions (self->guard);
}

gboolean
ferry_core_answer_key (
    FerryCore *self, FerryJid *account, FerryJid *device, FerryKeyAnswer answer, GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);

  return ferry_key_guard_answer (self->guard, account, device, answer, error);
}

GPtrArray *
ferry_core_list_keys (FerryCore *self, GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);

  return ferry_key_store_list (ferry_profile_get_store (self->profile), error);
}

gboolean
ferry_core_verify_key (
    FerryCore *self, FerryJid *account, FerryJid *device, gboolean is_verified, GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);
  g_return_val_if_fail (account != NULL && device != NULL, FALSE);

  FerryStore *store = ferry_profile_get_store (self->profile);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (FerryDeviceKey) key =
      ferry_key_store_lookup (store, account, device, &local_error);
  if (key == NULL || *key->fingerprint == '\0')
    {
      if (local_error != NULL)
        g_propagate_error (error, g_steal_pointer (&local_error));
      else
        g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "%s has shown no key",
                     ferry_jid_get_text (device));
      return FALSE;
    }
  key->is_verified = is_verified;
  return ferry_key_store_put (store, key, error);
}

gboolean
ferry_core_forget_key (FerryCore *self, FerryJid *account, FerryJid *device, GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);

  return ferry_key_store_remove (ferry_profile_get_store (self->profile), account, device,
                                 error);
}

char *
ferry_core_dup_own_key (FerryCore *self, FerryJid *account)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);
  g_return_val_if_fail (account != NULL, NULL);

  FerryClient *client = ferry_core_find_client (self, account);
  FerryTlsIdentity *identity = client != NULL ? ferry_client_get_identity (client) : NULL;
  return identity != NULL
             ? ferry_tls_fingerprint_to_text (ferry_tls_identity_get_fingerprint (identity))
             : NULL;
}
