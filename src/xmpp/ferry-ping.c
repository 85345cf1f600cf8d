/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/ferry-ping.h"

#include "xmpp/ferry-ns.h"

static gboolean
on_ping (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  if (g_strcmp0 (ferry_node_get_attr (request, "type"), "get") != 0 ||
      ferry_node_get_child (request, "ping", FERRY_NS_PING) == NULL)
    return FALSE;
  ferry_router_reply (router, request, NULL);
  return TRUE;
}

guint
ferry_ping_answer (FerryRouter *router)
{
  return ferry_router_add_request_handler (router, FERRY_NS_PING, on_ping, NULL);
}
