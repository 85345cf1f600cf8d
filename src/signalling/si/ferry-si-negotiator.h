/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySiNegotiator: all files of one account that are offered by stream initiation (XEP-0095,
 * XEP-0096). */
#pragma once

#include "signalling/ferry-negotiator.h"
#include "signalling/ferry-signalling.h"

G_BEGIN_DECLS

#define FERRY_TYPE_SI_NEGOTIATOR (ferry_si_negotiator_get_type ())
G_DECLARE_FINAL_TYPE (FerrySiNegotiator, ferry_si_negotiator, FERRY, SI_NEGOTIATOR, GObject)

/**
 * ferry_si_negotiator_new:
 *
 * All requests in `http://jabber.org/protocol/si` and `http://jabber.org/protocol/bytestreams`
 * are answered from now on.
 */
FerrySiNegotiator *ferry_si_negotiator_new (FerrySignalling *signalling);

/**
 * ferry_si_negotiator_offer_as:
 * @peer: a full JID
 * @sid: the id of the stream, which the peer expects (XEP-0137 §3.3)
 *
 * As ferry_negotiator_offer() in everything else.
 *
 * Returns: (transfer full): a session in state OFFERED
 */
FerrySession *ferry_si_negotiator_offer_as (FerrySiNegotiator *self,
                                            FerryJid *peer,
                                            FerryFileInfo *file,
                                            FerryRoute routes,
                                            const char *sid);
/**
 * FerrySiTakeFunc:
 * @session: an offer that has just come
 *
 * Returns: %TRUE if it was asked for, and is answered without "offer-received"
 */
typedef gboolean (*FerrySiTakeFunc) (FerrySession *session, gpointer user_data);
/* Who sees offers first; nullable. */
void ferry_si_negotiator_set_take_func (FerrySiNegotiator *self,
                                        FerrySiTakeFunc func,
                                        gpointer user_data);

G_END_DECLS
