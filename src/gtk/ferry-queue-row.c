/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-queue-row.h"

#include "base/ferry-file-name.h"
#include "gtk/ferry-act.h"
#include "gtk/ferry-context-menu.h"
#include "gtk/ferry-fold.h"
#include "gtk/ferry-route-badge.h"
#include "gtk/ferry-row-drag.h"
#include "gtk/ferry-transfers-view.h"
#include "model/ferry-sentence.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* A screen reader is told of progress no more often than this. */
#define LABEL_INTERVAL_US (5 * G_USEC_PER_SEC)

struct _FerryQueueRow
{
  GtkListBoxRow parent_instance;

  FerryTransfer *transfer;
  guint update_id;
  guint countdown_id; /* while the sentence counts seconds */
  FerryTransferState labelled_state;
  gint64 labelled_us;

  GtkImage *direction;
  GtkBox *title_box;
  GtkLabel *name;
  GtkLabel *peer;
  GtkProgressBar *progress;
  GtkBox *sentence_box;
  GtkWidget *state;
  GtkImage *state_icon;
  GtkLabel *sentence;
  GtkLabel *note;
  FerryRouteBadge *badge;
  GtkButton *remedy;
  GtkButton *pause;
  GtkButton *open;
  GtkButton *show;
  GtkButton *cancel;
  GtkButton *remove;
};

G_DEFINE_FINAL_TYPE (FerryQueueRow, ferry_queue_row, GTK_TYPE_LIST_BOX_ROW)

/* --- What a state looks like -----------------------------------------------------------------
 */

/* clang-format off */
static const struct
{
  const char *icon;  /* before the sentence; NULL: the sentence and the bar say it all */
  const char *bar;   /* the style of the bar; NULL: there is none */
  const char *style; /* of the sign for the direction */
} looks[] = {
  [FERRY_TRANSFER_PREPARING]    = { "content-loading-symbolic", NULL, "accent" },
  [FERRY_TRANSFER_QUEUED]       = { "content-loading-symbolic", NULL, "accent" },
  [FERRY_TRANSFER_WAITING_PEER] = { "preferences-system-time-symbolic", NULL, "accent" },
  [FERRY_TRANSFER_OFFERED]      = { "preferences-system-time-symbolic", NULL, "accent" },
  [FERRY_TRANSFER_CONNECTING]   = { "content-loading-symbolic", NULL, "accent" },
  [FERRY_TRANSFER_ACTIVE]       = { NULL, "moving", "accent" },
  [FERRY_TRANSFER_STALLED]      = { "dialog-warning-symbolic", "stalled", "warning" },
  [FERRY_TRANSFER_RECONNECTING] = { "view-refresh-symbolic", "stalled", "warning" },
  [FERRY_TRANSFER_PAUSED]       = { "media-playback-pause-symbolic", "paused", NULL },
  [FERRY_TRANSFER_VERIFYING]    = { "system-search-symbolic", "checking", "accent" },
  [FERRY_TRANSFER_CHECKING]     = { "system-search-symbolic", "checking", "accent" },
  [FERRY_TRANSFER_DONE]         = { NULL, NULL, "success" },
  [FERRY_TRANSFER_DECLINED]     = { "action-unavailable-symbolic", NULL, NULL },
  [FERRY_TRANSFER_CANCELLED]    = { "process-stop-symbolic", NULL, NULL },
  [FERRY_TRANSFER_MISSED]       = { "action-unavailable-symbolic", NULL, NULL },
  [FERRY_TRANSFER_FAILED]       = { NULL, NULL, "error" },
};
/* clang-format on */

static gboolean
is_sending (FerryQueueRow *self)
{
  return ferry_transfer_get_direction (self->transfer) == FERRY_DIRECTION_SEND;
}

static void
update_title (FerryQueueRow *self)
{
  g_autofree char *name = ferry_sentence_for_name (ferry_transfer_get_name (self->transfer),
                                                   ferry_transfer_is_folder (self->transfer),
                                                   ferry_transfer_get_n_files (self->transfer));
  g_autofree char *peer_name =
      ferry_file_name_for_display (ferry_transfer_get_peer_name (self->transfer));
  /* Translators: %s is a person; this stands behind a file name. */
  g_autofree char *peer = g_strdup_printf (
      is_sending (self) ? C_ ("transfer", "to %s") : C_ ("transfer", "from %s"), peer_name);

  gtk_label_set_label (self->name, name);
  gtk_label_set_label (self->peer, peer);
}

