/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytestream of a session: the one of the moment, SOCKS5 or in-band. */
#define G_LOG_DOMAIN "ferry-jingle-session"

#include "config.h"

#include "signalling/jingle/ferry-jingle-session-private.h"

#include "bytestream/ibb/ferry-ibb-bytestream.h"
#include "bytestream/s5b/ferry-s5b-bytestream.h"

#define EV(name) FERRY_JINGLE_EV_##name

void
ferry_jingle_session_drop_stream (FerryJingleSession *self)
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
on_stream_note (FerryBytestream *stream, const char *text, FerryJingleSession *self)
{
  ferry_session_emit_note (FERRY_SESSION (self), "%s", text);
}

/* @stream: (transfer full) */
static void
take_stream (FerryJingleSession *self, FerryBytestream *stream)
{
  ferry_jingle_session_drop_stream (self);
  self->stream = stream;
  self->cancellable = g_cancellable_new ();
  g_signal_connect (stream, "note", G_CALLBACK (on_stream_note), self);
}

static FerryNode *
build_s5b_offer (FerryJingleSession *self, GPtrArray *candidates)
{
  g_autoptr (FerryJingleS5b) s5b = ferry_jingle_s5b_new (self->s5b_sid);

  s5b->has_mode = self->machine.role == FERRY_JINGLE_INITIATOR;
  s5b->dstaddr =
      g_strdup (ferry_s5b_bytestream_get_dstaddr (FERRY_S5B_BYTESTREAM (self->stream)));
  for (guint i = 0; candidates != NULL && i < candidates->len; i++)
    g_ptr_array_add (s5b->candidates, ferry_candidate_copy (candidates->pdata[i]));
  return ferry_jingle_s5b_to_node (s5b);
}

static void
gathered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryJingleSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) candidates =
      ferry_s5b_bytestream_gather_finish (FERRY_S5B_BYTESTREAM (source), result, &error);

  if (source != (GObject *) self->stream)
    return;
  /* Without any candidate of ours those of the peer may still do. */
  if (candidates == NULL)
    g_debug ("%s: no candidates: %s", ferry_session_get_id (FERRY_SESSION (self)),
             error->message);
  g_clear_pointer (&self->s5b_offer, ferry_node_unref);
  self->s5b_offer = build_s5b_offer (self, candidates);
  ferry_jingle_session_step_type (self, EV (GATHERED), NULL);
}

void
ferry_jingle_session_gather (FerryJingleSession *self)
{
  if (self->machine.is_inband)
    {
      ferry_jingle_session_step_type (self, EV (GATHERED), NULL);
      return;
    }

  FerryJid *own = ferry_router_get_jid (self->router);
  if (own == NULL)
    {
      g_autoptr (GError) error =
          g_error_new_literal (FERRY_ERROR, FERRY_ERROR_OFFLINE, "Not signed in");
      ferry_jingle_session_step_type (self, EV (FAIL), error);
      return;
    }
  /* The listener knows the stream from here on: peers dial within milliseconds of the offer. */
  FerryS5bBytestream *s5b =
      ferry_s5b_bytestream_new (self->s5b_service, FERRY_S5B_JINGLE, FERRY_LINK (self),
                                self->machine.role == FERRY_JINGLE_INITIATOR, own,
                                ferry_session_get_peer (FERRY_SESSION (self)), self->s5b_sid,
                                self->routes & (FERRY_ROUTE_DIRECT | FERRY_ROUTE_PROXY));
  take_stream (self, FERRY_BYTESTREAM (s5b));
  if (self->remote != NULL)
    ferry_s5b_bytestream_add_remote (s5b, self->remote->candidates, self->remote->dstaddr);
  ferry_s5b_bytestream_gather_async (s5b, self->cancellable, gathered_cb, g_object_ref (self));
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryJingleSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket =
      ferry_bytestream_open_finish (FERRY_BYTESTREAM (source), result, &error);

  if (source != (GObject *) self->stream)
    return;
  if (socket == NULL)
    {
      /* SOCKS5 has its own words for this in the timeline. */
      if (self->machine.is_inband)
        ferry_session_emit_note (FERRY_SESSION (self), "%s", error->message);
      ferry_jingle_session_step_type (self, EV (OPEN_FAILED), error);
      return;
    }
  g_set_object (&self->socket, socket);
  ferry_jingle_session_step_type (self, EV (OPENED), NULL);
}

static void
open_stream (FerryJingleSession *self, FerryRoute route)
{
  ferry_session_set_route (FERRY_SESSION (self), route);
  ferry_bytestream_open_async (self->stream, self->cancellable, opened_cb, g_object_ref (self));
}

void
ferry_jingle_session_start_s5b (FerryJingleSession *self, const FerryJingleS5b *remote)
{
  if (remote != NULL)
    ferry_s5b_bytestream_add_remote (FERRY_S5B_BYTESTREAM (self->stream), remote->candidates,
                                     remote->dstaddr);
  open_stream (self,
               ferry_route_get_best (self->routes & (FERRY_ROUTE_DIRECT | FERRY_ROUTE_PROXY)));
  for (guint i = 0; i < self->kept_infos->len; i++)
    ferry_link_emit_received (FERRY_LINK (self), self->kept_infos->pdata[i]);
  g_ptr_array_set_size (self->kept_infos, 0);
}

void
ferry_jingle_session_open_ibb (FerryJingleSession *self, FerryIbbRole role)
{
  const FerryJingleIbb *ibb = self->machine.ibb;

  take_stream (self, FERRY_BYTESTREAM (ferry_ibb_bytestream_new (
                         self->ibb_service, ferry_session_get_peer (FERRY_SESSION (self)),
                         ibb->sid, ibb->block_size, role)));
  open_stream (self, FERRY_ROUTE_INBAND);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryJingleSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_closed =
      ferry_bytestream_close_finish (FERRY_BYTESTREAM (source), result, &error);

  if (source != (GObject *) self->stream)
    return;
  self->is_closing = FALSE;
  if (is_closed)
    ferry_jingle_session_step_type (self, EV (FLUSHED), NULL);
  else
    ferry_jingle_session_step_type (self, EV (PIPE_BROKEN), error);
  ferry_jingle_session_finish_if_done (self);
}

void
ferry_jingle_session_close_stream (FerryJingleSession *self)
{
  if (self->is_closing || self->stream == NULL)
    return;
  self->is_closing = TRUE;
  ferry_bytestream_close_async (self->stream, self->cancellable, closed_cb,
                                g_object_ref (self));
}

void
ferry_jingle_session_hand_over (FerryJingleSession *self)
{
  g_autoptr (GSocket) socket = g_steal_pointer (&self->socket);

  ferry_session_set_route (FERRY_SESSION (self), ferry_bytestream_get_route (self->stream));
  ferry_session_emit_opened (FERRY_SESSION (self), socket);
}
