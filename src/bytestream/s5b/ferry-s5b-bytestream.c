/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver of the race: turns sockets, messages and time into its events, and its effects
 * into dials, messages and the one socket. Everything the race says is done in do_effect(). */
#define G_LOG_DOMAIN "ferry-s5b-bytestream"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-bytestream.h"

#include "base/ferry-error.h"
#include "base/ferry-hash.h"
#include "bytestream/s5b/ferry-s5b-dialler.h"
#include "bytestream/s5b/ferry-s5b-offer.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"
#include "bytestream/s5b/ferry-s5b-wire-jingle.h"
#include "xmpp/ferry-ns.h"

#include <string.h>
#include <sys/socket.h>

#define GATHER_MS 3000
#define ACTIVATE_MS 15000
/* The peer can make one transfer dial at most so often. */
#define MAX_DIALS 20

/* One dial of ours, of a remote candidate or of our nominated proxy. Shared by the bytestream
 * and the dialler's callbacks. */
typedef struct
{
  FerryS5bBytestream *self; /* owned */
  FerryCandidate *candidate;
  GCancellable *cancellable;
  GSocket *socket; /* nullable: when complete */
  gint64 started_us;
} Attempt;

/* A connection of the peer to us. */
typedef struct
{
  FerryS5bBytestream *self;
  guint id;
  GSocket *socket;
  GSource *watch; /* nullable */
} Incoming;

/* An event waiting for the one before it to be finished with. */
typedef struct
{
  FerryRaceEvent event;
  FerryCandidate *candidate;
  char *cid;
} Queued;

struct _FerryS5bBytestream
{
  GObject parent_instance;

  FerryS5bService *service;
  FerryLink *link;
  gboolean is_initiator;
  FerryJid *own;
  FerryJid *peer;
  char *sid;
  FerryRoute routes;
  char *own_destination;  /* SHA-1 (sid + own + peer): of what we offer */
  char *peer_destination; /* SHA-1 (sid + peer + own): of what the peer offers */
  char *peer_dstaddr;     /* nullable: the peer's word for it */

  FerryRace *race;
  GQueue queue; /* of Queued */
  gboolean is_stepping;
  GSource *tick;

  GPtrArray *remote;    /* of FerryCandidate: all that the peer has offered */
  GHashTable *attempts; /* cid → Attempt */
  guint n_dials;
  Attempt *relay;       /* nullable: our nominated proxy */
  GHashTable *incoming; /* id → Incoming */
  guint last_incoming;

  GTask *open; /* nullable */
  GSource *cancelled;
  FerryRoute route;
  gboolean is_closed; /* settled, failed or cancelled: nothing happens any more */
};

static void ferry_s5b_bytestream_iface_init (FerryBytestreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryS5bBytestream,
                               ferry_s5b_bytestream,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_BYTESTREAM,
                                                      ferry_s5b_bytestream_iface_init))

static guint note_signal;

static void happen (FerryS5bBytestream *self, const FerryRaceEvent *event);

static void note (FerryS5bBytestream *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (FerryS5bBytestream *self, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);

  g_debug ("%s: %s", self->sid, text);
  g_signal_emit (self, note_signal, 0, text);
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
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
  g_clear_object (&attempt->self);
}

static void
attempt_unref (Attempt *attempt)
{
  g_rc_box_release_full (attempt, (GDestroyNotify) attempt_clear);
}

static Attempt *
attempt_new (FerryS5bBytestream *self, const FerryCandidate *candidate)
{
  Attempt *attempt = g_rc_box_new0 (Attempt);
  attempt->self = g_object_ref (self);
  attempt->candidate = ferry_candidate_copy (candidate);
  attempt->cancellable = g_cancellable_new ();
  attempt->started_us = g_get_monotonic_time ();
  return attempt;
}

/* Stops and closes it, whatever it is doing. */
static void
attempt_end (Attempt *attempt)
{
  g_cancellable_cancel (attempt->cancellable);
  close_socket (&attempt->socket);
  attempt_unref (attempt);
}

