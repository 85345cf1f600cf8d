/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-si-session"

#include "config.h"

#include "signalling/si/ferry-si-session-private.h"

#include "base/ferry-id.h"
#include "bytestream/ibb/ferry-ibb-bytestream.h"

#define EV(name) FERRY_SI_EV_##name

typedef struct
{
  FerrySiEvent event;
  FerrySiAnswer answer;
  GError *error;
} Queued;

static void
ferry_si_session_link_init (FerryLinkInterface *iface)
{
  iface->send = ferry_si_session_link_send;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrySiSession,
                               ferry_si_session,
                               FERRY_TYPE_SESSION,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_LINK,
                                                      ferry_si_session_link_init))

/* --- Steps -----------------------------------------------------------------------------------
 */

static void
queued_free (Queued *queued)
{
  g_clear_error (&queued->error);
  g_free (queued);
}

static void
wait_for_turn (FerrySiSession *self, const FerrySiEvent *event)
{
  Queued *queued = g_new0 (Queued, 1);
  queued->event = *event;
  if (event->error != NULL)
    queued->event.error = queued->error = g_error_copy (event->error);
  if (event->answer != NULL)
    {
      queued->answer = *event->answer;
      queued->event.answer = &queued->answer;
    }
  g_queue_push_tail (&self->waiting, queued);
}

static void
show_state (FerrySiSession *self)
{
  FerrySession *session = FERRY_SESSION (self);
  FerrySiState state = self->machine.state;
  FerrySessionState shown = ferry_session_get_state (session);
  gboolean is_connecting = state == FERRY_SI_CONNECTING || state == FERRY_SI_TRYING ||
                           (state >= FERRY_SI_AWAITING && state <= FERRY_SI_AWAIT_INBAND);

  if (shown == FERRY_SESSION_OFFERED && is_connecting)
    ferry_session_set_state (session, FERRY_SESSION_CONNECTING);
  else if (shown == FERRY_SESSION_OPEN &&
           (state == FERRY_SI_FLUSHING || state == FERRY_SI_CONFIRMING ||
            state == FERRY_SI_BREAKING))
    ferry_session_set_state (session, FERRY_SESSION_CLOSING);
}

static void
step_one (FerrySiSession *self, const FerrySiEvent *event)
{
  FerrySiState before = self->machine.state;
  g_auto (FerrySiEffects) effects = { 0 };

  ferry_si_machine_step (&self->machine, event, &effects);
  if (self->machine.state != before)
    {
      g_debug ("%s: %s → %s on event %d", ferry_session_get_id (FERRY_SESSION (self)),
               ferry_si_state_get_name (before), ferry_si_state_get_name (self->machine.state),
               event->type);
      ferry_session_clock_set (self->clock, ferry_si_machine_get_timeout_ms (&self->machine),
                               TRUE);
      show_state (self);
    }
  for (guint i = 0; i < effects.n_items; i++)
    ferry_si_session_run_effect (self, &effects.items[i]);
}

void
ferry_si_session_step (FerrySiSession *self, const FerrySiEvent *event)
{
  if (self->is_stepping)
    {
      wait_for_turn (self, event);
      return;
    }

  g_autoptr (FerrySiSession) alive = g_object_ref (self);
  self->is_stepping = TRUE;
  step_one (self, event);
  Queued *queued;
  while ((queued = g_queue_pop_head (&self->waiting)) != NULL)
    {
      step_one (self, &queued->event);
      queued_free (queued);
    }
  self->is_stepping = FALSE;
  ferry_si_session_finish_if_done (self);
}

void
ferry_si_session_step_type (FerrySiSession *self, FerrySiEventType type, const GError *error)
{
  const FerrySiEvent event = { .type = type, .error = error };
  ferry_si_session_step (self, &event);
}

void
ferry_si_session_finish_if_done (FerrySiSession *self)
{
  if (self->is_finished || self->is_stepping || self->is_closing ||
      self->machine.state != FERRY_SI_ENDED)
    return;
  self->is_finished = TRUE;
  ferry_si_session_drop_pipes (self);
  ferry_session_finish (FERRY_SESSION (self));
}

/* --- What the negotiator brings --------------------------------------------------------------
 */

gboolean
ferry_si_session_expects (FerrySiSession *self, const FerrySiOffer *offer)
{
  const FerryFileInfo *file = ferry_session_get_file (FERRY_SESSION (self));
  return ferry_si_machine_expects_second (&self->machine) && offer->methods.n_items == 1 &&
         ferry_session_has_security (FERRY_SESSION (self), &offer->security) &&
         offer->methods.items[0] == FERRY_SI_INBAND &&
         g_strcmp0 (file->name, offer->file->name) == 0 && file->size == offer->file->size;
}

