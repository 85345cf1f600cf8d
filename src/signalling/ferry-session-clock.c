/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/ferry-session-clock.h"

struct _FerrySessionClock
{
  FerryStream *stream;
  gulong state_handler;
  FerrySessionClockFunc on_time;
  gpointer user_data;

  gboolean needs_stream;
  guint source_id;
  gint64 end_us; /* monotonic; while it runs */
  guint left_ms; /* while it stands still; 0: no limit */
};

static gboolean
over_cb (gpointer user_data)
{
  FerrySessionClock *self = user_data;

  self->source_id = 0;
  self->left_ms = 0;
  self->on_time (self->user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
is_stopped (FerrySessionClock *self)
{
  return self->needs_stream &&
         ferry_stream_get_state (self->stream) == FERRY_STREAM_INTERRUPTED;
}

void
ferry_session_clock_set (FerrySessionClock *self, guint ms, gboolean needs_stream)
{
  g_clear_handle_id (&self->source_id, g_source_remove);
  self->left_ms = ms;
  self->needs_stream = needs_stream;
  if (ms == 0 || is_stopped (self))
    return;
  self->end_us = g_get_monotonic_time () + (gint64) ms * 1000;
  self->source_id = g_timeout_add (ms, over_cb, self);
}

static void
on_state_changed (FerryStream *stream, gpointer user_data)
{
  FerrySessionClock *self = user_data;

  if (is_stopped (self) && self->source_id != 0)
    {
      gint64 left_us = self->end_us - g_get_monotonic_time ();
      g_clear_handle_id (&self->source_id, g_source_remove);
      self->left_ms = (guint) MAX (left_us / 1000, 1);
    }
  else if (!is_stopped (self) && self->source_id == 0 && self->left_ms != 0)
    ferry_session_clock_set (self, self->left_ms, self->needs_stream);
}

FerrySessionClock *
ferry_session_clock_new (FerryStream *stream, FerrySessionClockFunc on_time, gpointer user_data)
{
  FerrySessionClock *self = g_new0 (FerrySessionClock, 1);

  self->stream = g_object_ref (stream);
  self->on_time = on_time;
  self->user_data = user_data;
  self->state_handler =
      g_signal_connect (stream, "state-changed", G_CALLBACK (on_state_changed), self);
  return self;
}

void
ferry_session_clock_free (FerrySessionClock *self)
{
  g_clear_handle_id (&self->source_id, g_source_remove);
  g_clear_signal_handler (&self->state_handler, self->stream);
  g_object_unref (self->stream);
  g_free (self);
}
