/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of the machine FerryIbb, which has two files: ferry-ibb.c (the table, how a
 * stream begins and ends), -blocks.c (what is done about blocks). */
#pragma once

#include "bytestream/ibb/ferry-ibb.h"

G_BEGIN_DECLS

#define FERRY_IBB_QUIET_MS 2000       /* LOCAL_CLOSE: nothing to send for so long */
#define FERRY_IBB_FIRST_RETRY_MS 2000 /* then doubled */

typedef struct
{
  FerryIbbEffects *effects;
  gint64 now;
  FerryIbbState from;
} FerryIbbStep;

void ferry_ibb_emit (FerryIbbStep *step, FerryIbbEffectType type);
void ferry_ibb_emit_seq (FerryIbbStep *step, FerryIbbEffectType type, guint16 seq);
void ferry_ibb_refuse (FerryIbbStep *step, FerryStanzaCondition condition);
/* Over, for @error (transfer full) or in order. A stream that the peer may believe open is
 * closed on the wire, without waiting for an answer. */
void ferry_ibb_end (FerryIbb *self, FerryIbbStep *step, GError *error);
void ferry_ibb_fail (FerryIbb *self, FerryIbbStep *step, FerryError code, const char *reason);
void ferry_ibb_fail_as_event (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step);

/* Cells of the table. */
void ferry_ibb_take_block (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step);
void ferry_ibb_reject_bad (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step);
void ferry_ibb_made_room (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step);
void ferry_ibb_peer_closed (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step);
void ferry_ibb_put_in_slot (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step);
void ferry_ibb_acknowledge (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step);
void ferry_ibb_refused_block (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step);

/* The oldest block of ours, which was put off, goes once more. */
void ferry_ibb_resend_first (FerryIbb *self, FerryIbbStep *step);
/* When nothing of ours is out and no more will come. */
void ferry_ibb_close_if_sent (FerryIbb *self, FerryIbbStep *step);

G_END_DECLS
