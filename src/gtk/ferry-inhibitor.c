/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-inhibitor.h"

#include "gtk/ferry-item-watch.h"
#include "transfer/ferry-transfer.h"

#include <glib/gi18n.h>

struct _FerryInhibitor
{
  GObject parent_instance;

  GtkApplication *application; /* borrowed: it owns us */
  GListModel *transfers;
  FerryItemWatch *watch;
  guint cookie; /* 0: the computer may sleep */
};

G_DEFINE_FINAL_TYPE (FerryInhibitor, ferry_inhibitor, G_TYPE_OBJECT)

static gboolean
is_anything_moving (FerryInhibitor *self)
{
  for (guint i = 0; i < g_list_model_get_n_items (self->transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (self->transfers, i);

      if (ferry_transfer_get_state (transfer) == FERRY_TRANSFER_ACTIVE)
        return TRUE;
    }
  return FALSE;
}

static void
release (FerryInhibitor *self)
{
  if (self->cookie != 0)
    gtk_application_uninhibit (self->application, self->cookie);
  self->cookie = 0;
}

static void
update (FerryInhibitor *self)
{
  if (!is_anything_moving (self))
    release (self);
  else if (self->cookie == 0)
    self->cookie = gtk_application_inhibit (
        self->application, gtk_application_get_active_window (self->application),
        /* Translators: why the computer does not suspend by itself. */
        GTK_APPLICATION_INHIBIT_SUSPEND, _ ("Files are being transferred"));
}

static void
ferry_inhibitor_dispose (GObject *object)
{
  FerryInhibitor *self = FERRY_INHIBITOR (object);

  release (self);
  g_clear_object (&self->watch);
  g_clear_object (&self->transfers);

  G_OBJECT_CLASS (ferry_inhibitor_parent_class)->dispose (object);
}

static void
ferry_inhibitor_class_init (FerryInhibitorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_inhibitor_dispose;
}

static void
ferry_inhibitor_init (FerryInhibitor *self)
{
}

FerryInhibitor *
ferry_inhibitor_new (GtkApplication *application, GListModel *transfers)
{
  g_return_val_if_fail (GTK_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (G_IS_LIST_MODEL (transfers), NULL);

  static const char *const watched[] = { "state", NULL };
  FerryInhibitor *self = g_object_new (FERRY_TYPE_INHIBITOR, NULL);

  self->application = application;
  self->transfers = g_object_ref (transfers);
  self->watch = ferry_item_watch_new (transfers, watched);
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watch, "removed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  return self;
}
