/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySocks5: the dialogue that begins every SOCKS5 bytestream (XEP-0065 §5, RFC 1928), as a
 * pure machine for either side. It knows a destination, which is a hash, and nothing of files,
 * senders or receivers. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The longest message of the dialogue: a request or reply with a name of 255 bytes. */
#define FERRY_SOCKS5_MAX_BYTES 262
/* DST.ADDR in bytestreams is SHA-1 in hex; a `dstaddr` attribute may make it longer. */
#define FERRY_SOCKS5_HASH_LENGTH 40
#define FERRY_SOCKS5_MAX_DESTINATION 255

typedef enum
{
  FERRY_SOCKS5_DIAL,
  FERRY_SOCKS5_ACCEPT,
} FerrySocks5Role;

/**
 * FerrySocks5Status:
 * @FERRY_SOCKS5_TALKING: more bytes are needed
 * @FERRY_SOCKS5_GREETED: role DIAL: the same, and the listener has agreed to talk SOCKS5
 * @FERRY_SOCKS5_ASKED: role ACCEPT: the destination is known, ferry_socks5_answer() is awaited
 * @FERRY_SOCKS5_DONE: what comes now belongs to the stream
 * @FERRY_SOCKS5_FAILED: close the connection when the output is written
 */
typedef enum
{
  FERRY_SOCKS5_TALKING,
  FERRY_SOCKS5_GREETED,
  FERRY_SOCKS5_ASKED,
  FERRY_SOCKS5_DONE,
  FERRY_SOCKS5_FAILED,
} FerrySocks5Status;

/* On the stack or inside a driver; nothing to free. The fields are private. */
typedef struct
{
  guint state;
  gsize n_needed; /* bytes that complete the message part being read */
  gsize n_have;
  guint8 bytes[FERRY_SOCKS5_MAX_BYTES];
  char destination[FERRY_SOCKS5_MAX_DESTINATION + 1];
  guint8 request[FERRY_SOCKS5_MAX_BYTES]; /* ACCEPT: the address part, for the echo */
  gsize n_request;
} FerrySocks5;

/**
 * ferry_socks5_init_dial:
 * @self: the machine
 * @destination: DST.ADDR, 1 to 255 bytes
 * @out: where bytes to write are appended: now the greeting
 *
 * The request follows, in one piece, only when the answer to the greeting was read: Prosody and
 * Gajim take each of their reads for a whole message.
 */
void ferry_socks5_init_dial (FerrySocks5 *self, const char *destination, GByteArray *out);
void ferry_socks5_init_accept (FerrySocks5 *self);

/**
 * ferry_socks5_step:
 * @data: bytes that arrived
 * @size: their number
 * @out: where bytes to write are appended; each call's output is to be written at once
 *
 * Returns: how many bytes were taken. The rest came after the dialogue (or waits for
 *   ferry_socks5_answer()) and belongs to whoever gets the connection.
 */
gsize ferry_socks5_step (FerrySocks5 *self, const guint8 *data, gsize size, GByteArray *out);
/* ACCEPT, when ASKED: is the destination awaited? */
void ferry_socks5_answer (FerrySocks5 *self, gboolean is_awaited, GByteArray *out);
/* DIAL: nothing came for 2 s. A reply cut after two bytes is then complete (old gabble). */
void ferry_socks5_quiet (FerrySocks5 *self);

FerrySocks5Status ferry_socks5_get_status (const FerrySocks5 *self);
/* At most so many bytes can be read from the connection without taking any of the stream's. */
gsize ferry_socks5_get_wanted (const FerrySocks5 *self);
/* Is the reply one that ferry_socks5_quiet() would complete? */
gboolean ferry_socks5_is_half_replied (const FerrySocks5 *self);
/* When ASKED or later: what was asked for, in lower case. */
const char *ferry_socks5_get_destination (const FerrySocks5 *self);

G_END_DECLS
