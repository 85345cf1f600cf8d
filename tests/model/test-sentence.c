/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "model/ferry-sentence.h"

#include <string.h>

#define PEER "\u2068Ada\u2069"
#define FILE_NAME "\u2068a.pdf\u2069"

static FerryTransfer *
new_transfer (FerryDirection direction, gint64 size)
{
  g_autoptr (FerryJid) account = ferry_jid_new ("me@example.org", NULL);
  g_autoptr (FerryJid) peer = ferry_jid_new ("ada@example.org", NULL);

  return ferry_transfer_new ("id", account, direction, peer, "Ada", "a.pdf", size);
}

/* No code, domain or dash-word of a program may reach the user. */
static void
assert_is_sentence (const char *text, const GError *error)
{
  const char *code = ferry_error_get_code_name (error);

  g_assert_nonnull (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (strlen (text), >, 10);
  g_assert_true (g_str_has_suffix (text, "."));
  g_assert_null (strstr (text, "secret detail"));
  g_assert_null (strstr (text, "%"));
  g_assert_null (strstr (text, "FERRY"));
  if (strchr (code, '-') != NULL)
    g_assert_null (strstr (text, code));
}

static void
test_transfer_errors (void)
{
  g_test_summary ("Every error of a transfer is a whole sentence without its code");

  for (int code = FERRY_ERROR_PROTOCOL; code <= FERRY_ERROR_PAUSED; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, code, "secret detail");
      FerryRemedy remedy = (FerryRemedy) -1;
      g_autofree char *text =
          ferry_sentence_for_transfer_error (error, "Ada", "a.pdf", &remedy);

      assert_is_sentence (text, error);
      g_assert_cmpint (remedy, >=, FERRY_REMEDY_NONE);
      g_assert_cmpint (remedy, <=, FERRY_REMEDY_RECONNECT);
    }
}

static void
test_distinct (void)
{
  g_test_summary ("Two errors with different ways out do not read the same");
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int code = FERRY_ERROR_PROTOCOL; code <= FERRY_ERROR_PAUSED; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, code, "x");
      char *text = ferry_sentence_for_transfer_error (error, "Ada", "a.pdf", NULL);

      if (!g_hash_table_add (seen, text))
        g_error ("said twice: %s", text);
    }
}

static void
test_known_sentences (void)
{
  g_test_summary ("The sentences name the person and the file, and what to do");
  static const struct
  {
    FerryError code;
    const char *text;
    FerryRemedy remedy;
  } cases[] = {
    { FERRY_ERROR_DECLINED, PEER " declined “" FILE_NAME "”.", FERRY_REMEDY_SEND_AGAIN },
    { FERRY_ERROR_TIMEOUT, PEER " did not answer.", FERRY_REMEDY_SEND_AGAIN },
    { FERRY_ERROR_UNREACHABLE, "Could not connect to " PEER " directly or through a relay.",
      FERRY_REMEDY_RETRY },
    { FERRY_ERROR_NO_SPACE, "There is not enough space to save “" FILE_NAME "”.",
      FERRY_REMEDY_CHOOSE_FOLDER },
    { FERRY_ERROR_UNSUPPORTED, "None of " PEER "’s devices can receive files right now.",
      FERRY_REMEDY_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, cases[i].code, "x");
      FerryRemedy remedy;
      g_autofree char *text =
          ferry_sentence_for_transfer_error (error, "Ada", "a.pdf", &remedy);

      g_assert_cmpstr (text, ==, cases[i].text);
      g_assert_cmpint (remedy, ==, cases[i].remedy);
    }
}

static void
test_foreign_errors (void)
{
  g_test_summary ("Errors of other domains are sentences too, and cancelling is none");
  g_autoptr (GError) io = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "secret detail");
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");
  g_autofree char *for_io = ferry_sentence_for_transfer_error (io, "Ada", "a.pdf", NULL);
  g_autofree char *for_none = ferry_sentence_for_transfer_error (NULL, "Ada", "a.pdf", NULL);
  g_autofree char *for_cancelled =
      ferry_sentence_for_transfer_error (cancelled, "Ada", "a.pdf", NULL);

  assert_is_sentence (for_io, io);
  g_assert_cmpstr (for_none, ==, for_io);
  g_assert_cmpstr (for_cancelled, ==, "Cancelled");
}

