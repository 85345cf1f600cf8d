/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strophe-fixture.h"

#include "xmpp/ferry-ns.h"

#include <string.h>

static void
on_stanza (FerryStream *stream, FerryNode *stanza, Peer *self)
{
  if (ferry_node_is (stanza, "message", FERRY_NS_CLIENT))
    g_ptr_array_add (self->stanzas, ferry_node_ref (stanza));
}

static void
on_online (FerryStream *stream, gboolean resumed, Peer *self)
{
  g_assert_cmpint (ferry_stream_get_state (stream), ==, FERRY_STREAM_ONLINE);
  self->n_online++;
  if (resumed)
    self->n_resumed++;
}

static void
on_offline (FerryStream *stream, const GError *error, Peer *self)
{
  self->n_offline++;
  self->state_at_offline = ferry_stream_get_state (stream);
  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
}

Peer *
peer_new_for_config (FerryStropheThread *thread, const FerryStropheConfig *config)
{
  Peer *self = g_new0 (Peer, 1);
  self->stanzas = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_node_unref);
  self->stream = FERRY_STREAM (ferry_strophe_stream_new (thread, config));
  g_signal_connect (self->stream, "stanza", G_CALLBACK (on_stanza), self);
  g_signal_connect (self->stream, "online", G_CALLBACK (on_online), self);
  g_signal_connect (self->stream, "offline", G_CALLBACK (on_offline), self);
  ferry_stream_open (self->stream);
  g_assert_cmpint (peer_get_state (self), ==, FERRY_STREAM_CONNECTING);
  return self;
}

Peer *
peer_new (FerryStropheThread *thread, const char *name, guint16 port, const char *pin)
{
  g_autofree char *text = g_strdup_printf ("%s@ferry.test/ferry-%s", name, name);
  g_autoptr (FerryJid) jid = ferry_jid_new (text, NULL);
  FerryStropheConfig config = {
    .jid = jid, .password = "secret", .host = "127.0.0.1", .port = port, .pin_sha256 = pin
  };
  return peer_new_for_config (thread, &config);
}

void
peer_free (Peer *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->stream, self);
  g_object_unref (self->stream);
  g_ptr_array_unref (self->stanzas);
  g_clear_error (&self->error);
  g_free (self);
}

Peer *
peer_new_online (FerryStropheThread *thread, const char *name, FerryProsody *server)
{
  Peer *self = peer_new (thread, name, server->c2s_port, server->pin_sha256);
  ferry_test_wait (self->n_online == 1, 10);
  return self;
}

FerryStreamState
peer_get_state (Peer *self)
{
  return ferry_stream_get_state (self->stream);
}

void
peer_send_number (Peer *self, Peer *to, guint number, gsize size)
{
  g_autoptr (FerryNode) message = ferry_node_new ("message", FERRY_NS_CLIENT);
  g_autofree char *id = g_strdup_printf ("%u", number);
  g_autofree char *text = g_strnfill (size, 'x');

  ferry_node_set_attrs (message, "to", ferry_jid_get_text (ferry_stream_get_jid (to->stream)),
                        "type", "chat", "id", id, NULL);
  ferry_node_add (message, "body", NULL, text);
  ferry_stream_send (self->stream, message);
}

guint
peer_get_number (Peer *self, guint index)
{
  g_assert_cmpuint (index, <, self->stanzas->len);
  const char *id = ferry_node_get_attr (self->stanzas->pdata[index], "id");
  g_assert_nonnull (id);
  return (guint) g_ascii_strtoull (id, NULL, 10);
}
