/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-s5b-sockets"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-sockets.h"

#include "base/ferry-error.h"
#include "base/ferry-hash.h"
#include "base/ferry-source.h"
#include "bytestream/s5b/ferry-s5b-dialler.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"
#include "xmpp/ferry-ns.h"

#include <string.h>
#include <sys/socket.h>

#define ACTIVATE_MS 15000
/* The peer can make one transfer dial at most so often. */
#define MAX_DIALS 20

/* One dial of ours, of a remote candidate or of our nominated relay. Shared by the table and
 * the dialler's callbacks; after it was cancelled they do not look at @self any more. */
typedef struct
{
  FerryS5bSockets *self;
  FerryCandidate *candidate;
  GCancellable *cancellable;
  GSocket *socket; /* nullable: when complete */
  GSource *watch;  /* nullable */
  gint64 started_us;
  gboolean is_charged; /* counts against how often the peer may make us dial */
} Attempt;

/* A connection of the peer to us. */
typedef struct
{
  FerryS5bSockets *self;
  guint id;
  GSocket *socket;
  GSource *watch; /* nullable */
} Incoming;

struct _FerryS5bSockets
{
  FerryS5bService *service;
  const FerryRaceRules *rules;
  const FerryRaceTimes *times;
  gboolean is_initiator;
  FerryJid *peer;
  char *sid;
  const FerryS5bSocketsFuncs *funcs;
  gpointer user_data;

  char *own_destination;  /* SHA-1 (sid + own + peer): of what we offer */
  char *peer_destination; /* SHA-1 (sid + peer + own): of what the peer offers */
  char *peer_dstaddr;     /* nullable: the peer's word for it */
  gboolean is_hidden;
  gboolean is_listening;
  gboolean awaits_go;

  GHashTable *attempts; /* cid → Attempt */
  guint n_dials;
  Attempt *relay;       /* nullable: to our nominated relay */
  GHashTable *incoming; /* id → Incoming */
  guint last_incoming;
};

static void note (FerryS5bSockets *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (FerryS5bSockets *self, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);

  self->funcs->note (text, self->user_data);
}

/* What the timeline calls the way that an address belongs to. */
static const char *
get_way (const FerryCandidate *candidate)
{
  return ferry_candidate_is_proxy (candidate) ? "Relay" : "Direct";
}

static void
happen (FerryS5bSockets *self, const FerryRaceEvent *event)
{
  self->funcs->event (event, self->user_data);
}

static void
close_socket (GSocket **socket)
{
  if (*socket != NULL)
    g_socket_close (*socket, NULL);
  g_clear_object (socket);
}

/* --- Dials -----------------------------------------------------------------------------------
 */

static void
attempt_clear (Attempt *attempt)
{
  close_socket (&attempt->socket);
  ferry_candidate_free (attempt->candidate);
  g_clear_object (&attempt->cancellable);
}

static void
attempt_unref (Attempt *attempt)
{
  g_rc_box_release_full (attempt, (GDestroyNotify) attempt_clear);
}

static Attempt *
attempt_new (FerryS5bSockets *self, const FerryCandidate *candidate)
{
  Attempt *attempt = g_rc_box_new0 (Attempt);
  attempt->self = self;
  attempt->candidate = ferry_candidate_copy (candidate);
  attempt->cancellable = g_cancellable_new ();
  attempt->started_us = g_get_monotonic_time ();
  return attempt;
}

/* Whoever is where the peer said is no port of somebody else's; nor is one that we left before
 * it could answer, because another way was found. */
static void
give_back (Attempt *attempt)
{
  if (attempt->is_charged)
    ferry_s5b_service_give_dial_back (attempt->self->service, attempt->self->peer);
  attempt->is_charged = FALSE;
}

/* Stops and closes it, whatever it is doing. */
static void
attempt_end (Attempt *attempt)
{
  ferry_clear_source (&attempt->watch);
  g_cancellable_cancel (attempt->cancellable);
  close_socket (&attempt->socket);
  attempt_unref (attempt);
}

static GSource *
watch (GSocket *socket, GSocketSourceFunc func, gpointer user_data)
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

/* A loser of the peer's race is closed without a byte; bytes mean that the peer has settled. */
static gboolean
is_spoken_on (FerryS5bSockets *self, GSocket *socket)
{
  char byte;
  return self->awaits_go
             ? hears_go (socket)
             : recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

static gboolean
attempt_ready_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Attempt *attempt = user_data;
  FerryS5bSockets *self = attempt->self;
  FerryRaceEvent event = { .type = FERRY_RACE_GO };

  g_rc_box_acquire (attempt);
  ferry_clear_source (&attempt->watch);
  if (attempt != self->relay)
    event.cid = attempt->candidate->cid;
  if (!is_spoken_on (self, socket))
    {
      close_socket (&attempt->socket);
      event.type = attempt != self->relay ? FERRY_RACE_DIAL_FAILED : FERRY_RACE_NOT_ACTIVATED;
    }
  happen (self, &event);
  attempt_unref (attempt);
  return G_SOURCE_REMOVE;
}

