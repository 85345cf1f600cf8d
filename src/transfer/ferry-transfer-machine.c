/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-transfer-machine.h"

/* Names short enough for a table. */
#define ST(name) FERRY_TRANSFER_##name
#define EV(name) FERRY_TRANSFER_EV_##name

typedef struct
{
  FerryTransferState next;
  gboolean legal;
} Cell;

/* --- The table -------------------------------------------------------------------------------
 * What an event leads to where the state alone decides. What also depends on who we are and how
 * far the file has come is decided by the functions below it. */

/* clang-format off */
#define TO(name) { ST (name), TRUE }

/* While no attempt is under way. */
#define AT_REST                                                                                \
  [EV (PAUSE)]  = TO (PAUSED),                                                                 \
  [EV (CANCEL)] = TO (CANCELLED),                                                              \
  [EV (CALLED)] = TO (QUEUED),                                                                 \
  [EV (LOADED)] = TO (QUEUED)
/* How an attempt can end, at any moment of it. */
#define UNDER_WAY                                                                              \
  [EV (DONE)]           = TO (DONE),                                                           \
  [EV (DECLINED)]       = TO (DECLINED),                                                       \
  [EV (UNANSWERED)]     = TO (FAILED),                                                         \
  [EV (ABSENT)]         = TO (WAITING_PEER),                                                   \
  [EV (BROKEN)]         = TO (RECONNECTING),                                                   \
  [EV (FULL)]           = TO (PAUSED),                                                         \
  [EV (PAUSED_BY_PEER)] = TO (PAUSED),                                                         \
  [EV (ASKED)]          = TO (PAUSED),                                                         \
  [EV (FAILED)]         = TO (FAILED),                                                         \
  [EV (STOP_PAUSED)]    = TO (PAUSED),                                                         \
  [EV (STOP_CANCELLED)] = TO (CANCELLED),                                                      \
  [EV (STOP_LATER)]     = TO (QUEUED),                                                         \
  [EV (LOADED)]         = TO (QUEUED)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

/* Rows: state.  Columns: event.  An empty cell: it means nothing then, or no more. */
static const Cell table[FERRY_TRANSFER_FAILED + 1][FERRY_TRANSFER_N_EVENTS] = {
  /* Where somebody's offer waits for its turn, it can end like an attempt. */
  [ST (QUEUED)] = {
    [EV (TURN)]  = TO (PREPARING),
    [EV (RETRY)] = TO (QUEUED),
    UNDER_WAY, AT_REST },
  [ST (WAITING_PEER)] = {
    [EV (CAME)]    = TO (QUEUED),
    [EV (RETRY)]   = TO (QUEUED),
    [EV (EXPIRED)] = TO (FAILED),
    AT_REST },
  [ST (RECONNECTING)] = {
    [EV (ALARM)]  = TO (QUEUED),
    [EV (CAME)]   = TO (QUEUED),
    [EV (RETRY)]  = TO (QUEUED),
    [EV (RESUME)] = TO (QUEUED),
    AT_REST },
  [ST (PAUSED)] = {
    [EV (SPACE)]  = TO (QUEUED),
    [EV (RESUME)] = TO (QUEUED),
    [EV (RETRY)]  = TO (QUEUED),
    [EV (FAILED)] = TO (FAILED), /* the user does not want that key */
    AT_REST,
    [EV (LOADED)] = TO (PAUSED) },

  [ST (PREPARING)] = {
    [EV (CHECK)]  = TO (CHECKING),
    [EV (OFFER)]  = TO (OFFERED),
    [EV (AGREED)] = TO (CONNECTING),
    [EV (OPENED)] = TO (ACTIVE),
    UNDER_WAY },
  [ST (CHECKING)] = {
    [EV (READ)]   = TO (PREPARING),
    [EV (OFFER)]  = TO (OFFERED),
    [EV (AGREED)] = TO (CONNECTING),
    UNDER_WAY },
  [ST (OFFERED)] = {
    [EV (AGREED)]     = TO (CONNECTING),
    [EV (OPENED)]     = TO (ACTIVE),
    UNDER_WAY,
    [EV (UNANSWERED)] = TO (MISSED) },
  [ST (CONNECTING)] = {
    [EV (CHECK)]  = TO (CHECKING),
    [EV (OPENED)] = TO (ACTIVE),
    UNDER_WAY },
  [ST (ACTIVE)] = {
    [EV (QUIET)]   = TO (STALLED),
    [EV (FURTHER)] = TO (ACTIVE),
    [EV (MOVED)]   = TO (VERIFYING),
    UNDER_WAY },
  [ST (STALLED)] = {
    [EV (MOVING)]  = TO (ACTIVE),
    [EV (FURTHER)] = TO (STALLED),
    [EV (MOVED)]   = TO (VERIFYING),
    UNDER_WAY },
  [ST (VERIFYING)] = {
    UNDER_WAY },

  /* The end; but a user may think again, and a peer may bring the rest of what failed. */
  [ST (FAILED)]    = { [EV (RETRY)] = TO (QUEUED), [EV (CALLED)] = TO (QUEUED) },
  [ST (CANCELLED)] = { [EV (RETRY)] = TO (QUEUED) },
  [ST (DECLINED)]  = { [EV (RETRY)] = TO (QUEUED) },
  [ST (MISSED)]    = { [EV (RETRY)] = TO (QUEUED) },
};
#pragma GCC diagnostic pop
/* clang-format on */

