/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryDiscoInfo: what an entity says it is and can do (XEP-0030), and the hash that stands for
 * it in presence (XEP-0115). A value: built by its only owner, unchangeable once shared. */
#pragma once

#include "base/ferry-hash.h"
#include "base/ferry-node.h"

G_BEGIN_DECLS

#define FERRY_TYPE_DISCO_INFO (ferry_disco_info_get_type ())

typedef struct _FerryDiscoInfo FerryDiscoInfo;

GType ferry_disco_info_get_type (void);

FerryDiscoInfo *ferry_disco_info_new (void);
FerryDiscoInfo *ferry_disco_info_ref (FerryDiscoInfo *self);
void ferry_disco_info_unref (FerryDiscoInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryDiscoInfo, ferry_disco_info_unref)

/* @lang, @name: (nullable) */
void ferry_disco_info_add_identity (FerryDiscoInfo *self,
                                    const char *category,
                                    const char *type,
                                    const char *lang,
                                    const char *name);
void ferry_disco_info_add_feature (FerryDiscoInfo *self, const char *feature);

/**
 * ferry_disco_info_parse:
 * @query: a `<query/>` of disco#info
 * @error: %FERRY_ERROR_PROTOCOL if it is another element
 *
 * Reads at most 32 identities, 512 features and 16 forms (XEP-0128); what is malformed or too
 * much is left out.
 *
 * Returns: (transfer full) (nullable): what it says
 */
FerryDiscoInfo *ferry_disco_info_parse (const FerryNode *query, GError **error);
/* @node: (nullable): the node that was asked for. Returns: (transfer full) */
FerryNode *ferry_disco_info_to_node (const FerryDiscoInfo *self, const char *node);

gboolean ferry_disco_info_has_feature (const FerryDiscoInfo *self, const char *feature);
/* The name of the program: of the first client identity that has one, else of the first of any
 * kind. (nullable) */
const char *ferry_disco_info_get_name (const FerryDiscoInfo *self);

/* The text S of XEP-0115 §5.1 that is hashed. */
char *ferry_disco_info_dup_caps_text (const FerryDiscoInfo *self);
/* Its hash in base64, as in `ver`. Returns: (transfer full) (nullable): %NULL for an algorithm
 * that is not there */
char *ferry_disco_info_dup_ver (const FerryDiscoInfo *self, FerryHashAlgo algo);
/**
 * ferry_disco_info_verify:
 * @hash: name of the algorithm in the presence
 * @ver: value in the presence
 *
 * Returns: may @self stand for @ver everywhere? Not if the hash differs, or if @self is built
 * so that another answer could have the same hash (XEP-0115 §5.4)
 */
gboolean
ferry_disco_info_verify (const FerryDiscoInfo *self, const char *hash, const char *ver);

G_END_DECLS
