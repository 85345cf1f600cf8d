/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/si/ferry-si-machine-private.h"

#include "signalling/ferry-session.h"

#define SECOND 1000u

/* Clear names inside this file, as tables want them short. */
#define ST(name) FERRY_SI_##name
#define EV(name) FERRY_SI_EV_##name

typedef struct
{
  FerrySiState next; /* NEW in a cell means: stay */
  FerrySiRun run;    /* nullable */
  gboolean legal;
} Cell;

/* --- The table -------------------------------------------------------------------------------
 */

/* clang-format off */
#define STAY ST (NEW)
#define TO(next, name) { next, ferry_si_run_##name, TRUE }
#define GO(next) { next, NULL, TRUE }

/* How either side can stop, everywhere: the pipe is dropped. There is no word for it but the
 * one of Ferrys. */
#define STOPS                                                                                  \
  [EV (CANCEL)]      = TO (ST (ENDED), cancel),                                                \
  [EV (FAIL)]        = TO (ST (ENDED), fail),                                                  \
  [EV (FAIL_BROKEN)] = TO (ST (ENDED), end_as_event),                                          \
  [EV (PEER_ENDED)]  = TO (ST (ENDED), peer_ended),                                            \
  [EV (LOST)]        = TO (ST (ENDED), end_as_event)
#define ANSWERS                                                                                \
  [EV (ANSWERED)]    = TO (ST (CONNECTING), connect_first),                                    \
  [EV (ANSWER_BAD)]  = TO (ST (ENDED), answer_bad),                                            \
  [EV (REFUSED)]     = TO (ST (ENDED), end_as_event),                                          \
  [EV (HAS_IT)]      = TO (ST (ENDED), has_it)
#define LISTENS                                                                                \
  [EV (OPENED)]       = TO (ST (OPEN), opened),                                                \
  [EV (S5B_FAILED)]   = TO (ST (AWAIT_INBAND), s5b_failed),                                    \
  [EV (LISTEN_AGAIN)] = TO (STAY, listen_again),                                               \
  [EV (PEER_SECOND)]  = TO (ST (AWAIT_INBAND), accept_second),                                 \
  [EV (NO_WAY)]       = TO (ST (ENDED), no_way),                                               \
  [EV (TIMEOUT)]      = TO (ST (ENDED), no_begin)

/* A row may set aside what such a group says. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

/* Rows: state.  Columns: event.  An empty cell means nothing: the event comes too late. */
static const Cell table[FERRY_SI_N_STATES][FERRY_SI_N_EVENTS] = {
  [ST (NEW)] = {
    [EV (START)]   = TO (ST (OFFERED), offer),
    STOPS,
    [EV (CANCEL)]  = TO (ST (ENDED), end_cancelled),
    [EV (FAIL)]    = TO (ST (ENDED), end_as_event) },
  [ST (OFFERED)] = {
    [EV (TIMEOUT)] = TO (ST (OFFERED_LONG), silent),
    ANSWERS, STOPS },
  [ST (OFFERED_LONG)] = {
    [EV (TIMEOUT)] = TO (ST (ENDED), no_answer),
    ANSWERS, STOPS },
  [ST (CONNECTING)] = {
    [EV (OPENED)]  = TO (ST (OPEN), opened),
    [EV (NEXT)]    = TO (STAY, fall_back),
    [EV (TRY)]     = TO (ST (TRYING), try_inband),
    [EV (AGAIN)]   = TO (ST (OFFERED), offer_again),
    [EV (DENIED)]  = TO (ST (ENDED), end_as_event),
    [EV (NO_WAY)]  = TO (ST (ENDED), no_way),
    STOPS },
  [ST (TRYING)] = {
    [EV (OPENED)]  = TO (ST (OPEN), opened),
    [EV (AGAIN)]   = TO (ST (OFFERED), offer_again),
    [EV (NO_WAY)]  = TO (ST (ENDED), no_way),
    STOPS },
  [ST (ASKING)] = {
    [EV (ACCEPT)]     = TO (ST (AWAITING), accept),
    [EV (NO_ROUTE)]   = TO (ST (ENDED), no_route),
    [EV (DECLINE)]    = TO (ST (ENDED), decline),
    [EV (COMPLETE)]   = TO (ST (ENDED), have_it),
    STOPS,
    [EV (CANCEL)]     = TO (ST (ENDED), decline),
    [EV (FAIL)]       = TO (ST (ENDED), decline),
    [EV (PEER_ENDED)] = TO (ST (ENDED), withdrawn) },
  [ST (AWAITING)] = {
    [EV (PEER_BEGAN)] = GO (ST (NEGOTIATING)),
    LISTENS, STOPS },
  [ST (NEGOTIATING)] = {
    LISTENS, STOPS },
  [ST (AWAIT_INBAND)] = {
    LISTENS, STOPS },
  [ST (OPEN)] = {
    [EV (SENT)]            = TO (ST (FLUSHING), sent),
    [EV (COMPLETE)]        = TO (ST (ENDED), complete),
    [EV (PEER_HAS_ALL)]    = TO (STAY, told),
    STOPS,
    [EV (FAIL_BROKEN)]     = TO (ST (BREAKING), ask_why),
    [EV (LOST_PIPE_STAYS)] = GO (STAY) },
  [ST (FLUSHING)] = {
    [EV (FLUSHED)]         = TO (ST (ENDED), flushed),
    [EV (FLUSHED_UNTOLD)]  = GO (ST (CONFIRMING)),
    [EV (PEER_HAS_ALL)]    = TO (STAY, told),
    [EV (PIPE_BROKEN)]     = TO (ST (ENDED), end_as_event),
    [EV (TIMEOUT)]         = TO (ST (ENDED), stuck),
    STOPS,
    [EV (LOST_PIPE_STAYS)] = GO (STAY) },
  [ST (CONFIRMING)] = {
    [EV (PEER_HAS_ALL)]    = TO (ST (ENDED), told_last),
    [EV (TIMEOUT)]         = TO (ST (ENDED), not_told),
    STOPS },
  [ST (BREAKING)] = {
    [EV (PIPE_BROKEN)]     = TO (ST (ENDED), end_as_event), /* a better reason */
    [EV (FLUSHED)]         = TO (ST (ENDED), end_broken),
    [EV (CLOSED_EARLY)]    = TO (ST (ENDED), closed_early),
    [EV (TIMEOUT)]         = TO (ST (ENDED), end_broken),
    STOPS,
    [EV (PEER_ENDED)]      = TO (ST (ENDED), end_as_event),
    [EV (LOST)]            = TO (ST (ENDED), end_broken) },
  [ST (ENDED)] = { { 0 } },
};
#pragma GCC diagnostic pop

