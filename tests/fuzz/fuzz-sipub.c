/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What parses as an announcement keeps its promises and prints to what parses to the same; of a
 * message no more is read than the limit. */
#include "signalling/si/ferry-si-offer.h"
#include "signalling/si/ferry-sipub.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_id (const char *id)
{
  g_assert_true (id == NULL || (id[0] != '\0' && strlen (id) <= FERRY_SI_MAX_ID));
}

static void
check_sipub (const FerrySipub *sipub)
{
  check_id (sipub->id);
  g_assert_cmpint (sipub->file->size, >=, 0);

  g_autoptr (FerryNode) printed = ferry_sipub_to_node (sipub);
  g_autoptr (FerrySipub) again = ferry_sipub_parse (printed, NULL);
  g_assert_nonnull (again);
  g_autoptr (FerryNode) printed_again = ferry_sipub_to_node (again);
  g_assert_true (ferry_node_equal (printed, printed_again));

  g_autoptr (FerryNode) start = ferry_sipub_start_to_node (sipub);
  g_assert_cmpstr (ferry_sipub_start_parse (start), ==, sipub->id);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);

  if (node == NULL)
    return 0;
  g_autoptr (FerrySipub) sipub = ferry_sipub_parse (node, NULL);
  if (sipub != NULL)
    check_sipub (sipub);
  g_autoptr (GPtrArray) list = ferry_sipub_list (node);
  g_assert_cmpuint (list->len, <=, FERRY_SIPUB_MAX_LIST);
  for (guint i = 0; i < list->len; i++)
    check_sipub (list->pdata[i]);
  check_id (ferry_sipub_start_parse (node));
  check_id (ferry_sipub_starting_parse (node));
  return 0;
}
