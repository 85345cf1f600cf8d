/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The accounts of a core: they come, go, and leave their passwords where secrets are kept. */
#define G_LOG_DOMAIN "ferry-core-accounts"

#include "config.h"

#include "client/ferry-core-private.h"

/* --- Clients ---------------------------------------------------------------------------------
 */

static void
on_client_state_changed (FerryClient *client, GParamSpec *pspec, FerryCore *self)
{
  ferry_core_show_links (self);
  if (ferry_client_get_state (client) == FERRY_CLIENT_ONLINE)
    ferry_transfer_queue_retry_waiting (self->queue, NULL);
}

static FerryClient *
add_client (FerryCore *self, FerryAccount *account, const char *password)
{
  FerryClientContext context = {
    .store = ferry_profile_get_store (self->profile),
    .secrets = self->secrets,
    .thread = self->thread,
    .contacts = self->contacts,
    .caps_cache_path = self->caps_cache_path,
    .xml_log = self->xml_log,
    .allow_loopback = g_getenv ("FERRY_ALLOW_LOOPBACK") != NULL,
    .routes = self->routes,
  };
  g_autoptr (FerryClient) client = ferry_client_new (&context, account, password);

  ferry_client_set_request_func (client, ferry_core_take_request, self);
  g_signal_connect_object (client, "offer-received", G_CALLBACK (ferry_core_take_offer_in),
                           self, 0);
  g_signal_connect_object (client, "notify::state", G_CALLBACK (on_client_state_changed), self,
                           0);
  g_list_store_append (self->clients, client);
  return client;
}

FerryClient *
ferry_core_find_client (FerryCore *self, const FerryJid *account)
{
  GListModel *clients = G_LIST_MODEL (self->clients);
  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      if (ferry_jid_equal_bare (ferry_client_get_jid (client), account))
        return client; /* the list holds it */
    }
  return NULL;
}

static void
removed_client_closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ferry_client_close_finish (FERRY_CLIENT (source), result);
}

/* It leaves the list at once, and lives until it has signed out. */
static void
remove_client (FerryCore *self, FerryClient *client)
{
  guint position;
  ferry_client_close_async (client, removed_client_closed_cb, NULL);
  if (g_list_store_find (self->clients, client, &position))
    g_list_store_remove (self->clients, position);
}

/* --- Passwords -------------------------------------------------------------------------------
 */

/* Passwords go to the keyring or the file in their own time; whoever must know waits with
 * ferry_core_flush_async(). */
static void
finish_secret (FerryCore *self, GError *error)
{
  if (error != NULL && self->secret_error == NULL)
    self->secret_error = g_error_copy (error);
  if (--self->n_secrets_pending > 0)
    return;

  g_autoptr (GPtrArray) tasks = g_steal_pointer (&self->flush_tasks);
  self->flush_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < tasks->len; i++)
    if (self->secret_error != NULL)
      g_task_return_error (tasks->pdata[i], g_error_copy (self->secret_error));
    else
      g_task_return_boolean (tasks->pdata[i], TRUE);
  g_clear_error (&self->secret_error);
}

static void
password_stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryCore) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferry_secrets_store_finish (FERRY_SECRETS (source), result, &error))
    g_info ("a password could not be kept: %s", error->message);
  finish_secret (self, error);
}

static void
secret_cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryCore) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferry_secrets_clear_finish (FERRY_SECRETS (source), result, &error))
    g_info ("a secret could not be forgotten: %s", error->message);
  finish_secret (self, error);
}

static void
forget_secret (FerryCore *self, const char *name)
{
  self->n_secrets_pending++;
  ferry_secrets_clear_async (self->secrets, name, NULL, secret_cleared_cb, g_object_ref (self));
}

void
ferry_core_flush_async (FerryCore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, ferry_core_flush_async);
  if (self->n_secrets_pending == 0)
    g_task_return_boolean (task, TRUE);
  else
    g_ptr_array_add (self->flush_tasks, g_steal_pointer (&task));
}

gboolean
ferry_core_flush_finish (FerryCore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Adding and removing ---------------------------------------------------------------------
 */

FerryClient *
ferry_core_add_account (FerryCore *self,
                        FerryAccount *account,
                        const char *password,
                        GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);
  g_return_val_if_fail (account != NULL && password != NULL, NULL);

  FerryStore *store = ferry_profile_get_store (self->profile);
  FerryClient *old = ferry_core_find_client (self, account->jid);
  if (old != NULL)
    account->id = ferry_client_get_account (old)->id;
  if (old != NULL ? !ferry_account_store_update (store, account, error)
                  : !ferry_account_store_add (store, account, error))
    return NULL;
  if (old != NULL)
    remove_client (self, old);

  g_autofree char *name = ferry_secrets_dup_password_name (account->jid);
  g_autofree char *label = g_strdup_printf ("Ferry: %s", ferry_jid_get_bare (account->jid));
  self->n_secrets_pending++;
  ferry_secrets_store_async (self->secrets, name, label, password, NULL, password_stored_cb,
                             g_object_ref (self));
  return add_client (self, account, password);
}

gboolean
ferry_core_remove_account (FerryCore *self, FerryClient *client, GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);
  g_return_val_if_fail (FERRY_IS_CLIENT (client), FALSE);

  FerryAccount *account = ferry_client_get_account (client);
  g_autofree char *password = ferry_secrets_dup_password_name (account->jid);
  g_autofree char *identity = ferry_secrets_dup_identity_name (account->jid);
  if (!ferry_account_store_remove (ferry_profile_get_store (self->profile), account->id, error))
    return FALSE;
  ferry_core_cancel_account (self, account->jid);
  forget_secret (self, password);
  forget_secret (self, identity);
  remove_client (self, client);
  return TRUE;
}

gboolean
ferry_core_has_secret_service (FerryCore *self)
{
  return g_strcmp0 (ferry_secrets_get_backend (self->secrets), "secret-service") == 0;
}

void
ferry_core_load_accounts (FerryCore *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) accounts =
      ferry_account_store_list (ferry_profile_get_store (self->profile), &error);

  if (accounts == NULL)
    g_warning ("the accounts cannot be read: %s", error->message);
  for (guint i = 0; accounts != NULL && i < accounts->len; i++)
    add_client (self, accounts->pdata[i], NULL);
}
