/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-router"
#include "config.h"

#include "xmpp/ferry-router.h"

#include "base/ferry-id.h"
#include "xmpp/ferry-handlers.h"
#include "xmpp/ferry-ns.h"
#include "xmpp/ferry-queries.h"
#include "xmpp/ferry-reply-cache.h"

#include <string.h>

#define DEFAULT_TIMEOUT_MS 60000
#define MAX_ID_BYTES 256
/* Elements nested deeper below a stanza are not looked at. */
#define MAX_DEPTH 32

struct _FerryRouter
{
  GObject parent_instance;

  FerryStream *stream;
  FerryHandlers *handlers;
  FerryQueries *queries;
  GHashTable *open;         /* set of FerryNode: requests nobody has answered yet */
  GHashTable *repeating_ns; /* set of namespaces whose handlers judge repeats */
  FerryReplyCache *replies;
};

G_DEFINE_FINAL_TYPE (FerryRouter, ferry_router, G_TYPE_OBJECT)

/* --- Own addresses ---------------------------------------------------------------------------
 */

static gboolean
is_own_account (FerryRouter *self, const FerryJid *jid)
{
  const FerryJid *own = ferry_router_get_jid (self);
  return jid == NULL ||
         (own != NULL && ferry_jid_is_bare (jid) && ferry_jid_equal_bare (jid, own));
}

static gboolean
is_own_server (FerryRouter *self, const FerryJid *jid)
{
  const FerryJid *own = ferry_router_get_jid (self);
  return jid == NULL ||
         (own != NULL && strcmp (ferry_jid_get_text (jid), ferry_jid_get_domain (own)) == 0);
}

/* May the answer to a question put to @to come from @from? An absent sender is the own account
 * or the own server (RFC 6120 §8.1.2.1); some servers answer for the account with the own full
 * address, which nobody else can bear. */
static gboolean
may_answer (FerryRouter *self, const FerryJid *to, const FerryJid *from)
{
  if (to != NULL && from != NULL && ferry_jid_equal (to, from))
    return TRUE;
  if (is_own_account (self, to))
    return is_own_account (self, from) || is_own_server (self, from) ||
           ferry_jid_equal (from, ferry_router_get_jid (self));
  return is_own_server (self, to) && from == NULL;
}

/* --- Questions -------------------------------------------------------------------------------
 */

static FerryNode *
make_iq (const char *type, const char *id, const char *to, FerryNode *payload)
{
  FerryNode *iq = ferry_node_new ("iq", FERRY_NS_CLIENT);
  ferry_node_set_attrs (iq, "type", type, "id", id, "to", to, NULL);
  if (payload != NULL)
    ferry_node_take_child (iq, payload);
  return iq;
}

static gboolean
has_session (FerryRouter *self)
{
  FerryStreamState state = ferry_stream_get_state (self->stream);
  return state == FERRY_STREAM_ONLINE || state == FERRY_STREAM_INTERRUPTED;
}

void
ferry_router_query_async (FerryRouter *self,
                          const char *type,
                          const FerryJid *to,
                          FerryNode *payload,
                          guint timeout_ms,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_return_if_fail (FERRY_IS_ROUTER (self));
  g_return_if_fail (g_strcmp0 (type, "get") == 0 || g_strcmp0 (type, "set") == 0);
  g_return_if_fail (payload != NULL);

  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_router_query_async);
  g_autofree char *id = ferry_id_new ();
  g_autoptr (FerryNode) iq =
      make_iq (type, id, to != NULL ? ferry_jid_get_text (to) : NULL, payload);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (!has_session (self))
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_OFFLINE, "not connected");
      return;
    }

  ferry_queries_add (self->queries, id, to, g_steal_pointer (&task),
                     timeout_ms != 0 ? timeout_ms : DEFAULT_TIMEOUT_MS,
                     ferry_stream_get_state (self->stream) == FERRY_STREAM_ONLINE);
  ferry_stream_send (self->stream, iq);
}

