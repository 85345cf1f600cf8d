/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the machine's table (ferry-jingle-machine.c) and what its cells do
 * (ferry-jingle-run.c, ferry-jingle-run-end.c). */
#pragma once

#include "signalling/jingle/ferry-jingle-machine.h"

G_BEGIN_DECLS

typedef struct
{
  FerryJingleMachine *machine; /* still in the state before the step */
  const FerryJingleEvent *event;
  FerryJingleEffects *effects;
} FerryJingleStep;

typedef void (*FerryJingleRun) (FerryJingleStep *step);

FerryJingleEffect *ferry_jingle_push (FerryJingleStep *step, FerryJingleEffectType type);
/* Once the peer has left, nothing is sent to it any more: it would not know the session.
 * Returns: (nullable) */
FerryJingleEffect *ferry_jingle_push_send (FerryJingleStep *step, FerryJingleEffectType type);
void ferry_jingle_push_terminate (FerryJingleStep *step,
                                  FerryJingleReason reason,
                                  const GError *error);
/* @error: (transfer full) (nullable). Of several ends the first counts. */
void ferry_jingle_push_end (FerryJingleStep *step, GError *error);
void ferry_jingle_push_end_with (FerryJingleStep *step, FerryError code, const char *text);
void ferry_jingle_push_end_cancelled (FerryJingleStep *step);

void ferry_jingle_run_gather (FerryJingleStep *step);
void ferry_jingle_run_offer (FerryJingleStep *step);
void ferry_jingle_run_offer_inband (FerryJingleStep *step);
void ferry_jingle_run_offer_again (FerryJingleStep *step);
void ferry_jingle_run_withdraw (FerryJingleStep *step);
void ferry_jingle_run_withdrawn (FerryJingleStep *step);
void ferry_jingle_run_refused (FerryJingleStep *step);
void ferry_jingle_run_silent (FerryJingleStep *step);
void ferry_jingle_run_unnoticed (FerryJingleStep *step);
void ferry_jingle_run_no_answer (FerryJingleStep *step);
void ferry_jingle_run_decline (FerryJingleStep *step);
void ferry_jingle_run_no_route (FerryJingleStep *step);
void ferry_jingle_run_answer (FerryJingleStep *step);
void ferry_jingle_run_answer_inband (FerryJingleStep *step);
void ferry_jingle_run_answer_bad (FerryJingleStep *step);
void ferry_jingle_run_answer_insecure (FerryJingleStep *step);
void ferry_jingle_run_keep_info (FerryJingleStep *step);
void ferry_jingle_run_link (FerryJingleStep *step);
void ferry_jingle_run_replace (FerryJingleStep *step);
void ferry_jingle_run_s5b_failed (FerryJingleStep *step);
void ferry_jingle_run_no_way (FerryJingleStep *step);
void ferry_jingle_run_hold (FerryJingleStep *step);
void ferry_jingle_run_take_theirs (FerryJingleStep *step);
void ferry_jingle_run_take_held (FerryJingleStep *step);
void ferry_jingle_run_reject (FerryJingleStep *step);
void ferry_jingle_run_replaced (FerryJingleStep *step);
void ferry_jingle_run_take_second (FerryJingleStep *step);
void ferry_jingle_run_await_second (FerryJingleStep *step);
void ferry_jingle_run_opened (FerryJingleStep *step);
void ferry_jingle_run_sent (FerryJingleStep *step);
void ferry_jingle_run_complete (FerryJingleStep *step);
void ferry_jingle_run_have_it (FerryJingleStep *step);
void ferry_jingle_run_end (FerryJingleStep *step);
void ferry_jingle_run_close (FerryJingleStep *step);
void ferry_jingle_run_unconfirmed (FerryJingleStep *step);
void ferry_jingle_run_stuck (FerryJingleStep *step);
void ferry_jingle_run_broken (FerryJingleStep *step);
void ferry_jingle_run_end_broken (FerryJingleStep *step);
void ferry_jingle_run_cancel (FerryJingleStep *step);
void ferry_jingle_run_fail (FerryJingleStep *step);
void ferry_jingle_run_answer_refused (FerryJingleStep *step);
void ferry_jingle_run_forgotten (FerryJingleStep *step);
void ferry_jingle_run_lost (FerryJingleStep *step);
void ferry_jingle_run_alone (FerryJingleStep *step);
void ferry_jingle_run_peer_ends (FerryJingleStep *step);
void ferry_jingle_run_early_success (FerryJingleStep *step);
void ferry_jingle_run_success (FerryJingleStep *step);
void ferry_jingle_run_success_unasked (FerryJingleStep *step);
void ferry_jingle_run_success_broken (FerryJingleStep *step);
void ferry_jingle_run_removed (FerryJingleStep *step);
void ferry_jingle_run_reversed (FerryJingleStep *step);
void ferry_jingle_run_received (FerryJingleStep *step);
void ferry_jingle_run_checksum (FerryJingleStep *step);
void ferry_jingle_run_unknown_info (FerryJingleStep *step);
void ferry_jingle_run_bad (FerryJingleStep *step);
void ferry_jingle_run_reject_content (FerryJingleStep *step);

G_END_DECLS
