/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-details-dialog.h"

#include "gtk/ferry-history-row.h"
#include "model/ferry-note.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n.h>

struct _FerryDetailsDialog
{
  AdwWindow parent_instance;

  FerryTransfer *transfer; /* nullable: it belongs to the past */

  GtkLabel *summary;
  GtkTextView *timeline;
};

G_DEFINE_FINAL_TYPE (FerryDetailsDialog, ferry_details_dialog, ADW_TYPE_WINDOW)

static void
show (FerryDetailsDialog *self, const char *summary, const char *timeline)
{
  gboolean empty = timeline == NULL || *timeline == '\0';
  g_autofree char *text = empty ? g_strdup (_ ("Nothing more was noted."))
                                : ferry_note_translate_timeline (timeline);

  gtk_label_set_label (self->summary, summary);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->timeline), text, -1);
}

static void
update (FerryDetailsDialog *self)
{
  g_autofree char *summary = ferry_sentence_for_accessibility (self->transfer);
  g_autofree char *timeline = ferry_transfer_dup_timeline (self->transfer);

  show (self, summary, timeline);
}

static void
on_copy (FerryDetailsDialog *self)
{
  g_autofree char *text = NULL;

  g_object_get (gtk_text_view_get_buffer (self->timeline), "text", &text, NULL);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
ferry_details_dialog_dispose (GObject *object)
{
  FerryDetailsDialog *self = FERRY_DETAILS_DIALOG (object);

  g_clear_object (&self->transfer);

  G_OBJECT_CLASS (ferry_details_dialog_parent_class)->dispose (object);
}

static void
ferry_details_dialog_class_init (FerryDetailsDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_details_dialog_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-details-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryDetailsDialog, summary);
  gtk_widget_class_bind_template_child (widget_class, FerryDetailsDialog, timeline);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ferry_details_dialog_init (FerryDetailsDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_details_dialog_new (FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);

  FerryDetailsDialog *self = g_object_new (FERRY_TYPE_DETAILS_DIALOG, NULL);

  self->transfer = g_object_ref (transfer);
  g_signal_connect_object (transfer, "notify::state", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

GtkWidget *
ferry_details_dialog_new_for_entry (FerryHistory *history, FerryHistoryEntry *entry)
{
  g_return_val_if_fail (FERRY_IS_HISTORY (history), NULL);
  g_return_val_if_fail (FERRY_IS_HISTORY_ENTRY (entry), NULL);

  FerryDetailsDialog *self = g_object_new (FERRY_TYPE_DETAILS_DIALOG, NULL);
  g_autofree char *summary = ferry_history_row_dup_label (entry);
  g_autofree char *timeline = ferry_history_dup_timeline (history, entry);

  show (self, summary, timeline);
  return GTK_WIDGET (self);
}
