/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session does for its machine: speak to the peer, tell its user. */
#define G_LOG_DOMAIN "ferry-jingle-session"

#include "config.h"

#include "signalling/jingle/ferry-jingle-session-private.h"

#include "base/ferry-id.h"
#include "signalling/jingle/ferry-jingle-build.h"
#include "xmpp/ferry-ns.h"

#define MAX_KEPT_INFOS 20
/* The machine gives an offer up long before; but who takes it late must be told. */
#define INITIATE_LIMIT_MS (600 * 1000)
#define EV(name) FERRY_JINGLE_EV_##name

/* A question to the peer, until it is answered. */
typedef struct
{
  FerryJingleSession *session;
  FerryJingleEffectType effect;
  char *sid;
} Query;

static const char *
get_sid (FerryJingleSession *self)
{
  return ferry_session_get_id (FERRY_SESSION (self));
}

static FerryJid *
get_peer (FerryJingleSession *self)
{
  return ferry_session_get_peer (FERRY_SESSION (self));
}

/* --- Sending and being answered --------------------------------------------------------------
 */

static gboolean
refused_cb (gpointer user_data)
{
  FerryJingleSession *self = user_data;

  self->refusal_id = 0;
  ferry_jingle_session_step_type (self, EV (INITIATE_REFUSED), self->refusal);
  return G_SOURCE_REMOVE;
}

static void
take_refusal (FerryJingleSession *self, const GError *error)
{
  if (ferry_stanza_error_get_condition (error) != FERRY_STANZA_SERVICE_UNAVAILABLE)
    {
      ferry_jingle_session_step_type (self, EV (INITIATE_REFUSED), error);
      return;
    }
  g_clear_error (&self->refusal);
  self->refusal = g_error_copy (error);
  g_clear_handle_id (&self->refusal_id, g_source_remove);
  self->refusal_id = g_timeout_add (FERRY_SESSION_LEAVING_MS, refused_cb, self);
}

/* An error answer concerns the session only where it decides something: see the table of the
 * machine. Gajim answers some actions twice, and session-info with an error. */
static void
take_error (FerryJingleSession *self, FerryJingleEffectType effect, const GError *error)
{
  gboolean is_offline = g_error_matches (error, FERRY_ERROR, FERRY_ERROR_OFFLINE);
  gboolean is_timeout = g_error_matches (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);

  g_debug ("%s: answered with an error: %s", get_sid (self), error->message);
  if (effect == FERRY_JINGLE_DO_SEND_INITIATE)
    take_refusal (self, error);
  else if (is_offline || effect == FERRY_JINGLE_DO_SEND_TERMINATE)
    return;
  else if (ferry_stanza_error_get_condition (error) == FERRY_STANZA_ITEM_NOT_FOUND)
    ferry_jingle_session_step_type (self, EV (FORGOTTEN), error);
  else if (effect == FERRY_JINGLE_DO_SEND_REPLACE)
    ferry_jingle_session_step_type (self, EV (REPLACE_REFUSED), error);
  else if (!is_timeout && (effect == FERRY_JINGLE_DO_SEND_ACCEPT ||
                           effect == FERRY_JINGLE_DO_SEND_TRANSPORT_ACCEPT))
    ferry_jingle_session_step_type (self, EV (ANSWER_REFUSED), error);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Query *query = user_data;
  g_autoptr (FerryJingleSession) self = query->session;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) answer =
      ferry_router_query_finish (FERRY_ROUTER (source), result, &error);

  self->n_queries--;
  /* Answers for a session that was given up for a second one mean nothing any more. */
  if (g_str_equal (query->sid, get_sid (self)))
    {
      if (answer == NULL)
        take_error (self, query->effect, error);
      else if (query->effect == FERRY_JINGLE_DO_SEND_INITIATE)
        ferry_jingle_session_step_type (self, EV (ACKED), NULL);
    }
  ferry_jingle_session_finish_if_done (self);
  g_free (query->sid);
  g_free (query);
}

/* @jingle: (transfer full) */
static void
send (FerryJingleSession *self, FerryJingleEffectType effect, FerryNode *jingle)
{
  Query *query = g_new0 (Query, 1);
  guint limit_ms = effect == FERRY_JINGLE_DO_SEND_INITIATE ? INITIATE_LIMIT_MS : 0;

  query->session = g_object_ref (self);
  query->effect = effect;
  query->sid = g_strdup (get_sid (self));
  self->n_queries++;
  ferry_router_query_async (self->router, "set", get_peer (self), jingle, limit_ms, NULL,
                            answered_cb, query);
}

