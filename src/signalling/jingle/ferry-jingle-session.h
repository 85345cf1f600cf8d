/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryJingleSession: drives a FerryJingleMachine. It owns what the machine must not have: the
 * router, a timer, the bytestream of the moment; and it is the link over which that one talks
 * to its twin, in transport-info. */
#pragma once

#include "signalling/ferry-signalling.h"
#include "signalling/jingle/ferry-jingle-event.h"

G_BEGIN_DECLS

#define FERRY_TYPE_JINGLE_SESSION (ferry_jingle_session_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryJingleSession, ferry_jingle_session, FERRY, JINGLE_SESSION, FerrySession)

/* Signal "finished": ended, and everything that was sent is answered; the session id may be
 * forgotten. */

/**
 * ferry_jingle_session_new_offer:
 * @routes: allowed by the user
 * @peer_routes: what the peer can do, as far as is known
 *
 * Begins in the next turn of the main context; nothing is sent before. If there are too many
 * sessions already it ends with %FERRY_ERROR_BUSY.
 */
FerryJingleSession *ferry_jingle_session_new_offer (FerrySignalling *signalling,
                                                    FerryJid *peer,
                                                    FerryFileInfo *file,
                                                    FerryRoute routes,
                                                    FerryRoute peer_routes);
/* @own: (nullable): our key, if the offer asks for one. @offer: (transfer full): was
 * acknowledged
 */
FerryJingleSession *ferry_jingle_session_new_offered (FerrySignalling *signalling,
                                                      FerryJid *peer,
                                                      FerryTlsIdentity *own,
                                                      const char *sid,
                                                      FerryJingleOffer *offer);

/* An action of the peer; answers @request. */
void ferry_jingle_session_handle (FerryJingleSession *self,
                                  FerryNode *request,
                                  const FerryJingleAction *action);
/* Is @offer the same file again, after SOCKS5 has failed? */
gboolean ferry_jingle_session_expects (FerryJingleSession *self, const FerryJingleOffer *offer);
/* Takes it without a question; answers @request. @offer: (transfer full) */
void ferry_jingle_session_take_second (FerryJingleSession *self,
                                       FerryNode *request,
                                       const char *sid,
                                       FerryJingleOffer *offer);

G_END_DECLS
