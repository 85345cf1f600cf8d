/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of files that were sent together. */
#include "config.h"

#include "base/ferry-file-name.h"
#include "model/ferry-sentence-private.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n-lib.h>

char *
ferry_sentence_for_several (const char *name, guint n_files)
{
  g_return_val_if_fail (name != NULL, NULL);

  g_autofree char *shown = ferry_file_name_for_display (name);

  if (n_files < 2)
    return g_steal_pointer (&shown);
  /* Translators: a file, and how many there are besides: "a.jpg and 11 more". */
  return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", n_files - 1), shown,
                          n_files - 1);
}

static char *
active_text (FerryBatch *batch)
{
  const FerryProgress progress = { .n_files = ferry_batch_get_n_files (batch),
                                   .n_files_done = ferry_batch_get_n_files_done (batch),
                                   .size = ferry_batch_get_size (batch),
                                   .n_done = ferry_batch_get_n_done (batch),
                                   .speed = ferry_batch_get_speed (batch),
                                   .seconds_left = ferry_batch_get_seconds_left (batch) };

  return ferry_sentence_for_progress (&progress);
}

/* Each file says on its own what is proven of it. */
static char *
finished_text (FerryBatch *batch)
{
  guint n_arrived =
      ferry_batch_get_n_files_done (batch) - ferry_batch_get_n_files_failed (batch);
  FerryTransfer *foremost = ferry_batch_get_foremost (batch);
  g_autofree char *amount = g_format_size (ferry_batch_get_n_done (batch));

  if (n_arrived == 0 && foremost != NULL)
    return ferry_sentence_for_transfer (foremost);
  return ferry_sentence_for_arrived (amount, n_arrived, ferry_batch_get_n_files (batch));
}

char *
ferry_sentence_for_batch (FerryBatch *batch)
{
  g_return_val_if_fail (FERRY_IS_BATCH (batch), NULL);

  FerryTransfer *foremost = ferry_batch_get_foremost (batch);
  FerryTransferState state = ferry_batch_get_state (batch);

  if (state == FERRY_TRANSFER_ACTIVE)
    return active_text (batch);
  if (foremost == NULL || ferry_batch_is_finished (batch))
    return finished_text (batch);
  if (ferry_transfer_get_state (foremost) == state)
    return ferry_sentence_for_transfer (foremost);

  /* What there is has come; the rest is not offered yet. */
  g_autofree char *peer = ferry_file_name_for_display (ferry_batch_get_peer_name (batch));
  /* Translators: %s is a person. */
  return g_strdup_printf (_ ("Waiting for the other files from %s"), peer);
}

char *
ferry_sentence_for_batch_accessibility (FerryBatch *batch)
{
  g_return_val_if_fail (FERRY_IS_BATCH (batch), NULL);

  gboolean sending = ferry_batch_get_direction (batch) == FERRY_DIRECTION_SEND;
  g_autofree char *peer = ferry_file_name_for_display (ferry_batch_get_peer_name (batch));
  g_autofree char *files = ferry_sentence_for_several (ferry_batch_get_name (batch),
                                                       ferry_batch_get_n_files (batch));
  g_autofree char *title = sending ? g_strdup_printf (_ ("Sending %s to %s"), files, peer)
                                   : g_strdup_printf (_ ("Receiving %s from %s"), files, peer);
  g_autofree char *status = ferry_sentence_for_batch (batch);

  return g_strjoin (C_ ("list separator", ", "), title, status, NULL);
}
