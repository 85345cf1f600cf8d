/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One source that stays, and a wake-up when there is something in an empty mailbox. A source
 * for each delivery would be attached with the context locked: the thread that it wakes would
 * wait for that lock at once. */
#include "config.h"

#include "xmpp/strophe/ferry-mailbox.h"

#include "base/ferry-source.h"

typedef struct
{
  GSource parent;
  FerryMailbox *mailbox;
} MailSource;

struct _FerryMailbox
{
  gatomicrefcount ref_count; /* the owner, and @source */
  GMainContext *context;
  FerryMailboxFunc func;
  gpointer user_data;
  GDestroyNotify free_item;
  GSource *source; /* of the main context; %NULL when closed */

  GMutex mutex;
  GQueue items;  /* guarded by @mutex */
  gint has_mail; /* atomic */
};

static gpointer
take (FerryMailbox *self)
{
  g_mutex_lock (&self->mutex);
  gpointer item = g_queue_pop_head (&self->items);
  if (item == NULL)
    g_atomic_int_set (&self->has_mail, FALSE);
  g_mutex_unlock (&self->mutex);
  return item;
}

static gboolean
mail_check (GSource *source)
{
  return g_atomic_int_get (&((MailSource *) source)->mailbox->has_mail);
}

static gboolean
mail_prepare (GSource *source, int *timeout_ms)
{
  *timeout_ms = -1;
  return mail_check (source);
}

static gboolean
mail_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  FerryMailbox *self = ((MailSource *) source)->mailbox;
  gpointer item;

  while ((item = take (self)) != NULL)
    {
      if (!g_source_is_destroyed (source))
        self->func (item, self->user_data);
      self->free_item (item);
    }
  return G_SOURCE_CONTINUE;
}

static void
mail_finalize (GSource *source)
{
  ferry_mailbox_unref (((MailSource *) source)->mailbox);
}

static GSourceFuncs mail_funcs = {
  .prepare = mail_prepare,
  .check = mail_check,
  .dispatch = mail_dispatch,
  .finalize = mail_finalize,
};

FerryMailbox *
ferry_mailbox_new (GMainContext *context,
                   FerryMailboxFunc func,
                   gpointer user_data,
                   GDestroyNotify free_item)
{
  FerryMailbox *self = g_new0 (FerryMailbox, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  self->func = func;
  self->user_data = user_data;
  self->free_item = free_item;
  g_mutex_init (&self->mutex);
  g_queue_init (&self->items);
  self->source = g_source_new (&mail_funcs, sizeof (MailSource));
  g_source_set_static_name (self->source, "ferry-mailbox");
  ((MailSource *) self->source)->mailbox = ferry_mailbox_ref (self);
  g_source_attach (self->source, self->context);
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
  g_main_context_unref (self->context);
  g_free (self);
}

void
ferry_mailbox_put (FerryMailbox *self, gpointer item)
{
  g_mutex_lock (&self->mutex);
  g_queue_push_tail (&self->items, item);
  gboolean is_awake = g_atomic_int_get (&self->has_mail);
  g_atomic_int_set (&self->has_mail, TRUE);
  g_mutex_unlock (&self->mutex);
  if (!is_awake)
    g_main_context_wakeup (self->context);
}

void
ferry_mailbox_close (FerryMailbox *self)
{
  ferry_clear_source (&self->source);
}
