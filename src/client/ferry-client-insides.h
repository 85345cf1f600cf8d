/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of FerryClient, for its three files: one builds the parts, one connects them, one
 * is the object. */
#pragma once

#include "bytestream/ibb/ferry-ibb-service.h"
#include "bytestream/s5b/ferry-s5b-service.h"
#include "client/ferry-client-private.h"
#include "signalling/jingle/ferry-jingle-negotiator.h"
#include "signalling/si/ferry-sipub-negotiator.h"
#include "xmpp/ferry-disco.h"
#include "xmpp/ferry-presence.h"
#include "xmpp/ferry-roster.h"
#include "xmpp/strophe/ferry-strophe-stream.h"

G_BEGIN_DECLS

struct _FerryClient
{
  GObject parent_instance;

  FerryClientContext context;
  FerryAccount *account;
  char *password; /* NULL until it was looked up */
  GCancellable *cancellable;
  FerryTlsIdentity *identity; /* NULL until it was loaded, or if there is none */

  FerryClientState state;
  GError *error;
  FerryClientRequestFunc take_request; /* nullable */
  gpointer request_data;
  gboolean is_wanted; /* ferry_client_connect() was the user's last word */

  /* All made together when the password is known, and kept. */
  FerryStropheStream *stream;
  FerryRouter *router;
  FerryDisco *disco;
  FerryRoster *roster;
  FerryPresence *presence;
  FerryContactList *contact_list;
  FerryS5bService *s5b;
  FerryIbbService *ibb;
  FerrySignalling *signalling;
  FerryJingleNegotiator *jingle;
  FerrySiNegotiator *si;
  FerrySipubNegotiator *sipub;

  GTask *close_task;
  guint close_timeout_id;
};

/* Makes all parts and ties them together; nothing is connected yet. */
void ferry_client_build (FerryClient *self);
void ferry_client_clear_parts (FerryClient *self);

/* @error: (nullable): why; %NULL clears the last one */
void ferry_client_set_state (FerryClient *self, FerryClientState state, const GError *error);
void ferry_client_emit_offer_received (FerryClient *self, FerrySession *session);
/* Ends ferry_client_close_async(), if it is under way. */
void ferry_client_finish_close (FerryClient *self);

G_END_DECLS
