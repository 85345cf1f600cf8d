/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-part-file"

#include "config.h"

#include "transfer/ferry-part-file.h"

#include <string.h>

#include "transfer/ferry-file-thread.h"
#include "transfer/ferry-part.h"

struct _FerryPartFile
{
  GObject parent_instance;

  FerryPart *part;
};

G_DEFINE_FINAL_TYPE (FerryPartFile, ferry_part_file, G_TYPE_OBJECT)

static void
ferry_part_file_finalize (GObject *object)
{
  FerryPartFile *self = FERRY_PART_FILE (object);

  ferry_part_unref (self->part);

  G_OBJECT_CLASS (ferry_part_file_parent_class)->finalize (object);
}

static void
ferry_part_file_class_init (FerryPartFileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_part_file_finalize;
}

static void
ferry_part_file_init (FerryPartFile *self)
{
}

/* --- Opening ---------------------------------------------------------------------------------
 */

char *
ferry_part_file_make_path (const char *folder, const char *name)
{
  g_return_val_if_fail (folder != NULL, NULL);
  g_return_val_if_fail (name != NULL && strchr (name, '/') == NULL, NULL);

  g_autofree char *part = ferry_part_make_name (name);
  return g_build_filename (folder, part, NULL);
}

void
ferry_part_file_open_folder_async (const char *path,
                                   const char *name,
                                   const FerryFileInfo *info,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_return_if_fail (path != NULL);
  g_return_if_fail (name != NULL && strchr (name, '/') == NULL);
  g_return_if_fail (info->is_folder && info->size >= 0);

  FerryPart *part = ferry_part_new (path, name, info->size);
  part->folder_info = ferry_file_info_ref ((FerryFileInfo *) info);
  part->goes_on = info->ranged;

  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_part_file_open_folder_async);
  g_task_set_task_data (task, part, ferry_part_unref);
  ferry_file_thread_run (task, ferry_part_open);
}

void
ferry_part_file_open_async (const char *path,
                            const char *name,
                            gint64 size,
                            gboolean goes_on,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (path != NULL);
  g_return_if_fail (name != NULL && strchr (name, '/') == NULL);
  g_return_if_fail (size >= -1);

  FerryPart *part = ferry_part_new (path, name, size);
  part->goes_on = goes_on;

  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_part_file_open_async);
  g_task_set_task_data (task, part, ferry_part_unref);
  ferry_file_thread_run (task, ferry_part_open);
}

FerryPartFile *
ferry_part_file_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;

  FerryPartFile *self = g_object_new (FERRY_TYPE_PART_FILE, NULL);
  self->part = ferry_part_ref (g_task_get_task_data (G_TASK (result)));
  return self;
}

int
ferry_part_file_get_fd (FerryPartFile *self)
{
  g_return_val_if_fail (FERRY_IS_PART_FILE (self), -1);

  return self->part->fd;
}

FerryTreeWriter *
ferry_part_file_get_writer (FerryPartFile *self)
{
  g_return_val_if_fail (FERRY_IS_PART_FILE (self), NULL);

  return self->part->writer;
}

guint64
ferry_part_file_get_n_kept (FerryPartFile *self)
{
  g_return_val_if_fail (FERRY_IS_PART_FILE (self), 0);

  return self->part->n_kept;
}

/* --- Completing ------------------------------------------------------------------------------
 */

static void
run_on_part (FerryPartFile *self,
             FerryFileWork work,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, run_on_part);
  g_task_set_task_data (task, ferry_part_ref (self->part), ferry_part_unref);
  ferry_file_thread_run (task, work);
}

/* The peer's date is believed from 1970 to tomorrow (a clock may go wrong). */
static gint64
get_sane_mtime_us (GDateTime *date)
{
  if (date == NULL)
    return 0;

  gint64 seconds = g_date_time_to_unix (date);
  gint64 tomorrow = g_get_real_time () / G_USEC_PER_SEC + 24 * 3600;
  if (seconds < 0 || seconds > tomorrow)
    return 0;
  return seconds * G_USEC_PER_SEC + g_date_time_get_microsecond (date);
}

void
ferry_part_file_complete_async (FerryPartFile *self,
                                GDateTime *date,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PART_FILE (self));
  g_return_if_fail (self->part->hidden != NULL);

  self->part->mtime_us = get_sane_mtime_us (date);
  run_on_part (self, ferry_part_complete, cancellable, callback, user_data);
}

void
ferry_part_file_set_aside_async (FerryPartFile *self,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PART_FILE (self));
  g_return_if_fail (self->part->hidden != NULL);

  run_on_part (self, ferry_part_set_aside, NULL, callback, user_data);
}

char *
ferry_part_file_complete_finish (FerryPartFile *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_boolean (G_TASK (result), error) ? g_strdup (self->part->path) : NULL;
}

void
ferry_part_file_keep_async (FerryPartFile *self,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PART_FILE (self));

  run_on_part (self, ferry_part_keep, NULL, callback, user_data);
}

void
ferry_part_file_discard_async (FerryPartFile *self,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PART_FILE (self));

  run_on_part (self, ferry_part_discard, NULL, callback, user_data);
}

/* --- A part that nobody has open -------------------------------------------------------------
 */

void
ferry_part_file_remove (const char *path)
{
  g_return_if_fail (path != NULL);

  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_set_source_tag (task, ferry_part_file_remove);
  g_task_set_task_data (task, g_strdup (path), g_free);
  ferry_file_thread_run (task, ferry_part_remove);
}

void
ferry_part_file_probe_async (const char *path,
                             gint64 size,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (path != NULL);

  FerryPart *part = ferry_part_new (path, NULL, size);

  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (task, ferry_part_file_probe_async);
  g_task_set_task_data (task, part, ferry_part_unref);
  ferry_file_thread_run (task, ferry_part_probe);
}

gboolean
ferry_part_file_probe_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), NULL);
}
