/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connected sockets, files and pumps for the tests of this layer. */
#pragma once

#include "ferry-test.h"

#include "transfer/ferry-pump-private.h"

G_BEGIN_DECLS

typedef struct
{
  GSocket *ours;
  GSocket *theirs;
} SocketPair;

/* Two ends of one connection, non-blocking: over loopback TCP, or a Unix socket pair. */
void socket_pair_open (SocketPair *self, gboolean tcp);
void socket_pair_clear (SocketPair *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SocketPair, socket_pair_clear)

/* What the other side does without a pump: all of it, waiting up to 5 s for room. */
void peer_write (GSocket *socket, gconstpointer data, gsize size);
/* Closes with a reset. */
void peer_reset (GSocket *socket);

/* Opens @folder/@name; fails the test if that cannot be. */
int open_in (const char *folder, const char *name, int flags);
/* The hash of a whole file, computed in the plainest way. */
void hash_file (const char *path, FerryHashAlgo algo, FerryHash *out);

/* A pump under way, and how it ended. */
typedef struct
{
  FerryPump *pump;
  GCancellable *cancellable;
  GAsyncResult *result;
} Run;

/* @pump: (transfer full) */
void run_start (Run *self, FerryPump *pump);
/* Waits for the end. Returns: what ferry_pump_run_finish() does */
gboolean run_wait (Run *self, GError **error);
/* Waits until the pump's counter, which wakes nobody, has reached @n_done. */
void run_wait_n_done (Run *self, guint64 n_done);
/* Stops it, should it still run. */
void run_clear (Run *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

G_END_DECLS
