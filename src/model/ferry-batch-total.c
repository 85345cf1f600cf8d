/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/ferry-batch-total.h"

/* Which state stands for all: that of bytes that move, else of what is waited for, else of what
 * went wrong. */
static const FerryTransferState ranks[] = {
  FERRY_TRANSFER_ACTIVE,  FERRY_TRANSFER_VERIFYING,  FERRY_TRANSFER_CHECKING,
  FERRY_TRANSFER_STALLED, FERRY_TRANSFER_CONNECTING, FERRY_TRANSFER_RECONNECTING,
  FERRY_TRANSFER_OFFERED, FERRY_TRANSFER_PREPARING,  FERRY_TRANSFER_WAITING_PEER,
  FERRY_TRANSFER_PAUSED,  FERRY_TRANSFER_QUEUED,     FERRY_TRANSFER_FAILED,
  FERRY_TRANSFER_MISSED,  FERRY_TRANSFER_DECLINED,   FERRY_TRANSFER_CANCELLED,
  FERRY_TRANSFER_DONE,
};

static guint
get_rank (FerryTransferState state)
{
  for (guint i = 0; i < G_N_ELEMENTS (ranks); i++)
    if (ranks[i] == state)
      return i;
  return G_N_ELEMENTS (ranks);
}

static void
count_files (FerryBatchTotal *total, FerryTransfer *transfer)
{
  gboolean is_folder = ferry_transfer_is_folder (transfer);
  gboolean is_finished = ferry_transfer_is_finished (transfer);
  gboolean is_done = ferry_transfer_get_state (transfer) == FERRY_TRANSFER_DONE;
  guint n_files = is_folder ? ferry_transfer_get_n_files (transfer) : 1;

  total->n_files += n_files;
  total->n_files_done += is_finished ? n_files : ferry_transfer_get_n_files_done (transfer);
  total->n_files_failed +=
      is_finished && !is_done ? n_files : ferry_transfer_get_n_files_failed (transfer);
}

static void
add (FerryBatchTotal *total, FerryTransfer *transfer)
{
  FerryTransferState state = ferry_transfer_get_state (transfer);
  gint64 size = ferry_transfer_get_size (transfer);

  count_files (total, transfer);
  total->n_done += ferry_transfer_get_n_done (transfer);
  total->speed += ferry_transfer_get_speed (transfer);
  total->size = size >= 0 && total->size >= 0 ? total->size + size : -1;
  total->is_finished = total->is_finished && ferry_transfer_is_finished (transfer);
  if (total->foremost == NULL || get_rank (state) < get_rank (total->state))
    {
      total->foremost = transfer;
      total->state = state;
    }
}

FerryBatchTotal
ferry_batch_total_compute (GPtrArray *transfers,
                           const FerryBatchInfo *info,
                           gboolean is_complete,
                           gboolean is_given_up)
{
  FerryBatchTotal total = { .is_finished = TRUE, .seconds_left = -1 };

  for (guint i = 0; i < transfers->len; i++)
    add (&total, transfers->pdata[i]);
  if (!is_complete || total.size < 0)
    total.size = MAX (info->size, total.size);
  if (!is_complete)
    total.n_files = MAX (info->n_files, total.n_files);
  if (!is_complete && !is_given_up && total.is_finished && total.state == FERRY_TRANSFER_DONE &&
      ferry_transfer_get_direction (total.foremost) == FERRY_DIRECTION_RECEIVE)
    {
      total.is_finished = FALSE;
      total.state = FERRY_TRANSFER_WAITING_PEER;
    }
  if (total.size > 0)
    total.fraction = MIN (1.0, (double) total.n_done / (double) total.size);
  if (total.speed >= 1 && total.size > 0 && total.n_done <= (guint64) total.size)
    total.seconds_left =
        (int) MIN (((double) total.size - (double) total.n_done) / total.speed, G_MAXINT);
  return total;
}
