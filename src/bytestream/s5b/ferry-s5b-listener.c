/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-s5b-listener"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-listener.h"

#include "bytestream/s5b/ferry-socks5.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#define DIALOGUE_MS 10000
#define BACKLOG 32
/* After an error of accept(), most likely for want of file descriptors. */
#define PAUSE_MS 1000

typedef struct
{
  FerryS5bIncomingFunc func;
  gpointer user_data;
  GWeakRef open[FERRY_S5B_LISTENER_MAX_PER_DESTINATION]; /* of GSocket */
} Expectation;

/* A connection in its dialogue. */
typedef struct
{
  FerryS5bListener *listener;
  GSocket *socket;
  FerrySocks5 machine;
  GSource *io;
  GSource *limit;
} Pending;

struct _FerryS5bListener
{
  GSocket *socket;
  GMainContext *context;
  GSource *source;          /* accepts, or waits before it accepts again */
  GHashTable *expectations; /* destination → Expectation */
  GQueue pending;           /* oldest first */
};

static void resume (FerryS5bListener *self);

/* --- Connections in their dialogue -----------------------------------------------------------
 */

static void
pending_free (Pending *pending)
{
  g_source_destroy (pending->io);
  g_source_unref (pending->io);
  g_source_destroy (pending->limit);
  g_source_unref (pending->limit);
  g_clear_object (&pending->socket);
  g_free (pending);
}

static void
end_pending (Pending *pending)
{
  g_queue_remove (&pending->listener->pending, pending);
  pending_free (pending);
}

/* A slot for one more connection, or %NULL if all are open. */
static GWeakRef *
find_slot (Expectation *expectation)
{
  for (guint i = 0; i < G_N_ELEMENTS (expectation->open); i++)
    {
      g_autoptr (GSocket) socket = g_weak_ref_get (&expectation->open[i]);
      if (socket == NULL || g_socket_is_closed (socket))
        return &expectation->open[i];
    }
  return NULL;
}

/* What the machine says is a few bytes into an empty buffer; less than all means the peer is
 * gone. */
static gboolean
say (Pending *pending, GByteArray *out)
{
  return out->len == 0 || g_socket_send (pending->socket, (const char *) out->data, out->len,
                                         NULL, NULL) == (gssize) out->len;
}

static void
hand_over (Pending *pending, Expectation *expectation)
{
  g_autoptr (GSocket) socket = g_object_ref (pending->socket);
  FerryS5bIncomingFunc func = expectation->func;
  gpointer user_data = expectation->user_data;

  g_weak_ref_set (find_slot (expectation), socket);
  end_pending (pending);
  func (socket, user_data);
}

/* Returns: %FALSE when @pending has ended */
static gboolean
take_bytes (Pending *pending)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  guint8 bytes[FERRY_SOCKS5_MAX_BYTES];
  FerrySocks5 *machine = &pending->machine;
  gsize wanted = MIN (ferry_socks5_get_wanted (machine), sizeof bytes);
  gssize n = g_socket_receive (pending->socket, (char *) bytes, wanted, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return TRUE;
  if (n <= 0)
    {
      end_pending (pending);
      return FALSE;
    }

  Expectation *expectation = NULL;
  ferry_socks5_step (machine, bytes, (gsize) n, out);
  if (ferry_socks5_get_status (machine) == FERRY_SOCKS5_ASKED)
    {
      expectation = g_hash_table_lookup (pending->listener->expectations,
                                         ferry_socks5_get_destination (machine));
      gboolean is_awaited = expectation != NULL && find_slot (expectation) != NULL;
      ferry_socks5_answer (machine, is_awaited, out);
    }

  gboolean is_alive = say (pending, out);
  if (!is_alive || ferry_socks5_get_status (machine) == FERRY_SOCKS5_FAILED)
    {
      end_pending (pending);
      return FALSE;
    }
  if (ferry_socks5_get_status (machine) == FERRY_SOCKS5_DONE)
    {
      hand_over (pending, expectation);
      return FALSE;
    }
  return TRUE;
}

static gboolean
readable_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  return take_bytes (user_data) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
dialogue_timeout_cb (gpointer user_data)
{
  g_debug ("a connection named no destination in time");
  end_pending (user_data);
  return G_SOURCE_REMOVE;
}

