/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-transfers-view.h"

#include "gtk/ferry-batch-row.h"
#include "gtk/ferry-item-watch.h"
#include "gtk/ferry-queue-row.h"

/* Many files change their states at once; the lists are sorted out once for all. */
#define REGROUP_MS 50
/* Pixels; less is narrow. */
#define WIDE 600

typedef enum
{
  GROUP_ACTIVE,
  GROUP_WAITING,
  GROUP_FINISHED,
  N_GROUPS
} Group;

struct _FerryTransfersView
{
  AdwBin parent_instance;

  FerryItemWatch *watch;
  FerryItemWatch *places;
  gboolean is_disordered; /* the queue has another order than what is shown */
  GHashTable *hidden;     /* a set of FerryTransfer */
  guint regroup_id;
  gboolean is_narrow;
  guint narrow_id;
  GtkFilterListModel *models[N_GROUPS];
  GtkSorter *order; /* of what waits: that of the queue */

  GtkStack *stack;
  GtkWidget *scroller;
  GtkWidget *groups[N_GROUPS];
  GtkListBox *lists[N_GROUPS];
};

G_DEFINE_FINAL_TYPE (FerryTransfersView, ferry_transfers_view, ADW_TYPE_BIN)

typedef enum
{
  PROP_N_UNFINISHED = 1,
  PROP_IS_NARROW,
  N_PROPS
} FerryTransfersViewProperty;

static GParamSpec *props[N_PROPS];

/* --- What a row shows: a FerryTransfer or a FerryBatch ---------------------------------------
 */

static FerryTransferState
get_state (gpointer item)
{
  return FERRY_IS_BATCH (item) ? ferry_batch_get_state (item) : ferry_transfer_get_state (item);
}

/* Returns: (transfer full): the transfer, or the first of a batch */
static FerryTransfer *
dup_first (gpointer item)
{
  return FERRY_IS_BATCH (item) ? g_list_model_get_item (G_LIST_MODEL (item), 0)
                               : g_object_ref (item);
}

static Group
get_group (gpointer item)
{
  switch (get_state (item))
    {
    case FERRY_TRANSFER_CONNECTING:
    case FERRY_TRANSFER_ACTIVE:
    case FERRY_TRANSFER_STALLED:
    case FERRY_TRANSFER_RECONNECTING:
    case FERRY_TRANSFER_VERIFYING:
    case FERRY_TRANSFER_CHECKING:
      return GROUP_ACTIVE;
    case FERRY_TRANSFER_PREPARING:
    case FERRY_TRANSFER_QUEUED:
    case FERRY_TRANSFER_WAITING_PEER:
    case FERRY_TRANSFER_OFFERED:
    case FERRY_TRANSFER_PAUSED:
      return GROUP_WAITING;
    case FERRY_TRANSFER_DONE:
    case FERRY_TRANSFER_DECLINED:
    case FERRY_TRANSFER_CANCELLED:
    case FERRY_TRANSFER_MISSED:
    case FERRY_TRANSFER_FAILED:
    default:
      return GROUP_FINISHED;
    }
}

/* What a filter has to know. */
typedef struct
{
  FerryTransfersView *view; /* borrowed: it owns the filter */
  Group group;
} Membership;

static gboolean
is_in_group (gpointer item, gpointer user_data)
{
  Membership *membership = user_data;
  g_autoptr (FerryTransfer) first = dup_first (item);

  return get_group (item) == membership->group &&
         !g_hash_table_contains (membership->view->hidden, first);
}

static GtkWidget *
create_row (gpointer item, gpointer user_data)
{
  GtkWidget *row =
      FERRY_IS_BATCH (item) ? ferry_batch_row_new (item) : ferry_queue_row_new (item);

  g_object_set_data_full (G_OBJECT (row), "item", g_object_ref (item), g_object_unref);
  return row;
}

