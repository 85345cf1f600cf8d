/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists, the offers, and how everything starts and stops; see ferry-core-private.h for the
 * other files. */
#define G_LOG_DOMAIN "ferry-core"

#include "config.h"

#include "client/ferry-core-private.h"

#include "store/ferry-settings.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* How long transfers may take to clear away what they leave. */
#define REST_LIMIT_MS 2000

G_DEFINE_FINAL_TYPE (FerryCore, ferry_core, G_TYPE_OBJECT)

/* --- Starting and stopping -------------------------------------------------------------------
 */

static void
open_control (FerryCore *self)
{
  g_autoptr (GError) error = NULL;

  if (self->control != NULL)
    return;
  self->control = ferry_control_new (self, &error);
  if (self->control == NULL)
    g_info ("no other ferry-cli can reach this one: %s", error->message);
}

void
ferry_core_start (FerryCore *self)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  ferry_transfer_queue_hold (self->queue, self->is_idle);
  open_control (self);
  GListModel *clients = G_LIST_MODEL (self->clients);
  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      ferry_client_connect (client);
    }
}

/* The end of the core, in two steps: transfers come to rest, then clients sign out. */
typedef struct
{
  guint limit_id;
  gulong finished_id;
  guint n_open; /* clients */
} Stop;

static void
stop_free (gpointer data)
{
  Stop *stop = data;
  g_clear_handle_id (&stop->limit_id, g_source_remove);
  g_free (stop);
}

static void
client_closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Stop *stop = g_task_get_task_data (task);

  ferry_client_close_finish (FERRY_CLIENT (source), result);
  if (--stop->n_open == 0)
    g_task_return_boolean (task, TRUE);
}

static void
close_clients (GTask *task)
{
  FerryCore *self = g_task_get_source_object (task);
  Stop *stop = g_task_get_task_data (task);
  GListModel *clients = G_LIST_MODEL (self->clients);

  g_clear_signal_handler (&stop->finished_id, self->queue);
  g_clear_handle_id (&stop->limit_id, g_source_remove);
  stop->n_open = g_list_model_get_n_items (clients);
  if (stop->n_open == 0)
    g_task_return_boolean (task, TRUE);
  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      ferry_client_close_async (client, client_closed_cb, g_object_ref (task));
    }
}

static gboolean
rest_limit_cb (gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Stop *stop = g_task_get_task_data (task);

  stop->limit_id = 0;
  close_clients (task);
  return G_SOURCE_REMOVE;
}

static void
on_attempt_finished (FerryTransferQueue *queue, GTask *task)
{
  if (ferry_transfer_queue_get_n_attempts (queue) > 0)
    return;
  g_autoptr (GTask) owned = task;
  close_clients (owned);
}

void
ferry_core_stop_async (FerryCore *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Stop *stop = g_new0 (Stop, 1);

  g_task_set_source_tag (task, ferry_core_stop_async);
  g_task_set_task_data (task, stop, stop_free);
  ferry_transfer_queue_suspend (self->queue);
  if (ferry_transfer_queue_get_n_attempts (self->queue) == 0)
    {
      close_clients (task);
      return;
    }
  /* Peers are still to be told, and that may have to wait for a slow disk. */
  stop->finished_id = g_signal_connect (self->queue, "attempt-finished",
                                        G_CALLBACK (on_attempt_finished), task);
  stop->limit_id = g_timeout_add (REST_LIMIT_MS, rest_limit_cb, g_steal_pointer (&task));
}

void
ferry_core_stop_finish (FerryCore *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* --- The object ------------------------------------------------------------------------------
 */

FerryProfile *
ferry_core_get_profile (FerryCore *self)
{
  return self->profile;
}

GListModel *
ferry_core_get_clients (FerryCore *self)
{
  return G_LIST_MODEL (self->clients);
}

GListModel *
ferry_core_get_contacts (FerryCore *self)
{
  return G_LIST_MODEL (self->contacts);
}

GListModel *
ferry_core_get_offers (FerryCore *self)
{
  return G_LIST_MODEL (self->offers);
}

GListModel *
ferry_core_get_transfers (FerryCore *self)
{
  return G_LIST_MODEL (self->transfers);
}

GListModel *
ferry_core_get_rows (FerryCore *self)
{
  return G_LIST_MODEL (self->rows);
}

FerryHistory *
ferry_core_get_history (FerryCore *self)
{
  return self->history;
}

const char *
ferry_core_get_download_folder (FerryCore *self)
{
  return self->download_folder;
}

void
ferry_core_set_download_folder (FerryCore *self, const char *folder)
{
  g_autoptr (GError) error = NULL;
  FerryStore *store = ferry_profile_get_store (self->profile);

  if (!ferry_settings_set_download_folder (store, folder, &error))
    g_info ("could not keep the download folder: %s", error->message);
  g_free (self->download_folder);
  self->download_folder =
      folder != NULL ? g_strdup (folder) : ferry_settings_dup_download_folder (store);
}

gboolean
ferry_core_set_xml_log (FerryCore *self, const char *path, GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self) && self->xml_log == NULL, FALSE);

  /* Who talks to whom is nobody else's business. */
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  self->xml_log = fd >= 0 ? fdopen (fd, "a") : NULL;
  if (self->xml_log == NULL)
    {
      int code = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", path,
                   g_strerror (code));
      return FALSE;
    }
  GListModel *clients = G_LIST_MODEL (self->clients);
  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      ferry_client_set_xml_log (client, self->xml_log);
    }
  return TRUE;
}

