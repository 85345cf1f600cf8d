/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libstrophe has a loop of its own that sleeps in select(); here it only gets turns, each of
 * which does what can be done at once (xmpp_run_once() with no time to wait).
 *
 * When is a turn due? The library always talks to one end of a socket pair whose other end is
 * ours, in this thread, so it is known exactly, without waiting for its end: when bytes were
 * written for it, a stanza was given to it, or the pair, which was full, has room again.
 * Whoever does that kicks. The length of its send queue, which it reports wrongly for a stanza
 * that is partly written, is not needed. Its timers run only inside a turn, so there is a tick
 * while one of them matters: signing in and closing.
 *
 * The stack is an ordinary thread's: FerryXmlGuard has limited the nesting before the library's
 * recursive code sees it. The library gets no logger: what it would tell (a wrong password)
 * FerryLogin tells better. */
#define G_LOG_DOMAIN "ferry-strophe-thread"
#include "config.h"

#include "xmpp/strophe/ferry-strophe-thread-private.h"

#include "base/ferry-background.h"
#include "base/ferry-source.h"
#include "xmpp/strophe/ferry-mailbox.h"

#include <signal.h>

/* Then everything else in the thread has its own. */
#define TURNS_AT_ONCE 32
#define TICK_MS 500

typedef struct
{
  FerryStropheTurnFunc func;
  gpointer user_data;
} Watch;

typedef struct
{
  FerryStropheOrder func;
  gpointer user_data;
} Order;

struct _FerryStropheThread
{
  guint n_refs; /* with the lock held */
  GThread *thread;
  GMainContext *context;
  FerryMailbox *orders; /* of Order */

  /* Below: of the XMPP thread. */
  xmpp_ctx_t *ctx;
  GSource *tick;      /* while the library's timers matter */
  GPtrArray *watches; /* of Watch */
  guint n_held;
  gboolean is_kicked;
  gboolean is_nudged;
  gboolean is_ending;
};

/* The one global of Ferry: of the library's static buffers there is one of each in the process,
 * whoever uses it. */
static GMutex lock;
static FerryStropheThread *the_thread;

/* A callback may unwatch itself or others, or begin to watch. */
static gboolean
call_watches (FerryStropheThread *self)
{
  gboolean needs_tick = FALSE;
  g_autoptr (GPtrArray) copy = g_ptr_array_new ();

  g_ptr_array_extend (copy, self->watches, NULL, NULL);
  for (guint i = 0; i < copy->len; i++)
    {
      Watch *watch = copy->pdata[i];
      if (g_ptr_array_find (self->watches, watch, NULL) && watch->func (watch->user_data))
        needs_tick = TRUE;
    }
  return needs_tick;
}

static gboolean
tick_cb (gpointer user_data)
{
  ferry_strophe_thread_kick (user_data);
  return G_SOURCE_CONTINUE;
}

static void
set_ticking (FerryStropheThread *self, gboolean is_ticking)
{
  if (is_ticking == (self->tick != NULL))
    return;
  ferry_clear_source (&self->tick);
  if (!is_ticking)
    return;
  self->tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (self->tick, tick_cb, self, NULL);
  g_source_attach (self->tick, self->context);
}

static void
take_turns (FerryStropheThread *self)
{
  for (guint i = 0; i < TURNS_AT_ONCE && (self->is_kicked || self->is_nudged); i++)
    {
      gboolean is_kicked = self->is_kicked;

      self->is_kicked = self->is_nudged = FALSE;
      if (is_kicked)
        xmpp_run_once (self->ctx, 0);
      set_ticking (self, call_watches (self));
    }
}