/* Only a checksum earns the tick. */
static gboolean
is_verified (FerryQueueRow *self)
{
  const char *verified = ferry_transfer_get_verified (self->transfer);

  return verified != NULL && !g_str_equal (verified, "size");
}

static void
update_direction (FerryQueueRow *self, FerryTransferState state)
{
  const char *icon = is_sending (self) ? "ferry-sending-symbolic" : "ferry-receiving-symbolic";
  const char *tooltip = is_sending (self) ? _ ("Sending") : _ ("Receiving");
  const char *classes[] = { "direction", looks[state].style, NULL };

  if (state == FERRY_TRANSFER_DONE)
    {
      if (is_verified (self))
        icon = "ferry-verified-symbolic";
      tooltip = is_sending (self) ? _ ("Sent") : _ ("Received");
    }
  else if (state == FERRY_TRANSFER_FAILED)
    {
      icon = "dialog-warning-symbolic";
      tooltip = _ ("Failed");
    }

  gtk_widget_set_css_classes (GTK_WIDGET (self->direction), classes);
  gtk_image_set_from_icon_name (self->direction, icon);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->direction), tooltip);
}

static void
update_progress (FerryQueueRow *self, FerryTransferState state, const char *sentence)
{
  const char *classes[] = { "horizontal", looks[state].bar, NULL };

  gtk_widget_set_visible (GTK_WIDGET (self->progress), looks[state].bar != NULL);
  gtk_widget_set_css_classes (GTK_WIDGET (self->progress), classes);
  gtk_progress_bar_set_fraction (self->progress, ferry_transfer_get_fraction (self->transfer));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, sentence, -1);
}

static const char *
get_icon (FerryQueueRow *self, FerryTransferState state)
{
  return state == FERRY_TRANSFER_WAITING_PEER &&
                 ferry_transfer_get_link (self->transfer) != FERRY_TRANSFER_LINK_UP
             ? "network-offline-symbolic"
             : looks[state].icon;
}

static void
update_sentence (FerryQueueRow *self, FerryTransferState state, const char *sentence)
{
  const char *icon = get_icon (self, state);
  g_autofree char *note = ferry_sentence_for_note (self->transfer);

  gtk_widget_set_visible (GTK_WIDGET (self->state_icon), icon != NULL);
  gtk_image_set_from_icon_name (self->state_icon, icon);
  gtk_label_set_label (self->sentence, sentence);
  if (state == FERRY_TRANSFER_FAILED)
    gtk_widget_remove_css_class (self->state, "dim-label");
  else
    gtk_widget_add_css_class (self->state, "dim-label");
  gtk_widget_set_visible (GTK_WIDGET (self->note), note != NULL);
  gtk_label_set_label (self->note, note != NULL ? note : "");
}

/* --- What can be done ------------------------------------------------------------------------
 */

/* The one thing that helps has words on it. */
static void
update_remedy (FerryQueueRow *self)
{
  static const FerryAct remedies[] = { FERRY_ACT_COMPARE_KEYS, FERRY_ACT_DECIDE,
                                       FERRY_ACT_LOCATE,       FERRY_ACT_CHOOSE_FOLDER,
                                       FERRY_ACT_SEND_AGAIN,   FERRY_ACT_RETRY_NOW,
                                       FERRY_ACT_TRY_AGAIN };
  gboolean found = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (remedies) && !found; i++)
    if (ferry_act_is_in_row (remedies[i], self->transfer))
      {
        gtk_button_set_label (self->remedy, ferry_act_get_label (remedies[i]));
        ferry_act_put_on (remedies[i], self->transfer, GTK_ACTIONABLE (self->remedy));
        found = TRUE;
      }
  gtk_widget_set_visible (GTK_WIDGET (self->remedy), found);
}

