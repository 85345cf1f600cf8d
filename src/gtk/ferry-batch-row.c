/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-batch-row.h"

#include "base/ferry-file-name.h"
#include "gtk/ferry-act.h"
#include "gtk/ferry-context-menu.h"
#include "gtk/ferry-fold.h"
#include "gtk/ferry-queue-row.h"
#include "gtk/ferry-row-drag.h"
#include "gtk/ferry-transfers-view.h"
#include "model/ferry-sentence.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* As many rows as a list without recycling may have. */
#define MAX_ROWS 100
/* A screen reader is told of progress no more often than this. */
#define LABEL_INTERVAL_US (5 * G_USEC_PER_SEC)

struct _FerryBatchRow
{
  GtkListBoxRow parent_instance;

  FerryBatch *batch;
  guint update_id;
  guint countdown_id; /* while the sentence counts seconds */
  FerryTransferState labelled_state;
  guint labelled_n_files;
  gint64 labelled_us;

  GtkImage *direction;
  GtkBox *title_box;
  GtkLabel *name;
  GtkLabel *peer;
  GtkProgressBar *progress;
  GtkLabel *sentence;
  GtkButton *retry;
  GtkToggleButton *opener;
  GtkButton *pause;
  GtkButton *cancel;
  GtkButton *remove;
  GtkRevealer *revealer;
  GtkListBox *files;
  GtkLabel *more;
};

G_DEFINE_FINAL_TYPE (FerryBatchRow, ferry_batch_row, GTK_TYPE_LIST_BOX_ROW)

/* --- What can be done: with any of them means with all of those ------------------------------
 */

/* Returns: (transfer full) (nullable): the first with which @act can be done */
static FerryTransfer *
dup_possible (FerryBatch *batch, FerryAct act)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (batch)); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (G_LIST_MODEL (batch), i);

      if (ferry_act_is_possible (act, transfer))
        return g_steal_pointer (&transfer);
    }
  return NULL;
}

/* A batch goes off the list as a whole. */
static gboolean
is_possible (FerryBatch *batch, FerryAct act)
{
  g_autoptr (FerryTransfer) transfer = dup_possible (batch, act);

  return transfer != NULL && (act != FERRY_ACT_REMOVE || ferry_batch_is_finished (batch));
}

static const char *
get_action (FerryBatch *batch, FerryAct act)
{
  g_autoptr (FerryTransfer) any = g_list_model_get_item (G_LIST_MODEL (batch), 0);
  const char *action = NULL;

  ferry_act_get_target (act, any, &action);
  return action;
}

/* Shows @button if @act is possible, and lets it do that with the batch. */
static gboolean
offer (FerryBatchRow *self, GtkButton *button, FerryAct act)
{
  gboolean possible = is_possible (self->batch, act);

  gtk_widget_set_visible (GTK_WIDGET (button), possible);
  if (!possible)
    return FALSE;
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s",
                                    ferry_batch_get_id (self->batch));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), get_action (self->batch, act));
  return TRUE;
}

static gboolean
do_act (FerryBatchRow *self, FerryAct act)
{
  return is_possible (self->batch, act) &&
         gtk_widget_activate_action (GTK_WIDGET (self), get_action (self->batch, act), "s",
                                     ferry_batch_get_id (self->batch));
}

static GMenuModel *
create_menu (GtkWidget *widget)
{
  static const FerryAct acts[] = { FERRY_ACT_PAUSE,      FERRY_ACT_RESUME,
                                   FERRY_ACT_RETRY_NOW,  FERRY_ACT_TRY_AGAIN,
                                   FERRY_ACT_MOVE_FIRST, FERRY_ACT_MOVE_UP,
                                   FERRY_ACT_MOVE_DOWN,  FERRY_ACT_MOVE_LAST,
                                   FERRY_ACT_CANCEL,     FERRY_ACT_REMOVE };
  FerryBatch *batch = FERRY_BATCH_ROW (widget)->batch;
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    if (is_possible (batch, acts[i]))
      ferry_context_menu_append (menu, ferry_act_get_label (acts[i]),
                                 get_action (batch, acts[i]), ferry_batch_get_id (batch));
  return G_MENU_MODEL (menu);
}

static gboolean
on_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  FerryAct one = 0, other = 0;

  g_variant_get (arguments, "(ii)", &one, &other);
  return do_act (FERRY_BATCH_ROW (widget), one) || do_act (FERRY_BATCH_ROW (widget), other);
}

/* --- What it looks like ----------------------------------------------------------------------
 */