static gpointer
run (gpointer data)
{
  FerryStropheThread *self = data;

  ferry_background_enter ();
  g_main_context_push_thread_default (self->context);
  xmpp_initialize ();
  self->ctx = xmpp_ctx_new (NULL, NULL);

  while (!self->is_ending || self->n_held > 0)
    {
      g_main_context_iteration (self->context, !self->is_kicked && !self->is_nudged);
      take_turns (self);
    }

  ferry_clear_source (&self->tick);
  xmpp_ctx_free (self->ctx);
  xmpp_shutdown ();
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
carry_out (gpointer item, gpointer user_data)
{
  const Order *order = item;
  order->func (order->user_data);
}

/* With @lock held. */
static FerryStropheThread *
start (void)
{
  FerryStropheThread *self = g_new0 (FerryStropheThread, 1);

  /* The library writes to sockets that may be closed, without MSG_NOSIGNAL. */
  signal (SIGPIPE, SIG_IGN);
  self->context = g_main_context_new ();
  self->orders = ferry_mailbox_new (self->context, carry_out, NULL, g_free);
  self->watches = g_ptr_array_new_with_free_func (g_free);
  self->thread = g_thread_new ("xmpp", run, self);
  return self;
}

FerryStropheThread *
ferry_strophe_thread_get (void)
{
  g_mutex_lock (&lock);
  if (the_thread == NULL)
    the_thread = start ();
  the_thread->n_refs++;
  FerryStropheThread *self = the_thread;
  g_mutex_unlock (&lock);
  return self;
}

FerryStropheThread *
ferry_strophe_thread_ref (FerryStropheThread *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_mutex_lock (&lock);
  self->n_refs++;
  g_mutex_unlock (&lock);
  return self;
}

static void
end_cb (gpointer user_data)
{
  FerryStropheThread *self = user_data;
  self->is_ending = TRUE;
}

void
ferry_strophe_thread_unref (FerryStropheThread *self)
{
  if (self == NULL)
    return;

  /* Held until the thread is gone, so that another never begins beside it. */
  g_mutex_lock (&lock);
  if (--self->n_refs == 0)
    {
      ferry_strophe_thread_invoke (self, end_cb, self);
      g_thread_join (self->thread);
      ferry_mailbox_close (self->orders);
      ferry_mailbox_unref (self->orders);
      g_ptr_array_unref (self->watches);
      g_main_context_unref (self->context);
      g_free (self);
      the_thread = NULL;
    }
  g_mutex_unlock (&lock);
}

void
ferry_strophe_thread_invoke (FerryStropheThread *self,
                             FerryStropheOrder order,
                             gpointer user_data)
{
  Order *item = g_new (Order, 1);
  *item = (Order){ .func = order, .user_data = user_data };
  ferry_mailbox_put (self->orders, item);
}

xmpp_ctx_t *
ferry_strophe_thread_get_ctx (FerryStropheThread *self)
{
  return self->ctx;
}

GMainContext *
ferry_strophe_thread_get_context (FerryStropheThread *self)
{
  return self->context;
}

void
ferry_strophe_thread_hold (FerryStropheThread *self)
{
  self->n_held++;
}

void
ferry_strophe_thread_release (FerryStropheThread *self)
{
  g_return_if_fail (self->n_held > 0);

  if (--self->n_held == 0)
    g_main_context_wakeup (self->context);
}

void
ferry_strophe_thread_watch (FerryStropheThread *self,
                            FerryStropheTurnFunc func,
                            gpointer user_data)
{
  Watch *watch = g_new0 (Watch, 1);
  watch->func = func;
  watch->user_data = user_data;
  g_ptr_array_add (self->watches, watch);
  set_ticking (self, TRUE);
  ferry_strophe_thread_kick (self);
}

void
ferry_strophe_thread_unwatch (FerryStropheThread *self, gpointer user_data)
{
  for (guint i = 0; i < self->watches->len; i++)
    {
      Watch *watch = self->watches->pdata[i];
      if (watch->user_data != user_data)
        continue;
      g_ptr_array_remove_index (self->watches, i);
      return;
    }
}

void
ferry_strophe_thread_kick (FerryStropheThread *self)
{
  self->is_kicked = TRUE;
}

void
ferry_strophe_thread_nudge (FerryStropheThread *self)
{
  self->is_nudged = TRUE;
}
