/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that were chosen, dropped or pasted go into the queue. */
#define G_LOG_DOMAIN "ferry-window-send"
#include "config.h"

#include "gtk/ferry-window-private.h"

#include "base/ferry-file-name.h"
#include "gtk/ferry-drop.h"
#include "gtk/ferry-send-dialog.h"

#include <glib/gi18n.h>

/* --- Into the queue --------------------------------------------------------------------------
 */

/* Returns: (nullable): why @file cannot be sent */
static char *
check_file (GFile *file)
{
  g_autofree char *shown = g_file_get_parse_name (file);
  g_autofree char *name = g_filename_display_basename (shown);

  if (g_file_peek_path (file) == NULL)
    /* Translators: %s is a file name. */
    return g_strdup_printf (_ ("“%s” is not on this computer."), name);
  return NULL;
}

/* What is said of what was just sent. */
static char *
dup_sent_text (guint n_sent, gboolean any_folder, const char *name)
{
  if (any_folder)
    /* Translators: %u is a number of files and folders, %s a person. */
    return g_strdup_printf (
        ngettext ("Sending %u item to %s", "Sending %u items to %s", n_sent), n_sent, name);
  /* Translators: %u is a number of files, %s a person. */
  return g_strdup_printf (ngettext ("Sending %u file to %s", "Sending %u files to %s", n_sent),
                          n_sent, name);
}

/* What goes to one person by one act. The steps, in the order in which they run:
 *
 *   begin → ask → answered → list_next ⇄ listed_cb → finish
 *
 * Nobody is asked, and nothing is listed, without a folder for a program that knows none. */
typedef struct
{
  FerryWindow *window;
  FerryContact *contact;
  FerryFolderWay way;     /* of the folders among the files */
  GPtrArray *paths;       /* what goes as it is */
  GPtrArray *folders;     /* what the way is about */
  GtkCheckButton *always; /* owned by the dialog */
} Sending;

static void
sending_free (Sending *sending)
{
  g_object_unref (sending->window);
  g_object_unref (sending->contact);
  g_ptr_array_unref (sending->paths);
  g_ptr_array_unref (sending->folders);
  g_free (sending);
}

static void
finish (Sending *sending)
{
  FerryWindow *self = sending->window;
  g_autofree char *name =
      ferry_file_name_for_display (ferry_contact_get_name (sending->contact));
  guint n_sent = sending->paths->len + sending->folders->len;
  guint first_folder = sending->paths->len;
  gboolean any_folder = sending->folders->len > 0;

  if (n_sent > 0)
    {
      for (guint i = 0; i < sending->paths->len; i++)
        any_folder = any_folder || g_file_test (sending->paths->pdata[i], G_FILE_TEST_IS_DIR);
      for (guint i = 0; i < sending->folders->len; i++)
        g_ptr_array_add (sending->paths, g_strdup (sending->folders->pdata[i]));
      g_ptr_array_add (sending->paths, NULL);

      g_autofree char *text = dup_sent_text (n_sent, any_folder, name);
      g_autoptr (GListModel) sent = ferry_core_send_batch (
          self->core, ferry_contact_get_account (sending->contact),
          ferry_contact_get_jid (sending->contact), (const char *const *) sending->paths->pdata,
          FERRY_ROUTE_ALL, ferry_window_get_toast_seconds () * 1000);

      for (guint i = first_folder; i < n_sent; i++)
        {
          g_autoptr (FerryTransfer) folder = g_list_model_get_item (sent, i);

          ferry_core_set_zipped (self->core, folder);
        }
      ferry_window_offer_undo (self, text, sent);
      ferry_window_show_transfers (self);
    }
  sending_free (sending);
}

static void list_next (Sending *sending);

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Sending *sending = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = ferry_core_list_folder_finish (FERRY_CORE (source), result, &error);

  if (paths == NULL)
    {
      g_info ("a folder could not be listed: %s", error->message);
      ferry_window_toast (sending->window, _ ("A folder could not be read."));
    }
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    g_ptr_array_add (sending->paths, g_strdup (paths[i]));
  list_next (sending);
}

static void
list_next (Sending *sending)
{
  if (sending->folders->len == 0)
    {
      finish (sending);
      return;
    }

  g_autofree char *folder = g_ptr_array_steal_index (sending->folders, 0);

  ferry_core_list_folder_async (sending->window->core, folder, NULL, listed_cb, sending);
}

