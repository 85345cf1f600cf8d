/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "transfer/ferry-throttle.h"

#define SECOND_US G_USEC_PER_SEC
#define MAX_PUMPS 4

/* Pumps that share a throttle, on a clock that only we turn: each asks for as much as a read of
 * its file brings, and comes again when it was told to. */
typedef struct
{
  gsize wanted;
  gint64 next_us;
  guint64 n_moved;
} FakePump;

static void
run (FerryThrottle *throttle, FakePump *pumps, guint n_pumps, gint64 *now_us, gint64 until_us)
{
  while (*now_us < until_us)
    {
      gint64 next_us = until_us;
      for (guint i = 0; i < n_pumps; i++)
        {
          FakePump *pump = &pumps[i];
          int wait_ms;
          if (pump->next_us <= *now_us)
            {
              pump->n_moved += ferry_throttle_take (throttle, pump->wanted, *now_us, &wait_ms);
              g_assert_cmpint (wait_ms, >=, 0);
              g_assert_cmpint (wait_ms, <=, 100);
              /* What has something to move asks again as soon as that is gone. */
              pump->next_us = *now_us + MAX (wait_ms * 1000, 200);
            }
          next_us = MIN (next_us, pump->next_us);
        }
      *now_us = MAX (next_us, *now_us + 1);
    }
}

static void
test_rate (void)
{
  g_test_summary ("Over any ten seconds as many bytes move as the rate says, at every rate");
  static const guint64 rates[] = { 1000, 20 * 1000, 1000 * 1000, 50 * 1000 * 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      FerryThrottle *throttle = ferry_throttle_new ();
      FakePump pump = { .wanted = 64 * 1024 };
      gint64 now_us = SECOND_US;
      ferry_throttle_set_rate (throttle, rates[i]);
      run (throttle, &pump, 1, &now_us, now_us + 2 * SECOND_US);
      for (guint n = 0; n < 3; n++)
        {
          guint64 before = pump.n_moved;
          run (throttle, &pump, 1, &now_us, now_us + 10 * SECOND_US);
          double share = (double) (pump.n_moved - before) / (10.0 * (double) rates[i]);
          g_assert_cmpfloat_with_epsilon (share, 1.0, 0.12);
        }
      double in_all = (double) pump.n_moved / (32.0 * (double) rates[i]);
      g_assert_cmpfloat_with_epsilon (in_all, 1.0, 0.05);
      ferry_throttle_unref (throttle);
    }
}

static void
test_fair (void)
{
  g_test_summary ("Who reads much at once gets no more than who reads little");
  FerryThrottle *throttle = ferry_throttle_new ();
  FakePump pumps[MAX_PUMPS] = { { .wanted = 256 * 1024 },
                                { .wanted = 64 * 1024 },
                                { .wanted = 64 * 1024 },
                                { .wanted = 16 * 1024 } };
  gint64 now_us = SECOND_US;
  guint64 n_moved = 0;

  ferry_throttle_set_rate (throttle, 1000 * 1000);
  run (throttle, pumps, MAX_PUMPS, &now_us, now_us + 60 * SECOND_US);
  for (guint i = 0; i < MAX_PUMPS; i++)
    n_moved += pumps[i].n_moved;
  g_assert_cmpfloat_with_epsilon ((double) n_moved / 60e6, 1.0, 0.05);
  for (guint i = 0; i < MAX_PUMPS; i++)
    g_assert_cmpfloat_with_epsilon ((double) pumps[i].n_moved / (double) n_moved, 0.25, 0.1);
  ferry_throttle_unref (throttle);
}

static void
test_rest (void)
{
  g_test_summary ("A rest is no credit: afterwards no more than a burst comes at once");
  FerryThrottle *throttle = ferry_throttle_new ();
  int wait_ms;

  ferry_throttle_set_rate (throttle, 100 * 1000);
  g_assert_cmpuint (ferry_throttle_take (throttle, 1000 * 1000, SECOND_US, &wait_ms), ==, 0);
  g_assert_cmpint (wait_ms, >, 0);
  gsize first = ferry_throttle_take (throttle, 1000 * 1000, 1000 * SECOND_US, &wait_ms);
  g_assert_cmpuint (first, >, 0);
  g_assert_cmpuint (first, <=, 100 * 1000 / 8);
  g_assert_cmpuint (ferry_throttle_take (throttle, 1000 * 1000, 1000 * SECOND_US, &wait_ms), ==,
                    0);
  /* What did not move after all may move later. */
  ferry_throttle_give_back (throttle, first);
  g_assert_cmpuint (ferry_throttle_take (throttle, 1000 * 1000, 1000 * SECOND_US, &wait_ms), ==,
                    first);
  ferry_throttle_unref (throttle);
}

static void
test_changes (void)
{
  g_test_summary ("Without a rate everything moves; a new rate counts at once");
  FerryThrottle *throttle = ferry_throttle_new ();
  FakePump pump = { .wanted = 64 * 1024 };
  gint64 now_us = SECOND_US;
  int wait_ms;

  g_assert_cmpuint (ferry_throttle_take (throttle, G_MAXUINT32, now_us, &wait_ms), ==,
                    G_MAXUINT32);
  g_assert_cmpint (wait_ms, ==, 0);
  ferry_throttle_set_rate (throttle, 10 * 1000);
  run (throttle, &pump, 1, &now_us, now_us + 5 * SECOND_US);
  g_assert_cmpuint (pump.n_moved, <, 70 * 1000);
  ferry_throttle_set_rate (throttle, 1000 * 1000);
  guint64 before = pump.n_moved;
  run (throttle, &pump, 1, &now_us, now_us + 5 * SECOND_US);
  g_assert_cmpuint (pump.n_moved - before, >, 4 * 1000 * 1000);
  ferry_throttle_set_rate (throttle, 0);
  g_assert_cmpuint (ferry_throttle_take (throttle, G_MAXUINT32, now_us, &wait_ms), ==,
                    G_MAXUINT32);
  ferry_throttle_unref (throttle);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/throttle/rate", test_rate);
  g_test_add_func ("/throttle/fair", test_fair);
  g_test_add_func ("/throttle/rest", test_rest);
  g_test_add_func ("/throttle/changes", test_changes);
  return g_test_run ();
}
