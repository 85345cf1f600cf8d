/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySipubSession: one published file, at its owner or at whoever may ask for it (XEP-0137).
 * It is an ordinary session that waits in OFFERED: at the owner until the contact asks, at the
 * contact until our user accepts. Then a session of stream initiation does the work, and this
 * one says what that one says.
 *
 *   owner:  published ── <start/> ──→ joined
 *   asker:  published ── accept ──→ asking ── <starting/> ──→ expecting ── <si/> ──→ joined
 */
#pragma once

#include "signalling/si/ferry-si-negotiator.h"
#include "signalling/si/ferry-sipub.h"

G_BEGIN_DECLS

#define FERRY_TYPE_SIPUB_SESSION (ferry_sipub_session_get_type ())
G_DECLARE_FINAL_TYPE (
    FerrySipubSession, ferry_sipub_session, FERRY, SIPUB_SESSION, FerrySession)

/* What FerrySession calls the signalling of such a session. */
#define FERRY_SIPUB_SIGNALLING "sipub"

/* We are the owner: @contact, a bare JID, may ask. Says nothing yet. */
FerrySipubSession *ferry_sipub_session_new_own (FerryRouter *router,
                                                FerrySiNegotiator *si,
                                                FerryJid *contact,
                                                FerryFileInfo *file,
                                                FerryRoute routes);
/* Returns: (transfer full): what is to be announced */
FerryNode *ferry_sipub_session_make_announcement (FerrySipubSession *self);
/**
 * ferry_sipub_session_start:
 * @self: our own
 * @request: a `<start/>` for it; answered here
 * @from: who asks; one of those who may
 *
 * Begins the offer. It is for one time: another question is refused.
 */
void ferry_sipub_session_start (FerrySipubSession *self, FerryNode *request, FerryJid *from);

/**
 * FerrySipubFindFunc:
 * @owner: bare
 *
 * Returns: (transfer full) (nullable): the device of @owner to ask
 */
typedef FerryJid *(*FerrySipubFindFunc) (FerryJid *owner, gpointer user_data);

/**
 * ferry_sipub_session_new_found:
 * @owner: of @sipub; if it is bare, @find knows the device
 * @sipub: (transfer full): what @owner has published
 * @find: called when our user accepts; the session must not outlive @user_data
 */
FerrySipubSession *ferry_sipub_session_new_found (FerryRouter *router,
                                                  FerryJid *owner,
                                                  FerrySipub *sipub,
                                                  FerrySipubFindFunc find,
                                                  gpointer user_data);
/**
 * ferry_sipub_session_take:
 * @offer: an offer that has come
 *
 * Returns: %TRUE if that is the file we have asked for; then it is accepted
 */
gboolean ferry_sipub_session_take (FerrySipubSession *self, FerrySession *offer);

G_END_DECLS
