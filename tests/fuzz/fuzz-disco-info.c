/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was read from a disco#info answer, printed and read again, has the same hash. */
#include "xmpp/ferry-disco-info.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  g_autoptr (FerryDiscoInfo) info = node != NULL ? ferry_disco_info_parse (node, NULL) : NULL;
  if (info == NULL)
    return 0;

  g_autofree char *text = ferry_disco_info_dup_caps_text (info);
  g_autofree char *ver = ferry_disco_info_dup_ver (info, FERRY_HASH_SHA1);
  g_autoptr (FerryNode) printed = ferry_disco_info_to_node (info, NULL);
  g_autoptr (FerryDiscoInfo) again = ferry_disco_info_parse (printed, NULL);
  g_autofree char *text_again = ferry_disco_info_dup_caps_text (again);
  g_assert_cmpstr (text, ==, text_again);
  g_assert_false (ferry_disco_info_verify (info, "sha-1", "AAAA"));
  /* What is believed stays believable when it comes from our cache. */
  if (ferry_disco_info_verify (info, "sha-1", ver))
    g_assert_true (ferry_disco_info_verify (again, "sha-1", ver));
  return 0;
}