static void
note_failure (Attempt *attempt, const GError *error)
{
  const FerryCandidate *candidate = attempt->candidate;
  double seconds = (double) (g_get_monotonic_time () - attempt->started_us) / 1e6;

  if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT))
    note (attempt->self, "%s port %u did not answer (%.1f s)", candidate->host, candidate->port,
          seconds);
  else
    note (attempt->self, "%s port %u failed: %s (%.1f s)", candidate->host, candidate->port,
          error->message, seconds);
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
  g_autoptr (FerryS5bBytestream) self = g_object_ref (attempt->self);
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
      note (self, "Connected to %s port %u", candidate->host, candidate->port);
      happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_DIALLED, .cid = candidate->cid });
    }
  else
    {
      note_failure (attempt, error);
      happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_DIAL_FAILED, .cid = candidate->cid });
    }
  attempt_unref (attempt);
}

/* Clients disagree about which address comes first in the hash for what the responder offers,
 * and only there (XEP-0260 §2.3 against iris and Gajim); a relay must not be asked twice. */
static const char *
get_other_destination (FerryS5bBytestream *self, const FerryCandidate *candidate)
{
  const char *first = self->peer_dstaddr != NULL ? self->peer_dstaddr : self->peer_destination;

  if (!self->is_initiator || ferry_candidate_is_proxy (candidate))
    return NULL;
  return strcmp (first, self->own_destination) != 0 ? self->own_destination
                                                    : self->peer_destination;
}

static void
begin_dial (FerryS5bBytestream *self, const FerryCandidate *candidate)
{
  if (self->n_dials == MAX_DIALS || !ferry_s5b_service_take_dial (self->service, self->peer))
    {
      note (self, "%s port %u was left out: too many attempts", candidate->host,
            candidate->port);
      happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_DIAL_FAILED, .cid = candidate->cid });
      return;
    }

  Attempt *attempt = attempt_new (self, candidate);
  g_autoptr (FerryHostPolicy) policy = ferry_s5b_service_make_policy (self->service);
  self->n_dials++;
  g_hash_table_replace (self->attempts, attempt->candidate->cid, attempt);
  note (self, "Trying %s port %u", candidate->host, candidate->port);
  ferry_s5b_dial_async (
      candidate, ferry_s5b_service_get_kind (self->service, candidate), policy,
      self->peer_dstaddr != NULL ? self->peer_dstaddr : self->peer_destination,
      get_other_destination (self, candidate), stage_cb, attempt->cancellable, dialled_cb,
      g_rc_box_acquire (attempt));
}

static void
drop_dial (FerryS5bBytestream *self, const FerryCandidate *candidate)
{
  const Attempt *attempt = g_hash_table_lookup (self->attempts, candidate->cid);
  if (attempt == NULL)
    return;

  gint64 ms = (g_get_monotonic_time () - attempt->started_us) / 1000;
  if (attempt->socket == NULL && ms >= ferry_s5b_service_get_times (self->service)->attempt)
    note (self, "%s port %u did not answer (%.1f s)", candidate->host, candidate->port,
          (double) ms / 1e3);
  g_hash_table_remove (self->attempts, candidate->cid);
}

/* --- Our own proxy ---------------------------------------------------------------------------
 */

static void
end_activation (Attempt *attempt, const GError *error)
{
  g_autoptr (FerryS5bBytestream) self = g_object_ref (attempt->self);

  if (!g_cancellable_is_cancelled (attempt->cancellable))
    {
      if (error != NULL)
        note_failure (attempt, error);
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
  FerryS5bBytestream *self = attempt->self;
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

static void
activate (FerryS5bBytestream *self, const FerryCandidate *candidate)
{
  g_autoptr (FerryHostPolicy) policy = ferry_s5b_service_make_policy (self->service);

  self->relay = attempt_new (self, candidate);
  note (self, "Activating the relay %s", ferry_jid_get_text (candidate->jid));
  ferry_s5b_dial_async (candidate, FERRY_HOST_OWN_PROXY, policy, self->own_destination, NULL,
                        NULL, self->relay->cancellable, relay_dialled_cb,
                        g_rc_box_acquire (self->relay));
}

/* --- Connections of the peer -----------------------------------------------------------------
 */

static void
incoming_free (Incoming *incoming)
{
  clear_source (&incoming->watch);
  close_socket (&incoming->socket);
  g_free (incoming);
}

/* A loser of the peer's race is closed without a byte; bytes mean that the peer has settled. */
static gboolean
incoming_ready_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Incoming *incoming = user_data;
  FerryS5bBytestream *self = incoming->self;
  guint id = incoming->id;
  char byte;

  clear_source (&incoming->watch);
  if (recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 1)
    {
      g_hash_table_remove (self->incoming, GUINT_TO_POINTER (id));
      happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_INCOMING_CLOSED, .connection = id });
    }
  return G_SOURCE_REMOVE;
}

