/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "transfer/ferry-speed.h"
#include "transfer/ferry-transfer.h"

#define SECOND ((gint64) G_USEC_PER_SEC)

static void
test_speed_mean (void)
{
  g_test_summary ("Speed is the mean of the last 5 s, whatever came before, and falls to 0");
  FerrySpeed speed = { 0 };
  guint64 n_done = 0;
  gint64 now = 1000 * SECOND;

  g_assert_cmpfloat (ferry_speed_get (&speed), ==, 0);
  ferry_speed_add (&speed, 0, now);
  g_assert_cmpfloat (ferry_speed_get (&speed), ==, 0);

  for (guint i = 0; i < 80; i++)
    ferry_speed_add (&speed, n_done += 250, now += SECOND / 4);
  g_assert_cmpfloat_with_epsilon (ferry_speed_get (&speed), 1000, 0.001);
  for (guint i = 0; i < 200; i++)
    ferry_speed_add (&speed, n_done += 1000, now += SECOND / 10);
  g_assert_cmpfloat_with_epsilon (ferry_speed_get (&speed), 10000, 0.001);
  for (guint i = 0; i < 10; i++)
    ferry_speed_add (&speed, n_done, now += SECOND / 4);
  g_assert_cmpfloat_with_epsilon (ferry_speed_get (&speed), 5000, 300);
  for (guint i = 0; i < 20; i++)
    ferry_speed_add (&speed, n_done, now += SECOND / 4);
  g_assert_cmpfloat (ferry_speed_get (&speed), ==, 0);
  g_assert_cmpint (ferry_speed_get_seconds_left (&speed, 1), ==, -1);
}

static void
test_speed_seconds_left (void)
{
  g_test_summary ("The time left is not guessed in the first 2 s and rounds up afterwards");
  FerrySpeed speed = { 0 };
  gint64 now = 7 * SECOND;

  ferry_speed_add (&speed, 0, now);
  ferry_speed_add (&speed, 1900, now += SECOND * 19 / 10);
  g_assert_cmpint (ferry_speed_get_seconds_left (&speed, 10000), ==, -1);
  ferry_speed_add (&speed, 2000, now += SECOND / 10);
  g_assert_cmpint (ferry_speed_get_seconds_left (&speed, 10000), ==, 10);
  g_assert_cmpint (ferry_speed_get_seconds_left (&speed, 10001), ==, 11);
  g_assert_cmpint (ferry_speed_get_seconds_left (&speed, 0), ==, 0);
  g_assert_cmpint (ferry_speed_get_seconds_left (&speed, G_MAXUINT64), ==, -1);

  /* Beginning again (a resumed file) forgets what was. */
  ferry_speed_add (&speed, 500, now += SECOND);
  g_assert_cmpfloat (ferry_speed_get (&speed), ==, 0);
  g_assert_cmpint (ferry_speed_get_seconds_left (&speed, 1000), ==, -1);
}

static FerryTransfer *
make_transfer (gint64 size)
{
  g_autoptr (FerryJid) account = ferry_jid_new ("ada@example.org", NULL);
  g_autoptr (FerryJid) peer = ferry_jid_new ("ben@example.org/desk", NULL);
  return ferry_transfer_new ("t1", account, FERRY_DIRECTION_SEND, peer, "Ben", "a.txt", size);
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  guint *n = user_data;
  (*n)++;
}

