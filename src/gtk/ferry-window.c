/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-window-private.h"

#include "gtk/ferry-offer-card.h"
#include "gtk/ferry-status-row.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (FerryWindow, ferry_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- What is shown ---------------------------------------------------------------------------
 */

void
ferry_window_show_transfers (FerryWindow *self)
{
  g_return_if_fail (FERRY_IS_WINDOW (self));

  adw_view_stack_set_visible_child_name (self->views, "transfers");
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
}

void
ferry_window_toast (FerryWindow *self, const char *text)
{
  g_return_if_fail (FERRY_IS_WINDOW (self));

  AdwToast *toast = adw_toast_new ("");
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_toast_set_title (toast, markup);
  adw_toast_set_timeout (toast, ferry_window_get_toast_seconds ());
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
on_contact_activated (FerryWindow *self, FerryContact *contact)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-contact", "s",
                              ferry_jid_get_bare (ferry_contact_get_jid (contact)));
}

static void
on_contact_files_dropped (FerryWindow *self, FerryContact *contact, GListModel *files)
{
  ferry_window_send_files (self, contact, files);
}

static void
on_setup_done (FerryWindow *self)
{
  gtk_stack_set_visible_child_name (self->stack, "main");
}

/* The set-up page leaves by its own "done", because an account being tried is in the list too.
 */
static void
on_clients_changed (FerryWindow *self)
{
  if (g_list_model_get_n_items (ferry_core_get_clients (self->core)) > 0)
    return;
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "setup") == 0)
    return;
  gtk_stack_set_visible_child_name (self->stack, "setup");
  gtk_widget_grab_focus (GTK_WIDGET (self->setup));
}

/* Shown in the sidebar when there is no room for both pages. */
static void
update_summary (FerryWindow *self)
{
  guint n_offers = g_list_model_get_n_items (ferry_core_get_offers (self->core));
  guint n_transfers = ferry_transfers_view_get_n_unfinished (self->transfers);
  g_autofree char *text = NULL;

  if (n_offers > 0)
    text = g_strdup_printf (ngettext ("%u Offer", "%u Offers", n_offers), n_offers);
  else if (n_transfers > 0)
    text = g_strdup_printf (ngettext ("%u Transfer", "%u Transfers", n_transfers), n_transfers);
  else
    text = g_strdup (_ ("Transfers"));

  gtk_label_set_label (self->summary, text);
  adw_view_stack_page_set_badge_number (self->transfers_page, n_transfers + n_offers);
  adw_view_stack_page_set_needs_attention (self->transfers_page, n_offers > 0);
  gtk_revealer_set_reveal_child (self->offers_revealer, n_offers > 0);
}

static gboolean
update_offers_height (gpointer user_data)
{
  FerryWindow *self = user_data;
  GtkWidget *child = gtk_scrolled_window_get_child (self->offers_scroller);
  int width = gtk_widget_get_width (child);
  int height = 0;

  self->offers_id = 0;
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width > 0 ? width : -1, NULL, &height,
                      NULL, NULL);
  gtk_scrolled_window_set_min_content_height (
      self->offers_scroller,
      MIN (height, gtk_scrolled_window_get_max_content_height (self->offers_scroller)));
  return G_SOURCE_REMOVE;
}

/* A scrolled window asks for the height of its content as if there were any width; text that
 * wraps needs more. */
static void
queue_offers_height (FerryWindow *self)
{
  if (self->offers_id == 0)
    self->offers_id = g_idle_add (update_offers_height, self);
}

static gboolean
update_switcher (gpointer user_data)
{
  FerryWindow *self = user_data;

  self->switcher_id = 0;
  adw_view_switcher_bar_set_reveal (
      self->switcher_bar, adw_view_switcher_title_get_title_visible (self->switcher_title));
  return G_SOURCE_REMOVE;
}

/* The title finds out while sizes are given away; what asks for another size then is not heard.
 */
static void
on_title_visible_changed (FerryWindow *self)
{
  if (self->switcher_id == 0)
    self->switcher_id = g_idle_add (update_switcher, self);
}

static GtkWidget *
create_offer_card (gpointer item, gpointer user_data)
{
  FerryWindow *self = user_data;

  return ferry_offer_card_new (item, ferry_core_get_download_folder (self->core),
                               ferry_core_get_contact_routes (self->core,
                                                              ferry_offer_get_account (item),
                                                              ferry_offer_get_peer (item)));
}

static GtkWidget *
create_status_row (gpointer item, gpointer user_data)
{
  return ferry_status_row_new (item);
}

/* --- Life ------------------------------------------------------------------------------------
 */

static void
restore_geometry (FerryWindow *self)
{
  g_autoptr (GSettingsSchema) schema = g_settings_schema_source_lookup (
      g_settings_schema_source_get_default (), FERRY_APP_ID, TRUE);

  if (schema == NULL)
    return;
  self->settings = g_settings_new_full (schema, NULL, NULL);
  g_settings_bind (self->settings, "window-width", self, "default-width",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "window-height", self, "default-height",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "window-maximized", self, "maximized",
                   G_SETTINGS_BIND_DEFAULT);
}

