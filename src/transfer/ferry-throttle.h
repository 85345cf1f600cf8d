/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryThrottle: how many bytes a second several pumps may move together. A bucket that fills
 * with time; used from any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FerryThrottle FerryThrottle;

FerryThrottle *ferry_throttle_new (void);
FerryThrottle *ferry_throttle_ref (FerryThrottle *self);
void ferry_throttle_unref (FerryThrottle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryThrottle, ferry_throttle_unref)

/* @rate: bytes a second; 0 for as many as there are, as at first. Counts at once. */
void ferry_throttle_set_rate (FerryThrottle *self, guint64 rate);
/**
 * ferry_throttle_take:
 * @wanted: bytes, at least 1
 * @now_us: monotonic time
 * @wait_ms: (out): when to come again, if nothing is returned; never more than 100
 *
 * Returns: how many bytes may move now, 0 for none
 */
gsize ferry_throttle_take (FerryThrottle *self, gsize wanted, gint64 now_us, int *wait_ms);
/* So many of the bytes that were taken did not move. */
void ferry_throttle_give_back (FerryThrottle *self, gsize n_bytes);

G_END_DECLS
