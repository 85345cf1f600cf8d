/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryStropheThread: the one thread in which libstrophe runs, for all accounts.
 *
 * There must be only one of it at work in a process, because the library's SHA-1 has a static
 * buffer: two threads that sign in at once spoil each other's digests. So the process has one,
 * made by whoever asks first, which ends with its last reference. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FerryStropheThread FerryStropheThread;

/* Returns: (transfer full): the process's thread */
FerryStropheThread *ferry_strophe_thread_get (void);
FerryStropheThread *ferry_strophe_thread_ref (FerryStropheThread *self);
/* The last one waits until all connections have ended; not to be called in the thread itself.
 */
void ferry_strophe_thread_unref (FerryStropheThread *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryStropheThread, ferry_strophe_thread_unref)

G_END_DECLS
