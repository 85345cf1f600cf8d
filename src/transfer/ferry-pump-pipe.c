/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-pump-pipe.h"

#include "base/ferry-error.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

typedef enum
{
  WAIT_READY,
  WAIT_TIMED_OUT,
  WAIT_STOPPED,
} WaitResult;

static WaitResult
wait_socket (FerryPumpWorker *self, int limit_ms)
{
  while (!ferry_pump_worker_is_stopped (self))
    {
      struct pollfd fds[] = { { .fd = self->channel.fd, .events = self->channel.wants },
                              { .fd = self->wake, .events = POLLIN } };
      int n = poll (fds, G_N_ELEMENTS (fds), limit_ms);

      if (n == 0)
        return WAIT_TIMED_OUT;
      if (n > 0 && fds[1].revents == 0)
        return WAIT_READY;
    }
  return WAIT_STOPPED;
}

gboolean
ferry_pump_pipe_set_stopped (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The transfer was stopped");
  return FALSE;
}

gboolean
ferry_pump_pipe_set_broken (GError **error, int errnum)
{
  if (errnum == EBADMSG)
    g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_SECURITY,
                         "The peer's key is another one, or somebody changed the stream");
  else
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_BROKEN, "The connection broke: %s",
                 g_strerror (errnum));
  return FALSE;
}

gboolean
ferry_pump_pipe_was_warned (FerryPumpWorker *self)
{
  guint8 dropped[256];

  return self->tls != NULL &&
         ferry_channel_read (&self->channel, dropped, sizeof dropped) == -EBADMSG;
}

/* After a call on the channel that gave @result: come again? Waits for the socket if needed. */
static gboolean
may_retry (FerryPumpWorker *self, gssize result, GError **error)
{
  if (result != -EAGAIN && result != -EWOULDBLOCK)
    return ferry_pump_pipe_set_broken (
        error, ferry_pump_pipe_was_warned (self) ? EBADMSG : (int) -result);

  gboolean first = atomic_load_explicit (&self->n_done, memory_order_relaxed) == 0;
  int limit_ms = first ? self->limits.first_ms : self->limits.idle_ms;
  WaitResult waited = wait_socket (self, limit_ms);

  if (waited == WAIT_STOPPED)
    return ferry_pump_pipe_set_stopped (error);
  if (waited == WAIT_TIMED_OUT)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT, "No byte moved for %d ms", limit_ms);
  return waited == WAIT_READY;
}

/* Waits until some of @wanted bytes may move. Returns: how many; 0 when told to stop */
static gsize
take_turn (FerryPumpWorker *self, gsize wanted)
{
  while (self->throttle != NULL && !ferry_pump_worker_is_stopped (self))
    {
      struct pollfd wake = { .fd = self->wake, .events = POLLIN };
      int wait_ms;
      gsize n = ferry_throttle_take (self->throttle, wanted, g_get_monotonic_time (), &wait_ms);
      if (n > 0)
        return n;
      poll (&wake, 1, wait_ms);
    }
  return self->throttle == NULL ? wanted : 0;
}

static void
end_turn (FerryPumpWorker *self, gsize n_left)
{
  if (self->throttle != NULL && n_left > 0)
    ferry_throttle_give_back (self->throttle, n_left);
}

static void
count_bytes (FerryPumpWorker *self, gsize n)
{
  atomic_fetch_add_explicit (&self->n_done, n, memory_order_relaxed);
}

void
ferry_pump_pipe_shut_write (FerryPumpWorker *self, int limit_ms)
{
  while (ferry_channel_shut_write (&self->channel) == -EAGAIN &&
         wait_socket (self, limit_ms) == WAIT_READY)
    continue;
}

