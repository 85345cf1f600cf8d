/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/ferry-sentence.h"

#include "base/ferry-error.h"
#include "base/ferry-file-name.h"
#include "model/ferry-sentence-private.h"
#include "transfer/ferry-transfer-guard.h"

#include <glib/gi18n-lib.h>

char *
ferry_sentence_isolate (const char *name)
{
  return ferry_file_name_for_display (name != NULL ? name : "");
}

const char *
ferry_sentence_for_route (FerryRoute route)
{
  if (route & FERRY_ROUTE_INBAND)
    return C_ ("route", "In-band (slow)");
  if (route & FERRY_ROUTE_PROXY)
    return C_ ("route", "Relay");
  if (route & FERRY_ROUTE_DIRECT)
    return C_ ("route", "Direct");
  if (route & FERRY_ROUTE_FAST)
    return C_ ("route", "Direct (fast mode)");
  return "";
}

char *
ferry_sentence_for_way (FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);

  const char *route = ferry_sentence_for_route (ferry_transfer_get_route (transfer));

  if (*route == '\0')
    return g_strdup ("");
  /* Translators: a way and how safe it is, for instance "Direct · Encrypted". */
  return g_strdup_printf (
      C_ ("route", "%s · %s"), route,
      !ferry_transfer_get_encrypted (transfer)     ? C_ ("route", "Not encrypted")
      : ferry_transfer_get_key_verified (transfer) ? C_ ("route", "Encrypted, verified")
                                                   : C_ ("route", "Encrypted"));
}

char *
ferry_sentence_for_privacy (FerryRoute routes, const char *peer_name)
{
  g_autofree char *peer = ferry_sentence_isolate (peer_name);

  if (routes & (FERRY_ROUTE_DIRECT | FERRY_ROUTE_FAST))
    /* Translators: in these sentences %s is a person. */
    return g_strdup_printf (_ ("Files take the fastest way. %s may see your network address."),
                            peer);
  if (routes == FERRY_ROUTE_PROXY)
    return g_strdup_printf (_ ("Files go through a relay, or not at all. %s does not see your "
                               "network address."),
                            peer);
  if (routes == FERRY_ROUTE_INBAND)
    return g_strdup_printf (_ ("Files go through the chat servers, slowly, or not at all. %s "
                               "does not see your network address."),
                            peer);
  if (routes == FERRY_ROUTE_NONE)
    return g_strdup_printf (_ ("What you decided about %s cannot be read, so no file goes."),
                            peer);
  return g_strdup_printf (_ ("Files go through a relay, or slowly through the chat servers. %s "
                             "does not see your network address."),
                          peer);
}

char *
ferry_sentence_for_name (const char *name, gboolean is_folder, guint n_files)
{
  g_return_val_if_fail (name != NULL, NULL);

  g_autofree char *shown = ferry_sentence_isolate (name);

  if (!is_folder)
    return g_steal_pointer (&shown);
  /* Translators: %s is a folder, %u how many files are in it. */
  return g_strdup_printf (ngettext ("%s (%u file)", "%s (%u files)", n_files), shown, n_files);
}

static char *
active_text (FerryTransfer *transfer)
{
  const FerryProgress progress = { .n_files = ferry_transfer_get_n_files (transfer),
                                   .n_files_done = ferry_transfer_get_n_files_done (transfer),
                                   .size = ferry_transfer_get_size (transfer),
                                   .n_done = ferry_transfer_get_n_done (transfer),
                                   .speed = ferry_transfer_get_speed (transfer),
                                   .seconds_left = ferry_transfer_get_seconds_left (transfer) };

  return ferry_sentence_for_progress (&progress);
}

/* What is known of a finished file: sent, confirmed by the other side, or proven by a hash. */
static const char *
proof_text (FerryTransfer *transfer)
{
  const char *verified = ferry_transfer_get_verified (transfer);

  if (verified != NULL && !g_str_equal (verified, "size"))
    return C_ ("transfer state", "Verified");
  if (ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_RECEIVE)
    return C_ ("transfer state", "Received, not verified");
  if (ferry_transfer_get_received (transfer))
    return C_ ("transfer state", "Received by the other side");
  return C_ ("transfer state", "Sent");
}

