/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver of the race: turns sockets, messages and time into its events, and its effects
 * into dials, messages and the one socket. Everything the race says is done in do_effect(). */
#define G_LOG_DOMAIN "ferry-s5b-bytestream"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-bytestream-private.h"

#include "base/ferry-error.h"
#include "base/ferry-source.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"

#include <sys/socket.h>
#include <unistd.h>

/* An event waiting for the one before it to be finished with. */
typedef struct
{
  FerryRaceEvent event;
  FerryCandidate *candidate;
  char *cid;
} Queued;

static void ferry_s5b_bytestream_iface_init (FerryBytestreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryS5bBytestream,
                               ferry_s5b_bytestream,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_BYTESTREAM,
                                                      ferry_s5b_bytestream_iface_init))

static guint note_signal;

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

/* --- The end ---------------------------------------------------------------------------------
 */

/* Closes everything that has not been handed up. */
static void
close_all (FerryS5bBytestream *self)
{
  self->is_closed = TRUE;
  ferry_s5b_sockets_close (self->sockets);
  ferry_clear_source (&self->tick);
  ferry_clear_source (&self->cancelled);
  self->dialect->end (self);
}

/* Returns: (transfer full) (nullable): a stream that its other end has closed in order */
static GSocket *
make_ended_socket (void)
{
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
    return NULL;
  close (fds[1]);
  GSocket *socket = g_socket_new_from_fd (fds[0], NULL);
  if (socket != NULL)
    g_socket_set_blocking (socket, FALSE);
  return socket;
}

/* Psi has all of an empty file when it is connected, and hangs up before we hear that it was,
 * or before our relay is activated. */
static gboolean
succeed_with_nothing (FerryS5bBytestream *self)
{
  if (!self->is_empty || self->used_route == FERRY_ROUTE_NONE ||
      ferry_race_is_fast (self->race))
    return FALSE;
  GSocket *socket = make_ended_socket ();
  if (socket == NULL)
    return FALSE;

  g_autoptr (GTask) task = g_steal_pointer (&self->open);
  self->route = self->used_route;
  note (self, "The other side was connected, and has gone");
  close_all (self);
  g_task_return_pointer (task, socket, g_object_unref);
  return TRUE;
}

void
ferry_s5b_bytestream_fail (FerryS5bBytestream *self)
{
  if (succeed_with_nothing (self))
    return;

  g_autoptr (GTask) task = g_steal_pointer (&self->open);
  note (self, "Neither a direct connection nor a relay worked");
  close_all (self);
  if (self->is_declined)
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_DECLINED, "the peer said no");
  else
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_UNREACHABLE,
                             "no candidate of either side worked");
}

static gboolean
say_go (GSocket *socket)
{
  char go = FERRY_S5B_GO;
  return send (g_socket_get_fd (socket), &go, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

static void
settle (FerryS5bBytestream *self, const FerryRaceEffect *effect)
{
  g_autoptr (GSocket) socket = ferry_s5b_sockets_take (self->sockets, effect);

  if (effect->says_go && !say_go (socket))
    {
      ferry_s5b_bytestream_fail (self);
      return;
    }
  if (effect->candidate != NULL && ferry_candidate_is_proxy (effect->candidate))
    self->route = FERRY_ROUTE_PROXY;
  else
    self->route =
        effect->type == FERRY_RACE_SETTLE_DIALLED ? self->dial_route : self->listen_route;
  note (self, "Using this way: %s", ferry_route_get_name (self->route));
  g_autoptr (GTask) task = g_steal_pointer (&self->open);
  close_all (self);
  g_task_return_pointer (task, g_steal_pointer (&socket), g_object_unref);
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
      ferry_s5b_bytestream_fail (self);
      break;
    case FERRY_RACE_TELL_USED:
    case FERRY_RACE_TELL_ERROR:
    case FERRY_RACE_TELL_ACTIVATED:
    case FERRY_RACE_TELL_PROXY_ERROR:
    default:
      self->dialect->tell (self, effect);
      break;
    }
}

static gboolean
tick_cb (gpointer user_data)
{
  ferry_s5b_bytestream_happen (user_data, &(FerryRaceEvent){ .type = FERRY_RACE_TICK });
  return G_SOURCE_REMOVE;
}

static void
set_tick (FerryS5bBytestream *self)
{
  gint64 deadline_ms = ferry_race_get_deadline (self->race);

  ferry_clear_source (&self->tick);
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
void
ferry_s5b_bytestream_happen (FerryS5bBytestream *self, const FerryRaceEvent *event)
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
  ferry_s5b_bytestream_happen (user_data, event);
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
  g_autoptr (FerryS5bBytestream) alive = g_object_ref (self);
  self->dialect->received (self, payload);
}

static gboolean
is_allowed (FerryS5bBytestream *self, const FerryCandidate *candidate)
{
  return ferry_candidate_is_proxy (candidate) ? (self->routes & FERRY_ROUTE_PROXY) != 0
                                              : self->dial_route != FERRY_ROUTE_NONE;
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
      if (self->remote->len == FERRY_RACE_MAX_CANDIDATES)
        return;
      g_ptr_array_add (self->remote, ferry_candidate_copy (candidate));
      if (is_allowed (self, candidate))
        ferry_s5b_bytestream_happen (
            self, &(FerryRaceEvent){ .type = FERRY_RACE_REMOTE, .candidate = candidate });
    }
}

