/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CONNECTING (FerryConnector) → SIGNING_IN (libstrophe; FerryLogin reads along) → ONLINE →
 * ENDED
 *
 * Stream management is ours (FerrySm), libstrophe's is off. To resume a session, its request to
 * bind a resource is taken out on the way to the server and <resume/> sent instead; when
 * <resumed/> comes, the library gets the answer to its request from us.
 *
 * The library is given stanzas only while nothing of it is unwritten, and no more at a time
 * than the socket pair holds; all others wait in our outbox. */
#define G_LOG_DOMAIN "ferry-strophe-conn"
#include "config.h"

#include "xmpp/strophe/ferry-strophe-conn-private.h"

#include "base/ferry-error.h"
#include "base/ferry-source.h"
#include "xmpp/ferry-ns.h"
#include "xmpp/strophe/ferry-strophe-node.h"
#include "xmpp/strophe/ferry-strophe-pair.h"

#include <string.h>

#define SIGN_IN_LIMIT_S 20
/* Given to the library at a time; the pair holds some 200 KiB. */
#define GIVE_BYTES (64 * 1024)
#define GIVE_STANZAS 32
/* More than this waiting means that the server takes nothing any more. */
#define MAX_OUTBOX_BYTES (8 * 1024 * 1024)

/* --- Reports to the main context -------------------------------------------------------------
 */

static void
event_free (gpointer data)
{
  FerryStropheConnEvent *event = data;
  g_clear_pointer (&event->jid, ferry_jid_unref);
  g_clear_pointer (&event->stanza, ferry_node_unref);
  g_clear_error (&event->error);
  g_clear_pointer (&event->refused, ferry_certificate_unref);
  g_free (event);
}

static void
deliver (gpointer item, gpointer user_data)
{
  FerryStropheConn *self = user_data;
  self->func (item, self->user_data);
}

static FerryStropheConnEvent *
event_new (FerryStropheConnEventType type)
{
  FerryStropheConnEvent *event = g_new0 (FerryStropheConnEvent, 1);
  event->type = type;
  return event;
}

static void
report_stanza (FerryStropheConn *self, FerryNode *stanza)
{
  FerryStropheConnEvent *event = event_new (FERRY_STROPHE_CONN_STANZA);
  event->stanza = stanza;
  ferry_mailbox_put (self->mailbox, event);
}

static void
report_online (FerryStropheConn *self)
{
  FerryStropheConnEvent *event = event_new (FERRY_STROPHE_CONN_ONLINE);
  event->jid = ferry_jid_ref (self->bound);
  event->is_resumed = self->login.is_resumed;
  event->max_s = self->max_s;
  ferry_mailbox_put (self->mailbox, event);
}

/* --- The end ---------------------------------------------------------------------------------
 */

void
ferry_strophe_conn_set_limit (FerryStropheConn *self, guint seconds, GSourceFunc func)
{
  ferry_clear_source (&self->limit);
  self->limit = g_timeout_source_new_seconds (seconds);
  g_source_set_callback (self->limit, func, self, NULL);
  g_source_attach (self->limit, ferry_strophe_thread_get_context (self->thread));
}

/* Errors after which the session is of no use, or must not be trusted. */
static gboolean
ends_session (const GError *error)
{
  return g_error_matches (error, FERRY_ERROR, FERRY_ERROR_CONFLICT) ||
         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_GONE) ||
         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_LIMIT) ||
         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
}

