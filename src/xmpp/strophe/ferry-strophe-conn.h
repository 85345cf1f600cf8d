/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryStropheConn: one attempt to sign in, and the connection that comes of it. It is told
 * what to do from the main context, works in the XMPP thread, and reports back to the main
 * context in the order in which things happened. libstrophe's own objects do not survive a
 * broken connection in good order, so each attempt has new ones; what a session leaves behind
 * for resuming it is inherited from the attempt before. */
#pragma once

#include "base/ferry-jid.h"
#include "base/ferry-node.h"
#include "xmpp/strophe/ferry-connector.h"
#include "xmpp/strophe/ferry-strophe-thread.h"

G_BEGIN_DECLS

typedef struct _FerryStropheConn FerryStropheConn;

typedef enum
{
  FERRY_STROPHE_CONN_ONLINE,
  FERRY_STROPHE_CONN_STANZA,
  FERRY_STROPHE_CONN_ENDED,
} FerryStropheConnEventType;

/**
 * FerryStropheConnEvent:
 * @is_resumed: online: the session before goes on
 * @max_s: online: for how long the server keeps a cut session; 0: it did not say
 * @jid: online: the bound address
 * @stanza: stanza
 * @error: ended: why; %NULL after ferry_strophe_conn_close(). %FERRY_ERROR_GONE: the server no
 *   longer knows the session that was to be resumed
 * @refused: (nullable): ended: with %FERRY_ERROR_CERTIFICATE
 * @can_resume: ended: a next attempt may resume the session
 * @n_unsaid: ended: stanzas of ours of which the server has not said that it has them
 */
typedef struct
{
  FerryStropheConnEventType type;
  gboolean is_resumed;
  guint max_s;
  FerryJid *jid;
  FerryNode *stanza;
  GError *error;
  FerryCertificate *refused;
  gboolean can_resume;
  guint n_unsaid;
} FerryStropheConnEvent;

/* In the main context that made the connection; ENDED is the last one. */
typedef void (*FerryStropheConnFunc) (const FerryStropheConnEvent *event, gpointer user_data);

/**
 * ferry_strophe_conn_start:
 * @settings: where to connect; copied
 * @jid: full address to sign in as
 * @password: as the user wrote it
 * @previous: (nullable): an ended connection of which can_resume was said; it gives its session
 *   to this one
 * @func: is called until ferry_strophe_conn_free()
 */
FerryStropheConn *ferry_strophe_conn_start (FerryStropheThread *thread,
                                            const FerryConnectorSettings *settings,
                                            FerryJid *jid,
                                            const char *password,
                                            FerryStropheConn *previous,
                                            FerryStropheConnFunc func,
                                            gpointer user_data);

/* Sends @xml, exactly one stanza. Before "online" it waits; when the connection has ended it is
 * left to the one that resumes the session. */
void ferry_strophe_conn_send (FerryStropheConn *self, char *xml /* transfer full */);
/* Ends the session in good order, when the server has acknowledged what was sent; ENDED without
 * an error follows within two seconds of that. If it acknowledges nothing for three seconds the
 * connection is given up as dead, as ferry_strophe_conn_cut() does. */
void ferry_strophe_conn_close (FerryStropheConn *self);
/* Gives the connection up as dead. */
void ferry_strophe_conn_cut (FerryStropheConn *self);
/* When the last bytes came from the server: monotonic time, microseconds. */
gint64 ferry_strophe_conn_get_last_read_us (FerryStropheConn *self);
/* No event comes after this; whatever is still open is closed without a goodbye. */
void ferry_strophe_conn_free (FerryStropheConn *self);

G_END_DECLS
