/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryStarttls: the few lines in the clear before TLS (RFC 6120 §5). */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ferry_starttls_async:
 * @connection: a fresh connection to an XMPP server
 * @domain: that we want to speak to
 *
 * Agrees on TLS. Afterwards the next byte on @connection belongs to the handshake.
 */
void ferry_starttls_async (GIOStream *connection,
                           const char *domain,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);

/* @error: %FERRY_ERROR_SECURITY if the server offers no TLS; else as the stream reader's */
gboolean ferry_starttls_finish (GIOStream *connection, GAsyncResult *result, GError **error);

G_END_DECLS
