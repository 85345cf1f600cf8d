/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two session machines, joined by two wires that keep their order and by a pipe that works or
 * does not, under thousands of random histories. */
#include "ferry-test.h"

#include "signalling/jingle/ferry-jingle-machine.h"

#define N_RUNS 20000
#define MAX_STEPS 500

/* What travels: an action with the session it belongs to, or the answer to one. */
typedef struct
{
  FerryJingleEffectType action;
  guint session;
  FerryJingleReason reason;
  char *ibb_sid; /* nullable */
  gboolean is_answer;
  gboolean is_error;
  gboolean is_unknown_session;
} Message;

typedef struct
{
  FerryJingleMachine machine;
  gboolean is_live; /* R has none before the first offer */
  guint session;
  GQueue out; /* of Message */
  gboolean race_started, was_sent, was_completed, was_received;
  gboolean is_unacked; /* session-initiate is out */
  guint n_ends;
  gboolean end_is_good;
  char *trail_sid; /* in-band stream we wait for */
} Side;

typedef struct
{
  GRand *rand;
  Side sides[2];
  gboolean s5b_works, ibb_works, is_inband, is_declined, is_disrupted;
  gboolean is_ferry; /* who always says that it has the file */
  gboolean may_inband[2];
  GString *log;
} World;

static void
message_free (Message *message)
{
  g_free (message->ibb_sid);
  g_free (message);
}

static void feed (World *world, guint who, FerryJingleEvent *event);

static void
feed_type (World *world, guint who, FerryJingleEventType type)
{
  g_autoptr (GError) error = NULL;
  FerryJingleEvent event = { .type = type };

  if (type == FERRY_JINGLE_EV_FAIL || type == FERRY_JINGLE_EV_PIPE_BROKEN)
    error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BROKEN, "broken");
  else if (type == FERRY_JINGLE_EV_LOST || type == FERRY_JINGLE_EV_INITIATE_REFUSED ||
           type == FERRY_JINGLE_EV_ANSWER_REFUSED || type == FERRY_JINGLE_EV_REPLACE_REFUSED)
    error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_OFFLINE, "offline");
  event.error = error;
  event.peer_closed = g_rand_boolean (world->rand);
  feed (world, who, &event);
}

static void
send_action (World *world, guint who, const FerryJingleEffect *effect)
{
  Side *side = &world->sides[who];
  Message *message = g_new0 (Message, 1);

  /* Nothing may follow session-initiate before its answer (XEP-0166 §6.2). */
  if (side->is_unacked)
    g_error ("sent before the acknowledgement:\n%s", world->log->str);
  message->action = effect->type;
  message->session = side->session;
  message->reason = effect->reason;
  if (side->machine.ibb != NULL)
    message->ibb_sid = g_strdup (side->machine.ibb->sid);
  if (effect->type == FERRY_JINGLE_DO_SEND_INITIATE)
    side->is_unacked = TRUE;
  g_queue_push_tail (&side->out, message);
}

static void
answer (World *world, guint who, const Message *request, gboolean is_error, const char *detail)
{
  Message *message = g_new0 (Message, 1);
  message->action = request->action;
  message->session = request->session;
  message->is_answer = TRUE;
  message->is_error = is_error;
  message->is_unknown_session = g_strcmp0 (detail, "unknown-session") == 0;
  if (is_error && !message->is_unknown_session)
    g_error ("an action was illegal for the other side: %s\n%s", detail, world->log->str);
  g_queue_push_tail (&world->sides[who].out, message);
}

