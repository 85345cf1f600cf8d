/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/ferry-link.h"

G_DEFINE_INTERFACE (FerryLink, ferry_link, G_TYPE_OBJECT)

static guint received_signal;

static void
ferry_link_default_init (FerryLinkInterface *iface)
{
  received_signal = g_signal_new ("received", FERRY_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, FERRY_TYPE_NODE);
}

void
ferry_link_send (FerryLink *self, FerryNode *payload)
{
  FERRY_LINK_GET_IFACE (self)->send (self, payload);
}

void
ferry_link_emit_received (FerryLink *self, FerryNode *payload)
{
  g_signal_emit (self, received_signal, 0, payload);
}
