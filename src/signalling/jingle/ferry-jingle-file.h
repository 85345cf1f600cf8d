/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Jingle says of a file (XEP-0234, version 5): the description of an offer, and the two
 * things said later in a session-info, `checksum` and `received`. */
#pragma once

#include "base/ferry-range.h"
#include "signalling/ferry-file-info.h"
#include "signalling/jingle/ferry-jingle-action.h"

G_BEGIN_DECLS

/**
 * ferry_jingle_file_parse:
 * @description: (nullable): a `<description/>` in `urn:xmpp:jingle:apps:file-transfer:5`
 * @range: (out caller-allocates) (optional): the range, the whole file if none is given
 * @error: %FERRY_ERROR_PROTOCOL if size, range or name are not possible
 *
 * Of several hashes the strongest that we can compute is taken. Hashes, dates and media types
 * that make no sense are left out: they are no reason to refuse a file.
 *
 * Returns: (transfer full) (nullable): the file; its size is -1 if the peer does not say
 */
FerryFileInfo *
ferry_jingle_file_parse (FerryNode *description, FerryRange *range, GError **error);
/**
 * ferry_jingle_file_to_node:
 * @file: the file; without a hash it says `<hash-used/>`, as promise of a checksum, unless that
 *   is %FERRY_HASH_NONE too
 * @range: (nullable): the part that is asked for; %NULL says only whether parts can be had
 *
 * Returns: (transfer full): the `<description/>`
 */
FerryNode *ferry_jingle_file_to_node (const FerryFileInfo *file, const FerryRange *range);

/**
 * ferry_jingle_checksum_parse:
 * @payload: what a session-info carried
 * @creator: our content
 * @name: our content
 * @out: (out caller-allocates): the hash of the whole file
 *
 * The key of the content may be missing, Gajim leaves it out: then the only content is meant.
 *
 * Returns: %FALSE if there is no hash of our whole file in it that we know
 */
gboolean ferry_jingle_checksum_parse (FerryNode *payload,
                                      FerryJingleRole creator,
                                      const char *name,
                                      FerryHash *out);
FerryNode *ferry_jingle_checksum_to_node (FerryJingleRole creator,
                                          const char *name,
                                          const FerryHash *hash);
/* Returns: (transfer full): `<received/>`, XEP-0234 §8.1 */
FerryNode *ferry_jingle_received_to_node (FerryJingleRole creator, const char *name);

G_END_DECLS