/* Milliseconds in a state before TIMEOUT; 0 is for ever. The streams keep their own time; the
 * limits for CONNECTING, TRYING and FLUSHING are only there in case they fail to. */
static const guint timeouts_ms[FERRY_SI_N_STATES] = {
  [ST (OFFERED)]      = 60 * SECOND,
  [ST (OFFERED_LONG)] = FERRY_SESSION_ANSWER_MS - 60 * SECOND,
  [ST (CONNECTING)]   = 180 * SECOND,
  [ST (TRYING)]       = 75 * SECOND,
  [ST (AWAITING)]     = 60 * SECOND,
  [ST (NEGOTIATING)]  = 180 * SECOND,
  [ST (AWAIT_INBAND)] = 60 * SECOND,
  [ST (FLUSHING)]     = 120 * SECOND,
  [ST (CONFIRMING)]   = 120 * SECOND, /* a slow relay has much on its way, a slow disk syncs */
  [ST (BREAKING)]     = 5 * SECOND,
};
/* clang-format on */

static const char *const state_names[] = {
  [ST (NEW)] = "new",
  [ST (OFFERED)] = "offered",
  [ST (OFFERED_LONG)] = "offered-long",
  [ST (CONNECTING)] = "connecting",
  [ST (TRYING)] = "trying",
  [ST (ASKING)] = "asking",
  [ST (AWAITING)] = "awaiting",
  [ST (NEGOTIATING)] = "negotiating",
  [ST (AWAIT_INBAND)] = "await-inband",
  [ST (OPEN)] = "open",
  [ST (FLUSHING)] = "flushing",
  [ST (CONFIRMING)] = "confirming",
  [ST (BREAKING)] = "breaking",
  [ST (ENDED)] = "ended",
};

const char *
ferry_si_state_get_name (FerrySiState state)
{
  return state_names[state];
}

/* --- Stepping --------------------------------------------------------------------------------
 */

void
ferry_si_machine_init (FerrySiMachine *self,
                       FerrySiRole role,
                       FerrySiMethods methods,
                       gboolean is_multiple,
                       gboolean may_inband,
                       gboolean has_words)
{
  *self = (FerrySiMachine){
    .role = role,
    .state = role == FERRY_SI_SENDER ? ST (NEW) : ST (ASKING),
    .offered = methods,
    .is_multiple = is_multiple,
    .may_inband = may_inband,
    .has_words = has_words,
  };
}

void
ferry_si_machine_set_allowed (FerrySiMachine *self, guint allowed)
{
  self->agreed = ferry_si_methods_filter (&self->offered, allowed);
  self->may_inband = ferry_si_methods_contain (&self->agreed, FERRY_SI_INBAND);
}

void
ferry_si_machine_clear (FerrySiMachine *self)
{
  g_clear_error (&self->error);
}

static FerrySiEventType
refine_answer (const FerrySiMachine *self, const FerrySiAnswer *answer)
{
  for (guint i = 0; i < answer->methods.n_items; i++)
    {
      if (ferry_si_methods_contain (&self->offered, answer->methods.items[i]))
        return EV (ANSWERED);
    }
  return EV (ANSWER_BAD);
}

