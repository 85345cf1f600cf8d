/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-pump-worker"

#include "config.h"

#include "transfer/ferry-pump-worker.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/ferry-background.h"
#include "base/ferry-error.h"
#include "transfer/ferry-disk.h"
#include "transfer/ferry-hash-ring.h"
#include "transfer/ferry-pump-pipe.h"

/* Measured on loopback: half as large costs a tenth of the speed with hashing, larger gains
 * little. */
#define ONE_BUFFER_BYTES (1024 * 1024)
#define RING_BUFFER_BYTES (512 * 1024)
/* With fewer, the thread that hashes takes its time from the one that moves (on two, both ends
 * together were no faster), and its buffers cost four times the memory. */
#define MIN_PROCESSORS_FOR_HASH_THREAD 4
/* How often writeback is begun and the room on the disk looked at. */
#define STEP_BYTES (64 * 1024 * 1024)

FerryPumpWorker *
ferry_pump_worker_new (int socket_fd, int fd, guint64 offset, guint64 length, gboolean sends)
{
  FerryPumpWorker *self = g_new0 (FerryPumpWorker, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->sends = sends;
  ferry_channel_init (&self->channel, fcntl (socket_fd, F_DUPFD_CLOEXEC, 3));
  self->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  self->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->finished = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->offset = offset;
  self->length = length;
  self->limits = (FerryPumpLimits){ .handshake_ms = 20 * 1000,
                                    .first_ms = 30 * 1000,
                                    .idle_ms = 60 * 1000,
                                    .sent_ms = 10 * 1000,
                                    .surplus_ms = 1000 };
  return self;
}

FerryPumpWorker *
ferry_pump_worker_ref (FerryPumpWorker *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
ferry_pump_worker_unref (FerryPumpWorker *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  ferry_channel_clear (&self->channel);
  g_clear_pointer (&self->tls, ferry_tls_agreement_unref);
  g_clear_pointer (&self->throttle, ferry_throttle_unref);
  close_fd (&self->fd);
  close_fd (&self->wake);
  close_fd (&self->finished);
  if (self->content != NULL)
    self->content->unref (self->content_data);
  g_clear_pointer (&self->hasher, ferry_hasher_free);
  g_clear_error (&self->error);
  g_free (self);
}

void
ferry_pump_worker_stop (FerryPumpWorker *self)
{
  atomic_store (&self->is_stopped, TRUE);
  eventfd_write (self->wake, 1);
}

gboolean
ferry_pump_worker_is_stopped (FerryPumpWorker *self)
{
  return atomic_load (&self->is_stopped);
}

/* Of nothing either side has everything at once, perhaps before the other has its end of the
 * connection, and one that is being closed it would not take: it gets a moment. Those who have
 * agreed on keys have met. */
static gboolean
is_empty (const FerryPumpWorker *self)
{
  return self->length == 0 && self->tls == NULL;
}

static void
wait_for_empty (FerryPumpWorker *self)
{
  guint64 n_dropped;

  if (is_empty (self))
    ferry_pump_pipe_drain (self, self->limits.surplus_ms, &n_dropped);
}

/* --- Sending --------------------------------------------------------------------------------
 */

static gsize
read_source (FerryPumpWorker *self, guint8 *buffer, gsize size, guint64 at, GError **error)
{
  gssize n;

  if (self->content != NULL)
    return self->content->read (self->content_data, buffer, size, at, error);
  do
    n = pread (self->fd, buffer, size, (off_t) at);
  while (n < 0 && errno == EINTR);

  if (n < 0)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE, "Reading the file: %s",
                 g_strerror (errno));
  else if (n == 0)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE,
                 "The file ends at byte %" G_GUINT64_FORMAT ", too early", at);
  return n > 0 ? (gsize) n : 0;
}

static gboolean
send_file (FerryPumpWorker *self, FerryHashRing *ring, GError **error)
{
  guint64 n_left = self->length;

  posix_fadvise (self->fd, (off_t) self->offset, 0, POSIX_FADV_SEQUENTIAL);
  while (n_left > 0)
    {
      if (ferry_pump_worker_is_stopped (self))
        return ferry_pump_pipe_set_stopped (error);

      guint8 *buffer = ferry_hash_ring_get_buffer (ring);
      guint64 at = self->offset + (self->length - n_left);
      gsize n = read_source (self, buffer, MIN (n_left, self->buffer_size), at, error);
      if (n == 0)
        return FALSE;
      ferry_hash_ring_push (ring, n);
      if (!ferry_pump_pipe_send (self, buffer, n, error))
        return FALSE;
      if (ferry_pump_pipe_was_warned (self))
        return ferry_pump_pipe_set_broken (error, EBADMSG);
      n_left -= n;
    }

  /* Some peers say a few bytes of their own, which are of no use (Dino, after JET). Left
   * unread they would make our close a reset, and that could overtake our last bytes. */
  guint64 n_dropped;
  wait_for_empty (self);
  ferry_pump_pipe_shut_write (self, self->limits.sent_ms);
  int end = ferry_pump_pipe_drain (self, self->limits.sent_ms, &n_dropped);
  /* Who can cut the connection can make it end, but not say so in the peer's name. */
  self->peer_closed = end == 0 && !self->channel.was_cut;
  /* A client learns only now that the server did not accept its key. */
  if (end == -EBADMSG)
    return ferry_pump_pipe_set_broken (error, EBADMSG);
  return end != -ECANCELED || ferry_pump_pipe_set_stopped (error);
}

