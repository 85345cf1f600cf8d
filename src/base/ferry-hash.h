/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hashes of files: an algorithm and a digest (XEP-0300), and the engine that computes one while
 * bytes go by. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  FERRY_HASH_NONE,
  FERRY_HASH_SHA1,
  FERRY_HASH_SHA256,
  FERRY_HASH_SHA512,
  FERRY_HASH_SHA3_256,
  FERRY_HASH_SHA3_512,
  FERRY_HASH_BLAKE2B_256,
  FERRY_HASH_BLAKE2B_512,
} FerryHashAlgo;

/* The longest digest of all algorithms, bytes. */
#define FERRY_HASH_MAX_BYTES 64

typedef struct
{
  FerryHashAlgo algo;
  guint8 digest[FERRY_HASH_MAX_BYTES]; /* ferry_hash_algo_get_length () bytes are used */
} FerryHash;

/* Names as in XEP-0300: `sha-256`, `blake2b-512`; NULL or FERRY_HASH_NONE for what is unknown.
 */
FerryHashAlgo ferry_hash_algo_from_name (const char *name);
const char *ferry_hash_algo_get_name (FerryHashAlgo algo);
gsize ferry_hash_algo_get_length (FerryHashAlgo algo);

/**
 * ferry_hash_parse_base64:
 * @algo: what the digest was made with
 * @text: (nullable): base64; white space inside is skipped
 * @out: (out caller-allocates): the hash
 *
 * Returns: %FALSE unless @text decodes strictly to exactly the length of @algo
 */
gboolean ferry_hash_parse_base64 (FerryHashAlgo algo, const char *text, FerryHash *out);
gboolean ferry_hash_parse_hex (FerryHashAlgo algo, const char *text, FerryHash *out);
char *ferry_hash_to_base64 (const FerryHash *hash);
char *ferry_hash_to_hex (const FerryHash *hash);
gboolean ferry_hash_equal (const FerryHash *a, const FerryHash *b);
FerryHash *ferry_hash_copy (const FerryHash *hash);
void ferry_hash_free (FerryHash *hash);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryHash, ferry_hash_free)

/* A running computation. Not shared between threads. */
typedef struct _FerryHasher FerryHasher;

/* Returns: (nullable): %NULL if the crypto library lacks @algo */
FerryHasher *ferry_hasher_new (FerryHashAlgo algo);
void ferry_hasher_update (FerryHasher *self, gconstpointer data, gsize size);
/* Ends the computation; @self may only be freed afterwards. */
void ferry_hasher_finish (FerryHasher *self, FerryHash *out);
void ferry_hasher_free (FerryHasher *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryHasher, ferry_hasher_free)

/**
 * ferry_hash_sha1_hex:
 * @first: first string
 * @...: more strings, then %NULL
 *
 * Returns: (transfer full): lower-case hex SHA-1 of the strings joined with nothing between, as
 *   XEP-0065 §5.3.2 wants it for DST.ADDR
 */
char *ferry_hash_sha1_hex (const char *first, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
