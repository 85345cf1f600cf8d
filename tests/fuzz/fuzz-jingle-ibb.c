/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An in-band transport that parses is within its limits and prints to one that parses alike. */
#include "signalling/jingle/ferry-jingle-ibb.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  g_autoptr (FerryJingleIbb) ibb = ferry_jingle_ibb_parse (node, NULL);
  if (ibb == NULL)
    return 0;

  g_assert_cmpuint (ibb->block_size, >=, 1);
  g_assert_cmpuint (ibb->block_size, <=, 65535);
  g_autoptr (FerryNode) printed = ferry_jingle_ibb_to_node (ibb);
  g_autoptr (FerryJingleIbb) again = ferry_jingle_ibb_parse (printed, NULL);
  g_assert_nonnull (again);
  g_assert_cmpstr (ibb->sid, ==, again->sid);
  g_assert_cmpuint (ibb->block_size, ==, again->block_size);
  return 0;
}
