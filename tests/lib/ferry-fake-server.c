/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an XMPP server does with a stanza (RFC 6121 §8), as far as file transfer needs it. */
#include "ferry-fake-net-private.h"

#include "xmpp/ferry-ns.h"

#include <string.h>

static FakeEndpoint *
find_online (FerryFakeNet *net, const FerryJid *full)
{
  GPtrArray *endpoints = fake_net_get_endpoints (net);
  for (guint i = 0; i < endpoints->len; i++)
    {
      FakeEndpoint *endpoint = endpoints->pdata[i];
      if (ferry_jid_equal (endpoint->jid, full))
        return endpoint->state == FERRY_STREAM_ONLINE ||
                       endpoint->state == FERRY_STREAM_INTERRUPTED
                   ? endpoint
                   : NULL;
    }
  return NULL;
}

static gboolean
is_known_domain (FerryFakeNet *net, const char *domain)
{
  GPtrArray *endpoints = fake_net_get_endpoints (net);
  for (guint i = 0; i < endpoints->len; i++)
    if (strcmp (ferry_jid_get_domain (((FakeEndpoint *) endpoints->pdata[i])->jid), domain) ==
        0)
      return TRUE;
  return FALSE;
}

/* --- Presence --------------------------------------------------------------------------------
 */

static void
deliver_presence (FakeEndpoint *from, FakeEndpoint *to, const FerryNode *presence)
{
  FerryNode *copy = ferry_node_copy (presence);
  ferry_node_set_attrs (copy, "from", ferry_jid_get_text (from->jid), "to",
                        ferry_jid_get_text (to->jid), NULL);
  fake_net_deliver (to, copy);
}

static void
broadcast (FakeEndpoint *sender, const FerryNode *presence)
{
  GPtrArray *endpoints = fake_net_get_endpoints (sender->net);
  for (guint i = 0; i < endpoints->len; i++)
    {
      FakeEndpoint *endpoint = endpoints->pdata[i];
      if (endpoint->presence != NULL)
        deliver_presence (sender, endpoint, presence);
    }
}

void
fake_server_withdraw_presence (FakeEndpoint *endpoint)
{
  if (endpoint->presence == NULL)
    return;
  g_clear_pointer (&endpoint->presence, ferry_node_unref);
  g_autoptr (FerryNode) gone = ferry_node_new ("presence", FERRY_NS_CLIENT);
  ferry_node_set_attr (gone, "type", "unavailable");
  broadcast (endpoint, gone);
}

static void
route_broadcast (FakeEndpoint *sender, FerryNode *presence)
{
  const char *type = ferry_node_get_attr (presence, "type");

  if (g_strcmp0 (type, "unavailable") == 0)
    {
      fake_server_withdraw_presence (sender);
      return;
    }
  if (type != NULL)
    return;

  gboolean is_initial = sender->presence == NULL;
  g_clear_pointer (&sender->presence, ferry_node_unref);
  sender->presence = ferry_node_ref (presence);
  broadcast (sender, presence);

  GPtrArray *endpoints = fake_net_get_endpoints (sender->net);
  for (guint i = 0; is_initial && i < endpoints->len; i++)
    {
      FakeEndpoint *other = endpoints->pdata[i];
      if (other != sender && other->presence != NULL)
        deliver_presence (other, sender, other->presence);
    }
}

/* --- Requests to the server itself -----------------------------------------------------------
 */

static void
answer (FakeEndpoint *asker,
        FerryNode *request,
        const char *from,
        const char *type,
        FerryNode *payload)
{
  FerryNode *iq = ferry_node_new ("iq", FERRY_NS_CLIENT);
  ferry_node_set_attrs (iq, "type", type, "id", ferry_node_get_attr (request, "id"), "from",
                        from, "to", ferry_jid_get_text (asker->jid), NULL);
  if (payload != NULL)
    ferry_node_take_child (iq, payload);
  fake_net_deliver (asker, iq);
}

