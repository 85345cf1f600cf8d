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

static void
send_to (FerryWindow *self, FerryContact *contact, GListModel *files)
{
  g_autoptr (GListStore) sent = g_list_store_new (FERRY_TYPE_TRANSFER);
  gboolean any_folder = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      g_autofree char *problem = check_file (file);

      if (problem != NULL)
        {
          ferry_window_toast (self, problem);
          continue;
        }
      any_folder = any_folder || g_file_test (g_file_peek_path (file), G_FILE_TEST_IS_DIR);
      g_list_store_append (sent, ferry_core_send_held (
                                     self->core, ferry_contact_get_account (contact),
                                     ferry_contact_get_jid (contact), g_file_peek_path (file),
                                     FERRY_ROUTE_ALL, ferry_window_get_undo_seconds () * 1000));
    }

  guint n_sent = g_list_model_get_n_items (G_LIST_MODEL (sent));

  if (n_sent == 0)
    return;

  g_autofree char *name = ferry_file_name_for_display (ferry_contact_get_name (contact));
  g_autofree char *text = dup_sent_text (n_sent, any_folder, name);

  ferry_window_offer_undo (self, text, G_LIST_MODEL (sent));
  ferry_window_show_transfers (self);
}

void
ferry_window_send_files (FerryWindow *self, FerryContact *contact, GListModel *files)
{
  g_return_if_fail (FERRY_IS_WINDOW (self));
  g_return_if_fail (G_IS_LIST_MODEL (files));

  if (contact != NULL)
    {
      send_to (self, contact, files);
      return;
    }

  GtkWidget *dialog =
      ferry_send_dialog_new (ferry_core_get_contacts (self->core), files,
                             ferry_contact_list_view_get_selected (self->contacts));

  g_signal_connect_object (dialog, "send", G_CALLBACK (send_to), self, G_CONNECT_SWAPPED);
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
