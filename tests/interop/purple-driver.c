/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client on libpurple, the library of Pidgin and Finch, without a window: to exchange files
 * with, and to measure against.
 *
 *   purple-driver USER@HOST/RESOURCE PASSWORD SERVER PORT FOLDER [inband]
 *
 * Standard input: "send JID PATH"; "decline", all offers from now on, or "accept" them;
 * "cancel" the last transfer. It ends with its input. Standard output: {"event": …} a line.
 * Files arrive in FOLDER. With "inband" it has no port to listen on, so that it goes through
 * the servers. */
#include <json-glib/json-glib.h>
#include <purple.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define UI_NAME "ferry-test"
/* libpurple says that it is signed on before its first disco answers are in. */
#define SETTLE_MS 1500
#define POLL_MS 50

typedef struct
{
  GMainLoop *loop;
  PurpleAccount *account;
  const char *folder;
  gboolean declines;
  PurpleXfer *transfer; /* the last one, while libpurple has it */
  gint64 began_us;      /* of the running transfer */
} Peer;

static JsonObject *
new_event (const char *name)
{
  JsonObject *event = json_object_new ();
  json_object_set_string_member (event, "event", name);
  return event;
}

/* @event: (transfer full) */
static void
tell (JsonObject *event)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), event);
  g_autofree char *text = json_to_string (node, FALSE);

  puts (text);
  fflush (stdout);
  json_object_unref (event);
}

static void
tell_failed (const char *reason)
{
  JsonObject *event = new_event ("failed");
  json_object_set_string_member (event, "reason", reason);
  tell (event);
}

/* --- libpurple's event loop on GLib's -------------------------------------------------------
 */

typedef struct
{
  PurpleInputFunction func;
  gpointer data;
} Watch;

static gboolean
on_ready (GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
  Watch *watch = user_data;
  int ready = 0;

  if ((condition & (G_IO_IN | G_IO_HUP | G_IO_ERR)) != 0)
    ready |= PURPLE_INPUT_READ;
  if ((condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR)) != 0)
    ready |= PURPLE_INPUT_WRITE;
  watch->func (watch->data, g_io_channel_unix_get_fd (channel), (PurpleInputCondition) ready);
  return G_SOURCE_CONTINUE;
}

static guint
add_watch (int fd, PurpleInputCondition wanted, PurpleInputFunction func, gpointer data)
{
  GIOCondition condition = G_IO_HUP | G_IO_ERR;
  GIOChannel *channel = g_io_channel_unix_new (fd);
  Watch *watch = g_new (Watch, 1);

  *watch = (Watch){ func, data };
  if ((wanted & PURPLE_INPUT_READ) != 0)
    condition |= G_IO_IN;
  if ((wanted & PURPLE_INPUT_WRITE) != 0)
    condition |= G_IO_OUT;
  guint id =
      g_io_add_watch_full (channel, G_PRIORITY_DEFAULT, condition, on_ready, watch, g_free);
  g_io_channel_unref (channel);
  return id;
}

static PurpleEventLoopUiOps loop_ops = {
  .timeout_add = g_timeout_add,
  .timeout_remove = g_source_remove,
  .input_add = add_watch,
  .input_remove = g_source_remove,
  .timeout_add_seconds = g_timeout_add_seconds,
};

/* --- Questions: the first answer is yes -----------------------------------------------------
 */

static void *
answer_action (const char *title,
               const char *primary,
               const char *secondary,
               int default_action,
               PurpleAccount *account,
               const char *who,
               PurpleConversation *conversation,
               void *user_data,
               size_t n_actions,
               va_list actions)
{
  if (n_actions > 0)
    {
      (void) va_arg (actions, char *);
      PurpleRequestActionCb callback = va_arg (actions, PurpleRequestActionCb);
      if (callback != NULL)
        callback (user_data, 0);
    }
  return &loop_ops; /* any handle that is not NULL */
}

static PurpleRequestUiOps request_ops = { .request_action = answer_action };

static void
on_disconnected (PurpleConnection *connection, PurpleConnectionError reason, const char *text)
{
  tell_failed (text);
}

static PurpleConnectionUiOps connection_ops = { .report_disconnect_reason = on_disconnected };