static void
refuse (FakeEndpoint *asker,
        FerryNode *request,
        const char *from,
        FerryStanzaCondition condition)
{
  const char *type = ferry_node_get_attr (request, "type");
  if (ferry_node_is (request, "iq", NULL) &&
      (g_strcmp0 (type, "get") == 0 || g_strcmp0 (type, "set") == 0))
    answer (asker, request, from, "error", ferry_stanza_error_to_node (condition, NULL));
}

static FerryNode *
make_roster (FakeEndpoint *asker)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *endpoints = fake_net_get_endpoints (asker->net);
  FerryNode *query = ferry_node_new ("query", FERRY_NS_ROSTER);

  g_hash_table_add (seen, (gpointer) ferry_jid_get_bare (asker->jid));
  for (guint i = 0; i < endpoints->len; i++)
    {
      const FerryJid *jid = ((FakeEndpoint *) endpoints->pdata[i])->jid;
      if (!g_hash_table_add (seen, (gpointer) ferry_jid_get_bare (jid)))
        continue;
      FerryNode *item = ferry_node_add (query, "item", NULL, NULL);
      ferry_node_set_attrs (item, "jid", ferry_jid_get_bare (jid), "subscription", "both",
                            NULL);
    }
  return query;
}

static FerryNode *
make_info (const char *category,
           const char *type,
           const char *name,
           const char *const *features)
{
  FerryNode *query = ferry_node_new ("query", FERRY_NS_DISCO_INFO);
  FerryNode *identity = ferry_node_add (query, "identity", NULL, NULL);
  ferry_node_set_attrs (identity, "category", category, "type", type, "name", name, NULL);
  for (guint i = 0; features[i] != NULL; i++)
    ferry_node_set_attr (ferry_node_add (query, "feature", NULL, NULL), "var", features[i]);
  return query;
}

static FerryNode *
make_server_items (FerryFakeNet *net, const char *domain)
{
  FerryNode *query = ferry_node_new ("query", FERRY_NS_DISCO_ITEMS);
  g_autofree char *suffix = g_strconcat (".", domain, NULL);
  GHashTableIter iter;
  gpointer jid;

  g_hash_table_iter_init (&iter, fake_net_get_proxies (net));
  while (g_hash_table_iter_next (&iter, &jid, NULL))
    if (g_str_has_suffix (jid, suffix))
      ferry_node_set_attr (ferry_node_add (query, "item", NULL, NULL), "jid", jid);
  return query;
}

/* @from: the domain, or the bare address of the account that is spoken for */
static void
serve (FakeEndpoint *asker, FerryNode *request, const char *from, gboolean is_domain)
{
  static const char *const server_features[] = { FERRY_NS_DISCO_INFO, FERRY_NS_DISCO_ITEMS,
                                                 FERRY_NS_PING, NULL };
  const FerryNode *payload = ferry_node_get_child (request, NULL, NULL);
  gboolean is_get = g_strcmp0 (ferry_node_get_attr (request, "type"), "get") == 0;

  if (is_get && ferry_node_is (payload, "ping", FERRY_NS_PING))
    answer (asker, request, from, "result", NULL);
  else if (is_get && !is_domain && ferry_node_is (payload, "query", FERRY_NS_ROSTER))
    answer (asker, request, from, "result", make_roster (asker));
  else if (is_get && ferry_node_is (payload, "query", FERRY_NS_DISCO_INFO))
    answer (asker, request, from, "result",
            is_domain ? make_info ("server", "im", "Fake", server_features)
                      : make_info ("account", "registered", NULL, server_features));
  else if (is_get && ferry_node_is (payload, "query", FERRY_NS_DISCO_ITEMS))
    answer (asker, request, from, "result",
            is_domain ? make_server_items (asker->net, from)
                      : ferry_node_new ("query", FERRY_NS_DISCO_ITEMS));
  else
    refuse (asker, request, from, FERRY_STANZA_SERVICE_UNAVAILABLE);
}

