/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of FerryStropheStream, between its connections (ferry-strophe-stream.c) and how it
 * notices that one is dead (ferry-strophe-stream-alive.c). */
#pragma once

#include "xmpp/ferry-wake-watch.h"
#include "xmpp/strophe/ferry-strophe-conn.h"
#include "xmpp/strophe/ferry-strophe-stream.h"
#include "xmpp/strophe/ferry-xml-queue.h"

G_BEGIN_DECLS

struct _FerryStropheStream
{
  GObject parent_instance;

  FerryStropheThread *thread;
  FerryConnectorSettings *settings;
  FerryJid *jid;
  char *password;
  FerryXmlLogFunc xml_log;
  gpointer xml_log_data;
  guint ping_after_ms;
  guint ping_wait_ms;

  FerryStreamState state;
  FerryStropheConn *conn; /* the one that runs, or the last one */
  gboolean is_running;    /* it has not ended */
  gboolean is_closing;
  gboolean has_unsaid; /* what was said before the cut is not acknowledged */
  guint close_source;  /* limits how long closing waits */
  FerryJid *bound_jid;
  FerryCertificate *refused;

  guint n_failures;
  gint64 attempt_us; /* when the last one began */
  gint64 online_since_us;
  guint retry_source;
  gint64 retry_at_us;
  guint resume_source; /* limits how long resuming is tried */
  guint max_s;
  guint ping_source;
  gboolean is_pinging;
  gboolean is_checking; /* the ping has the short limit */
  gint64 pinged_us;

  FerryXmlQueue pending; /* stanzas sent while interrupted */

  GNetworkMonitor *monitor;
  FerryWakeWatch *wake_watch;
};

/* Begins to connect, now. */
void ferry_strophe_stream_attempt (FerryStropheStream *self);

/* While online: looks in so many milliseconds whether the server is there. */
void ferry_strophe_stream_ping_in (FerryStropheStream *self, guint delay_ms);
void ferry_strophe_stream_stop_ping (FerryStropheStream *self);
/* Is @stanza what only we wanted to hear? */
gboolean ferry_strophe_stream_is_pong (FerryStropheStream *self, const FerryNode *stanza);

G_END_DECLS
