/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections that we make: to what the peer offers, and to our own relay. */
#define G_LOG_DOMAIN "ferry-s5b-sockets"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-sockets-private.h"

#include "base/ferry-error.h"
#include "base/ferry-source.h"
#include "bytestream/s5b/ferry-s5b-dialler.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define ACTIVATE_MS 15000
/* The peer can make one transfer dial at most so often. */
#define MAX_DIALS 20

/* What the timeline calls the way that an address belongs to. */
static const char *
get_way (const FerryCandidate *candidate)
{
  return ferry_candidate_is_proxy (candidate) ? "Relay" : "Direct";
}

static void
attempt_clear (FerryS5bAttempt *attempt)
{
  ferry_s5b_socket_close (&attempt->socket);
  ferry_candidate_free (attempt->candidate);
  g_clear_object (&attempt->cancellable);
}

static void
attempt_unref (FerryS5bAttempt *attempt)
{
  g_rc_box_release_full (attempt, (GDestroyNotify) attempt_clear);
}

static FerryS5bAttempt *
attempt_new (FerryS5bSockets *self, const FerryCandidate *candidate)
{
  FerryS5bAttempt *attempt = g_rc_box_new0 (FerryS5bAttempt);
  attempt->self = self;
  attempt->candidate = ferry_candidate_copy (candidate);
  attempt->cancellable = g_cancellable_new ();
  attempt->started_us = g_get_monotonic_time ();
  return attempt;
}

void
ferry_s5b_attempt_give_back (FerryS5bAttempt *attempt)
{
  if (attempt->is_charged)
    ferry_s5b_service_give_dial_back (attempt->self->service, attempt->self->peer);
  attempt->is_charged = FALSE;
}

void
ferry_s5b_attempt_end (FerryS5bAttempt *attempt)
{
  ferry_clear_source (&attempt->watch);
  g_cancellable_cancel (attempt->cancellable);
  ferry_s5b_socket_close (&attempt->socket);
  attempt_unref (attempt);
}

static gboolean
attempt_ready_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  FerryS5bAttempt *attempt = user_data;
  FerryS5bSockets *self = attempt->self;
  FerryRaceEvent event = { .type = FERRY_RACE_GO };

  g_rc_box_acquire (attempt);
  ferry_clear_source (&attempt->watch);
  if (attempt != self->relay)
    event.cid = attempt->candidate->cid;
  if (!ferry_s5b_sockets_is_spoken_on (self, socket))
    {
      ferry_s5b_socket_close (&attempt->socket);
      event.type = attempt != self->relay ? FERRY_RACE_DIAL_FAILED : FERRY_RACE_NOT_ACTIVATED;
    }
  ferry_s5b_sockets_happen (self, &event);
  attempt_unref (attempt);
  return G_SOURCE_REMOVE;
}

static void
note_failure (FerryS5bAttempt *attempt, const GError *error)
{
  const FerryCandidate *candidate = attempt->candidate;
  double seconds = (double) (g_get_monotonic_time () - attempt->started_us) / 1e6;

  if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT))
    ferry_s5b_sockets_note (attempt->self, "%s: %s port %u did not answer (%.1f s)",
                            get_way (candidate), candidate->host, candidate->port, seconds);
  else
    ferry_s5b_sockets_note (attempt->self, "%s: %s port %u failed: %s (%.1f s)",
                            get_way (candidate), candidate->host, candidate->port,
                            error->message, seconds);
}

static void
stage_cb (FerryDialStage stage, gpointer user_data)
{
  FerryS5bAttempt *attempt = user_data;

  if (g_cancellable_is_cancelled (attempt->cancellable))
    return;
  ferry_s5b_sockets_happen (attempt->self,
                            &(FerryRaceEvent){ .type = stage == FERRY_DIAL_CONNECTED
                                                           ? FERRY_RACE_CONNECTED
                                                           : FERRY_RACE_GREETED,
                                               .cid = attempt->candidate->cid });
}

