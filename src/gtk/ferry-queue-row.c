/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-queue-row.h"

#include "base/ferry-file-name.h"
#include "gtk/ferry-context-menu.h"
#include "gtk/ferry-fold.h"
#include "gtk/ferry-launch.h"
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
  FerryTransferState labelled_state;
  gint64 labelled_us;

  GtkImage *direction;
  GtkLabel *name;
  GtkLabel *peer;
  GtkProgressBar *progress;
  GtkBox *sentence_box;
  GtkLabel *sentence;
  GtkWidget *badge;
  GtkImage *route_icon;
  GtkLabel *route_label;
  GtkImage *lock;
  GtkButton *remedy;
  GtkButton *open;
  GtkButton *show;
  GtkButton *cancel;
  GtkButton *remove;
};

G_DEFINE_FINAL_TYPE (FerryQueueRow, ferry_queue_row, GTK_TYPE_LIST_BOX_ROW)

static gboolean
is_sending (FerryQueueRow *self)
{
  return ferry_transfer_get_direction (self->transfer) == FERRY_DIRECTION_SEND;
}

static void
update_title (FerryQueueRow *self)
{
  g_autofree char *name =
      ferry_file_name_for_display (ferry_transfer_get_name (self->transfer));
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
  const char *state_class = NULL;

  if (state == FERRY_TRANSFER_DONE)
    {
      if (is_verified (self))
        icon = "ferry-verified-symbolic";
      tooltip = is_sending (self) ? _ ("Sent") : _ ("Received");
      state_class = "success";
    }
  else if (state == FERRY_TRANSFER_FAILED)
    {
      icon = "dialog-warning-symbolic";
      tooltip = _ ("Failed");
      state_class = "error";
    }
  else if (!ferry_transfer_state_is_final (state))
    state_class = "accent";

  const char *classes[] = { "direction", state_class, NULL };

  gtk_widget_set_css_classes (GTK_WIDGET (self->direction), classes);
  gtk_image_set_from_icon_name (self->direction, icon);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->direction), tooltip);
}

static void
update_progress (FerryQueueRow *self, FerryTransferState state)
{
  gboolean visible = state == FERRY_TRANSFER_ACTIVE || state == FERRY_TRANSFER_STALLED ||
                     state == FERRY_TRANSFER_RECONNECTING || state == FERRY_TRANSFER_PAUSED ||
                     state == FERRY_TRANSFER_VERIFYING;
  g_autofree char *sentence = ferry_sentence_for_transfer (self->transfer);

  gtk_widget_set_visible (GTK_WIDGET (self->progress), visible);
  gtk_progress_bar_set_fraction (self->progress, ferry_transfer_get_fraction (self->transfer));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, sentence, -1);
  gtk_label_set_label (self->sentence, sentence);
  if (state == FERRY_TRANSFER_FAILED)
    gtk_widget_remove_css_class (GTK_WIDGET (self->sentence), "dim-label");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->sentence), "dim-label");
}

static const char *
get_route_icon (FerryRoute route)
{
  if (route & FERRY_ROUTE_INBAND)
    return "ferry-inband-symbolic";
  if (route & FERRY_ROUTE_PROXY)
    return "ferry-relay-symbolic";
  return "ferry-direct-symbolic";
}

/* Who learns what on this route. */
static char *
dup_route_hint (FerryRoute route, const char *peer_name, gboolean encrypted)
{
  const char *lock = encrypted ? _ ("The file is encrypted on the way.")
                               : _ ("The file is not encrypted between the two devices.");
  g_autofree char *way = NULL;

  if (route & FERRY_ROUTE_INBAND)
    way = g_strdup (_ ("Through the chat servers, which is slow. Your network address stays "
                       "hidden."));
  else if (route & FERRY_ROUTE_PROXY)
    way = g_strdup_printf (_ ("Through a relay. %s does not see your network address."),
                           peer_name);
  else if (route & FERRY_ROUTE_DIRECT)
    way =
        g_strdup_printf (_ ("From device to device. %s sees your network address."), peer_name);
  else
    /* Translators: "fast mode" is when the receiver connects back to the sender's program. */
    way = g_strdup_printf (_ ("From device to device, connected in the other direction (fast "
                              "mode). %s sees your network address."),
                           peer_name);
  return g_strdup_printf ("%s\n%s", way, lock);
}