static void
on_incoming (GSocket *socket, gpointer user_data)
{
  FerryS5bBytestream *self = user_data;

  Incoming *incoming = g_new0 (Incoming, 1);
  incoming->self = self;
  incoming->id = ++self->last_incoming;
  incoming->socket = g_object_ref (socket);
  incoming->watch = g_socket_create_source (socket, G_IO_IN | G_IO_HUP, NULL);
  g_source_set_callback (incoming->watch, G_SOURCE_FUNC (incoming_ready_cb), incoming, NULL);
  g_source_attach (incoming->watch, g_main_context_get_thread_default ());
  g_hash_table_insert (self->incoming, GUINT_TO_POINTER (incoming->id), incoming);
  note (self, "The other side connected to us");
  happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_INCOMING, .connection = incoming->id });
}

/* --- The end ---------------------------------------------------------------------------------
 */

static void
forget_destinations (FerryS5bBytestream *self)
{
  FerryS5bListener *listener = ferry_s5b_service_get_listener (self->service);
  if (listener == NULL || !(self->routes & FERRY_ROUTE_DIRECT))
    return;
  ferry_s5b_listener_forget (listener, self->own_destination);
  ferry_s5b_listener_forget (listener, self->peer_destination);
}

/* Closes everything that has not been handed up. */
static void
close_all (FerryS5bBytestream *self)
{
  self->is_closed = TRUE;
  forget_destinations (self);
  g_hash_table_remove_all (self->attempts);
  g_hash_table_remove_all (self->incoming);
  g_clear_pointer (&self->relay, attempt_end);
  clear_source (&self->tick);
  clear_source (&self->cancelled);
}

static GSocket *
take_socket (FerryS5bBytestream *self, const FerryRaceEffect *effect)
{
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

static void
settle (FerryS5bBytestream *self, const FerryRaceEffect *effect)
{
  GSocket *socket = take_socket (self, effect);
  gboolean is_relayed =
      effect->candidate != NULL && ferry_candidate_is_proxy (effect->candidate);
  g_autoptr (GTask) task = g_steal_pointer (&self->open);

  self->route = is_relayed ? FERRY_ROUTE_PROXY : FERRY_ROUTE_DIRECT;
  note (self, is_relayed ? "Using a relay" : "Using a direct connection");
  close_all (self);
  g_task_return_pointer (task, socket, g_object_unref);
}

static void
fail (FerryS5bBytestream *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->open);

  note (self, "No connection could be made");
  close_all (self);
  g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_UNREACHABLE,
                           "no candidate of either side worked");
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (FerryS5bBytestream) self = g_object_ref (user_data);
  g_autoptr (GTask) task = g_steal_pointer (&self->open);

  close_all (self);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* --- The race --------------------------------------------------------------------------------
 */

static void
do_effect (FerryS5bBytestream *self, const FerryRaceEffect *effect)
{
  switch (effect->type)
    {
    case FERRY_RACE_DIAL:
      begin_dial (self, effect->candidate);
      break;
    case FERRY_RACE_DROP:
      drop_dial (self, effect->candidate);
      break;
    case FERRY_RACE_ACTIVATE:
      activate (self, effect->candidate);
      break;
    case FERRY_RACE_SETTLE_DIALLED:
    case FERRY_RACE_SETTLE_INCOMING:
    case FERRY_RACE_SETTLE_ACTIVATED:
      settle (self, effect);
      break;
    case FERRY_RACE_FAIL:
      fail (self);
      break;
    case FERRY_RACE_TELL_USED:
    case FERRY_RACE_TELL_ERROR:
    case FERRY_RACE_TELL_ACTIVATED:
    case FERRY_RACE_TELL_PROXY_ERROR:
    default:
      ferry_link_send (self->link, ferry_s5b_wire_jingle_to_node (effect, self->sid));
      break;
    }
}

static gboolean
tick_cb (gpointer user_data)
{
  happen (user_data, &(FerryRaceEvent){ .type = FERRY_RACE_TICK });
  return G_SOURCE_REMOVE;
}

