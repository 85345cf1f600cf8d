/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryDisco: says what we can do to those who may know, and finds out what others can do
 * (XEP-0030, XEP-0115). */
#pragma once

#include "xmpp/ferry-caps.h"
#include "xmpp/ferry-router.h"

G_BEGIN_DECLS

#define FERRY_TYPE_DISCO (ferry_disco_get_type ())
G_DECLARE_FINAL_TYPE (FerryDisco, ferry_disco, FERRY, DISCO, GObject)

/* Where people can read what our `node#ver` belongs to. */
#define FERRY_DISCO_NODE "https://ferry.example/caps"

/**
 * ferry_disco_new:
 * @router: the account's router
 * @own: what we say about ourselves
 * @cache_path: (nullable): file for what is learnt about others
 */
FerryDisco *ferry_disco_new (FerryRouter *router, FerryDiscoInfo *own, const char *cache_path);

/* Returns: (transfer full): the `<c/>` for our presence */
FerryNode *ferry_disco_make_caps (FerryDisco *self);

/**
 * FerryDiscoAllowFunc:
 * @from: who asks; never the own account or server, they are always answered
 *
 * Returns: may @from know that we are here and what we can do? Others get the answer they would
 *   get if we were not (RFC 6121 §8.5)
 */
typedef gboolean (*FerryDiscoAllowFunc) (FerryDisco *self, FerryJid *from, gpointer user_data);
/* Without a function nobody else is answered. */
void
ferry_disco_set_allow_func (FerryDisco *self, FerryDiscoAllowFunc func, gpointer user_data);

/**
 * ferry_disco_query_async:
 * @jid: a full address, or a service
 * @caps: (nullable): the mark in its presence
 *
 * Finds out what @jid can do: from the cache, or by asking it. Equal questions asked meanwhile
 * share one iq.
 */
void ferry_disco_query_async (FerryDisco *self,
                              FerryJid *jid,
                              const FerryCaps *caps,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* @error: of ferry_router_query_finish(), or %FERRY_ERROR_PROTOCOL. Returns: (transfer full) */
FerryDiscoInfo *
ferry_disco_query_finish (FerryDisco *self, GAsyncResult *result, GError **error);
/* What is known without asking. (nullable) (transfer none) */
FerryDiscoInfo *
ferry_disco_lookup (FerryDisco *self, const FerryJid *jid, const FerryCaps *caps);
/* @jid went: forgets what only it has said, and gives up asking it, with %FERRY_ERROR_GONE.
 * When it comes back it is another device, even if it looks the same. */
void ferry_disco_forget (FerryDisco *self, const FerryJid *jid);

G_END_DECLS
