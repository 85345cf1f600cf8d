/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "gtk/ferry-pauser.h"

#include "gtk/ferry-item-watch.h"

/* Ten thousand files of a folder do not count each other anew each time one begins. */
#define UPDATE_MS 100

struct _FerryPauser
{
  GObject parent_instance;

  FerryCore *core;
  FerryItemWatch *watch;
  guint update_id;
  GSimpleAction *pause;
  GSimpleAction *resume;
};

G_DEFINE_FINAL_TYPE (FerryPauser, ferry_pauser, G_TYPE_OBJECT)

static gboolean
is_pausable (FerryTransfer *transfer)
{
  FerryTransferState state = ferry_transfer_get_state (transfer);

  return !ferry_transfer_state_is_final (state) && state != FERRY_TRANSFER_PAUSED &&
         state != FERRY_TRANSFER_VERIFYING && ferry_transfer_can_pause (transfer);
}

static gboolean
is_paused_by_user (FerryTransfer *transfer)
{
  return ferry_transfer_get_state (transfer) == FERRY_TRANSFER_PAUSED &&
         ferry_transfer_get_pause (transfer) == FERRY_TRANSFER_PAUSE_USER;
}

static gboolean
update (gpointer user_data)
{
  FerryPauser *self = user_data;
  GListModel *transfers = ferry_core_get_transfers (self->core);
  gboolean can_pause = FALSE;
  gboolean can_resume = FALSE;

  self->update_id = 0;
  for (guint i = 0; i < g_list_model_get_n_items (transfers) && !(can_pause && can_resume); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);

      can_pause = can_pause || is_pausable (transfer);
      can_resume = can_resume || is_paused_by_user (transfer);
    }
  g_simple_action_set_enabled (self->pause, can_pause);
  g_simple_action_set_enabled (self->resume, can_resume);
  return G_SOURCE_REMOVE;
}

static void
queue_update (FerryPauser *self)
{
  if (self->update_id == 0)
    self->update_id = g_timeout_add (UPDATE_MS, update, self);
}

/* --- Doing it --------------------------------------------------------------------------------
 */

/* Returns: (transfer container): those of which @is_meant is true; doing it changes the list */
static GPtrArray *
collect (FerryPauser *self, gboolean (*is_meant) (FerryTransfer *transfer))
{
  GListModel *transfers = ferry_core_get_transfers (self->core);
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);

      if (is_meant (transfer))
        g_ptr_array_add (found, g_steal_pointer (&transfer));
    }
  return found;
}

static void
pause_all (FerryPauser *self)
{
  g_autoptr (GPtrArray) meant = collect (self, is_pausable);

  /* Those that wait for their turn first, so that none of them takes the place of another. */
  for (guint i = 0; i < meant->len; i++)
    if (ferry_transfer_get_state (meant->pdata[i]) == FERRY_TRANSFER_QUEUED)
      ferry_core_pause (self->core, meant->pdata[i]);
  for (guint i = 0; i < meant->len; i++)
    if (ferry_transfer_get_state (meant->pdata[i]) != FERRY_TRANSFER_PAUSED)
      ferry_core_pause (self->core, meant->pdata[i]);
}

static void
resume_all (FerryPauser *self)
{
  g_autoptr (GPtrArray) meant = collect (self, is_paused_by_user);

  /* The list has the newest first; the queue goes on with the oldest. */
  for (guint i = meant->len; i > 0; i--)
    ferry_core_resume (self->core, meant->pdata[i - 1]);
}

static void
ferry_pauser_dispose (GObject *object)
{
  FerryPauser *self = FERRY_PAUSER (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_object (&self->watch);
  g_clear_object (&self->pause);
  g_clear_object (&self->resume);
  g_clear_object (&self->core);

  G_OBJECT_CLASS (ferry_pauser_parent_class)->dispose (object);
}

static void
ferry_pauser_class_init (FerryPauserClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_pauser_dispose;
}

static void
ferry_pauser_init (FerryPauser *self)
{
}

static GSimpleAction *
add_action (FerryPauser *self, GActionMap *actions, const char *name, GCallback activate)
{
  GSimpleAction *action = g_simple_action_new (name, NULL);

  g_signal_connect_object (action, "activate", activate, self, G_CONNECT_SWAPPED);
  g_action_map_add_action (actions, G_ACTION (action));
  return action;
}

FerryPauser *
ferry_pauser_new (GActionMap *actions, FerryCore *core)
{
  g_return_val_if_fail (G_IS_ACTION_MAP (actions), NULL);
  g_return_val_if_fail (FERRY_IS_CORE (core), NULL);

  static const char *const watched[] = { "state", NULL };
  FerryPauser *self = g_object_new (FERRY_TYPE_PAUSER, NULL);

  self->core = g_object_ref (core);
  self->pause = add_action (self, actions, "pause-all", G_CALLBACK (pause_all));
  self->resume = add_action (self, actions, "resume-all", G_CALLBACK (resume_all));
  self->watch = ferry_item_watch_new (ferry_core_get_transfers (core), watched);
  g_signal_connect_object (self->watch, "added", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watch, "removed", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->watch, "changed", G_CALLBACK (queue_update), self,
                           G_CONNECT_SWAPPED);
  update (self);
  return self;
}
