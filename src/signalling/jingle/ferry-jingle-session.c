/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-jingle-session"

#include "config.h"

#include "signalling/jingle/ferry-jingle-session-private.h"

#include "base/ferry-id.h"
#include "bytestream/ibb/ferry-ibb-bytestream.h"

#define CONTENT_NAME "file"
#define EV(name) FERRY_JINGLE_EV_##name

typedef struct
{
  FerryJingleEvent event;
  GError *error;
} Queued;

static void
ferry_jingle_session_link_init (FerryLinkInterface *iface)
{
  iface->send = ferry_jingle_session_link_send;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryJingleSession,
                               ferry_jingle_session,
                               FERRY_TYPE_SESSION,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_LINK,
                                                      ferry_jingle_session_link_init))

/* --- Steps -----------------------------------------------------------------------------------
 */

static void
queued_free (Queued *queued)
{
  g_clear_error (&queued->error);
  g_free (queued);
}

/* Only events of our own side can come out of an effect: they own nothing but their error. */
static void
wait_for_turn (FerryJingleSession *self, const FerryJingleEvent *event)
{
  Queued *queued = g_new0 (Queued, 1);
  queued->event = *event;
  queued->error = event->error != NULL ? g_error_copy (event->error) : NULL;
  queued->event.error = queued->error;
  g_queue_push_tail (&self->waiting, queued);
}

static void
show_state (FerryJingleSession *self)
{
  FerrySession *session = FERRY_SESSION (self);
  FerryJingleState state = self->machine.state;
  FerrySessionState shown = ferry_session_get_state (session);

  if (shown == FERRY_SESSION_OFFERED && state >= FERRY_JINGLE_PREPARING &&
      state <= FERRY_JINGLE_OPENING)
    ferry_session_set_state (session, FERRY_SESSION_CONNECTING);
  else if (shown == FERRY_SESSION_OPEN && state >= FERRY_JINGLE_FLUSHING &&
           state <= FERRY_JINGLE_BREAKING)
    ferry_session_set_state (session, FERRY_SESSION_CLOSING);
}

static void
step_one (FerryJingleSession *self, const FerryJingleEvent *event, FerryNode *request)
{
  FerryJingleState before = self->machine.state;
  g_auto (FerryJingleEffects) effects = { 0 };

  ferry_jingle_machine_step (&self->machine, event, &effects);
  if (self->machine.state != before)
    {
      g_debug ("%s: %s → %s on event %d", ferry_session_get_id (FERRY_SESSION (self)),
               ferry_jingle_state_get_name (before),
               ferry_jingle_state_get_name (self->machine.state), event->type);
      /* Once there is a pipe, bytes and the end of the transfer do not need the server. */
      ferry_session_clock_set (self->clock,
                               ferry_jingle_machine_get_timeout_ms (&self->machine),
                               self->machine.state < FERRY_JINGLE_OPEN);
      show_state (self);
    }
  /* Who has left will not tell a checksum either. */
  if (self->machine.peer_left)
    ferry_session_set_expects_checksum (FERRY_SESSION (self), FALSE);
  for (guint i = 0; i < effects.n_items; i++)
    ferry_jingle_session_run_effect (self, &effects.items[i], event, request);
}

void
ferry_jingle_session_step (FerryJingleSession *self,
                           const FerryJingleEvent *event,
                           FerryNode *request)
{
  if (self->is_stepping)
    {
      wait_for_turn (self, event);
      return;
    }

  g_autoptr (FerryJingleSession) alive = g_object_ref (self);
  self->is_stepping = TRUE;
  step_one (self, event, request);
  Queued *queued;
  while ((queued = g_queue_pop_head (&self->waiting)) != NULL)
    {
      step_one (self, &queued->event, NULL);
      queued_free (queued);
    }
  self->is_stepping = FALSE;
  ferry_jingle_session_finish_if_done (self);
}

void
ferry_jingle_session_step_type (FerryJingleSession *self,
                                FerryJingleEventType type,
                                const GError *error)
{
  FerryJingleEvent event = { .type = type, .error = error };
  ferry_jingle_session_step (self, &event, NULL);
}

