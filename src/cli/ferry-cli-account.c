/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ferry-cli account add|list|remove */
#include "config.h"

#include "cli/ferry-cli.h"

#include "base/ferry-decimal.h"
#include "store/ferry-account-store.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* HOST, HOST:PORT, [V6] or [V6]:PORT */
static gboolean
parse_server (const char *text, char **host, guint16 *port)
{
  const char *rest;

  if (text[0] == '[')
    {
      const char *end = strchr (text, ']');
      if (end == NULL)
        return FALSE;
      *host = g_strndup (text + 1, (gsize) (end - text - 1));
      rest = end + 1;
    }
  else
    {
      size_t length = strcspn (text, ":");
      *host = g_strndup (text, length);
      rest = text + length;
    }
  if (**host == '\0')
    return FALSE;
  if (*rest == '\0')
    return TRUE;

  guint64 number;
  if (*rest != ':' || !ferry_decimal_parse (rest + 1, G_MAXUINT16, &number) || number == 0)
    return FALSE;
  *port = (guint16) number;
  return TRUE;
}

/* Accepts upper case and the colons that many programs print between the bytes. */
static char *
normalize_pin (const char *text)
{
  g_autoptr (GString) pin = g_string_new (NULL);
  for (const char *p = text; *p != '\0'; p++)
    if (*p != ':')
      g_string_append_c (pin, g_ascii_tolower (*p));
  FerryHash hash;
  if (!ferry_hash_parse_hex (FERRY_HASH_SHA256, pin->str, &hash))
    return NULL;
  return g_string_free (g_steal_pointer (&pin), FALSE);
}

/* A line of the terminal, not shown while it is typed. */
static char *
prompt_password (void)
{
  struct termios before, silent;
  gboolean has_terminal = tcgetattr (STDIN_FILENO, &before) == 0;
  char line[1024];

  g_printerr ("%s ", _ ("Password:"));
  if (has_terminal)
    {
      silent = before;
      silent.c_lflag &= (tcflag_t) ~ECHO;
      tcsetattr (STDIN_FILENO, TCSAFLUSH, &silent);
    }
  char *read = fgets (line, sizeof line, stdin);
  if (has_terminal)
    {
      tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
      g_printerr ("\n");
    }
  if (read == NULL)
    return NULL;
  line[strcspn (line, "\r\n")] = '\0';
  return g_strdup (line);
}

static char *
find_password (FerryCli *self, const char *file)
{
  if (file != NULL)
    {
      g_autoptr (GError) error = NULL;
      char *contents;
      if (!g_file_get_contents (file, &contents, NULL, &error))
        {
          ferry_cli_output_error (self->output, _ ("The password file could not be read."),
                                  error);
          return NULL;
        }
      contents[strcspn (contents, "\r\n")] = '\0';
      return contents;
    }
  if (g_getenv ("FERRY_PASSWORD") != NULL)
    return g_strdup (g_getenv ("FERRY_PASSWORD"));
  return prompt_password ();
}

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryCli *self = user_data;
  g_autoptr (GError) error = NULL;

  if (ferry_core_flush_finish (FERRY_CORE (source), result, &error))
    {
      ferry_cli_finish (self, FERRY_CLI_DONE);
      return;
    }
  ferry_cli_output_error (self->output, _ ("The password could not be kept."), error);
  ferry_cli_finish (self, FERRY_CLI_FAILED);
}

static FerryCliExit
store_account (FerryCli *self, FerryAccount *account, const char *password)
{
  g_autoptr (GError) error = NULL;
  if (ferry_core_add_account (self->core, account, password, &error) == NULL)
    {
      ferry_cli_output_error (self->output, _ ("The account could not be stored."), error);
      return FERRY_CLI_FAILED;
    }
  ferry_core_flush_async (self->core, flushed_cb, self);
  FerryCliExit code = ferry_cli_wait (self);
  if (code == FERRY_CLI_DONE)
    ferry_cli_output_say (self->output, _ ("Added %s."), ferry_jid_get_bare (account->jid));
  if (code == FERRY_CLI_DONE && !ferry_core_has_secret_service (self->core))
    ferry_cli_output_say (
        self->output,
        _ ("The password is kept in a file of the profile that only you can read."));
  return code;
}

