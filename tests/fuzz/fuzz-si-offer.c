/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What parses as an offer or as an answer keeps its promises, and prints to what parses to the
 * same. */
#include "base/ferry-decimal.h"
#include "signalling/si/ferry-si-offer.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_methods (const FerrySiMethods *methods)
{
  g_assert_cmpuint (methods->n_items, >=, 1);
  g_assert_cmpuint (methods->n_items, <=, 2);
  g_assert_true (methods->n_items == 1 || methods->items[0] != methods->items[1]);
}

static void
check_offer (const FerrySiOffer *offer)
{
  FerrySiRefusal refusal;

  check_methods (&offer->methods);
  g_assert_cmpint (offer->file->size, >=, 0);
  g_assert_cmpuint (strlen (offer->file->name), <=, 1023);
  g_assert_cmpuint (strlen (offer->id), <=, FERRY_SI_MAX_ID);

  g_autoptr (FerryNode) printed =
      ferry_si_offer_to_node (offer->id, offer->file, offer->methods, &offer->security);
  g_autoptr (FerrySiOffer) again = ferry_si_offer_parse (printed, &refusal, NULL);
  g_assert_nonnull (again);
  g_assert_true (ferry_security_equal (&again->security, &offer->security));
  g_autoptr (FerryNode) printed_again =
      ferry_si_offer_to_node (again->id, again->file, again->methods, &again->security);
  g_assert_true (ferry_node_equal (printed, printed_again));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  FerrySiRefusal refusal;
  FerrySiAnswer answer;

  if (node == NULL)
    return 0;
  g_autoptr (FerrySiOffer) offer = ferry_si_offer_parse (node, &refusal, NULL);
  g_assert_true ((offer == NULL) == (refusal != FERRY_SI_REFUSAL_NONE));
  if (offer != NULL)
    check_offer (offer);
  if (ferry_si_answer_parse (node, 1000, &answer, NULL))
    {
      check_methods (&answer.methods);
      g_assert_true (ferry_range_fits (&answer.range, 1000));
      g_autoptr (FerryNode) printed = ferry_si_answer_to_node (
          answer.methods, answer.is_multiple, &answer.range, &answer.security);
      FerrySiAnswer again;
      g_assert_true (ferry_si_answer_parse (printed, 1000, &again, NULL));
      g_assert_cmpuint (again.range.offset, ==, answer.range.offset);
      g_assert_cmpint (again.range.length, ==, answer.range.length);
      g_assert_cmpuint (again.methods.n_items, ==, answer.methods.n_items);
      g_assert_true (ferry_security_equal (&again.security, &answer.security));
    }
  return 0;
}
