/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryJingleMachine: the life of one Jingle file session (XEP-0166, 0234, 0260, 0261), either
 * role, without a clock, a socket or XML: an event goes in, a new state and a list of effects
 * come out. Ferry offers files and takes offers, so the initiator always sends the file. */
#pragma once

#include "base/ferry-error.h"
#include "base/ferry-hash.h"
#include "base/ferry-range.h"
#include "bytestream/ibb/ferry-ibb-bytestream.h"
#include "bytestream/s5b/ferry-jingle-s5b.h"
#include "signalling/jingle/ferry-jingle-action.h"
#include "signalling/jingle/ferry-jingle-ibb.h"
#include "xmpp/ferry-stanza-error.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_JINGLE_NEW,
  FERRY_JINGLE_GATHERING, /* I: looking for our candidates; nothing was sent */
  FERRY_JINGLE_OFFERING,  /* I: session-initiate is out, not acknowledged: nothing may follow */
  FERRY_JINGLE_WITHDRAWN, /* I: the same, but we have stopped it: "ended" is told */
  FERRY_JINGLE_PENDING,   /* I: the peer's user is asked */
  FERRY_JINGLE_PENDING_LONG,  /* I: the same, for more than a minute */
  FERRY_JINGLE_ASKING,        /* R: our user is asked */
  FERRY_JINGLE_PREPARING,     /* R: the user agreed; looking for our candidates */
  FERRY_JINGLE_CONNECTING,    /* SOCKS5 race */
  FERRY_JINGLE_REPLACING,     /* I: our transport-replace is out */
  FERRY_JINGLE_HOLDING,       /* I: the same, and the peer has sent one too */
  FERRY_JINGLE_AWAIT_REPLACE, /* R: SOCKS5 failed, the initiator's move */
  FERRY_JINGLE_AWAIT_SECOND,  /* R: the session is over, a second offer may follow at once */
  FERRY_JINGLE_OPENING,       /* in-band stream being opened */
  FERRY_JINGLE_OPEN,
  FERRY_JINGLE_FLUSHING, /* FS: all is in the pipe, not yet out of this program */
  FERRY_JINGLE_CLOSING,  /* FS: waiting for the peer's word */
  FERRY_JINGLE_BREAKING, /* the pipe broke; the peer may say why */
  FERRY_JINGLE_ENDED,
  FERRY_JINGLE_N_STATES
} FerryJingleState;

