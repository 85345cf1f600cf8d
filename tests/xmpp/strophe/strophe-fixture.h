/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream under test that notes everything it says. */
#pragma once

#include "ferry-prosody.h"
#include "ferry-test.h"
#include "xmpp/strophe/ferry-strophe-stream.h"

G_BEGIN_DECLS

typedef struct
{
  FerryStream *stream;
  GPtrArray *stanzas; /* of FerryNode: messages only */
  guint n_online;
  guint n_resumed;
  guint n_offline;
  GError *error; /* of the last "offline" */
  FerryStreamState state_at_offline;
} Peer;

/* Signs in as @name at 127.0.0.1, port @port, trusting @pin only; does not wait. */
Peer *peer_new (FerryStropheThread *thread, const char *name, guint16 port, const char *pin);
/* The same with all that can be set; jid, password, host and port have to be. */
Peer *peer_new_for_config (FerryStropheThread *thread, const FerryStropheConfig *config);
void peer_free (Peer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Peer, peer_free)

/* Peers of a server of the test. */
Peer *peer_new_online (FerryStropheThread *thread, const char *name, FerryProsody *server);
FerryStreamState peer_get_state (Peer *self);
/* A message with a number and @size bytes of text. */
void peer_send_number (Peer *self, Peer *to, guint number, gsize size);
/* The number of message @index that came. */
guint peer_get_number (Peer *self, guint index);

G_END_DECLS
