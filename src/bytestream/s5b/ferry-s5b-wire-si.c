/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-s5b-wire-si.h"

#include "bytestream/s5b/ferry-s5b-values.h"
#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

/* Streamhosts have an order instead of priorities; and whatever it is, direct ways are better
 * than relays. */
#define PRIORITY_DIRECT 2000
#define PRIORITY_PROXY 1000

/* Of the iq. */
static const char *const types[] = {
  [FERRY_S5B_QUERY_OFFER] = "set",
  [FERRY_S5B_QUERY_USED] = "result",
  [FERRY_S5B_QUERY_REFUSED] = "error",
};

FerryS5bQuery *
ferry_s5b_query_new (FerryS5bQueryKind kind, const char *sid)
{
  FerryS5bQuery *self = g_new0 (FerryS5bQuery, 1);
  self->kind = kind;
  self->sid = g_strdup (sid);
  self->candidates = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_candidate_free);
  return self;
}

void
ferry_s5b_query_free (FerryS5bQuery *self)
{
  if (self == NULL)
    return;

  g_free (self->sid);
  g_free (self->dstaddr);
  g_ptr_array_unref (self->candidates);
  g_clear_pointer (&self->used, ferry_jid_unref);
  g_free (self);
}

/* --- Reading ---------------------------------------------------------------------------------
 */

/* Returns: (transfer full) (nullable): %NULL if a value is missing or bad */
static FerryCandidate *
parse_streamhost (const FerryNode *node, guint index, const FerryJid *from)
{
  const char *host = ferry_node_get_attr (node, "host");
  g_autoptr (FerryJid) jid = ferry_jid_new (ferry_node_get_attr (node, "jid"), NULL);
  guint16 port;

  if (jid == NULL || !ferry_s5b_is_host (host) ||
      ferry_node_get_attr (node, "zeroconf") != NULL ||
      !ferry_s5b_parse_port (ferry_node_get_attr (node, "port"), &port))
    return NULL;

  gboolean is_proxy = !ferry_jid_equal (jid, from) ||
                      ferry_node_get_child (node, "proxy", FERRY_NS_S5B_FAST) != NULL;
  g_autofree char *cid = g_strdup_printf ("streamhost-%u", index);
  return ferry_candidate_new (cid, host, port, jid,
                              (is_proxy ? PRIORITY_PROXY : PRIORITY_DIRECT) - index,
                              is_proxy ? FERRY_CANDIDATE_PROXY : FERRY_CANDIDATE_DIRECT);
}

static void
parse_streamhosts (FerryS5bQuery *self, const FerryNode *query, const FerryJid *from)
{
  guint n_proxies = 0;

  for (guint i = 0; i < ferry_node_get_n_children (query); i++)
    {
      const FerryNode *child = ferry_node_get_nth_child (query, i);
      if (self->candidates->len == FERRY_S5B_QUERY_MAX_CANDIDATES)
        return;
      if (!ferry_node_is (child, "streamhost", FERRY_NS_BYTESTREAMS))
        continue;

      g_autoptr (FerryCandidate) candidate =
          parse_streamhost (child, self->candidates->len, from);
      if (candidate == NULL)
        continue;
      if (ferry_candidate_is_proxy (candidate) && ++n_proxies > FERRY_S5B_QUERY_MAX_PROXIES)
        continue;
      g_ptr_array_add (self->candidates, g_steal_pointer (&candidate));
    }
}

const char *
ferry_s5b_query_get_sid (FerryNode *iq)
{
  const FerryNode *query = ferry_node_get_child (iq, "query", FERRY_NS_BYTESTREAMS);
  const char *sid = query != NULL ? ferry_node_get_attr (query, "sid") : NULL;
  return ferry_s5b_is_id (sid) ? sid : NULL;
}

static FerryS5bQuery *
parse_offer (FerryNode *iq, const FerryJid *from, GError **error)
{
  const FerryNode *query = ferry_node_get_child (iq, "query", FERRY_NS_BYTESTREAMS);
  const char *sid = ferry_s5b_query_get_sid (iq);

  if (sid == NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "a bytestream needs a sid");
      return NULL;
    }
  const char *mode = ferry_node_get_attr (query, "mode");
  if (mode != NULL && strcmp (mode, "tcp") != 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED,
                   "bytestreams other than TCP are not supported");
      return NULL;
    }

  const char *dstaddr = ferry_node_get_attr (query, "dstaddr");
  FerryS5bQuery *self = ferry_s5b_query_new (FERRY_S5B_QUERY_OFFER, sid);
  self->dstaddr = ferry_s5b_is_dstaddr (dstaddr) ? g_strdup (dstaddr) : NULL;
  self->has_fast = ferry_node_get_child (query, "fast", FERRY_NS_S5B_FAST) != NULL;
  parse_streamhosts (self, query, from);
  return self;
}