typedef enum
{
  /* from above and below */
  FERRY_JINGLE_EV_START,    /* I */
  FERRY_JINGLE_EV_GATHERED, /* candidates, if any are needed, are known */
  FERRY_JINGLE_EV_ACCEPT,   /* R: the user agrees */
  FERRY_JINGLE_EV_DECLINE,  /* R */
  FERRY_JINGLE_EV_CANCEL,
  FERRY_JINGLE_EV_OPENED,
  FERRY_JINGLE_EV_OPEN_FAILED,
  FERRY_JINGLE_EV_SENT,        /* FS: `hash` to tell or NULL; `peer_closed` */
  FERRY_JINGLE_EV_FLUSHED,     /* FS: the pipe is closed in order */
  FERRY_JINGLE_EV_PIPE_BROKEN, /* `error` */
  FERRY_JINGLE_EV_COMPLETE,    /* FR */
  FERRY_JINGLE_EV_FAIL,        /* `error` */
  FERRY_JINGLE_EV_TIMEOUT,     /* of the state we are in */
  FERRY_JINGLE_EV_LOST,        /* `error`: our session, or the peer, is offline for good */
  /* answers to what we sent */
  FERRY_JINGLE_EV_ACKED,            /* session-initiate */
  FERRY_JINGLE_EV_INITIATE_REFUSED, /* `error` */
  FERRY_JINGLE_EV_REPLACE_REFUSED,  /* `error` to transport-replace */
  FERRY_JINGLE_EV_ANSWER_REFUSED,   /* `error` to session-accept or transport-accept */
  FERRY_JINGLE_EV_FORGOTTEN,        /* unknown-session to anything */
  /* actions of the peer */
  FERRY_JINGLE_EV_PEER_BAD,             /* malformed, or about a content that is not there */
  FERRY_JINGLE_EV_PEER_INITIATE,        /* with the sid of this session */
  FERRY_JINGLE_EV_PEER_SECOND,          /* R: a second offer of the same file, in-band; `ibb` */
  FERRY_JINGLE_EV_PEER_ACCEPT,          /* `ibb` or `s5b`; `range` */
  FERRY_JINGLE_EV_PEER_ACCEPT_BAD,      /* an answer that we cannot use */
  FERRY_JINGLE_EV_PEER_ACCEPT_INSECURE, /* one that does not encrypt as we have offered */
  FERRY_JINGLE_EV_PEER_TERMINATE,       /* `reason`, `text` */
  FERRY_JINGLE_EV_PEER_TRANSPORT_INFO,
  FERRY_JINGLE_EV_PEER_REPLACE,       /* `ibb`, or NULL for another transport */
  FERRY_JINGLE_EV_PEER_REPLACE_TAKEN, /* transport-accept of ours; `ibb` */
  FERRY_JINGLE_EV_PEER_REPLACE_REFUSED,
  FERRY_JINGLE_EV_PEER_RECEIVED,
  FERRY_JINGLE_EV_PEER_CHECKSUM, /* `hash` */
  FERRY_JINGLE_EV_PEER_PING,     /* and session-info that needs nothing but its result */
  FERRY_JINGLE_EV_PEER_INFO,     /* session-info that we do not know */
  FERRY_JINGLE_EV_PEER_ADD,      /* content-add */
  FERRY_JINGLE_EV_PEER_REMOVE,   /* content-remove of our content; `reason`, `text` */
  FERRY_JINGLE_EV_PEER_REVERSE,  /* content-modify that turns the direction round */
  FERRY_JINGLE_EV_PEER_IGNORED,  /* legal, and of no meaning for a file */
  FERRY_JINGLE_EV_PEER_STRAY,    /* an answer to what we never ask */
  /* what step() makes of the above, by what it knows; never given to it */
  FERRY_JINGLE_EV_GATHERED_INBAND,
  FERRY_JINGLE_EV_PEER_ACCEPT_INBAND,
  FERRY_JINGLE_EV_NO_ROUTE,        /* R: ACCEPT or REPLACE, over routes not allowed */
  FERRY_JINGLE_EV_FALL_BACK,       /* I: SOCKS5 failed, in-band is left */
  FERRY_JINGLE_EV_NO_WAY,          /* a transport failed and none is left */
  FERRY_JINGLE_EV_RETRY,           /* I: the same, but a new session may help */
  FERRY_JINGLE_EV_MAY_RETRY,       /* R: the same; the peer may offer again */
  FERRY_JINGLE_EV_PEER_SUCCESS,    /* TERMINATE */
  FERRY_JINGLE_EV_PEER_RETRY,      /* I: TERMINATE, for the transport; we offer again */
  FERRY_JINGLE_EV_PEER_MAY_RETRY,  /* R: the same; the peer may offer again */
  FERRY_JINGLE_EV_PEER_REPLACE_NO, /* REPLACE by something that we do not take */
  FERRY_JINGLE_EV_FLUSHED_ALONE,   /* FLUSHED, and the peer has said its last word */
  FERRY_JINGLE_EV_FAIL_BROKEN,     /* FAIL for a broken pipe: the peer may tell why */
  FERRY_JINGLE_EV_LOST_PIPE_STAYS, /* LOST, but the pipe does not need the stream */
  FERRY_JINGLE_N_EVENTS
} FerryJingleEventType;

/* Borrowed fields are valid during the step; see ferry_jingle_event_clear() for the others. */
typedef struct
{
  FerryJingleEventType type;
  const GError *error;
  FerryHash hash; /* algo NONE if there is none */
  gboolean peer_closed;
  FerryRange range;
  FerrySecurity security; /* PEER_ACCEPT */
  FerryJingleReason reason;
  const char *text;     /* nullable */
  gboolean is_pause;    /* TERMINATE: the peer will go on later */
  FerryJingleIbb *ibb;  /* owned, nullable */
  FerryJingleS5b *s5b;  /* owned, nullable */
  FerryNode *transport; /* borrowed, nullable */
} FerryJingleEvent;

typedef enum
{
  FERRY_JINGLE_DO_RESULT,  /* answer the peer's iq */
  FERRY_JINGLE_DO_ERROR,   /* `condition`, `detail` */
  FERRY_JINGLE_DO_GATHER,  /* find candidates if the transport has some, then EV_GATHERED */
  FERRY_JINGLE_DO_RESTART, /* take a new session id; an offer with machine->ibb follows */
  FERRY_JINGLE_DO_SEND_INITIATE,
  FERRY_JINGLE_DO_SEND_ACCEPT,
  FERRY_JINGLE_DO_SEND_TERMINATE,        /* `reason`, `error` nullable */
  FERRY_JINGLE_DO_SEND_REPLACE,          /* with machine->ibb */
  FERRY_JINGLE_DO_SEND_TRANSPORT_ACCEPT, /* with machine->ibb */
  FERRY_JINGLE_DO_SEND_TRANSPORT_REJECT, /* of the event's transport, or of `ibb` */
  FERRY_JINGLE_DO_SEND_CONTENT_REJECT,
  FERRY_JINGLE_DO_SEND_CHECKSUM, /* `hash` */
  FERRY_JINGLE_DO_SEND_RECEIVED,
  FERRY_JINGLE_DO_TAKE_RANGE,  /* I: the peer wants this part: the event's `range` */
  FERRY_JINGLE_DO_START_S5B,   /* race; with the event's candidates if it has some */
  FERRY_JINGLE_DO_OPEN_IBB,    /* drop the other transport, open machine->ibb as `ibb_role` */
  FERRY_JINGLE_DO_KEEP_INFO,   /* transport-info before its time */
  FERRY_JINGLE_DO_LINK,        /* transport-info for the race */
  FERRY_JINGLE_DO_HAND_OVER,   /* the pipe is there */
  FERRY_JINGLE_DO_CLOSE_PIPE,  /* in order; then EV_FLUSHED or EV_PIPE_BROKEN */
  FERRY_JINGLE_DO_RECEIVED,    /* the peer has the whole file */
  FERRY_JINGLE_DO_CHECKSUM,    /* `hash` */
  FERRY_JINGLE_DO_NOTE_SILENT, /* the peer has acknowledged the offer, and nothing more */
  FERRY_JINGLE_DO_NOTE_FALLBACK,
  FERRY_JINGLE_DO_END, /* `error` nullable; exactly once */
} FerryJingleEffectType;

