/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast files may go, and how many at once. */
#include "config.h"

#include "client/ferry-core-private.h"
#include "store/ferry-settings.h"

#define KEY_UP "rate-up"
#define KEY_DOWN "rate-down"
#define KEY_LIMIT_UP "limit-up"
#define KEY_LIMIT_DOWN "limit-down"

static guint64
read_rate (FerryCore *self, const char *key)
{
  gint64 rate = ferry_settings_get_int (ferry_profile_get_store (self->profile), key, 0);
  return (guint64) MAX (rate, 0);
}

void
ferry_core_init_rates (FerryCore *self)
{
  ferry_transfer_queue_set_rate (self->queue, FERRY_DIRECTION_SEND, read_rate (self, KEY_UP));
  ferry_transfer_queue_set_rate (self->queue, FERRY_DIRECTION_RECEIVE,
                                 read_rate (self, KEY_DOWN));
}

static guint
read_limit (FerryCore *self, const char *key)
{
  FerryStore *store = ferry_profile_get_store (self->profile);
  gint64 limit = ferry_settings_get_int (store, key, FERRY_TRANSFER_QUEUE_DEFAULT_LIMIT);
  return (guint) CLAMP (limit, 1, FERRY_TRANSFER_QUEUE_MAX_LIMIT);
}

void
ferry_core_init_limits (FerryCore *self)
{
  ferry_transfer_queue_set_limits (self->queue, read_limit (self, KEY_LIMIT_UP),
                                   read_limit (self, KEY_LIMIT_DOWN));
}

gboolean
ferry_core_set_rates (FerryCore *self, guint64 up, guint64 down, GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);
  g_return_val_if_fail (up <= G_MAXINT64 && down <= G_MAXINT64, FALSE);

  FerryStore *store = ferry_profile_get_store (self->profile);
  if (!ferry_settings_set_int (store, KEY_UP, (gint64) up, error) ||
      !ferry_settings_set_int (store, KEY_DOWN, (gint64) down, error))
    return FALSE;
  ferry_core_init_rates (self);
  return TRUE;
}

void
ferry_core_get_rates (FerryCore *self, guint64 *up, guint64 *down)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  *up = read_rate (self, KEY_UP);
  *down = read_rate (self, KEY_DOWN);
}

void
ferry_core_limit_rate (FerryCore *self, FerryDirection direction, guint64 rate)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  ferry_transfer_queue_set_rate (self->queue, direction, rate);
}

gboolean
ferry_core_set_limits (FerryCore *self, guint up, guint down, GError **error)
{
  g_return_val_if_fail (FERRY_IS_CORE (self), FALSE);
  g_return_val_if_fail (up > 0 && up <= FERRY_TRANSFER_QUEUE_MAX_LIMIT, FALSE);
  g_return_val_if_fail (down > 0 && down <= FERRY_TRANSFER_QUEUE_MAX_LIMIT, FALSE);

  FerryStore *store = ferry_profile_get_store (self->profile);
  if (!ferry_settings_set_int (store, KEY_LIMIT_UP, up, error) ||
      !ferry_settings_set_int (store, KEY_LIMIT_DOWN, down, error))
    return FALSE;
  ferry_core_init_limits (self);
  return TRUE;
}

void
ferry_core_get_limits (FerryCore *self, guint *up, guint *down)
{
  g_return_if_fail (FERRY_IS_CORE (self));

  *up = read_limit (self, KEY_LIMIT_UP);
  *down = read_limit (self, KEY_LIMIT_DOWN);
}