static FerryS5bQuery *
parse_used (FerryNode *iq)
{
  const FerryNode *query = ferry_node_get_child (iq, "query", FERRY_NS_BYTESTREAMS);
  const FerryNode *used =
      query != NULL ? ferry_node_get_child (query, "streamhost-used", FERRY_NS_BYTESTREAMS)
                    : NULL;
  FerryS5bQuery *self =
      ferry_s5b_query_new (FERRY_S5B_QUERY_USED, ferry_s5b_query_get_sid (iq));

  if (used != NULL)
    self->used = ferry_jid_new (ferry_node_get_attr (used, "jid"), NULL);
  return self;
}

static FerryS5bQuery *
parse_refused (FerryNode *iq)
{
  g_autoptr (GError) reason = ferry_stanza_error_parse (iq);
  FerryS5bQuery *self = ferry_s5b_query_new (FERRY_S5B_QUERY_REFUSED, NULL);
  self->condition = ferry_stanza_error_get_condition (reason);
  return self;
}

FerryS5bQuery *
ferry_s5b_query_parse (FerryNode *iq, const FerryJid *from, GError **error)
{
  g_return_val_if_fail (iq != NULL && from != NULL, NULL);

  const char *type = ferry_node_get_attr (iq, "type");
  if (g_strcmp0 (type, "result") == 0)
    return parse_used (iq);
  if (g_strcmp0 (type, "error") == 0)
    return parse_refused (iq);
  return parse_offer (iq, from, error);
}

/* --- Writing ---------------------------------------------------------------------------------
 */

/* Psi and Coccinella know a relay by its mark; the others do not look at it. */
static void
add_streamhost (FerryNode *query, const FerryCandidate *candidate)
{
  FerryNode *node = ferry_node_add (query, "streamhost", NULL, NULL);
  ferry_node_set_attrs (node, "jid", ferry_jid_get_text (candidate->jid), "host",
                        candidate->host, NULL);
  ferry_node_set_attr_uint (node, "port", candidate->port);
  if (ferry_candidate_is_proxy (candidate))
    ferry_node_add (node, "proxy", FERRY_NS_S5B_FAST, NULL);
}

static FerryNode *
make_query (const FerryS5bQuery *self)
{
  FerryNode *query = ferry_node_new ("query", FERRY_NS_BYTESTREAMS);
  ferry_node_set_attr (query, "sid", self->sid);
  if (self->kind == FERRY_S5B_QUERY_USED)
    {
      if (self->used != NULL)
        ferry_node_set_attr (ferry_node_add (query, "streamhost-used", NULL, NULL), "jid",
                             ferry_jid_get_text (self->used));
      return query;
    }

  ferry_node_set_attrs (query, "mode", "tcp", "dstaddr", self->dstaddr, NULL);
  for (guint i = 0; i < self->candidates->len; i++)
    add_streamhost (query, self->candidates->pdata[i]);
  if (self->has_fast)
    ferry_node_add (query, "fast", FERRY_NS_S5B_FAST, NULL);
  return query;
}

FerryNode *
ferry_s5b_query_to_node (const FerryS5bQuery *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  FerryNode *iq = ferry_node_new ("iq", FERRY_NS_CLIENT);
  ferry_node_set_attr (iq, "type", types[self->kind]);
  ferry_node_take_child (iq, self->kind == FERRY_S5B_QUERY_REFUSED
                                 ? ferry_stanza_error_to_node (self->condition, NULL)
                                 : make_query (self));
  return iq;
}

FerryNode *
ferry_s5b_refusal_to_node (FerryStanzaCondition condition)
{
  g_autoptr (FerryS5bQuery) query = ferry_s5b_query_new (FERRY_S5B_QUERY_REFUSED, NULL);
  query->condition = condition;
  return ferry_s5b_query_to_node (query);
}
