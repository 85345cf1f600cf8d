/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "transfer/ferry-transfer-machine.h"

#define ST(name) FERRY_TRANSFER_##name
#define EV(name) FERRY_TRANSFER_EV_##name
#define MAX_EVENTS 40

typedef struct
{
  const char *name;
  gboolean is_sending;
  gboolean can_ask;
  FerryTransferEvent events[MAX_EVENTS];
  guint n_events;
  FerryTransferState state;
  FerryTransferPause pause;
  guint n_tries;
} Story;

#define EVENTS(...) { __VA_ARGS__ }, G_N_ELEMENTS (((FerryTransferEvent[]){ __VA_ARGS__ }))
/* A sender's way to the first byte. */
#define TO_ACTIVE EV (TURN), EV (OFFER), EV (AGREED), EV (OPENED), EV (FURTHER)
#define TRY EV (ALARM), EV (TURN), EV (OFFER), EV (AGREED), EV (OPENED)

static const Story stories[] = {
  { "a file arrives", TRUE, FALSE, EVENTS (TO_ACTIVE, EV (MOVED), EV (DONE)), ST (DONE) },
  { "and is received", FALSE, FALSE,
    EVENTS (EV (TURN),
            EV (CHECK),
            EV (READ),
            EV (AGREED),
            EV (OPENED),
            EV (FURTHER),
            EV (MOVED),
            EV (DONE)),
    ST (DONE) },
  { "silence comes and goes", TRUE, FALSE,
    EVENTS (TO_ACTIVE, EV (QUIET), EV (FURTHER), EV (MOVING), EV (QUIET), EV (MOVED)),
    ST (VERIFYING) },
  { "declined", TRUE, FALSE, EVENTS (EV (TURN), EV (OFFER), EV (DECLINED)), ST (DECLINED) },
  { "and sent again", TRUE, FALSE, EVENTS (EV (TURN), EV (OFFER), EV (DECLINED), EV (RETRY)),
    ST (QUEUED) },
  { "nobody answers the offer", TRUE, FALSE, EVENTS (EV (TURN), EV (OFFER), EV (UNANSWERED)),
    ST (MISSED) },
  { "no connection, and no byte ever moved: the peer's user would be asked again", TRUE, FALSE,
    EVENTS (EV (TURN), EV (OFFER), EV (AGREED), EV (BROKEN)), ST (FAILED), 0, 1 },
  { "which a Ferry does not", TRUE, TRUE,
    EVENTS (EV (TURN), EV (OFFER), EV (AGREED), EV (BROKEN)), ST (RECONNECTING), 0, 1 },
  { "before anybody has agreed", TRUE, TRUE, EVENTS (EV (TURN), EV (OFFER), EV (BROKEN)),
    ST (FAILED), 0, 1 },
  { "a pipe that breaks before the first byte", TRUE, FALSE,
    EVENTS (EV (TURN), EV (OFFER), EV (AGREED), EV (OPENED), EV (BROKEN)), ST (RECONNECTING), 0,
    1 },
  { "and does so each time", TRUE, FALSE,
    EVENTS (EV (TURN),
            EV (OFFER),
            EV (AGREED),
            EV (OPENED),
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN)),
    ST (FAILED), 0, 6 },
  { "seen by a receiver who can ask", FALSE, TRUE,
    EVENTS (EV (TURN), EV (AGREED), EV (OPENED), EV (BROKEN)), ST (RECONNECTING), 0, 1 },
  { "and by one who cannot", FALSE, FALSE,
    EVENTS (EV (TURN), EV (AGREED), EV (OPENED), EV (BROKEN)), ST (FAILED), 0, 1 },
  { "it breaks on the way", TRUE, FALSE, EVENTS (TO_ACTIVE, EV (BROKEN)), ST (RECONNECTING), 0,
    1 },
  { "five times without coming further", TRUE, FALSE,
    EVENTS (TO_ACTIVE,
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN)),
    ST (RECONNECTING), 0, 5 },
  { "and once more", TRUE, FALSE,
    EVENTS (TO_ACTIVE,
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN),
            TRY,
            EV (BROKEN)),
    ST (FAILED), 0, 6 },
  { "what comes further is never given up", TRUE, FALSE,
    EVENTS (TO_ACTIVE, EV (BROKEN), TRY, EV (BROKEN), TRY, EV (FURTHER), EV (BROKEN)),
    ST (RECONNECTING), 0, 1 },
  { "a user has the last word about giving up", TRUE, FALSE,
    EVENTS (TO_ACTIVE, EV (FAILED), EV (RETRY), EV (TURN)), ST (PREPARING) },
  { "a receiver whose peer cannot be asked can only wait for an offer", FALSE, FALSE,
    EVENTS (TO_ACTIVE, EV (BROKEN)), ST (FAILED), 0, 1 },
  { "which may come", FALSE, FALSE, EVENTS (TO_ACTIVE, EV (BROKEN), EV (CALLED)), ST (QUEUED) },
  { "but nothing comes of wanting it", FALSE, FALSE,
    EVENTS (TO_ACTIVE, EV (BROKEN), EV (RETRY)), ST (FAILED), 0, 1 },
  { "a receiver whose peer can be asked asks", FALSE, TRUE,
    EVENTS (TO_ACTIVE, EV (BROKEN), EV (ALARM), EV (TURN), EV (AGREED), EV (CHECK), EV (READ)),
    ST (PREPARING), 0, 1 },
  { "an absent contact", TRUE, FALSE, EVENTS (EV (TURN), EV (ABSENT)), ST (WAITING_PEER) },
  { "who comes", TRUE, FALSE, EVENTS (EV (TURN), EV (ABSENT), EV (CAME)), ST (QUEUED) },
  { "who never comes", TRUE, FALSE, EVENTS (EV (TURN), EV (ABSENT), EV (EXPIRED)),
    ST (FAILED) },
  { "a sender who goes before the first byte", FALSE, FALSE, EVENTS (EV (TURN), EV (ABSENT)),
    ST (FAILED) },
  { "and can be asked for it on his return", FALSE, TRUE,
    EVENTS (EV (TURN), EV (ABSENT), EV (CAME)), ST (QUEUED) },
  { "and after it", FALSE, TRUE, EVENTS (TO_ACTIVE, EV (ABSENT)), ST (WAITING_PEER) },
  { "and could not be asked on his return", FALSE, FALSE, EVENTS (TO_ACTIVE, EV (ABSENT)),
    ST (FAILED) },
  { "but may offer the file again", FALSE, FALSE,
    EVENTS (TO_ACTIVE, EV (ABSENT), EV (CALLED), EV (TURN)), ST (PREPARING) },
  { "a restart in the middle of what nobody can be asked for", FALSE, FALSE,
    EVENTS (TO_ACTIVE, EV (LOADED)), ST (FAILED) },
  { "which may be offered again, too", FALSE, FALSE,
    EVENTS (TO_ACTIVE, EV (LOADED), EV (CALLED)), ST (QUEUED) },
  { "paused, it stays so over a restart", FALSE, FALSE,
    EVENTS (TO_ACTIVE, EV (STOP_PAUSED), EV (LOADED)), ST (PAUSED), FERRY_TRANSFER_PAUSE_USER },
  { "and cannot go on by our user's word alone", FALSE, FALSE,
    EVENTS (TO_ACTIVE, EV (STOP_PAUSED), EV (RESUME)), ST (FAILED) },
  { "a full disk and a peer that cannot be asked later", FALSE, FALSE,
    EVENTS (TO_ACTIVE, EV (FULL)), ST (FAILED) },
  { "who comes while an attempt is planned", TRUE, FALSE,
    EVENTS (TO_ACTIVE, EV (BROKEN), EV (CAME)), ST (QUEUED), 0, 1 },
  { "a file that does not fit is not begun", FALSE, TRUE, EVENTS (EV (TURN), EV (FULL)),
    ST (FAILED) },
  { "a disk that is full later", FALSE, TRUE, EVENTS (TO_ACTIVE, EV (FULL)), ST (PAUSED),
    FERRY_TRANSFER_PAUSE_SPACE },
  { "and is not any more", FALSE, TRUE, EVENTS (TO_ACTIVE, EV (FULL), EV (SPACE)),
    ST (QUEUED) },
  { "room on the disk ends no other pause", FALSE, TRUE,
    EVENTS (TO_ACTIVE, EV (STOP_PAUSED), EV (SPACE)), ST (PAUSED), FERRY_TRANSFER_PAUSE_USER },
  { "a pause that waits for its turn", TRUE, FALSE, EVENTS (EV (PAUSE)), ST (PAUSED),
    FERRY_TRANSFER_PAUSE_USER },
  { "a user's pause is not ended by the peer", TRUE, FALSE,
    EVENTS (TO_ACTIVE, EV (STOP_PAUSED), EV (CALLED), EV (CAME), EV (ALARM), EV (TURN)),
    ST (PAUSED), FERRY_TRANSFER_PAUSE_USER },
  { "but by the user", TRUE, FALSE, EVENTS (TO_ACTIVE, EV (STOP_PAUSED), EV (RESUME)),
    ST (QUEUED) },
  { "a peer's pause is", TRUE, FALSE, EVENTS (TO_ACTIVE, EV (PAUSED_BY_PEER), EV (CALLED)),
    ST (QUEUED) },
  { "a pause outlives a restart, with its reason", FALSE, TRUE,
    EVENTS (TO_ACTIVE, EV (FULL), EV (LOADED)), ST (PAUSED), FERRY_TRANSFER_PAUSE_SPACE },
  { "what was under way goes on after a restart", TRUE, FALSE, EVENTS (TO_ACTIVE, EV (LOADED)),
    ST (QUEUED) },
  { "and what was checked", TRUE, FALSE, EVENTS (TO_ACTIVE, EV (MOVED), EV (LOADED)),
    ST (QUEUED) },
  { "what has ended stays so", TRUE, FALSE,
    EVENTS (TO_ACTIVE,
            EV (MOVED),
            EV (DONE),
            EV (LOADED),
            EV (RETRY),
            EV (CALLED),
            EV (CANCEL),
            EV (PAUSE),
            EV (TURN)),
    ST (DONE) },
  { "cancelled at rest", TRUE, FALSE, EVENTS (EV (TURN), EV (ABSENT), EV (CANCEL)),
    ST (CANCELLED) },
  { "cancelled on the way", TRUE, FALSE, EVENTS (TO_ACTIVE, EV (STOP_CANCELLED)),
    ST (CANCELLED) },
  { "an offer taken back before its turn", FALSE, FALSE, EVENTS (EV (FAILED)), ST (FAILED) },
};

