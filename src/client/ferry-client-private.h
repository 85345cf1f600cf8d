/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What FerryCore asks of a FerryClient. */
#pragma once

#include "client/ferry-client.h"
#include "crypt/ferry-tls-identity.h"
#include "model/ferry-contact-list.h"
#include "signalling/ferry-negotiator.h"
#include "signalling/jingle/ferry-jingle-negotiator.h"
#include "store/ferry-account-store.h"
#include "store/ferry-secrets.h"
#include "xmpp/ferry-disco.h"
#include "xmpp/strophe/ferry-strophe-thread.h"

#include <stdio.h>

G_BEGIN_DECLS

/* What all clients of a core share; borrowed by each. */
typedef struct
{
  FerryStore *store;
  FerrySecrets *secrets;
  FerryStropheThread *thread;
  GListStore *contacts; /* of FerryContact */
  const char *caps_cache_path;
  FILE *xml_log; /* nullable: where the traffic is written */
  gboolean allow_loopback;
  FerryRoute routes; /* ways on which files may come to us */
} FerryClientContext;

/* A peer asks @client for a file that it was offered once. */
typedef FerryJingleRequestAnswer (*FerryClientRequestFunc) (FerryClient *client,
                                                            FerryJid *peer,
                                                            const FerryFileInfo *file,
                                                            gpointer user_data);

/**
 * ferry_client_new:
 * @context: shared parts, copied; what it points to must outlive the client
 * @account: the account
 * @password: (nullable): known already; %NULL looks it up when connecting
 *
 * Signal "offer-received" (FerrySession): somebody offers a file to this account.
 */
FerryClient *ferry_client_new (const FerryClientContext *context,
                               FerryAccount *account,
                               const char *password);
FerryAccount *ferry_client_get_account (FerryClient *self);
FerryContactList *ferry_client_get_contact_list (FerryClient *self);
/* Once connected. */
FerryDisco *ferry_client_get_disco (FerryClient *self);
/**
 * ferry_client_offer:
 * @protocol: %FERRY_CAPABILITY_SI or %FERRY_CAPABILITY_JINGLE
 * @to: a full JID
 *
 * Offers a file. Who cannot see our presence is shown it until the session has ended.
 *
 * Returns: (transfer full): the session
 */
FerrySession *ferry_client_offer (FerryClient *self,
                                  FerryCapability protocol,
                                  FerryJid *to,
                                  FerryFileInfo *file,
                                  FerryRoute routes);
/* Announces a file to @contact, who may ask for it (XEP-0137). Returns: (transfer full): the
 * session */
FerrySession *ferry_client_publish (FerryClient *self,
                                    FerryJid *contact,
                                    FerryFileInfo *file,
                                    FerryRoute routes);
/* Will a file for @peer be encrypted? @peer: a full JID */
gboolean ferry_client_may_encrypt (FerryClient *self, FerryJid *peer);
/* Does @peer, a full JID, say so? */
gboolean ferry_client_peer_has_feature (FerryClient *self, FerryJid *peer, const char *feature);
/* (nullable): our key inside bytestreams, once connected */
FerryTlsIdentity *ferry_client_get_identity (FerryClient *self);
/* To ask peers for files; only once it has connected. */
FerryJingleRequests *ferry_client_get_requests (FerryClient *self);
/* What answers peers that ask us; before it connects. */
void ferry_client_set_request_func (FerryClient *self,
                                    FerryClientRequestFunc func,
                                    gpointer user_data);
/* Where to write the traffic; nullable; before it connects. */
void ferry_client_set_xml_log (FerryClient *self, FILE *file);
/* Ways on which files may come to us; before it connects. */
void ferry_client_set_routes (FerryClient *self, FerryRoute routes);
/* Signs out; done when the stream is closed, 2 s at most. */
void
ferry_client_close_async (FerryClient *self, GAsyncReadyCallback callback, gpointer user_data);
void ferry_client_close_finish (FerryClient *self, GAsyncResult *result);

G_END_DECLS
