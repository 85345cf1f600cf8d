/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several files sent at once. Before the first is offered somebody has to look how large all of
 * them are; until then the queue leaves them alone. */
#include "config.h"

#include "client/ferry-core-private.h"

#include "base/ferry-id.h"
#include "transfer/ferry-file-thread.h"
#include "transfer/ferry-tree-walk.h"

#include <sys/stat.h>
#include <unistd.h>

/* One of a batch. */
typedef struct
{
  FerryTransfer *transfer; /* not for the thread */
  char *path;
  gint64 size; /* as it will be offered; -1 if it cannot be read */
  guint n_files;
} Item;

typedef struct
{
  GArray *items; /* of Item */
} Look;

static void
item_clear (gpointer data)
{
  Item *item = data;

  g_clear_object (&item->transfer);
  g_free (item->path);
}

static void
look_free (gpointer data)
{
  Look *look = data;

  g_array_unref (look->items);
  g_free (look);
}

static void
look_at_folder (Item *item, GCancellable *cancellable)
{
  g_autoptr (FerryTreeWalk) walk = ferry_tree_walk_run (item->path, cancellable, NULL);

  if (walk == NULL)
    return;
  item->size = (gint64) ferry_tree_get_stream_size (walk->tree);
  item->n_files = ferry_tree_get_n_files (walk->tree);
}

/* What cannot be read fails when its turn comes; the others go. */
static gboolean
look_at_items (gpointer data, GCancellable *cancellable, GError **error)
{
  Look *look = data;

  for (guint i = 0; i < look->items->len; i++)
    {
      Item *item = &g_array_index (look->items, Item, i);
      struct stat info;

      item->size = -1;
      item->n_files = 1;
      if (stat (item->path, &info) < 0 || access (item->path, R_OK) < 0)
        continue;
      if (S_ISDIR (info.st_mode))
        look_at_folder (item, cancellable);
      else
        item->size = info.st_size;
    }
  return TRUE;
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryCore *self = FERRY_CORE (source);
  Look *look = g_task_get_task_data (G_TASK (result));
  const Item *items = (const Item *) look->items->data;
  FerryBatchInfo batch = *ferry_transfer_get_batch (items[0].transfer);
  g_autofree char *id = batch.id = g_strdup (batch.id);

  /* The peer need not wait for what cannot be read; should it go later, it goes alone. */
  const FerryBatchInfo alone = { .id = id, .n_transfers = 1, .n_files = 1 };

  batch.n_transfers = 0;
  batch.n_files = 0;
  batch.size = 0;
  for (guint i = 0; i < look->items->len; i++)
    {
      if (items[i].size < 0)
        continue;
      batch.n_transfers++;
      batch.n_files += items[i].n_files;
      batch.size += items[i].size;
    }
  for (guint i = 0; i < look->items->len; i++)
    {
      if (ferry_transfer_get_size (items[i].transfer) < 0)
        ferry_transfer_set_size (items[i].transfer, items[i].size);
      if (self->queue != NULL)
        ferry_transfer_queue_set_batch (self->queue, items[i].transfer,
                                        items[i].size >= 0 ? &batch : &alone);
    }
}

/* @transfers: (element-type FerryTransfer): all of one batch */
static void
look_at_batch (FerryCore *self, GPtrArray *transfers)
{
  Look *look = g_new0 (Look, 1);
  GTask *task = g_task_new (self, NULL, looked_cb, NULL);

  look->items = g_array_new (FALSE, TRUE, sizeof (Item));
  g_array_set_clear_func (look->items, item_clear);
  for (guint i = 0; i < transfers->len; i++)
    {
      const Item item = { .transfer = g_object_ref (transfers->pdata[i]),
                          .path = g_strdup (ferry_transfer_get_path (transfers->pdata[i])) };
      g_array_append_val (look->items, item);
    }
  g_task_set_source_tag (task, look_at_batch);
  g_task_set_task_data (task, look, look_free);
  ferry_file_thread_run (task, look_at_items);
}

