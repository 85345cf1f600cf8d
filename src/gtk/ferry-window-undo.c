/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be taken back for some seconds: sending files, and taking rows off the list. */
#define G_LOG_DOMAIN "ferry-window-undo"
#include "config.h"

#include "gtk/ferry-window-private.h"

#include "base/ferry-file-name.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n.h>

/* How long, unless FERRY_TOAST_SECONDS says otherwise; as long as any toast stays. */
#define TOAST_SECONDS 5
#define MAX_TOAST_SECONDS 600

guint
ferry_window_get_toast_seconds (void)
{
  const char *text = g_getenv ("FERRY_TOAST_SECONDS");
  guint64 seconds = TOAST_SECONDS;

  if (text != NULL &&
      !g_ascii_string_to_unsigned (text, 10, 1, MAX_TOAST_SECONDS, &seconds, NULL))
    g_info ("FERRY_TOAST_SECONDS is no number of seconds");
  return (guint) seconds;
}

/* @transfers: (transfer none): of FerryTransfer, what Undo is about */
static AdwToast *
show_undo (FerryWindow *self,
           const char *text,
           GListModel *transfers,
           guint seconds,
           GCallback on_undo)
{
  AdwToast *toast = adw_toast_new ("");
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_toast_set_title (toast, markup);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  adw_toast_set_timeout (toast, seconds);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  g_object_set_data_full (G_OBJECT (toast), "transfers", g_object_ref (transfers),
                          g_object_unref);
  g_signal_connect_object (toast, "button-clicked", on_undo, self, 0);
  return toast;
}

static GListModel *
get_transfers (AdwToast *toast)
{
  return g_object_get_data (G_OBJECT (toast), "transfers");
}

/* --- Sending ---------------------------------------------------------------------------------
 */

static void
on_undo_sending (AdwToast *toast, FerryWindow *self)
{
  GListModel *sent = get_transfers (toast);

  for (guint i = 0; i < g_list_model_get_n_items (sent); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (sent, i);

      /* Cancelled in its row meanwhile, it is not ours any more. */
      ferry_core_take_back (self->core, transfer);
    }
}

void
ferry_window_offer_undo (FerryWindow *self, const char *text, GListModel *sent)
{
  g_autoptr (FerryTransfer) last =
      g_list_model_get_item (sent, g_list_model_get_n_items (sent) - 1);
  /* Undo is there exactly as long as it works: the toast has no time of its own. */
  AdwToast *toast = show_undo (self, text, sent, 0, G_CALLBACK (on_undo_sending));

  g_signal_connect_object (last, "notify::is-held", G_CALLBACK (adw_toast_dismiss), toast,
                           G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/* --- Taking rows off the list ----------------------------------------------------------------
 * They are hidden at once, and go when the toast does.
 */

static void
on_undo_removing (AdwToast *toast, FerryWindow *self)
{
  ferry_transfers_view_set_hidden (self->transfers, get_transfers (toast), FALSE);
  g_list_store_remove_all (G_LIST_STORE (get_transfers (toast)));
}

static void
on_removal_dismissed (AdwToast *toast, FerryWindow *self)
{
  if (self->removal == toast)
    ferry_window_settle (self);
}

void
ferry_window_settle (FerryWindow *self)
{
  g_return_if_fail (FERRY_IS_WINDOW (self));

  g_autoptr (AdwToast) toast = g_steal_pointer (&self->removal);

  if (toast == NULL)
    return;

  GListModel *removed = get_transfers (toast);

  for (guint i = 0; i < g_list_model_get_n_items (removed); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (removed, i);

      ferry_core_remove_transfer (self->core, transfer);
    }
  ferry_transfers_view_set_hidden (self->transfers, removed, FALSE);
  adw_toast_dismiss (toast);
}

/* @removed: of FerryTransfer, all finished */
static void
remove_transfers (FerryWindow *self, GListStore *removed, const char *text)
{
  ferry_window_settle (self);
  self->removal = g_object_ref (show_undo (self, text, G_LIST_MODEL (removed),
                                           ferry_window_get_toast_seconds (),
                                           G_CALLBACK (on_undo_removing)));
  ferry_transfers_view_set_hidden (self->transfers, G_LIST_MODEL (removed), TRUE);
  g_signal_connect_object (self->removal, "dismissed", G_CALLBACK (on_removal_dismissed), self,
                           0);
  adw_toast_overlay_add_toast (self->toasts, self->removal);
}

static void
append_all (GListStore *store, GListModel *model)
{
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, i);

      g_list_store_append (store, item);
    }
}

static void
remove_batch (FerryWindow *self, FerryBatch *batch)
{
  g_autoptr (GListStore) removed = g_list_store_new (FERRY_TYPE_TRANSFER);
  g_autofree char *shown = ferry_sentence_for_several (ferry_batch_get_name (batch),
                                                       ferry_batch_get_n_files (batch));
  /* Translators: %s is one or more file names; the files themselves stay. */
  g_autofree char *text = g_strdup_printf (_ ("“%s” was removed from the list"), shown);

  if (!ferry_batch_is_finished (batch))
    return;
  append_all (removed, G_LIST_MODEL (batch));
  remove_transfers (self, removed, text);
}

static void
remove_transfer (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  const char *id = g_variant_get_string (parameter, NULL);
  FerryBatch *batch = ferry_core_find_batch (self->core, id);
  g_autoptr (FerryTransfer) transfer = ferry_window_dup_transfer (self, id);
  g_autoptr (GListStore) removed = g_list_store_new (FERRY_TYPE_TRANSFER);

  if (batch != NULL)
    {
      remove_batch (self, batch);
      return;
    }
  if (transfer == NULL || !ferry_transfer_is_finished (transfer))
    return;

  g_autofree char *shown = ferry_file_name_for_display (ferry_transfer_get_name (transfer));
  /* Translators: %s is one or more file names; the files themselves stay. */
  g_autofree char *text = g_strdup_printf (_ ("“%s” was removed from the list"), shown);

  g_list_store_append (removed, transfer);
  remove_transfers (self, removed, text);
}

/* What belongs to a batch that is under way stays with it. */
static void
clear_finished (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FerryWindow *self = FERRY_WINDOW (widget);
  GListModel *rows = ferry_core_get_rows (self->core);
  g_autoptr (GListStore) removed = g_list_store_new (FERRY_TYPE_TRANSFER);

  ferry_window_settle (self);
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GObject) row = g_list_model_get_item (rows, i);

      if (FERRY_IS_BATCH (row) && ferry_batch_is_finished (FERRY_BATCH (row)))
        append_all (removed, G_LIST_MODEL (row));
      else if (FERRY_IS_TRANSFER (row) && ferry_transfer_is_finished (FERRY_TRANSFER (row)))
        g_list_store_append (removed, row);
    }

  guint n_removed = g_list_model_get_n_items (G_LIST_MODEL (removed));
  g_autofree char *text =
      /* Translators: %u is a number of transfers. */
      g_strdup_printf (ngettext ("%u finished transfer was removed from the list",
                                 "%u finished transfers were removed from the list", n_removed),
                       n_removed);

  if (n_removed > 0)
    remove_transfers (self, removed, text);
}

void
ferry_window_class_init_undo (FerryWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_install_action (widget_class, "win.remove-transfer", "s", remove_transfer);
  gtk_widget_class_install_action (widget_class, "win.clear-finished", NULL, clear_finished);
}
