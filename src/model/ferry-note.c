/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/ferry-note.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define MAX_PARTS 8

/* What notes look like, wherever they are made: %s stands for what varies. tests/check holds
 * this table against the code. */
static const char *const templates[] = {
  /* the ways */
  /* Translators: all these are lines of what happened to a transfer. Here %s is "Direct" or
   * "Relay", then an address, then a number. */
  N_ ("%s: trying %s port %s"),
  N_ ("%s: connected to %s port %s"),
  N_ ("%s: %s port %s did not answer (%s s)"),
  N_ ("%s: %s port %s failed: %s (%s s)"),
  N_ ("%s: %s port %s was left out: %s"),
  N_ ("Relay: activating %s"),
  N_ ("Direct: the other side connected to us"),
  N_ ("Using this way: %s"),
  N_ ("Neither a direct connection nor a relay worked"),
  N_ ("The other side was connected, and has gone"),
  N_ ("A message of the other side was ignored: %s"),
  N_ ("In-band: trying this slow way"),
  N_ ("In-band: the stream is open"),
  N_ ("Opening an in-band stream, blocks of %s bytes"),
  /* the other program */
  N_ ("No answer for a minute. The other program may be unable to receive files"),
  N_ ("The other program does not know Jingle; offering it the older way"),
  N_ ("Encrypted between the two devices"),
  N_ ("Not encrypted between the two devices"),
  N_ ("%s asked for the file"),
  N_ ("the other program cannot continue files; it starts over"),
  N_ ("the other side has it already"),
  N_ ("The parts of the file do not fit; it starts over"),
  N_ ("the promised checksum did not come"),
  /* Translators: a file of a folder; the first one with a reason. */
  N_ ("left out: %s"),
  N_ ("could not be read: %s"),
  N_ ("did not come: %s"),
  N_ ("(no further notes are kept)"),
};

/* Names that are notes, or stand in one. */
static const char *const names[] = {
  NC_ ("timeline", "Direct"),
  NC_ ("timeline", "Relay"),
  /* Translators: the ways of files; "fast" is when the receiver connects back. */
  NC_ ("timeline", "direct"),
  NC_ ("timeline", "fast"),
  NC_ ("timeline", "proxy"),
  NC_ ("timeline", "inband"),
  /* Translators: the states of a transfer. */
  NC_ ("timeline", "preparing"),
  NC_ ("timeline", "queued"),
  NC_ ("timeline", "waiting-peer"),
  NC_ ("timeline", "offered"),
  NC_ ("timeline", "connecting"),
  NC_ ("timeline", "active"),
  NC_ ("timeline", "stalled"),
  NC_ ("timeline", "reconnecting"),
  NC_ ("timeline", "paused"),
  NC_ ("timeline", "verifying"),
  NC_ ("timeline", "checking"),
  NC_ ("timeline", "done"),
  NC_ ("timeline", "declined"),
  NC_ ("timeline", "cancelled"),
  NC_ ("timeline", "missed"),
  NC_ ("timeline", "failed"),
};

/* Finds what stands for each %s of @template in @note.
 * Returns: how many there are; -1 if @note does not look like that */
static int
match (const char *template, const char *note, char *parts[MAX_PARTS])
{
  g_auto (GStrv) literals = g_strsplit (template, "%s", MAX_PARTS);
  guint n_parts = g_strv_length (literals) - 1;

  if (!g_str_has_prefix (note, literals[0]))
    return -1;

  const char *from = note + strlen (literals[0]);
  for (guint i = 0; i < n_parts; i++)
    {
      const char *literal = literals[i + 1];
      gboolean is_last = i + 1 == n_parts;
      const char *to = is_last ? from + strlen (from) - MIN (strlen (literal), strlen (from))
                               : strstr (from, literal);

      if (to == NULL || !g_str_has_prefix (to, literal))
        {
          while (i > 0)
            g_clear_pointer (&parts[--i], g_free);
          return -1;
        }
      parts[i] = g_strndup (from, (gsize) (to - from));
      from = to + strlen (literal);
    }
  if (n_parts == 0 && *from != '\0')
    return -1;
  return (int) n_parts;
}

static const char *
translate_name (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i], text))
      return g_dpgettext2 (GETTEXT_PACKAGE, "timeline", names[i]);
  return text;
}

/* @format: a translation, in which "%2$s" and the like change the order */
static char *
fill_in (const char *format, char *const parts[MAX_PARTS], int n_parts)
{
  g_autoptr (GString) text = g_string_new (NULL);
  int next = 0;

  for (const char *at = format; *at != '\0'; at++)
    {
      int number = next;
      const char *end = at + 1;

      if (*at == '%' && g_ascii_isdigit (at[1]) && g_str_has_prefix (at + 2, "$s"))
        {
          number = g_ascii_digit_value (at[1]) - 1;
          end = at + 3;
        }
      if (*at != '%' || *end != 's' || number < 0 || number >= n_parts)
        {
          g_string_append_c (text, *at);
          continue;
        }
      g_string_append (text, translate_name (parts[number]));
      next++;
      at = end;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
ferry_note_translate (const char *note)
{
  g_return_val_if_fail (note != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (templates); i++)
    {
      char *parts[MAX_PARTS] = { NULL };
      int n_parts = match (templates[i], note, parts);

      if (n_parts < 0)
        continue;

      char *text = fill_in (_ (templates[i]), parts, n_parts);
      for (int part = 0; part < n_parts; part++)
        g_free (parts[part]);
      return text;
    }
  return g_strdup (translate_name (note));
}

char *
ferry_note_translate_timeline (const char *timeline)
{
  g_return_val_if_fail (timeline != NULL, NULL);

  g_auto (GStrv) lines = g_strsplit (timeline, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *mark = strstr (lines[i], " s  ");

      if (mark == NULL)
        continue;
      g_autofree char *note = ferry_note_translate (mark + strlen (" s  "));
      g_autofree char *time = g_strndup (lines[i], (gsize) (mark - lines[i]) + strlen (" s  "));
      g_free (lines[i]);
      lines[i] = g_strconcat (time, note, NULL);
    }
  return g_strjoinv ("\n", lines);
}
