/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-range.h"

#include "base/ferry-decimal.h"

/* An attribute that is absent leaves @out alone. */
static gboolean
parse_number (const char *text, guint64 max, guint64 *out)
{
  return text == NULL || ferry_decimal_parse (text, max, out);
}

gboolean
ferry_range_parse (const char *offset, const char *length, gint64 size, FerryRange *out)
{
  guint64 end = size >= 0 ? (guint64) size : FERRY_SIZE_MAX;
  guint64 first = 0, n_bytes = 0;

  if (!parse_number (offset, end, &first) || !parse_number (length, end - first, &n_bytes))
    return FALSE;
  out->offset = first;
  out->length = n_bytes > 0 ? (gint64) n_bytes : -1;
  return TRUE;
}

gboolean
ferry_range_fits (const FerryRange *self, gint64 size)
{
  guint64 end = size >= 0 ? (guint64) size : FERRY_SIZE_MAX;

  return self->offset <= end &&
         (self->length < 0 || (guint64) self->length <= end - self->offset);
}

gboolean
ferry_range_is_whole (const FerryRange *self, gint64 size)
{
  return self->offset == 0 && (self->length < 0 || self->length == size);
}

guint64
ferry_range_get_length (const FerryRange *self, gint64 size)
{
  return self->length >= 0 ? (guint64) self->length : (guint64) size - self->offset;
}
