/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryStropheThread: the one thread in which libstrophe runs, for all accounts.
 *
 * There must be only one of it at work in a process, because the library's SHA-1 has a static
 * buffer: two threads that sign in at once spoil each other's digests. It is given to whoever
 * makes a stream, and ends with its last reference. */
#pragma once

#include <glib.h>
#include <strophe.h>

G_BEGIN_DECLS

typedef struct _FerryStropheThread FerryStropheThread;

FerryStropheThread *ferry_strophe_thread_new (void);
FerryStropheThread *ferry_strophe_thread_ref (FerryStropheThread *self);
/* The last one waits until all connections have ended; not to be called in the thread itself.
 */
void ferry_strophe_thread_unref (FerryStropheThread *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryStropheThread, ferry_strophe_thread_unref)

/* From any thread: calls @func in the XMPP thread, in the order of the calls. */
void
ferry_strophe_thread_invoke (FerryStropheThread *self, GSourceFunc func, gpointer user_data);

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
 * @fd: the library's end of a socket pair
 * @func: called after each turn of the library, until ferry_strophe_thread_unwatch()
 *
 * Gives the library a turn whenever it has something to read on @fd.
 */
void ferry_strophe_thread_watch (FerryStropheThread *self,
                                 int fd,
                                 FerryStropheTurnFunc func,
                                 gpointer user_data);
void ferry_strophe_thread_unwatch (FerryStropheThread *self, gpointer user_data);

/* The library has something to do: a stanza was given to it, or its socket has room again. */
void ferry_strophe_thread_kick (FerryStropheThread *self);

G_END_DECLS
