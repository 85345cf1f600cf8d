/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two machines of stream initiation joined by a network that is played: in any order of what is
 * on its way, with failures at each step, every run ends, and nobody believes in a file that
 * did not arrive. */
#include "ferry-test.h"

#include "signalling/si/ferry-si-machine.h"

typedef enum
{
  SAY_OFFER,
  SAY_ANSWER,
  SAY_REFUSAL,
  SAY_QUERY,       /* SOCKS5 begins */
  SAY_QUERY_OK,    /* it worked */
  SAY_QUERY_ERROR, /* it did not */
  SAY_OPEN,        /* in-band */
  SAY_OPEN_OK,
  SAY_OPEN_ERROR,
  SAY_ALL, /* the whole file, and the end of the stream */
  SAY_DONE,
  SAY_END,      /* the last word of a Ferry, `code` */
  SAY_RECEIVED, /* … and a good one */
  SAY_GONE,     /* the pipe is dropped */
} Word;

typedef struct
{
  Word word;
  guint id; /* of the stream */
  FerrySiMethods methods;
  gboolean is_multiple;
  int code;
} Said;

typedef enum
{
  PEER_FERRY,
  PEER_STRICT, /* R: takes in-band only where it was agreed; the user is asked again */
  N_PEERS
} PeerKind;

typedef struct
{
  FerrySiMachine machine;
  GQueue inbox;
  guint id;
  guint listens; /* set of methods that R expects */
  gboolean has_pipe;
  gboolean flushes; /* CLOSE_PIPE waits for its end */
  gboolean broke;   /* the other end of the pipe is gone */
  gboolean has_all; /* R: complete */
  gboolean was_received;
  guint n_ends;
  GError *error;
} Side;

typedef struct
{
  Side sides[2];
  GRand *rand;
  PeerKind kind;
  gboolean s5b_works;
  gboolean inband_works;
  guint n_offers;
} World;

static void give (World *world, Side *side, const FerrySiEvent *event);

static Side *
get_other (World *world, Side *side)
{
  return side == &world->sides[0] ? &world->sides[1] : &world->sides[0];
}

static void
say (Side *to, const Said *said)
{
  g_queue_push_tail (&to->inbox, g_memdup2 (said, sizeof *said));
}

static void
say_word (World *world, Side *from, Word word)
{
  const Said said = { .word = word, .id = from->id };
  say (get_other (world, from), &said);
}

static void
give_type (World *world, Side *side, FerrySiEventType type, FerryError code)
{
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, (int) code, "model");
  const FerrySiEvent event = { .type = type, .error = error };
  give (world, side, &event);
}

static void
give_method (World *world, Side *side, FerrySiEventType type, FerrySiMethod method)
{
  g_autoptr (GError) error =
      g_error_new_literal (FERRY_ERROR, FERRY_ERROR_UNREACHABLE, "model");
  const FerrySiEvent event = { .type = type, .method = method, .error = error };
  give (world, side, &event);
}

static void
run_effect (World *world, Side *side, const FerrySiEffect *effect)
{
  Said said = { .id = side->id,
                .methods = effect->methods,
                .is_multiple = effect->is_multiple };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wswitch-enum"
  switch (effect->type)
    {
    case FERRY_SI_DO_NEW_ID:
      side->id++;
      break;
    case FERRY_SI_DO_SEND_OFFER:
      world->n_offers++;
      said.word = SAY_OFFER;
      say (get_other (world, side), &said);
      break;
    case FERRY_SI_DO_SEND_ANSWER:
      said.word = SAY_ANSWER;
      say (get_other (world, side), &said);
      break;
    case FERRY_SI_DO_SEND_DECLINE:
    case FERRY_SI_DO_SEND_NO_WAY:
      say_word (world, side, SAY_REFUSAL);
      break;
    case FERRY_SI_DO_CONNECT:
      if (side->machine.role == FERRY_SI_RECEIVER)
        side->listens |= effect->method;
      else
        say_word (world, side, effect->method == FERRY_SI_S5B ? SAY_QUERY : SAY_OPEN);
      break;
    case FERRY_SI_DO_DROP:
      side->listens &= ~effect->method;
      break;
    case FERRY_SI_DO_HAND_OVER:
      g_assert_false (side->has_pipe);
      side->has_pipe = TRUE;
      break;
    case FERRY_SI_DO_CLOSE_PIPE:
      side->flushes = side->machine.role == FERRY_SI_SENDER || side->broke;
      break;
    case FERRY_SI_DO_SAY_END:
      if (!side->machine.has_words)
        break;
      said.word = effect->error != NULL ? SAY_END : SAY_RECEIVED;
      said.code = effect->error == NULL                  ? 0
                  : effect->error->domain == FERRY_ERROR ? effect->error->code
                                                         : FERRY_ERROR_CANCELLED_BY_PEER;
      say (get_other (world, side), &said);
      break;
    case FERRY_SI_DO_RECEIVED:
      side->was_received = TRUE;
      break;
    case FERRY_SI_DO_END:
      side->n_ends++;
      side->listens = 0;
      side->error = effect->error != NULL ? g_error_copy (effect->error) : NULL;
      say_word (world, side, side->has_all ? SAY_DONE : SAY_GONE);
      break;
    default:
      break;
    }
#pragma GCC diagnostic pop
}