/* Sender: what follows when the method of now has failed. */
static FerrySiEventType
refine_sender_failed (const FerrySiMachine *self, const GError *error)
{
  gboolean had_inband = ferry_si_methods_contain (&self->agreed, FERRY_SI_INBAND);

  if (self->state == ST (CONNECTING) && self->n_tried < self->agreed.n_items)
    return EV (NEXT);
  /* To libpurple's custom Psi says "forbidden", which is no word of its user. */
  if (!self->has_tried && (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_FORBIDDEN) ||
                           g_error_matches (error, FERRY_ERROR, FERRY_ERROR_DECLINED)))
    return EV (DENIED);
  if (!self->may_inband || self->is_second || had_inband)
    return EV (NO_WAY);
  return self->has_tried ? EV (AGAIN) : EV (TRY);
}

static FerrySiEventType
refine_open_failed (const FerrySiMachine *self, FerrySiMethod method, const GError *error)
{
  gboolean has_s5b = ferry_si_methods_contain (&self->agreed, FERRY_SI_S5B);

  if (self->role == FERRY_SI_SENDER)
    return refine_sender_failed (self, error);
  if (method == FERRY_SI_INBAND)
    return has_s5b && !self->s5b_failed && !self->is_second ? EV (LISTEN_AGAIN) : EV (NO_WAY);
  return self->may_inband ? EV (S5B_FAILED) : EV (NO_WAY);
}

/* The pipe is closed. What a Ferry says of it may come later: who moves the bytes may be gone
 * before its session knows why. */
static FerrySiEventType
refine_flushed (const FerrySiMachine *self)
{
  gboolean is_word_due = self->has_words && !self->was_told;

  if (self->state == ST (BREAKING) && is_word_due)
    return EV (WHY_FOLLOWS);
  if (self->state == ST (BREAKING) && self->open == FERRY_SI_INBAND && !self->has_words)
    return EV (CLOSED_EARLY);
  if (self->state == ST (FLUSHING) && is_word_due)
    return EV (FLUSHED_UNTOLD);
  return EV (FLUSHED);
}

/* That the peer closed an in-band stream before it had everything is no reason where a word
 * follows: it may even have the file, and miss only the end of our TLS. */
static FerrySiEventType
refine_broken (const FerrySiMachine *self, const GError *error)
{
  gboolean is_closed =
      self->has_words && g_error_matches (error, FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER);

  return self->was_told || is_closed ? refine_flushed (self) : EV (PIPE_BROKEN);
}

/* The table has one column for each different consequence; here an event is sorted into its
 * column. */
static FerrySiEventType
refine (const FerrySiMachine *self, const FerrySiEvent *event)
{
  gboolean has_pipe = self->state == ST (OPEN) || self->state == ST (FLUSHING);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (event->type)
    {
    case EV (ANSWERED):
      return refine_answer (self, event->answer);
    case EV (ACCEPT):
      return self->agreed.n_items > 0 ? EV (ACCEPT) : EV (NO_ROUTE);
    case EV (OPEN_FAILED):
      return refine_open_failed (self, event->method, event->error);
    case EV (TIMEOUT):
      if (self->state == ST (CONNECTING) || self->state == ST (TRYING))
        return refine_sender_failed (self, NULL);
      return self->state == ST (AWAIT_INBAND) ? EV (NO_WAY) : EV (TIMEOUT);
    case EV (FAIL):
      return self->state != ST (ASKING) &&
                     g_error_matches (event->error, FERRY_ERROR, FERRY_ERROR_BROKEN)
                 ? EV (FAIL_BROKEN)
                 : EV (FAIL);
    case EV (FLUSHED):
      return refine_flushed (self);
    case EV (PIPE_BROKEN):
      return refine_broken (self, event->error);
    case EV (LOST):
      return has_pipe && self->open == FERRY_SI_S5B ? EV (LOST_PIPE_STAYS) : EV (LOST);
    default:
      return event->type;
    }
#pragma GCC diagnostic pop
}

void
ferry_si_machine_step (FerrySiMachine *self, const FerrySiEvent *event, FerrySiEffects *effects)
{
  g_return_if_fail (event->type < EV (ANSWER_BAD));

  FerrySiStep step = { self, event, effects };
  const Cell *cell = &table[self->state][refine (self, event)];

  effects->n_items = 0;
  if (!cell->legal)
    return;
  if (cell->run != NULL)
    cell->run (&step);
  if (cell->next != STAY)
    self->state = cell->next;
}

guint
ferry_si_machine_get_timeout_ms (const FerrySiMachine *self)
{
  return timeouts_ms[self->state];
}

/* The sender may know of the failure before we do: of a relay that it could not reach. */
gboolean
ferry_si_machine_expects_second (const FerrySiMachine *self)
{
  return (self->state == ST (AWAITING) || self->state == ST (NEGOTIATING) ||
          self->state == ST (AWAIT_INBAND)) &&
         self->may_inband && !self->is_second &&
         ferry_si_methods_contain (&self->agreed, FERRY_SI_S5B);
}

void
ferry_si_effects_clear (FerrySiEffects *self)
{
  for (guint i = 0; i < self->n_items; i++)
    g_clear_error (&self->items[i].error);
  self->n_items = 0;
}