static void
test_stories (void)
{
  g_test_summary ("What may happen to a transfer, and what becomes of it");
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      const Story *story = &stories[i];
      FerryTransferMachine machine;

      g_test_message ("%s", story->name);
      ferry_transfer_machine_init (&machine, story->is_sending);
      machine.can_ask = story->can_ask;
      for (guint j = 0; j < story->n_events; j++)
        ferry_transfer_machine_step (&machine, story->events[j]);
      g_assert_cmpstr (ferry_transfer_state_get_name (machine.state), ==,
                       ferry_transfer_state_get_name (story->state));
      g_assert_cmpint (machine.pause, ==, story->pause);
      g_assert_cmpuint (machine.n_tries, ==, story->n_tries);
    }
}

static void
test_loaded (void)
{
  g_test_summary (
      "What was on its way when the program was killed has fitted on the disk once, "
      "whatever is known of its bytes: it waits for room; what was not is not begun");
  static const struct
  {
    FerryTransferState loaded;
    FerryTransferState full;
  } cases[] = { { ST (CONNECTING), ST (FAILED) },
                { ST (ACTIVE), ST (PAUSED) },
                { ST (STALLED), ST (PAUSED) },
                { ST (VERIFYING), ST (PAUSED) } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerryTransferMachine machine;

      ferry_transfer_machine_init (&machine, FALSE);
      machine.can_ask = TRUE;
      machine.state = cases[i].loaded;
      g_assert_true (ferry_transfer_machine_step (&machine, EV (LOADED)));
      g_assert_true (ferry_transfer_machine_step (&machine, EV (TURN)));
      g_assert_true (ferry_transfer_machine_step (&machine, EV (FULL)));
      g_assert_cmpstr (ferry_transfer_state_get_name (machine.state), ==,
                       ferry_transfer_state_get_name (cases[i].full));
    }
}

