/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-ibb"

#include "config.h"

#include "bytestream/ibb/ferry-ibb.h"

#include "base/ferry-error.h"

#include <gio/gio.h>

#define SILENT_MS 5000      /* OPENER_IF_SILENT waits so long for the peer's <open/> */
#define PEER_OPEN_MS 60000  /* OPENED does */
#define CLOSE_MS 2000       /* libpurple never answers <close/> */
#define QUIET_MS 2000       /* LOCAL_CLOSE: nothing to send for so long */
#define FIRST_RETRY_MS 2000 /* then doubled */
#define MAX_RETRIES 3
#define MAX_EMPTY 16
#define MIN_BLOCK_SIZE 1024 /* we do not halve below this */

typedef struct
{
  FerryIbbEffects *effects;
  gint64 now;
  FerryIbbState from;
} Step;

typedef void (*Action) (FerryIbb *self, const FerryIbbEvent *event, Step *step);

typedef struct
{
  FerryIbbState next; /* unless the action ends the stream or begins to close it */
  Action action;      /* NULL: the event means nothing in this state */
} Cell;

static void
emit (Step *step, FerryIbbEffectType type)
{
  g_assert (step->effects->n_items < G_N_ELEMENTS (step->effects->items));
  step->effects->items[step->effects->n_items++].type = type;
}

static void
emit_seq (Step *step, FerryIbbEffectType type, guint16 seq)
{
  emit (step, type);
  step->effects->items[step->effects->n_items - 1].seq = seq;
}

static void
refuse (Step *step, FerryStanzaCondition condition)
{
  emit (step, FERRY_IBB_DO_REFUSE);
  step->effects->items[step->effects->n_items - 1].condition = condition;
}

/* Over, for @error (transfer full) or in order. A stream that the peer may believe open is
 * closed on the wire, without waiting for an answer. */
static void
end (FerryIbb *self, Step *step, GError *error)
{
  if (error != NULL &&
      (step->from == FERRY_IBB_STATE_OPEN || step->from == FERRY_IBB_STATE_OPENING))
    emit (step, FERRY_IBB_DO_CLOSE);
  self->state = FERRY_IBB_STATE_ENDED;
  self->error = error;
  self->state_deadline = self->retry_at = self->quiet_at = -1;
  emit (step, FERRY_IBB_DO_END);
}

static void
fail (FerryIbb *self, Step *step, FerryError code, const char *reason)
{
  end (self, step, g_error_new_literal (FERRY_ERROR, code, reason));
}

static void
fail_as_event (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  end (self, step,
       event->error != NULL
           ? g_error_copy (event->error)
           : g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BROKEN, "The peer refused a block"));
}

/* --- Opening --------------------------------------------------------------------------------
 */

static void
send_open (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  self->state = FERRY_IBB_STATE_OPENING;
  self->state_deadline = -1;
  self->we_opened = TRUE;
  emit (step, FERRY_IBB_DO_OPEN);
}

static void
begin (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  if (self->role == FERRY_IBB_OPENER)
    send_open (self, event, step);
  else
    self->state_deadline =
        step->now + (self->role == FERRY_IBB_OPENED ? PEER_OPEN_MS : SILENT_MS);
}

static void
end_silence (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  if (step->now < self->state_deadline)
    return;
  if (self->role == FERRY_IBB_OPENER_IF_SILENT)
    send_open (self, event, step);
  else
    fail (self, step, FERRY_ERROR_TIMEOUT, "The peer did not open the in-band stream");
}

static void
become_open (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  emit (step, FERRY_IBB_DO_READY);
}

/* XEP-0047 §2.1: resource-constraint to <open/> asks for smaller blocks. */
static void
open_smaller (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  if (ferry_stanza_error_get_condition (event->error) != FERRY_STANZA_RESOURCE_CONSTRAINT ||
      self->block_size / 2 < MIN_BLOCK_SIZE)
    {
      step->from = FERRY_IBB_STATE_WAITING; /* refused: there is nothing to close */
      fail_as_event (self, event, step);
      return;
    }
  self->block_size /= 2;
  emit (step, FERRY_IBB_DO_OPEN);
}

