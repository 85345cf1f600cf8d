/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerrySiMachine: the life of one file offered by stream initiation (XEP-0095, XEP-0096),
 * either role, without a clock, a socket or XML: an event goes in, a new state and a list of
 * effects come out.
 *
 * SI itself has no fallback and no word for the end. Three customs stand in for the first:
 * gabble agrees on a list (si-multiple); libpurple opens in-band on the same stream id when
 * SOCKS5 has failed; and everybody can be offered the file once more, in-band only. For the
 * second Ferrys have a word of their own (ferry-si-end.h). */
#pragma once

#include "base/ferry-error.h"
#include "signalling/si/ferry-si-offer.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_SI_SENDER,
  FERRY_SI_RECEIVER,
} FerrySiRole;

typedef enum
{
  FERRY_SI_NEW,
  FERRY_SI_OFFERED,      /* S: the peer's user is asked */
  FERRY_SI_OFFERED_LONG, /* S: the same, for more than a minute */
  FERRY_SI_CONNECTING,   /* S: opening a method that was agreed */
  FERRY_SI_TRYING,       /* S: opening in-band although only SOCKS5 was agreed */
  FERRY_SI_ASKING,       /* R: our user is asked */
  FERRY_SI_AWAITING,     /* R: accepted, the sender has not begun */
  FERRY_SI_NEGOTIATING,  /* R: SOCKS5 has begun */
  FERRY_SI_AWAIT_INBAND, /* R: SOCKS5 failed; an in-band stream or a second offer may come */
  FERRY_SI_OPEN,
  FERRY_SI_FLUSHING,   /* S: all is in the pipe, not yet out of this program */
  FERRY_SI_CONFIRMING, /* S: the same, out of it; a Ferry's word is awaited */
  FERRY_SI_BREAKING,   /* the pipe broke; the stream may know why */
  FERRY_SI_ENDED,
  FERRY_SI_N_STATES
} FerrySiState;

typedef enum
{
  FERRY_SI_EV_START,        /* S */
  FERRY_SI_EV_ANSWERED,     /* S: `answer` */
  FERRY_SI_EV_REFUSED,      /* S: `error`; also an answer that cannot be read */
  FERRY_SI_EV_HAS_IT,       /* S: the peer has the file already */
  FERRY_SI_EV_ACCEPT,       /* R */
  FERRY_SI_EV_DECLINE,      /* R */
  FERRY_SI_EV_CANCEL,       /* our user */
  FERRY_SI_EV_PEER_BEGAN,   /* R: the sender's first words about SOCKS5 */
  FERRY_SI_EV_PEER_SECOND,  /* R: the same file again, in-band only */
  FERRY_SI_EV_OPENED,       /* `method` */
  FERRY_SI_EV_OPEN_FAILED,  /* `method`, `error` */
  FERRY_SI_EV_SENT,         /* S: `peer_closed` */
  FERRY_SI_EV_FLUSHED,      /* the pipe is closed in order */
  FERRY_SI_EV_PIPE_BROKEN,  /* `error` */
  FERRY_SI_EV_COMPLETE,     /* R; while asking: we have the file already */
  FERRY_SI_EV_FAIL,         /* `error` */
  FERRY_SI_EV_TIMEOUT,      /* of the state we are in */
  FERRY_SI_EV_LOST,         /* `error`: our session, or the peer, is offline for good */
  FERRY_SI_EV_PEER_ENDED,   /* `error`: the last word of a Ferry */
  FERRY_SI_EV_PEER_HAS_ALL, /* S: the same, and a good one */
  /* what step() makes of the above, by what it knows; never given to it */
  FERRY_SI_EV_ANSWER_BAD,      /* ANSWERED, with what was not offered */
  FERRY_SI_EV_NO_ROUTE,        /* R: ACCEPT, over routes not allowed */
  FERRY_SI_EV_NEXT,            /* S: a method failed, the next one agreed is tried */
  FERRY_SI_EV_TRY,             /* S: none is left, but in-band may be silently expected */
  FERRY_SI_EV_AGAIN,           /* S: the same; a new offer may help */
  FERRY_SI_EV_DENIED,          /* S: the peer said no when it was connected to */
  FERRY_SI_EV_NO_WAY,          /* a method failed and none is left */
  FERRY_SI_EV_S5B_FAILED,      /* R: the sender's move */
  FERRY_SI_EV_LISTEN_AGAIN,    /* R: nobody opened in-band, but SOCKS5 goes on */
  FERRY_SI_EV_FAIL_BROKEN,     /* FAIL for a broken pipe */
  FERRY_SI_EV_CLOSED_EARLY,    /* FLUSHED after FAIL_BROKEN: the in-band peer gave up */
  FERRY_SI_EV_WHY_FOLLOWS,     /* the same, but the peer may be about to tell why */
  FERRY_SI_EV_FLUSHED_UNTOLD,  /* S: FLUSHED, but a Ferry's word is to come */
  FERRY_SI_EV_LOST_PIPE_STAYS, /* LOST, but the pipe does not need the stream */
  FERRY_SI_N_EVENTS
} FerrySiEventType;

