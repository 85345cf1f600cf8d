/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The in-band transport of Jingle (XEP-0261): what the two sides agree on before XEP-0047
 * carries the bytes. */
#pragma once

#include "base/ferry-node.h"

G_BEGIN_DECLS

typedef struct
{
  char *sid;
  guint block_size; /* bytes before base64, 1 … 65535 */
} FerryJingleIbb;

/**
 * ferry_jingle_ibb_parse:
 * @transport: (nullable): a `<transport/>` in `urn:xmpp:jingle:transports:ibb:1`
 * @error: %FERRY_ERROR_PROTOCOL if the sid or the block size is missing or not possible
 *
 * Returns: (transfer full) (nullable): what was offered or answered
 */
FerryJingleIbb *ferry_jingle_ibb_parse (FerryNode *transport, GError **error);
FerryNode *ferry_jingle_ibb_to_node (const FerryJingleIbb *self);

FerryJingleIbb *ferry_jingle_ibb_new (const char *sid, guint block_size);
void ferry_jingle_ibb_free (FerryJingleIbb *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryJingleIbb, ferry_jingle_ibb_free)

G_END_DECLS
