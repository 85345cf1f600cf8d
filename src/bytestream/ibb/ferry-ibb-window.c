/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/ibb/ferry-ibb-window.h"

#include <string.h>

guint
ferry_ibb_window_suit (guint block_size)
{
  return block_size <= 4096 ? 8 : block_size <= 8192 ? 4 : 1;
}

gboolean
ferry_ibb_window_has (const FerryIbbWindow *self, guint from, guint to, FerryIbbSlot kind)
{
  for (guint i = from; i < to; i++)
    if (self->slots[i] == kind)
      return TRUE;
  return FALSE;
}

gboolean
ferry_ibb_window_find (const FerryIbbWindow *self, guint16 seq, guint *index)
{
  *index = (guint16) (seq - self->first_seq);
  return *index < self->n_slots && self->slots[*index] == FERRY_IBB_SLOT_FLYING;
}

guint16
ferry_ibb_window_push (FerryIbbWindow *self)
{
  g_assert (self->n_slots < FERRY_IBB_MAX_WINDOW);
  self->slots[self->n_slots] = FERRY_IBB_SLOT_FLYING;
  return (guint16) (self->first_seq + self->n_slots++);
}

void
ferry_ibb_window_pop (FerryIbbWindow *self)
{
  g_assert (self->n_slots > 0);
  self->n_slots--;
  self->first_seq++;
  memmove (self->slots, self->slots + 1, self->n_slots * sizeof self->slots[0]);
}
