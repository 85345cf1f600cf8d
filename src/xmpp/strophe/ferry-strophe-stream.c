/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One FerryStropheConn at a time. What follows when it ends:
 *
 * | it ended               | state before | then                                             |
 * |------------------------|--------------|--------------------------------------------------|
 * | closed by us           | any          | OFFLINE, "offline" without error                 |
 * | can resume, closed by us, last words unheard | any | INTERRUPTED; try, then close again   |
 * | wrong password, certificate, conflict | any | OFFLINE, "offline"                         |
 * | can resume             | ONLINE       | INTERRUPTED; try, but for a limited time          |
 * | can resume             | INTERRUPTED  | the same; the attempt did not get far enough      |
 * | otherwise              | ONLINE, INTERRUPTED, CONNECTING | CONNECTING, "offline", try    |
 */
#define G_LOG_DOMAIN "ferry-strophe-stream"
#include "config.h"

#include "xmpp/strophe/ferry-strophe-stream-private.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"
#include "xmpp/strophe/ferry-backoff.h"

#define RESUME_LIMIT_S 300
/* How long closing may take for the sake of what was said last. */
#define LAST_WORDS_LIMIT_S 10
#define PING_AFTER_MS 120000
#define PING_WAIT_MS 20000
/* A connection that lasted this long was a success; the next pause is short again. */
#define SUCCESS_US (10 * G_USEC_PER_SEC)
/* Kept while interrupted; more are dropped. */
#define MAX_PENDING 100
#define MAX_PENDING_BYTES (1024 * 1024)
/* Servers refuse larger ones and close the stream. */
#define MAX_STANZA_BYTES (256 * 1024)

static void stream_iface_init (FerryStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryStropheStream,
                               ferry_strophe_stream,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_STREAM, stream_iface_init))

static void
set_state (FerryStropheStream *self, FerryStreamState state)
{
  if (self->state == state)
    return;
  g_debug ("%s: state %d → %d", ferry_jid_get_bare (self->jid), (int) self->state, (int) state);
  self->state = state;
  ferry_stream_emit_state_changed (FERRY_STREAM (self));
}

static void
drop_pending (FerryStropheStream *self)
{
  ferry_xml_queue_clear (&self->pending);
}

/* --- Trying again ----------------------------------------------------------------------------
 */

static void
cancel_retry (FerryStropheStream *self)
{
  g_clear_handle_id (&self->retry_source, g_source_remove);
  self->retry_at_us = 0;
}

static gboolean
retry_cb (gpointer user_data)
{
  FerryStropheStream *self = user_data;
  self->retry_source = 0;
  ferry_strophe_stream_attempt (self);
  return G_SOURCE_REMOVE;
}

static void
schedule_retry (FerryStropheStream *self)
{
  guint delay_ms = ferry_backoff_delay_ms (++self->n_failures, g_random_double ());

  cancel_retry (self);
  self->retry_at_us = g_get_monotonic_time () + (gint64) delay_ms * 1000;
  self->retry_source = g_timeout_add (delay_ms, retry_cb, self);
}

static void
on_network_changed (GNetworkMonitor *monitor, gboolean is_available, FerryStropheStream *self)
{
  /* Without a network there is nothing to come back to; but is it so? The server may be beside
   * us. */
  if (is_available || self->state == FERRY_STREAM_ONLINE)
    ferry_strophe_stream_check (self);
}

static void
on_woke (FerryWakeWatch *watch, FerryStropheStream *self)
{
  ferry_strophe_stream_check (self);
}

static void
forget_session (FerryStropheStream *self)
{
  g_clear_handle_id (&self->resume_source, g_source_remove);
  g_clear_handle_id (&self->close_source, g_source_remove);
  self->is_closing = FALSE;
  self->has_unsaid = FALSE;
  drop_pending (self);
  g_clear_pointer (&self->conn, ferry_strophe_conn_free);
  self->is_running = FALSE;
}

static void
lose_session (FerryStropheStream *self, const GError *error, FerryStreamState next)
{
  forget_session (self);
  set_state (self, next);
  ferry_stream_emit_offline (FERRY_STREAM (self), error);
}

