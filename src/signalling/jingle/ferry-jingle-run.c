/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the cells of the machine's table do: they change what the machine knows and say what its
 * driver has to do. */
#include "config.h"

#include "signalling/jingle/ferry-jingle-machine-private.h"

#include <gio/gio.h>

#define ST(name) FERRY_JINGLE_##name
#define EV(name) FERRY_JINGLE_EV_##name

/* --- Effects ---------------------------------------------------------------------------------
 */

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
static FerryJingleEffect *
push_send (FerryJingleStep *step, FerryJingleEffectType type)
{
  return step->machine->peer_left ? NULL : ferry_jingle_push (step, type);
}

static void
terminate (FerryJingleStep *step, FerryJingleReason reason, const GError *error)
{
  FerryJingleEffect *effect = push_send (step, FERRY_JINGLE_DO_SEND_TERMINATE);
  if (effect == NULL)
    return;
  effect->reason = reason;
  effect->error = error != NULL ? g_error_copy (error) : NULL;
}

/* @error: (transfer full) (nullable) */
static void
end (FerryJingleStep *step, GError *error)
{
  if (step->machine->has_ended)
    {
      g_clear_error (&error);
      return;
    }
  step->machine->has_ended = TRUE;
  ferry_jingle_push (step, FERRY_JINGLE_DO_END)->error = error;
}

static void
end_with (FerryJingleStep *step, FerryError code, const char *text)
{
  end (step, g_error_new_literal (FERRY_ERROR, (int) code, text));
}