static void
set_tick (FerryS5bBytestream *self)
{
  gint64 deadline_ms = ferry_race_get_deadline (self->race);

  clear_source (&self->tick);
  if (self->is_closed || deadline_ms == G_MAXINT64)
    return;
  self->tick = g_timeout_source_new (0);
  g_source_set_ready_time (self->tick, deadline_ms * 1000);
  g_source_set_callback (self->tick, tick_cb, self, NULL);
  g_source_attach (self->tick, g_main_context_get_thread_default ());
}

static void
queued_free (Queued *queued)
{
  ferry_candidate_free (queued->candidate);
  g_free (queued->cid);
  g_free (queued);
}

static void
step (FerryS5bBytestream *self, const FerryRaceEvent *event)
{
  g_autoptr (GArray) effects = g_array_new (FALSE, FALSE, sizeof (FerryRaceEffect));
  g_autoptr (GError) error = NULL;

  if (self->is_closed)
    return;
  if (!ferry_race_step (self->race, event, g_get_monotonic_time () / 1000, effects, &error))
    note (self, "A message of the other side was ignored: %s", error->message);
  for (guint i = 0; i < effects->len; i++)
    do_effect (self, &g_array_index (effects, FerryRaceEffect, i));
}

/* An effect may cause the next event before all effects are done (a link may answer at once):
 * events wait for their turn. */
static void
happen (FerryS5bBytestream *self, const FerryRaceEvent *event)
{
  Queued *queued = g_new0 (Queued, 1);
  queued->candidate = event->candidate != NULL ? ferry_candidate_copy (event->candidate) : NULL;
  queued->cid = g_strdup (event->cid);
  queued->event = *event;
  queued->event.candidate = queued->candidate;
  queued->event.cid = queued->cid;
  g_queue_push_tail (&self->queue, queued);
  if (self->is_stepping)
    return;

  g_object_ref (self);
  self->is_stepping = TRUE;
  while ((queued = g_queue_pop_head (&self->queue)) != NULL)
    {
      step (self, &queued->event);
      queued_free (queued);
    }
  self->is_stepping = FALSE;
  set_tick (self);
  g_object_unref (self);
}

/* --- What the twin says ----------------------------------------------------------------------
 */

static void
on_received (FerryLink *link, FerryNode *payload, gpointer user_data)
{
  FerryS5bBytestream *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryJingleS5b) message = ferry_jingle_s5b_parse (payload, &error);
  FerryRaceEvent event;

  if (message == NULL)
    g_debug ("%s: %s", self->sid, error->message);
  else if (strcmp (message->sid, self->sid) != 0)
    g_debug ("%s: a message for stream %s", self->sid, message->sid);
  else
    {
      ferry_s5b_bytestream_add_remote (self, message->candidates, message->dstaddr);
      if (ferry_s5b_wire_jingle_get_event (message, &event))
        happen (self, &event);
    }
}

static gboolean
is_allowed (FerryS5bBytestream *self, const FerryCandidate *candidate)
{
  return (self->routes &
          (ferry_candidate_is_proxy (candidate) ? FERRY_ROUTE_PROXY : FERRY_ROUTE_DIRECT)) != 0;
}

void
ferry_s5b_bytestream_add_remote (FerryS5bBytestream *self,
                                 GPtrArray *candidates,
                                 const char *dstaddr)
{
  g_return_if_fail (FERRY_IS_S5B_BYTESTREAM (self) && candidates != NULL);

  if (dstaddr != NULL)
    {
      g_free (self->peer_dstaddr);
      self->peer_dstaddr = g_strdup (dstaddr);
    }
  for (guint i = 0; i < candidates->len; i++)
    {
      const FerryCandidate *candidate = candidates->pdata[i];
      if (self->remote->len == FERRY_JINGLE_S5B_MAX_CANDIDATES)
        return;
      g_ptr_array_add (self->remote, ferry_candidate_copy (candidate));
      if (is_allowed (self, candidate))
        happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_REMOTE, .candidate = candidate });
    }
}

/* --- Gathering -------------------------------------------------------------------------------
 */

typedef struct
{
  gulong done_handler;
  GSource *timeout;
} Gathering;

static void
gathering_free (Gathering *gathering)
{
  clear_source (&gathering->timeout);
  g_free (gathering);
}

