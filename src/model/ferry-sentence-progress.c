/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far something is, in words. */
#include "config.h"

#include "model/ferry-sentence-private.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n-lib.h>

char *
ferry_sentence_for_seconds (int seconds)
{
  if (seconds < 60)
    /* Translators: %d is a number of seconds. */
    return g_strdup_printf (ngettext ("%d s", "%d s", MAX (seconds, 0)), MAX (seconds, 0));

  int minutes = (seconds + 30) / 60;
  int hours = (minutes + 30) / 60;

  if (minutes < 60)
    return g_strdup_printf (ngettext ("about %d min", "about %d min", minutes), minutes);
  return g_strdup_printf (ngettext ("about %d h", "about %d h", hours), hours);
}

/* "31.0 of 48.2 MB", the unit only once where both have the same */
static char *
progress_text (guint64 n_done, guint64 size)
{
  g_autofree char *done = g_format_size (n_done);
  g_autofree char *total = g_format_size (size);
  g_autofree char *done_unit = g_format_size_full (n_done, G_FORMAT_SIZE_ONLY_UNIT);
  g_autofree char *total_unit = g_format_size_full (size, G_FORMAT_SIZE_ONLY_UNIT);

  if (g_str_equal (done_unit, total_unit))
    {
      g_free (done);
      done = g_format_size_full (n_done, G_FORMAT_SIZE_ONLY_VALUE);
    }
  /* Translators: how much of a file has moved, for instance "31.0 of 48.2 MB". */
  return g_strdup_printf (_ ("%s of %s"), done, total);
}

/* How far it is: the bytes, and of several files their number before. */
static char *
done_so_far_text (const FerryProgress *progress)
{
  g_autofree char *bytes = progress->size >= 0
                               ? progress_text (progress->n_done, (guint64) progress->size)
                               : g_format_size (progress->n_done);

  if (progress->n_files == 0)
    return g_steal_pointer (&bytes);

  /* Translators: how many files of a folder are done, for instance "12 of 48 files". */
  g_autofree char *files =
      g_strdup_printf (ngettext ("%u of %u file", "%u of %u files", progress->n_files),
                       progress->n_files_done, progress->n_files);

  /* Translators: files and bytes, as in "12 of 48 files · 31.0 of 48.2 MB". */
  return g_strdup_printf (C_ ("folder", "%s · %s"), files, bytes);
}

char *
ferry_sentence_for_progress (const FerryProgress *progress)
{
  g_autofree char *so_far = done_so_far_text (progress);

  if (progress->speed < 1)
    return g_steal_pointer (&so_far);

  g_autofree char *rate = g_format_size ((guint64) progress->speed);

  if (progress->seconds_left < 0)
    /* Translators: progress and speed, for instance "31.0 of 48.2 MB · 6.1 MB/s". */
    return g_strdup_printf (_ ("%s · %s/s"), so_far, rate);

  g_autofree char *left = ferry_sentence_for_seconds (progress->seconds_left);

  /* Translators: progress, speed and time, as in "31.0 of 48.2 MB · 6.1 MB/s · 3 s left". */
  return g_strdup_printf (_ ("%s · %s/s · %s left"), so_far, rate, left);
}

char *
ferry_sentence_for_arrived (const char *amount, guint n_arrived, guint n_files)
{
  /* Translators: a size, how many files there are, and how many of all. */
  return g_strdup_printf (
      ngettext ("%s · %u of %u file arrived", "%s · %u of %u files arrived", n_files), amount,
      n_arrived, n_files);
}