static void
end_cancelled (FerryJingleStep *step)
{
  end (step, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled"));
}

/* --- What is done in the cells, in the order a session meets it ------------------------------
 */

void
ferry_jingle_run_gather (FerryJingleStep *step)
{
  ferry_jingle_push (step, FERRY_JINGLE_DO_GATHER);
}

static void
propose_inband (FerryJingleStep *step)
{
  g_autofree char *sid =
      g_strdup_printf ("%s%u", step->machine->id_seed, ++step->machine->n_ids);
  g_clear_pointer (&step->machine->ibb, ferry_jingle_ibb_free);
  step->machine->ibb = ferry_jingle_ibb_new (sid, FERRY_IBB_BLOCK_SIZE);
}

void
ferry_jingle_run_offer (FerryJingleStep *step)
{
  ferry_jingle_push (step, FERRY_JINGLE_DO_SEND_INITIATE);
}

void
ferry_jingle_run_offer_inband (FerryJingleStep *step)
{
  propose_inband (step);
  ferry_jingle_push (step, FERRY_JINGLE_DO_SEND_INITIATE);
}

/* A new session for the same file, with the one transport that is left. */
void
ferry_jingle_run_offer_again (FerryJingleStep *step)
{
  if (step->event->type != EV (PEER_TERMINATE))
    terminate (step, FERRY_JINGLE_REASON_FAILED_TRANSPORT, NULL);
  step->machine->is_second = TRUE;
  step->machine->is_inband = TRUE;
  propose_inband (step);
  ferry_jingle_push (step, FERRY_JINGLE_DO_NOTE_FALLBACK);
  ferry_jingle_push (step, FERRY_JINGLE_DO_RESTART);
  ferry_jingle_push (step, FERRY_JINGLE_DO_SEND_INITIATE);
}

void
ferry_jingle_run_withdraw (FerryJingleStep *step)
{
  if (step->event->type == EV (CANCEL))
    {
      step->machine->withdraw_reason = FERRY_JINGLE_REASON_CANCEL;
      end_cancelled (step);
    }
  else
    {
      step->machine->withdraw_reason = ferry_jingle_reason_for_error (step->event->error);
      end (step, g_error_copy (step->event->error));
    }
}

void
ferry_jingle_run_withdrawn (FerryJingleStep *step)
{
  terminate (step, step->machine->withdraw_reason, NULL);
}

void
ferry_jingle_run_refused (FerryJingleStep *step)
{
  end (step, g_error_copy (step->event->error));
}

void
ferry_jingle_run_silent (FerryJingleStep *step)
{
  ferry_jingle_push (step, FERRY_JINGLE_DO_NOTE_SILENT);
}

/* No program was there to acknowledge the offer. Its server may give it to one that sleeps, in
 * a while: that one is told then that it was in vain. */
void
ferry_jingle_run_unnoticed (FerryJingleStep *step)
{
  step->machine->withdraw_reason = FERRY_JINGLE_REASON_TIMEOUT;
  end_with (step, FERRY_ERROR_GONE, "The peer's device took no notice of the offer");
}

void
ferry_jingle_run_no_answer (FerryJingleStep *step)
{
  if (step->machine->state == ST (PENDING_LONG))
    terminate (step, FERRY_JINGLE_REASON_TIMEOUT, NULL);
  end_with (step, FERRY_ERROR_TIMEOUT, "The peer did not answer the offer");
}

void
ferry_jingle_run_decline (FerryJingleStep *step)
{
  terminate (step, FERRY_JINGLE_REASON_DECLINE, NULL);
  end (step, NULL);
}

void
ferry_jingle_run_no_route (FerryJingleStep *step)
{
  terminate (step, FERRY_JINGLE_REASON_UNSUPPORTED_TRANSPORTS, NULL);
  end_with (step, FERRY_ERROR_ROUTE, "The offer has only routes that are not allowed");
}

static void
open_inband (FerryJingleStep *step, FerryIbbRole role)
{
  step->machine->is_inband = TRUE;
  ferry_jingle_push (step, FERRY_JINGLE_DO_OPEN_IBB)->ibb_role = role;
}

/* XEP-0261 §2: the responder may lower the block size. */
static void
agree_block_size (FerryJingleStep *step, const FerryJingleIbb *answer)
{
  if (answer != NULL)
    step->machine->ibb->block_size = MIN (step->machine->ibb->block_size, answer->block_size);
}

void
ferry_jingle_run_answer (FerryJingleStep *step)
{
  if (step->machine->role == FERRY_JINGLE_RESPONDER)
    ferry_jingle_push (step, FERRY_JINGLE_DO_SEND_ACCEPT);
  else
    ferry_jingle_push (step, FERRY_JINGLE_DO_TAKE_RANGE);
  ferry_jingle_push (step, FERRY_JINGLE_DO_START_S5B);
}

/* The initiator opens an in-band stream (XEP-0261 §2). */
void
ferry_jingle_run_answer_inband (FerryJingleStep *step)
{
  if (step->machine->role == FERRY_JINGLE_RESPONDER)
    {
      open_inband (step, FERRY_IBB_OPENED);
      ferry_jingle_push (step, FERRY_JINGLE_DO_SEND_ACCEPT);
      return;
    }
  ferry_jingle_push (step, FERRY_JINGLE_DO_TAKE_RANGE);
  agree_block_size (step, step->event->ibb);
  open_inband (step, FERRY_IBB_OPENER);
}

void
ferry_jingle_run_answer_bad (FerryJingleStep *step)
{
  ferry_jingle_push (step, FERRY_JINGLE_DO_ERROR)->condition = FERRY_STANZA_BAD_REQUEST;
  terminate (step, FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS, NULL);
  end_with (step, FERRY_ERROR_PROTOCOL, "The peer's answer does not fit the offer");
}

/* Never go on in clear. */
void
ferry_jingle_run_answer_insecure (FerryJingleStep *step)
{
  terminate (step, FERRY_JINGLE_REASON_SECURITY_ERROR, NULL);
  end_with (step, FERRY_ERROR_SECURITY, "The peer's answer does not encrypt as was offered");
}

void
ferry_jingle_run_keep_info (FerryJingleStep *step)
{
  ferry_jingle_push (step, FERRY_JINGLE_DO_KEEP_INFO);
}

void
ferry_jingle_run_link (FerryJingleStep *step)
{
  ferry_jingle_push (step, FERRY_JINGLE_DO_LINK);
}

/* --- From one transport to the next ----------------------------------------------------------
 */

void
ferry_jingle_run_replace (FerryJingleStep *step)
{
  step->machine->s5b_failed = TRUE;
  propose_inband (step);
  ferry_jingle_push (step, FERRY_JINGLE_DO_NOTE_FALLBACK);
  push_send (step, FERRY_JINGLE_DO_SEND_REPLACE);
}

void
ferry_jingle_run_s5b_failed (FerryJingleStep *step)
{
  step->machine->s5b_failed = TRUE;
}

void
ferry_jingle_run_no_way (FerryJingleStep *step)
{
  terminate (step,
             step->machine->may_inband ? FERRY_JINGLE_REASON_FAILED_TRANSPORT
                                       : FERRY_JINGLE_REASON_CONNECTIVITY_ERROR,
             NULL);
  if (step->machine->route_denied)
    end_with (step, FERRY_ERROR_ROUTE, "No direct connection, and the slow way is not allowed");
  else
    end_with (step, FERRY_ERROR_UNREACHABLE, "No connection could be made");
}

static void
hold (FerryJingleStep *step, const FerryJingleIbb *theirs)
{
  g_clear_pointer (&step->machine->held, ferry_jingle_ibb_free);
  step->machine->held = ferry_jingle_ibb_new (theirs->sid, theirs->block_size);
}

void
ferry_jingle_run_hold (FerryJingleStep *step)
{
  hold (step, step->event->ibb);
}

/* XEP-0261 leaves open who opens the stream that the responder proposed: Dino's proposer does,
 * so the initiator gives it five seconds. */
static void
take_held (FerryJingleStep *step)
{
  g_clear_pointer (&step->machine->ibb, ferry_jingle_ibb_free);
  step->machine->ibb = g_steal_pointer (&step->machine->held);
  open_inband (step, step->machine->role == FERRY_JINGLE_INITIATOR ? FERRY_IBB_OPENER_IF_SILENT
                                                                   : FERRY_IBB_OPENED);
  push_send (step, FERRY_JINGLE_DO_SEND_TRANSPORT_ACCEPT);
}

void
ferry_jingle_run_take_theirs (FerryJingleStep *step)
{
  step->machine->s5b_failed = TRUE;
  hold (step, step->event->ibb);
  ferry_jingle_push (step, FERRY_JINGLE_DO_NOTE_FALLBACK);
  take_held (step);
}

void
ferry_jingle_run_take_held (FerryJingleStep *step)
{
  take_held (step);
}

void
ferry_jingle_run_reject (FerryJingleStep *step)
{
  push_send (step, FERRY_JINGLE_DO_SEND_TRANSPORT_REJECT);
}

void
ferry_jingle_run_replaced (FerryJingleStep *step)
{
  if (step->machine->held != NULL)
    {
      FerryJingleEffect *effect = push_send (step, FERRY_JINGLE_DO_SEND_TRANSPORT_REJECT);
      if (effect != NULL)
        effect->ibb = g_steal_pointer (&step->machine->held);
      g_clear_pointer (&step->machine->held, ferry_jingle_ibb_free);
    }
  agree_block_size (step, step->event->ibb);
  open_inband (step, FERRY_IBB_OPENER);
}

void
ferry_jingle_run_take_second (FerryJingleStep *step)
{
  step->machine->is_second = TRUE;
  step->machine->peer_left = FALSE;
  g_clear_pointer (&step->machine->ibb, ferry_jingle_ibb_free);
  step->machine->ibb =
      ferry_jingle_ibb_new (step->event->ibb->sid, step->event->ibb->block_size);
  ferry_jingle_push (step, FERRY_JINGLE_DO_NOTE_FALLBACK);
  open_inband (step, FERRY_IBB_OPENED);
  ferry_jingle_push (step, FERRY_JINGLE_DO_SEND_ACCEPT);
}

/* The responder's side of a second offer: the session ends, the transfer waits for a moment. */
void
ferry_jingle_run_await_second (FerryJingleStep *step)
{
  if (step->event->type != EV (PEER_TERMINATE))
    terminate (step, FERRY_JINGLE_REASON_FAILED_TRANSPORT, NULL);
  step->machine->s5b_failed = TRUE;
  step->machine->peer_left = TRUE;
}

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
    effect = push_send (step, FERRY_JINGLE_DO_SEND_CHECKSUM);
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
  push_send (step, FERRY_JINGLE_DO_SEND_RECEIVED);
  terminate (step, FERRY_JINGLE_REASON_SUCCESS, NULL);
  ferry_jingle_push (step, FERRY_JINGLE_DO_CLOSE_PIPE);
  end (step, NULL);
}