static gboolean
resume_too_late_cb (gpointer user_data)
{
  FerryStropheStream *self = user_data;
  g_autoptr (FerryStropheStream) alive = g_object_ref (self);
  g_autoptr (GError) error = g_error_new (FERRY_ERROR, FERRY_ERROR_SERVER,
                                          "the connection could not be restored in time");

  self->resume_source = 0;
  gboolean was_running = self->is_running;
  lose_session (self, error, FERRY_STREAM_CONNECTING);
  if (was_running && self->state == FERRY_STREAM_CONNECTING && !self->is_running)
    ferry_strophe_stream_attempt (self);
  return G_SOURCE_REMOVE;
}

/* --- What the connection reports -------------------------------------------------------------
 */

static void
handle_online (FerryStropheStream *self, const FerryStropheConnEvent *event)
{
  char *xml;

  g_clear_pointer (&self->bound_jid, ferry_jid_unref);
  self->bound_jid = ferry_jid_ref (event->jid);
  self->online_since_us = g_get_monotonic_time ();
  self->max_s = event->max_s > 0 ? event->max_s : RESUME_LIMIT_S;
  g_clear_handle_id (&self->resume_source, g_source_remove);
  if (!self->is_closing)
    ferry_strophe_stream_ping_in (self, self->ping_after_ms);

  if (!event->is_resumed)
    drop_pending (self);
  while ((xml = ferry_xml_queue_pop (&self->pending)) != NULL)
    ferry_strophe_conn_send (self->conn, xml);
  if (self->is_closing)
    {
      ferry_strophe_conn_close (self->conn);
      return;
    }

  set_state (self, FERRY_STREAM_ONLINE);
  ferry_stream_emit_online (FERRY_STREAM (self), event->is_resumed);
}

static gboolean
is_fatal (const GError *error)
{
  return g_error_matches (error, FERRY_ERROR, FERRY_ERROR_LOGIN) ||
         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_CERTIFICATE) ||
         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_CONFLICT);
}

static void
interrupt (FerryStropheStream *self)
{
  if (self->resume_source == 0)
    self->resume_source = g_timeout_add_seconds (self->max_s, resume_too_late_cb, self);
  schedule_retry (self);
  set_state (self, FERRY_STREAM_INTERRUPTED);
}

static gboolean
has_last_words (FerryStropheStream *self)
{
  return self->has_unsaid || !ferry_xml_queue_is_empty (&self->pending);
}

static void
handle_ended (FerryStropheStream *self, const FerryStropheConnEvent *event)
{
  self->is_running = FALSE;
  /* That a ping was not answered is nothing that anybody has to hear. */
  self->has_unsaid = event->n_unsaid > (self->is_pinging ? 1 : 0);
  ferry_strophe_stream_stop_ping (self);
  g_clear_pointer (&self->refused, ferry_certificate_unref);
  if (event->refused != NULL)
    self->refused = ferry_certificate_ref (event->refused);
  /* Who is not sent away by the server, but by a bad network, need not wait longer each time.
   */
  if (self->state == FERRY_STREAM_ONLINE &&
      (event->can_resume || g_get_monotonic_time () - self->online_since_us > SUCCESS_US))
    self->n_failures = 0;

  if (self->is_closing && event->can_resume && has_last_words (self))
    {
      schedule_retry (self);
      set_state (self, FERRY_STREAM_INTERRUPTED);
    }
  else if (self->is_closing)
    lose_session (self, NULL, FERRY_STREAM_OFFLINE);
  else if (is_fatal (event->error))
    lose_session (self, event->error, FERRY_STREAM_OFFLINE);
  else if (event->can_resume && self->state != FERRY_STREAM_CONNECTING)
    interrupt (self);
  else if (g_error_matches (event->error, FERRY_ERROR, FERRY_ERROR_GONE))
    {
      /* The network is fine; only the old session is not. */
      lose_session (self, event->error, FERRY_STREAM_CONNECTING);
      if (self->state == FERRY_STREAM_CONNECTING && !self->is_running)
        ferry_strophe_stream_attempt (self);
    }
  else
    {
      schedule_retry (self);
      lose_session (self, event->error, FERRY_STREAM_CONNECTING);
    }
}

static void
event_cb (const FerryStropheConnEvent *event, gpointer user_data)
{
  FerryStropheStream *self = user_data;
  g_autoptr (FerryStropheStream) alive = g_object_ref (self);

  switch (event->type)
    {
    case FERRY_STROPHE_CONN_ONLINE:
      handle_online (self, event);
      break;
    case FERRY_STROPHE_CONN_STANZA:
      ferry_xml_log (event->stanza, FALSE, self->xml_log, self->xml_log_data);
      if (!ferry_strophe_stream_is_pong (self, event->stanza))
        ferry_stream_emit_stanza (FERRY_STREAM (self), event->stanza);
      break;
    case FERRY_STROPHE_CONN_ENDED:
      handle_ended (self, event);
      break;
    default:
      g_assert_not_reached ();
    }
}

