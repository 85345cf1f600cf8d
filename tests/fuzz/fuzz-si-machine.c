/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any events in any order: an offer that came is answered at most once, the end comes exactly
 * once and nothing follows it, and timeouts alone end every run. */
#include "signalling/si/ferry-si-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct
{
  FerrySiMachine machine;
  guint n_ends;
  guint n_pending; /* offers that came and are not answered */
} Run;

static void
check_effects (Run *run, const FerrySiEffects *effects)
{
  for (guint i = 0; i < effects->n_items; i++)
    {
      FerrySiEffectType type = effects->items[i].type;
      g_assert_cmpuint (run->n_ends, ==, 0);
      if (type == FERRY_SI_DO_SEND_ANSWER || type == FERRY_SI_DO_SEND_DECLINE ||
          type == FERRY_SI_DO_SEND_NO_WAY)
        {
          g_assert_cmpuint (run->n_pending, >, 0);
          run->n_pending--;
        }
      if (type == FERRY_SI_DO_SEND_ANSWER)
        g_assert_cmpuint (effects->items[i].methods.n_items, >, 0);
      run->n_ends += type == FERRY_SI_DO_END ? 1 : 0;
    }
  g_assert_cmpint (run->machine.state == FERRY_SI_ENDED, ==, run->n_ends == 1);
}

static void
give (Run *run, FerrySiEventType type, guint8 detail)
{
  g_autoptr (GError) error =
      g_error_new_literal (FERRY_ERROR, detail % (FERRY_ERROR_PAUSED + 1), "error");
  g_auto (FerrySiEffects) effects = { 0 };
  FerrySiAnswer answer = { .range = FERRY_RANGE_WHOLE };
  const FerrySiEvent event = {
    .type = type,
    .error = error,
    .answer = &answer,
    .method = (detail & 1) != 0 ? FERRY_SI_S5B : FERRY_SI_INBAND,
    .peer_closed = (detail & 2) != 0,
  };

  ferry_si_methods_add (&answer.methods, (detail & 4) != 0 ? FERRY_SI_S5B : FERRY_SI_INBAND);
  if ((detail & 8) != 0)
    ferry_si_methods_add (&answer.methods, FERRY_SI_INBAND);
  /* What the driver sees to. */
  if (type == FERRY_SI_EV_PEER_SECOND)
    {
      if (!ferry_si_machine_expects_second (&run->machine))
        return;
      run->n_pending++;
    }
  if (type == FERRY_SI_EV_ACCEPT && run->machine.state == FERRY_SI_ASKING)
    ferry_si_machine_set_allowed (&run->machine, detail & 3);
  ferry_si_machine_step (&run->machine, &event, &effects);
  check_effects (run, &effects);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  if (size < 1)
    return 0;

  Run run = { .n_ends = 0 };
  FerrySiRole role = (data[0] & 1) != 0 ? FERRY_SI_RECEIVER : FERRY_SI_SENDER;
  FerrySiMethods methods = { 0 };
  if ((data[0] & 2) != 0)
    ferry_si_methods_add (&methods, FERRY_SI_S5B);
  if ((data[0] & 4) != 0 || methods.n_items == 0)
    ferry_si_methods_add (&methods, FERRY_SI_INBAND);
  ferry_si_machine_init (&run.machine, role, methods, (data[0] & 8) != 0, (data[0] & 16) != 0,
                         (data[0] & 32) != 0);
  run.n_pending = role == FERRY_SI_RECEIVER ? 1 : 0;
  for (gsize i = 1; i + 1 < size; i += 2)
    give (&run, data[i] % FERRY_SI_EV_ANSWER_BAD, data[i + 1]);

  for (guint i = 0; i < 12 && ferry_si_machine_get_timeout_ms (&run.machine) > 0; i++)
    give (&run, FERRY_SI_EV_TIMEOUT, 0);
  /* Our user and an open pipe have no time limit. */
  give (&run, FERRY_SI_EV_CANCEL, 0);
  g_assert_cmpuint (run.n_ends, ==, 1);
  ferry_si_machine_clear (&run.machine);
  return 0;
}
