/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-status-row.h"

#include "model/ferry-sentence.h"

#include <glib/gi18n.h>

struct _FerryStatusRow
{
  GtkListBoxRow parent_instance;

  FerryClient *client;

  GtkStack *stack;
  GtkImage *icon;
  GtkLabel *text;
  GtkButton *remedy;
};

G_DEFINE_FINAL_TYPE (FerryStatusRow, ferry_status_row, GTK_TYPE_LIST_BOX_ROW)

static char *
dup_text (FerryStatusRow *self, FerryRemedy *remedy)
{
  FerryJid *jid = ferry_client_get_jid (self->client);
  const GError *error = ferry_client_get_error (self->client);

  *remedy = FERRY_REMEDY_NONE;
  switch (ferry_client_get_state (self->client))
    {
    case FERRY_CLIENT_ONLINE:
      /* Translators: %s is an address. */
      return g_strdup_printf (_ ("Connected as %s"), ferry_jid_get_text (jid));
    case FERRY_CLIENT_CONNECTING:
      return g_strdup_printf (_ ("Connecting as %s…"), ferry_jid_get_text (jid));
    case FERRY_CLIENT_RETRYING:
    case FERRY_CLIENT_OFFLINE:
    default:
      *remedy = FERRY_REMEDY_RECONNECT;
      if (error == NULL)
        return g_strdup (_ ("Not connected. Queued files will go out later."));
      return ferry_sentence_for_account_error (error, ferry_jid_get_domain (jid), remedy);
    }
}

static void
update_remedy (FerryStatusRow *self, FerryRemedy remedy)
{
  const char *label = NULL;
  const char *action = NULL;

  if (remedy == FERRY_REMEDY_RECONNECT)
    {
      label = _ ("_Reconnect");
      action = "win.reconnect";
    }
  else if (remedy == FERRY_REMEDY_ENTER_PASSWORD)
    {
      label = _ ("_Enter Password…");
      action = "win.enter-password";
    }
  else if (remedy == FERRY_REMEDY_VIEW_CERTIFICATE)
    {
      label = _ ("_View Certificate…");
      action = "win.view-certificate";
    }

  gtk_widget_set_visible (GTK_WIDGET (self->remedy), label != NULL);
  if (label == NULL)
    return;
  gtk_button_set_label (self->remedy, label);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->remedy), action);
}

static void
update (FerryStatusRow *self)
{
  FerryClientState state = ferry_client_get_state (self->client);
  FerryRemedy remedy;
  g_autofree char *text = dup_text (self, &remedy);
  gboolean online = state == FERRY_CLIENT_ONLINE;
  const char *icon_class[] = { online ? "success" : "warning", NULL };

  gtk_stack_set_visible_child_name (self->stack,
                                    state == FERRY_CLIENT_CONNECTING ? "busy" : "icon");
  gtk_image_set_from_icon_name (self->icon,
                                online ? "emblem-ok-symbolic" : "network-offline-symbolic");
  gtk_widget_set_css_classes (GTK_WIDGET (self->icon), icon_class);
  gtk_label_set_label (self->text, text);
  update_remedy (self, remedy);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  -1);
}

static void
ferry_status_row_dispose (GObject *object)
{
  FerryStatusRow *self = FERRY_STATUS_ROW (object);

  g_clear_object (&self->client);

  G_OBJECT_CLASS (ferry_status_row_parent_class)->dispose (object);
}

static void
ferry_status_row_class_init (FerryStatusRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_status_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-status-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryStatusRow, stack);
  gtk_widget_class_bind_template_child (widget_class, FerryStatusRow, icon);
  gtk_widget_class_bind_template_child (widget_class, FerryStatusRow, text);
  gtk_widget_class_bind_template_child (widget_class, FerryStatusRow, remedy);
}

static void
ferry_status_row_init (FerryStatusRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_status_row_new (FerryClient *client)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (client), NULL);

  FerryStatusRow *self = g_object_new (FERRY_TYPE_STATUS_ROW, NULL);

  self->client = g_object_ref (client);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->remedy), "s",
                                    ferry_jid_get_bare (ferry_client_get_jid (client)));
  g_signal_connect_object (client, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