static void
on_row_activated (GtkListBox *list, GtkListBoxRow *row, gpointer user_data)
{
  if (FERRY_IS_BATCH_ROW (row))
    ferry_batch_row_toggle (FERRY_BATCH_ROW (row));
  else
    ferry_queue_row_activate (FERRY_QUEUE_ROW (row));
}

static void
update_groups (FerryTransfersView *self)
{
  gboolean any = FALSE;

  for (guint i = 0; i < N_GROUPS; i++)
    {
      gboolean filled = g_list_model_get_n_items (G_LIST_MODEL (self->models[i])) > 0;

      gtk_widget_set_visible (self->groups[i], filled);
      any = any || filled;
    }
  gtk_stack_set_visible_child_name (self->stack, any ? "list" : "empty");
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_N_UNFINISHED]);
}

/* Returns: (transfer full) (nullable): whose row, or a part of it, has the focus */
static gpointer
dup_focused (FerryTransfersView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *widget = root != NULL ? gtk_root_get_focus (root) : NULL;
  gpointer item = NULL;

  for (; widget != NULL && item == NULL; widget = gtk_widget_get_parent (widget))
    item = g_object_get_data (G_OBJECT (widget), "item");
  return item != NULL ? g_object_ref (item) : NULL;
}

static gboolean
contains (GtkFilterListModel *model, gpointer wanted)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (model)); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (model), i);

      if ((gpointer) item == wanted)
        return TRUE;
    }
  return FALSE;
}

static void
refilter (FerryTransfersView *self, Group group)
{
  gtk_filter_changed (gtk_filter_list_model_get_filter (self->models[group]),
                      GTK_FILTER_CHANGE_DIFFERENT);
}

static int
compare_places (gconstpointer a, gconstpointer b, gpointer user_data)
{
  g_autoptr (FerryTransfer) one = dup_first ((gpointer) a);
  g_autoptr (FerryTransfer) other = dup_first ((gpointer) b);
  gint64 place = ferry_transfer_get_place (one), other_place = ferry_transfer_get_place (other);

  return (place > other_place) - (place < other_place);
}

static void
focus_row_of (FerryTransfersView *self, Group group, gpointer item)
{
  GtkListBoxRow *row = NULL;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->lists[group], i)) != NULL; i++)
    if (g_object_get_data (G_OBJECT (row), "item") == item)
      gtk_widget_grab_focus (GTK_WIDGET (row));
}

/* A row that moves is another one, too. Here the old one goes first, so it must not have the
 * focus then. */
static void
reorder (FerryTransfersView *self)
{
  g_autoptr (GObject) focused = dup_focused (self);
  gboolean moves = focused != NULL && contains (self->models[GROUP_WAITING], focused);

  self->is_disordered = FALSE;
  if (moves)
    gtk_root_set_focus (gtk_widget_get_root (GTK_WIDGET (self)), NULL);
  gtk_sorter_changed (self->order, GTK_SORTER_CHANGE_DIFFERENT);
  if (moves)
    focus_row_of (self, GROUP_WAITING, focused);
}

/* A row that changes its group is another one there. The focus goes to that one while both are
 * there: GTK would take it elsewhere in the end if the row that has it went first. */
static gboolean
regroup (gpointer user_data)
{
  FerryTransfersView *self = user_data;
  g_autoptr (GObject) focused = dup_focused (self);

  self->regroup_id = 0;
  if (focused != NULL)
    {
      Group group = get_group (focused);
      gboolean moves = !contains (self->models[group], focused);

      refilter (self, group);
      if (moves)
        focus_row_of (self, group, focused);
    }
  for (guint i = 0; i < N_GROUPS; i++)
    refilter (self, i);
  if (self->is_disordered)
    reorder (self);
  return G_SOURCE_REMOVE;
}

static void
queue_regroup (FerryTransfersView *self)
{
  if (self->regroup_id == 0)
    self->regroup_id = g_timeout_add (REGROUP_MS, regroup, self);
}