void
ferry_jingle_session_link_send (FerryLink *link, FerryNode *payload)
{
  FerryJingleSession *self = FERRY_JINGLE_SESSION (link);
  FerryJingleState state = self->machine.state;

  /* A report of a race that nobody waits for any more stays unsaid. */
  if (self->machine.peer_left || self->machine.is_inband ||
      (state != FERRY_JINGLE_CONNECTING && state != FERRY_JINGLE_OPEN))
    {
      ferry_node_unref (payload);
      return;
    }
  send (self, FERRY_JINGLE_DO_LINK,
        ferry_jingle_build_transport (FERRY_JINGLE_TRANSPORT_INFO, get_sid (self),
                                      self->content, payload));
}

/* --- What the machine wants done -------------------------------------------------------------
 */

static FerryNode *
build_transport (FerryJingleSession *self)
{
  return self->machine.is_inband ? ferry_jingle_ibb_to_node (self->machine.ibb)
                                 : ferry_node_ref (self->s5b_offer);
}

/* (nullable): the part of the file that we ask for */
static const FerryRange *
get_wanted (FerryJingleSession *self)
{
  FerrySession *session = FERRY_SESSION (self);
  const FerryRange *range = ferry_session_get_range (session);

  return ferry_range_is_whole (range, ferry_session_get_file (session)->size) ? NULL : range;
}

static void
send_offer_or_answer (FerryJingleSession *self, FerryJingleEffectType effect)
{
  FerryJid *own = ferry_router_get_jid (self->router);
  FerryFileInfo *file = ferry_session_get_file (FERRY_SESSION (self));
  FerrySecurity security = ferry_session_get_own_security (FERRY_SESSION (self));

  if (own == NULL)
    {
      g_autoptr (GError) error =
          g_error_new_literal (FERRY_ERROR, FERRY_ERROR_OFFLINE, "Not signed in");
      ferry_jingle_session_step_type (self, EV (LOST), error);
    }
  else if (effect == FERRY_JINGLE_DO_SEND_INITIATE)
    send (self, effect,
          ferry_jingle_build_initiate (get_sid (self), own, self->content, file, &security,
                                       build_transport (self)));
  else
    {
      send (self, effect,
            ferry_jingle_build_accept (get_sid (self), own, self->content, file,
                                       get_wanted (self), &security, build_transport (self)));
      if (self->others != NULL && self->others->len > 0)
        send (self, FERRY_JINGLE_DO_SEND_CONTENT_REJECT,
              ferry_jingle_build_contents (FERRY_JINGLE_CONTENT_REMOVE, get_sid (self),
                                           FERRY_JINGLE_INITIATOR, self->others));
    }
}

static void
send_transport (FerryJingleSession *self,
                FerryJingleEffectType effect,
                FerryJingleActionType type,
                FerryNode *transport)
{
  send (self, effect,
        ferry_jingle_build_transport (type, get_sid (self), self->content, transport));
}

static void
reply_error (FerryJingleSession *self, const FerryJingleEffect *effect, FerryNode *request)
{
  FerryNode *detail =
      effect->detail != NULL ? ferry_node_new (effect->detail, FERRY_NS_JINGLE_ERRORS) : NULL;
  ferry_router_reply_error (self->router, request, effect->condition, detail);
}

static void
restart (FerryJingleSession *self)
{
  ferry_jingle_session_drop_stream (self);
  g_autofree char *sid = ferry_id_new ();
  ferry_session_set_id (FERRY_SESSION (self), sid);
}

