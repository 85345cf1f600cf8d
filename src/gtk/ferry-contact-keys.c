/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-contact-keys"
#include "config.h"

#include "gtk/ferry-contact-keys.h"

#include "base/ferry-file-name.h"

#include <glib/gi18n.h>

struct _FerryContactKeys
{
  AdwBin parent_instance;

  FerryCore *core;
  FerryContact *contact;

  AdwComboRow *encryption;
  GtkLabel *explanation;
  GtkWidget *keys_group;
  GtkListBox *keys;
  AdwActionRow *own;
};

G_DEFINE_FINAL_TYPE (FerryContactKeys, ferry_contact_keys, ADW_TYPE_BIN)

/* In the order of the choices in the template. */
static const FerryEncryption choices[] = { FERRY_ENCRYPTION_AUTO, FERRY_ENCRYPTION_ALWAYS,
                                           FERRY_ENCRYPTION_NEVER };

/* --- Whether files are encrypted -------------------------------------------------------------
 */

static FerryEncryption
get_encryption (FerryContactKeys *self)
{
  return ferry_core_get_contact_encryption (self->core,
                                            ferry_contact_get_account (self->contact),
                                            ferry_contact_get_jid (self->contact));
}

static void
show_encryption (FerryContactKeys *self)
{
  static const char *const explanations[] = {
    [FERRY_ENCRYPTION_AUTO] = N_ ("Files are encrypted wherever the other program can."),
    [FERRY_ENCRYPTION_ALWAYS] = N_ ("No file goes or comes in clear."),
    [FERRY_ENCRYPTION_NEVER] = N_ ("Files go in clear, unless the other side asks."),
  };
  FerryEncryption encryption = get_encryption (self);

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (choices[i] == encryption)
      adw_combo_row_set_selected (self->encryption, i);
  gtk_label_set_label (self->explanation, gettext (explanations[encryption]));
}

static void
on_encryption_chosen (FerryContactKeys *self)
{
  guint selected = adw_combo_row_get_selected (self->encryption);
  g_autoptr (GError) error = NULL;

  if (self->contact == NULL || selected >= G_N_ELEMENTS (choices) ||
      choices[selected] == get_encryption (self))
    return;
  if (ferry_core_set_contact_encryption (self->core, ferry_contact_get_account (self->contact),
                                         ferry_contact_get_jid (self->contact),
                                         choices[selected], &error))
    {
      show_encryption (self);
      return;
    }
  g_info ("the choice could not be kept: %s", error->message);
  show_encryption (self);
  gtk_label_set_label (self->explanation, _ ("Your choice could not be saved."));
}

/* --- The keys --------------------------------------------------------------------------------
 */

static void
set_compared (FerryContactKeys *self, GtkSwitch *compared, gboolean is_verified)
{
  FerryJid *device = g_object_get_data (G_OBJECT (compared), "device");
  g_autoptr (GError) error = NULL;

  if (!ferry_core_verify_key (self->core, ferry_contact_get_account (self->contact), device,
                              is_verified, &error))
    {
      g_info ("the comparison could not be kept: %s", error->message);
      gtk_label_set_label (self->explanation, _ ("Your choice could not be saved."));
    }
}

static void
on_compared (GtkSwitch *compared, GParamSpec *pspec, FerryContactKeys *self)
{
  set_compared (self, compared, gtk_switch_get_active (compared));
}

static void
add_key (FerryContactKeys *self, const FerryDeviceKey *key)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *compared = gtk_switch_new ();
  const char *resource = ferry_jid_get_resource (key->device);
  FerryDevice *online = ferry_contact_find_device (self->contact, key->device);
  g_autofree char *name =
      ferry_file_name_for_display (online != NULL     ? ferry_device_get_name (online)
                                   : resource != NULL ? resource
                                                      : "");
  g_autofree char *title = g_markup_escape_text (name, -1);
  g_autofree char *groups = ferry_key_question_dup_groups (key->fingerprint);
  /* Translators: what a screen reader calls the switch beside a key; %s is a device. */
  g_autofree char *label = g_strdup_printf (_ ("I compared the key of %s"), name);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), groups);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_add_css_class (row, "fingerprint");
  gtk_widget_set_valign (compared, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (compared, _ ("Compared with the Person"));
  gtk_switch_set_active (GTK_SWITCH (compared), key->is_verified);
  gtk_accessible_update_property (GTK_ACCESSIBLE (compared), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  g_object_set_data_full (G_OBJECT (compared), "device", ferry_jid_ref (key->device),
                          (GDestroyNotify) ferry_jid_unref);
  g_signal_connect_object (compared, "notify::active", G_CALLBACK (on_compared), self, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), compared);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), compared);
  gtk_list_box_append (self->keys, row);
}

static void
show_keys (FerryContactKeys *self)
{
  FerryJid *account = ferry_contact_get_account (self->contact);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) keys = ferry_core_list_keys (self->core, &error);
  g_autofree char *own = ferry_core_dup_own_key (self->core, account);
  gboolean any = FALSE;

  if (keys == NULL)
    g_info ("the keys could not be read: %s", error->message);
  for (guint i = 0; keys != NULL && i < keys->len; i++)
    {
      const FerryDeviceKey *key = keys->pdata[i];

      if (*key->fingerprint == '\0' || !ferry_jid_equal_bare (key->account, account) ||
          !ferry_jid_equal_bare (key->device, ferry_contact_get_jid (self->contact)))
        continue;
      add_key (self, key);
      any = TRUE;
    }
  gtk_widget_set_visible (self->keys_group, any);
  gtk_widget_set_visible (GTK_WIDGET (self->own), own != NULL);
  adw_action_row_set_subtitle (self->own, own != NULL ? own : "");
}

/* --- Life ------------------------------------------------------------------------------------
 */

static void
ferry_contact_keys_dispose (GObject *object)
{
  FerryContactKeys *self = FERRY_CONTACT_KEYS (object);

  g_clear_object (&self->contact);
  g_clear_object (&self->core);
  gtk_widget_dispose_template (GTK_WIDGET (self), FERRY_TYPE_CONTACT_KEYS);

  G_OBJECT_CLASS (ferry_contact_keys_parent_class)->dispose (object);
}

static void
ferry_contact_keys_class_init (FerryContactKeysClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_contact_keys_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-contact-keys.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryContactKeys, encryption);
  gtk_widget_class_bind_template_child (widget_class, FerryContactKeys, explanation);
  gtk_widget_class_bind_template_child (widget_class, FerryContactKeys, keys_group);
  gtk_widget_class_bind_template_child (widget_class, FerryContactKeys, keys);
  gtk_widget_class_bind_template_child (widget_class, FerryContactKeys, own);
  gtk_widget_class_bind_template_callback (widget_class, on_encryption_chosen);
}

static void
ferry_contact_keys_init (FerryContactKeys *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ferry_contact_keys_show (FerryContactKeys *self, FerryCore *core, FerryContact *contact)
{
  g_return_if_fail (FERRY_IS_CONTACT_KEYS (self));
  g_return_if_fail (self->core == NULL);

  self->core = g_object_ref (core);
  self->contact = g_object_ref (contact);
  show_encryption (self);
  show_keys (self);
}