static void
run_effects (World *world, guint who, const FerryJingleEffects *effects, const Message *request)
{
  Side *side = &world->sides[who];
  guint n_answers = 0;

  for (guint i = 0; i < effects->n_items; i++)
    {
      const FerryJingleEffect *effect = &effects->items[i];
      if (side->n_ends > 0 && effect->type != FERRY_JINGLE_DO_RESULT &&
          effect->type != FERRY_JINGLE_DO_ERROR &&
          effect->type != FERRY_JINGLE_DO_SEND_TERMINATE)
        g_error ("effect %d after the end:\n%s", effect->type, world->log->str);

      if (effect->type == FERRY_JINGLE_DO_RESULT || effect->type == FERRY_JINGLE_DO_ERROR)
        {
          g_assert_nonnull (request);
          n_answers++;
          answer (world, who, request, effect->type == FERRY_JINGLE_DO_ERROR, effect->detail);
        }
      else if (effect->type == FERRY_JINGLE_DO_RESTART)
        side->session++;
      else if (effect->type == FERRY_JINGLE_DO_START_S5B)
        side->race_started = TRUE;
      else if (effect->type == FERRY_JINGLE_DO_OPEN_IBB)
        {
          g_free (side->trail_sid);
          side->trail_sid = g_strdup (side->machine.ibb->sid);
        }
      else if (effect->type == FERRY_JINGLE_DO_RECEIVED)
        side->was_received = TRUE;
      else if (effect->type == FERRY_JINGLE_DO_END)
        {
          side->n_ends++;
          side->end_is_good = effect->error == NULL;
        }
      else if (effect->type >= FERRY_JINGLE_DO_SEND_INITIATE &&
               effect->type <= FERRY_JINGLE_DO_SEND_RECEIVED)
        send_action (world, who, effect);
    }
  g_assert_cmpuint (n_answers, ==, request != NULL ? 1 : 0);
}

static void
step (World *world, guint who, FerryJingleEvent *event, const Message *request)
{
  Side *side = &world->sides[who];
  FerryJingleEffects effects;

  g_string_append_printf (world->log, "%c %s: event %d →", who == 0 ? 'I' : 'R',
                          ferry_jingle_state_get_name (side->machine.state), event->type);
  ferry_jingle_machine_step (&side->machine, event, &effects);
  g_string_append_printf (world->log, " %s\n",
                          ferry_jingle_state_get_name (side->machine.state));
  run_effects (world, who, &effects, request);
  ferry_jingle_effects_clear (&effects);
}

static void
feed (World *world, guint who, FerryJingleEvent *event)
{
  step (world, who, event, NULL);
}

static void
take_answer (World *world, guint who, const Message *message)
{
  Side *side = &world->sides[who];

  if (message->session != side->session)
    return;
  if (message->action == FERRY_JINGLE_DO_SEND_INITIATE)
    {
      side->is_unacked = FALSE;
      feed_type (world, who,
                 message->is_error ? FERRY_JINGLE_EV_INITIATE_REFUSED : FERRY_JINGLE_EV_ACKED);
    }
  else if (message->is_unknown_session)
    feed_type (world, who, FERRY_JINGLE_EV_FORGOTTEN);
}

static FerryJingleEventType
action_to_event (FerryJingleEffectType action)
{
  switch ((int) action)
    {
    case FERRY_JINGLE_DO_SEND_ACCEPT:
      return FERRY_JINGLE_EV_PEER_ACCEPT;
    case FERRY_JINGLE_DO_SEND_TERMINATE:
      return FERRY_JINGLE_EV_PEER_TERMINATE;
    case FERRY_JINGLE_DO_SEND_REPLACE:
      return FERRY_JINGLE_EV_PEER_REPLACE;
    case FERRY_JINGLE_DO_SEND_TRANSPORT_ACCEPT:
      return FERRY_JINGLE_EV_PEER_REPLACE_TAKEN;
    case FERRY_JINGLE_DO_SEND_TRANSPORT_REJECT:
      return FERRY_JINGLE_EV_PEER_REPLACE_REFUSED;
    case FERRY_JINGLE_DO_SEND_RECEIVED:
      return FERRY_JINGLE_EV_PEER_RECEIVED;
    default:
      g_error ("nobody sends action %d", action);
    }
}