static void
serve_proxy (FakeEndpoint *asker, FerryNode *request, const char *from, const FakeProxy *proxy)
{
  static const char *const proxy_features[] = { FERRY_NS_DISCO_INFO, FERRY_NS_BYTESTREAMS,
                                                NULL };
  const FerryNode *query = ferry_node_get_child (request, "query", NULL);

  if (ferry_node_is (query, NULL, FERRY_NS_DISCO_INFO))
    {
      answer (asker, request, from, "result",
              make_info ("proxy", "bytestreams", "SOCKS5 proxy", proxy_features));
      return;
    }
  if (!ferry_node_is (query, NULL, FERRY_NS_BYTESTREAMS))
    {
      refuse (asker, request, from, FERRY_STANZA_SERVICE_UNAVAILABLE);
      return;
    }

  FerryNode *payload = NULL;
  FerryStanzaCondition condition = FERRY_STANZA_UNDEFINED_CONDITION;
  if (proxy->func (request, &payload, &condition, proxy->user_data))
    answer (asker, request, from, "result", payload);
  else
    refuse (asker, request, from, condition);
}

/* --- Where to --------------------------------------------------------------------------------
 */

static void
route_message_to_account (FakeEndpoint *sender, FerryNode *message, const FerryJid *bare)
{
  GPtrArray *endpoints = fake_net_get_endpoints (sender->net);
  for (guint i = 0; i < endpoints->len; i++)
    {
      FakeEndpoint *endpoint = endpoints->pdata[i];
      if (endpoint->presence != NULL && ferry_jid_equal_bare (endpoint->jid, bare))
        fake_net_deliver (endpoint, ferry_node_ref (message));
    }
}

static void
route_to (FakeEndpoint *sender, FerryNode *stanza, const FerryJid *to)
{
  const char *text = ferry_jid_get_text (to);
  FakeEndpoint *target = find_online (sender->net, to);

  if (target != NULL)
    {
      fake_net_deliver (target, ferry_node_ref (stanza));
      return;
    }
  if (ferry_node_is (stanza, "message", NULL) && ferry_jid_is_bare (to))
    {
      route_message_to_account (sender, stanza, to);
      return;
    }
  if (fake_net_intercept (sender->net, stanza) || !ferry_node_is (stanza, "iq", NULL))
    return;

  const FakeProxy *proxy = g_hash_table_lookup (fake_net_get_proxies (sender->net), text);
  if (proxy != NULL)
    serve_proxy (sender, stanza, text, proxy);
  else if (!is_known_domain (sender->net, ferry_jid_get_domain (to)))
    refuse (sender, stanza, text, FERRY_STANZA_REMOTE_SERVER_NOT_FOUND);
  else if (ferry_jid_get_local (to) == NULL && ferry_jid_is_bare (to))
    serve (sender, stanza, text, TRUE);
  else if (ferry_jid_is_bare (to) && ferry_jid_equal_bare (to, sender->jid))
    serve (sender, stanza, text, FALSE);
  else
    refuse (sender, stanza, text, FERRY_STANZA_SERVICE_UNAVAILABLE);
}

void
fake_server_route (FakeEndpoint *sender, FerryNode *stanza)
{
  const char *raw_to = ferry_node_get_attr (stanza, "to");
  g_autoptr (FerryJid) to = raw_to != NULL ? ferry_jid_new (raw_to, NULL) : NULL;
  g_autoptr (FerryNode) stamped = ferry_node_copy (stanza);
  ferry_node_set_attr (stamped, "from", ferry_jid_get_text (sender->jid));

  if (raw_to != NULL && to == NULL)
    refuse (sender, stamped, raw_to, FERRY_STANZA_JID_MALFORMED);
  else if (to != NULL)
    route_to (sender, stamped, to);
  else if (ferry_node_is (stamped, "presence", NULL))
    route_broadcast (sender, stamped);
  else if (ferry_node_is (stamped, "iq", NULL) && !fake_net_intercept (sender->net, stamped))
    serve (sender, stamped, NULL, FALSE);
}
