/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session does for its machine: offer, answer, open and close the pipe, tell its user.
 */
#define G_LOG_DOMAIN "ferry-si-session"

#include "config.h"

#include "signalling/si/ferry-si-session-private.h"

#include "base/ferry-id.h"
#include "bytestream/ibb/ferry-ibb-bytestream.h"
#include "xmpp/ferry-ns.h"

#define EV(name) FERRY_SI_EV_##name

/* A user may be asked; the machine has a limit of its own. */
#define ANSWER_MS (2u * 3600 * 1000)
/* The largest block a sender of files may choose; libpurple, Psi and gabble take 4096. */
#define MAX_BLOCK_SIZE FERRY_IBB_MAX_BLOCK_SIZE

static FerryJid *
get_peer (FerrySiSession *self)
{
  return ferry_session_get_peer (FERRY_SESSION (self));
}

/* --- Offering and answering ------------------------------------------------------------------
 */

/* What an error says as answer to an offer. Our offers are well-formed: who calls one a bad
 * request found no profile or no method in it that it knows (XEP-0095 §4.2). */
static GError *
explain_refusal (const GError *error)
{
  GError *explained = g_error_copy (error);
  FerryStanzaCondition condition = ferry_stanza_error_get_condition (error);

  if (condition == FERRY_STANZA_FORBIDDEN)
    explained->code = FERRY_ERROR_DECLINED;
  else if (condition == FERRY_STANZA_BAD_REQUEST)
    explained->code = FERRY_ERROR_UNSUPPORTED;
  return explained;
}

static void
take_answer (FerrySiSession *self, FerryNode *iq)
{
  const FerryFileInfo *file = ferry_session_get_file (FERRY_SESSION (self));
  g_autoptr (GError) error = NULL;
  FerrySiAnswer answer;

  if (ferry_si_answer_parse (ferry_node_get_child (iq, "si", FERRY_NS_SI), file->size, &answer,
                             &error) &&
      (answer.offset > 0 || (answer.length >= 0 && answer.length < file->size)))
    g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
                         "The peer asks for a part of the file, which was not offered");
  if (error != NULL)
    {
      ferry_si_session_step_type (self, EV (REFUSED), error);
      return;
    }
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
  g_autoptr (GError) refusal = explain_refusal (error);
  ferry_si_session_step_type (self, EV (REFUSED), refusal);
}

static void
send_offer (FerrySiSession *self, FerrySiMethods methods)
{
  FerryFileInfo *file = ferry_session_get_file (FERRY_SESSION (self));

  self->query = g_cancellable_new ();
  ferry_router_query_async (self->router, "set", get_peer (self),
                            ferry_si_offer_to_node (self->sid, file, methods), ANSWER_MS,
                            self->query, answered_cb, g_object_ref (self));
}

static void
send_answer (FerrySiSession *self, const FerrySiEffect *effect)
{
  g_autoptr (FerryNode) request = g_steal_pointer (&self->request);
  ferry_router_reply (self->router, request,
                      ferry_si_answer_to_node (effect->methods, effect->is_multiple));
}

/* @detail: (nullable): name of an element in the namespace of SI */
static void
send_error (FerrySiSession *self, FerryStanzaCondition condition, const char *detail)
{
  g_autoptr (FerryNode) request = g_steal_pointer (&self->request);
  ferry_router_reply_error (self->router, request, condition,
                            detail != NULL ? ferry_node_new (detail, FERRY_NS_SI) : NULL);
}

/* --- The bytestream --------------------------------------------------------------------------
 */

void
ferry_si_session_drop_stream (FerrySiSession *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->stream != NULL)
    g_signal_handlers_disconnect_by_data (self->stream, self);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
  self->is_closing = FALSE;
}

