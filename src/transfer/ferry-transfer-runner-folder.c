/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is different where a folder goes as one stream. */
#include "config.h"

#include "transfer/ferry-transfer-runner-private.h"

#include <string.h>

#include "transfer/ferry-zip-reader.h"

gboolean
ferry_transfer_runner_is_folder (FerryTransferRunner *self)
{
  return self->session != NULL && ferry_session_get_file (self->session)->is_folder;
}

static FerryTreeWriter *
get_writer (FerryTransferRunner *self)
{
  return self->part != NULL ? ferry_part_file_get_writer (self->part) : NULL;
}

static guint
get_n_failed (FerryTransferRunner *self)
{
  if (self->reader != NULL)
    return ferry_tree_reader_get_n_failed (self->reader);
  return get_writer (self) != NULL ? ferry_tree_writer_get_n_failed (get_writer (self)) : 0;
}

void
ferry_transfer_runner_show_files (FerryTransferRunner *self)
{
  if (self->reader != NULL)
    ferry_transfer_set_files_done (self->transfer, ferry_tree_reader_get_n_done (self->reader),
                                   get_n_failed (self));
  else if (get_writer (self) != NULL)
    ferry_transfer_set_files_done (
        self->transfer, ferry_tree_writer_get_n_done (get_writer (self)), get_n_failed (self));
}

void
ferry_transfer_runner_folder_offered (FerryTransferRunner *self)
{
  FerryFileInfo *info = ferry_source_file_get_info (self->source);

  if (!info->is_folder || ferry_transfer_runner_is_folder (self))
    return;
  ferry_source_file_use_archive (self->source);
  info = ferry_source_file_get_info (self->source);
  ferry_transfer_set_name (self->transfer, info->name);
  ferry_transfer_set_size (self->transfer, info->size);
}

static FerryPump *
send_archive (FerryTransferRunner *self, GSocket *socket)
{
  FerryFileInfo *info = ferry_source_file_get_info (self->source);
  FerryPump *pump = ferry_pump_new_sender (socket, ferry_source_file_get_fd (self->source), 0,
                                           (guint64) info->size, self->hash);
  g_autofree char *name = g_strndup (info->name, strlen (info->name) - strlen (".zip"));

  ferry_pump_set_content (
      pump, &ferry_zip_reader_content,
      ferry_zip_reader_new (ferry_source_file_get_walk (self->source), name));
  return pump;
}

FerryPump *
ferry_transfer_runner_folder_send (FerryTransferRunner *self, GSocket *socket)
{
  FerryFileInfo *info = ferry_source_file_get_info (self->source);
  const FerryRange *range = ferry_session_get_range (self->session);

  if (ferry_source_file_get_walk (self->source) == NULL)
    return NULL;
  if (!ferry_transfer_runner_is_folder (self))
    return send_archive (self, socket);
  FerryPump *pump =
      ferry_pump_new_sender (socket, ferry_source_file_get_fd (self->source), range->offset,
                             ferry_range_get_length (range, info->size), FERRY_HASH_NONE);

  self->reader = ferry_tree_reader_new (ferry_source_file_get_walk (self->source));
  ferry_pump_set_content (pump, &ferry_tree_reader_content,
                          ferry_tree_reader_ref (self->reader));
  return pump;
}

FerryPump *
ferry_transfer_runner_folder_receive (FerryTransferRunner *self, GSocket *socket)
{
  const FerryRange *range = ferry_session_get_range (self->session);
  gint64 size = ferry_transfer_get_size (self->transfer);
  FerryPump *pump =
      ferry_pump_new_receiver (socket, ferry_part_file_get_fd (self->part), range->offset,
                               (gint64) ferry_range_get_length (range, size), FERRY_HASH_NONE);

  ferry_pump_set_content (pump, &ferry_tree_writer_content,
                          ferry_tree_writer_ref (get_writer (self)));
  return pump;
}

static void
keep_failed (FerryTransferRunner *self, GPtrArray *paths)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();

  for (guint i = 0; i < paths->len; i++)
    {
      /* A name can have anything in it; a line stands for one file. */
      g_autofree char *line = g_strdelimit (g_strdup (paths->pdata[i]), "\r\n", ' ');
      g_strv_builder_add (lines, line);
    }
  g_auto (GStrv) all = g_strv_builder_end (lines);
  ferry_transfer_set_failed_files (self->transfer, (const char *const *) all);
}

static void
note_paths (FerryTransferRunner *self, const char *what, GPtrArray *paths)
{
  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *note = g_strdup_printf ("%s: %s", what, (char *) paths->pdata[i]);
      ferry_transfer_add_note (self->transfer, note);
    }
}

void
ferry_transfer_runner_note_skipped (FerryTransferRunner *self)
{
  FerryTreeWalk *walk = ferry_source_file_get_walk (self->source);

  if (walk == NULL)
    return;
  ferry_transfer_set_folder (self->transfer, ferry_tree_get_n_files (walk->tree));
  ferry_transfer_set_files_skipped (self->transfer, walk->n_skipped);
  note_paths (self, "left out", walk->skipped);
}

gboolean
ferry_transfer_runner_folder_moved (FerryTransferRunner *self)
{
  GPtrArray *failed = NULL;

  if (self->reader != NULL)
    failed = ferry_tree_reader_get_failed (self->reader);
  else if (get_writer (self) != NULL)
    failed = ferry_tree_writer_get_failed (get_writer (self));
  ferry_transfer_runner_show_files (self);
  if (failed != NULL && failed->len > 0)
    {
      keep_failed (self, failed);
      note_paths (self, self->reader != NULL ? "could not be read" : "did not come", failed);
    }
  return get_n_failed (self) == 0;
}
