/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/jingle/ferry-jingle-machine-private.h"

#include "signalling/ferry-session.h"

#include <gio/gio.h>

#define SECOND 1000u
/* A Ferry is worth waiting for: a slow relay has much on its way, a slow disk syncs. */
#define FERRY_CLOSING_FACTOR 4u

/* Clear names inside this file, as tables want them short. */
#define ST(name) FERRY_JINGLE_##name
#define EV(name) FERRY_JINGLE_EV_##name

typedef struct
{
  FerryJingleState next; /* NEW in a cell means: stay */
  FerryJingleRun run;    /* nullable */
  gboolean legal;
} Cell;

/* --- The table -------------------------------------------------------------------------------
 */

/* clang-format off */
#define STAY ST (NEW)
#define TO(next, name) { next, ferry_jingle_run_##name, TRUE }
#define GO(next) { next, NULL, TRUE }

/* What is the same wherever there is a session. */
#define TALK                                                                                   \
  [EV (PEER_RECEIVED)] = TO (STAY, received),                                              \
  [EV (PEER_CHECKSUM)] = TO (STAY, checksum),                                              \
  [EV (PEER_PING)]     = GO (STAY),                                                      \
  [EV (PEER_INFO)]     = TO (STAY, unknown_info),                                          \
  [EV (PEER_BAD)]      = TO (STAY, bad),                                                   \
  [EV (PEER_IGNORED)]  = GO (STAY),                                                      \
  [EV (PEER_REVERSE)]  = TO (ST (ENDED), reversed),                                        \
  [EV (PEER_REMOVE)]   = TO (ST (ENDED), removed)
/* How a session ends that has no pipe yet. */
#define ENDS                                                                                   \
  [EV (PEER_TERMINATE)] = TO (ST (ENDED), peer_ends),                                      \
  [EV (PEER_SUCCESS)]   = TO (ST (ENDED), success_unasked),                                \
  [EV (PEER_RETRY)]     = TO (ST (ENDED), peer_ends),                                      \
  [EV (PEER_MAY_RETRY)] = TO (ST (ENDED), peer_ends),                                      \
  [EV (FORGOTTEN)]      = TO (ST (ENDED), forgotten),                                      \
  STOPS
/* How we can be stopped from our side, everywhere. */
#define STOPS                                                                                  \
  [EV (CANCEL)]      = TO (ST (ENDED), cancel),                                            \
  [EV (FAIL)]        = TO (ST (ENDED), fail),                                              \
  [EV (FAIL_BROKEN)] = TO (ST (ENDED), fail),                                              \
  [EV (LOST)]        = TO (ST (ENDED), lost)
/* The transports' own failures, where a session is agreed and no byte has moved. */
#define MAY_FAIL                                                                               \
  [EV (NO_WAY)]         = TO (ST (ENDED), no_way),                                         \
  [EV (RETRY)]          = TO (ST (OFFERING), offer_again),                                 \
  [EV (MAY_RETRY)]      = TO (ST (AWAIT_SECOND), await_second),                            \
  [EV (PEER_ADD)]       = TO (STAY, reject_content),                                       \
  [EV (ANSWER_REFUSED)] = TO (ST (ENDED), answer_refused)
/* The other side's second thoughts about the transport, once ours is settled. */
#define SETTLED                                                                                \
  [EV (PEER_TRANSPORT_INFO)]  = GO (STAY),                                               \
  [EV (PEER_REPLACE)]         = TO (STAY, reject),                                         \
  [EV (PEER_REPLACE_NO)]      = TO (STAY, reject),                                         \
  [EV (PEER_REPLACE_TAKEN)]   = GO (STAY),                                               \
  [EV (PEER_REPLACE_REFUSED)] = GO (STAY),                                               \
  [EV (PEER_ADD)]             = TO (STAY, reject_content)

/* A row may set aside what such a group says. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

/* Rows: state.  Columns: event.  An empty cell is `out-of-order` for the peer's actions, and
 * means nothing for all other events: they come too late. */
