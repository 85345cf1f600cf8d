/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ferry-cli send FILE|FOLDER… --to JID */
#include "config.h"

#include "cli/ferry-cli.h"

#include <glib/gi18n.h>

typedef struct
{
  FerryCli *cli;
  GPtrArray *transfers; /* of FerryTransfer, in the order of the arguments */
} Sending;

/* Done when all are; the first that did not arrive decides about the exit code. */
static void
on_transfer_changed (FerryTransfer *changed, GParamSpec *pspec, Sending *sending)
{
  FerryCliExit code = FERRY_CLI_DONE;
  for (guint i = 0; i < sending->transfers->len; i++)
    {
      FerryTransfer *transfer = sending->transfers->pdata[i];
      if (!ferry_transfer_is_finished (transfer))
        return;
      if (code == FERRY_CLI_DONE)
        code = ferry_cli_exit_for_transfer (transfer);
    }
  ferry_cli_finish (sending->cli, code);
}

static gboolean
timed_out_cb (gpointer user_data)
{
  ferry_cli_finish (user_data, FERRY_CLI_TIMED_OUT);
  return G_SOURCE_CONTINUE;
}

/* What --as says of folders. */
typedef enum
{
  FOLDER_AUTO, /* with its tree to those who know it, as an archive to others */
  FOLDER_ZIP,
  FOLDER_FILES,
} FolderForm;

typedef struct
{
  gboolean is_done;
  GStrv files;
  GError *error;
} Listing;

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Listing *listing = user_data;

  listing->files = ferry_core_list_folder_finish (FERRY_CORE (source), result, &listing->error);
  listing->is_done = TRUE;
}

/* Returns: (transfer full) (nullable): the files of the folders among @files, and the others;
 * %NULL after it printed why not */
static GStrv
open_folders (FerryCli *self, char **files)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  for (guint i = 0; files[i] != NULL; i++)
    {
      if (!g_file_test (files[i], G_FILE_TEST_IS_DIR))
        {
          g_strv_builder_add (all, files[i]);
          continue;
        }
      Listing listing = { 0 };
      ferry_core_list_folder_async (self->core, files[i], NULL, listed_cb, &listing);
      while (!listing.is_done)
        g_main_context_iteration (self->context, TRUE);
      if (listing.files == NULL)
        {
          ferry_cli_output_error (self->output, listing.error->message, listing.error);
          g_clear_error (&listing.error);
          return NULL;
        }
      g_strv_builder_addv (all, (const char **) listing.files);
      g_strfreev (listing.files);
    }
  return g_strv_builder_end (all);
}

/* @transfers: to be filled with what comes of @paths */
static void
queue_files (FerryCli *self,
             FerryJid *to,
             GStrv paths,
             FerryRoute routes,
             gboolean publish,
             GPtrArray *transfers)
{
  /* What is published is asked for one by one. */
  for (guint i = 0; publish && paths[i] != NULL; i++)
    g_ptr_array_add (
        transfers, g_object_ref (ferry_core_publish (self->core, NULL, to, paths[i], routes)));
  if (publish)
    return;
  g_autoptr (GListModel) batch =
      ferry_core_send_batch (self->core, NULL, to, (const char *const *) paths, routes, 0);
  for (guint i = 0; i < g_list_model_get_n_items (batch); i++)
    g_ptr_array_add (transfers, g_list_model_get_item (batch, i));
}

static FerryCliExit
send_files (FerryCli *self,
            FerryJid *to,
            char **files,
            FerryRoute routes,
            gboolean publish,
            gboolean keep,
            FolderForm form)
{
  g_auto (GStrv) opened = form == FOLDER_FILES ? open_folders (self, files) : g_strdupv (files);
  if (opened == NULL)
    return FERRY_CLI_FAILED;
  files = opened;
  FerryCliExit code = ferry_cli_connect (self);
  if (code != FERRY_CLI_DONE)
    return code;

  ferry_cli_decline_keys (self);
  g_autoptr (GPtrArray) transfers = g_ptr_array_new_with_free_func (g_object_unref);
  Sending sending = { self, transfers };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  for (guint i = 0; files[i] != NULL; i++)
    {
      g_autofree char *path = g_canonicalize_filename (files[i], NULL);
      g_strv_builder_add (builder, path);
    }
  g_auto (GStrv) paths = g_strv_builder_end (builder);
  queue_files (self, to, paths, routes, publish, transfers);
  for (guint i = 0; i < transfers->len && form == FOLDER_ZIP; i++)
    ferry_core_set_zipped (self->core, transfers->pdata[i]);
  for (guint i = 0; i < transfers->len; i++)
    {
      ferry_cli_follow (self, transfers->pdata[i]);
      g_signal_connect (transfers->pdata[i], "notify::state", G_CALLBACK (on_transfer_changed),
                        &sending);
    }
  on_transfer_changed (NULL, NULL, &sending);
  code = ferry_cli_wait (self);

  for (guint i = 0; i < transfers->len; i++)
    {
      g_signal_handlers_disconnect_by_data (transfers->pdata[i], &sending);
      if (!ferry_transfer_is_finished (transfers->pdata[i]) && !self->is_terminated && !keep)
        ferry_core_cancel (self->core, transfers->pdata[i]);
      g_signal_handlers_disconnect_by_data (transfers->pdata[i], self);
    }
  if (code == FERRY_CLI_TIMED_OUT)
    ferry_cli_output_error (self->output, _ ("It took longer than --timeout allows."), NULL);
  return code;
}

