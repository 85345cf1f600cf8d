/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session does for its machine: offer, answer, open and close the pipe, tell its user.
 */
#define G_LOG_DOMAIN "ferry-si-session"

#include "config.h"

#include "signalling/si/ferry-si-session-private.h"

#include "base/ferry-id.h"
#include "bytestream/ibb/ferry-ibb-bytestream.h"
#include "bytestream/s5b/ferry-s5b-bytestream.h"
#include "bytestream/s5b/ferry-s5b-wire-si.h"
#include "xmpp/ferry-ns.h"

#include <sys/socket.h>

#define EV(name) FERRY_SI_EV_##name

/* A user may be asked; the machine has a limit of its own. */
#define ANSWER_MS (2u * 3600 * 1000)
/* Above what the race takes at most. */
#define QUERY_MS 120000u
#define SILENCE_S 30

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

/* @detail: (nullable): name of an element in the namespace of SI */
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

/* --- The bytestreams -------------------------------------------------------------------------
 */

static FerrySiPipe *
get_pipe (FerrySiSession *self, FerrySiMethod method)
{
  return method == FERRY_SI_S5B ? &self->s5b : &self->inband;
}

static void
end_silence (FerrySiSession *self)
{
  if (self->silence != NULL)
    g_source_destroy (self->silence);
  g_clear_pointer (&self->silence, g_source_unref);
}

static void
drop_pipe (FerrySiSession *self, FerrySiMethod method)
{
  FerrySiPipe *pipe = get_pipe (self, method);

  if (pipe->cancellable != NULL)
    g_cancellable_cancel (pipe->cancellable);
  g_clear_object (&pipe->cancellable);
  if (pipe->stream != NULL)
    g_signal_handlers_disconnect_by_data (pipe->stream, self);
  g_clear_object (&pipe->stream);
  g_clear_object (&pipe->socket);
  if (method == FERRY_SI_S5B)
    end_silence (self);
}

void
ferry_si_session_drop_pipes (FerrySiSession *self)
{
  drop_pipe (self, FERRY_SI_S5B);
  drop_pipe (self, FERRY_SI_INBAND);
  self->is_closing = FALSE;
}

static void
on_stream_note (FerryBytestream *stream, const char *text, FerrySiSession *self)
{
  ferry_session_emit_note (FERRY_SESSION (self), "%s", text);
}

/* Of an empty file, or of none of its rest, nothing arrives but the end. */
static gboolean
is_nothing_wanted (FerrySiSession *self)
{
  FerrySession *session = FERRY_SESSION (self);
  return ferry_range_get_length (ferry_session_get_range (session),
                                 ferry_session_get_file (session)->size) == 0;
}

static gboolean
has_begun (GSocket *socket)
{
  char byte;
  return recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static gboolean
first_byte_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  g_autoptr (FerrySiSession) self = g_object_ref (user_data);
  g_autoptr (GError) error = NULL;

  g_socket_set_timeout (socket, 0);
  end_silence (self);
  if (!is_nothing_wanted (self) && !has_begun (socket))
    g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_BROKEN,
                         "The peer closed the connection before it sent anything");
  const FerrySiEvent event = { .type = error == NULL ? EV (OPENED) : EV (OPEN_FAILED),
                               .method = FERRY_SI_S5B,
                               .error = error };
  ferry_si_session_step (self, &event);
  return G_SOURCE_REMOVE;
}

/* A receiver has a connection as soon as it has dialled a relay, but the sender may fail to
 * reach or to activate that, and then opens in-band. So until the first byte is there nothing
 * is decided; and who received an empty file, all of it at once, would hang up before the
 * sender has got our answer, to whom that is a failure. */
static void
await_first_byte (FerrySiSession *self, GSocket *socket)
{
  if (is_nothing_wanted (self))
    g_socket_set_timeout (socket, SILENCE_S);
  self->silence = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (self->silence, G_SOURCE_FUNC (first_byte_cb), self, NULL);
  g_source_attach (self->silence, NULL);
}

void
ferry_si_session_stop_listening (FerrySiSession *self)
{
  if (self->silence == NULL)
    return;
  g_socket_set_timeout (self->s5b.socket, 0);
  end_silence (self);
  const FerrySiEvent event = { .type = EV (OPENED), .method = FERRY_SI_S5B };
  ferry_si_session_step (self, &event);
}

static void
take_opened (FerrySiSession *self, GObject *source, GAsyncResult *result, FerrySiMethod method)
{
  FerrySiPipe *pipe = get_pipe (self, method);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket =
      ferry_bytestream_open_finish (FERRY_BYTESTREAM (source), result, &error);

  if (source != (GObject *) pipe->stream)
    return;
  /* SOCKS5 has its own words for this in the timeline. */
  if (socket == NULL && method == FERRY_SI_INBAND)
    ferry_session_emit_note (FERRY_SESSION (self), "%s", error->message);
  g_set_object (&pipe->socket, socket);
  if (socket != NULL && method == FERRY_SI_S5B && self->machine.role == FERRY_SI_RECEIVER)
    {
      await_first_byte (self, socket);
      return;
    }
  const FerrySiEvent event = { .type = socket != NULL ? EV (OPENED) : EV (OPEN_FAILED),
                               .method = method,
                               .error = error };
  ferry_si_session_step (self, &event);
}

