/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryS5bService: what all SOCKS5 bytestreams of one account share: the one listener, the own
 * addresses, the proxies found, and the policy about which hosts may be dialled. */
#pragma once

#include <gio/gio.h>

#include "bytestream/s5b/ferry-candidate.h"
#include "xmpp/ferry-router.h"

G_BEGIN_DECLS

#define FERRY_TYPE_S5B_SERVICE (ferry_s5b_service_get_type ())
G_DECLARE_FINAL_TYPE (FerryS5bService, ferry_s5b_service, FERRY, S5B_SERVICE, GObject)

/**
 * ferry_s5b_service_new:
 * @router: the account's router
 * @port: TCP port to listen on, 0 for any
 * @allow_loopback: offer and dial loopback addresses; for tests only
 *
 * Listens at once, on both address families. A taken @port is no error: then only proxies are
 * offered and Ferry only connects out.
 */
FerryS5bService *
ferry_s5b_service_new (FerryRouter *router, guint16 port, gboolean allow_loopback);

/* Looks for proxies of the own domain (disco#items, disco#info, address query: XEP-0065 §4).
 * Called once after each new session, never during a transfer. */
void ferry_s5b_service_find_proxies (FerryS5bService *self);

/* Relays that the user named, besides those of the domain; nullable. Before the first search.
 */
void ferry_s5b_service_set_proxies (FerryS5bService *self, const char *const *jids);

/**
 * FerryS5bBackwardsFunc:
 * @peer: a full JID
 *
 * Returns: does @peer dial the last streamhost of a list first (XEP-0065 §5.3.2 wants the
 * first)?
 */
typedef gboolean (*FerryS5bBackwardsFunc) (FerryJid *peer, gpointer user_data);
/* Without it nobody does; nullable. */
void ferry_s5b_service_set_backwards_func (FerryS5bService *self,
                                           FerryS5bBackwardsFunc func,
                                           gpointer user_data);

G_END_DECLS
