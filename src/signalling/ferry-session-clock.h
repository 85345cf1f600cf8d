/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySessionClock: the one time limit a session has at any moment. While the XMPP stream is
 * cut the peer cannot answer, so the clock of a negotiation stands still. */
#pragma once

#include "xmpp/ferry-stream.h"

G_BEGIN_DECLS

typedef struct _FerrySessionClock FerrySessionClock;

typedef void (*FerrySessionClockFunc) (gpointer user_data);

/* Returns: (transfer full): calls @on_time when a limit is over; free with
 * ferry_session_clock_free() */
FerrySessionClock *ferry_session_clock_new (FerryStream *stream,
                                            FerrySessionClockFunc on_time,
                                            gpointer user_data);
void ferry_session_clock_free (FerrySessionClock *self);
/**
 * ferry_session_clock_set:
 * @ms: from now on; 0: no limit
 * @needs_stream: whether what is waited for comes by the XMPP stream
 */
void ferry_session_clock_set (FerrySessionClock *self, guint ms, gboolean needs_stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrySessionClock, ferry_session_clock_free)

G_END_DECLS
