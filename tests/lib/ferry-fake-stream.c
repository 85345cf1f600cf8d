/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The FerryStream that a client under test holds: a thin front of its endpoint. */
#include "ferry-fake-net-private.h"

#define FERRY_TYPE_FAKE_STREAM (ferry_fake_stream_get_type ())
G_DECLARE_FINAL_TYPE (FerryFakeStream, ferry_fake_stream, FERRY, FAKE_STREAM, GObject)

struct _FerryFakeStream
{
  GObject parent_instance;

  FerryFakeNet *net;
  FakeEndpoint *endpoint;
  gboolean was_online;
};

static void ferry_fake_stream_iface_init (FerryStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryFakeStream,
                               ferry_fake_stream,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_STREAM,
                                                      ferry_fake_stream_iface_init))

FakeEndpoint *
fake_stream_get_endpoint (FerryStream *stream)
{
  return FERRY_FAKE_STREAM (stream)->endpoint;
}

static void
fake_stream_open (FerryStream *stream)
{
  FakeEndpoint *endpoint = FERRY_FAKE_STREAM (stream)->endpoint;
  if (endpoint->state != FERRY_STREAM_OFFLINE)
    return;
  FERRY_FAKE_STREAM (stream)->was_online = TRUE;
  fake_net_open (endpoint);
}

static void
fake_stream_close (FerryStream *stream)
{
  FakeEndpoint *endpoint = FERRY_FAKE_STREAM (stream)->endpoint;
  if (endpoint->state != FERRY_STREAM_OFFLINE)
    fake_net_close (endpoint);
}

static void
fake_stream_send (FerryStream *stream, FerryNode *stanza)
{
  fake_net_send (FERRY_FAKE_STREAM (stream)->endpoint, stanza);
}

static FerryStreamState
fake_stream_get_state (FerryStream *stream)
{
  return FERRY_FAKE_STREAM (stream)->endpoint->state;
}

static FerryJid *
fake_stream_get_jid (FerryStream *stream)
{
  FerryFakeStream *self = FERRY_FAKE_STREAM (stream);
  return self->was_online ? self->endpoint->jid : NULL;
}

static void
ferry_fake_stream_iface_init (FerryStreamInterface *iface)
{
  iface->open = fake_stream_open;
  iface->close = fake_stream_close;
  iface->send = fake_stream_send;
  iface->get_state = fake_stream_get_state;
  iface->get_jid = fake_stream_get_jid;
}

static void
ferry_fake_stream_finalize (GObject *object)
{
  FerryFakeStream *self = FERRY_FAKE_STREAM (object);

  self->endpoint->stream = NULL;
  fake_net_end_session (self->endpoint, FERRY_STREAM_OFFLINE);
  g_clear_object (&self->net);

  G_OBJECT_CLASS (ferry_fake_stream_parent_class)->finalize (object);
}

static void
ferry_fake_stream_class_init (FerryFakeStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_fake_stream_finalize;
}

static void
ferry_fake_stream_init (FerryFakeStream *self)
{
}

FerryStream *
ferry_fake_net_add_stream (FerryFakeNet *self, const char *full_jid)
{
  FakeEndpoint *endpoint = fake_net_get_endpoint (self, full_jid);
  g_assert_true (endpoint->stream == NULL && endpoint->inbox == NULL);

  FerryFakeStream *stream = g_object_new (FERRY_TYPE_FAKE_STREAM, NULL);
  stream->net = g_object_ref (self);
  stream->endpoint = endpoint;
  endpoint->stream = FERRY_STREAM (stream);
  return FERRY_STREAM (stream);
}

FerryStream *
ferry_fake_net_connect (FerryFakeNet *self, const char *full_jid)
{
  FerryStream *stream = ferry_fake_net_add_stream (self, full_jid);
  ferry_stream_open (stream);
  return stream;
}