static void
s5b_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrySiSession) self = user_data;
  take_opened (self, source, result, FERRY_SI_S5B);
}

static void
inband_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrySiSession) self = user_data;
  take_opened (self, source, result, FERRY_SI_INBAND);
}

/* @stream: (transfer full) */
static void
open_pipe (FerrySiSession *self, FerrySiMethod method, FerryBytestream *stream)
{
  FerrySiPipe *pipe = get_pipe (self, method);

  drop_pipe (self, method);
  pipe->stream = stream;
  pipe->cancellable = g_cancellable_new ();
  g_signal_connect (stream, "note", G_CALLBACK (on_stream_note), self);
  ferry_bytestream_open_async (stream, pipe->cancellable,
                               method == FERRY_SI_S5B ? s5b_opened_cb : inband_opened_cb,
                               g_object_ref (self));
}

static void
open_s5b (FerrySiSession *self, FerryJid *own)
{
  const FerryRoute routes =
      self->routes & (FERRY_ROUTE_DIRECT | FERRY_ROUTE_FAST | FERRY_ROUTE_PROXY);

  FerrySession *session = FERRY_SESSION (self);
  FerryS5bBytestream *stream = ferry_s5b_bytestream_new (
      self->s5b_service, FERRY_S5B_SI_FAST, FERRY_LINK (self),
      self->machine.role == FERRY_SI_SENDER, own, get_peer (self), get_sid (self), routes);

  ferry_s5b_bytestream_set_empty (
      stream, ferry_range_get_length (ferry_session_get_range (session),
                                      ferry_session_get_file (session)->size) == 0);
  /* The best of them; which it became is known when it is open. */
  ferry_session_set_route (session, ferry_route_get_best (routes));
  open_pipe (self, FERRY_SI_S5B, FERRY_BYTESTREAM (stream));
}

/* The sender opens. A receiver takes the block size that comes. */
static void
open_inband (FerrySiSession *self)
{
  gboolean is_sender = self->machine.role == FERRY_SI_SENDER;

  if (self->s5b.stream == NULL)
    ferry_session_set_route (FERRY_SESSION (self), FERRY_ROUTE_INBAND);
  open_pipe (self, FERRY_SI_INBAND,
             FERRY_BYTESTREAM (ferry_ibb_bytestream_new (
                 self->ibb_service, get_peer (self), get_sid (self),
                 is_sender ? FERRY_IBB_BLOCK_SIZE : FERRY_IBB_MAX_BLOCK_SIZE,
                 is_sender ? FERRY_IBB_OPENER : FERRY_IBB_OPENED)));
}

static void
open_method (FerrySiSession *self, FerrySiMethod method)
{
  FerryJid *own = ferry_router_get_jid (self->router);

  if (own == NULL)
    {
      g_autoptr (GError) error =
          g_error_new_literal (FERRY_ERROR, FERRY_ERROR_OFFLINE, "Not signed in");
      ferry_si_session_step_type (self, EV (LOST), error);
    }
  else if (method == FERRY_SI_S5B)
    open_s5b (self, own);
  else
    open_inband (self);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerrySiSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_closed =
      ferry_bytestream_close_finish (FERRY_BYTESTREAM (source), result, &error);

  if (source != (GObject *) get_pipe (self, self->machine.open)->stream)
    return;
  self->is_closing = FALSE;
  ferry_si_session_step_type (self, is_closed ? EV (FLUSHED) : EV (PIPE_BROKEN), error);
  ferry_si_session_finish_if_done (self);
}

static void
close_pipe (FerrySiSession *self)
{
  FerrySiPipe *pipe = get_pipe (self, self->machine.open);

  if (self->is_closing || pipe->stream == NULL)
    return;
  self->is_closing = TRUE;
  ferry_bytestream_close_async (pipe->stream, pipe->cancellable, closed_cb,
                                g_object_ref (self));
}

static void
hand_over (FerrySiSession *self, FerrySiMethod method)
{
  FerrySiPipe *pipe = get_pipe (self, method);
  g_autoptr (GSocket) socket = g_steal_pointer (&pipe->socket);

  ferry_session_set_route (FERRY_SESSION (self), ferry_bytestream_get_route (pipe->stream));
  ferry_session_emit_opened (FERRY_SESSION (self), socket);
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
      open_method (self, effect->method);
      break;
    case FERRY_SI_DO_DROP:
      drop_pipe (self, effect->method);
      break;
    case FERRY_SI_DO_HAND_OVER:
      hand_over (self, effect->method);
      break;
    case FERRY_SI_DO_CLOSE_PIPE:
      close_pipe (self);
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
