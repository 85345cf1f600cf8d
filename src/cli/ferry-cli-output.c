/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/ferry-cli-output.h"

#include "base/ferry-error.h"
#include "model/ferry-sentence.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A progress bar narrower than this says nothing; wider than this it is only a line. */
#define MIN_BAR 10
#define MAX_BAR 40

struct _FerryCliOutput
{
  gboolean json;
  gboolean verbose;
  gboolean has_terminal;
  gboolean bar_shown; /* the terminal's current line is the progress bar */
};

FerryCliOutput *
ferry_cli_output_new (gboolean json, gboolean verbose)
{
  FerryCliOutput *self = g_new0 (FerryCliOutput, 1);
  self->json = json;
  self->verbose = verbose;
  self->has_terminal = isatty (STDERR_FILENO);
  return self;
}

static void
clear_bar (FerryCliOutput *self)
{
  if (self->bar_shown)
    fputs ("\r\033[K", stderr);
  self->bar_shown = FALSE;
}

void
ferry_cli_output_free (FerryCliOutput *self)
{
  clear_bar (self);
  g_free (self);
}

gboolean
ferry_cli_output_is_json (FerryCliOutput *self)
{
  return self->json;
}

void
ferry_cli_output_say (FerryCliOutput *self, const char *format, ...)
{
  va_list args;

  if (self->json)
    return;
  clear_bar (self);
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("%s\n", text);
}

void
ferry_cli_output_print (FerryCliOutput *self, const char *format, ...)
{
  va_list args;

  if (self->json)
    return;
  clear_bar (self);
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_print ("%s\n", text);
}

/* --- JSON ------------------------------------------------------------------------------------
 */

static JsonBuilder *
begin_object (const char *event)
{
  JsonBuilder *builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);
  return builder;
}

