/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-server.h"

#include <string.h>

struct _FakeServer
{
  GSocketService *service;
  const FakeStep *steps;
  GTlsCertificate *certificate;
  guint16 port;
  GCancellable *cancellable;
  GMutex mutex;
  GString *received; /* guarded by @mutex */
};

/* FALSE: the client is gone. */
static gboolean
read_some (FakeServer *self, GIOStream *stream, GString *seen)
{
  char buffer[4096];
  gssize n = g_input_stream_read (g_io_stream_get_input_stream (stream), buffer, sizeof buffer,
                                  self->cancellable, NULL);
  if (n <= 0)
    return FALSE;
  g_string_append_len (seen, buffer, n);
  g_mutex_lock (&self->mutex);
  g_string_append_len (self->received, buffer, n);
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

static gboolean
do_step (FakeServer *self, const FakeStep *step, GIOStream **stream)
{
  g_autoptr (GString) seen = g_string_new (NULL);

  while (step->expect != NULL && strstr (seen->str, step->expect) == NULL)
    if (!read_some (self, *stream, seen))
      return FALSE;
  for (guint i = 0; step->reply != NULL && i <= step->n_repeats; i++)
    if (!g_output_stream_write_all (g_io_stream_get_output_stream (*stream), step->reply,
                                    strlen (step->reply), NULL, self->cancellable, NULL))
      return FALSE;
  if (step->start_tls)
    {
      GIOStream *tls = g_tls_server_connection_new (*stream, self->certificate, NULL);
      g_object_unref (*stream);
      *stream = tls;
      return g_tls_connection_handshake (G_TLS_CONNECTION (tls), self->cancellable, NULL);
    }
  return TRUE;
}

static gboolean
on_run (GThreadedSocketService *service,
        GSocketConnection *connection,
        GObject *source_object,
        FakeServer *self)
{
  GIOStream *stream = g_object_ref (G_IO_STREAM (connection));
  gboolean is_there = TRUE;

  for (const FakeStep *step = self->steps;
       is_there && (step->expect != NULL || step->reply != NULL || step->start_tls); step++)
    is_there = do_step (self, step, &stream);
  g_autoptr (GString) rest = g_string_new (NULL);
  while (is_there)
    is_there = read_some (self, stream, rest);
  g_object_unref (stream);
  return TRUE;
}

FakeServer *
fake_server_new (const FakeStep *steps, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *cert = g_build_filename (folder, "server.crt", NULL);
  g_autofree char *key = g_build_filename (folder, "server.key", NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  FakeServer *self = g_new0 (FakeServer, 1);

  self->steps = steps;
  self->cancellable = g_cancellable_new ();
  self->received = g_string_new (NULL);
  g_mutex_init (&self->mutex);
  self->certificate = g_tls_certificate_new_from_files (cert, key, &error);
  g_assert_no_error (error);
  self->service = g_threaded_socket_service_new (8);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address,
                                 G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound,
                                 &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  g_signal_connect (self->service, "run", G_CALLBACK (on_run), self);
  return self;
}

guint16
fake_server_get_port (FakeServer *self)
{
  return self->port;
}

char *
fake_server_dup_received (FakeServer *self)
{
  g_mutex_lock (&self->mutex);
  char *text = g_strdup (self->received->str);
  g_mutex_unlock (&self->mutex);
  return text;
}

static void
note_gone (gpointer data, GObject *where_the_object_was)
{
  gboolean *is_gone = data;
  g_atomic_int_set (is_gone, TRUE);
}

void
fake_server_free (FakeServer *self)
{
  gboolean is_gone = FALSE;

  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  /* The service lives until its last thread has ended. */
  g_object_weak_ref (G_OBJECT (self->service), note_gone, &is_gone);
  g_object_unref (self->service);
  while (!g_atomic_int_get (&is_gone))
    if (!g_main_context_iteration (NULL, FALSE))
      g_thread_yield ();
  g_object_unref (self->certificate);
  g_object_unref (self->cancellable);
  g_string_free (self->received, TRUE);
  g_mutex_clear (&self->mutex);
  g_free (self);
}