static void
give (World *world, Side *side, const FerrySiEvent *event)
{
  g_auto (FerrySiEffects) effects = { 0 };

  ferry_si_machine_step (&side->machine, event, &effects);
  for (guint i = 0; i < effects.n_items; i++)
    {
      g_assert_cmpuint (side->n_ends, ==, 0);
      run_effect (world, side, &effects.items[i]);
    }
}

/* --- What arrives ----------------------------------------------------------------------------
 */

static void
hear_offer (World *world, Side *side, const Said *said)
{
  if (side->machine.state != FERRY_SI_ASKING)
    {
      gboolean expected = ferry_si_machine_expects_second (&side->machine);
      side->id = said->id;
      if (expected)
        give_type (world, side, FERRY_SI_EV_PEER_SECOND, FERRY_ERROR_GONE);
      else
        say_word (world, side, SAY_REFUSAL);
      return;
    }
  side->id = said->id;
  side->machine.offered = said->methods;
  side->machine.is_multiple =
      said->methods.n_items > 1 && g_rand_boolean (world->rand) && world->kind == PEER_FERRY;
}

static void
hear_query (World *world, Side *side)
{
  if ((side->listens & FERRY_SI_S5B) == 0)
    {
      say_word (world, side, SAY_QUERY_ERROR);
      return;
    }
  give_type (world, side, FERRY_SI_EV_PEER_BEGAN, FERRY_ERROR_GONE);
  say_word (world, side, world->s5b_works ? SAY_QUERY_OK : SAY_QUERY_ERROR);
  give_method (world, side, world->s5b_works ? FERRY_SI_EV_OPENED : FERRY_SI_EV_OPEN_FAILED,
               FERRY_SI_S5B);
}

static void
hear_open (World *world, Side *side, const Said *said)
{
  gboolean is_agreed = ferry_si_methods_contain (&side->machine.agreed, FERRY_SI_INBAND);

  if ((side->listens & FERRY_SI_INBAND) == 0 || said->id != side->id || !world->inband_works ||
      (world->kind == PEER_STRICT && !is_agreed))
    {
      say_word (world, side, SAY_OPEN_ERROR);
      return;
    }
  say_word (world, side, SAY_OPEN_OK);
  give_method (world, side, FERRY_SI_EV_OPENED, FERRY_SI_INBAND);
}

static void
hear_gone (World *world, Side *side)
{
  side->broke = TRUE;
  if (side->has_pipe && side->flushes)
    give_type (world, side, FERRY_SI_EV_PIPE_BROKEN, FERRY_ERROR_CANCELLED_BY_PEER);
  else if (side->has_pipe)
    give_type (world, side, FERRY_SI_EV_FAIL, FERRY_ERROR_BROKEN);
}

