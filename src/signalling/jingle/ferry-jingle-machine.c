/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-jingle-machine"

#include "config.h"

#include "signalling/jingle/ferry-jingle-machine.h"

#include <gio/gio.h>

#define SECOND 1000u

/* Clear names inside this file, as tables want them short. */
#define ST(name) FERRY_JINGLE_##name
#define EV(name) FERRY_JINGLE_EV_##name

typedef void (*Run) (FerryJingleMachine *self,
                     const FerryJingleEvent *event,
                     FerryJingleEffects *effects);

typedef struct
{
  FerryJingleState next; /* NEW in a cell means: stay */
  Run run;               /* nullable */
  gboolean legal;
} Cell;

/* --- Effects ---------------------------------------------------------------------------------
 */

static FerryJingleEffect *
push (FerryJingleEffects *effects, FerryJingleEffectType type)
{
  static const FerryJingleEffect empty;

  g_assert (effects->n_items < G_N_ELEMENTS (effects->items));
  FerryJingleEffect *effect = &effects->items[effects->n_items++];
  *effect = empty;
  effect->type = type;
  return effect;
}

/* Once the peer has left, nothing is sent to it any more: it would not know the session. */
static FerryJingleEffect *
push_send (FerryJingleMachine *self, FerryJingleEffects *effects, FerryJingleEffectType type)
{
  return self->peer_left ? NULL : push (effects, type);
}

static void
terminate (FerryJingleMachine *self,
           FerryJingleEffects *effects,
           FerryJingleReason reason,
           const GError *error)
{
  FerryJingleEffect *effect = push_send (self, effects, FERRY_JINGLE_DO_SEND_TERMINATE);
  if (effect == NULL)
    return;
  effect->reason = reason;
  effect->error = error != NULL ? g_error_copy (error) : NULL;
}

/* @error: (transfer full) (nullable) */
static void
end (FerryJingleMachine *self, FerryJingleEffects *effects, GError *error)
{
  if (self->has_ended)
    {
      g_clear_error (&error);
      return;
    }
  self->has_ended = TRUE;
  push (effects, FERRY_JINGLE_DO_END)->error = error;
}

static void
end_with (FerryJingleMachine *self, FerryJingleEffects *effects, FerryError code, const char *text)
{
  end (self, effects, g_error_new_literal (FERRY_ERROR, (int) code, text));
}

