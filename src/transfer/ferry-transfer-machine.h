/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTransferMachine: the life of one transfer from the queue to its end, over as many
 * attempts as it takes; without a clock, a socket or a file. An event goes in, a new state
 * comes out, and the state says what its driver has to do: see
 * ferry_transfer_machine_get_phase(). */
#pragma once

#include "transfer/ferry-transfer-state.h"

G_BEGIN_DECLS

/* How often a broken transfer is tried again without having come further. */
#define FERRY_TRANSFER_MAX_TRIES 5

typedef enum
{
  /* the driver */
  FERRY_TRANSFER_EV_TURN,    /* there is a place for one more attempt */
  FERRY_TRANSFER_EV_ALARM,   /* the pause between two attempts is over */
  FERRY_TRANSFER_EV_CAME,    /* the contact, or we, came online */
  FERRY_TRANSFER_EV_SPACE,   /* the disk has room again */
  FERRY_TRANSFER_EV_CALLED,  /* the peer wants to go on: it offers, or asks for, the rest */
  FERRY_TRANSFER_EV_EXPIRED, /* waited for too long */
  FERRY_TRANSFER_EV_LOADED,  /* found in the records of a Ferry that is no more */
  /* the user */
  FERRY_TRANSFER_EV_PAUSE, /* while no attempt is under way; the end of one is STOP_PAUSED */
  FERRY_TRANSFER_EV_RESUME,
  FERRY_TRANSFER_EV_RETRY, /* now, and also what is given up already */
  FERRY_TRANSFER_EV_CANCEL,
  /* the attempt, as it goes on */
  FERRY_TRANSFER_EV_CHECK,   /* reading what is there of the file */
  FERRY_TRANSFER_EV_READ,    /* that is done */
  FERRY_TRANSFER_EV_OFFER,   /* the peer's user is asked */
  FERRY_TRANSFER_EV_AGREED,  /* looking for a way */
  FERRY_TRANSFER_EV_OPENED,  /* bytes can move */
  FERRY_TRANSFER_EV_QUIET,   /* none does */
  FERRY_TRANSFER_EV_MOVING,  /* one does again */
  FERRY_TRANSFER_EV_FURTHER, /* further than ever before */
  FERRY_TRANSFER_EV_MOVED,   /* all have */
  /* the attempt's end */
  FERRY_TRANSFER_EV_DONE,
  FERRY_TRANSFER_EV_DECLINED,
  FERRY_TRANSFER_EV_UNANSWERED,
  FERRY_TRANSFER_EV_ABSENT, /* the peer is not there, or we are not */
  FERRY_TRANSFER_EV_BROKEN, /* another attempt may help */
  FERRY_TRANSFER_EV_FULL,   /* our disk */
  FERRY_TRANSFER_EV_PAUSED_BY_PEER,
  FERRY_TRANSFER_EV_ASKED,          /* our user, about the peer's key */
  FERRY_TRANSFER_EV_FAILED,         /* no attempt will help */
  FERRY_TRANSFER_EV_STOP_PAUSED,    /* our user did it */
  FERRY_TRANSFER_EV_STOP_CANCELLED, /* the same */
  FERRY_TRANSFER_EV_STOP_LATER,     /* Ferry ends, or a newer session takes over */
  FERRY_TRANSFER_N_EVENTS,
} FerryTransferEvent;

/* What a state wants of the driver. */
typedef enum
{
  FERRY_TRANSFER_WANTS_TURN,    /* an attempt, when there is a place */
  FERRY_TRANSFER_WANTS_ATTEMPT, /* one is under way, and will tell its end */
  FERRY_TRANSFER_WANTS_ALARM,   /* EV_ALARM after ferry_transfer_machine_get_delay_ms() */
  FERRY_TRANSFER_WANTS_CONTACT, /* EV_CAME when the contact is there; EV_EXPIRED */
  FERRY_TRANSFER_WANTS_SPACE,   /* EV_SPACE when there is room */
  FERRY_TRANSFER_WANTS_NOTHING, /* it is up to a user */
  FERRY_TRANSFER_WANTS_NO_MORE, /* it has ended */
} FerryTransferPhase;

typedef struct
{
  FerryTransferState state;
  FerryTransferPause pause; /* NONE unless PAUSED */
  gboolean is_sending;
  gboolean can_ask; /* the peer's program goes on with a file without a question: it sends the
                       rest when asked, and takes it when offered */
  gboolean was_agreed; /* the peer's user has said yes */
  gboolean was_open;   /* there was a pipe once */
  gboolean has_moved;  /* a part of the file is at the receiver's */
  guint n_tries;       /* attempts that broke since it last came further */
} FerryTransferMachine;

const char *ferry_transfer_event_get_name (FerryTransferEvent event);
/* Begins QUEUED. */
void ferry_transfer_machine_init (FerryTransferMachine *self, gboolean is_sending);
/* Returns: whether the event meant something in this state; else nothing has changed */
gboolean ferry_transfer_machine_step (FerryTransferMachine *self, FerryTransferEvent event);
/* Was there ever a pipe? The next attempt is then about a file that both want, and that fitted.
 */
gboolean ferry_transfer_machine_has_begun (const FerryTransferMachine *self);
FerryTransferPhase ferry_transfer_machine_get_phase (const FerryTransferMachine *self);
/* Milliseconds between the last attempt and the next: 2, 4, 8, 16, 32 s */
guint ferry_transfer_machine_get_delay_ms (const FerryTransferMachine *self);

G_END_DECLS
