/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML → struct → XML: what is read keeps the limits, and what is written reads back the same.
 */
#include "bytestream/s5b/ferry-jingle-s5b.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_candidate (const FerryCandidate *candidate)
{
  g_assert_cmpuint (strlen (candidate->cid), >, 0);
  g_assert_cmpuint (strlen (candidate->host), >, 0);
  g_assert_cmpuint (strlen (candidate->host), <=, 253);
  g_assert_cmpuint (candidate->port, >, 0);
  g_assert_cmpuint (candidate->priority, >, 0);
  g_assert_cmpuint (candidate->priority, <=, G_MAXINT32);
  g_assert_nonnull (candidate->jid);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  g_autoptr (FerryJingleS5b) s5b = node != NULL ? ferry_jingle_s5b_parse (node, NULL) : NULL;
  if (s5b == NULL)
    return 0;

  g_assert_cmpuint (s5b->candidates->len, <=, FERRY_JINGLE_S5B_MAX_CANDIDATES);
  for (guint i = 0; i < s5b->candidates->len; i++)
    check_candidate (s5b->candidates->pdata[i]);

  g_autoptr (FerryNode) written = ferry_jingle_s5b_to_node (s5b);
  g_autoptr (FerryJingleS5b) again = ferry_jingle_s5b_parse (written, NULL);
  g_assert_nonnull (again);
  g_autoptr (FerryNode) rewritten = ferry_jingle_s5b_to_node (again);
  g_assert_true (ferry_node_equal (written, rewritten));
  return 0;
}
