/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A presence reads as one with all values in their ranges, or as none. */
#include "xmpp/ferry-presence.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  if (node == NULL)
    return 0;

  g_autoptr (FerryJid) from = ferry_jid_new ("ben@south.example/sofa", NULL);
  g_autoptr (FerryPresenceInfo) info = ferry_presence_info_parse (node, from, 1);
  if (info == NULL)
    return 0;
  g_assert_cmpint (info->priority, >=, -128);
  g_assert_cmpint (info->priority, <=, 127);
  g_assert_cmpuint (info->show, <=, FERRY_SHOW_DND);
  g_assert_true (info->status == NULL ||
                 (strlen (info->status) <= 1023 && g_utf8_validate (info->status, -1, NULL)));
  if (info->caps != NULL)
    {
      g_autoptr (FerryCaps) copy = ferry_caps_copy (info->caps);
      g_assert_true (ferry_caps_equal (copy, info->caps));
      g_assert_cmpint (*copy->ver, !=, '\0');
    }
  return 0;
}
