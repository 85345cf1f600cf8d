/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the machine's table (ferry-si-machine.c) and what its cells do (ferry-si-run.c). */
#pragma once

#include "signalling/si/ferry-si-machine.h"

G_BEGIN_DECLS

typedef struct
{
  FerrySiMachine *machine; /* still in the state before the step */
  const FerrySiEvent *event;
  FerrySiEffects *effects;
} FerrySiStep;

typedef void (*FerrySiRun) (FerrySiStep *step);

void ferry_si_run_end_as_event (FerrySiStep *step);
void ferry_si_run_end_cancelled (FerrySiStep *step);
void ferry_si_run_cancel (FerrySiStep *step);
void ferry_si_run_fail (FerrySiStep *step);
void ferry_si_run_peer_ended (FerrySiStep *step);
void ferry_si_run_offer (FerrySiStep *step);
void ferry_si_run_silent (FerrySiStep *step);
void ferry_si_run_no_answer (FerrySiStep *step);
void ferry_si_run_connect_first (FerrySiStep *step);
void ferry_si_run_answer_bad (FerrySiStep *step);
void ferry_si_run_fall_back (FerrySiStep *step);
void ferry_si_run_try_inband (FerrySiStep *step);
void ferry_si_run_offer_again (FerrySiStep *step);
void ferry_si_run_no_way (FerrySiStep *step);
void ferry_si_run_accept (FerrySiStep *step);
void ferry_si_run_accept_second (FerrySiStep *step);
void ferry_si_run_no_route (FerrySiStep *step);
void ferry_si_run_decline (FerrySiStep *step);
void ferry_si_run_have_it (FerrySiStep *step);
void ferry_si_run_has_it (FerrySiStep *step);
void ferry_si_run_withdrawn (FerrySiStep *step);
void ferry_si_run_s5b_failed (FerrySiStep *step);
void ferry_si_run_listen_again (FerrySiStep *step);
void ferry_si_run_no_begin (FerrySiStep *step);
void ferry_si_run_opened (FerrySiStep *step);
void ferry_si_run_sent (FerrySiStep *step);
void ferry_si_run_flushed (FerrySiStep *step);
void ferry_si_run_told (FerrySiStep *step);
void ferry_si_run_told_last (FerrySiStep *step);
void ferry_si_run_not_told (FerrySiStep *step);
void ferry_si_run_stuck (FerrySiStep *step);
void ferry_si_run_complete (FerrySiStep *step);
void ferry_si_run_ask_why (FerrySiStep *step);
void ferry_si_run_end_broken (FerrySiStep *step);
void ferry_si_run_closed_early (FerrySiStep *step);

G_END_DECLS