/* Not inside a callback of the library. */
static void
finish (FerryStropheConn *self)
{
  if (self->state == FERRY_STROPHE_CONN_HAS_ENDED)
    return;

  if (self->conn != NULL)
    ferry_strophe_thread_unwatch (self->thread, self);
  g_clear_pointer (&self->pump, ferry_strophe_pump_free);
  self->can_resume = self->sm->id != NULL && !self->is_closing && !self->has_stream_end &&
                     !ends_session (self->error);
  self->state = FERRY_STROPHE_CONN_HAS_ENDED;
  ferry_clear_source (&self->limit);
  ferry_clear_source (&self->settling);
  g_queue_clear_full (&self->early, (GDestroyNotify) ferry_node_unref);
  ferry_login_clear (&self->login);
  if (self->conn != NULL)
    xmpp_conn_release (g_steal_pointer (&self->conn));

  FerryStropheConnEvent *event = event_new (FERRY_STROPHE_CONN_ENDED);
  if (!self->is_closing)
    event->error = self->error != NULL ? g_error_copy (self->error)
                                       : g_error_new (FERRY_ERROR, FERRY_ERROR_SERVER,
                                                      "the connection was lost");
  event->refused = g_steal_pointer (&self->refused);
  event->can_resume = self->can_resume;
  event->n_unsaid = self->sm->unacked.texts.length + self->outbox.texts.length;
  g_debug ("%s: ended: %s%s", ferry_jid_get_text (self->jid),
           event->error != NULL ? event->error->message : "closed",
           event->can_resume ? ", can resume" : "");
  ferry_mailbox_put (self->mailbox, event);
  ferry_strophe_thread_release (self->thread);
}

static void
clear (FerryStropheConn *self)
{
  ferry_sm_free (self->sm);
  g_clear_pointer (&self->bound, ferry_jid_unref);
  g_string_free (self->held, TRUE);
  g_string_free (self->frame, TRUE);
  ferry_xml_queue_clear (&self->outbox);
  ferry_connector_settings_free (self->settings);
  ferry_jid_unref (self->jid);
  g_free (self->password);
  ferry_mailbox_unref (self->mailbox);
  g_object_unref (self->cancellable);
  g_clear_error (&self->error);
  g_clear_pointer (&self->refused, ferry_certificate_unref);
  g_free (self);
}

static void
set_error (FerryStropheConn *self, const GError *error)
{
  if (self->error == NULL && error != NULL)
    self->error = g_error_copy (error);
}

void
ferry_strophe_conn_fail (FerryStropheConn *self, const GError *error)
{
  set_error (self, error);
  if (self->pump != NULL)
    ferry_strophe_pump_cut (self->pump, error);
  else if (self->state == FERRY_STROPHE_CONN_CONNECTING)
    g_cancellable_cancel (self->cancellable);
}

static gboolean
too_late_cb (gpointer user_data)
{
  FerryStropheConn *self = user_data;
  g_autoptr (GError) error =
      g_error_new (FERRY_ERROR, FERRY_ERROR_SERVER,
                   "the server did not let us in within %d seconds", SIGN_IN_LIMIT_S);
  ferry_strophe_conn_fail (self, error);
  return G_SOURCE_REMOVE;
}

/* --- Callbacks of the library ----------------------------------------------------------------
 */

static void
note_stream_error (FerryStropheConn *self, const xmpp_stream_error_t *stream_error)
{
  int code = FERRY_ERROR_SERVER;
  if (stream_error->type == XMPP_SE_CONFLICT)
    code = FERRY_ERROR_CONFLICT;
  else if (stream_error->type == XMPP_SE_NOT_AUTHORIZED)
    code = FERRY_ERROR_LOGIN;

  g_autoptr (GError) error =
      g_error_new (FERRY_ERROR, code, "the server ended the stream: condition %d%s%s",
                   (int) stream_error->type, stream_error->text != NULL ? ", " : "",
                   stream_error->text != NULL ? stream_error->text : "");
  set_error (self, error);
}

static void
connection_cb (xmpp_conn_t *conn,
               xmpp_conn_event_t event,
               int error,
               xmpp_stream_error_t *stream_error,
               void *user_data)
{
  FerryStropheConn *self = user_data;

  if (event == XMPP_CONN_CONNECT)
    self->is_connected = TRUE;
  else if (stream_error != NULL)
    note_stream_error (self, stream_error);
}

static gboolean
is_stanza (const FerryNode *node)
{
  return ferry_node_is (node, "iq", FERRY_NS_CLIENT) ||
         ferry_node_is (node, "message", FERRY_NS_CLIENT) ||
         ferry_node_is (node, "presence", FERRY_NS_CLIENT);
}

