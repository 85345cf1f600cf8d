/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/ferry-cli.h"

#include "base/ferry-error.h"
#include "client/ferry-control.h"
#include "model/ferry-sentence.h"

#include "base/ferry-decimal.h"

#include <glib/gi18n.h>
#include <string.h>

#define BUSY_LIMIT_US (3 * G_USEC_PER_SEC)
#define BUSY_PERIOD_US (G_USEC_PER_SEC / 20)

static gboolean
is_owner_answering (FerryCli *self)
{
  g_autofree char *folder = ferry_profile_dup_folder (self->profile_folder);
  g_auto (GStrv) lines = ferry_control_ask (folder, "", NULL);
  return lines != NULL && lines[0] != NULL;
}

gboolean
ferry_cli_open_profile (FerryCli *self, GError **error)
{
  gint64 deadline_us = g_get_monotonic_time () + BUSY_LIMIT_US;
  g_autoptr (GError) busy = NULL;

  while ((self->profile = ferry_profile_open (self->profile_folder, &busy)) == NULL &&
         g_error_matches (busy, FERRY_ERROR, FERRY_ERROR_BUSY) && !is_owner_answering (self) &&
         g_get_monotonic_time () < deadline_us)
    {
      g_clear_error (&busy);
      g_usleep (BUSY_PERIOD_US);
    }
  if (self->profile == NULL)
    g_propagate_error (error, g_steal_pointer (&busy));
  return self->profile != NULL;
}

FerryCliExit
ferry_cli_wait (FerryCli *self)
{
  while (!self->finished)
    g_main_context_iteration (self->context, TRUE);
  return self->exit_code;
}

void
ferry_cli_finish (FerryCli *self, FerryCliExit exit_code)
{
  if (self->finished)
    return;
  self->finished = TRUE;
  self->exit_code = exit_code;
}

FerryCliExit
ferry_cli_usage_error (FerryCli *self, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  ferry_cli_output_error (self->output, text, NULL);
  return FERRY_CLI_USAGE;
}

gboolean
ferry_cli_parse (FerryCli *self,
                 const char *parameters,
                 const char *summary,
                 const GOptionEntry *entries,
                 int *argc,
                 char ***argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *full = g_strdup_printf ("%s %s", (*argv)[0], parameters);
  g_autoptr (GOptionContext) options = g_option_context_new (full);

  g_option_context_set_summary (options, summary);
  if (entries != NULL)
    g_option_context_add_main_entries (options, entries, GETTEXT_PACKAGE);
  if (g_option_context_parse (options, argc, argv, &error))
    return TRUE;
  ferry_cli_usage_error (self, "%s", error->message);
  return FALSE;
}

FerryRoute
ferry_cli_parse_routes (FerryCli *self, const char *names)
{
  if (names == NULL || g_str_equal (names, "auto"))
    return FERRY_ROUTE_ALL;
  FerryRoute routes = ferry_routes_from_text (names);
  if (routes == FERRY_ROUTE_NONE)
    ferry_cli_usage_error (self, _ ("There is no route “%s”."), names);
  return routes;
}

/* --- Connecting ------------------------------------------------------------------------------
 */

static void
look_at_clients (FerryCli *self)
{
  GListModel *clients = ferry_core_get_clients (self->core);
  guint n_hopeless = 0;

  if (self->finished) /* by the one of two changes at once that came first */
    return;
  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      if (ferry_client_get_state (client) == FERRY_CLIENT_ONLINE)
        {
          ferry_cli_output_connected (self->output, client);
          ferry_cli_finish (self, FERRY_CLI_DONE);
          return;
        }
      /* A person would wait for the next try; a command that cannot connect says so. */
      if (ferry_client_get_error (client) != NULL &&
          ferry_client_get_state (client) != FERRY_CLIENT_CONNECTING)
        n_hopeless++;
    }
  if (n_hopeless < g_list_model_get_n_items (clients))
    return;

  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      const GError *error = ferry_client_get_error (client);
      g_autofree char *sentence = ferry_sentence_for_account_error (
          error, ferry_jid_get_domain (ferry_client_get_jid (client)), NULL);
      ferry_cli_output_error (self->output, sentence, error);
      FerryCertificate *certificate = ferry_client_get_certificate (client);
      if (certificate != NULL)
        ferry_cli_output_say (
            self->output,
            _ ("Its SHA-256 fingerprint is %s. If you know that this is right, add "
               "the account again with --pin."),
            certificate->sha256);
    }
  ferry_cli_finish (self, FERRY_CLI_NOT_CONNECTED);
}

FerryCliExit
ferry_cli_connect (FerryCli *self)
{
  GListModel *clients = ferry_core_get_clients (self->core);
  guint n_clients = g_list_model_get_n_items (clients);

  if (n_clients == 0)
    {
      ferry_cli_output_error (
          self->output,
          _ ("This profile has no account. Add one with “ferry-cli account add”."), NULL);
      return FERRY_CLI_NOT_CONNECTED;
    }

  g_autofree gulong *handlers = g_new (gulong, 2 * n_clients);
  for (guint i = 0; i < n_clients; i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      handlers[2 * i] = g_signal_connect_swapped (client, "notify::state",
                                                  G_CALLBACK (look_at_clients), self);
      handlers[2 * i + 1] = g_signal_connect_swapped (client, "notify::error",
                                                      G_CALLBACK (look_at_clients), self);
    }
  ferry_core_start (self->core);
  FerryCliExit code = ferry_cli_wait (self);
  for (guint i = 0; i < n_clients; i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      g_signal_handler_disconnect (client, handlers[2 * i]);
      g_signal_handler_disconnect (client, handlers[2 * i + 1]);
    }
  if (code == FERRY_CLI_DONE)
    self->finished = FALSE; /* the verb goes on with the same loop */
  return code;
}

