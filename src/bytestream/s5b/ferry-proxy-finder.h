/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryProxyFinder: looks for the SOCKS5 relays of the own domain (XEP-0065 §4), asks those
 * that the user named for their address, and remembers them. It searches again by itself while
 * the account is online. Signal "done": a search has ended. */
#pragma once

#include "base/ferry-jid.h"
#include "xmpp/ferry-router.h"

G_BEGIN_DECLS

/* A relay and where it listens. */
typedef struct
{
  FerryJid *jid;
  char *host;
  guint16 port;
} FerryProxy;

#define FERRY_TYPE_PROXY_FINDER (ferry_proxy_finder_get_type ())
G_DECLARE_FINAL_TYPE (FerryProxyFinder, ferry_proxy_finder, FERRY, PROXY_FINDER, GObject)

FerryProxyFinder *ferry_proxy_finder_new (FerryRouter *router);
/* Relays of the user's own choice, asked first. @jids: (nullable): what is no address is left
 * out. For the next search. */
void ferry_proxy_finder_set_chosen (FerryProxyFinder *self, const char *const *jids);
/* How long what was found is fresh, for tests; 6 hours, and 30 minutes after a search with
 * errors or without a relay. */
void ferry_proxy_finder_set_freshness (FerryProxyFinder *self, gint64 good_us, gint64 poor_us);
/* Searches, unless it does so already or what it knows is fresh, and of this session. */
void ferry_proxy_finder_find (FerryProxyFinder *self);
gboolean ferry_proxy_finder_is_busy (FerryProxyFinder *self);
/* Returns: (transfer none) (element-type FerryProxy): what is known, in the server's order */
GPtrArray *ferry_proxy_finder_get_proxies (FerryProxyFinder *self);
/**
 * ferry_proxy_finder_look_up_async:
 * @jid: of what somebody else calls a relay
 *
 * Asks it where it listens, unless that is known: whoever offers a relay may name any address
 * for it, but only the relay can answer for its JID. Devices of people are none.
 */
void ferry_proxy_finder_look_up_async (FerryProxyFinder *self,
                                       FerryJid *jid,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
/* Returns: (transfer full) (nullable). @error: %FERRY_ERROR_FORBIDDEN: it is no relay, and
 * those of ferry_router_query_finish() */
FerryProxy *ferry_proxy_finder_look_up_finish (FerryProxyFinder *self,
                                               GAsyncResult *result,
                                               GError **error);

/* Does @jid belong to @domain or to a part of it? */
gboolean ferry_proxy_is_in_domain (const FerryJid *jid, const char *domain);
/* Reads the answer of the relay @asked to the address query.
 * Returns: (transfer full) (nullable): its first usable address */
FerryProxy *ferry_proxy_parse (const FerryNode *query, const FerryJid *asked);
void ferry_proxy_free (FerryProxy *proxy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryProxy, ferry_proxy_free)

G_END_DECLS
