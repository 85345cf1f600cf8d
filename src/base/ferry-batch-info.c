/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-batch-info.h"

void
ferry_batch_info_clear (FerryBatchInfo *self)
{
  g_free (self->id);
  *self = (FerryBatchInfo){ 0 };
}

void
ferry_batch_info_set (FerryBatchInfo *self, const FerryBatchInfo *from)
{
  char *id = from != NULL ? g_strdup (from->id) : NULL;

  g_free (self->id);
  *self = from != NULL ? *from : (FerryBatchInfo){ 0 };
  self->id = id;
}