static void
end_cancelled (FerryJingleMachine *self, FerryJingleEffects *effects)
{
  end (self, effects, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled"));
}

/* --- What is done in the cells, in the order a session meets it ------------------------------
 */

static void
run_gather (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  push (effects, FERRY_JINGLE_DO_GATHER);
}

static void
propose_inband (FerryJingleMachine *self)
{
  g_autofree char *sid = g_strdup_printf ("%s-%u", self->id_seed, ++self->n_ids);
  g_clear_pointer (&self->ibb, ferry_jingle_ibb_free);
  self->ibb = ferry_jingle_ibb_new (sid, FERRY_IBB_BLOCK_SIZE);
}

static void
run_offer (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  push (effects, FERRY_JINGLE_DO_SEND_INITIATE);
}

static void
run_offer_inband (FerryJingleMachine *self,
                  const FerryJingleEvent *event,
                  FerryJingleEffects *effects)
{
  propose_inband (self);
  push (effects, FERRY_JINGLE_DO_SEND_INITIATE);
}

/* A new session for the same file, with the one transport that is left. */
static void
run_offer_again (FerryJingleMachine *self,
                 const FerryJingleEvent *event,
                 FerryJingleEffects *effects)
{
  if (event->type != EV (PEER_TERMINATE))
    terminate (self, effects, FERRY_JINGLE_REASON_FAILED_TRANSPORT, NULL);
  self->is_second = TRUE;
  self->is_inband = TRUE;
  propose_inband (self);
  push (effects, FERRY_JINGLE_DO_NOTE_FALLBACK);
  push (effects, FERRY_JINGLE_DO_RESTART);
  push (effects, FERRY_JINGLE_DO_SEND_INITIATE);
}

static void
run_withdraw (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  if (event->type == EV (CANCEL))
    {
      self->withdraw_reason = FERRY_JINGLE_REASON_CANCEL;
      end_cancelled (self, effects);
    }
  else
    {
      self->withdraw_reason = ferry_jingle_reason_for_error (event->error);
      end (self, effects, g_error_copy (event->error));
    }
}

static void
run_withdrawn (FerryJingleMachine *self,
               const FerryJingleEvent *event,
               FerryJingleEffects *effects)
{
  terminate (self, effects, self->withdraw_reason, NULL);
}

static void
run_refused (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  end (self, effects, g_error_copy (event->error));
}

static void
run_silent (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  push (effects, FERRY_JINGLE_DO_NOTE_SILENT);
}

static void
run_no_answer (FerryJingleMachine *self,
               const FerryJingleEvent *event,
               FerryJingleEffects *effects)
{
  /* Before the acknowledgement there is no session to terminate. */
  if (self->state == ST (PENDING_LONG))
    terminate (self, effects, FERRY_JINGLE_REASON_TIMEOUT, NULL);
  end_with (self, effects, FERRY_ERROR_TIMEOUT, "The peer did not answer the offer");
}

static void
run_decline (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  terminate (self, effects, FERRY_JINGLE_REASON_DECLINE, NULL);
  end (self, effects, NULL);
}

static void
run_no_route (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  terminate (self, effects, FERRY_JINGLE_REASON_UNSUPPORTED_TRANSPORTS, NULL);
  end_with (self, effects, FERRY_ERROR_ROUTE, "The offer has only routes that are not allowed");
}

static void
open_inband (FerryJingleMachine *self, FerryJingleEffects *effects, FerryIbbRole role)
{
  self->is_inband = TRUE;
  push (effects, FERRY_JINGLE_DO_OPEN_IBB)->ibb_role = role;
}

/* XEP-0261 §2: the responder may lower the block size. */
static void
agree_block_size (FerryJingleMachine *self, const FerryJingleIbb *answer)
{
  if (answer != NULL)
    self->ibb->block_size = MIN (self->ibb->block_size, answer->block_size);
}

static void
run_answer (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  if (self->role == FERRY_JINGLE_RESPONDER)
    push (effects, FERRY_JINGLE_DO_SEND_ACCEPT);
  push (effects, FERRY_JINGLE_DO_START_S5B);
}

/* The initiator opens an in-band stream (XEP-0261 §2). */
static void
run_answer_inband (FerryJingleMachine *self,
                   const FerryJingleEvent *event,
                   FerryJingleEffects *effects)
{
  if (self->role == FERRY_JINGLE_RESPONDER)
    {
      open_inband (self, effects, FERRY_IBB_OPENED);
      push (effects, FERRY_JINGLE_DO_SEND_ACCEPT);
      return;
    }
  agree_block_size (self, event->ibb);
  open_inband (self, effects, FERRY_IBB_OPENER);
}

static void
run_answer_bad (FerryJingleMachine *self,
                const FerryJingleEvent *event,
                FerryJingleEffects *effects)
{
  push (effects, FERRY_JINGLE_DO_ERROR)->condition = FERRY_STANZA_BAD_REQUEST;
  terminate (self, effects, FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS, NULL);
  end_with (self, effects, FERRY_ERROR_PROTOCOL, "The peer's answer does not fit the offer");
}

static void
run_keep_info (FerryJingleMachine *self,
               const FerryJingleEvent *event,
               FerryJingleEffects *effects)
{
  push (effects, FERRY_JINGLE_DO_KEEP_INFO);
}

static void
run_link (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  push (effects, FERRY_JINGLE_DO_LINK);
}

/* --- From one transport to the next ----------------------------------------------------------
 */

static void
run_replace (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  self->s5b_failed = TRUE;
  propose_inband (self);
  push (effects, FERRY_JINGLE_DO_NOTE_FALLBACK);
  push_send (self, effects, FERRY_JINGLE_DO_SEND_REPLACE);
}

static void
run_s5b_failed (FerryJingleMachine *self,
                const FerryJingleEvent *event,
                FerryJingleEffects *effects)
{
  self->s5b_failed = TRUE;
}

static void
run_no_way (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  terminate (self, effects,
             self->may_inband ? FERRY_JINGLE_REASON_FAILED_TRANSPORT
                              : FERRY_JINGLE_REASON_CONNECTIVITY_ERROR,
             NULL);
  if (self->route_denied)
    end_with (self, effects, FERRY_ERROR_ROUTE,
              "No direct connection, and the slow way is not allowed");
  else
    end_with (self, effects, FERRY_ERROR_UNREACHABLE, "No connection could be made");
}

static void
hold (FerryJingleMachine *self, const FerryJingleIbb *theirs)
{
  g_clear_pointer (&self->held, ferry_jingle_ibb_free);
  self->held = ferry_jingle_ibb_new (theirs->sid, theirs->block_size);
}

static void
run_hold (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  hold (self, event->ibb);
}

/* XEP-0261 leaves open who opens the stream that the responder proposed: Dino's proposer does,
 * so the initiator gives it five seconds. */
static void
take_held (FerryJingleMachine *self, FerryJingleEffects *effects)
{
  g_clear_pointer (&self->ibb, ferry_jingle_ibb_free);
  self->ibb = g_steal_pointer (&self->held);
  open_inband (self, effects,
               self->role == FERRY_JINGLE_INITIATOR ? FERRY_IBB_OPENER_IF_SILENT
                                                    : FERRY_IBB_OPENED);
  push_send (self, effects, FERRY_JINGLE_DO_SEND_TRANSPORT_ACCEPT);
}

static void
run_take_theirs (FerryJingleMachine *self,
                 const FerryJingleEvent *event,
                 FerryJingleEffects *effects)
{
  self->s5b_failed = TRUE;
  hold (self, event->ibb);
  push (effects, FERRY_JINGLE_DO_NOTE_FALLBACK);
  take_held (self, effects);
}

static void
run_take_held (FerryJingleMachine *self,
               const FerryJingleEvent *event,
               FerryJingleEffects *effects)
{
  take_held (self, effects);
}

static void
run_reject (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  push_send (self, effects, FERRY_JINGLE_DO_SEND_TRANSPORT_REJECT);
}

static void
run_replaced (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  if (self->held != NULL)
    {
      FerryJingleEffect *effect =
          push_send (self, effects, FERRY_JINGLE_DO_SEND_TRANSPORT_REJECT);
      if (effect != NULL)
        effect->ibb = g_steal_pointer (&self->held);
      g_clear_pointer (&self->held, ferry_jingle_ibb_free);
    }
  agree_block_size (self, event->ibb);
  open_inband (self, effects, FERRY_IBB_OPENER);
}

static void
run_take_second (FerryJingleMachine *self,
                 const FerryJingleEvent *event,
                 FerryJingleEffects *effects)
{
  self->is_second = TRUE;
  self->peer_left = FALSE;
  g_clear_pointer (&self->ibb, ferry_jingle_ibb_free);
  self->ibb = ferry_jingle_ibb_new (event->ibb->sid, event->ibb->block_size);
  push (effects, FERRY_JINGLE_DO_NOTE_FALLBACK);
  open_inband (self, effects, FERRY_IBB_OPENED);
  push (effects, FERRY_JINGLE_DO_SEND_ACCEPT);
}

/* The responder's side of a second offer: the session ends, the transfer waits for a moment. */
static void
run_await_second (FerryJingleMachine *self,
                  const FerryJingleEvent *event,
                  FerryJingleEffects *effects)
{
  if (event->type != EV (PEER_TERMINATE))
    terminate (self, effects, FERRY_JINGLE_REASON_FAILED_TRANSPORT, NULL);
  self->s5b_failed = TRUE;
  self->peer_left = TRUE;
}

/* --- The pipe --------------------------------------------------------------------------------
 */

static void
run_opened (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  push (effects, FERRY_JINGLE_DO_HAND_OVER);
}

static void
run_sent (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  FerryJingleEffect *effect = NULL;

  if (event->hash.algo != FERRY_HASH_NONE)
    effect = push_send (self, effects, FERRY_JINGLE_DO_SEND_CHECKSUM);
  if (effect != NULL)
    effect->hash = event->hash;
  /* An early `success` alone is worth nothing; with an orderly end of the stream it is. */
  if (self->peer_success && event->peer_closed)
    push (effects, FERRY_JINGLE_DO_RECEIVED);
  push (effects, FERRY_JINGLE_DO_CLOSE_PIPE);
}

static void
run_complete (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  push_send (self, effects, FERRY_JINGLE_DO_SEND_RECEIVED);
  terminate (self, effects, FERRY_JINGLE_REASON_SUCCESS, NULL);
  push (effects, FERRY_JINGLE_DO_CLOSE_PIPE);
  end (self, effects, NULL);
}

static void
run_end (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  end (self, effects, NULL);
}

/* The peer has not said a word after our last byte: then it is on us to close (spec of the flow:
 * 30 s). */
static void
run_close (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  terminate (self, effects, FERRY_JINGLE_REASON_SUCCESS, NULL);
  end (self, effects, NULL);
}

static void
run_stuck (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  terminate (self, effects, FERRY_JINGLE_REASON_TIMEOUT, NULL);
  end_with (self, effects, FERRY_ERROR_TIMEOUT, "The last bytes did not reach the peer");
}

static void
run_broken (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  g_clear_error (&self->error);
  self->error = g_error_copy (event->error);
}

static void
run_end_broken (FerryJingleMachine *self,
                const FerryJingleEvent *event,
                FerryJingleEffects *effects)
{
  terminate (self, effects, FERRY_JINGLE_REASON_FAILED_TRANSPORT, NULL);
  end (self, effects, g_steal_pointer (&self->error));
}

/* --- The end ---------------------------------------------------------------------------------
 */

static void
run_cancel (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  if (self->state != ST (GATHERING) && self->state != ST (NEW))
    terminate (self, effects, FERRY_JINGLE_REASON_CANCEL, NULL);
  end_cancelled (self, effects);
}

static void
run_fail (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  if (self->state != ST (GATHERING) && self->state != ST (NEW))
    terminate (self, effects, ferry_jingle_reason_for_error (event->error), event->error);
  end (self, effects, g_error_copy (event->error));
}

static void
run_answer_refused (FerryJingleMachine *self,
                    const FerryJingleEvent *event,
                    FerryJingleEffects *effects)
{
  terminate (self, effects, FERRY_JINGLE_REASON_GENERAL_ERROR, NULL);
  end (self, effects, g_error_copy (event->error));
}

static void
run_forgotten (FerryJingleMachine *self,
               const FerryJingleEvent *event,
               FerryJingleEffects *effects)
{
  end_with (self, effects, FERRY_ERROR_GONE, "The other side has forgotten this session");
}

static void
run_lost (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  self->peer_left = TRUE;
  end (self, effects, g_error_copy (event->error));
}

static void
run_alone (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  self->peer_left = TRUE;
}

static void
run_peer_ends (FerryJingleMachine *self,
               const FerryJingleEvent *event,
               FerryJingleEffects *effects)
{
  g_autoptr (GError) error = ferry_jingle_reason_to_error (event->reason, event->text);

  self->peer_left = TRUE;
  if (error->code == FERRY_ERROR_UNREACHABLE && self->state >= ST (OPEN))
    error->code = FERRY_ERROR_BROKEN;
  else if (error->code == FERRY_ERROR_UNREACHABLE && self->route_denied)
    error->code = FERRY_ERROR_ROUTE;
  end (self, effects, g_steal_pointer (&error));
}

/* Gajim terminates with success while bytes still flow (it closes a spare connection): the pipe
 * goes on, and the word alone proves nothing. */
static void
run_early_success (FerryJingleMachine *self,
                   const FerryJingleEvent *event,
                   FerryJingleEffects *effects)
{
  self->peer_left = TRUE;
  self->peer_success = TRUE;
}

static void
run_success (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  self->peer_left = TRUE;
  if (event->reason == FERRY_JINGLE_REASON_SUCCESS)
    push (effects, FERRY_JINGLE_DO_RECEIVED);
  if (self->state == ST (CLOSING))
    end (self, effects, NULL);
}

static void
run_success_broken (FerryJingleMachine *self,
                    const FerryJingleEvent *event,
                    FerryJingleEffects *effects)
{
  self->peer_left = TRUE;
  end (self, effects, g_steal_pointer (&self->error));
}

static void
run_removed (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  terminate (self, effects, FERRY_JINGLE_REASON_CANCEL, NULL);
  end (self, effects, ferry_jingle_reason_to_error (event->reason, event->text));
}

static void
run_reversed (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  terminate (self, effects, FERRY_JINGLE_REASON_INCOMPATIBLE_PARAMETERS, NULL);
  end_with (self, effects, FERRY_ERROR_PROTOCOL, "The peer wants to turn the direction round");
}

/* --- Said at any time ------------------------------------------------------------------------
 */

static void
run_received (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  if (self->role == FERRY_JINGLE_INITIATOR)
    push (effects, FERRY_JINGLE_DO_RECEIVED);
}

static void
run_checksum (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  if (self->role == FERRY_JINGLE_RESPONDER)
    push (effects, FERRY_JINGLE_DO_CHECKSUM)->hash = event->hash;
}

static void
run_unknown_info (FerryJingleMachine *self,
                  const FerryJingleEvent *event,
                  FerryJingleEffects *effects)
{
  FerryJingleEffect *effect = push (effects, FERRY_JINGLE_DO_ERROR);
  effect->condition = FERRY_STANZA_FEATURE_NOT_IMPLEMENTED;
  effect->detail = "unsupported-info";
}

static void
run_bad (FerryJingleMachine *self, const FerryJingleEvent *event, FerryJingleEffects *effects)
{
  push (effects, FERRY_JINGLE_DO_ERROR)->condition = FERRY_STANZA_BAD_REQUEST;
}

static void
run_reject_content (FerryJingleMachine *self,
                    const FerryJingleEvent *event,
                    FerryJingleEffects *effects)
{
  push_send (self, effects, FERRY_JINGLE_DO_SEND_CONTENT_REJECT);
}

/* --- The table -------------------------------------------------------------------------------
 */

/* clang-format off */
#define STAY ST (NEW)
#define TO(next, run) { next, run, TRUE }

/* What is the same wherever there is a session. */
#define TALK                                                                                   \
  [EV (PEER_RECEIVED)] = TO (STAY, run_received),                                              \
  [EV (PEER_CHECKSUM)] = TO (STAY, run_checksum),                                              \
  [EV (PEER_PING)]     = TO (STAY, NULL),                                                      \
  [EV (PEER_INFO)]     = TO (STAY, run_unknown_info),                                          \
  [EV (PEER_BAD)]      = TO (STAY, run_bad),                                                   \
  [EV (PEER_IGNORED)]  = TO (STAY, NULL),                                                      \
  [EV (PEER_REVERSE)]  = TO (ST (ENDED), run_reversed),                                        \
  [EV (PEER_REMOVE)]   = TO (ST (ENDED), run_removed)
/* How a session ends that has no pipe yet. */
#define ENDS                                                                                   \
  [EV (PEER_TERMINATE)] = TO (ST (ENDED), run_peer_ends),                                      \
  [EV (PEER_SUCCESS)]   = TO (ST (ENDED), run_peer_ends),                                      \
  [EV (PEER_RETRY)]     = TO (ST (ENDED), run_peer_ends),                                      \
  [EV (PEER_MAY_RETRY)] = TO (ST (ENDED), run_peer_ends),                                      \
  [EV (FORGOTTEN)]      = TO (ST (ENDED), run_forgotten),                                      \
  STOPS
/* How we can be stopped from our side, everywhere. */
#define STOPS                                                                                  \
  [EV (CANCEL)]      = TO (ST (ENDED), run_cancel),                                            \
  [EV (FAIL)]        = TO (ST (ENDED), run_fail),                                              \
  [EV (FAIL_BROKEN)] = TO (ST (ENDED), run_fail),                                              \
  [EV (LOST)]        = TO (ST (ENDED), run_lost)
/* The transports' own failures, where a session is agreed and no byte has moved. */
#define MAY_FAIL                                                                               \
  [EV (NO_WAY)]         = TO (ST (ENDED), run_no_way),                                         \
  [EV (RETRY)]          = TO (ST (OFFERING), run_offer_again),                                 \
  [EV (MAY_RETRY)]      = TO (ST (AWAIT_SECOND), run_await_second),                            \
  [EV (PEER_ADD)]       = TO (STAY, run_reject_content),                                       \
  [EV (ANSWER_REFUSED)] = TO (ST (ENDED), run_answer_refused)
/* The other side's second thoughts about the transport, once ours is settled. */
#define SETTLED                                                                                \
  [EV (PEER_TRANSPORT_INFO)]  = TO (STAY, NULL),                                               \
  [EV (PEER_REPLACE)]         = TO (STAY, run_reject),                                         \
  [EV (PEER_REPLACE_NO)]      = TO (STAY, run_reject),                                         \
  [EV (PEER_REPLACE_TAKEN)]   = TO (STAY, NULL),                                               \
  [EV (PEER_REPLACE_REFUSED)] = TO (STAY, NULL),                                               \
  [EV (PEER_ADD)]             = TO (STAY, run_reject_content)

/* A row may set aside what such a group says. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

/* Rows: state.  Columns: event.  An empty cell is `out-of-order` for the peer's actions, and
 * means nothing for all other events: they come too late. */
static const Cell table[FERRY_JINGLE_N_STATES][FERRY_JINGLE_N_EVENTS] = {
  [ST (NEW)] = {
    [EV (START)] = TO (ST (GATHERING), run_gather),
    STOPS },
  [ST (GATHERING)] = {
    [EV (GATHERED)]        = TO (ST (OFFERING), run_offer),
    [EV (GATHERED_INBAND)] = TO (ST (OFFERING), run_offer_inband),
    [EV (TIMEOUT)]         = TO (ST (ENDED), run_no_answer),
    STOPS },
  [ST (OFFERING)] = {
    /* An answer of the peer that overtakes its acknowledgement stands for it. */
    [EV (ACKED)]               = TO (ST (PENDING), NULL),
    [EV (PEER_ACCEPT)]         = TO (ST (CONNECTING), run_answer),
    [EV (PEER_ACCEPT_INBAND)]  = TO (ST (OPENING), run_answer_inband),
    [EV (PEER_ACCEPT_BAD)]     = TO (ST (ENDED), run_answer_bad),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, run_keep_info),
    [EV (INITIATE_REFUSED)]    = TO (ST (ENDED), run_refused),
    [EV (TIMEOUT)]             = TO (ST (ENDED), run_no_answer),
    TALK, ENDS,
    [EV (CANCEL)]              = TO (ST (WITHDRAWN), run_withdraw),
    [EV (FAIL)]                = TO (ST (WITHDRAWN), run_withdraw),
    [EV (FAIL_BROKEN)]         = TO (ST (WITHDRAWN), run_withdraw) },
  [ST (WITHDRAWN)] = {
    [EV (ACKED)]               = TO (ST (ENDED), run_withdrawn),
    [EV (PEER_ACCEPT)]         = TO (ST (ENDED), run_withdrawn),
    [EV (PEER_ACCEPT_INBAND)]  = TO (ST (ENDED), run_withdrawn),
    [EV (PEER_ACCEPT_BAD)]     = TO (ST (ENDED), run_answer_bad),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, NULL),
    [EV (PEER_TERMINATE)]      = TO (ST (ENDED), NULL),
    [EV (PEER_SUCCESS)]        = TO (ST (ENDED), NULL),
    [EV (INITIATE_REFUSED)]    = TO (ST (ENDED), NULL),
    [EV (LOST)]                = TO (ST (ENDED), NULL),
    [EV (TIMEOUT)]             = TO (ST (ENDED), NULL),
    TALK },
  [ST (PENDING)] = {
    [EV (PEER_ACCEPT)]         = TO (ST (CONNECTING), run_answer),
    [EV (PEER_ACCEPT_INBAND)]  = TO (ST (OPENING), run_answer_inband),
    [EV (PEER_ACCEPT_BAD)]     = TO (ST (ENDED), run_answer_bad),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, run_keep_info),
    [EV (TIMEOUT)]             = TO (ST (PENDING_LONG), run_silent),
    TALK, ENDS },
  [ST (PENDING_LONG)] = {
    [EV (PEER_ACCEPT)]         = TO (ST (CONNECTING), run_answer),
    [EV (PEER_ACCEPT_INBAND)]  = TO (ST (OPENING), run_answer_inband),
    [EV (PEER_ACCEPT_BAD)]     = TO (ST (ENDED), run_answer_bad),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, run_keep_info),
    [EV (TIMEOUT)]             = TO (ST (ENDED), run_no_answer),
    TALK, ENDS },
  [ST (ASKING)] = {
    [EV (ACCEPT)]              = TO (ST (PREPARING), run_gather),
    [EV (NO_ROUTE)]            = TO (ST (ENDED), run_no_route),
    [EV (DECLINE)]             = TO (ST (ENDED), run_decline),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, run_keep_info),
    TALK, ENDS },
  [ST (PREPARING)] = {
    [EV (GATHERED)]            = TO (ST (CONNECTING), run_answer),
    [EV (GATHERED_INBAND)]     = TO (ST (OPENING), run_answer_inband),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, run_keep_info),
    [EV (TIMEOUT)]             = TO (ST (ENDED), run_no_way),
    TALK, ENDS },
  [ST (CONNECTING)] = {
    [EV (OPENED)]              = TO (ST (OPEN), run_opened),
    [EV (FALL_BACK)]           = TO (ST (REPLACING), run_replace), /* I */
    [EV (OPEN_FAILED)]         = TO (ST (AWAIT_REPLACE), run_s5b_failed), /* R */
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, run_link),
    [EV (PEER_REPLACE)]        = TO (ST (OPENING), run_take_theirs),
    [EV (PEER_REPLACE_NO)]     = TO (STAY, run_reject),
    TALK, ENDS, MAY_FAIL,
    [EV (PEER_SUCCESS)]        = TO (STAY, run_early_success),
    [EV (PEER_RETRY)]          = TO (ST (OFFERING), run_offer_again),
    [EV (PEER_MAY_RETRY)]      = TO (ST (AWAIT_SECOND), run_await_second) },
  [ST (REPLACING)] = {
    [EV (PEER_REPLACE_TAKEN)]   = TO (ST (OPENING), run_replaced),
    [EV (PEER_REPLACE)]         = TO (ST (HOLDING), run_hold),
    [EV (PEER_REPLACE_NO)]      = TO (STAY, run_reject),
    [EV (PEER_TRANSPORT_INFO)]  = TO (STAY, NULL),
    TALK, ENDS, MAY_FAIL,
    [EV (PEER_RETRY)]           = TO (ST (OFFERING), run_offer_again) },
  [ST (HOLDING)] = {
    [EV (PEER_REPLACE_TAKEN)]   = TO (ST (OPENING), run_replaced),
    [EV (PEER_REPLACE_REFUSED)] = TO (ST (OPENING), run_take_held),
    [EV (REPLACE_REFUSED)]      = TO (ST (OPENING), run_take_held),
    [EV (TIMEOUT)]              = TO (ST (OPENING), run_take_held),
    [EV (PEER_REPLACE)]         = TO (STAY, run_hold),
    [EV (PEER_REPLACE_NO)]      = TO (STAY, run_reject),
    [EV (PEER_TRANSPORT_INFO)]  = TO (STAY, NULL),
    TALK, ENDS, MAY_FAIL,
    [EV (PEER_RETRY)]           = TO (ST (OFFERING), run_offer_again) },
  [ST (AWAIT_REPLACE)] = {
    [EV (PEER_REPLACE)]        = TO (ST (OPENING), run_take_theirs),
    [EV (PEER_REPLACE_NO)]     = TO (STAY, run_reject),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, NULL),
    TALK, ENDS, MAY_FAIL,
    [EV (PEER_MAY_RETRY)]      = TO (ST (AWAIT_SECOND), run_await_second) },
  [ST (AWAIT_SECOND)] = {
    [EV (PEER_SECOND)]    = TO (ST (OPENING), run_take_second),
    [EV (PEER_TERMINATE)] = TO (STAY, NULL),
    [EV (PEER_SUCCESS)]   = TO (STAY, NULL),
    [EV (PEER_MAY_RETRY)] = TO (STAY, NULL),
    [EV (NO_WAY)]         = TO (ST (ENDED), run_no_way),
    STOPS },
  [ST (OPENING)] = {
    [EV (OPENED)] = TO (ST (OPEN), run_opened),
    SETTLED, TALK, ENDS, MAY_FAIL,
    [EV (PEER_SUCCESS)]   = TO (STAY, run_early_success),
    [EV (PEER_RETRY)]     = TO (ST (OFFERING), run_offer_again),
    [EV (PEER_MAY_RETRY)] = TO (ST (AWAIT_SECOND), run_await_second) },
  [ST (OPEN)] = {
    [EV (SENT)]            = TO (ST (FLUSHING), run_sent),
    [EV (COMPLETE)]        = TO (ST (ENDED), run_complete),
    SETTLED, TALK, ENDS,
    [EV (ANSWER_REFUSED)]  = TO (ST (ENDED), run_answer_refused),
    [EV (PEER_SUCCESS)]    = TO (STAY, run_early_success),
    [EV (FAIL_BROKEN)]     = TO (ST (BREAKING), run_broken),
    [EV (LOST_PIPE_STAYS)] = TO (STAY, run_alone) },
  [ST (FLUSHING)] = {
    [EV (FLUSHED)]         = TO (ST (CLOSING), NULL),
    [EV (FLUSHED_ALONE)]   = TO (ST (ENDED), run_end),
    [EV (PIPE_BROKEN)]     = TO (ST (BREAKING), run_broken),
    [EV (TIMEOUT)]         = TO (ST (ENDED), run_stuck),
    SETTLED, TALK, ENDS,
    [EV (PEER_SUCCESS)]    = TO (STAY, run_success),
    [EV (FORGOTTEN)]       = TO (STAY, run_alone),
    [EV (LOST_PIPE_STAYS)] = TO (STAY, run_alone) },
  [ST (CLOSING)] = {
    [EV (TIMEOUT)]         = TO (ST (ENDED), run_close),
    SETTLED, TALK, ENDS,
    [EV (PEER_SUCCESS)]    = TO (ST (ENDED), run_success),
    [EV (FORGOTTEN)]       = TO (ST (ENDED), run_end),
    [EV (LOST)]            = TO (ST (ENDED), run_end),
    [EV (LOST_PIPE_STAYS)] = TO (ST (ENDED), run_end) },
  [ST (BREAKING)] = {
    [EV (PIPE_BROKEN)]     = TO (STAY, run_broken), /* a better reason of the pipe's own */
    [EV (TIMEOUT)]         = TO (ST (ENDED), run_end_broken),
    SETTLED, TALK, ENDS,
    [EV (PEER_SUCCESS)]    = TO (ST (ENDED), run_success_broken),
    [EV (LOST)]            = TO (ST (ENDED), run_success_broken) },
  /* Two terminates that cross on the way are both acknowledged. */
  [ST (ENDED)] = {
    [EV (PEER_TERMINATE)] = TO (STAY, NULL),
    [EV (PEER_SUCCESS)]   = TO (STAY, NULL),
    [EV (PEER_RETRY)]     = TO (STAY, NULL),
    [EV (PEER_MAY_RETRY)] = TO (STAY, NULL) },
};
#pragma GCC diagnostic pop

