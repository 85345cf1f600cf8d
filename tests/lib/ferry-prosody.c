/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-prosody.h"

#include "ferry-test.h"

#include <string.h>
#include <unistd.h>

/* Runs the script and returns what it printed; takes @args. */
static char *
run_script (GPtrArray *args)
{
  g_autoptr (GError) error = NULL;
  char *output = NULL;
  int status;

  g_ptr_array_insert (args, 0, g_test_build_filename (G_TEST_DIST, "lib", "prosody", NULL));
  g_ptr_array_add (args, NULL);
  g_spawn_sync (NULL, (char **) args->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
  g_ptr_array_unref (args);
  return output;
}

static GPtrArray *
make_args (const char *verb, const char *folder)
{
  GPtrArray *args = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (args, g_strdup (verb));
  g_ptr_array_add (args, g_strdup (folder));
  return args;
}

static char *
find_value (char **lines, const char *key)
{
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], key) && lines[i][strlen (key)] == '=')
      return g_strdup (lines[i] + strlen (key) + 1);
  g_error ("tests/lib/prosody printed no %s", key);
}

static guint16
find_port (char **lines, const char *key)
{
  g_autofree char *text = find_value (lines, key);
  return (guint16) g_ascii_strtoull (text, NULL, 10);
}

FerryProsody *
ferry_prosody_start (const char *const *options)
{
  FerryProsody *self = g_new0 (FerryProsody, 1);
  self->folder = ferry_test_make_folder ();

  GPtrArray *args = make_args ("start", self->folder);
  g_ptr_array_add (args, g_strdup_printf ("--while-pid=%d", (int) getpid ()));
  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    g_ptr_array_add (args, g_strdup (options[i]));

  g_autofree char *output = run_script (args);
  g_auto (GStrv) lines = g_strsplit (output, "\n", -1);
  self->domain = find_value (lines, "DOMAIN");
  self->pin_sha256 = find_value (lines, "PIN_SHA256");
  self->cert_path = find_value (lines, "CERT");
  self->c2s_port = find_port (lines, "C2S_PORT");
  self->tls_port = find_port (lines, "DIRECT_TLS_PORT");
  self->proxy_port = find_port (lines, "PROXY_PORT");
  return self;
}

void
ferry_prosody_restart (FerryProsody *self)
{
  g_free (run_script (make_args ("restart", self->folder)));
}

void
ferry_prosody_interrupt (FerryProsody *self)
{
  g_free (run_script (make_args ("stop", self->folder)));
}

void
ferry_prosody_stop (FerryProsody *self)
{
  if (self == NULL)
    return;

  ferry_prosody_interrupt (self);
  ferry_test_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->domain);
  g_free (self->pin_sha256);
  g_free (self->cert_path);
  g_free (self);
}
