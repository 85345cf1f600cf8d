/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any events in any order: the machine stays in its states, says what it waits for, and what
 * has ended is left only when a user or a peer wants it. */
#include "transfer/ferry-transfer-machine.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  FerryTransferMachine machine;

  if (size < 1)
    return 0;
  ferry_transfer_machine_init (&machine, data[0] & 1);
  machine.can_ask = (data[0] & 2) != 0;
  for (gsize i = 1; i < size; i++)
    {
      FerryTransferEvent event = data[i] % FERRY_TRANSFER_N_EVENTS;
      FerryTransferMachine before = machine;
      gboolean meant = ferry_transfer_machine_step (&machine, event);

      g_assert_true (meant || before.state == machine.state);
      g_assert_cmpint (machine.state, <=, FERRY_TRANSFER_FAILED);
      g_assert_cmpint (machine.state == FERRY_TRANSFER_PAUSED, ==,
                       machine.pause != FERRY_TRANSFER_PAUSE_NONE);
      g_assert_cmpint (ferry_transfer_machine_get_phase (&machine) ==
                           FERRY_TRANSFER_WANTS_NO_MORE,
                       ==, ferry_transfer_state_is_final (machine.state));
      g_assert_cmpuint (ferry_transfer_machine_get_delay_ms (&machine), <=, 32000);
      if (before.state == FERRY_TRANSFER_DONE)
        g_assert_cmpint (machine.state, ==, FERRY_TRANSFER_DONE);
      if (meant && ferry_transfer_state_is_final (before.state))
        g_assert_true (event == FERRY_TRANSFER_EV_RETRY || event == FERRY_TRANSFER_EV_CALLED);
    }
  return 0;
}