static void
note_failure (Attempt *attempt, const GError *error)
{
  const FerryCandidate *candidate = attempt->candidate;
  double seconds = (double) (g_get_monotonic_time () - attempt->started_us) / 1e6;

  if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT))
    note (attempt->self, "%s: %s port %u did not answer (%.1f s)", get_way (candidate),
          candidate->host, candidate->port, seconds);
  else
    note (attempt->self, "%s: %s port %u failed: %s (%.1f s)", get_way (candidate),
          candidate->host, candidate->port, error->message, seconds);
}

static void
stage_cb (FerryDialStage stage, gpointer user_data)
{
  Attempt *attempt = user_data;

  if (g_cancellable_is_cancelled (attempt->cancellable))
    return;
  happen (attempt->self,
          &(FerryRaceEvent){ .type = stage == FERRY_DIAL_CONNECTED ? FERRY_RACE_CONNECTED
                                                                   : FERRY_RACE_GREETED,
                             .cid = attempt->candidate->cid });
}

static void
dialled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attempt *attempt = user_data;
  FerryS5bSockets *self = attempt->self;
  const FerryCandidate *candidate = attempt->candidate;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = ferry_s5b_dial_finish (result, &error);

  if (g_cancellable_is_cancelled (attempt->cancellable))
    {
      close_socket (&socket);
    }
  else if (socket != NULL)
    {
      attempt->socket = g_steal_pointer (&socket);
      note (self, "%s: connected to %s port %u", get_way (candidate), candidate->host,
            candidate->port);
      attempt->watch = watch (attempt->socket, attempt_ready_cb, attempt);
      give_back (attempt);
      happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_DIALLED, .cid = candidate->cid });
    }
  else
    {
      note_failure (attempt, error);
      attempt->is_charged = FALSE;
      happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_DIAL_FAILED, .cid = candidate->cid });
    }
  attempt_unref (attempt);
}

/* Clients disagree about which address comes first in the hash for what the responder offers,
 * and only there (XEP-0260 §2.3 against iris and Gajim); a relay must not be asked twice. */
static const char *
get_other_destination (FerryS5bSockets *self, const FerryCandidate *candidate)
{
  const char *first = self->peer_dstaddr != NULL ? self->peer_dstaddr : self->peer_destination;

  if (!self->rules->doubts_hashes || !self->is_initiator ||
      ferry_candidate_is_proxy (candidate))
    return NULL;
  return strcmp (first, self->own_destination) != 0 ? self->own_destination
                                                    : self->peer_destination;
}

static void
begin_dial (Attempt *attempt)
{
  FerryS5bSockets *self = attempt->self;
  const FerryCandidate *candidate = attempt->candidate;
  g_autoptr (FerryHostPolicy) policy = ferry_s5b_service_make_policy (self->service);

  note (self, "%s: trying %s port %u", get_way (candidate), candidate->host, candidate->port);
  ferry_s5b_dial_async (
      candidate, ferry_s5b_service_get_kind (self->service, candidate), policy,
      self->peer_dstaddr != NULL ? self->peer_dstaddr : self->peer_destination,
      get_other_destination (self, candidate), stage_cb, attempt->cancellable, dialled_cb,
      g_rc_box_acquire (attempt));
}

static void
leave_out (FerryS5bSockets *self, const FerryCandidate *candidate, const char *reason)
{
  note (self, "%s: %s port %u was left out: %s", get_way (candidate), candidate->host,
        candidate->port, reason);
  happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_DIAL_FAILED, .cid = candidate->cid });
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attempt *attempt = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryProxy) proxy =
      ferry_proxy_finder_look_up_finish (FERRY_PROXY_FINDER (source), result, &error);

  if (!g_cancellable_is_cancelled (attempt->cancellable))
    {
      if (proxy == NULL)
        leave_out (attempt->self, attempt->candidate, error->message);
      else
        {
          ferry_candidate_set_address (attempt->candidate, proxy->host, proxy->port);
          begin_dial (attempt);
        }
    }
  attempt_unref (attempt);
}

void
ferry_s5b_sockets_dial (FerryS5bSockets *self, const FerryCandidate *candidate)
{
  if (self->n_dials == MAX_DIALS || !ferry_s5b_service_take_dial (self->service, self->peer))
    {
      leave_out (self, candidate, "too many attempts");
      return;
    }

  Attempt *attempt = attempt_new (self, candidate);
  self->n_dials++;
  attempt->is_charged = TRUE;
  g_hash_table_replace (self->attempts, attempt->candidate->cid, attempt);
  if (self->is_hidden)
    ferry_proxy_finder_look_up_async (ferry_s5b_service_get_proxy_finder (self->service),
                                      candidate->jid, attempt->cancellable, looked_up_cb,
                                      g_rc_box_acquire (attempt));
  else
    begin_dial (attempt);
}

