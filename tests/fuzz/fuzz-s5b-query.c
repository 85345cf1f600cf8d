/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML → struct → XML: what is read keeps the limits, and what is written reads back the same.
 */
#include "bytestream/s5b/ferry-s5b-wire-si.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_offer (const FerryS5bQuery *query)
{
  guint n_proxies = 0;

  g_assert_cmpuint (strlen (query->sid), >, 0);
  g_assert_cmpuint (strlen (query->sid), <=, 256);
  g_assert_cmpuint (query->candidates->len, <=, FERRY_S5B_QUERY_MAX_CANDIDATES);
  for (guint i = 0; i < query->candidates->len; i++)
    {
      const FerryCandidate *candidate = query->candidates->pdata[i];
      g_assert_cmpuint (strlen (candidate->host), >, 0);
      g_assert_cmpuint (strlen (candidate->host), <=, 253);
      g_assert_cmpuint (candidate->port, >, 0);
      g_assert_cmpuint (candidate->priority, >, 0);
      n_proxies += ferry_candidate_is_proxy (candidate);
    }
  g_assert_cmpuint (n_proxies, <=, FERRY_S5B_QUERY_MAX_PROXIES);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  g_autoptr (FerryJid) from = ferry_jid_new ("anna@north.example/desk", NULL);
  g_autoptr (FerryS5bQuery) query =
      node != NULL ? ferry_s5b_query_parse (node, from, NULL) : NULL;
  if (query == NULL)
    return 0;

  if (query->kind == FERRY_S5B_QUERY_OFFER)
    check_offer (query);
  g_autoptr (FerryNode) written = ferry_s5b_query_to_node (query);
  g_autoptr (FerryS5bQuery) again = ferry_s5b_query_parse (written, from, NULL);
  g_assert_nonnull (again);
  g_assert_cmpint (again->kind, ==, query->kind);
  g_assert_cmpuint (again->candidates->len, ==, query->candidates->len);
  g_autoptr (FerryNode) rewritten = ferry_s5b_query_to_node (again);
  g_assert_true (ferry_node_equal (written, rewritten));
  return 0;
}