void
ferry_si_session_take_second (FerrySiSession *self,
                              FerryNode *request,
                              const FerrySiOffer *offer)
{
  ferry_session_set_id (FERRY_SESSION (self), offer->id);
  self->request = ferry_node_ref (request);
  ferry_si_session_step_type (self, EV (PEER_SECOND), NULL);
}

void
ferry_si_session_take_query (FerrySiSession *self, FerryNode *request)
{
  if (self->s5b.stream == NULL || self->s5b_request != NULL)
    {
      ferry_router_reply_error (self->router, request, FERRY_STANZA_NOT_ACCEPTABLE, NULL);
      return;
    }
  g_autoptr (FerrySiSession) alive = g_object_ref (self);
  self->s5b_request = ferry_node_ref (request);
  ferry_si_session_step_type (self, EV (PEER_BEGAN), NULL);
  ferry_link_emit_received (FERRY_LINK (self), request);
}

void
ferry_si_session_take_end (FerrySiSession *self, const FerrySiEnd *end)
{
  if (end->is_received)
    {
      ferry_si_session_step_type (self, EV (PEER_HAS_ALL), NULL);
      return;
    }
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, (int) end->code, end->message);
  ferry_si_session_step_type (self, EV (PEER_ENDED), error);
}

/* --- What the user and the runner want -------------------------------------------------------
 */

static guint
get_allowed (FerrySiSession *self)
{
  const FerryRoute s5b_routes = FERRY_ROUTE_DIRECT | FERRY_ROUTE_FAST | FERRY_ROUTE_PROXY;
  guint allowed = 0;

  if (self->s5b_service != NULL && (self->routes & s5b_routes) != 0)
    allowed |= FERRY_SI_S5B;
  if ((self->routes & FERRY_ROUTE_INBAND) != 0)
    allowed |= FERRY_SI_INBAND;
  return allowed;
}

static void
ferry_si_session_accept (FerrySession *session, FerryRoute routes)
{
  FerrySiSession *self = FERRY_SI_SESSION (session);

  self->routes = routes;
  ferry_si_machine_set_allowed (&self->machine, get_allowed (self));
  ferry_si_session_step_type (self, EV (ACCEPT), NULL);
}

static void
ferry_si_session_decline (FerrySession *session)
{
  ferry_si_session_step_type (FERRY_SI_SESSION (session), EV (DECLINE), NULL);
}

static void
ferry_si_session_cancel (FerrySession *session)
{
  ferry_si_session_step_type (FERRY_SI_SESSION (session), EV (CANCEL), NULL);
}

/* SI has no place for a hash that comes late. */
static void
ferry_si_session_sent (FerrySession *session, const FerryHash *hash, gboolean peer_closed)
{
  const FerrySiEvent event = { .type = EV (SENT), .peer_closed = peer_closed };
  ferry_si_session_step (FERRY_SI_SESSION (session), &event);
}

static void
ferry_si_session_complete (FerrySession *session, gboolean verified)
{
  ferry_si_session_step_type (FERRY_SI_SESSION (session), EV (COMPLETE), NULL);
}

static void
ferry_si_session_fail (FerrySession *session, const GError *error)
{
  ferry_si_session_step_type (FERRY_SI_SESSION (session), EV (FAIL), error);
}

static void
ferry_si_session_lose (FerrySession *session, const GError *error)
{
  FerrySiSession *self = FERRY_SI_SESSION (session);

  /* A sender may go as soon as its last block is acknowledged: SI has no word for the end. */
  if (FERRY_IS_IBB_BYTESTREAM (self->inband.stream) &&
      ferry_ibb_bytestream_is_complete (FERRY_IBB_BYTESTREAM (self->inband.stream)))
    return;

  /* Its last bytes may still be on their way through a relay. */
  ferry_si_session_stop_listening (self);
  ferry_si_session_step_type (self, EV (LOST), error);
}

/* --- Making and clearing away ----------------------------------------------------------------
 */

static void
timeout_cb (gpointer user_data)
{
  ferry_si_session_step_type (user_data, EV (TIMEOUT), NULL);
}

