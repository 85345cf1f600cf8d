/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-history-row.h"

#include "base/ferry-file-name.h"
#include "bytestream/ferry-bytestream.h"
#include "gtk/ferry-launch.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n.h>

struct _FerryHistoryRow
{
  AdwBin parent_instance;

  FerryHistoryEntry *entry; /* nullable */

  GtkImage *direction;
  GtkLabel *name;
  GtkLabel *details;
  GtkLabel *time;
  GtkMenuButton *menu;
};

G_DEFINE_FINAL_TYPE (FerryHistoryRow, ferry_history_row, ADW_TYPE_BIN)

enum
{
  DETAILS_REQUESTED,
  REMOVE_REQUESTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *
get_result (FerryHistoryEntry *entry)
{
  static const struct
  {
    const char *outcome;
    const char *word;
  } words[] = {
    { "declined", NC_ ("transfer result", "Declined") },
    { "cancelled", NC_ ("transfer result", "Cancelled") },
    { "missed", NC_ ("transfer result", "Missed") },
    { "failed", NC_ ("transfer result", "Failed") },
  };
  const char *outcome = ferry_history_entry_get_outcome (entry);
  const char *verified = ferry_history_entry_get_verified (entry);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strcmp0 (outcome, words[i].outcome) == 0)
      return g_dpgettext2 (NULL, "transfer result", words[i].word);
  if (verified != NULL && !g_str_equal (verified, "size"))
    return C_ ("transfer result", "Verified");
  return ferry_history_entry_was_received (entry) ? C_ ("transfer result", "Received")
                                                  : C_ ("transfer result", "Sent");
}

/* "to Ada · 1.2 GB · Verified · Direct" */
static char *
dup_details (FerryHistoryEntry *entry)
{
  const char *peer_name = ferry_history_entry_get_peer_name (entry);
  const char *route_name = ferry_history_entry_get_route (entry);
  gint64 size = ferry_history_entry_get_size (entry);
  g_autofree char *shown = ferry_file_name_for_display (
      peer_name != NULL ? peer_name : ferry_history_entry_get_peer (entry));
  g_autofree char *peer =
      g_strdup_printf (ferry_history_entry_is_outgoing (entry) ? C_ ("transfer", "to %s")
                                                               : C_ ("transfer", "from %s"),
                       shown);
  g_autofree char *amount = g_format_size (size >= 0 ? (guint64) size : 0);
  g_autoptr (GStrvBuilder) parts = g_strv_builder_new ();

  g_strv_builder_add (parts, peer);
  if (size >= 0)
    g_strv_builder_add (parts, amount);
  g_strv_builder_add (parts, get_result (entry));
  if (route_name != NULL && g_strcmp0 (ferry_history_entry_get_outcome (entry), "done") == 0)
    {
      const char *route = ferry_sentence_for_route (ferry_route_from_name (route_name));

      if (*route != '\0')
        g_strv_builder_add (parts, route);
    }

  g_auto (GStrv) strv = g_strv_builder_end (parts);

  return g_strjoinv (" · ", strv);
}

/* The hour of today, the day of this year, else the date. */
static char *
dup_time (gint64 us)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (us / G_USEC_PER_SEC);
  g_autoptr (GDateTime) then = utc != NULL ? g_date_time_to_local (utc) : NULL;

  if (then == NULL)
    return g_strdup ("");
  if (g_date_time_get_year (then) != g_date_time_get_year (now))
    return g_date_time_format (then, "%x");
  if (g_date_time_get_day_of_year (then) == g_date_time_get_day_of_year (now))
    /* Translators: a time of today, see g_date_time_format(). */
    return g_date_time_format (then, _ ("%H:%M"));
  /* Translators: a day of this year, see g_date_time_format(). */
  return g_date_time_format (then, _ ("%-d %b"));
}

char *
ferry_history_row_dup_label (FerryHistoryEntry *entry)
{
  g_autofree char *name = ferry_file_name_for_display (ferry_history_entry_get_name (entry));
  g_autofree char *details = dup_details (entry);
  g_autofree char *time = dup_time (ferry_history_entry_get_ended_us (entry));

  /* Translators: file name, details and time of a past transfer, for a screen reader. */
  return g_strdup_printf (_ ("%s, %s, %s"), name, details, time);
}

static void
update_actions (FerryHistoryRow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const char *path = self->entry != NULL ? ferry_history_entry_get_path (self->entry) : NULL;
  gboolean saved =
      path != NULL && g_strcmp0 (ferry_history_entry_get_outcome (self->entry), "done") == 0;

  gtk_widget_action_set_enabled (widget, "entry.open", saved && ferry_launch_can_open (path));
  gtk_widget_action_set_enabled (widget, "entry.show", saved);
  gtk_widget_action_set_enabled (widget, "entry.send-again",
                                 path != NULL && ferry_history_entry_is_outgoing (self->entry));
  gtk_widget_action_set_enabled (widget, "entry.copy-checksum",
                                 self->entry != NULL &&
                                     ferry_history_entry_get_sha256 (self->entry) != NULL);
}

