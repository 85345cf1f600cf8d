/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-sipub-session"

#include "config.h"

#include "signalling/si/ferry-sipub-session.h"

#include "base/ferry-error.h"
#include "base/ferry-id.h"
#include "xmpp/ferry-ns.h"

#define PUBLISHED_S (7 * 24 * 3600u)
#define EXPECTING_S 120u

typedef enum
{
  PUBLISHED,
  ASKING,
  EXPECTING,
  JOINED,
} State;

struct _FerrySipubSession
{
  FerrySession parent_instance;

  State state;
  FerryRouter *router;
  FerrySiNegotiator *si; /* nullable; owner */
  FerrySipub *sipub;     /* nullable; asker */
  FerrySipubFindFunc find;
  gpointer find_data;

  FerryRoute routes;
  FerryJid *asked;      /* nullable; asker: the device */
  char *sid;            /* nullable; asker: of the offer that must come */
  FerrySession *joined; /* nullable: what does the work */
  GCancellable *cancellable;
  guint timer_id;
};

G_DEFINE_FINAL_TYPE (FerrySipubSession, ferry_sipub_session, FERRY_TYPE_SESSION)

/* --- The end ---------------------------------------------------------------------------------
 */

static void
end (FerrySipubSession *self, const GError *error)
{
  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  ferry_session_end (FERRY_SESSION (self), error);
}

static void
end_with (FerrySipubSession *self, GQuark domain, int code, const char *text)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, text);
  end (self, error);
}

static gboolean
timeout_cb (gpointer user_data)
{
  FerrySipubSession *self = user_data;

  self->timer_id = 0;
  end_with (self, FERRY_ERROR, FERRY_ERROR_TIMEOUT,
            self->state == PUBLISHED ? "Nobody asked for the file"
                                     : "The peer did not begin to send");
  return G_SOURCE_REMOVE;
}

static void
set_state (FerrySipubSession *self, State state, guint timeout_s)
{
  g_clear_handle_id (&self->timer_id, g_source_remove);
  self->state = state;
  if (timeout_s > 0)
    self->timer_id = g_timeout_add_seconds (timeout_s, timeout_cb, self);
}

/* --- What the joined session says, we say ----------------------------------------------------
 */

static void
on_state_changed (FerrySession *joined, FerrySession *self)
{
  FerrySessionState state = ferry_session_get_state (joined);

  /* OPEN and ENDED come with signals of their own. */
  if (state == FERRY_SESSION_CONNECTING || state == FERRY_SESSION_CLOSING)
    ferry_session_set_state (self, state);
}

static void
on_route_changed (FerrySession *joined, FerrySession *self)
{
  ferry_session_set_route (self, ferry_session_get_route (joined));
}

static void
on_opened (FerrySession *joined, GSocket *socket, FerrySession *self)
{
  if (ferry_session_get_direction (self) == FERRY_DIRECTION_SEND)
    ferry_session_set_range (self, ferry_session_get_range (joined));
  ferry_session_copy_security (self, joined);
  ferry_session_emit_opened (self, socket);
}

static void
on_note (FerrySession *joined, const char *text, FerrySession *self)
{
  ferry_session_emit_note (self, "%s", text);
}

static void
on_ended (FerrySession *joined, const GError *error, FerrySipubSession *self)
{
  FerrySession *session = FERRY_SESSION (self);

  if (ferry_session_was_received (joined))
    ferry_session_set_received (session);
  if (ferry_session_was_confirmed (joined))
    ferry_session_set_confirmed (session);
  end (self, error);
}

/* SI promises no checksum. */
static void
join (FerrySipubSession *self, FerrySession *joined)
{
  set_state (self, JOINED, 0);
  self->joined = g_object_ref (joined);
  g_signal_connect_object (joined, "state-changed", G_CALLBACK (on_state_changed), self, 0);
  g_signal_connect_object (joined, "route-changed", G_CALLBACK (on_route_changed), self, 0);
  g_signal_connect_object (joined, "opened", G_CALLBACK (on_opened), self, 0);
  g_signal_connect_object (joined, "note", G_CALLBACK (on_note), self, 0);
  g_signal_connect_object (joined, "ended", G_CALLBACK (on_ended), self, 0);
}

/* --- The owner -------------------------------------------------------------------------------
 */

