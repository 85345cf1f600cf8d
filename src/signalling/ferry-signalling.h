/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySignalling: what all signalling protocols of one account have in common: the ways on
 * which a file can go, who may offer us one and how many, with whom we encrypt, and the
 * sessions that there are. Each negotiator speaks one protocol, and asks here for the rest. */
#pragma once

#include "crypt/ferry-tls-identity.h"
#include "bytestream/ibb/ferry-ibb-service.h"
#include "bytestream/s5b/ferry-s5b-service.h"
#include "signalling/ferry-session-table.h"
#include "xmpp/ferry-router.h"

G_BEGIN_DECLS

#define FERRY_TYPE_SIGNALLING (ferry_signalling_get_type ())
G_DECLARE_FINAL_TYPE (FerrySignalling, ferry_signalling, FERRY, SIGNALLING, GObject)

/**
 * ferry_signalling_new:
 * @router: the account's router
 * @s5b: (nullable): %NULL if this account has no SOCKS5 bytestreams
 * @ibb: shared part of the in-band bytestreams
 */
FerrySignalling *
ferry_signalling_new (FerryRouter *router, FerryS5bService *s5b, FerryIbbService *ibb);

/* (transfer none) */
FerryRouter *ferry_signalling_get_router (FerrySignalling *self);
/* (transfer none) (nullable) */
FerryS5bService *ferry_signalling_get_s5b (FerrySignalling *self);
/* (transfer none) */
FerryIbbService *ferry_signalling_get_ibb (FerrySignalling *self);
/* (transfer none) */
FerrySessionTable *ferry_signalling_get_sessions (FerrySignalling *self);

/* --- Who may --------------------------------------------------------------------------------
 */

/**
 * FerryKnownFunc:
 * @peer: a full JID
 *
 * Returns: may @peer offer us files? Others get `service-unavailable`, and do not learn that we
 *   are there.
 */
typedef gboolean (*FerryKnownFunc) (FerryJid *peer, gpointer user_data);
/* Without it everybody may. */
void ferry_signalling_set_known_func (FerrySignalling *self,
                                      FerryKnownFunc func,
                                      gpointer user_data);
gboolean ferry_signalling_knows (FerrySignalling *self, FerryJid *peer);

/* However many protocols it comes by, no contact's offers may be a flood: 20 in 10 s of each,
 * 512 of all. One that has become a transfer does not count any more: a hundred small files
 * that our user wants are none. Returns: whether one more of @peer may be looked at; it then
 * counts */
gboolean ferry_signalling_take_offer (FerrySignalling *self, FerryJid *peer);
/* The same for what is no offer. Strangers have a limit of their own: few, and however many
 * they are, they leave room to the contacts. */
gboolean ferry_signalling_take_request (FerrySignalling *self, FerryJid *peer);

/* --- Encryption -----------------------------------------------------------------------------
 */

/**
 * FerryIdentityFunc:
 * @peer: a full JID
 * @offers: @peer offers a file to be encrypted; else we make an offer
 *
 * Returns: (transfer none) (nullable): our key inside a bytestream with @peer. %NULL: we have
 *   none; or, when we make the offer, @peer is not known to encrypt, or shall not
 */
typedef FerryTlsIdentity *(*FerryIdentityFunc) (FerryJid *peer,
                                                gboolean offers,
                                                gpointer user_data);
/* Without it nothing is encrypted, and offers that ask for it are refused. */
void ferry_signalling_set_identity_func (FerrySignalling *self,
                                         FerryIdentityFunc func,
                                         gpointer user_data);
/* (transfer none) (nullable) */
FerryTlsIdentity *
ferry_signalling_get_identity (FerrySignalling *self, FerryJid *peer, gboolean offers);

/* --- Sessions -------------------------------------------------------------------------------
 */

/* Holds @session, which has just begun, until it has "finished". */
void ferry_signalling_add_session (FerrySignalling *self, FerrySession *session);

G_END_DECLS