/* content-add: whatever it was, one file a session. */
static void
reject_contents (FerryJingleSession *self, FerryNode *request)
{
  g_autoptr (FerryJingleAction) action = ferry_jingle_action_parse (
      ferry_node_get_child (request, "jingle", FERRY_NS_JINGLE), NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  FerryJingleRole theirs = self->machine.role == FERRY_JINGLE_INITIATOR
                               ? FERRY_JINGLE_RESPONDER
                               : FERRY_JINGLE_INITIATOR;

  for (guint i = 0; action != NULL && i < action->contents->len; i++)
    g_ptr_array_add (names, ((FerryJingleContent *) action->contents->pdata[i])->name);
  send (
      self, FERRY_JINGLE_DO_SEND_CONTENT_REJECT,
      ferry_jingle_build_contents (FERRY_JINGLE_CONTENT_REJECT, get_sid (self), theirs, names));
}

void
ferry_jingle_session_run_effect (FerryJingleSession *self,
                                 const FerryJingleEffect *effect,
                                 const FerryJingleEvent *event,
                                 FerryNode *request)
{
  FerrySession *session = FERRY_SESSION (self);

  switch (effect->type)
    {
    case FERRY_JINGLE_DO_RESULT:
      ferry_router_reply (self->router, request, NULL);
      break;
    case FERRY_JINGLE_DO_ERROR:
      reply_error (self, effect, request);
      break;
    case FERRY_JINGLE_DO_GATHER:
      ferry_jingle_session_gather (self);
      break;
    case FERRY_JINGLE_DO_RESTART:
      restart (self);
      break;
    case FERRY_JINGLE_DO_SEND_INITIATE:
    case FERRY_JINGLE_DO_SEND_ACCEPT:
      send_offer_or_answer (self, effect->type);
      break;
    case FERRY_JINGLE_DO_SEND_TERMINATE:
      send (self, effect->type,
            ferry_jingle_build_terminate (get_sid (self), effect->reason, effect->error));
      break;
    case FERRY_JINGLE_DO_SEND_REPLACE:
      send_transport (self, effect->type, FERRY_JINGLE_TRANSPORT_REPLACE,
                      ferry_jingle_ibb_to_node (self->machine.ibb));
      break;
    case FERRY_JINGLE_DO_SEND_TRANSPORT_ACCEPT:
      send_transport (self, effect->type, FERRY_JINGLE_TRANSPORT_ACCEPT,
                      ferry_jingle_ibb_to_node (self->machine.ibb));
      break;
    case FERRY_JINGLE_DO_SEND_TRANSPORT_REJECT:
      send_transport (self, effect->type, FERRY_JINGLE_TRANSPORT_REJECT,
                      effect->ibb != NULL ? ferry_jingle_ibb_to_node (effect->ibb)
                                          : ferry_jingle_build_rejected (event->transport));
      break;
    case FERRY_JINGLE_DO_SEND_CONTENT_REJECT:
      reject_contents (self, request);
      break;
    case FERRY_JINGLE_DO_SEND_CHECKSUM:
      send (self, effect->type,
            ferry_jingle_build_info (
                get_sid (self), ferry_jingle_checksum_to_node (FERRY_JINGLE_INITIATOR,
                                                               self->content, &effect->hash)));
      break;
    case FERRY_JINGLE_DO_SEND_RECEIVED:
      send (self, effect->type,
            ferry_jingle_build_info (
                get_sid (self),
                ferry_jingle_received_to_node (FERRY_JINGLE_INITIATOR, self->content)));
      break;
    case FERRY_JINGLE_DO_TAKE_RANGE:
      ferry_session_set_range (session, &event->range);
      break;
    case FERRY_JINGLE_DO_START_S5B:
      ferry_jingle_session_start_s5b (self, event->s5b);
      break;
    case FERRY_JINGLE_DO_OPEN_IBB:
      ferry_jingle_session_open_ibb (self, effect->ibb_role);
      break;
    case FERRY_JINGLE_DO_KEEP_INFO:
      if (self->kept_infos->len < MAX_KEPT_INFOS)
        g_ptr_array_add (self->kept_infos, ferry_node_ref (event->transport));
      break;
    case FERRY_JINGLE_DO_LINK:
      ferry_link_emit_received (FERRY_LINK (self), event->transport);
      break;
    case FERRY_JINGLE_DO_HAND_OVER:
      ferry_jingle_session_hand_over (self);
      break;
    case FERRY_JINGLE_DO_CLOSE_PIPE:
      ferry_jingle_session_close_stream (self);
      break;
    case FERRY_JINGLE_DO_RECEIVED:
      ferry_session_set_received (session);
      if (event->type == FERRY_JINGLE_EV_PEER_RECEIVED)
        ferry_session_set_confirmed (session);
      break;
    case FERRY_JINGLE_DO_CHECKSUM:
      ferry_session_emit_checksum (session, &effect->hash);
      break;
    case FERRY_JINGLE_DO_NOTE_SILENT:
      ferry_session_emit_note (session, "No answer for a minute. The other program may be "
                                        "unable to receive files");
      break;
    case FERRY_JINGLE_DO_NOTE_FALLBACK:
      ferry_session_emit_note (session, "In-band: trying this slow way");
      break;
    case FERRY_JINGLE_DO_END:
      if (!self->is_closing)
        ferry_jingle_session_drop_stream (self);
      ferry_session_end (session, effect->error);
      break;
    default:
      g_assert_not_reached ();
    }
}