FerryNode *
ferry_router_query_finish (FerryRouter *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
handle_answer (FerryRouter *self, FerryNode *iq, const FerryJid *from)
{
  const char *id = ferry_node_get_attr (iq, "id");
  const FerryJid *to = NULL;

  if (id == NULL || !ferry_queries_lookup (self->queries, id, &to) ||
      !may_answer (self, to, from))
    {
      g_debug ("dropped an answer nobody waits for, or not from there");
      return;
    }

  g_autoptr (GTask) task = ferry_queries_steal (self->queries, id);
  if (g_strcmp0 (ferry_node_get_attr (iq, "type"), "error") == 0)
    g_task_return_error (task, ferry_stanza_error_parse (iq));
  else
    g_task_return_pointer (task, ferry_node_ref (iq), (GDestroyNotify) ferry_node_unref);
}

/* --- Requests --------------------------------------------------------------------------------
 */

/* To remember means to print and to hash all of it. */
static gboolean
is_remembered (FerryRouter *self, const FerryNode *request)
{
  const char *ns = ferry_node_get_n_children (request) > 0
                       ? ferry_node_get_ns (ferry_node_get_nth_child (request, 0))
                       : NULL;
  return ns == NULL || !g_hash_table_contains (self->repeating_ns, ns);
}

static void
send_answer (FerryRouter *self, FerryNode *request, FerryNode *answer)
{
  g_autoptr (FerryNode) alive = ferry_node_ref (request);

  if (!g_hash_table_remove (self->open, request))
    {
      /* It came in a session that is over; its sender has seen us go. */
      g_debug ("an answer to a request of an earlier session is not sent");
      return;
    }
  if (is_remembered (self, request))
    ferry_reply_cache_finish (self->replies, request, answer, g_get_monotonic_time ());
  ferry_stream_send (self->stream, answer);
}

static FerryNode *
make_answer (FerryNode *request, const char *type, FerryNode *payload)
{
  return make_iq (type, ferry_node_get_attr (request, "id"),
                  ferry_node_get_attr (request, "from"), payload);
}

void
ferry_router_reply (FerryRouter *self, FerryNode *request, FerryNode *payload)
{
  g_return_if_fail (FERRY_IS_ROUTER (self));
  g_return_if_fail (request != NULL);

  g_autoptr (FerryNode) answer = make_answer (request, "result", payload);
  send_answer (self, request, answer);
}

void
ferry_router_reply_error (FerryRouter *self,
                          FerryNode *request,
                          FerryStanzaCondition condition,
                          FerryNode *detail)
{
  g_return_if_fail (FERRY_IS_ROUTER (self));
  g_return_if_fail (request != NULL);

  g_autoptr (FerryNode) answer =
      make_answer (request, "error", ferry_stanza_error_to_node (condition, detail));
  send_answer (self, request, answer);
}

static gboolean
has_fitting_depth (const FerryNode *node, guint left)
{
  for (guint i = 0; i < ferry_node_get_n_children (node); i++)
    if (left == 0 || !has_fitting_depth (ferry_node_get_nth_child (node, i), left - 1))
      return FALSE;
  return TRUE;
}

static void
handle_request (FerryRouter *self, FerryNode *iq, FerryJid *from)
{
  const char *id = ferry_node_get_attr (iq, "id");
  if (id == NULL || *id == '\0')
    return; /* no answer could be matched to it */

  g_hash_table_add (self->open, ferry_node_ref (iq));
  if (!has_fitting_depth (iq, MAX_DEPTH))
    {
      ferry_router_reply_error (self, iq, FERRY_STANZA_POLICY_VIOLATION, NULL);
      return;
    }
  /* RFC 6120 §8.2.3: exactly one child. */
  if (strlen (id) > MAX_ID_BYTES || ferry_node_get_n_children (iq) != 1)
    {
      ferry_router_reply_error (self, iq, FERRY_STANZA_BAD_REQUEST, NULL);
      return;
    }

  FerryNode *known = NULL;
  FerryReplyState seen = FERRY_REPLY_NEW;
  if (is_remembered (self, iq))
    seen = ferry_reply_cache_begin (self->replies, iq, g_get_monotonic_time (), &known);
  if (seen != FERRY_REPLY_NEW)
    {
      g_debug ("request %s came again", id);
      g_hash_table_remove (self->open, iq);
      if (known != NULL)
        ferry_stream_send (self->stream, known);
      return;
    }

  /* For a handler NULL is our own server or account, however it was written. */
  gboolean is_own = is_own_account (self, from) || is_own_server (self, from);
  if (!ferry_handlers_offer (self->handlers, self, iq, is_own ? NULL : from))
    ferry_router_reply_error (self, iq, FERRY_STANZA_SERVICE_UNAVAILABLE, NULL);
}

static void
handle_iq (FerryRouter *self, FerryNode *iq, FerryJid *from)
{
  const char *type = ferry_node_get_attr (iq, "type");

  if (g_strcmp0 (type, "get") == 0 || g_strcmp0 (type, "set") == 0)
    handle_request (self, iq, from);
  else if (g_strcmp0 (type, "result") == 0 || g_strcmp0 (type, "error") == 0)
    handle_answer (self, iq, from);
}

/* --- Messages and presences ------------------------------------------------------------------
 */

static void
handle_other (FerryRouter *self, FerryNode *stanza, FerryJid *from)
{
  g_autoptr (FerryJid) own =
      from == NULL ? ferry_jid_dup_bare (ferry_router_get_jid (self)) : NULL;

  ferry_handlers_show (self->handlers, self, stanza, from != NULL ? from : own);
}

/* --- The stream ------------------------------------------------------------------------------
 */

static void
on_stanza (FerryStream *stream, FerryNode *stanza, FerryRouter *self)
{
  const char *raw_from = ferry_node_get_attr (stanza, "from");
  g_autoptr (FerryJid) from = raw_from != NULL ? ferry_jid_new (raw_from, NULL) : NULL;

  if ((raw_from != NULL && from == NULL) || ferry_router_get_jid (self) == NULL)
    {
      g_debug ("dropped a stanza from nobody we could answer");
      return;
    }

  g_autoptr (FerryRouter) alive = g_object_ref (self);
  if (ferry_node_is (stanza, "iq", FERRY_NS_CLIENT))
    handle_iq (alive, stanza, from);
  else if ((ferry_node_is (stanza, "message", FERRY_NS_CLIENT) ||
            ferry_node_is (stanza, "presence", FERRY_NS_CLIENT)) &&
           has_fitting_depth (stanza, MAX_DEPTH))
    handle_other (alive, stanza, from);
}

/* What was asked and what was to be answered belongs to the session that is over. */
static void
forget_session (FerryRouter *self)
{
  g_autoptr (GError) error = g_error_new (FERRY_ERROR, FERRY_ERROR_OFFLINE,
                                          "the session ended before the answer came");
  g_hash_table_remove_all (self->open);
  ferry_reply_cache_clear (self->replies);
  ferry_queries_fail_all (self->queries, error);
}

static void
on_online (FerryStream *stream, gboolean resumed, FerryRouter *self)
{
  if (!resumed)
    forget_session (self);
}

static void
on_offline (FerryStream *stream, const GError *error, FerryRouter *self)
{
  forget_session (self);
}

/* The time of an interruption is nobody's fault and does not count. */
static void
on_state_changed (FerryStream *stream, FerryRouter *self)
{
  ferry_queries_set_running (self->queries,
                             ferry_stream_get_state (stream) == FERRY_STREAM_ONLINE);
}

void
ferry_router_send (FerryRouter *self, FerryNode *stanza)
{
  g_return_if_fail (FERRY_IS_ROUTER (self));
  g_return_if_fail (stanza != NULL);

  g_autoptr (FerryNode) owned = stanza;
  ferry_stream_send (self->stream, owned);
}

/* --- Handlers --------------------------------------------------------------------------------
 */

guint
ferry_router_add_request_handler (FerryRouter *self,
                                  const char *ns,
                                  FerryRequestFunc func,
                                  gpointer user_data)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (self) && ns != NULL && func != NULL, 0);

  return ferry_handlers_add (self->handlers, "iq", ns, G_CALLBACK (func), user_data);
}

