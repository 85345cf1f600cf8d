/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ferry-cli receive: waits for offers, asks or accepts, saves. */
#include "config.h"

#include "cli/ferry-cli.h"

#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <unistd.h>

typedef struct
{
  FerryCli *cli;
  GPtrArray *from; /* of FerryJid; empty: anybody in the contact list */
  char *folder;
  gboolean yes;
  int n_wanted; /* 0: until interrupted */
  int n_ended;
  FerryCliExit code;         /* of the first file that did not arrive */
  GDataInputStream *answers; /* the terminal; NULL with --yes */
  FerryOffer *asked;         /* the offer whose question is on the terminal */
} Receiving;

static void ask_next (Receiving *receiving);

static gboolean
timed_out_cb (gpointer user_data)
{
  ferry_cli_finish (user_data, FERRY_CLI_TIMED_OUT);
  return G_SOURCE_CONTINUE;
}

static void
count_end (Receiving *receiving, FerryCliExit code)
{
  if (receiving->code == FERRY_CLI_DONE)
    receiving->code = code;
  if (++receiving->n_ended == receiving->n_wanted)
    ferry_cli_finish (receiving->cli, receiving->code);
}

static void
on_transfer_changed (FerryTransfer *transfer, GParamSpec *pspec, Receiving *receiving);

static void
follow (Receiving *receiving, FerryTransfer *transfer)
{
  ferry_cli_follow (receiving->cli, transfer);
  g_signal_connect (transfer, "notify::state", G_CALLBACK (on_transfer_changed), receiving);
  on_transfer_changed (transfer, NULL, receiving);
}

/* A file that had failed goes on, because the peer has offered it again. */
static void
on_revived (FerryTransfer *transfer, GParamSpec *pspec, Receiving *receiving)
{
  if (ferry_transfer_is_finished (transfer))
    return;
  g_signal_handlers_disconnect_by_data (transfer, receiving);
  g_signal_handlers_disconnect_by_data (transfer, receiving->cli);
  follow (receiving, transfer);
}

static void
on_transfer_changed (FerryTransfer *transfer, GParamSpec *pspec, Receiving *receiving)
{
  if (!ferry_transfer_is_finished (transfer))
    return;
  g_signal_handlers_disconnect_by_data (transfer, receiving);
  g_signal_connect (transfer, "notify::state", G_CALLBACK (on_revived), receiving);
  count_end (receiving, ferry_cli_exit_for_transfer (transfer));
}

static void
accept_offer (Receiving *receiving, FerryOffer *offer)
{
  ferry_core_accept_offer (receiving->cli->core, offer, receiving->folder);
}

/* What we have just accepted, or of a batch what came later. */
static void
on_transfers_changed (
    GListModel *transfers, guint position, guint n_removed, guint n_added, Receiving *receiving)
{
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = n_added; i > 0; i--)
    g_ptr_array_add (added, g_list_model_get_item (transfers, position + i - 1));

  for (guint i = 0; i < added->len; i++)
    if (ferry_transfer_get_direction (added->pdata[i]) == FERRY_DIRECTION_RECEIVE &&
        ferry_transfer_get_state (added->pdata[i]) == FERRY_TRANSFER_QUEUED)
      follow (receiving, added->pdata[i]);
}

/* Files that stopped on their way to us: they go on by themselves, or when the peer offers them
 * again. */
static void
follow_unfinished (Receiving *receiving)
{
  GListModel *transfers = ferry_core_get_transfers (receiving->cli->core);

  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);
      if (ferry_transfer_get_direction (transfer) != FERRY_DIRECTION_RECEIVE)
        continue;
      if (ferry_transfer_is_finished (transfer))
        g_signal_connect (transfer, "notify::state", G_CALLBACK (on_revived), receiving);
      else
        follow (receiving, transfer);
    }
}

