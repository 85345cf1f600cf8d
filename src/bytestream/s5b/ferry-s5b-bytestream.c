/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver of the race: turns sockets, messages and time into its events, and its effects
 * into dials, messages and the one socket. Everything the race says is done in do_effect(). */
#define G_LOG_DOMAIN "ferry-s5b-bytestream"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-bytestream.h"

#include "base/ferry-error.h"
#include "bytestream/s5b/ferry-s5b-offer.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"
#include "bytestream/s5b/ferry-s5b-sockets.h"
#include "bytestream/s5b/ferry-s5b-wire-jingle.h"

#include <string.h>

#define GATHER_MS 3000

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
  char *sid;
  FerryRoute routes;

  FerryRace *race;
  GQueue queue; /* of Queued */
  gboolean is_stepping;
  GSource *tick;

  FerryS5bSockets *sockets;
  GPtrArray *remote; /* of FerryCandidate: all that the peer has offered */

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

/* --- The end ---------------------------------------------------------------------------------
 */

/* Closes everything that has not been handed up. */
static void
close_all (FerryS5bBytestream *self)
{
  self->is_closed = TRUE;
  ferry_s5b_sockets_close (self->sockets);
  clear_source (&self->tick);
  clear_source (&self->cancelled);
}

static void
settle (FerryS5bBytestream *self, const FerryRaceEffect *effect)
{
  GSocket *socket = ferry_s5b_sockets_take (self->sockets, effect);
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
      ferry_s5b_sockets_dial (self->sockets, effect->candidate);
      break;
    case FERRY_RACE_DROP:
      ferry_s5b_sockets_drop (self->sockets, effect->candidate);
      break;
    case FERRY_RACE_ACTIVATE:
      ferry_s5b_sockets_activate (self->sockets, effect->candidate);
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

static void
on_socket_event (const FerryRaceEvent *event, gpointer user_data)
{
  happen (user_data, event);
}

static void
on_socket_note (const char *text, gpointer user_data)
{
  note (user_data, "%s", text);
}

static const FerryS5bSocketsFuncs sockets_funcs = { .event = on_socket_event,
                                                    .note = on_socket_note };

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
    ferry_s5b_sockets_set_peer_dstaddr (self->sockets, dstaddr);
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

  return ferry_s5b_sockets_get_dstaddr (self->sockets);
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
  self->service = g_object_ref (service);
  self->link = g_object_ref (link);
  self->is_initiator = is_initiator;
  self->own = ferry_jid_ref (own);
  self->sid = g_strdup (sid);
  self->routes = routes;
  self->race = ferry_race_new (&ferry_race_rules_jingle, ferry_s5b_service_get_times (service),
                               is_initiator);
  g_signal_connect_object (link, "received", G_CALLBACK (on_received), self, 0);

  self->sockets =
      ferry_s5b_sockets_new (service, is_initiator, own, peer, sid, &sockets_funcs, self);
  if (routes & FERRY_ROUTE_DIRECT)
    ferry_s5b_sockets_listen (self->sockets);
  return self;
}

static void
ferry_s5b_bytestream_dispose (GObject *object)
{
  FerryS5bBytestream *self = FERRY_S5B_BYTESTREAM (object);

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
  ferry_s5b_sockets_free (self->sockets);
  g_free (self->sid);
  g_clear_pointer (&self->own, ferry_jid_unref);
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
}
