/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-si-negotiator"

#include "config.h"

#include "signalling/si/ferry-si-negotiator.h"

#include "bytestream/s5b/ferry-s5b-wire-si.h"
#include "signalling/si/ferry-si-end.h"
#include "signalling/si/ferry-si-session.h"
#include "xmpp/ferry-ns.h"

struct _FerrySiNegotiator
{
  GObject parent_instance;

  FerrySignalling *signalling;
  FerryRouter *router;         /* of @signalling */
  FerrySessionTable *sessions; /* of @signalling */
  guint request_handler;
  guint query_handler;
  guint end_handler;

  FerrySiTakeFunc take; /* nullable */
  gpointer take_data;
};

static void ferry_si_negotiator_iface_init (FerryNegotiatorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrySiNegotiator,
                               ferry_si_negotiator,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_NEGOTIATOR,
                                                      ferry_si_negotiator_iface_init))

/* --- Offers that come ------------------------------------------------------------------------
 */

/* XEP-0095 §4.2 */
static void
refuse (FerrySiNegotiator *self, FerryNode *request, FerrySiRefusal refusal)
{
  static const char *const details[] = {
    [FERRY_SI_REFUSAL_MALFORMED] = NULL,
    [FERRY_SI_REFUSAL_BAD_PROFILE] = "bad-profile",
    [FERRY_SI_REFUSAL_NO_STREAMS] = "no-valid-streams",
  };
  const char *detail = details[refusal];
  ferry_router_reply_error (self->router, request, FERRY_STANZA_BAD_REQUEST,
                            detail != NULL ? ferry_node_new (detail, FERRY_NS_SI) : NULL);
}

static gboolean
is_expecting (FerrySession *session, gconstpointer offer)
{
  return ferry_si_session_expects (FERRY_SI_SESSION (session), offer);
}

/* @offer: (transfer full) */
static void
take_offer (FerrySiNegotiator *self, FerryNode *request, FerryJid *from, FerrySiOffer *offer)
{
  g_autoptr (FerrySiOffer) owned = offer;
  FerrySession *expecting = ferry_session_table_find_match (
      self->sessions, FERRY_TYPE_SI_SESSION, from, is_expecting, offer);
  gboolean encrypts = offer->security.kind == FERRY_SECURITY_TLS;
  FerryTlsIdentity *own =
      encrypts ? ferry_signalling_get_identity (self->signalling, from, TRUE) : NULL;

  if (ferry_session_table_find (self->sessions, FERRY_TYPE_SI_SESSION, from, offer->id) != NULL)
    refuse (self, request, FERRY_SI_REFUSAL_MALFORMED);
  else if (expecting != NULL)
    ferry_si_session_take_second (FERRY_SI_SESSION (expecting), request, offer);
  else if (offer->security.kind == FERRY_SECURITY_OTHER || (encrypts && own == NULL))
    ferry_router_reply_error (self->router, request, FERRY_STANZA_NOT_ACCEPTABLE, NULL);
  else if (!ferry_session_table_has_room_for_offer (self->sessions, from))
    ferry_router_reply_error (self->router, request, FERRY_STANZA_RESOURCE_CONSTRAINT, NULL);
  else
    {
      g_autoptr (FerrySiSession) session = ferry_si_session_new_offered (
          self->signalling, from, own, request, g_steal_pointer (&owned));
      ferry_signalling_add_session (self->signalling, FERRY_SESSION (session));
      if (self->take == NULL || !self->take (FERRY_SESSION (session), self->take_data))
        ferry_negotiator_emit_offer_received (FERRY_NEGOTIATOR (self), FERRY_SESSION (session));
    }
}

static gboolean
on_request (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  FerrySiNegotiator *self = user_data;
  g_autoptr (GError) error = NULL;
  FerrySiRefusal refusal;

  /* A stranger learns nothing, not even that we understand SI. */
  if (from == NULL || ferry_jid_is_bare (from) ||
      g_strcmp0 (ferry_node_get_attr (request, "type"), "set") != 0 ||
      !ferry_signalling_knows (self->signalling, from))
    return FALSE;
  if (!ferry_signalling_take_offer (self->signalling, from))
    {
      ferry_router_reply_error (router, request, FERRY_STANZA_RESOURCE_CONSTRAINT, NULL);
      return TRUE;
    }

  g_autoptr (FerrySiOffer) offer = ferry_si_offer_parse (
      ferry_node_get_child (request, "si", FERRY_NS_SI), &refusal, &error);
  if (offer == NULL)
    {
      g_debug ("%s: %s", ferry_jid_get_text (from), error->message);
      refuse (self, request, refusal);
    }
  else
    take_offer (self, request, from, g_steal_pointer (&offer));
  return TRUE;
}