/* @name: (nullable): of the command line */
static gboolean
parse_form (const char *name, FolderForm *form)
{
  if (name == NULL || g_str_equal (name, "auto"))
    *form = FOLDER_AUTO;
  else if (g_str_equal (name, "zip"))
    *form = FOLDER_ZIP;
  else if (g_str_equal (name, "files"))
    *form = FOLDER_FILES;
  else
    return FALSE;
  return TRUE;
}

/* @name: (nullable): of the command line */
static gboolean
parse_protocol (const char *name, FerryCapability *protocol)
{
  if (name == NULL || g_str_equal (name, "auto"))
    *protocol = FERRY_CAPABILITY_UNKNOWN;
  else if (g_str_equal (name, "jingle"))
    *protocol = FERRY_CAPABILITY_JINGLE;
  else if (g_str_equal (name, "si"))
    *protocol = FERRY_CAPABILITY_SI;
  else
    return FALSE;
  return TRUE;
}

FerryCliExit
ferry_cli_send (FerryCli *self, int argc, char **argv)
{
  g_autofree char *to_text = NULL, *route = NULL, *via = NULL, *as = NULL, *rate = NULL;
  gboolean no_verify = FALSE, publish = FALSE, wait = FALSE;
  int timeout_s = 0;
  FerryCapability protocol;
  FolderForm form;
  const GOptionEntry entries[] = {
    { "to", 0, 0, G_OPTION_ARG_STRING, &to_text,
      N_ ("Whom to send to; a bare address goes to the best device"), N_ ("ADDRESS") },
    { "route", 0, 0, G_OPTION_ARG_STRING, &route,
      N_ ("Only these ways: auto, or direct, fast, proxy, inband"), N_ ("ROUTE,…") },
    { "via", 0, 0, G_OPTION_ARG_STRING, &via, N_ ("Only this protocol: auto, jingle or si"),
      N_ ("PROTOCOL") },
    { "limit-rate", 0, 0, G_OPTION_ARG_STRING, &rate,
      N_ ("No faster than this, in bytes a second, such as 500k or 2M"), N_ ("RATE") },
    { "as", 0, 0, G_OPTION_ARG_STRING, &as,
      N_ ("How a folder goes: auto, zip, or its files one by one"), "auto|zip|files" },
    { "publish", 0, 0, G_OPTION_ARG_NONE, &publish,
      N_ ("Only tell the contact, and send when asked for the file"), NULL },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &timeout_s, N_ ("Give up after so many seconds"),
      N_ ("SECONDS") },
    { "wait", 0, 0, G_OPTION_ARG_NONE, &wait,
      N_ ("Keep in the queue what is not sent when this command ends"), NULL },
    { "no-verify", 0, 0, G_OPTION_ARG_NONE, &no_verify, N_ ("Do not compute a checksum"),
      NULL },
    { NULL },
  };

  if (!ferry_cli_parse (self, _ ("FILE…"), _ ("Sends files and folders to a contact."), entries,
                        &argc, &argv))
    return FERRY_CLI_USAGE;
  if (argc < 2)
    return ferry_cli_usage_error (self, "%s",
                                  _ ("Which file? “ferry-cli send FILE… --to ADDRESS”."));
  if (to_text == NULL)
    return ferry_cli_usage_error (self, "%s",
                                  _ ("To whom? “ferry-cli send FILE… --to ADDRESS”."));
  g_autoptr (FerryJid) to = ferry_jid_new (to_text, NULL);
  if (to == NULL || ferry_jid_get_local (to) == NULL)
    return ferry_cli_usage_error (self, _ ("“%s” is not an address."), to_text);
  FerryRoute routes = ferry_cli_parse_routes (self, route);
  if (routes == FERRY_ROUTE_NONE)
    return FERRY_CLI_USAGE;
  if (!parse_protocol (via, &protocol))
    return ferry_cli_usage_error (self, _ ("There is no protocol “%s”."), via);
  if (!ferry_cli_limit_rate (self, FERRY_DIRECTION_SEND, rate))
    return FERRY_CLI_USAGE;
  if (!parse_form (as, &form))
    return ferry_cli_usage_error (self, _ ("A folder cannot go as “%s”."), as);
  if (publish && protocol == FERRY_CAPABILITY_JINGLE)
    return ferry_cli_usage_error (
        self, "%s", _ ("--publish is a part of stream initiation, not of Jingle."));
  /* Only stream initiation has a fast mode. */
  if (protocol == FERRY_CAPABILITY_UNKNOWN && routes == FERRY_ROUTE_FAST)
    protocol = FERRY_CAPABILITY_SI;

  ferry_core_set_verify (self->core, !no_verify);
  ferry_core_set_protocol (self->core, protocol);
  guint timeout =
      timeout_s > 0 ? g_timeout_add_seconds ((guint) timeout_s, timed_out_cb, self) : 0;
  FerryCliExit code = send_files (self, to, argv + 1, routes, publish, wait, form);
  g_clear_handle_id (&timeout, g_source_remove);
  return code;
}
