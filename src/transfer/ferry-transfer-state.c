/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-transfer-state.h"

static const GEnumValue state_values[] = {
  { FERRY_TRANSFER_PREPARING, "FERRY_TRANSFER_PREPARING", "preparing" },
  { FERRY_TRANSFER_QUEUED, "FERRY_TRANSFER_QUEUED", "queued" },
  { FERRY_TRANSFER_WAITING_PEER, "FERRY_TRANSFER_WAITING_PEER", "waiting-peer" },
  { FERRY_TRANSFER_OFFERED, "FERRY_TRANSFER_OFFERED", "offered" },
  { FERRY_TRANSFER_CONNECTING, "FERRY_TRANSFER_CONNECTING", "connecting" },
  { FERRY_TRANSFER_ACTIVE, "FERRY_TRANSFER_ACTIVE", "active" },
  { FERRY_TRANSFER_STALLED, "FERRY_TRANSFER_STALLED", "stalled" },
  { FERRY_TRANSFER_RECONNECTING, "FERRY_TRANSFER_RECONNECTING", "reconnecting" },
  { FERRY_TRANSFER_PAUSED, "FERRY_TRANSFER_PAUSED", "paused" },
  { FERRY_TRANSFER_VERIFYING, "FERRY_TRANSFER_VERIFYING", "verifying" },
  { FERRY_TRANSFER_CHECKING, "FERRY_TRANSFER_CHECKING", "checking" },
  { FERRY_TRANSFER_DONE, "FERRY_TRANSFER_DONE", "done" },
  { FERRY_TRANSFER_DECLINED, "FERRY_TRANSFER_DECLINED", "declined" },
  { FERRY_TRANSFER_CANCELLED, "FERRY_TRANSFER_CANCELLED", "cancelled" },
  { FERRY_TRANSFER_MISSED, "FERRY_TRANSFER_MISSED", "missed" },
  { FERRY_TRANSFER_FAILED, "FERRY_TRANSFER_FAILED", "failed" },
  { 0, NULL, NULL },
};

GType
ferry_transfer_state_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("FerryTransferState", state_values));
  return type;
}

gboolean
ferry_transfer_state_is_final (FerryTransferState state)
{
  return state >= FERRY_TRANSFER_DONE;
}

const char *
ferry_transfer_state_get_name (FerryTransferState state)
{
  g_return_val_if_fail (state <= FERRY_TRANSFER_FAILED, NULL);
  return state_values[state].value_nick;
}
