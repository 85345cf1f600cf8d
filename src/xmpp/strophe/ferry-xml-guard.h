/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryXmlGuard: looks at the bytes a server sends before the XML parser does, which has no
 * limits of its own. It knows just enough XML to count: where elements begin and end, how deep
 * they nest, how large a stanza grows, and that there is nothing in it that XMPP forbids. What
 * it lets through may still not be well-formed; what it refuses must not reach the parser.
 *
 * A pure scanner: no allocation, no input of its own, and the same verdict however the bytes
 * are cut into pieces. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Elements in one stanza, and its bytes. Servers allow 64 KiB to 512 KiB; real stanzas have
 * some hundred elements (a large roster is the largest). */
#define FERRY_XML_GUARD_MAX_ELEMENTS 16384
#define FERRY_XML_GUARD_MAX_STANZA_BYTES (512 * 1024)

/**
 * FerryXmlGuardEvent:
 * @FERRY_XML_GUARD_MORE: all bytes were looked at
 * @FERRY_XML_GUARD_STREAM_START: the start tag of the stream ended with the last byte taken
 * @FERRY_XML_GUARD_STANZA: a child element of the stream ended with the last byte taken
 * @FERRY_XML_GUARD_STREAM_END: the stream was closed with the last byte taken
 * @FERRY_XML_GUARD_FAILED: refused, now and for all further bytes
 */
typedef enum
{
  FERRY_XML_GUARD_MORE,
  FERRY_XML_GUARD_STREAM_START,
  FERRY_XML_GUARD_STANZA,
  FERRY_XML_GUARD_STREAM_END,
  FERRY_XML_GUARD_FAILED,
} FerryXmlGuardEvent;

typedef struct
{
  int state;
  guint depth;      /* open elements, the stream included */
  guint n_matched;  /* bytes of "[CDATA[" seen */
  guint n_elements; /* in the stanza that is open */
  gsize n_bytes;    /* of the stanza that is open, or of the stream's start tag */
  gboolean began;   /* anything was seen; an XML declaration is too late now */
  const char *reason;
  gboolean is_limit;
} FerryXmlGuard;

/* Also for a stream that starts over on the same connection. */
void ferry_xml_guard_init (FerryXmlGuard *self);

/**
 * ferry_xml_guard_step:
 * @data: bytes from the server
 * @length: how many
 * @n_taken: (out): how many were looked at
 *
 * Looks at bytes up to the next event.
 */
FerryXmlGuardEvent
ferry_xml_guard_step (FerryXmlGuard *self, const char *data, gsize length, gsize *n_taken);

/* After %FERRY_XML_GUARD_FAILED: sets %FERRY_ERROR_LIMIT or %FERRY_ERROR_PROTOCOL. */
void ferry_xml_guard_set_error (const FerryXmlGuard *self, GError **error);

G_END_DECLS
