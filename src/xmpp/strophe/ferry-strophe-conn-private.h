/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of FerryStropheConn, shared by the files of its life, its bytes and its
 * stream management. */
#pragma once

#include "xmpp/strophe/ferry-login.h"
#include "xmpp/strophe/ferry-mailbox.h"
#include "xmpp/strophe/ferry-sm.h"
#include "xmpp/strophe/ferry-strophe-conn.h"
#include "xmpp/strophe/ferry-strophe-thread-private.h"
#include "xmpp/strophe/ferry-strophe-pump.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_STROPHE_CONN_CONNECTING,
  FERRY_STROPHE_CONN_SIGNING_IN,
  FERRY_STROPHE_CONN_IS_ONLINE,
  FERRY_STROPHE_CONN_HAS_ENDED,
} FerryStropheConnState;

struct _FerryStropheConn
{
  /* Set once */
  FerryStropheThread *thread;
  FerryConnectorSettings *settings;
  FerryJid *jid;
  char *password;
  FerryMailbox *mailbox;
  FerryStropheConnFunc func;
  gpointer user_data;

  gint64 last_read_us; /* atomic; written in the XMPP thread */

  /* Of the XMPP thread */
  FerryStropheConn *previous;
  FerryStropheConnState state;
  GCancellable *cancellable;
  GSource *limit;
  GSource *settling; /* soon something is to be said of stream management: */
  gboolean is_asked; /* the server waits for our <a/> */
  xmpp_conn_t *conn;
  FerryStrophePump *pump;
  FerryXmlGuard guard;     /* once online */
  FerryXmlGuard out_guard; /* the same, of what we send */
  GString *frame;          /* the stanza that we send, as far as the library has written it */
  FerryLogin login;
  gboolean is_connected;   /* the library has said so */
  gboolean has_asked_sm;   /* <enable/> or <resume/> is sent */
  gboolean is_deaf;        /* resumed, and no sign yet that the server takes what we say */
  GString *held;           /* bytes for the library, until <resume/> is answered */
  gboolean wants_close;    /* we say goodbye when the outbox is empty */
  gboolean is_closing;     /* we said goodbye */
  gboolean is_abandoned;   /* nobody waits for it any more */
  gboolean has_stream_end; /* the server did */
  GQueue early;            /* of FerryNode that came before "online" could be said */
  GError *error;           /* why it ends */
  FerryCertificate *refused;

  /* What a session leaves to the next attempt */
  FerrySm *sm;
  FerryJid *bound; /* the address the server gave us */
  FerryXmlQueue outbox;
  guint max_s;
  gboolean can_resume;
};

/* Makes the library notice that it is over, because of @error; it may still have something to
 * read. */
void ferry_strophe_conn_fail (FerryStropheConn *self, const GError *error);

/* Past the outbox: what is no stanza. */
void ferry_strophe_conn_send_now (FerryStropheConn *self, const char *xml);
/* Calls @func in so many seconds, if we are not online by then; in place of an earlier limit.
 */
void ferry_strophe_conn_set_limit (FerryStropheConn *self, guint seconds, GSourceFunc func);
/* Has the server acknowledged all that was sent? Else it is asked, and has a few seconds to
 * answer. */
gboolean ferry_strophe_conn_is_heard (FerryStropheConn *self);
/* Tells the server how much has come. */
void ferry_strophe_conn_acknowledge (FerryStropheConn *self);
/* Acknowledges what the server has asked about, and asks about what was sent, but not at once:
 * in one for all that comes and goes meanwhile. */
void ferry_strophe_conn_settle_soon (FerryStropheConn *self);
/* @node: of the namespace of stream management */
void ferry_strophe_conn_handle_sm (FerryStropheConn *self, const FerryNode *node);

/* For the pump; @user_data is the connection. */
gboolean ferry_strophe_conn_incoming (
    const char *data, gsize length, GString *out, GError **error, gpointer user_data);
gsize
ferry_strophe_conn_outgoing (const char *data, gsize length, GString *out, gpointer user_data);
/* From now on what the library sends is stanzas. */
void ferry_strophe_conn_begin_frames (FerryStropheConn *self);

G_END_DECLS
