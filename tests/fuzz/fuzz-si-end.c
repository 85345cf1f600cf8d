/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What parses as a last word has an id of a possible length and is said again in the same way.
 */
#include "signalling/si/ferry-si-end.h"
#include "signalling/si/ferry-si-offer.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* What a peer is told of an error of ours is the kind of it, so that of their words some come
 * back as others: who hears "gone" does not say it, but goes. */
static void
check_said_again (const FerrySiEnd *end)
{
  g_autoptr (GError) error = g_error_new (FERRY_ERROR, (int) end->code, "why");
  g_autoptr (FerryNode) node = ferry_si_end_to_node (end->sid, end->is_received ? NULL : error);
  FerrySiEnd again;

  if (node == NULL)
    return;
  g_assert_true (ferry_si_end_parse (node, &again));
  g_assert_cmpstr (again.sid, ==, end->sid);
  g_assert_cmpint (again.is_received, ==, end->is_received);
  g_assert_cmpint (again.code, ==, end->code);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  FerrySiEnd end;

  if (node == NULL || !ferry_si_end_parse (node, &end))
    return 0;
  g_assert_cmpuint (strlen (end.sid), >, 0);
  g_assert_cmpuint (strlen (end.sid), <=, FERRY_SI_MAX_ID);
  g_assert_true (end.is_received == (end.message == NULL));
  check_said_again (&end);
  return 0;
}