void
ferry_strophe_stream_attempt (FerryStropheStream *self)
{
  FerryStropheConn *previous = g_steal_pointer (&self->conn);

  cancel_retry (self);
  self->is_running = TRUE;
  self->attempt_us = g_get_monotonic_time ();
  self->conn = ferry_strophe_conn_start (self->thread, self->settings, self->jid,
                                         self->password, previous, event_cb, self);
  ferry_strophe_conn_free (previous);
}

/* --- FerryStream -----------------------------------------------------------------------------
 */

static void
stream_open (FerryStream *stream)
{
  FerryStropheStream *self = FERRY_STROPHE_STREAM (stream);

  if (self->state != FERRY_STREAM_OFFLINE)
    return;
  self->n_failures = 0;
  self->is_closing = FALSE;
  ferry_strophe_stream_attempt (self);
  set_state (self, FERRY_STREAM_CONNECTING);
}

static gboolean
close_too_late_cb (gpointer user_data)
{
  FerryStropheStream *self = user_data;
  g_autoptr (FerryStropheStream) alive = g_object_ref (self);

  self->close_source = 0;
  cancel_retry (self);
  lose_session (self, NULL, FERRY_STREAM_OFFLINE);
  return G_SOURCE_REMOVE;
}

static void
stream_close (FerryStream *stream)
{
  FerryStropheStream *self = FERRY_STROPHE_STREAM (stream);
  gboolean is_cut = self->state == FERRY_STREAM_INTERRUPTED && has_last_words (self);

  if (self->state == FERRY_STREAM_OFFLINE || self->is_closing)
    return;
  cancel_retry (self);
  ferry_strophe_stream_stop_ping (self);
  g_clear_handle_id (&self->resume_source, g_source_remove);
  if (!self->is_running && !is_cut)
    {
      lose_session (self, NULL, FERRY_STREAM_OFFLINE);
      return;
    }
  self->is_closing = TRUE;
  self->close_source = g_timeout_add_seconds (LAST_WORDS_LIMIT_S, close_too_late_cb, self);
  if (!is_cut)
    ferry_strophe_conn_close (self->conn);
  else if (!self->is_running)
    ferry_strophe_stream_attempt (self); /* and close when it has resumed the session */
}

static void
keep_pending (FerryStropheStream *self, char *xml, gsize length)
{
  if (self->pending.texts.length >= MAX_PENDING ||
      self->pending.n_bytes + length > MAX_PENDING_BYTES)
    {
      g_debug ("too many stanzas while interrupted: one is dropped");
      g_free (xml);
      return;
    }
  ferry_xml_queue_push (&self->pending, xml);
}

static void
stream_send (FerryStream *stream, FerryNode *stanza)
{
  FerryStropheStream *self = FERRY_STROPHE_STREAM (stream);
  gboolean is_interrupted = self->state == FERRY_STREAM_INTERRUPTED;

  if ((self->state != FERRY_STREAM_ONLINE && !is_interrupted) || self->is_closing)
    return;

  ferry_xml_log (stanza, TRUE, self->xml_log, self->xml_log_data);
  GString *xml = g_string_new (NULL);
  ferry_node_print (stanza, FERRY_NS_CLIENT, xml);
  gsize length = xml->len;
  if (length > MAX_STANZA_BYTES)
    {
      g_debug ("a stanza of %" G_GSIZE_FORMAT " bytes is too large for servers", length);
      g_string_free (xml, TRUE);
    }
  else if (is_interrupted)
    keep_pending (self, g_string_free (xml, FALSE), length);
  else
    ferry_strophe_conn_send (self->conn, g_string_free (xml, FALSE));
}

static FerryStreamState
stream_get_state (FerryStream *stream)
{
  return FERRY_STROPHE_STREAM (stream)->state;
}

static FerryJid *
stream_get_jid (FerryStream *stream)
{
  return FERRY_STROPHE_STREAM (stream)->bound_jid;
}

static void
stream_iface_init (FerryStreamInterface *iface)
{
  iface->open = stream_open;
  iface->close = stream_close;
  iface->send = stream_send;
  iface->get_state = stream_get_state;
  iface->get_jid = stream_get_jid;
}

