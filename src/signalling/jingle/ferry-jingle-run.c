/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the cells of the machine's table do until there is a pipe: they change what the machine
 * knows and say what its driver has to do. How it ends is in ferry-jingle-run-end.c. */
#include "config.h"

#include "signalling/jingle/ferry-jingle-machine-private.h"

#include <gio/gio.h>

#define ST(name) FERRY_JINGLE_##name
#define EV(name) FERRY_JINGLE_EV_##name

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
    ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_FAILED_TRANSPORT, NULL);
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
      ferry_jingle_push_end_cancelled (step);
    }
  else
    {
      step->machine->withdraw_reason = ferry_jingle_reason_for_error (step->event->error);
      ferry_jingle_push_end (step, g_error_copy (step->event->error));
    }
}

void
ferry_jingle_run_withdrawn (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step, step->machine->withdraw_reason, NULL);
}

void
ferry_jingle_run_refused (FerryJingleStep *step)
{
  ferry_jingle_push_end (step, g_error_copy (step->event->error));
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
  ferry_jingle_push_end_with (step, FERRY_ERROR_GONE,
                              "The peer's device took no notice of the offer");
}

void
ferry_jingle_run_no_answer (FerryJingleStep *step)
{
  if (step->machine->state == ST (PENDING_LONG))
    ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_TIMEOUT, NULL);
  ferry_jingle_push_end_with (step, FERRY_ERROR_TIMEOUT, "The peer did not answer the offer");
}

void
ferry_jingle_run_decline (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_DECLINE, NULL);
  ferry_jingle_push_end (step, NULL);
}

void
ferry_jingle_run_no_route (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_UNSUPPORTED_TRANSPORTS, NULL);
  ferry_jingle_push_end_with (step, FERRY_ERROR_ROUTE,
                              "The offer has only routes that are not allowed");
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
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS, NULL);
  ferry_jingle_push_end_with (step, FERRY_ERROR_PROTOCOL,
                              "The peer's answer does not fit the offer");
}

/* Never go on in clear. */
void
ferry_jingle_run_answer_insecure (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_SECURITY_ERROR, NULL);
  ferry_jingle_push_end_with (step, FERRY_ERROR_SECURITY,
                              "The peer's answer does not encrypt as was offered");
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
  ferry_jingle_push_send (step, FERRY_JINGLE_DO_SEND_REPLACE);
}

void
ferry_jingle_run_s5b_failed (FerryJingleStep *step)
{
  step->machine->s5b_failed = TRUE;
}

void
ferry_jingle_run_no_way (FerryJingleStep *step)
{
  ferry_jingle_push_terminate (step,
                               step->machine->may_inband
                                   ? FERRY_JINGLE_REASON_FAILED_TRANSPORT
                                   : FERRY_JINGLE_REASON_CONNECTIVITY_ERROR,
                               NULL);
  if (step->machine->route_denied)
    ferry_jingle_push_end_with (step, FERRY_ERROR_ROUTE,
                                "No direct connection, and the slow way is not allowed");
  else
    ferry_jingle_push_end_with (step, FERRY_ERROR_UNREACHABLE, "No connection could be made");
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
  ferry_jingle_push_send (step, FERRY_JINGLE_DO_SEND_TRANSPORT_ACCEPT);
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
  ferry_jingle_push_send (step, FERRY_JINGLE_DO_SEND_TRANSPORT_REJECT);
}

void
ferry_jingle_run_replaced (FerryJingleStep *step)
{
  if (step->machine->held != NULL)
    {
      FerryJingleEffect *effect =
          ferry_jingle_push_send (step, FERRY_JINGLE_DO_SEND_TRANSPORT_REJECT);
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
    ferry_jingle_push_terminate (step, FERRY_JINGLE_REASON_FAILED_TRANSPORT, NULL);
  step->machine->s5b_failed = TRUE;
  step->machine->peer_left = TRUE;
}
