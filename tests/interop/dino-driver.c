/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drives a real Dino, which has no remote control: preloaded into it, this signs an account in
 * and sends files by the functions that Dino's own libraries export. Two functions of Dino's
 * are replaced so that it finds and trusts the test's server; what it says to others is its
 * own.
 *
 * Environment: DRIVER_JID, DRIVER_PASSWORD, DRIVER_ADDRESS, DRIVER_PORT.
 * Standard input: "open JID", "send JID PATH". Standard output: {"event": …} a line. */
#include <dlfcn.h>
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define XMPP_PORT 5222
#define POLL_MS 50
#define DINO_LARGE 5000000

/* Of Dino 0.4; Debian has no headers of it. Every object is a gpointer. */
extern gpointer dino_file_manager_IDENTITY, dino_conversation_manager_IDENTITY,
    dino_presence_manager_IDENTITY;
GType dino_file_manager_get_type (void);
GType dino_conversation_manager_get_type (void);
GType dino_presence_manager_get_type (void);
gpointer dino_application_get_stream_interactor (gpointer application);
gpointer dino_application_get_db (gpointer application);
gpointer dino_stream_interactor_get_module (
    gpointer self, GType type, GBoxedCopyFunc copy, GDestroyNotify destroy, gpointer identity);
void dino_stream_interactor_connect_account (gpointer self, gpointer account);
gpointer dino_entities_account_new (gpointer jid,
                                    const char *resource,
                                    const char *password,
                                    const char *alias);
void dino_entities_account_persist (gpointer self, gpointer db);
void dino_entities_account_set_enabled (gpointer self, gboolean enabled);
gpointer dino_conversation_manager_create_conversation (gpointer self,
                                                        gpointer jid,
                                                        gpointer account,
                                                        const int *type);
