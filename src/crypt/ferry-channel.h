/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryChannel: how a pump reads and writes its socket: plain, or by TLS 1.3. It never blocks
 * and never raises SIGPIPE. Used by one thread. */
#pragma once

#include "crypt/ferry-tls-agreement.h"

typedef struct ssl_st SSL;

G_BEGIN_DECLS

typedef struct
{
  int fd;      /* owned */
  short wants; /* after -EAGAIN: POLLIN or POLLOUT, whichever way the bytes go */
  SSL *ssl;    /* NULL: plain */
  FerryTlsAgreement *agreement;
  guint8 *out; /* TLS: encrypted, and not in the socket yet */
  gsize out_begin, out_end;
  gboolean said_end; /* TLS: that we are done */
  gboolean was_cut;  /* TLS: the stream ended without the peer saying so (truncation) */
} FerryChannel;

/* @fd: (transfer full): a connected, non-blocking socket */
void ferry_channel_init (FerryChannel *self, int fd);
void ferry_channel_clear (FerryChannel *self);

/**
 * ferry_channel_start_tls:
 * @agreement: our role, our key, and the only key that the peer may show
 *
 * Before anything is read or written: the rest is encrypted. Then ferry_channel_handshake().
 *
 * Returns: %FALSE with %FERRY_ERROR_SECURITY if the library cannot
 */
gboolean
ferry_channel_start_tls (FerryChannel *self, FerryTlsAgreement *agreement, GError **error);
/* Returns: 0 when done, -EAGAIN, or what is final: -EBADMSG: the peer is not who it should be,
 * or speaks no TLS 1.3; other negative errnos: the connection broke */
int ferry_channel_handshake (FerryChannel *self);

/* Returns: bytes read, 0 at the end of the stream, a negative errno else: -EAGAIN: poll for
 * @wants and come again; -EBADMSG: somebody changed what the peer wrote */
gssize ferry_channel_read (FerryChannel *self, gpointer buffer, gsize size);
/* Returns: bytes written, a negative errno else, as above. After -EAGAIN the same bytes must be
 * written next. */
gssize ferry_channel_write (FerryChannel *self, gconstpointer data, gsize size);
/**
 * ferry_channel_await_end:
 *
 * After ferry_channel_read() gave 0: inside TLS the peer says that it is done before its socket
 * ends. Who goes in between would break off what the peer still does to end in order.
 *
 * Returns: 0 when the socket has ended, or -EAGAIN
 */
int ferry_channel_await_end (FerryChannel *self);
/* Nothing more will be written; what was written still arrives. Returns: 0, or -EAGAIN */
int ferry_channel_shut_write (FerryChannel *self);

G_END_DECLS
