/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-sipub-negotiator"

#include "config.h"

#include "signalling/si/ferry-sipub-negotiator.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

/* Announcements that wait for our user. */
#define MAX_FOUND_PER_CONTACT 20
#define MAX_FOUND 100

struct _FerrySipubNegotiator
{
  GObject parent_instance;

  FerrySignalling *signalling;
  FerryRouter *router; /* of @signalling */
  FerrySiNegotiator *si;
  FerrySipubFindFunc find;
  gpointer user_data;
  guint handlers[5];
  GPtrArray *sessions; /* of FerrySipubSession that have not ended */
};

static guint offer_received_signal;

G_DEFINE_FINAL_TYPE (FerrySipubNegotiator, ferry_sipub_negotiator, G_TYPE_OBJECT)

/* --- The table of sessions -------------------------------------------------------------------
 */

static void
on_session_ended (FerrySession *session, const GError *error, FerrySipubNegotiator *self)
{
  g_ptr_array_remove (self->sessions, session);
}

static void
add_session (FerrySipubNegotiator *self, FerrySipubSession *session)
{
  g_ptr_array_add (self->sessions, g_object_ref (session));
  g_signal_connect_object (session, "ended", G_CALLBACK (on_session_ended), self, 0);
}

/* @peer: (nullable): anybody. Returns: (nullable) (transfer none) */
static FerrySipubSession *
find_session (FerrySipubNegotiator *self,
              FerryDirection direction,
              const FerryJid *peer,
              const char *id)
{
  for (guint i = 0; i < self->sessions->len; i++)
    {
      FerrySession *session = self->sessions->pdata[i];
      if (ferry_session_get_direction (session) == direction &&
          g_str_equal (ferry_session_get_id (session), id) &&
          (peer == NULL || ferry_jid_equal_bare (ferry_session_get_peer (session), peer)))
        return FERRY_SIPUB_SESSION (session);
    }
  return NULL;
}

static gboolean
has_room (FerrySipubNegotiator *self, const FerryJid *owner)
{
  guint n_found = 0, n_of_contact = 0;

  for (guint i = 0; i < self->sessions->len; i++)
    {
      FerrySession *session = self->sessions->pdata[i];
      if (ferry_session_get_direction (session) != FERRY_DIRECTION_RECEIVE)
        continue;
      n_found++;
      n_of_contact += ferry_jid_equal_bare (ferry_session_get_peer (session), owner) ? 1 : 0;
    }
  return n_found < MAX_FOUND && n_of_contact < MAX_FOUND_PER_CONTACT;
}

/* --- What others announce --------------------------------------------------------------------
 */

/* @sipub: (transfer full) */
static void
take_announcement (FerrySipubNegotiator *self, FerryJid *from, FerrySipub *sipub)
{
  g_autoptr (FerrySipub) owned = sipub;
  g_autoptr (FerryJid) owner = ferry_jid_ref (sipub->owner != NULL ? sipub->owner : from);

  /* A message may come twice, or from a node as well. Who passes on what another one has must
   * be as welcome: else any stranger could show files in the name of a contact. */
  if (!ferry_signalling_knows (self->signalling, from) ||
      !ferry_signalling_knows (self->signalling, owner) || !has_room (self, owner) ||
      find_session (self, FERRY_DIRECTION_RECEIVE, owner, sipub->id) != NULL)
    {
      g_debug ("%s: an announcement is left alone", ferry_jid_get_text (owner));
      return;
    }
  g_autoptr (FerrySipubSession) session = ferry_sipub_session_new_found (
      self->router, owner, g_steal_pointer (&owned), self->find, self->user_data);
  add_session (self, session);
  g_signal_emit (self, offer_received_signal, 0, session);
}

/* Our own announcement comes back: it reached nobody. */
static void
take_bounce (FerrySipubNegotiator *self, FerryNode *message, FerryJid *from)
{
  g_autoptr (GPtrArray) list = ferry_sipub_list (message);
  g_autoptr (GError) error = ferry_stanza_error_parse (message);

  for (guint i = 0; i < list->len; i++)
    {
      const FerrySipub *sipub = list->pdata[i];
      FerrySipubSession *session = find_session (self, FERRY_DIRECTION_SEND, from, sipub->id);
      if (session != NULL &&
          ferry_session_get_state (FERRY_SESSION (session)) == FERRY_SESSION_OFFERED)
        ferry_session_fail (FERRY_SESSION (session), error);
    }
}

static void
on_message (FerryRouter *router, FerryNode *message, FerryJid *from, gpointer user_data)
{
  FerrySipubNegotiator *self = user_data;

  if (g_strcmp0 (ferry_node_get_attr (message, "type"), "error") == 0)
    {
      take_bounce (self, message, from);
      return;
    }
  g_autoptr (GPtrArray) list = ferry_sipub_list (message);
  while (list->len > 0)
    take_announcement (self, from, g_ptr_array_steal_index (list, 0));
}

/* An offer has come: did we ask for it? */
static gboolean
take_offer (FerrySession *offer, gpointer user_data)
{
  FerrySipubNegotiator *self = user_data;

  for (guint i = 0; i < self->sessions->len; i++)
    {
      g_autoptr (FerrySipubSession) session = g_object_ref (self->sessions->pdata[i]);
      if (ferry_sipub_session_take (session, offer))
        return TRUE;
    }
  return FALSE;
}

/* --- What others ask for ---------------------------------------------------------------------
 */

