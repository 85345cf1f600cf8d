/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-prefix-hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/ferry-background.h"
#include "base/ferry-error.h"
#include "transfer/ferry-file-thread.h"

#define BUFFER_BYTES (512 * 1024)

struct _FerryPrefixHash
{
  gatomicrefcount ref_count;
  int fd;
  guint64 n_bytes;
  FerryHashAlgo algo;
  FerryHasher *hasher; /* the thread's, until it is done */
  _Atomic guint64 n_done;
};

FerryPrefixHash *
ferry_prefix_hash_new (int fd, guint64 n_bytes, FerryHashAlgo algo)
{
  FerryPrefixHash *self = g_new0 (FerryPrefixHash, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->fd = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  self->n_bytes = n_bytes;
  self->algo = algo;
  return self;
}

FerryPrefixHash *
ferry_prefix_hash_ref (FerryPrefixHash *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_prefix_hash_unref (FerryPrefixHash *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->hasher, ferry_hasher_free);
  g_free (self);
}

guint64
ferry_prefix_hash_get_n_done (FerryPrefixHash *self)
{
  return atomic_load_explicit (&self->n_done, memory_order_relaxed);
}

static gboolean
read_prefix (gpointer data, GCancellable *cancellable, GError **error)
{
  FerryPrefixHash *self = data;
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  guint64 at = 0;

  ferry_background_enter ();
  self->hasher = ferry_hasher_new (self->algo);
  if (self->hasher == NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_UNSUPPORTED, "Cannot compute %s",
                   ferry_hash_algo_get_name (self->algo));
      return FALSE;
    }
  posix_fadvise (self->fd, 0, (off_t) self->n_bytes, POSIX_FADV_SEQUENTIAL);
  while (at < self->n_bytes)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      gssize n = pread (self->fd, buffer, MIN (self->n_bytes - at, BUFFER_BYTES), (off_t) at);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_SOURCE, "Reading the file again: %s",
                       n < 0 ? g_strerror (errno) : "it is shorter now");
          return FALSE;
        }
      ferry_hasher_update (self->hasher, buffer, (gsize) n);
      at += (guint64) n;
      atomic_store_explicit (&self->n_done, at, memory_order_relaxed);
    }
  return TRUE;
}

void
ferry_prefix_hash_run_async (FerryPrefixHash *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (self->hasher == NULL);

  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_prefix_hash_run_async);
  g_task_set_task_data (task, ferry_prefix_hash_ref (self),
                        (GDestroyNotify) ferry_prefix_hash_unref);
  ferry_file_thread_run (task, read_prefix);
}

FerryHasher *
ferry_prefix_hash_run_finish (FerryPrefixHash *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_steal_pointer (&self->hasher);
}
