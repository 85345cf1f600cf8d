/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ferry-cli: finds the verb, opens the profile, lets the verb work. */
#include "config.h"

#include "cli/ferry-cli.h"

#include "base/ferry-error.h"
#include "base/ferry-lateness.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>

typedef struct
{
  const char *name;
  FerryCliExit (*run) (FerryCli *cli, int argc, char **argv);
  const char *summary;
  gboolean opens_itself; /* works also while another Ferry uses the profile */
} Verb;

static const Verb verbs[] = {
  { "account", ferry_cli_account, N_ ("add, list or remove the accounts of the profile") },
  { "contacts", ferry_cli_contacts,
    N_ ("list contacts, their devices and what those can receive") },
  { "send", ferry_cli_send, N_ ("send files to a contact") },
  { "receive", ferry_cli_receive, N_ ("wait for files and save them") },
  { "list", ferry_cli_list, N_ ("list the queue"), TRUE },
  { "pause", ferry_cli_change, N_ ("stop a transfer for a while"), TRUE },
  { "resume", ferry_cli_change, N_ ("go on with a paused transfer"), TRUE },
  { "cancel", ferry_cli_change, N_ ("stop a transfer for good"), TRUE },
  { "retry", ferry_cli_change, N_ ("try a transfer again, now"), TRUE },
  { "move", ferry_cli_move, N_ ("let a transfer start sooner or later"), TRUE },
  { "trust", ferry_cli_trust, N_ ("list, accept or compare the keys of devices"), TRUE },
  { "history", ferry_cli_history, N_ ("list what was sent and received") },
};

static const Verb *
find_verb (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_strcmp0 (verbs[i].name, name) == 0)
      return &verbs[i];
  return NULL;
}

static char *
list_verbs (void)
{
  g_autoptr (GString) text = g_string_new (_ ("Verbs:\n"));
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    g_string_append_printf (text, "  %-10s %s\n", verbs[i].name, gettext (verbs[i].summary));
  g_string_append_printf (text, "\n%s", _ ("“ferry-cli VERB --help” tells more about a verb."));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A hidden option turns it on; the benchmark reads it. */
static void
print_lateness (FerryCliOutput *output, FerryLateness *lateness)
{
  GVariantDict dict;
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "event", "s", "measured");
  g_variant_dict_insert (&dict, "lateness_ms", "d", ferry_lateness_stop (lateness));
  ferry_cli_output_object (output, g_variant_dict_end (&dict));
}

static gboolean
interrupted_cb (gpointer user_data)
{
  ferry_cli_finish (user_data, FERRY_CLI_CANCELLED);
  return G_SOURCE_CONTINUE;
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *stopped = user_data;
  ferry_core_stop_finish (FERRY_CORE (source), result);
  *stopped = TRUE;
}

static gboolean
terminated_cb (gpointer user_data)
{
  FerryCli *cli = user_data;
  cli->is_terminated = TRUE;
  return interrupted_cb (cli);
}

static FerryCliExit
run_verb (FerryCli *cli,
          const Verb *verb,
          int argc,
          char **argv,
          const char *profile_folder,
          const char *xml_log)
{
  g_autoptr (GError) error = NULL;

  cli->profile_folder = profile_folder;
  if (verb->opens_itself)
    return verb->run (cli, argc, argv);
  if (!ferry_cli_open_profile (cli, &error))
    {
      gboolean busy = g_error_matches (error, FERRY_ERROR, FERRY_ERROR_BUSY);
      ferry_cli_output_error (
          cli->output,
          busy ? _ ("Another Ferry is using this profile. Close it, or choose "
                    "another one with --profile.")
               : _ ("The profile could not be opened."),
          error);
      return FERRY_CLI_FAILED;
    }
  if (ferry_profile_get_rescued_path (cli->profile) != NULL)
    ferry_cli_output_say (
        cli->output,
        _ ("Ferry's history could not be opened. A copy was kept at %s; a new "
           "one was started."),
        ferry_profile_get_rescued_path (cli->profile));

  cli->core = ferry_core_new (cli->profile);
  if (xml_log != NULL && !ferry_core_set_xml_log (cli->core, xml_log, &error))
    {
      ferry_cli_output_error (cli->output, _ ("The log file could not be opened."), error);
      return FERRY_CLI_FAILED;
    }
  /* Only who receives is there for others, and changes this. */
  ferry_core_set_routes (cli->core, FERRY_ROUTE_NONE);
  FerryCliExit code = verb->run (cli, argc, argv);

  gboolean stopped = FALSE;
  ferry_core_stop_async (cli->core, stopped_cb, &stopped);
  while (!stopped)
    g_main_context_iteration (cli->context, TRUE);
  return code;
}

