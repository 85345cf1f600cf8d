/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryRateLimit: at most so many events of each peer in any window of time. A pure value: time
 * is an argument. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FerryRateLimit FerryRateLimit;

/**
 * ferry_rate_limit_new:
 * @window_us: length of the window, microseconds
 * @max_per_key: events of one key within it
 * @max: events of all keys within it; also bounds the memory
 */
FerryRateLimit *ferry_rate_limit_new (gint64 window_us, guint max_per_key, guint max);
void ferry_rate_limit_free (FerryRateLimit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryRateLimit, ferry_rate_limit_free)

/**
 * ferry_rate_limit_take:
 * @key: whose event
 * @now_us: monotonic time, microseconds
 *
 * Returns: whether there is room for one more event of @key, which then counts. What is turned
 *   away does not count, so that who is too fast is slowed down, not shut out.
 */
gboolean ferry_rate_limit_take (FerryRateLimit *self, const char *key, gint64 now_us);

/* Takes back the latest event of @key, if one still counts: it was wanted after all. */
void ferry_rate_limit_give_back (FerryRateLimit *self, const char *key);

G_END_DECLS
