/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user can do in the window. What a notification can do too is in
 * ferry-application-actions.c. */
#include "config.h"

#include "gtk/ferry-window-private.h"

#include "gtk/ferry-certificate-dialog.h"
#include "gtk/ferry-contact-dialog.h"
#include "gtk/ferry-details-dialog.h"
#include "gtk/ferry-key-dialog.h"
#include "gtk/ferry-password-dialog.h"
#include "gtk/ferry-preferences.h"

#include <glib/gi18n.h>

/* --- Finding what an action is about --------------------------------------------------------
 */

FerryContact *
ferry_window_find_contact (FerryWindow *self, const char *bare)
{
  GListModel *contacts = ferry_core_get_contacts (self->core);

  for (guint i = 0; i < g_list_model_get_n_items (contacts); i++)
    {
      g_autoptr (FerryContact) contact = g_list_model_get_item (contacts, i);

      if (g_str_equal (ferry_jid_get_bare (ferry_contact_get_jid (contact)), bare))
        return contact; /* the list keeps it */
    }
  return NULL;
}

FerryOffer *
ferry_window_dup_offer (FerryWindow *self, const char *id)
{
  GListModel *offers = ferry_core_get_offers (self->core);

  for (guint i = 0; i < g_list_model_get_n_items (offers); i++)
    {
      g_autoptr (FerryOffer) offer = g_list_model_get_item (offers, i);

      if (id == NULL || g_str_equal (ferry_offer_get_id (offer), id))
        return g_steal_pointer (&offer);
    }
  return NULL;
}

FerryTransfer *
ferry_window_dup_transfer (FerryWindow *self, const char *id)
{
  GListModel *transfers = ferry_core_get_transfers (self->core);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);

      if (g_str_equal (ferry_transfer_get_id (transfer), id))
        return g_steal_pointer (&transfer);
    }
  return NULL;
}

static FerryClient *
find_client (FerryWindow *self, const char *bare)
{
  GListModel *clients = ferry_core_get_clients (self->core);

  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);

      if (g_str_equal (ferry_jid_get_bare (ferry_client_get_jid (client)), bare))
        return client; /* the list keeps it */
    }
  return NULL;
}

/* --- Moving about ----------------------------------------------------------------------------
 */

static void
search (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  gboolean content_shown =
      !adw_leaflet_get_folded (self->leaflet) ||
      g_strcmp0 (adw_leaflet_get_visible_child_name (self->leaflet), "content") == 0;

  if (content_shown &&
      g_strcmp0 (adw_view_stack_get_visible_child_name (self->views), "history") == 0)
    {
      ferry_history_view_start_search (self->history);
      return;
    }
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
  ferry_contact_list_view_start_search (self->contacts);
}

static void
show_view (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);

  adw_view_stack_set_visible_child_name (self->views, g_variant_get_string (parameter, NULL));
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
}

static void
back (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_leaflet_navigate (FERRY_WINDOW (widget)->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
forward (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_leaflet_navigate (FERRY_WINDOW (widget)->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
}

/* --- Answering the oldest offer by key -------------------------------------------------------
 */

static void
answer_first (GtkWidget *widget, const char *action)
{
  g_autoptr (FerryOffer) offer = ferry_window_dup_offer (FERRY_WINDOW (widget), NULL);

  if (offer != NULL)
    gtk_widget_activate_action (widget, action, "s", ferry_offer_get_id (offer));
}

static void
accept_first (GtkWidget *widget, const char *name, GVariant *parameter)
{
  answer_first (widget, "app.accept-offer");
}

static void
decline_first (GtkWidget *widget, const char *name, GVariant *parameter)
{
  answer_first (widget, "app.decline-offer");
}

/* --- Looking closer --------------------------------------------------------------------------
 */

static void
present_dialog (GtkWidget *parent, GtkWidget *dialog)
{
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (parent));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
copy_address (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget),
                          g_variant_get_string (parameter, NULL));
  ferry_window_toast (FERRY_WINDOW (widget), _ ("Address copied"));
}

static void
show_preferences (GtkWidget *widget, const char *name, GVariant *parameter)
{
  present_dialog (widget, ferry_preferences_new (FERRY_WINDOW (widget)->core));
}

static void
show_contact (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  FerryContact *contact =
      ferry_window_find_contact (self, g_variant_get_string (parameter, NULL));

  if (contact != NULL)
    present_dialog (widget, ferry_contact_dialog_new (self->core, contact));
}

static void
show_details (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (FerryTransfer) transfer =
      ferry_window_dup_transfer (FERRY_WINDOW (widget), g_variant_get_string (parameter, NULL));

  if (transfer != NULL)
    present_dialog (widget, ferry_details_dialog_new (transfer));
}

static void
copy_details (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  g_autoptr (FerryTransfer) transfer =
      ferry_window_dup_transfer (self, g_variant_get_string (parameter, NULL));

  if (transfer == NULL)
    return;

  g_autofree char *timeline = ferry_transfer_dup_timeline (transfer);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), timeline);
  ferry_window_toast (self, _ ("Details copied"));
}

