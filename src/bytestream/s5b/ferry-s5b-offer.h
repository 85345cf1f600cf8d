/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which candidates we offer, and with what priorities: pure. */
#pragma once

#include "bytestream/s5b/ferry-candidate.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* At most so many candidates: iris reads no more of them. */
#define FERRY_S5B_OFFER_MAX 5
#define FERRY_S5B_OFFER_MAX_PROXIES 2

/**
 * ferry_s5b_offer_make:
 * @own: whose addresses these are
 * @addresses: (element-type GInetAddress) (nullable): where we can be reached, best first
 * @port: on which port
 * @proxies: (element-type FerryProxy) (nullable): our relays, best first
 * @remote: (element-type FerryCandidate): what the peer offers already; a (host, port) of it is
 *   not offered again (XEP-0260 §2.2), and none of its priorities is used
 * @is_initiator: decides where our local preferences begin
 *
 * Equal priorities on both sides must not happen: Dino resolves them the other way round. So
 * the two roles begin at different odd numbers and step by 13.
 *
 * Returns: (transfer full) (element-type FerryCandidate): best first
 */
GPtrArray *ferry_s5b_offer_make (FerryJid *own,
                                 GPtrArray *addresses,
                                 guint16 port,
                                 GPtrArray *proxies,
                                 GPtrArray *remote,
                                 gboolean is_initiator);

G_END_DECLS
