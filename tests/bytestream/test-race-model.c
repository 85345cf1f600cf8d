/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two races joined by a network that exists only as a queue of events with a virtual clock.
 * What dials meet, how long everything takes and how messages of both directions interleave is
 * drawn at random; a seed repeats a run: `test-race-model SEED`. */
#include "ferry-test.h"

#include "bytestream/s5b/ferry-race.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_RUNS 30000
/* All limits together are below this. */
#define LONGEST_RUN_MS 150000
#define MAX_CANDIDATES 6

typedef struct _Side Side;

typedef struct
{
  gint64 at_ms;
  guint order; /* events at the same time happen in the order in which they were made */
  Side *side;
  FerryRaceEventType type;
  char *cid;
  guint connection;
} Happening;

/* One dial of a side. */
typedef struct
{
  guint id;
  const char *cid;
  gboolean is_dropped;
  gint64 began_ms;
  gint64 dropped_ms;
} Dial;

struct _Side
{
  const char *name;
  Side *other;
  FerryRace *race;
  GPtrArray *offers; /* of FerryCandidate */
  GArray *dials;     /* of Dial */
  gint64 began_ms;   /* when it began to dial */
  gint64 message_ms; /* when the last message to this side arrives */
  gint64 tick_ms;
  guint n_reports;
  guint n_activations;
  guint n_ends;
  FerryRaceEffectType end;
  char *end_cid;
  guint end_connection;
};

typedef struct
{
  GRand *rand;
  gint64 now_ms;
  guint order;
  GSequence *queue; /* of Happening */
  Side sides[2];
  guint n_connections;
  gboolean loses_messages;
  gboolean activation_works;
} World;

static void
happening_free (Happening *happening)
{
  g_free (happening->cid);
  g_free (happening);
}

static int
compare_happenings (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Happening *x = a, *y = b;
  if (x->at_ms != y->at_ms)
    return x->at_ms < y->at_ms ? -1 : 1;
  return x->order < y->order ? -1 : 1;
}

static guint
draw (World *world, guint below)
{
  return (guint) g_rand_int_range (world->rand, 0, (gint32) below);
}

static void
plan (
    World *world, Side *side, gint64 in_ms, FerryRaceEventType type, const char *cid, guint id)
{
  Happening *happening = g_new0 (Happening, 1);
  happening->at_ms = world->now_ms + in_ms;
  happening->order = world->order++;
  happening->side = side;
  happening->type = type;
  happening->cid = g_strdup (cid);
  happening->connection = id;
  g_sequence_insert_sorted (world->queue, happening, compare_happenings, NULL);
}

/* Messages to one side keep their order (RFC 6120 §10.1), whatever they cost in time. */
static void
say (World *world, Side *to, FerryRaceEventType type, const char *cid)
{
  if (world->loses_messages && draw (world, 5) == 0)
    return;
  gint64 takes_ms = draw (world, draw (world, 2) ? 50 : 2000);
  to->message_ms = MAX (to->message_ms, world->now_ms + takes_ms);
  plan (world, to, to->message_ms - world->now_ms, type, cid, 0);
}

/* --- The network -----------------------------------------------------------------------------
 */

