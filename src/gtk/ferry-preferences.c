/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-preferences"
#include "config.h"

#include "gtk/ferry-preferences.h"

#include <glib/gi18n.h>

/* What people count speeds in, bytes a second. */
#define RATE_UNIT 1000

struct _FerryPreferences
{
  AdwPreferencesWindow parent_instance;

  FerryCore *core; /* nullable: not shown yet */

  GtkSpinButton *up;
  GtkSpinButton *down;
  GtkSpinButton *n_up;
  GtkSpinButton *n_down;
  AdwComboRow *folders;
};

G_DEFINE_FINAL_TYPE (FerryPreferences, ferry_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* In the order of the choices in the template. */
static const FerryFolderWay folder_ways[] = { FERRY_FOLDER_ASK, FERRY_FOLDER_ZIP,
                                              FERRY_FOLDER_FILES };

static void
complain (FerryPreferences *self, const GError *error)
{
  g_info ("the choice could not be kept: %s", error->message);
  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self),
                                    adw_toast_new (_ ("Your choice could not be saved.")));
}

/* --- Speed -----------------------------------------------------------------------------------
 */

/* Nothing, and words without a number, are no limit. */
static int
on_rate_input (GtkSpinButton *button, double *rate, gpointer user_data)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (button));

  while (*text != '\0' && !g_ascii_isdigit (*text))
    text++;
  *rate = (double) g_ascii_strtoull (text, NULL, 10);
  return TRUE;
}

static gboolean
on_rate_output (GtkSpinButton *button, gpointer user_data)
{
  int rate = gtk_spin_button_get_value_as_int (button);
  /* Translators: a speed. */
  g_autofree char *text =
      rate > 0 ? g_strdup_printf (_ ("%d kB/s"), rate) : g_strdup (C_ ("speed", "No limit"));

  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (button)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (button), text);
  return TRUE;
}

static guint64
get_rate (GtkSpinButton *button)
{
  return (guint64) gtk_spin_button_get_value_as_int (button) * RATE_UNIT;
}

static void
on_rate_changed (FerryPreferences *self)
{
  g_autoptr (GError) error = NULL;

  if (self->core != NULL &&
      !ferry_core_set_rates (self->core, get_rate (self->up), get_rate (self->down), &error))
    complain (self, error);
}

/* --- Files at once ---------------------------------------------------------------------------
 */

static void
on_limit_changed (FerryPreferences *self)
{
  g_autoptr (GError) error = NULL;

  if (self->core != NULL &&
      !ferry_core_set_limits (self->core, (guint) gtk_spin_button_get_value_as_int (self->n_up),
                              (guint) gtk_spin_button_get_value_as_int (self->n_down), &error))
    complain (self, error);
}

/* --- Folders ---------------------------------------------------------------------------------
 */

static void
on_folders_chosen (FerryPreferences *self)
{
  guint selected = adw_combo_row_get_selected (self->folders);
  g_autoptr (GError) error = NULL;

  if (self->core != NULL && selected < G_N_ELEMENTS (folder_ways) &&
      !ferry_core_set_folder_way (self->core, folder_ways[selected], &error))
    complain (self, error);
}

/* --- Life ------------------------------------------------------------------------------------
 */

static void
ferry_preferences_dispose (GObject *object)
{
  g_clear_object (&FERRY_PREFERENCES (object)->core);

  G_OBJECT_CLASS (ferry_preferences_parent_class)->dispose (object);
}

static void
ferry_preferences_class_init (FerryPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_preferences_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryPreferences, up);
  gtk_widget_class_bind_template_child (widget_class, FerryPreferences, down);
  gtk_widget_class_bind_template_child (widget_class, FerryPreferences, n_up);
  gtk_widget_class_bind_template_child (widget_class, FerryPreferences, n_down);
  gtk_widget_class_bind_template_child (widget_class, FerryPreferences, folders);
  gtk_widget_class_bind_template_callback (widget_class, on_rate_input);
  gtk_widget_class_bind_template_callback (widget_class, on_rate_output);
  gtk_widget_class_bind_template_callback (widget_class, on_rate_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_limit_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_folders_chosen);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ferry_preferences_init (FerryPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_preferences_new (FerryCore *core)
{
  g_return_val_if_fail (FERRY_IS_CORE (core), NULL);

  FerryPreferences *self = g_object_new (FERRY_TYPE_PREFERENCES, NULL);
  FerryFolderWay way = ferry_core_get_folder_way (core);
  guint64 up = 0, down = 0;
  guint n_up = 0, n_down = 0;

  ferry_core_get_rates (core, &up, &down);
  gtk_spin_button_set_value (self->up, (double) (up / RATE_UNIT));
  gtk_spin_button_set_value (self->down, (double) (down / RATE_UNIT));
  ferry_core_get_limits (core, &n_up, &n_down);
  gtk_spin_button_set_value (self->n_up, n_up);
  gtk_spin_button_set_value (self->n_down, n_down);
  for (guint i = 0; i < G_N_ELEMENTS (folder_ways); i++)
    if (folder_ways[i] == way)
      adw_combo_row_set_selected (self->folders, i);
  /* What is shown from the beginning is no choice. */
  self->core = g_object_ref (core);
  return GTK_WIDGET (self);
}
