/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-jingle-negotiator"

#include "config.h"

#include "signalling/jingle/ferry-jingle-negotiator.h"

#include "signalling/jingle/ferry-jingle-build.h"
#include "signalling/jingle/ferry-jingle-session.h"
#include "xmpp/ferry-ns.h"

struct _FerryJingleNegotiator
{
  GObject parent_instance;

  FerrySignalling *signalling;
  FerryRouter *router;         /* of @signalling */
  FerrySessionTable *sessions; /* of @signalling */
  guint request_handler;

  FerryJingleRequests *requests;
  FerryJingleRequestFunc take_request;
  gpointer request_data;

  FerryJingleFeatureFunc has_feature;
  gpointer feature_data;
};

static void ferry_jingle_negotiator_iface_init (FerryNegotiatorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryJingleNegotiator,
                               ferry_jingle_negotiator,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_NEGOTIATOR,
                                                      ferry_jingle_negotiator_iface_init))

/* --- Offers that come ------------------------------------------------------------------------
 */

static void
refused_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) answer =
      ferry_router_query_finish (FERRY_ROUTER (source), result, &error);
  if (answer == NULL)
    g_debug ("A refusal was answered with an error: %s", error->message);
}

/* XEP-0166 §6.3.2: a well-formed offer is acknowledged first, also when it cannot be taken.
 * @extra: (transfer full) (nullable) */
static void
refuse (FerryJingleNegotiator *self,
        FerryJid *from,
        const char *sid,
        FerryJingleReason reason,
        FerryNode *extra)
{
  g_autoptr (FerryJingleAction) action =
      ferry_jingle_action_new (FERRY_JINGLE_SESSION_TERMINATE, sid);
  action->reason = reason;
  action->reason_extra = extra;
  ferry_router_query_async (self->router, "set", from, ferry_jingle_action_to_node (action), 0,
                            NULL, refused_cb, NULL);
}

static gboolean
is_expecting (FerrySession *session, gconstpointer offer)
{
  return ferry_jingle_session_expects (FERRY_JINGLE_SESSION (session), offer);
}

/* Who was offered a file may ask for it, also where nobody may offer us anything.
 * Returns: %FALSE if it is none of theirs: then a stranger learns nothing */
static gboolean
take_request (FerryJingleNegotiator *self,
              FerryNode *request,
              FerryJid *from,
              const char *sid,
              const FerryFileInfo *wanted,
              gboolean is_known)
{
  if (!ferry_signalling_take_request (self->signalling, from))
    {
      if (!is_known)
        return FALSE;
      ferry_router_reply_error (self->router, request, FERRY_STANZA_RESOURCE_CONSTRAINT, NULL);
      return TRUE;
    }
  FerryJingleRequestAnswer answer = self->take_request != NULL
                                        ? self->take_request (from, wanted, self->request_data)
                                        : FERRY_JINGLE_REQUEST_REFUSED;

  if (answer == FERRY_JINGLE_REQUEST_REFUSED && !is_known)
    return FALSE;
  ferry_router_reply (self->router, request, NULL);
  if (answer == FERRY_JINGLE_REQUEST_TAKEN)
    refuse (self, from, sid, FERRY_JINGLE_REASON_ALTERNATIVE_SESSION, NULL);
  else if (answer == FERRY_JINGLE_REQUEST_PAUSED)
    refuse (self, from, sid, FERRY_JINGLE_REASON_CANCEL,
            ferry_node_new ("paused", FERRY_NS_FILES));
  else
    refuse (self, from, sid, FERRY_JINGLE_REASON_FAILED_APPLICATION,
            ferry_node_new ("file-not-available", FERRY_NS_JINGLE_FILE_ERRORS));
  return TRUE;
}

