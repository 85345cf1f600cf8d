/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The race's messages as XEP-0260 writes them: translation and nothing else. */
#pragma once

#include "bytestream/s5b/ferry-jingle-s5b.h"
#include "bytestream/s5b/ferry-race.h"

G_BEGIN_DECLS

/* Returns: (transfer full) (nullable): the message that a TELL effect means; %NULL for others
 */
FerryNode *ferry_s5b_wire_jingle_to_node (const FerryRaceEffect *effect, const char *sid);
/* Returns: %FALSE if there is no report in @message; @event borrows from it */
gboolean ferry_s5b_wire_jingle_get_event (const FerryJingleS5b *message, FerryRaceEvent *event);

G_END_DECLS