static void
take_request (World *world, guint who, const Message *message)
{
  Side *side = &world->sides[who];
  g_auto (FerryJingleEvent) event = { .reason = message->reason };

  if (message->ibb_sid != NULL)
    event.ibb = ferry_jingle_ibb_new (message->ibb_sid, 4096);
  if (message->action == FERRY_JINGLE_DO_SEND_INITIATE)
    {
      gboolean is_second = side->is_live && side->machine.state == FERRY_JINGLE_AWAIT_SECOND;
      if (is_second)
        {
          side->session = message->session;
          event.type = FERRY_JINGLE_EV_PEER_SECOND;
          step (world, who, &event, message);
          return;
        }
      /* A second offer that meets no waiting first one is one more question to the user; here
       * nobody answers it. */
      if (side->is_live)
        {
          answer (world, who, message, TRUE, "unknown-session");
          return;
        }
      side->is_live = TRUE;
      side->session = message->session;
      ferry_jingle_machine_init (&side->machine, FERRY_JINGLE_RESPONDER, "r", world->is_inband,
                                 TRUE, FALSE);
      if (world->is_inband)
        side->machine.ibb = ferry_jingle_ibb_new (message->ibb_sid, 4096);
      answer (world, who, message, FALSE, NULL);
      return;
    }

  if (!side->is_live || message->session != side->session)
    {
      answer (world, who, message, TRUE, "unknown-session");
      return;
    }
  event.type = action_to_event (message->action);
  step (world, who, &event, message);
}

static void
deliver (World *world, guint from)
{
  Message *message = g_queue_pop_head (&world->sides[from].out);
  if (message->is_answer)
    take_answer (world, 1 - from, message);
  else
    take_request (world, 1 - from, message);
  message_free (message);
}

static gboolean
is_in (const Side *side, FerryJingleState state)
{
  return side->is_live && side->machine.state == state;
}

/* Is there a pipe that both have, or may still get? */
static gboolean
peer_can_open (World *world, guint who)
{
  const Side *self = &world->sides[who], *other = &world->sides[1 - who];

  if (!other->is_live)
    return FALSE;
  if (is_in (self, FERRY_JINGLE_OPENING))
    return world->ibb_works && g_strcmp0 (self->trail_sid, other->trail_sid) == 0;
  return world->s5b_works && self->race_started && other->race_started;
}

/* The next thing that our own side or its user would do; N_EVENTS if nothing. */
static FerryJingleEventType
next_of_own (World *world, guint who)
{
  Side *side = &world->sides[who];
  Side *other = &world->sides[1 - who];

  switch ((int) side->machine.state)
    {
    case FERRY_JINGLE_NEW:
      return FERRY_JINGLE_EV_START;
    case FERRY_JINGLE_GATHERING:
    case FERRY_JINGLE_PREPARING:
      return FERRY_JINGLE_EV_GATHERED;
    case FERRY_JINGLE_ASKING:
      ferry_jingle_machine_set_routes (&side->machine, world->may_inband[1],
                                       !world->may_inband[1]);
      return world->is_declined ? FERRY_JINGLE_EV_DECLINE : FERRY_JINGLE_EV_ACCEPT;
    case FERRY_JINGLE_CONNECTING:
    case FERRY_JINGLE_OPENING:
      if (peer_can_open (world, who))
        return FERRY_JINGLE_EV_OPENED;
      if (is_in (side, FERRY_JINGLE_OPENING) ? world->ibb_works : world->s5b_works)
        return FERRY_JINGLE_N_EVENTS; /* not yet; the timeout of the state is the last resort */
      return FERRY_JINGLE_EV_OPEN_FAILED;
    case FERRY_JINGLE_OPEN:
      if (who == 0)
        return side->was_sent ? FERRY_JINGLE_N_EVENTS : FERRY_JINGLE_EV_SENT;
      if (other->was_sent)
        return FERRY_JINGLE_EV_COMPLETE;
      if (other->n_ends > 0 && g_queue_is_empty (&other->out))
        return FERRY_JINGLE_EV_FAIL; /* the pump sees the pipe end */
      return FERRY_JINGLE_N_EVENTS;
    case FERRY_JINGLE_FLUSHING:
      return FERRY_JINGLE_EV_FLUSHED;
    default:
      return FERRY_JINGLE_N_EVENTS;
    }
}

static void
act (World *world, guint who, FerryJingleEventType type)
{
  Side *side = &world->sides[who];
  if (type == FERRY_JINGLE_EV_SENT)
    side->was_sent = TRUE;
  else if (type == FERRY_JINGLE_EV_COMPLETE)
    side->was_completed = TRUE;
  feed_type (world, who, type);
}