static void
take_offer (FerryJingleNegotiator *self,
            FerryNode *request,
            FerryJid *from,
            const FerryJingleAction *action)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) extra = NULL;
  FerryJingleReason refusal;

  if (!ferry_signalling_take_offer (self->signalling, from))
    {
      ferry_router_reply_error (self->router, request, FERRY_STANZA_RESOURCE_CONSTRAINT, NULL);
      return;
    }
  g_autoptr (FerryJingleOffer) offer =
      ferry_jingle_offer_parse (action, &refusal, &extra, &error);

  if (error != NULL)
    {
      g_debug ("%s: %s", action->sid, error->message);
      ferry_router_reply_error (self->router, request, FERRY_STANZA_BAD_REQUEST, NULL);
      return;
    }
  if (offer != NULL && offer->s5b != NULL &&
      ferry_signalling_get_s5b (self->signalling) == NULL)
    refusal = FERRY_JINGLE_REASON_UNSUPPORTED_TRANSPORTS;
  gboolean encrypts = offer != NULL && offer->security.kind == FERRY_SECURITY_TLS;
  FerryTlsIdentity *own =
      encrypts ? ferry_signalling_get_identity (self->signalling, from, TRUE) : NULL;
  if (encrypts && own == NULL)
    refusal = FERRY_JINGLE_REASON_SECURITY_ERROR;
  if (refusal != FERRY_JINGLE_REASON_NONE)
    {
      ferry_router_reply (self->router, request, NULL);
      refuse (self, from, action->sid, refusal, g_steal_pointer (&extra));
      return;
    }

  FerrySession *expecting = ferry_session_table_find_match (
      self->sessions, FERRY_TYPE_JINGLE_SESSION, from, is_expecting, offer);
  if (expecting != NULL)
    {
      ferry_jingle_session_take_second (FERRY_JINGLE_SESSION (expecting), request, action->sid,
                                        g_steal_pointer (&offer));
      return;
    }
  if (!ferry_session_table_has_room_for_offer (self->sessions, from))
    {
      ferry_router_reply_error (self->router, request, FERRY_STANZA_RESOURCE_CONSTRAINT, NULL);
      return;
    }
  ferry_router_reply (self->router, request, NULL);
  g_autoptr (FerryJingleSession) session = ferry_jingle_session_new_offered (
      self->signalling, from, own, action->sid, g_steal_pointer (&offer));
  ferry_signalling_add_session (self->signalling, FERRY_SESSION (session));
  ferry_negotiator_emit_offer_received (FERRY_NEGOTIATOR (self), FERRY_SESSION (session));
}

static void
take_action (FerryJingleNegotiator *self,
             FerryNode *request,
             FerryJid *from,
             const FerryJingleAction *action)
{
  FerrySession *session =
      ferry_session_table_find (self->sessions, FERRY_TYPE_JINGLE_SESSION, from, action->sid);

  if (session != NULL)
    ferry_jingle_session_handle (FERRY_JINGLE_SESSION (session), request, action);
  else if (ferry_jingle_requests_handle (self->requests, request, from, action))
    return;
  else if (action->type == FERRY_JINGLE_SESSION_INITIATE)
    take_offer (self, request, from, action);
  else
    ferry_router_reply_error (self->router, request, FERRY_STANZA_ITEM_NOT_FOUND,
                              ferry_node_new ("unknown-session", FERRY_NS_JINGLE_ERRORS));
}

/* Is it said about something that we have begun? */
static gboolean
is_expected (FerryJingleNegotiator *self, FerryJid *from, const FerryJingleAction *action)
{
  return ferry_session_table_find (self->sessions, FERRY_TYPE_JINGLE_SESSION, from,
                                   action->sid) != NULL ||
         ferry_jingle_requests_expects (self->requests, from, action->sid);
}

static gboolean
on_request (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  FerryJingleNegotiator *self = user_data;
  g_autoptr (GError) error = NULL;

  g_autoptr (FerryJingleAction) action = NULL;

  if (from == NULL || ferry_jid_is_bare (from))
    return FALSE;
  if (g_strcmp0 (ferry_node_get_attr (request, "type"), "set") == 0)
    action = ferry_jingle_action_parse (
        ferry_node_get_child (request, "jingle", FERRY_NS_JINGLE), &error);
  gboolean is_known = ferry_signalling_knows (self->signalling, from);
  g_autoptr (FerryFileInfo) wanted =
      action != NULL ? ferry_jingle_request_parse (action) : NULL;
  if (wanted != NULL && ferry_session_table_find (self->sessions, FERRY_TYPE_JINGLE_SESSION,
                                                  from, action->sid) == NULL)
    return take_request (self, request, from, action->sid, wanted, is_known);
  /* A stranger learns nothing, not even that we understand Jingle; but whom we have offered a
   * file ourselves may answer. */
  if (!is_known && (action == NULL || !is_expected (self, from, action)))
    return FALSE;
  if (action != NULL)
    take_action (self, request, from, action);
  else
    ferry_router_reply_error (router, request,
                              g_error_matches (error, FERRY_ERROR, FERRY_ERROR_LIMIT)
                                  ? FERRY_STANZA_RESOURCE_CONSTRAINT
                                  : FERRY_STANZA_BAD_REQUEST,
                              NULL);
  return TRUE;
}