/* --- The object ------------------------------------------------------------------------------
 */

static void
ferry_strophe_stream_dispose (GObject *object)
{
  FerryStropheStream *self = FERRY_STROPHE_STREAM (object);

  cancel_retry (self);
  ferry_strophe_stream_stop_ping (self);
  if (self->thread != NULL)
    forget_session (self);
  g_clear_object (&self->monitor);
  g_clear_object (&self->wake_watch);
  g_clear_pointer (&self->thread, ferry_strophe_thread_unref);
  G_OBJECT_CLASS (ferry_strophe_stream_parent_class)->dispose (object);
}

static void
ferry_strophe_stream_finalize (GObject *object)
{
  FerryStropheStream *self = FERRY_STROPHE_STREAM (object);

  ferry_connector_settings_free (self->settings);
  g_clear_pointer (&self->jid, ferry_jid_unref);
  g_clear_pointer (&self->bound_jid, ferry_jid_unref);
  g_clear_pointer (&self->refused, ferry_certificate_unref);
  g_free (self->password);
  G_OBJECT_CLASS (ferry_strophe_stream_parent_class)->finalize (object);
}

static void
ferry_strophe_stream_class_init (FerryStropheStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->dispose = ferry_strophe_stream_dispose;
  object_class->finalize = ferry_strophe_stream_finalize;
}

static void
ferry_strophe_stream_init (FerryStropheStream *self)
{
}

FerryStropheStream *
ferry_strophe_stream_new (FerryStropheThread *thread, const FerryStropheConfig *config)
{
  g_return_val_if_fail (thread != NULL, NULL);
  g_return_val_if_fail (config->jid != NULL && !ferry_jid_is_bare (config->jid), NULL);
  g_return_val_if_fail (config->password != NULL, NULL);

  FerryStropheStream *self = g_object_new (FERRY_TYPE_STROPHE_STREAM, NULL);
  const FerryConnectorSettings settings = {
    .domain = (char *) ferry_jid_get_domain (config->jid),
    .host = (char *) config->host,
    .port = config->port,
    .direct_tls = config->direct_tls,
    .pin_sha256 = (char *) config->pin_sha256,
    .ca_file = (char *) config->ca_file,
  };
  self->thread = ferry_strophe_thread_ref (thread);
  self->settings = ferry_connector_settings_copy (&settings);
  self->jid = ferry_jid_ref (config->jid);
  self->password = g_strdup (config->password);
  self->xml_log = config->xml_log;
  self->xml_log_data = config->xml_log_data;
  self->ping_after_ms = config->ping_after_ms > 0 ? config->ping_after_ms : PING_AFTER_MS;
  self->ping_wait_ms = config->ping_wait_ms > 0 ? config->ping_wait_ms : PING_WAIT_MS;
  self->monitor = g_object_ref (g_network_monitor_get_default ());
  g_signal_connect_object (self->monitor, "network-changed", G_CALLBACK (on_network_changed),
                           self, 0);
  self->wake_watch = ferry_wake_watch_get ();
  g_signal_connect_object (self->wake_watch, "woke", G_CALLBACK (on_woke), self, 0);
  return self;
}

void
ferry_strophe_stream_set_password (FerryStropheStream *self, const char *password)
{
  g_return_if_fail (FERRY_IS_STROPHE_STREAM (self));
  g_return_if_fail (password != NULL);

  g_free (self->password);
  self->password = g_strdup (password);
}

void
ferry_strophe_stream_set_pin (FerryStropheStream *self, const char *pin_sha256)
{
  g_return_if_fail (FERRY_IS_STROPHE_STREAM (self));

  g_free (self->settings->pin_sha256);
  self->settings->pin_sha256 = g_strdup (pin_sha256);
}

FerryCertificate *
ferry_strophe_stream_get_certificate (FerryStropheStream *self)
{
  g_return_val_if_fail (FERRY_IS_STROPHE_STREAM (self), NULL);

  return self->refused;
}

guint
ferry_strophe_stream_get_retry_in_ms (FerryStropheStream *self)
{
  g_return_val_if_fail (FERRY_IS_STROPHE_STREAM (self), 0);

  gint64 left_us = self->retry_at_us - g_get_monotonic_time ();
  return self->retry_source != 0 && left_us > 0 ? (guint) (left_us / 1000) + 1 : 0;
}