/* --- Files ----------------------------------------------------------------------------------
 */

static Peer *
get_peer (PurpleXfer *transfer)
{
  return purple_xfer_get_account (transfer)->ui_data;
}

/* libpurple calls these without looking whether they are there. */
static void
on_new (PurpleXfer *transfer)
{
  get_peer (transfer)->transfer = transfer;
}

static void
on_destroyed (PurpleXfer *transfer)
{
  Peer *peer = get_peer (transfer);
  if (peer->transfer == transfer)
    peer->transfer = NULL;
}

static void
on_cancelled (PurpleXfer *transfer)
{
  tell_failed (purple_xfer_get_filename (transfer));
}

static PurpleXferUiOps transfer_ops = {
  .new_xfer = on_new,
  .destroy = on_destroyed,
  .cancel_local = on_cancelled,
  .cancel_remote = on_cancelled,
};

static void
on_offer (PurpleXfer *transfer, Peer *peer)
{
  g_autofree char *name = g_path_get_basename (purple_xfer_get_filename (transfer));
  g_autofree char *path = g_build_filename (peer->folder, name, NULL);
  JsonObject *event = new_event ("offered");

  json_object_set_string_member (event, "from", purple_xfer_get_remote_user (transfer));
  json_object_set_int_member (event, "size", (gint64) purple_xfer_get_size (transfer));
  tell (event);
  if (peer->declines)
    purple_xfer_request_denied (transfer);
  else
    purple_xfer_request_accepted (transfer, path);
}

static void
on_start (PurpleXfer *transfer, Peer *peer)
{
  peer->began_us = g_get_monotonic_time ();
  tell (new_event ("started"));
}

/* @seconds: of the bytes alone */
static void
on_done (PurpleXfer *transfer, Peer *peer)
{
  double seconds = (double) (g_get_monotonic_time () - peer->began_us) / G_USEC_PER_SEC;
  gboolean is_sender = purple_xfer_get_type (transfer) == PURPLE_XFER_SEND;
  JsonObject *event = new_event (is_sender ? "sent" : "received");

  json_object_set_double_member (event, "seconds", seconds);
  json_object_set_string_member (event, "path", purple_xfer_get_local_filename (transfer));
  tell (event);
}

/* --- The account ----------------------------------------------------------------------------
 */

static gboolean
on_settled (gpointer user_data)
{
  tell (new_event ("ready"));
  return G_SOURCE_REMOVE;
}

static void
on_signed_on (PurpleConnection *connection, Peer *peer)
{
  g_timeout_add (SETTLE_MS, on_settled, NULL);
}

typedef struct
{
  Peer *peer;
  char *to;
  char *path;
} Order;

static void
order_free (Order *order)
{
  g_free (order->to);
  g_free (order->path);
  g_free (order);
}

static gboolean
send_if_online (gpointer user_data)
{
  Order *order = user_data;
  g_auto (GStrv) parts = g_strsplit (order->to, "/", 2);
  PurpleBuddy *buddy = purple_find_buddy (order->peer->account, parts[0]);

  if (buddy == NULL || !PURPLE_BUDDY_IS_ONLINE (buddy))
    return G_SOURCE_CONTINUE;
  serv_send_file (purple_account_get_connection (order->peer->account), order->to, order->path);
  return G_SOURCE_REMOVE;
}

/* libpurple sends to nobody whose presence has not come, and does not say so. */
static void
send_when_online (Peer *peer, const char *to, const char *path)
{
  Order *order = g_new (Order, 1);

  *order = (Order){ peer, g_strdup (to), g_strdup (path) };
  g_timeout_add_full (G_PRIORITY_DEFAULT, POLL_MS, send_if_online, order,
                      (GDestroyNotify) order_free);
}

