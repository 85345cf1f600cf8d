/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryNegotiator: one signalling protocol of one account: makes offers, receives offers. */
#pragma once

#include "signalling/ferry-session.h"

G_BEGIN_DECLS

#define FERRY_TYPE_NEGOTIATOR (ferry_negotiator_get_type ())
G_DECLARE_INTERFACE (FerryNegotiator, ferry_negotiator, FERRY, NEGOTIATOR, GObject)

/**
 * FerryNegotiatorInterface:
 * @offer: begin to offer a file; the session's signals tell the rest
 *
 * Signal "offer-received" (FerrySession *session): somebody offers us a file. Whoever handles
 * it must in the end accept, decline or cancel the session.
 */
struct _FerryNegotiatorInterface
{
  GTypeInterface parent_iface;

  FerrySession *(*offer) (FerryNegotiator *self,
                          FerryJid *peer,
                          FerryFileInfo *file,
                          FerryRoute routes);
};

/**
 * ferry_negotiator_offer:
 * @peer: a full JID
 * @file: what we offer; size known
 * @routes: which ways may be used
 *
 * Returns: (transfer full): a session in state OFFERED; nothing was sent yet when this returns
 */
FerrySession *ferry_negotiator_offer (FerryNegotiator *self,
                                      FerryJid *peer,
                                      FerryFileInfo *file,
                                      FerryRoute routes);

/* For implementations. */
void ferry_negotiator_emit_offer_received (FerryNegotiator *self, FerrySession *session);

G_END_DECLS
