/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One client of a Jingle or SI test: a whole negotiator over the fake net, and in place of the
 * runner a few lines that copy between the pipe and memory. */
#pragma once

#include "ferry-fake-net.h"
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "signalling/ferry-negotiator.h"
#include "signalling/jingle/ferry-jingle-negotiator.h"
#include "signalling/si/ferry-si-negotiator.h"

typedef struct
{
  FerryStream *stream;
  FerryRouter *router;
  FerryS5bService *s5b;
  FerryIbbService *ibb;
  FerrySignalling *signalling;
  FerryNegotiator *negotiator;
  FerryJid *jid;

  FerryRoute routes; /* with which an offer is accepted at once; NONE: it stays */
  gboolean holds;    /* do not touch the pipe; the test does */
  FerrySession *session;
  guint n_offers;
  GSocket *socket;
  GSource *source;
  GBytes *content;    /* to send */
  GByteArray *bytes;  /* received */
  gsize n_sent;       /* position in @content */
  gboolean ranged;    /* we offer parts */
  gboolean is_ferry;  /* we name our transfer, as a Ferry does to another */
  guint64 wanted_at;  /* where an offer is taken up, if it has parts */
  gsize first;        /* where sending began */
  FerryHash hash;     /* to tell after sending, if its algo is set */
  FerryHash checksum; /* that the peer told */
  guint n_ended;
  GError *error;
  GString *notes;
} JingleEnd;

JingleEnd *jingle_end_new (FerryFakeNet *net, const char *full_jid, gboolean with_s5b);
/* The same with stream initiation. */
JingleEnd *jingle_end_new_si (FerryFakeNet *net, const char *full_jid, gboolean with_s5b);
void jingle_end_free (JingleEnd *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (JingleEnd, jingle_end_free)

/* Offers @size bytes of a fixed sequence as `notes.txt`. */
void jingle_end_offer (JingleEnd *self, const char *peer, gsize size, FerryRoute routes);
/* Watches a session as if it had been offered to us or by us. */
void jingle_end_watch (JingleEnd *self, FerrySession *session);
/* Lets go of a session that has ended, for the next. */
void jingle_end_reset (JingleEnd *self);
GBytes *jingle_test_content (gsize size);
