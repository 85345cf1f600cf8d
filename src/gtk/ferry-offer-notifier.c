/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-offer-notifier.h"

#include "base/ferry-file-name.h"
#include "gtk/ferry-item-watch.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n.h>

#define QUIET_SECONDS 60

struct _FerryOfferNotifier
{
  GObject parent_instance;

  GtkApplication *application; /* borrowed */
  GListModel *offers;
  FerryItemWatch *watch;
  GHashTable *quiet; /* bare JID → Quiet: who was told of less than a minute ago */
};

G_DEFINE_FINAL_TYPE (FerryOfferNotifier, ferry_offer_notifier, G_TYPE_OBJECT)

typedef struct
{
  FerryOfferNotifier *notifier;
  char *bare;
  guint timeout_id;
  gboolean has_news; /* to be told when the minute is over */
} Quiet;

static void
quiet_free (gpointer data)
{
  Quiet *quiet = data;

  g_clear_handle_id (&quiet->timeout_id, g_source_remove);
  g_free (quiet->bare);
  g_free (quiet);
}

static gboolean
is_window_focused (FerryOfferNotifier *self)
{
  GtkWindow *window = gtk_application_get_active_window (self->application);

  return window != NULL && gtk_window_is_active (window);
}

static const char *
get_bare (FerryOffer *offer)
{
  return ferry_jid_get_bare (ferry_offer_get_peer (offer));
}

/* @first: (out) (transfer full) (nullable) */
static guint
count_offers (FerryOfferNotifier *self, const char *bare, FerryOffer **first)
{
  guint n = 0;

  *first = NULL;
  for (guint i = 0; i < g_list_model_get_n_items (self->offers); i++)
    {
      g_autoptr (FerryOffer) offer = g_list_model_get_item (self->offers, i);

      if (!g_str_equal (get_bare (offer), bare))
        continue;
      if (n++ == 0)
        *first = g_steal_pointer (&offer);
    }
  return n;
}

/* --- What is said ----------------------------------------------------------------------------
 */

static char *
dup_id (const char *bare)
{
  return g_strconcat ("offers-", bare, NULL);
}

static void
withdraw (FerryOfferNotifier *self, const char *bare)
{
  g_autofree char *id = dup_id (bare);

  g_application_withdraw_notification (G_APPLICATION (self->application), id);
}

static GNotification *
new_single (FerryOffer *offer)
{
  gint64 size = ferry_offer_get_size (offer);
  const char *id = ferry_offer_get_id (offer);
  g_autofree char *title = ferry_sentence_for_offer (offer);
  g_autofree char *name = ferry_sentence_for_offer_name (offer);
  g_autofree char *amount = g_format_size (size >= 0 ? (guint64) size : 0);
  /* Translators: the size and the name of a file. */
  g_autofree char *body =
      size >= 0 ? g_strdup_printf (_ ("%s · %s"), amount, name) : g_strdup (name);
  GNotification *notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  /* Whoever is not in the contact list is answered with the whole card in view only. */
  if (ferry_offer_is_known (offer))
    g_notification_add_button_with_target (notification, _ ("Accept"), "app.accept-offer", "s",
                                           id);
  g_notification_add_button_with_target (notification, _ ("Decline"), "app.decline-offer", "s",
                                         id);
  return notification;
}

static GNotification *
new_several (FerryOffer *first, guint n)
{
  g_autofree char *name = ferry_file_name_for_display (ferry_offer_get_name (first));
  g_autofree char *title = ferry_sentence_for_wish (ferry_offer_get_peer_name (first), n);
  g_autofree char *body =
      /* Translators: %s is a file name, %u how many files come with it. */
      g_strdup_printf (ngettext ("%s and %u more file", "%s and %u more files", n - 1), name,
                       n - 1);
  GNotification *notification = g_notification_new (title);

  g_notification_set_body (notification, body);
  return notification;
}

static gboolean minute_over_cb (gpointer user_data);