static void
name_button (GtkButton *button, const char *format, const char *files)
{
  g_autofree char *label = g_strdup_printf (format, files);

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
update_buttons (FerryBatchRow *self, const char *files)
{
  gboolean can_pause = offer (self, self->pause, FERRY_ACT_PAUSE);

  if (!can_pause)
    offer (self, self->pause, FERRY_ACT_RESUME);
  gtk_button_set_icon_name (self->pause, can_pause ? "media-playback-pause-symbolic"
                                                   : "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->pause),
                               can_pause ? C_ ("tooltip", "Pause") : C_ ("tooltip", "Resume"));
  name_button (self->pause, can_pause ? _ ("Pause %s") : _ ("Resume %s"), files);
  offer (self, self->retry, FERRY_ACT_TRY_AGAIN);
  offer (self, self->cancel, FERRY_ACT_CANCEL);
  offer (self, self->remove, FERRY_ACT_REMOVE);
  name_button (self->cancel, _ ("Cancel %s"), files);
  name_button (self->remove, _ ("Remove %s from the List"), files);
  name_button (GTK_BUTTON (self->opener), _ ("Show the Files of %s"), files);
}

static void
update_label (FerryBatchRow *self)
{
  FerryTransferState state = ferry_batch_get_state (self->batch);
  guint n_files = ferry_batch_get_n_files (self->batch);
  gint64 now_us = g_get_monotonic_time ();

  if (gtk_widget_get_visible (GTK_WIDGET (self->progress)) && state == self->labelled_state &&
      n_files == self->labelled_n_files && now_us - self->labelled_us < LABEL_INTERVAL_US)
    return;

  g_autofree char *label = ferry_sentence_for_batch_accessibility (self->batch);

  self->labelled_us = now_us;
  self->labelled_state = state;
  self->labelled_n_files = n_files;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
update_more (FerryBatchRow *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->batch));
  guint n_more = n > MAX_ROWS ? n - MAX_ROWS : 0;
  /* Translators: files of a long list that are not shown one by one. */
  g_autofree char *text =
      g_strdup_printf (ngettext ("and %u more", "and %u more", n_more), n_more);

  gtk_widget_set_visible (GTK_WIDGET (self->more), n_more > 0);
  gtk_label_set_label (self->more, text);
}

static const char *
get_style (FerryBatch *batch)
{
  if (!ferry_batch_is_finished (batch))
    return "accent";
  return ferry_batch_get_n_files_failed (batch) > 0 ? "error" : "success";
}

static void queue_update (FerryBatchRow *self);

static gboolean
count_down (gpointer user_data)
{
  queue_update (user_data);
  return G_SOURCE_CONTINUE;
}

/* Nothing else changes while its files wait for their next attempts. */
static void
update_countdown (FerryBatchRow *self)
{
  if (ferry_batch_get_state (self->batch) != FERRY_TRANSFER_RECONNECTING)
    g_clear_handle_id (&self->countdown_id, g_source_remove);
  else if (self->countdown_id == 0)
    self->countdown_id = g_timeout_add_seconds (1, count_down, self);
}

static gboolean
update (gpointer user_data)
{
  FerryBatchRow *self = user_data;
  gboolean is_sending = ferry_batch_get_direction (self->batch) == FERRY_DIRECTION_SEND;
  g_autofree char *sentence = ferry_sentence_for_batch (self->batch);
  g_autofree char *files = ferry_sentence_for_several (ferry_batch_get_name (self->batch),
                                                       ferry_batch_get_n_files (self->batch));
  g_autofree char *peer_name =
      ferry_file_name_for_display (ferry_batch_get_peer_name (self->batch));
  g_autofree char *peer = g_strdup_printf (
      is_sending ? C_ ("transfer", "to %s") : C_ ("transfer", "from %s"), peer_name);
  const char *classes[] = { "direction", get_style (self->batch), NULL };

  self->update_id = 0;
  gtk_label_set_label (self->name, files);
  gtk_label_set_label (self->peer, peer);
  gtk_label_set_label (self->sentence, sentence);
  gtk_widget_set_css_classes (GTK_WIDGET (self->direction), classes);
  gtk_image_set_from_icon_name (self->direction, is_sending ? "ferry-sending-symbolic"
                                                            : "ferry-receiving-symbolic");
  gtk_widget_set_visible (GTK_WIDGET (self->progress),
                          ferry_batch_get_n_done (self->batch) > 0 &&
                              !ferry_batch_is_finished (self->batch));
  gtk_progress_bar_set_fraction (self->progress, ferry_batch_get_fraction (self->batch));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, sentence, -1);
  update_buttons (self, files);
  update_more (self);
  update_label (self);
  update_countdown (self);
  return G_SOURCE_REMOVE;
}

