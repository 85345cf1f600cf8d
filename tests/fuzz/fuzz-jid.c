/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An address that parses must parse again from its normalised text, to an equal address. */
#include "base/ferry-jid.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (FerryJid) jid = ferry_jid_new (text, NULL);
  if (jid == NULL)
    return 0;

  g_autoptr (FerryJid) again = ferry_jid_new (ferry_jid_get_text (jid), NULL);
  g_assert_nonnull (again);
  g_assert_true (ferry_jid_equal (jid, again));
  return 0;
}
