/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what a peer wrote to what the machine understands: an action of a session becomes an
 * event, and a first session-initiate becomes an offer or a refusal. */
#pragma once

#include "signalling/jingle/ferry-jingle-file.h"
#include "signalling/jingle/ferry-jingle-machine.h"

G_BEGIN_DECLS

/**
 * ferry_jingle_event_init_from_action:
 * @self: (out caller-allocates): the event; borrows from @action
 * @action: what the peer sent
 * @machine: the session's machine
 * @content: name of our content (its creator is the initiator)
 * @file: what the session is about
 * @s5b_sid: (nullable): stream id of our SOCKS5 transport
 *
 * Says what @action means for the session. What does not fit the session is an event too.
 */
void ferry_jingle_event_init_from_action (FerryJingleEvent *self,
                                          const FerryJingleAction *action,
                                          const FerryJingleMachine *machine,
                                          const char *content,
                                          const FerryFileInfo *file,
                                          const char *s5b_sid);

/* A session-initiate that we can take, or why not. */
typedef struct
{
  char *content;     /* name of the one content that we take */
  GPtrArray *others; /* names (char *) of those we do not */
  FerryFileInfo *file;
  FerrySecurity security; /* NONE or TLS */
  FerryJingleIbb *ibb;    /* nullable; exactly one of the two */
  FerryJingleS5b *s5b;    /* nullable */
} FerryJingleOffer;

/**
 * ferry_jingle_offer_parse:
 * @action: a session-initiate
 * @refusal: (out): set if the offer is well-formed, but not for us: acknowledge it, then
 *   terminate with this reason; else %FERRY_JINGLE_REASON_NONE
 * @refusal_extra: (out) (nullable) (transfer full): application-specific child of the reason
 * @error: %FERRY_ERROR_PROTOCOL if it is malformed: `bad-request`
 *
 * Returns: (transfer full) (nullable): %NULL if @refusal or @error is set
 */
FerryJingleOffer *ferry_jingle_offer_parse (const FerryJingleAction *action,
                                            FerryJingleReason *refusal,
                                            FerryNode **refusal_extra,
                                            GError **error);
void ferry_jingle_offer_free (FerryJingleOffer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryJingleOffer, ferry_jingle_offer_free)

G_END_DECLS