static FerrySiSession *
session_new (FerrySignalling *signalling,
             FerryDirection direction,
             FerryJid *peer,
             const char *sid,
             FerryFileInfo *file)
{
  FerrySiSession *self =
      g_object_new (FERRY_TYPE_SI_SESSION, "id", sid, "signalling", "si", "direction",
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
  FerrySiSession *self = user_data;

  self->start_id = 0;
  if (self->refusal != NULL)
    ferry_si_session_step_type (self, EV (FAIL), self->refusal);
  else
    ferry_si_session_step_type (self, EV (START), NULL);
  return G_SOURCE_REMOVE;
}

FerrySiSession *
ferry_si_session_new_offer (FerrySignalling *signalling,
                            FerryJid *peer,
                            FerryFileInfo *file,
                            FerryRoute routes,
                            const char *sid)
{
  g_autofree char *id = sid != NULL ? g_strdup (sid) : ferry_id_new ();
  FerrySiSession *self = session_new (signalling, FERRY_DIRECTION_SEND, peer, id, file);
  const FerrySiMethods all = { 2, { FERRY_SI_S5B, FERRY_SI_INBAND } };

  self->routes = routes;
  FerrySiMethods methods = ferry_si_methods_filter (&all, get_allowed (self));
  ferry_si_machine_init (&self->machine, FERRY_SI_SENDER, methods, FALSE,
                         (routes & FERRY_ROUTE_INBAND) != 0, file->transfer_id != NULL);
  if (!ferry_session_table_has_room (ferry_signalling_get_sessions (signalling), peer))
    self->refusal = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BUSY,
                                         "Too many transfers with this contact at once");
  else if (methods.n_items == 0)
    self->refusal = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_ROUTE,
                                         "There is no way of connecting that the user allows");
  FerryTlsIdentity *own = ferry_signalling_get_identity (signalling, peer, FALSE);
  if (own != NULL)
    ferry_session_set_identity (FERRY_SESSION (self), own, FERRY_TLS_CLIENT);
  self->start_id = g_idle_add (start_cb, self);
  return self;
}

FerrySiSession *
ferry_si_session_new_offered (FerrySignalling *signalling,
                              FerryJid *peer,
                              FerryTlsIdentity *own,
                              FerryNode *request,
                              FerrySiOffer *offer)
{
  FerrySiSession *self =
      session_new (signalling, FERRY_DIRECTION_RECEIVE, peer, offer->id, offer->file);

  ferry_si_machine_init (&self->machine, FERRY_SI_RECEIVER, offer->methods, offer->is_multiple,
                         TRUE, offer->file->transfer_id != NULL);
  if (own != NULL)
    ferry_session_set_identity (FERRY_SESSION (self), own, FERRY_TLS_SERVER);
  ferry_session_take_security (FERRY_SESSION (self), &offer->security);
  self->request = ferry_node_ref (request);
  ferry_si_offer_free (offer);
  return self;
}

static void
ferry_si_session_dispose (GObject *object)
{
  FerrySiSession *self = FERRY_SI_SESSION (object);

  g_clear_handle_id (&self->start_id, g_source_remove);
  g_clear_handle_id (&self->refusal_id, g_source_remove);
  g_clear_pointer (&self->clock, ferry_session_clock_free);
  if (self->query != NULL)
    g_cancellable_cancel (self->query);
  g_clear_object (&self->query);
  ferry_si_session_drop_pipes (self);
  g_clear_object (&self->s5b_service);
  g_clear_object (&self->ibb_service);
  G_OBJECT_CLASS (ferry_si_session_parent_class)->dispose (object);
}

static void
ferry_si_session_finalize (GObject *object)
{
  FerrySiSession *self = FERRY_SI_SESSION (object);

  g_queue_clear_full (&self->waiting, (GDestroyNotify) queued_free);
  ferry_si_machine_clear (&self->machine);
  g_clear_object (&self->router);
  g_clear_error (&self->refusal);
  g_clear_pointer (&self->request, ferry_node_unref);
  g_clear_pointer (&self->s5b_request, ferry_node_unref);
  G_OBJECT_CLASS (ferry_si_session_parent_class)->finalize (object);
}

static void
ferry_si_session_class_init (FerrySiSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  FerrySessionClass *session_class = FERRY_SESSION_CLASS (klass);

  object_class->dispose = ferry_si_session_dispose;
  object_class->finalize = ferry_si_session_finalize;
  session_class->accept = ferry_si_session_accept;
  session_class->decline = ferry_si_session_decline;
  session_class->cancel = ferry_si_session_cancel;
  session_class->sent = ferry_si_session_sent;
  session_class->complete = ferry_si_session_complete;
  session_class->fail = ferry_si_session_fail;
  session_class->lose = ferry_si_session_lose;
}

static void
ferry_si_session_init (FerrySiSession *self)
{
  g_queue_init (&self->waiting);
}
