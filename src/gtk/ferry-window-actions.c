/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user can do in the window. What a notification can do too is in
 * ferry-application-actions.c. */
#include "config.h"

#include "gtk/ferry-window-private.h"

#include "gtk/ferry-certificate-dialog.h"
#include "gtk/ferry-details-dialog.h"
#include "gtk/ferry-drop.h"
#include "gtk/ferry-password-dialog.h"

#include <glib/gi18n.h>

static FerryContact *
find_contact (FerryWindow *self, const char *bare)
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

/* --- Choosing files and folders --------------------------------------------------------------
 */

/* What a file chooser was opened for; freed with it. */
typedef struct
{
  FerryContact *contact; /* nullable */
  char *id;              /* nullable: of an offer or a transfer */
} ChooserPurpose;

static void
chooser_purpose_free (gpointer data)
{
  ChooserPurpose *purpose = data;

  g_clear_object (&purpose->contact);
  g_free (purpose->id);
  g_free (purpose);
}

static void
open_chooser (FerryWindow *self,
              const char *title,
              const char *accept,
              GtkFileChooserAction action,
              GCallback on_response,
              FerryContact *contact,
              const char *id)
{
  ChooserPurpose *purpose = g_new0 (ChooserPurpose, 1);

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_set_object (&purpose->contact, contact);
  purpose->id = g_strdup (id);
  g_object_set_data_full (G_OBJECT (self->chooser), "purpose", purpose, chooser_purpose_free);
  g_signal_connect_object (self->chooser, "response", on_response, self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static ChooserPurpose *
get_purpose (GtkNativeDialog *chooser)
{
  return g_object_get_data (G_OBJECT (chooser), "purpose");
}

static char *
dup_chosen_path (GtkNativeDialog *chooser)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

  return file != NULL ? g_file_get_path (file) : NULL;
}

static void
on_files_chosen (GtkNativeDialog *chooser, int response, FerryWindow *self)
{
  if (response != GTK_RESPONSE_ACCEPT)
    return;

  g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (chooser));

  if (g_list_model_get_n_items (files) > 0)
    ferry_window_send_files (self, get_purpose (chooser)->contact, files);
}

static void
choose_files (FerryWindow *self, FerryContact *contact)
{
  g_autofree char *title = NULL;

  if (contact != NULL)
    /* Translators: %s is a person. */
    title = g_strdup_printf (_ ("Send Files to %s"), ferry_contact_get_name (contact));
  else
    title = g_strdup (_ ("Send Files"));
  open_chooser (self, title, _ ("_Send"), GTK_FILE_CHOOSER_ACTION_OPEN,
                G_CALLBACK (on_files_chosen), contact, NULL);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
}

static void
send_files (GtkWidget *widget, const char *name, GVariant *parameter)
{
  choose_files (FERRY_WINDOW (widget), NULL);
}

static void
send_files_to (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  FerryContact *contact = find_contact (self, g_variant_get_string (parameter, NULL));

  if (contact != NULL)
    choose_files (self, contact);
}

/* From the history: a path once more to the same person. */
static void
send_file (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  const char *bare;
  const char *path;

  g_variant_get (parameter, "(&s&s)", &bare, &path);

  FerryContact *contact = find_contact (self, bare);
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_list_store_append (files, file);
  ferry_window_send_files (self, contact, G_LIST_MODEL (files));
}

static void
on_download_folder_chosen (GtkNativeDialog *chooser, int response, FerryWindow *self)
{
  g_autofree char *path = response == GTK_RESPONSE_ACCEPT ? dup_chosen_path (chooser) : NULL;

  if (path == NULL)
    return;
  ferry_core_set_download_folder (self->core, path);

  g_autofree char *name = g_filename_display_basename (path);
  /* Translators: %s is a folder. */
  g_autofree char *text = g_strdup_printf (_ ("Received files are now saved in %s"), name);

  ferry_window_toast (self, text);
}

static void
choose_download_folder (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  g_autoptr (GFile) folder = g_file_new_for_path (ferry_core_get_download_folder (self->core));

  open_chooser (self, _ ("Download Folder"), _ ("_Select"),
                GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, G_CALLBACK (on_download_folder_chosen),
                NULL, NULL);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (self->chooser), folder, NULL);
}

static FerryOffer *
dup_offer (FerryWindow *self, const char *id)
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