static FerryCliExit
add_account (FerryCli *self, int argc, char **argv)
{
  g_autofree char *password_file = NULL, *server = NULL, *pin = NULL, *ca_file = NULL,
                  *resource = NULL;
  g_auto (GStrv) proxies = NULL;
  const GOptionEntry entries[] = {
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &password_file,
      N_ ("Read the password from the first line of a file"), N_ ("FILE") },
    { "server", 0, 0, G_OPTION_ARG_STRING, &server, N_ ("Connect to this server"),
      N_ ("HOST[:PORT]") },
    { "pin", 0, 0, G_OPTION_ARG_STRING, &pin,
      N_ ("Accept only the certificate with this SHA-256 fingerprint"), N_ ("SHA256") },
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &ca_file, N_ ("Trust the authorities of a PEM file"),
      N_ ("FILE") },
    { "resource", 0, 0, G_OPTION_ARG_STRING, &resource, N_ ("The name of this device"),
      N_ ("NAME") },
    { "proxy", 0, 0, G_OPTION_ARG_STRING_ARRAY, &proxies,
      N_ ("Use this relay too, besides those of the server; may be repeated"), N_ ("ADDRESS") },
    { NULL },
  };

  if (!ferry_cli_parse (self, _ ("ADDRESS"),
                        _ ("Adds an account, or changes one that is there."), entries, &argc,
                        &argv))
    return FERRY_CLI_USAGE;
  if (argc != 2)
    return ferry_cli_usage_error (self, "%s",
                                  _ ("Which address? “ferry-cli account add ADDRESS”."));
  g_autoptr (FerryJid) jid = ferry_jid_new (argv[1], NULL);
  if (jid == NULL || ferry_jid_get_local (jid) == NULL)
    return ferry_cli_usage_error (self, _ ("“%s” is not an address."), argv[1]);
  if (pin != NULL && ca_file != NULL)
    return ferry_cli_usage_error (self, "%s", _ ("Either --pin or --ca, not both."));

  g_autoptr (FerryAccount) account = ferry_account_new (jid);
  if (server != NULL && !parse_server (server, &account->host, &account->port))
    return ferry_cli_usage_error (self, _ ("“%s” is not a server."), server);
  if (pin != NULL && (account->pin_sha256 = normalize_pin (pin)) == NULL)
    return ferry_cli_usage_error (self, "%s", _ ("A fingerprint has 64 hexadecimal digits."));
  for (guint i = 0; proxies != NULL && proxies[i] != NULL; i++)
    {
      g_autoptr (FerryJid) proxy = ferry_jid_new (proxies[i], NULL);
      if (proxy == NULL || strchr (proxies[i], '\n') != NULL)
        return ferry_cli_usage_error (self, _ ("“%s” is not an address."), proxies[i]);
    }
  account->proxies = g_steal_pointer (&proxies);
  if (resource == NULL)
    resource = g_strdup (ferry_jid_get_resource (jid));
  g_autoptr (FerryJid) full = resource != NULL ? ferry_jid_with_resource (jid, resource) : NULL;
  if (resource != NULL && full == NULL)
    return ferry_cli_usage_error (self, _ ("“%s” cannot be the name of a device."), resource);
  account->resource = g_steal_pointer (&resource);
  account->ca_file = ca_file != NULL ? g_canonicalize_filename (ca_file, NULL) : NULL;

  g_autofree char *password = find_password (self, password_file);
  if (password == NULL || *password == '\0')
    return ferry_cli_usage_error (self, "%s", _ ("A password is needed."));
  return store_account (self, account, password);
}

static FerryCliExit
list_accounts (FerryCli *self)
{
  GListModel *clients = ferry_core_get_clients (self->core);
  for (guint i = 0; i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      const char *jid = ferry_jid_get_text (ferry_client_get_jid (client));
      if (ferry_cli_output_is_json (self->output))
        {
          GVariantDict dict;
          g_variant_dict_init (&dict, NULL);
          g_variant_dict_insert (&dict, "event", "s", "account");
          g_variant_dict_insert (&dict, "jid", "s", jid);
          ferry_cli_output_object (self->output, g_variant_dict_end (&dict));
        }
      else
        ferry_cli_output_print (self->output, "%s", jid);
    }
  return FERRY_CLI_DONE;
}

static FerryCliExit
remove_account (FerryCli *self, int argc, char **argv)
{
  if (argc != 2)
    return ferry_cli_usage_error (self, "%s",
                                  _ ("Which address? “ferry-cli account remove ADDRESS”."));
  g_autoptr (FerryJid) jid = ferry_jid_new (argv[1], NULL);
  GListModel *clients = ferry_core_get_clients (self->core);

  for (guint i = 0; jid != NULL && i < g_list_model_get_n_items (clients); i++)
    {
      g_autoptr (FerryClient) client = g_list_model_get_item (clients, i);
      if (!ferry_jid_equal_bare (ferry_client_get_jid (client), jid))
        continue;
      g_autoptr (GError) error = NULL;
      if (!ferry_core_remove_account (self->core, client, &error))
        {
          ferry_cli_output_error (self->output, _ ("The account could not be removed."), error);
          return FERRY_CLI_FAILED;
        }
      ferry_core_flush_async (self->core, flushed_cb, self);
      FerryCliExit code = ferry_cli_wait (self);
      if (code == FERRY_CLI_DONE)
        ferry_cli_output_say (self->output, _ ("Removed %s."), ferry_jid_get_bare (jid));
      return code;
    }
  return ferry_cli_usage_error (self, _ ("There is no account “%s”."), argv[1]);
}

FerryCliExit
ferry_cli_account (FerryCli *self, int argc, char **argv)
{
  const char *verb = argc > 1 ? argv[1] : NULL;

  if (g_strcmp0 (verb, "add") == 0)
    return add_account (self, argc - 1, argv + 1);
  if (g_strcmp0 (verb, "list") == 0)
    return list_accounts (self);
  if (g_strcmp0 (verb, "remove") == 0)
    return remove_account (self, argc - 1, argv + 1);
  return ferry_cli_usage_error (
      self, "%s",
      _ ("“ferry-cli account add ADDRESS”, “account list” or “account remove ADDRESS”."));
}