static void
go (Sending *sending)
{
  if (sending->way == FERRY_FOLDER_FILES)
    list_next (sending);
  else
    finish (sending);
}

static void
on_answered (AdwMessageDialog *dialog, const char *response, Sending *sending)
{
  g_autoptr (GError) error = NULL;

  if (g_str_equal (response, "cancel"))
    {
      sending_free (sending);
      return;
    }
  sending->way = g_str_equal (response, "zip") ? FERRY_FOLDER_ZIP : FERRY_FOLDER_FILES;
  if (gtk_check_button_get_active (sending->always) &&
      !ferry_core_set_folder_way (sending->window->core, sending->way, &error))
    g_info ("the choice could not be kept: %s", error->message);
  go (sending);
}

static void
ask (Sending *sending)
{
  g_autofree char *person =
      ferry_file_name_for_display (ferry_contact_get_name (sending->contact));
  g_autofree char *path = g_filename_display_basename (sending->folders->pdata[0]);
  g_autofree char *folder = ferry_file_name_for_display (path);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (sending->window),
                                              _ ("How to Send the Folder?"), NULL);
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);

  /* Translators: the name of a person, and of a folder. */
  adw_message_dialog_format_body (
      message,
      _ ("%s’s program does not know folders. “%s” can go as an archive, or file by file."),
      person, folder);
  sending->always =
      GTK_CHECK_BUTTON (gtk_check_button_new_with_mnemonic (_ ("Do _not ask again")));
  gtk_widget_set_halign (GTK_WIDGET (sending->always), GTK_ALIGN_CENTER);
  adw_message_dialog_set_extra_child (message, GTK_WIDGET (sending->always));
  adw_message_dialog_add_responses (message, "cancel", _ ("_Cancel"), "files",
                                    _ ("_File by File"), "zip", _ ("_Archive"), NULL);
  adw_message_dialog_set_response_appearance (message, "zip", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (message, "zip");
  adw_message_dialog_set_close_response (message, "cancel");
  g_signal_connect (dialog, "response", G_CALLBACK (on_answered), sending);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
begin (FerryWindow *self, FerryContact *contact, GListModel *files)
{
  Sending *sending = g_new0 (Sending, 1);
  gboolean lacks_folders = ferry_contact_lacks_folders (contact);

  sending->window = g_object_ref (self);
  sending->contact = g_object_ref (contact);
  sending->way = ferry_core_get_folder_way (self->core);
  sending->paths = g_ptr_array_new_with_free_func (g_free);
  sending->folders = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      g_autofree char *problem = check_file (file);
      const char *path = g_file_peek_path (file);

      if (problem != NULL)
        ferry_window_toast (self, problem);
      else if (lacks_folders && g_file_test (path, G_FILE_TEST_IS_DIR))
        g_ptr_array_add (sending->folders, g_strdup (path));
      else
        g_ptr_array_add (sending->paths, g_strdup (path));
    }

  if (sending->folders->len > 0 && sending->way == FERRY_FOLDER_ASK)
    ask (sending);
  else
    go (sending);
}

void
ferry_window_send_files (FerryWindow *self, FerryContact *contact, GListModel *files)
{
  g_return_if_fail (FERRY_IS_WINDOW (self));
  g_return_if_fail (G_IS_LIST_MODEL (files));

  if (contact != NULL)
    {
      begin (self, contact, files);
      return;
    }

  GtkWidget *dialog =
      ferry_send_dialog_new (ferry_core_get_contacts (self->core), files,
                             ferry_contact_list_view_get_selected (self->contacts));

  g_signal_connect_object (dialog, "send", G_CALLBACK (begin), self, G_CONNECT_SWAPPED);
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- Dropping and pasting --------------------------------------------------------------------
 */

static void
on_dropped (GtkWidget *widget, GListModel *files)
{
  ferry_window_send_files (FERRY_WINDOW (gtk_widget_get_root (widget)), NULL, files);
}

void
ferry_window_init_drop (FerryWindow *self)
{
  ferry_drop_enable (GTK_WIDGET (self->leaflet), on_dropped);
}

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

void
ferry_window_class_init_send (FerryWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_install_action (widget_class, "win.paste", NULL, paste);
  /* As a binding and not an accelerator, so that a text field pastes text first. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_v, GDK_CONTROL_MASK, "win.paste",
                                       NULL);
}
