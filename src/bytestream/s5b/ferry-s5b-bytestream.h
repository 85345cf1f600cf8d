/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryS5bBytestream: one SOCKS5 bytestream being negotiated and opened. It drives the pure
 * race (ferry-race.h) and the pure SOCKS5 machine with real sockets, and speaks to its twin
 * through a FerryLink. */
#pragma once

#include "bytestream/ferry-bytestream.h"
#include "bytestream/ferry-link.h"
#include "bytestream/s5b/ferry-s5b-service.h"

G_BEGIN_DECLS

/* On which signalling's rules the race runs. */
typedef enum
{
  FERRY_S5B_JINGLE,  /* XEP-0260: both sides dial, both report, higher priority wins */
  FERRY_S5B_SI,      /* XEP-0065: the target dials, the requester waits */
  FERRY_S5B_SI_FAST, /* the same with fast mode */
} FerryS5bDialect;

#define FERRY_TYPE_S5B_BYTESTREAM (ferry_s5b_bytestream_get_type ())
G_DECLARE_FINAL_TYPE (FerryS5bBytestream, ferry_s5b_bytestream, FERRY, S5B_BYTESTREAM, GObject)

/**
 * ferry_s5b_bytestream_new:
 * @service: shared parts
 * @dialect: whose rules
 * @link: to the twin
 * @is_initiator: are we the initiator of the Jingle session, or the requester of SI?
 * @own: our full JID in this exchange
 * @peer: the twin's full JID
 * @sid: the stream id (for Jingle the transport's, not the session's)
 * @routes: which of DIRECT, FAST, PROXY may be taken
 *
 * Registers the expected DST.ADDR values with the listener at once, so that a peer which dials
 * within milliseconds of the offer finds us.
 */
FerryS5bBytestream *ferry_s5b_bytestream_new (FerryS5bService *service,
                                              FerryS5bDialect dialect,
                                              FerryLink *link,
                                              gboolean is_initiator,
                                              FerryJid *own,
                                              FerryJid *peer,
                                              const char *sid,
                                              FerryRoute routes);

/* SI, requester, before opening: nothing will be sent on it, so that a target which says that
 * it is connected and is gone then has lost nothing. */
void ferry_s5b_bytestream_set_empty (FerryS5bBytestream *self, gboolean is_empty);

/**
 * ferry_s5b_bytestream_gather_async:
 *
 * Finds what we can offer: own addresses and proxies. Waits at most 3 s for a proxy look-up
 * that is still running, not at all otherwise. Remote candidates that are already known are
 * not offered again (XEP-0260 §2.2).
 */
void ferry_s5b_bytestream_gather_async (FerryS5bBytestream *self,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
/* Returns: (transfer container) (element-type FerryCandidate): best first, may be empty */
GPtrArray *ferry_s5b_bytestream_gather_finish (FerryS5bBytestream *self,
                                               GAsyncResult *result,
                                               GError **error);
/* The `dstaddr` to put beside our candidates: SHA-1 (sid + own + peer), lower-case hex. */
const char *ferry_s5b_bytestream_get_dstaddr (FerryS5bBytestream *self);

/**
 * ferry_s5b_bytestream_add_remote:
 * @candidates: (element-type FerryCandidate): offered by the twin, copied; may be called again
 *   while the race runs (XEP-0260 trickles with transport-info)
 * @dstaddr: (nullable): the value that came with them
 */
void ferry_s5b_bytestream_add_remote (FerryS5bBytestream *self,
                                      GPtrArray *candidates,
                                      const char *dstaddr);

/* ferry_bytestream_open_async() starts dialling: for Jingle once both sides' candidates are
 * known (the initiator on session-accept, the responder when it has sent it).
 *
 * For SI it does everything, gathering and the exchange of offers included: the requester calls
 * it when the peer has agreed, the target no later than it sends its agreement. The link is
 * listened to from construction. Opening fails with %FERRY_ERROR_UNREACHABLE when no connection
 * came about (both sides know it by then and may go on to in-band), with %FERRY_ERROR_DECLINED
 * when the target answered `forbidden`. A target that never gets an offer of streamhosts waits
 * 60 s; libpurple makes none when it has no address, and opens in-band at once.
 *
 * When opening has failed, or the bytestream is in use, late offers of the peer are still
 * answered, as long as it lives. */

/* Signal "note" (const char *text): one line for the connection timeline, in English, without
 * keys: "Trying 192.0.2.7 port 40211", "192.0.2.7 port 40211 did not answer (8.0 s)". */

G_END_DECLS
