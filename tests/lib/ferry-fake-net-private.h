/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the fake net know of each other: ferry-fake-net.c moves stanzas,
 * ferry-fake-server.c decides where they go, ferry-fake-peer.c and
 * ferry-fake-stream.c are the ends. */
#pragma once

#include "ferry-fake-net.h"

G_BEGIN_DECLS

/* One resource of one account. It lives as long as the net, online or not. */
typedef struct
{
  FerryFakeNet *net; /* not owned */
  FerryJid *jid;
  FerryStreamState state;
  FerryStream *stream; /* not owned; NULL for a peer */
  GQueue *inbox;       /* of FerryNode, not owned; NULL for a stream */
  guint epoch;         /* number of the session: what an older one sent is lost with it */
  guint up_ms;
  guint down_ms;
  gint64 last_up_us;
  GQueue held_up;      /* of FerryNode: came due while interrupted */
  GQueue held_down;    /* of FerryNode */
  FerryNode *swapped;  /* nullable: waits to be overtaken */
  FerryNode *presence; /* nullable: the last available presence */
} FakeEndpoint;

typedef struct
{
  FerryFakeProxy func;
  gpointer user_data;
} FakeProxy;

/* Makes or finds the endpoint. */
FakeEndpoint *fake_net_get_endpoint (FerryFakeNet *self, const char *full_jid);
GPtrArray *fake_net_get_endpoints (FerryFakeNet *self);
/* Key: address; value: FakeProxy. */
GHashTable *fake_net_get_proxies (FerryFakeNet *self);
/* A new session is on its way; the session ends once all that was sent has gone out. */
void fake_net_open (FakeEndpoint *endpoint);
void fake_net_close (FakeEndpoint *endpoint);
FakeEndpoint *fake_stream_get_endpoint (FerryStream *stream);
/* From an endpoint to the server. */
void fake_net_send (FakeEndpoint *endpoint, FerryNode *stanza);
/* From the server to an endpoint, if no rule drops it. @stanza: (transfer full) */
void fake_net_deliver (FakeEndpoint *endpoint, FerryNode *stanza);
/* Shows a stanza to the tap. Returns: is it to be lost? */
gboolean fake_net_intercept (FerryFakeNet *self, FerryNode *stanza);
/* Ends the session without telling the endpoint itself. */
void fake_net_end_session (FakeEndpoint *endpoint, FerryStreamState state);

/* A stanza of @sender has arrived at the server. */
void fake_server_route (FakeEndpoint *sender, FerryNode *stanza);
/* Tells everybody that @endpoint is gone, if it was shown as available. */
void fake_server_withdraw_presence (FakeEndpoint *endpoint);

G_END_DECLS
