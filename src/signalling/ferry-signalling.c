/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/ferry-signalling.h"

#include "xmpp/ferry-rate-limit.h"

#define WINDOW_US (10 * G_USEC_PER_SEC)
#define OFFERS_PER_CONTACT 20
#define OFFERS_OF_ALL 512
#define REQUESTS_OF_STRANGERS 10

struct _FerrySignalling
{
  GObject parent_instance;

  FerryRouter *router;
  FerryS5bService *s5b; /* nullable */
  FerryIbbService *ibb;
  guint presence_handler;
  FerrySessionTable *sessions;
  FerryRateLimit *offers;
  FerryRateLimit *strangers;

  FerryKnownFunc is_known;
  gpointer known_data;
  FerryIdentityFunc get_identity;
  gpointer identity_data;
};

G_DEFINE_FINAL_TYPE (FerrySignalling, ferry_signalling, G_TYPE_OBJECT)

FerryRouter *
ferry_signalling_get_router (FerrySignalling *self)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (self), NULL);

  return self->router;
}

FerryS5bService *
ferry_signalling_get_s5b (FerrySignalling *self)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (self), NULL);

  return self->s5b;
}

FerryIbbService *
ferry_signalling_get_ibb (FerrySignalling *self)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (self), NULL);

  return self->ibb;
}

FerrySessionTable *
ferry_signalling_get_sessions (FerrySignalling *self)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (self), NULL);

  return self->sessions;
}

/* --- Who may --------------------------------------------------------------------------------
 */

void
ferry_signalling_set_known_func (FerrySignalling *self, FerryKnownFunc func, gpointer user_data)
{
  g_return_if_fail (FERRY_IS_SIGNALLING (self));

  self->is_known = func;
  self->known_data = user_data;
}

gboolean
ferry_signalling_knows (FerrySignalling *self, FerryJid *peer)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (self), FALSE);

  return self->is_known == NULL || self->is_known (peer, self->known_data);
}

static gboolean
take (FerryRateLimit *limit, FerryJid *peer)
{
  return ferry_rate_limit_take (limit, ferry_jid_get_bare (peer), g_get_monotonic_time ());
}

gboolean
ferry_signalling_take_offer (FerrySignalling *self, FerryJid *peer)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (self), FALSE);

  return take (self->offers, peer);
}

gboolean
ferry_signalling_take_request (FerrySignalling *self, FerryJid *peer)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (self), FALSE);

  return take (ferry_signalling_knows (self, peer) ? self->offers : self->strangers, peer);
}

/* --- Encryption -----------------------------------------------------------------------------
 */

void
ferry_signalling_set_identity_func (FerrySignalling *self,
                                    FerryIdentityFunc func,
                                    gpointer user_data)
{
  g_return_if_fail (FERRY_IS_SIGNALLING (self));

  self->get_identity = func;
  self->identity_data = user_data;
}

FerryTlsIdentity *
ferry_signalling_get_identity (FerrySignalling *self, FerryJid *peer, gboolean offers)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (self), NULL);

  return self->get_identity != NULL ? self->get_identity (peer, offers, self->identity_data)
                                    : NULL;
}

/* --- Sessions -------------------------------------------------------------------------------
 */

static void
on_offer_opened (FerrySession *session, GSocket *socket, FerrySignalling *self)
{
  ferry_rate_limit_give_back (self->offers,
                              ferry_jid_get_bare (ferry_session_get_peer (session)));
}

void
ferry_signalling_add_session (FerrySignalling *self, FerrySession *session)
{
  g_return_if_fail (FERRY_IS_SIGNALLING (self));

  ferry_session_table_add (self->sessions, session);
  if (ferry_session_get_direction (session) == FERRY_DIRECTION_RECEIVE)
    g_signal_connect_object (session, "opened", G_CALLBACK (on_offer_opened), self, 0);
}

static void
on_presence (FerryRouter *router, FerryNode *presence, FerryJid *from, gpointer user_data)
{
  FerrySignalling *self = user_data;

  ferry_session_table_take_presence (self->sessions, presence, from);
}

/* --- Making and clearing away ---------------------------------------------------------------
 */

FerrySignalling *
ferry_signalling_new (FerryRouter *router, FerryS5bService *s5b, FerryIbbService *ibb)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (router), NULL);
  g_return_val_if_fail (FERRY_IS_IBB_SERVICE (ibb), NULL);

  FerrySignalling *self = g_object_new (FERRY_TYPE_SIGNALLING, NULL);

  self->router = g_object_ref (router);
  g_set_object (&self->s5b, s5b);
  self->ibb = g_object_ref (ibb);
  self->sessions = ferry_session_table_new (ferry_router_get_stream (router));
  self->presence_handler = ferry_router_add_presence_handler (router, on_presence, self);
  return self;
}

static void
ferry_signalling_dispose (GObject *object)
{
  FerrySignalling *self = FERRY_SIGNALLING (object);

  if (self->router != NULL)
    ferry_router_remove_handler (self->router, self->presence_handler);
  g_clear_pointer (&self->sessions, ferry_session_table_free);
  g_clear_object (&self->ibb);
  g_clear_object (&self->s5b);
  g_clear_object (&self->router);
  G_OBJECT_CLASS (ferry_signalling_parent_class)->dispose (object);
}

static void
ferry_signalling_finalize (GObject *object)
{
  FerrySignalling *self = FERRY_SIGNALLING (object);

  ferry_rate_limit_free (self->offers);
  ferry_rate_limit_free (self->strangers);
  G_OBJECT_CLASS (ferry_signalling_parent_class)->finalize (object);
}

static void
ferry_signalling_class_init (FerrySignallingClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_signalling_dispose;
  object_class->finalize = ferry_signalling_finalize;
}

static void
ferry_signalling_init (FerrySignalling *self)
{
  self->offers = ferry_rate_limit_new (WINDOW_US, OFFERS_PER_CONTACT, OFFERS_OF_ALL);
  self->strangers =
      ferry_rate_limit_new (WINDOW_US, REQUESTS_OF_STRANGERS, REQUESTS_OF_STRANGERS);
}
