/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/strophe/ferry-backoff.h"

#define RANDOM_SHARE 0.2

static const guint delays_s[] = { 1, 2, 5, 10, 30, 60 };

guint
ferry_backoff_delay_ms (guint n_failures, double random)
{
  guint step = CLAMP (n_failures, 1, G_N_ELEMENTS (delays_s)) - 1;
  return (guint) (delays_s[step] * 1000 * (1 + RANDOM_SHARE * random));
}