/* Streamhosts (XEP-0065 §5.3) of somebody with whom a stream is agreed. */
static gboolean
on_query (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  FerrySiNegotiator *self = user_data;
  const char *sid = ferry_s5b_query_get_sid (request);

  if (from == NULL || g_strcmp0 (ferry_node_get_attr (request, "type"), "set") != 0)
    return FALSE;
  FerrySession *session =
      sid != NULL ? ferry_session_table_find (self->sessions, FERRY_TYPE_SI_SESSION, from, sid)
                  : NULL;
  if (session != NULL)
    ferry_si_session_take_query (FERRY_SI_SESSION (session), request);
  else if (!ferry_signalling_knows (self->signalling, from))
    return FALSE;
  else
    ferry_router_reply_error (
        router, request, sid != NULL ? FERRY_STANZA_NOT_ACCEPTABLE : FERRY_STANZA_BAD_REQUEST,
        NULL);
  return TRUE;
}

/* A Ferry tells why it stops. */
static gboolean
on_end (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  FerrySiNegotiator *self = user_data;
  FerryNode *payload = ferry_node_get_child (request, "end", FERRY_NS_FILES);
  FerrySiEnd end;

  if (from == NULL || payload == NULL || !ferry_si_end_parse (payload, &end))
    return FALSE;
  FerrySession *session =
      ferry_session_table_find (self->sessions, FERRY_TYPE_SI_SESSION, from, end.sid);
  if (session == NULL)
    return FALSE;
  ferry_router_reply (router, request, NULL);
  ferry_si_session_take_end (FERRY_SI_SESSION (session), &end);
  return TRUE;
}

/* --- Offers that we make ---------------------------------------------------------------------
 */

static FerrySession *
offer (FerrySiNegotiator *self,
       FerryJid *peer,
       FerryFileInfo *file,
       FerryRoute routes,
       const char *sid)
{
  FerrySiSession *session =
      ferry_si_session_new_offer (self->signalling, peer, file, routes, sid);

  ferry_signalling_add_session (self->signalling, FERRY_SESSION (session));
  return FERRY_SESSION (session);
}

FerrySession *
ferry_si_negotiator_offer_as (FerrySiNegotiator *self,
                              FerryJid *peer,
                              FerryFileInfo *file,
                              FerryRoute routes,
                              const char *sid)
{
  g_return_val_if_fail (FERRY_IS_SI_NEGOTIATOR (self), NULL);
  g_return_val_if_fail (peer != NULL && !ferry_jid_is_bare (peer), NULL);
  g_return_val_if_fail (sid != NULL && file != NULL && file->size >= 0, NULL);

  return offer (self, peer, file, routes, sid);
}

static FerrySession *
ferry_si_negotiator_offer (FerryNegotiator *negotiator,
                           FerryJid *peer,
                           FerryFileInfo *file,
                           FerryRoute routes)
{
  return offer (FERRY_SI_NEGOTIATOR (negotiator), peer, file, routes, NULL);
}

static void
ferry_si_negotiator_iface_init (FerryNegotiatorInterface *iface)
{
  iface->offer = ferry_si_negotiator_offer;
}

/* --- Making and clearing away ----------------------------------------------------------------
 */

void
ferry_si_negotiator_set_take_func (FerrySiNegotiator *self,
                                   FerrySiTakeFunc func,
                                   gpointer user_data)
{
  g_return_if_fail (FERRY_IS_SI_NEGOTIATOR (self));

  self->take = func;
  self->take_data = user_data;
}

FerrySiNegotiator *
ferry_si_negotiator_new (FerrySignalling *signalling)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (signalling), NULL);

  FerryRouter *router = ferry_signalling_get_router (signalling);
  FerrySiNegotiator *self = g_object_new (FERRY_TYPE_SI_NEGOTIATOR, NULL);

  self->signalling = g_object_ref (signalling);
  self->router = router;
  self->sessions = ferry_signalling_get_sessions (signalling);
  self->request_handler =
      ferry_router_add_request_handler (router, FERRY_NS_SI, on_request, self);
  self->query_handler =
      ferry_router_add_request_handler (router, FERRY_NS_BYTESTREAMS, on_query, self);
  self->end_handler = ferry_router_add_request_handler (router, FERRY_NS_FILES, on_end, self);
  return self;
}

static void
ferry_si_negotiator_dispose (GObject *object)
{
  FerrySiNegotiator *self = FERRY_SI_NEGOTIATOR (object);

  if (self->signalling != NULL)
    {
      ferry_router_remove_handler (self->router, self->request_handler);
      ferry_router_remove_handler (self->router, self->query_handler);
      ferry_router_remove_handler (self->router, self->end_handler);
    }
  g_clear_object (&self->signalling);
  G_OBJECT_CLASS (ferry_si_negotiator_parent_class)->dispose (object);
}

static void
ferry_si_negotiator_class_init (FerrySiNegotiatorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_si_negotiator_dispose;
}

static void
ferry_si_negotiator_init (FerrySiNegotiator *self)
{
}
