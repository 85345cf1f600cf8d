/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is decided about a folder that is sent. */
#include "config.h"

#include "client/ferry-core-private.h"
#include "store/ferry-settings.h"
#include "transfer/ferry-file-thread.h"
#include "transfer/ferry-tree-walk.h"

#define KEY_WAY "folder-way"

void
ferry_core_set_zipped (FerryCore *self, FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_CORE (self));
  g_return_if_fail (FERRY_IS_TRANSFER (transfer));

  ferry_transfer_get_journal (transfer)->is_zipped = TRUE;
  ferry_transfer_keep_journal (transfer);
}

FerryFolderWay
ferry_core_get_folder_way (FerryCore *self)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FERRY_FOLDER_ASK);

  gint64 way = ferry_settings_get_int (ferry_profile_get_store (self->profile), KEY_WAY, 0);
  return way == FERRY_FOLDER_ZIP || way == FERRY_FOLDER_FILES ? (FerryFolderWay) way
                                                              : FERRY_FOLDER_ASK;
}

gboolean
ferry_core_set_folder_way (FerryCore *self, FerryFolderWay way, GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);

  return ferry_settings_set_int (ferry_profile_get_store (self->profile), KEY_WAY, way, error);
}

typedef struct
{
  char *path;
  GStrvBuilder *files;
} Listing;

static void
listing_free (gpointer data)
{
  Listing *listing = data;

  g_free (listing->path);
  g_strv_builder_unref (listing->files);
  g_free (listing);
}

static gboolean
list_folder (gpointer data, GCancellable *cancellable, GError **error)
{
  Listing *listing = data;
  g_autoptr (FerryTreeWalk) walk = ferry_tree_walk_run (listing->path, cancellable, error);

  if (walk == NULL)
    return FALSE;
  for (guint i = 0; i < walk->paths->len; i++)
    {
      if (ferry_tree_get_entry (walk->tree, i)->is_folder)
        continue;
      g_autofree char *file = g_build_filename (listing->path, walk->paths->pdata[i], NULL);
      g_strv_builder_add (listing->files, file);
    }
  return TRUE;
}

void
ferry_core_list_folder_async (FerryCore *self,
                              const char *path,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_return_if_fail (FERRY_IS_CORE (self));
  g_return_if_fail (path != NULL);

  Listing *listing = g_new0 (Listing, 1);
  listing->path = g_strdup (path);
  listing->files = g_strv_builder_new ();
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_core_list_folder_async);
  g_task_set_task_data (task, listing, listing_free);
  ferry_file_thread_run (task, list_folder);
}

GStrv
ferry_core_list_folder_finish (FerryCore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  Listing *listing = g_task_get_task_data (G_TASK (result));
  return g_task_propagate_boolean (G_TASK (result), error) ? g_strv_builder_end (listing->files)
                                                           : NULL;
}