guint
ferry_router_add_message_handler (FerryRouter *self,
                                  const char *ns,
                                  FerryStanzaFunc func,
                                  gpointer user_data)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (self) && ns != NULL && func != NULL, 0);

  return ferry_handlers_add (self->handlers, "message", ns, G_CALLBACK (func), user_data);
}

guint
ferry_router_add_presence_handler (FerryRouter *self, FerryStanzaFunc func, gpointer user_data)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (self) && func != NULL, 0);

  return ferry_handlers_add (self->handlers, "presence", NULL, G_CALLBACK (func), user_data);
}

void
ferry_router_remove_handler (FerryRouter *self, guint id)
{
  g_return_if_fail (FERRY_IS_ROUTER (self));

  ferry_handlers_remove (self->handlers, id);
}

void
ferry_router_let_repeats_through (FerryRouter *self, const char *ns)
{
  g_return_if_fail (FERRY_IS_ROUTER (self) && ns != NULL);

  g_hash_table_add (self->repeating_ns, g_strdup (ns));
}

/* --- Object ----------------------------------------------------------------------------------
 */

FerryStream *
ferry_router_get_stream (FerryRouter *self)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (self), NULL);

  return self->stream;
}

FerryJid *
ferry_router_get_jid (FerryRouter *self)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (self), NULL);

  return ferry_stream_get_jid (self->stream);
}

FerryRouter *
ferry_router_new (FerryStream *stream)
{
  g_return_val_if_fail (FERRY_IS_STREAM (stream), NULL);

  FerryRouter *self = g_object_new (FERRY_TYPE_ROUTER, NULL);
  self->stream = g_object_ref (stream);
  g_signal_connect_object (stream, "stanza", G_CALLBACK (on_stanza), self, 0);
  g_signal_connect_object (stream, "online", G_CALLBACK (on_online), self, 0);
  g_signal_connect_object (stream, "offline", G_CALLBACK (on_offline), self, 0);
  g_signal_connect_object (stream, "state-changed", G_CALLBACK (on_state_changed), self, 0);
  return self;
}

/* A question holds its router, so none is open here. */
static void
ferry_router_finalize (GObject *object)
{
  FerryRouter *self = FERRY_ROUTER (object);

  g_clear_object (&self->stream);
  g_clear_pointer (&self->handlers, ferry_handlers_free);
  g_clear_pointer (&self->queries, ferry_queries_free);
  g_clear_pointer (&self->open, g_hash_table_unref);
  g_clear_pointer (&self->repeating_ns, g_hash_table_unref);
  g_clear_pointer (&self->replies, ferry_reply_cache_free);

  G_OBJECT_CLASS (ferry_router_parent_class)->finalize (object);
}

static void
ferry_router_class_init (FerryRouterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_router_finalize;
}

static void
ferry_router_init (FerryRouter *self)
{
  self->handlers = ferry_handlers_new ();
  self->queries = ferry_queries_new ();
  self->open = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) ferry_node_unref, NULL);
  self->repeating_ns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->replies = ferry_reply_cache_new ();
}
