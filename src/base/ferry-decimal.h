/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers that come from a peer: digits only, no sign, no blank, no surprise. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The largest file size, offset and length: fits off_t and gint64. */
#define FERRY_SIZE_MAX ((guint64) G_MAXINT64)

/**
 * ferry_decimal_parse:
 * @text: (nullable): what the peer wrote
 * @max: the largest value allowed
 * @out: (out): the value; untouched on failure
 *
 * Reads an unsigned decimal of 1 to 19 ASCII digits; leading zeros are allowed, anything else
 * (sign, blank, hexadecimal, exponent) is not.
 *
 * Returns: %FALSE if @text is absent, malformed or above @max
 */
gboolean ferry_decimal_parse (const char *text, guint64 max, guint64 *out);

G_END_DECLS