void
ferry_jingle_session_finish_if_done (FerryJingleSession *self)
{
  if (self->is_finished || self->is_stepping || self->is_closing || self->n_queries > 0 ||
      self->machine.state != FERRY_JINGLE_ENDED)
    return;
  self->is_finished = TRUE;
  ferry_jingle_session_drop_stream (self);
  ferry_session_finish (FERRY_SESSION (self));
}

/* --- What the negotiator brings --------------------------------------------------------------
 */

void
ferry_jingle_session_handle (FerryJingleSession *self,
                             FerryNode *request,
                             const FerryJingleAction *action)
{
  g_auto (FerryJingleEvent) event = { 0 };
  ferry_jingle_event_init_from_action (&event, action, &self->machine, self->content,
                                       ferry_session_get_file (FERRY_SESSION (self)),
                                       self->s5b_sid);
  if (event.type == EV (PEER_ACCEPT) &&
      !ferry_session_take_security (FERRY_SESSION (self), &event.security))
    event.type = EV (PEER_ACCEPT_INSECURE);
  ferry_jingle_session_step (self, &event, request);
}

gboolean
ferry_jingle_session_expects (FerryJingleSession *self, const FerryJingleOffer *offer)
{
  const FerryFileInfo *file = ferry_session_get_file (FERRY_SESSION (self));
  return self->machine.state == FERRY_JINGLE_AWAIT_SECOND && offer->ibb != NULL &&
         ferry_session_has_security (FERRY_SESSION (self), &offer->security) &&
         g_strcmp0 (file->name, offer->file->name) == 0 && file->size == offer->file->size;
}

/* @offer: (transfer full) */
static void
take_offer (FerryJingleSession *self, const char *sid, FerryJingleOffer *offer)
{
  ferry_session_set_id (FERRY_SESSION (self), sid);
  g_free (self->content);
  self->content = g_steal_pointer (&offer->content);
  g_clear_pointer (&self->others, g_ptr_array_unref);
  self->others = g_steal_pointer (&offer->others);
  ferry_jingle_offer_free (offer);
}

void
ferry_jingle_session_take_second (FerryJingleSession *self,
                                  FerryNode *request,
                                  const char *sid,
                                  FerryJingleOffer *offer)
{
  g_auto (FerryJingleEvent)
      event = { .type = EV (PEER_SECOND), .ibb = g_steal_pointer (&offer->ibb) };
  take_offer (self, sid, offer);
  ferry_jingle_session_step (self, &event, request);
}

/* --- What the user and the runner want -------------------------------------------------------
 */

static void
ferry_jingle_session_accept (FerrySession *session, FerryRoute routes)
{
  FerryJingleSession *self = FERRY_JINGLE_SESSION (session);
  gboolean may_inband = (routes & FERRY_ROUTE_INBAND) != 0;

  self->routes = routes;
  ferry_jingle_machine_set_routes (&self->machine, may_inband, !may_inband);
  ferry_jingle_session_step_type (self, EV (ACCEPT), NULL);
}

static void
ferry_jingle_session_decline (FerrySession *session)
{
  ferry_jingle_session_step_type (FERRY_JINGLE_SESSION (session), EV (DECLINE), NULL);
}

static void
ferry_jingle_session_cancel (FerrySession *session)
{
  ferry_jingle_session_step_type (FERRY_JINGLE_SESSION (session), EV (CANCEL), NULL);
}

static void
ferry_jingle_session_sent (FerrySession *session, const FerryHash *hash, gboolean peer_closed)
{
  FerryJingleEvent event = { .type = EV (SENT), .peer_closed = peer_closed };

  /* What was in the offer is not said again. */
  if (hash != NULL && ferry_session_get_file (session)->hash.algo == FERRY_HASH_NONE)
    event.hash = *hash;
  ferry_jingle_session_step (FERRY_JINGLE_SESSION (session), &event, NULL);
}