/* Not by GtkApplication's gtk/help-overlay.ui: that makes the window in advance, and GTK 4.8
 * crashes as soon as a screen reader asks for a window by a number that is too high, as it does
 * when a dialog goes meanwhile: GtkAtSpiRoot then takes the last one there is, and what was
 * never shown has no path. */
static void
show_shortcuts (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource (FERRY_RESOURCES "/ferry-shortcuts.ui");

  present_dialog (widget, GTK_WIDGET (gtk_builder_get_object (builder, "shortcuts")));
}

/* Returns: (transfer full) (nullable): what @transfer waits for */
static FerryKeyQuestion *
dup_question (FerryWindow *self, FerryTransfer *transfer)
{
  GListModel *questions = ferry_core_get_key_questions (self->core);

  for (guint i = 0; i < g_list_model_get_n_items (questions); i++)
    {
      g_autoptr (FerryKeyQuestion) question = g_list_model_get_item (questions, i);

      if (ferry_jid_equal_bare (ferry_key_question_get_account (question),
                                ferry_transfer_get_account (transfer)) &&
          ferry_jid_equal_bare (ferry_key_question_get_device (question),
                                ferry_transfer_get_peer (transfer)))
        return g_steal_pointer (&question);
    }
  return NULL;
}

static void
compare_keys (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  g_autoptr (FerryTransfer) transfer =
      ferry_window_dup_transfer (self, g_variant_get_string (parameter, NULL));
  g_autoptr (FerryKeyQuestion) question =
      transfer != NULL ? dup_question (self, transfer) : NULL;

  if (question != NULL)
    present_dialog (widget, ferry_key_dialog_new (self->core, question));
}

/* As compare_keys(), by account and device. */
static void
answer_key (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  GListModel *questions = ferry_core_get_key_questions (self->core);
  const char *account = NULL, *device = NULL;

  g_variant_get (parameter, "(&s&s)", &account, &device);
  for (guint i = 0; i < g_list_model_get_n_items (questions); i++)
    {
      g_autoptr (FerryKeyQuestion) question = g_list_model_get_item (questions, i);

      if (!g_str_equal (ferry_jid_get_bare (ferry_key_question_get_account (question)),
                        account) ||
          !g_str_equal (ferry_jid_get_text (ferry_key_question_get_device (question)), device))
        continue;
      present_dialog (widget, ferry_key_dialog_new (self->core, question));
      return;
    }
}

/* --- Accounts --------------------------------------------------------------------------------
 */

static void
reconnect (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryClient *client =
      find_client (FERRY_WINDOW (widget), g_variant_get_string (parameter, NULL));

  if (client != NULL)
    ferry_client_connect (client);
}

static void
enter_password (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryClient *client =
      find_client (FERRY_WINDOW (widget), g_variant_get_string (parameter, NULL));

  if (client != NULL)
    present_dialog (widget, ferry_password_dialog_new (client));
}

static void
view_certificate (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryClient *client =
      find_client (FERRY_WINDOW (widget), g_variant_get_string (parameter, NULL));

  if (client != NULL && ferry_client_get_certificate (client) != NULL)
    present_dialog (widget, ferry_certificate_dialog_new (client));
}

static void
on_sign_out_response (FerryWindow *self, const char *response)
{
  GListModel *clients = ferry_core_get_clients (self->core);

  if (!g_str_equal (response, "sign-out"))
    return;
  while (g_list_model_get_n_items (clients) > 0)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, 0);
      g_autoptr (GError) error = NULL;

      if (!ferry_core_remove_account (self->core, client, &error))
        {
          g_info ("the account could not be forgotten: %s", error->message);
          return;
        }
    }
}

static void
sign_out (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);

  if (g_list_model_get_n_items (ferry_core_get_clients (self->core)) == 0)
    return;

  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), _ ("Sign Out?"),
      _ ("Ferry forgets the account and its password on this computer. The history stays."));
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);

  adw_message_dialog_add_responses (message, "cancel", _ ("_Cancel"), "sign-out",
                                    _ ("_Sign Out"), NULL);
  adw_message_dialog_set_response_appearance (message, "sign-out", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (message, "cancel");
  adw_message_dialog_set_close_response (message, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_sign_out_response), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
ferry_window_class_init_actions (FerryWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct
  {
    const char *name;
    const char *parameter_type;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "win.search", NULL, search },
    { "win.show-view", "s", show_view },
    { "win.back", NULL, back },
    { "win.forward", NULL, forward },
    { "win.accept-first", NULL, accept_first },
    { "win.decline-first", NULL, decline_first },
    { "win.copy-address", "s", copy_address },
    { "win.show-preferences", NULL, show_preferences },
    { "win.show-contact", "s", show_contact },
    { "win.show-details", "s", show_details },
    { "win.copy-details", "s", copy_details },
    { "win.compare-keys", "s", compare_keys },
    { "win.answer-key", "(ss)", answer_key },
    { "win.show-shortcuts", NULL, show_shortcuts },
    { "win.reconnect", "s", reconnect },
    { "win.enter-password", "s", enter_password },
    { "win.view-certificate", "s", view_certificate },
    { "win.sign-out", NULL, sign_out },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter_type,
                                     actions[i].activate);
}