/* Two sides that both wait for the other may both lose patience: then both <open/> count. */
static void
accept_open (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  if (self->peer_opened && event->repeated && !self->got_any)
    {
      emit (step, FERRY_IBB_DO_ACCEPT);
      return;
    }

  FerryStanzaCondition condition;
  if (self->role == FERRY_IBB_OPENER)
    condition = FERRY_STANZA_ITEM_NOT_FOUND;
  else if (self->peer_opened)
    condition = FERRY_STANZA_NOT_ACCEPTABLE;
  else if (event->block_size > self->block_size)
    condition = FERRY_STANZA_RESOURCE_CONSTRAINT;
  else
    {
      self->peer_opened = TRUE;
      self->block_size = event->block_size;
      self->by_message = event->stanza == FERRY_IBB_STANZA_MESSAGE;
      self->takes_messages = event->stanza != FERRY_IBB_STANZA_IQ;
      self->state_deadline = -1;
      emit (step, FERRY_IBB_DO_ACCEPT);
      if (step->from != FERRY_IBB_STATE_OPEN)
        emit (step, FERRY_IBB_DO_READY);
      return;
    }
  self->state = step->from;
  refuse (step, condition);
}

static void
refuse_unknown (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  if (!event->by_message)
    refuse (step, FERRY_STANZA_ITEM_NOT_FOUND);
}

/* --- Receiving ------------------------------------------------------------------------------
 */

static void
reject (FerryIbb *self,
        const FerryIbbEvent *event,
        Step *step,
        FerryStanzaCondition condition,
        FerryError code,
        const char *reason)
{
  if (!event->by_message)
    refuse (step, condition);
  fail (self, step, code, reason);
}

static void
take_block (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  if (event->by_message && !self->takes_messages)
    {
      fail (self, step, FERRY_ERROR_PROTOCOL, "Message in an in-band stream of iqs");
      return;
    }
  /* XEP-0198: a block whose result was lost on a broken connection comes again. */
  if (event->repeated && self->got_any && event->seq == (guint16) (self->expected_seq - 1))
    {
      if (!event->by_message)
        emit (step, FERRY_IBB_DO_ACCEPT);
      return;
    }
  if (event->seq != self->expected_seq)
    {
      reject (self, event, step, FERRY_STANZA_UNEXPECTED_REQUEST, FERRY_ERROR_PROTOCOL,
              "In-band block out of sequence");
      return;
    }
  self->n_empty = event->size == 0 ? self->n_empty + 1 : 0;
  if (self->n_empty > MAX_EMPTY)
    {
      reject (self, event, step, FERRY_STANZA_POLICY_VIOLATION, FERRY_ERROR_LIMIT,
              "Too many empty in-band blocks");
      return;
    }
  if (self->pending_bytes + event->size > FERRY_IBB_MAX_PENDING_BYTES ||
      (!event->by_message && self->n_pending == FERRY_IBB_MAX_PENDING))
    {
      reject (self, event, step, FERRY_STANZA_RESOURCE_CONSTRAINT, FERRY_ERROR_LIMIT,
              "The peer sends without waiting for answers");
      return;
    }

  self->expected_seq++;
  self->got_any = TRUE;
  self->pending_bytes += event->size;
  self->n_pending += event->by_message ? 0 : 1;
  emit (step, FERRY_IBB_DO_DELIVER);
}

static void
reject_bad (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  reject (self, event, step, FERRY_STANZA_BAD_REQUEST, FERRY_ERROR_PROTOCOL,
          "In-band block that cannot be decoded, or is larger than agreed");
}

static void
made_room (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  g_assert (self->pending_bytes >= event->size);
  self->pending_bytes -= event->size;
  if (event->by_message)
    return;
  g_assert (self->n_pending > 0);
  self->n_pending--;
  emit (step, FERRY_IBB_DO_ACK);
}

static void
peer_closed (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  for (; self->n_pending > 0; self->n_pending--)
    emit (step, FERRY_IBB_DO_ACK);
  emit (step, FERRY_IBB_DO_ACCEPT);
  step->from = FERRY_IBB_STATE_ENDED; /* answered; no <close/> of ours */
  if (self->sent.n_slots > 0 || event->size > 0)
    fail (self, step, FERRY_ERROR_CANCELLED_BY_PEER,
          "The peer closed the in-band stream before it had everything");
  else
    end (self, step, NULL);
}

/* --- Sending --------------------------------------------------------------------------------
 */