static void
decline_offer (Receiving *receiving, FerryOffer *offer)
{
  const FerryBatchInfo *batch = ferry_offer_get_batch (offer);
  guint n_files = batch != NULL ? batch->n_transfers : ferry_offer_get_members (offer)->len;

  ferry_core_decline_offer (receiving->cli->core, offer);
  for (guint i = 0; i < n_files; i++)
    count_end (receiving, FERRY_CLI_DECLINED);
}

static gboolean
is_wanted (Receiving *receiving, FerryOffer *offer)
{
  FerryJid *peer = ferry_offer_get_peer (offer);

  if (receiving->from->len == 0)
    return ferry_offer_is_known (offer) || !receiving->yes;
  for (guint i = 0; i < receiving->from->len; i++)
    {
      FerryJid *from = receiving->from->pdata[i];
      if (ferry_jid_is_bare (from) ? ferry_jid_equal_bare (from, peer)
                                   : ferry_jid_equal (from, peer))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_yes (const char *line)
{
  g_autofree char *answer = g_utf8_strdown (line, -1);
  /* Translators: the letter with which the word for "yes" begins */
  g_autofree char *yes = g_utf8_strdown (C_ ("first letter of yes", "y"), -1);
  return g_str_has_prefix (g_strstrip (answer), yes);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Receiving *receiving = user_data;
  g_autoptr (FerryOffer) offer = g_steal_pointer (&receiving->asked);
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (
      G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  if (receiving->cli->finished)
    return;

  guint position;
  GListModel *offers = ferry_core_get_offers (receiving->cli->core);
  if (!g_list_store_find (G_LIST_STORE (offers), offer, &position))
    ferry_cli_output_say (receiving->cli->output, _ ("%s took the offer back."),
                          ferry_offer_get_peer_name (offer));
  else if (line != NULL && is_yes (line))
    accept_offer (receiving, offer);
  else
    decline_offer (receiving, offer);
  if (line != NULL)
    ask_next (receiving);
}

/* One question at a time; the others wait in the list. */
static void
ask_next (Receiving *receiving)
{
  GListModel *offers = ferry_core_get_offers (receiving->cli->core);

  for (guint i = 0; receiving->asked == NULL && i < g_list_model_get_n_items (offers); i++)
    {
      g_autoptr (FerryOffer) offer = g_list_model_get_item (offers, i);
      if (!is_wanted (receiving, offer))
        continue;
      receiving->asked = g_object_ref (offer);
      g_printerr ("%s ", _ ("Accept it? [y/N]"));
      g_data_input_stream_read_line_async (receiving->answers, G_PRIORITY_DEFAULT, NULL,
                                           answered_cb, receiving);
    }
}

static void
on_offers_changed (
    GListModel *offers, guint position, guint n_removed, guint n_added, Receiving *receiving)
{
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_add (added, g_list_model_get_item (offers, position + i));

  for (guint i = 0; i < added->len; i++)
    {
      FerryOffer *offer = added->pdata[i];
      ferry_cli_output_offer (receiving->cli->output, offer);
      if (!is_wanted (receiving, offer))
        ferry_core_decline_offer (receiving->cli->core, offer);
      else if (receiving->yes)
        accept_offer (receiving, offer);
    }
  if (!receiving->yes)
    ask_next (receiving);
}

static FerryCliExit
receive_files (FerryCli *self, Receiving *receiving)
{
  GListModel *offers = ferry_core_get_offers (self->core);
  g_autoptr (GInputStream) terminal = g_unix_input_stream_new (STDIN_FILENO, FALSE);

  receiving->answers = g_data_input_stream_new (terminal);
  gulong handler =
      g_signal_connect (offers, "items-changed", G_CALLBACK (on_offers_changed), receiving);
  follow_unfinished (receiving);
  gulong added = g_signal_connect (ferry_core_get_transfers (self->core), "items-changed",
                                   G_CALLBACK (on_transfers_changed), receiving);
  ferry_cli_decline_keys (self);
  FerryCliExit code = ferry_cli_connect (self);
  if (code == FERRY_CLI_DONE)
    code = ferry_cli_wait (self);
  g_signal_handler_disconnect (offers, handler);

  GListModel *transfers = ferry_core_get_transfers (self->core);
  g_signal_handler_disconnect (transfers, added);
  for (guint i = 0; i < g_list_model_get_n_items (transfers); i++)
    {
      g_autoptr (FerryTransfer) transfer = g_list_model_get_item (transfers, i);
      gboolean is_ours = g_signal_handlers_disconnect_by_data (transfer, receiving) > 0;
      /* A user who stops us, or gave us a time, does not want it any more. */
      if (is_ours && !self->is_terminated && !ferry_transfer_is_finished (transfer) &&
          (code == FERRY_CLI_CANCELLED || code == FERRY_CLI_TIMED_OUT))
        ferry_core_cancel (self->core, transfer);
      g_signal_handlers_disconnect_by_data (transfer, self);
    }
  g_clear_object (&receiving->answers);
  g_clear_object (&receiving->asked);
  return code;
}

FerryCliExit
ferry_cli_receive (FerryCli *self, int argc, char **argv)
{
  g_auto (GStrv) from = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *route = NULL, *rate = NULL;
  int count = 0, timeout_s = 0;
  gboolean yes = FALSE, no_verify = FALSE;
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_STRING_ARRAY, &from,
      N_ ("Only from this contact; may be repeated"), N_ ("ADDRESS") },
    { "dir", 0, 0, G_OPTION_ARG_FILENAME, &folder, N_ ("Save here"), N_ ("DIR") },
    { "route", 0, 0, G_OPTION_ARG_STRING, &route,
      N_ ("Only these ways: auto, or direct, fast, proxy, inband"), N_ ("ROUTE,…") },
    { "limit-rate", 0, 0, G_OPTION_ARG_STRING, &rate,
      N_ ("No faster than this, in bytes a second, such as 500k or 2M"), N_ ("RATE") },
    { "count", 0, 0, G_OPTION_ARG_INT, &count, N_ ("Stop after so many files"), N_ ("N") },
    { "yes", 0, 0, G_OPTION_ARG_NONE, &yes, N_ ("Accept without asking"), NULL },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &timeout_s, N_ ("Give up after so many seconds"),
      N_ ("SECONDS") },
    { "no-verify", 0, 0, G_OPTION_ARG_NONE, &no_verify, N_ ("Do not compute a checksum"),
      NULL },
    { NULL },
  };

  if (!ferry_cli_parse (self, "", _ ("Waits for files and saves them."), entries, &argc, &argv))
    return FERRY_CLI_USAGE;
  if (argc > 1)
    return ferry_cli_usage_error (self, _ ("“%s” is too much."), argv[1]);

  FerryRoute routes = ferry_cli_parse_routes (self, route);
  if (routes == FERRY_ROUTE_NONE)
    return FERRY_CLI_USAGE;
  if (!ferry_cli_limit_rate (self, FERRY_DIRECTION_RECEIVE, rate))
    return FERRY_CLI_USAGE;
  g_autoptr (GPtrArray) wanted =
      g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_jid_unref);
  for (guint i = 0; from != NULL && from[i] != NULL; i++)
    {
      FerryJid *jid = ferry_jid_new (from[i], NULL);
      if (jid == NULL)
        return ferry_cli_usage_error (self, _ ("“%s” is not an address."), from[i]);
      g_ptr_array_add (wanted, jid);
    }

  g_autofree char *path = folder != NULL ? g_canonicalize_filename (folder, NULL) : NULL;
  Receiving receiving = {
    .cli = self, .from = wanted, .folder = path, .yes = yes, .n_wanted = count
  };
  ferry_core_set_verify (self->core, !no_verify);
  ferry_core_set_routes (self->core, routes);
  ferry_core_set_gathering (self->core, !yes);
  guint timeout =
      timeout_s > 0 ? g_timeout_add_seconds ((guint) timeout_s, timed_out_cb, self) : 0;
  FerryCliExit code = receive_files (self, &receiving);
  g_clear_handle_id (&timeout, g_source_remove);
  return code;
}