static gboolean
on_request (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  FerrySipubNegotiator *self = user_data;

  if (from == NULL || ferry_jid_is_bare (from) ||
      g_strcmp0 (ferry_node_get_attr (request, "type"), "get") != 0)
    return FALSE;
  const char *id = ferry_sipub_start_parse (ferry_node_get_nth_child (request, 0));
  FerrySipubSession *session =
      id != NULL ? find_session (self, FERRY_DIRECTION_SEND, from, id) : NULL;
  if (session != NULL)
    {
      ferry_sipub_session_start (session, request, from);
      return TRUE;
    }
  /* A stranger learns nothing, not even that we are there. */
  if (!ferry_signalling_knows (self->signalling, from))
    return FALSE;

  FerryStanzaCondition condition = FERRY_STANZA_NOT_ACCEPTABLE;
  if (id == NULL)
    condition = FERRY_STANZA_BAD_REQUEST;
  else if (find_session (self, FERRY_DIRECTION_SEND, NULL, id) != NULL)
    condition = FERRY_STANZA_FORBIDDEN;
  ferry_router_reply_error (router, request, condition, NULL);
  return TRUE;
}

/* --- What we announce ------------------------------------------------------------------------
 */

FerrySession *
ferry_sipub_negotiator_publish (FerrySipubNegotiator *self,
                                FerryJid *contact,
                                FerryFileInfo *file,
                                FerryRoute routes)
{
  g_return_val_if_fail (FERRY_IS_SIPUB_NEGOTIATOR (self), NULL);
  g_return_val_if_fail (contact != NULL, NULL);
  g_return_val_if_fail (file != NULL && file->name != NULL && file->size >= 0, NULL);

  g_autoptr (FerryJid) bare = ferry_jid_dup_bare (contact);
  FerrySipubSession *session =
      ferry_sipub_session_new_own (self->router, self->si, bare, file, routes);
  FerryNode *message = ferry_node_new ("message", FERRY_NS_CLIENT);

  add_session (self, session);
  ferry_node_set_attr (message, "to", ferry_jid_get_text (bare));
  ferry_node_take_child (message, ferry_sipub_session_make_announcement (session));
  ferry_router_send (self->router, message);
  return FERRY_SESSION (session);
}

/* --- Making and clearing away ----------------------------------------------------------------
 */

FerrySipubNegotiator *
ferry_sipub_negotiator_new (FerrySignalling *signalling,
                            FerrySiNegotiator *si,
                            FerrySipubFindFunc find,
                            gpointer user_data)
{
  g_return_val_if_fail (FERRY_IS_SIGNALLING (signalling), NULL);
  g_return_val_if_fail (FERRY_IS_SI_NEGOTIATOR (si), NULL);
  g_return_val_if_fail (find != NULL, NULL);

  FerrySipubNegotiator *self = g_object_new (FERRY_TYPE_SIPUB_NEGOTIATOR, NULL);
  FerryRouter *router = ferry_signalling_get_router (signalling);
  const guint handlers[] = {
    ferry_router_add_request_handler (router, FERRY_NS_SIPUB, on_request, self),
    ferry_router_add_request_handler (router, FERRY_NS_SIPUB_COCCINELLA, on_request, self),
    ferry_router_add_message_handler (router, FERRY_NS_SIPUB, on_message, self),
    ferry_router_add_message_handler (router, FERRY_NS_SIPUB_COCCINELLA, on_message, self),
    ferry_router_add_message_handler (router, FERRY_NS_PUBSUB_EVENT, on_message, self),
  };

  G_STATIC_ASSERT (sizeof handlers == sizeof self->handlers);
  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    self->handlers[i] = handlers[i];
  self->signalling = g_object_ref (signalling);
  self->router = router;
  self->si = g_object_ref (si);
  self->find = find;
  self->user_data = user_data;
  ferry_si_negotiator_set_take_func (si, take_offer, self);
  return self;
}

/* Whoever still shows one must not be able to ask any more. */
static void
end_sessions (FerrySipubNegotiator *self)
{
  g_autoptr (GError) error =
      g_error_new_literal (FERRY_ERROR, FERRY_ERROR_OFFLINE, "The account is gone");

  while (self->sessions->len > 0)
    {
      g_autoptr (FerrySession) session = g_ptr_array_steal_index (self->sessions, 0);
      ferry_session_fail (session, error);
    }
}

static void
ferry_sipub_negotiator_dispose (GObject *object)
{
  FerrySipubNegotiator *self = FERRY_SIPUB_NEGOTIATOR (object);

  end_sessions (self);
  if (self->signalling != NULL)
    {
      for (guint i = 0; i < G_N_ELEMENTS (self->handlers); i++)
        ferry_router_remove_handler (self->router, self->handlers[i]);
      ferry_si_negotiator_set_take_func (self->si, NULL, NULL);
    }
  g_clear_object (&self->si);
  g_clear_object (&self->signalling);
  G_OBJECT_CLASS (ferry_sipub_negotiator_parent_class)->dispose (object);
}

static void
ferry_sipub_negotiator_finalize (GObject *object)
{
  g_ptr_array_unref (FERRY_SIPUB_NEGOTIATOR (object)->sessions);
  G_OBJECT_CLASS (ferry_sipub_negotiator_parent_class)->finalize (object);
}

static void
ferry_sipub_negotiator_class_init (FerrySipubNegotiatorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_sipub_negotiator_dispose;
  object_class->finalize = ferry_sipub_negotiator_finalize;
  offer_received_signal =
      g_signal_new ("offer-received", FERRY_TYPE_SIPUB_NEGOTIATOR, G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 1, FERRY_TYPE_SESSION);
}

static void
ferry_sipub_negotiator_init (FerrySipubNegotiator *self)
{
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
}
