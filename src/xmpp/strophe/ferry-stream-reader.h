/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryStreamReader: the beginning of an XMPP stream (RFC 6120 §4), bytes to elements, through
 * the guard. Used where Ferry itself has to understand the server: for STARTTLS, and while the
 * login goes by. Pure. */
#pragma once

#include "base/ferry-node.h"
#include "xmpp/strophe/ferry-xml-guard.h"

G_BEGIN_DECLS

typedef struct
{
  FerryXmlGuard guard;
  GString *header; /* start tag of the stream: it declares the prefixes used inside */
  GString *stanza;
  gboolean is_open; /* the header is complete */
} FerryStreamReader;

void ferry_stream_reader_init (FerryStreamReader *self);
void ferry_stream_reader_clear (FerryStreamReader *self);
/* The stream starts over on the same connection (RFC 6120 §4.3.3). */
void ferry_stream_reader_restart (FerryStreamReader *self);

/**
 * ferry_stream_reader_read:
 * @data: bytes from the server
 * @length: how many
 * @n_taken: (out): how many were taken; call again with the rest
 * @error: %FERRY_ERROR_PROTOCOL, %FERRY_ERROR_LIMIT; %FERRY_ERROR_SERVER if the stream ended
 *
 * Returns: (transfer full) (nullable): the next child of the stream, or %NULL without an error
 *   when more bytes are needed
 */
FerryNode *ferry_stream_reader_read (
    FerryStreamReader *self, const char *data, gsize length, gsize *n_taken, GError **error);

G_END_DECLS