static void
update_badge (FerryQueueRow *self, FerryTransferState state)
{
  FerryRoute route = ferry_transfer_get_route (self->transfer);
  gboolean encrypted = ferry_transfer_get_encrypted (self->transfer);
  gboolean visible = route != FERRY_ROUTE_NONE && state != FERRY_TRANSFER_CONNECTING &&
                     (state == FERRY_TRANSFER_DONE || !ferry_transfer_state_is_final (state));

  gtk_widget_set_visible (self->badge, visible);
  if (!visible)
    return;

  g_autofree char *peer =
      ferry_file_name_for_display (ferry_transfer_get_peer_name (self->transfer));
  g_autofree char *hint = dup_route_hint (route, peer, encrypted);

  gtk_image_set_from_icon_name (self->route_icon, get_route_icon (route));
  gtk_label_set_label (self->route_label, ferry_sentence_for_route (route));
  gtk_image_set_from_icon_name (self->lock, encrypted ? "channel-secure-symbolic"
                                                      : "channel-insecure-symbolic");
  gtk_widget_set_tooltip_text (self->badge, hint);
  if (route & FERRY_ROUTE_INBAND)
    gtk_widget_add_css_class (self->badge, "slow");
  else
    gtk_widget_remove_css_class (self->badge, "slow");
}

typedef struct
{
  const char *label; /* NULL: nothing can be done from here */
  const char *action;
} RemedyButton;

/* Only what is ours to send can be sent again; for the rest the other side must act. */
static RemedyButton
get_remedy (FerryQueueRow *self, FerryTransferState state)
{
  FerryRemedy remedy = FERRY_REMEDY_NONE;

  if (state == FERRY_TRANSFER_DECLINED || state == FERRY_TRANSFER_CANCELLED ||
      state == FERRY_TRANSFER_MISSED)
    remedy = FERRY_REMEDY_SEND_AGAIN;
  else if (state == FERRY_TRANSFER_FAILED)
    g_free (ferry_sentence_for_transfer_error (ferry_transfer_get_error (self->transfer), "",
                                               "", &remedy));

  switch (remedy)
    {
    case FERRY_REMEDY_RETRY:
      if (is_sending (self))
        return (RemedyButton){ _ ("_Try Again"), "app.send-again" };
      break;
    case FERRY_REMEDY_SEND_AGAIN:
      if (is_sending (self))
        return (RemedyButton){ _ ("_Send Again"), "app.send-again" };
      break;
    case FERRY_REMEDY_LOCATE_FILE:
      if (is_sending (self))
        return (RemedyButton){ _ ("_Locate…"), "win.locate-file" };
      break;
    case FERRY_REMEDY_CHOOSE_FOLDER:
      if (!is_sending (self))
        return (RemedyButton){ _ ("_Choose Folder…"), "win.choose-download-folder" };
      break;
    case FERRY_REMEDY_NONE:
    case FERRY_REMEDY_ENTER_PASSWORD:
    case FERRY_REMEDY_VIEW_CERTIFICATE:
    case FERRY_REMEDY_RECONNECT:
    default:
      break;
    }
  return (RemedyButton){ NULL, NULL };
}

static void
update_buttons (FerryQueueRow *self, FerryTransferState state)
{
  const char *path = ferry_transfer_get_path (self->transfer);
  const char *id = ferry_transfer_get_id (self->transfer);
  gboolean final = ferry_transfer_state_is_final (state);
  gboolean saved = state == FERRY_TRANSFER_DONE && path != NULL;
  RemedyButton remedy = get_remedy (self, state);

  gtk_widget_set_visible (GTK_WIDGET (self->cancel), !final);
  gtk_widget_set_visible (GTK_WIDGET (self->remove), final && !saved);
  gtk_widget_set_visible (GTK_WIDGET (self->open), saved && ferry_launch_can_open (path));
  gtk_widget_set_visible (GTK_WIDGET (self->show), saved);
  gtk_widget_set_visible (GTK_WIDGET (self->remedy), remedy.label != NULL);
  if (remedy.label != NULL)
    {
      gtk_button_set_label (self->remedy, remedy.label);
      if (g_str_equal (remedy.action, "win.choose-download-folder"))
        gtk_actionable_set_action_target_value (GTK_ACTIONABLE (self->remedy), NULL);
      else
        gtk_actionable_set_action_target (GTK_ACTIONABLE (self->remedy), "s", id);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->remedy), remedy.action);
    }
  if (saved)
    {
      gtk_actionable_set_action_target (GTK_ACTIONABLE (self->open), "s", path);
      gtk_actionable_set_action_target (GTK_ACTIONABLE (self->show), "s", path);
    }
}

static void
update_accessible_label (FerryQueueRow *self, FerryTransferState state)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->labelled_us != 0 && state == self->labelled_state &&
      now_us - self->labelled_us < LABEL_INTERVAL_US)
    return;

  g_autofree char *label = ferry_sentence_for_accessibility (self->transfer);

  self->labelled_us = now_us;
  self->labelled_state = state;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static gboolean
