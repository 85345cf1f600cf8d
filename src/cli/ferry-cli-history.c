/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ferry-cli history: what was sent and received, newest first. */
#include "config.h"

#include "cli/ferry-cli.h"

#include <glib/gi18n.h>

static void
insert_string (GVariantDict *dict, const char *key, const char *value)
{
  if (value != NULL)
    g_variant_dict_insert (dict, key, "s", value);
}

static void
print_json (FerryCli *self, FerryHistoryEntry *entry)
{
  GVariantDict dict;
  gint64 size = ferry_history_entry_get_size (entry);

  g_variant_dict_init (&dict, NULL);
  insert_string (&dict, "event", "history");
  insert_string (&dict, "id", ferry_history_entry_get_id (entry));
  insert_string (&dict, "direction",
                 ferry_history_entry_is_outgoing (entry) ? "send" : "receive");
  insert_string (&dict, "peer", ferry_history_entry_get_peer (entry));
  insert_string (&dict, "name", ferry_history_entry_get_name (entry));
  if (size >= 0)
    g_variant_dict_insert (&dict, "size", "x", size);
  insert_string (&dict, "path", ferry_history_entry_get_path (entry));
  insert_string (&dict, "route", ferry_history_entry_get_route (entry));
  insert_string (&dict, "verified", ferry_history_entry_get_verified (entry));
  insert_string (&dict, "sha256", ferry_history_entry_get_sha256 (entry));
  insert_string (&dict, "outcome", ferry_history_entry_get_outcome (entry));
  g_autoptr (GDateTime) ended =
      g_date_time_new_from_unix_utc (ferry_history_entry_get_ended_us (entry) / G_USEC_PER_SEC);
  g_autofree char *when = ended != NULL ? g_date_time_format_iso8601 (ended) : NULL;
  insert_string (&dict, "ended", when);
  ferry_cli_output_object (self->output, g_variant_dict_end (&dict));
}

static const char *
get_outcome_text (const char *outcome)
{
  static const struct
  {
    const char *word;
    const char *text;
  } outcomes[] = {
    { "done", N_ ("arrived") },        { "declined", N_ ("declined") },
    { "cancelled", N_ ("cancelled") }, { "missed", N_ ("missed") },
    { "failed", N_ ("failed") },
  };
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    if (g_strcmp0 (outcomes[i].word, outcome) == 0)
      return gettext (outcomes[i].text);
  return "";
}

static void
print_text (FerryCli *self, FerryHistoryEntry *entry)
{
  gint64 size = ferry_history_entry_get_size (entry);
  g_autofree char *size_text = size >= 0 ? g_format_size ((guint64) size) : g_strdup ("");
  g_autoptr (GDateTime) ended = g_date_time_new_from_unix_local (
      ferry_history_entry_get_ended_us (entry) / G_USEC_PER_SEC);
  g_autofree char *when =
      ended != NULL ? g_date_time_format (ended, "%x %H:%M") : g_strdup ("");

  ferry_cli_output_print (self->output, "%s  %s %s  %s  %s  %s", when,
                          ferry_history_entry_is_outgoing (entry) ? "↑" : "↓",
                          ferry_history_entry_get_name (entry),
                          ferry_history_entry_get_peer_name (entry), size_text,
                          get_outcome_text (ferry_history_entry_get_outcome (entry)));
}

FerryCliExit
ferry_cli_history (FerryCli *self, int argc, char **argv)
{
  g_autofree char *search = NULL;
  const GOptionEntry entries[] = {
    { "search", 0, 0, G_OPTION_ARG_STRING, &search, N_ ("Only what has these words"),
      N_ ("TEXT") },
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
      if (ferry_cli_output_is_json (self->output))
        print_json (self, entry);
      else
        print_text (self, entry);
    }
  return FERRY_CLI_DONE;
}
