/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-row-drag.h"

#include "gtk/ferry-act.h"
#include "model/ferry-batch.h"

/* A batch can be moved if something of it can. */
static gboolean
can_move (gpointer item)
{
  if (FERRY_IS_TRANSFER (item))
    return ferry_act_is_possible (FERRY_ACT_MOVE_UP, item);
  for (guint i = 0; i < g_list_model_get_n_items (item); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (item, i);
      if (can_move (transfer))
        return TRUE;
    }
  return FALSE;
}

static const char *
get_id (gpointer item)
{
  return FERRY_IS_BATCH (item) ? ferry_batch_get_id (item) : ferry_transfer_get_id (item);
}

static GdkContentProvider *
on_prepare (GtkDragSource *source, double x, double y, GObject *item)
{
  if (!can_move (item))
    return NULL;

  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));
  g_autoptr (GdkPaintable) icon = gtk_widget_paintable_new (row);

  gtk_drag_source_set_icon (source, icon, (int) x, (int) y);
  return gdk_content_provider_new_typed (G_TYPE_OBJECT, item);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, GObject *other)
{
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  GObject *item = g_value_get_object (value);

  return item != other && can_move (other) &&
         gtk_widget_activate_action (row, "app.move-to", "(ss)", get_id (item), get_id (other));
}

void
ferry_row_drag_enable (GtkWidget *row, gpointer item)
{
  g_return_if_fail (GTK_IS_WIDGET (row));
  g_return_if_fail (FERRY_IS_TRANSFER (item) || FERRY_IS_BATCH (item));

  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_OBJECT, GDK_ACTION_MOVE);

  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect_object (source, "prepare", G_CALLBACK (on_prepare), item, 0);
  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), item, 0);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (target));
}
