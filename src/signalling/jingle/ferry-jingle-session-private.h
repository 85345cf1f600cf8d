/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the session object (ferry-jingle-session.c), what it does for its machine
 * (ferry-jingle-session-effects.c) and its bytestream (ferry-jingle-session-stream.c). */
#pragma once

#include "bytestream/ferry-link.h"
#include "signalling/ferry-session-clock.h"
#include "signalling/jingle/ferry-jingle-session.h"

G_BEGIN_DECLS

struct _FerryJingleSession
{
  FerrySession parent_instance;

  FerryRouter *router;
  FerryS5bService *s5b_service; /* nullable */
  FerryIbbService *ibb_service;
  FerryRoute routes;
  char *content;
  GPtrArray *others; /* nullable; contents of the offer that we do not take */

  FerryJingleMachine machine;
  gboolean is_stepping;
  GQueue waiting;  /* of Queued: events that came while a step was being done */
  GError *refusal; /* nullable; why the offer cannot be made, or was refused */
  guint n_queries;
  gboolean is_finished;

  guint start_id;
  guint refusal_id;
  FerrySessionClock *clock;

  FerryBytestream *stream;   /* nullable; the transport of the moment */
  GCancellable *cancellable; /* of @stream */
  gboolean is_closing;
  GSocket *socket;        /* between its opening and "opened" */
  char *s5b_sid;          /* nullable */
  FerryJingleS5b *remote; /* nullable; R: what was offered */
  FerryNode *s5b_offer;   /* nullable; our candidates */
  GPtrArray *kept_infos;  /* of FerryNode: transport-info before its time */
};

/* Gives @event to the machine and does what it wants; @request is the peer's iq, if one is to
 * be answered. An event that comes while another is dealt with waits for its turn. */
void ferry_jingle_session_step (FerryJingleSession *self,
                                const FerryJingleEvent *event,
                                FerryNode *request);
void ferry_jingle_session_step_type (FerryJingleSession *self,
                                     FerryJingleEventType type,
                                     const GError *error);
void ferry_jingle_session_run_effect (FerryJingleSession *self,
                                      const FerryJingleEffect *effect,
                                      const FerryJingleEvent *event,
                                      FerryNode *request);
/* FerryLink: carries @payload in a transport-info. */
void ferry_jingle_session_link_send (FerryLink *link, FerryNode *payload);

/* Makes the SOCKS5 stream and finds our candidates; then EV_GATHERED. */
void ferry_jingle_session_gather (FerryJingleSession *self);
/* Begins the race. @remote: (nullable): candidates of the peer that came with the answer */
void ferry_jingle_session_start_s5b (FerryJingleSession *self, const FerryJingleS5b *remote);
/* Opens an in-band stream in its place, as the machine has it agreed. */
void ferry_jingle_session_open_ibb (FerryJingleSession *self, FerryIbbRole role);
/* Gives the open pipe to whoever uses the session. */
void ferry_jingle_session_hand_over (FerryJingleSession *self);
/* Closes it in order; then EV_FLUSHED or EV_PIPE_BROKEN. */
void ferry_jingle_session_close_stream (FerryJingleSession *self);
void ferry_jingle_session_drop_stream (FerryJingleSession *self);

/* Emits "finished" when nothing is left to be done. */
void ferry_jingle_session_finish_if_done (FerryJingleSession *self);

G_END_DECLS
