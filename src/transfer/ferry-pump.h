/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryPump: moves bytes between a socket and a file in a thread of its own, hashing on the
 * way. It knows a socket, a descriptor, an offset and a length; nothing of peers or protocols.
 */
#pragma once

#include <gio/gio.h>

#include "base/ferry-hash.h"
#include "crypt/ferry-tls-agreement.h"
#include "transfer/ferry-throttle.h"

G_BEGIN_DECLS

#define FERRY_TYPE_PUMP (ferry_pump_get_type ())
G_DECLARE_FINAL_TYPE (FerryPump, ferry_pump, FERRY, PUMP, GObject)

/**
 * ferry_pump_new_sender:
 * @socket: connected, non-blocking; used by the pump alone until it is done
 * @fd: the file, open for reading; (transfer none), must stay open
 * @offset: where to begin, bytes
 * @length: how many bytes to send
 * @hash: hash of the bytes sent, or %FERRY_HASH_NONE
 */
FerryPump *ferry_pump_new_sender (
    GSocket *socket, int fd, guint64 offset, guint64 length, FerryHashAlgo hash);
/* @length: bytes to receive, -1 for "until the end of the stream" */
FerryPump *ferry_pump_new_receiver (
    GSocket *socket, int fd, guint64 offset, gint64 length, FerryHashAlgo hash);
/**
 * FerryPumpContent:
 * @read: fills a buffer with bytes of a stream from @at; returns how many, 0 with @error
 * @write: takes bytes of a stream
 * @unref: lets go of the content
 *
 * What stands in the place of the file where the bytes are no file's. Used in the thread of the
 * pump alone; @at only goes on, except that the first may be anywhere.
 */
typedef struct
{
  gsize (*read) (gpointer data, guint8 *buffer, gsize size, guint64 at, GError **error);
  gboolean (*write) (
      gpointer data, const guint8 *bytes, gsize size, guint64 at, GError **error);
  GDestroyNotify unref;
} FerryPumpContent;

/* Before it runs. @data: (transfer full) */
void ferry_pump_set_content (FerryPump *self, const FerryPumpContent *content, gpointer data);
/* Before it runs: no more bytes a second than @throttle lets through. */
void ferry_pump_set_throttle (FerryPump *self, FerryThrottle *throttle);
/* Before it runs: the bytes go by TLS 1.3 between exactly the two keys of @agreement. */
void ferry_pump_set_tls (FerryPump *self, FerryTlsAgreement *agreement);
/* Before it runs: how long the two may take to agree on keys; 20 s unless set. */
void ferry_pump_set_handshake_limit (FerryPump *self, int limit_ms);

/* Before it runs: @hasher (transfer full) has the bytes before the offset already, so that the
 * hash will be that of the whole file. */
void ferry_pump_take_hasher (FerryPump *self, FerryHasher *hasher);
/**
 * ferry_pump_run_async:
 *
 * Starts the thread. Cancelling stops it within milliseconds.
 */
void ferry_pump_run_async (FerryPump *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/**
 * ferry_pump_run_finish:
 * @error: %FERRY_ERROR_BROKEN (pipe ended early or reset), %FERRY_ERROR_TIMEOUT (no byte for
 *   60 s), %FERRY_ERROR_TOO_MUCH (more than announced), %FERRY_ERROR_NO_SPACE,
 *   %FERRY_ERROR_TARGET, %FERRY_ERROR_SOURCE (file shrank or cannot be read),
 *   %FERRY_ERROR_SECURITY (TLS: another key, or a byte that somebody changed),
 *   %G_IO_ERROR_CANCELLED
 *
 * Returns: %TRUE when all bytes moved: sending, all are in the socket, its write side is shut
 *   and the peer's end was awaited up to 10 s (see ferry_pump_get_peer_closed()); receiving,
 * all are in the file (not yet synced)
 */
gboolean ferry_pump_run_finish (FerryPump *self, GAsyncResult *result, GError **error);

/* Safe from any thread, at any time: bytes moved so far. */
guint64 ferry_pump_get_n_done (FerryPump *self);
/* The same: has the peer shown that it has the key of the agreement? */
gboolean ferry_pump_has_met_peer (FerryPump *self);
/* After success: */
gboolean ferry_pump_get_hash (FerryPump *self, FerryHash *out);
/* Sending: did the peer close its end in order after our last byte? */
gboolean ferry_pump_get_peer_closed (FerryPump *self);

G_END_DECLS
