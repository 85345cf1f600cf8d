/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that follows a script, also where no real one would. It works in threads of its own,
 * with blocking calls. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FakeStep:
 * @expect: (nullable): wait until the client has sent this
 * @reply: (nullable): then send this, @n_repeats times more
 * @start_tls: then become the server of a TLS handshake
 *
 * After the last step it reads until the client goes away.
 */
typedef struct
{
  const char *expect;
  const char *reply;
  guint n_repeats;
  gboolean start_tls;
} FakeStep;

typedef struct _FakeServer FakeServer;

/* @steps: ends with an empty one; @folder: where server.crt and server.key are */
FakeServer *fake_server_new (const FakeStep *steps, const char *folder);
guint16 fake_server_get_port (FakeServer *self);
/* Everything clients have sent, up to now. Returns: (transfer full) */
char *fake_server_dup_received (FakeServer *self);
void fake_server_free (FakeServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeServer, fake_server_free)

G_END_DECLS
