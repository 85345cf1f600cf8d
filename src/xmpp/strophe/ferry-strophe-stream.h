/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryStropheStream: FerryStream over libstrophe. It signs in, keeps the connection alive,
 * resumes the session when it was cut (XEP-0198), and tries again when that cannot be. */
#pragma once

#include "xmpp/ferry-stream.h"
#include "xmpp/strophe/ferry-certificate.h"
#include "xmpp/strophe/ferry-strophe-thread.h"
#include "xmpp/strophe/ferry-xml-log.h"

G_BEGIN_DECLS

/**
 * FerryStropheConfig:
 * @jid: the account, with the resource to ask for
 * @password: as the user wrote it
 * @host: (nullable): where to connect instead of what the DNS says of the domain
 * @port: for @host; 0 takes the usual one
 * @direct_tls: with @host: TLS from the first byte, else STARTTLS
 * @pin_sha256: (nullable): the certificate to accept, as ferry_certificate_fingerprint() prints
 *   it; no other is then accepted
 * @ca_file: (nullable): PEM file of authorities to trust instead of the system's
 * @xml_log: (nullable): sees all stanzas, file contents cut out
 * @xml_log_data: for @xml_log
 * @ping_after_ms: silence after which the server is asked whether it is there; 0: two minutes
 * @ping_wait_ms: silence after that which means it is not; 0: 20 seconds
 *
 * All that is in it is copied.
 */
typedef struct
{
  FerryJid *jid;
  const char *password;
  const char *host;
  guint16 port;
  gboolean direct_tls;
  const char *pin_sha256;
  const char *ca_file;
  FerryXmlLogFunc xml_log;
  gpointer xml_log_data;
  guint ping_after_ms;
  guint ping_wait_ms;
} FerryStropheConfig;

#define FERRY_TYPE_STROPHE_STREAM (ferry_strophe_stream_get_type ())
G_DECLARE_FINAL_TYPE (FerryStropheStream, ferry_strophe_stream, FERRY, STROPHE_STREAM, GObject)

/* @thread: the one of this process. Returns: (transfer full): an offline stream, whose signals
 * come in the thread-default main context of the caller */
FerryStropheStream *ferry_strophe_stream_new (FerryStropheThread *thread,
                                              const FerryStropheConfig *config);

/* For the next attempt; after "offline" with %FERRY_ERROR_LOGIN call ferry_stream_open(). */
void ferry_strophe_stream_set_password (FerryStropheStream *self, const char *password);
/* For the next attempt; %NULL trusts what the authorities vouch for. */
void ferry_strophe_stream_set_pin (FerryStropheStream *self, const char *pin_sha256);
/* Returns: (transfer none) (nullable): the certificate that the last attempt refused */
FerryCertificate *ferry_strophe_stream_get_certificate (FerryStropheStream *self);

/* Returns: milliseconds until the next attempt; 0 if none waits or one is under way */
guint ferry_strophe_stream_get_retry_in_ms (FerryStropheStream *self);
/* Something happened – another network, the end of a sleep – after which the connection may be
 * dead: asks the server, and does not wait for long; makes an attempt that waits now. It does
 * so by itself when the machine tells of such a thing. */
void ferry_strophe_stream_check (FerryStropheStream *self);

G_END_DECLS
