/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-hash.h"

#include <openssl/evp.h>
#include <string.h>

typedef struct
{
  const char *name;  /* XEP-0300 */
  const char *fetch; /* OpenSSL */
  gsize length;
} Algo;

static const Algo algos[] = {
  [FERRY_HASH_SHA1] = { "sha-1", "SHA1", 20 },
  [FERRY_HASH_SHA256] = { "sha-256", "SHA2-256", 32 },
  [FERRY_HASH_SHA512] = { "sha-512", "SHA2-512", 64 },
  [FERRY_HASH_SHA3_256] = { "sha3-256", "SHA3-256", 32 },
  [FERRY_HASH_SHA3_512] = { "sha3-512", "SHA3-512", 64 },
  [FERRY_HASH_BLAKE2B_256] = { "blake2b-256", "BLAKE2B-512", 32 },
  [FERRY_HASH_BLAKE2B_512] = { "blake2b-512", "BLAKE2B-512", 64 },
};

FerryHashAlgo
ferry_hash_algo_from_name (const char *name)
{
  for (guint i = 1; name != NULL && i < G_N_ELEMENTS (algos); i++)
    if (g_ascii_strcasecmp (algos[i].name, name) == 0)
      return i;
  return FERRY_HASH_NONE;
}

const char *
ferry_hash_algo_get_name (FerryHashAlgo algo)
{
  return algo < G_N_ELEMENTS (algos) ? algos[algo].name : NULL;
}

gsize
ferry_hash_algo_get_length (FerryHashAlgo algo)
{
  return algo < G_N_ELEMENTS (algos) ? algos[algo].length : 0;
}

gboolean
ferry_hash_parse_base64 (FerryHashAlgo algo, const char *text, FerryHash *out)
{
  g_return_val_if_fail (out != NULL, FALSE);

  gsize length = ferry_hash_algo_get_length (algo);
  if (length == 0 || text == NULL)
    return FALSE;

  char packed[4 * FERRY_HASH_MAX_BYTES];
  gsize n = 0;
  for (const char *p = text; *p != '\0'; p++)
    {
      if (g_ascii_isspace (*p))
        continue;
      if (n + 1 >= sizeof packed)
        return FALSE;
      packed[n++] = *p;
    }
  packed[n] = '\0';

  /* g_base64_decode() skips what it does not know, so the text must be what we would write. */
  gsize n_decoded = 0;
  g_autofree guchar *decoded = g_base64_decode (packed, &n_decoded);
  g_autofree char *canonical = g_base64_encode (decoded, n_decoded);
  if (n_decoded != length || strcmp (canonical, packed) != 0)
    return FALSE;

  *out = (FerryHash){ .algo = algo };
  memcpy (out->digest, decoded, length);
  return TRUE;
}

gboolean
ferry_hash_parse_hex (FerryHashAlgo algo, const char *text, FerryHash *out)
{
  g_return_val_if_fail (out != NULL, FALSE);

  gsize length = ferry_hash_algo_get_length (algo);
  if (length == 0 || text == NULL || strlen (text) != 2 * length)
    return FALSE;

  FerryHash hash = { .algo = algo };
  for (gsize i = 0; i < length; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]);
      int low = g_ascii_xdigit_value (text[2 * i + 1]);
      if (high < 0 || low < 0)
        return FALSE;
      hash.digest[i] = (guint8) (high << 4 | low);
    }
  *out = hash;
  return TRUE;
}

char *
ferry_hash_to_base64 (const FerryHash *hash)
{
  g_return_val_if_fail (hash != NULL, NULL);

  return g_base64_encode (hash->digest, ferry_hash_algo_get_length (hash->algo));
}

static char *
bytes_to_hex (const guint8 *bytes, gsize length)
{
  static const char digits[] = "0123456789abcdef";
  char *hex = g_malloc (2 * length + 1);
  for (gsize i = 0; i < length; i++)
    {
      hex[2 * i] = digits[bytes[i] >> 4];
      hex[2 * i + 1] = digits[bytes[i] & 15];
    }
  hex[2 * length] = '\0';
  return hex;
}

char *
ferry_hash_to_hex (const FerryHash *hash)
{
  g_return_val_if_fail (hash != NULL, NULL);

  return bytes_to_hex (hash->digest, ferry_hash_algo_get_length (hash->algo));
}

gboolean
ferry_hash_equal (const FerryHash *a, const FerryHash *b)
{
  g_return_val_if_fail (a != NULL && b != NULL, FALSE);

  return a->algo == b->algo &&
         memcmp (a->digest, b->digest, ferry_hash_algo_get_length (a->algo)) == 0;
}

FerryHash *
ferry_hash_copy (const FerryHash *hash)
{
  return hash != NULL ? g_memdup2 (hash, sizeof *hash) : NULL;
}

void
ferry_hash_free (FerryHash *hash)
{
  g_free (hash);
}

struct _FerryHasher
{
  FerryHashAlgo algo;
  EVP_MD_CTX *context;
};

FerryHasher *
ferry_hasher_new (FerryHashAlgo algo)
{
  gsize length = ferry_hash_algo_get_length (algo);
  g_return_val_if_fail (length > 0, NULL);

  EVP_MD *md = EVP_MD_fetch (NULL, algos[algo].fetch, NULL);
  /* OpenSSL 3.0 offers BLAKE2b with its full length only; a shorter one is another function,
   * not a prefix of it. */
  if (md == NULL || (gsize) EVP_MD_get_size (md) != length)
    {
      EVP_MD_free (md);
      return NULL;
    }

  FerryHasher *self = g_new0 (FerryHasher, 1);
  self->algo = algo;
  self->context = EVP_MD_CTX_new ();
  EVP_DigestInit_ex2 (self->context, md, NULL);
  EVP_MD_free (md); /* the context holds its own reference */
  return self;
}

void
ferry_hasher_update (FerryHasher *self, gconstpointer data, gsize size)
{
  EVP_DigestUpdate (self->context, data, size);
}

void
ferry_hasher_finish (FerryHasher *self, FerryHash *out)
{
  *out = (FerryHash){ .algo = self->algo };
  EVP_DigestFinal_ex (self->context, out->digest, NULL);
}

void
ferry_hasher_free (FerryHasher *self)
{
  if (self == NULL)
    return;
  EVP_MD_CTX_free (self->context);
  g_free (self);
}

char *
ferry_hash_sha1_hex (const char *first, ...)
{
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA1);
  FerryHash hash;
  va_list args;

  va_start (args, first);
  for (const char *part = first; part != NULL; part = va_arg (args, const char *))
    ferry_hasher_update (hasher, part, strlen (part));
  va_end (args);
  ferry_hasher_finish (hasher, &hash);
  return ferry_hash_to_hex (&hash);
}
