/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryLink: how a transport talks to its twin at the peer, without knowing what signalling
 * lies between. Tests join two links directly.
 *
 * What a payload is follows from the signalling. Jingle: the `<transport/>` of a
 * transport-info. SI, where requests are answered: an `<iq/>` of type set, result or error
 * without id and addresses (bytestream/s5b/ferry-s5b-wire-si.h). */
#pragma once

#include "base/ferry-node.h"

G_BEGIN_DECLS

#define FERRY_TYPE_LINK (ferry_link_get_type ())
G_DECLARE_INTERFACE (FerryLink, ferry_link, FERRY, LINK, GObject)

/**
 * FerryLinkInterface:
 * @send: (transfer full): a message for the twin
 *
 * Signal "received" (FerryNode *payload): a message of the twin.
 */
struct _FerryLinkInterface
{
  GTypeInterface parent_iface;

  void (*send) (FerryLink *self, FerryNode *payload);
};

/* @payload: (transfer full) */
void ferry_link_send (FerryLink *self, FerryNode *payload);
/* For implementations: emits "received". */
void ferry_link_emit_received (FerryLink *self, FerryNode *payload);

G_END_DECLS