static void
test_account_errors (void)
{
  g_test_summary ("Every error of an account is a whole sentence with a way out");

  for (int code = FERRY_ERROR_PROTOCOL; code <= FERRY_ERROR_PAUSED; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, code, "secret detail");
      FerryRemedy remedy = FERRY_REMEDY_NONE;
      FerryRemedy expected = code == FERRY_ERROR_LOGIN         ? FERRY_REMEDY_ENTER_PASSWORD
                             : code == FERRY_ERROR_CERTIFICATE ? FERRY_REMEDY_VIEW_CERTIFICATE
                                                               : FERRY_REMEDY_RECONNECT;
      g_autofree char *text = ferry_sentence_for_account_error (error, "example.org", &remedy);

      assert_is_sentence (text, error);
      g_assert_cmpint (remedy, ==, expected);
    }
}

static void
test_folder (void)
{
  g_test_summary ("A folder counts its files, on its way and in the end");
  g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_SEND, 48200000);
  g_autofree char *name = ferry_sentence_for_name ("Holiday", TRUE, 48);
  g_autofree char *file = ferry_sentence_for_name ("a.pdf", FALSE, 0);

  ferry_transfer_set_folder (transfer, 48);
  ferry_transfer_set_files_done (transfer, 12, 0);
  ferry_transfer_set_state (transfer, FERRY_TRANSFER_ACTIVE);
  g_autofree char *moving = ferry_sentence_for_transfer (transfer);
  ferry_transfer_set_files_done (transfer, 48, 2);
  ferry_transfer_set_files_skipped (transfer, 1);
  ferry_transfer_set_state (transfer, FERRY_TRANSFER_DONE);
  g_autofree char *done = ferry_sentence_for_transfer (transfer);
  g_autofree char *note = ferry_sentence_for_note (transfer);

  g_assert_cmpstr (name, ==, "\u2068Holiday\u2069 (48 files)");
  g_assert_cmpstr (file, ==, FILE_NAME);
  g_assert_cmpstr (moving, ==, "12 of 48 files · 0 bytes of 48.2\u00a0MB");
  g_assert_cmpstr (done, ==, "48.2\u00a0MB · 46 of 48 files arrived");
  g_assert_nonnull (strstr (note, "1 entry was left out"));
}

static void
test_way (void)
{
  g_test_summary ("A way says whether others can read along");
  g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_SEND, 100);
  g_autofree char *none = ferry_sentence_for_way (transfer);
  ferry_transfer_set_route (transfer, FERRY_ROUTE_PROXY);
  g_autofree char *open = ferry_sentence_for_way (transfer);
  ferry_transfer_set_encrypted (transfer, TRUE);
  g_autofree char *locked = ferry_sentence_for_way (transfer);
  ferry_transfer_set_key_verified (transfer, TRUE);
  g_autofree char *known = ferry_sentence_for_way (transfer);

  g_assert_cmpstr (none, ==, "");
  g_assert_cmpstr (open, ==, "Relay · Not encrypted");
  g_assert_cmpstr (locked, ==, "Relay · Encrypted");
  g_assert_cmpstr (known, ==, "Relay · Encrypted, verified");
}

