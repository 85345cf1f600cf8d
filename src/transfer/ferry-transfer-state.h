/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The states of a transfer, for those who show them and for the machine that changes them. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  FERRY_TRANSFER_PREPARING,    /* reading or hashing the source */
  FERRY_TRANSFER_QUEUED,       /* a slot is not free */
  FERRY_TRANSFER_WAITING_PEER, /* the contact is not online */
  FERRY_TRANSFER_OFFERED,      /* the contact's user has not answered */
  FERRY_TRANSFER_CONNECTING,   /* looking for a way; "route" is what is tried */
  FERRY_TRANSFER_ACTIVE,       /* bytes move */
  FERRY_TRANSFER_STALLED,      /* no byte for 10 s */
  FERRY_TRANSFER_RECONNECTING, /* it broke; the next attempt comes by itself */
  FERRY_TRANSFER_PAUSED,       /* "pause" says why */
  FERRY_TRANSFER_VERIFYING,    /* all bytes there; hash, sync, or the peer's word awaited */
  FERRY_TRANSFER_CHECKING,     /* reading again what is there of the file, to go on from it */
  FERRY_TRANSFER_DONE,
  FERRY_TRANSFER_DECLINED,
  FERRY_TRANSFER_CANCELLED,
  FERRY_TRANSFER_MISSED, /* an offer nobody answered */
  FERRY_TRANSFER_FAILED, /* "error" says why */
} FerryTransferState;

GType ferry_transfer_state_get_type (void);
#define FERRY_TYPE_TRANSFER_STATE (ferry_transfer_state_get_type ())

/* Is the state one that only a new attempt leaves? */
gboolean ferry_transfer_state_is_final (FerryTransferState state);
const char *ferry_transfer_state_get_name (FerryTransferState state);

/* What stands between the account of a transfer and its server. */
typedef enum
{
  FERRY_TRANSFER_LINK_UP, /* nothing */
  FERRY_TRANSFER_LINK_NO_SERVER,
  FERRY_TRANSFER_LINK_NO_NETWORK,
} FerryTransferLink;

/* Who or what has paused a transfer. */
typedef enum
{
  FERRY_TRANSFER_PAUSE_NONE,
  FERRY_TRANSFER_PAUSE_USER,
  FERRY_TRANSFER_PAUSE_PEER,
  FERRY_TRANSFER_PAUSE_SPACE, /* our disk is full */
  FERRY_TRANSFER_PAUSE_KEY,   /* the peer's device shows another key; the user is asked */
} FerryTransferPause;

G_END_DECLS
