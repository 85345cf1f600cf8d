/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "transfer/ferry-hash-ring.h"

#include "base/ferry-background.h"

#include <pthread.h>

#define N_BUFFERS 4
#define PAGE_BYTES 4096

/* Buffers are numbered for ever; number k lives in slot k % N_BUFFERS. The pump's thread
 * writes n_pushed, the hashing thread n_hashed, both under the lock. The lock is pthread's own
 * because the thread sanitizer sees through it. */
struct _FerryHashRing
{
  gsize buffer_size;
  guint8 *memory;
  gsize sizes[N_BUFFERS];

  FerryHasher *hasher; /* NULL: no hash */
  GThread *thread;     /* NULL: none is needed, and one buffer is enough */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  guint64 n_pushed;
  guint64 n_hashed;
  gboolean closed;
};

static guint8 *
get_slot (FerryHashRing *self, guint64 number)
{
  return self->memory + (number % N_BUFFERS) * self->buffer_size;
}

static gpointer
hash_thread (gpointer data)
{
  FerryHashRing *self = data;

  ferry_background_enter ();
  pthread_mutex_lock (&self->lock);
  for (;;)
    {
      while (self->n_hashed == self->n_pushed && !self->closed)
        pthread_cond_wait (&self->changed, &self->lock);
      if (self->n_hashed == self->n_pushed)
        break;

      guint64 number = self->n_hashed;
      gsize size = self->sizes[number % N_BUFFERS];
      pthread_mutex_unlock (&self->lock);
      ferry_hasher_update (self->hasher, get_slot (self, number), size);
      pthread_mutex_lock (&self->lock);
      self->n_hashed++;
      pthread_cond_signal (&self->changed);
    }
  pthread_mutex_unlock (&self->lock);
  return NULL;
}

FerryHashRing *
ferry_hash_ring_new (FerryHashAlgo algo, gsize buffer_size, gboolean threaded)
{
  gboolean hashes = algo != FERRY_HASH_NONE;
  g_autoptr (FerryHashRing) self = g_new0 (FerryHashRing, 1);

  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->changed, NULL);
  self->buffer_size = buffer_size;
  self->memory = g_aligned_alloc (hashes && threaded ? N_BUFFERS : 1, buffer_size, PAGE_BYTES);
  if (!hashes)
    return g_steal_pointer (&self);

  self->hasher = ferry_hasher_new (algo);
  if (self->hasher == NULL)
    return NULL;
  if (threaded)
    self->thread = g_thread_try_new ("ferry-hash", hash_thread, self, NULL);
  return self->thread != NULL || !threaded ? g_steal_pointer (&self) : NULL;
}

void
ferry_hash_ring_take_hasher (FerryHashRing *self, FerryHasher *hasher)
{
  g_return_if_fail (self->hasher != NULL && self->n_pushed == 0);

  pthread_mutex_lock (&self->lock);
  ferry_hasher_free (self->hasher);
  self->hasher = hasher;
  pthread_mutex_unlock (&self->lock);
}

guint8 *
ferry_hash_ring_get_buffer (FerryHashRing *self)
{
  if (self->thread == NULL)
    return self->memory;

  pthread_mutex_lock (&self->lock);
  while (self->n_pushed - self->n_hashed >= N_BUFFERS)
    pthread_cond_wait (&self->changed, &self->lock);
  pthread_mutex_unlock (&self->lock);
  return get_slot (self, self->n_pushed);
}

void
ferry_hash_ring_push (FerryHashRing *self, gsize size)
{
  if (self->hasher == NULL)
    return;
  if (self->thread == NULL)
    {
      ferry_hasher_update (self->hasher, self->memory, size);
      return;
    }

  pthread_mutex_lock (&self->lock);
  self->sizes[self->n_pushed % N_BUFFERS] = size;
  self->n_pushed++;
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->lock);
}

static void
join_thread (FerryHashRing *self)
{
  if (self->thread == NULL)
    return;

  pthread_mutex_lock (&self->lock);
  self->closed = TRUE;
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->lock);
  g_thread_join (g_steal_pointer (&self->thread));
}

void
ferry_hash_ring_finish (FerryHashRing *self, FerryHash *out)
{
  *out = (FerryHash){ .algo = FERRY_HASH_NONE };
  join_thread (self);
  if (self->hasher != NULL)
    ferry_hasher_finish (self->hasher, out);
}

void
ferry_hash_ring_free (FerryHashRing *self)
{
  if (self == NULL)
    return;

  join_thread (self);
  ferry_hasher_free (self->hasher);
  g_aligned_free (self->memory);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}
