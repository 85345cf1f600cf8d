/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hashes of files that were sent, so that nobody waits for the same one to be read again. */
#pragma once

#include "base/ferry-hash.h"
#include "store/ferry-store.h"

G_BEGIN_DECLS

/* What was not used for longest goes first. */
#define FERRY_HASH_CACHE_MAX_FILES 10000

/**
 * ferry_hash_cache_lookup:
 * @key: which version of which file: device, inode, size and time of change
 * @out: (out caller-allocates): its hash
 *
 * Returns: %FALSE if it is not known, or the database fails
 */
gboolean ferry_hash_cache_lookup (FerryStore *store,
                                  const char *key,
                                  FerryHashAlgo algo,
                                  FerryHash *out);
/* @used_us: wall clock */
gboolean ferry_hash_cache_add (
    FerryStore *store, const char *key, const FerryHash *hash, gint64 used_us, GError **error);
/* It turned out to be wrong. */
gboolean ferry_hash_cache_remove (FerryStore *store, const char *key, GError **error);

G_END_DECLS
