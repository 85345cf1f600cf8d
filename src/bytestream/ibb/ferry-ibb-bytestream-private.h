/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of an in-band stream, for the two files that make it up: what happens
 * (ferry-ibb-bytestream.c) and what is then done (ferry-ibb-effects.c). */
#pragma once

#include "bytestream/ibb/ferry-ibb-bytestream.h"
#include "bytestream/ibb/ferry-ibb-pair.h"

G_BEGIN_DECLS

struct _FerryIbbBytestream
{
  GObject parent_instance;
  FerryIbbService *service;
  FerryRouter *router;
  gpointer entry; /* in the service, until the end */
  FerryJid *peer;
  char *sid;

  FerryIbb machine;
  GQueue inputs; /* of FerryIbbInputEvent, while one is worked on */
  gboolean working;
  FerryIbbPair *pair;
  GError *no_pair;
  gboolean ready;

  GTask *opening, *closing;
  GSource *cancel_source; /* of the younger of the two */
  GCancellable *queries;

  GQueue sent;       /* of GBytes: the blocks in the machine's slots */
  GQueue taken;      /* of FerryIbbTaken: blocks delivered, not yet in the pair */
  GQueue unanswered; /* of FerryNode: iqs delivered */
  char *last_id;     /* of the last <open/> or block accepted */
  GBytes *last_block;

  guint timer;
  gint64 paused_at_us; /* 0: the clock runs */
  gint64 paused_us;    /* in all so far */
};

/* An event with what its effects are about. */
typedef struct
{
  FerryIbbEvent event;
  FerryNode *stanza; /* to be answered if it is an iq */
  GBytes *block;
  GError *error; /* the event's */
} FerryIbbInputEvent;

/* A block delivered. */
typedef struct
{
  guint size;
  gboolean by_message;
} FerryIbbTaken;

/* Hands @event to the machine, now or after what it is at. @stanza and @block: (nullable): what
 * the effects are about. */
void ferry_ibb_bytestream_handle (FerryIbbBytestream *self,
                                  const FerryIbbEvent *event,
                                  FerryNode *stanza,
                                  GBytes *block);
void ferry_ibb_bytestream_handle_plain (FerryIbbBytestream *self, FerryIbbEventType type);
/* The oldest block delivered is in the pair: the machine hears of it after what it is at. */
void ferry_ibb_bytestream_report_room (FerryIbbBytestream *self);
void ferry_ibb_bytestream_note (FerryIbbBytestream *self, const char *text);
void ferry_ibb_bytestream_become_ready (FerryIbbBytestream *self);
void ferry_ibb_bytestream_end (FerryIbbBytestream *self);

/* In ferry-ibb-effects.c. */
void ferry_ibb_bytestream_perform (FerryIbbBytestream *self,
                                   const FerryIbbEffect *effect,
                                   const FerryIbbInputEvent *input);

G_END_DECLS