static void
offer (GTask *task)
{
  FerryS5bBytestream *self = g_task_get_source_object (task);
  FerryS5bListener *listener = ferry_s5b_service_get_listener (self->service);
  FerryProxyFinder *finder = ferry_s5b_service_get_proxy_finder (self->service);
  g_autoptr (GPtrArray) addresses = NULL;

  if (listener != NULL && (self->routes & FERRY_ROUTE_DIRECT))
    addresses = ferry_s5b_service_list_addresses (self->service);
  GPtrArray *candidates = ferry_s5b_offer_make (
      self->own, addresses, listener != NULL ? ferry_s5b_listener_get_port (listener) : 0,
      self->routes & FERRY_ROUTE_PROXY ? ferry_proxy_finder_get_proxies (finder) : NULL,
      self->remote, self->is_initiator);
  for (guint i = 0; i < candidates->len; i++)
    happen (self,
            &(FerryRaceEvent){ .type = FERRY_RACE_OWN, .candidate = candidates->pdata[i] });
  g_task_return_pointer (task, candidates, (GDestroyNotify) g_ptr_array_unref);
}

static void
end_gathering (GTask *task)
{
  FerryS5bBytestream *self = g_task_get_source_object (task);
  Gathering *gathering = g_task_get_task_data (task);

  g_signal_handler_disconnect (ferry_s5b_service_get_proxy_finder (self->service),
                               gathering->done_handler);
  clear_source (&gathering->timeout);
  offer (task);
  g_object_unref (task);
}

static void
on_proxies_found (FerryProxyFinder *finder, gpointer user_data)
{
  end_gathering (user_data);
}

static gboolean
gather_timeout_cb (gpointer user_data)
{
  end_gathering (user_data);
  return G_SOURCE_REMOVE;
}

void
ferry_s5b_bytestream_gather_async (FerryS5bBytestream *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_return_if_fail (FERRY_IS_S5B_BYTESTREAM (self));

  FerryProxyFinder *finder = ferry_s5b_service_get_proxy_finder (self->service);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_s5b_bytestream_gather_async);

  if (!(self->routes & FERRY_ROUTE_PROXY) || !ferry_proxy_finder_is_busy (finder))
    {
      offer (task);
      return;
    }
  Gathering *gathering = g_new0 (Gathering, 1);
  g_task_set_task_data (task, gathering, (GDestroyNotify) gathering_free);
  gathering->done_handler =
      g_signal_connect (finder, "done", G_CALLBACK (on_proxies_found), task);
  gathering->timeout = g_timeout_source_new (GATHER_MS);
  g_source_set_callback (gathering->timeout, gather_timeout_cb, task, NULL);
  g_source_attach (gathering->timeout, g_task_get_context (task));
  g_steal_pointer (&task); /* until end_gathering() */
}

GPtrArray *
ferry_s5b_bytestream_gather_finish (FerryS5bBytestream *self,
                                    GAsyncResult *result,
                                    GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *
ferry_s5b_bytestream_get_dstaddr (FerryS5bBytestream *self)
{
  g_return_val_if_fail (FERRY_IS_S5B_BYTESTREAM (self), NULL);

  return self->own_destination;
}

/* --- The bytestream --------------------------------------------------------------------------
 */

static void
ferry_s5b_bytestream_open_async (FerryBytestream *bytestream,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  FerryS5bBytestream *self = FERRY_S5B_BYTESTREAM (bytestream);
  g_return_if_fail (self->open == NULL && self->route == FERRY_ROUTE_NONE);

  self->open = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->open, ferry_s5b_bytestream_open_async);
  if (cancellable != NULL)
    {
      self->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancelled, G_SOURCE_FUNC (cancelled_cb), self, NULL);
      g_source_attach (self->cancelled, g_task_get_context (self->open));
    }
  happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_START });
}

static GSocket *
ferry_s5b_bytestream_open_finish (FerryBytestream *bytestream,
                                  GAsyncResult *result,
                                  GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, bytestream), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* The kernel has our bytes as soon as they are written. */
static void
ferry_s5b_bytestream_close_async (FerryBytestream *bytestream,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (bytestream, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_s5b_bytestream_close_async);
  g_task_return_boolean (task, TRUE);
}

static gboolean
ferry_s5b_bytestream_close_finish (FerryBytestream *bytestream,
                                   GAsyncResult *result,
                                   GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, bytestream), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static FerryRoute