static void
test_delays (void)
{
  g_test_summary ("The pause between two attempts doubles from 2 s to 32 s");
  static const guint delays_ms[] = { 2000, 2000, 4000, 8000, 16000, 32000, 32000 };

  for (guint i = 0; i < G_N_ELEMENTS (delays_ms); i++)
    {
      FerryTransferMachine machine = { .n_tries = i };
      g_assert_cmpuint (ferry_transfer_machine_get_delay_ms (&machine), ==, delays_ms[i]);
    }
}

/* A driver that does what each state wants, in a world of bad luck; the user does nothing. */
static FerryTransferEvent
choose_event (const FerryTransferMachine *machine, GRand *rand)
{
  static const FerryTransferEvent on_the_way[] = {
    EV (CHECK), EV (READ),       EV (OFFER),  EV (AGREED),         EV (OPENED), EV (FURTHER),
    EV (QUIET), EV (MOVING),     EV (MOVED),  EV (DONE),           EV (ABSENT), EV (BROKEN),
    EV (FULL),  EV (UNANSWERED), EV (FAILED), EV (PAUSED_BY_PEER),
  };

  switch (ferry_transfer_machine_get_phase (machine))
    {
    case FERRY_TRANSFER_WANTS_TURN:
      return EV (TURN);
    case FERRY_TRANSFER_WANTS_ALARM:
      return EV (ALARM);
    case FERRY_TRANSFER_WANTS_CONTACT:
      return g_rand_int_range (rand, 0, 20) == 0 ? EV (EXPIRED) : EV (CAME);
    case FERRY_TRANSFER_WANTS_SPACE:
      return EV (SPACE);
    case FERRY_TRANSFER_WANTS_NOTHING:
      return EV (RESUME);
    case FERRY_TRANSFER_WANTS_ATTEMPT:
    case FERRY_TRANSFER_WANTS_NO_MORE:
    default:
      return on_the_way[g_rand_int_range (rand, 0, G_N_ELEMENTS (on_the_way))];
    }
}