static void
release_first (FerryIbb *self, Step *step)
{
  ferry_ibb_window_pop (&self->sent);
  self->n_tries = 0;
  emit (step, FERRY_IBB_DO_RELEASE);
}

static void
close_if_sent (FerryIbb *self, Step *step)
{
  if (!self->local_eof || self->sent.n_slots > 0)
    return;
  self->state = FERRY_IBB_STATE_CLOSING;
  self->retry_at = self->quiet_at = -1;
  self->state_deadline = step->now + CLOSE_MS;
  emit (step, FERRY_IBB_DO_CLOSE);
}

static void
put_in_slot (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  g_assert (ferry_ibb_wants_local (self));
  emit_seq (step, FERRY_IBB_DO_SEND, ferry_ibb_window_push (&self->sent));
  if (self->leaving)
    self->quiet_at = step->now + QUIET_MS;
}

static void
resend_first (FerryIbb *self, Step *step)
{
  self->retry_at = -1;
  self->sent.slots[0] = FERRY_IBB_SLOT_FLYING;
  emit_seq (step, FERRY_IBB_DO_RESEND, self->sent.first_seq);
}

static void
acknowledge (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  guint index;

  if (!ferry_ibb_window_find (&self->sent, event->seq, &index))
    return;
  if (ferry_ibb_window_has (&self->sent, 0, index, FERRY_IBB_SLOT_PUT_OFF))
    {
      fail (self, step, FERRY_ERROR_PROTOCOL, "The peer took a block but not the one before");
      return;
    }

  self->proven = TRUE;
  self->sent.slots[index] = FERRY_IBB_SLOT_ACKED;
  while (self->sent.n_slots > 0 && self->sent.slots[0] == FERRY_IBB_SLOT_ACKED)
    release_first (self, step);
  /* It was behind another that was put off; if it was put off itself its own time counts. */
  if (self->sent.n_slots > 0 && self->sent.slots[0] == FERRY_IBB_SLOT_PUT_OFF &&
      self->retry_at < 0)
    resend_first (self, step);
  if (self->leaving)
    self->quiet_at = step->now + QUIET_MS;
  close_if_sent (self, step);
}

static gboolean
asks_to_wait (const GError *error)
{
  return error != NULL &&
         (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_BUSY) ||
          ferry_stanza_error_get_condition (error) == FERRY_STANZA_REMOTE_SERVER_TIMEOUT);
}

static void
refused_block (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  FerryStanzaCondition condition = event->error != NULL
                                       ? ferry_stanza_error_get_condition (event->error)
                                       : FERRY_STANZA_UNDEFINED_CONDITION;
  guint index;

  if (!ferry_ibb_window_find (&self->sent, event->seq, &index))
    return;

  /* The message itself was not refused; what answers for it has no other errors to offer. */
  if (self->by_message)
    {
      fail_as_event (self, event, step);
      return;
    }

  /* Coccinella reads blocks in messages only, and says so at the first one. */
  if (condition == FERRY_STANZA_FEATURE_NOT_IMPLEMENTED && !self->proven && !self->slow)
    {
      self->by_message = self->takes_messages = TRUE;
      resend_first (self, step);
      return;
    }

  /* A block that was put off makes those behind it come out of sequence. */
  gboolean is_behind = ferry_ibb_window_has (&self->sent, 0, index, FERRY_IBB_SLOT_PUT_OFF);
  if (!asks_to_wait (event->error) &&
      !(is_behind && condition == FERRY_STANZA_UNEXPECTED_REQUEST))
    {
      fail_as_event (self, event, step);
      return;
    }
  if (self->n_tries == MAX_RETRIES ||
      ferry_ibb_window_has (&self->sent, index + 1, self->sent.n_slots, FERRY_IBB_SLOT_ACKED))
    {
      fail_as_event (self, event, step);
      return;
    }
  self->sent.slots[index] = FERRY_IBB_SLOT_PUT_OFF;
  self->slow = TRUE;
  if (!is_behind)
    self->retry_at = step->now + (FIRST_RETRY_MS << self->n_tries++);
}

/* --- The end of our side --------------------------------------------------------------------
 */

static void
end_local (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  self->local_eof = TRUE;
  close_if_sent (self, step);
}

static void
leave (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  self->leaving = TRUE;
  self->quiet_at = step->now + QUIET_MS;
}

static void
lose_taker (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  fail (self, step, FERRY_ERROR_BROKEN, "Nobody takes the bytes of the in-band stream");
}

