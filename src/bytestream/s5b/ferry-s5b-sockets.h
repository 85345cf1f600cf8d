/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryS5bSockets: all connections that one race is about: our dials, those of the peer, and
 * the one to our nominated relay. What becomes of them is told as events of the race. */
#pragma once

#include "bytestream/s5b/ferry-race.h"
#include "bytestream/s5b/ferry-s5b-service.h"

G_BEGIN_DECLS

/* By this byte the requester of a fast bytestream chooses a stream. */
#define FERRY_S5B_GO '\r'

typedef struct _FerryS5bSockets FerryS5bSockets;

/* Who hears of it; either function may close the sockets, but not free them. */
typedef struct
{
  void (*event) (const FerryRaceEvent *event, gpointer user_data);
  void (*note) (const char *text, gpointer user_data); /* a line for people */
} FerryS5bSocketsFuncs;

/**
 * ferry_s5b_sockets_new:
 * @service: shared parts
 * @rules: of the race; not copied
 * @is_initiator: of the session
 * @own: our full JID
 * @peer: the peer's full JID
 * @sid: the stream id
 * @funcs: not copied
 * @user_data: for @funcs
 */
FerryS5bSockets *ferry_s5b_sockets_new (FerryS5bService *service,
                                        const FerryRaceRules *rules,
                                        gboolean is_initiator,
                                        FerryJid *own,
                                        FerryJid *peer,
                                        const char *sid,
                                        const FerryS5bSocketsFuncs *funcs,
                                        gpointer user_data);
/* Closes all. */
void ferry_s5b_sockets_free (FerryS5bSockets *self);

/* The DST.ADDR of what we offer. */
const char *ferry_s5b_sockets_get_dstaddr (FerryS5bSockets *self);
/* The peer's word for the DST.ADDR of what it offers, if it is another than the computed one.
 */
void ferry_s5b_sockets_set_peer_dstaddr (FerryS5bSockets *self, const char *dstaddr);

/* The peer shall not see where we are. What it calls a relay may be the peer itself: relays are
 * dialled only where they say themselves that they are. */
void ferry_s5b_sockets_hide (FerryS5bSockets *self);
/* From now on the peer can connect to us. */
void ferry_s5b_sockets_listen (FerryS5bSockets *self);
/* Fast mode, responder: streams are heard for the one byte by which the peer chooses; it is
 * taken off the stream, and nothing after it. A stream that says something else is closed. */
void ferry_s5b_sockets_await_go (FerryS5bSockets *self);
/* Dials a candidate of the peer. */
void ferry_s5b_sockets_dial (FerryS5bSockets *self, const FerryCandidate *candidate);
void ferry_s5b_sockets_drop (FerryS5bSockets *self, const FerryCandidate *candidate);
/* Connects to our own relay and activates it. */
void ferry_s5b_sockets_activate (FerryS5bSockets *self, const FerryCandidate *candidate);
/* Returns: (transfer full): the connection that a settling effect names */
GSocket *ferry_s5b_sockets_take (FerryS5bSockets *self, const FerryRaceEffect *effect);
/* Closes everything that was not taken, for good. */
void ferry_s5b_sockets_close (FerryS5bSockets *self);

G_END_DECLS