static void
begin_dial (World *world, Side *side, const FerryCandidate *candidate)
{
  guint id = ++world->n_connections;
  Dial dial = { .id = id, .cid = candidate->cid, .began_ms = world->now_ms };
  g_array_append_val (side->dials, dial);

  gint64 takes_ms = draw (world, draw (world, 3) ? 60 : 9000);
  gint64 travels_ms = 1 + draw (world, 90);
  /* What a host does follows from its name: each run gives it another. */
  switch (candidate->host[0])
    {
    case 'w': /* works */
      plan (world, side, takes_ms, FERRY_RACE_CONNECTED, candidate->cid, id);
      plan (world, side, takes_ms, FERRY_RACE_GREETED, candidate->cid, id);
      if (!ferry_candidate_is_proxy (candidate))
        plan (world, side->other, takes_ms, FERRY_RACE_INCOMING, NULL, id);
      plan (world, side, takes_ms + travels_ms, FERRY_RACE_DIALLED, candidate->cid, id);
      break;
    case 'r': /* refuses */
      plan (world, side, takes_ms, FERRY_RACE_DIAL_FAILED, candidate->cid, id);
      break;
    case 's': /* speaks another protocol */
      plan (world, side, takes_ms, FERRY_RACE_CONNECTED, candidate->cid, id);
      plan (world, side, takes_ms + travels_ms, FERRY_RACE_DIAL_FAILED, candidate->cid, id);
      break;
    case 'g': /* greets, then refuses */
      plan (world, side, takes_ms, FERRY_RACE_CONNECTED, candidate->cid, id);
      plan (world, side, takes_ms, FERRY_RACE_GREETED, candidate->cid, id);
      plan (world, side, takes_ms + travels_ms, FERRY_RACE_DIAL_FAILED, candidate->cid, id);
      break;
    default: /* drops packets */
      break;
    }
}

static Dial *
find_dial (Side *side, const char *cid)
{
  for (guint i = side->dials->len; i > 0; i--)
    {
      Dial *dial = &g_array_index (side->dials, Dial, i - 1);
      if (strcmp (dial->cid, cid) == 0)
        return dial;
    }
  return NULL;
}

static void
drop_dial (World *world, Side *side, const char *cid)
{
  Dial *dial = find_dial (side, cid);
  g_assert_nonnull (dial);
  g_assert_false (dial->is_dropped);
  dial->is_dropped = TRUE;
  dial->dropped_ms = world->now_ms;
  /* In case it has just become a connection; at its end it is seen within 90 ms. */
  plan (world, side->other, 1 + draw (world, 90), FERRY_RACE_INCOMING_CLOSED, NULL, dial->id);
}

/* Fast mode: the initiator speaks on the stream that it has chosen, and closes the others. */
static void
say_go (World *world, Side *side, const FerryRaceEffect *effect)
{
  Side *other = side->other;
  gint64 in_ms = 100 + draw (world, 2000);
  const char *cid = effect->candidate != NULL ? effect->candidate->cid : NULL;
  const Dial *dial = cid != NULL ? find_dial (side, cid) : NULL;

  for (guint i = 0; i < other->dials->len; i++)
    {
      const Dial *theirs = &g_array_index (other->dials, Dial, i);
      gboolean is_chosen =
          effect->type == FERRY_RACE_SETTLE_ACTIVATED
              ? strcmp (theirs->cid, cid) == 0
              : effect->type == FERRY_RACE_SETTLE_INCOMING && theirs->id == effect->connection;
      if (is_chosen && !theirs->is_dropped)
        plan (world, other, in_ms, FERRY_RACE_GO, theirs->cid, 0);
      else if (!theirs->is_dropped)
        plan (world, other, in_ms - draw (world, 2), FERRY_RACE_DIAL_FAILED, theirs->cid,
              theirs->id);
    }
  /* On a relay it is heard when the other side has joined. */
  if (effect->type == FERRY_RACE_SETTLE_DIALLED &&
      !ferry_candidate_is_proxy (effect->candidate))
    plan (world, other, in_ms, FERRY_RACE_GO, NULL, dial->id);
}

/* --- The sides -------------------------------------------------------------------------------
 */

