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
ferry_strophe_conn_outgoing (const char *data, gsize length, GString *out, gpointer user_data)
{
  FerryStropheConn *self = user_data;

  ferry_strophe_thread_kick (self->thread);
  note_parse_error (self, data, length);
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
}
