/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-contact-dialog"
#include "config.h"

#include "gtk/ferry-contact-dialog.h"

#include "base/ferry-file-name.h"
#include "gtk/ferry-contact-keys.h"
#include "gtk/ferry-drop.h"
#include "gtk/ferry-window.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n.h>

struct _FerryContactDialog
{
  AdwWindow parent_instance;

  FerryCore *core;
  FerryContact *contact;

  AdwWindowTitle *title;
  AdwAvatar *avatar;
  GtkLabel *name;
  GtkLabel *address;
  GtkButton *send;
  AdwComboRow *privacy;
  GtkLabel *explanation;
  FerryContactKeys *keys;
  AdwPreferencesGroup *devices_group;
  GtkListBox *devices;
};

G_DEFINE_FINAL_TYPE (FerryContactDialog, ferry_contact_dialog, ADW_TYPE_WINDOW)

/* In the order of the choices in the template. */
static const FerryRoute choices[] = { FERRY_ROUTE_ALL, FERRY_ROUTE_PROXY, FERRY_ROUTE_INBAND };

/* --- Connection privacy ----------------------------------------------------------------------
 */

static void
on_privacy_chosen (FerryContactDialog *self)
{
  guint selected = adw_combo_row_get_selected (self->privacy);
  g_autoptr (GError) error = NULL;

  if (self->contact == NULL || selected >= G_N_ELEMENTS (choices) ||
      choices[selected] == ferry_contact_get_routes (self->contact))
    return;
  /* The contact tells when it is kept, and nothing looks changed when it is not. */
  if (!ferry_core_set_contact_routes (self->core, ferry_contact_get_account (self->contact),
                                      ferry_contact_get_jid (self->contact), choices[selected],
                                      &error))
    {
      g_info ("the choice could not be kept: %s", error->message);
      g_object_notify (G_OBJECT (self->contact), "routes");
      gtk_label_set_label (self->explanation, _ ("Your choice could not be saved."));
    }
}

static void
show_privacy (FerryContactDialog *self)
{
  FerryRoute routes = ferry_contact_get_routes (self->contact);
  guint position = GTK_INVALID_LIST_POSITION;
  g_autofree char *explanation =
      ferry_sentence_for_privacy (routes, ferry_contact_get_name (self->contact));

  /* What was decided elsewhere, on the command line say, need not be one of ours. */
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (choices[i] == routes)
      position = i;
  adw_combo_row_set_selected (self->privacy, position);
  gtk_label_set_label (self->explanation, explanation);
}

/* --- The person and their devices ------------------------------------------------------------
 */

static void
show_name (FerryContactDialog *self)
{
  g_autofree char *name = ferry_file_name_for_display (ferry_contact_get_name (self->contact));

  adw_window_title_set_title (self->title, name);
  gtk_window_set_title (GTK_WINDOW (self), name);
  adw_avatar_set_text (self->avatar, ferry_contact_get_name (self->contact));
  gtk_label_set_label (self->name, name);
}

static const char *
get_capability_text (FerryDevice *device)
{
  switch (ferry_device_get_capability (device))
    {
    case FERRY_CAPABILITY_JINGLE:
    case FERRY_CAPABILITY_SI:
      return _ ("Can receive files");
    case FERRY_CAPABILITY_NONE:
      return _ ("Cannot receive files");
    case FERRY_CAPABILITY_UNKNOWN:
    default:
      return _ ("Not known yet whether it can receive files");
    }
}