static void
do_effect (World *world, Side *side, const FerryRaceEffect *effect)
{
  const char *cid = effect->candidate != NULL ? effect->candidate->cid : NULL;

  g_assert_cmpuint (side->n_ends, ==, 0);
  switch (effect->type)
    {
    case FERRY_RACE_DIAL:
      begin_dial (world, side, effect->candidate);
      break;
    case FERRY_RACE_DROP:
      drop_dial (world, side, cid);
      break;
    case FERRY_RACE_TELL_USED:
      side->n_reports++;
      say (world, side->other, FERRY_RACE_PEER_USED, cid);
      break;
    case FERRY_RACE_TELL_ERROR:
      side->n_reports++;
      say (world, side->other, FERRY_RACE_PEER_ERROR, NULL);
      break;
    case FERRY_RACE_ACTIVATE:
      plan (world, side, draw (world, 15000),
            world->activation_works ? FERRY_RACE_ACTIVATED : FERRY_RACE_NOT_ACTIVATED, NULL, 0);
      side->n_activations++;
      break;
    case FERRY_RACE_TELL_ACTIVATED:
      say (world, side->other, FERRY_RACE_PEER_ACTIVATED, cid);
      /* The file may overtake that. */
      if (draw (world, 2))
        plan (world, side->other, draw (world, 500), FERRY_RACE_GO, cid, 0);
      break;
    case FERRY_RACE_TELL_PROXY_ERROR:
      say (world, side->other, FERRY_RACE_PEER_PROXY_ERROR, NULL);
      break;
    case FERRY_RACE_SETTLE_DIALLED:
    case FERRY_RACE_SETTLE_INCOMING:
    case FERRY_RACE_SETTLE_ACTIVATED:
    case FERRY_RACE_FAIL:
    default:
      side->n_ends++;
      side->end = effect->type;
      side->end_cid = g_strdup (cid);
      side->end_connection = effect->connection;
      if (effect->type == FERRY_RACE_SETTLE_DIALLED)
        {
          Dial *dial = find_dial (side, cid);
          g_assert_nonnull (dial);
          g_assert_false (dial->is_dropped);
          side->end_connection = dial->id;
        }
      g_assert_true (effect->says_go ==
                     (ferry_race_is_fast (side->race) && side->name[0] == 'i' &&
                      effect->type != FERRY_RACE_FAIL));
      if (ferry_race_is_fast (side->race))
        g_assert_cmpuint (side->n_reports, ==, 1);
      if (effect->says_go)
        say_go (world, side, effect);
      break;
    }
}

static void
step (World *world, Side *side, const FerryRaceEvent *event)
{
  g_autoptr (GArray) effects = g_array_new (FALSE, FALSE, sizeof (FerryRaceEffect));
  g_autoptr (GError) error = NULL;
  gboolean success = ferry_race_step (side->race, event, world->now_ms, effects, &error);

  if (!world->loses_messages)
    g_assert_no_error (error);
  g_assert_true (success == (error == NULL));
  if (event->type == FERRY_RACE_START || event->type == FERRY_RACE_COUNTER_OFFER)
    side->began_ms = world->now_ms;
  for (guint i = 0; i < effects->len; i++)
    do_effect (world, side, &g_array_index (effects, FerryRaceEffect, i));

  gint64 deadline_ms = ferry_race_get_deadline (side->race);
  if (!ferry_race_is_over (side->race) && deadline_ms < G_MAXINT64)
    {
      g_assert_cmpint (deadline_ms, >, world->now_ms);
      if (deadline_ms != side->tick_ms)
        plan (world, side, deadline_ms - world->now_ms, FERRY_RACE_TICK, NULL, 0);
      side->tick_ms = deadline_ms;
    }
}

/* What was on its way to or through a dial that has been dropped since does not happen. */
static gboolean
is_of_dropped_dial (const Happening *happening)
{
  gboolean is_at_listener = happening->type == FERRY_RACE_INCOMING;
  const Side *dialler = is_at_listener ? happening->side->other : happening->side;

  if (happening->type == FERRY_RACE_INCOMING_CLOSED)
    return FALSE;
  for (guint i = 0; i < dialler->dials->len; i++)
    {
      const Dial *dial = &g_array_index (dialler->dials, Dial, i);
      if (dial->id == happening->connection)
        return dial->is_dropped;
    }
  return FALSE;
}

