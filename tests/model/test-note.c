/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "model/ferry-note.h"

static void
test_untranslated (void)
{
  g_test_summary ("In English every note stays what it is, known or not");
  static const char *const notes[] = {
    "Direct: trying 192.0.2.7 port 5086",
    "Relay: proxy.example.org port 7777 did not answer (8.0 s)",
    "Direct: fe80::1 port 1 failed: Could not connect: refused (no route) (0.1 s)",
    "Using this way: direct",
    "waiting-peer",
    "the other program cannot continue files; it starts over",
    "",
    "%s: trying %s port %s",
    "100 % of nothing we know: %s %1$s",
    "Relay: activating ",
    "Direct: trying",
  };

  for (guint i = 0; i < G_N_ELEMENTS (notes); i++)
    {
      g_autofree char *text = ferry_note_translate (notes[i]);
      g_assert_cmpstr (text, ==, notes[i]);
    }
}

static void
test_timeline (void)
{
  g_test_summary ("A timeline keeps its times and its lines");
  const char *timeline = "  0.021 s  offered\n  2.871 s  Direct: trying 192.0.2.7 port 5086\n"
                         "a line without a time\n";
  g_autofree char *text = ferry_note_translate_timeline (timeline);
  g_autofree char *empty = ferry_note_translate_timeline ("");

  g_assert_cmpstr (text, ==, timeline);
  g_assert_cmpstr (empty, ==, "");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/note/untranslated", test_untranslated);
  g_test_add_func ("/note/timeline", test_timeline);
  return g_test_run ();
}
