/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryPrefixHash: reads the beginning of a file once more, in a thread, and gives back a
 * computation that whoever moves the rest goes on with. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-hash.h"

G_BEGIN_DECLS

typedef struct _FerryPrefixHash FerryPrefixHash;

/* @fd: open for reading; duplicated. @n_bytes: how many, from the beginning */
FerryPrefixHash *ferry_prefix_hash_new (int fd, guint64 n_bytes, FerryHashAlgo algo);
FerryPrefixHash *ferry_prefix_hash_ref (FerryPrefixHash *self);
void ferry_prefix_hash_unref (FerryPrefixHash *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryPrefixHash, ferry_prefix_hash_unref)

/* Bytes read so far. */
guint64 ferry_prefix_hash_get_n_done (FerryPrefixHash *self);
/* Once. */
void ferry_prefix_hash_run_async (FerryPrefixHash *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* @error: %FERRY_ERROR_SOURCE: the file is shorter, or cannot be read;
 *   %FERRY_ERROR_UNSUPPORTED: the crypto library lacks the hash; %G_IO_ERROR_CANCELLED
 * Returns: (transfer full) (nullable) */
FerryHasher *
ferry_prefix_hash_run_finish (FerryPrefixHash *self, GAsyncResult *result, GError **error);

G_END_DECLS
