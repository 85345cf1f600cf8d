/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryRange: a part of a file, as SI (XEP-0096 §3) and Jingle (XEP-0234 §5.1) ask for it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 offset;
  gint64 length; /* -1: to the end */
} FerryRange;

#define FERRY_RANGE_WHOLE ((FerryRange){ 0, -1 })

/**
 * ferry_range_parse:
 * @offset: (nullable): attribute as the peer wrote it; absent is 0
 * @length: (nullable): absent, or 0 as iris writes it, is "to the end"
 * @size: of the file, bytes; -1 if unknown
 * @out: (out caller-allocates): the range; untouched on failure
 *
 * Compares without adding, so that nothing wraps.
 *
 * Returns: %FALSE if one is no number, or the range is not inside the file
 */
gboolean
ferry_range_parse (const char *offset, const char *length, gint64 size, FerryRange *out);
/* Is it inside a file of @size bytes (-1: unknown)? */
gboolean ferry_range_fits (const FerryRange *self, gint64 size);
/* All of a file of @size bytes? */
gboolean ferry_range_is_whole (const FerryRange *self, gint64 size);
/* @size: not less than the range needs. Returns: bytes in it */
guint64 ferry_range_get_length (const FerryRange *self, gint64 size);

G_END_DECLS
