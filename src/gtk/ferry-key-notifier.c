/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-key-notifier.h"

#include "base/ferry-file-name.h"
#include "client/ferry-key-question.h"
#include "gtk/ferry-item-watch.h"

#include <glib/gi18n.h>

struct _FerryKeyNotifier
{
  GObject parent_instance;

  GtkApplication *application; /* borrowed */
  FerryItemWatch *watch;
};

G_DEFINE_FINAL_TYPE (FerryKeyNotifier, ferry_key_notifier, G_TYPE_OBJECT)

static char *
dup_id (FerryKeyQuestion *question)
{
  return g_strconcat ("key-", ferry_jid_get_bare (ferry_key_question_get_account (question)),
                      "-", ferry_jid_get_text (ferry_key_question_get_device (question)), NULL);
}

static char *
dup_body (FerryKeyQuestion *question)
{
  g_autofree char *peer =
      ferry_file_name_for_display (ferry_key_question_get_peer_name (question));

  if (ferry_key_question_get_other (question) != NULL)
    return g_strdup_printf (_ ("%s’s device shows another key than before"), peer);
  return g_strdup_printf (_ ("%s’s Ferry used to encrypt, and does not now"), peer);
}

/* To accept takes a look at the keys, so the notification only leads there. */
static void
on_asked (FerryKeyNotifier *self, FerryKeyQuestion *question)
{
  GtkWindow *window = gtk_application_get_active_window (self->application);

  if (window != NULL && gtk_window_is_active (window))
    return;

  const char *account = ferry_jid_get_bare (ferry_key_question_get_account (question));
  const char *device = ferry_jid_get_text (ferry_key_question_get_device (question));
  g_autofree char *file =
      ferry_file_name_for_display (ferry_key_question_get_file_name (question));
  /* Translators: %s is a file name. */
  g_autofree char *title = g_strdup_printf (_ ("“%s” waits for your answer"), file);
  g_autofree char *body = dup_body (question);
  g_autofree char *id = dup_id (question);
  g_autoptr (GNotification) notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  g_notification_set_default_action_and_target (notification, "app.compare-keys", "(ss)",
                                                account, device);
  g_notification_add_button_with_target (notification, _ ("Do Not Transfer"), "app.decline-key",
                                         "(ss)", account, device);
  g_notification_add_button_with_target (
      notification,
      ferry_key_question_get_other (question) != NULL ? _ ("Compare Keys…") : _ ("Decide…"),
      "app.compare-keys", "(ss)", account, device);
  g_application_send_notification (G_APPLICATION (self->application), id, notification);
}

static void
on_closed (FerryKeyNotifier *self, FerryKeyQuestion *question)
{
  g_autofree char *id = dup_id (question);

  g_application_withdraw_notification (G_APPLICATION (self->application), id);
}

static void
ferry_key_notifier_dispose (GObject *object)
{
  FerryKeyNotifier *self = FERRY_KEY_NOTIFIER (object);

  g_clear_object (&self->watch);

  G_OBJECT_CLASS (ferry_key_notifier_parent_class)->dispose (object);
}

static void
ferry_key_notifier_class_init (FerryKeyNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_key_notifier_dispose;
}

static void
ferry_key_notifier_init (FerryKeyNotifier *self)
{
}

FerryKeyNotifier *
ferry_key_notifier_new (GtkApplication *application, GListModel *questions)
{
  g_return_val_if_fail (GTK_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (G_IS_LIST_MODEL (questions), NULL);

  static const char *const no_properties[] = { NULL };
  FerryKeyNotifier *self = g_object_new (FERRY_TYPE_KEY_NOTIFIER, NULL);

  self->application = application;
  self->watch = ferry_item_watch_new (questions, no_properties);
  g_signal_connect_object (self->watch, "added", G_CALLBACK (on_asked), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watch, "removed", G_CALLBACK (on_closed), self,
                           G_CONNECT_SWAPPED);
  return self;
}