static void
prepare_process (void)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, FERRY_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_log_writer_default_set_use_stderr (TRUE); /* stdout is for whoever reads JSON */
  signal (SIGPIPE, SIG_IGN); /* a peer that closes its socket must not end the program */
  signal (SIGXFSZ, SIG_IGN); /* a file over the limit is an error of that write */
}

/* @name: (nullable) */
static FerryCliExit
refuse_verb (FerryCli *cli, const char *name)
{
  if (name == NULL)
    return ferry_cli_usage_error (cli, "%s",
                                  _ ("A verb is missing. “ferry-cli --help” lists them."));
  return ferry_cli_usage_error (
      cli, _ ("There is no verb “%s”. “ferry-cli --help” lists them."), name);
}

int
main (int argc, char **argv)
{
  g_autofree char *profile = NULL;
  g_autofree char *xml_log = NULL;
  gboolean json = FALSE, verbose = FALSE, version = FALSE, measure = FALSE;
  const GOptionEntry entries[] = {
    { "profile", 0, 0, G_OPTION_ARG_FILENAME, &profile,
      N_ ("The folder Ferry keeps everything in"), N_ ("DIR") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object a line"), NULL },
    { "log-xml", 0, 0, G_OPTION_ARG_FILENAME, &xml_log,
      N_ ("Write the XMPP traffic to a file, without passwords and file contents"),
      N_ ("FILE") },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, N_ ("Tell more"), NULL },
    { "measure", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &measure, NULL, NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, N_ ("Print the version"), NULL },
    { NULL },
  };

  prepare_process ();

  /* Global options may stand before and after the verb; what is not one of them is the verb's.
   */
  g_autoptr (GError) error = NULL;
  g_autofree char *description = list_verbs ();
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autoptr (GOptionContext) options = g_option_context_new (_ ("VERB [ARGUMENT…]"));
  g_option_context_add_main_entries (options, entries, GETTEXT_PACKAGE);
  g_option_context_set_description (options, description);
  g_option_context_set_ignore_unknown_options (options, TRUE);
  gboolean has_verb = FALSE;
  for (int i = 1; i < argc && !has_verb; i++)
    has_verb = find_verb (argv[i]) != NULL;
  g_option_context_set_help_enabled (options, !has_verb);
  if (!g_option_context_parse_strv (options, &arguments, &error))
    {
      g_printerr ("ferry-cli: %s\n", error->message);
      return FERRY_CLI_USAGE;
    }
  if (version)
    {
      g_print ("ferry-cli %s\n", FERRY_VERSION);
      return FERRY_CLI_DONE;
    }

  g_autoptr (FerryCliOutput) output = ferry_cli_output_new (json, verbose);
  FerryCli cli = { .output = output, .context = g_main_context_default () };
  const Verb *verb = find_verb (arguments[1]);
  if (verb == NULL)
    return refuse_verb (&cli, arguments[1]);

  g_unix_signal_add (SIGINT, interrupted_cb, &cli);
  g_unix_signal_add (SIGTERM, terminated_cb, &cli);
  FerryLateness *lateness = measure ? ferry_lateness_start () : NULL;
  /* The verb takes its options out of the array; the texts stay ours. */
  guint n_arguments = g_strv_length (arguments) - 1;
  g_autofree char **verb_arguments =
      g_memdup2 (arguments + 1, (n_arguments + 1) * sizeof (char *));
  FerryCliExit code =
      run_verb (&cli, verb, (int) n_arguments, verb_arguments, profile, xml_log);
  if (lateness != NULL)
    print_lateness (output, lateness);
  g_clear_object (&cli.core);
  g_clear_object (&cli.profile);
  return code;
}