void
ferry_core_set_routes (FerryCore *self, FerryRoute routes)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  self->routes = routes;
  GListModel *clients = G_LIST_MODEL (self->clients);
  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      ferry_client_set_routes (client, routes);
    }
}

static void
ferry_core_dispose (GObject *object)
{
  FerryCore *self = FERRY_CORE (object);

  g_clear_object (&self->control);
  g_clear_object (&self->queue);
  g_clear_object (&self->guard);
  g_clear_object (&self->starter);
  g_clear_object (&self->recorder);
  g_clear_pointer (&self->gatherer, ferry_offer_gatherer_free);
  g_list_store_remove_all (self->offers);
  g_list_store_remove_all (self->clients);
  G_OBJECT_CLASS (ferry_core_parent_class)->dispose (object);
}

static void
ferry_core_finalize (GObject *object)
{
  FerryCore *self = FERRY_CORE (object);

  g_clear_object (&self->clients);
  g_clear_object (&self->contacts);
  g_clear_object (&self->offers);
  g_clear_object (&self->rows);
  g_clear_object (&self->transfers);
  g_clear_pointer (&self->declined, g_hash_table_unref);
  g_clear_object (&self->history);
  g_clear_pointer (&self->flush_tasks, g_ptr_array_unref);
  g_clear_error (&self->secret_error);
  g_clear_object (&self->secrets);
  g_clear_object (&self->monitor);
  g_clear_pointer (&self->thread, ferry_strophe_thread_unref);
  g_clear_object (&self->profile);
  g_clear_pointer (&self->xml_log, fclose); /* after the thread that may write to it */
  g_clear_pointer (&self->caps_cache_path, g_free);
  g_clear_pointer (&self->download_folder, g_free);
  G_OBJECT_CLASS (ferry_core_parent_class)->finalize (object);
}

static void
ferry_core_class_init (FerryCoreClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_core_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferry_core_finalize;
}

static void
ferry_core_init (FerryCore *self)
{
  self->clients = g_list_store_new (FERRY_TYPE_CLIENT);
  self->contacts = g_list_store_new (FERRY_TYPE_CONTACT);
  self->offers = g_list_store_new (FERRY_TYPE_OFFER);
  self->transfers = g_list_store_new (FERRY_TYPE_TRANSFER);
  self->rows = ferry_batch_list_new (G_LIST_MODEL (self->transfers));
  self->declined = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->flush_tasks = g_ptr_array_new_with_free_func (g_object_unref);
}

FerryCore *
ferry_core_new (FerryProfile *profile)
{
  g_return_val_if_fail (FERRY_IS_PROFILE (profile), NULL);

  FerryCore *self = g_object_new (FERRY_TYPE_CORE, NULL);
  FerryStore *store = ferry_profile_get_store (profile);
  self->profile = g_object_ref (profile);
  self->routes = FERRY_ROUTE_ALL;
  self->secrets = ferry_secrets_new_for_profile (profile, FERRY_SECRETS_NONE);
  self->thread = ferry_strophe_thread_get ();
  self->caps_cache_path =
      g_build_filename (ferry_profile_get_folder (profile), "caps-cache.xml", NULL);
  self->history = ferry_history_new (store);
  self->download_folder = ferry_settings_dup_download_folder (store);
  self->recorder = ferry_transfer_recorder_new (store, self->transfers);
  g_signal_connect_object (self->recorder, "finished", G_CALLBACK (ferry_history_refresh),
                           self->history, G_CONNECT_SWAPPED);
  ferry_core_set_gathering (self, TRUE);
  ferry_core_init_contacts (self);
  ferry_core_init_queue (self);
  ferry_core_init_batches (self);
  ferry_core_init_rates (self);
  ferry_core_init_limits (self);
  ferry_core_load_accounts (self);
  ferry_core_init_links (self);
  return self;
}
