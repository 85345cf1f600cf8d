/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-history-view"
#include "config.h"

#include "gtk/ferry-history-view.h"

#include "gtk/ferry-details-dialog.h"
#include "gtk/ferry-history-row.h"
#include "gtk/ferry-window.h"
#include "store/ferry-history-export.h"

#include <glib/gi18n.h>

struct _FerryHistoryView
{
  AdwBin parent_instance;

  FerryHistory *history;
  GtkFileChooserNative *chooser; /* nullable: the one that is open */

  GtkWidget *search_area;
  GtkSearchEntry *search_entry;
  GtkStack *stack;
  GtkListView *list;
};

G_DEFINE_FINAL_TYPE (FerryHistoryView, ferry_history_view, ADW_TYPE_BIN)

static void
update_page (FerryHistoryView *self)
{
  gboolean searching = *gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) != '\0';
  const char *page = "list";

  if (g_list_model_get_n_items (G_LIST_MODEL (self->history)) == 0)
    page = searching ? "no-results" : "empty";
  gtk_stack_set_visible_child_name (self->stack, page);
  gtk_widget_set_visible (self->search_area, !g_str_equal (page, "empty"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "history.export",
                                 g_str_equal (page, "list"));
}

static void
on_search_changed (FerryHistoryView *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  ferry_history_set_search (self->history, *text != '\0' ? text : NULL);
  update_page (self);
}

static void
on_clear_search (FerryHistoryView *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
}

static void
on_remove_requested (FerryHistoryRow *row, FerryHistoryView *self)
{
  g_autoptr (FerryHistoryEntry) entry = g_object_ref (ferry_history_row_get_entry (row));

  ferry_history_remove (self->history, entry);
}

/* The focus is on what GTK puts around our row. */
static gboolean
on_delete_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  FerryHistoryView *self = FERRY_HISTORY_VIEW (widget);
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));
  GtkWidget *row = focus != NULL ? gtk_widget_get_first_child (focus) : NULL;

  if (row == NULL || !FERRY_IS_HISTORY_ROW (row))
    return FALSE;
  on_remove_requested (FERRY_HISTORY_ROW (row), self);
  return TRUE;
}

static void
on_details_requested (FerryHistoryRow *row, FerryHistoryView *self)
{
  GtkWidget *dialog =
      ferry_details_dialog_new_for_entry (self->history, ferry_history_row_get_entry (row));

  gtk_window_set_transient_for (GTK_WINDOW (dialog),
                                GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- Export and clear ------------------------------------------------------------------------
 */

static void
toast (FerryHistoryView *self, const char *text)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (FERRY_IS_WINDOW (root))
    ferry_window_toast (FERRY_WINDOW (root), text);
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryHistoryView) self = user_data;
  g_autoptr (GError) error = NULL;

  if (ferry_history_export_finish (FERRY_HISTORY (source), result, &error))
    {
      toast (self, _ ("History exported"));
      return;
    }
  g_info ("the history was not exported: %s", error->message);
  toast (self, _ ("The history could not be written there."));
}

static void
on_export_place_chosen (GtkNativeDialog *chooser, int response, FerryHistoryView *self)
{
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));

  if (response != GTK_RESPONSE_ACCEPT || file == NULL)
    return;

  g_autofree char *name = g_file_get_basename (file);

  ferry_history_export_async (self->history, file,
                              g_str_has_suffix (name, ".json") ? FERRY_HISTORY_JSON
                                                               : FERRY_HISTORY_CSV,
                              NULL, exported_cb, g_object_ref (self));
}

static void
on_export (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  FerryHistoryView *self = FERRY_HISTORY_VIEW (widget);
  static const struct
  {
    const char *name;
    const char *pattern;
  } formats[] = {
    { N_ ("Tables (CSV)"), "*.csv" },
    { N_ ("Data (JSON)"), "*.json" },
  };

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (
      _ ("Export History"), GTK_WINDOW (gtk_widget_get_root (widget)),
      GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  /* Translators: a file name; the end of it says the format and stays. */
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), _ ("ferry-history.csv"));
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

      gtk_file_filter_set_name (filter, gettext (formats[i].name));
      gtk_file_filter_add_pattern (filter, formats[i].pattern);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
    }
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_export_place_chosen), self,
                           0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_clear_response (FerryHistoryView *self, const char *response)
{
  if (g_str_equal (response, "clear"))
    ferry_history_clear (self->history);
}