GListModel *
ferry_core_send_batch (FerryCore *self,
                       FerryJid *account,
                       FerryJid *to,
                       const char *const *paths,
                       FerryRoute routes,
                       guint hold_ms)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);
  g_return_val_if_fail (to != NULL && paths != NULL, NULL);

  g_autofree char *id = ferry_id_new ();
  const guint n_paths = g_strv_length ((char **) paths);
  const FerryBatchInfo batch = { .id = id, .n_transfers = n_paths, .size = -1 };
  const FerrySend what = { .routes = routes,
                           .hold_ms = hold_ms,
                           .batch = n_paths > 1 ? &batch : NULL };
  g_autoptr (GPtrArray) transfers = g_ptr_array_new ();
  GListStore *list = g_list_store_new (FERRY_TYPE_TRANSFER);

  for (guint i = 0; i < n_paths; i++)
    {
      FerryTransfer *transfer = ferry_core_queue_file (self, account, to, paths[i], &what);
      if (transfer == NULL)
        continue;
      g_ptr_array_add (transfers, transfer);
      g_list_store_append (list, transfer);
    }
  if (what.batch != NULL && transfers->len > 0)
    look_at_batch (self, transfers);
  return G_LIST_MODEL (list);
}

/* A Ferry asks its user once for all of a batch. */
static void
on_transfer_finished (FerryTransferQueue *queue, FerryTransfer *transfer, FerryCore *self)
{
  const FerryBatchInfo *info = ferry_transfer_get_batch (transfer);
  FerryBatch *batch = info != NULL ? ferry_core_find_batch (self, info->id) : NULL;

  if (batch == NULL || ferry_transfer_get_state (transfer) != FERRY_TRANSFER_DECLINED ||
      ferry_transfer_get_direction (transfer) != FERRY_DIRECTION_SEND ||
      !ferry_transfer_get_machine (transfer)->can_ask)
    return;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (batch)); i++)
    {
      g_autoptr (FerryTransfer) other = g_list_model_get_item (G_LIST_MODEL (batch), i);
      ferry_transfer_queue_decline (queue, other);
    }
}

void
ferry_core_init_batches (FerryCore *self)
{
  g_signal_connect_object (self->queue, "transfer-finished", G_CALLBACK (on_transfer_finished),
                           self, 0);
  GListModel *rows = G_LIST_MODEL (self->rows);

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (rows, i);
      g_autoptr (GPtrArray) transfers = g_ptr_array_new_with_free_func (g_object_unref);
      if (!FERRY_IS_BATCH (row) || ferry_batch_is_finished (FERRY_BATCH (row)) ||
          ferry_batch_get_direction (FERRY_BATCH (row)) != FERRY_DIRECTION_SEND)
        continue;
      for (guint n = 0; n < g_list_model_get_n_items (G_LIST_MODEL (row)); n++)
        g_ptr_array_add (transfers, g_list_model_get_item (G_LIST_MODEL (row), n));
      if (ferry_transfer_get_batch (transfers->pdata[0])->size < 0)
        look_at_batch (self, transfers);
    }
}

FerryBatch *
ferry_core_find_batch (FerryCore *self, const char *id)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), NULL);

  return ferry_batch_list_find (self->rows, id);
}

/* --- Their order -----------------------------------------------------------------------------
 */

/* Returns: (transfer full) (element-type FerryTransfer): of a transfer or a batch, what waits
 */
static GPtrArray *
dup_waiting (FerryCore *self, const char *id)
{
  FerryBatch *batch = ferry_core_find_batch (self, id);
  FerryTransfer *transfer = ferry_core_find_transfer (self, id);

  if (batch != NULL)
    return ferry_batch_dup_waiting (batch);
  GPtrArray *alone = g_ptr_array_new_with_free_func (g_object_unref);
  if (transfer != NULL)
    g_ptr_array_add (alone, g_object_ref (transfer));
  return alone;
}

/* Up to before the first of the others, or down to behind the last: each comes next to it, so
 * who shall be nearest to it comes last. */
void
ferry_core_move_to (FerryCore *self, const char *id, const char *other)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  g_autoptr (GPtrArray) moved = dup_waiting (self, id);
  g_autoptr (GPtrArray) others = dup_waiting (self, other);

  if (moved->len == 0 || others->len == 0)
    return;
  gboolean goes_up =
      ferry_transfer_get_place (moved->pdata[0]) > ferry_transfer_get_place (others->pdata[0]);
  FerryTransfer *target = others->pdata[goes_up ? 0 : others->len - 1];
  for (guint i = 0; i < moved->len; i++)
    ferry_transfer_queue_move_to (self->queue, moved->pdata[goes_up ? i : moved->len - 1 - i],
                                  target);
}