static void
hear (World *world, Side *side, const Said *said)
{
  FerrySiAnswer answer = { .methods = said->methods, .range = FERRY_RANGE_WHOLE };
  const FerrySiEvent answered = { .type = FERRY_SI_EV_ANSWERED, .answer = &answer };

  if (side->n_ends > 0)
    {
      if (said->word == SAY_QUERY)
        say_word (world, side, SAY_QUERY_ERROR);
      else if (said->word == SAY_OPEN)
        say_word (world, side, SAY_OPEN_ERROR);
      else if (said->word == SAY_OFFER)
        say_word (world, side, SAY_REFUSAL);
      return;
    }
  switch (said->word)
    {
    case SAY_OFFER:
      hear_offer (world, side, said);
      break;
    case SAY_ANSWER:
      if (!said->is_multiple)
        answer.methods.n_items = 1;
      give (world, side, &answered);
      break;
    case SAY_REFUSAL:
      give_type (world, side, FERRY_SI_EV_REFUSED, FERRY_ERROR_DECLINED);
      break;
    case SAY_QUERY:
      hear_query (world, side);
      break;
    case SAY_OPEN:
      hear_open (world, side, said);
      break;
    case SAY_QUERY_OK:
    case SAY_QUERY_ERROR:
      give_method (world, side,
                   said->word == SAY_QUERY_OK ? FERRY_SI_EV_OPENED : FERRY_SI_EV_OPEN_FAILED,
                   FERRY_SI_S5B);
      break;
    case SAY_OPEN_OK:
    case SAY_OPEN_ERROR:
      give_method (world, side,
                   said->word == SAY_OPEN_OK ? FERRY_SI_EV_OPENED : FERRY_SI_EV_OPEN_FAILED,
                   FERRY_SI_INBAND);
      break;
    case SAY_ALL:
      side->has_all = TRUE;
      give_type (world, side, FERRY_SI_EV_COMPLETE, FERRY_ERROR_GONE);
      break;
    case SAY_DONE:
      give_type (world, side, FERRY_SI_EV_FLUSHED, FERRY_ERROR_GONE);
      break;
    case SAY_RECEIVED:
      give_type (world, side, FERRY_SI_EV_PEER_HAS_ALL, FERRY_ERROR_GONE);
      break;
    case SAY_END:
      give_type (world, side, FERRY_SI_EV_PEER_ENDED, (FerryError) said->code);
      break;
    case SAY_GONE:
    default:
      hear_gone (world, side);
      break;
    }
}

/* --- One run ---------------------------------------------------------------------------------
 */

static void
act (World *world, Side *side)
{
  if (side->machine.state == FERRY_SI_ASKING && side->id > 0)
    {
      ferry_si_machine_set_allowed (&side->machine, FERRY_SI_S5B | FERRY_SI_INBAND);
      give_type (world, side, FERRY_SI_EV_ACCEPT, FERRY_ERROR_GONE);
    }
  else if (side->machine.state == FERRY_SI_OPEN && side->machine.role == FERRY_SI_SENDER &&
           !side->broke)
    {
      say_word (world, side, SAY_ALL);
      give_type (world, side, FERRY_SI_EV_SENT, FERRY_ERROR_GONE);
    }
  else if (side->machine.state == FERRY_SI_BREAKING && side->flushes)
    give_type (world, side, FERRY_SI_EV_FLUSHED, FERRY_ERROR_GONE);
}

static gboolean
is_over (World *world)
{
  return world->sides[0].n_ends > 0 && world->sides[1].n_ends > 0;
}

/* @trouble: one of this many turns brings a failure from outside; 0: none does */
static void
run_world (World *world, guint trouble)
{
  static const FerrySiEventType troubles[] = { FERRY_SI_EV_CANCEL, FERRY_SI_EV_FAIL,
                                               FERRY_SI_EV_LOST, FERRY_SI_EV_DECLINE,
                                               FERRY_SI_EV_TIMEOUT };

  give_type (world, &world->sides[0], FERRY_SI_EV_START, FERRY_ERROR_GONE);
  for (guint n_turns = 0; !is_over (world); n_turns++)
    {
      Side *side = &world->sides[g_rand_int_range (world->rand, 0, 2)];
      g_autofree Said *said = NULL;

      g_assert_cmpuint (n_turns, <, 2000);
      if (trouble > 0 && g_rand_int_range (world->rand, 0, (gint32) trouble) == 0)
        give_type (world, side,
                   troubles[g_rand_int_range (world->rand, 0, G_N_ELEMENTS (troubles))],
                   FERRY_ERROR_OFFLINE);
      else if ((said = g_queue_pop_head (&side->inbox)) != NULL)
        hear (world, side, said);
      else
        act (world, side);
      /* Nothing is on its way: only time passes, or a user gives up. */
      if (n_turns > 300 && g_queue_is_empty (&world->sides[0].inbox) &&
          g_queue_is_empty (&world->sides[1].inbox))
        give_type (world, side,
                   ferry_si_machine_get_timeout_ms (&side->machine) > 0 ? FERRY_SI_EV_TIMEOUT
                                                                        : FERRY_SI_EV_CANCEL,
                   FERRY_ERROR_GONE);
    }
}

