/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/ferry-decimal.h"

#include <string.h>

/* 19 digits always fit in 64 unsigned bits, so the sum below cannot wrap. */
#define MAX_DIGITS 19

gboolean
ferry_decimal_parse (const char *text, guint64 max, guint64 *out)
{
  g_return_val_if_fail (out != NULL, FALSE);

  if (text == NULL)
    return FALSE;
  size_t n_digits = strspn (text, "0123456789");
  if (n_digits == 0 || n_digits > MAX_DIGITS || text[n_digits] != '\0')
    return FALSE;

  guint64 value = 0;
  for (size_t i = 0; i < n_digits; i++)
    value = value * 10 + (guint64) (text[i] - '0');
  if (value > max)
    return FALSE;
  *out = value;
  return TRUE;
}
