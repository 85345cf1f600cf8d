/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryJingleNegotiator: all Jingle file sessions of one account (XEP-0166, XEP-0234). */
#pragma once

#include "signalling/ferry-negotiator.h"
#include "signalling/ferry-signalling.h"
#include "signalling/jingle/ferry-jingle-requests.h"

G_BEGIN_DECLS

#define FERRY_TYPE_JINGLE_NEGOTIATOR (ferry_jingle_negotiator_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryJingleNegotiator, ferry_jingle_negotiator, FERRY, JINGLE_NEGOTIATOR, GObject)

/**
 * ferry_jingle_negotiator_new:
 *
 * All requests in `urn:xmpp:jingle:1` are answered from now on.
 */
FerryJingleNegotiator *ferry_jingle_negotiator_new (FerrySignalling *signalling);

/**
 * FerryJingleFeatureFunc:
 * @peer: a full JID
 * @feature: a namespace
 *
 * Asked when we make an offer, for `urn:xmpp:jingle:transports:s5b:1` and `…:ibb:1`.
 *
 * Returns: %FALSE if it is known that @peer lacks @feature. What is not known is tried.
 */
typedef gboolean (*FerryJingleFeatureFunc) (FerryJid *peer,
                                            const char *feature,
                                            gpointer user_data);
/* Without it everything is tried. */
void ferry_jingle_negotiator_set_feature_func (FerryJingleNegotiator *self,
                                               FerryJingleFeatureFunc func,
                                               gpointer user_data);

/* What becomes of a peer's request for a file. */
typedef enum
{
  FERRY_JINGLE_REQUEST_REFUSED, /* there is no such file for this peer */
  FERRY_JINGLE_REQUEST_PAUSED,  /* there is, but our user has paused it */
  FERRY_JINGLE_REQUEST_TAKEN,   /* it will be offered, in a session of its own */
} FerryJingleRequestAnswer;

/**
 * FerryJingleRequestFunc:
 * @peer: a full JID
 * @file: what it asks for
 */
typedef FerryJingleRequestAnswer (*FerryJingleRequestFunc) (FerryJid *peer,
                                                            const FerryFileInfo *file,
                                                            gpointer user_data);
/* Without it there is nothing to be had from us. */
void ferry_jingle_negotiator_set_request_func (FerryJingleNegotiator *self,
                                               FerryJingleRequestFunc func,
                                               gpointer user_data);
/* To ask peers for files ourselves. (transfer none) */
FerryJingleRequests *ferry_jingle_negotiator_get_requests (FerryJingleNegotiator *self);

/* Sessions that are kept, those included that only wait for the answer to their last word. */
guint ferry_jingle_negotiator_get_n_sessions (FerryJingleNegotiator *self);

G_END_DECLS
