/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any events in any order: each action of the peer is answered once and first, the end comes at
 * most once, nothing but acknowledgements follows it, and timeouts alone end every run. */
#include "signalling/jingle/ferry-jingle-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct
{
  FerryJingleMachine machine;
  guint n_ends;
} Run;

static void
check_effects (Run *run, FerryJingleEventType type, const FerryJingleEffects *effects)
{
  guint n_answers = 0;

  for (guint i = 0; i < effects->n_items; i++)
    {
      FerryJingleEffectType effect = effects->items[i].type;
      gboolean is_answer = effect == FERRY_JINGLE_DO_RESULT || effect == FERRY_JINGLE_DO_ERROR;
      n_answers += is_answer ? 1 : 0;
      g_assert_true (!is_answer || i == 0);
      g_assert_true (run->n_ends == 0 || is_answer || effect == FERRY_JINGLE_DO_SEND_TERMINATE);
      run->n_ends += effect == FERRY_JINGLE_DO_END ? 1 : 0;
    }
  g_assert_cmpuint (n_answers, ==, ferry_jingle_event_is_peer (type) ? 1 : 0);
  g_assert_cmpuint (run->n_ends, <=, 1);
  if (run->machine.state == FERRY_JINGLE_ENDED)
    g_assert_cmpuint (run->n_ends, ==, 1);
}

static void
give (Run *run, FerryJingleEventType type, guint8 detail)
{
  g_autoptr (GError) error =
      g_error_new_literal (FERRY_ERROR, detail % (FERRY_ERROR_PAUSED + 1), "error");
  g_auto (FerryJingleEffects) effects = { 0 };
  g_auto (FerryJingleEvent) event = {
    .type = type,
    .error = error,
    .peer_closed = detail & 1,
    .reason = detail % (FERRY_JINGLE_REASON_UNSUPPORTED_TRANSPORTS + 1),
    .hash = { (detail & 2) != 0 ? FERRY_HASH_SHA256 : FERRY_HASH_NONE },
  };

  /* What the drivers see to: a second offer has an in-band transport, and our own side is
   * silent once the end was told. */
  if ((detail & 4) != 0 || type == FERRY_JINGLE_EV_PEER_SECOND)
    event.ibb = ferry_jingle_ibb_new ("t", 1u + detail);
  if (run->n_ends > 0 && !ferry_jingle_event_is_peer (type) &&
      type != FERRY_JINGLE_EV_TIMEOUT && type != FERRY_JINGLE_EV_ACKED &&
      type != FERRY_JINGLE_EV_INITIATE_REFUSED && type != FERRY_JINGLE_EV_LOST)
    return;
  ferry_jingle_machine_step (&run->machine, &event, &effects);
  check_effects (run, type, &effects);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (size < 1)
    return 0;

  Run run = { .n_ends = 0 };
  FerryJingleRole role = (data[0] & 1) != 0 ? FERRY_JINGLE_RESPONDER : FERRY_JINGLE_INITIATOR;
  gboolean is_inband = (data[0] & 2) != 0;
  ferry_jingle_machine_init (&run.machine, role, "m", is_inband, (data[0] & 4) == 0,
                             (data[0] & 4) != 0);
  if (role == FERRY_JINGLE_RESPONDER && is_inband)
    run.machine.ibb = ferry_jingle_ibb_new ("t", 4096);
  for (gsize i = 1; i + 1 < size; i += 2)
    give (&run, data[i] % FERRY_JINGLE_EV_GATHERED_INBAND, data[i + 1]);

  /* Our user, then only the clock: that is enough for an end. */
  give (&run, FERRY_JINGLE_EV_CANCEL, 0);
  for (guint i = 0; i < 10; i++)
    {
      if (ferry_jingle_machine_get_timeout_ms (&run.machine) > 0)
        give (&run, FERRY_JINGLE_EV_TIMEOUT, 0);
    }
  g_assert_cmpuint (run.n_ends, ==, 1);
  g_assert_cmpint (run.machine.state, ==, FERRY_JINGLE_ENDED);
  ferry_jingle_machine_clear (&run.machine);
  return 0;
}
