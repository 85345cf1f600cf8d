/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-item-watch.h"

struct _FerryItemWatch
{
  GObject parent_instance;

  GListModel *model;
  GStrv details;    /* "notify::NAME" */
  GPtrArray *items; /* what the model held last; owned */
};

G_DEFINE_FINAL_TYPE (FerryItemWatch, ferry_item_watch, G_TYPE_OBJECT)

enum
{
  ADDED,
  REMOVED,
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
on_item_notify (FerryItemWatch *self, GParamSpec *pspec, GObject *item)
{
  g_signal_emit (self, signals[CHANGED], 0, item);
}

static void
watch_item (FerryItemWatch *self, GObject *item)
{
  for (guint i = 0; self->details[i] != NULL; i++)
    g_signal_connect_object (item, self->details[i], G_CALLBACK (on_item_notify), self,
                             G_CONNECT_SWAPPED);
}

static void
on_items_changed (FerryItemWatch *self, guint position, guint n_removed, guint n_added)
{
  g_autoptr (GPtrArray) removed = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n_removed; i++)
    {
      GObject *item = g_ptr_array_steal_index (self->items, position);

      g_signal_handlers_disconnect_by_func (item, on_item_notify, self);
      g_ptr_array_add (removed, item);
    }
  for (guint i = 0; i < n_added; i++)
    {
      GObject *item = g_list_model_get_item (self->model, position + i);

      g_ptr_array_insert (self->items, (int) (position + i), item);
      watch_item (self, item);
      g_ptr_array_add (added, g_object_ref (item));
    }

  for (guint i = 0; i < removed->len; i++)
    g_signal_emit (self, signals[REMOVED], 0, removed->pdata[i]);
  for (guint i = 0; i < added->len; i++)
    g_signal_emit (self, signals[ADDED], 0, added->pdata[i]);
}

static void
ferry_item_watch_dispose (GObject *object)
{
  FerryItemWatch *self = FERRY_ITEM_WATCH (object);

  if (self->model != NULL)
    g_signal_handlers_disconnect_by_func (self->model, on_items_changed, self);
  for (guint i = 0; i < self->items->len; i++)
    g_signal_handlers_disconnect_by_func (self->items->pdata[i], on_item_notify, self);
  g_ptr_array_set_size (self->items, 0);
  g_clear_object (&self->model);

  G_OBJECT_CLASS (ferry_item_watch_parent_class)->dispose (object);
}

static void
ferry_item_watch_finalize (GObject *object)
{
  FerryItemWatch *self = FERRY_ITEM_WATCH (object);

  g_ptr_array_unref (self->items);
  g_strfreev (self->details);

  G_OBJECT_CLASS (ferry_item_watch_parent_class)->finalize (object);
}

static guint
new_signal (GType type, const char *name)
{
  return g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                       G_TYPE_OBJECT);
}

static void
ferry_item_watch_class_init (FerryItemWatchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = ferry_item_watch_dispose;
  object_class->finalize = ferry_item_watch_finalize;

  signals[ADDED] = new_signal (type, "added");
  signals[REMOVED] = new_signal (type, "removed");
  signals[CHANGED] = new_signal (type, "changed");
}

static void
ferry_item_watch_init (FerryItemWatch *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
}

FerryItemWatch *
ferry_item_watch_new (GListModel *model, const char *const *properties)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (model), NULL);
  g_return_val_if_fail (properties != NULL, NULL);

  FerryItemWatch *self = g_object_new (FERRY_TYPE_ITEM_WATCH, NULL);
  g_autoptr (GStrvBuilder) details = g_strv_builder_new ();

  for (guint i = 0; properties[i] != NULL; i++)
    {
      g_autofree char *detail = g_strconcat ("notify::", properties[i], NULL);

      g_strv_builder_add (details, detail);
    }
  self->details = g_strv_builder_end (details);
  self->model = g_object_ref (model);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_ptr_array_add (self->items, g_list_model_get_item (model, i));
      watch_item (self, self->items->pdata[i]);
    }
  g_signal_connect_object (model, "items-changed", G_CALLBACK (on_items_changed), self,
                           G_CONNECT_SWAPPED);
  return self;
}