/* Everything is borrowed. */
typedef struct
{
  FerrySiEventType type;
  const GError *error;
  const FerrySiAnswer *answer;
  FerrySiMethod method;
  gboolean peer_closed;
} FerrySiEvent;

typedef enum
{
  FERRY_SI_DO_NEW_ID,        /* take a new stream id for a second offer */
  FERRY_SI_DO_SEND_OFFER,    /* of `methods` */
  FERRY_SI_DO_SEND_ANSWER,   /* `methods`, `is_multiple` */
  FERRY_SI_DO_SEND_DECLINE,  /* the user, …; `error`: nullable, why */
  FERRY_SI_DO_SEND_NO_WAY,   /* … or no method refuses */
  FERRY_SI_DO_SEND_HAVE_IT,  /* the file came in another session */
  FERRY_SI_DO_CONNECT,       /* `method`: S opens, R expects it */
  FERRY_SI_DO_DROP,          /* `method`, if it is being opened */
  FERRY_SI_DO_HAND_OVER,     /* `method`: the pipe is there */
  FERRY_SI_DO_CLOSE_PIPE,    /* in order; then EV_FLUSHED or EV_PIPE_BROKEN */
  FERRY_SI_DO_RECEIVED,      /* the peer took the last byte and closed in order */
  FERRY_SI_DO_SAY_END,       /* `error`: tell a Ferry why we stop; NULL: all has come */
  FERRY_SI_DO_NOTE_SILENT,   /* no answer for a minute */
  FERRY_SI_DO_NOTE_FALLBACK, /* no direct connection */
  FERRY_SI_DO_END,           /* `error` nullable; exactly once */
} FerrySiEffectType;

typedef struct
{
  FerrySiEffectType type;
  FerrySiMethod method;
  FerrySiMethods methods;
  gboolean is_multiple;
  GError *error; /* owned, nullable */
} FerrySiEffect;

typedef struct
{
  guint n_items;
  FerrySiEffect items[6];
} FerrySiEffects;

typedef struct
{
  FerrySiRole role;
  FerrySiState state;
  FerrySiMethods offered; /* by us (S), or to us (R) */
  FerrySiMethods agreed;
  guint n_tried;        /* S: of @agreed; the last of them is the one of now */
  FerrySiMethod open;   /* what carries the bytes */
  gboolean is_multiple; /* R: the sender knows si-multiple */
  gboolean may_inband;  /* the user allows it */
  gboolean has_tried;   /* S: in-band on the id of SOCKS5 */
  gboolean is_second;   /* this is the second offer of the file */
  gboolean s5b_failed;  /* R */
  gboolean has_words;   /* the peer is a Ferry, which tells why it stops, */
  gboolean was_told;    /* S: … and has told that it has everything */
  GError *error;        /* why the pipe broke */
} FerrySiMachine;

/**
 * ferry_si_machine_init:
 * @role: the sender offers, and opens whatever was agreed
 * @methods: S: what to offer. R: what was offered
 * @is_multiple: R: with si-multiple
 * @may_inband: S: in-band is allowed and can be tried
 * @has_words: the peer is a Ferry
 *
 * R begins in ASKING.
 */
void ferry_si_machine_init (FerrySiMachine *self,
                            FerrySiRole role,
                            FerrySiMethods methods,
                            gboolean is_multiple,
                            gboolean may_inband,
                            gboolean has_words);
/* R, before EV_ACCEPT: now it is known what the user allows, and what can work. @allowed: set
 * of FerrySiMethod */
void ferry_si_machine_set_allowed (FerrySiMachine *self, guint allowed);
void ferry_si_machine_clear (FerrySiMachine *self);

/**
 * ferry_si_machine_step:
 * @self: a machine
 * @event: what happened
 * @effects: (out caller-allocates): what to do, in order; free with ferry_si_effects_clear()
 *
 * Events that make no sense in this state do nothing: they are late.
 */
void ferry_si_machine_step (FerrySiMachine *self,
                            const FerrySiEvent *event,
                            FerrySiEffects *effects);
/* How long the machine may stay in its state before EV_TIMEOUT; 0: for ever. */
guint ferry_si_machine_get_timeout_ms (const FerrySiMachine *self);
/* R: is a second offer of the same file, in-band only, to be taken without a question? */
gboolean ferry_si_machine_expects_second (const FerrySiMachine *self);

void ferry_si_effects_clear (FerrySiEffects *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerrySiEffects, ferry_si_effects_clear)
const char *ferry_si_state_get_name (FerrySiState state);

G_END_DECLS
