/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session does for its machine: offer, answer, tell its user. */
#define G_LOG_DOMAIN "ferry-si-session"

#include "config.h"

#include "signalling/si/ferry-si-session-private.h"

#include "base/ferry-id.h"
#include "bytestream/s5b/ferry-s5b-wire-si.h"
#include "xmpp/ferry-ns.h"

#define EV(name) FERRY_SI_EV_##name

/* A user may be asked; the machine has a limit of its own. */
#define ANSWER_MS (FERRY_SESSION_ANSWER_MS + 3600 * 1000)
/* Above what the race takes at most. */
#define QUERY_MS 120000u

static const char *
get_sid (FerrySiSession *self)
{
  return ferry_session_get_id (FERRY_SESSION (self));
}

static FerryJid *
get_peer (FerrySiSession *self)
{
  return ferry_session_get_peer (FERRY_SESSION (self));
}

/* --- Offering and answering ------------------------------------------------------------------
 */

/* What an error says as answer to an offer. Our offers are well-formed: who calls one a bad
 * request found no profile or no method in it that it knows (XEP-0095 §4.2). @encrypts: so we
 * have offered */
static GError *
explain_refusal (const GError *error, gboolean encrypts)
{
  GError *explained = g_error_copy (error);
  FerryStanzaCondition condition = ferry_stanza_error_get_condition (error);

  if (condition == FERRY_STANZA_FORBIDDEN)
    explained->code = FERRY_ERROR_DECLINED;
  else if (encrypts && condition == FERRY_STANZA_NOT_ACCEPTABLE)
    explained->code = FERRY_ERROR_SECURITY;
  else if (condition == FERRY_STANZA_BAD_REQUEST)
    explained->code = FERRY_ERROR_UNSUPPORTED;
  return explained;
}

static gboolean
refused_cb (gpointer user_data)
{
  FerrySiSession *self = user_data;

  self->refusal_id = 0;
  ferry_si_session_step_type (self, EV (REFUSED), self->refusal);
  return G_SOURCE_REMOVE;
}

static void
take_refusal (FerrySiSession *self, const GError *error)
{
  g_clear_error (&self->refusal);
  FerrySecurity security = ferry_session_get_own_security (FERRY_SESSION (self));
  self->refusal = explain_refusal (error, security.kind == FERRY_SECURITY_TLS);
  if (ferry_stanza_error_get_condition (error) != FERRY_STANZA_SERVICE_UNAVAILABLE)
    {
      ferry_si_session_step_type (self, EV (REFUSED), self->refusal);
      return;
    }
  g_clear_handle_id (&self->refusal_id, g_source_remove);
  self->refusal_id = g_timeout_add (FERRY_SESSION_LEAVING_MS, refused_cb, self);
}

static void
take_answer (FerrySiSession *self, FerryNode *iq)
{
  const FerryFileInfo *file = ferry_session_get_file (FERRY_SESSION (self));
  g_autoptr (GError) error = NULL;
  FerrySiAnswer answer;

  if (self->machine.has_words && ferry_node_get_child (iq, "received", FERRY_NS_FILES) != NULL)
    {
      ferry_session_set_confirmed (FERRY_SESSION (self));
      ferry_si_session_step_type (self, EV (HAS_IT), NULL);
      return;
    }
  if (ferry_si_answer_parse (ferry_node_get_child (iq, "si", FERRY_NS_SI), file->size, &answer,
                             &error) &&
      !file->ranged && !ferry_range_is_whole (&answer.range, file->size))
    g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                         "The peer asks for a part of the file, which was not offered");
  if (error == NULL && !ferry_session_take_security (FERRY_SESSION (self), &answer.security))
    g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_SECURITY,
                         "The peer's answer does not encrypt as was offered");
  if (error != NULL)
    {
      ferry_si_session_step_type (self, EV (REFUSED), error);
      return;
    }
  ferry_session_set_range (FERRY_SESSION (self), &answer.range);
  const FerrySiEvent event = { .type = EV (ANSWERED), .answer = &answer };
  ferry_si_session_step (self, &event);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrySiSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->query);
  if (iq != NULL)
    {
      take_answer (self, iq);
      return;
    }
  take_refusal (self, error);
}

static void
send_offer (FerrySiSession *self, FerrySiMethods methods)
{
  FerryFileInfo *file = ferry_session_get_file (FERRY_SESSION (self));
  FerrySecurity security = ferry_session_get_own_security (FERRY_SESSION (self));

  self->query = g_cancellable_new ();
  ferry_router_query_async (self->router, "set", get_peer (self),
                            ferry_si_offer_to_node (get_sid (self), file, methods, &security),
                            ANSWER_MS, self->query, answered_cb, g_object_ref (self));
}

static void
send_answer (FerrySiSession *self, const FerrySiEffect *effect)
{
  g_autoptr (FerryNode) request = g_steal_pointer (&self->request);
  FerrySession *session = FERRY_SESSION (self);
  const FerryRange *range = ferry_session_get_range (session);
  gboolean is_whole = ferry_range_is_whole (range, ferry_session_get_file (session)->size);
  FerrySecurity security = ferry_session_get_own_security (session);

  ferry_router_reply (self->router, request,
                      ferry_si_answer_to_node (effect->methods, effect->is_multiple,
                                               is_whole ? NULL : range, &security));
}

/* @detail: (transfer full) (nullable) */
static void
send_error (FerrySiSession *self, FerryStanzaCondition condition, FerryNode *detail)
{
  g_autoptr (FerryNode) request = g_steal_pointer (&self->request);
  ferry_router_reply_error (self->router, request, condition, detail);
}

