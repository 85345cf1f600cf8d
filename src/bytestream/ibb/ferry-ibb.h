/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryIbb: one in-band bytestream (XEP-0047) as a pure machine. It counts blocks and decides;
 * it holds no bytes, no socket and no clock. Blocks we sent stay with the driver until RELEASE,
 * blocks we got until it can say ROOM. */
#pragma once

#include "bytestream/ibb/ferry-ibb-window.h"
#include "bytestream/ibb/ferry-ibb-wire.h"
#include "xmpp/ferry-stanza-error.h"

G_BEGIN_DECLS

/* Blocks of a peer that wait for room; gabble sends 10 without an answer. */
#define FERRY_IBB_MAX_PENDING 16
/* The same for messages, which no answer holds back, bytes. */
#define FERRY_IBB_MAX_PENDING_BYTES (4 * 1024 * 1024)

typedef enum
{
  FERRY_IBB_OPENER,          /* we send <open/> */
  FERRY_IBB_OPENED,          /* the peer sends <open/> */
  FERRY_IBB_OPENER_IF_SILENT /* we send <open/> if the peer has not within 5 s */
} FerryIbbRole;

typedef enum
{
  FERRY_IBB_STATE_WAITING, /* nothing was said */
  FERRY_IBB_STATE_OPENING, /* our <open/> is out */
  FERRY_IBB_STATE_OPEN,
  FERRY_IBB_STATE_CLOSING, /* our <close/> is out, all our blocks were acknowledged */
  FERRY_IBB_STATE_ENDED,   /* in order if `error` is NULL */
  FERRY_IBB_N_STATES
} FerryIbbState;

typedef enum
{
  FERRY_IBB_EV_BEGIN,       /* we may open, or wait for the peer to */
  FERRY_IBB_EV_OPENED,      /* the peer answered our <open/> with a result … */
  FERRY_IBB_EV_REFUSED,     /* … or with `error` */
  FERRY_IBB_EV_PEER_OPEN,   /* `block_size`, `stanza`, `repeated` */
  FERRY_IBB_EV_PEER_DATA,   /* `seq`, `size`, `repeated`, `by_message` */
  FERRY_IBB_EV_PEER_BAD,    /* a block that cannot be decoded or is too large */
  FERRY_IBB_EV_PEER_CLOSE,  /* `size`: of what we have not even read for sending */
  FERRY_IBB_EV_ACK,         /* the block `seq` was answered with a result, or passed by … */
  FERRY_IBB_EV_NAK,         /* … or it was answered with `error` */
  FERRY_IBB_EV_BOUNCED,     /* a message of ours came back with `error` */
  FERRY_IBB_EV_CLOSED,      /* our <close/> was answered, no matter how */
  FERRY_IBB_EV_ROOM,        /* the oldest block delivered is taken in: `size`, `by_message` */
  FERRY_IBB_EV_LOCAL_BYTES, /* a block to send was read; only if ferry_ibb_wants_local () */
  FERRY_IBB_EV_LOCAL_EOF,   /* there will be no more of them */
  FERRY_IBB_EV_LOCAL_CLOSE, /* nobody above wants more: close when it has become quiet */
  FERRY_IBB_EV_LOCAL_GONE,  /* nobody takes what arrives */
  FERRY_IBB_EV_ABANDON,     /* our side drops the stream */
  FERRY_IBB_EV_OFFLINE,     /* the XMPP session is lost */
  FERRY_IBB_EV_TIMER,       /* ferry_ibb_get_deadline () has come */
  FERRY_IBB_N_EVENTS
} FerryIbbEventType;

typedef struct
{
  FerryIbbEventType type;
  guint16 seq;
  guint size;       /* bytes */
  guint block_size; /* as in the peer's <open/> */
  FerryIbbStanza stanza;
  gboolean repeated;   /* same iq id and same content as the last one accepted */
  gboolean by_message; /* the block came as a message: there is nothing to answer */
  const GError *error; /* borrowed */
} FerryIbbEvent;

typedef enum
{
  FERRY_IBB_DO_OPEN,    /* send <open/> with block_size */
  FERRY_IBB_DO_ACCEPT,  /* answer the request in hand with a result */
  FERRY_IBB_DO_REFUSE,  /* answer it with `condition` */
  FERRY_IBB_DO_CLOSE,   /* send <close/> */
  FERRY_IBB_DO_READY,   /* the stream is open: tell above */
  FERRY_IBB_DO_SEND,    /* send the block just read as `seq` */
  FERRY_IBB_DO_RESEND,  /* send the block `seq` again */
  FERRY_IBB_DO_RELEASE, /* forget the oldest block sent */
  FERRY_IBB_DO_DELIVER, /* take in the block in hand, then say ROOM */
  FERRY_IBB_DO_ACK,     /* answer the oldest iq delivered with a result */
  FERRY_IBB_DO_END,     /* all over; see `error` */
} FerryIbbEffectType;

typedef struct
{
  FerryIbbEffectType type;
  guint16 seq;
  FerryStanzaCondition condition;
} FerryIbbEffect;

/* What one step asks for, to be done in this order. */
typedef struct
{
  FerryIbbEffect items[2 * FERRY_IBB_MAX_WINDOW + 4];
  guint n_items;
} FerryIbbEffects;

typedef struct
{
  FerryIbbRole role;
  FerryIbbState state;
  GError *error;    /* why it ended, NULL if in order */
  guint block_size; /* as agreed so far */
  guint window;     /* unacknowledged blocks allowed; 0 takes what suits the block size */

  gboolean we_opened, peer_opened;
  gboolean by_message;         /* our blocks go as messages */
  gboolean takes_messages;     /* the peer's may */
  gboolean proven;             /* a block of ours was acknowledged: the window may be used */
  gboolean slow;               /* a block of ours was put off: one at a time from then on */
  gboolean local_eof, leaving; /* LOCAL_EOF, LOCAL_CLOSE came */

  FerryIbbWindow sent;
  guint n_tries; /* of the oldest block sent, after it was put off */

  guint16 expected_seq;
  gboolean got_any;
  guint n_empty;       /* empty blocks in a row */
  guint n_pending;     /* iqs delivered, without ROOM yet */
  guint pending_bytes; /* the same and messages, bytes */

  gint64 state_deadline, retry_at, quiet_at; /* ms; -1: none */
} FerryIbb;

/**
 * ferry_ibb_init:
 * @block_size: the negotiated size, bytes before base64
 * @window: most blocks without acknowledgement; 0: 8 up to 4096 bytes, 4 up to 8192, then 1
 */
void ferry_ibb_init (FerryIbb *self, FerryIbbRole role, guint block_size, guint window);
void ferry_ibb_clear (FerryIbb *self);

/**
 * ferry_ibb_step:
 * @self: a machine
 * @event: what happened
 * @now_ms: a clock that stands still while the XMPP stream is interrupted
 * @effects: (out caller-allocates): what to do now, in order
 */
void ferry_ibb_step (FerryIbb *self,
                     const FerryIbbEvent *event,
                     gint64 now_ms,
                     FerryIbbEffects *effects);

/* May LOCAL_BYTES and LOCAL_EOF come now? */
gboolean ferry_ibb_wants_local (const FerryIbb *self);
/* When TIMER is due; -1: never. */
gint64 ferry_ibb_get_deadline (const FerryIbb *self);

G_END_DECLS
