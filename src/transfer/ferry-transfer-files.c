/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands behind one transfer, or around it: the files of a folder that goes as one, and
 * the batch that it was sent in. */
#include "config.h"

#include "transfer/ferry-transfer-private.h"

gboolean
ferry_transfer_is_folder (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), FALSE);
  return self->is_folder;
}

guint
ferry_transfer_get_n_files (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->n_files;
}

guint
ferry_transfer_get_n_files_done (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->n_files_done;
}

guint
ferry_transfer_get_n_files_failed (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->n_files_failed;
}

guint
ferry_transfer_get_n_files_skipped (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), 0);
  return self->n_files_skipped;
}

void
ferry_transfer_set_folder (FerryTransfer *self, guint n_files)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (self->is_folder && self->n_files == n_files)
    return;
  self->is_folder = TRUE;
  self->n_files = n_files;
  ferry_transfer_notify (self, PROP_IS_FOLDER);
  ferry_transfer_notify (self, PROP_N_FILES);
}

void
ferry_transfer_set_files_done (FerryTransfer *self, guint n_done, guint n_failed)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  if (n_done != self->n_files_done)
    {
      self->n_files_done = n_done;
      ferry_transfer_notify (self, PROP_N_FILES_DONE);
    }
  if (n_failed != self->n_files_failed)
    {
      self->n_files_failed = n_failed;
      ferry_transfer_notify (self, PROP_N_FILES_FAILED);
    }
}

void
ferry_transfer_set_files_skipped (FerryTransfer *self, guint n_skipped)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  self->n_files_skipped = n_skipped;
}

const char *const *
ferry_transfer_get_failed_files (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return (const char *const *) self->failed_files;
}

void
ferry_transfer_set_failed_files (FerryTransfer *self, const char *const *paths)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  g_strfreev (self->failed_files);
  self->failed_files = g_strdupv ((char **) paths);
}

const FerryBatchInfo *
ferry_transfer_get_batch (FerryTransfer *self)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (self), NULL);
  return self->journal.batch.id != NULL ? &self->journal.batch : NULL;
}

void
ferry_transfer_set_batch (FerryTransfer *self, const FerryBatchInfo *batch)
{
  g_return_if_fail (FERRY_IS_TRANSFER (self));

  ferry_batch_info_set (&self->journal.batch, batch);
  ferry_transfer_emit_journal_changed (self);
}
