/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryStream: an XMPP session that carries stanzas, and comes back by itself when the network
 * breaks. Two implementations: over libstrophe (xmpp/strophe), and one for tests that joins
 * clients in one process. Everything above the stream sees FerryNode only. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-jid.h"
#include "base/ferry-node.h"

G_BEGIN_DECLS

/**
 * FerryStreamState:
 * @FERRY_STREAM_OFFLINE: no session and none wanted or possible
 * @FERRY_STREAM_CONNECTING: a new session is being made, or will be after a pause
 * @FERRY_STREAM_ONLINE: the session carries stanzas
 * @FERRY_STREAM_INTERRUPTED: the connection was cut; the session still stands and resuming it
 *   (XEP-0198) is being tried. Stanzas sent now are kept and go out when it is back.
 */
typedef enum
{
  FERRY_STREAM_OFFLINE,
  FERRY_STREAM_CONNECTING,
  FERRY_STREAM_ONLINE,
  FERRY_STREAM_INTERRUPTED,
} FerryStreamState;

#define FERRY_TYPE_STREAM (ferry_stream_get_type ())
G_DECLARE_INTERFACE (FerryStream, ferry_stream, FERRY, STREAM, GObject)

/**
 * FerryStreamInterface:
 * @open: begin to connect; done when "online" is emitted, or "offline" with an error
 * @close: end the session cleanly; "offline" follows, without an error
 * @send: send one stanza, in order; kept while interrupted, dropped while offline
 * @get_state: where it stands
 * @get_jid: (nullable): the bound full JID; valid from the first "online" on
 *
 * Signals, all in the main context that made the object:
 * "stanza" (FerryNode *stanza): a stanza arrived; `from` is as the server wrote it.
 * "online" (gboolean resumed): stanzas flow. If not @resumed it is a new session: roster,
 *   presence and everything negotiated before are gone.
 * "offline" (GError *error): the session is lost for good; @error is %NULL after close(). When
 *   the state is then CONNECTING the stream tries again by itself; when it is OFFLINE it does
 *   not (wrong password, certificate, conflict, or closed).
 * "state-changed": get_state() has a new value.
 */
struct _FerryStreamInterface
{
  GTypeInterface parent_iface;

  void (*open) (FerryStream *self);
  void (*close) (FerryStream *self);
  void (*send) (FerryStream *self, FerryNode *stanza);
  FerryStreamState (*get_state) (FerryStream *self);
  FerryJid *(*get_jid) (FerryStream *self);
};

void ferry_stream_open (FerryStream *self);
void ferry_stream_close (FerryStream *self);
/* @stanza: (transfer none) */
void ferry_stream_send (FerryStream *self, FerryNode *stanza);
FerryStreamState ferry_stream_get_state (FerryStream *self);
FerryJid *ferry_stream_get_jid (FerryStream *self);

/* For implementations. */
void ferry_stream_emit_stanza (FerryStream *self, FerryNode *stanza);
void ferry_stream_emit_online (FerryStream *self, gboolean resumed);
void ferry_stream_emit_offline (FerryStream *self, const GError *error);
void ferry_stream_emit_state_changed (FerryStream *self);

G_END_DECLS