/* Milliseconds in a state before TIMEOUT; 0 is for ever. The race and the pump keep their own
 * time; the limits for CONNECTING, OPENING and FLUSHING are only there in case they fail to. */
static const guint timeouts_ms[FERRY_JINGLE_N_STATES][2] = {
                          /* I               R */
  [ST (GATHERING)]     = { 15 * SECOND,      0 },
  [ST (OFFERING)]      = { 60 * SECOND,      0 },
  [ST (WITHDRAWN)]     = { 60 * SECOND,      0 },
  [ST (PENDING)]       = { 60 * SECOND,      0 },
  [ST (PENDING_LONG)]  = { 540 * SECOND,     0 },
  [ST (PREPARING)]     = { 0,                15 * SECOND },
  [ST (CONNECTING)]    = { 120 * SECOND,     120 * SECOND },
  [ST (REPLACING)]     = { 60 * SECOND,      0 },
  [ST (HOLDING)]       = { 10 * SECOND,      0 },
  [ST (AWAIT_REPLACE)] = { 0,                30 * SECOND },
  [ST (AWAIT_SECOND)]  = { 0,                10 * SECOND },
  [ST (OPENING)]       = { 75 * SECOND,      30 * SECOND },
  [ST (FLUSHING)]      = { 120 * SECOND,     0 },
  [ST (CLOSING)]       = { 30 * SECOND,      0 },
  [ST (BREAKING)]      = { 5 * SECOND,       5 * SECOND },
};
/* clang-format on */

