/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every cell of the machine's table may say to its driver. */
#include "config.h"

#include "signalling/jingle/ferry-jingle-machine-private.h"

#include <gio/gio.h>

FerryJingleEffect *
ferry_jingle_push (FerryJingleStep *step, FerryJingleEffectType type)
{
  static const FerryJingleEffect empty;

  g_assert (step->effects->n_items < G_N_ELEMENTS (step->effects->items));
  FerryJingleEffect *effect = &step->effects->items[step->effects->n_items++];
  *effect = empty;
  effect->type = type;
  return effect;
}

/* Once the peer has left, nothing is sent to it any more: it would not know the session. */
FerryJingleEffect *
ferry_jingle_push_send (FerryJingleStep *step, FerryJingleEffectType type)
{
  return step->machine->peer_left ? NULL : ferry_jingle_push (step, type);
}

void
ferry_jingle_push_terminate (FerryJingleStep *step,
                             FerryJingleReason reason,
                             const GError *error)
{
  FerryJingleEffect *effect = ferry_jingle_push_send (step, FERRY_JINGLE_DO_SEND_TERMINATE);
  if (effect == NULL)
    return;
  effect->reason = reason;
  effect->error = error != NULL ? g_error_copy (error) : NULL;
}

/* @error: (transfer full) (nullable) */
void
ferry_jingle_push_end (FerryJingleStep *step, GError *error)
{
  if (step->machine->has_ended)
    {
      g_clear_error (&error);
      return;
    }
  step->machine->has_ended = TRUE;
  ferry_jingle_push (step, FERRY_JINGLE_DO_END)->error = error;
}

void
ferry_jingle_push_end_with (FerryJingleStep *step, FerryError code, const char *text)
{
  ferry_jingle_push_end (step, g_error_new_literal (FERRY_ERROR, (int) code, text));
}

void
ferry_jingle_push_end_cancelled (FerryJingleStep *step)
{
  ferry_jingle_push_end (step,
                         g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled"));
}
