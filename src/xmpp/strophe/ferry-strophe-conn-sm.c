/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stream management (XEP-0198) on a connection: what FerrySm counts, said and heard. */
#include "config.h"

#include "xmpp/strophe/ferry-strophe-conn-private.h"

#include "base/ferry-error.h"
#include "base/ferry-source.h"
#include "xmpp/ferry-ns.h"

/* XEP-0198 §4 lets who acknowledges "collect many stanzas over a period of time". A server asks
 * behind each stanza; so in-band bytes would cost as many questions and answers as blocks. */
#define SETTLE_AFTER_MS 50
/* For the first answer in a resumed session. */
#define PROOF_LIMIT_S 5
/* For what was said last. */
#define LAST_WORDS_LIMIT_S 3

static gboolean
deaf_cb (gpointer user_data)
{
  g_autoptr (GError) error = g_error_new (
      FERRY_ERROR, FERRY_ERROR_GONE, "the server resumed the session, but does not listen");
  ferry_strophe_conn_fail (user_data, error);
  return G_SOURCE_REMOVE;
}

/* Prosody (0.12.3) gives what we say after <resumed/> to the parser of the connection before.
 * If that one has half a stanza, it takes all for the rest of it, and never answers again. */
static void
ask_for_proof (FerryStropheConn *self)
{
  self->is_deaf = TRUE;
  ferry_strophe_conn_send_now (self, "<r xmlns='" FERRY_NS_SM "'/>");
  ferry_strophe_conn_set_limit (self, PROOF_LIMIT_S, deaf_cb);
}

static gboolean
unheard_cb (gpointer user_data)
{
  g_autoptr (GError) error = g_error_new (FERRY_ERROR, FERRY_ERROR_SERVER,
                                          "the server does not acknowledge what was said last");
  ferry_strophe_conn_fail (user_data, error);
  return G_SOURCE_REMOVE;
}

/* Who leaves a connection that is dead already, without a word from the server, would not know
 * that nobody has heard the last stanzas. */
gboolean
ferry_strophe_conn_is_heard (FerryStropheConn *self)
{
  if (ferry_sm_is_settled (self->sm))
    return TRUE;
  if (self->limit == NULL)
    ferry_strophe_conn_set_limit (self, LAST_WORDS_LIMIT_S, unheard_cb);
  if (ferry_sm_ask (self->sm))
    ferry_strophe_conn_send_now (self, "<r xmlns='" FERRY_NS_SM "'/>");
  return FALSE;
}

void
ferry_strophe_conn_acknowledge (FerryStropheConn *self)
{
  g_autofree char *answer = ferry_sm_print_answer (self->sm);

  self->is_asked = FALSE;
  ferry_strophe_conn_send_now (self, answer);
}

static gboolean
settle_cb (gpointer user_data)
{
  FerryStropheConn *self = user_data;

  ferry_clear_source (&self->settling);
  if (self->is_asked)
    ferry_strophe_conn_acknowledge (self);
  if (self->sm->n_unasked > 0 && ferry_sm_ask (self->sm))
    ferry_strophe_conn_send_now (self, "<r xmlns='" FERRY_NS_SM "'/>");
  return G_SOURCE_REMOVE;
}

void
ferry_strophe_conn_settle_soon (FerryStropheConn *self)
{
  if (self->settling != NULL || self->is_closing ||
      (!self->is_asked && self->sm->n_unasked == 0))
    return;
  self->settling = g_timeout_source_new (SETTLE_AFTER_MS);
  g_source_set_callback (self->settling, settle_cb, self, NULL);
  g_source_attach (self->settling, ferry_strophe_thread_get_context (self->thread));
}

void
ferry_strophe_conn_handle_sm (FerryStropheConn *self, const FerryNode *node)
{
  g_autoptr (GError) error = NULL;

  if (ferry_node_is (node, "enabled", NULL))
    ferry_sm_enable (self->sm, node);
  else if (ferry_node_is (node, "r", NULL))
    self->is_asked = TRUE;
  else if (ferry_node_is (node, "a", NULL) || ferry_node_is (node, "resumed", NULL))
    {
      if (!ferry_sm_acknowledge (self->sm, node, &error))
        ferry_strophe_conn_fail (self, error);
      else if (ferry_node_is (node, "a", NULL))
        self->is_deaf = FALSE;
      else
        {
          ferry_sm_resend (self->sm, &self->outbox);
          ask_for_proof (self);
        }
    }
  ferry_strophe_conn_settle_soon (self);
}