static void
disrupt (World *world, guint who)
{
  static const FerryJingleEventType trouble[] = {
    FERRY_JINGLE_EV_CANCEL,  FERRY_JINGLE_EV_FAIL,        FERRY_JINGLE_EV_LOST,
    FERRY_JINGLE_EV_TIMEOUT, FERRY_JINGLE_EV_OPEN_FAILED, FERRY_JINGLE_EV_PIPE_BROKEN,
  };
  Side *side = &world->sides[who];
  FerryJingleEventType type =
      trouble[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (trouble))];

  /* The driver lets nothing of ours through once "ended" was told. */
  if (!side->is_live || side->n_ends > 0 ||
      (type == FERRY_JINGLE_EV_TIMEOUT &&
       ferry_jingle_machine_get_timeout_ms (&side->machine) == 0))
    return;
  world->is_disrupted = TRUE;
  feed_type (world, who, type);
}

static gboolean
advance (World *world)
{
  guint order = (guint) g_rand_int_range (world->rand, 0, 4);

  for (guint i = 0; i < 4; i++)
    {
      guint choice = (order + i) % 4, who = choice % 2;
      Side *side = &world->sides[who];
      if (choice < 2 && !g_queue_is_empty (&side->out))
        {
          deliver (world, who);
          return TRUE;
        }
      if (choice >= 2 && side->is_live && side->n_ends == 0)
        {
          FerryJingleEventType type = next_of_own (world, who);
          if (type != FERRY_JINGLE_N_EVENTS)
            {
              act (world, who, type);
              return TRUE;
            }
        }
    }
  /* Nothing moves: time passes, for the one who waits less. */
  guint best = 2, best_ms = G_MAXUINT;
  for (guint who = 0; who < 2; who++)
    {
      Side *side = &world->sides[who];
      guint ms = side->is_live ? ferry_jingle_machine_get_timeout_ms (&side->machine) : 0;
      if (ms > 0 && ms < best_ms)
        best = who, best_ms = ms;
    }
  if (best == 2)
    return FALSE;
  feed_type (world, best, FERRY_JINGLE_EV_TIMEOUT);
  return TRUE;
}

static void
side_clear (Side *side)
{
  if (side->is_live)
    ferry_jingle_machine_clear (&side->machine);
  g_queue_clear_full (&side->out, (GDestroyNotify) message_free);
  g_free (side->trail_sid);
}

static void
check (World *world, guint run)
{
  Side *initiator = &world->sides[0], *responder = &world->sides[1];
  const char *log = world->log->str;

  if (initiator->n_ends != 1 || (responder->is_live && responder->n_ends != 1))
    g_error ("run %u did not end once: %u, %u\n%s", run, initiator->n_ends, responder->n_ends,
             log);
  if (initiator->was_received && !responder->was_completed)
    g_error ("run %u: received, says the sender; the receiver has not\n%s", run, log);
  if (world->is_ferry && initiator->end_is_good && !initiator->was_received &&
      !initiator->machine.peer_closed)
    g_error ("run %u: a Ferry did not say that it has the file\n%s", run, log);
  if (world->is_disrupted)
    return;
  gboolean receiver_has_it = responder->was_completed && responder->end_is_good;
  if (initiator->end_is_good != receiver_has_it || initiator->was_received != receiver_has_it)
    g_error ("run %u: the two do not agree\n%s", run, log);
  /* What can work does work, by whatever way. */
  gboolean is_possible =
      world->is_inband ? world->ibb_works && world->may_inband[1]
                       : world->s5b_works ||
                             (world->ibb_works && world->may_inband[0] && world->may_inband[1]);
  if (receiver_has_it != (is_possible && !world->is_declined))
    g_error ("run %u: that should%s have worked\n%s", run, is_possible ? "" : " not", log);
}

