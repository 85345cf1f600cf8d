/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A TCP connection of a scripted peer, after its SOCKS5 dialogue. */
#pragma once

#include "ferry-test.h"

#include "base/ferry-node.h"
#include "bytestream/s5b/ferry-s5b-listener.h"

typedef struct
{
  GSocket *socket;
  GSource *source;
  GByteArray *bytes; /* that came */
  gboolean has_ended;
} SiWire;

/* @socket: (transfer full) */
SiWire *si_wire_new (GSocket *socket);
void si_wire_free (SiWire *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SiWire, si_wire_free)

/* @dialler connects to the loopback address among the streamhosts in @query of @owner. */
SiWire *
si_wire_dial (FerryNode *query, const char *sid, const char *owner, const char *dialler);
/* The same, to a relay's, say. */
SiWire *
si_wire_dial_port (guint16 port, const char *sid, const char *owner, const char *dialler);

void si_wire_send (SiWire *self, const void *bytes, gsize size);
/* The byte by which the initiator chooses a stream in fast mode, and jingle_test_content(), in
 * one piece. */
void si_wire_send_go_and_file (SiWire *self, gsize size);
/* Waits for the end. @first: what comes before the file, "" or the chosen stream's byte */
void si_wire_assert_file (SiWire *self, const char *first, gsize size);