gboolean
ferry_pump_pipe_shake_hands (FerryPumpWorker *self, GError **error)
{
  gint64 deadline_us = g_get_monotonic_time () + (gint64) self->limits.handshake_ms * 1000;
  int result;

  if (!ferry_channel_start_tls (&self->channel, self->tls, error))
    return FALSE;
  while ((result = ferry_channel_handshake (&self->channel)) == -EAGAIN)
    {
      int left_ms = (int) ((deadline_us - g_get_monotonic_time ()) / 1000);
      WaitResult waited = left_ms > 0 ? wait_socket (self, left_ms) : WAIT_TIMED_OUT;
      if (waited == WAIT_STOPPED)
        return ferry_pump_pipe_set_stopped (error);
      if (waited == WAIT_TIMED_OUT)
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT, "No agreement on keys in %d ms",
                       self->limits.handshake_ms);
          return FALSE;
        }
    }
  atomic_store (&self->has_met_peer, result == 0);
  return result == 0 || ferry_pump_pipe_set_broken (error, -result);
}

int
ferry_pump_pipe_drain (FerryPumpWorker *self, int limit_ms, guint64 *n_dropped)
{
  gint64 deadline_us = g_get_monotonic_time () + (gint64) limit_ms * 1000;
  guint8 dropped[4096];

  *n_dropped = 0;
  for (;;)
    {
      gssize n = ferry_channel_read (&self->channel, dropped, sizeof dropped);
      if (n == 0)
        n = ferry_channel_await_end (&self->channel);
      gint64 left_us = deadline_us - g_get_monotonic_time ();
      if (n == 0)
        return 0;
      if (n > 0)
        *n_dropped += (guint64) n;
      else if (n != -EAGAIN)
        return (int) n;
      if (left_us <= 0)
        return -ETIMEDOUT;
      if (n > 0)
        continue;

      WaitResult waited = wait_socket (self, (int) (left_us / 1000) + 1);
      if (waited != WAIT_READY)
        return waited == WAIT_STOPPED ? -ECANCELED : -ETIMEDOUT;
    }
}

static gboolean
send_piece (FerryPumpWorker *self, const guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      gssize n = ferry_channel_write (&self->channel, data, size);
      if (n < 0)
        {
          if (!may_retry (self, n, error))
            return FALSE;
          continue;
        }
      count_bytes (self, (gsize) n);
      data += n;
      size -= (gsize) n;
    }
  return TRUE;
}

gboolean
ferry_pump_pipe_send (FerryPumpWorker *self, const guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      gsize n = take_turn (self, size);
      if (n == 0)
        return ferry_pump_pipe_set_stopped (error);
      if (!send_piece (self, data, n, error))
        return FALSE;
      data += n;
      size -= n;
    }
  return TRUE;
}

gboolean
ferry_pump_pipe_fill (
    FerryPumpWorker *self, guint8 *buffer, gsize size, FerryPumpFilled *out, GError **error)
{
  *out = (FerryPumpFilled){ 0 };
  while (out->size < size)
    {
      gsize turn = take_turn (self, size - out->size);
      if (turn == 0)
        return ferry_pump_pipe_set_stopped (error);
      gssize n = ferry_channel_read (&self->channel, buffer + out->size, turn);
      end_turn (self, turn - (gsize) MAX (n, 0));
      if (n < 0)
        {
          if (!may_retry (self, n, error))
            return FALSE;
          continue;
        }
      if (n == 0)
        {
          out->is_last = TRUE;
          break;
        }
      count_bytes (self, (gsize) n);
      out->size += (gsize) n;
    }
  return TRUE;
}

void
ferry_pump_pipe_linger (FerryPumpWorker *self)
{
  gint64 deadline_us = g_get_monotonic_time () + (gint64) self->limits.surplus_ms * 1000;
  guint8 dropped[16384];

  self->channel.wants = POLLIN;
  for (;;)
    {
      gssize n = recv (self->channel.fd, dropped, sizeof dropped, MSG_DONTWAIT);
      int left_ms = (int) ((deadline_us - g_get_monotonic_time ()) / 1000);
      if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || left_ms <= 0 ||
          (n < 0 && wait_socket (self, left_ms) != WAIT_READY))
        return;
    }
}