static void
on_stream_note (FerryBytestream *stream, const char *text, FerrySiSession *self)
{
  ferry_session_emit_note (FERRY_SESSION (self), "%s", text);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrySiSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket =
      ferry_bytestream_open_finish (FERRY_BYTESTREAM (source), result, &error);

  if (source != (GObject *) self->stream)
    return;
  if (socket == NULL)
    ferry_session_emit_note (FERRY_SESSION (self), "%s", error->message);
  g_set_object (&self->socket, socket);
  const FerrySiEvent event = { .type = socket != NULL ? EV (OPENED) : EV (OPEN_FAILED),
                               .method = FERRY_SI_INBAND,
                               .error = error };
  ferry_si_session_step (self, &event);
}

/* The sender opens. A receiver takes the block size that comes. */
static void
open_inband (FerrySiSession *self)
{
  gboolean is_sender = self->machine.role == FERRY_SI_SENDER;

  ferry_si_session_drop_stream (self);
  self->cancellable = g_cancellable_new ();
  self->stream = FERRY_BYTESTREAM (
      ferry_ibb_bytestream_new (self->ibb_service, get_peer (self), self->sid,
                                is_sender ? FERRY_IBB_BLOCK_SIZE : MAX_BLOCK_SIZE,
                                is_sender ? FERRY_IBB_OPENER : FERRY_IBB_OPENED));
  g_signal_connect (self->stream, "note", G_CALLBACK (on_stream_note), self);
  ferry_session_set_route (FERRY_SESSION (self), FERRY_ROUTE_INBAND);
  ferry_bytestream_open_async (self->stream, self->cancellable, opened_cb, g_object_ref (self));
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrySiSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_closed =
      ferry_bytestream_close_finish (FERRY_BYTESTREAM (source), result, &error);

  if (source != (GObject *) self->stream)
    return;
  self->is_closing = FALSE;
  ferry_si_session_step_type (self, is_closed ? EV (FLUSHED) : EV (PIPE_BROKEN), error);
  ferry_si_session_finish_if_done (self);
}

static void
close_stream (FerrySiSession *self)
{
  if (self->is_closing || self->stream == NULL)
    return;
  self->is_closing = TRUE;
  ferry_bytestream_close_async (self->stream, self->cancellable, closed_cb,
                                g_object_ref (self));
}

static void
hand_over (FerrySiSession *self)
{
  g_autoptr (GSocket) socket = g_steal_pointer (&self->socket);

  ferry_session_set_route (FERRY_SESSION (self), ferry_bytestream_get_route (self->stream));
  ferry_session_emit_opened (FERRY_SESSION (self), socket);
}

/* --- What the machine wants done -------------------------------------------------------------
 */

static void
take_new_id (FerrySiSession *self)
{
  g_free (self->sid);
  self->sid = ferry_id_new ();
}

static void
end (FerrySiSession *self, const GError *error)
{
  if (self->query != NULL)
    g_cancellable_cancel (self->query);
  g_clear_object (&self->query);
  if (!self->is_closing)
    ferry_si_session_drop_stream (self);
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
      send_error (self, FERRY_STANZA_FORBIDDEN, NULL);
      break;
    case FERRY_SI_DO_SEND_NO_WAY:
      send_error (self, FERRY_STANZA_BAD_REQUEST, "no-valid-streams");
      break;
    case FERRY_SI_DO_CONNECT:
      open_inband (self);
      break;
    case FERRY_SI_DO_DROP:
      if (effect->method == FERRY_SI_INBAND)
        ferry_si_session_drop_stream (self);
      break;
    case FERRY_SI_DO_HAND_OVER:
      hand_over (self);
      break;
    case FERRY_SI_DO_CLOSE_PIPE:
      close_stream (self);
      break;
    case FERRY_SI_DO_RECEIVED:
      ferry_session_set_received (session);
      break;
    case FERRY_SI_DO_NOTE_SILENT:
      ferry_session_emit_note (session, "No answer for a minute. The other program may be "
                                        "unable to receive files");
      break;
    case FERRY_SI_DO_NOTE_FALLBACK:
      ferry_session_emit_note (session, "No direct connection; trying the slow way");
      break;
    case FERRY_SI_DO_END:
      end (self, effect->error);
      break;
    default:
      g_assert_not_reached ();
    }
}