static void
add_string (JsonBuilder *builder, const char *key, const char *value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

/* @values: (nullable) */
static void
add_strings (JsonBuilder *builder, const char *key, const char *const *values)
{
  if (values == NULL)
    return;
  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
  for (guint i = 0; values[i] != NULL; i++)
    json_builder_add_string_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
add_error (JsonBuilder *builder, const char *code, const char *text)
{
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  add_string (builder, "code", code);
  add_string (builder, "text", text);
  json_builder_end_object (builder);
}

static void
print_json (JsonBuilder *builder)
{
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *line = json_to_string (root, FALSE);
  /* One write a line: whoever reads the pipe sees whole lines, at once. */
  g_print ("%s\n", line);
  fflush (stdout);
}

static void
add_transfer (JsonBuilder *builder, FerryTransfer *transfer)
{
  gboolean is_outgoing = ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_SEND;
  FerryTransferState state = ferry_transfer_get_state (transfer);
  gint64 size = ferry_transfer_get_size (transfer);

  add_string (builder, "id", ferry_transfer_get_id (transfer));
  add_string (builder, "direction", is_outgoing ? "send" : "receive");
  add_string (builder, "peer", ferry_jid_get_text (ferry_transfer_get_peer (transfer)));
  add_string (builder, "name", ferry_transfer_get_name (transfer));
  if (ferry_transfer_get_batch (transfer) != NULL)
    add_string (builder, "batch", ferry_transfer_get_batch (transfer)->id);
  add_string (builder, "state", ferry_transfer_state_get_name (state));
  if (size >= 0)
    add_int (builder, "size", size);
  add_int (builder, "bytes", (gint64) ferry_transfer_get_n_done (transfer));
  if (ferry_transfer_is_folder (transfer))
    {
      add_int (builder, "files", ferry_transfer_get_n_files (transfer));
      add_int (builder, "files_done", ferry_transfer_get_n_files_done (transfer));
      add_int (builder, "files_failed", ferry_transfer_get_n_files_failed (transfer));
      add_int (builder, "files_skipped", ferry_transfer_get_n_files_skipped (transfer));
      add_strings (builder, "failed", ferry_transfer_get_failed_files (transfer));
    }
  add_string (builder, "route", ferry_route_get_name (ferry_transfer_get_route (transfer)));
  add_string (builder, "signalling", ferry_transfer_get_signalling (transfer));
  add_string (builder, "path", ferry_transfer_get_path (transfer));
  json_builder_set_member_name (builder, "encrypted");
  json_builder_add_boolean_value (builder, ferry_transfer_get_encrypted (transfer));
  if (ferry_transfer_get_encrypted (transfer))
    {
      json_builder_set_member_name (builder, "key_verified");
      json_builder_add_boolean_value (builder, ferry_transfer_get_key_verified (transfer));
    }

  if (state == FERRY_TRANSFER_DONE)
    {
      const FerryHash *hash = ferry_transfer_get_hash (transfer);
      json_builder_set_member_name (builder, "received");
      json_builder_add_boolean_value (builder, ferry_transfer_get_received (transfer));
      json_builder_set_member_name (builder, "verified");
      if (ferry_transfer_get_verified (transfer) != NULL)
        json_builder_add_string_value (builder, ferry_transfer_get_verified (transfer));
      else
        json_builder_add_null_value (builder);
      if (hash != NULL && hash->algo == FERRY_HASH_SHA256)
        {
          g_autofree char *hex = ferry_hash_to_hex (hash);
          add_string (builder, "sha256", hex);
        }
    }
  gint64 started_us = ferry_transfer_get_started_us (transfer);
  gint64 ended_us = ferry_transfer_get_ended_us (transfer);
  if (started_us > 0 && ended_us >= started_us)
    {
      json_builder_set_member_name (builder, "seconds");
      json_builder_add_double_value (builder, (double) (ended_us - started_us) / 1e6);
    }
  const GError *error = ferry_transfer_get_error (transfer);
  if (error != NULL)
    {
      g_autofree char *sentence =
          ferry_sentence_for_transfer_error (error, ferry_transfer_get_peer_name (transfer),
                                             ferry_transfer_get_name (transfer), NULL);
      add_error (builder, ferry_error_get_code_name (error), sentence);
    }
}

/* --- For people ------------------------------------------------------------------------------
 */

static int
get_terminal_width (void)
{
  struct winsize size;
  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* "name ████████░░░░ 31.0 of 48.2 MB · 6.1 MB/s · 3 s left", fitted to the terminal. */
static void
show_bar (FerryCliOutput *self, FerryTransfer *transfer)
{
  g_autofree char *status = ferry_sentence_for_transfer (transfer);
  const char *name = ferry_transfer_get_name (transfer);
  int room = get_terminal_width () - 3 - (int) g_utf8_strlen (status, -1);
  int n_bar = CLAMP (room / 3, MIN_BAR, MAX_BAR);
  int n_name = MAX (room - n_bar - 1, 8);
  int n_full = (int) (ferry_transfer_get_fraction (transfer) * n_bar);
  g_autoptr (GString) bar = g_string_new (NULL);

  if (g_utf8_strlen (name, -1) > n_name)
    {
      g_autofree char *head = g_utf8_substring (name, 0, n_name - 1);
      g_string_append_printf (bar, "%s… ", head);
    }
  else
    g_string_append_printf (bar, "%s ", name);
  for (int i = 0; i < n_bar; i++)
    g_string_append (bar, i < n_full ? "█" : "░");

  fprintf (stderr, "\r\033[K%s %s", bar->str, status);
  fflush (stderr);
  self->bar_shown = TRUE;
}

/* Of a folder: what is not where it was sent to. --verbose names them. */
static void
tell_left_out (FerryCliOutput *self, FerryTransfer *transfer)
{
  guint n_failed = ferry_transfer_get_n_files_failed (transfer);
  guint n_skipped = ferry_transfer_get_n_files_skipped (transfer);

  if (n_failed > 0)
    ferry_cli_output_say (self,
                          ngettext ("%u file of the folder did not arrive.",
                                    "%u files of the folder did not arrive.", n_failed),
                          n_failed);
  if (n_skipped > 0)
    ferry_cli_output_say (
        self,
        ngettext ("%u entry was left out: a link, a special file, or one that may not be read.",
                  "%u entries were left out: links, special files, or what may not be read.",
                  n_skipped),
        n_skipped);
}

/* Of a file that stopped on its way to us. */
static void
tell_what_helps (FerryCliOutput *self, FerryTransfer *transfer)
{
  gboolean has_failed = ferry_transfer_get_state (transfer) == FERRY_TRANSFER_FAILED &&
                        ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_RECEIVE;
  g_autofree char *note = has_failed ? ferry_sentence_for_note (transfer) : NULL;

  if (note != NULL)
    ferry_cli_output_say (self, "%s", note);
}

void
ferry_cli_output_event (FerryCliOutput *self, const char *event, FerryTransfer *transfer)
{
  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = begin_object (event);
      add_transfer (builder, transfer);
      print_json (builder);
      return;
    }

  if (ferry_transfer_is_finished (transfer))
    {
      g_autofree char *status = ferry_sentence_for_transfer (transfer);
      ferry_cli_output_say (self, "%s: %s", ferry_transfer_get_name (transfer), status);
      tell_left_out (self, transfer);
      tell_what_helps (self, transfer);
      if (ferry_transfer_get_state (transfer) == FERRY_TRANSFER_DONE &&
          ferry_transfer_get_direction (transfer) == FERRY_DIRECTION_RECEIVE)
        ferry_cli_output_print (self, "%s", ferry_transfer_get_path (transfer));
      if (self->verbose)
        {
          g_autofree char *timeline = ferry_transfer_dup_timeline (transfer);
          g_printerr ("%s", timeline);
        }
    }
  else if (self->has_terminal)
    show_bar (self, transfer);
}

void
ferry_cli_output_refresh (FerryCliOutput *self, FerryTransfer *transfer)
{
  if (!self->json && self->has_terminal)
    show_bar (self, transfer);
}

void
ferry_cli_output_offer (FerryCliOutput *self, FerryOffer *offer)
{
  gint64 size = ferry_offer_get_size (offer);
  const char *signalling = ferry_session_get_signalling (ferry_offer_get_session (offer));
  gboolean is_published = g_str_equal (signalling, "sipub");

  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = begin_object ("offer");
      add_string (builder, "id", ferry_offer_get_id (offer));
      add_string (builder, "direction", "receive");
      add_string (builder, "peer", ferry_jid_get_text (ferry_offer_get_peer (offer)));
      add_string (builder, "name", ferry_offer_get_name (offer));
      if (size >= 0)
        add_int (builder, "size", size);
      if (ferry_offer_is_folder (offer) || ferry_offer_is_group (offer))
        add_int (builder, "files", ferry_offer_get_n_files (offer));
      if (ferry_offer_is_group (offer) && ferry_offer_get_batch (offer) != NULL)
        add_string (builder, "batch", ferry_offer_get_batch (offer)->id);
      add_string (builder, "signalling", signalling);
      print_json (builder);
      return;
    }

  g_autofree char *size_text =
      size >= 0 ? g_format_size ((guint64) size) : g_strdup (_ ("unknown size"));
  const char *peer = ferry_offer_get_peer_name (offer), *name = ferry_offer_get_name (offer);
  if (ferry_offer_is_group (offer))
    /* Translators: a contact, a number, a size, a file: "Ada wants to send you 12 files (48.2
     * MB): “a.jpg” and others." */
    ferry_cli_output_say (self,
                          ngettext ("%s wants to send you %u file (%s): “%s” and others.",
                                    "%s wants to send you %u files (%s): “%s” and others.",
                                    ferry_offer_get_n_files (offer)),
                          peer, ferry_offer_get_n_files (offer), size_text, name);
  else if (ferry_offer_is_folder (offer))
    /* Translators: a contact, a folder, a number, a size: "Ada wants to send you the folder
     * “photos” with 12 files (3.1 MB)." */
    ferry_cli_output_say (self,
                          ngettext ("%s wants to send you the folder “%s” with %u file (%s).",
                                    "%s wants to send you the folder “%s” with %u files (%s).",
                                    ferry_offer_get_n_files (offer)),
                          peer, name, ferry_offer_get_n_files (offer), size_text);
  else if (is_published)
    /* Translators: a contact, a file name, a size: "Ada has “a.pdf” (3.1 MB) for you, …" */
    ferry_cli_output_say (self, _ ("%s has “%s” (%s) for you, whenever you want it."), peer,
                          name, size_text);
  else
    /* Translators: a contact, a file name, a size: "Ada wants to send you “a.pdf” (3.1 MB)." */
    ferry_cli_output_say (self, _ ("%s wants to send you “%s” (%s)."), peer, name, size_text);
}

static void
say_no_key (FerryCliOutput *self, FerryKeyQuestion *question)
{
  const char *device = ferry_jid_get_text (ferry_key_question_get_device (question));

  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = begin_object ("no-key");
      add_string (builder, "device", device);
      add_string (builder, "known", ferry_key_question_get_known (question));
      print_json (builder);
      return;
    }
  /* Translators: %s is the name of a person. */
  ferry_cli_output_say (self, _ ("%s’s Ferry used to encrypt, and does not now."),
                        ferry_key_question_get_peer_name (question));
  ferry_cli_output_say (self,
                        _ ("Somebody may sit in between and want to read along. To let files "
                           "go in clear: “ferry-cli trust accept %s”"),
                        device);
}