/* What is offered has come in another session, whose end the sender has not heard. */
void
ferry_jingle_run_have_it (FerryJingleStep *step)
{
  push_send (step, FERRY_JINGLE_DO_SEND_RECEIVED);
  terminate (step, FERRY_JINGLE_REASON_SUCCESS, NULL);
  end (step, NULL);
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
    end (step, NULL);
}

void
ferry_jingle_run_unconfirmed (FerryJingleStep *step)
{
  if (is_unsure (step->machine))
    end_with (step, FERRY_ERROR_TIMEOUT, "The peer has not said that it has the file");
  else
    end (step, NULL);
}

/* The peer has not said a word after our last byte: then it is on us to close (spec of the
 * flow: 30 s). */
void
ferry_jingle_run_close (FerryJingleStep *step)
{
  terminate (step,
             is_unsure (step->machine) ? FERRY_JINGLE_REASON_TIMEOUT
                                       : FERRY_JINGLE_REASON_SUCCESS,
             NULL);
  ferry_jingle_run_unconfirmed (step);
}

void
ferry_jingle_run_stuck (FerryJingleStep *step)
{
  terminate (step, FERRY_JINGLE_REASON_TIMEOUT, NULL);
  end_with (step, FERRY_ERROR_TIMEOUT, "The last bytes did not reach the peer");
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
  terminate (step, FERRY_JINGLE_REASON_FAILED_TRANSPORT, NULL);
  end (step, g_steal_pointer (&step->machine->error));
}

