/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the cells of the machine's table do once there is a pipe, and when it all ends. */
#include "config.h"

#include "signalling/jingle/ferry-jingle-machine-private.h"

#include <gio/gio.h>

#define ST(name) FERRY_JINGLE_##name
#define EV(name) FERRY_JINGLE_EV_##name

/* --- The pipe --------------------------------------------------------------------------------
 */

void
ferry_jingle_run_opened (FerryJingleStep *step)
{
  ferry_jingle_push (step, FERRY_JINGLE_DO_HAND_OVER);
}

void
ferry_jingle_run_sent (FerryJingleStep *step)
{
  FerryJingleEffect *effect = NULL;

  step->machine->peer_closed = step->event->peer_closed;
  if (step->event->hash.algo != FERRY_HASH_NONE)
    effect = ferry_jingle_push_send (step, FERRY_JINGLE_DO_SEND_CHECKSUM);
  if (effect != NULL)
    effect->hash = step->event->hash;
  /* An early `success` alone is worth nothing; with an orderly end of the stream it is. */
  if (step->machine->peer_success && step->event->peer_closed)
    ferry_jingle_push (step, FERRY_JINGLE_DO_RECEIVED);
  ferry_jingle_push (step, FERRY_JINGLE_DO_CLOSE_PIPE);
}

void
ferry_jingle_run_complete (FerryJingleStep *step)
{
  ferry_jingle_push_send (step, FERRY_JINGLE_DO_SEND_RECEIVED);
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_SUCCESS, NULL);
  ferry_jingle_push (step, FERRY_JINGLE_DO_CLOSE_PIPE);
  ferry_jingle_push_end (step, NULL);
}

/* What is offered has come in another session, whose end the sender has not heard. */
void
ferry_jingle_run_have_it (FerryJingleStep *step)
{
  ferry_jingle_push_send (step, FERRY_JINGLE_DO_SEND_RECEIVED);
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_SUCCESS, NULL);
  ferry_jingle_push_end (step, NULL);
}

/* Dino 0.4 answers every in-band block, and has failed the file at the first: in-band, only the
 * peer's word means that the file is there. A Ferry says it in any case, or at least closes
 * inside TLS: a relay ends its connections also for a peer that has vanished. */
static gboolean
is_unsure (const FerryJingleMachine *self)
{
  return (self->is_inband || (self->is_ferry && !self->peer_closed)) && !self->peer_received;
}

/* No word can come any more; of most programs none is needed. */
void
ferry_jingle_run_end (FerryJingleStep *step)
{
  if (step->machine->is_ferry && !step->machine->is_inband)
    ferry_jingle_run_unconfirmed (step);
  else
    ferry_jingle_push_end (step, NULL);
}

void
ferry_jingle_run_unconfirmed (FerryJingleStep *step)
{
  if (is_unsure (step->machine))
    ferry_jingle_push_end_with (step, FERRY_ERROR_TIMEOUT,
                                "The peer has not said that it has the file");
  else
    ferry_jingle_push_end (step, NULL);
}

/* The peer has not said a word after our last byte: then it is on us to close (spec of the
 * flow: 30 s). */
void
ferry_jingle_run_close (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step,
                               is_unsure (step->machine) ? FERRY_JINGLE_REASON_TIMEOUT
                                                         : FERRY_JINGLE_REASON_SUCCESS,
                               NULL);
  ferry_jingle_run_unconfirmed (step);
}

void
ferry_jingle_run_stuck (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_TIMEOUT, NULL);
  ferry_jingle_push_end_with (step, FERRY_ERROR_TIMEOUT,
                              "The last bytes did not reach the peer");
}

void
ferry_jingle_run_broken (FerryJingleStep *step)
{
  g_clear_error (&step->machine->error);
  step->machine->error = g_error_copy (step->event->error);
  /* The stream may know why; the socket does not. */
  if (step->event->type == EV (FAIL))
    ferry_jingle_push (step, FERRY_JINGLE_DO_CLOSE_PIPE);
}

void
ferry_jingle_run_end_broken (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_FAILED_TRANSPORT, NULL);
  ferry_jingle_push_end (step, g_steal_pointer (&step->machine->error));
}

/* --- The end ---------------------------------------------------------------------------------
 */

void
ferry_jingle_run_cancel (FerryJingleStep *step)
{
  if (step->machine->state != ST (GATHERING) && step->machine->state != ST (NEW))
    ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_CANCEL, NULL);
  ferry_jingle_push_end_cancelled (step);
}

void
ferry_jingle_run_fail (FerryJingleStep *step)
{
  if (step->machine->state != ST (GATHERING) && step->machine->state != ST (NEW))
    ferry_jingle_push_terminate (step, ferry_jingle_reason_for_error (step->event->error),
                                 step->event->error);
  ferry_jingle_push_end (step, g_error_copy (step->event->error));
}

