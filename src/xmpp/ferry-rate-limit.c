/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/ferry-rate-limit.h"

typedef struct
{
  char *key;
  gint64 at_us;
} Event;

struct _FerryRateLimit
{
  gint64 window_us;
  guint max_per_key;
  guint max;
  GQueue events; /* of Event, the oldest first */
};

static void
event_free (Event *event)
{
  g_free (event->key);
  g_free (event);
}

FerryRateLimit *
ferry_rate_limit_new (gint64 window_us, guint max_per_key, guint max)
{
  g_return_val_if_fail (window_us > 0 && max_per_key > 0 && max >= max_per_key, NULL);

  FerryRateLimit *self = g_new0 (FerryRateLimit, 1);
  self->window_us = window_us;
  self->max_per_key = max_per_key;
  self->max = max;
  g_queue_init (&self->events);
  return self;
}

void
ferry_rate_limit_free (FerryRateLimit *self)
{
  g_queue_clear_full (&self->events, (GDestroyNotify) event_free);
  g_free (self);
}

static void
forget_old (FerryRateLimit *self, gint64 now_us)
{
  Event *oldest;
  while ((oldest = g_queue_peek_head (&self->events)) != NULL &&
         now_us - oldest->at_us >= self->window_us)
    event_free (g_queue_pop_head (&self->events));
}

gboolean
ferry_rate_limit_take (FerryRateLimit *self, const char *key, gint64 now_us)
{
  guint n_of_key = 0;

  g_return_val_if_fail (self != NULL && key != NULL, FALSE);

  forget_old (self, now_us);
  for (GList *link = self->events.head; link != NULL; link = link->next)
    n_of_key += g_str_equal (((Event *) link->data)->key, key) ? 1 : 0;
  if (n_of_key >= self->max_per_key || self->events.length >= self->max)
    return FALSE;

  Event *event = g_new (Event, 1);
  event->key = g_strdup (key);
  event->at_us = now_us;
  g_queue_push_tail (&self->events, event);
  return TRUE;
}

void
ferry_rate_limit_give_back (FerryRateLimit *self, const char *key)
{
  g_return_if_fail (self != NULL && key != NULL);

  for (GList *link = self->events.tail; link != NULL; link = link->prev)
    {
      Event *event = link->data;
      if (!g_str_equal (event->key, key))
        continue;
      event_free (event);
      g_queue_delete_link (&self->events, link);
      return;
    }
}
