/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySipubNegotiator: files that wait at their owner until somebody asks (XEP-0137), those of
 * one account and those that its contacts have announced to it.
 *
 * Signal "offer-received" (FerrySession *session): a contact has announced a file. Accepting
 * the session asks for it; declining says nothing to anybody. */
#pragma once

#include "signalling/si/ferry-sipub-session.h"

G_BEGIN_DECLS

#define FERRY_TYPE_SIPUB_NEGOTIATOR (ferry_sipub_negotiator_get_type ())
G_DECLARE_FINAL_TYPE (
    FerrySipubNegotiator, ferry_sipub_negotiator, FERRY, SIPUB_NEGOTIATOR, GObject)

/**
 * ferry_sipub_negotiator_new:
 * @si: does the work; its offers are looked at from now on
 * @find: the device to ask, when only a contact is known
 * @user_data: for @find; must outlive the negotiator
 *
 * Only those whom @signalling knows may ask and announce; to others we are not there.
 */
FerrySipubNegotiator *ferry_sipub_negotiator_new (FerrySignalling *signalling,
                                                  FerrySiNegotiator *si,
                                                  FerrySipubFindFunc find,
                                                  gpointer user_data);
/**
 * ferry_sipub_negotiator_publish:
 * @contact: who may ask, with any device; is told in a message
 * @file: what is offered then; size known
 *
 * Good for one time and 7 days, and as long as the session is not cancelled.
 *
 * Returns: (transfer full): a session in state OFFERED
 */
FerrySession *ferry_sipub_negotiator_publish (FerrySipubNegotiator *self,
                                              FerryJid *contact,
                                              FerryFileInfo *file,
                                              FerryRoute routes);

G_END_DECLS