static const Cell table[FERRY_JINGLE_N_STATES][FERRY_JINGLE_N_EVENTS] = {
  [ST (NEW)] = {
    [EV (START)] = TO (ST (GATHERING), gather),
    STOPS },
  [ST (GATHERING)] = {
    [EV (GATHERED)]        = TO (ST (OFFERING), offer),
    [EV (GATHERED_INBAND)] = TO (ST (OFFERING), offer_inband),
    [EV (TIMEOUT)]         = TO (ST (ENDED), no_answer),
    STOPS },
  [ST (OFFERING)] = {
    /* An answer of the peer that overtakes its acknowledgement stands for it. */
    [EV (ACKED)]               = GO (ST (PENDING)),
    [EV (PEER_ACCEPT)]         = TO (ST (CONNECTING), answer),
    [EV (PEER_ACCEPT_INBAND)]  = TO (ST (OPENING), answer_inband),
    [EV (PEER_ACCEPT_BAD)]     = TO (ST (ENDED), answer_bad),
    [EV (PEER_ACCEPT_INSECURE)] = TO (ST (ENDED), answer_insecure),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, keep_info),
    [EV (INITIATE_REFUSED)]    = TO (ST (ENDED), refused),
    [EV (TIMEOUT)]             = TO (ST (WITHDRAWN), unnoticed),
    TALK, ENDS,
    [EV (CANCEL)]              = TO (ST (WITHDRAWN), withdraw),
    [EV (FAIL)]                = TO (ST (WITHDRAWN), withdraw),
    [EV (FAIL_BROKEN)]         = TO (ST (WITHDRAWN), withdraw) },
  [ST (WITHDRAWN)] = {
    [EV (ACKED)]               = TO (ST (ENDED), withdrawn),
    [EV (PEER_ACCEPT)]         = TO (ST (ENDED), withdrawn),
    [EV (PEER_ACCEPT_INBAND)]  = TO (ST (ENDED), withdrawn),
    [EV (PEER_ACCEPT_BAD)]     = TO (ST (ENDED), answer_bad),
    [EV (PEER_ACCEPT_INSECURE)] = TO (ST (ENDED), answer_insecure),
    [EV (PEER_TRANSPORT_INFO)] = GO (STAY),
    [EV (PEER_TERMINATE)]      = GO (ST (ENDED)),
    [EV (PEER_SUCCESS)]        = GO (ST (ENDED)),
    [EV (INITIATE_REFUSED)]    = GO (ST (ENDED)),
    [EV (LOST)]                = GO (ST (ENDED)),
    [EV (TIMEOUT)]             = GO (ST (ENDED)),
    TALK,
    [EV (PEER_RECEIVED)]       = GO (STAY),
    [EV (PEER_CHECKSUM)]       = GO (STAY) },
  [ST (PENDING)] = {
    [EV (PEER_ACCEPT)]         = TO (ST (CONNECTING), answer),
    [EV (PEER_ACCEPT_INBAND)]  = TO (ST (OPENING), answer_inband),
    [EV (PEER_ACCEPT_BAD)]     = TO (ST (ENDED), answer_bad),
    [EV (PEER_ACCEPT_INSECURE)] = TO (ST (ENDED), answer_insecure),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, keep_info),
    [EV (TIMEOUT)]             = TO (ST (PENDING_LONG), silent),
    TALK, ENDS },
  [ST (PENDING_LONG)] = {
    [EV (PEER_ACCEPT)]         = TO (ST (CONNECTING), answer),
    [EV (PEER_ACCEPT_INBAND)]  = TO (ST (OPENING), answer_inband),
    [EV (PEER_ACCEPT_BAD)]     = TO (ST (ENDED), answer_bad),
    [EV (PEER_ACCEPT_INSECURE)] = TO (ST (ENDED), answer_insecure),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, keep_info),
    [EV (TIMEOUT)]             = TO (ST (ENDED), no_answer),
    TALK, ENDS },
  [ST (ASKING)] = {
    [EV (ACCEPT)]              = TO (ST (PREPARING), gather),
    [EV (NO_ROUTE)]            = TO (ST (ENDED), no_route),
    [EV (DECLINE)]             = TO (ST (ENDED), decline),
    [EV (COMPLETE)]            = TO (ST (ENDED), have_it),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, keep_info),
    TALK, ENDS },
  [ST (PREPARING)] = {
    [EV (GATHERED)]            = TO (ST (CONNECTING), answer),
    [EV (GATHERED_INBAND)]     = TO (ST (OPENING), answer_inband),
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, keep_info),
    [EV (TIMEOUT)]             = TO (ST (ENDED), no_way),
    TALK, ENDS },
  [ST (CONNECTING)] = {
    [EV (OPENED)]              = TO (ST (OPEN), opened),
    [EV (FALL_BACK)]           = TO (ST (REPLACING), replace), /* I */
    [EV (OPEN_FAILED)]         = TO (ST (AWAIT_REPLACE), s5b_failed), /* R */
    [EV (PEER_TRANSPORT_INFO)] = TO (STAY, link),
    [EV (PEER_REPLACE)]        = TO (ST (OPENING), take_theirs),
    [EV (PEER_REPLACE_NO)]     = TO (STAY, reject),
    [EV (NO_ROUTE)]            = TO (ST (ENDED), no_route),
    TALK, ENDS, MAY_FAIL,
    [EV (PEER_SUCCESS)]        = TO (STAY, early_success),
    [EV (PEER_RETRY)]          = TO (ST (OFFERING), offer_again),
    [EV (PEER_MAY_RETRY)]      = TO (ST (AWAIT_SECOND), await_second) },
  [ST (REPLACING)] = {
    [EV (PEER_REPLACE_TAKEN)]   = TO (ST (OPENING), replaced),
    [EV (PEER_REPLACE)]         = TO (ST (HOLDING), hold),
    [EV (PEER_REPLACE_NO)]      = TO (STAY, reject),
    [EV (PEER_TRANSPORT_INFO)]  = GO (STAY),
    TALK, ENDS, MAY_FAIL,
    [EV (PEER_RETRY)]           = TO (ST (OFFERING), offer_again) },
  [ST (HOLDING)] = {
    [EV (PEER_REPLACE_TAKEN)]   = TO (ST (OPENING), replaced),
    [EV (PEER_REPLACE_REFUSED)] = TO (ST (OPENING), take_held),
    [EV (REPLACE_REFUSED)]      = TO (ST (OPENING), take_held),
    [EV (TIMEOUT)]              = TO (ST (OPENING), take_held),
    [EV (PEER_REPLACE)]         = TO (STAY, hold),
    [EV (PEER_REPLACE_NO)]      = TO (STAY, reject),
    [EV (PEER_TRANSPORT_INFO)]  = GO (STAY),
    TALK, ENDS, MAY_FAIL,
    [EV (PEER_RETRY)]           = TO (ST (OFFERING), offer_again) },
  [ST (AWAIT_REPLACE)] = {
    [EV (PEER_REPLACE)]        = TO (ST (OPENING), take_theirs),
    [EV (PEER_REPLACE_NO)]     = TO (STAY, reject),
    [EV (NO_ROUTE)]            = TO (ST (ENDED), no_route),
    [EV (PEER_TRANSPORT_INFO)] = GO (STAY),
    TALK, ENDS, MAY_FAIL,
    [EV (PEER_MAY_RETRY)]      = TO (ST (AWAIT_SECOND), await_second) },
  [ST (AWAIT_SECOND)] = {
    [EV (PEER_SECOND)]    = TO (ST (OPENING), take_second),
    [EV (PEER_TERMINATE)] = GO (STAY),
    [EV (PEER_SUCCESS)]   = GO (STAY),
    [EV (PEER_MAY_RETRY)] = GO (STAY),
    [EV (NO_WAY)]         = TO (ST (ENDED), no_way),
    STOPS },
  [ST (OPENING)] = {
    [EV (OPENED)] = TO (ST (OPEN), opened),
    SETTLED, TALK, ENDS, MAY_FAIL,
    [EV (PEER_SUCCESS)]   = TO (STAY, early_success),
    [EV (PEER_RETRY)]     = TO (ST (OFFERING), offer_again),
    [EV (PEER_MAY_RETRY)] = TO (ST (AWAIT_SECOND), await_second) },
  [ST (OPEN)] = {
    [EV (SENT)]            = TO (ST (FLUSHING), sent),
    [EV (COMPLETE)]        = TO (ST (ENDED), complete),
    SETTLED, TALK, ENDS,
    [EV (ANSWER_REFUSED)]  = TO (ST (ENDED), answer_refused),
    [EV (PEER_SUCCESS)]    = TO (STAY, early_success),
    [EV (FAIL_BROKEN)]     = TO (ST (BREAKING), broken),
    [EV (LOST_PIPE_STAYS)] = TO (STAY, alone) },
  [ST (FLUSHING)] = {
    [EV (FLUSHED)]         = GO (ST (CLOSING)),
    [EV (FLUSHED_ALONE)]   = TO (ST (ENDED), end),
    [EV (PIPE_BROKEN)]     = TO (ST (BREAKING), broken),
    [EV (TIMEOUT)]         = TO (ST (ENDED), stuck),
    SETTLED, TALK, ENDS,
    [EV (PEER_SUCCESS)]    = TO (STAY, success),
    [EV (FORGOTTEN)]       = TO (STAY, alone),
    [EV (LOST_PIPE_STAYS)] = TO (STAY, alone) },
  [ST (CLOSING)] = {
    [EV (TIMEOUT)]         = TO (ST (ENDED), close),
    SETTLED, TALK, ENDS,
    [EV (PEER_SUCCESS)]    = TO (ST (ENDED), success),
    [EV (FORGOTTEN)]       = TO (ST (ENDED), end),
    [EV (LOST)]            = TO (ST (ENDED), unconfirmed),
    [EV (LOST_PIPE_STAYS)] = TO (ST (ENDED), end) },
  [ST (BREAKING)] = {
    [EV (PIPE_BROKEN)]     = TO (STAY, broken), /* a better reason of the pipe's own */
    [EV (TIMEOUT)]         = TO (ST (ENDED), end_broken),
    SETTLED, TALK, ENDS,
    [EV (PEER_SUCCESS)]    = TO (ST (ENDED), success_broken),
    [EV (LOST)]            = TO (ST (ENDED), success_broken) },
  /* Two terminates that cross on the way are both acknowledged. */
  [ST (ENDED)] = {
    [EV (PEER_TERMINATE)] = GO (STAY),
    [EV (PEER_SUCCESS)]   = GO (STAY),
    [EV (PEER_RETRY)]     = GO (STAY),
    [EV (PEER_MAY_RETRY)] = GO (STAY) },
};
#pragma GCC diagnostic pop