static gboolean
run_once (guint run, gboolean with_trouble)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (run);
  g_autoptr (GString) log = g_string_new (NULL);
  World world = {
    .rand = rand,
    .log = log,
    .s5b_works = g_rand_boolean (rand),
    .ibb_works = g_rand_int_range (rand, 0, 4) > 0,
    .is_inband = g_rand_int_range (rand, 0, 4) == 0,
    .is_declined = g_rand_int_range (rand, 0, 8) == 0,
    .is_ferry = g_rand_boolean (rand),
    .may_inband = { g_rand_int_range (rand, 0, 4) > 0, g_rand_int_range (rand, 0, 4) > 0 },
  };
  Side *initiator = &world.sides[0];

  world.may_inband[0] |= world.is_inband;
  initiator->is_live = TRUE;
  initiator->session = 1;
  ferry_jingle_machine_init (&initiator->machine, FERRY_JINGLE_INITIATOR, "i", world.is_inband,
                             world.may_inband[0], !world.may_inband[0]);
  initiator->machine.is_ferry = world.is_ferry;
  guint n_steps = 0;
  while (advance (&world))
    {
      if (++n_steps > MAX_STEPS)
        g_error ("run %u goes on for ever\n%s", run, log->str);
      if (with_trouble && g_rand_int_range (rand, 0, 12) == 0)
        disrupt (&world, (guint) g_rand_int_range (rand, 0, 2));
    }
  check (&world, run);
  gboolean is_good = initiator->end_is_good;
  side_clear (&world.sides[0]);
  side_clear (&world.sides[1]);
  return is_good;
}

static void
test_smooth (void)
{
  g_test_summary ("In any order of stanzas, with any transport failing, two machines end, and "
                  "agree on success");
  guint n_good = 0;
  for (guint run = 0; run < N_RUNS; run++)
    n_good += run_once (run, FALSE) ? 1 : 0;
  g_assert_cmpuint (n_good, >, N_RUNS / 3);
}

static void
test_trouble (void)
{
  g_test_summary ("The same with cancels, failures, lost streams and timeouts anywhere: every "
                  "run ends once, and “received” is never said of a file that is not");
  guint n_good = 0;
  for (guint run = 0; run < N_RUNS; run++)
    n_good += run_once (run, TRUE) ? 1 : 0;
  g_assert_cmpuint (n_good, >, N_RUNS / 50);
}

/* --- Single steps ----------------------------------------------------------------------------
 */

static void
test_closed_by_receiver (void)
{
  g_test_summary ("Who closes the stream when all was sent has cancelled, unless it says that "
                  "it has the file");
  g_autoptr (GError) closed =
      g_error_new_literal (FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER, "test");
  const FerryJingleEvent events[] = {
    { .type = FERRY_JINGLE_EV_START },
    { .type = FERRY_JINGLE_EV_GATHERED },
    { .type = FERRY_JINGLE_EV_ACKED },
    { .type = FERRY_JINGLE_EV_PEER_ACCEPT },
    { .type = FERRY_JINGLE_EV_OPENED },
    { .type = FERRY_JINGLE_EV_SENT },
    { .type = FERRY_JINGLE_EV_PIPE_BROKEN, .error = closed },
    { .type = FERRY_JINGLE_EV_PEER_RECEIVED },
    { .type = FERRY_JINGLE_EV_PEER_TERMINATE, .reason = FERRY_JINGLE_REASON_SUCCESS },
  };

  for (guint says_received = 0; says_received < 2; says_received++)
    {
      g_auto (FerryJingleEffects) effects = { 0 };
      FerryJingleMachine machine;

      ferry_jingle_machine_init (&machine, FERRY_JINGLE_INITIATOR, "i", FALSE, FALSE, FALSE);
      for (guint i = 0; i < G_N_ELEMENTS (events); i++)
        {
          FerryJingleEvent event = events[i];
          if (event.type == FERRY_JINGLE_EV_PEER_RECEIVED && says_received == 0)
            continue;
          ferry_jingle_effects_clear (&effects);
          ferry_jingle_machine_step (&machine, &event, &effects);
        }
      g_assert_cmpint (machine.state, ==, FERRY_JINGLE_ENDED);
      const FerryJingleEffect *end = &effects.items[effects.n_items - 1];
      g_assert_cmpint (end->type, ==, FERRY_JINGLE_DO_END);
      if (says_received)
        g_assert_no_error (end->error);
      else
        g_assert_error (end->error, FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER);
      ferry_jingle_machine_clear (&machine);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jingle/model/smooth", test_smooth);
  g_test_add_func ("/jingle/model/trouble", test_trouble);
  g_test_add_func ("/jingle/model/closed-by-receiver", test_closed_by_receiver);
  return g_test_run ();
}