static const FerryTransferPhase phases[] = {
  [ST (QUEUED)] = FERRY_TRANSFER_WANTS_TURN,
  [ST (WAITING_PEER)] = FERRY_TRANSFER_WANTS_CONTACT,
  [ST (RECONNECTING)] = FERRY_TRANSFER_WANTS_ALARM,
  [ST (PAUSED)] = FERRY_TRANSFER_WANTS_NOTHING,
  [ST (PREPARING)] = FERRY_TRANSFER_WANTS_ATTEMPT,
  [ST (CHECKING)] = FERRY_TRANSFER_WANTS_ATTEMPT,
  [ST (OFFERED)] = FERRY_TRANSFER_WANTS_ATTEMPT,
  [ST (CONNECTING)] = FERRY_TRANSFER_WANTS_ATTEMPT,
  [ST (ACTIVE)] = FERRY_TRANSFER_WANTS_ATTEMPT,
  [ST (STALLED)] = FERRY_TRANSFER_WANTS_ATTEMPT,
  [ST (VERIFYING)] = FERRY_TRANSFER_WANTS_ATTEMPT,
  [ST (DONE)] = FERRY_TRANSFER_WANTS_NO_MORE,
  [ST (DECLINED)] = FERRY_TRANSFER_WANTS_NO_MORE,
  [ST (CANCELLED)] = FERRY_TRANSFER_WANTS_NO_MORE,
  [ST (MISSED)] = FERRY_TRANSFER_WANTS_NO_MORE,
  [ST (FAILED)] = FERRY_TRANSFER_WANTS_NO_MORE,
};

/* clang-format off */
static const char *const event_names[] = {
  [EV (TURN)] = "turn",
  [EV (ALARM)] = "alarm",
  [EV (CAME)] = "came",
  [EV (SPACE)] = "space",
  [EV (CALLED)] = "called",
  [EV (EXPIRED)] = "expired",
  [EV (LOADED)] = "loaded",
  [EV (PAUSE)] = "pause",
  [EV (RESUME)] = "resume",
  [EV (RETRY)] = "retry",
  [EV (CANCEL)] = "cancel",
  [EV (CHECK)] = "check",
  [EV (READ)] = "read",
  [EV (OFFER)] = "offer",
  [EV (AGREED)] = "agreed",
  [EV (OPENED)] = "opened",
  [EV (QUIET)] = "quiet",
  [EV (MOVING)] = "moving",
  [EV (FURTHER)] = "further",
  [EV (MOVED)] = "moved",
  [EV (DONE)] = "done",
  [EV (DECLINED)] = "declined",
  [EV (UNANSWERED)] = "unanswered",
  [EV (ABSENT)] = "absent",
  [EV (BROKEN)] = "broken",
  [EV (FULL)] = "full",
  [EV (PAUSED_BY_PEER)] = "paused-by-peer",
  [EV (ASKED)] = "asked",
  [EV (FAILED)] = "failed",
  [EV (STOP_PAUSED)] = "stop-paused",
  [EV (STOP_CANCELLED)] = "stop-cancelled",
  [EV (STOP_LATER)] = "stop-later",
};
/* clang-format on */

const char *
ferry_transfer_event_get_name (FerryTransferEvent event)
{
  return event_names[event];
}

void
ferry_transfer_machine_init (FerryTransferMachine *self, gboolean is_sending)
{
  *self = (FerryTransferMachine){ .state = ST (QUEUED), .is_sending = is_sending };
}

/* Can an attempt be made from our side? Who receives needs a peer that sends when asked. */
static gboolean
can_begin (const FerryTransferMachine *self)
{
  return self->is_sending || self->can_ask;
}

