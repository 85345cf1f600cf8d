/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of the hash of a file that is sent, without reading it. */
#define G_LOG_DOMAIN "ferry-transfer-runner-hashes"

#include "config.h"

#include "store/ferry-hash-cache.h"
#include "transfer/ferry-transfer-runner-private.h"

void
ferry_transfer_runner_set_store (FerryTransferRunner *self, FerryStore *store)
{
  g_return_if_fail (FERRY_IS_TRANSFER_RUNNER (self));

  g_set_object (&self->store, store);
}

gboolean
ferry_transfer_runner_find_hash (FerryTransferRunner *self)
{
  FerryHash hash;

  if (self->store == NULL || self->hash == FERRY_HASH_NONE ||
      !ferry_hash_cache_lookup (self->store, ferry_source_file_get_key (self->source),
                                self->hash, &hash))
    return FALSE;
  ferry_source_file_set_hash (self->source, &hash);
  return TRUE;
}

void
ferry_transfer_runner_keep_hash (FerryTransferRunner *self, const FerryHash *hash)
{
  gint64 size = ferry_source_file_get_info (self->source)->size;
  g_autoptr (GError) error = NULL;

  if (self->store != NULL && hash->algo != FERRY_HASH_NONE &&
      size >= FERRY_SOURCE_FILE_MIN_ASK_BYTES && ferry_source_file_is_settled (self->source) &&
      !ferry_hash_cache_add (self->store, ferry_source_file_get_key (self->source), hash,
                             g_get_real_time (), &error))
    g_info ("could not keep a hash: %s", error->message);
}

void
ferry_transfer_runner_forget_hash (FerryTransferRunner *self)
{
  g_autoptr (GError) error = NULL;

  if (self->store != NULL &&
      !ferry_hash_cache_remove (self->store, ferry_source_file_get_key (self->source), &error))
    g_info ("could not forget a hash: %s", error->message);
}
