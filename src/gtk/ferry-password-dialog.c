/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-password-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static void
on_response (GtkEditable *entry, const char *response, GtkWidget *dialog)
{
  FerryClient *client = g_object_get_data (G_OBJECT (dialog), "client");

  if (g_str_equal (response, "sign-in"))
    ferry_client_set_password (client, gtk_editable_get_text (entry));
}

static void
on_changed (AdwMessageDialog *dialog, GtkEditable *entry)
{
  adw_message_dialog_set_response_enabled (dialog, "sign-in",
                                           *gtk_editable_get_text (entry) != '\0');
}

GtkWidget *
ferry_password_dialog_new (FerryClient *client)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (client), NULL);

  GtkWidget *dialog = adw_message_dialog_new (NULL, _ ("Enter Password"), NULL);
  AdwMessageDialog *message = ADW_MESSAGE_DIALOG (dialog);
  GtkWidget *entry = gtk_password_entry_new ();
  /* Translators: %s is an address. */
  g_autofree char *label = g_strdup_printf (_ ("Password for %s"),
                                            ferry_jid_get_text (ferry_client_get_jid (client)));

  gtk_password_entry_set_show_peek_icon (GTK_PASSWORD_ENTRY (entry), TRUE);
  g_object_set (entry, "activates-default", TRUE, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  adw_message_dialog_set_body (message, label);
  adw_message_dialog_set_extra_child (message, entry);
  adw_message_dialog_add_responses (message, "cancel", _ ("_Cancel"), "sign-in", _ ("_Sign In"),
                                    NULL);
  adw_message_dialog_set_response_appearance (message, "sign-in", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled (message, "sign-in", FALSE);
  adw_message_dialog_set_default_response (message, "sign-in");
  adw_message_dialog_set_close_response (message, "cancel");
  g_object_set_data_full (G_OBJECT (dialog), "client", g_object_ref (client), g_object_unref);
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_changed), dialog,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_response), entry,
                           G_CONNECT_SWAPPED);
  return dialog;
}