static const char *const state_names[] = {
  [ST (NEW)] = "new",
  [ST (GATHERING)] = "gathering",
  [ST (OFFERING)] = "offering",
  [ST (WITHDRAWN)] = "withdrawn",
  [ST (PENDING)] = "pending",
  [ST (PENDING_LONG)] = "pending-long",
  [ST (ASKING)] = "asking",
  [ST (PREPARING)] = "preparing",
  [ST (CONNECTING)] = "connecting",
  [ST (REPLACING)] = "replacing",
  [ST (HOLDING)] = "holding",
  [ST (AWAIT_REPLACE)] = "await-replace",
  [ST (AWAIT_SECOND)] = "await-second",
  [ST (OPENING)] = "opening",
  [ST (OPEN)] = "open",
  [ST (FLUSHING)] = "flushing",
  [ST (CLOSING)] = "closing",
  [ST (BREAKING)] = "breaking",
  [ST (ENDED)] = "ended",
};

const char *
ferry_jingle_state_get_name (FerryJingleState state)
{
  return state_names[state];
}

gboolean
ferry_jingle_event_is_peer (FerryJingleEventType type)
{
  return (type >= EV (PEER_BAD) && type <= EV (PEER_STRAY)) || type == EV (PEER_ACCEPT_INBAND) ||
         (type >= EV (PEER_SUCCESS) && type <= EV (PEER_REPLACE_NO));
}

