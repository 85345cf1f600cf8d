/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-hider.h"

#include "gtk/ferry-item-watch.h"
#include "transfer/ferry-transfer.h"

#include <glib/gi18n.h>

#define NOTIFICATION "background"

struct _FerryHider
{
  GObject parent_instance;

  GtkApplication *application; /* borrowed: it owns us */
  GListModel *transfers;
  FerryItemWatch *watch;
  GtkWindow *hidden; /* nullable, weak: the window that was closed */
  gulong shown_id;
};

G_DEFINE_FINAL_TYPE (FerryHider, ferry_hider, G_TYPE_OBJECT)

/* What the user has paused waits for the user. */
static gboolean
goes_on (FerryTransfer *transfer)
{
  return !ferry_transfer_is_finished (transfer) &&
         ferry_transfer_get_pause (transfer) != FERRY_TRANSFER_PAUSE_USER;
}

guint
ferry_hider_count_unfinished (FerryHider *self)
{
  g_return_val_if_fail (FERRY_IS_HIDER (self), 0);

  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (self->transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (self->transfers, i);

      if (goes_on (transfer))
        n++;
    }
  return n;
}

static void
leave (FerryHider *self)
{
  if (self->hidden == NULL)
    return;
  g_clear_signal_handler (&self->shown_id, self->hidden);
  g_clear_weak_pointer (&self->hidden);
  g_application_withdraw_notification (G_APPLICATION (self->application), NOTIFICATION);
}

static void
tell (FerryHider *self, guint n_unfinished)
{
  g_autofree char *title =
      /* Translators: the window was closed; %u is a number of files. */
      g_strdup_printf (ngettext ("Ferry is still busy with %u file",
                                 "Ferry is still busy with %u files", n_unfinished),
                       n_unfinished);
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, _ ("It ends by itself when they are finished."));
  g_notification_set_default_action (notification, "app.show-transfers");
  g_notification_add_button (notification, _ ("Show"), "app.show-transfers");
  g_notification_add_button (notification, _ ("Quit"), "app.quit");
  g_application_send_notification (G_APPLICATION (self->application), NOTIFICATION,
                                   notification);
}

gboolean
ferry_hider_hide (FerryHider *self, GtkWindow *window)
{
  g_return_val_if_fail (FERRY_IS_HIDER (self), FALSE);
  g_return_val_if_fail (GTK_IS_WINDOW (window), FALSE);

  guint n_unfinished = ferry_hider_count_unfinished (self);

  if (n_unfinished == 0)
    return FALSE;
  leave (self);
  gtk_widget_set_visible (GTK_WIDGET (window), FALSE);
  g_set_weak_pointer (&self->hidden, window);
  self->shown_id = g_signal_connect_swapped (window, "show", G_CALLBACK (leave), self);
  tell (self, n_unfinished);
  return TRUE;
}

/* Nobody looks, and nothing is left to do. */
static void
on_changed (FerryHider *self)
{
  if (self->hidden == NULL || ferry_hider_count_unfinished (self) > 0)
    return;
  leave (self);
  g_action_group_activate_action (G_ACTION_GROUP (self->application), "quit", NULL);
}

static void
ferry_hider_dispose (GObject *object)
{
  FerryHider *self = FERRY_HIDER (object);

  leave (self);
  g_clear_object (&self->watch);
  g_clear_object (&self->transfers);

  G_OBJECT_CLASS (ferry_hider_parent_class)->dispose (object);
}

static void
ferry_hider_class_init (FerryHiderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_hider_dispose;
}

static void
ferry_hider_init (FerryHider *self)
{
}

FerryHider *
ferry_hider_new (GtkApplication *application, GListModel *transfers)
{
  g_return_val_if_fail (GTK_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (G_IS_LIST_MODEL (transfers), NULL);

  static const char *const watched[] = { "state", NULL };
  FerryHider *self = g_object_new (FERRY_TYPE_HIDER, NULL);

  self->application = application;
  self->transfers = g_object_ref (transfers);
  self->watch = ferry_item_watch_new (transfers, watched);
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watch, "removed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  return self;
}