static void
test_pauses (void)
{
  g_test_summary ("A paused transfer says who paused it, or what");
  static const struct
  {
    FerryTransferPause pause;
    const char *text;
  } cases[] = {
    { FERRY_TRANSFER_PAUSE_USER, "Paused" },
    { FERRY_TRANSFER_PAUSE_PEER, "Paused by " PEER },
    { FERRY_TRANSFER_PAUSE_SPACE, "Paused – the disk is full; it goes on when there is room" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_SEND, 100);
      ferry_transfer_set_state (transfer, FERRY_TRANSFER_PAUSED);
      ferry_transfer_set_pause (transfer, cases[i].pause);

      g_autofree char *text = ferry_sentence_for_transfer (transfer);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_restart (void)
{
  g_test_summary ("A transfer that begins again says why, until it has ended");
  g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_SEND, 100);
  ferry_transfer_set_state (transfer, FERRY_TRANSFER_ACTIVE);
  g_autofree char *none = ferry_sentence_for_note (transfer);
  ferry_transfer_set_starts_over (transfer, TRUE);
  g_autofree char *why = ferry_sentence_for_note (transfer);
  g_autofree char *all = ferry_sentence_for_accessibility (transfer);
  ferry_transfer_set_state (transfer, FERRY_TRANSFER_DONE);
  g_autofree char *ended = ferry_sentence_for_note (transfer);

  g_assert_null (none);
  g_assert_cmpstr (why, ==, PEER "’s program cannot continue files, so this one starts over.");
  g_assert_nonnull (strstr (all, why));
  g_assert_null (ended);
}

static void
test_states (void)
{
  g_test_summary ("Every state of a transfer has its words, in both directions");
  static const struct
  {
    FerryTransferState state;
    const char *sending;
    const char *receiving;
  } cases[] = {
    { FERRY_TRANSFER_PREPARING, "Preparing – reading the file",
      "Preparing – reading the file" },
    { FERRY_TRANSFER_QUEUED, "Waiting to start", "Waiting to start" },
    { FERRY_TRANSFER_WAITING_PEER, "Waiting for " PEER " to come online",
      "Waiting for " PEER " to come online" },
    { FERRY_TRANSFER_OFFERED, "Waiting for " PEER " to accept",
      PEER " is waiting for your answer" },
    { FERRY_TRANSFER_CONNECTING, "Connecting…", "Connecting…" },
    { FERRY_TRANSFER_ACTIVE, "0 bytes of 48.2\u00a0MB", "0 bytes of 48.2\u00a0MB" },
    { FERRY_TRANSFER_STALLED, "No data for 0 s – reconnecting soon", "No data for 0 s" },
    { FERRY_TRANSFER_RECONNECTING, "Connection lost – trying again",
      "Connection lost – trying again" },
    { FERRY_TRANSFER_PAUSED, "Paused", "Paused" },
    { FERRY_TRANSFER_VERIFYING, "Waiting for " PEER " to confirm", "Checking the file…" },
    { FERRY_TRANSFER_CHECKING, "Checking what is there already: 0 bytes",
      "Checking what is there already: 0 bytes" },
    { FERRY_TRANSFER_DONE, "48.2\u00a0MB · Sent", "48.2\u00a0MB · Received, not verified" },
    { FERRY_TRANSFER_DECLINED, "Declined by " PEER, "You declined this file" },
    { FERRY_TRANSFER_CANCELLED, "Cancelled", "Cancelled" },
    { FERRY_TRANSFER_MISSED, PEER " did not answer",
      "You missed this offer. Ask " PEER " to send it again." },
    { FERRY_TRANSFER_FAILED, "“" FILE_NAME "” could not be transferred.",
      "“" FILE_NAME "” could not be transferred." },
  };

  g_assert_cmpuint (G_N_ELEMENTS (cases), ==, FERRY_TRANSFER_FAILED + 1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FerryTransfer) out = new_transfer (FERRY_DIRECTION_SEND, 48200000);
      g_autoptr (FerryTransfer) in = new_transfer (FERRY_DIRECTION_RECEIVE, 48200000);

      ferry_transfer_set_state (out, cases[i].state);
      ferry_transfer_set_state (in, cases[i].state);

      g_autofree char *sending = ferry_sentence_for_transfer (out);
      g_autofree char *receiving = ferry_sentence_for_transfer (in);

      g_assert_cmpstr (sending, ==, cases[i].sending);
      g_assert_cmpstr (receiving, ==, cases[i].receiving);
    }
}