/* --- Stepping --------------------------------------------------------------------------------
 */

void
ferry_jingle_machine_init (FerryJingleMachine *self,
                           FerryJingleRole role,
                           const char *id_seed,
                           gboolean is_inband,
                           gboolean may_inband,
                           gboolean route_denied)
{
  *self = (FerryJingleMachine){
    .role = role,
    .state = role == FERRY_JINGLE_INITIATOR ? ST (NEW) : ST (ASKING),
    .id_seed = g_strdup (id_seed),
    .is_inband = is_inband,
    .may_inband = may_inband,
    .route_denied = route_denied,
  };
}

void
ferry_jingle_machine_set_routes (FerryJingleMachine *self,
                                 gboolean may_inband,
                                 gboolean route_denied)
{
  self->may_inband = may_inband;
  self->route_denied = route_denied;
}

void
ferry_jingle_machine_clear (FerryJingleMachine *self)
{
  g_clear_pointer (&self->id_seed, g_free);
  g_clear_pointer (&self->ibb, ferry_jingle_ibb_free);
  g_clear_pointer (&self->held, ferry_jingle_ibb_free);
  g_clear_error (&self->error);
}

/* Could a second session, in-band from the start, still bring the file over? Dino and others
 * give a session up with its first transport. */
static gboolean
can_retry (const FerryJingleMachine *self)
{
  return self->may_inband && !self->is_second && !self->peer_left &&
         (self->s5b_failed || !self->is_inband);
}