static void
check_world (World *world, guint trouble)
{
  Side *sender = &world->sides[0], *receiver = &world->sides[1];

  g_assert_cmpuint (sender->n_ends, ==, 1);
  g_assert_cmpuint (receiver->n_ends, ==, 1);
  g_assert_cmpuint (world->n_offers, <=, 2);
  if (sender->was_received)
    g_assert_true (receiver->has_all);
  if (sender->error == NULL)
    g_assert_true (receiver->has_all);
  /* A Ferry's word is more than that nothing went wrong. */
  if (sender->error == NULL && world->kind == PEER_FERRY)
    g_assert_true (sender->was_received);
  if (trouble > 0)
    return;

  gboolean has_way = world->s5b_works || world->inband_works;
  g_assert_true ((sender->error == NULL) == has_way);
  g_assert_true ((receiver->error == NULL) == has_way);
  if (world->s5b_works)
    g_assert_cmpuint (world->n_offers, ==, 1);
}

static void
try_once (guint32 seed, guint trouble)
{
  World world = { .rand = g_rand_new_with_seed (seed) };
  const FerrySiMethods both = { 2, { FERRY_SI_S5B, FERRY_SI_INBAND } };

  world.kind = g_rand_int_range (world.rand, 0, N_PEERS);
  world.s5b_works = g_rand_boolean (world.rand);
  world.inband_works = g_rand_int_range (world.rand, 0, 4) > 0;
  for (guint i = 0; i < 2; i++)
    {
      g_queue_init (&world.sides[i].inbox);
      ferry_si_machine_init (&world.sides[i].machine,
                             i == 0 ? FERRY_SI_SENDER : FERRY_SI_RECEIVER, both, FALSE, TRUE,
                             world.kind == PEER_FERRY);
    }
  world.sides[0].id = 1;
  run_world (&world, trouble);
  check_world (&world, trouble);
  for (guint i = 0; i < 2; i++)
    {
      g_queue_clear_full (&world.sides[i].inbox, g_free);
      ferry_si_machine_clear (&world.sides[i].machine);
      g_clear_error (&world.sides[i].error);
    }
  g_rand_free (world.rand);
}

static void
test_calm (void)
{
  g_test_summary ("If there is a way the file comes over, by gabble's list, libpurple's silent "
                  "<open/> or a second offer; if there is none both fail");
  for (guint32 seed = 0; seed < 2000; seed++)
    try_once (seed, 0);
}

static void
test_trouble (void)
{
  g_test_summary ("Cancelled, failed, lost or late at any moment: both end, once, and nobody "
                  "believes in a file that did not arrive");
  for (guint32 seed = 0; seed < 6000; seed++)
    try_once (seed, 3 + seed % 30);
}

/* --- Single steps ----------------------------------------------------------------------------
 */

static void
step_method (FerrySiMachine *machine,
             FerrySiEventType type,
             FerrySiMethod method,
             FerrySiEffects *effects)
{
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_UNREACHABLE, "test");
  const FerrySiAnswer s5b = { .methods = { 1, { FERRY_SI_S5B } }, .range = FERRY_RANGE_WHOLE };
  const FerrySiEvent event = { .type = type, .method = method, .error = error, .answer = &s5b };
  ferry_si_effects_clear (effects);
  ferry_si_machine_step (machine, &event, effects);
}