static void
ferry_jingle_session_complete (FerrySession *session, gboolean verified)
{
  ferry_jingle_session_step_type (FERRY_JINGLE_SESSION (session), EV (COMPLETE), NULL);
}

static void
ferry_jingle_session_fail (FerrySession *session, const GError *error)
{
  ferry_jingle_session_step_type (FERRY_JINGLE_SESSION (session), EV (FAIL), error);
}

/* Has everything that needs the peer been said and done? It may go then, before the thread that
 * copies, or the closing of the pipe, has come to its end here. */
static gboolean
is_peer_through (FerryJingleSession *self)
{
  return FERRY_IS_IBB_BYTESTREAM (self->stream) &&
         ferry_ibb_bytestream_is_complete (FERRY_IBB_BYTESTREAM (self->stream)) &&
         (self->machine.peer_left || self->machine.role == FERRY_JINGLE_RESPONDER);
}

static void
ferry_jingle_session_lose (FerrySession *session, const GError *error)
{
  FerryJingleSession *self = FERRY_JINGLE_SESSION (session);

  if (!is_peer_through (self))
    ferry_jingle_session_step_type (self, EV (LOST), error);
}

/* --- Making and clearing away ----------------------------------------------------------------
 */

static void
timeout_cb (gpointer user_data)
{
  ferry_jingle_session_step_type (user_data, EV (TIMEOUT), NULL);
}

static FerryJingleSession *
session_new (FerrySignalling *signalling,
             FerryDirection direction,
             FerryJid *peer,
             const char *sid,
             FerryFileInfo *file)
{
  FerryJingleSession *self =
      g_object_new (FERRY_TYPE_JINGLE_SESSION, "id", sid, "signalling", "jingle", "direction",
                    (guint) direction, "peer", peer, "file", file, NULL);

  self->router = g_object_ref (ferry_signalling_get_router (signalling));
  g_set_object (&self->s5b_service, ferry_signalling_get_s5b (signalling));
  self->ibb_service = g_object_ref (ferry_signalling_get_ibb (signalling));
  self->clock =
      ferry_session_clock_new (ferry_router_get_stream (self->router), timeout_cb, self);
  return self;
}

static gboolean
start_cb (gpointer user_data)
{
  FerryJingleSession *self = user_data;

  self->start_id = 0;
  if (self->refusal != NULL)
    ferry_jingle_session_step_type (self, EV (FAIL), self->refusal);
  else
    ferry_jingle_session_step_type (self, EV (START), NULL);
  return G_SOURCE_REMOVE;
}

FerryJingleSession *
ferry_jingle_session_new_offer (FerrySignalling *signalling,
                                FerryJid *peer,
                                FerryFileInfo *file,
                                FerryRoute routes,
                                FerryRoute peer_routes)
{
  g_autofree char *sid = ferry_id_new ();
  FerryJingleSession *self = session_new (signalling, FERRY_DIRECTION_SEND, peer, sid, file);
  const FerryRoute s5b_routes = FERRY_ROUTE_DIRECT | FERRY_ROUTE_PROXY;
  FerryRoute possible =
      peer_routes & (self->s5b_service != NULL ? FERRY_ROUTE_ALL : FERRY_ROUTE_INBAND);
  gboolean may_s5b = (routes & possible & s5b_routes) != 0;
  gboolean may_inband = (routes & possible & FERRY_ROUTE_INBAND) != 0;

  self->routes = routes;
  self->content = g_strdup (CONTENT_NAME);
  self->s5b_sid = ferry_id_new ();
  g_autofree char *seed = ferry_id_new ();
  ferry_jingle_machine_init (&self->machine, FERRY_JINGLE_INITIATOR, seed, !may_s5b, may_inband,
                             !may_inband && (possible & FERRY_ROUTE_INBAND) != 0);
  self->machine.is_ferry = file->transfer_id != NULL;
  if (!ferry_session_table_has_room (ferry_signalling_get_sessions (signalling), peer))
    self->refusal = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BUSY,
                                         "Too many transfers with this contact at once");
  else if (!may_s5b && !may_inband)
    self->refusal = g_error_new_literal (
        FERRY_ERROR, possible != 0 ? FERRY_ERROR_ROUTE : FERRY_ERROR_UNSUPPORTED,
        "There is no way of connecting that both know and the user allows");
  FerryTlsIdentity *own = ferry_signalling_get_identity (signalling, peer, FALSE);
  if (own != NULL)
    ferry_session_set_identity (FERRY_SESSION (self), own, FERRY_TLS_CLIENT);
  self->start_id = g_idle_add (start_cb, self);
  return self;
}

