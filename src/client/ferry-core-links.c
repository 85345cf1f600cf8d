/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether those who wait for a contact wait for us first: each transfer knows how its account
 * is linked to its server. */
#include "config.h"

#include "client/ferry-core-private.h"

/* A server beside us can be reached where nothing else can: what counts is that it is. */
static FerryTransferLink
get_link (FerryCore *self, FerryTransfer *transfer)
{
  FerryClient *client = ferry_core_find_client (self, ferry_transfer_get_account (transfer));

  if (client != NULL && ferry_client_get_state (client) == FERRY_CLIENT_ONLINE)
    return FERRY_TRANSFER_LINK_UP;
  return g_network_monitor_get_network_available (self->monitor)
             ? FERRY_TRANSFER_LINK_NO_SERVER
             : FERRY_TRANSFER_LINK_NO_NETWORK;
}

static void
show_some (FerryCore *self, guint position, guint n)
{
  for (guint i = position; i < position + n; i++)
    {
      g_autoptr (FerryTransfer) transfer =
          g_list_model_get_item (G_LIST_MODEL (self->transfers), i);
      ferry_transfer_set_link (transfer, get_link (self, transfer));
    }
}

void
ferry_core_show_links (FerryCore *self)
{
  show_some (self, 0, g_list_model_get_n_items (G_LIST_MODEL (self->transfers)));
}

static void
on_transfers_changed (
    GListModel *transfers, guint position, guint n_removed, guint n_added, FerryCore *self)
{
  show_some (self, position, n_added);
}

void
ferry_core_init_links (FerryCore *self)
{
  self->monitor = g_object_ref (g_network_monitor_get_default ());
  g_signal_connect_object (self->monitor, "notify::network-available",
                           G_CALLBACK (ferry_core_show_links), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->transfers, "items-changed", G_CALLBACK (on_transfers_changed),
                           self, 0);
  ferry_core_show_links (self);
}