static void
test_patience (void)
{
  g_test_summary ("An offer has a day to be answered, and then it has not been");
  const FerrySiMethods both = { 2, { FERRY_SI_S5B, FERRY_SI_INBAND } };
  g_auto (FerrySiEffects) effects = { 0 };
  FerrySiMachine machine;
  guint waited_ms = 0;

  ferry_si_machine_init (&machine, FERRY_SI_SENDER, both, FALSE, TRUE, FALSE);
  step_method (&machine, FERRY_SI_EV_START, FERRY_SI_S5B, &effects);
  for (guint i = 0; i < 2; i++)
    {
      waited_ms += ferry_si_machine_get_timeout_ms (&machine);
      step_method (&machine, FERRY_SI_EV_TIMEOUT, FERRY_SI_S5B, &effects);
    }
  g_assert_cmpuint (waited_ms, ==, 24 * 3600 * 1000);
  g_assert_cmpint (machine.state, ==, FERRY_SI_ENDED);
  g_assert_cmpint (effects.items[0].type, ==, FERRY_SI_DO_END);
  g_assert_error (effects.items[0].error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);
  ferry_si_machine_clear (&machine);
}

static void
test_customs (void)
{
  g_test_summary (
      "After plain SOCKS5: in-band on the same id, then one new offer, then no more");
  const FerrySiMethods both = { 2, { FERRY_SI_S5B, FERRY_SI_INBAND } };
  g_auto (FerrySiEffects) effects = { 0 };
  FerrySiMachine machine;

  ferry_si_machine_init (&machine, FERRY_SI_SENDER, both, FALSE, TRUE, FALSE);
  step_method (&machine, FERRY_SI_EV_START, 0, &effects);
  step_method (&machine, FERRY_SI_EV_ANSWERED, 0, &effects);
  g_assert_cmpint (machine.state, ==, FERRY_SI_CONNECTING);
  step_method (&machine, FERRY_SI_EV_OPEN_FAILED, FERRY_SI_S5B, &effects);
  g_assert_cmpint (machine.state, ==, FERRY_SI_TRYING);
  g_assert_cmpint (effects.items[effects.n_items - 1].type, ==, FERRY_SI_DO_CONNECT);
  g_assert_cmpint (effects.items[effects.n_items - 1].method, ==, FERRY_SI_INBAND);
  step_method (&machine, FERRY_SI_EV_OPEN_FAILED, FERRY_SI_INBAND, &effects);
  g_assert_cmpint (machine.state, ==, FERRY_SI_OFFERED);
  g_assert_cmpint (effects.items[effects.n_items - 1].type, ==, FERRY_SI_DO_SEND_OFFER);
  g_assert_cmpuint (effects.items[effects.n_items - 1].methods.n_items, ==, 1);
  /* What was not offered a second time is not taken. */
  step_method (&machine, FERRY_SI_EV_ANSWERED, 0, &effects);
  g_assert_cmpint (machine.state, ==, FERRY_SI_ENDED);
  g_assert_error (effects.items[0].error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
  ferry_si_machine_clear (&machine);
}

static void
test_listens (void)
{
  g_test_summary (
      "A receiver takes in-band at any time before SOCKS5 is open, and does not end "
      "when one of two ways fails");
  const FerrySiMethods both = { 2, { FERRY_SI_S5B, FERRY_SI_INBAND } };
  g_auto (FerrySiEffects) effects = { 0 };
  FerrySiMachine machine;

  ferry_si_machine_init (&machine, FERRY_SI_RECEIVER, both, TRUE, TRUE, FALSE);
  ferry_si_machine_set_allowed (&machine, FERRY_SI_S5B | FERRY_SI_INBAND);
  step_method (&machine, FERRY_SI_EV_ACCEPT, 0, &effects);
  g_assert_cmpint (machine.state, ==, FERRY_SI_AWAITING);
  g_assert_cmpint (effects.items[effects.n_items - 1].type, ==, FERRY_SI_DO_SEND_ANSWER);
  g_assert_true (effects.items[effects.n_items - 1].is_multiple);
  step_method (&machine, FERRY_SI_EV_PEER_BEGAN, 0, &effects);
  g_assert_cmpint (machine.state, ==, FERRY_SI_NEGOTIATING);
  step_method (&machine, FERRY_SI_EV_OPEN_FAILED, FERRY_SI_INBAND, &effects);
  g_assert_cmpint (effects.items[0].type, ==, FERRY_SI_DO_CONNECT);
  step_method (&machine, FERRY_SI_EV_OPEN_FAILED, FERRY_SI_S5B, &effects);
  g_assert_cmpint (machine.state, ==, FERRY_SI_AWAIT_INBAND);
  step_method (&machine, FERRY_SI_EV_OPENED, FERRY_SI_INBAND, &effects);
  g_assert_cmpint (machine.state, ==, FERRY_SI_OPEN);
  g_assert_cmpint (effects.items[effects.n_items - 1].method, ==, FERRY_SI_INBAND);
  ferry_si_machine_clear (&machine);
}

/* Sends in-band, and the peer closes the stream after @last; then @word comes. Returns:
 * (transfer full) (nullable): how it ends */
static GError *
end_closed (FerrySiEventType last, FerrySiEventType word, gboolean has_words)
{
  const FerrySiMethods inband = { 1, { FERRY_SI_INBAND } };
  const FerrySiAnswer answer = { .methods = inband, .range = FERRY_RANGE_WHOLE };
  g_autoptr (GError) broken = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BROKEN, "test");
  g_autoptr (GError) paused = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_PAUSED, "test");
  g_autoptr (GError) closed =
      g_error_new_literal (FERRY_ERROR, FERRY_ERROR_CANCELLED_BY_PEER, "test");
  const FerrySiEvent events[] = {
    { .type = FERRY_SI_EV_START },
    { .type = FERRY_SI_EV_ANSWERED, .answer = &answer },
    { .type = FERRY_SI_EV_OPENED, .method = FERRY_SI_INBAND },
    { .type = last, .error = broken },
    { .type = FERRY_SI_EV_PIPE_BROKEN, .error = closed },
    { .type = word, .error = paused },
  };
  g_auto (FerrySiEffects) effects = { 0 };
  FerrySiMachine machine;

  ferry_si_machine_init (&machine, FERRY_SI_SENDER, inband, FALSE, TRUE, has_words);
  for (guint i = 0; i < G_N_ELEMENTS (events) && machine.state != FERRY_SI_ENDED; i++)
    {
      ferry_si_effects_clear (&effects);
      ferry_si_machine_step (&machine, &events[i], &effects);
    }
  ferry_si_machine_clear (&machine);
  g_assert_cmpint (machine.state, ==, FERRY_SI_ENDED);
  FerrySiEffect *end = &effects.items[effects.n_items - 1];
  g_assert_cmpint (end->type, ==, FERRY_SI_DO_END);
  return g_steal_pointer (&end->error);
}

