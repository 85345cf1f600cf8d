/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-jingle-requests"

#include "config.h"

#include "signalling/jingle/ferry-jingle-requests.h"

#include "base/ferry-id.h"
#include "bytestream/ibb/ferry-ibb-bytestream.h"
#include "signalling/jingle/ferry-jingle-ibb.h"
#include "signalling/jingle/ferry-jingle-machine.h"
#include "xmpp/ferry-ns.h"

#define ANSWER_S 30

typedef struct
{
  FerryJingleRequests *owner; /* whose list it is in */
  FerryJid *peer;
  char *sid;
  GTask *task;
  guint timeout_id;
} Request;

struct _FerryJingleRequests
{
  GObject parent_instance;

  FerryRouter *router;
  guint presence_handler;
  GPtrArray *requests; /* of Request */
};

G_DEFINE_FINAL_TYPE (FerryJingleRequests, ferry_jingle_requests, G_TYPE_OBJECT)

static void
request_free (gpointer data)
{
  Request *request = data;

  g_clear_handle_id (&request->timeout_id, g_source_remove);
  g_clear_pointer (&request->peer, ferry_jid_unref);
  g_free (request->sid);
  g_clear_object (&request->task);
  g_free (request);
}

/* @error: (nullable): success */
static void
answer (Request *request, const GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&request->task);

  g_ptr_array_remove (request->owner->requests, request);
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

static Request *
find_request (FerryJingleRequests *self, const char *sid)
{
  for (guint i = 0; i < self->requests->len; i++)
    {
      Request *request = self->requests->pdata[i];
      if (g_str_equal (request->sid, sid))
        return request;
    }
  return NULL;
}

/* @peer: (nullable): who went away; %NULL: we did */
static void
lose (FerryJingleRequests *self, FerryJid *peer, FerryError code, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, code, message);

  for (guint i = self->requests->len; i > 0; i--)
    {
      Request *request = self->requests->pdata[i - 1];
      if (peer == NULL || ferry_jid_equal (request->peer, peer))
        answer (request, error);
    }
}

static void
on_presence (FerryRouter *router, FerryNode *presence, FerryJid *from, gpointer user_data)
{
  if (g_strcmp0 (ferry_node_get_attr (presence, "type"), "unavailable") == 0)
    lose (user_data, from, FERRY_ERROR_GONE, "The peer's device went offline");
}

static void
on_offline (FerryStream *stream, const GError *cause, FerryJingleRequests *self)
{
  lose (self, NULL, FERRY_ERROR_OFFLINE, "Our own session was lost");
}

/* A new session without the end of the old one having been told: the same. */
static void
on_online (FerryStream *stream, gboolean resumed, FerryJingleRequests *self)
{
  if (!resumed)
    on_offline (stream, NULL, self);
}

/* --- Asking ----------------------------------------------------------------------------------
 */

static gboolean
timeout_cb (gpointer user_data)
{
  Request *request = user_data;
  g_autoptr (GError) error =
      g_error_new_literal (FERRY_ERROR, FERRY_ERROR_TIMEOUT, "No answer to a request");

  request->timeout_id = 0;
  answer (request, error);
  return G_SOURCE_REMOVE;
}

/* One iq that is out; its answer matters only if it is an error. */
typedef struct
{
  FerryJingleRequests *self;
  char *sid;
} Query;

static void
queried_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Query *query = user_data;
  g_autoptr (FerryJingleRequests) self = query->self;
  g_autofree char *sid = query->sid;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);
  Request *request = find_request (self, sid);

  g_free (query);
  if (iq == NULL && request != NULL)
    answer (request, error);
}

/* @jingle: (transfer full) */
static void
query (FerryJingleRequests *self, FerryJid *peer, const char *sid, FerryNode *jingle)
{
  Query *query = g_new0 (Query, 1);

  query->self = g_object_ref (self);
  query->sid = g_strdup (sid);
  ferry_router_query_async (self->router, "set", peer, jingle, 0, NULL, queried_cb, query);
}

static FerryNode *
build (FerryJid *own, const char *sid, const FerryFileInfo *file, const FerryRange *range)
{
  g_autoptr (FerryJingleAction) action =
      ferry_jingle_action_new (FERRY_JINGLE_SESSION_INITIATE, sid);
  FerryJingleContent *content =
      ferry_jingle_action_add_content (action, FERRY_JINGLE_INITIATOR, "file");
  g_autoptr (FerryJingleIbb) ibb = ferry_jingle_ibb_new (sid, FERRY_IBB_BLOCK_SIZE);

  action->initiator = ferry_jid_ref (own);
  content->senders = FERRY_JINGLE_SENDERS_RESPONDER;
  content->description = ferry_jingle_file_to_node (file, range);
  content->transport = ferry_jingle_ibb_to_node (ibb);
  return ferry_jingle_action_to_node (action);
}

