/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-channel.h"

#include <errno.h>
#include <sys/socket.h>

void
ferry_channel_init_plain (FerryChannel *self, int fd)
{
  *self = (FerryChannel){ .fd = fd };
}

gssize
ferry_channel_read (FerryChannel *self, gpointer buffer, gsize size)
{
  gssize n;

  do
    n = recv (self->fd, buffer, size, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

gssize
ferry_channel_write (FerryChannel *self, gconstpointer data, gsize size)
{
  gssize n;

  do
    n = send (self->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

void
ferry_channel_shut_write (FerryChannel *self)
{
  /* Fails only when the connection is gone already, which the next read tells better. */
  shutdown (self->fd, SHUT_WR);
}
