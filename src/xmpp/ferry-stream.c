/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/ferry-stream.h"

G_DEFINE_INTERFACE (FerryStream, ferry_stream, G_TYPE_OBJECT)

enum
{
  STANZA,
  ONLINE,
  OFFLINE,
  STATE_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
ferry_stream_default_init (FerryStreamInterface *iface)
{
  signals[STANZA] = g_signal_new ("stanza", FERRY_TYPE_STREAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, FERRY_TYPE_NODE);
  signals[ONLINE] = g_signal_new ("online", FERRY_TYPE_STREAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
  signals[OFFLINE] = g_signal_new ("offline", FERRY_TYPE_STREAM, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[STATE_CHANGED] = g_signal_new ("state-changed", FERRY_TYPE_STREAM, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

void
ferry_stream_open (FerryStream *self)
{
  FERRY_STREAM_GET_IFACE (self)->open (self);
}

void
ferry_stream_close (FerryStream *self)
{
  FERRY_STREAM_GET_IFACE (self)->close (self);
}

void
ferry_stream_send (FerryStream *self, FerryNode *stanza)
{
  FERRY_STREAM_GET_IFACE (self)->send (self, stanza);
}

FerryStreamState
ferry_stream_get_state (FerryStream *self)
{
  return FERRY_STREAM_GET_IFACE (self)->get_state (self);
}

FerryJid *
ferry_stream_get_jid (FerryStream *self)
{
  return FERRY_STREAM_GET_IFACE (self)->get_jid (self);
}

void
ferry_stream_emit_stanza (FerryStream *self, FerryNode *stanza)
{
  g_signal_emit (self, signals[STANZA], 0, stanza);
}

void
ferry_stream_emit_online (FerryStream *self, gboolean resumed)
{
  g_signal_emit (self, signals[ONLINE], 0, resumed);
}

void
ferry_stream_emit_offline (FerryStream *self, const GError *error)
{
  g_signal_emit (self, signals[OFFLINE], 0, error);
}

void
ferry_stream_emit_state_changed (FerryStream *self)
{
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}