/* Some files of a folder could not be read or came damaged; the others are there. */
static char *
partly_done_text (FerryTransfer *transfer, const char *amount)
{
  guint n_files = ferry_transfer_get_n_files (transfer);
  guint n_failed = ferry_transfer_get_n_files_failed (transfer);

  return ferry_sentence_for_arrived (amount, n_files - MIN (n_failed, n_files), n_files);
}

/* What was left out of a folder from the beginning; NULL for nothing. */
static char *
left_out_text (FerryTransfer *transfer)
{
  guint n_skipped = ferry_transfer_get_n_files_skipped (transfer);

  if (n_skipped == 0)
    return NULL;
  return g_strdup_printf (
      ngettext ("%u entry was left out: a link, a special file, or one that may not be read.",
                "%u entries were left out: links, special files, or what may not be read.",
                n_skipped),
      n_skipped);
}

static char *
done_text (FerryTransfer *transfer)
{
  gint64 size = ferry_transfer_get_size (transfer);
  g_autofree char *amount =
      g_format_size (size >= 0 ? (guint64) size : ferry_transfer_get_n_done (transfer));

  if (ferry_transfer_get_n_files_failed (transfer) > 0)
    return partly_done_text (transfer, amount);
  /* Translators: size and result, for instance "1.2 GB · Verified". */
  return g_strdup_printf (_ ("%s · %s"), amount, proof_text (transfer));
}

static char *
queued_text (FerryTransfer *transfer)
{
  guint n_ahead = ferry_transfer_get_n_ahead (transfer);

  if (ferry_transfer_is_held (transfer))
    return g_strdup (_ ("Starting in a moment"));
  if (n_ahead == 0)
    return g_strdup (_ ("Waiting to start"));
  if (n_ahead >= FERRY_TRANSFER_MANY_AHEAD)
    /* Translators: %u is a large number. */
    return g_strdup_printf (_ ("Waiting – more than %u transfers ahead"),
                            FERRY_TRANSFER_MANY_AHEAD - 1);
  return g_strdup_printf (
      ngettext ("Waiting – %u transfer ahead", "Waiting – %u transfers ahead", n_ahead),
      n_ahead);
}

/* @peer: the name of a person */
static char *
waiting_text (FerryTransfer *transfer, const char *peer)
{
  switch (ferry_transfer_get_link (transfer))
    {
    case FERRY_TRANSFER_LINK_NO_NETWORK:
      return g_strdup (_ ("Paused – no network"));
    case FERRY_TRANSFER_LINK_NO_SERVER:
      return g_strdup (_ ("Waiting – you are not connected"));
    case FERRY_TRANSFER_LINK_UP:
    default:
      return g_strdup_printf (_ ("Waiting for %s to come online"), peer);
    }
}

static const char *
connecting_text (FerryRoute route)
{
  if (route & FERRY_ROUTE_INBAND)
    return _ ("Trying the slow in-band route…");
  if (route & FERRY_ROUTE_PROXY)
    return _ ("Trying a relay…");
  return _ ("Connecting…");
}

/* A second look at what is there of a file, before the rest comes. */
static char *
checking_text (FerryTransfer *transfer)
{
  g_autofree char *done = g_format_size (ferry_transfer_get_n_done (transfer));

  /* Translators: %s is a size: so much was read again. */
  return g_strdup_printf (_ ("Checking what is there already: %s"), done);
}

/* Who can neither offer the file again nor ask for it can only wait. */
static char *
stalled_text (FerryTransfer *transfer)
{
  const FerryTransferMachine *machine = ferry_transfer_get_machine (transfer);
  g_autofree char *quiet =
      ferry_sentence_for_seconds ((int) ferry_transfer_get_quiet_seconds (transfer));

  /* Translators: %s is a time, for instance "20 s". */
  return g_strdup_printf (machine->is_sending || machine->can_ask
                              ? _ ("No data for %s – reconnecting soon")
                              : _ ("No data for %s"),
                          quiet);
}

