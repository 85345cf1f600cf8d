/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytestreams of a session: a receiver may listen to both ways until one of them opens. */
#define G_LOG_DOMAIN "ferry-si-session"

#include "config.h"

#include "signalling/si/ferry-si-session-private.h"

#include "bytestream/ibb/ferry-ibb-bytestream.h"
#include "bytestream/s5b/ferry-s5b-bytestream.h"

#include <sys/socket.h>

#define EV(name) FERRY_SI_EV_##name

/* How long who receives nothing waits for the end of it. */
#define SILENCE_S 30

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

void
ferry_si_session_drop_pipe (FerrySiSession *self, FerrySiMethod method)
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
  ferry_si_session_drop_pipe (self, FERRY_SI_S5B);
  ferry_si_session_drop_pipe (self, FERRY_SI_INBAND);
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

  ferry_si_session_drop_pipe (self, method);
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
      self->machine.role == FERRY_SI_SENDER, own, ferry_session_get_peer (session),
      ferry_session_get_id (session), routes);

  ferry_s5b_bytestream_set_empty (stream, is_nothing_wanted (self));
  /* The best of them; which it became is known when it is open. */
  ferry_session_set_route (session, ferry_route_get_best (routes));
  open_pipe (self, FERRY_SI_S5B, FERRY_BYTESTREAM (stream));
}

/* The sender opens. A receiver takes the block size that comes. */
static void
open_inband (FerrySiSession *self)
{
  FerrySession *session = FERRY_SESSION (self);
  gboolean is_sender = self->machine.role == FERRY_SI_SENDER;

  if (self->s5b.stream == NULL)
    ferry_session_set_route (session, FERRY_ROUTE_INBAND);
  open_pipe (
      self, FERRY_SI_INBAND,
      FERRY_BYTESTREAM (ferry_ibb_bytestream_new (
          self->ibb_service, ferry_session_get_peer (session), ferry_session_get_id (session),
          is_sender ? FERRY_IBB_BLOCK_SIZE : FERRY_IBB_MAX_BLOCK_SIZE,
          is_sender ? FERRY_IBB_OPENER : FERRY_IBB_OPENED)));
}

void
ferry_si_session_open_pipe (FerrySiSession *self, FerrySiMethod method)
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

void
ferry_si_session_close_pipe (FerrySiSession *self)
{
  FerrySiPipe *pipe = get_pipe (self, self->machine.open);

  if (self->is_closing || pipe->stream == NULL)
    return;
  self->is_closing = TRUE;
  ferry_bytestream_close_async (pipe->stream, pipe->cancellable, closed_cb,
                                g_object_ref (self));
}

void
ferry_si_session_hand_over (FerrySiSession *self, FerrySiMethod method)
{
  FerrySiPipe *pipe = get_pipe (self, method);
  g_autoptr (GSocket) socket = g_steal_pointer (&pipe->socket);

  ferry_session_set_route (FERRY_SESSION (self), ferry_bytestream_get_route (pipe->stream));
  ferry_session_emit_opened (FERRY_SESSION (self), socket);
}