static void
test_closed_by_receiver (void)
{
  g_test_summary ("A Ferry that closes the in-band stream has its reasons, which it may tell "
                  "after that: that it has it all, or goes on later; others have cancelled");
  static const struct
  {
    FerrySiEventType last;
    FerrySiEventType word;
    gboolean has_words;
    int code; /* negative: none */
  } cases[] = {
    { FERRY_SI_EV_SENT, FERRY_SI_EV_PEER_HAS_ALL, TRUE, -1 },
    { FERRY_SI_EV_SENT, FERRY_SI_EV_PEER_ENDED, TRUE, FERRY_ERROR_PAUSED },
    { FERRY_SI_EV_SENT, FERRY_SI_EV_TIMEOUT, TRUE, FERRY_ERROR_BROKEN },
    { FERRY_SI_EV_SENT, FERRY_SI_EV_PEER_HAS_ALL, FALSE, FERRY_ERROR_CANCELLED_BY_PEER },
    { FERRY_SI_EV_FAIL, FERRY_SI_EV_PEER_ENDED, TRUE, FERRY_ERROR_PAUSED },
    { FERRY_SI_EV_FAIL, FERRY_SI_EV_TIMEOUT, TRUE, FERRY_ERROR_BROKEN },
    { FERRY_SI_EV_FAIL, FERRY_SI_EV_PEER_ENDED, FALSE, FERRY_ERROR_CANCELLED_BY_PEER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = end_closed (cases[i].last, cases[i].word, cases[i].has_words);
      if (cases[i].code < 0)
        g_assert_no_error (error);
      else
        g_assert_error (error, FERRY_ERROR, cases[i].code);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/si/model/patience", test_patience);
  g_test_add_func ("/si/model/customs", test_customs);
  g_test_add_func ("/si/model/listens", test_listens);
  g_test_add_func ("/si/model/calm", test_calm);
  g_test_add_func ("/si/model/trouble", test_trouble);
  g_test_add_func ("/si/model/closed-by-receiver", test_closed_by_receiver);
  return g_test_run ();
}