static char *
reconnecting_text (FerryTransfer *transfer)
{
  guint n_tries = ferry_transfer_get_n_tries (transfer);
  int seconds = ferry_transfer_get_retry_seconds (transfer);

  if (n_tries == 0 || seconds == 0)
    return g_strdup (_ ("Connection lost – trying again"));
  /* Translators: "in 8 s (2 of 5)": the second of five attempts. */
  return g_strdup_printf (_ ("Connection lost – trying again in %d s (%u of %u)"), seconds,
                          n_tries, FERRY_TRANSFER_MAX_TRIES);
}

/* @peer: the name of a person */
static char *
key_text (FerryTransfer *transfer, const char *peer)
{
  if (g_error_matches (ferry_transfer_get_error (transfer), FERRY_ERROR, FERRY_ERROR_NO_KEY))
    return g_strdup_printf (_ ("%s’s Ferry used to encrypt, and does not now"), peer);
  return g_strdup_printf (_ ("%s’s device shows another key than before"), peer);
}

static char *
paused_text (FerryTransfer *transfer, const char *peer)
{
  switch (ferry_transfer_get_pause (transfer))
    {
    case FERRY_TRANSFER_PAUSE_PEER:
      return g_strdup_printf (_ ("Paused by %s"), peer);
    case FERRY_TRANSFER_PAUSE_SPACE:
      return g_strdup (_ ("Paused – the disk is full; it goes on when there is room"));
    case FERRY_TRANSFER_PAUSE_KEY:
      return key_text (transfer, peer);
    case FERRY_TRANSFER_PAUSE_NONE:
    case FERRY_TRANSFER_PAUSE_USER:
    default:
      return g_strdup (C_ ("transfer state", "Paused"));
    }
}

char *
ferry_sentence_for_transfer (FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);

  gboolean sending = ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND;
  g_autofree char *peer = ferry_sentence_isolate (ferry_transfer_get_peer_name (transfer));

  switch (ferry_transfer_get_state (transfer))
    {
    case FERRY_TRANSFER_PREPARING:
      return ferry_transfer_guard_waits (transfer)
                 ? key_text (transfer, peer)
                 : g_strdup (_ ("Preparing – reading the file"));
    case FERRY_TRANSFER_QUEUED:
      return queued_text (transfer);
    case FERRY_TRANSFER_WAITING_PEER:
      return waiting_text (transfer, peer);
    case FERRY_TRANSFER_OFFERED:
      return sending ? g_strdup_printf (_ ("Waiting for %s to accept"), peer)
                     : g_strdup_printf (_ ("%s is waiting for your answer"), peer);
    case FERRY_TRANSFER_CONNECTING:
      return g_strdup (connecting_text (ferry_transfer_get_route (transfer)));
    case FERRY_TRANSFER_ACTIVE:
      return active_text (transfer);
    case FERRY_TRANSFER_STALLED:
      return stalled_text (transfer);
    case FERRY_TRANSFER_RECONNECTING:
      return reconnecting_text (transfer);
    case FERRY_TRANSFER_PAUSED:
      return paused_text (transfer, peer);
    case FERRY_TRANSFER_CHECKING:
      return checking_text (transfer);
    case FERRY_TRANSFER_VERIFYING:
      return sending ? g_strdup_printf (_ ("Waiting for %s to confirm"), peer)
                     : g_strdup (_ ("Checking the file…"));
    case FERRY_TRANSFER_DONE:
      return done_text (transfer);
    case FERRY_TRANSFER_DECLINED:
      return sending ? g_strdup_printf (_ ("Declined by %s"), peer)
                     : g_strdup (_ ("You declined this file"));
    case FERRY_TRANSFER_CANCELLED:
      return g_strdup (C_ ("transfer state", "Cancelled"));
    case FERRY_TRANSFER_MISSED:
      return sending ? g_strdup_printf (_ ("%s did not answer"), peer)
                     : g_strdup_printf (_ ("You missed this offer. Ask %s to send it again."),
                                        peer);
    case FERRY_TRANSFER_FAILED:
      return ferry_sentence_for_transfer_error (ferry_transfer_get_error (transfer),
                                                ferry_transfer_get_peer_name (transfer),
                                                ferry_transfer_get_name (transfer), NULL);
    default:
      g_return_val_if_reached (g_strdup (""));
    }
}

