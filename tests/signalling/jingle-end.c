/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "jingle-end.h"

#define CHUNK 65536

GBytes *
jingle_test_content (gsize size)
{
  guint8 *data = g_malloc (size + 1);
  guint32 x = 1;

  for (gsize i = 0; i < size; i++)
    {
      x = x * 1664525 + 1013904223;
      data[i] = (guint8) (x >> 24);
    }
  return g_bytes_new_take (data, size);
}

static void
fail_broken (JingleEnd *self, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BROKEN, message);
  ferry_session_fail (self->session, error);
}

static gboolean
send_some (JingleEnd *self)
{
  gsize size;
  const char *data = g_bytes_get_data (self->content, &size);
  const FerryRange *range = ferry_session_get_range (self->session);
  g_autoptr (GError) error = NULL;

  size = range->offset + ferry_range_get_length (range, (gint64) size);
  if (self->n_sent < size)
    {
      gssize n = g_socket_send (self->socket, data + self->n_sent,
                                MIN (size - self->n_sent, CHUNK), NULL, &error);
      if (n < 0)
        {
          if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
            return G_SOURCE_CONTINUE;
          fail_broken (self, error->message);
          return G_SOURCE_REMOVE;
        }
      self->n_sent += (gsize) n;
    }
  if (self->n_sent < size)
    return G_SOURCE_CONTINUE;
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
  ferry_session_sent (self->session, self->hash.algo != FERRY_HASH_NONE ? &self->hash : NULL,
                      FALSE);
  return G_SOURCE_REMOVE;
}

static gboolean
receive_some (JingleEnd *self)
{
  gint64 size = ferry_session_get_file (self->session)->size;
  const FerryRange *range = ferry_session_get_range (self->session);
  char buffer[CHUNK];
  g_autoptr (GError) error = NULL;

  if (size >= 0)
    size = (gint64) ferry_range_get_length (range, size);
  if (size < 0 || self->bytes->len < (guint64) size)
    {
      gssize n = g_socket_receive (self->socket, buffer, sizeof buffer, NULL, &error);
      if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return G_SOURCE_CONTINUE;
      if (n < 0 || (n == 0 && size >= 0))
        {
          fail_broken (self, error != NULL ? error->message : "ended early");
          return G_SOURCE_REMOVE;
        }
      if (n > 0)
        {
          g_byte_array_append (self->bytes, (guint8 *) buffer, (guint) n);
          if (size < 0 || self->bytes->len < (guint64) size)
            return G_SOURCE_CONTINUE;
        }
    }
  ferry_session_complete (self->session, TRUE);
  return G_SOURCE_REMOVE;
}

static gboolean
on_socket (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  JingleEnd *self = user_data;
  gboolean is_sender = ferry_session_get_direction (self->session) == FERRY_DIRECTION_SEND;
  gboolean more = is_sender ? send_some (self) : receive_some (self);

  if (more == G_SOURCE_REMOVE)
    g_clear_pointer (&self->source, g_source_unref);
  return more;
}

static void
on_opened (FerrySession *session, GSocket *socket, JingleEnd *self)
{
  gboolean is_sender = ferry_session_get_direction (session) == FERRY_DIRECTION_SEND;

  g_assert_null (self->socket);
  g_assert_false (g_socket_get_blocking (socket));
  g_assert_cmpint (ferry_session_get_state (session), ==, FERRY_SESSION_OPEN);
  self->socket = g_object_ref (socket);
  if (is_sender)
    self->first = self->n_sent = ferry_session_get_range (session)->offset;
  if (self->holds)
    return;
  gint64 size = ferry_session_get_file (session)->size;
  if (!is_sender && size >= 0 &&
      ferry_range_get_length (ferry_session_get_range (session), size) == 0)
    {
      ferry_session_complete (session, TRUE);
      return;
    }
  self->source = g_socket_create_source (socket, is_sender ? G_IO_OUT : G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_socket), self, NULL);
  g_source_attach (self->source, NULL);
}

static void
on_checksum (FerrySession *session, const FerryHash *hash, JingleEnd *self)
{
  self->checksum = *hash;
}

static void
on_note (FerrySession *session, const char *text, JingleEnd *self)
{
  g_string_append_printf (self->notes, "%s\n", text);
}

