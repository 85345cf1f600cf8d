/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySm: the counters and the queue of stream management (XEP-0198), which let a session
 * survive the loss of its connection. Ferry does this itself: libstrophe 0.12 counts wrongly
 * after a resumption in which the server had received more than it had acknowledged, and
 * forgets the session when an attempt to resume breaks off. Pure. */
#pragma once

#include "base/ferry-node.h"
#include "xmpp/strophe/ferry-xml-queue.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean is_enabled;
  char *id;              /* nullable: the session can be resumed by it */
  guint32 n_handled;     /* stanzas of the server that we have taken in */
  guint32 n_acked;       /* stanzas of ours that the server has taken in */
  FerryXmlQueue unacked; /* ours after those */
  gsize n_unasked;       /* sent since we last asked */
  gboolean is_asking;    /* the server owes us an answer */
} FerrySm;

FerrySm *ferry_sm_new (void);
void ferry_sm_free (FerrySm *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrySm, ferry_sm_free)

/* `<enabled/>` came. */
void ferry_sm_enable (FerrySm *self, const FerryNode *enabled);

/**
 * ferry_sm_sent:
 * @xml: (transfer full): one stanza of ours, on its way
 *
 * Returns: whether to ask for an acknowledgement now, with `<r/>`
 */
gboolean ferry_sm_sent (FerrySm *self, char *xml);

/* Are there so many bytes unacknowledged that no more should be sent? In-band streams wait
 * then, because nobody answers what is not sent. */
gboolean ferry_sm_is_full (const FerrySm *self);

/* Has the server acknowledged whatever was sent? */
gboolean ferry_sm_is_settled (const FerrySm *self);
/* Returns: whether to ask for an acknowledgement, which is not on its way yet */
gboolean ferry_sm_ask (FerrySm *self);

/* A stanza of the server was taken in. */
void ferry_sm_handled (FerrySm *self);

/**
 * ferry_sm_acknowledge:
 * @answer: `<a h=''/>` or `<resumed h=''/>`
 * @error: %FERRY_ERROR_PROTOCOL if the server counts what was never sent
 */
gboolean ferry_sm_acknowledge (FerrySm *self, const FerryNode *answer, GError **error);

/* The session was resumed: puts what the server has not got back to the head of @outbox. */
void ferry_sm_resend (FerrySm *self, FerryXmlQueue *outbox);

/* Returns: (transfer full): `<a/>`, `<resume/>` */
char *ferry_sm_print_answer (const FerrySm *self);
char *ferry_sm_print_resume (const FerrySm *self);

G_END_DECLS
