/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TLS half of FerryChannel; each function does what its namesake promises. */
#pragma once

#include "crypt/ferry-channel.h"

G_BEGIN_DECLS

gssize ferry_channel_tls_read (FerryChannel *self, gpointer buffer, gsize size);
gssize ferry_channel_tls_write (FerryChannel *self, gconstpointer data, gsize size);
/* Says that we are done, inside TLS. */
int ferry_channel_tls_close_notify (FerryChannel *self);
void ferry_channel_tls_clear (FerryChannel *self);

G_END_DECLS