static void
test_waiting (void)
{
  g_test_summary ("Who waits for a contact while we are not there waits for us first");
  g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_SEND, 100);

  ferry_transfer_set_state (transfer, FERRY_TRANSFER_WAITING_PEER);
  ferry_transfer_set_link (transfer, FERRY_TRANSFER_LINK_NO_SERVER);
  g_autofree char *no_server = ferry_sentence_for_transfer (transfer);
  ferry_transfer_set_link (transfer, FERRY_TRANSFER_LINK_NO_NETWORK);
  g_autofree char *no_network = ferry_sentence_for_transfer (transfer);

  g_assert_cmpstr (no_server, ==, "Waiting – you are not connected");
  g_assert_cmpstr (no_network, ==, "Paused – no network");
}

static void
test_queued (void)
{
  g_test_summary ("Who waits for a turn hears how many come before, if they can be counted");
  static const struct
  {
    guint n_ahead;
    const char *text;
  } cases[] = {
    { 1, "Waiting – 1 transfer ahead" },
    { 2, "Waiting – 2 transfers ahead" },
    { FERRY_TRANSFER_MANY_AHEAD - 1, "Waiting – 99 transfers ahead" },
    { FERRY_TRANSFER_MANY_AHEAD, "Waiting – more than 99 transfers ahead" },
  };
  g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_SEND, 100);

  ferry_transfer_set_state (transfer, FERRY_TRANSFER_QUEUED);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ferry_transfer_set_n_ahead (transfer, cases[i].n_ahead);
      g_autofree char *text = ferry_sentence_for_transfer (transfer);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
  ferry_transfer_set_held (transfer, TRUE);
  g_autofree char *held = ferry_sentence_for_transfer (transfer);
  g_assert_cmpstr (held, ==, "Starting in a moment");
}

static void
test_stalled (void)
{
  g_test_summary ("Silence says how long it is, and that something follows where it does");
  g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_RECEIVE, 100);

  ferry_transfer_set_state (transfer, FERRY_TRANSFER_STALLED);
  ferry_transfer_set_quiet_seconds (transfer, 20);
  g_autofree char *waiting = ferry_sentence_for_transfer (transfer);
  ferry_transfer_set_can_ask (transfer, TRUE);
  g_autofree char *asking = ferry_sentence_for_transfer (transfer);

  g_assert_cmpstr (waiting, ==, "No data for 20 s");
  g_assert_cmpstr (asking, ==, "No data for 20 s – reconnecting soon");
}

static void
test_failed_names_its_error (void)
{
  g_test_summary ("A failed transfer reads as the sentence of its error");
  g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_RECEIVE, 10);
  g_autoptr (GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_CORRUPT, "x");

  ferry_transfer_set_error (transfer, error);
  ferry_transfer_set_state (transfer, FERRY_TRANSFER_FAILED);

  g_autofree char *text = ferry_sentence_for_transfer (transfer);

  g_assert_cmpstr (text, ==,
                   "“" FILE_NAME "” was damaged on the way. The damaged copy was not kept.");
}

/* @speed bytes a second for six seconds, ending at @n_done */
static void
run_at (FerryTransfer *transfer, guint64 n_done, guint64 speed)
{
  gint64 now_us = 100 * G_USEC_PER_SEC;

  ferry_transfer_set_state (transfer, FERRY_TRANSFER_ACTIVE);
  for (guint64 second = 0; second <= 6; second++)
    ferry_transfer_set_n_done (transfer, n_done - speed * (6 - second),
                               now_us + (gint64) second * G_USEC_PER_SEC);
}

