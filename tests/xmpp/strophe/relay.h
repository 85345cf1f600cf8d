/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A TCP relay between a client and its server that can lose bytes and break connections. It
 * lives in the default main context. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RelayMode:
 * @RELAY_PASS: hands all bytes on
 * @RELAY_SWALLOW: reads and loses them
 * @RELAY_HOLD: does not read from the client
 */
typedef enum
{
  RELAY_PASS,
  RELAY_SWALLOW,
  RELAY_HOLD,
} RelayMode;

typedef struct _Relay Relay;

/* To @target_port at 127.0.0.1. */
Relay *relay_new (guint16 target_port);
guint16 relay_get_port (Relay *self);
void relay_set_mode (Relay *self, RelayMode mode);
/* As %RELAY_SWALLOW, but @n_bytes more of the client pass before. */
void relay_swallow_after (Relay *self, gsize n_bytes);
/* Bytes lost of what the client, or the server, sent. */
gsize relay_get_swallowed (Relay *self, gboolean from_client);
/* Breaks all connections with RST. */
void relay_cut (Relay *self);
void relay_free (Relay *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Relay, relay_free)

G_END_DECLS
