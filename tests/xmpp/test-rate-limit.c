/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xmpp/ferry-rate-limit.h"

static void
test_window (void)
{
  g_test_summary ("So many events of a key fit into any window, and what is turned away does "
                  "not count");
  g_autoptr (FerryRateLimit) limit = ferry_rate_limit_new (100, 2, 3);

  g_assert_true (ferry_rate_limit_take (limit, "a", 0));
  g_assert_true (ferry_rate_limit_take (limit, "a", 50));
  for (gint64 now = 50; now < 100; now++)
    g_assert_false (ferry_rate_limit_take (limit, "a", now));
  g_assert_true (ferry_rate_limit_take (limit, "a", 100));
  g_assert_false (ferry_rate_limit_take (limit, "a", 149));
  g_assert_true (ferry_rate_limit_take (limit, "a", 150));
}

static void
test_all (void)
{
  g_test_summary ("Keys have their own room, within the room for all");
  g_autoptr (FerryRateLimit) limit = ferry_rate_limit_new (100, 2, 3);

  g_assert_true (ferry_rate_limit_take (limit, "a", 0));
  g_assert_true (ferry_rate_limit_take (limit, "a", 1));
  g_assert_true (ferry_rate_limit_take (limit, "b", 2));
  g_assert_false (ferry_rate_limit_take (limit, "c", 3));
  g_assert_true (ferry_rate_limit_take (limit, "c", 100));
}

static void
test_give_back (void)
{
  g_test_summary ("An event that is taken back makes room for one of its key only");
  g_autoptr (FerryRateLimit) limit = ferry_rate_limit_new (100, 1, 8);

  ferry_rate_limit_give_back (limit, "a");
  g_assert_true (ferry_rate_limit_take (limit, "a", 0));
  g_assert_true (ferry_rate_limit_take (limit, "b", 0));
  ferry_rate_limit_give_back (limit, "a");
  g_assert_true (ferry_rate_limit_take (limit, "a", 0));
  g_assert_false (ferry_rate_limit_take (limit, "a", 0));
  g_assert_false (ferry_rate_limit_take (limit, "b", 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rate-limit/window", test_window);
  g_test_add_func ("/rate-limit/all", test_all);
  g_test_add_func ("/rate-limit/give-back", test_give_back);
  return g_test_run ();
}