/* Has it stopped where only a new offer brings the rest? */
static gboolean
needs_offer (FerryTransfer *transfer)
{
  FerryTransferState state = ferry_transfer_get_state (transfer);
  const FerryTransferMachine *machine = ferry_transfer_get_machine (transfer);

  return (state == FERRY_TRANSFER_PAUSED || state == FERRY_TRANSFER_FAILED) &&
         !machine->is_sending && !machine->can_ask && machine->has_moved &&
         ferry_transfer_get_journal (transfer)->part_path != NULL;
}

static char *
needs_offer_text (FerryTransfer *transfer)
{
  g_autofree char *peer = ferry_sentence_isolate (ferry_transfer_get_peer_name (transfer));

  /* Translators: %s is a person, %d %% how much of a file has come. */
  return g_strdup_printf (_ ("Ask %s to send it again: Ferry goes on from %d %%."), peer,
                          (int) (ferry_transfer_get_fraction (transfer) * 100));
}

char *
ferry_sentence_for_note (FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);

  if (needs_offer (transfer))
    return needs_offer_text (transfer);
  if (!ferry_transfer_get_starts_over (transfer) || ferry_transfer_is_finished (transfer))
    return left_out_text (transfer);

  g_autofree char *peer = ferry_sentence_isolate (ferry_transfer_get_peer_name (transfer));

  /* Translators: %s is a person. */
  return g_strdup_printf (_ ("%s’s program cannot continue files, so this one starts over."),
                          peer);
}

char *
ferry_sentence_for_accessibility (FerryTransfer *transfer)
{
  g_return_val_if_fail (FERRY_IS_TRANSFER (transfer), NULL);

  FerryTransferState state = ferry_transfer_get_state (transfer);
  gboolean sending = ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND;
  FerryRoute route = ferry_transfer_get_route (transfer);
  g_autofree char *peer = ferry_sentence_isolate (ferry_transfer_get_peer_name (transfer));
  g_autofree char *file = ferry_sentence_for_name (ferry_transfer_get_name (transfer),
                                                   ferry_transfer_is_folder (transfer),
                                                   ferry_transfer_get_n_files (transfer));
  g_autofree char *note = ferry_sentence_for_note (transfer);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *title = sending ? g_strdup_printf (_ ("Sending %s to %s"), file, peer)
                                   : g_strdup_printf (_ ("Receiving %s from %s"), file, peer);

  g_strv_builder_add (builder, title);
  if (state == FERRY_TRANSFER_ACTIVE)
    {
      int percent = (int) (ferry_transfer_get_fraction (transfer) * 100);
      int seconds_left = ferry_transfer_get_seconds_left (transfer);
      g_autofree char *progress =
          g_strdup_printf (ngettext ("%d per cent", "%d per cent", percent), percent);

      if (ferry_transfer_get_size (transfer) >= 0)
        g_strv_builder_add (builder, progress);
      if (seconds_left >= 0 && seconds_left < 60)
        {
          g_autofree char *left = g_strdup_printf (
              ngettext ("%d second left", "%d seconds left", seconds_left), seconds_left);

          g_strv_builder_add (builder, left);
        }
      else if (seconds_left >= 0)
        {
          int minutes = (seconds_left + 30) / 60;
          g_autofree char *left = g_strdup_printf (
              ngettext ("about %d minute left", "about %d minutes left", minutes), minutes);

          g_strv_builder_add (builder, left);
        }
    }
  else
    {
      g_autofree char *text = ferry_sentence_for_transfer (transfer);

      g_strv_builder_add (builder, text);
    }
  if (note != NULL)
    g_strv_builder_add (builder, note);
  if (route != FERRY_ROUTE_NONE &&
      (state == FERRY_TRANSFER_DONE || !ferry_transfer_is_finished (transfer)))
    {
      g_strv_builder_add (builder, ferry_sentence_for_route (route));
      g_strv_builder_add (builder, !ferry_transfer_get_encrypted (transfer)
                                       ? C_ ("route", "not encrypted")
                                   : ferry_transfer_get_key_verified (transfer)
                                       ? C_ ("route", "encrypted, key compared")
                                       : C_ ("route", "encrypted"));
    }

  g_auto (GStrv) parts = g_strv_builder_end (builder);

  /* Translators: separates the parts of what a screen reader says about a transfer. */
  return g_strjoinv (C_ ("list separator", ", "), parts);
}
