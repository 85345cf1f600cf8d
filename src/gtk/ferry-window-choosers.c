/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What begins with a file chooser: which files to send, and where received ones go. */
#include "config.h"

#include "gtk/ferry-window-private.h"

#include <glib/gi18n.h>

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
choose_folder (FerryWindow *self, FerryContact *contact)
{
  g_autofree char *title = NULL;

  if (contact != NULL)
    /* Translators: %s is a person. */
    title = g_strdup_printf (_ ("Send a Folder to %s"), ferry_contact_get_name (contact));
  else
    title = g_strdup (_ ("Send a Folder"));
  open_chooser (self, title, _ ("_Send"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
                G_CALLBACK (on_files_chosen), contact, NULL);
}

static void
send_folder (GtkWidget *widget, const char *name, GVariant *parameter)
{
  choose_folder (FERRY_WINDOW (widget), NULL);
}

static void
send_folder_to (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  FerryContact *contact =
      ferry_window_find_contact (self, g_variant_get_string (parameter, NULL));

  if (contact != NULL)
    choose_folder (self, contact);
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
  FerryContact *contact =
      ferry_window_find_contact (self, g_variant_get_string (parameter, NULL));

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

  FerryContact *contact = ferry_window_find_contact (self, bare);
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

static void
on_offer_folder_chosen (GtkNativeDialog *chooser, int response, FerryWindow *self)
{
  g_autofree char *path = response == GTK_RESPONSE_ACCEPT ? dup_chosen_path (chooser) : NULL;
  g_autoptr (FerryOffer) offer = ferry_window_dup_offer (self, get_purpose (chooser)->id);

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

static void
on_file_located (GtkNativeDialog *chooser, int response, FerryWindow *self)
{
  g_autofree char *path = response == GTK_RESPONSE_ACCEPT ? dup_chosen_path (chooser) : NULL;
  g_autoptr (FerryTransfer) transfer =
      ferry_window_dup_transfer (self, get_purpose (chooser)->id);

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

void
ferry_window_class_init_choosers (FerryWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_install_action (widget_class, "win.send-files", NULL, send_files);
  gtk_widget_class_install_action (widget_class, "win.send-files-to", "s", send_files_to);
  gtk_widget_class_install_action (widget_class, "win.send-folder", NULL, send_folder);
  gtk_widget_class_install_action (widget_class, "win.send-folder-to", "s", send_folder_to);
  gtk_widget_class_install_action (widget_class, "win.send-file", "(ss)", send_file);
  gtk_widget_class_install_action (widget_class, "win.choose-download-folder", NULL,
                                   choose_download_folder);
  gtk_widget_class_install_action (widget_class, "win.accept-offer-in", "s", accept_offer_in);
  gtk_widget_class_install_action (widget_class, "win.locate-file", "s", locate_file);
}
