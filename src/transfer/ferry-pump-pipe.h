/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The side of a pump's worker that looks at the socket: each call waits for it as long as the
 * limits say, keeps to the speed allowed, and ends when it is told to stop. What moves is the
 * worker's. */
#pragma once

#include "transfer/ferry-pump-worker.h"

G_BEGIN_DECLS

/* Agrees on keys; nobody's bytes move before. */
gboolean ferry_pump_pipe_shake_hands (FerryPumpWorker *self, GError **error);
/* All of it. */
gboolean
ferry_pump_pipe_send (FerryPumpWorker *self, const guint8 *data, gsize size, GError **error);

typedef struct
{
  gsize size;
  gboolean is_last; /* the stream ended */
} FerryPumpFilled;

/* Fills the buffer if the stream lasts that long. Even after an error @out tells what came. */
gboolean ferry_pump_pipe_fill (
    FerryPumpWorker *self, guint8 *buffer, gsize size, FerryPumpFilled *out, GError **error);
/* A peer that finds our bytes changed says so before it goes; who only writes has not heard. */
gboolean ferry_pump_pipe_was_warned (FerryPumpWorker *self);
/* Says inside TLS that we are done, or, when that is blocked for too long, just goes. */
void ferry_pump_pipe_shut_write (FerryPumpWorker *self, int limit_ms);
/* Reads and drops until the peer's end, at most @limit_ms. Returns: 0 at the end, else the
 * negative errno of why not; *n_dropped counts */
int ferry_pump_pipe_drain (FerryPumpWorker *self, int limit_ms, guint64 *n_dropped);
/* The peer was told inside TLS that something is wrong. With bytes of its own unread our close
 * would be a reset, and overtake that; and relays take half a close for a whole one. */
void ferry_pump_pipe_linger (FerryPumpWorker *self);

/* Each returns %FALSE. @errnum: of the channel */
gboolean ferry_pump_pipe_set_stopped (GError **error);
gboolean ferry_pump_pipe_set_broken (GError **error, int errnum);

G_END_DECLS
