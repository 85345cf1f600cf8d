/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/ferry-batch-list.h"

struct _FerryBatchList
{
  GObject parent_instance;

  GListModel *transfers;
  GPtrArray *known;    /* of FerryTransfer: what @transfers had in it when we last looked */
  GPtrArray *rows;     /* of GObject */
  GHashTable *batches; /* id → FerryBatch, borrowed from @rows */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryBatchList,
                               ferry_batch_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return G_TYPE_OBJECT;
}

static guint
get_n_items (GListModel *model)
{
  return FERRY_BATCH_LIST (model)->rows->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  FerryBatchList *self = FERRY_BATCH_LIST (model);

  return position < self->rows->len ? g_object_ref (g_ptr_array_index (self->rows, position))
                                    : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* (nullable): the batch that has the row of @transfer */
static FerryBatch *
find_batch (FerryBatchList *self, FerryTransfer *transfer)
{
  const FerryBatchInfo *info = ferry_transfer_get_batch (transfer);

  return info != NULL ? g_hash_table_lookup (self->batches, info->id) : NULL;
}

static gpointer
find_row (FerryBatchList *self, FerryTransfer *transfer)
{
  FerryBatch *batch = find_batch (self, transfer);

  return batch != NULL ? (gpointer) batch : (gpointer) transfer;
}

/* @position: in the list of transfers. Where a new row for it stands: before that of the first
 * transfer behind it which has a row further down than all before. */
static guint
find_place (FerryBatchList *self, guint position)
{
  guint place = self->rows->len;

  if (position == 0)
    return 0;
  for (guint i = position; i < self->known->len; i++)
    if (g_ptr_array_find (self->rows, find_row (self, self->known->pdata[i]), &place))
      return place;
  return self->rows->len;
}

/* The oldest of a batch was sent first. */
static guint
find_place_in_batch (FerryBatchList *self, const FerryBatchInfo *info, guint position)
{
  guint n_older = 0;

  if (position == 0)
    return g_list_model_get_n_items (
        G_LIST_MODEL (g_hash_table_lookup (self->batches, info->id)));
  for (guint i = position; i < self->known->len; i++)
    {
      const FerryBatchInfo *other = ferry_transfer_get_batch (self->known->pdata[i]);
      n_older += other != NULL && g_str_equal (other->id, info->id) ? 1 : 0;
    }
  return n_older;
}

/* @row: (transfer full) */
static void
add_row (FerryBatchList *self, guint place, gpointer row)
{
  g_ptr_array_insert (self->rows, (int) place, row);
  g_list_model_items_changed (G_LIST_MODEL (self), place, 0, 1);
}

/* @position: where it stands in the list; it is not yet among those that are known */
static void
add (FerryBatchList *self, guint position, FerryTransfer *transfer)
{
  const FerryBatchInfo *info = ferry_transfer_get_batch (transfer);
  FerryBatch *batch = find_batch (self, transfer);

  if (batch != NULL)
    ferry_batch_insert (batch, find_place_in_batch (self, info, position), transfer);
  else if (info != NULL)
    {
      batch = ferry_batch_new (transfer);
      g_hash_table_insert (self->batches, g_strdup (info->id), batch);
      add_row (self, find_place (self, position), batch);
    }
  else
    add_row (self, find_place (self, position), g_object_ref (transfer));
  g_ptr_array_insert (self->known, (int) position, g_object_ref (transfer));
}

static void
take_away (FerryBatchList *self, guint position)
{
  g_autoptr (FerryTransfer) transfer = g_ptr_array_steal_index (self->known, position);
  FerryBatch *batch = find_batch (self, transfer);
  guint place;

  if (batch != NULL && !ferry_batch_remove (batch, transfer))
    return;
  if (!g_ptr_array_find (self->rows, batch != NULL ? (gpointer) batch : (gpointer) transfer,
                         &place))
    return;
  if (batch != NULL)
    g_hash_table_remove (self->batches, ferry_batch_get_id (batch));
  g_ptr_array_remove_index (self->rows, place);
  g_list_model_items_changed (G_LIST_MODEL (self), place, 1, 0);
}

static void
on_transfers_changed (
    GListModel *transfers, guint position, guint n_removed, guint n_added, FerryBatchList *self)
{
  for (guint i = 0; i < n_removed; i++)
    take_away (self, position);
  /* From the end: older ones come first, as they were sent. */
  for (guint i = n_added; i > 0; i--)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, position + i - 1);
      add (self, position, transfer);
    }
}

static void
ferry_batch_list_finalize (GObject *object)
{
  FerryBatchList *self = FERRY_BATCH_LIST (object);

  g_clear_object (&self->transfers);
  g_ptr_array_unref (self->known);
  g_hash_table_unref (self->batches);
  g_ptr_array_unref (self->rows);

  G_OBJECT_CLASS (ferry_batch_list_parent_class)->finalize (object);
}

static void
ferry_batch_list_class_init (FerryBatchListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_batch_list_finalize;
}

static void
ferry_batch_list_init (FerryBatchList *self)
{
  self->known = g_ptr_array_new_with_free_func (g_object_unref);
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->batches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

FerryBatchList *
ferry_batch_list_new (GListModel *transfers)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (transfers), NULL);

  FerryBatchList *self = g_object_new (FERRY_TYPE_BATCH_LIST, NULL);
  self->transfers = g_object_ref (transfers);
  on_transfers_changed (transfers, 0, 0, g_list_model_get_n_items (transfers), self);
  g_signal_connect_object (transfers, "items-changed", G_CALLBACK (on_transfers_changed), self,
                           0);
  return self;
}

FerryBatch *
ferry_batch_list_find (FerryBatchList *self, const char *id)
{
  g_return_val_if_fail (FERRY_IS_BATCH_LIST (self), NULL);

  return id != NULL ? g_hash_table_lookup (self->batches, id) : NULL;
}