/* Is there a reason not to do what the table says? */
static gboolean
is_barred (const FerryTransferMachine *self, FerryTransferEvent event)
{
  gboolean is_paused = self->state == ST (PAUSED);

  if (event == EV (SPACE))
    return self->pause != FERRY_TRANSFER_PAUSE_SPACE;
  /* The user's own pause ends by the user's own word. */
  if (event == EV (CALLED))
    return is_paused && (self->pause == FERRY_TRANSFER_PAUSE_USER ||
                         self->pause == FERRY_TRANSFER_PAUSE_KEY);
  if (event == EV (FAILED))
    return is_paused && self->pause != FERRY_TRANSFER_PAUSE_KEY;
  if (event == EV (RETRY))
    return ferry_transfer_state_is_final (self->state) && !can_begin (self);
  return FALSE;
}

/* Before the first byte a receiver's user may be asked once more, and for nothing: where that
 * is so another attempt follows only if there was a pipe already. */
static gboolean
is_worth_another (const FerryTransferMachine *self)
{
  if (self->has_moved || !self->is_sending)
    return can_begin (self);
  return self->was_open || (self->was_agreed && self->can_ask);
}

static FerryTransferState
after_broken (const FerryTransferMachine *self)
{
  return is_worth_another (self) && self->n_tries < FERRY_TRANSFER_MAX_TRIES ? ST (RECONNECTING)
                                                                             : ST (FAILED);
}

/* Would we have to begin what we cannot? Then all that helps is a new offer of the peer's,
 * which takes up what has failed, too. */
static gboolean
is_up_to_peer (const FerryTransferMachine *self, FerryTransferEvent event)
{
  if (can_begin (self))
    return FALSE;
  if (event == EV (LOADED))
    return self->state != ST (PAUSED);
  if (event == EV (RETRY))
    return self->state != ST (QUEUED);
  return event == EV (ABSENT) || event == EV (FULL) || event == EV (RESUME);
}

/* Where an attempt leads that ended badly depends on more than its state. */
static FerryTransferState
choose (const FerryTransferMachine *self, FerryTransferEvent event, FerryTransferState next)
{
  if (event == EV (BROKEN))
    return after_broken (self);
  if (is_up_to_peer (self, event))
    return ST (FAILED);
  /* A file that never fitted is not begun. */
  if (event == EV (FULL) && !ferry_transfer_machine_has_begun (self))
    return ST (FAILED);
  /* Of another key the next attempt will tell anew. */
  if (event == EV (LOADED) && self->pause == FERRY_TRANSFER_PAUSE_KEY)
    return ST (QUEUED);
  return next;
}

static FerryTransferPause
choose_pause (const FerryTransferMachine *self, FerryTransferEvent event)
{
  if (event == EV (PAUSED_BY_PEER))
    return FERRY_TRANSFER_PAUSE_PEER;
  if (event == EV (FULL))
    return FERRY_TRANSFER_PAUSE_SPACE;
  if (event == EV (ASKED))
    return FERRY_TRANSFER_PAUSE_KEY;
  return event == EV (LOADED) ? self->pause : FERRY_TRANSFER_PAUSE_USER;
}

/* Is there a pipe, or was there one when the program ended? */
static gboolean
tells_open (const FerryTransferMachine *self, FerryTransferEvent event)
{
  gboolean had_pipe = self->state == ST (ACTIVE) || self->state == ST (STALLED) ||
                      self->state == ST (VERIFYING);

  return event == EV (OPENED) || (event == EV (LOADED) && had_pipe);
}

gboolean
ferry_transfer_machine_has_begun (const FerryTransferMachine *self)
{
  return self->was_open || self->has_moved;
}

gboolean
ferry_transfer_machine_step (FerryTransferMachine *self, FerryTransferEvent event)
{
  g_return_val_if_fail (event < FERRY_TRANSFER_N_EVENTS, FALSE);

  const Cell *cell = &table[self->state][event];
  if (!cell->legal || is_barred (self, event))
    return FALSE;

  FerryTransferState next = choose (self, event, cell->next);
  if (event == EV (BROKEN))
    self->n_tries++;
  self->was_open |= tells_open (self, event);
  self->was_agreed |= event == EV (AGREED) || self->was_open;
  self->has_moved |= event == EV (FURTHER);
  if (event == EV (FURTHER) || event == EV (RETRY) || event == EV (RESUME) ||
      event == EV (CALLED))
    self->n_tries = 0;
  self->pause = next == ST (PAUSED) ? choose_pause (self, event) : FERRY_TRANSFER_PAUSE_NONE;
  self->state = next;
  return TRUE;
}

FerryTransferPhase
ferry_transfer_machine_get_phase (const FerryTransferMachine *self)
{
  if (self->state == ST (PAUSED) && self->pause == FERRY_TRANSFER_PAUSE_SPACE)
    return FERRY_TRANSFER_WANTS_SPACE;
  return phases[self->state];
}

guint
ferry_transfer_machine_get_delay_ms (const FerryTransferMachine *self)
{
  return 1000u << CLAMP (self->n_tries, 1, FERRY_TRANSFER_MAX_TRIES);
}
