/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A `<jingle/>` that parses prints to one that parses to the same; and whatever it says, as an
 * offer or to a session in any state, is answered without a crash. */
#include "signalling/jingle/ferry-jingle-event.h"
#include "signalling/jingle/ferry-jingle-requests.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
offer (const FerryJingleAction *action)
{
  FerryJingleReason refusal;
  g_autoptr (FerryNode) extra = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryJingleOffer) taken =
      ferry_jingle_offer_parse (action, &refusal, &extra, &error);

  g_assert_true ((taken != NULL) + (refusal != FERRY_JINGLE_REASON_NONE) + (error != NULL) ==
                 1);
  if (taken != NULL)
    g_assert_true ((taken->ibb != NULL) != (taken->s5b != NULL));
}

static void
ask (const FerryJingleAction *action)
{
  g_autoptr (FerryFileInfo) wanted = ferry_jingle_request_parse (action);

  g_assert_true (wanted == NULL || action->contents->len == 1);
}

static void
say (const FerryJingleAction *action, FerryJingleRole role, FerryJingleState state)
{
  FerryJingleMachine machine;
  g_auto (FerryJingleEvent) event = { 0 };
  g_auto (FerryJingleEffects) effects = { 0 };
  const FerryJingleContent *content =
      action->contents->len > 0 ? action->contents->pdata[0] : NULL;

  ferry_jingle_machine_init (&machine, role, "m", state % 2 == 0, TRUE, FALSE);
  machine.state = state;
  machine.ibb = ferry_jingle_ibb_new ("t", 4096);
  machine.held = ferry_jingle_ibb_new ("u", 4096);
  machine.error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_BROKEN, "broken");
  g_autoptr (FerryFileInfo) file = ferry_file_info_new ("a", 1000);
  file->ranged = state % 3 == 0;
  ferry_jingle_event_init_from_action (&event, action, &machine,
                                       content != NULL ? content->name : "file", file, "t");
  if (event.type == FERRY_JINGLE_EV_PEER_ACCEPT)
    {
      g_assert_true (ferry_range_fits (&event.range, 1000));
      g_assert_true (file->ranged || ferry_range_is_whole (&event.range, 1000));
    }
  ferry_jingle_machine_step (&machine, &event, &effects);
  g_assert_cmpuint (effects.n_items, >, 0);
  g_assert_true (effects.items[0].type == FERRY_JINGLE_DO_RESULT ||
                 effects.items[0].type == FERRY_JINGLE_DO_ERROR);
  ferry_jingle_machine_clear (&machine);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryNode) node = ferry_node_parse ((const char *) data, (gssize) size, NULL);
  g_autoptr (FerryJingleAction) action =
      node != NULL ? ferry_jingle_action_parse (node, NULL) : NULL;
  if (action == NULL)
    return 0;

  g_autoptr (FerryNode) printed = ferry_jingle_action_to_node (action);
  g_autoptr (FerryJingleAction) again = ferry_jingle_action_parse (printed, NULL);
  g_assert_nonnull (again);
  g_autoptr (FerryNode) printed_again = ferry_jingle_action_to_node (again);
  g_assert_true (ferry_node_equal (printed, printed_again));

  offer (action);
  ask (action);
  for (guint state = FERRY_JINGLE_OFFERING; state < FERRY_JINGLE_N_STATES; state++)
    say (action, state % 3 == 0 ? FERRY_JINGLE_RESPONDER : FERRY_JINGLE_INITIATOR, state);
  return 0;
}