static void
test_progress (void)
{
  g_test_summary ("Progress says how much, how fast, how long; the unit once if it is one");
  g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_SEND, 48200000);
  g_autoptr (FerryTransfer) mixed = new_transfer (FERRY_DIRECTION_SEND, 1200000000);
  g_autoptr (FerryTransfer) unsized = new_transfer (FERRY_DIRECTION_RECEIVE, -1);

  run_at (transfer, 31000000, 5000000);
  run_at (mixed, 600000, 100000);
  run_at (unsized, 6000000, 1000000);

  g_autofree char *text = ferry_sentence_for_transfer (transfer);
  g_autofree char *two_units = ferry_sentence_for_transfer (mixed);
  g_autofree char *no_size = ferry_sentence_for_transfer (unsized);

  g_assert_true (g_str_has_prefix (text, "31.0 of 48.2\u00a0MB · 5.0\u00a0MB/s · "));
  g_assert_true (g_str_has_suffix (text, " s left"));
  g_assert_true (g_str_has_prefix (two_units, "600.0\u00a0kB of 1.2\u00a0GB · "));
  g_assert_true (g_str_has_suffix (two_units, " h left"));
  g_assert_cmpstr (no_size, ==, "6.0\u00a0MB · 1.0\u00a0MB/s");
}