static void
dialled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryS5bAttempt *attempt = user_data;
  FerryS5bSockets *self = attempt->self;
  const FerryCandidate *candidate = attempt->candidate;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = ferry_s5b_dial_finish (result, &error);

  if (g_cancellable_is_cancelled (attempt->cancellable))
    {
      ferry_s5b_socket_close (&socket);
    }
  else if (socket != NULL)
    {
      attempt->socket = g_steal_pointer (&socket);
      ferry_s5b_sockets_note (self, "%s: connected to %s port %u", get_way (candidate),
                              candidate->host, candidate->port);
      attempt->watch = ferry_s5b_socket_watch (attempt->socket, attempt_ready_cb, attempt);
      ferry_s5b_attempt_give_back (attempt);
      ferry_s5b_sockets_happen (
          self, &(FerryRaceEvent){ .type = FERRY_RACE_DIALLED, .cid = candidate->cid });
    }
  else
    {
      note_failure (attempt, error);
      attempt->is_charged = FALSE;
      ferry_s5b_sockets_happen (
          self, &(FerryRaceEvent){ .type = FERRY_RACE_DIAL_FAILED, .cid = candidate->cid });
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
begin_dial (FerryS5bAttempt *attempt)
{
  FerryS5bSockets *self = attempt->self;
  const FerryCandidate *candidate = attempt->candidate;
  g_autoptr (FerryHostPolicy) policy = ferry_s5b_service_make_policy (self->service);

  ferry_s5b_sockets_note (self, "%s: trying %s port %u", get_way (candidate), candidate->host,
                          candidate->port);
  ferry_s5b_dial_async (
      candidate, ferry_s5b_service_get_kind (self->service, candidate), policy,
      self->peer_dstaddr != NULL ? self->peer_dstaddr : self->peer_destination,
      get_other_destination (self, candidate), stage_cb, attempt->cancellable, dialled_cb,
      g_rc_box_acquire (attempt));
}

static void
leave_out (FerryS5bSockets *self, const FerryCandidate *candidate, const char *reason)
{
  ferry_s5b_sockets_note (self, "%s: %s port %u was left out: %s", get_way (candidate),
                          candidate->host, candidate->port, reason);
  ferry_s5b_sockets_happen (
      self, &(FerryRaceEvent){ .type = FERRY_RACE_DIAL_FAILED, .cid = candidate->cid });
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryS5bAttempt *attempt = user_data;
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

  FerryS5bAttempt *attempt = attempt_new (self, candidate);
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
  const FerryS5bAttempt *attempt = g_hash_table_lookup (self->attempts, candidate->cid);
  if (attempt == NULL)
    return;

  gint64 ms = (g_get_monotonic_time () - attempt->started_us) / 1000;
  if (attempt->socket == NULL && ms >= self->times->attempt)
    ferry_s5b_sockets_note (self, "%s: %s port %u did not answer (%.1f s)", get_way (candidate),
                            candidate->host, candidate->port, (double) ms / 1e3);
  g_hash_table_remove (self->attempts, candidate->cid);
}

/* --- Our own proxy ---------------------------------------------------------------------------
 */

static void
end_activation (FerryS5bAttempt *attempt, const GError *error)
{
  FerryS5bSockets *self = attempt->self;

  if (!g_cancellable_is_cancelled (attempt->cancellable))
    {
      if (error != NULL)
        note_failure (attempt, error);
      else if (self->awaits_go)
        attempt->watch = ferry_s5b_socket_watch (attempt->socket, attempt_ready_cb, attempt);
      ferry_s5b_sockets_happen (
          self, &(FerryRaceEvent){ .type = error == NULL ? FERRY_RACE_ACTIVATED
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
  FerryS5bAttempt *attempt = user_data;
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
  ferry_s5b_sockets_note (self, "Relay: activating %s", ferry_jid_get_text (candidate->jid));
  ferry_s5b_dial_async (candidate, FERRY_HOST_OWN_PROXY, policy, self->own_destination, NULL,
                        NULL, self->relay->cancellable, relay_dialled_cb,
                        g_rc_box_acquire (self->relay));
}
