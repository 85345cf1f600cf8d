/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ferry-cli trust: by which keys devices are known, and what the user says of them. */
#include "config.h"

#include "cli/ferry-cli.h"

#include "client/ferry-control.h"

#include <glib/gi18n.h>

static void
on_questions_changed (
    GListModel *questions, guint position, guint n_removed, guint n_added, FerryCli *self)
{
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_add (added, g_list_model_get_item (questions, position + i));

  for (guint i = 0; i < added->len; i++)
    {
      FerryKeyQuestion *question = added->pdata[i];
      g_autoptr (GError) error = NULL;
      ferry_cli_output_key_question (self->output, question);
      if (!ferry_core_answer_key (self->core, ferry_key_question_get_account (question),
                                  ferry_key_question_get_device (question), FERRY_KEY_DECLINE,
                                  &error))
        ferry_cli_output_error (self->output, _ ("That could not be kept."), error);
    }
}

void
ferry_cli_decline_keys (FerryCli *self)
{
  g_signal_connect (ferry_core_get_key_questions (self->core), "items-changed",
                    G_CALLBACK (on_questions_changed), self);
}

static void
print_key (FerryCli *self, GVariant *key)
{
  const char *device = "", *fingerprint = "", *other = NULL, *clear = "";
  gboolean is_verified = FALSE;

  if (ferry_cli_output_is_json (self->output))
    {
      ferry_cli_output_object (self->output, key);
      return;
    }
  g_variant_lookup (key, "device", "&s", &device);
  g_variant_lookup (key, "fingerprint", "&s", &fingerprint);
  g_variant_lookup (key, "shown", "&s", &other);
  g_variant_lookup (key, "clear", "&s", &clear);
  g_variant_lookup (key, "verified", "b", &is_verified);
  g_autofree char *text = ferry_key_question_dup_groups (fingerprint);
  ferry_cli_output_print (self->output, "%s  %s", device,
                          *fingerprint == '\0' ? _ ("no key")
                          : is_verified        ? _ ("compared")
                                               : _ ("not compared"));
  if (*fingerprint != '\0')
    ferry_cli_output_print (self->output, "    %s", text);
  if (g_str_equal (clear, "asked"))
    ferry_cli_output_print (self->output, _ ("    does not encrypt now, not accepted"));
  else if (g_str_equal (clear, "allowed"))
    ferry_cli_output_print (self->output, _ ("    does not encrypt now, accepted"));
  if (other == NULL)
    return;
  g_autofree char *other_text = ferry_key_question_dup_groups (other);
  ferry_cli_output_print (self->output, _ ("    shows now, not accepted:"));
  ferry_cli_output_print (self->output, "    %s", other_text);
}

static FerryCliExit
list_keys (FerryCli *self)
{
  g_auto (GStrv) lines = NULL;

  if (!ferry_cli_open_or_ask (self, "keys", &lines))
    return FERRY_CLI_FAILED;
  g_autoptr (GPtrArray) list =
      self->core != NULL ? ferry_control_list_keys (self->core) : ferry_cli_parse_list (lines);
  for (guint i = 0; i < list->len; i++)
    print_key (self, list->pdata[i]);
  return FERRY_CLI_DONE;
}

static FerryCliExit
report (FerryCli *self, FerryControlResult result, const char *device)
{
  switch (result)
    {
    case FERRY_CONTROL_DONE:
      return FERRY_CLI_DONE;
    case FERRY_CONTROL_UNKNOWN:
      return ferry_cli_usage_error (self, _ ("No key of “%s” is known."), device);
    case FERRY_CONTROL_NOT_NOW:
    case FERRY_CONTROL_BAD:
    default:
      ferry_cli_output_error (self->output, _ ("Nothing is asked about that device."), NULL);
      return FERRY_CLI_FAILED;
    }
}

static FerryCliExit
change_key (FerryCli *self, const char *verb, const char *device)
{
  g_autofree char *request = g_strdup_printf ("key-%s", verb);
  g_autofree char *line = g_strdup_printf ("%s %s", request, device);
  g_auto (GStrv) lines = NULL;

  if (!ferry_cli_open_or_ask (self, line, &lines))
    return FERRY_CLI_FAILED;
  if (self->core != NULL)
    return report (self, ferry_control_apply_key (self->core, request, device), device);
  return report (self, ferry_control_result_from_word (lines[0]), device);
}

FerryCliExit
ferry_cli_trust (FerryCli *self, int argc, char **argv)
{
  static const char *const verbs[] = { "accept", "verify", "once", "reject", "forget", NULL };

  if (!ferry_cli_parse (self,
                        _ ("list | accept DEVICE | verify DEVICE | once DEVICE | reject DEVICE "
                           "| forget DEVICE"),
                        _ ("By which keys devices are known. A device is a full address.\n"
                           "accept: it is known by the key that it shows now; or, if it does "
                           "not encrypt any more, files go in clear until it does.\n"
                           "once: what waits for an answer now goes in clear."),
                        NULL, &argc, &argv))
    return FERRY_CLI_USAGE;
  gboolean lists = argc == 1 || (argc == 2 && g_str_equal (argv[1], "list"));
  if (!lists && (argc != 3 || !g_strv_contains (verbs, argv[1])))
    return ferry_cli_usage_error (
        self, "%s",
        _ ("“ferry-cli trust list”, or accept, verify, once, reject, forget "
           "and the address of a device."));
  return lists ? list_keys (self) : change_key (self, argv[1], argv[2]);
}