static void
update_device_row (FerryDevice *device, GParamSpec *pspec, AdwActionRow *row)
{
  g_autofree char *name = ferry_file_name_for_display (ferry_device_get_name (device));
  g_autofree char *title = g_markup_escape_text (name, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (row, get_capability_text (device));
}

static GtkWidget *
create_device_row (gpointer item, gpointer user_data)
{
  FerryDevice *device = item;
  GtkWidget *row = adw_action_row_new ();

  g_signal_connect_object (device, "notify", G_CALLBACK (update_device_row), row, 0);
  update_device_row (device, NULL, ADW_ACTION_ROW (row));
  return row;
}

static void
show_devices (FerryContactDialog *self)
{
  gboolean any = g_list_model_get_n_items (ferry_contact_get_devices (self->contact)) > 0;

  gtk_widget_set_visible (GTK_WIDGET (self->devices), any);
  adw_preferences_group_set_description (
      self->devices_group,
      any ? NULL : _ ("Not online with any device. Files wait until then."));
}

/* --- Life ------------------------------------------------------------------------------------
 */

static void
on_send (FerryContactDialog *self)
{
  GtkWidget *window = GTK_WIDGET (gtk_window_get_transient_for (GTK_WINDOW (self)));
  const char *bare = ferry_jid_get_bare (ferry_contact_get_jid (self->contact));

  gtk_window_close (GTK_WINDOW (self));
  if (window != NULL)
    gtk_widget_activate_action (window, "win.send-files-to", "s", bare);
}

static gboolean
close_cb (gpointer user_data)
{
  gtk_window_close (user_data);
  return G_SOURCE_REMOVE;
}

/* GTK is not done with the drop yet, so the dialog goes a moment later. */
static void
on_dropped (GtkWidget *widget, GListModel *files)
{
  FerryContactDialog *self = FERRY_CONTACT_DIALOG (widget);
  GtkWindow *window = gtk_window_get_transient_for (GTK_WINDOW (self));

  if (FERRY_IS_WINDOW (window))
    ferry_window_send_files (FERRY_WINDOW (window), self->contact, files);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, close_cb, g_object_ref (self), g_object_unref);
}

static void
ferry_contact_dialog_dispose (GObject *object)
{
  FerryContactDialog *self = FERRY_CONTACT_DIALOG (object);

  if (self->devices != NULL)
    gtk_list_box_bind_model (self->devices, NULL, NULL, NULL, NULL);
  self->devices = NULL;
  g_clear_object (&self->contact);
  g_clear_object (&self->core);

  G_OBJECT_CLASS (ferry_contact_dialog_parent_class)->dispose (object);
}

static void
ferry_contact_dialog_class_init (FerryContactDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_contact_dialog_dispose;

  g_type_ensure (FERRY_TYPE_CONTACT_KEYS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-contact-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryContactDialog, title);
  gtk_widget_class_bind_template_child (widget_class, FerryContactDialog, avatar);
  gtk_widget_class_bind_template_child (widget_class, FerryContactDialog, name);
  gtk_widget_class_bind_template_child (widget_class, FerryContactDialog, address);
  gtk_widget_class_bind_template_child (widget_class, FerryContactDialog, send);
  gtk_widget_class_bind_template_child (widget_class, FerryContactDialog, privacy);
  gtk_widget_class_bind_template_child (widget_class, FerryContactDialog, explanation);
  gtk_widget_class_bind_template_child (widget_class, FerryContactDialog, keys);
  gtk_widget_class_bind_template_child (widget_class, FerryContactDialog, devices_group);
  gtk_widget_class_bind_template_child (widget_class, FerryContactDialog, devices);
  gtk_widget_class_bind_template_callback (widget_class, on_send);
  gtk_widget_class_bind_template_callback (widget_class, on_privacy_chosen);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ferry_contact_dialog_init (FerryContactDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ferry_drop_enable (GTK_WIDGET (self), on_dropped);
}

GtkWidget *
ferry_contact_dialog_new (FerryCore *core, FerryContact *contact)
{
  g_return_val_if_fail (FERRY_IS_CORE (core), NULL);
  g_return_val_if_fail (FERRY_IS_CONTACT (contact), NULL);

  FerryContactDialog *self = g_object_new (FERRY_TYPE_CONTACT_DIALOG, NULL);
  GListModel *devices = ferry_contact_get_devices (contact);

  self->core = g_object_ref (core);
  self->contact = g_object_ref (contact);
  gtk_label_set_label (self->address, ferry_jid_get_bare (ferry_contact_get_jid (contact)));
  gtk_list_box_bind_model (self->devices, devices, create_device_row, NULL, NULL);
  g_signal_connect_object (contact, "notify::name", G_CALLBACK (show_name), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (contact, "notify::routes", G_CALLBACK (show_privacy), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (devices, "items-changed", G_CALLBACK (show_devices), self,
                           G_CONNECT_SWAPPED);
  show_name (self);
  show_privacy (self);
  ferry_contact_keys_show (self->keys, core, contact);
  show_devices (self);
  return GTK_WIDGET (self);
}
