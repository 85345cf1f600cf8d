/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-context-menu.h"

static gboolean
unparent_cb (gpointer user_data)
{
  GtkWidget *popover = user_data;

  if (gtk_widget_get_parent (popover) != NULL)
    gtk_widget_unparent (popover);
  return G_SOURCE_REMOVE;
}

/* Not at once: what was chosen in the menu is activated through its place in the window. */
static void
on_closed (GtkWidget *popover)
{
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, unparent_cb, g_object_ref (popover),
                   g_object_unref);
}

static void
open_menu (GtkWidget *widget, double x, double y)
{
  FerryContextMenuFunc create =
      (FerryContextMenuFunc) g_object_get_data (G_OBJECT (widget), "ferry-context-menu");
  g_autoptr (GMenuModel) model = create (widget);
  GtkWidget *popover = gtk_popover_menu_new_from_model (model);
  GdkRectangle at = { .x = (int) x, .y = (int) y, .width = 1, .height = 1 };

  gtk_widget_set_parent (popover, widget);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), &at);
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  gtk_widget_set_halign (popover, GTK_ALIGN_START);
  g_signal_connect (popover, "closed", G_CALLBACK (on_closed), NULL);
  g_signal_connect_object (widget, "destroy", G_CALLBACK (unparent_cb), popover,
                           G_CONNECT_SWAPPED);
  gtk_popover_popup (GTK_POPOVER (popover));
}

static void
on_pressed (GtkGestureClick *gesture, int n_press, double x, double y, GtkWidget *widget)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (widget, x, y);
}

static void
on_long_pressed (GtkGestureLongPress *gesture, double x, double y, GtkWidget *widget)
{
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (widget, x, y);
}

static gboolean
on_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  open_menu (widget, gtk_widget_get_width (widget) / 2.0, gtk_widget_get_height (widget) / 2.0);
  return TRUE;
}

void
ferry_context_menu_enable (GtkWidget *widget, FerryContextMenuFunc create)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));
  g_return_if_fail (create != NULL);

  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *press = gtk_gesture_long_press_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  g_object_set_data (G_OBJECT (widget), "ferry-context-menu", (gpointer) create);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Menu|<Shift>F10"),
                        gtk_callback_action_new (on_key, NULL, NULL)));
  g_signal_connect_object (click, "pressed", G_CALLBACK (on_pressed), widget, 0);
  g_signal_connect_object (press, "pressed", G_CALLBACK (on_long_pressed), widget, 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (press));
  gtk_widget_add_controller (widget, keys);
}

void
ferry_context_menu_append (GMenu *menu,
                           const char *label,
                           const char *action,
                           const char *target)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "s", target);
  g_menu_append_item (menu, item);
}
