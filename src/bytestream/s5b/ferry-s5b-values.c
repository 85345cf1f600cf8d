/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-s5b-values.h"

#include "base/ferry-decimal.h"

#include <string.h>

#define MAX_ID_BYTES 256
#define MAX_HOST_BYTES 253 /* RFC 1035 §2.3.4 */
#define MAX_DSTADDR_BYTES 255

static gboolean
has_length (const char *text, size_t max)
{
  return text != NULL && text[0] != '\0' && strlen (text) <= max;
}

gboolean
ferry_s5b_is_id (const char *text)
{
  return has_length (text, MAX_ID_BYTES);
}

gboolean
ferry_s5b_is_host (const char *text)
{
  return has_length (text, MAX_HOST_BYTES);
}

gboolean
ferry_s5b_is_dstaddr (const char *text)
{
  if (!has_length (text, MAX_DSTADDR_BYTES))
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isprint (*p))
      return FALSE;
  return TRUE;
}

gboolean
ferry_s5b_parse_port (const char *text, guint16 *port)
{
  guint64 value;

  if (!ferry_decimal_parse (text, G_MAXUINT16, &value) || value == 0)
    return FALSE;
  *port = (guint16) value;
  return TRUE;
}