/* SI has no word for "later": other programs read one that is not "forbidden", which would mean
 * that our user does not want the file. */
static void
send_decline (FerrySiSession *self, const GError *error)
{
  if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_PAUSED))
    send_error (self, FERRY_STANZA_RESOURCE_CONSTRAINT,
                ferry_node_new ("paused", FERRY_NS_FILES));
  else if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_OFFLINE))
    send_error (self, FERRY_STANZA_RECIPIENT_UNAVAILABLE, NULL);
  else
    send_error (self, FERRY_STANZA_FORBIDDEN, NULL);
}

static void
send_have_it (FerrySiSession *self)
{
  g_autoptr (FerryNode) request = g_steal_pointer (&self->request);
  ferry_router_reply (self->router, request, ferry_node_new ("received", FERRY_NS_FILES));
}

/* Before the pipe is closed, so that the peer hears it before the <close/> of an in-band one.
 */
static void
say_end (FerrySiSession *self, const GError *error)
{
  FerryNode *end =
      self->machine.has_words ? ferry_si_end_to_node (get_sid (self), error) : NULL;

  if (end != NULL)
    ferry_router_query_async (self->router, "set", get_peer (self), end, 0, NULL, NULL, NULL);
}

/* --- What the SOCKS5 stream says to its twin -------------------------------------------------
 */

static void
queried_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrySiSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);

  if (self->s5b.stream == NULL)
    return;
  if (iq == NULL)
    iq = ferry_s5b_refusal_to_node (ferry_stanza_error_get_condition (error));
  ferry_link_emit_received (FERRY_LINK (self), iq);
}

/* @iq: of type result or error */
static void
answer_query (FerrySiSession *self, FerryNode *iq)
{
  g_autoptr (FerryNode) request = g_steal_pointer (&self->s5b_request);

  if (request == NULL)
    return;
  if (g_strcmp0 (ferry_node_get_attr (iq, "type"), "result") == 0)
    {
      FerryNode *payload = ferry_node_get_nth_child (iq, 0);
      ferry_router_reply (self->router, request, ferry_node_ref (payload));
      return;
    }
  g_autoptr (GError) error = ferry_stanza_error_parse (iq);
  ferry_router_reply_error (self->router, request, ferry_stanza_error_get_condition (error),
                            NULL);
}

void
ferry_si_session_link_send (FerryLink *link, FerryNode *payload)
{
  FerrySiSession *self = FERRY_SI_SESSION (link);
  g_autoptr (FerryNode) iq = payload;

  if (g_strcmp0 (ferry_node_get_attr (iq, "type"), "set") != 0)
    answer_query (self, iq);
  else
    ferry_router_query_async (self->router, "set", get_peer (self),
                              ferry_node_ref (ferry_node_get_nth_child (iq, 0)), QUERY_MS, NULL,
                              queried_cb, g_object_ref (self));
}

/* --- What the machine wants done -------------------------------------------------------------
 */

static void
take_new_id (FerrySiSession *self)
{
  g_autofree char *sid = ferry_id_new ();
  ferry_session_set_id (FERRY_SESSION (self), sid);
}

static void
end (FerrySiSession *self, const GError *error)
{
  if (self->query != NULL)
    g_cancellable_cancel (self->query);
  g_clear_object (&self->query);
  if (!self->is_closing)
    ferry_si_session_drop_pipes (self);
  ferry_session_end (FERRY_SESSION (self), error);
}

void
ferry_si_session_run_effect (FerrySiSession *self, const FerrySiEffect *effect)
{
  FerrySession *session = FERRY_SESSION (self);

  switch (effect->type)
    {
    case FERRY_SI_DO_NEW_ID:
      take_new_id (self);
      break;
    case FERRY_SI_DO_SEND_OFFER:
      send_offer (self, effect->methods);
      break;
    case FERRY_SI_DO_SEND_ANSWER:
      send_answer (self, effect);
      break;
    case FERRY_SI_DO_SEND_DECLINE:
      send_decline (self, effect->error);
      break;
    case FERRY_SI_DO_SEND_NO_WAY:
      send_error (self, FERRY_STANZA_BAD_REQUEST,
                  ferry_node_new ("no-valid-streams", FERRY_NS_SI));
      break;
    case FERRY_SI_DO_SEND_HAVE_IT:
      send_have_it (self);
      break;
    case FERRY_SI_DO_CONNECT:
      ferry_si_session_open_pipe (self, effect->method);
      break;
    case FERRY_SI_DO_DROP:
      ferry_si_session_drop_pipe (self, effect->method);
      break;
    case FERRY_SI_DO_HAND_OVER:
      ferry_si_session_hand_over (self, effect->method);
      break;
    case FERRY_SI_DO_CLOSE_PIPE:
      ferry_si_session_close_pipe (self);
      break;
    case FERRY_SI_DO_RECEIVED:
      ferry_session_set_received (session);
      break;
    case FERRY_SI_DO_SAY_END:
      say_end (self, effect->error);
      break;
    case FERRY_SI_DO_NOTE_SILENT:
      ferry_session_emit_note (session, "No answer for a minute. The other program may be "
                                        "unable to receive files");
      break;
    case FERRY_SI_DO_NOTE_FALLBACK:
      ferry_session_emit_note (session, "In-band: trying this slow way");
      break;
    case FERRY_SI_DO_END:
      end (self, effect->error);
      break;
    default:
      g_assert_not_reached ();
    }
}
