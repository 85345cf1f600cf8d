/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryStrophePump: carries bytes between the server's TLS connection and the socket pair at
 * whose other end libstrophe sits. Everything happens in the XMPP thread. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Prosody reads so much at a time, and lets the rest of a larger TLS record wait a millisecond.
 */
#define FERRY_STROPHE_PUMP_RECORD_BYTES 8192

typedef struct _FerryStrophePump FerryStrophePump;

/**
 * FerryStrophePumpFuncs:
 * @incoming: bytes came from the server; appends what the library shall get to @out, or returns
 *   %FALSE: then nothing goes further and the pump stops with @error
 * @outgoing: bytes were taken from the library; appends what the server shall get to @out, as
 *   one record of TLS. Returns: how many bytes are kept for the next one,
 *   less than %FERRY_STROPHE_PUMP_RECORD_BYTES
 * @has_room: the server, which had not taken all, takes more again
 * @ended: no more bytes will come, but those that came before may still be in the pair; @error
 *   says why, %NULL is an orderly end. Called once; not after ferry_strophe_pump_free()
 */
typedef struct
{
  gboolean (*incoming) (
      const char *data, gsize length, GString *out, GError **error, gpointer user_data);
  gsize (*outgoing) (const char *data, gsize length, GString *out, gpointer user_data);
  void (*has_room) (gpointer user_data);
  void (*ended) (const GError *error, gpointer user_data);
} FerryStrophePumpFuncs;

/**
 * ferry_strophe_pump_new:
 * @tls: after its handshake, over a #GSocketConnection
 * @fd: (transfer full): our end of the pair, non-blocking
 *
 * Starts to pump.
 */
FerryStrophePump *ferry_strophe_pump_new (GTlsConnection *tls,
                                          int fd,
                                          const FerryStrophePumpFuncs *funcs,
                                          gpointer user_data);

/* Called after each turn of the library: takes what it wrote, and gives it what had no room.
 * Returns: %TRUE if it may have something to read or to write in another turn */
gboolean ferry_strophe_pump_turn (FerryStrophePump *self);

/* Has the server taken all that the library wrote? */
gboolean ferry_strophe_pump_is_drained (FerryStrophePump *self);

/* As if the network had broken: "ended" follows, with @error. */
void ferry_strophe_pump_cut (FerryStrophePump *self, const GError *error);

/* Stops at once and closes both ends; not inside a callback of the pump. */
void ferry_strophe_pump_free (FerryStrophePump *self);

G_END_DECLS