void
ferry_jingle_run_answer_refused (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_GENERAL_ERROR, NULL);
  ferry_jingle_push_end (step, g_error_copy (step->event->error));
}

void
ferry_jingle_run_forgotten (FerryJingleStep *step)
{
  ferry_jingle_push_end_with (step, FERRY_ERROR_GONE,
                              "The other side has forgotten this session");
}

void
ferry_jingle_run_lost (FerryJingleStep *step)
{
  step->machine->peer_left = TRUE;
  ferry_jingle_push_end (step, g_error_copy (step->event->error));
}

void
ferry_jingle_run_alone (FerryJingleStep *step)
{
  step->machine->peer_left = TRUE;
}

void
ferry_jingle_run_peer_ends (FerryJingleStep *step)
{
  g_autoptr (GError) error =
      ferry_jingle_reason_to_error (step->event->reason, step->event->text);

  step->machine->peer_left = TRUE;
  if (step->event->is_pause)
    error->code = FERRY_ERROR_PAUSED;
  else if (error->code == FERRY_ERROR_UNREACHABLE && step->machine->state >= ST (OPEN))
    error->code = FERRY_ERROR_BROKEN;
  else if (error->code == FERRY_ERROR_UNREACHABLE && step->machine->route_denied)
    error->code = FERRY_ERROR_ROUTE;
  ferry_jingle_push_end (step, g_steal_pointer (&error));
}

/* Gajim terminates with success while bytes still flow (it closes a spare connection): the pipe
 * goes on, and the word alone proves nothing. */
void
ferry_jingle_run_early_success (FerryJingleStep *step)
{
  step->machine->peer_left = TRUE;
  step->machine->peer_success = TRUE;
}

void
ferry_jingle_run_success (FerryJingleStep *step)
{
  step->machine->peer_left = TRUE;
  if (step->event->reason == FERRY_JINGLE_REASON_SUCCESS)
    ferry_jingle_push (step, FERRY_JINGLE_DO_RECEIVED);
  if (step->machine->state == ST (CLOSING))
    ferry_jingle_push_end (step, NULL);
}

/* There was no pipe: nothing has succeeded, unless the peer has the file already. */
void
ferry_jingle_run_success_unasked (FerryJingleStep *step)
{
  if (!step->machine->peer_received)
    {
      ferry_jingle_run_peer_ends (step);
      return;
    }
  step->machine->peer_left = TRUE;
  ferry_jingle_push_end (step, NULL);
}

/* Who has all closes an in-band stream before it says so, and may do that while the end of our
 * TLS is still on its way. */
void
ferry_jingle_run_success_broken (FerryJingleStep *step)
{
  step->machine->peer_left = TRUE;
  if (step->machine->peer_received)
    g_clear_error (&step->machine->error);
  ferry_jingle_push_end (step, g_steal_pointer (&step->machine->error));
}

void
ferry_jingle_run_removed (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_CANCEL, NULL);
  ferry_jingle_push_end (step,
                         ferry_jingle_reason_to_error (step->event->reason, step->event->text));
}

void
ferry_jingle_run_reversed (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS, NULL);
  ferry_jingle_push_end_with (step, FERRY_ERROR_PROTOCOL,
                              "The peer wants to turn the direction round");
}

/* --- Said at any time ------------------------------------------------------------------------
 */

void
ferry_jingle_run_received (FerryJingleStep *step)
{
  if (step->machine->role != FERRY_JINGLE_INITIATOR)
    return;
  step->machine->peer_received = TRUE;
  ferry_jingle_push (step, FERRY_JINGLE_DO_RECEIVED);
}

void
ferry_jingle_run_checksum (FerryJingleStep *step)
{
  if (step->machine->role == FERRY_JINGLE_RESPONDER)
    ferry_jingle_push (step, FERRY_JINGLE_DO_CHECKSUM)->hash = step->event->hash;
}

void
ferry_jingle_run_unknown_info (FerryJingleStep *step)
{
  FerryJingleEffect *effect = ferry_jingle_push (step, FERRY_JINGLE_DO_ERROR);
  effect->condition = FERRY_STANZA_FEATURE_NOT_IMPLEMENTED;
  effect->detail = "unsupported-info";
}

void
ferry_jingle_run_bad (FerryJingleStep *step)
{
  ferry_jingle_push (step, FERRY_JINGLE_DO_ERROR)->condition = FERRY_STANZA_BAD_REQUEST;
}

void
ferry_jingle_run_reject_content (FerryJingleStep *step)
{
  ferry_jingle_push_send (step, FERRY_JINGLE_DO_SEND_CONTENT_REJECT);
}
