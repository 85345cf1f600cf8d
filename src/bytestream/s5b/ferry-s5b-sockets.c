/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-s5b-sockets"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-sockets-private.h"

#include "base/ferry-hash.h"
#include "base/ferry-source.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"

#include <sys/socket.h>

/* A connection of the peer to us. */
typedef struct
{
  FerryS5bSockets *self;
  guint id;
  GSocket *socket;
  GSource *watch; /* nullable */
} Incoming;

void
ferry_s5b_sockets_note (FerryS5bSockets *self, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);

  self->funcs->note (text, self->user_data);
}

void
ferry_s5b_sockets_happen (FerryS5bSockets *self, const FerryRaceEvent *event)
{
  self->funcs->event (event, self->user_data);
}

void
ferry_s5b_socket_close (GSocket **socket)
{
  if (*socket != NULL)
    g_socket_close (*socket, NULL);
  g_clear_object (socket);
}

GSource *
ferry_s5b_socket_watch (GSocket *socket, GSocketSourceFunc func, gpointer user_data)
{
  GSource *source = g_socket_create_source (socket, G_IO_IN | G_IO_HUP, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (func), user_data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/* CR and data often come in one segment: exactly one byte is taken. */
static gboolean
hears_go (GSocket *socket)
{
  char byte;
  return recv (g_socket_get_fd (socket), &byte, 1, MSG_DONTWAIT) == 1 && byte == FERRY_S5B_GO;
}

gboolean
ferry_s5b_sockets_is_spoken_on (FerryS5bSockets *self, GSocket *socket)
{
  char byte;
  return self->awaits_go
             ? hears_go (socket)
             : recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

/* --- Connections of the peer -----------------------------------------------------------------
 */

static void
incoming_free (Incoming *incoming)
{
  ferry_clear_source (&incoming->watch);
  ferry_s5b_socket_close (&incoming->socket);
  g_free (incoming);
}

static gboolean
incoming_ready_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Incoming *incoming = user_data;
  FerryS5bSockets *self = incoming->self;
  FerryRaceEvent event = { .type = FERRY_RACE_GO, .connection = incoming->id };

  ferry_clear_source (&incoming->watch);
  if (!ferry_s5b_sockets_is_spoken_on (self, socket))
    {
      g_hash_table_remove (self->incoming, GUINT_TO_POINTER (event.connection));
      event.type = FERRY_RACE_INCOMING_CLOSED;
    }
  ferry_s5b_sockets_happen (self, &event);
  return G_SOURCE_REMOVE;
}

static void
on_incoming (GSocket *socket, gpointer user_data)
{
  FerryS5bSockets *self = user_data;

  Incoming *incoming = g_new0 (Incoming, 1);
  incoming->self = self;
  incoming->id = ++self->last_incoming;
  incoming->socket = g_object_ref (socket);
  incoming->watch = ferry_s5b_socket_watch (socket, incoming_ready_cb, incoming);
  g_hash_table_insert (self->incoming, GUINT_TO_POINTER (incoming->id), incoming);
  ferry_s5b_sockets_note (self, "Direct: the other side connected to us");
  ferry_s5b_sockets_happen (
      self, &(FerryRaceEvent){ .type = FERRY_RACE_INCOMING, .connection = incoming->id });
}

void
ferry_s5b_sockets_hide (FerryS5bSockets *self)
{
  self->is_hidden = TRUE;
}

void
ferry_s5b_sockets_listen (FerryS5bSockets *self)
{
  g_return_if_fail (self != NULL);

  FerryS5bListener *listener = ferry_s5b_service_get_listener (self->service);
  if (listener == NULL)
    return;
  /* Both orders: Gajim and iris dial the responder with the initiator's address first. */
  ferry_s5b_listener_expect (listener, self->own_destination, on_incoming, self);
  if (self->rules->doubts_hashes)
    ferry_s5b_listener_expect (listener, self->peer_destination, on_incoming, self);
  self->is_listening = TRUE;
}

void
ferry_s5b_sockets_await_go (FerryS5bSockets *self)
{
  g_return_if_fail (self != NULL);

  self->awaits_go = TRUE;
}

/* --- All of them -----------------------------------------------------------------------------
 */

FerryS5bSockets *
ferry_s5b_sockets_new (FerryS5bService *service,
                       const FerryRaceRules *rules,
                       gboolean is_initiator,
                       FerryJid *own,
                       FerryJid *peer,
                       const char *sid,
                       const FerryS5bSocketsFuncs *funcs,
                       gpointer user_data)
{
  FerryS5bSockets *self = g_new0 (FerryS5bSockets, 1);
  const char *own_text = ferry_jid_get_text (own), *peer_text = ferry_jid_get_text (peer);

  self->service = g_object_ref (service);
  self->rules = rules;
  self->times = ferry_s5b_service_get_times (service);
  if (self->times == NULL)
    self->times = rules->times;
  self->is_initiator = is_initiator;
  self->peer = ferry_jid_ref (peer);
  self->sid = g_strdup (sid);
  self->funcs = funcs;
  self->user_data = user_data;
  self->own_destination = ferry_hash_sha1_hex (sid, own_text, peer_text, NULL);
  self->peer_destination = ferry_hash_sha1_hex (sid, peer_text, own_text, NULL);
  self->attempts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                          (GDestroyNotify) ferry_s5b_attempt_end);
  self->incoming = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) incoming_free);
  return self;
}

