/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML text → node → text → node: what was read once must read the same again. */
#include "base/ferry-node.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  if (node == NULL)
    return 0;

  g_autofree char *text = ferry_node_to_string (node);
  g_autoptr (FerryNode) again = ferry_node_parse (text, -1, NULL);
  g_assert_nonnull (again);
  g_autofree char *text_again = ferry_node_to_string (again);
  g_assert_cmpstr (text, ==, text_again);
  return 0;
}