static void
offer (World *world, Side *side, guint n)
{
  static const char *const hosts[] = {
    "works", "works", "refuses", "speaks", "greets", "hangs"
  };
  g_autoptr (FerryJid) own = ferry_jid_new (side->name, NULL);
  g_autoptr (FerryJid) relay = ferry_jid_new ("relay.example", NULL);

  for (guint i = 0; i < n; i++)
    {
      gboolean is_proxy = draw (world, 4) == 0;
      g_autofree char *cid = g_strdup_printf ("%s%u", side->name, i);
      FerryCandidate *candidate = ferry_candidate_new (
          cid, hosts[draw (world, G_N_ELEMENTS (hosts))], (guint16) (1 + draw (world, 3)),
          is_proxy ? relay : own, 1 + draw (world, 6) + (is_proxy ? 0 : 6),
          is_proxy ? FERRY_CANDIDATE_PROXY : FERRY_CANDIDATE_DIRECT);
      g_ptr_array_add (side->offers, candidate);
      FerryRaceEvent event = { .type = FERRY_RACE_OWN, .candidate = candidate };
      step (world, side, &event);
    }
}

static void
deliver_offers (World *world, Side *to)
{
  for (guint i = 0; i < to->other->offers->len; i++)
    {
      FerryRaceEvent event = { .type = FERRY_RACE_REMOTE,
                               .candidate = to->other->offers->pdata[i] };
      step (world, to, &event);
    }
}

static void
side_init (Side *side, Side *other, const char *name, const FerryRaceRules *rules)
{
  *side = (Side){ .name = name, .other = other };
  side->race = ferry_race_new (rules, NULL, name[0] == 'i');
  side->offers = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_candidate_free);
  side->dials = g_array_new (FALSE, FALSE, sizeof (Dial));
}

static void
side_clear (Side *side)
{
  ferry_race_free (side->race);
  g_ptr_array_unref (side->offers);
  g_array_unref (side->dials);
  g_free (side->end_cid);
}

/* --- Runs ------------------------------------------------------------------------------------
 */

/* The ways in which runs ended, so that a model which never gets anywhere is noticed. */
typedef enum
{
  END_FAILED,
  END_INITIATOR_DIALLED,
  END_RESPONDER_DIALLED,
  END_INITIATORS_PROXY,
  END_RESPONDERS_PROXY,
  N_ENDS
} End;

static void
run_to_the_end (World *world)
{
  while (!g_sequence_is_empty (world->queue) && !(ferry_race_is_over (world->sides[0].race) &&
                                                  ferry_race_is_over (world->sides[1].race)))
    {
      GSequenceIter *first = g_sequence_get_begin_iter (world->queue);
      Happening *happening = g_sequence_get (first);
      world->now_ms = happening->at_ms;
      if (!is_of_dropped_dial (happening))
        {
          FerryRaceEvent event = { .type = happening->type,
                                   .cid = happening->cid,
                                   .connection = happening->connection };
          if (event.type == FERRY_RACE_COUNTER_OFFER)
            deliver_offers (world, happening->side);
          step (world, happening->side, &event);
          if (event.type == FERRY_RACE_ACTIVATED)
            plan (world, happening->side, draw (world, 100), FERRY_RACE_GO, NULL, 0);
        }
      g_sequence_remove (first);
    }
}

/* Is the end of @side the other end of the connection that @dialler settled on? */
static gboolean
is_same_connection (const Side *dialler, const Side *side)
{
  if (dialler->end != FERRY_RACE_SETTLE_DIALLED)
    return FALSE;
  if (side->end == FERRY_RACE_SETTLE_INCOMING)
    return dialler->end_connection == side->end_connection;
  return side->end == FERRY_RACE_SETTLE_ACTIVATED &&
         strcmp (dialler->end_cid, side->end_cid) == 0;
}

static const FerryCandidate *
find_offer (const Side *side, const char *cid)
{
  for (guint i = 0; i < side->offers->len; i++)
    if (strcmp (((const FerryCandidate *) side->offers->pdata[i])->cid, cid) == 0)
      return side->offers->pdata[i];
  g_assert_not_reached ();
}