FerryNode *
ferry_sipub_session_make_announcement (FerrySipubSession *self)
{
  g_return_val_if_fail (FERRY_IS_SIPUB_SESSION (self), NULL);

  FerrySession *session = FERRY_SESSION (self);
  const FerrySipub sipub = {
    .id = (char *) ferry_session_get_id (session),
    .owner = ferry_router_get_jid (self->router),
    .file = ferry_session_get_file (session),
    .ns = FERRY_NS_SIPUB,
  };
  return ferry_sipub_to_node (&sipub);
}

void
ferry_sipub_session_start (FerrySipubSession *self, FerryNode *request, FerryJid *from)
{
  g_return_if_fail (FERRY_IS_SIPUB_SESSION (self) && self->si != NULL);

  if (self->state != PUBLISHED ||
      ferry_session_get_state (FERRY_SESSION (self)) == FERRY_SESSION_ENDED)
    {
      ferry_router_reply_error (self->router, request, FERRY_STANZA_NOT_ACCEPTABLE, NULL);
      return;
    }

  g_autofree char *sid = ferry_id_new ();
  const char *ns = ferry_node_get_ns (ferry_node_get_nth_child (request, 0));
  ferry_router_reply (self->router, request, ferry_sipub_starting_to_node (ns, sid));
  g_autoptr (FerrySession) offer = ferry_si_negotiator_offer_as (
      self->si, from, ferry_session_get_file (FERRY_SESSION (self)), self->routes, sid);
  ferry_session_emit_note (FERRY_SESSION (self), "%s asked for the file",
                           ferry_jid_get_text (from));
  join (self, offer);
}

/* --- The asker -------------------------------------------------------------------------------
 */

/* The owner is not there any more, or has changed its mind (XEP-0137 §3.3). */
static GError *
explain_refusal (const GError *error)
{
  GError *explained = g_error_copy (error);
  FerryStanzaCondition condition = ferry_stanza_error_get_condition (error);

  if (condition == FERRY_STANZA_FORBIDDEN)
    explained->code = FERRY_ERROR_DECLINED;
  else if (condition == FERRY_STANZA_NOT_ACCEPTABLE || condition == FERRY_STANZA_ITEM_NOT_FOUND)
    explained->code = FERRY_ERROR_CANCELLED_BY_PEER;
  return explained;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrySipubSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);

  if (self->state != ASKING || g_cancellable_is_cancelled (self->cancellable))
    return;
  if (iq == NULL)
    {
      g_autoptr (GError) refusal = explain_refusal (error);
      end (self, refusal);
      return;
    }
  self->sid = g_strdup (ferry_sipub_starting_parse (iq));
  if (self->sid == NULL)
    end_with (self, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "The peer's answer has no stream id");
  else
    set_state (self, EXPECTING, EXPECTING_S);
}

static void
ferry_sipub_session_accept (FerrySession *session, FerryRoute routes)
{
  FerrySipubSession *self = FERRY_SIPUB_SESSION (session);
  FerryJid *owner = ferry_session_get_peer (session);

  if (self->state != PUBLISHED)
    return;
  self->routes = routes;
  self->asked =
      ferry_jid_is_bare (owner) ? self->find (owner, self->find_data) : ferry_jid_ref (owner);
  if (routes == FERRY_ROUTE_NONE)
    end_with (self, FERRY_ERROR, FERRY_ERROR_ROUTE, "The user allows no way of connecting");
  else if (self->asked == NULL)
    end_with (self, FERRY_ERROR, FERRY_ERROR_GONE, "The owner of the file is not online");
  else
    {
      set_state (self, ASKING, 0);
      ferry_session_set_state (session, FERRY_SESSION_CONNECTING);
      ferry_router_query_async (self->router, "get", self->asked,
                                ferry_sipub_start_to_node (self->sipub), 0, self->cancellable,
                                answered_cb, g_object_ref (self));
    }
}

gboolean
ferry_sipub_session_take (FerrySipubSession *self, FerrySession *offer)
{
  g_return_val_if_fail (FERRY_IS_SIPUB_SESSION (self), FALSE);

  if (self->state != EXPECTING ||
      !ferry_jid_equal (ferry_session_get_peer (offer), self->asked) ||
      !g_str_equal (ferry_session_get_id (offer), self->sid))
    return FALSE;
  /* Our user said yes to the file that was announced, and to no other. */
  if (ferry_session_get_file (offer)->size !=
      ferry_session_get_file (FERRY_SESSION (self))->size)
    {
      end_with (self, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                "The peer offers another file than it had announced");
      return FALSE;
    }
  join (self, offer);
  ferry_session_accept (offer, self->routes);
  return TRUE;
}

