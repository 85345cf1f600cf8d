/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-notifier.h"

#include "base/ferry-file-name.h"
#include "gtk/ferry-item-watch.h"
#include "gtk/ferry-key-notifier.h"
#include "gtk/ferry-launch.h"
#include "gtk/ferry-offer-notifier.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>

struct _FerryNotifier
{
  GObject parent_instance;

  GApplication *application; /* borrowed: it owns us */
  FerryOfferNotifier *offers;
  FerryKeyNotifier *keys;
  FerryItemWatch *rows; /* of what was sent together as one */
};

G_DEFINE_FINAL_TYPE (FerryNotifier, ferry_notifier, G_TYPE_OBJECT)

static gboolean
is_window_focused (FerryNotifier *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self->application));

  return window != NULL && gtk_window_is_active (window);
}

static char *
dup_received_body (FerryTransfer *transfer)
{
  const char *path = ferry_transfer_get_path (transfer);

  if (path == NULL)
    return NULL;

  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_filename_display_basename (folder);

  /* Translators: %s is a folder. */
  return g_strdup_printf (_ ("Saved in %s"), name);
}

static void
add_file_buttons (GNotification *notification, FerryTransfer *transfer)
{
  const char *path = ferry_transfer_get_path (transfer);

  if (path == NULL || ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND)
    return;
  if (ferry_launch_can_open (path))
    g_notification_add_button_with_target (notification, _ ("Open"), "app.open-file", "s",
                                           path);
  g_notification_add_button_with_target (notification, _ ("Show in Folder"), "app.show-file",
                                         "s", path);
}

static void
notify_end (FerryNotifier *self, FerryTransfer *transfer)
{
  FerryTransferState state = ferry_transfer_get_state (transfer);
  gboolean sending = ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND;
  g_autofree char *name = ferry_file_name_for_display (ferry_transfer_get_name (transfer));
  g_autofree char *peer = ferry_file_name_for_display (ferry_transfer_get_peer_name (transfer));
  g_autofree char *id = g_strconcat ("transfer-", ferry_transfer_get_id (transfer), NULL);
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  if (state != FERRY_TRANSFER_DONE)
    {
      title = g_strdup (name);
      body = ferry_sentence_for_transfer (transfer);
    }
  else if (sending)
    {
      /* Translators: a person and a file name. */
      title = g_strdup_printf (_ ("%s received %s"), peer, name);
    }
  else
    {
      /* Translators: a file name and a person. */
      title = g_strdup_printf (_ ("%s from %s"), name, peer);
      body = dup_received_body (transfer);
    }

  g_autoptr (GNotification) notification = g_notification_new (title);

  if (body != NULL)
    g_notification_set_body (notification, body);
  g_notification_set_default_action (notification, "app.show-transfers");
  g_notification_set_priority (notification, sending && state == FERRY_TRANSFER_DONE
                                                 ? G_NOTIFICATION_PRIORITY_LOW
                                                 : G_NOTIFICATION_PRIORITY_NORMAL);
  if (state == FERRY_TRANSFER_DONE)
    add_file_buttons (notification, transfer);
  g_application_send_notification (self->application, id, notification);
}

/* One for all that was sent together, when the last of it has ended. */
static void
notify_batch (FerryNotifier *self, FerryBatch *batch)
{
  gboolean sending = ferry_batch_get_direction (batch) == FERRY_DIRECTION_SEND;
  guint n_files = ferry_batch_get_n_files (batch);
  g_autofree char *files = ferry_sentence_for_several (ferry_batch_get_name (batch), n_files);
  g_autofree char *peer = ferry_file_name_for_display (ferry_batch_get_peer_name (batch));
  g_autofree char *id = g_strconcat ("batch-", ferry_batch_get_id (batch), NULL);
  g_autofree char *body = ferry_sentence_for_batch (batch);
  /* Translators: files and a person: "a.jpg and 11 more from Ada". */
  g_autofree char *title =
      g_strdup_printf (sending ? _ ("%s to %s") : _ ("%s from %s"), files, peer);
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  g_notification_set_default_action (notification, "app.show-transfers");
  g_application_send_notification (self->application, id, notification);
}

static void
on_row_changed (FerryNotifier *self, GObject *row)
{
  if (is_window_focused (self))
    return;
  if (FERRY_IS_BATCH (row))
    {
      if (ferry_batch_is_finished (FERRY_BATCH (row)))
        notify_batch (self, FERRY_BATCH (row));
      return;
    }

  FerryTransferState state = ferry_transfer_get_state (FERRY_TRANSFER (row));

  if (state == FERRY_TRANSFER_DONE || state == FERRY_TRANSFER_FAILED ||
      state == FERRY_TRANSFER_DECLINED)
    notify_end (self, FERRY_TRANSFER (row));
}

static void
on_row_removed (FerryNotifier *self, GObject *row)
{
  gboolean is_batch = FERRY_IS_BATCH (row);
  g_autofree char *id =
      is_batch ? g_strconcat ("batch-", ferry_batch_get_id (FERRY_BATCH (row)), NULL)
               : g_strconcat ("transfer-", ferry_transfer_get_id (FERRY_TRANSFER (row)), NULL);

  g_application_withdraw_notification (self->application, id);
}

static void
ferry_notifier_dispose (GObject *object)
{
  FerryNotifier *self = FERRY_NOTIFIER (object);

  g_clear_object (&self->offers);
  g_clear_object (&self->keys);
  g_clear_object (&self->rows);

  G_OBJECT_CLASS (ferry_notifier_parent_class)->dispose (object);
}

static void
ferry_notifier_class_init (FerryNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_notifier_dispose;
}

static void
ferry_notifier_init (FerryNotifier *self)
{
}

FerryNotifier *
ferry_notifier_new (GApplication *application, FerryCore *core)
{
  g_return_val_if_fail (G_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (FERRY_IS_CORE (core), NULL);

  static const char *const state[] = { "state", NULL };
  FerryNotifier *self = g_object_new (FERRY_TYPE_NOTIFIER, NULL);

  self->application = application;
  self->offers =
      ferry_offer_notifier_new (GTK_APPLICATION (application), ferry_core_get_offers (core));
  self->keys = ferry_key_notifier_new (GTK_APPLICATION (application),
                                       ferry_core_get_key_questions (core));
  self->rows = ferry_item_watch_new (ferry_core_get_rows (core), state);
  g_signal_connect_object (self->rows, "changed", G_CALLBACK (on_row_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->rows, "removed", G_CALLBACK (on_row_removed), self,
                           G_CONNECT_SWAPPED);
  return self;
}
