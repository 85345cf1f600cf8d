/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libstrophe has a loop of its own that sleeps in select(); here it only gets turns, each of
 * which does what can be done at once (xmpp_run_once() with no time to wait).
 *
 * When is a turn due? The library always talks to one end of a socket pair whose other end is
 * ours, in this thread, so it is known exactly:
 * - its end has something to read: watched, level-triggered, the mask never changes;
 * - a stanza was given to it: kick;
 * - it could not write everything because the pair was full: then our end has something to
 *   read, and whoever reads it kicks.
 * The length of its send queue, which it reports wrongly for a stanza that is partly written,
 * is not needed. Its timers run only inside a turn, so there is a tick while one of them
 * matters: signing in and closing.
 *
 * The stack is an ordinary thread's: FerryXmlGuard has limited the nesting before the library's
 * recursive code sees it. The library gets no logger: with one it prints every stanza into a
 * text first, and what it would tell (a wrong password) FerryLogin tells better. */
#define G_LOG_DOMAIN "ferry-strophe-thread"
#include "config.h"

#include "xmpp/strophe/ferry-strophe-thread-private.h"

#include "base/ferry-background.h"

#include <glib-unix.h>
#include <signal.h>

/* One turn of the library reads at most 4096 bytes; this makes a dispatch worth its while. */
#define TURNS_PER_DISPATCH 4
#define TICK_US (G_USEC_PER_SEC / 2)

typedef struct
{
  gpointer fd_tag;
  FerryStropheTurnFunc func;
  gpointer user_data;
} Watch;

typedef struct
{
  GSource source;
  FerryStropheThread *thread;
} TurnSource;

struct _FerryStropheThread
{
  guint n_refs; /* with the lock held */
  GThread *thread;
  GMainContext *context;

  /* Below: of the XMPP thread. */
  xmpp_ctx_t *ctx;
  GSource *source;
  GPtrArray *watches; /* of Watch */
  guint n_held;
  gboolean is_kicked;
  gboolean is_ending;
};

/* The one global of Ferry: of the library's static buffers there is one of each in the process,
 * whoever uses it. */
static GMutex lock;
static FerryStropheThread *the_thread;

static gboolean
turn_prepare (GSource *source, int *timeout_ms)
{
  *timeout_ms = -1;
  return ((TurnSource *) source)->thread->is_kicked;
}

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
turn_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  FerryStropheThread *self = ((TurnSource *) source)->thread;

  self->is_kicked = FALSE;
  for (guint i = 0; i < TURNS_PER_DISPATCH; i++)
    xmpp_run_once (self->ctx, 0);
  gboolean needs_tick = call_watches (self);
  g_source_set_ready_time (source, needs_tick ? g_get_monotonic_time () + TICK_US : -1);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs turn_funcs = { .prepare = turn_prepare, .dispatch = turn_dispatch };

static gpointer
run (gpointer data)
{
  FerryStropheThread *self = data;

  ferry_background_enter ();
  g_main_context_push_thread_default (self->context);
  xmpp_initialize ();
  self->ctx = xmpp_ctx_new (NULL, NULL);
  self->source = g_source_new (&turn_funcs, sizeof (TurnSource));
  ((TurnSource *) self->source)->thread = self;
  g_source_attach (self->source, self->context);

  while (!self->is_ending || self->n_held > 0)
    g_main_context_iteration (self->context, TRUE);

  g_source_destroy (self->source);
  g_source_unref (self->source);
  xmpp_ctx_free (self->ctx);
  xmpp_shutdown ();
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/* With @lock held. */
static FerryStropheThread *
start (void)
{
  FerryStropheThread *self = g_new0 (FerryStropheThread, 1);

  /* The library writes to sockets that may be closed, without MSG_NOSIGNAL. */
  signal (SIGPIPE, SIG_IGN);
  self->context = g_main_context_new ();
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

static gboolean
end_cb (gpointer user_data)
{
  FerryStropheThread *self = user_data;
  self->is_ending = TRUE;
  return G_SOURCE_REMOVE;
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
      g_ptr_array_unref (self->watches);
      g_main_context_unref (self->context);
      g_free (self);
      the_thread = NULL;
    }
  g_mutex_unlock (&lock);
}

void
ferry_strophe_thread_invoke (FerryStropheThread *self, GSourceFunc func, gpointer user_data)
{
  /* Not g_main_context_invoke(): the caller must never run @func itself. */
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, user_data, NULL);
  g_source_attach (source, self->context);
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
                            int fd,
                            FerryStropheTurnFunc func,
                            gpointer user_data)
{
  Watch *watch = g_new0 (Watch, 1);
  watch->fd_tag = g_source_add_unix_fd (self->source, fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
  watch->func = func;
  watch->user_data = user_data;
  g_ptr_array_add (self->watches, watch);
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
      g_source_remove_unix_fd (self->source, watch->fd_tag);
      g_ptr_array_remove_index (self->watches, i);
      return;
    }
}

void
ferry_strophe_thread_kick (FerryStropheThread *self)
{
  self->is_kicked = TRUE;
}