/* --- What the user and the runner want -------------------------------------------------------
 */

static void
ferry_sipub_session_decline (FerrySession *session)
{
  end (FERRY_SIPUB_SESSION (session), NULL);
}

static void
ferry_sipub_session_cancel (FerrySession *session)
{
  FerrySipubSession *self = FERRY_SIPUB_SESSION (session);

  if (self->joined != NULL)
    ferry_session_cancel (self->joined);
  else
    end_with (self, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
}

static void
ferry_sipub_session_sent (FerrySession *session, const FerryHash *hash, gboolean peer_closed)
{
  ferry_session_sent (FERRY_SIPUB_SESSION (session)->joined, hash, peer_closed);
}

static void
ferry_sipub_session_complete (FerrySession *session, gboolean verified)
{
  ferry_session_complete (FERRY_SIPUB_SESSION (session)->joined, verified);
}

static void
ferry_sipub_session_fail (FerrySession *session, const GError *error)
{
  FerrySipubSession *self = FERRY_SIPUB_SESSION (session);

  if (self->joined != NULL)
    ferry_session_fail (self->joined, error);
  else
    end (self, error);
}

/* --- Making and clearing away ----------------------------------------------------------------
 */

static FerrySipubSession *
session_new (FerryRouter *router,
             FerryDirection direction,
             FerryJid *peer,
             const char *id,
             FerryFileInfo *file)
{
  FerrySipubSession *self =
      g_object_new (FERRY_TYPE_SIPUB_SESSION, "id", id, "signalling", FERRY_SIPUB_SIGNALLING,
                    "direction", (guint) direction, "peer", peer, "file", file, NULL);

  self->router = g_object_ref (router);
  set_state (self, PUBLISHED, PUBLISHED_S);
  return self;
}

FerrySipubSession *
ferry_sipub_session_new_own (FerryRouter *router,
                             FerrySiNegotiator *si,
                             FerryJid *contact,
                             FerryFileInfo *file,
                             FerryRoute routes)
{
  g_autofree char *id = ferry_id_new ();
  FerrySipubSession *self = session_new (router, FERRY_DIRECTION_SEND, contact, id, file);

  self->si = g_object_ref (si);
  self->routes = routes;
  return self;
}

FerrySipubSession *
ferry_sipub_session_new_found (FerryRouter *router,
                               FerryJid *owner,
                               FerrySipub *sipub,
                               FerrySipubFindFunc find,
                               gpointer user_data)
{
  /* Only the offer itself says which parts it has. */
  sipub->file->ranged = FALSE;
  FerrySipubSession *self =
      session_new (router, FERRY_DIRECTION_RECEIVE, owner, sipub->id, sipub->file);

  self->sipub = sipub;
  self->find = find;
  self->find_data = user_data;
  return self;
}

static void
ferry_sipub_session_dispose (GObject *object)
{
  FerrySipubSession *self = FERRY_SIPUB_SESSION (object);

  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->joined);
  g_clear_object (&self->si);
  G_OBJECT_CLASS (ferry_sipub_session_parent_class)->dispose (object);
}

static void
ferry_sipub_session_finalize (GObject *object)
{
  FerrySipubSession *self = FERRY_SIPUB_SESSION (object);

  g_clear_object (&self->router);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->sipub, ferry_sipub_free);
  g_clear_pointer (&self->asked, ferry_jid_unref);
  g_free (self->sid);
  G_OBJECT_CLASS (ferry_sipub_session_parent_class)->finalize (object);
}

static void
ferry_sipub_session_class_init (FerrySipubSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  FerrySessionClass *session_class = FERRY_SESSION_CLASS (klass);

  object_class->dispose = ferry_sipub_session_dispose;
  object_class->finalize = ferry_sipub_session_finalize;
  session_class->accept = ferry_sipub_session_accept;
  session_class->decline = ferry_sipub_session_decline;
  session_class->cancel = ferry_sipub_session_cancel;
  session_class->sent = ferry_sipub_session_sent;
  session_class->complete = ferry_sipub_session_complete;
  session_class->fail = ferry_sipub_session_fail;
}

static void
ferry_sipub_session_init (FerrySipubSession *self)
{
  self->cancellable = g_cancellable_new ();
}