/* Addresses of one listener give way to each other. */
static gboolean
is_alone (const Side *side, const FerryCandidate *candidate)
{
  for (guint i = 0; i < side->offers->len; i++)
    {
      const FerryCandidate *other = side->offers->pdata[i];
      if (other != candidate && other->port == candidate->port)
        return FALSE;
    }
  return TRUE;
}

/* A relay was taken: no direct dial was broken off that might have worked. */
static void
check_direct_chances (const Side *side)
{
  const FerryRaceTimes *times = ferry_race_rules_jingle.times;

  for (guint i = 0; i < side->dials->len; i++)
    {
      const Dial *dial = &g_array_index (side->dials, Dial, i);
      const FerryCandidate *candidate = find_offer (side->other, dial->cid);
      if (!dial->is_dropped || ferry_candidate_is_proxy (candidate) ||
          !is_alone (side->other, candidate))
        continue;
      g_assert_cmpint (dial->dropped_ms - side->began_ms, >=, times->direct_chance);
      /* Who obeys hears of the choice at any time. */
      if (!ferry_race_is_fast (side->race) || side->name[0] == 'i')
        g_assert_cmpint (dial->dropped_ms - dial->began_ms, >=, times->direct_attempt);
    }
}

static End
judge_relay (World *world, End end)
{
  check_direct_chances (&world->sides[0]);
  check_direct_chances (&world->sides[1]);
  return end;
}

static End
judge (World *world)
{
  const Side *initiator = &world->sides[0], *responder = &world->sides[1];

  g_assert_cmpuint (initiator->n_ends, ==, 1);
  g_assert_cmpuint (responder->n_ends, ==, 1);
  g_assert_cmpuint (initiator->n_reports, <=, 1);
  g_assert_cmpuint (responder->n_reports, <=, 1);
  g_assert_cmpint (world->now_ms, <, LONGEST_RUN_MS);
  if (world->loses_messages)
    return END_FAILED;
  if (initiator->end == FERRY_RACE_FAIL || responder->end == FERRY_RACE_FAIL)
    {
      g_assert_cmpint (initiator->end, ==, responder->end);
      return END_FAILED;
    }
  if (is_same_connection (initiator, responder))
    return responder->end == FERRY_RACE_SETTLE_INCOMING
               ? END_INITIATOR_DIALLED
               : judge_relay (world, END_RESPONDERS_PROXY);
  g_assert_true (is_same_connection (responder, initiator));
  return initiator->end == FERRY_RACE_SETTLE_INCOMING
             ? END_RESPONDER_DIALLED
             : judge_relay (world, END_INITIATORS_PROXY);
}

static void
begin (World *world)
{
  Side *initiator = &world->sides[0], *responder = &world->sides[1];
  FerryRaceEvent start = { .type = FERRY_RACE_START };

  world->now_ms += draw (world, 10000);
  step (world, responder, &start);
  deliver_offers (world, initiator);
  initiator->message_ms = world->now_ms + draw (world, 2000);
  plan (world, initiator, initiator->message_ms - world->now_ms, FERRY_RACE_START, NULL, 0);
}

/* The initiator waits from its offer on; the responder offers something too, or not, and then
 * begins. */
static void
begin_fast (World *world)
{
  Side *initiator = &world->sides[0], *responder = &world->sides[1];
  FerryRaceEvent start = { .type = FERRY_RACE_START };
  FerryRaceEvent counter_offer = { .type = FERRY_RACE_COUNTER_OFFER };

  step (world, initiator, &start);
  world->now_ms += draw (world, 2000);
  offer (world, responder, draw (world, MAX_CANDIDATES));
  if (responder->offers->len > 0)
    {
      say (world, initiator, FERRY_RACE_COUNTER_OFFER, NULL);
      step (world, responder, &counter_offer);
    }
  step (world, responder, &start);
}