static void
name_button (GtkButton *button, const char *format, const char *file_name)
{
  g_autofree char *label = g_strdup_printf (format, file_name);

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
update_pause (FerryQueueRow *self)
{
  gboolean is_paused = ferry_act_is_in_row (FERRY_ACT_RESUME, self->transfer);
  FerryAct act = is_paused ? FERRY_ACT_RESUME : FERRY_ACT_PAUSE;
  gboolean possible = ferry_act_is_possible (act, self->transfer);
  g_autofree char *name =
      ferry_file_name_for_display (ferry_transfer_get_name (self->transfer));
  g_autofree char *peer =
      ferry_file_name_for_display (ferry_transfer_get_peer_name (self->transfer));
  g_autofree char *tooltip = NULL;

  if (possible)
    tooltip = g_strdup (is_paused ? C_ ("tooltip", "Resume") : C_ ("tooltip", "Pause"));
  else
    /* Translators: %s is a person. */
    tooltip = g_strdup_printf (_ ("%s’s program cannot continue interrupted files"), peer);

  gtk_widget_set_visible (GTK_WIDGET (self->pause), ferry_act_is_in_row (act, self->transfer));
  gtk_button_set_icon_name (self->pause, is_paused ? "media-playback-start-symbolic"
                                                   : "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->pause), tooltip);
  /* Translators: what a screen reader calls the buttons of a row; %s is a file name. */
  name_button (self->pause, is_paused ? _ ("Resume %s") : _ ("Pause %s"), name);
  if (possible)
    ferry_act_put_on (act, self->transfer, GTK_ACTIONABLE (self->pause));
  else
    gtk_actionable_set_action_name (GTK_ACTIONABLE (self->pause), NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->pause), possible);
}

static void
update_button (FerryQueueRow *self, FerryAct act, GtkButton *button)
{
  gboolean visible = ferry_act_is_in_row (act, self->transfer);

  gtk_widget_set_visible (GTK_WIDGET (button), visible);
  if (visible)
    ferry_act_put_on (act, self->transfer, GTK_ACTIONABLE (button));
}

static void
update_buttons (FerryQueueRow *self)
{
  update_remedy (self);
  update_pause (self);
  update_button (self, FERRY_ACT_OPEN, self->open);
  update_button (self, FERRY_ACT_SHOW, self->show);
  update_button (self, FERRY_ACT_CANCEL, self->cancel);
  update_button (self, FERRY_ACT_REMOVE, self->remove);
}

/* --- Keeping up ------------------------------------------------------------------------------
 */

static void
update_accessible_label (FerryQueueRow *self, FerryTransferState state)
{
  gint64 now_us = g_get_monotonic_time ();

  if (looks[state].bar != NULL && state == self->labelled_state &&
      now_us - self->labelled_us < LABEL_INTERVAL_US)
    return;

  g_autofree char *label = ferry_sentence_for_accessibility (self->transfer);

  self->labelled_us = now_us;
  self->labelled_state = state;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static gboolean
count_down (gpointer user_data)
{
  FerryQueueRow *self = user_data;
  FerryTransferState state = ferry_transfer_get_state (self->transfer);
  g_autofree char *sentence = ferry_sentence_for_transfer (self->transfer);

  update_sentence (self, state, sentence);
  return G_SOURCE_CONTINUE;
}

/* Nothing else changes while a transfer waits for its next attempt. */
static void
update_countdown (FerryQueueRow *self, FerryTransferState state)
{
  if (state != FERRY_TRANSFER_RECONNECTING)
    g_clear_handle_id (&self->countdown_id, g_source_remove);
  else if (self->countdown_id == 0)
    self->countdown_id = g_timeout_add_seconds (1, count_down, self);
}

static gboolean
update (gpointer user_data)
{
  FerryQueueRow *self = user_data;
  FerryTransferState state = ferry_transfer_get_state (self->transfer);
  g_autofree char *sentence = ferry_sentence_for_transfer (self->transfer);

  self->update_id = 0;
  update_title (self);
  update_direction (self, state);
  update_progress (self, state, sentence);
  update_sentence (self, state, sentence);
  update_countdown (self, state);
  ferry_route_badge_show (self->badge, self->transfer);
  update_buttons (self);
  update_accessible_label (self, state);
  return G_SOURCE_REMOVE;
}

/* Several properties change together; the row is drawn once for all. */
static void
queue_update (FerryQueueRow *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add (update, self);
}

static GMenuModel *
create_menu (GtkWidget *widget)
{
  return ferry_act_create_menu (FERRY_QUEUE_ROW (widget)->transfer);
}

/* Of two acts the one that is possible. */
static gboolean
do_either (GtkWidget *widget, FerryAct one, FerryAct other)
{
  FerryTransfer *transfer = FERRY_QUEUE_ROW (widget)->transfer;

  return ferry_act_do (one, transfer, widget) || ferry_act_do (other, transfer, widget);
}

static gboolean
on_delete_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  return do_either (widget, FERRY_ACT_CANCEL, FERRY_ACT_REMOVE);
}

static gboolean
on_space_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  return do_either (widget, FERRY_ACT_PAUSE, FERRY_ACT_RESUME);
}

