/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guard's verdict does not depend on how the bytes are cut: at once, one by one, and in
 * pieces whose sizes come from the input. */
#include "xmpp/strophe/ferry-xml-guard.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct
{
  guint n_events[FERRY_XML_GUARD_FAILED + 1];
  guint depth;
} Verdict;

/* @piece: bytes at a time; 0: as the input says */
static Verdict
judge (const guint8 *data, gsize size, gsize piece)
{
  FerryXmlGuard guard;
  Verdict verdict = { 0 };

  ferry_xml_guard_init (&guard);
  for (gsize at = 0; at < size;)
    {
      gsize n_taken;
      gsize length = piece > 0 ? piece : 1u + data[at] % 7;
      FerryXmlGuardEvent event = ferry_xml_guard_step (&guard, (const char *) data + at,
                                                       MIN (length, size - at), &n_taken);
      g_assert_cmpuint (n_taken, >, 0);
      g_assert_cmpuint (n_taken, <=, MIN (length, size - at));
      at += n_taken;
      if (event != FERRY_XML_GUARD_MORE)
        verdict.n_events[event]++;
      if (event == FERRY_XML_GUARD_FAILED)
        break;
    }
  verdict.depth = guard.depth;
  return verdict;
}

static void
assert_same (const Verdict *a, const Verdict *b)
{
  for (guint i = 0; i < G_N_ELEMENTS (a->n_events); i++)
    g_assert_cmpuint (a->n_events[i], ==, b->n_events[i]);
  g_assert_cmpuint (a->depth, ==, b->depth);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Verdict whole = judge (data, size, size + 1);
  Verdict bytes = judge (data, size, 1);
  Verdict pieces = judge (data, size, 0);

  assert_same (&whole, &bytes);
  assert_same (&whole, &pieces);
  return 0;
}
