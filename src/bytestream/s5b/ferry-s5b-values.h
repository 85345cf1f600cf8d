/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single values that a peer or a proxy names, and their limits; in both dialects of SOCKS5
 * bytestreams the same. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Is it 1 to 256 bytes long: an id of a stream or of a candidate? @text: (nullable) */
gboolean ferry_s5b_is_id (const char *text);
/* A name or an address: 1 to 253 bytes. @text: (nullable) */
gboolean ferry_s5b_is_host (const char *text);
/* DST.ADDR of RFC 1928, in ASCII: 1 to 255 bytes. @text: (nullable) */
gboolean ferry_s5b_is_dstaddr (const char *text);
/* @text: (nullable). Returns: whether it is a port from 1 to 65535, then in @port */
gboolean ferry_s5b_parse_port (const char *text, guint16 *port);

G_END_DECLS