/* --- Receiving ------------------------------------------------------------------------------
 */

static gboolean
write_target (FerryPumpWorker *self, const guint8 *data, gsize size, guint64 at, GError **error)
{
  if (self->content != NULL)
    return self->content->write (self->content_data, data, size, at, error);
  while (size > 0)
    {
      gssize n = pwrite (self->fd, data, size, (off_t) at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          ferry_disk_set_error (error, "Writing the file", n < 0 ? errno : ENOSPC);
          return FALSE;
        }
      data += n;
      size -= (gsize) n;
      at += (gsize) n;
    }
  return TRUE;
}

/* Every step writeback begins, so that the final sync is short, and a stream of unknown length
 * proves that it does not eat the disk. */
static gboolean
pass_step (FerryPumpWorker *self, guint64 from, guint64 to, GError **error)
{
  if (from / STEP_BYTES == to / STEP_BYTES)
    return TRUE;

  guint64 begin = from / STEP_BYTES * STEP_BYTES;
  sync_file_range (self->fd, (off_t) begin, STEP_BYTES, SYNC_FILE_RANGE_WRITE);
  return self->length != FERRY_PUMP_UNTIL_END || ferry_disk_check_space (self->fd, 0, error);
}

static gboolean
end_receiving (FerryPumpWorker *self, gboolean ended, GError **error)
{
  guint64 n_surplus = 0;

  /* The sender waits for this sign that we have everything, perhaps before it tells its hash,
   * so it must not wait for our checks. With nothing to send it may close first. */
  if (!is_empty (self))
    ferry_pump_pipe_shut_write (self, self->limits.surplus_ms);
  if (ended && self->tls == NULL)
    return TRUE;

  int end = ferry_pump_pipe_drain (self, self->limits.surplus_ms, &n_surplus);
  if (end == -ECANCELED)
    return ferry_pump_pipe_set_stopped (error);
  if (is_empty (self))
    ferry_pump_pipe_shut_write (self, self->limits.surplus_ms);
  if (n_surplus == 0)
    return TRUE;
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_TOO_MUCH,
                       "More bytes came than were announced");
  return FALSE;
}

static gboolean
receive_file (FerryPumpWorker *self, FerryHashRing *ring, GError **error)
{
  guint64 at = self->offset;
  guint64 n_left = self->length;
  FerryPumpFilled filled = { 0 };

  while (n_left > 0 && !filled.is_last)
    {
      if (ferry_pump_worker_is_stopped (self))
        return ferry_pump_pipe_set_stopped (error);

      guint8 *buffer = ferry_hash_ring_get_buffer (ring);
      gsize size = MIN (n_left, self->buffer_size);
      gboolean alive = ferry_pump_pipe_fill (self, buffer, size, &filled, error);
      ferry_hash_ring_push (ring, filled.size);
      if (!write_target (self, buffer, filled.size, at, alive ? error : NULL) || !alive ||
          !pass_step (self, at, at + filled.size, error))
        return FALSE;
      at += filled.size;
      if (self->length != FERRY_PUMP_UNTIL_END)
        n_left -= filled.size;
    }

  if (self->length != FERRY_PUMP_UNTIL_END && n_left > 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_BROKEN,
                   "The stream ended %" G_GUINT64_FORMAT " bytes too early", n_left);
      return FALSE;
    }
  /* Of a length that nobody told the peer's word alone is the end. */
  if (self->length == FERRY_PUMP_UNTIL_END && self->channel.was_cut)
    return ferry_pump_pipe_set_broken (error, ECONNRESET);
  return end_receiving (self, filled.is_last, error);
}

/* --- The thread -----------------------------------------------------------------------------
 */

static gboolean
run (FerryPumpWorker *self, GError **error)
{
  if (self->channel.fd < 0 || self->fd < 0 || self->wake < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES,
                           "No file descriptor is free");
      return FALSE;
    }

  gboolean threaded = g_get_num_processors () >= MIN_PROCESSORS_FOR_HASH_THREAD;
  self->buffer_size = threaded ? RING_BUFFER_BYTES : ONE_BUFFER_BYTES;
  g_autoptr (FerryHashRing) ring =
      ferry_hash_ring_new (self->algo, self->buffer_size, threaded);
  if (ring == NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED, "Cannot compute %s",
                   ferry_hash_algo_get_name (self->algo));
      return FALSE;
    }

  if (self->hasher != NULL)
    ferry_hash_ring_take_hasher (ring, g_steal_pointer (&self->hasher));
  if (self->tls != NULL && !ferry_pump_pipe_shake_hands (self, error))
    return FALSE;
  gboolean moved =
      self->sends ? send_file (self, ring, error) : receive_file (self, ring, error);
  if (moved)
    ferry_hash_ring_finish (ring, &self->hash);
  return moved;
}

gpointer
ferry_pump_worker_run (gpointer data)
{
  FerryPumpWorker *self = data;

  ferry_background_enter ();
  if (!run (self, &self->error) &&
      g_error_matches (self->error, FERRY_ERROR, FERRY_ERROR_SECURITY))
    ferry_pump_pipe_linger (self);
  /* From here on closing the connection is up to its owner alone. */
  ferry_channel_clear (&self->channel);
  close_fd (&self->fd);
  eventfd_write (self->finished, 1);
  ferry_pump_worker_unref (self);
  return NULL;
}
