/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryIbbBytestream: an in-band bytestream (XEP-0047). One end of a socket pair is handed up;
 * the other is read block by block into stanzas, and what arrives is written to it. */
#pragma once

#include "bytestream/ferry-bytestream.h"
#include "bytestream/ibb/ferry-ibb-service.h"
#include "bytestream/ibb/ferry-ibb.h"

G_BEGIN_DECLS

#define FERRY_IBB_BLOCK_SIZE 4096 /* what every known peer takes */

#define FERRY_TYPE_IBB_BYTESTREAM (ferry_ibb_bytestream_get_type ())
G_DECLARE_FINAL_TYPE (FerryIbbBytestream, ferry_ibb_bytestream, FERRY, IBB_BYTESTREAM, GObject)

/**
 * ferry_ibb_bytestream_new:
 * @service: shared part; the stream is known to it, and may be opened by the peer, from now on
 * @peer: the full JID at the other end
 * @sid: the agreed stream id
 * @block_size: the agreed size of a block, bytes before base64
 * @role: who opens
 */
FerryIbbBytestream *ferry_ibb_bytestream_new (FerryIbbService *service,
                                              FerryJid *peer,
                                              const char *sid,
                                              guint block_size,
                                              FerryIbbRole role);

/* Has it come to its end in order? What arrived may still wait in our side of the pipe. */
gboolean ferry_ibb_bytestream_is_complete (FerryIbbBytestream *self);

/* Signal "note" (const char *text), as of FerryS5bBytestream. */

G_END_DECLS