/* Answers to the library's own questions while it signs in */
static gboolean
is_for_library (const FerryNode *stanza)
{
  const char *id = ferry_node_get_attr (stanza, "id");
  return id != NULL && g_str_has_prefix (id, "_xmpp_");
}

void
ferry_strophe_conn_send_now (FerryStropheConn *self, const char *xml)
{
  xmpp_send_raw (self->conn, xml, strlen (xml));
  ferry_strophe_thread_kick (self->thread);
}

/* Called for every child of the stream since signing in succeeded. */
static int
stanza_cb (xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *user_data)
{
  FerryStropheConn *self = user_data;

  if (xmpp_stanza_get_name (stanza) == NULL)
    return 1;
  g_autoptr (FerryNode) node = ferry_strophe_node_convert (stanza);
  if (ferry_node_is (node, NULL, FERRY_NS_SM))
    ferry_strophe_conn_handle_sm (self, node);
  if (!is_stanza (node) || is_for_library (node))
    return 1;

  ferry_sm_handled (self->sm);
  if (self->state == FERRY_STROPHE_CONN_IS_ONLINE)
    report_stanza (self, g_steal_pointer (&node));
  else
    g_queue_push_tail (&self->early, g_steal_pointer (&node));
  return 1;
}

/* --- Sending ---------------------------------------------------------------------------------
 */

static void
say_goodbye (FerryStropheConn *self)
{
  self->is_closing = TRUE;
  ferry_clear_source (&self->limit);
  ferry_clear_source (&self->settling);
  /* Else the server would tell the senders that nobody has got their last stanzas. */
  if (self->sm->is_enabled && self->state == FERRY_STROPHE_CONN_IS_ONLINE)
    ferry_strophe_conn_acknowledge (self);
  xmpp_disconnect (self->conn);
  ferry_strophe_thread_kick (self->thread);
}

static void
give_stanzas (FerryStropheConn *self)
{
  if (self->state != FERRY_STROPHE_CONN_IS_ONLINE || self->is_closing || self->pump == NULL ||
      !xmpp_conn_is_connected (self->conn) || xmpp_conn_send_queue_len (self->conn) > 0 ||
      !ferry_strophe_pump_is_drained (self->pump))
    return;

  g_autoptr (GString) stanzas = g_string_new (NULL);
  for (guint i = 0;
       i < GIVE_STANZAS && stanzas->len < GIVE_BYTES && !ferry_sm_is_full (self->sm); i++)
    {
      char *xml = ferry_xml_queue_pop (&self->outbox);
      if (xml == NULL)
        break;
      g_string_append (stanzas, xml);
      if (ferry_sm_sent (self->sm, xml))
        g_string_append (stanzas, "<r xmlns='" FERRY_NS_SM "'/>");
    }
  if (stanzas->len > 0)
    {
      xmpp_send_raw (self->conn, stanzas->str, stanzas->len);
      ferry_strophe_thread_kick (self->thread);
      ferry_strophe_conn_settle_soon (self);
    }
  if (self->wants_close && ferry_xml_queue_is_empty (&self->outbox) &&
      ferry_strophe_conn_is_heard (self))
    say_goodbye (self);
}

typedef struct
{
  FerryStropheConn *conn;
  char *xml;
} SendCall;

static void
send_cb (gpointer user_data)
{
  g_autofree SendCall *call = user_data;
  FerryStropheConn *self = call->conn;

  ferry_xml_queue_push (&self->outbox, call->xml);
  if (self->outbox.n_bytes > MAX_OUTBOX_BYTES)
    {
      g_autoptr (GError) error =
          g_error_new (FERRY_ERROR, FERRY_ERROR_LIMIT, "too much waits to be sent");
      ferry_strophe_conn_fail (self, error);
    }
  ferry_strophe_thread_nudge (self->thread); /* turn_cb() gives it to the library */
}

void
ferry_strophe_conn_send (FerryStropheConn *self, char *xml)
{
  SendCall *call = g_new (SendCall, 1);
  call->conn = self;
  call->xml = xml;
  ferry_strophe_thread_invoke (self->thread, send_cb, call);
}

static void
pump_has_room_cb (gpointer user_data)
{
  FerryStropheConn *self = user_data;
  ferry_strophe_thread_nudge (self->thread);
}