void
ferry_s5b_sockets_free (FerryS5bSockets *self)
{
  if (self == NULL)
    return;

  ferry_s5b_sockets_close (self);
  g_hash_table_unref (self->attempts);
  g_hash_table_unref (self->incoming);
  g_free (self->own_destination);
  g_free (self->peer_destination);
  g_free (self->peer_dstaddr);
  g_free (self->sid);
  ferry_jid_unref (self->peer);
  g_object_unref (self->service);
  g_free (self);
}

const char *
ferry_s5b_sockets_get_dstaddr (FerryS5bSockets *self)
{
  return self->own_destination;
}

void
ferry_s5b_sockets_set_peer_dstaddr (FerryS5bSockets *self, const char *dstaddr)
{
  g_free (self->peer_dstaddr);
  self->peer_dstaddr = g_strdup (dstaddr);
}

GSocket *
ferry_s5b_sockets_take (FerryS5bSockets *self, const FerryRaceEffect *effect)
{
  GHashTableIter iter;
  gpointer attempt_of_us;

  g_hash_table_iter_init (&iter, self->attempts);
  while (g_hash_table_iter_next (&iter, NULL, &attempt_of_us))
    ferry_s5b_attempt_give_back (attempt_of_us);
  if (effect->type == FERRY_RACE_SETTLE_INCOMING)
    {
      Incoming *incoming =
          g_hash_table_lookup (self->incoming, GUINT_TO_POINTER (effect->connection));
      return g_steal_pointer (&incoming->socket);
    }
  FerryS5bAttempt *attempt = effect->type == FERRY_RACE_SETTLE_ACTIVATED
                                 ? self->relay
                                 : g_hash_table_lookup (self->attempts, effect->candidate->cid);
  return g_steal_pointer (&attempt->socket);
}

void
ferry_s5b_sockets_close (FerryS5bSockets *self)
{
  if (self->is_listening)
    {
      FerryS5bListener *listener = ferry_s5b_service_get_listener (self->service);
      ferry_s5b_listener_forget (listener, self->own_destination);
      ferry_s5b_listener_forget (listener, self->peer_destination);
      self->is_listening = FALSE;
    }
  g_hash_table_remove_all (self->attempts);
  g_hash_table_remove_all (self->incoming);
  g_clear_pointer (&self->relay, ferry_s5b_attempt_end);
}
