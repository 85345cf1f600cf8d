/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-ibb"

#include "config.h"

#include "bytestream/ibb/ferry-ibb-private.h"

#include "base/ferry-error.h"

#include <gio/gio.h>

#define SILENT_MS 5000      /* OPENER_IF_SILENT waits so long for the peer's <open/> */
#define PEER_OPEN_MS 60000  /* OPENED does */
#define CLOSE_MS 2000       /* libpurple never answers <close/> */
#define MIN_BLOCK_SIZE 1024 /* we do not halve below this */

typedef void (*Action) (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step);

typedef struct
{
  FerryIbbState next; /* unless the action ends the stream or begins to close it */
  Action action;      /* NULL: the event means nothing in this state */
} Cell;

void
ferry_ibb_emit (FerryIbbStep *step, FerryIbbEffectType type)
{
  g_assert (step->effects->n_items < G_N_ELEMENTS (step->effects->items));
  step->effects->items[step->effects->n_items++].type = type;
}

void
ferry_ibb_emit_seq (FerryIbbStep *step, FerryIbbEffectType type, guint16 seq)
{
  ferry_ibb_emit (step, type);
  step->effects->items[step->effects->n_items - 1].seq = seq;
}

void
ferry_ibb_refuse (FerryIbbStep *step, FerryStanzaCondition condition)
{
  ferry_ibb_emit (step, FERRY_IBB_DO_REFUSE);
  step->effects->items[step->effects->n_items - 1].condition = condition;
}

void
ferry_ibb_end (FerryIbb *self, FerryIbbStep *step, GError *error)
{
  if (error != NULL &&
      (step->from == FERRY_IBB_STATE_OPEN || step->from == FERRY_IBB_STATE_OPENING))
    ferry_ibb_emit (step, FERRY_IBB_DO_CLOSE);
  self->state = FERRY_IBB_STATE_ENDED;
  self->error = error;
  self->state_deadline = self->retry_at = self->quiet_at = -1;
  ferry_ibb_emit (step, FERRY_IBB_DO_END);
}

void
ferry_ibb_fail (FerryIbb *self, FerryIbbStep *step, FerryError code, const char *reason)
{
  ferry_ibb_end (self, step, g_error_new_literal (FERRY_ERROR, code, reason));
}

void
ferry_ibb_fail_as_event (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  ferry_ibb_end (self, step,
                 event->error != NULL ? g_error_copy (event->error)
                                      : g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BROKEN,
                                                             "The peer refused a block"));
}

/* --- Opening --------------------------------------------------------------------------------
 */

static void
send_open (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  self->state = FERRY_IBB_STATE_OPENING;
  self->state_deadline = -1;
  self->we_opened = TRUE;
  ferry_ibb_emit (step, FERRY_IBB_DO_OPEN);
}

static void
begin (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  if (self->role == FERRY_IBB_OPENER)
    send_open (self, event, step);
  else
    self->state_deadline =
        step->now + (self->role == FERRY_IBB_OPENED ? PEER_OPEN_MS : SILENT_MS);
}

static void
end_silence (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  if (step->now < self->state_deadline)
    return;
  if (self->role == FERRY_IBB_OPENER_IF_SILENT)
    send_open (self, event, step);
  else
    ferry_ibb_fail (self, step, FERRY_ERROR_TIMEOUT,
                    "The peer did not open the in-band stream");
}

static void
become_open (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  ferry_ibb_emit (step, FERRY_IBB_DO_READY);
}

/* XEP-0047 §2.1: resource-constraint to <open/> asks for smaller blocks. */
static void
open_smaller (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  if (ferry_stanza_error_get_condition (event->error) != FERRY_STANZA_RESOURCE_CONSTRAINT ||
      self->block_size / 2 < MIN_BLOCK_SIZE)
    {
      step->from = FERRY_IBB_STATE_WAITING; /* refused: there is nothing to close */
      ferry_ibb_fail_as_event (self, event, step);
      return;
    }
  self->block_size /= 2;
  ferry_ibb_emit (step, FERRY_IBB_DO_OPEN);
}

/* Two sides that both wait for the other may both lose patience: then both <open/> count. */
static void
accept_open (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  if (self->peer_opened && event->repeated && !self->got_any)
    {
      ferry_ibb_emit (step, FERRY_IBB_DO_ACCEPT);
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
      ferry_ibb_emit (step, FERRY_IBB_DO_ACCEPT);
      if (step->from != FERRY_IBB_STATE_OPEN)
        ferry_ibb_emit (step, FERRY_IBB_DO_READY);
      return;
    }
  self->state = step->from;
  ferry_ibb_refuse (step, condition);
}

