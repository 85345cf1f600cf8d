/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryConnector: from the name of a domain to an encrypted connection with its XMPP server:
 * SRV records, TCP, STARTTLS or direct TLS, and the check of the certificate. GIO only; it
 * never blocks and never gives out a connection in the clear. */
#pragma once

#include <gio/gio.h>

#include "xmpp/strophe/ferry-certificate.h"

G_BEGIN_DECLS

/**
 * FerryConnectorSettings:
 * @domain: of the account; what the certificate has to be for
 * @host: (nullable): where to connect instead of what the DNS says
 * @port: for @host; 0 takes the usual one
 * @direct_tls: with @host: TLS from the first byte; else STARTTLS
 * @pin_sha256: (nullable): the only certificate to accept, whatever else is wrong with it
 * @ca_file: (nullable): PEM file of certificate authorities to trust instead of the system's
 */
typedef struct
{
  char *domain;
  char *host;
  guint16 port;
  gboolean direct_tls;
  char *pin_sha256;
  char *ca_file;
} FerryConnectorSettings;

FerryConnectorSettings *ferry_connector_settings_copy (const FerryConnectorSettings *settings);
void ferry_connector_settings_free (FerryConnectorSettings *settings);

/**
 * ferry_connector_connect_async:
 * @settings: copied
 * @cancellable: (nullable)
 *
 * Connects in the thread-default main context of the caller. Gives up after 30 seconds, and on
 * one of several servers earlier.
 */
void ferry_connector_connect_async (const FerryConnectorSettings *settings,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);

/**
 * ferry_connector_connect_finish:
 * @refused: (out) (optional) (nullable) (transfer full): with %FERRY_ERROR_CERTIFICATE the
 *   certificate that was refused
 * @error: %FERRY_ERROR_SERVER: not found, not reached, or no XMPP server;
 *   %FERRY_ERROR_SECURITY: it offers no encryption, or somebody interferes with it;
 *   %FERRY_ERROR_CERTIFICATE
 *
 * Returns: (transfer full): a connection after its TLS handshake
 */
GTlsConnection *ferry_connector_connect_finish (GAsyncResult *result,
                                                FerryCertificate **refused,
                                                GError **error);

G_END_DECLS