static gboolean
on_move_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  return ferry_act_do ((FerryAct) g_variant_get_int32 (arguments),
                       FERRY_QUEUE_ROW (widget)->transfer, widget);
}

static void
add_move_keys (GtkWidgetClass *widget_class)
{
  static const struct
  {
    guint keyval;
    FerryAct act;
  } keys[] = {
    { GDK_KEY_Up, FERRY_ACT_MOVE_UP },      { GDK_KEY_KP_Up, FERRY_ACT_MOVE_UP },
    { GDK_KEY_Down, FERRY_ACT_MOVE_DOWN },  { GDK_KEY_KP_Down, FERRY_ACT_MOVE_DOWN },
    { GDK_KEY_Home, FERRY_ACT_MOVE_FIRST }, { GDK_KEY_KP_Home, FERRY_ACT_MOVE_FIRST },
    { GDK_KEY_End, FERRY_ACT_MOVE_LAST },   { GDK_KEY_KP_End, FERRY_ACT_MOVE_LAST },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].keyval, GDK_ALT_MASK, on_move_key, "i",
                                  keys[i].act);
}

void
ferry_queue_row_activate (FerryQueueRow *self)
{
  g_return_if_fail (FERRY_IS_QUEUE_ROW (self));

  if (ferry_transfer_get_state (self->transfer) != FERRY_TRANSFER_DONE ||
      !ferry_act_do (FERRY_ACT_OPEN, self->transfer, GTK_WIDGET (self)))
    ferry_act_do (FERRY_ACT_DETAILS, self->transfer, GTK_WIDGET (self));
}

/* In a narrow view the person goes below the name, and the badge below the sentence. */
static void
ferry_queue_row_root (GtkWidget *widget)
{
  FerryQueueRow *self = FERRY_QUEUE_ROW (widget);

  GTK_WIDGET_CLASS (ferry_queue_row_parent_class)->root (widget);
  ferry_fold_box (widget, FERRY_TYPE_TRANSFERS_VIEW, "is-narrow", self->title_box);
  ferry_fold_box (widget, FERRY_TYPE_TRANSFERS_VIEW, "is-narrow", self->sentence_box);
}

static void
ferry_queue_row_dispose (GObject *object)
{
  FerryQueueRow *self = FERRY_QUEUE_ROW (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_handle_id (&self->countdown_id, g_source_remove);
  if (self->transfer != NULL)
    g_signal_handlers_disconnect_by_func (self->transfer, queue_update, self);
  g_clear_object (&self->transfer);

  G_OBJECT_CLASS (ferry_queue_row_parent_class)->dispose (object);
}

static void
ferry_queue_row_class_init (FerryQueueRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ferry_queue_row_dispose;
  widget_class->root = ferry_queue_row_root;
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Delete, 0, on_delete_key, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_space, 0, on_space_key, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Space, 0, on_space_key, NULL);

  add_move_keys (widget_class);

  g_type_ensure (FERRY_TYPE_ROUTE_BADGE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-queue-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, direction);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, title_box);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, name);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, peer);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, progress);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, sentence_box);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, state);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, state_icon);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, sentence);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, note);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, badge);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, remedy);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, pause);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, open);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, show);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, cancel);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, remove);
}

static void
ferry_queue_row_init (FerryQueueRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_queue_row_new (FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);

  FerryQueueRow *self = g_object_new (FERRY_TYPE_QUEUE_ROW, NULL);
  g_autofree char *name = ferry_file_name_for_display (ferry_transfer_get_name (transfer));

  self->transfer = g_object_ref (transfer);
  ferry_context_menu_enable (GTK_WIDGET (self), create_menu);
  ferry_row_drag_enable (GTK_WIDGET (self), transfer);
  name_button (self->cancel, _ ("Cancel %s"), name);
  name_button (self->remove, _ ("Remove %s from the List"), name);
  name_button (self->open, _ ("Open %s"), name);
  name_button (self->show, _ ("Show %s in Folder"), name);
  g_signal_connect_object (transfer, "notify", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