static void
show (FerryOfferNotifier *self, const char *bare)
{
  g_autoptr (FerryOffer) first = NULL;
  guint n = count_offers (self, bare, &first);

  if (n == 0 || is_window_focused (self))
    return;

  g_autoptr (GNotification) notification = n == 1 ? new_single (first) : new_several (first, n);
  g_autofree char *id = dup_id (bare);
  Quiet *quiet = g_new0 (Quiet, 1);

  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  g_notification_set_default_action (notification, "app.show-transfers");
  g_application_send_notification (G_APPLICATION (self->application), id, notification);

  quiet->notifier = self;
  quiet->bare = g_strdup (bare);
  quiet->timeout_id = g_timeout_add_seconds (QUIET_SECONDS, minute_over_cb, quiet);
  g_hash_table_replace (self->quiet, quiet->bare, quiet);
}

/* --- When ------------------------------------------------------------------------------------
 */

static gboolean
minute_over_cb (gpointer user_data)
{
  Quiet *quiet = user_data;
  FerryOfferNotifier *self = quiet->notifier;
  gboolean has_news = quiet->has_news;
  g_autofree char *bare = g_strdup (quiet->bare);

  quiet->timeout_id = 0;
  g_hash_table_remove (self->quiet, bare);
  if (has_news)
    show (self, bare);
  return G_SOURCE_REMOVE;
}

static void
show_in_time (FerryOfferNotifier *self, const char *bare)
{
  Quiet *quiet = g_hash_table_lookup (self->quiet, bare);

  if (quiet != NULL)
    quiet->has_news = TRUE;
  else
    show (self, bare);
}

static void
on_offer_added (FerryOfferNotifier *self, FerryOffer *offer)
{
  show_in_time (self, get_bare (offer));
}

/* What is shown is no longer true, and its buttons may answer nothing. */
static void
on_offer_removed (FerryOfferNotifier *self, FerryOffer *offer)
{
  g_autoptr (FerryOffer) first = NULL;

  withdraw (self, get_bare (offer));
  if (count_offers (self, get_bare (offer), &first) > 0)
    show_in_time (self, get_bare (offer));
}

/* Whoever looks at the window sees the cards. */
static void
on_window_active (FerryOfferNotifier *self)
{
  if (!is_window_focused (self))
    return;
  for (guint i = 0; i < g_list_model_get_n_items (self->offers); i++)
    {
      g_autoptr (FerryOffer) offer = g_list_model_get_item (self->offers, i);

      withdraw (self, get_bare (offer));
    }
}

static void
on_window_added (FerryOfferNotifier *self, GtkWindow *window)
{
  g_signal_connect_object (window, "notify::is-active", G_CALLBACK (on_window_active), self,
                           G_CONNECT_SWAPPED);
}

/* --- Life ------------------------------------------------------------------------------------
 */

static void
ferry_offer_notifier_dispose (GObject *object)
{
  FerryOfferNotifier *self = FERRY_OFFER_NOTIFIER (object);

  g_hash_table_remove_all (self->quiet);
  g_clear_object (&self->watch);
  g_clear_object (&self->offers);

  G_OBJECT_CLASS (ferry_offer_notifier_parent_class)->dispose (object);
}

static void
ferry_offer_notifier_finalize (GObject *object)
{
  FerryOfferNotifier *self = FERRY_OFFER_NOTIFIER (object);

  g_hash_table_unref (self->quiet);

  G_OBJECT_CLASS (ferry_offer_notifier_parent_class)->finalize (object);
}

static void
ferry_offer_notifier_class_init (FerryOfferNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_offer_notifier_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferry_offer_notifier_finalize;
}

static void
ferry_offer_notifier_init (FerryOfferNotifier *self)
{
  self->quiet = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, quiet_free);
}

FerryOfferNotifier *
ferry_offer_notifier_new (GtkApplication *application, GListModel *offers)
{
  g_return_val_if_fail (GTK_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (G_IS_LIST_MODEL (offers), NULL);

  static const char *const no_properties[] = { NULL };
  FerryOfferNotifier *self = g_object_new (FERRY_TYPE_OFFER_NOTIFIER, NULL);

  self->application = application;
  self->offers = g_object_ref (offers);
  self->watch = ferry_item_watch_new (offers, no_properties);
  g_signal_connect_object (self->watch, "added", G_CALLBACK (on_offer_added), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watch, "removed", G_CALLBACK (on_offer_removed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (application, "window-added", G_CALLBACK (on_window_added), self,
                           G_CONNECT_SWAPPED);
  return self;
}
