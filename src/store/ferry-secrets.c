/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-secrets"

#include "config.h"

#include "store/ferry-secrets.h"

#include "store/ferry-secret-file.h"

#include <libsecret/secret.h>
#include <string.h>

/* The steps of a request; each arrow to the file is also taken when the step before it fails:
 *
 *   find the service → find its collection → search → retrieve → file        (lookup)
 *                                          → store → clear in the file       (store)
 *                                          → clear → file                    (clear)
 *
 * The first two are taken once; what they said holds for the life of the object. */

#define FILE_NAME "secrets.json"
#define SERVICE_TIMEOUT_MS 3000

typedef enum
{
  KEYRING_UNKNOWN,
  KEYRING_USABLE,
  KEYRING_UNUSABLE,
} KeyringState;

struct _FerrySecrets
{
  GObject parent_instance;

  char *path;
  FerrySecretsFlags flags;
  KeyringState keyring;
  GThreadPool *file_pool; /* one thread, so that changes of the file come one after another */
};

G_DEFINE_FINAL_TYPE (FerrySecrets, ferry_secrets, G_TYPE_OBJECT)

typedef enum
{
  VERB_LOOKUP,
  VERB_STORE,
  VERB_CLEAR,
} Verb;

typedef struct
{
  Verb verb;
  char *path;
  char *name;
  char *label;  /* nullable */
  char *secret; /* nullable */

  GCancellable *outer; /* nullable: the caller's */
  gulong outer_handler;
  GCancellable *limit; /* cancelled with the caller's, and when the keyring takes too long */
  guint timeout;
} Request;

static const SecretSchema schema = {
  .name = FERRY_APP_ID,
  .flags = SECRET_SCHEMA_NONE,
  .attributes = { { "name", SECRET_SCHEMA_ATTRIBUTE_STRING } },
};

/* --- Requests --------------------------------------------------------------------------------
 */

