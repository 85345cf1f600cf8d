/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A description of a file that parses keeps its promises about limits, and prints to one that
 * parses to the same. */
#include "base/ferry-decimal.h"
#include "signalling/jingle/ferry-jingle-file.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  FerryRange range = FERRY_RANGE_WHOLE;
  FerryHash hash = { FERRY_HASH_NONE };

  if (node == NULL)
    return 0;
  if (ferry_jingle_checksum_parse (node, FERRY_JINGLE_INITIATOR, "file", &hash))
    g_assert_cmpuint (ferry_hash_algo_get_length (hash.algo), >, 0);

  g_autoptr (FerryFileInfo) file = ferry_jingle_file_parse (node, &range, NULL);
  if (file == NULL)
    return 0;
  g_assert_cmpint (file->size, >=, -1);
  g_assert_true (file->desc == NULL ||
                 (strlen (file->desc) <= 2048 && g_utf8_validate (file->desc, -1, NULL)));
  g_assert_true (ferry_range_fits (&range, file->size));

  g_autoptr (FerryNode) printed =
      ferry_jingle_file_to_node (file, file->ranged ? &range : NULL);
  g_autoptr (FerryFileInfo) again = ferry_jingle_file_parse (printed, &range, NULL);
  g_assert_nonnull (again);
  g_autoptr (FerryNode) printed_again =
      ferry_jingle_file_to_node (again, again->ranged ? &range : NULL);
  g_assert_true (ferry_node_equal (printed, printed_again));
  return 0;
}
