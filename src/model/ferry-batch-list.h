/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryBatchList: a list of transfers as people see it: what was sent together is one row, a
 * FerryBatch, in the place of its oldest transfer; all else is a FerryTransfer of its own. */
#pragma once

#include "model/ferry-batch.h"

G_BEGIN_DECLS

#define FERRY_TYPE_BATCH_LIST (ferry_batch_list_get_type ())
G_DECLARE_FINAL_TYPE (FerryBatchList, ferry_batch_list, FERRY, BATCH_LIST, GObject)

/* @transfers: of FerryTransfer, newest first; held. A GListModel of GObject. */
FerryBatchList *ferry_batch_list_new (GListModel *transfers);
/* Returns: (transfer none) (nullable) */
FerryBatch *ferry_batch_list_find (FerryBatchList *self, const char *id);

G_END_DECLS