/* Leaves no copy in freed memory; what the caller got is the caller's. */
static void
free_secret (gpointer data)
{
  char *secret = data;
  explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

static void
request_free (gpointer data)
{
  Request *self = data;

  g_cancellable_disconnect (self->outer, self->outer_handler);
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_object (&self->outer);
  g_clear_object (&self->limit);
  g_free (self->path);
  g_free (self->name);
  g_free (self->label);
  g_clear_pointer (&self->secret, free_secret);
  g_free (self);
}

static void
on_outer_cancelled (GCancellable *outer, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static gboolean
timed_out_cb (gpointer user_data)
{
  Request *self = user_data;
  self->timeout = 0;
  g_cancellable_cancel (self->limit);
  return G_SOURCE_REMOVE;
}

static void
request_start_clock (Request *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->timeout = g_timeout_add (SERVICE_TIMEOUT_MS, timed_out_cb, self);
}

static Request *
get_request (GTask *task)
{
  return g_task_get_task_data (task);
}

/* --- File ------------------------------------------------------------------------------------
 */

/* Runs in the thread of the pool. @data: (transfer full): the task */
static void
work_on_file (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  const Request *request = get_request (task);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (request->verb == VERB_LOOKUP)
    {
      char *secret = ferry_secret_file_lookup (request->path, request->name, &error);
      if (error != NULL)
        g_task_return_error (task, g_steal_pointer (&error));
      else
        g_task_return_pointer (task, secret, free_secret);
      return;
    }
  if (ferry_secret_file_set (request->path, request->name, request->secret, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* @task: (transfer full) */
static void
ask_file (GTask *task)
{
  FerrySecrets *self = g_task_get_source_object (task);
  g_clear_handle_id (&get_request (task)->timeout, g_source_remove);
  g_thread_pool_push (self->file_pool, task, NULL);
}

/* @task: (transfer full); @reason: why the keyring is not used from here on */
static void
give_up_keyring (GTask *task, const char *reason)
{
  FerrySecrets *self = g_task_get_source_object (task);

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }
  g_info ("secrets go to a file: %s", reason);
  self->keyring = KEYRING_UNUSABLE;
  ask_file (task);
}

/* --- Keyring ---------------------------------------------------------------------------------
 */

static void
retrieved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;
  SecretValue *value =
      secret_retrievable_retrieve_secret_finish (SECRET_RETRIEVABLE (source), result, &error);
  const char *text = value != NULL ? secret_value_get_text (value) : NULL;

  /* An item in a locked collection gives no secret; the file may. */
  if (text == NULL)
    ask_file (task);
  else
    {
      g_task_return_pointer (task, g_strdup (text), free_secret);
      g_object_unref (task);
    }
  g_clear_pointer (&value, secret_value_unref);
}

static void
searched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;
  g_autolist (GObject) found = secret_password_search_finish (result, &error);

  if (error != NULL)
    give_up_keyring (task, error->message);
  else if (found == NULL)
    ask_file (task);
  else
    secret_retrievable_retrieve_secret (found->data, get_request (task)->limit, retrieved_cb,
                                        task);
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;

  if (!secret_password_store_finish (result, &error))
    {
      give_up_keyring (task, error != NULL ? error->message : "not stored");
      return;
    }
  /* One that was stored before, while there was no keyring, must not stay behind. */
  g_clear_pointer (&get_request (task)->secret, free_secret);
  ask_file (task);
}

static void
cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;

  secret_password_clear_finish (result, &error);
  if (error != NULL)
    give_up_keyring (task, error->message);
  else
    ask_file (task);
}

static void
ask_keyring (GTask *task)
{
  FerrySecrets *self = g_task_get_source_object (task);
  Request *request = get_request (task);
  gboolean may_ask = (self->flags & FERRY_SECRETS_INTERACTIVE) != 0;
  SecretSearchFlags search = SECRET_SEARCH_LOAD_SECRETS;
  g_autoptr (GHashTable) attributes =
      secret_attributes_build (&schema, "name", request->name, NULL);

  /* People think longer than 3 s. */
  if (may_ask)
    g_clear_handle_id (&request->timeout, g_source_remove);
  else
    request_start_clock (request);

  switch (request->verb)
    {
    case VERB_LOOKUP:
      if (may_ask)
        search |= SECRET_SEARCH_UNLOCK;
      secret_password_searchv (&schema, attributes, search, request->limit, searched_cb, task);
      break;
    case VERB_STORE:
      secret_password_storev (&schema, attributes, SECRET_COLLECTION_DEFAULT, request->label,
                              request->secret, request->limit, stored_cb, task);
      break;
    case VERB_CLEAR:
      secret_password_clearv (&schema, attributes, request->limit, cleared_cb, task);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
collection_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  FerrySecrets *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretCollection) collection = secret_collection_for_alias_finish (result, &error);

  if (error != NULL)
    give_up_keyring (task, error->message);
  else if ((self->flags & FERRY_SECRETS_INTERACTIVE) == 0 &&
           (collection == NULL || secret_collection_get_locked (collection)))
    give_up_keyring (task, "the keyring is locked");
  else
    {
      self->keyring = KEYRING_USABLE;
      ask_keyring (task);
    }
}

static void
service_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretService) service = secret_service_get_finish (result, &error);

  if (service == NULL)
    give_up_keyring (task, error->message);
  else
    secret_collection_for_alias (service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                                 get_request (task)->limit, collection_found_cb, task);
}

/* --- Public ----------------------------------------------------------------------------------
 */

static void
start_request (FerrySecrets *self,
               gpointer source_tag,
               Request *request,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, source_tag);
  g_task_set_task_data (task, request, request_free);

  request->path = g_strdup (self->path);
  request->limit = g_cancellable_new ();
  if (cancellable != NULL)
    {
      request->outer = g_object_ref (cancellable);
      request->outer_handler =
          g_cancellable_connect (cancellable, G_CALLBACK (on_outer_cancelled),
                                 g_object_ref (request->limit), g_object_unref);
    }

  switch (self->keyring)
    {
    case KEYRING_USABLE:
      ask_keyring (task);
      break;
    case KEYRING_UNUSABLE:
      ask_file (task);
      break;
    case KEYRING_UNKNOWN:
    default:
      request_start_clock (request);
      secret_service_get (SECRET_SERVICE_OPEN_SESSION, request->limit, service_found_cb, task);
      break;
    }
}

