/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ferry-cli history: what was sent and received, newest first. */
#include "config.h"

#include "cli/ferry-cli.h"

#include "store/ferry-history-export.h"

#include <glib/gi18n.h>

/* @timeline: (nullable) */
static void
print_json (FerryCli *self, FerryHistoryEntry *entry, char *timeline)
{
  g_autoptr (GVariant) plain = g_variant_ref_sink (ferry_history_entry_to_variant (entry));
  GVariantDict dict;

  g_variant_dict_init (&dict, plain);
  if (timeline != NULL)
    {
      g_auto (GStrv) lines = g_strsplit (g_strchomp (timeline), "\n", -1);
      g_variant_dict_insert (&dict, "timeline", "^as", lines);
    }
  ferry_cli_output_object (self->output, g_variant_dict_end (&dict));
}

/* Three facts: it was sent; the other side has it; its hash is the right one. */
static const char *
get_done_text (FerryHistoryEntry *entry)
{
  const char *verified = ferry_history_entry_get_verified (entry);

  if (verified != NULL && !g_str_equal (verified, "size"))
    return _ ("verified");
  return ferry_history_entry_was_received (entry) ? _ ("arrived") : _ ("sent");
}

static const char *
get_outcome_text (FerryHistoryEntry *entry)
{
  const char *outcome = ferry_history_entry_get_outcome (entry);
  static const struct
  {
    const char *word;
    const char *text;
  } outcomes[] = {
    { "declined", N_ ("declined") },
    { "cancelled", N_ ("cancelled") },
    { "missed", N_ ("missed") },
    { "failed", N_ ("failed") },
  };
  if (g_strcmp0 (outcome, "done") == 0)
    return get_done_text (entry);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    if (g_strcmp0 (outcomes[i].word, outcome) == 0)
      return gettext (outcomes[i].text);
  return "";
}

static void
print_text (FerryCli *self, FerryHistoryEntry *entry, const char *timeline)
{
  gint64 size = ferry_history_entry_get_size (entry);
  g_autofree char *size_text = size >= 0 ? g_format_size ((guint64) size) : g_strdup ("");
  g_autoptr (GDateTime) ended = g_date_time_new_from_unix_local (
      ferry_history_entry_get_ended_us (entry) / G_USEC_PER_SEC);
  g_autofree char *when =
      ended != NULL ? g_date_time_format (ended, "%x %H:%M") : g_strdup ("");

  ferry_cli_output_print (
      self->output, "%s  %s %s  %s  %s  %s", when,
      ferry_history_entry_is_outgoing (entry) ? "↑" : "↓", ferry_history_entry_get_name (entry),
      ferry_history_entry_get_peer_name (entry), size_text, get_outcome_text (entry));
  if (timeline != NULL)
    ferry_cli_output_print (self->output, "%s", timeline);
}

FerryCliExit
ferry_cli_history (FerryCli *self, int argc, char **argv)
{
  g_autofree char *search = NULL;
  gboolean details = FALSE;
  const GOptionEntry entries[] = {
    { "search", 0, 0, G_OPTION_ARG_STRING, &search, N_ ("Only what has these words"),
      N_ ("TEXT") },
    { "details", 0, 0, G_OPTION_ARG_NONE, &details,
      N_ ("Also what happened on the way: what was tried, and why it failed"), NULL },
    { NULL },
  };

  if (!ferry_cli_parse (self, "", _ ("Lists what was sent and received, newest first."),
                        entries, &argc, &argv))
    return FERRY_CLI_USAGE;

  FerryHistory *history = ferry_core_get_history (self->core);
  ferry_history_set_search (history, search);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (history)); i++)
    {
      g_autoptr (FerryHistoryEntry) entry = g_list_model_get_item (G_LIST_MODEL (history), i);
      g_autofree char *timeline = details ? ferry_history_dup_timeline (history, entry) : NULL;
      if (ferry_cli_output_is_json (self->output))
        print_json (self, entry, timeline);
      else
        print_text (self, entry, timeline);
    }
  return FERRY_CLI_DONE;
}