/* --- Offers that we make ---------------------------------------------------------------------
 */

static gboolean
may_have (FerryJingleNegotiator *self, FerryJid *peer, const char *feature)
{
  return self->has_feature == NULL || self->has_feature (peer, feature, self->feature_data);
}

static FerrySession *
ferry_jingle_negotiator_offer (FerryNegotiator *negotiator,
                               FerryJid *peer,
                               FerryFileInfo *file,
                               FerryRoute routes)
{
  FerryJingleNegotiator *self = FERRY_JINGLE_NEGOTIATOR (negotiator);
  FerryRoute peer_routes = FERRY_ROUTE_NONE;

  if (may_have (self, peer, FERRY_NS_JINGLE_S5B))
    peer_routes |= FERRY_ROUTE_DIRECT | FERRY_ROUTE_PROXY;
  if (may_have (self, peer, FERRY_NS_JINGLE_IBB))
    peer_routes |= FERRY_ROUTE_INBAND;
  FerryJingleSession *session =
      ferry_jingle_session_new_offer (self->signalling, peer, file, routes, peer_routes);
  ferry_signalling_add_session (self->signalling, FERRY_SESSION (session));
  return FERRY_SESSION (session);
}

static void
ferry_jingle_negotiator_iface_init (FerryNegotiatorInterface *iface)
{
  iface->offer = ferry_jingle_negotiator_offer;
}

/* --- Making and clearing away ----------------------------------------------------------------
 */

void
ferry_jingle_negotiator_set_feature_func (FerryJingleNegotiator *self,
                                          FerryJingleFeatureFunc func,
                                          gpointer user_data)
{
  g_return_if_fail (FERRY_IS_JINGLE_NEGOTIATOR (self));

  self->has_feature = func;
  self->feature_data = user_data;
}

void
ferry_jingle_negotiator_set_request_func (FerryJingleNegotiator *self,
                                          FerryJingleRequestFunc func,
                                          gpointer user_data)
{
  g_return_if_fail (FERRY_IS_JINGLE_NEGOTIATOR (self));

  self->take_request = func;
  self->request_data = user_data;
}

FerryJingleRequests *
ferry_jingle_negotiator_get_requests (FerryJingleNegotiator *self)
{
  g_return_val_if_fail (FERRY_IS_JINGLE_NEGOTIATOR (self), NULL);

  return self->requests;
}

guint
ferry_jingle_negotiator_get_n_sessions (FerryJingleNegotiator *self)
{
  g_return_val_if_fail (FERRY_IS_JINGLE_NEGOTIATOR (self), 0);

  return ferry_session_table_get_n_sessions (self->sessions);
}

FerryJingleNegotiator *
ferry_jingle_negotiator_new (FerrySignalling *signalling)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (signalling), NULL);

  FerryJingleNegotiator *self = g_object_new (FERRY_TYPE_JINGLE_NEGOTIATOR, NULL);

  self->signalling = g_object_ref (signalling);
  self->router = ferry_signalling_get_router (signalling);
  self->sessions = ferry_signalling_get_sessions (signalling);
  self->requests = ferry_jingle_requests_new (self->router);
  self->request_handler =
      ferry_router_add_request_handler (self->router, FERRY_NS_JINGLE, on_request, self);
  return self;
}

static void
ferry_jingle_negotiator_dispose (GObject *object)
{
  FerryJingleNegotiator *self = FERRY_JINGLE_NEGOTIATOR (object);

  if (self->signalling != NULL)
    ferry_router_remove_handler (self->router, self->request_handler);
  self->take_request = NULL;
  g_clear_object (&self->requests);
  g_clear_object (&self->signalling);
  G_OBJECT_CLASS (ferry_jingle_negotiator_parent_class)->dispose (object);
}

static void
ferry_jingle_negotiator_class_init (FerryJingleNegotiatorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_jingle_negotiator_dispose;
}

static void
ferry_jingle_negotiator_init (FerryJingleNegotiator *self)
{
}