static Request *
request_new (Verb verb, const char *name)
{
  Request *request = g_new0 (Request, 1);
  request->verb = verb;
  request->name = g_strdup (name);
  return request;
}

void
ferry_secrets_lookup_async (FerrySecrets *self,
                            const char *name,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (FERRY_IS_SECRETS (self) && name != NULL);

  start_request (self, ferry_secrets_lookup_async, request_new (VERB_LOOKUP, name), cancellable,
                 callback, user_data);
}

char *
ferry_secrets_lookup_finish (FerrySecrets *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ferry_secrets_store_async (FerrySecrets *self,
                           const char *name,
                           const char *label,
                           const char *secret,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_return_if_fail (FERRY_IS_SECRETS (self) && name != NULL);
  g_return_if_fail (label != NULL && secret != NULL);

  Request *request = request_new (VERB_STORE, name);
  request->label = g_strdup (label);
  request->secret = g_strdup (secret);
  start_request (self, ferry_secrets_store_async, request, cancellable, callback, user_data);
}

gboolean
ferry_secrets_store_finish (FerrySecrets *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ferry_secrets_clear_async (FerrySecrets *self,
                           const char *name,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_return_if_fail (FERRY_IS_SECRETS (self) && name != NULL);

  start_request (self, ferry_secrets_clear_async, request_new (VERB_CLEAR, name), cancellable,
                 callback, user_data);
}

gboolean
ferry_secrets_clear_finish (FerrySecrets *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

const char *
ferry_secrets_get_backend (FerrySecrets *self)
{
  g_return_val_if_fail (FERRY_IS_SECRETS (self), NULL);

  switch (self->keyring)
    {
    case KEYRING_USABLE:
      return "secret-service";
    case KEYRING_UNUSABLE:
      return "file";
    case KEYRING_UNKNOWN:
    default:
      return NULL;
    }
}

char *
ferry_secrets_dup_password_name (FerryJid *account)
{
  g_return_val_if_fail (account != NULL, NULL);
  return g_strconcat ("password:", ferry_jid_get_bare (account), NULL);
}

char *
ferry_secrets_dup_identity_name (FerryJid *account)
{
  g_return_val_if_fail (account != NULL, NULL);
  return g_strconcat ("identity:", ferry_jid_get_bare (account), NULL);
}

static void
ferry_secrets_finalize (GObject *object)
{
  FerrySecrets *self = FERRY_SECRETS (object);

  /* Nothing is queued, since tasks hold us; but we may be in the pool's own thread. */
  g_thread_pool_free (self->file_pool, FALSE, FALSE);
  g_free (self->path);

  G_OBJECT_CLASS (ferry_secrets_parent_class)->finalize (object);
}

static void
ferry_secrets_class_init (FerrySecretsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_secrets_finalize;
}

static void
ferry_secrets_init (FerrySecrets *self)
{
  self->file_pool = g_thread_pool_new_full (work_on_file, NULL, g_object_unref, 1, FALSE, NULL);
}

FerrySecrets *
ferry_secrets_new (const char *folder, FerrySecretsFlags flags)
{
  g_return_val_if_fail (folder != NULL, NULL);

  FerrySecrets *self = g_object_new (FERRY_TYPE_SECRETS, NULL);
  self->path = g_build_filename (folder, FILE_NAME, NULL);
  self->flags = flags;
  if ((flags & FERRY_SECRETS_FILE_ONLY) != 0)
    self->keyring = KEYRING_UNUSABLE;
  return self;
}

FerrySecrets *
ferry_secrets_new_for_profile (FerryProfile *profile, FerrySecretsFlags flags)
{
  g_return_val_if_fail (FERRY_IS_PROFILE (profile), NULL);

  if (!ferry_profile_is_default (profile))
    flags |= FERRY_SECRETS_FILE_ONLY;
  return ferry_secrets_new (ferry_profile_get_folder (profile), flags);
}