/* Several properties change together; the row is drawn once for all. */
static void
queue_update (FerryBatchRow *self)
{
  if (self->update_id == 0)
    self->update_id = g_idle_add (update, self);
}

/* --- The files -------------------------------------------------------------------------------
 */

static GtkWidget *
create_file_row (gpointer item, gpointer user_data)
{
  return ferry_queue_row_new (item);
}

static void
on_file_activated (GtkListBox *list, GtkListBoxRow *row, gpointer user_data)
{
  ferry_queue_row_activate (FERRY_QUEUE_ROW (row));
}

/* Rows are there only while somebody looks at them. */
static void
on_toggled (FerryBatchRow *self)
{
  gboolean is_open = gtk_toggle_button_get_active (self->opener);
  g_autoptr (GtkSliceListModel) shown = NULL;

  if (is_open)
    shown = gtk_slice_list_model_new (g_object_ref (G_LIST_MODEL (self->batch)), 0, MAX_ROWS);
  gtk_list_box_bind_model (self->files, (GListModel *) shown, create_file_row, NULL, NULL);
  gtk_revealer_set_reveal_child (self->revealer, is_open);
  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_EXPANDED, is_open,
                               -1);
}

void
ferry_batch_row_toggle (FerryBatchRow *self)
{
  g_return_if_fail (FERRY_IS_BATCH_ROW (self));

  gtk_toggle_button_set_active (self->opener, !gtk_toggle_button_get_active (self->opener));
}

/* --- Life ------------------------------------------------------------------------------------
 */

static void
ferry_batch_row_root (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ferry_batch_row_parent_class)->root (widget);
  ferry_fold_box (widget, FERRY_TYPE_TRANSFERS_VIEW, "is-narrow",
                  FERRY_BATCH_ROW (widget)->title_box);
}

static void
ferry_batch_row_dispose (GObject *object)
{
  FerryBatchRow *self = FERRY_BATCH_ROW (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_handle_id (&self->countdown_id, g_source_remove);
  if (self->batch != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->batch, queue_update, self);
      gtk_list_box_bind_model (self->files, NULL, NULL, NULL, NULL);
    }
  g_clear_object (&self->batch);

  G_OBJECT_CLASS (ferry_batch_row_parent_class)->dispose (object);
}

static void
add_keys (GtkWidgetClass *widget_class)
{
  static const struct
  {
    guint keyval;
    GdkModifierType modifiers;
    FerryAct one;
    FerryAct other;
  } keys[] = {
    { GDK_KEY_Delete, 0, FERRY_ACT_CANCEL, FERRY_ACT_REMOVE },
    { GDK_KEY_space, 0, FERRY_ACT_PAUSE, FERRY_ACT_RESUME },
    { GDK_KEY_Up, GDK_ALT_MASK, FERRY_ACT_MOVE_UP, FERRY_ACT_MOVE_UP },
    { GDK_KEY_Down, GDK_ALT_MASK, FERRY_ACT_MOVE_DOWN, FERRY_ACT_MOVE_DOWN },
    { GDK_KEY_Home, GDK_ALT_MASK, FERRY_ACT_MOVE_FIRST, FERRY_ACT_MOVE_FIRST },
    { GDK_KEY_End, GDK_ALT_MASK, FERRY_ACT_MOVE_LAST, FERRY_ACT_MOVE_LAST },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].keyval, keys[i].modifiers, on_key,
                                  "(ii)", keys[i].one, keys[i].other);
}

static void
ferry_batch_row_class_init (FerryBatchRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferry_batch_row_dispose;
  widget_class->root = ferry_batch_row_root;
  add_keys (widget_class);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-batch-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, direction);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, title_box);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, name);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, peer);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, progress);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, sentence);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, retry);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, opener);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, pause);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, cancel);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, remove);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, revealer);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, files);
  gtk_widget_class_bind_template_child (widget_class, FerryBatchRow, more);
  gtk_widget_class_bind_template_callback (widget_class, on_toggled);
}

static void
ferry_batch_row_init (FerryBatchRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ferry_batch_row_new (FerryBatch *batch)
{
  g_return_val_if_fail (FERRY_IS_BATCH (batch), NULL);

  FerryBatchRow *self = g_object_new (FERRY_TYPE_BATCH_ROW, NULL);

  self->batch = g_object_ref (batch);
  ferry_context_menu_enable (GTK_WIDGET (self), create_menu);
  ferry_row_drag_enable (GTK_WIDGET (self), batch);
  g_signal_connect (self->files, "row-activated", G_CALLBACK (on_file_activated), NULL);
  g_signal_connect_object (batch, "notify", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (batch, "items-changed", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
