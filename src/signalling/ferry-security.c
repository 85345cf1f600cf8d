/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/ferry-security.h"

#include "xmpp/ferry-ns.h"

static gboolean
parse_tls (const FerryNode *node, FerryHash *out)
{
  const FerryNode *fingerprint = NULL;

  for (guint i = 0; i < ferry_node_get_n_children (node); i++)
    {
      const FerryNode *child = ferry_node_get_nth_child (node, i);
      if (!ferry_node_is (child, "fingerprint", FERRY_NS_TLS))
        continue;
      if (fingerprint != NULL)
        return FALSE;
      fingerprint = child;
    }
  return fingerprint != NULL &&
         ferry_hash_algo_from_name (ferry_node_get_attr (fingerprint, "algo")) ==
             FERRY_HASH_SHA256 &&
         ferry_hash_parse_base64 (FERRY_HASH_SHA256, ferry_node_get_text (fingerprint), out);
}

FerrySecurity
ferry_security_parse (const FerryNode *parent)
{
  FerrySecurity self = { .kind = FERRY_SECURITY_NONE };

  for (guint i = 0; parent != NULL && i < ferry_node_get_n_children (parent); i++)
    {
      const FerryNode *child = ferry_node_get_nth_child (parent, i);
      if (g_strcmp0 (ferry_node_get_name (child), "security") != 0)
        continue;
      gboolean is_tls = self.kind == FERRY_SECURITY_NONE &&
                        ferry_node_is (child, "security", FERRY_NS_TLS) &&
                        parse_tls (child, &self.fingerprint);
      self.kind = is_tls ? FERRY_SECURITY_TLS : FERRY_SECURITY_OTHER;
    }
  if (self.kind != FERRY_SECURITY_TLS)
    self.fingerprint = (FerryHash){ .algo = FERRY_HASH_NONE };
  return self;
}

void
ferry_security_add_to (const FerrySecurity *self, FerryNode *parent)
{
  if (self->kind == FERRY_SECURITY_NONE)
    return;

  FerryNode *node = ferry_node_add (parent, "security", FERRY_NS_TLS, NULL);
  if (self->kind == FERRY_SECURITY_OTHER)
    return;
  g_autofree char *text = ferry_hash_to_base64 (&self->fingerprint);
  ferry_node_set_attr (ferry_node_add (node, "fingerprint", NULL, text), "algo", "sha-256");
}

gboolean
ferry_security_equal (const FerrySecurity *a, const FerrySecurity *b)
{
  return a->kind == b->kind &&
         (a->kind != FERRY_SECURITY_TLS || ferry_hash_equal (&a->fingerprint, &b->fingerprint));
}