static FerryJingleEventType
refine_no_way (const FerryJingleMachine *self)
{
  if (!can_retry (self) || !self->s5b_failed)
    return EV (NO_WAY);
  return self->role == FERRY_JINGLE_INITIATOR ? EV (RETRY) : EV (MAY_RETRY);
}

static FerryJingleEventType
refine_open_failed (const FerryJingleMachine *self)
{
  if (self->is_inband || self->peer_left)
    return refine_no_way (self);
  if (self->role == FERRY_JINGLE_RESPONDER)
    return EV (OPEN_FAILED);
  return self->may_inband ? EV (FALL_BACK) : EV (NO_WAY);
}

static FerryJingleEventType
refine_terminate (const FerryJingleMachine *self, FerryJingleReason reason)
{
  gboolean is_done = self->state == ST (FLUSHING) || self->state == ST (CLOSING);
  gboolean is_connecting = self->state >= ST (CONNECTING) && self->state <= ST (OPENING);

  if (reason == FERRY_JINGLE_REASON_SUCCESS || (reason == FERRY_JINGLE_REASON_NONE && is_done))
    return EV (PEER_SUCCESS);
  if ((reason == FERRY_JINGLE_REASON_FAILED_TRANSPORT ||
       reason == FERRY_JINGLE_REASON_CONNECTIVITY_ERROR) &&
      is_connecting && can_retry (self))
    return self->role == FERRY_JINGLE_INITIATOR ? EV (PEER_RETRY) : EV (PEER_MAY_RETRY);
  return EV (PEER_TERMINATE);
}

