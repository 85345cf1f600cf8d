/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryChannel: how a pump reads and writes its socket. It never blocks and never raises
 * SIGPIPE. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  int fd; /* borrowed */
} FerryChannel;

void ferry_channel_init_plain (FerryChannel *self, int fd);
/* Returns: bytes read, 0 at the end of the stream, a negative errno else (-EAGAIN: poll for
 * reading and come again) */
gssize ferry_channel_read (FerryChannel *self, gpointer buffer, gsize size);
/* Returns: bytes written, a negative errno else (-EAGAIN: poll for writing) */
gssize ferry_channel_write (FerryChannel *self, gconstpointer data, gsize size);
/* Nothing more will be written; what was written still arrives. */
void ferry_channel_shut_write (FerryChannel *self);

G_END_DECLS
