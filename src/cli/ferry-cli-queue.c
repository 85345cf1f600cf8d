/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ferry-cli list, pause, resume, cancel, retry, move: the queue, of this process or of the
 * Ferry that uses the profile now. */
#include "config.h"

#include "cli/ferry-cli.h"

#include "base/ferry-error.h"
#include "client/ferry-control.h"

#include <glib/gi18n.h>
#include <string.h>

#define WATCH_MS 500
#define MAX_TRIES 3

static char **
ask_owner (FerryCli *self, const char *request, GError **error)
{
  g_autofree char *folder = ferry_profile_dup_folder (self->profile_folder);
  return ferry_control_ask (folder, request, error);
}

gboolean
ferry_cli_open_or_ask (FerryCli *self, const char *request, char ***lines)
{
  g_autoptr (GError) error = NULL;

  *lines = NULL;
  for (guint i = 0; i < MAX_TRIES; i++)
    {
      g_clear_error (&error);
      if (ferry_cli_open_profile (self, &error))
        {
          self->core = ferry_core_new (self->profile);
          return TRUE;
        }
      if (!g_error_matches (error, FERRY_ERROR, FERRY_ERROR_BUSY))
        {
          ferry_cli_output_error (self->output, _ ("The profile could not be opened."), error);
          return FALSE;
        }
      /* It may end just before it answers. But an empty queue is as silent. */
      g_clear_error (&error);
      *lines = ask_owner (self, request, &error);
      if (*lines != NULL && (**lines != NULL || i + 1 == MAX_TRIES))
        return TRUE;
      g_clear_pointer (lines, g_strfreev);
    }
  ferry_cli_output_error (self->output, _ ("The Ferry that uses this profile does not answer."),
                          error);
  return FALSE;
}

/* --- One transfer ----------------------------------------------------------------------------
 */

static FerryCliExit
report (FerryCli *self, FerryControlResult result, const char *id)
{
  switch (result)
    {
    case FERRY_CONTROL_DONE:
      return FERRY_CLI_DONE;
    case FERRY_CONTROL_UNKNOWN:
      ferry_cli_usage_error (self, _ ("There is no transfer “%s”."), id);
      return FERRY_CLI_USAGE;
    case FERRY_CONTROL_NOT_NOW:
    case FERRY_CONTROL_BAD:
    default:
      ferry_cli_output_error (self->output, _ ("That cannot be done with this transfer now."),
                              NULL);
      return FERRY_CLI_FAILED;
    }
}

static FerryCliExit
change (FerryCli *self, const char *verb, const char *id)
{
  g_autofree char *request = g_strdup_printf ("%s %s", verb, id);
  g_auto (GStrv) lines = NULL;

  if (!ferry_cli_open_or_ask (self, request, &lines))
    return FERRY_CLI_FAILED;
  if (self->core != NULL)
    return report (self, ferry_control_apply (self->core, verb, id), id);
  return report (self, ferry_control_result_from_word (lines[0]), id);
}

FerryCliExit
ferry_cli_change (FerryCli *self, int argc, char **argv)
{
  const char *verb = argv[0];

  if (!ferry_cli_parse (self, _ ("ID"),
                        _ ("Changes the course of a transfer; “list” shows ids."), NULL, &argc,
                        &argv))
    return FERRY_CLI_USAGE;
  if (argc != 2)
    return ferry_cli_usage_error (self, _ ("Which transfer? “ferry-cli %s ID”."), verb);
  return change (self, verb, argv[1]);
}

FerryCliExit
ferry_cli_move (FerryCli *self, int argc, char **argv)
{
  static const char *const places[] = { "first", "up", "down", "last", NULL };

  if (!ferry_cli_parse (self, _ ("ID first|up|down|last"),
                        _ ("Changes when a transfer starts that has not begun."), NULL, &argc,
                        &argv))
    return FERRY_CLI_USAGE;
  if (argc != 3 || !g_strv_contains (places, argv[2]))
    return ferry_cli_usage_error (self, _ ("Say “ferry-cli move ID first|up|down|last”."));

  g_autofree char *verb = g_strconcat ("move-", argv[2], NULL);
  return change (self, verb, argv[1]);
}

/* --- All of them -----------------------------------------------------------------------------
 */

static const char *
get_string (GVariant *transfer, const char *key)
{
  const char *value = "";
  g_variant_lookup (transfer, key, "&s", &value);
  return value;
}

