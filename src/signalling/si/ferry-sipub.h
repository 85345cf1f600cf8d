/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Published requests (XEP-0137) as plain values: a file that its owner has for whoever asks,
 * the question, and the answer. */
#pragma once

#include "base/ferry-jid.h"
#include "base/ferry-node.h"
#include "signalling/ferry-file-info.h"

G_BEGIN_DECLS

/* Of one message, at most so many are read. */
#define FERRY_SIPUB_MAX_LIST 8

typedef struct
{
  char *id;            /* at its owner; 1 to FERRY_SI_MAX_ID bytes */
  FerryJid *owner;     /* nullable: whoever says it */
  FerryFileInfo *file; /* name and size are there */
  const char *ns; /* static: of the XEP, or of Coccinella; the question is put in the same */
} FerrySipub;

void ferry_sipub_free (FerrySipub *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrySipub, ferry_sipub_free)

/**
 * ferry_sipub_parse:
 * @sipub: a `<sipub/>`
 * @error: %FERRY_ERROR_PROTOCOL, or %FERRY_ERROR_UNSUPPORTED if it is no file
 *
 * Returns: (transfer full) (nullable): what is published
 */
FerrySipub *ferry_sipub_parse (const FerryNode *sipub, GError **error);
FerryNode *ferry_sipub_to_node (const FerrySipub *self);
/**
 * ferry_sipub_list:
 * @message: may hold announcements itself, or be the event of a node of pubsub
 *
 * Returns: (transfer full) (element-type FerrySipub): those that make sense; from a node only
 *   those that name their owner, because the service is none (XEP-0137 §3.1)
 */
GPtrArray *ferry_sipub_list (const FerryNode *message);

/* `<start/>`: the question. */
FerryNode *ferry_sipub_start_to_node (const FerrySipub *self);
/* Returns: (nullable): the id that is asked for; borrowed */
const char *ferry_sipub_start_parse (const FerryNode *start);

/* `<starting/>`: the answer, in the namespace of the question. */
FerryNode *ferry_sipub_starting_to_node (const char *ns, const char *sid);
/* @iq: the result. Returns: (nullable): the stream id of the offer that comes; borrowed */
const char *ferry_sipub_starting_parse (const FerryNode *iq);

G_END_DECLS
