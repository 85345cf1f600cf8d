/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/strophe/ferry-srv.h"

#include <string.h>

FerrySrvTarget *
ferry_srv_target_new (const char *host, guint16 port, gboolean is_direct_tls)
{
  FerrySrvTarget *self = g_new0 (FerrySrvTarget, 1);
  self->host = g_strdup (host);
  self->port = port;
  self->is_direct_tls = is_direct_tls;
  return self;
}

void
ferry_srv_target_free (FerrySrvTarget *self)
{
  g_free (self->host);
  g_free (self);
}

void
ferry_srv_add_records (GPtrArray *targets, const GList *records, gboolean is_direct_tls)
{
  for (const GList *l = records; l != NULL; l = l->next)
    {
      GSrvTarget *record = l->data;
      const char *host = g_srv_target_get_hostname (record);

      /* RFC 2782: a target of "." means that the service is decidedly not there. */
      if (*host == '\0' || strcmp (host, ".") == 0 || g_srv_target_get_port (record) == 0)
        continue;
      FerrySrvTarget *target =
          ferry_srv_target_new (host, g_srv_target_get_port (record), is_direct_tls);
      target->priority = g_srv_target_get_priority (record);
      target->weight = g_srv_target_get_weight (record);
      g_ptr_array_add (targets, target);
    }
}

static gint
compare_targets (gconstpointer a, gconstpointer b)
{
  const FerrySrvTarget *x = *(FerrySrvTarget *const *) a;
  const FerrySrvTarget *y = *(FerrySrvTarget *const *) b;

  if (x->priority != y->priority)
    return x->priority < y->priority ? -1 : 1;
  /* RFC 2782: those of weight 0 first, so that they have a small chance of being drawn. */
  return (y->weight == 0) - (x->weight == 0);
}

/* Moves one of the targets in [@first, @end) to @first, drawn by weight. */
static void
draw_one (GPtrArray *targets, guint first, guint end, GRand *rand)
{
  guint sum = 0;
  for (guint i = first; i < end; i++)
    sum += ((FerrySrvTarget *) targets->pdata[i])->weight;

  guint drawn = (guint) (g_rand_double (rand) * (sum + 1.0));
  guint chosen = first;
  for (guint running = 0; chosen < end - 1; chosen++)
    {
      running += ((FerrySrvTarget *) targets->pdata[chosen])->weight;
      if (running >= drawn)
        break;
    }
  gpointer target = targets->pdata[chosen];
  memmove (&targets->pdata[first + 1], &targets->pdata[first],
           (chosen - first) * sizeof (gpointer));
  targets->pdata[first] = target;
}

void
ferry_srv_order (GPtrArray *targets, GRand *rand)
{
  g_ptr_array_sort (targets, compare_targets);
  for (guint first = 0; first < targets->len; first++)
    {
      guint16 priority = ((FerrySrvTarget *) targets->pdata[first])->priority;
      guint end = first;
      while (end < targets->len &&
             ((FerrySrvTarget *) targets->pdata[end])->priority == priority)
        end++;
      draw_one (targets, first, end, rand);
    }
}
