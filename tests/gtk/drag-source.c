/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another program's window from which files can be dragged or copied (Ctrl+C), as from a file
 * manager.
 *
 * usage: drag-source [--uri-list] FILE…
 * With --uri-list it offers their addresses as text only, as programs without GTK do. */
#include <gtk/gtk.h>

typedef struct
{
  char **paths;
  gboolean uri_list;
} Source;

static GdkContentProvider *
create_uri_list (char **paths)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *uri = g_filename_to_uri (paths[i], NULL, NULL);
      g_string_append_printf (text, "%s\r\n", uri);
    }
  g_autoptr (GBytes) bytes = g_bytes_new (text->str, text->len);
  return gdk_content_provider_new_for_bytes ("text/uri-list", bytes);
}

static GdkContentProvider *
create_file_list (char **paths)
{
  GSList *files = NULL;
  g_auto (GValue) value = G_VALUE_INIT;

  for (guint i = 0; paths[i] != NULL; i++)
    files = g_slist_append (files, g_file_new_for_path (paths[i]));
  g_value_init (&value, GDK_TYPE_FILE_LIST);
  g_value_set_boxed (&value, files);
  g_slist_free_full (files, g_object_unref);
  return gdk_content_provider_new_for_value (&value);
}

static GdkContentProvider *
create_content (Source *source)
{
  return source->uri_list ? create_uri_list (source->paths) : create_file_list (source->paths);
}

static GdkContentProvider *
on_prepare (GtkDragSource *drag, double x, double y, Source *source)
{
  return create_content (source);
}

static gboolean
on_copy (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  g_autoptr (GdkContentProvider) content = create_content (user_data);

  return gdk_clipboard_set_content (gtk_widget_get_clipboard (widget), content);
}

static void
on_activate (GtkApplication *application, Source *source)
{
  GtkWidget *window = gtk_application_window_new (application);
  GtkWidget *label = gtk_label_new ("Drag me");
  GtkDragSource *drag = gtk_drag_source_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_drag_source_set_actions (drag, GDK_ACTION_COPY | GDK_ACTION_MOVE);
  g_signal_connect (drag, "prepare", G_CALLBACK (on_prepare), source);
  gtk_widget_add_controller (label, GTK_EVENT_CONTROLLER (drag));
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("<Control>c"),
                        gtk_callback_action_new (on_copy, source, NULL)));
  gtk_widget_add_controller (window, keys);
  gtk_window_set_title (GTK_WINDOW (window), "drag-source");
  gtk_window_set_default_size (GTK_WINDOW (window), 200, 120);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_child (GTK_WINDOW (window), label);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char *argv[])
{
  g_autoptr (GtkApplication) application = gtk_application_new (NULL, G_APPLICATION_NON_UNIQUE);
  gboolean uri_list = argc > 1 && g_str_equal (argv[1], "--uri-list");
  Source source = { argv + (uri_list ? 2 : 1), uri_list };

  g_signal_connect (application, "activate", G_CALLBACK (on_activate), &source);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
