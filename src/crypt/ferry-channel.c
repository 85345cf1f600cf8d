/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "crypt/ferry-channel-private.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

void
ferry_channel_init (FerryChannel *self, int fd)
{
  *self = (FerryChannel){ .fd = fd };
}

void
ferry_channel_clear (FerryChannel *self)
{
  ferry_channel_tls_clear (self);
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

gssize
ferry_channel_read (FerryChannel *self, gpointer buffer, gsize size)
{
  gssize n;

  if (self->ssl != NULL)
    return ferry_channel_tls_read (self, buffer, size);
  self->wants = POLLIN;
  do
    n = recv (self->fd, buffer, size, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

gssize
ferry_channel_write (FerryChannel *self, gconstpointer data, gsize size)
{
  gssize n;

  if (self->ssl != NULL)
    return ferry_channel_tls_write (self, data, size);
  self->wants = POLLOUT;
  do
    n = send (self->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

int
ferry_channel_await_end (FerryChannel *self)
{
  guint8 dropped[256];

  if (self->ssl == NULL || self->was_cut)
    return 0;
  self->wants = POLLIN;
  gssize n = recv (self->fd, dropped, sizeof dropped, MSG_DONTWAIT);
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)) ? -EAGAIN : 0;
}

int
ferry_channel_shut_write (FerryChannel *self)
{
  int said = self->ssl != NULL ? ferry_channel_tls_close_notify (self) : 0;

  if (said == -EAGAIN)
    return said;
  /* Fails only when the connection is gone already, which the next read tells better. */
  shutdown (self->fd, SHUT_WR);
  return 0;
}
