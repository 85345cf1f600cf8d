/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-strophe-stream-alive"
#include "config.h"

#include "xmpp/strophe/ferry-strophe-stream-private.h"

#include "xmpp/ferry-ns.h"

/* Where there is reason to doubt. */
#define CHECK_WAIT_MS 5000
/* An attempt older than this got stuck on a network that is no more. */
#define ATTEMPT_US (2 * G_USEC_PER_SEC)
#define PING_ID "ferry-alive"

static void
send_ping (FerryStropheStream *self)
{
  g_autofree char *xml = g_markup_printf_escaped ("<iq type='get' to='%s' id='" PING_ID
                                                  "'><ping xmlns='" FERRY_NS_PING "'/></iq>",
                                                  ferry_jid_get_domain (self->jid));
  ferry_strophe_conn_send (self->conn, g_steal_pointer (&xml));
  self->is_pinging = TRUE;
  self->pinged_us = g_get_monotonic_time ();
}

static gboolean
ping_cb (gpointer user_data)
{
  FerryStropheStream *self = user_data;
  gint64 last_us = ferry_strophe_conn_get_last_read_us (self->conn);
  gint64 silent_ms = (g_get_monotonic_time () - last_us) / 1000;

  self->ping_source = 0;
  if (self->is_pinging && last_us < self->pinged_us)
    {
      ferry_strophe_conn_cut (self->conn);
      return G_SOURCE_REMOVE;
    }
  self->is_pinging = FALSE;
  self->is_checking = FALSE;
  if (silent_ms < self->ping_after_ms)
    ferry_strophe_stream_ping_in (self, self->ping_after_ms - (guint) silent_ms);
  else
    {
      send_ping (self);
      ferry_strophe_stream_ping_in (self, self->ping_wait_ms);
    }
  return G_SOURCE_REMOVE;
}

void
ferry_strophe_stream_ping_in (FerryStropheStream *self, guint delay_ms)
{
  g_clear_handle_id (&self->ping_source, g_source_remove);
  self->ping_source = g_timeout_add (delay_ms, ping_cb, self);
}

void
ferry_strophe_stream_stop_ping (FerryStropheStream *self)
{
  g_clear_handle_id (&self->ping_source, g_source_remove);
  self->is_pinging = FALSE;
  self->is_checking = FALSE;
}

gboolean
ferry_strophe_stream_is_pong (FerryStropheStream *self, const FerryNode *stanza)
{
  return g_strcmp0 (ferry_node_get_attr (stanza, "id"), PING_ID) == 0 &&
         ferry_node_is (stanza, "iq", NULL) &&
         g_strcmp0 (ferry_node_get_attr (stanza, "from"), ferry_jid_get_domain (self->jid)) ==
             0;
}

void
ferry_strophe_stream_check (FerryStropheStream *self)
{
  g_return_if_fail (FERRY_IS_STROPHE_STREAM (self));

  self->n_failures = 0;
  if (self->retry_source != 0)
    ferry_strophe_stream_attempt (self);
  else if (self->state == FERRY_STREAM_ONLINE)
    {
      /* Such things come in bursts; while no answer has come the first one counts. */
      gboolean is_open = self->is_checking &&
                         ferry_strophe_conn_get_last_read_us (self->conn) < self->pinged_us;
      if (self->is_closing || is_open)
        return;
      self->is_checking = TRUE;
      send_ping (self);
      ferry_strophe_stream_ping_in (self, MIN (self->ping_wait_ms, CHECK_WAIT_MS));
    }
  else if (self->is_running && g_get_monotonic_time () - self->attempt_us > ATTEMPT_US)
    ferry_strophe_conn_cut (self->conn);
}