static void
refuse_unknown (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  if (!event->by_message)
    ferry_ibb_refuse (step, FERRY_STANZA_ITEM_NOT_FOUND);
}

/* --- The end of our side --------------------------------------------------------------------
 */

void
ferry_ibb_close_if_sent (FerryIbb *self, FerryIbbStep *step)
{
  if (!self->local_eof || self->sent.n_slots > 0)
    return;
  self->state = FERRY_IBB_STATE_CLOSING;
  self->retry_at = self->quiet_at = -1;
  self->state_deadline = step->now + CLOSE_MS;
  ferry_ibb_emit (step, FERRY_IBB_DO_CLOSE);
}

static void
end_local (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  self->local_eof = TRUE;
  ferry_ibb_close_if_sent (self, step);
}

static void
leave (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  self->leaving = TRUE;
  self->quiet_at = step->now + FERRY_IBB_QUIET_MS;
}

static void
lose_taker (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  ferry_ibb_fail (self, step, FERRY_ERROR_BROKEN,
                  "Nobody takes the bytes of the in-band stream");
}

static void
abandon (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  ferry_ibb_end (
      self, step,
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The in-band stream was dropped"));
}

static void
go_offline (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  step->from = FERRY_IBB_STATE_ENDED; /* nobody to tell */
  ferry_ibb_fail (self, step, FERRY_ERROR_OFFLINE,
                  "The XMPP session ended under the in-band stream");
}

static void
finish (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  ferry_ibb_end (self, step, NULL);
}

/* --- Time -----------------------------------------------------------------------------------
 */

static gboolean
is_due (const FerryIbbStep *step, gint64 *deadline)
{
  if (*deadline < 0 || step->now < *deadline)
    return FALSE;
  *deadline = -1;
  return TRUE;
}

static void
pass_time (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  if (is_due (step, &self->retry_at))
    {
      /* An answer to a block behind may still be out: then it decides nothing any more. */
      if (ferry_ibb_window_has (&self->sent, 0, self->sent.n_slots, FERRY_IBB_SLOT_FLYING))
        self->retry_at = step->now + FERRY_IBB_FIRST_RETRY_MS;
      else
        ferry_ibb_resend_first (self, step);
    }

  if (is_due (step, &self->quiet_at))
    {
      self->quiet_at = self->sent.n_slots > 0 ? step->now + FERRY_IBB_QUIET_MS : -1;
      self->local_eof |= self->sent.n_slots == 0;
      ferry_ibb_close_if_sent (self, step);
    }
}

static void
stop_waiting_for_close (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  if (is_due (step, &self->state_deadline))
    ferry_ibb_end (self, step, NULL);
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
                [FERRY_IBB_EV_PEER_DATA]   = { OPEN, ferry_ibb_take_block },
                [FERRY_IBB_EV_PEER_BAD]    = { ENDED, ferry_ibb_reject_bad },
                [FERRY_IBB_EV_PEER_CLOSE]  = { ENDED, ferry_ibb_peer_closed },
                [FERRY_IBB_EV_ACK]         = { OPEN, ferry_ibb_acknowledge },
                [FERRY_IBB_EV_NAK]         = { OPEN, ferry_ibb_refused_block },
                [FERRY_IBB_EV_BOUNCED]     = { ENDED, ferry_ibb_fail_as_event },
                [FERRY_IBB_EV_ROOM]        = { OPEN, ferry_ibb_made_room },
                [FERRY_IBB_EV_LOCAL_BYTES] = { OPEN, ferry_ibb_put_in_slot },
                [FERRY_IBB_EV_LOCAL_EOF]   = { OPEN,    end_local },
                [FERRY_IBB_EV_LOCAL_CLOSE] = { OPEN,    leave },
                [FERRY_IBB_EV_LOCAL_GONE]  = { ENDED,   lose_taker },
                [FERRY_IBB_EV_ABANDON]     = { ENDED,   abandon },
                [FERRY_IBB_EV_OFFLINE]     = { ENDED,   go_offline },
                [FERRY_IBB_EV_TIMER]       = { OPEN,    pass_time } },
  [CLOSING] = { [FERRY_IBB_EV_PEER_DATA]   = { CLOSING, ferry_ibb_take_block },
                [FERRY_IBB_EV_PEER_OPEN]   = { CLOSING, refuse_unknown },
                [FERRY_IBB_EV_PEER_BAD]    = { ENDED, ferry_ibb_reject_bad },
                [FERRY_IBB_EV_PEER_CLOSE]  = { ENDED, ferry_ibb_peer_closed },
                [FERRY_IBB_EV_ROOM]        = { CLOSING, ferry_ibb_made_room },
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
  FerryIbbStep step = { .effects = effects, .now = now_ms, .from = self->state };

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