static FerryJingleEventType
refine_timeout (const FerryJingleMachine *self)
{
  if (self->state == ST (CONNECTING))
    return refine_open_failed (self);
  if (self->state == ST (REPLACING) || self->state == ST (AWAIT_REPLACE) ||
      self->state == ST (OPENING))
    return refine_no_way (self);
  return self->state == ST (AWAIT_SECOND) ? EV (NO_WAY) : EV (TIMEOUT);
}

/* The table has one column for each different consequence; here an event is sorted into its
 * column. Returns: N_EVENTS if it has none now */
static FerryJingleEventType
refine (const FerryJingleMachine *self, const FerryJingleEvent *event)
{
  gboolean has_pipe = self->state == ST (OPEN) || self->state == ST (FLUSHING) ||
                      self->state == ST (CLOSING);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (event->type)
    {
    case EV (GATHERED):
      return self->is_inband ? EV (GATHERED_INBAND) : EV (GATHERED);
    case EV (ACCEPT):
      return self->is_inband && !self->may_inband ? EV (NO_ROUTE) : EV (ACCEPT);
    case EV (PEER_ACCEPT):
      return self->is_inband ? EV (PEER_ACCEPT_INBAND) : EV (PEER_ACCEPT);
    case EV (OPEN_FAILED):
      return refine_open_failed (self);
    case EV (TIMEOUT):
      return refine_timeout (self);
    case EV (REPLACE_REFUSED):
    case EV (PEER_REPLACE_REFUSED):
      return self->state == ST (REPLACING) ? refine_no_way (self) : event->type;
    case EV (ANSWER_REFUSED):
      return self->state == ST (OPENING) && self->s5b_failed ? refine_no_way (self)
                                                              : EV (ANSWER_REFUSED);
    case EV (PEER_TERMINATE):
      return refine_terminate (self, event->reason);
    case EV (PEER_REPLACE):
      return event->ibb != NULL && self->may_inband ? EV (PEER_REPLACE) : EV (PEER_REPLACE_NO);
    case EV (FLUSHED):
      return self->peer_left ? EV (FLUSHED_ALONE) : EV (FLUSHED);
    case EV (PIPE_BROKEN):
      return self->peer_left && self->state == ST (FLUSHING) ? EV (FAIL) : EV (PIPE_BROKEN);
    case EV (FAIL):
      return g_error_matches (event->error, FERRY_ERROR, FERRY_ERROR_BROKEN) && !self->peer_left
                 ? EV (FAIL_BROKEN)
                 : EV (FAIL);
    case EV (LOST):
      return has_pipe && !self->is_inband ? EV (LOST_PIPE_STAYS) : EV (LOST);
    case EV (FORGOTTEN):
      return self->peer_left ? FERRY_JINGLE_N_EVENTS : EV (FORGOTTEN);
    default:
      return event->type;
    }
#pragma GCC diagnostic pop
}