static void
on_clear (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (gtk_widget_get_root (widget)), _ ("Clear the History?"),
      _ ("Ferry forgets all past transfers. The files stay where they are."));
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);

  adw_message_dialog_add_responses (message, "cancel", _ ("_Cancel"), "clear", _ ("C_lear"),
                                    NULL);
  adw_message_dialog_set_response_appearance (message, "clear", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (message, "cancel");
  adw_message_dialog_set_close_response (message, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_clear_response), widget,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- Rows ------------------------------------------------------------------------------------
 */

static void
on_setup (GtkListItemFactory *factory, GtkListItem *item, FerryHistoryView *self)
{
  GtkWidget *row = ferry_history_row_new ();

  gtk_list_item_set_activatable (item, FALSE);
  g_signal_connect_object (row, "remove-requested", G_CALLBACK (on_remove_requested), self, 0);
  g_signal_connect_object (row, "details-requested", G_CALLBACK (on_details_requested), self,
                           0);
  gtk_list_item_set_child (item, row);
}

/* GTK 4.8 lets a list item have no accessible label of its own; its widget is the parent of the
 * child we gave it. */
static void
on_bind (GtkListItemFactory *factory, GtkListItem *item)
{
  FerryHistoryRow *row = FERRY_HISTORY_ROW (gtk_list_item_get_child (item));
  FerryHistoryEntry *entry = FERRY_HISTORY_ENTRY (gtk_list_item_get_item (item));
  GtkWidget *holder = gtk_widget_get_parent (GTK_WIDGET (row));
  g_autofree char *label = ferry_history_row_dup_label (entry);

  ferry_history_row_set_entry (row, entry);
  if (holder != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (holder), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    label, -1);
}

static void
on_unbind (GtkListItemFactory *factory, GtkListItem *item)
{
  ferry_history_row_set_entry (FERRY_HISTORY_ROW (gtk_list_item_get_child (item)), NULL);
}

static void
ferry_history_view_dispose (GObject *object)
{
  FerryHistoryView *self = FERRY_HISTORY_VIEW (object);

  if (self->history != NULL)
    g_signal_handlers_disconnect_by_func (self->history, update_page, self);
  g_clear_object (&self->history);
  g_clear_object (&self->chooser);
  gtk_widget_dispose_template (GTK_WIDGET (self), FERRY_TYPE_HISTORY_VIEW);

  G_OBJECT_CLASS (ferry_history_view_parent_class)->dispose (object);
}

static void
ferry_history_view_class_init (FerryHistoryViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_history_view_dispose;

  gtk_widget_class_add_binding (widget_class, GDK_KEY_Delete, 0, on_delete_key, NULL);
  gtk_widget_class_install_action (widget_class, "history.export", NULL, on_export);
  gtk_widget_class_install_action (widget_class, "history.clear", NULL, on_clear);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-history-view.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryHistoryView, search_area);
  gtk_widget_class_bind_template_child (widget_class, FerryHistoryView, search_entry);
  gtk_widget_class_bind_template_child (widget_class, FerryHistoryView, stack);
  gtk_widget_class_bind_template_child (widget_class, FerryHistoryView, list);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_clear_search);
  gtk_widget_class_bind_template_callback (widget_class, on_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind);
}

static void
ferry_history_view_init (FerryHistoryView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ferry_history_view_set_history (FerryHistoryView *self, FerryHistory *history)
{
  g_return_if_fail (FERRY_IS_HISTORY_VIEW (self));
  g_return_if_fail (FERRY_IS_HISTORY (history));
  g_return_if_fail (self->history == NULL);

  GtkSelectionModel *selection =
      GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (history))));

  self->history = g_object_ref (history);
  gtk_list_view_set_model (self->list, selection);
  g_object_unref (selection);
  g_signal_connect_object (history, "items-changed", G_CALLBACK (update_page), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  update_page (self);
}

void
ferry_history_view_start_search (FerryHistoryView *self)
{
  g_return_if_fail (FERRY_IS_HISTORY_VIEW (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}
