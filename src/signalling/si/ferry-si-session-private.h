/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the session object (ferry-si-session.c), what it does for its machine
 * (ferry-si-session-effects.c) and its bytestreams (ferry-si-session-pipe.c). */
#pragma once

#include "bytestream/ferry-link.h"
#include "signalling/ferry-session-clock.h"
#include "signalling/si/ferry-si-session.h"

G_BEGIN_DECLS

/* A bytestream that is being opened, or is open. */
typedef struct
{
  FerryBytestream *stream; /* nullable */
  GCancellable *cancellable;
  GSocket *socket; /* between its opening and "opened" */
} FerrySiPipe;

struct _FerrySiSession
{
  FerrySession parent_instance;

  FerryRouter *router;
  FerryS5bService *s5b_service; /* nullable */
  FerryIbbService *ibb_service;
  FerryRoute routes;
  FerryNode *request; /* nullable; R: the offer, until it is answered */

  FerrySiMachine machine;
  gboolean is_stepping;
  GQueue waiting;  /* of Queued: events that came while a step was being done */
  GError *refusal; /* nullable; why the offer cannot be made, or was refused */
  gboolean is_finished;

  guint start_id;
  guint refusal_id;
  FerrySessionClock *clock;

  GCancellable *query; /* nullable; of the offer that waits for an answer */
  FerrySiPipe s5b;
  FerrySiPipe inband;
  FerryNode *s5b_request; /* nullable; what the peer has asked about SOCKS5, until answered */
  GSource *silence;       /* nullable; R: the connection is there, the first byte not yet */
  gboolean is_closing;
};

/* Gives @event to the machine and does what it wants. An event that comes while another is
 * dealt with waits for its turn. */
void ferry_si_session_step (FerrySiSession *self, const FerrySiEvent *event);
void
ferry_si_session_step_type (FerrySiSession *self, FerrySiEventType type, const GError *error);
void ferry_si_session_run_effect (FerrySiSession *self, const FerrySiEffect *effect);
/* FerryLink, as ferry-s5b-wire-si.h wants it. */
void ferry_si_session_link_send (FerryLink *link, FerryNode *payload);

/* Opens the way @method; then EV_OPENED or EV_OPEN_FAILED. */
void ferry_si_session_open_pipe (FerrySiSession *self, FerrySiMethod method);
/* Gives the open pipe to whoever uses the session. */
void ferry_si_session_hand_over (FerrySiSession *self, FerrySiMethod method);
/* Closes the open one in order; then EV_FLUSHED or EV_PIPE_BROKEN. */
void ferry_si_session_close_pipe (FerrySiSession *self);
void ferry_si_session_drop_pipe (FerrySiSession *self, FerrySiMethod method);
void ferry_si_session_drop_pipes (FerrySiSession *self);
/* R: no other way can be opened any more: a connection that waits for its first byte is the
 * one. */
void ferry_si_session_stop_listening (FerrySiSession *self);

/* Emits "finished" when nothing is left to be done. */
void ferry_si_session_finish_if_done (FerrySiSession *self);

G_END_DECLS