/* Milliseconds in a state before TIMEOUT; 0 is for ever. The race and the pump keep their own
 * time; the limits for CONNECTING, OPENING and FLUSHING are only there in case they fail to. */
static const guint timeouts_ms[FERRY_JINGLE_N_STATES][2] = {
                          /* I               R */
  [ST (GATHERING)]     = { 15 * SECOND,      0 },
  [ST (OFFERING)]      = { 30 * SECOND,      0 }, /* programs acknowledge at once */
  [ST (WITHDRAWN)]     = { 660 * SECOND,     0 }, /* servers keep offers for a device that sleeps */
  [ST (PENDING)]       = { 60 * SECOND,      0 },
  [ST (PENDING_LONG)]  = { FERRY_SESSION_ANSWER_MS - 60 * SECOND, 0 },
  [ST (PREPARING)]     = { 0,                15 * SECOND },
  [ST (CONNECTING)]    = { 120 * SECOND,     120 * SECOND },
  [ST (REPLACING)]     = { 60 * SECOND,      0 },
  [ST (HOLDING)]       = { 10 * SECOND,      0 },
  [ST (AWAIT_REPLACE)] = { 0,                30 * SECOND },
  [ST (AWAIT_SECOND)]  = { 0,                5 * SECOND },
  [ST (OPENING)]       = { 75 * SECOND,      20 * SECOND }, /* Gajim may never open */
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
  return (type >= EV (PEER_BAD) && type <= EV (PEER_STRAY)) ||
         type == EV (PEER_ACCEPT_INBAND) ||
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

static FerryJingleEventType
refine_replace (const FerryJingleMachine *self, const FerryJingleIbb *theirs)
{
  gboolean is_needed = self->state == ST (CONNECTING) || self->state == ST (AWAIT_REPLACE);

  if (theirs != NULL && self->may_inband)
    return EV (PEER_REPLACE);
  /* The initiator has nothing better: a mere rejection would bring a second offer. */
  if (theirs != NULL && self->role == FERRY_JINGLE_RESPONDER && is_needed)
    return EV (NO_ROUTE);
  return EV (PEER_REPLACE_NO);
}

/* The table has one column for each different consequence; here an event is sorted into its
 * column. Returns: N_EVENTS if it has none now */
static FerryJingleEventType
refine (const FerryJingleMachine *self, const FerryJingleEvent *event)
{
  gboolean has_pipe =
      self->state == ST (OPEN) || self->state == ST (FLUSHING) || self->state == ST (CLOSING);

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
      return refine_replace (self, event->ibb);
    case EV (FLUSHED):
      return self->peer_left ? EV (FLUSHED_ALONE) : EV (FLUSHED);
    case EV (PIPE_BROKEN):
      return self->peer_left && self->state == ST (FLUSHING) ? EV (FAIL) : EV (PIPE_BROKEN);
    case EV (FAIL):
      return g_error_matches (event->error, FERRY_ERROR, FERRY_ERROR_BROKEN) && !self->peer_left
                 ? EV (FAIL_BROKEN)
                 : EV (FAIL);
    case EV (LOST):
      /* Content with an empty file before we even had a pipe, and off: but the pipe may come.
       */
      if (self->peer_success && self->state == ST (CONNECTING))
        return FERRY_JINGLE_N_EVENTS;
      return has_pipe && !self->is_inband ? EV (LOST_PIPE_STAYS) : EV (LOST);
    case EV (FORGOTTEN):
      return self->peer_left ? FERRY_JINGLE_N_EVENTS : EV (FORGOTTEN);
    default:
      return event->type;
    }
#pragma GCC diagnostic pop
}

