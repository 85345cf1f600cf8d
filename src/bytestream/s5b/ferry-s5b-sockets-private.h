/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of FerryS5bSockets, which has two files: ferry-s5b-sockets.c (connections of the
 * peer, and all of them together), -dial.c (those that we make). */
#pragma once

#include "bytestream/s5b/ferry-s5b-sockets.h"

G_BEGIN_DECLS

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
} FerryS5bAttempt;

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

  GHashTable *attempts; /* cid → FerryS5bAttempt */
  guint n_dials;
  FerryS5bAttempt *relay; /* nullable: to our nominated relay */
  GHashTable *incoming;   /* id → Incoming */
  guint last_incoming;
};

/* A line for people. */
void ferry_s5b_sockets_note (FerryS5bSockets *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
/* Tells the race. */
void ferry_s5b_sockets_happen (FerryS5bSockets *self, const FerryRaceEvent *event);
void ferry_s5b_socket_close (GSocket **socket);
/* Returns: (transfer full): a source that is attached; for when something is to be read */
GSource *ferry_s5b_socket_watch (GSocket *socket, GSocketSourceFunc func, gpointer user_data);
/* A loser of the peer's race is closed without a byte; bytes mean that the peer has settled. */
gboolean ferry_s5b_sockets_is_spoken_on (FerryS5bSockets *self, GSocket *socket);

/* Stops and closes it, whatever it is doing. @attempt: (transfer full) */
void ferry_s5b_attempt_end (FerryS5bAttempt *attempt);
/* Whoever is where the peer said is no port of somebody else's; nor is one that we left before
 * it could answer, because another way was found. */
void ferry_s5b_attempt_give_back (FerryS5bAttempt *attempt);

G_END_DECLS
