/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What passes between the server and the library: looked at, and where the library would do the
 * wrong thing, exchanged. */
#include "config.h"

#include "xmpp/strophe/ferry-strophe-conn-private.h"

#include "base/ferry-error.h"

#include <string.h>

static gboolean
inspect_online (FerryStropheConn *self, const char *data, gsize length, GError **error)
{
  while (length > 0)
    {
      gsize n_taken;
      FerryXmlGuardEvent event = ferry_xml_guard_step (&self->guard, data, length, &n_taken);
      if (event == FERRY_XML_GUARD_FAILED)
        {
          ferry_xml_guard_set_error (&self->guard, error);
          return FALSE;
        }
      if (event == FERRY_XML_GUARD_STREAM_END)
        self->has_stream_end = TRUE;
      data += n_taken;
      length -= n_taken;
    }
  return TRUE;
}

/* The library waits for the answer to the request that never went out. */
static void
answer_bind (FerryStropheConn *self, GString *out)
{
  g_autofree char *answer = g_markup_printf_escaped (
      "<iq type='result' id='_xmpp_bind1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
      "<jid>%s</jid></bind></iq>",
      ferry_jid_get_text (self->bound));
  g_string_append (out, answer);
}

static gboolean
incoming_sign_in (
    FerryStropheConn *self, const char *data, gsize length, GString *out, GError **error)
{
  gboolean is_held = self->login.is_resuming && self->has_asked_sm && !self->login.is_resumed;

  if (!ferry_login_feed (&self->login, data, length, error))
    return FALSE;
  if (self->login.is_resume_refused)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_GONE, "the session is gone");
      return FALSE;
    }
  if (!is_held)
    {
      g_string_append_len (out, data, (gssize) length);
      return TRUE;
    }
  g_string_append_len (self->held, data, (gssize) length);
  if (self->login.is_resumed)
    {
      answer_bind (self, out);
      g_string_append_len (out, self->held->str, (gssize) self->held->len);
    }
  return TRUE;
}

gboolean
ferry_strophe_conn_incoming (
    const char *data, gsize length, GString *out, GError **error, gpointer user_data)
{
  FerryStropheConn *self = user_data;

  __atomic_store_n (&self->last_read_us, g_get_monotonic_time (), __ATOMIC_RELAXED);
  ferry_strophe_thread_kick (self->thread);
  if (self->state != FERRY_STROPHE_CONN_IS_ONLINE)
    return incoming_sign_in (self, data, length, out, error);
  g_string_append_len (out, data, (gssize) length);
  return inspect_online (self, data, length, error);
}

/* When the library cannot parse what it reads it tells the server, but not us, and goes on. */
static void
note_parse_error (FerryStropheConn *self, const char *data, gsize length)
{
  static const char mark[] = "<stream:error";

  if (memmem (data, length, mark, strlen (mark)) == NULL)
    return;
  g_autoptr (GError) error =
      g_error_new (FERRY_ERROR, FERRY_ERROR_PROTOCOL, "the server sent broken XML");
  ferry_strophe_conn_fail (self, error);
}

void
ferry_strophe_conn_begin_frames (FerryStropheConn *self)
{
  static const char header[] = "<stream>";
  gsize n_taken;

  ferry_xml_guard_init (&self->out_guard);
  ferry_xml_guard_step (&self->out_guard, header, strlen (header), &n_taken);
}

/* A record of TLS arrives whole or not at all; so it holds whole stanzas, as long as they are
 * small: a connection that falls silent leaves no half one at the server, which Prosody could
 * not bear (ferry-strophe-conn-sm.c). */
static gsize
add_whole_stanzas (FerryStropheConn *self, const char *data, gsize length, GString *out)
{
  FerryXmlGuardEvent event = FERRY_XML_GUARD_STANZA;
  gsize at = self->frame->len;
  gsize n_whole = 0;

  g_string_append_len (self->frame, data, (gssize) length);
  while (at < self->frame->len && event != FERRY_XML_GUARD_FAILED)
    {
      gsize n_taken;
      event = ferry_xml_guard_step (&self->out_guard, self->frame->str + at,
                                    self->frame->len - at, &n_taken);
      at += n_taken;
      if (event != FERRY_XML_GUARD_MORE)
        n_whole = at;
    }
  if (event == FERRY_XML_GUARD_FAILED || self->frame->len >= FERRY_STROPHE_PUMP_RECORD_BYTES)
    n_whole = self->frame->len;
  g_string_append_len (out, self->frame->str, (gssize) n_whole);
  g_string_erase (self->frame, 0, (gssize) n_whole);
  return self->frame->len;
}

gsize
ferry_strophe_conn_outgoing (const char *data, gsize length, GString *out, gpointer user_data)
{
  FerryStropheConn *self = user_data;

  note_parse_error (self, data, length);
  if (self->state == FERRY_STROPHE_CONN_IS_ONLINE)
    return add_whole_stanzas (self, data, length, out);
  /* The library asks one thing at a time, so its request comes alone and whole. */
  if (self->state == FERRY_STROPHE_CONN_SIGNING_IN && self->login.is_resuming &&
      !self->has_asked_sm && g_strstr_len (data, (gssize) length, "_xmpp_bind1") != NULL)
    {
      g_autofree char *resume = ferry_sm_print_resume (self->sm);
      g_string_append (out, resume);
      self->has_asked_sm = TRUE;
    }
  else
    g_string_append_len (out, data, (gssize) length);
  return 0;
}