/* --- The bytestream -------------------------------------------------------------------------
 */

const char *
ferry_s5b_bytestream_get_dstaddr (FerryS5bBytestream *self)
{
  g_return_val_if_fail (FERRY_IS_S5B_BYTESTREAM (self), NULL);

  return ferry_s5b_sockets_get_dstaddr (self->sockets);
}

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
  self->dialect->begin (self);
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

/* SI: the target dials; in fast mode the requester too, and that is a route of its own. */
static void
set_dialect (FerryS5bBytestream *self, FerryS5bDialect dialect)
{
  FerryRoute direct = self->routes & FERRY_ROUTE_DIRECT, fast = FERRY_ROUTE_NONE;

  if (dialect == FERRY_S5B_JINGLE)
    {
      self->dialect = &ferry_s5b_dialect_jingle;
      self->rules = &ferry_race_rules_jingle;
      self->dial_route = self->listen_route = direct;
      return;
    }
  self->dialect = &ferry_s5b_dialect_si;
  self->rules = &ferry_race_rules_si;
  /* It is also how a target can offer its relay. */
  if (dialect == FERRY_S5B_SI_FAST &&
      (self->routes & (FERRY_ROUTE_FAST | FERRY_ROUTE_PROXY)) != 0)
    {
      fast = self->routes & FERRY_ROUTE_FAST;
      self->rules = &ferry_race_rules_si_fast;
    }
  self->dial_route = self->is_initiator ? fast : direct;
  self->listen_route = self->is_initiator ? direct : fast;
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
  g_return_val_if_fail (own != NULL && peer != NULL && sid != NULL, NULL);

  FerryS5bBytestream *self = g_object_new (FERRY_TYPE_S5B_BYTESTREAM, NULL);
  self->service = g_object_ref (service);
  self->link = g_object_ref (link);
  self->is_initiator = is_initiator;
  self->own = ferry_jid_ref (own);
  self->peer = ferry_jid_ref (peer);
  self->sid = g_strdup (sid);
  self->routes = routes;
  set_dialect (self, dialect);
  self->race =
      ferry_race_new (self->rules, ferry_s5b_service_get_times (service), is_initiator);
  g_signal_connect_object (link, "received", G_CALLBACK (on_received), self, 0);

  self->sockets = ferry_s5b_sockets_new (service, self->rules, is_initiator, own, peer, sid,
                                         &sockets_funcs, self);
  if (self->listen_route != FERRY_ROUTE_NONE)
    ferry_s5b_sockets_listen (self->sockets);
  if ((routes & (FERRY_ROUTE_DIRECT | FERRY_ROUTE_FAST)) == 0)
    ferry_s5b_sockets_hide (self->sockets);
  return self;
}

void
ferry_s5b_bytestream_set_empty (FerryS5bBytestream *self, gboolean is_empty)
{
  g_return_if_fail (FERRY_IS_S5B_BYTESTREAM (self));

  self->is_empty = is_empty;
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
  g_clear_pointer (&self->offered, g_ptr_array_unref);
  g_clear_pointer (&self->offer, ferry_s5b_query_free);
  ferry_s5b_sockets_free (self->sockets);
  g_free (self->sid);
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
}
