/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-contact-row.h"

#include "gtk/ferry-context-menu.h"
#include "gtk/ferry-drop.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _FerryContactRow
{
  GtkListBoxRow parent_instance;

  FerryContact *contact;

  AdwAvatar *avatar;
  GtkImage *presence;
  GtkLabel *name;
  GtkLabel *status;
  GtkWidget *warning;
  GtkButton *send;
};

G_DEFINE_FINAL_TYPE (FerryContactRow, ferry_contact_row, GTK_TYPE_LIST_BOX_ROW)

enum
{
  FILES_DROPPED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const struct
{
  const char *icon;
  const char *css_class;
  const char *word;
} presences[] = {
  [FERRY_PRESENCE_CHAT] = { "ferry-online-symbolic", "success", NC_ ("presence", "Online") },
  [FERRY_PRESENCE_AVAILABLE] = { "ferry-online-symbolic", "success",
                                 NC_ ("presence", "Online") },
  [FERRY_PRESENCE_AWAY] = { "ferry-away-symbolic", "warning", NC_ ("presence", "Away") },
  [FERRY_PRESENCE_XA] = { "ferry-away-symbolic", "warning", NC_ ("presence", "Away for long") },
  [FERRY_PRESENCE_DND] = { "ferry-busy-symbolic", "error", NC_ ("presence", "Busy") },
  [FERRY_PRESENCE_OFFLINE] = { "ferry-offline-symbolic", "dim-label",
                               NC_ ("presence", "Offline") },
};

static void
update_presence (FerryContactRow *self)
{
  FerryPresenceShow show = ferry_contact_get_show (self->contact);
  const char *word = g_dpgettext2 (NULL, "presence", presences[show].word);
  const char *classes[] = { "presence", presences[show].css_class, NULL };

  gtk_image_set_from_icon_name (self->presence, presences[show].icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->presence), classes);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->presence), word);
}

/* What stands below the name: the person's own words, else how many devices are there. */
static char *
dup_status (FerryContactRow *self)
{
  const char *status = ferry_contact_get_status (self->contact);
  FerryPresenceShow show = ferry_contact_get_show (self->contact);
  guint n_devices = g_list_model_get_n_items (ferry_contact_get_devices (self->contact));

  if (status != NULL && *status != '\0')
    return g_strdup (status);
  if (n_devices > 1)
    return g_strdup_printf (ngettext ("%u device", "%u devices", n_devices), n_devices);
  return g_strdup (g_dpgettext2 (NULL, "presence", presences[show].word));
}

static void
update_accessible_label (FerryContactRow *self, const char *status, gboolean can_receive)
{
  FerryPresenceShow show = ferry_contact_get_show (self->contact);
  const char *word = g_dpgettext2 (NULL, "presence", presences[show].word);
  const char *name = ferry_contact_get_name (self->contact);
  g_autofree char *label = NULL;

  if (g_str_equal (word, status))
    /* Translators: a contact's name and presence, for a screen reader. */
    label = g_strdup_printf (_ ("%s, %s"), name, word);
  else
    /* Translators: a contact's name, presence and status text, for a screen reader. */
    label = g_strdup_printf (_ ("%s, %s, %s"), name, word, status);
  if (!can_receive)
    {
      g_autofree char *plain = g_steal_pointer (&label);

      /* Translators: %s is what a screen reader says of a contact. */
      label = g_strdup_printf (_ ("%s, cannot receive files"), plain);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
update (FerryContactRow *self)
{
  const char *name = ferry_contact_get_name (self->contact);
  gboolean can_receive =
      !ferry_contact_is_online (self->contact) || ferry_contact_can_receive (self->contact);
  g_autofree char *status = dup_status (self);
  /* Translators: %s is a person. */
  g_autofree char *send = g_strdup_printf (_ ("Send Files to %s…"), name);

  adw_avatar_set_text (self->avatar, name);
  gtk_label_set_label (self->name, name);
  gtk_label_set_label (self->status, status);
  gtk_widget_set_visible (self->warning, !can_receive);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self),
                               ferry_jid_get_text (ferry_contact_get_jid (self->contact)));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->send), send);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->send), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  send, -1);
  update_presence (self);
  update_accessible_label (self, status, can_receive);
}

static GMenuModel *
create_menu (GtkWidget *widget)
{
  FerryContactRow *self = FERRY_CONTACT_ROW (widget);
  const char *bare = ferry_jid_get_bare (ferry_contact_get_jid (self->contact));
  GMenu *menu = g_menu_new ();

  ferry_context_menu_append (menu, _ ("_Send Files…"), "win.send-files-to", bare);
  ferry_context_menu_append (menu, _ ("Send a _Folder…"), "win.send-folder-to", bare);
  ferry_context_menu_append (menu, _ ("_Details"), "win.show-contact", bare);
  ferry_context_menu_append (menu, _ ("_Copy Address"), "win.copy-address", bare);
  return G_MENU_MODEL (menu);
}

static void
on_dropped (GtkWidget *widget, GListModel *files)
{
  g_signal_emit (widget, signals[FILES_DROPPED], 0, files);
}

static void
ferry_contact_row_dispose (GObject *object)
{
  FerryContactRow *self = FERRY_CONTACT_ROW (object);

  g_clear_object (&self->contact);

  G_OBJECT_CLASS (ferry_contact_row_parent_class)->dispose (object);
}

static void
ferry_contact_row_class_init (FerryContactRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ferry_contact_row_dispose;

  signals[FILES_DROPPED] =
      g_signal_new ("files-dropped", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_LIST_MODEL);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-contact-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryContactRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, FerryContactRow, presence);
  gtk_widget_class_bind_template_child (widget_class, FerryContactRow, name);
  gtk_widget_class_bind_template_child (widget_class, FerryContactRow, status);
  gtk_widget_class_bind_template_child (widget_class, FerryContactRow, warning);
  gtk_widget_class_bind_template_child (widget_class, FerryContactRow, send);
}

static void
ferry_contact_row_init (FerryContactRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_contact_row_new (FerryContact *contact, gboolean with_actions)
{
  g_return_val_if_fail (FERRY_IS_CONTACT (contact), NULL);

  FerryContactRow *self = g_object_new (FERRY_TYPE_CONTACT_ROW, NULL);

  self->contact = g_object_ref (contact);
  g_signal_connect_object (contact, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  gtk_widget_set_visible (GTK_WIDGET (self->send), with_actions);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->send), "s",
                                    ferry_jid_get_bare (ferry_contact_get_jid (contact)));
  if (with_actions)
    {
      ferry_drop_enable (GTK_WIDGET (self), on_dropped);
      ferry_context_menu_enable (GTK_WIDGET (self), create_menu);
    }
  update (self);
  return GTK_WIDGET (self);
}

FerryContact *
ferry_contact_row_get_contact (FerryContactRow *self)
{
  g_return_val_if_fail (FERRY_IS_CONTACT_ROW (self), NULL);

  return self->contact;
}