static void
reply_out_of_order (const FerryJingleMachine *self, FerryJingleEffects *effects)
{
  gboolean is_over = self->state == ST (ENDED) || self->state == ST (AWAIT_SECOND);
  FerryJingleEffect *effect = push (effects, FERRY_JINGLE_DO_ERROR);

  effect->condition = is_over ? FERRY_STANZA_ITEM_NOT_FOUND : FERRY_STANZA_UNEXPECTED_REQUEST;
  effect->detail = is_over ? "unknown-session" : "out-of-order";
}

void
ferry_jingle_machine_step (FerryJingleMachine *self,
                           const FerryJingleEvent *event,
                           FerryJingleEffects *effects)
{
  g_return_if_fail (event->type < EV (GATHERED_INBAND));

  gboolean is_peer = ferry_jingle_event_is_peer (event->type);
  FerryJingleEventType column = refine (self, event);
  effects->n_items = 0;
  if (column == FERRY_JINGLE_N_EVENTS)
    return;

  const Cell *cell = &table[self->state][column];
  if (!cell->legal)
    {
      if (is_peer)
        reply_out_of_order (self, effects);
      return;
    }
  if (is_peer && event->type != EV (PEER_BAD) && event->type != EV (PEER_INFO) &&
      event->type != EV (PEER_ACCEPT_BAD))
    push (effects, FERRY_JINGLE_DO_RESULT);
  if (cell->run != NULL)
    cell->run (self, event, effects);
  if (cell->next != STAY)
    {
      g_debug ("%s: %s → %s on %d", self->id_seed, state_names[self->state],
               state_names[cell->next], column);
      self->state = cell->next;
    }
}

guint
ferry_jingle_machine_get_timeout_ms (const FerryJingleMachine *self)
{
  return timeouts_ms[self->state][self->role == FERRY_JINGLE_INITIATOR ? 0 : 1];
}

void
ferry_jingle_effects_clear (FerryJingleEffects *self)
{
  for (guint i = 0; i < self->n_items; i++)
    {
      g_clear_pointer (&self->items[i].ibb, ferry_jingle_ibb_free);
      g_clear_error (&self->items[i].error);
    }
  self->n_items = 0;
}

void
ferry_jingle_event_clear (FerryJingleEvent *self)
{
  g_clear_pointer (&self->ibb, ferry_jingle_ibb_free);
  g_clear_pointer (&self->s5b, ferry_jingle_s5b_free);
}