void
ferry_jingle_requests_send_async (FerryJingleRequests *self,
                                  FerryJid *peer,
                                  const FerryFileInfo *file,
                                  const FerryRange *range,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (FERRY_IS_JINGLE_REQUESTS (self));

  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  FerryJid *own = ferry_router_get_jid (self->router);

  g_task_set_source_tag (task, ferry_jingle_requests_send_async);
  if (own == NULL)
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_OFFLINE, "Not signed in");
      return;
    }
  Request *request = g_new0 (Request, 1);
  request->owner = self;
  request->peer = ferry_jid_ref (peer);
  request->sid = ferry_id_new ();
  request->task = g_steal_pointer (&task);
  request->timeout_id = g_timeout_add_seconds (ANSWER_S, timeout_cb, request);
  g_ptr_array_add (self->requests, request);
  query (self, peer, request->sid, build (own, request->sid, file, range));
}

gboolean
ferry_jingle_requests_send_finish (FerryJingleRequests *self,
                                   GAsyncResult *result,
                                   GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Being answered --------------------------------------------------------------------------
 */

static void
take_end (Request *request, const FerryJingleAction *action)
{
  if (action->reason == FERRY_JINGLE_REASON_ALTERNATIVE_SESSION)
    {
      answer (request, NULL);
      return;
    }
  g_autoptr (GError) error = ferry_jingle_reason_to_error (action->reason, action->reason_text);
  if (action->reason_extra != NULL &&
      ferry_node_is (action->reason_extra, "paused", FERRY_NS_FILES))
    error->code = FERRY_ERROR_PAUSED;
  answer (request, error);
}

/* The peer would send right here. No program that we ask does so. */
static void
take_other (FerryJingleRequests *self, Request *request)
{
  g_autoptr (FerryJingleAction) action =
      ferry_jingle_action_new (FERRY_JINGLE_SESSION_TERMINATE, request->sid);
  g_autoptr (GError) error = g_error_new_literal (
      FERRY_ERROR, FERRY_ERROR_UNSUPPORTED, "The peer sends in a way that we do not take");

  action->reason = FERRY_JINGLE_REASON_CANCEL;
  query (self, request->peer, request->sid, ferry_jingle_action_to_node (action));
  answer (request, error);
}

gboolean
ferry_jingle_requests_expects (FerryJingleRequests *self, FerryJid *from, const char *sid)
{
  g_return_val_if_fail (FERRY_IS_JINGLE_REQUESTS (self), FALSE);

  Request *request = find_request (self, sid);
  return request != NULL && ferry_jid_equal (request->peer, from);
}

gboolean
ferry_jingle_requests_handle (FerryJingleRequests *self,
                              FerryNode *iq,
                              FerryJid *from,
                              const FerryJingleAction *action)
{
  g_return_val_if_fail (FERRY_IS_JINGLE_REQUESTS (self), FALSE);

  if (!ferry_jingle_requests_expects (self, from, action->sid))
    return FALSE;

  Request *request = find_request (self, action->sid);
  ferry_router_reply (self->router, iq, NULL);
  if (action->type == FERRY_JINGLE_SESSION_TERMINATE)
    take_end (request, action);
  else if (action->type == FERRY_JINGLE_SESSION_ACCEPT)
    take_other (self, request);
  return TRUE;
}

FerryFileInfo *
ferry_jingle_request_parse (const FerryJingleAction *action)
{
  if (action->type != FERRY_JINGLE_SESSION_INITIATE || action->contents->len != 1)
    return NULL;

  const FerryJingleContent *content = action->contents->pdata[0];
  if (content->senders != FERRY_JINGLE_SENDERS_RESPONDER ||
      content->security.kind != FERRY_SECURITY_NONE ||
      content->creator != FERRY_JINGLE_INITIATOR)
    return NULL;
  return ferry_jingle_file_parse (content->description, NULL, NULL);
}

/* --- The object ------------------------------------------------------------------------------
 */

static void
ferry_jingle_requests_dispose (GObject *object)
{
  FerryJingleRequests *self = FERRY_JINGLE_REQUESTS (object);

  if (self->router != NULL)
    ferry_router_remove_handler (self->router, self->presence_handler);
  lose (self, NULL, FERRY_ERROR_OFFLINE, "The account is closed");
  g_clear_object (&self->router);
  G_OBJECT_CLASS (ferry_jingle_requests_parent_class)->dispose (object);
}

static void
ferry_jingle_requests_finalize (GObject *object)
{
  g_ptr_array_unref (FERRY_JINGLE_REQUESTS (object)->requests);
  G_OBJECT_CLASS (ferry_jingle_requests_parent_class)->finalize (object);
}

static void
ferry_jingle_requests_class_init (FerryJingleRequestsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_jingle_requests_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferry_jingle_requests_finalize;
}

static void
ferry_jingle_requests_init (FerryJingleRequests *self)
{
  self->requests = g_ptr_array_new_with_free_func (request_free);
}

FerryJingleRequests *
ferry_jingle_requests_new (FerryRouter *router)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (router), NULL);

  FerryJingleRequests *self = g_object_new (FERRY_TYPE_JINGLE_REQUESTS, NULL);
  FerryStream *stream = ferry_router_get_stream (router);

  self->router = g_object_ref (router);
  self->presence_handler = ferry_router_add_presence_handler (router, on_presence, self);
  g_signal_connect_object (stream, "offline", G_CALLBACK (on_offline), self, 0);
  g_signal_connect_object (stream, "online", G_CALLBACK (on_online), self, 0);
  return self;
}