FerryJingleSession *
ferry_jingle_session_new_offered (FerrySignalling *signalling,
                                  FerryJid *peer,
                                  FerryTlsIdentity *own,
                                  const char *sid,
                                  FerryJingleOffer *offer)
{
  FerryJingleSession *self =
      session_new (signalling, FERRY_DIRECTION_RECEIVE, peer, sid, offer->file);
  g_autofree char *seed = ferry_id_new ();

  ferry_jingle_machine_init (&self->machine, FERRY_JINGLE_RESPONDER, seed, offer->ibb != NULL,
                             TRUE, FALSE);
  if (own != NULL)
    ferry_session_set_identity (FERRY_SESSION (self), own, FERRY_TLS_SERVER);
  ferry_session_take_security (FERRY_SESSION (self), &offer->security);
  self->machine.ibb = g_steal_pointer (&offer->ibb);
  self->remote = g_steal_pointer (&offer->s5b);
  self->s5b_sid = g_strdup (self->remote != NULL ? self->remote->sid : NULL);
  ferry_session_set_expects_checksum (FERRY_SESSION (self),
                                      offer->file->hash.algo == FERRY_HASH_NONE &&
                                          offer->file->hash_used != FERRY_HASH_NONE);
  take_offer (self, sid, offer);
  return self;
}

static void
ferry_jingle_session_dispose (GObject *object)
{
  FerryJingleSession *self = FERRY_JINGLE_SESSION (object);

  g_clear_handle_id (&self->start_id, g_source_remove);
  g_clear_handle_id (&self->refusal_id, g_source_remove);
  g_clear_pointer (&self->clock, ferry_session_clock_free);
  ferry_jingle_session_drop_stream (self);
  g_clear_object (&self->s5b_service);
  g_clear_object (&self->ibb_service);
  G_OBJECT_CLASS (ferry_jingle_session_parent_class)->dispose (object);
}

static void
ferry_jingle_session_finalize (GObject *object)
{
  FerryJingleSession *self = FERRY_JINGLE_SESSION (object);

  g_queue_clear_full (&self->waiting, (GDestroyNotify) queued_free);
  ferry_jingle_machine_clear (&self->machine);
  g_clear_object (&self->router);
  g_clear_error (&self->refusal);
  g_clear_pointer (&self->others, g_ptr_array_unref);
  g_clear_pointer (&self->kept_infos, g_ptr_array_unref);
  g_clear_pointer (&self->remote, ferry_jingle_s5b_free);
  g_clear_pointer (&self->s5b_offer, ferry_node_unref);
  g_free (self->s5b_sid);
  g_free (self->content);
  G_OBJECT_CLASS (ferry_jingle_session_parent_class)->finalize (object);
}

static void
ferry_jingle_session_class_init (FerryJingleSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  FerrySessionClass *session_class = FERRY_SESSION_CLASS (klass);

  object_class->dispose = ferry_jingle_session_dispose;
  object_class->finalize = ferry_jingle_session_finalize;
  session_class->accept = ferry_jingle_session_accept;
  session_class->decline = ferry_jingle_session_decline;
  session_class->cancel = ferry_jingle_session_cancel;
  session_class->sent = ferry_jingle_session_sent;
  session_class->complete = ferry_jingle_session_complete;
  session_class->fail = ferry_jingle_session_fail;
  session_class->lose = ferry_jingle_session_lose;
}

static void
ferry_jingle_session_init (FerryJingleSession *self)
{
  g_queue_init (&self->waiting);
  self->kept_infos = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_node_unref);
}