static gboolean
ferry_window_close_request (GtkWindow *window)
{
  ferry_application_close_window (FERRY_APPLICATION (gtk_window_get_application (window)),
                                  window);
  return TRUE;
}

/* For GTK 4.8 a hidden window has no accessible path, and a screen reader that asks for it,
 * because it has just been there, makes the program crash. To tell of any change gives it a
 * path again. */
static void
ferry_window_hide (GtkWidget *widget)
{
  gboolean focusable = gtk_widget_get_focusable (widget);

  GTK_WIDGET_CLASS (ferry_window_parent_class)->hide (widget);
  gtk_widget_set_focusable (widget, !focusable);
  gtk_widget_set_focusable (widget, focusable);
}

static void
ferry_window_dispose (GObject *object)
{
  FerryWindow *self = FERRY_WINDOW (object);

  if (self->offers_list != NULL)
    gtk_list_box_bind_model (self->offers_list, NULL, NULL, NULL, NULL);
  if (self->status_list != NULL)
    gtk_list_box_bind_model (GTK_LIST_BOX (self->status_list), NULL, NULL, NULL, NULL);
  g_clear_handle_id (&self->switcher_id, g_source_remove);
  g_clear_handle_id (&self->offers_id, g_source_remove);
  g_clear_object (&self->chooser);
  g_clear_object (&self->removal);
  g_clear_object (&self->settings);
  gtk_widget_dispose_template (GTK_WIDGET (self), FERRY_TYPE_WINDOW);
  self->offers_list = NULL;
  self->status_list = NULL;

  G_OBJECT_CLASS (ferry_window_parent_class)->dispose (object);
}

static void
ferry_window_finalize (GObject *object)
{
  FerryWindow *self = FERRY_WINDOW (object);

  g_clear_object (&self->core);

  G_OBJECT_CLASS (ferry_window_parent_class)->finalize (object);
}

static void
ferry_window_class_init (FerryWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ferry_window_dispose;
  object_class->finalize = ferry_window_finalize;
  widget_class->hide = ferry_window_hide;
  GTK_WINDOW_CLASS (klass)->close_request = ferry_window_close_request;

  g_type_ensure (FERRY_TYPE_SETUP_PAGE);
  g_type_ensure (FERRY_TYPE_CONTACT_LIST_VIEW);
  g_type_ensure (FERRY_TYPE_TRANSFERS_VIEW);
  g_type_ensure (FERRY_TYPE_HISTORY_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-window.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, setup);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, contacts);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, status_list);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, summary);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, offers_revealer);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, offers_scroller);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, offers_list);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, switcher_title);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, switcher_bar);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, views);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, transfers_page);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, transfers);
  gtk_widget_class_bind_template_child (widget_class, FerryWindow, history);
  gtk_widget_class_bind_template_callback (widget_class, on_contact_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_contact_files_dropped);
  gtk_widget_class_bind_template_callback (widget_class, on_setup_done);
  gtk_widget_class_bind_template_callback (widget_class, on_title_visible_changed);
  ferry_window_class_init_actions (klass);
  ferry_window_class_init_choosers (klass);
  ferry_window_class_init_send (klass);
  ferry_window_class_init_undo (klass);
}

static void
ferry_window_init (FerryWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ferry_window_init_drop (self);
}

static void
show_core (FerryWindow *self)
{
  GListModel *offers = ferry_core_get_offers (self->core);
  GListModel *clients = ferry_core_get_clients (self->core);

  ferry_setup_page_set_core (self->setup, self->core);
  ferry_contact_list_view_set_contacts (self->contacts, ferry_core_get_contacts (self->core));
  ferry_transfers_view_set_transfers (self->transfers, ferry_core_get_transfers (self->core),
                                      ferry_core_get_rows (self->core));
  ferry_history_view_set_history (self->history, ferry_core_get_history (self->core));
  gtk_list_box_bind_model (GTK_LIST_BOX (self->status_list), clients, create_status_row, NULL,
                           NULL);
  gtk_list_box_bind_model (self->offers_list, offers, create_offer_card, self, NULL);

  g_signal_connect_object (clients, "items-changed", G_CALLBACK (on_clients_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (offers, "items-changed", G_CALLBACK (update_summary), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (offers, "items-changed", G_CALLBACK (queue_offers_height), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (gtk_scrolled_window_get_hadjustment (self->offers_scroller),
                           "notify::page-size", G_CALLBACK (queue_offers_height), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->transfers, "notify::n-unfinished", G_CALLBACK (update_summary),
                           self, G_CONNECT_SWAPPED);
  gtk_stack_set_visible_child_name (self->stack,
                                    g_list_model_get_n_items (clients) > 0 ? "main" : "setup");
  update_summary (self);
}

FerryWindow *
ferry_window_new (FerryApplication *application, FerryCore *core)
{
  g_return_val_if_fail (FERRY_IS_APPLICATION (application), NULL);
  g_return_val_if_fail (FERRY_IS_CORE (core), NULL);

  FerryWindow *self = g_object_new (FERRY_TYPE_WINDOW, "application", application, NULL);

  self->core = g_object_ref (core);
  restore_geometry (self);
  show_core (self);
  return self;
}
