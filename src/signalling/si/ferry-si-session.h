/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySiSession: drives a FerrySiMachine. It owns what the machine must not have: the router,
 * a timer, the offer that waits for its answer, and the bytestreams; and it is the link over
 * which that of SOCKS5 talks to its twin. */
#pragma once

#include "signalling/ferry-signalling.h"
#include "signalling/si/ferry-si-end.h"
#include "signalling/si/ferry-si-machine.h"

G_BEGIN_DECLS

#define FERRY_TYPE_SI_SESSION (ferry_si_session_get_type ())
G_DECLARE_FINAL_TYPE (FerrySiSession, ferry_si_session, FERRY, SI_SESSION, FerrySession)

/* Signal "finished": ended, and nothing is left to be said; the stream id may be forgotten. */

/**
 * ferry_si_session_new_offer:
 * @routes: allowed by the user
 * @sid: (nullable): of the stream, if it was agreed before; 1 to 256 bytes
 *
 * Begins in the next turn of the main context; nothing is sent before. If there are too many
 * sessions already it ends with %FERRY_ERROR_BUSY.
 */
FerrySiSession *ferry_si_session_new_offer (FerrySignalling *signalling,
                                            FerryJid *peer,
                                            FerryFileInfo *file,
                                            FerryRoute routes,
                                            const char *sid);
/* @own: (nullable): our key, if the offer asks for one. @request: will be answered when our
 * user has decided. @offer: (transfer full): what is in it */
FerrySiSession *ferry_si_session_new_offered (FerrySignalling *signalling,
                                              FerryJid *peer,
                                              FerryTlsIdentity *own,
                                              FerryNode *request,
                                              FerrySiOffer *offer);

/* Is @offer the same file again, in-band only, after SOCKS5 has failed? */
gboolean ferry_si_session_expects (FerrySiSession *self, const FerrySiOffer *offer);
/* Takes it without a question; answers @request. */
void ferry_si_session_take_second (FerrySiSession *self,
                                   FerryNode *request,
                                   const FerrySiOffer *offer);
/* A request of the peer about the SOCKS5 stream; answers @request. */
void ferry_si_session_take_query (FerrySiSession *self, FerryNode *request);
/* The peer's last word. */
void ferry_si_session_take_end (FerrySiSession *self, const FerrySiEnd *end);

G_END_DECLS