static void
pump_ended_cb (const GError *error, gpointer user_data)
{
  FerryStropheConn *self = user_data;
  if (error != NULL && error->domain == FERRY_ERROR)
    set_error (self, error);
  ferry_strophe_thread_kick (self->thread);
}

static const FerryStrophePumpFuncs pump_funcs = { ferry_strophe_conn_incoming,
                                                  ferry_strophe_conn_outgoing, pump_has_room_cb,
                                                  pump_ended_cb };

/* --- The way to "online" ---------------------------------------------------------------------
 */

static void
go_online (FerryStropheConn *self)
{
  self->state = FERRY_STROPHE_CONN_IS_ONLINE;
  self->guard = self->login.reader.guard;
  ferry_strophe_conn_begin_frames (self);
  if (self->login.max_s > 0)
    self->max_s = self->login.max_s;
  ferry_clear_source (&self->limit);
  if (!self->login.is_resumed)
    {
      g_clear_pointer (&self->bound, ferry_jid_unref);
      self->bound = ferry_jid_new (xmpp_conn_get_bound_jid (self->conn), NULL);
    }
  if (self->bound == NULL)
    self->bound = ferry_jid_ref (self->jid);
  report_online (self);

  FerryNode *node;
  while ((node = g_queue_pop_head (&self->early)) != NULL)
    report_stanza (self, node);
}

/* After each turn of the library. */
static gboolean
turn_cb (gpointer user_data)
{
  FerryStropheConn *self = user_data;

  if (xmpp_conn_is_disconnected (self->conn))
    {
      finish (self);
      return FALSE;
    }
  if (ferry_strophe_pump_turn (self->pump))
    ferry_strophe_thread_kick (self->thread);
  if (self->is_connected && self->login.has_sm && !self->has_asked_sm)
    {
      ferry_strophe_conn_send_now (self, "<enable xmlns='" FERRY_NS_SM "' resume='true'/>");
      self->has_asked_sm = TRUE;
    }
  if (self->state == FERRY_STROPHE_CONN_SIGNING_IN && self->is_connected && !self->is_deaf &&
      ferry_login_is_done (&self->login))
    go_online (self);
  give_stanzas (self);
  return self->state != FERRY_STROPHE_CONN_IS_ONLINE || self->is_closing;
}

static void
begin_to_sign_in (FerryStropheConn *self, GTlsConnection *tls)
{
  g_autofree char *password = g_utf8_normalize (self->password, -1, G_NORMALIZE_NFKC);
  int our_fd;
  int library_fd;

  self->state = FERRY_STROPHE_CONN_SIGNING_IN;
  ferry_login_init (&self->login, self->sm->id != NULL);
  self->conn = xmpp_conn_new (ferry_strophe_thread_get_ctx (self->thread));
  /* It is encrypted already: @tls can only be had after a handshake with a certificate that
   * was accepted. The library must not look for TLS inside. */
  xmpp_conn_set_flags (self->conn, XMPP_CONN_FLAG_DISABLE_TLS | XMPP_CONN_FLAG_DISABLE_SM);
  xmpp_conn_set_jid (self->conn, ferry_jid_get_text (self->jid));
  /* RFC 4013 asks for NFKC; the library prepares nothing. */
  xmpp_conn_set_pass (self->conn, password != NULL ? password : self->password);
  xmpp_handler_add (self->conn, stanza_cb, NULL, NULL, NULL, self);

  if (!ferry_strophe_pair_connect (self->conn, connection_cb, self, &our_fd, &library_fd,
                                   &self->error))
    {
      xmpp_conn_release (g_steal_pointer (&self->conn));
      finish (self);
      return;
    }
  self->pump = ferry_strophe_pump_new (tls, our_fd, &pump_funcs, self);
  ferry_strophe_thread_watch (self->thread, turn_cb, self);

  ferry_strophe_conn_set_limit (self, SIGN_IN_LIMIT_S, too_late_cb);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryStropheConn *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsConnection) tls =
      ferry_connector_connect_finish (result, &self->refused, &error);

  self->last_read_us = g_get_monotonic_time ();
  /* It may have succeeded just before it was cancelled. */
  if (tls != NULL && !g_cancellable_is_cancelled (self->cancellable))
    begin_to_sign_in (self, tls);
  else
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        set_error (self, error);
      finish (self);
    }
  if (self->is_abandoned)
    clear (self);
}

