/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-identity"

#include "config.h"

#include "client/ferry-identity.h"

#include "transfer/ferry-file-thread.h"

#include <string.h>

/* load_async → looked_up_cb → make (in a thread) → made_cb → (stored_cb) */

typedef struct
{
  FerrySecrets *secrets;
  FerryJid *account;
  char *name;
  char *pem; /* nullable: what is kept, or is to be kept */
  FerryTlsIdentity *identity;
} Loading;

static void
clear_pem (Loading *self)
{
  if (self->pem != NULL)
    explicit_bzero (self->pem, strlen (self->pem));
  g_clear_pointer (&self->pem, g_free);
}

static void
loading_free (gpointer data)
{
  Loading *self = data;

  clear_pem (self);
  g_object_unref (self->secrets);
  ferry_jid_unref (self->account);
  g_free (self->name);
  g_clear_pointer (&self->identity, ferry_tls_identity_unref);
  g_free (self);
}

static void
return_identity (GTask *task)
{
  Loading *self = g_task_get_task_data (task);
  g_task_return_pointer (task, g_steal_pointer (&self->identity),
                         (GDestroyNotify) ferry_tls_identity_unref);
}

/* A key that cannot be kept still encrypts; but the next time there is another one. */
static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferry_secrets_store_finish (FERRY_SECRETS (source), result, &error))
    g_info ("the key for transfers could not be kept: %s", error->message);
  return_identity (task);
}

static void
made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Loading *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (self->pem == NULL)
    {
      return_identity (task);
      return;
    }
  g_autofree char *label =
      g_strdup_printf ("Ferry: key of %s", ferry_jid_get_bare (self->account));
  ferry_secrets_store_async (self->secrets, self->name, label, self->pem,
                             g_task_get_cancellable (task), stored_cb, g_object_ref (task));
  clear_pem (self);
}

/* Reads the key that is kept, or makes one; "pem" is what is to be kept then. */
static gboolean
make (gpointer data, GCancellable *cancellable, GError **error)
{
  Loading *self = data;
  g_autoptr (GError) unreadable = NULL;

  if (self->pem != NULL)
    {
      self->identity = ferry_tls_identity_new_from_pem (self->pem, &unreadable);
      if (self->identity == NULL)
        g_info ("the key for transfers cannot be read: %s", unreadable->message);
      clear_pem (self);
    }
  if (self->identity == NULL)
    {
      self->identity = ferry_tls_identity_generate (error);
      if (self->identity != NULL)
        self->pem = ferry_tls_identity_to_pem (self->identity);
    }
  return self->identity != NULL;
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Loading *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->pem = ferry_secrets_lookup_finish (FERRY_SECRETS (source), result, &error);
  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  GCancellable *cancellable = g_task_get_cancellable (task);
  GTask *making = g_task_new (NULL, cancellable, made_cb, g_object_ref (task));
  g_task_set_source_tag (making, make);
  /* The outer task, which waits for this one, owns it. */
  g_task_set_task_data (making, self, NULL);
  /* A thread of GLib's pool may end while the process does, with what OpenSSL keeps for it. */
  ferry_file_thread_run (making, make);
}

void
ferry_identity_load_async (FerrySecrets *secrets,
                           FerryJid *account,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Loading *self = g_new0 (Loading, 1);

  g_task_set_source_tag (task, ferry_identity_load_async);
  self->secrets = g_object_ref (secrets);
  self->account = ferry_jid_ref (account);
  self->name = ferry_secrets_dup_identity_name (account);
  g_task_set_task_data (task, self, loading_free);
  ferry_secrets_lookup_async (secrets, self->name, cancellable, looked_up_cb,
                              g_object_ref (task));
}

FerryTlsIdentity *
ferry_identity_load_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
