/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryPumpWorker: the thread of a FerryPump and what the two share. Plain data: it belongs to
 * its thread while that runs; only the atomics may be touched from outside. */
#pragma once

#include <gio/gio.h>
#include <stdatomic.h>

#include "base/ferry-hash.h"
#include "crypt/ferry-channel.h"
#include "transfer/ferry-pump.h"

G_BEGIN_DECLS

/* Milliseconds without a byte, by phase. */
typedef struct
{
  int handshake_ms; /* in all, for TLS */
  int first_ms;     /* before the first byte */
  int idle_ms;      /* between two bytes */
  int sent_ms;      /* in all, for the peer's end after our last byte */
  int surplus_ms;   /* in all, for the peer's end after its last announced byte */
} FerryPumpLimits;

typedef struct
{
  gatomicrefcount ref_count;

  gboolean sends;
  FerryChannel channel;
  int fd;                          /* the file */
  const FerryPumpContent *content; /* nullable; in its place */
  gpointer content_data;
  int wake;     /* eventfd: it was told to stop */
  int finished; /* eventfd: the thread is about to end */
  guint64 offset;
  guint64 length; /* FERRY_PUMP_UNTIL_END: receive until the stream ends */
  FerryHashAlgo algo;
  FerryTlsAgreement *tls;  /* NULL: in clear */
  FerryThrottle *throttle; /* nullable */
  FerryHasher *hasher;     /* nullable: it has the bytes before @offset */
  FerryPumpLimits limits;
  gsize buffer_size; /* bytes moved at a time */

  _Atomic guint64 n_done;
  _Atomic gboolean has_met_peer; /* keys are agreed on */
  _Atomic gboolean is_stopped;

  /* Results; for others only after the thread was joined. */
  GError *error;
  FerryHash hash;
  gboolean peer_closed;
} FerryPumpWorker;

#define FERRY_PUMP_UNTIL_END G_MAXUINT64

/* @socket_fd and @fd are duplicated, so that an abandoned thread never meets a reused number.
 */
FerryPumpWorker *
ferry_pump_worker_new (int socket_fd, int fd, guint64 offset, guint64 length, gboolean sends);
FerryPumpWorker *ferry_pump_worker_ref (FerryPumpWorker *self);
void ferry_pump_worker_unref (FerryPumpWorker *self);
/* From any thread. */
void ferry_pump_worker_stop (FerryPumpWorker *self);
gboolean ferry_pump_worker_is_stopped (FerryPumpWorker *self);
/* The thread's function; @data: (transfer full): a worker */
gpointer ferry_pump_worker_run (gpointer data);

G_END_DECLS
