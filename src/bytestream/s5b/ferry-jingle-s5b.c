/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-jingle-s5b.h"

#include "base/ferry-decimal.h"
#include "bytestream/s5b/ferry-s5b-values.h"
#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

/* XEP-0260 has none; Gajim and Dino take the port of SOCKS when the attribute is missing. */
#define DEFAULT_PORT "1080"

static const char *const type_names[] = {
  [FERRY_CANDIDATE_DIRECT] = "direct",
  [FERRY_CANDIDATE_ASSISTED] = "assisted",
  [FERRY_CANDIDATE_TUNNEL] = "tunnel",
  [FERRY_CANDIDATE_PROXY] = "proxy",
};

static const struct
{
  FerryJingleS5bReport report;
  const char *name;
  gboolean names_candidate;
} reports[] = {
  { FERRY_JINGLE_S5B_USED, "candidate-used", TRUE },
  { FERRY_JINGLE_S5B_ERROR, "candidate-error", FALSE },
  { FERRY_JINGLE_S5B_ACTIVATED, "activated", TRUE },
  { FERRY_JINGLE_S5B_PROXY_ERROR, "proxy-error", FALSE },
};

FerryJingleS5b *
ferry_jingle_s5b_new (const char *sid)
{
  FerryJingleS5b *self = g_new0 (FerryJingleS5b, 1);
  self->sid = g_strdup (sid);
  self->candidates = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_candidate_free);
  return self;
}

void
ferry_jingle_s5b_free (FerryJingleS5b *self)
{
  if (self == NULL)
    return;

  g_free (self->sid);
  g_free (self->dstaddr);
  g_ptr_array_unref (self->candidates);
  g_free (self->cid);
  g_free (self);
}

/* --- Reading ---------------------------------------------------------------------------------
 */

static gboolean
parse_type (const char *name, FerryCandidateType *out)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_names); i++)
    if (name == NULL || strcmp (name, type_names[i]) == 0)
      {
        *out = (FerryCandidateType) i;
        return TRUE;
      }
  return FALSE;
}

/* Returns: (transfer full) (nullable): %NULL if a value is missing or bad */
static FerryCandidate *
parse_candidate (const FerryNode *node)
{
  const char *cid = ferry_node_get_attr (node, "cid");
  const char *host = ferry_node_get_attr (node, "host");
  const char *port_text = ferry_node_get_attr (node, "port");
  g_autoptr (FerryJid) jid = ferry_jid_new (ferry_node_get_attr (node, "jid"), NULL);
  FerryCandidateType type;
  guint16 port;
  guint64 priority;

  if (!ferry_s5b_is_id (cid) || !ferry_s5b_is_host (host) || jid == NULL ||
      !parse_type (ferry_node_get_attr (node, "type"), &type))
    return NULL;
  if (!ferry_s5b_parse_port (port_text != NULL ? port_text : DEFAULT_PORT, &port))
    return NULL;
  if (!ferry_decimal_parse (ferry_node_get_attr (node, "priority"), G_MAXINT32, &priority) ||
      priority == 0)
    return NULL;
  return ferry_candidate_new (cid, host, port, jid, (guint32) priority, type);
}

static gboolean
has_cid (GPtrArray *candidates, const char *cid)
{
  for (guint i = 0; i < candidates->len; i++)
    if (strcmp (((const FerryCandidate *) candidates->pdata[i])->cid, cid) == 0)
      return TRUE;
  return FALSE;
}

static void
parse_candidates (FerryJingleS5b *self, const FerryNode *transport)
{
  guint n_proxies = 0;

  for (guint i = 0; i < ferry_node_get_n_children (transport); i++)
    {
      const FerryNode *child = ferry_node_get_nth_child (transport, i);
      if (self->candidates->len == FERRY_JINGLE_S5B_MAX_CANDIDATES)
        return;
      if (!ferry_node_is (child, "candidate", FERRY_NS_JINGLE_S5B))
        continue;

      g_autoptr (FerryCandidate) candidate = parse_candidate (child);
      if (candidate == NULL || has_cid (self->candidates, candidate->cid))
        continue;
      if (ferry_candidate_is_proxy (candidate) && ++n_proxies > FERRY_JINGLE_S5B_MAX_PROXIES)
        continue;
      g_ptr_array_add (self->candidates, g_steal_pointer (&candidate));
    }
}

static gboolean
parse_report (FerryJingleS5b *self, const FerryNode *transport, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (reports); i++)
    {
      const FerryNode *child =
          ferry_node_get_child (transport, reports[i].name, FERRY_NS_JINGLE_S5B);
      if (child == NULL)
        continue;

      const char *cid = ferry_node_get_attr (child, "cid");
      if (reports[i].names_candidate && !ferry_s5b_is_id (cid))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "<%s/> names no candidate",
                       reports[i].name);
          return FALSE;
        }
      self->report = reports[i].report;
      self->cid = reports[i].names_candidate ? g_strdup (cid) : NULL;
      return TRUE;
    }
  return TRUE;
}

FerryJingleS5b *
ferry_jingle_s5b_parse (FerryNode *transport, GError **error)
{
  if (!ferry_node_is (transport, "transport", FERRY_NS_JINGLE_S5B))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "not a SOCKS5 transport");
      return NULL;
    }

  const char *sid = ferry_node_get_attr (transport, "sid");
  const char *mode = ferry_node_get_attr (transport, "mode");
  const char *dstaddr = ferry_node_get_attr (transport, "dstaddr");
  if (!ferry_s5b_is_id (sid))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "a SOCKS5 transport needs a sid");
      return NULL;
    }
  if (mode != NULL && strcmp (mode, "tcp") != 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED,
                   "SOCKS5 transports other than TCP are not supported");
      return NULL;
    }

  g_autoptr (FerryJingleS5b) self = ferry_jingle_s5b_new (sid);
  self->has_mode = mode != NULL;
  self->dstaddr = ferry_s5b_is_dstaddr (dstaddr) ? g_strdup (dstaddr) : NULL;
  parse_candidates (self, transport);
  if (!parse_report (self, transport, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* --- Writing ---------------------------------------------------------------------------------
 */

static void
add_candidate (FerryNode *transport, const FerryCandidate *candidate)
{
  FerryNode *node = ferry_node_add (transport, "candidate", NULL, NULL);
  ferry_node_set_attrs (node, "cid", candidate->cid, "host", candidate->host, "jid",
                        ferry_jid_get_text (candidate->jid), "type",
                        type_names[candidate->type], NULL);
  ferry_node_set_attr_uint (node, "port", candidate->port);
  ferry_node_set_attr_uint (node, "priority", candidate->priority);
}

FerryNode *
ferry_jingle_s5b_to_node (const FerryJingleS5b *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  FerryNode *transport = ferry_node_new ("transport", FERRY_NS_JINGLE_S5B);
  ferry_node_set_attrs (transport, "sid", self->sid, "mode", self->has_mode ? "tcp" : NULL,
                        "dstaddr", self->dstaddr, NULL);
  for (guint i = 0; i < self->candidates->len; i++)
    add_candidate (transport, self->candidates->pdata[i]);
  for (guint i = 0; i < G_N_ELEMENTS (reports); i++)
    if (reports[i].report == self->report)
      ferry_node_set_attr (ferry_node_add (transport, reports[i].name, NULL, NULL), "cid",
                           self->cid);
  return transport;
}