void dino_conversation_manager_start_conversation (gpointer self, gpointer conversation);
gpointer dino_presence_manager_get_full_jids (gpointer self, gpointer jid, gpointer account);
void dino_file_manager_send_file (gpointer self,
                                  gpointer file,
                                  gpointer conversation,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
void dino_file_manager_send_file_finish (gpointer self, GAsyncResult *result);
gpointer dino_entities_file_transfer_get_file (gpointer self);
void dino_file_manager_download_file (gpointer self,
                                      gpointer transfer,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
int dino_entities_file_transfer_get_state (gpointer self);
gint64 dino_entities_file_transfer_get_size (gpointer self);
gboolean dino_entities_file_transfer_get_direction (gpointer self);
gpointer xmpp_jid_new (const char *text, GError **error);
gboolean dino_connection_manager_on_invalid_certificate (const char *domain,
                                                         gpointer certificate,
                                                         int flags);

enum
{
  DINO_COMPLETE = 0,
  DINO_FAILED = 3,
};

typedef struct
{
  gpointer interactor;
  gpointer account;
  gpointer files;
  gpointer conversations;
  gpointer presences;
} Driver;

static Driver driver;

/* @path: (nullable) */
static void
tell (const char *event, const char *path)
{
  printf ("{\"event\": \"%s\"", event);
  if (path != NULL)
    printf (", \"path\": \"%s\"", path);
  printf ("}\n");
  fflush (stdout);
}

static gpointer
get_module (GType type, gpointer identity)
{
  return dino_stream_interactor_get_module (
      driver.interactor, type, (GBoxedCopyFunc) g_object_ref, g_object_unref, identity);
}

static gpointer
open_conversation (const char *text)
{
  const int chat = 0;
  gpointer jid = xmpp_jid_new (text, NULL);
  gpointer conversation = dino_conversation_manager_create_conversation (
      driver.conversations, jid, driver.account, &chat);
  dino_conversation_manager_start_conversation (driver.conversations, conversation);
  return conversation;
}

/* --- Files -----------------------------------------------------------------------------------
 */

static void
on_state_changed (GObject *transfer, GParamSpec *pspec, gpointer user_data)
{
  int state = dino_entities_file_transfer_get_state (transfer);

  if (state == DINO_COMPLETE)
    {
      g_autofree char *path = g_file_get_path (dino_entities_file_transfer_get_file (transfer));
      tell ("received", path);
    }
  else if (state == DINO_FAILED)
    tell ("failed", NULL);
}

static gboolean
download_cb (gpointer transfer)
{
  dino_file_manager_download_file (driver.files, transfer, NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* A small file from a contact Dino takes by itself, for a large one its user presses a button.
 */
static void
on_file (gpointer files, gpointer transfer, gpointer conversation, gpointer user_data)
{
  if (dino_entities_file_transfer_get_direction (transfer))
    return;
  g_signal_connect (transfer, "notify::state", G_CALLBACK (on_state_changed), NULL);
  if (dino_entities_file_transfer_get_size (transfer) >= DINO_LARGE)
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, download_cb, g_object_ref (transfer),
                     g_object_unref);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  dino_file_manager_send_file_finish (source, result);
  tell ("sent", NULL);
}

/* @words: (transfer full): "send", JID, path */
static gboolean
send_when_online (gpointer words)
{
  char **arguments = words;
  g_autoptr (GObject) devices = dino_presence_manager_get_full_jids (
      driver.presences, xmpp_jid_new (arguments[1], NULL), driver.account);

  if (devices == NULL)
    return G_SOURCE_CONTINUE;
  dino_file_manager_send_file (driver.files, g_file_new_for_path (arguments[2]),
                               open_conversation (arguments[1]), sent_cb, NULL);
  g_strfreev (arguments);
  return G_SOURCE_REMOVE;
}

static gboolean
command_cb (GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
  g_autofree char *line = NULL;

  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
    exit (0);
  char **words = g_strsplit (g_strchomp (line), " ", 3);
  if (g_str_equal (words[0], "send"))
    g_timeout_add (POLL_MS, send_when_online, words);
  else
    {
      open_conversation (words[1]);
      g_strfreev (words);
      tell ("opened", NULL);
    }
  return G_SOURCE_CONTINUE;
}

/* --- Signing in ------------------------------------------------------------------------------
 */

static void
on_negotiated (gpointer interactor, gpointer account, gpointer stream, gpointer user_data)
{
  g_set_object (&driver.account, account);
  g_io_add_watch (g_io_channel_unix_new (STDIN_FILENO), G_IO_IN | G_IO_HUP, command_cb, NULL);
  tell ("ready", NULL);
}

static gboolean
sign_in_cb (gpointer user_data)
{
  GApplication *application = g_application_get_default ();

  if (application == NULL || !g_application_get_is_registered (application))
    return G_SOURCE_CONTINUE;
  driver.interactor = dino_application_get_stream_interactor (application);
  if (driver.interactor == NULL)
    return G_SOURCE_CONTINUE;
  driver.files = get_module (dino_file_manager_get_type (), dino_file_manager_IDENTITY);
  driver.conversations =
      get_module (dino_conversation_manager_get_type (), dino_conversation_manager_IDENTITY);
  driver.presences =
      get_module (dino_presence_manager_get_type (), dino_presence_manager_IDENTITY);
  g_signal_connect (driver.files, "received-file", G_CALLBACK (on_file), NULL);
  g_signal_connect (driver.interactor, "stream-negotiated", G_CALLBACK (on_negotiated), NULL);

  /* A service without a window would end in a few seconds. */
  g_application_hold (application);
  /* It connects the accounts that it knows by itself. */
  if (g_getenv ("DRIVER_RESTARTED") != NULL)
    return G_SOURCE_REMOVE;

  gpointer account = dino_entities_account_new (xmpp_jid_new (g_getenv ("DRIVER_JID"), NULL),
                                                "dino", g_getenv ("DRIVER_PASSWORD"), NULL);
  dino_entities_account_persist (account, dino_application_get_db (application));
  dino_entities_account_set_enabled (account, TRUE);
  dino_stream_interactor_connect_account (driver.interactor, account);
  return G_SOURCE_REMOVE;
}

__attribute__ ((constructor)) static void
start (void)
{
  unsetenv ("LD_PRELOAD"); /* not for what Dino starts */
  g_timeout_add (POLL_MS, sign_in_cb, NULL);
}

/* --- In place of Dino's ----------------------------------------------------------------------
 */

gboolean
dino_connection_manager_on_invalid_certificate (const char *domain,
                                                gpointer certificate,
                                                int flags)
{
  return TRUE;
}

/* Dino has no setting for the server's address. */
void
g_socket_client_connect_to_host_async (GSocketClient *client,
                                       const char *host,
                                       guint16 port,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  void (*connect) (GSocketClient *, const char *, guint16, GCancellable *, GAsyncReadyCallback,
                   gpointer) = dlsym (RTLD_NEXT, "g_socket_client_connect_to_host_async");

  if (port == XMPP_PORT)
    {
      host = g_getenv ("DRIVER_ADDRESS");
      port = (guint16) atoi (g_getenv ("DRIVER_PORT"));
    }
  connect (client, host, port, cancellable, callback, user_data);
}
