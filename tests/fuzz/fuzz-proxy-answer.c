/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relay's answer about its address names a place of the relay's own domain, or none. */
#include "bytestream/s5b/ferry-proxy-finder.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  g_autoptr (FerryJid) asked = ferry_jid_new ("proxy.north.example", NULL);
  g_autoptr (FerryProxy) proxy = node != NULL ? ferry_proxy_parse (node, asked) : NULL;

  if (proxy == NULL)
    return 0;
  g_assert_true (ferry_proxy_is_in_domain (proxy->jid, "proxy.north.example"));
  g_assert_cmpuint (strlen (proxy->host), >, 0);
  g_assert_cmpuint (strlen (proxy->host), <=, 253);
  g_assert_cmpuint (proxy->port, >, 0);
  return 0;
}
