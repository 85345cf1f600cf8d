/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the connections that live in the thread ask of it. */
#pragma once

#include "xmpp/strophe/ferry-strophe-thread.h"

#include <strophe.h>

G_BEGIN_DECLS

typedef void (*FerryStropheOrder) (gpointer user_data);

/* From any thread: carries out @order in the XMPP thread, one after the other. */
void ferry_strophe_thread_invoke (FerryStropheThread *self,
                                  FerryStropheOrder order,
                                  gpointer user_data);

/* --- In the XMPP thread only -----------------------------------------------------------------
 */

xmpp_ctx_t *ferry_strophe_thread_get_ctx (FerryStropheThread *self);
GMainContext *ferry_strophe_thread_get_context (FerryStropheThread *self);

/* The thread does not end while something is held. */
void ferry_strophe_thread_hold (FerryStropheThread *self);
void ferry_strophe_thread_release (FerryStropheThread *self);

/* Called after the library had its turn. Returns: %TRUE if the library's own timers matter now
 */
typedef gboolean (*FerryStropheTurnFunc) (gpointer user_data);

/**
 * ferry_strophe_thread_watch:
 * @func: called after each turn of the library, until ferry_strophe_thread_unwatch()
 */
void ferry_strophe_thread_watch (FerryStropheThread *self,
                                 FerryStropheTurnFunc func,
                                 gpointer user_data);
void ferry_strophe_thread_unwatch (FerryStropheThread *self, gpointer user_data);

/* The library has something to do: bytes or a stanza were given to it, or its socket has room
 * again. */
void ferry_strophe_thread_kick (FerryStropheThread *self);
/* It has not, but those who watch may have something for it: they are called. */
void ferry_strophe_thread_nudge (FerryStropheThread *self);

G_END_DECLS
