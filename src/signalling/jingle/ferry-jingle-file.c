/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/jingle/ferry-jingle-file.h"

#include "base/ferry-decimal.h"
#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define MAX_NAME 1023
#define MAX_HASHES 8

/* Best first. What stands here is taken only if the crypto library has it. */
static const FerryHashAlgo algo_order[] = {
  FERRY_HASH_BLAKE2B_512, FERRY_HASH_SHA3_512,    FERRY_HASH_SHA512, FERRY_HASH_SHA256,
  FERRY_HASH_SHA3_256,    FERRY_HASH_BLAKE2B_256, FERRY_HASH_SHA1,
};

static guint
rank (FerryHashAlgo algo)
{
  g_autoptr (FerryHasher) hasher = algo != FERRY_HASH_NONE ? ferry_hasher_new (algo) : NULL;
  if (hasher == NULL)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (algo_order); i++)
    {
      if (algo_order[i] == algo)
        return G_N_ELEMENTS (algo_order) - i;
    }
  return 0;
}

/* An empty `<hash algo=/>` is the older way to say `<hash-used algo=/>`. */
static void
read_hashes (FerryNode *file, FerryHash *hash, FerryHashAlgo *used)
{
  guint n_read = 0;

  for (guint i = 0; i < ferry_node_get_n_children (file) && n_read < MAX_HASHES; i++)
    {
      FerryNode *child = ferry_node_get_nth_child (file, i);
      gboolean is_hash = ferry_node_is (child, "hash", FERRY_NS_HASHES);
      if (!is_hash && !ferry_node_is (child, "hash-used", FERRY_NS_HASHES))
        continue;

      n_read++;
      FerryHashAlgo algo = ferry_hash_algo_from_name (ferry_node_get_attr (child, "algo"));
      const char *text = ferry_node_get_text (child);
      FerryHash found;
      if (!is_hash || text[0] == '\0')
        {
          if (rank (algo) > rank (*used))
            *used = algo;
        }
      else if (rank (algo) > rank (hash->algo) && ferry_hash_parse_base64 (algo, text, &found))
        *hash = found;
    }
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL,
               "Offer of a file with %s (XEP-0234 §5)", what);
  return FALSE;
}

FerryFileInfo *
ferry_jingle_file_parse (FerryNode *description, FerryRange *range, GError **error)
{
  FerryNode *file = NULL;
  if (ferry_node_is (description, "description", FERRY_NS_JINGLE_FILE))
    file = ferry_node_get_child (description, "file", FERRY_NS_JINGLE_FILE);
  if (file == NULL)
    return fail (error, "no <file/>"), NULL;

  const char *name = ferry_node_get_child_text (file, "name", FERRY_NS_JINGLE_FILE);
  const char *size_text = ferry_node_get_child_text (file, "size", FERRY_NS_JINGLE_FILE);
  FerryNode *range_node = ferry_node_get_child (file, "range", FERRY_NS_JINGLE_FILE);
  FerryRange part = FERRY_RANGE_WHOLE;
  guint64 size = 0;

  if (name != NULL && strlen (name) > MAX_NAME)
    return fail (error, "too long a name"), NULL;
  if (size_text != NULL && !ferry_decimal_parse (size_text, FERRY_SIZE_MAX, &size))
    return fail (error, "an impossible size"), NULL;
  if (range_node != NULL && !ferry_range_parse (ferry_node_get_attr (range_node, "offset"),
                                                ferry_node_get_attr (range_node, "length"),
                                                size_text ? (gint64) size : -1, &part))
    return fail (error, "an impossible range"), NULL;

  FerryFileInfo *self = ferry_file_info_new (name, size_text != NULL ? (gint64) size : -1);
  ferry_file_info_read_media_type (
      self, ferry_node_get_child_text (file, "media-type", FERRY_NS_JINGLE_FILE));
  ferry_file_info_read_desc (self,
                             ferry_node_get_child_text (file, "desc", FERRY_NS_JINGLE_FILE));
  ferry_file_info_read_date (self,
                             ferry_node_get_child_text (file, "date", FERRY_NS_JINGLE_FILE));
  self->ranged = range_node != NULL;
  FerryNode *transfer = ferry_node_get_child (file, "transfer", FERRY_NS_FILES);
  if (transfer != NULL)
    ferry_file_info_read_transfer_id (self, ferry_node_get_attr (transfer, "id"));
  ferry_file_info_read_batch (self, ferry_node_get_child (file, "batch", FERRY_NS_FILES));
  if (!ferry_file_info_read_folder (self, file))
    {
      ferry_file_info_unref (self);
      return fail (error, "an impossible folder"), NULL;
    }
  read_hashes (file, &self->hash, &self->hash_used);
  if (range != NULL)
    *range = part;
  return self;
}

