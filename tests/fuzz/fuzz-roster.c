/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every item that is read from a roster has a bare address and keeps the limits. */
#include "xmpp/ferry-roster.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  if (node == NULL)
    return 0;

  g_autoptr (GPtrArray) items = ferry_roster_parse (node);
  for (guint i = 0; i < items->len; i++)
    {
      const FerryRosterItem *item = items->pdata[i];
      g_assert_true (ferry_jid_is_bare (item->jid));
      g_assert_nonnull (item->subscription);
      g_assert_cmpuint (g_strv_length (item->groups), <=, 50);
      if (item->name != NULL)
        {
          g_assert_cmpuint (strlen (item->name), <=, 1023);
          g_assert_true (g_utf8_validate (item->name, -1, NULL));
        }
    }
  return 0;
}
