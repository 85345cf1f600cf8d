/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transfer-test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static GSocket *
adopt (int fd)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new_from_fd (fd, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  return socket;
}

static void
open_tcp (SocketPair *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) listener =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_assert_true (g_socket_bind (listener, any, FALSE, &error));
  g_assert_true (g_socket_listen (listener, &error));

  g_autoptr (GSocketAddress) address = g_socket_get_local_address (listener, &error);
  self->ours =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_true (g_socket_connect (self->ours, address, NULL, &error));
  self->theirs = g_socket_accept (listener, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->ours, FALSE);
  g_socket_set_blocking (self->theirs, FALSE);
}

void
socket_pair_open (SocketPair *self, gboolean tcp)
{
  int fds[2];

  if (tcp)
    {
      open_tcp (self);
      return;
    }
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  self->ours = adopt (fds[0]);
  self->theirs = adopt (fds[1]);
}

void
socket_pair_clear (SocketPair *self)
{
  g_clear_object (&self->ours);
  g_clear_object (&self->theirs);
}

void
peer_write (GSocket *socket, gconstpointer data, gsize size)
{
  const guint8 *next = data;

  while (size > 0)
    {
      g_autoptr (GError) error = NULL;
      g_socket_condition_timed_wait (socket, G_IO_OUT, 5 * G_USEC_PER_SEC, NULL, &error);
      g_assert_no_error (error);
      gssize n = g_socket_send (socket, (const char *) next, size, NULL, &error);
      g_assert_no_error (error);
      next += n;
      size -= (gsize) n;
    }
}

void
peer_reset (GSocket *socket)
{
  struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  g_assert_cmpint (
      setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once),
      ==, 0);
  g_assert_true (g_socket_close (socket, NULL));
}

int
open_in (const char *folder, const char *name, int flags)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, flags | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

void
hash_file (const char *path, FerryHashAlgo algo, FerryHash *out)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize size = 0;
  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);

  g_autoptr (FerryHasher) hasher = ferry_hasher_new (algo);
  ferry_hasher_update (hasher, data, size);
  ferry_hasher_finish (hasher, out);
}

void
run_start (Run *self, FerryPump *pump)
{
  self->pump = pump;
  self->cancellable = g_cancellable_new ();
  ferry_pump_run_async (pump, self->cancellable, ferry_test_take_result, &self->result);
}

gboolean
run_wait (Run *self, GError **error)
{
  ferry_test_wait (self->result != NULL, 20);
  return ferry_pump_run_finish (self->pump, self->result, error);
}

static gboolean
tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
run_wait_n_done (Run *self, guint64 n_done)
{
  guint tick = g_timeout_add (1, tick_cb, NULL);
  ferry_test_wait (ferry_pump_get_n_done (self->pump) >= n_done, 5);
  g_source_remove (tick);
}

void
run_clear (Run *self)
{
  if (self->pump != NULL && self->result == NULL)
    {
      g_cancellable_cancel (self->cancellable);
      ferry_test_wait (self->result != NULL, 20);
    }
  g_clear_object (&self->result);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->pump);
}