/* Takes @socket. */
static void
begin_dialogue (FerryS5bListener *self, GSocket *socket)
{
  if (self->pending.length == FERRY_S5B_LISTENER_MAX_PENDING)
    end_pending (g_queue_peek_head (&self->pending));

  Pending *pending = g_new0 (Pending, 1);
  pending->listener = self;
  pending->socket = socket;
  ferry_socks5_init_accept (&pending->machine);
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);

  pending->io = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (pending->io, G_SOURCE_FUNC (readable_cb), pending, NULL);
  g_source_attach (pending->io, self->context);
  pending->limit = g_timeout_source_new (DIALOGUE_MS);
  g_source_set_callback (pending->limit, dialogue_timeout_cb, pending, NULL);
  g_source_attach (pending->limit, self->context);
  g_queue_push_tail (&self->pending, pending);
}

/* --- Listening -------------------------------------------------------------------------------
 */

static void
set_source (FerryS5bListener *self, GSource *source, GSourceFunc func)
{
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  self->source = source;
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, self->context);
}

static gboolean
pause_over_cb (gpointer user_data)
{
  resume (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
connection_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  FerryS5bListener *self = user_data;
  g_autoptr (GError) error = NULL;
  GSocket *connection = g_socket_accept (socket, NULL, &error);

  if (connection != NULL)
    {
      begin_dialogue (self, connection);
      return G_SOURCE_CONTINUE;
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  g_debug ("accept: %s", error->message);
  set_source (self, g_timeout_source_new (PAUSE_MS), pause_over_cb);
  return G_SOURCE_REMOVE;
}

static void
resume (FerryS5bListener *self)
{
  set_source (self, g_socket_create_source (self->socket, G_IO_IN, NULL),
              G_SOURCE_FUNC (connection_cb));
}

/* [::] takes IPv4 too, unless there is no IPv6 at all. */
static GSocket *
bind_family (GSocketFamily family, guint16 port, GError **error)
{
  g_autoptr (GSocket) socket =
      g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, BACKLOG);
  if (family == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, FALSE, NULL);

  g_autoptr (GInetAddress) any = g_inet_address_new_any (family);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (any, port);
  if (!g_socket_bind (socket, address, TRUE, error) || !g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

static void
expectation_free (Expectation *expectation)
{
  for (guint i = 0; i < G_N_ELEMENTS (expectation->open); i++)
    g_weak_ref_clear (&expectation->open[i]);
  g_free (expectation);
}

FerryS5bListener *
ferry_s5b_listener_new (guint16 port, GError **error)
{
  g_autoptr (GSocket) socket = bind_family (G_SOCKET_FAMILY_IPV6, port, NULL);
  if (socket == NULL)
    socket = bind_family (G_SOCKET_FAMILY_IPV4, port, error);
  if (socket == NULL)
    return NULL;

  FerryS5bListener *self = g_new0 (FerryS5bListener, 1);
  self->socket = g_steal_pointer (&socket);
  self->context = g_main_context_ref_thread_default ();
  self->expectations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                              (GDestroyNotify) expectation_free);
  g_queue_init (&self->pending);
  resume (self);
  return self;
}

void
ferry_s5b_listener_free (FerryS5bListener *self)
{
  if (self == NULL)
    return;

  g_queue_clear_full (&self->pending, (GDestroyNotify) pending_free);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_main_context_unref (self->context);
  g_hash_table_unref (self->expectations);
  g_free (self);
}

guint16
ferry_s5b_listener_get_port (FerryS5bListener *self)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (self->socket, NULL);
  return address != NULL ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)) : 0;
}

guint
ferry_s5b_listener_get_n_pending (FerryS5bListener *self)
{
  return self->pending.length;
}

void
ferry_s5b_listener_expect (FerryS5bListener *self,
                           const char *destination,
                           FerryS5bIncomingFunc func,
                           gpointer user_data)
{
  g_return_if_fail (self != NULL && destination != NULL && func != NULL);

  Expectation *expectation = g_new0 (Expectation, 1);
  expectation->func = func;
  expectation->user_data = user_data;
  for (guint i = 0; i < G_N_ELEMENTS (expectation->open); i++)
    g_weak_ref_init (&expectation->open[i], NULL);
  g_hash_table_replace (self->expectations, g_strdup (destination), expectation);
}

void
ferry_s5b_listener_forget (FerryS5bListener *self, const char *destination)
{
  g_return_if_fail (self != NULL && destination != NULL);

  g_hash_table_remove (self->expectations, destination);
}
