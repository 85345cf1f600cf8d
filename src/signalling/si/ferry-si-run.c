/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the cells of the machine's table do: they change what the machine knows and say what its
 * driver has to do. */
#include "config.h"

#include "signalling/si/ferry-si-machine-private.h"

#include <gio/gio.h>

#define EV(name) FERRY_SI_EV_##name

/* --- Effects ---------------------------------------------------------------------------------
 */

static FerrySiEffect *
push (FerrySiStep *step, FerrySiEffectType type)
{
  g_assert (step->effects->n_items < G_N_ELEMENTS (step->effects->items));
  FerrySiEffect *effect = &step->effects->items[step->effects->n_items++];
  *effect = (FerrySiEffect){ .type = type };
  return effect;
}

static void
push_method (FerrySiStep *step, FerrySiEffectType type, FerrySiMethod method)
{
  push (step, type)->method = method;
}

/* @error: (transfer full) (nullable) */
static void
end (FerrySiStep *step, GError *error)
{
  push (step, FERRY_SI_DO_END)->error = error;
}

static void
end_with (FerrySiStep *step, FerryError code, const char *text)
{
  end (step, g_error_new_literal (FERRY_ERROR, (int) code, text));
}

void
ferry_si_run_end_as_event (FerrySiStep *step)
{
  end (step, g_error_copy (step->event->error));
}

