/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three elements of in-band bytestreams (XEP-0047) as plain values. Everything read comes
 * from a peer; strings are borrowed from the node. */
#pragma once

#include "base/ferry-node.h"

G_BEGIN_DECLS

#define FERRY_IBB_MAX_BLOCK_SIZE 65535
#define FERRY_IBB_MAX_SID 256

/**
 * FerryIbbStanza:
 * @FERRY_IBB_STANZA_UNSAID: no attribute: iqs by the XEP, but Coccinella sends messages
 * @FERRY_IBB_STANZA_IQ: blocks are iqs, and acknowledged
 * @FERRY_IBB_STANZA_MESSAGE: blocks are messages, which nothing acknowledges
 */
typedef enum
{
  FERRY_IBB_STANZA_UNSAID,
  FERRY_IBB_STANZA_IQ,
  FERRY_IBB_STANZA_MESSAGE,
} FerryIbbStanza;

typedef struct
{
  const char *sid;
  guint block_size; /* 1 to 65535 bytes before base64 */
  FerryIbbStanza stanza;
} FerryIbbOpen;

typedef struct
{
  const char *sid;
  guint16 seq;
  const char *text; /* base64 as it came */
  gsize text_length;
} FerryIbbData;

/* All parsers fail with %FERRY_ERROR_PROTOCOL. */
gboolean ferry_ibb_open_parse (const FerryNode *node, FerryIbbOpen *out, GError **error);
gboolean ferry_ibb_data_parse (const FerryNode *node, FerryIbbData *out, GError **error);

/**
 * ferry_ibb_data_decode:
 * @self: a parsed block
 * @block_size: the agreed size; more is an error
 * @error: %FERRY_ERROR_PROTOCOL
 *
 * Decodes base64 (RFC 4648 §4) strictly: padded, nothing after the padding, no set bits below
 * it. Only white space is skipped: Coccinella breaks its lines.
 *
 * Returns: (transfer full) (nullable): the bytes, possibly none
 */
GBytes *ferry_ibb_data_decode (const FerryIbbData *self, guint block_size, GError **error);

FerryNode *ferry_ibb_open_to_node (const FerryIbbOpen *open);
FerryNode *
ferry_ibb_data_to_node (const char *sid, guint16 seq, gconstpointer data, gsize size);
FerryNode *ferry_ibb_close_to_node (const char *sid);

G_END_DECLS