update (gpointer user_data)
{
  FerryQueueRow *self = user_data;
  FerryTransferState state = ferry_transfer_get_state (self->transfer);

  self->update_id = 0;
  update_title (self);
  update_direction (self, state);
  update_progress (self, state);
  update_badge (self, state);
  update_buttons (self, state);
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
  FerryQueueRow *self = FERRY_QUEUE_ROW (widget);
  FerryTransferState state = ferry_transfer_get_state (self->transfer);
  const char *path = ferry_transfer_get_path (self->transfer);
  const char *id = ferry_transfer_get_id (self->transfer);
  gboolean final = ferry_transfer_state_is_final (state);
  g_autoptr (GMenu) file = g_menu_new ();
  g_autoptr (GMenu) transfer = g_menu_new ();
  GMenu *menu = g_menu_new ();

  if (state == FERRY_TRANSFER_DONE && path != NULL)
    {
      if (ferry_launch_can_open (path))
        ferry_context_menu_append (file, _ ("_Open"), "app.open-file", path);
      ferry_context_menu_append (file, _ ("Show in _Folder"), "app.show-file", path);
    }
  if (final && is_sending (self) && path != NULL)
    ferry_context_menu_append (file, _ ("_Send Again"), "app.send-again", id);
  ferry_context_menu_append (transfer, _ ("_Details"), "win.show-details", id);
  ferry_context_menu_append (transfer, _ ("_Copy Details"), "win.copy-details", id);
  ferry_context_menu_append (transfer, final ? _ ("_Remove from the List") : _ ("Ca_ncel"),
                             final ? "app.remove-transfer" : "app.cancel-transfer", id);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (file));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (transfer));
  return G_MENU_MODEL (menu);
}

static gboolean
on_delete_key (GtkWidget *widget, GVariant *arguments, gpointer user_data)
{
  FerryTransfer *transfer = FERRY_QUEUE_ROW (widget)->transfer;
  const char *action =
      ferry_transfer_is_finished (transfer) ? "app.remove-transfer" : "app.cancel-transfer";

  return gtk_widget_activate_action (widget, action, "s", ferry_transfer_get_id (transfer));
}

void
ferry_queue_row_activate (FerryQueueRow *self)
{
  g_return_if_fail (FERRY_IS_QUEUE_ROW (self));

  const char *path = ferry_transfer_get_path (self->transfer);

  if (ferry_transfer_get_state (self->transfer) == FERRY_TRANSFER_DONE && path != NULL &&
      ferry_launch_can_open (path))
    gtk_widget_activate_action (GTK_WIDGET (self), "app.open-file", "s", path);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-details", "s",
                                ferry_transfer_get_id (self->transfer));
}

static void
name_button (GtkButton *button, const char *format, const char *file_name)
{
  g_autofree char *label = g_strdup_printf (format, file_name);

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

/* In a narrow window the badge goes below the sentence. */
static void
ferry_queue_row_root (GtkWidget *widget)
{
  FerryQueueRow *self = FERRY_QUEUE_ROW (widget);

  GTK_WIDGET_CLASS (ferry_queue_row_parent_class)->root (widget);
  ferry_fold_box (widget, self->sentence_box);
}

static void
ferry_queue_row_dispose (GObject *object)
{
  FerryQueueRow *self = FERRY_QUEUE_ROW (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
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

  gtk_widget_class_set_template_from_resource (widget_class,
                                               FERRY_RESOURCES "/ferry-queue-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, direction);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, name);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, peer);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, progress);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, sentence);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, sentence_box);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, badge);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, route_icon);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, route_label);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, lock);
  gtk_widget_class_bind_template_child (widget_class, FerryQueueRow, remedy);
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
  const char *id = ferry_transfer_get_id (transfer);
  g_autofree char *name = ferry_file_name_for_display (ferry_transfer_get_name (transfer));

  self->transfer = g_object_ref (transfer);
  ferry_context_menu_enable (GTK_WIDGET (self), create_menu);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->cancel), "s", id);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->remove), "s", id);
  /* Translators: what a screen reader calls the buttons of a row; %s is a file name. */
  name_button (self->cancel, _ ("Cancel %s"), name);
  name_button (self->remove, _ ("Remove %s from the List"), name);
  name_button (self->open, _ ("Open %s"), name);
  name_button (self->show, _ ("Show %s in Folder"), name);
  g_signal_connect_object (transfer, "notify", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

FerryTransfer *
ferry_queue_row_get_transfer (FerryQueueRow *self)
{
  g_return_val_if_fail (FERRY_IS_QUEUE_ROW (self), NULL);

  return self->transfer;
}