void
ferry_si_run_end_cancelled (FerrySiStep *step)
{
  end (step, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled"));
}

void
ferry_si_run_cancel (FerrySiStep *step)
{
  push (step, FERRY_SI_DO_SAY_END)->error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  ferry_si_run_end_cancelled (step);
}

void
ferry_si_run_fail (FerrySiStep *step)
{
  push (step, FERRY_SI_DO_SAY_END)->error = g_error_copy (step->event->error);
  ferry_si_run_end_as_event (step);
}

/* For whom it broke waits to hear why, if there was a reason. */
void
ferry_si_run_peer_ended (FerrySiStep *step)
{
  if (g_error_matches (step->event->error, FERRY_ERROR, FERRY_ERROR_BROKEN))
    push (step, FERRY_SI_DO_SAY_END)->error = g_error_copy (step->event->error);
  ferry_si_run_end_as_event (step);
}

/* --- What is done in the cells, in the order a session meets it ------------------------------
 */

void
ferry_si_run_offer (FerrySiStep *step)
{
  push (step, FERRY_SI_DO_SEND_OFFER)->methods = step->machine->offered;
}

void
ferry_si_run_silent (FerrySiStep *step)
{
  push (step, FERRY_SI_DO_NOTE_SILENT);
}

void
ferry_si_run_no_answer (FerrySiStep *step)
{
  end_with (step, FERRY_ERROR_TIMEOUT, "The peer did not answer the offer");
}

static void
connect_next (FerrySiStep *step)
{
  FerrySiMachine *self = step->machine;
  push_method (step, FERRY_SI_DO_CONNECT, self->agreed.items[self->n_tried++]);
}

void
ferry_si_run_connect_first (FerrySiStep *step)
{
  FerrySiMachine *self = step->machine;
  guint offered = 0;

  for (guint i = 0; i < self->offered.n_items; i++)
    offered |= self->offered.items[i];
  self->agreed = ferry_si_methods_filter (&step->event->answer->methods, offered);
  self->n_tried = 0;
  connect_next (step);
}

void
ferry_si_run_answer_bad (FerrySiStep *step)
{
  end_with (step, FERRY_ERROR_PROTOCOL, "The peer chose what was not offered");
}

void
ferry_si_run_fall_back (FerrySiStep *step)
{
  push_method (step, FERRY_SI_DO_DROP, step->machine->agreed.items[step->machine->n_tried - 1]);
  push (step, FERRY_SI_DO_NOTE_FALLBACK);
  connect_next (step);
}

/* libpurple's custom: it expects <open/> on the id of the SOCKS5 stream. */
void
ferry_si_run_try_inband (FerrySiStep *step)
{
  step->machine->has_tried = TRUE;
  push_method (step, FERRY_SI_DO_DROP, FERRY_SI_S5B);
  push (step, FERRY_SI_DO_NOTE_FALLBACK);
  push_method (step, FERRY_SI_DO_CONNECT, FERRY_SI_INBAND);
}

void
ferry_si_run_offer_again (FerrySiStep *step)
{
  FerrySiMachine *self = step->machine;

  self->is_second = TRUE;
  self->offered = (FerrySiMethods){ 1, { FERRY_SI_INBAND } };
  push_method (step, FERRY_SI_DO_DROP, FERRY_SI_S5B);
  push_method (step, FERRY_SI_DO_DROP, FERRY_SI_INBAND);
  push (step, FERRY_SI_DO_NEW_ID);
  ferry_si_run_offer (step);
}

void
ferry_si_run_no_way (FerrySiStep *step)
{
  if (step->machine->may_inband)
    end_with (step, FERRY_ERROR_UNREACHABLE, "No connection could be made");
  else
    end_with (step, FERRY_ERROR_ROUTE, "No direct connection, and the slow way is not allowed");
}

static void
send_answer (FerrySiStep *step)
{
  FerrySiEffect *effect = push (step, FERRY_SI_DO_SEND_ANSWER);
  effect->methods = step->machine->agreed;
  effect->is_multiple = step->machine->is_multiple && !step->machine->is_second;
}

/* The sender may begin at once, so we listen before we answer. In-band also where only SOCKS5
 * is agreed: libpurple opens it when SOCKS5 fails, or when it has nothing to offer for it. */
void
ferry_si_run_accept (FerrySiStep *step)
{
  FerrySiMachine *self = step->machine;

  if (!self->is_multiple && self->agreed.n_items > 1)
    self->agreed.n_items = 1;
  if (ferry_si_methods_contain (&self->agreed, FERRY_SI_S5B))
    push_method (step, FERRY_SI_DO_CONNECT, FERRY_SI_S5B);
  if (self->may_inband)
    push_method (step, FERRY_SI_DO_CONNECT, FERRY_SI_INBAND);
  send_answer (step);
}

void
ferry_si_run_accept_second (FerrySiStep *step)
{
  FerrySiMachine *self = step->machine;

  self->is_second = TRUE;
  self->agreed = (FerrySiMethods){ 1, { FERRY_SI_INBAND } };
  push_method (step, FERRY_SI_DO_DROP, FERRY_SI_S5B);
  push_method (step, FERRY_SI_DO_DROP, FERRY_SI_INBAND);
  push (step, FERRY_SI_DO_NOTE_FALLBACK);
  push_method (step, FERRY_SI_DO_CONNECT, FERRY_SI_INBAND);
  send_answer (step);
}

void
ferry_si_run_no_route (FerrySiStep *step)
{
  push (step, FERRY_SI_DO_SEND_NO_WAY);
  end_with (step, FERRY_ERROR_ROUTE, "The offer has only routes that are not allowed");
}

void
ferry_si_run_decline (FerrySiStep *step)
{
  FerrySiEffect *effect = push (step, FERRY_SI_DO_SEND_DECLINE);
  if (step->event->type == EV (FAIL) && step->event->error != NULL)
    effect->error = g_error_copy (step->event->error);
  if (step->event->type == EV (CANCEL))
    ferry_si_run_end_cancelled (step);
  else if (step->event->type == EV (FAIL))
    ferry_si_run_end_as_event (step);
  else
    end (step, NULL);
}

/* What is offered has come in another session, whose end the sender has not heard. */
void
ferry_si_run_have_it (FerrySiStep *step)
{
  push (step, FERRY_SI_DO_SEND_HAVE_IT);
  end (step, NULL);
}

void
ferry_si_run_has_it (FerrySiStep *step)
{
  push (step, FERRY_SI_DO_RECEIVED);
  end (step, NULL);
}

/* The sender waits for an answer no more, but each request has one. */
void
ferry_si_run_withdrawn (FerrySiStep *step)
{
  push (step, FERRY_SI_DO_SEND_DECLINE);
  ferry_si_run_end_as_event (step);
}

void
ferry_si_run_s5b_failed (FerrySiStep *step)
{
  step->machine->s5b_failed = TRUE;
  push_method (step, FERRY_SI_DO_DROP, FERRY_SI_S5B);
}

void
ferry_si_run_listen_again (FerrySiStep *step)
{
  push_method (step, FERRY_SI_DO_CONNECT, FERRY_SI_INBAND);
}

void
ferry_si_run_no_begin (FerrySiStep *step)
{
  end_with (step, FERRY_ERROR_TIMEOUT, "The peer did not begin to send");
}

/* --- The pipe --------------------------------------------------------------------------------
 */

void
ferry_si_run_opened (FerrySiStep *step)
{
  FerrySiMethod method = step->event->method;

  step->machine->open = method;
  push_method (step, FERRY_SI_DO_DROP, method == FERRY_SI_S5B ? FERRY_SI_INBAND : FERRY_SI_S5B);
  push_method (step, FERRY_SI_DO_HAND_OVER, method);
}

/* Of a relay the end says nothing: it ends also for a peer that has vanished. A Ferry's word
 * counts. */
void
ferry_si_run_sent (FerrySiStep *step)
{
  const FerrySiMachine *self = step->machine;

  if (step->event->peer_closed && self->open == FERRY_SI_S5B && !self->has_words)
    push (step, FERRY_SI_DO_RECEIVED);
  push (step, FERRY_SI_DO_CLOSE_PIPE);
}

/* In-band each block was acknowledged. */
void
ferry_si_run_flushed (FerrySiStep *step)
{
  if (step->machine->open == FERRY_SI_INBAND && !step->machine->has_words)
    push (step, FERRY_SI_DO_RECEIVED);
  end (step, NULL);
}

void
ferry_si_run_told (FerrySiStep *step)
{
  step->machine->was_told = TRUE;
  push (step, FERRY_SI_DO_RECEIVED);
}

void
ferry_si_run_told_last (FerrySiStep *step)
{
  ferry_si_run_told (step);
  end (step, NULL);
}

void
ferry_si_run_not_told (FerrySiStep *step)
{
  end_with (step, FERRY_ERROR_BROKEN, "The peer did not say that it has the file");
}

void
ferry_si_run_stuck (FerrySiStep *step)
{
  end_with (step, FERRY_ERROR_TIMEOUT, "The last bytes did not reach the peer");
}

void
ferry_si_run_complete (FerrySiStep *step)
{
  push (step, FERRY_SI_DO_SAY_END);
  push (step, FERRY_SI_DO_CLOSE_PIPE);
  end (step, NULL);
}

void
ferry_si_run_ask_why (FerrySiStep *step)
{
  step->machine->error = g_error_copy (step->event->error);
  push (step, FERRY_SI_DO_SAY_END)->error = g_error_copy (step->event->error);
  push (step, FERRY_SI_DO_CLOSE_PIPE);
}

void
ferry_si_run_end_broken (FerrySiStep *step)
{
  end (step, g_steal_pointer (&step->machine->error));
}

void
ferry_si_run_closed_early (FerrySiStep *step)
{
  end_with (step, FERRY_ERROR_CANCELLED_BY_PEER, "The peer closed the stream too early");
}