static void
test_seconds (void)
{
  g_test_summary ("Time is exact below a minute and rounded above");
  static const struct
  {
    int seconds;
    const char *text;
  } cases[] = {
    { 0, "0 s" },          { 12, "12 s" },         { 59, "59 s" },
    { 60, "about 1 min" }, { 170, "about 3 min" }, { 3599, "about 1 h" },
    { 3600, "about 1 h" }, { 9000, "about 3 h" },  { -5, "0 s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = ferry_sentence_for_seconds (cases[i].seconds);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_needs_offer (void)
{
  g_test_summary ("A file that stopped, and cannot be asked for, says what its user can do");
  g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_RECEIVE, 1000);
  FerryTransferState states[] = { FERRY_TRANSFER_PAUSED, FERRY_TRANSFER_FAILED };

  ferry_transfer_set_reached (transfer, 450);
  ferry_transfer_set_n_done (transfer, 450, g_get_monotonic_time ());
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      ferry_transfer_set_can_ask (transfer, FALSE);
      ferry_transfer_set_state (transfer, states[i]);
      g_assert_null (ferry_sentence_for_note (transfer));

      ferry_transfer_set_part_path (transfer, "/tmp/.part");
      g_autofree char *text = ferry_sentence_for_note (transfer);
      g_assert_nonnull (strstr (text, "to send it again: Ferry goes on from 45 %"));
      g_assert_nonnull (strstr (text, "Ask "));

      ferry_transfer_set_can_ask (transfer, TRUE);
      g_assert_null (ferry_sentence_for_note (transfer));
      ferry_transfer_set_part_path (transfer, NULL);
    }
}

static void
test_proof (void)
{
  g_test_summary ("Sent, received and verified are three different things");
  g_autoptr (FerryTransfer) in = new_transfer (FERRY_DIRECTION_RECEIVE, 1200000000);
  g_autoptr (FerryTransfer) out = new_transfer (FERRY_DIRECTION_SEND, 1200000000);

  ferry_transfer_set_state (in, FERRY_TRANSFER_DONE);
  ferry_transfer_set_verified (in, "sha-256");
  ferry_transfer_set_state (out, FERRY_TRANSFER_DONE);
  ferry_transfer_set_received (out, TRUE);

  g_autofree char *verified = ferry_sentence_for_transfer (in);
  g_autofree char *received = ferry_sentence_for_transfer (out);

  g_assert_cmpstr (verified, ==, "1.2\u00a0GB · Verified");
  g_assert_cmpstr (received, ==, "1.2\u00a0GB · Received by the other side");
}

static void
test_privacy (void)
{
  g_test_summary ("What somebody learns is said before it happens, and never too little");
  static const struct
  {
    FerryRoute routes;
    const char *part;
  } cases[] = {
    { FERRY_ROUTE_ALL, "may see your network address" },
    { FERRY_ROUTE_FAST | FERRY_ROUTE_PROXY, "may see your network address" },
    { FERRY_ROUTE_PROXY, "through a relay, or not at all" },
    { FERRY_ROUTE_INBAND, "through the chat servers, slowly, or not at all" },
    { FERRY_ROUTE_PROXY | FERRY_ROUTE_INBAND, "does not see your network address" },
    { FERRY_ROUTE_NONE, "no file goes" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = ferry_sentence_for_privacy (cases[i].routes, "Ada");
      g_assert_nonnull (strstr (text, cases[i].part));
      g_assert_nonnull (strstr (text, "Ada"));
    }
}

static void
test_routes (void)
{
  g_test_summary ("Each route has a word; while connecting the sentence names what is tried");
  g_autoptr (FerryTransfer) transfer = new_transfer (FERRY_DIRECTION_SEND, 10);

  g_assert_cmpstr (ferry_sentence_for_route (FERRY_ROUTE_NONE), ==, "");
  g_assert_cmpstr (ferry_sentence_for_route (FERRY_ROUTE_DIRECT), ==, "Direct");
  g_assert_cmpstr (ferry_sentence_for_route (FERRY_ROUTE_FAST), ==, "Direct (fast mode)");
  g_assert_cmpstr (ferry_sentence_for_route (FERRY_ROUTE_PROXY), ==, "Relay");
  g_assert_cmpstr (ferry_sentence_for_route (FERRY_ROUTE_INBAND), ==, "In-band (slow)");

  ferry_transfer_set_state (transfer, FERRY_TRANSFER_CONNECTING);
  ferry_transfer_set_route (transfer, FERRY_ROUTE_PROXY);

  g_autofree char *relay = ferry_sentence_for_transfer (transfer);

  ferry_transfer_set_route (transfer, FERRY_ROUTE_INBAND);

  g_autofree char *inband = ferry_sentence_for_transfer (transfer);

  g_assert_cmpstr (relay, ==, "Trying a relay…");
  g_assert_cmpstr (inband, ==, "Trying the slow in-band route…");
}

static void
test_accessibility (void)
{
  g_test_summary ("A screen reader hears the whole row");
  g_autoptr (FerryTransfer) active = new_transfer (FERRY_DIRECTION_SEND, 100000000);
  g_autoptr (FerryTransfer) waiting = new_transfer (FERRY_DIRECTION_SEND, 10);

  run_at (active, 64000000, 6000000);
  ferry_transfer_set_route (active, FERRY_ROUTE_DIRECT);
  ferry_transfer_set_state (waiting, FERRY_TRANSFER_WAITING_PEER);

  g_autofree char *text = ferry_sentence_for_accessibility (active);
  g_autofree char *text_waiting = ferry_sentence_for_accessibility (waiting);

  g_assert_true (g_str_has_prefix (text, "Sending " FILE_NAME " to " PEER ", 64 per cent, "));
  g_assert_true (g_str_has_suffix (text, " seconds left, Direct, not encrypted"));
  g_assert_cmpstr (text_waiting, ==,
                   "Sending " FILE_NAME " to " PEER ", Waiting for " PEER " to come online");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sentence/transfer-errors", test_transfer_errors);
  g_test_add_func ("/sentence/distinct", test_distinct);
  g_test_add_func ("/sentence/known", test_known_sentences);
  g_test_add_func ("/sentence/foreign", test_foreign_errors);
  g_test_add_func ("/sentence/account-errors", test_account_errors);
  g_test_add_func ("/sentence/states", test_states);
  g_test_add_func ("/sentence/pauses", test_pauses);
  g_test_add_func ("/sentence/way", test_way);
  g_test_add_func ("/sentence/folder", test_folder);
  g_test_add_func ("/sentence/restart", test_restart);
  g_test_add_func ("/sentence/waiting", test_waiting);
  g_test_add_func ("/sentence/queued", test_queued);
  g_test_add_func ("/sentence/stalled", test_stalled);
  g_test_add_func ("/sentence/failed", test_failed_names_its_error);
  g_test_add_func ("/sentence/progress", test_progress);
  g_test_add_func ("/sentence/seconds", test_seconds);
  g_test_add_func ("/sentence/proof", test_proof);
  g_test_add_func ("/sentence/needs-offer", test_needs_offer);
  g_test_add_func ("/sentence/routes", test_routes);
  g_test_add_func ("/sentence/privacy", test_privacy);
  g_test_add_func ("/sentence/accessibility", test_accessibility);
  return g_test_run ();
}
