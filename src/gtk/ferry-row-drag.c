/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-row-drag.h"

#include "gtk/ferry-act.h"

static gboolean
can_move (FerryTransfer *transfer)
{
  return ferry_act_is_possible (FERRY_ACT_MOVE_UP, transfer);
}

static GdkContentProvider *
on_prepare (GtkDragSource *source, double x, double y, FerryTransfer *transfer)
{
  if (!can_move (transfer))
    return NULL;

  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (source));
  g_autoptr (GdkPaintable) icon = gtk_widget_paintable_new (row);

  gtk_drag_source_set_icon (source, icon, (int) x, (int) y);
  return gdk_content_provider_new_typed (FERRY_TYPE_TRANSFER, transfer);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, FerryTransfer *other)
{
  GtkWidget *row = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target));
  FerryTransfer *transfer = g_value_get_object (value);

  return transfer != other && can_move (other) &&
         gtk_widget_activate_action (row, "app.move-to", "(ss)",
                                     ferry_transfer_get_id (transfer),
                                     ferry_transfer_get_id (other));
}

void
ferry_row_drag_enable (GtkWidget *row, FerryTransfer *transfer)
{
  g_return_if_fail (GTK_IS_WIDGET (row));
  g_return_if_fail (FERRY_IS_TRANSFER (transfer));

  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (FERRY_TYPE_TRANSFER, GDK_ACTION_MOVE);

  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect_object (source, "prepare", G_CALLBACK (on_prepare), transfer, 0);
  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), transfer, 0);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (target));
}
