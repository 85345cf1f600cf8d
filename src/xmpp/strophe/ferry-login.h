/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryLogin: reads along what the server answers while libstrophe signs in, because the
 * library tells too little: whether the password was wrong, whether an old session was resumed
 * (XEP-0198 §5) or a new one begun, and when it is safe to send. It also stops what the library
 * would choke on. Pure. */
#pragma once

#include "xmpp/strophe/ferry-stream-reader.h"

G_BEGIN_DECLS

/* SCRAM rounds a server may ask for; each costs about a microsecond of the XMPP thread, which
 * all accounts share. RFC 7677 recommends 4096, OWASP 600 000 and more. */
#define FERRY_LOGIN_MAX_ROUNDS 1000000

typedef struct
{
  FerryStreamReader reader;
  gboolean is_resuming; /* we ask for the old session */
  gboolean is_authenticated;
  gboolean has_sm;         /* stream management was offered */
  gboolean is_bound;       /* a new session */
  gboolean is_sm_answered; /* <enabled/> or <failed/> came */
  guint max_s;             /* how long the server keeps a cut session; 0: it did not say */
  gboolean is_resumed;
  gboolean is_resume_refused;
} FerryLogin;

void ferry_login_init (FerryLogin *self, gboolean is_resuming);
void ferry_login_clear (FerryLogin *self);

/**
 * ferry_login_feed:
 * @data: bytes from the server, before libstrophe gets them
 * @error: %FERRY_ERROR_LOGIN if the user name or password was refused, %FERRY_ERROR_CONFLICT if
 *   the device name is taken, else %FERRY_ERROR_SERVER, _PROTOCOL or _LIMIT
 *
 * Returns: %FALSE if the login failed; @data must then not reach the library
 */
gboolean ferry_login_feed (FerryLogin *self, const char *data, gsize length, GError **error);

/* Is everything said? Then stanzas may be sent. */
gboolean ferry_login_is_done (const FerryLogin *self);

G_END_DECLS