static void
add_hash (FerryNode *file, const FerryHash *hash)
{
  g_autofree char *base64 = ferry_hash_to_base64 (hash);
  FerryNode *node = ferry_node_add (file, "hash", FERRY_NS_HASHES, base64);
  ferry_node_set_attr (node, "algo", ferry_hash_algo_get_name (hash->algo));
}

static void
set_number (FerryNode *node, const char *key, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, value);
  ferry_node_set_attr (node, key, text);
}

/* @range: (nullable) */
static void
add_range (FerryNode *file, const FerryRange *range)
{
  FerryNode *node = ferry_node_add (file, "range", NULL, NULL);

  if (range != NULL && range->offset > 0)
    set_number (node, "offset", range->offset);
  if (range != NULL && range->length > 0)
    set_number (node, "length", (guint64) range->length);
}

FerryNode *
ferry_jingle_file_to_node (const FerryFileInfo *self, const FerryRange *range)
{
  FerryNode *description = ferry_node_new ("description", FERRY_NS_JINGLE_FILE);
  FerryNode *file = ferry_node_add (description, "file", NULL, NULL);

  if (self->media_type != NULL)
    ferry_node_add (file, "media-type", NULL, self->media_type);
  if (self->name != NULL)
    ferry_node_add (file, "name", NULL, self->name);
  if (self->date != NULL)
    {
      g_autofree char *date = ferry_file_info_format_date (self);
      ferry_node_add (file, "date", NULL, date);
    }
  if (self->desc != NULL)
    ferry_node_add (file, "desc", NULL, self->desc);
  if (self->size >= 0)
    {
      g_autofree char *size = g_strdup_printf ("%" G_GINT64_FORMAT, self->size);
      ferry_node_add (file, "size", NULL, size);
    }
  if (self->ranged || range != NULL)
    add_range (file, range);
  ferry_file_info_add_ids (self, file);
  ferry_file_info_add_folder (self, file);
  if (self->hash.algo != FERRY_HASH_NONE)
    add_hash (file, &self->hash);
  else if (self->hash_used != FERRY_HASH_NONE)
    {
      FerryNode *used = ferry_node_add (file, "hash-used", FERRY_NS_HASHES, NULL);
      ferry_node_set_attr (used, "algo", ferry_hash_algo_get_name (self->hash_used));
    }
  return description;
}

static const char *
get_creator_name (FerryJingleRole creator)
{
  return creator == FERRY_JINGLE_INITIATOR ? "initiator" : "responder";
}

gboolean
ferry_jingle_checksum_parse (FerryNode *payload,
                             FerryJingleRole creator,
                             const char *name,
                             FerryHash *out)
{
  if (!ferry_node_is (payload, "checksum", FERRY_NS_JINGLE_FILE))
    return FALSE;

  const char *peer_creator = ferry_node_get_attr (payload, "creator");
  const char *peer_name = ferry_node_get_attr (payload, "name");
  FerryNode *file = ferry_node_get_child (payload, "file", FERRY_NS_JINGLE_FILE);
  if ((peer_creator != NULL && strcmp (peer_creator, get_creator_name (creator)) != 0) ||
      (peer_name != NULL && strcmp (peer_name, name) != 0) || file == NULL)
    return FALSE;

  FerryHash hash = { FERRY_HASH_NONE };
  FerryHashAlgo used = FERRY_HASH_NONE;
  read_hashes (file, &hash, &used);
  if (hash.algo == FERRY_HASH_NONE)
    return FALSE;
  *out = hash;
  return TRUE;
}

FerryNode *
ferry_jingle_checksum_to_node (FerryJingleRole creator, const char *name, const FerryHash *hash)
{
  FerryNode *checksum = ferry_node_new ("checksum", FERRY_NS_JINGLE_FILE);
  ferry_node_set_attrs (checksum, "creator", get_creator_name (creator), "name", name, NULL);
  add_hash (ferry_node_add (checksum, "file", NULL, NULL), hash);
  return checksum;
}

FerryNode *
ferry_jingle_received_to_node (FerryJingleRole creator, const char *name)
{
  FerryNode *received = ferry_node_new ("received", FERRY_NS_JINGLE_FILE);
  ferry_node_set_attrs (received, "creator", get_creator_name (creator), "name", name, NULL);
  return received;
}
