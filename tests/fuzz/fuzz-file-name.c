/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a peer calls its file, the result is one visible component that a second run leaves
 * as it is, with or without a number. */
#include "base/ferry-file-name.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_name (const char *name)
{
  g_assert_true (g_utf8_validate (name, -1, NULL));
  g_assert_cmpuint (strlen (name), >, 0);
  g_assert_cmpuint (strlen (name), <=, FERRY_FILE_NAME_MAX_BYTES);
  g_assert_null (strpbrk (name, "/\\<>:\"|?*"));
  g_assert_null (strchr (".-~", name[0]));
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      g_assert_false (g_unichar_iscntrl (c) || c == 0x061c || c == 0x200e || c == 0x200f);
      g_assert_false ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069));
    }

  g_autofree char *again = ferry_file_name_sanitize (name, NULL, NULL);
  g_assert_cmpstr (again, ==, name);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *raw = g_strndup ((const char *) data, size);
  g_autofree char *name = ferry_file_name_sanitize (raw, raw, NULL);
  g_autofree char *numbered = ferry_file_name_with_number (name, 1 + (guint) size);

  check_name (name);
  check_name (numbered);
  ferry_file_name_is_runnable (name);
  return 0;
}