static void
print_transfer (FerryCli *self, GVariant *transfer)
{
  gint64 size = -1, n_done = 0;

  if (ferry_cli_output_is_json (self->output))
    {
      ferry_cli_output_object (self->output, transfer);
      return;
    }
  g_variant_lookup (transfer, "size", "x", &size);
  g_variant_lookup (transfer, "bytes", "x", &n_done);
  gint64 n_files = -1, n_files_done = 0;
  g_variant_lookup (transfer, "files", "x", &n_files);
  g_variant_lookup (transfer, "files_done", "x", &n_files_done);
  g_autofree char *done = g_format_size ((guint64) n_done);
  g_autofree char *all_bytes = size >= 0 ? g_format_size ((guint64) size) : g_strdup ("?");
  g_autofree char *all =
      n_files < 0 ? g_strdup (all_bytes)
                  : g_strdup_printf ("%s (%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT ")",
                                     all_bytes, n_files_done, n_files);
  ferry_cli_output_print (self->output, "%s  %s  %s/%s  %s  %s  %s",
                          get_string (transfer, "id"), get_string (transfer, "direction"), done,
                          all, get_string (transfer, "name"), get_string (transfer, "peer"),
                          get_string (transfer, "text"));
}

/* In the text seconds may go by, and nothing else happens. Returns: (transfer full) */
static GVariant *
dup_facts (GVariant *transfer)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, transfer);
  g_variant_dict_remove (&dict, "text");
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/* Prints what is new or changed since the last call. @shown: id → GVariant */
static void
print_list (FerryCli *self, GPtrArray *list, GHashTable *shown)
{
  for (guint i = 0; i < list->len; i++)
    {
      GVariant *transfer = list->pdata[i];
      const char *id = get_string (transfer, "id");
      GVariant *before = g_hash_table_lookup (shown, id);
      g_autoptr (GVariant) facts = dup_facts (transfer);

      if (before != NULL && g_variant_equal (before, facts))
        continue;
      g_hash_table_replace (shown, g_strdup (id), g_steal_pointer (&facts));
      print_transfer (self, transfer);
    }
}

GPtrArray *
ferry_cli_parse_list (char **lines)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      GVariant *transfer = g_variant_parse (G_VARIANT_TYPE_VARDICT, lines[i], NULL, NULL, NULL);
      if (transfer != NULL)
        g_ptr_array_add (list, g_variant_ref_sink (transfer));
    }
  return list;
}

typedef struct
{
  FerryCli *cli;
  GHashTable *shown;
} Watching;

static gboolean
watch_cb (gpointer user_data)
{
  Watching *watching = user_data;
  g_auto (GStrv) lines = ask_owner (watching->cli, "list", NULL);

  if (lines != NULL)
    {
      g_autoptr (GPtrArray) list = ferry_cli_parse_list (lines);
      print_list (watching->cli, list, watching->shown);
    }
  else
    ferry_cli_finish (watching->cli, FERRY_CLI_DONE); /* the other Ferry has ended */
  return G_SOURCE_CONTINUE;
}

FerryCliExit
ferry_cli_list (FerryCli *self, int argc, char **argv)
{
  gboolean watch = FALSE;
  const GOptionEntry entries[] = {
    { "watch", 0, 0, G_OPTION_ARG_NONE, &watch, N_ ("Go on, and print what changes"), NULL },
    { NULL },
  };

  if (!ferry_cli_parse (self, "", _ ("Lists the transfers of the queue, oldest first."),
                        entries, &argc, &argv))
    return FERRY_CLI_USAGE;
  if (argc > 1)
    return ferry_cli_usage_error (self, _ ("“%s” is too much."), argv[1]);
  g_auto (GStrv) lines = NULL;
  if (!ferry_cli_open_or_ask (self, "list", &lines))
    return FERRY_CLI_FAILED;

  g_autoptr (GHashTable) shown =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  g_autoptr (GPtrArray) list =
      self->core != NULL ? ferry_control_list (self->core) : ferry_cli_parse_list (lines);
  print_list (self, list, shown);
  /* Where nobody else is at work, nothing changes. */
  if (!watch || self->core != NULL)
    return FERRY_CLI_DONE;

  Watching watching = { self, shown };
  guint timer = g_timeout_add (WATCH_MS, watch_cb, &watching);
  FerryCliExit code = ferry_cli_wait (self);
  g_source_remove (timer);
  return code;
}