static void
abandon (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  end (
      self, step,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The in-band stream was dropped"));
}

static void
go_offline (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  step->from = FERRY_IBB_STATE_ENDED; /* nobody to tell */
  fail (self, step, FERRY_ERROR_OFFLINE, "The XMPP session ended under the in-band stream");
}

static void
finish (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  end (self, step, NULL);
}

/* --- Time -----------------------------------------------------------------------------------
 */

static gboolean
is_due (const Step *step, gint64 *deadline)
{
  if (*deadline < 0 || step->now < *deadline)
    return FALSE;
  *deadline = -1;
  return TRUE;
}

static void
pass_time (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  if (is_due (step, &self->retry_at))
    {
      /* An answer to a block behind may still be out: then it decides nothing any more. */
      if (ferry_ibb_window_has (&self->sent, 0, self->sent.n_slots, FERRY_IBB_SLOT_FLYING))
        self->retry_at = step->now + FIRST_RETRY_MS;
      else
        resend_first (self, step);
    }

  if (is_due (step, &self->quiet_at))
    {
      self->quiet_at = self->sent.n_slots > 0 ? step->now + QUIET_MS : -1;
      self->local_eof |= self->sent.n_slots == 0;
      close_if_sent (self, step);
    }
}

static void
stop_waiting_for_close (FerryIbb *self, const FerryIbbEvent *event, Step *step)
{
  if (is_due (step, &self->state_deadline))
    end (self, step, NULL);
}

/* Rows: state.  Columns: event.  An empty cell means that the event says nothing new in this
 * state; what the peer may not do has a cell that refuses it. */
/* clang-format off */
#define WAITING FERRY_IBB_STATE_WAITING
#define OPENING FERRY_IBB_STATE_OPENING
#define OPEN    FERRY_IBB_STATE_OPEN
#define CLOSING FERRY_IBB_STATE_CLOSING
#define ENDED   FERRY_IBB_STATE_ENDED
static const Cell table[FERRY_IBB_N_STATES][FERRY_IBB_N_EVENTS] = {
  [WAITING] = { [FERRY_IBB_EV_BEGIN]       = { WAITING, begin },
                [FERRY_IBB_EV_PEER_OPEN]   = { OPEN,    accept_open },
                [FERRY_IBB_EV_PEER_DATA]   = { WAITING, refuse_unknown },
                [FERRY_IBB_EV_PEER_BAD]    = { WAITING, refuse_unknown },
                [FERRY_IBB_EV_PEER_CLOSE]  = { WAITING, refuse_unknown },
                [FERRY_IBB_EV_ABANDON]     = { ENDED,   abandon },
                [FERRY_IBB_EV_LOCAL_CLOSE] = { ENDED,   abandon },
                [FERRY_IBB_EV_OFFLINE]     = { ENDED,   go_offline },
                [FERRY_IBB_EV_TIMER]       = { WAITING, end_silence } },
  [OPENING] = { [FERRY_IBB_EV_OPENED]      = { OPEN,    become_open },
                [FERRY_IBB_EV_REFUSED]     = { OPENING, open_smaller },
                [FERRY_IBB_EV_PEER_OPEN]   = { OPEN,    accept_open },
                [FERRY_IBB_EV_PEER_DATA]   = { OPENING, refuse_unknown },
                [FERRY_IBB_EV_PEER_BAD]    = { OPENING, refuse_unknown },
                [FERRY_IBB_EV_PEER_CLOSE]  = { OPENING, refuse_unknown },
                [FERRY_IBB_EV_ABANDON]     = { ENDED,   abandon },
                [FERRY_IBB_EV_LOCAL_CLOSE] = { ENDED,   abandon },
                [FERRY_IBB_EV_OFFLINE]     = { ENDED,   go_offline } },
  [OPEN]    = { [FERRY_IBB_EV_PEER_OPEN]   = { OPEN,    accept_open },
                [FERRY_IBB_EV_PEER_DATA]   = { OPEN,    take_block },
                [FERRY_IBB_EV_PEER_BAD]    = { ENDED,   reject_bad },
                [FERRY_IBB_EV_PEER_CLOSE]  = { ENDED,   peer_closed },
                [FERRY_IBB_EV_ACK]         = { OPEN,    acknowledge },
                [FERRY_IBB_EV_NAK]         = { OPEN,    refused_block },
                [FERRY_IBB_EV_BOUNCED]     = { ENDED,   fail_as_event },
                [FERRY_IBB_EV_ROOM]        = { OPEN,    made_room },
                [FERRY_IBB_EV_LOCAL_BYTES] = { OPEN,    put_in_slot },
                [FERRY_IBB_EV_LOCAL_EOF]   = { OPEN,    end_local },
                [FERRY_IBB_EV_LOCAL_CLOSE] = { OPEN,    leave },
                [FERRY_IBB_EV_LOCAL_GONE]  = { ENDED,   lose_taker },
                [FERRY_IBB_EV_ABANDON]     = { ENDED,   abandon },
                [FERRY_IBB_EV_OFFLINE]     = { ENDED,   go_offline },
                [FERRY_IBB_EV_TIMER]       = { OPEN,    pass_time } },
  [CLOSING] = { [FERRY_IBB_EV_PEER_DATA]   = { CLOSING, take_block },
                [FERRY_IBB_EV_PEER_OPEN]   = { CLOSING, refuse_unknown },
                [FERRY_IBB_EV_PEER_BAD]    = { ENDED,   reject_bad },
                [FERRY_IBB_EV_PEER_CLOSE]  = { ENDED,   peer_closed },
                [FERRY_IBB_EV_ROOM]        = { CLOSING, made_room },
                [FERRY_IBB_EV_CLOSED]      = { ENDED,   finish },
                [FERRY_IBB_EV_LOCAL_GONE]  = { ENDED,   finish },
                [FERRY_IBB_EV_ABANDON]     = { ENDED,   abandon },
                [FERRY_IBB_EV_OFFLINE]     = { ENDED,   finish },
                [FERRY_IBB_EV_TIMER]       = { CLOSING, stop_waiting_for_close } },
  [ENDED]   = { [FERRY_IBB_EV_PEER_OPEN]   = { ENDED,   refuse_unknown },
                [FERRY_IBB_EV_PEER_DATA]   = { ENDED,   refuse_unknown },
                [FERRY_IBB_EV_PEER_BAD]    = { ENDED,   refuse_unknown },
                [FERRY_IBB_EV_PEER_CLOSE]  = { ENDED,   refuse_unknown } },
};
/* clang-format on */

void
ferry_ibb_init (FerryIbb *self, FerryIbbRole role, guint block_size, guint window)
{
  *self = (FerryIbb){
    .role = role,
    .block_size = block_size,
    .window = window,
    .state_deadline = -1,
    .retry_at = -1,
    .quiet_at = -1,
  };
}

void
ferry_ibb_clear (FerryIbb *self)
{
  g_clear_error (&self->error);
}

void
ferry_ibb_step (FerryIbb *self,
                const FerryIbbEvent *event,
                gint64 now_ms,
                FerryIbbEffects *effects)
{
  static const char *const names[] = {
    [FERRY_IBB_STATE_WAITING] = "waiting", [FERRY_IBB_STATE_OPENING] = "opening",
    [FERRY_IBB_STATE_OPEN] = "open",       [FERRY_IBB_STATE_CLOSING] = "closing",
    [FERRY_IBB_STATE_ENDED] = "ended",
  };
  const Cell *cell = &table[self->state][event->type];
  Step step = { .effects = effects, .now = now_ms, .from = self->state };

  const FerryIbbState old = self->state;

  effects->n_items = 0;
  if (cell->action == NULL)
    return;
  self->state = cell->next;
  cell->action (self, event, &step);
  if (self->state != old)
    g_debug ("%s → %s on event %d", names[old], names[self->state], (int) event->type);
}

gboolean
ferry_ibb_wants_local (const FerryIbb *self)
{
  guint window = self->window != 0 ? MIN (self->window, FERRY_IBB_MAX_WINDOW)
                                   : ferry_ibb_window_suit (self->block_size);
  if (self->slow || !self->proven)
    window = 1;

  return self->state == FERRY_IBB_STATE_OPEN && !self->local_eof && self->sent.n_slots < window;
}

gint64
ferry_ibb_get_deadline (const FerryIbb *self)
{
  const gint64 all[] = { self->state_deadline, self->retry_at, self->quiet_at };
  gint64 first = -1;

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i] >= 0 && (first < 0 || all[i] < first))
      first = all[i];
  return first;
}