static void
stop_copying (JingleEnd *self)
{
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

static void
on_ended (FerrySession *session, const GError *error, JingleEnd *self)
{
  self->n_ended++;
  g_assert_cmpuint (self->n_ended, ==, 1);
  g_assert_cmpint (ferry_session_get_state (session), ==, FERRY_SESSION_ENDED);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  stop_copying (self);
  g_clear_object (&self->socket);
}

void
jingle_end_watch (JingleEnd *self, FerrySession *session)
{
  g_assert_null (self->session);
  self->session = g_object_ref (session);
  g_signal_connect (session, "opened", G_CALLBACK (on_opened), self);
  g_signal_connect (session, "checksum", G_CALLBACK (on_checksum), self);
  g_signal_connect (session, "note", G_CALLBACK (on_note), self);
  g_signal_connect (session, "ended", G_CALLBACK (on_ended), self);
}

static void
on_offer (FerryNegotiator *negotiator, FerrySession *session, JingleEnd *self)
{
  self->n_offers++;
  if (self->session != NULL)
    return;
  jingle_end_watch (self, session);
  if (ferry_session_get_file (session)->ranged)
    ferry_session_set_range (session, &(FerryRange){ self->wanted_at, -1 });
  if (self->routes != FERRY_ROUTE_NONE)
    ferry_session_accept (session, self->routes);
}

static JingleEnd *
connect_end (FerryFakeNet *net, const char *full_jid, gboolean with_s5b)
{
  JingleEnd *self = g_new0 (JingleEnd, 1);

  self->jid = ferry_jid_new (full_jid, NULL);
  self->stream = ferry_fake_net_connect (net, full_jid);
  self->router = ferry_router_new (self->stream);
  self->ibb = ferry_ibb_service_new (self->router);
  if (with_s5b)
    self->s5b = ferry_s5b_service_new (self->router, 0, TRUE);
  self->signalling = ferry_signalling_new (self->router, self->s5b, self->ibb);
  self->bytes = g_byte_array_new ();
  self->notes = g_string_new (NULL);
  self->routes = FERRY_ROUTE_ALL;
  return self;
}

/* @negotiator: (transfer full) */
static void
take_negotiator (JingleEnd *self, FerryNegotiator *negotiator)
{
  self->negotiator = negotiator;
  g_signal_connect (negotiator, "offer-received", G_CALLBACK (on_offer), self);
  ferry_test_wait (ferry_stream_get_state (self->stream) == FERRY_STREAM_ONLINE, 5);
}

JingleEnd *
jingle_end_new (FerryFakeNet *net, const char *full_jid, gboolean with_s5b)
{
  JingleEnd *self = connect_end (net, full_jid, with_s5b);

  take_negotiator (self, FERRY_NEGOTIATOR (ferry_jingle_negotiator_new (self->signalling)));
  return self;
}

JingleEnd *
jingle_end_new_si (FerryFakeNet *net, const char *full_jid, gboolean with_s5b)
{
  JingleEnd *self = connect_end (net, full_jid, with_s5b);

  take_negotiator (self, FERRY_NEGOTIATOR (ferry_si_negotiator_new (self->signalling)));
  return self;
}

void
jingle_end_reset (JingleEnd *self)
{
  stop_copying (self);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->content, g_bytes_unref);
  g_byte_array_set_size (self->bytes, 0);
  g_string_truncate (self->notes, 0);
  g_clear_error (&self->error);
  self->n_sent = 0;
  self->n_ended = 0;
  self->n_offers = 0;
}

void
jingle_end_free (JingleEnd *self)
{
  jingle_end_reset (self);
  g_signal_handlers_disconnect_by_data (self->negotiator, self);
  g_clear_object (&self->negotiator);
  g_clear_object (&self->signalling);
  g_clear_object (&self->s5b);
  g_clear_object (&self->ibb);
  g_clear_object (&self->router);
  g_clear_object (&self->stream);
  g_clear_pointer (&self->jid, ferry_jid_unref);
  g_byte_array_unref (self->bytes);
  g_string_free (self->notes, TRUE);
  g_free (self);
}

void
jingle_end_offer (JingleEnd *self, const char *peer, gsize size, FerryRoute routes)
{
  g_autoptr (FerryJid) jid = ferry_jid_new (peer, NULL);
  g_autoptr (FerryFileInfo) file = ferry_file_info_new ("notes.txt", (gint64) size);

  file->ranged = self->ranged;
  ferry_file_info_read_transfer_id (file, self->is_ferry ? "t1" : NULL);
  self->content = jingle_test_content (size);
  g_autoptr (FerrySession) session =
      ferry_negotiator_offer (self->negotiator, jid, file, routes);
  g_assert_cmpint (ferry_session_get_state (session), ==, FERRY_SESSION_OFFERED);
  jingle_end_watch (self, session);
}