void
ferry_s5b_sockets_drop (FerryS5bSockets *self, const FerryCandidate *candidate)
{
  const Attempt *attempt = g_hash_table_lookup (self->attempts, candidate->cid);
  if (attempt == NULL)
    return;

  gint64 ms = (g_get_monotonic_time () - attempt->started_us) / 1000;
  if (attempt->socket == NULL && ms >= self->times->attempt)
    note (self, "%s: %s port %u did not answer (%.1f s)", get_way (candidate), candidate->host,
          candidate->port, (double) ms / 1e3);
  g_hash_table_remove (self->attempts, candidate->cid);
}

/* --- Our own proxy ---------------------------------------------------------------------------
 */

static void
end_activation (Attempt *attempt, const GError *error)
{
  FerryS5bSockets *self = attempt->self;

  if (!g_cancellable_is_cancelled (attempt->cancellable))
    {
      if (error != NULL)
        note_failure (attempt, error);
      else if (self->awaits_go)
        attempt->watch = watch (attempt->socket, attempt_ready_cb, attempt);
      happen (self, &(FerryRaceEvent){ .type = error == NULL ? FERRY_RACE_ACTIVATED
                                                             : FERRY_RACE_NOT_ACTIVATED });
    }
  attempt_unref (attempt);
}

static void
activated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);

  end_activation (user_data, error);
}

/* XEP-0065 §6.3.5: the relay joins the two connections with this hash. */
static void
relay_dialled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attempt *attempt = user_data;
  FerryS5bSockets *self = attempt->self;
  g_autoptr (GError) error = NULL;

  g_autoptr (GSocket) socket = ferry_s5b_dial_finish (result, &error);
  if (socket == NULL || g_cancellable_is_cancelled (attempt->cancellable))
    {
      end_activation (attempt, error);
      return;
    }

  attempt->socket = g_steal_pointer (&socket);
  FerryNode *query = ferry_node_new ("query", FERRY_NS_BYTESTREAMS);
  ferry_node_set_attr (query, "sid", self->sid);
  ferry_node_add (query, "activate", NULL, ferry_jid_get_text (self->peer));
  ferry_router_query_async (ferry_s5b_service_get_router (self->service), "set",
                            attempt->candidate->jid, query, ACTIVATE_MS, attempt->cancellable,
                            activated_cb, attempt);
}

void
ferry_s5b_sockets_activate (FerryS5bSockets *self, const FerryCandidate *candidate)
{
  g_autoptr (FerryHostPolicy) policy = ferry_s5b_service_make_policy (self->service);

  self->relay = attempt_new (self, candidate);
  note (self, "Relay: activating %s", ferry_jid_get_text (candidate->jid));
  ferry_s5b_dial_async (candidate, FERRY_HOST_OWN_PROXY, policy, self->own_destination, NULL,
                        NULL, self->relay->cancellable, relay_dialled_cb,
                        g_rc_box_acquire (self->relay));
}

/* --- Connections of the peer -----------------------------------------------------------------
 */

static void
incoming_free (Incoming *incoming)
{
  ferry_clear_source (&incoming->watch);
  close_socket (&incoming->socket);
  g_free (incoming);
}

static gboolean
incoming_ready_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Incoming *incoming = user_data;
  FerryS5bSockets *self = incoming->self;
  FerryRaceEvent event = { .type = FERRY_RACE_GO, .connection = incoming->id };

  ferry_clear_source (&incoming->watch);
  if (!is_spoken_on (self, socket))
    {
      g_hash_table_remove (self->incoming, GUINT_TO_POINTER (event.connection));
      event.type = FERRY_RACE_INCOMING_CLOSED;
    }
  happen (self, &event);
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
  incoming->watch = watch (socket, incoming_ready_cb, incoming);
  g_hash_table_insert (self->incoming, GUINT_TO_POINTER (incoming->id), incoming);
  note (self, "Direct: the other side connected to us");
  happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_INCOMING, .connection = incoming->id });
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
  self->attempts =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) attempt_end);
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
    give_back (attempt_of_us);
  if (effect->type == FERRY_RACE_SETTLE_INCOMING)
    {
      Incoming *incoming =
          g_hash_table_lookup (self->incoming, GUINT_TO_POINTER (effect->connection));
      return g_steal_pointer (&incoming->socket);
    }
  Attempt *attempt = effect->type == FERRY_RACE_SETTLE_ACTIVATED
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
  g_clear_pointer (&self->relay, attempt_end);
}