static void
reply_out_of_order (FerryJingleStep *step)
{
  FerryJingleState state = step->machine->state;
  gboolean is_over = state == ST (ENDED) || state == ST (AWAIT_SECOND);
  FerryJingleEffect *effect = ferry_jingle_push (step, FERRY_JINGLE_DO_ERROR);

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
  FerryJingleStep step = { self, event, effects };
  effects->n_items = 0;
  if (column == FERRY_JINGLE_N_EVENTS)
    return;

  const Cell *cell = &table[self->state][column];
  if (!cell->legal)
    {
      if (is_peer)
        reply_out_of_order (&step);
      return;
    }
  if (is_peer && event->type != EV (PEER_BAD) && event->type != EV (PEER_INFO) &&
      event->type != EV (PEER_ACCEPT_BAD))
    ferry_jingle_push (&step, FERRY_JINGLE_DO_RESULT);
  if (cell->run != NULL)
    cell->run (&step);
  if (cell->next != STAY)
    self->state = cell->next;
}

guint
ferry_jingle_machine_get_timeout_ms (const FerryJingleMachine *self)
{
  guint factor = self->state == ST (CLOSING) && self->is_ferry && !self->peer_closed
                     ? FERRY_CLOSING_FACTOR
                     : 1;

  return factor * timeouts_ms[self->state][self->role == FERRY_JINGLE_INITIATOR ? 0 : 1];
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