static void
inherit (FerryStropheConn *self, FerryStropheConn *previous)
{
  FerrySm *sm = self->sm;
  self->sm = previous->sm;
  previous->sm = sm;
  self->max_s = previous->max_s;
  self->bound = g_steal_pointer (&previous->bound);
  ferry_xml_queue_prepend (&self->outbox, &previous->outbox);
}

static void
start_cb (gpointer user_data)
{
  FerryStropheConn *self = user_data;

  if (self->previous != NULL)
    inherit (self, g_steal_pointer (&self->previous));
  ferry_strophe_thread_hold (self->thread);
  ferry_connector_connect_async (self->settings, self->cancellable, connected_cb, self);
}

FerryStropheConn *
ferry_strophe_conn_start (FerryStropheThread *thread,
                          const FerryConnectorSettings *settings,
                          FerryJid *jid,
                          const char *password,
                          FerryStropheConn *previous,
                          FerryStropheConnFunc func,
                          gpointer user_data)
{
  FerryStropheConn *self = g_new0 (FerryStropheConn, 1);
  self->thread = ferry_strophe_thread_ref (thread);
  self->settings = ferry_connector_settings_copy (settings);
  self->jid = ferry_jid_ref (jid);
  self->password = g_strdup (password);
  self->previous = previous;
  self->cancellable = g_cancellable_new ();
  self->func = func;
  self->user_data = user_data;
  self->mailbox =
      ferry_mailbox_new (g_main_context_get_thread_default (), deliver, self, event_free);
  self->held = g_string_new (NULL);
  self->frame = g_string_new (NULL);
  self->sm = ferry_sm_new ();
  g_queue_init (&self->early);
  ferry_strophe_thread_invoke (thread, start_cb, self);
  return self;
}

/* --- Orders from the main context ------------------------------------------------------------
 */

static void
close_cb (gpointer user_data)
{
  FerryStropheConn *self = user_data;

  self->wants_close = TRUE;
  if (self->state == FERRY_STROPHE_CONN_CONNECTING)
    {
      self->is_closing = TRUE;
      g_cancellable_cancel (self->cancellable);
    }
  else if (self->state == FERRY_STROPHE_CONN_SIGNING_IN)
    say_goodbye (self);
  else if (self->state == FERRY_STROPHE_CONN_IS_ONLINE)
    give_stanzas (self);
}

void
ferry_strophe_conn_close (FerryStropheConn *self)
{
  ferry_strophe_thread_invoke (self->thread, close_cb, self);
}

static void
cut_cb (gpointer user_data)
{
  g_autoptr (GError) error =
      g_error_new (FERRY_ERROR, FERRY_ERROR_SERVER, "the server has stopped answering");
  ferry_strophe_conn_fail (user_data, error);
}

void
ferry_strophe_conn_cut (FerryStropheConn *self)
{
  ferry_strophe_thread_invoke (self->thread, cut_cb, self);
}

gint64
ferry_strophe_conn_get_last_read_us (FerryStropheConn *self)
{
  return __atomic_load_n (&self->last_read_us, __ATOMIC_RELAXED);
}

static void
free_cb (gpointer user_data)
{
  FerryStropheConn *self = user_data;

  if (self->state == FERRY_STROPHE_CONN_CONNECTING)
    {
      self->is_abandoned = TRUE; /* connected_cb() ends it */
      g_cancellable_cancel (self->cancellable);
      return;
    }
  finish (self);
  clear (self);
}

void
ferry_strophe_conn_free (FerryStropheConn *self)
{
  if (self == NULL)
    return;
  FerryStropheThread *thread = self->thread;
  ferry_mailbox_close (self->mailbox);
  ferry_strophe_thread_invoke (thread, free_cb, self);
  ferry_strophe_thread_unref (thread);
}
