/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-drop.h"

GListModel *
ferry_drop_dup_files (const GValue *value)
{
  g_return_val_if_fail (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST), NULL);

  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);

  for (GSList *item = g_value_get_boxed (value); item != NULL; item = item->next)
    g_list_store_append (files, item->data);
  if (g_list_model_get_n_items (G_LIST_MODEL (files)) == 0)
    return NULL;
  return G_LIST_MODEL (g_steal_pointer (&files));
}

/* File managers may offer to move only, and a target that takes copies only never sees their
 * drag. So both are accepted, a copy is asked for, and the source is left alone either way. */
static GdkDragAction
on_hover (GtkDropTarget *target, double x, double y, gpointer user_data)
{
  GdkDrop *drop = gtk_drop_target_get_current_drop (target);
  GdkDragAction offered = drop != NULL ? gdk_drop_get_actions (drop) : GDK_ACTION_COPY;

  return (offered & GDK_ACTION_COPY) ? GDK_ACTION_COPY : GDK_ACTION_MOVE;
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer user_data)
{
  FerryDropFunc dropped = (FerryDropFunc) user_data;
  g_autoptr (GListModel) files = ferry_drop_dup_files (value);

  if (files == NULL)
    return FALSE;
  dropped (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (target)), files);
  return TRUE;
}

void
ferry_drop_enable (GtkWidget *widget, FerryDropFunc dropped)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (dropped != NULL);

  if (g_getenv ("FERRY_DISABLE_DND") != NULL)
    return;

  GtkDropTarget *target =
      gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY | GDK_ACTION_MOVE);

  g_signal_connect (target, "enter", G_CALLBACK (on_hover), NULL);
  g_signal_connect (target, "motion", G_CALLBACK (on_hover), NULL);
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), (gpointer) dropped);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}