static void
update (FerryHistoryRow *self)
{
  if (self->entry == NULL)
    return;

  gboolean outgoing = ferry_history_entry_is_outgoing (self->entry);
  gboolean failed = g_strcmp0 (ferry_history_entry_get_outcome (self->entry), "failed") == 0;
  g_autofree char *name =
      ferry_file_name_for_display (ferry_history_entry_get_name (self->entry));
  const char *classes[] = { "direction", failed ? "error" : NULL, NULL };
  g_autofree char *details = dup_details (self->entry);
  g_autofree char *time = dup_time (ferry_history_entry_get_ended_us (self->entry));
  /* Translators: what a screen reader calls the menu of a row; %s is a file name. */
  g_autofree char *menu = g_strdup_printf (_ ("Actions for %s"), name);

  gtk_image_set_from_icon_name (self->direction, outgoing ? "ferry-sending-symbolic"
                                                          : "ferry-receiving-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->direction),
                               outgoing ? C_ ("direction", "Sent")
                                        : C_ ("direction", "Received"));
  gtk_widget_set_css_classes (GTK_WIDGET (self->direction), classes);
  gtk_label_set_label (self->name, name);
  gtk_label_set_label (self->details, details);
  gtk_label_set_label (self->time, time);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->menu), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  menu, -1);
  update_actions (self);
}

static void
activate_with_path (GtkWidget *widget, const char *action_name)
{
  FerryHistoryRow *self = FERRY_HISTORY_ROW (widget);

  gtk_widget_activate_action (widget, action_name, "s",
                              ferry_history_entry_get_path (self->entry));
}

static void
on_open (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  activate_with_path (widget, "app.open-file");
}

static void
on_show (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  activate_with_path (widget, "app.show-file");
}

static void
on_send_again (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  FerryHistoryRow *self = FERRY_HISTORY_ROW (widget);

  gtk_widget_activate_action (widget, "win.send-file", "(ss)",
                              ferry_history_entry_get_peer (self->entry),
                              ferry_history_entry_get_path (self->entry));
}

static void
on_copy_checksum (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  FerryHistoryRow *self = FERRY_HISTORY_ROW (widget);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget),
                          ferry_history_entry_get_sha256 (self->entry));
}

static void
on_details (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[DETAILS_REQUESTED], 0);
}

static void
on_remove (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[REMOVE_REQUESTED], 0);
}

static void
ferry_history_row_dispose (GObject *object)
{
  FerryHistoryRow *self = FERRY_HISTORY_ROW (object);

  g_clear_object (&self->entry);
  gtk_widget_dispose_template (GTK_WIDGET (self), FERRY_TYPE_HISTORY_ROW);

  G_OBJECT_CLASS (ferry_history_row_parent_class)->dispose (object);
}

static void
ferry_history_row_class_init (FerryHistoryRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_history_row_dispose;

  signals[DETAILS_REQUESTED] =
      g_signal_new ("details-requested", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 0);
  signals[REMOVE_REQUESTED] =
      g_signal_new ("remove-requested", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_install_action (widget_class, "entry.open", NULL, on_open);
  gtk_widget_class_install_action (widget_class, "entry.show", NULL, on_show);
  gtk_widget_class_install_action (widget_class, "entry.send-again", NULL, on_send_again);
  gtk_widget_class_install_action (widget_class, "entry.copy-checksum", NULL, on_copy_checksum);
  gtk_widget_class_install_action (widget_class, "entry.details", NULL, on_details);
  gtk_widget_class_install_action (widget_class, "entry.remove", NULL, on_remove);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-history-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryHistoryRow, direction);
  gtk_widget_class_bind_template_child (widget_class, FerryHistoryRow, name);
  gtk_widget_class_bind_template_child (widget_class, FerryHistoryRow, details);
  gtk_widget_class_bind_template_child (widget_class, FerryHistoryRow, time);
  gtk_widget_class_bind_template_child (widget_class, FerryHistoryRow, menu);
}

static void
ferry_history_row_init (FerryHistoryRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_history_row_new (void)
{
  return g_object_new (FERRY_TYPE_HISTORY_ROW, NULL);
}

void
ferry_history_row_set_entry (FerryHistoryRow *self, FerryHistoryEntry *entry)
{
  g_return_if_fail (FERRY_IS_HISTORY_ROW (self));

  if (g_set_object (&self->entry, entry))
    update (self);
}

FerryHistoryEntry *
ferry_history_row_get_entry (FerryHistoryRow *self)
{
  g_return_val_if_fail (FERRY_IS_HISTORY_ROW (self), NULL);

  return self->entry;
}