static void
test_model (void)
{
  g_test_summary (
      "Whatever happens: a driver that does what is wanted comes to an end, no state "
      "is left without something to wait for, and nothing leaves the end by itself");
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) g_test_rand_int ());
  guint n_ends = 0;

  for (guint round = 0; round < 20000; round++)
    {
      FerryTransferMachine machine;
      ferry_transfer_machine_init (&machine, g_rand_boolean (rand));
      machine.can_ask = g_rand_boolean (rand);
      for (guint i = 0; i < 2000 && !ferry_transfer_state_is_final (machine.state); i++)
        {
          FerryTransferPhase phase = ferry_transfer_machine_get_phase (&machine);
          gboolean meant =
              ferry_transfer_machine_step (&machine, choose_event (&machine, rand));

          /* What a state waits for always leads out of it. */
          g_assert_true (meant || phase == FERRY_TRANSFER_WANTS_ATTEMPT);
          g_assert_cmpint (machine.pause != FERRY_TRANSFER_PAUSE_NONE, ==,
                           machine.state == ST (PAUSED));
          g_assert_cmpuint (machine.n_tries, <=, FERRY_TRANSFER_MAX_TRIES + 1);
        }
      n_ends += ferry_transfer_state_is_final (machine.state) ? 1 : 0;
    }
  g_assert_cmpuint (n_ends, ==, 20000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer-machine/stories", test_stories);
  g_test_add_func ("/transfer-machine/loaded", test_loaded);
  g_test_add_func ("/transfer-machine/delays", test_delays);
  g_test_add_func ("/transfer-machine/model", test_model);
  return g_test_run ();
}