static void
test_transfer_properties (void)
{
  g_test_summary ("Rows see each change once, through properties of the documented names");
  g_autoptr (FerryTransfer) transfer = make_transfer (1000);
  guint n_state = 0, n_finished = 0, n_fraction = 0, n_name = 0;
  g_signal_connect (transfer, "notify::state", G_CALLBACK (count_cb), &n_state);
  g_signal_connect (transfer, "notify::is-finished", G_CALLBACK (count_cb), &n_finished);
  g_signal_connect (transfer, "notify::fraction", G_CALLBACK (count_cb), &n_fraction);
  g_signal_connect (transfer, "notify::name", G_CALLBACK (count_cb), &n_name);

  ferry_transfer_set_state (transfer, FERRY_TRANSFER_ACTIVE);
  ferry_transfer_set_state (transfer, FERRY_TRANSFER_ACTIVE);
  g_assert_cmpuint (n_state, ==, 1);
  ferry_transfer_set_n_done (transfer, 0, SECOND);
  ferry_transfer_set_n_done (transfer, 250, 4 * SECOND);
  ferry_transfer_set_n_done (transfer, 250, 4 * SECOND);
  g_assert_cmpuint (n_fraction, ==, 1);
  ferry_transfer_set_name (transfer, "a.txt");
  g_assert_cmpuint (n_name, ==, 0);

  g_autofree char *id = NULL, *name = NULL, *peer_name = NULL;
  gint64 size = 0;
  guint64 n_done = 0;
  double fraction = 0, speed = 0;
  int direction = -1, seconds_left = 0;
  FerryTransferState state = FERRY_TRANSFER_PREPARING;
  g_object_get (transfer, "id", &id, "name", &name, "peer-name", &peer_name, "size", &size,
                "n-done", &n_done, "fraction", &fraction, "speed", &speed, "direction",
                &direction, "seconds-left", &seconds_left, "state", &state, NULL);
  g_assert_cmpstr (id, ==, "t1");
  g_assert_cmpstr (name, ==, "a.txt");
  g_assert_cmpstr (peer_name, ==, "Ben");
  g_assert_cmpint (size, ==, 1000);
  g_assert_cmpuint (n_done, ==, 250);
  g_assert_cmpfloat (fraction, ==, 0.25);
  g_assert_cmpfloat_with_epsilon (speed, 250 / 3.0, 0.001);
  g_assert_cmpint (seconds_left, ==, 9);
  g_assert_cmpint (direction, ==, FERRY_DIRECTION_SEND);
  g_assert_cmpint (state, ==, FERRY_TRANSFER_ACTIVE);

  ferry_transfer_set_state (transfer, FERRY_TRANSFER_DONE);
  g_assert_cmpuint (n_finished, ==, 1);
  g_assert_true (ferry_transfer_is_finished (transfer));
  g_assert_cmpfloat (ferry_transfer_get_speed (transfer), ==, 0);
  g_assert_cmpint (ferry_transfer_get_seconds_left (transfer), ==, -1);
}

static void
test_transfer_fraction (void)
{
  g_test_summary (
      "Empty files and unknown sizes have a fraction too: 0 before the end, then 1");
  g_autoptr (FerryTransfer) empty = make_transfer (0);
  g_autoptr (FerryTransfer) unknown = make_transfer (-1);

  ferry_transfer_set_n_done (unknown, 5000, SECOND);
  g_assert_cmpfloat (ferry_transfer_get_fraction (empty), ==, 0);
  g_assert_cmpfloat (ferry_transfer_get_fraction (unknown), ==, 0);
  ferry_transfer_set_state (empty, FERRY_TRANSFER_DONE);
  ferry_transfer_set_state (unknown, FERRY_TRANSFER_DONE);
  g_assert_cmpfloat (ferry_transfer_get_fraction (empty), ==, 1);
  g_assert_cmpfloat (ferry_transfer_get_fraction (unknown), ==, 1);
}

static void
test_transfer_timeline (void)
{
  g_test_summary ("The timeline has one line per note, and no peer can make it grow for ever");
  g_autoptr (FerryTransfer) transfer = make_transfer (1);

  ferry_transfer_add_note (transfer, "first\nwith a break");
  g_autofree char *one = ferry_transfer_dup_timeline (transfer);
  g_assert_true (g_regex_match_simple ("^  0\\.\\d{3} s  first with a break\\n$", one, 0, 0));

  g_autoptr (GError) error = g_error_new (FERRY_ERROR, FERRY_ERROR_BROKEN, "the pipe broke");
  ferry_transfer_set_error (transfer, error);
  g_assert_error (ferry_transfer_get_error (transfer), FERRY_ERROR, FERRY_ERROR_BROKEN);
  for (guint i = 0; i < 1000; i++)
    ferry_transfer_add_note (transfer, "noise");
  g_autofree char *all = ferry_transfer_dup_timeline (transfer);
  g_auto (GStrv) lines = g_strsplit (all, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 201);
  g_assert_nonnull (strstr (lines[1], "the pipe broke"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer/speed/mean", test_speed_mean);
  g_test_add_func ("/transfer/speed/seconds-left", test_speed_seconds_left);
  g_test_add_func ("/transfer/properties", test_transfer_properties);
  g_test_add_func ("/transfer/fraction", test_transfer_fraction);
  g_test_add_func ("/transfer/timeline", test_transfer_timeline);
  return g_test_run ();
}