static void
on_offer_folder_chosen (GtkNativeDialog *chooser, int response, FerryWindow *self)
{
  g_autofree char *path = response == GTK_RESPONSE_ACCEPT ? dup_chosen_path (chooser) : NULL;
  g_autoptr (FerryOffer) offer = dup_offer (self, get_purpose (chooser)->id);

  if (path != NULL && offer != NULL)
    ferry_core_accept_offer (self->core, offer, path);
}

static void
accept_offer_in (GtkWidget *widget, const char *name, GVariant *parameter)
{
  open_chooser (FERRY_WINDOW (widget), _ ("Save In"), _ ("_Accept"),
                GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, G_CALLBACK (on_offer_folder_chosen),
                NULL, g_variant_get_string (parameter, NULL));
}

static FerryTransfer *
dup_transfer (FerryWindow *self, const char *id)
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

static void
on_file_located (GtkNativeDialog *chooser, int response, FerryWindow *self)
{
  g_autofree char *path = response == GTK_RESPONSE_ACCEPT ? dup_chosen_path (chooser) : NULL;
  g_autoptr (FerryTransfer) transfer = dup_transfer (self, get_purpose (chooser)->id);

  if (path == NULL || transfer == NULL)
    return;

  g_autoptr (FerryJid) peer = ferry_jid_dup_bare (ferry_transfer_get_peer (transfer));

  ferry_core_send (self->core, ferry_transfer_get_account (transfer), peer, path,
                   FERRY_ROUTE_ALL);
  ferry_core_remove_transfer (self->core, transfer);
}

static void
locate_file (GtkWidget *widget, const char *name, GVariant *parameter)
{
  open_chooser (FERRY_WINDOW (widget), _ ("Locate the File"), _ ("_Send"),
                GTK_FILE_CHOOSER_ACTION_OPEN, G_CALLBACK (on_file_located), NULL,
                g_variant_get_string (parameter, NULL));
}

/* --- Pasting ---------------------------------------------------------------------------------
 */

static void
pasted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryWindow) self = user_data;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, NULL);
  g_autoptr (GListModel) files = value != NULL ? ferry_drop_dup_files (value) : NULL;

  if (files != NULL)
    ferry_window_send_files (self, ferry_contact_list_view_get_selected (self->contacts),
                             files);
}

static void
paste (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "main") == 0)
    gdk_clipboard_read_value_async (gtk_widget_get_clipboard (widget), GDK_TYPE_FILE_LIST,
                                    G_PRIORITY_DEFAULT, NULL, pasted_cb, g_object_ref (self));
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
  g_autoptr (FerryOffer) offer = dup_offer (FERRY_WINDOW (widget), NULL);

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
show_details (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (FerryTransfer) transfer =
      dup_transfer (FERRY_WINDOW (widget), g_variant_get_string (parameter, NULL));

  if (transfer != NULL)
    present_dialog (widget, ferry_details_dialog_new (transfer));
}

static void
copy_details (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  g_autoptr (FerryTransfer) transfer =
      dup_transfer (self, g_variant_get_string (parameter, NULL));

  if (transfer == NULL)
    return;

  g_autofree char *timeline = ferry_transfer_dup_timeline (transfer);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), timeline);
  ferry_window_toast (self, _ ("Details copied"));
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
    { "win.send-files", NULL, send_files },
    { "win.send-files-to", "s", send_files_to },
    { "win.send-file", "(ss)", send_file },
    { "win.choose-download-folder", NULL, choose_download_folder },
    { "win.accept-offer-in", "s", accept_offer_in },
    { "win.locate-file", "s", locate_file },
    { "win.paste", NULL, paste },
    { "win.search", NULL, search },
    { "win.show-view", "s", show_view },
    { "win.back", NULL, back },
    { "win.forward", NULL, forward },
    { "win.accept-first", NULL, accept_first },
    { "win.decline-first", NULL, decline_first },
    { "win.copy-address", "s", copy_address },
    { "win.show-details", "s", show_details },
    { "win.copy-details", "s", copy_details },
    { "win.reconnect", "s", reconnect },
    { "win.enter-password", "s", enter_password },
    { "win.view-certificate", "s", view_certificate },
    { "win.sign-out", NULL, sign_out },
  };

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter_type,
                                     actions[i].activate);
  /* As a binding and not an accelerator, so that a text field pastes text first. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_v, GDK_CONTROL_MASK, "win.paste",
                                       NULL);
}
