/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/strophe/ferry-mailbox.h"

struct _FerryMailbox
{
  gatomicrefcount ref_count;
  GMainContext *context;
  FerryMailboxFunc func;
  gpointer user_data;
  GDestroyNotify free_item;
  gboolean is_closed; /* of the main context, as the three above */

  GMutex mutex;
  GQueue items;          /* guarded by @mutex */
  gboolean is_scheduled; /* guarded by @mutex */
};

FerryMailbox *
ferry_mailbox_new (GMainContext *context,
                   FerryMailboxFunc func,
                   gpointer user_data,
                   GDestroyNotify free_item)
{
  FerryMailbox *self = g_new0 (FerryMailbox, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->context = context != NULL ? g_main_context_ref (context) : NULL;
  self->func = func;
  self->user_data = user_data;
  self->free_item = free_item;
  g_mutex_init (&self->mutex);
  g_queue_init (&self->items);
  return self;
}

FerryMailbox *
ferry_mailbox_ref (FerryMailbox *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
ferry_mailbox_unref (FerryMailbox *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_queue_clear_full (&self->items, self->free_item);
  g_mutex_clear (&self->mutex);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

static gpointer
take (FerryMailbox *self)
{
  g_mutex_lock (&self->mutex);
  gpointer item = g_queue_pop_head (&self->items);
  if (item == NULL)
    self->is_scheduled = FALSE;
  g_mutex_unlock (&self->mutex);
  return item;
}

static gboolean
deliver_cb (gpointer user_data)
{
  FerryMailbox *self = user_data;
  gpointer item;

  while ((item = take (self)) != NULL)
    {
      if (!self->is_closed)
        self->func (item, self->user_data);
      self->free_item (item);
    }
  return G_SOURCE_REMOVE;
}

void
ferry_mailbox_put (FerryMailbox *self, gpointer item)
{
  g_mutex_lock (&self->mutex);
  gboolean must_schedule = !self->is_scheduled;
  g_queue_push_tail (&self->items, item);
  self->is_scheduled = TRUE;
  g_mutex_unlock (&self->mutex);
  if (!must_schedule)
    return;

  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, deliver_cb, ferry_mailbox_ref (self),
                         (GDestroyNotify) ferry_mailbox_unref);
  g_source_attach (source, self->context);
}

void
ferry_mailbox_close (FerryMailbox *self)
{
  self->is_closed = TRUE;
}