static void
on_place_changed (FerryTransfersView *self)
{
  self->is_disordered = TRUE;
  queue_regroup (self);
}

static gboolean
update_narrow (gpointer user_data)
{
  FerryTransfersView *self = user_data;
  gboolean is_narrow = gtk_widget_get_width (self->scroller) < WIDE;

  self->narrow_id = 0;
  if (is_narrow != self->is_narrow)
    {
      self->is_narrow = is_narrow;
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_IS_NARROW]);
    }
  return G_SOURCE_REMOVE;
}

/* While sizes are given away nobody may ask for another one; but before the next frame, lest an
 * animation show squeezed rows all along. */
static void
queue_narrow (FerryTransfersView *self)
{
  if (self->narrow_id == 0)
    self->narrow_id = g_idle_add_full (GTK_PRIORITY_RESIZE, update_narrow, self, NULL);
}

static void
ferry_transfers_view_get_property (GObject *object,
                                   guint prop_id,
                                   GValue *value,
                                   GParamSpec *pspec)
{
  FerryTransfersView *self = FERRY_TRANSFERS_VIEW (object);

  switch ((FerryTransfersViewProperty) prop_id)
    {
    case PROP_N_UNFINISHED:
      g_value_set_uint (value, ferry_transfers_view_get_n_unfinished (self));
      break;
    case PROP_IS_NARROW:
      g_value_set_boolean (value, self->is_narrow);
      break;
    case N_PROPS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
ferry_transfers_view_dispose (GObject *object)
{
  FerryTransfersView *self = FERRY_TRANSFERS_VIEW (object);

  g_clear_object (&self->watch);
  g_clear_object (&self->places);
  g_clear_object (&self->order);
  g_clear_handle_id (&self->regroup_id, g_source_remove);
  g_clear_handle_id (&self->narrow_id, g_source_remove);
  for (guint i = 0; i < N_GROUPS; i++)
    {
      if (self->models[i] != NULL)
        g_signal_handlers_disconnect_by_func (self->models[i], update_groups, self);
      if (self->lists[i] != NULL)
        gtk_list_box_bind_model (self->lists[i], NULL, NULL, NULL, NULL);
      g_clear_object (&self->models[i]);
    }
  gtk_widget_dispose_template (GTK_WIDGET (self), FERRY_TYPE_TRANSFERS_VIEW);

  G_OBJECT_CLASS (ferry_transfers_view_parent_class)->dispose (object);
}

static void
ferry_transfers_view_finalize (GObject *object)
{
  g_hash_table_unref (FERRY_TRANSFERS_VIEW (object)->hidden);

  G_OBJECT_CLASS (ferry_transfers_view_parent_class)->finalize (object);
}

static void
ferry_transfers_view_class_init (FerryTransfersViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct
  {
    const char *group;
    const char *list;
  } children[] = {
    [GROUP_ACTIVE] = { "active", "active_list" },
    [GROUP_WAITING] = { "waiting", "waiting_list" },
    [GROUP_FINISHED] = { "finished", "finished_list" },
  };

  object_class->get_property = ferry_transfers_view_get_property;
  object_class->dispose = ferry_transfers_view_dispose;
  object_class->finalize = ferry_transfers_view_finalize;

  props[PROP_N_UNFINISHED] = g_param_spec_uint ("n-unfinished", NULL, NULL, 0, G_MAXUINT, 0,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_IS_NARROW] = g_param_spec_boolean ("is-narrow", NULL, NULL, FALSE,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-transfers-view.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryTransfersView, stack);
  gtk_widget_class_bind_template_child (widget_class, FerryTransfersView, scroller);
  for (guint i = 0; i < N_GROUPS; i++)
    {
      gtk_widget_class_bind_template_child_full (widget_class, children[i].group, FALSE,
                                                 G_STRUCT_OFFSET (FerryTransfersView, groups) +
                                                     i * sizeof (gpointer));
      gtk_widget_class_bind_template_child_full (widget_class, children[i].list, FALSE,
                                                 G_STRUCT_OFFSET (FerryTransfersView, lists) +
                                                     i * sizeof (gpointer));
    }
}

static void
ferry_transfers_view_init (FerryTransfersView *self)
{
  self->hidden = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  /* This says how wide the view is; GTK 4.8 has nothing else that tells of it. */
  g_signal_connect_object (
      gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->scroller)),
      "notify::page-size", G_CALLBACK (queue_narrow), self, G_CONNECT_SWAPPED);
}

