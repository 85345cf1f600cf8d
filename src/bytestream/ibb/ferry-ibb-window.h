/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryIbbWindow: the blocks we sent that the peer has not acknowledged, by sequence number. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The most blocks that are ever unacknowledged, whatever the settings. */
#define FERRY_IBB_MAX_WINDOW 16

typedef enum
{
  FERRY_IBB_SLOT_FLYING,
  FERRY_IBB_SLOT_ACKED,  /* but an older one is not yet */
  FERRY_IBB_SLOT_PUT_OFF /* to be sent again */
} FerryIbbSlot;

typedef struct
{
  FerryIbbSlot slots[FERRY_IBB_MAX_WINDOW];
  guint n_slots;
  guint16 first_seq; /* of slots[0]; the next block has first_seq + n_slots, modulo 65536 */
} FerryIbbWindow;

/* How many blocks may fly: 8 up to 4096 bytes, 4 up to 8192, then 1. More gains nothing, and
 * fills the queues of the servers in front of everything else. */
guint ferry_ibb_window_suit (guint block_size);
/* Is one of the slots from @from up to, not including, @to of that kind? */
gboolean
ferry_ibb_window_has (const FerryIbbWindow *self, guint from, guint to, FerryIbbSlot kind);
/* Returns: %FALSE if no block @seq is on its way */
gboolean ferry_ibb_window_find (const FerryIbbWindow *self, guint16 seq, guint *index);
/* Adds a flying block. Returns: its sequence number */
guint16 ferry_ibb_window_push (FerryIbbWindow *self);
/* Removes the oldest block. */
void ferry_ibb_window_pop (FerryIbbWindow *self);

G_END_DECLS
