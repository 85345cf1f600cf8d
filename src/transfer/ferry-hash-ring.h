/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryHashRing: the buffers of a pump, hashed by a second thread while the pump goes on with
 * them, or at once where no processor would be free for that. Used from one thread; the hashing
 * thread is its own business. */
#pragma once

#include "base/ferry-hash.h"

G_BEGIN_DECLS

typedef struct _FerryHashRing FerryHashRing;

/**
 * ferry_hash_ring_new:
 * @algo: the hash, or %FERRY_HASH_NONE
 * @buffer_size: bytes of each buffer
 * @threaded: hash in a second thread, behind four buffers; else in ferry_hash_ring_push(), with
 *   one buffer
 *
 * Returns: (nullable): %NULL if the crypto library lacks @algo or no thread can be made
 */
FerryHashRing *ferry_hash_ring_new (FerryHashAlgo algo, gsize buffer_size, gboolean threaded);
/* Before the first push: goes on with @hasher (transfer full), which has the bytes before ours.
 */
void ferry_hash_ring_take_hasher (FerryHashRing *self, FerryHasher *hasher);
/* The next buffer to fill; waits until its bytes of the previous round are hashed. It stays the
 * caller's until pushed, and readable until as many buffers were asked for as there are. */
guint8 *ferry_hash_ring_get_buffer (FerryHashRing *self);
/* Hands the first @size bytes of the buffer to the hash; until the next one is asked for they
 * may be read, not changed. */
void ferry_hash_ring_push (FerryHashRing *self, gsize size);
/**
 * ferry_hash_ring_finish:
 * @out: (out caller-allocates): hash of all pushed bytes; algo NONE if there is none
 *
 * Waits for the rest. The ring may only be freed afterwards.
 */
void ferry_hash_ring_finish (FerryHashRing *self, FerryHash *out);
void ferry_hash_ring_free (FerryHashRing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryHashRing, ferry_hash_ring_free)

G_END_DECLS