static void
say_other_key (FerryCliOutput *self, FerryKeyQuestion *question)
{
  const char *device = ferry_jid_get_text (ferry_key_question_get_device (question));
  const char *known = ferry_key_question_get_known (question);
  const char *other = ferry_key_question_get_other (question);

  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = begin_object ("other-key");
      add_string (builder, "device", device);
      add_string (builder, "known", known);
      add_string (builder, "shown", other);
      print_json (builder);
      return;
    }
  g_autofree char *known_text = ferry_key_question_dup_groups (known);
  g_autofree char *other_text = ferry_key_question_dup_groups (other);
  ferry_cli_output_say (self, _ ("%s shows another key than before."), device);
  ferry_cli_output_say (self, _ ("  before: %s"), known_text);
  ferry_cli_output_say (self, _ ("  now:    %s"), other_text);
  ferry_cli_output_say (self,
                        _ ("Somebody may sit in between. If you know that it is right: "
                           "“ferry-cli trust accept %s”"),
                        device);
}

void
ferry_cli_output_key_question (FerryCliOutput *self, FerryKeyQuestion *question)
{
  if (ferry_key_question_get_other (question) != NULL)
    say_other_key (self, question);
  else
    say_no_key (self, question);
}

void
ferry_cli_output_connected (FerryCliOutput *self, FerryClient *client)
{
  const char *jid = ferry_jid_get_text (ferry_client_get_jid (client));

  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = begin_object ("connected");
      add_string (builder, "account", jid);
      print_json (builder);
    }
  else if (self->verbose)
    ferry_cli_output_say (self, _ ("Connected as %s."), jid);
}

void
ferry_cli_output_error (FerryCliOutput *self, const char *sentence, const GError *error)
{
  if (self->json)
    {
      g_autoptr (JsonBuilder) builder = begin_object ("failed");
      add_error (builder, error != NULL ? ferry_error_get_code_name (error) : "failed",
                 sentence);
      print_json (builder);
      return;
    }
  clear_bar (self);
  g_printerr ("ferry-cli: %s\n", sentence);
  if (self->verbose && error != NULL)
    g_printerr ("  (%s)\n", error->message);
}

void
ferry_cli_output_object (FerryCliOutput *self, GVariant *object)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (object);
  g_autoptr (JsonNode) root = json_gvariant_serialize (owned);
  g_autofree char *line = json_to_string (root, FALSE);
  g_print ("%s\n", line);
  fflush (stdout);
}
