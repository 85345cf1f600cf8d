/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-si-negotiator"

#include "config.h"

#include "signalling/si/ferry-si-negotiator.h"

#include "bytestream/s5b/ferry-s5b-wire-si.h"
#include "signalling/ferry-offer-limit.h"
#include "signalling/ferry-session-table.h"
#include "signalling/si/ferry-si-end.h"
#include "signalling/si/ferry-si-session.h"
#include "xmpp/ferry-ns.h"

struct _FerrySiNegotiator
{
  GObject parent_instance;

  FerryRouter *router;
  FerryS5bService *s5b; /* nullable */
  FerryIbbService *ibb;
  guint request_handler;
  guint query_handler;
  guint end_handler;
  guint presence_handler;
  FerryRateLimit *offer_limit;
  FerrySessionTable *sessions;

  FerrySiKnownFunc is_known;
  gpointer known_data;
  GDestroyNotify known_destroy;
  FerrySiTakeFunc take; /* nullable */
  gpointer take_data;
  FerryIdentityFunc get_identity;
  gpointer identity_data;
  GDestroyNotify identity_destroy;
};

static void ferry_si_negotiator_iface_init (FerryNegotiatorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrySiNegotiator,
                               ferry_si_negotiator,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_NEGOTIATOR,
                                                      ferry_si_negotiator_iface_init))

/* (transfer none) (nullable) */
static FerryTlsIdentity *
get_identity (FerrySiNegotiator *self, FerryJid *peer, gboolean offers)
{
  return self->get_identity != NULL ? self->get_identity (peer, offers, self->identity_data)
                                    : NULL;
}

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

static void
on_offer_opened (FerrySiSession *session, GSocket *socket, FerrySiNegotiator *self)
{
  ferry_offer_limit_give_back (self->offer_limit, FERRY_SESSION (session));
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
  FerrySession *expecting =
      ferry_session_table_find_match (self->sessions, from, is_expecting, offer);
  gboolean encrypts = offer->security.kind == FERRY_SECURITY_TLS;
  FerryTlsIdentity *own = encrypts ? get_identity (self, from, TRUE) : NULL;

  if (ferry_session_table_find (self->sessions, from, offer->id) != NULL)
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
          self->router, self->s5b, self->ibb, from, own, request, g_steal_pointer (&owned));
      ferry_session_table_add (self->sessions, FERRY_SESSION (session));
      g_signal_connect_object (session, "opened", G_CALLBACK (on_offer_opened), self, 0);
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
      (self->is_known != NULL && !self->is_known (from, self->known_data)))
    return FALSE;
  if (!ferry_offer_limit_take (self->offer_limit, from))
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
      sid != NULL ? ferry_session_table_find (self->sessions, from, sid) : NULL;
  if (session != NULL)
    ferry_si_session_take_query (FERRY_SI_SESSION (session), request);
  else if (self->is_known != NULL && !self->is_known (from, self->known_data))
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
  FerrySession *session = ferry_session_table_find (self->sessions, from, end.sid);
  if (session == NULL)
    return FALSE;
  ferry_router_reply (router, request, NULL);
  ferry_si_session_take_end (FERRY_SI_SESSION (session), &end);
  return TRUE;
}

/* --- Who goes away ---------------------------------------------------------------------------
 */

static void
on_presence (FerryRouter *router, FerryNode *presence, FerryJid *from, gpointer user_data)
{
  FerrySiNegotiator *self = user_data;

  ferry_session_table_take_presence (self->sessions, presence, from);
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
      ferry_si_session_new_offer (self->router, self->s5b, self->ibb, peer, file, routes, sid,
                                  ferry_session_table_has_room (self->sessions, peer));
  FerryTlsIdentity *own = get_identity (self, peer, FALSE);

  if (own != NULL)
    ferry_session_set_identity (FERRY_SESSION (session), own, FERRY_TLS_CLIENT);
  ferry_session_table_add (self->sessions, FERRY_SESSION (session));
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
ferry_si_negotiator_set_identity_func (FerrySiNegotiator *self,
                                       FerryIdentityFunc func,
                                       gpointer user_data,
                                       GDestroyNotify destroy)
{
  g_return_if_fail (FERRY_IS_SI_NEGOTIATOR (self));

  if (self->identity_destroy != NULL)
    self->identity_destroy (self->identity_data);
  self->get_identity = func;
  self->identity_data = user_data;
  self->identity_destroy = destroy;
}

void
ferry_si_negotiator_set_known_func (FerrySiNegotiator *self,
                                    FerrySiKnownFunc func,
                                    gpointer user_data,
                                    GDestroyNotify destroy)
{
  g_return_if_fail (FERRY_IS_SI_NEGOTIATOR (self));

  if (self->known_destroy != NULL)
    self->known_destroy (self->known_data);
  self->is_known = func;
  self->known_data = user_data;
  self->known_destroy = destroy;
}

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
ferry_si_negotiator_new (FerryRouter *router, FerryS5bService *s5b, FerryIbbService *ibb)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (router), NULL);
  g_return_val_if_fail (FERRY_IS_IBB_SERVICE (ibb), NULL);

  FerrySiNegotiator *self = g_object_new (FERRY_TYPE_SI_NEGOTIATOR, NULL);

  self->router = g_object_ref (router);
  self->sessions = ferry_session_table_new (ferry_router_get_stream (router));
  g_set_object (&self->s5b, s5b);
  self->ibb = g_object_ref (ibb);
  self->request_handler =
      ferry_router_add_request_handler (router, FERRY_NS_SI, on_request, self);
  self->query_handler =
      ferry_router_add_request_handler (router, FERRY_NS_BYTESTREAMS, on_query, self);
  self->end_handler = ferry_router_add_request_handler (router, FERRY_NS_FILES, on_end, self);
  self->presence_handler = ferry_router_add_presence_handler (router, on_presence, self);
  return self;
}

static void
ferry_si_negotiator_dispose (GObject *object)
{
  FerrySiNegotiator *self = FERRY_SI_NEGOTIATOR (object);

  if (self->router != NULL)
    {
      ferry_router_remove_handler (self->router, self->request_handler);
      ferry_router_remove_handler (self->router, self->query_handler);
      ferry_router_remove_handler (self->router, self->end_handler);
      ferry_router_remove_handler (self->router, self->presence_handler);
    }
  ferry_si_negotiator_set_known_func (self, NULL, NULL, NULL);
  ferry_si_negotiator_set_identity_func (self, NULL, NULL, NULL);
  g_clear_pointer (&self->sessions, ferry_session_table_free);
  g_clear_object (&self->ibb);
  g_clear_object (&self->s5b);
  g_clear_object (&self->router);
  G_OBJECT_CLASS (ferry_si_negotiator_parent_class)->dispose (object);
}

static void
ferry_si_negotiator_finalize (GObject *object)
{
  FerrySiNegotiator *self = FERRY_SI_NEGOTIATOR (object);

  ferry_rate_limit_free (self->offer_limit);
  G_OBJECT_CLASS (ferry_si_negotiator_parent_class)->finalize (object);
}

static void
ferry_si_negotiator_class_init (FerrySiNegotiatorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_si_negotiator_dispose;
  object_class->finalize = ferry_si_negotiator_finalize;
}

static void
ferry_si_negotiator_init (FerrySiNegotiator *self)
{
  self->offer_limit = ferry_offer_limit_new ();
}
