/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libstrophe connects by itself and cannot be given a socket. But it shows each socket to a
 * callback that may set options on it, before connect() and once more when the callback is set
 * again later. The first time the socket is replaced by one for UDP: connect() then succeeds
 * without a packet. The second time by one end of a socket pair. */
#include "config.h"

#include "xmpp/strophe/ferry-strophe-pair.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

/* The callback has no user data. It is only ever called inside the function below. */
static _Thread_local int replacement_fd = -1;
static _Thread_local int library_socket = -1;

static int
replace_socket_cb (xmpp_conn_t *conn, void *data)
{
  int *sock = data;

  /* The library waits with select(). */
  if (*sock >= FD_SETSIZE || dup3 (replacement_fd, *sock, O_CLOEXEC) < 0)
    return -1;
  library_socket = *sock;
  return fcntl (*sock, F_SETFL, O_NONBLOCK);
}

/* Hands over @fd, which is closed. */
static gboolean
replace_socket (xmpp_conn_t *conn, int fd)
{
  replacement_fd = fd;
  library_socket = -1;
  xmpp_conn_set_sockopt_callback (conn, replace_socket_cb);
  close (fd);
  return library_socket >= 0;
}

static gboolean
connect_to_nobody (xmpp_conn_t *conn, xmpp_conn_handler callback, void *user_data)
{
  replacement_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (replacement_fd < 0)
    return FALSE;
  xmpp_conn_set_sockopt_callback (conn, replace_socket_cb);
  gboolean ok = xmpp_connect_client (conn, "127.0.0.1", 9, callback, user_data) == XMPP_EOK;
  close (replacement_fd);
  return ok;
}

gboolean
ferry_strophe_pair_connect (xmpp_conn_t *conn,
                            xmpp_conn_handler callback,
                            void *user_data,
                            int *our_fd,
                            int *library_fd,
                            GError **error)
{
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0)
    {
      if (!connect_to_nobody (conn, callback, user_data))
        close (pair[1]);
      else if (replace_socket (conn, pair[1]))
        {
          *our_fd = pair[0];
          *library_fd = library_socket;
          return TRUE;
        }
      close (pair[0]);
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "no socket for the XMPP library: %s",
               g_strerror (errno));
  return FALSE;
}
