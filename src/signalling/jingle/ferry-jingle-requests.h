/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryJingleRequests: asking for a file (XEP-0234 §4.1: the responder sends). A Ferry that is
 * asked answers by terminating with `alternative-session` (XEP-0166 §7.4) and makes an offer of
 * its own: so there is one way only in which files travel, whoever wanted it. */
#pragma once

#include "base/ferry-range.h"
#include "signalling/jingle/ferry-jingle-file.h"
#include "xmpp/ferry-router.h"

G_BEGIN_DECLS

#define FERRY_TYPE_JINGLE_REQUESTS (ferry_jingle_requests_get_type ())
G_DECLARE_FINAL_TYPE (
    FerryJingleRequests, ferry_jingle_requests, FERRY, JINGLE_REQUESTS, GObject)

/* Those of one account that wait for their answer. */
FerryJingleRequests *ferry_jingle_requests_new (FerryRouter *router);

/**
 * ferry_jingle_requests_send_async:
 * @peer: a full JID
 * @file: what we want: name, size, date and hash, as far as they are known
 * @range: the part of it
 */
void ferry_jingle_requests_send_async (FerryJingleRequests *self,
                                       FerryJid *peer,
                                       const FerryFileInfo *file,
                                       const FerryRange *range,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
/* %TRUE: the peer is about to offer it. @error: %FERRY_ERROR_PEER_STORAGE: it has not got it
 * (any more); %FERRY_ERROR_PAUSED, %FERRY_ERROR_GONE, …, %G_IO_ERROR_CANCELLED */
gboolean ferry_jingle_requests_send_finish (FerryJingleRequests *self,
                                            GAsyncResult *result,
                                            GError **error);

/* Is @sid a request of ours to @from that waits? */
gboolean
ferry_jingle_requests_expects (FerryJingleRequests *self, FerryJid *from, const char *sid);
/* An action that comes. Returns: was it about one of ours? Then it is answered. */
gboolean ferry_jingle_requests_handle (FerryJingleRequests *self,
                                       FerryNode *iq,
                                       FerryJid *from,
                                       const FerryJingleAction *action);

/**
 * ferry_jingle_request_parse:
 * @action: a session-initiate
 *
 * Returns: (transfer full) (nullable): the file that the peer asks us for; %NULL if it is no
 *   well-formed request for one file
 */
FerryFileInfo *ferry_jingle_request_parse (const FerryJingleAction *action);

G_END_DECLS