/* --- Following a transfer --------------------------------------------------------------------
 */

static void
on_state_changed (FerryTransfer *transfer, GParamSpec *pspec, FerryCli *self)
{
  gboolean is_outgoing = ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND;

  switch (ferry_transfer_get_state (transfer))
    {
    case FERRY_TRANSFER_OFFERED:
      if (is_outgoing)
        ferry_cli_output_event (self->output, "offer", transfer);
      break;
    case FERRY_TRANSFER_WAITING_PEER:
      ferry_cli_output_event (self->output, "waiting", transfer);
      break;
    case FERRY_TRANSFER_CONNECTING:
      ferry_cli_output_event (self->output, "accepted", transfer);
      ferry_cli_output_event (self->output, "connecting", transfer);
      break;
    case FERRY_TRANSFER_ACTIVE:
      ferry_cli_output_event (self->output, "route", transfer);
      break;
    case FERRY_TRANSFER_CHECKING:
    case FERRY_TRANSFER_VERIFYING:
      ferry_cli_output_event (self->output, "verifying", transfer);
      break;
    case FERRY_TRANSFER_DONE:
      ferry_cli_output_event (self->output, "done", transfer);
      break;
    case FERRY_TRANSFER_DECLINED:
      ferry_cli_output_event (self->output, "declined", transfer);
      break;
    case FERRY_TRANSFER_CANCELLED:
    case FERRY_TRANSFER_MISSED:
    case FERRY_TRANSFER_FAILED:
      ferry_cli_output_event (self->output, "failed", transfer);
      break;
    case FERRY_TRANSFER_PREPARING:
    case FERRY_TRANSFER_QUEUED:
    case FERRY_TRANSFER_STALLED:
    case FERRY_TRANSFER_RECONNECTING:
    case FERRY_TRANSFER_PAUSED:
    default:
      ferry_cli_output_event (self->output, "progress", transfer);
      break;
    }
}

static void
on_progress (FerryTransfer *transfer, GParamSpec *pspec, FerryCli *self)
{
  if (ferry_transfer_get_state (transfer) == FERRY_TRANSFER_ACTIVE)
    ferry_cli_output_event (self->output, "progress", transfer);
}

static void
on_wait_changed (FerryTransfer *transfer, GParamSpec *pspec, FerryCli *self)
{
  FerryTransferState state = ferry_transfer_get_state (transfer);

  if (state == FERRY_TRANSFER_STALLED || state == FERRY_TRANSFER_WAITING_PEER)
    ferry_cli_output_refresh (self->output, transfer);
}

void
ferry_cli_follow (FerryCli *self, FerryTransfer *transfer)
{
  g_signal_connect (transfer, "notify::state", G_CALLBACK (on_state_changed), self);
  g_signal_connect (transfer, "notify::n-done", G_CALLBACK (on_progress), self);
  g_signal_connect (transfer, "notify::quiet-seconds", G_CALLBACK (on_wait_changed), self);
  g_signal_connect (transfer, "notify::link", G_CALLBACK (on_wait_changed), self);
  /* What happened before anybody could listen. */
  if (ferry_transfer_get_state (transfer) != FERRY_TRANSFER_QUEUED)
    on_state_changed (transfer, NULL, self);
}

static gboolean
parse_rate (const char *text, guint64 *rate)
{
  static const char units[] = "kMG";
  gsize length = strlen (text);
  const char *unit = length > 0 ? strchr (units, text[length - 1]) : NULL;
  guint64 factor = 1;

  for (const char *p = units; unit != NULL && p <= unit; p++)
    factor *= 1000;
  g_autofree char *digits = g_strndup (text, unit != NULL ? length - 1 : length);
  if (!ferry_decimal_parse (digits, FERRY_SIZE_MAX / factor, rate) || *rate == 0)
    return FALSE;
  *rate *= factor;
  return TRUE;
}

gboolean
ferry_cli_limit_rate (FerryCli *self, FerryDirection direction, const char *text)
{
  guint64 rate;

  if (text == NULL)
    return TRUE;
  if (!parse_rate (text, &rate))
    {
      ferry_cli_usage_error (self, _ ("“%s” is not a speed: 500k or 2M, in bytes a second."),
                             text);
      return FALSE;
    }
  ferry_core_limit_rate (self->core, direction, rate);
  return TRUE;
}

FerryCliExit
ferry_cli_exit_for_transfer (FerryTransfer *transfer)
{
  const GError *error = ferry_transfer_get_error (transfer);

  switch ((int) ferry_transfer_get_state (transfer))
    {
    case FERRY_TRANSFER_DONE:
      return ferry_transfer_get_n_files_failed (transfer) == 0 ? FERRY_CLI_DONE
                                                               : FERRY_CLI_FAILED;
    case FERRY_TRANSFER_DECLINED:
      return FERRY_CLI_DECLINED;
    case FERRY_TRANSFER_CANCELLED:
      return FERRY_CLI_CANCELLED;
    default:
      if (ferry_transfer_guard_asks (error))
        return FERRY_CLI_OTHER_KEY;
      return error != NULL && g_error_matches (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT)
                 ? FERRY_CLI_TIMED_OUT
                 : FERRY_CLI_FAILED;
    }
}
