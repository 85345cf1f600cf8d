/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-send-dialog.h"

#include "gtk/ferry-contact-list-view.h"

#include <glib/gi18n.h>

struct _FerrySendDialog
{
  AdwWindow parent_instance;

  GListModel *files;

  GtkLabel *summary;
  GtkButton *send;
  FerryContactListView *contacts;
};

G_DEFINE_FINAL_TYPE (FerrySendDialog, ferry_send_dialog, ADW_TYPE_WINDOW)

enum
{
  SEND,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
send_to (FerrySendDialog *self, FerryContact *contact)
{
  g_signal_emit (self, signals[SEND], 0, contact, self->files);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_send (FerrySendDialog *self)
{
  FerryContact *contact = ferry_contact_list_view_get_selected (self->contacts);

  if (contact != NULL)
    send_to (self, contact);
}

static void
on_contact_activated (FerrySendDialog *self, FerryContact *contact)
{
  send_to (self, contact);
}

static void
on_selection_changed (FerrySendDialog *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->send),
                            ferry_contact_list_view_get_selected (self->contacts) != NULL);
}

/* "thesis-draft.pdf", or "thesis-draft.pdf and 2 more files" */
static char *
dup_summary (GListModel *files)
{
  guint n_more = g_list_model_get_n_items (files) - 1;
  g_autoptr (GFile) first = g_list_model_get_item (files, 0);
  g_autofree char *path = g_file_get_parse_name (first);
  g_autofree char *name = g_filename_display_basename (path);

  if (n_more == 0)
    return g_steal_pointer (&name);
  /* Translators: %s is a file name, %u how many files come with it. */
  return g_strdup_printf (ngettext ("%s and %u more file", "%s and %u more files", n_more),
                          name, n_more);
}

static void
ferry_send_dialog_dispose (GObject *object)
{
  FerrySendDialog *self = FERRY_SEND_DIALOG (object);

  g_clear_object (&self->files);

  G_OBJECT_CLASS (ferry_send_dialog_parent_class)->dispose (object);
}

static void
ferry_send_dialog_class_init (FerrySendDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_send_dialog_dispose;

  signals[SEND] =
      g_signal_new ("send", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, FERRY_TYPE_CONTACT, G_TYPE_LIST_MODEL);

  g_type_ensure (FERRY_TYPE_CONTACT_LIST_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-send-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FerrySendDialog, summary);
  gtk_widget_class_bind_template_child (widget_class, FerrySendDialog, send);
  gtk_widget_class_bind_template_child (widget_class, FerrySendDialog, contacts);
  gtk_widget_class_bind_template_callback (widget_class, on_send);
  gtk_widget_class_bind_template_callback (widget_class, on_contact_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_selection_changed);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ferry_send_dialog_init (FerrySendDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_send_dialog_new (GListModel *contacts, GListModel *files, FerryContact *preselected)
{
  g_return_val_if_fail (G_IS_LIST_MODEL (contacts), NULL);
  g_return_val_if_fail (G_IS_LIST_MODEL (files), NULL);
  g_return_val_if_fail (g_list_model_get_n_items (files) > 0, NULL);

  FerrySendDialog *self = g_object_new (FERRY_TYPE_SEND_DIALOG, NULL);
  g_autofree char *summary = dup_summary (files);

  self->files = g_object_ref (files);
  gtk_label_set_label (self->summary, summary);
  ferry_contact_list_view_set_contacts (self->contacts, contacts);
  if (preselected != NULL)
    ferry_contact_list_view_select (self->contacts, preselected);
  on_selection_changed (self);
  return GTK_WIDGET (self);
}
