/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "relay.h"

#include <sys/socket.h>

typedef struct
{
  GSocket *from;
  GSocket *to;
  gboolean is_from_client;
  GSource *readable;
} Way;

struct _Relay
{
  GSocketService *service;
  guint16 port;
  guint16 target_port;
  RelayMode mode;
  gsize n_passing; /* bytes of the client that pass before all are swallowed; 0: no limit */
  gsize n_swallowed[2]; /* [is_from_client] */
  GPtrArray *ways;      /* of Way */
};

static gboolean
readable_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Relay *self = user_data;
  char buffer[16384];
  Way *way = NULL;

  for (guint i = 0; i < self->ways->len; i++)
    if (((Way *) self->ways->pdata[i])->from == socket)
      way = self->ways->pdata[i];
  g_assert_nonnull (way);

  gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);
  if (n <= 0)
    {
      g_socket_shutdown (way->to, FALSE, TRUE, NULL);
      return G_SOURCE_REMOVE;
    }
  if (self->mode == RELAY_SWALLOW)
    {
      self->n_swallowed[way->is_from_client] += (gsize) n;
      return G_SOURCE_CONTINUE;
    }
  if (self->n_passing > 0 && way->is_from_client)
    {
      n = MIN (n, (gssize) self->n_passing);
      self->n_passing -= (gsize) n;
      if (self->n_passing == 0)
        self->mode = RELAY_SWALLOW;
    }
  for (gssize at = 0; at < n;)
    {
      gssize written = g_socket_send (way->to, buffer + at, (gsize) (n - at), NULL, NULL);
      if (written < 0)
        return G_SOURCE_REMOVE;
      at += written;
    }
  return G_SOURCE_CONTINUE;
}

static void
set_reading (Relay *self, Way *way, gboolean is_wanted)
{
  if (is_wanted == (way->readable != NULL))
    return;
  if (is_wanted)
    {
      way->readable = g_socket_create_source (way->from, G_IO_IN, NULL);
      g_source_set_callback (way->readable, G_SOURCE_FUNC (readable_cb), self, NULL);
      g_source_attach (way->readable, NULL);
    }
  else
    {
      g_source_destroy (way->readable);
      g_clear_pointer (&way->readable, g_source_unref);
    }
}

static void
way_free (gpointer data)
{
  Way *way = data;
  struct linger linger = { .l_onoff = 1 };

  set_reading (NULL, way, FALSE);
  setsockopt (g_socket_get_fd (way->from), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  g_socket_close (way->from, NULL);
  g_object_unref (way->from);
  g_object_unref (way->to);
  g_free (way);
}

static void
add_way (Relay *self, GSocketConnection *from, GSocketConnection *to, gboolean is_from_client)
{
  Way *way = g_new0 (Way, 1);
  way->from = g_object_ref (g_socket_connection_get_socket (from));
  way->to = g_object_ref (g_socket_connection_get_socket (to));
  way->is_from_client = is_from_client;
  g_ptr_array_add (self->ways, way);
  set_reading (self, way, !is_from_client || self->mode != RELAY_HOLD);
}

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *client,
             GObject *source_object,
             Relay *self)
{
  g_autoptr (GSocketClient) connector = g_socket_client_new ();
  g_autoptr (GSocketConnection) server =
      g_socket_client_connect_to_host (connector, "127.0.0.1", self->target_port, NULL, NULL);

  if (server == NULL)
    return TRUE; /* the client is closed */
  add_way (self, client, server, TRUE);
  add_way (self, server, client, FALSE);
  return TRUE;
}

Relay *
relay_new (guint16 target_port)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  Relay *self = g_new0 (Relay, 1);

  self->target_port = target_port;
  self->ways = g_ptr_array_new_with_free_func (way_free);
  self->service = g_socket_service_new ();
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address,
                                 G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound,
                                 &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  return self;
}

guint16
relay_get_port (Relay *self)
{
  return self->port;
}

void
relay_set_mode (Relay *self, RelayMode mode)
{
  self->mode = mode;
  for (guint i = 0; i < self->ways->len; i++)
    {
      Way *way = self->ways->pdata[i];
      set_reading (self, way, !way->is_from_client || mode != RELAY_HOLD);
    }
}

void
relay_swallow_after (Relay *self, gsize n_bytes)
{
  self->n_passing = n_bytes;
}

gsize
relay_get_swallowed (Relay *self, gboolean from_client)
{
  return self->n_swallowed[from_client];
}

void
relay_cut (Relay *self)
{
  g_ptr_array_set_size (self->ways, 0);
  self->mode = RELAY_PASS;
  self->n_passing = 0;
}

void
relay_free (Relay *self)
{
  if (self == NULL)
    return;
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  g_ptr_array_unref (self->ways);
  g_free (self);
}