/* What waits is shown in the order in which it will start; all else the newest first. */
static GListModel *
dup_shown (FerryTransfersView *self, Group group)
{
  GListModel *model = g_object_ref (G_LIST_MODEL (self->models[group]));

  return group == GROUP_WAITING
             ? G_LIST_MODEL (gtk_sort_list_model_new (model, g_object_ref (self->order)))
             : model;
}

void
ferry_transfers_view_set_transfers (FerryTransfersView *self,
                                    GListModel *transfers,
                                    GListModel *rows)
{
  g_return_if_fail (FERRY_IS_TRANSFERS_VIEW (self));
  g_return_if_fail (G_IS_LIST_MODEL (transfers));
  g_return_if_fail (G_IS_LIST_MODEL (rows));
  g_return_if_fail (self->watch == NULL);

  static const char *const watched[] = { "state", NULL };
  static const char *const place[] = { "place", NULL };

  self->places = ferry_item_watch_new (transfers, place);
  g_signal_connect_object (self->places, "changed", G_CALLBACK (on_place_changed), self,
                           G_CONNECT_SWAPPED);
  self->order = GTK_SORTER (gtk_custom_sorter_new (compare_places, NULL, NULL));
  self->watch = ferry_item_watch_new (rows, watched);
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (queue_regroup), self,
                           G_CONNECT_SWAPPED);
  for (guint i = 0; i < N_GROUPS; i++)
    {
      Membership *membership = g_new (Membership, 1);

      *membership = (Membership){ .view = self, .group = i };
      self->models[i] = gtk_filter_list_model_new (
          g_object_ref (rows),
          GTK_FILTER (gtk_custom_filter_new (is_in_group, membership, g_free)));
    }
  for (guint i = 0; i < N_GROUPS; i++)
    {
      g_autoptr (GListModel) shown = dup_shown (self, i);

      gtk_list_box_bind_model (self->lists[i], shown, create_row, self, NULL);
      g_signal_connect (self->lists[i], "row-activated", G_CALLBACK (on_row_activated), NULL);
      g_signal_connect_object (self->models[i], "items-changed", G_CALLBACK (update_groups),
                               self, G_CONNECT_SWAPPED);
    }
  update_groups (self);
}

guint
ferry_transfers_view_get_n_unfinished (FerryTransfersView *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFERS_VIEW (self), 0);

  if (self->models[GROUP_ACTIVE] == NULL)
    return 0;
  return g_list_model_get_n_items (G_LIST_MODEL (self->models[GROUP_ACTIVE])) +
         g_list_model_get_n_items (G_LIST_MODEL (self->models[GROUP_WAITING]));
}

void
ferry_transfers_view_set_hidden (FerryTransfersView *self,
                                 GListModel *transfers,
                                 gboolean hidden)
{
  g_return_if_fail (FERRY_IS_TRANSFERS_VIEW (self));
  g_return_if_fail (G_IS_LIST_MODEL (transfers));

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      FerryTransfer *transfer = g_list_model_get_item (transfers, i);

      if (hidden)
        g_hash_table_add (self->hidden, transfer);
      else
        {
          g_hash_table_remove (self->hidden, transfer);
          g_object_unref (transfer);
        }
    }
  regroup (self);
}