typedef struct
{
  FerryJingleEffectType type;
  FerryStanzaCondition condition;
  const char *detail; /* nullable; child of the error in urn:xmpp:jingle:errors:1 */
  FerryJingleReason reason;
  FerryHash hash;
  FerryIbbRole ibb_role;
  FerryJingleIbb *ibb; /* owned, nullable */
  GError *error;       /* owned, nullable */
} FerryJingleEffect;

typedef struct
{
  guint n_items;
  FerryJingleEffect items[8];
} FerryJingleEffects;

typedef struct
{
  FerryJingleRole role;
  FerryJingleState state;
  gboolean is_inband;    /* the transport of now is IBB, else S5B */
  gboolean may_inband;   /* the user allows IBB, the peer may have it */
  gboolean route_denied; /* it is the user who does not allow IBB */
  gboolean s5b_failed;
  gboolean is_second;     /* this is the second session for the file */
  gboolean peer_left;     /* no word reaches the peer any more; only the pipe goes on */
  gboolean peer_success;  /* it left with `success`, which alone proves nothing */
  gboolean peer_received; /* it said that it has the whole file */
  gboolean peer_closed;   /* it closed its end in order after our last byte */
  gboolean is_ferry;      /* it is a Ferry, which always does: set by who made the machine */
  gboolean has_ended;
  char *id_seed;
  guint n_ids;
  FerryJingleIbb *ibb;  /* nullable; what is in use, or was offered by us */
  FerryJingleIbb *held; /* nullable; offered by the peer while ours is out */
  FerryJingleReason withdraw_reason;
  GError *error; /* why the pipe broke */
} FerryJingleMachine;

/**
 * ferry_jingle_machine_init:
 * @role: I sends the file, R receives it
 * @id_seed: unique; it and a number make our in-band stream ids
 * @is_inband: the first transport is IBB
 * @may_inband: IBB may be used
 * @route_denied: the reason why not is that the user does not want it
 *
 * R begins in ASKING, when a well-formed offer was acknowledged.
 */
void ferry_jingle_machine_init (FerryJingleMachine *self,
                                FerryJingleRole role,
                                const char *id_seed,
                                gboolean is_inband,
                                gboolean may_inband,
                                gboolean route_denied);
/* R, before EV_ACCEPT: now it is known what the user allows. */
void ferry_jingle_machine_set_routes (FerryJingleMachine *self,
                                      gboolean may_inband,
                                      gboolean route_denied);
void ferry_jingle_machine_clear (FerryJingleMachine *self);

/**
 * ferry_jingle_machine_step:
 * @self: a machine
 * @event: what happened
 * @effects: (out caller-allocates): what to do, in order; free with
 *   ferry_jingle_effects_clear()
 *
 * An action of the peer is answered by exactly one result or error, the first effect. Events
 * from ourselves that make no sense in this state do nothing: they are late.
 */
void ferry_jingle_machine_step (FerryJingleMachine *self,
                                const FerryJingleEvent *event,
                                FerryJingleEffects *effects);
/* How long the machine may stay in its state before EV_TIMEOUT; 0: for ever. */
guint ferry_jingle_machine_get_timeout_ms (const FerryJingleMachine *self);

void ferry_jingle_effects_clear (FerryJingleEffects *self);
void ferry_jingle_event_clear (FerryJingleEvent *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerryJingleEffects, ferry_jingle_effects_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerryJingleEvent, ferry_jingle_event_clear)

gboolean ferry_jingle_event_is_peer (FerryJingleEventType type);
const char *ferry_jingle_state_get_name (FerryJingleState state);

/* The words between a failure and a reason (errors of errors-table; ferry-jingle-reason.c). */
FerryJingleReason ferry_jingle_reason_for_error (const GError *error);
/* Returns: (transfer full): what the end of a session for @reason means to us */
GError *ferry_jingle_reason_to_error (FerryJingleReason reason, const char *text);

G_END_DECLS
