/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryCli: what every verb of ferry-cli works with: the profile, the core, the output, and a
 * main loop that ends with an exit code. Each verb is one function in a file of its own. */
#pragma once

#include "cli/ferry-cli-output.h"
#include "client/ferry-core.h"

G_BEGIN_DECLS

/* The exit codes are part of the contract with scripts. */
typedef enum
{
  FERRY_CLI_DONE = 0,
  FERRY_CLI_USAGE = 1,
  FERRY_CLI_NOT_CONNECTED = 2,
  FERRY_CLI_DECLINED = 3,
  FERRY_CLI_FAILED = 4,
  FERRY_CLI_TIMED_OUT = 5,
  FERRY_CLI_CANCELLED = 6,
  FERRY_CLI_OTHER_KEY = 7,
} FerryCliExit;

typedef struct
{
  FerryCliOutput *output;
  const char *profile_folder; /* nullable: the default one */
  FerryProfile *profile;      /* NULL for a verb that opens it itself */
  FerryCore *core;
  GMainContext *context;
  gboolean finished;      /* ferry_cli_finish() was called */
  gboolean is_terminated; /* the system ends us, not the user: all that is unfinished is kept */
  FerryCliExit exit_code;
} FerryCli;

/* Opens the profile. Another Ferry that has it, but answers nobody, is just starting or ending,
 * or a verb that takes a moment: it is waited for, a little.
 *
 * @error: %FERRY_ERROR_BUSY: another one has it */
gboolean ferry_cli_open_profile (FerryCli *self, GError **error);

/* Runs the main loop until ferry_cli_finish(). */
FerryCliExit ferry_cli_wait (FerryCli *self);
/* Ends ferry_cli_wait(); the first call decides about the code. */
void ferry_cli_finish (FerryCli *self, FerryCliExit exit_code);
/* Says what is wrong with the arguments. Returns: %FERRY_CLI_USAGE */
FerryCliExit ferry_cli_usage_error (FerryCli *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
/* Parses the verb's own options. Returns: %FALSE after it printed what is wrong */
gboolean ferry_cli_parse (FerryCli *self,
                          const char *parameters,
                          const char *summary,
                          const GOptionEntry *entries,
                          int *argc,
                          char ***argv);

/* What stands after --route: "auto", or names with commas between them. @names: (nullable): the
 * option was not given
 * Returns: %FERRY_ROUTE_NONE after it printed that there is no such route */
FerryRoute ferry_cli_parse_routes (FerryCli *self, const char *names);

/**
 * ferry_cli_limit_rate:
 * @text: (nullable): what stands after --limit-rate: bytes a second, perhaps with k, M or G
 *
 * Returns: %FALSE after it printed that this is no rate
 */
gboolean ferry_cli_limit_rate (FerryCli *self, FerryDirection direction, const char *text);

/**
 * ferry_cli_connect:
 *
 * Signs in with every account and waits until one is online, or until all have failed.
 *
 * Returns: %FERRY_CLI_DONE, or the code to exit with after the reason was printed
 */
FerryCliExit ferry_cli_connect (FerryCli *self);

/**
 * ferry_cli_open_or_ask:
 * @request: as in client/ferry-control.h
 * @lines: (out) (transfer full) (nullable): what the Ferry says that has the profile; %NULL if
 * it is ours now, and self->core there
 *
 * Returns: %FALSE after it printed why neither
 */
gboolean ferry_cli_open_or_ask (FerryCli *self, const char *request, char ***lines);
/* @lines: what lists are answered with. Returns: (transfer full) (element-type GVariant) */
GPtrArray *ferry_cli_parse_list (char **lines);

/* Prints the events of @transfer from now on. */
void ferry_cli_follow (FerryCli *self, FerryTransfer *transfer);
/* Nobody is there to be asked: from now on a device that shows another key than before is
 * declined, and that is told. */
void ferry_cli_decline_keys (FerryCli *self);
/* What a finished transfer means for the exit code. */
FerryCliExit ferry_cli_exit_for_transfer (FerryTransfer *transfer);

/* Verbs: @argv[0] is the verb. */
FerryCliExit ferry_cli_account (FerryCli *self, int argc, char **argv);
FerryCliExit ferry_cli_contacts (FerryCli *self, int argc, char **argv);
FerryCliExit ferry_cli_send (FerryCli *self, int argc, char **argv);
FerryCliExit ferry_cli_receive (FerryCli *self, int argc, char **argv);
FerryCliExit ferry_cli_list (FerryCli *self, int argc, char **argv);
/* pause, resume, cancel, retry */
FerryCliExit ferry_cli_change (FerryCli *self, int argc, char **argv);
FerryCliExit ferry_cli_move (FerryCli *self, int argc, char **argv);
FerryCliExit ferry_cli_trust (FerryCli *self, int argc, char **argv);
FerryCliExit ferry_cli_history (FerryCli *self, int argc, char **argv);

G_END_DECLS