static End
run (guint32 seed, const FerryRaceRules *rules, gboolean loses_messages)
{
  World world = { .rand = g_rand_new_with_seed (seed),
                  .now_ms = 1000,
                  .loses_messages = loses_messages };
  Side *initiator = &world.sides[0], *responder = &world.sides[1];
  world.queue = g_sequence_new ((GDestroyNotify) happening_free);
  /* In SI the target is not told when the requester's proxy fails: it sees the pipe end. */
  world.activation_works = draw (&world, 4) != 0 || !rules->announces_proxies;
  side_init (initiator, responder, "i", rules);
  side_init (responder, initiator, "r", rules);

  /* The responder has the initiator's candidates long before; it begins when it has accepted,
   * the initiator when it has heard of that. Some candidates come late. */
  offer (&world, initiator, draw (&world, MAX_CANDIDATES));
  if (rules->initiator_dials)
    offer (&world, responder, draw (&world, MAX_CANDIDATES));
  deliver_offers (&world, responder);
  if (rules->has_fast_mode)
    begin_fast (&world);
  else
    begin (&world);

  run_to_the_end (&world);
  End end = judge (&world);
  side_clear (initiator);
  side_clear (responder);
  g_sequence_free (world.queue);
  g_rand_free (world.rand);
  return end;
}

static guint32 current_seed;

static void
discard_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
}

static void
print_with_seed (const char *text)
{
  fprintf (stderr, "seed %u: %s", current_seed, text);
}

static void
run_many (const FerryRaceRules *rules, gboolean loses_messages, guint *n_ends)
{
  for (guint32 i = 0; i < N_RUNS; i++)
    {
      current_seed = i;
      n_ends[run (i, rules, loses_messages)]++;
    }
}

static void
test_jingle (void)
{
  g_test_summary (
      "Jingle: under any outcome and interleaving both sides take one connection or "
      "none, once, in bounded time, a relay only when direct dials had their chance; every way "
      "of ending occurs");
  guint n_ends[N_ENDS] = { 0 };
  run_many (&ferry_race_rules_jingle, FALSE, n_ends);
  for (guint i = 0; i < N_ENDS; i++)
    g_assert_cmpuint (n_ends[i], >, N_RUNS / 200);
}

static void
test_si (void)
{
  g_test_summary ("SI: the same race in which the requester has nobody to dial");
  guint n_ends[N_ENDS] = { 0 };
  run_many (&ferry_race_rules_si, FALSE, n_ends);
  g_assert_cmpuint (n_ends[END_INITIATOR_DIALLED], ==, 0);
  g_assert_cmpuint (n_ends[END_RESPONDERS_PROXY], ==, 0);
  g_assert_cmpuint (n_ends[END_RESPONDER_DIALLED], >, N_RUNS / 10);
  g_assert_cmpuint (n_ends[END_FAILED], >, N_RUNS / 10);
}

static void
test_si_fast (void)
{
  g_test_summary ("SI with fast mode: both dial, the initiator says go on one stream, and that "
                  "is the one both take; every way of ending occurs");
  guint n_ends[N_ENDS] = { 0 };
  run_many (&ferry_race_rules_si_fast, FALSE, n_ends);
  for (guint i = 0; i < N_ENDS; i++)
    g_assert_cmpuint (n_ends[i], >, N_RUNS / 200);
}

static void
test_loss (void)
{
  g_test_summary ("When messages get lost each side still ends once and in bounded time");
  guint n_ends[N_ENDS] = { 0 };
  run_many (&ferry_race_rules_jingle, TRUE, n_ends);
  run_many (&ferry_race_rules_si_fast, TRUE, n_ends);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (argc > 1)
    return (int) run ((guint32) strtoul (argv[1], NULL, 10), &ferry_race_rules_jingle, FALSE);
  g_set_printerr_handler (print_with_seed);
  g_log_set_handler ("ferry-race", G_LOG_LEVEL_DEBUG, discard_log, NULL);
  g_test_add_func ("/bytestream/race-model/jingle", test_jingle);
  g_test_add_func ("/bytestream/race-model/si", test_si);
  g_test_add_func ("/bytestream/race-model/si-fast", test_si_fast);
  g_test_add_func ("/bytestream/race-model/loss", test_loss);
  return g_test_run ();
}