static gboolean
on_command (GIOChannel *channel, GIOCondition condition, gpointer user_data)
{
  Peer *peer = user_data;
  g_autofree char *line = NULL;

  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
    {
      g_main_loop_quit (peer->loop);
      return G_SOURCE_REMOVE;
    }

  g_auto (GStrv) words = g_strsplit (g_strchomp (line), " ", 3);
  PurpleConnection *connection = purple_account_get_connection (peer->account);
  if (g_strv_length (words) == 3 && strcmp (words[0], "send") == 0 && connection != NULL)
    send_when_online (peer, words[1], words[2]);
  else if (g_strcmp0 (words[0], "decline") == 0 || g_strcmp0 (words[0], "accept") == 0)
    peer->declines = words[0][0] == 'd';
  else if (g_strcmp0 (words[0], "cancel") == 0 && peer->transfer != NULL)
    purple_xfer_cancel_local (peer->transfer);
  else
    tell_failed ("command");
  return G_SOURCE_CONTINUE;
}

/* Loopback only: no search for the public address, no router asked for ports. */
static void
set_up_network (int port, gboolean in_band)
{
  purple_prefs_set_bool ("/purple/network/auto_ip", FALSE);
  purple_prefs_set_string ("/purple/network/public_ip", "127.0.0.1");
  purple_prefs_set_bool ("/purple/network/map_ports", FALSE);
  /* The server has this port: with no other allowed, none is left to listen on. */
  purple_prefs_set_bool ("/purple/network/ports_range_use", in_band);
  purple_prefs_set_int ("/purple/network/ports_range_start", port);
  purple_prefs_set_int ("/purple/network/ports_range_end", port);
}

static PurpleAccount *
add_account (char **argv, int port, Peer *peer)
{
  PurpleAccount *account = purple_account_new (argv[1], "prpl-jabber");

  account->ui_data = peer;
  purple_account_set_password (account, argv[2]);
  purple_account_set_string (account, "connect_server", argv[3]);
  purple_account_set_int (account, "port", port);
  purple_account_set_string (account, "connection_security", "opportunistic_tls");
  purple_account_set_bool (account, "auth_plain_in_clear", TRUE);
  purple_account_set_string (account, "ft_proxies", "");
  purple_accounts_add (account);
  return account;
}

static void
connect_signals (Peer *peer)
{
  void *transfers = purple_xfers_get_handle ();

  purple_signal_connect (purple_connections_get_handle (), "signed-on", peer,
                         PURPLE_CALLBACK (on_signed_on), peer);
  purple_signal_connect (transfers, "file-recv-request", peer, PURPLE_CALLBACK (on_offer),
                         peer);
  purple_signal_connect (transfers, "file-recv-start", peer, PURPLE_CALLBACK (on_start), peer);
  purple_signal_connect (transfers, "file-send-start", peer, PURPLE_CALLBACK (on_start), peer);
  purple_signal_connect (transfers, "file-recv-complete", peer, PURPLE_CALLBACK (on_done),
                         peer);
  purple_signal_connect (transfers, "file-send-complete", peer, PURPLE_CALLBACK (on_done),
                         peer);
}

int
main (int argc, char **argv)
{
  if (argc < 6 || (argc == 7 && strcmp (argv[6], "inband") != 0) || argc > 7)
    {
      fprintf (stderr,
               "purple-driver USER@HOST/RESOURCE PASSWORD SERVER PORT FOLDER [inband]\n");
      return 2;
    }

  Peer peer = { .loop = g_main_loop_new (NULL, FALSE), .folder = argv[5] };
  const int port = (int) g_ascii_strtoll (argv[4], NULL, 10);
  g_autofree char *profile = g_build_filename (argv[5], "purple", NULL);

  signal (SIGPIPE, SIG_IGN);
  purple_util_set_user_dir (profile);
  purple_eventloop_set_ui_ops (&loop_ops);
  purple_xfers_set_ui_ops (&transfer_ops);
  purple_connections_set_ui_ops (&connection_ops);
  purple_request_set_ui_ops (&request_ops);
  if (!purple_core_init (UI_NAME))
    return 1;
  purple_set_blist (purple_blist_new ());
  set_up_network (port, argc == 7);
  connect_signals (&peer);
  peer.account = add_account (argv, port, &peer);
  purple_account_set_enabled (peer.account, UI_NAME, TRUE);

  GIOChannel *input = g_io_channel_unix_new (STDIN_FILENO);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_command, &peer);
  g_io_channel_unref (input);
  g_main_loop_run (peer.loop);
  purple_core_quit ();
  g_main_loop_unref (peer.loop);
  return 0;
}