ferry_s5b_bytestream_get_route (FerryBytestream *bytestream)
{
  return FERRY_S5B_BYTESTREAM (bytestream)->route;
}

static void
ferry_s5b_bytestream_iface_init (FerryBytestreamInterface *iface)
{
  iface->open_async = ferry_s5b_bytestream_open_async;
  iface->open_finish = ferry_s5b_bytestream_open_finish;
  iface->close_async = ferry_s5b_bytestream_close_async;
  iface->close_finish = ferry_s5b_bytestream_close_finish;
  iface->get_route = ferry_s5b_bytestream_get_route;
}

FerryS5bBytestream *
ferry_s5b_bytestream_new (FerryS5bService *service,
                          FerryS5bDialect dialect,
                          FerryLink *link,
                          gboolean is_initiator,
                          FerryJid *own,
                          FerryJid *peer,
                          const char *sid,
                          FerryRoute routes)
{
  g_return_val_if_fail (FERRY_IS_S5B_SERVICE (service) && FERRY_IS_LINK (link), NULL);
  g_return_val_if_fail (dialect == FERRY_S5B_JINGLE, NULL);
  g_return_val_if_fail (own != NULL && peer != NULL && sid != NULL, NULL);

  FerryS5bBytestream *self = g_object_new (FERRY_TYPE_S5B_BYTESTREAM, NULL);
  const char *own_text = ferry_jid_get_text (own), *peer_text = ferry_jid_get_text (peer);
  self->service = g_object_ref (service);
  self->link = g_object_ref (link);
  self->is_initiator = is_initiator;
  self->own = ferry_jid_ref (own);
  self->peer = ferry_jid_ref (peer);
  self->sid = g_strdup (sid);
  self->routes = routes;
  self->own_destination = ferry_hash_sha1_hex (sid, own_text, peer_text, NULL);
  self->peer_destination = ferry_hash_sha1_hex (sid, peer_text, own_text, NULL);
  self->race = ferry_race_new (&ferry_race_rules_jingle, ferry_s5b_service_get_times (service),
                               is_initiator);
  g_signal_connect_object (link, "received", G_CALLBACK (on_received), self, 0);

  /* Both orders: Gajim and iris dial the responder with the initiator's address first. */
  FerryS5bListener *listener = ferry_s5b_service_get_listener (service);
  if (listener != NULL && (routes & FERRY_ROUTE_DIRECT))
    {
      ferry_s5b_listener_expect (listener, self->own_destination, on_incoming, self);
      ferry_s5b_listener_expect (listener, self->peer_destination, on_incoming, self);
    }
  return self;
}

static void
ferry_s5b_bytestream_dispose (GObject *object)
{
  FerryS5bBytestream *self = FERRY_S5B_BYTESTREAM (object);

  if (self->service != NULL)
    close_all (self);
  g_clear_object (&self->service);
  g_clear_object (&self->link);
  G_OBJECT_CLASS (ferry_s5b_bytestream_parent_class)->dispose (object);
}

static void
ferry_s5b_bytestream_finalize (GObject *object)
{
  FerryS5bBytestream *self = FERRY_S5B_BYTESTREAM (object);

  g_queue_clear_full (&self->queue, (GDestroyNotify) queued_free);
  ferry_race_free (self->race);
  g_ptr_array_unref (self->remote);
  g_hash_table_unref (self->attempts);
  g_hash_table_unref (self->incoming);
  g_free (self->sid);
  g_free (self->own_destination);
  g_free (self->peer_destination);
  g_free (self->peer_dstaddr);
  g_clear_pointer (&self->own, ferry_jid_unref);
  g_clear_pointer (&self->peer, ferry_jid_unref);
  G_OBJECT_CLASS (ferry_s5b_bytestream_parent_class)->finalize (object);
}

static void
ferry_s5b_bytestream_class_init (FerryS5bBytestreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_s5b_bytestream_dispose;
  object_class->finalize = ferry_s5b_bytestream_finalize;
  note_signal = g_signal_new ("note", FERRY_TYPE_S5B_BYTESTREAM, G_SIGNAL_RUN_LAST, 0, NULL,
                              NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
ferry_s5b_bytestream_init (FerryS5bBytestream *self)
{
  g_queue_init (&self->queue);
  self->remote = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_candidate_free);
  self->attempts =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) attempt_end);
  self->incoming = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) incoming_free);
}
