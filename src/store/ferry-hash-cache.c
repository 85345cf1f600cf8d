/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-hash-cache"

#include "config.h"

#include "store/ferry-hash-cache.h"

#include "store/ferry-store-private.h"

gboolean
ferry_hash_cache_lookup (FerryStore *store, const char *key, FerryHashAlgo algo, FerryHash *out)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && key != NULL && out != NULL, FALSE);

  g_autoptr (FerryStatement) statement = ferry_store_prepare (
      store, "SELECT digest FROM source_hashes WHERE key = ?1 AND algo = ?2", NULL);
  if (statement == NULL)
    return FALSE;

  ferry_statement_bind (statement, "ss", key, ferry_hash_algo_get_name (algo));
  if (!ferry_statement_next (statement, NULL))
    return FALSE;
  g_autofree char *digest = ferry_statement_dup_text (statement, 0);
  return ferry_hash_parse_hex (algo, digest, out);
}

gboolean
ferry_hash_cache_add (
    FerryStore *store, const char *key, const FerryHash *hash, gint64 used_us, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && key != NULL, FALSE);
  g_return_val_if_fail (hash != NULL && hash->algo != FERRY_HASH_NONE, FALSE);

  g_autofree char *digest = ferry_hash_to_hex (hash);
  return ferry_store_execute (store, error,
                              "INSERT INTO source_hashes (key, algo, digest, used_us)"
                              " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key, algo) DO UPDATE"
                              " SET digest = excluded.digest, used_us = excluded.used_us",
                              "sssI", key, ferry_hash_algo_get_name (hash->algo), digest,
                              used_us) &&
         ferry_store_execute (store, error,
                              "DELETE FROM source_hashes WHERE used_us <= (SELECT used_us"
                              " FROM source_hashes ORDER BY used_us DESC LIMIT 1 OFFSET ?1)",
                              "i", FERRY_HASH_CACHE_MAX_FILES);
}

gboolean
ferry_hash_cache_remove (FerryStore *store, const char *key, GError **error)
{
  g_return_val_if_fail (FERRY_IS_STORE (store) && key != NULL, FALSE);

  return ferry_store_execute (store, error, "DELETE FROM source_hashes WHERE key = ?1", "s",
                              key);
}