/* --- The end ---------------------------------------------------------------------------------
 */

void
ferry_jingle_run_cancel (FerryJingleStep *step)
{
  if (step->machine->state != ST (GATHERING) && step->machine->state != ST (NEW))
    terminate (step, FERRY_JINGLE_REASON_CANCEL, NULL);
  end_cancelled (step);
}

void
ferry_jingle_run_fail (FerryJingleStep *step)
{
  if (step->machine->state != ST (GATHERING) && step->machine->state != ST (NEW))
    terminate (step, ferry_jingle_reason_for_error (step->event->error), step->event->error);
  end (step, g_error_copy (step->event->error));
}

void
ferry_jingle_run_answer_refused (FerryJingleStep *step)
{
  terminate (step, FERRY_JINGLE_REASON_GENERAL_ERROR, NULL);
  end (step, g_error_copy (step->event->error));
}

void
ferry_jingle_run_forgotten (FerryJingleStep *step)
{
  end_with (step, FERRY_ERROR_GONE, "The other side has forgotten this session");
}

void
ferry_jingle_run_lost (FerryJingleStep *step)
{
  step->machine->peer_left = TRUE;
  end (step, g_error_copy (step->event->error));
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
  end (step, g_steal_pointer (&error));
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
    end (step, NULL);
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
  end (step, NULL);
}

void
ferry_jingle_run_success_broken (FerryJingleStep *step)
{
  step->machine->peer_left = TRUE;
  end (step, g_steal_pointer (&step->machine->error));
}

void
ferry_jingle_run_removed (FerryJingleStep *step)
{
  terminate (step, FERRY_JINGLE_REASON_CANCEL, NULL);
  end (step, ferry_jingle_reason_to_error (step->event->reason, step->event->text));
}

void
ferry_jingle_run_reversed (FerryJingleStep *step)
{
  terminate (step, FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS, NULL);
  end_with (step, FERRY_ERROR_PROTOCOL, "The peer wants to turn the direction round");
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
  push_send (step, FERRY_JINGLE_DO_SEND_CONTENT_REJECT);
}
