/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A private Prosody for a test, by the script tests/lib/prosody. It listens on 127.0.0.1 only,
 * and ends with the test program even if that crashes. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *folder;       /* everything of this server, its log too */
  char *domain;       /* "ferry.test" */
  guint16 c2s_port;   /* STARTTLS */
  guint16 tls_port;   /* direct TLS */
  guint16 proxy_port; /* XEP-0065 proxy, 0 without */
  char *pin_sha256;   /* of its self-signed certificate, lower-case hex */
  char *cert_path;    /* PEM */
} FerryProsody;

/**
 * ferry_prosody_start:
 * @options: (nullable): more options of `tests/lib/prosody start`, %NULL-terminated
 *
 * Starts a server with the accounts alice and bob, password "secret", in each other's roster.
 * Fails the test if it cannot be started; skips nothing.
 *
 * Returns: (transfer full): a server that answers
 */
FerryProsody *ferry_prosody_start (const char *const *options);
/* Ends it and starts it again on the same ports: sessions are gone, accounts stay. */
void ferry_prosody_restart (FerryProsody *self);
/* Ends it but keeps the folder, for a ferry_prosody_restart() later. */
void ferry_prosody_interrupt (FerryProsody *self);
/* Ends it and removes its folder. */
void ferry_prosody_stop (FerryProsody *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryProsody, ferry_prosody_stop)

G_END_DECLS
