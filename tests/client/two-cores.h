/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two whole Ferrys in one process, Alice's and Bob's, and a server of their own. */
#pragma once

#include "client/ferry-core.h"
#include "ferry-prosody.h"

G_BEGIN_DECLS

typedef struct
{
  char *folder;    /* of the profile */
  char *downloads; /* where this core saves */
  FerryCore *core; /* nullable */
  FerryJid *jid;   /* bare */
} Side;

typedef struct
{
  FerryProsody *server;
  Side alice;
  Side bob;
  char *source; /* a folder for files to send */
} TwoCores;

/* Both are online, and each sees the other's device. For g_test_add(). */
void two_cores_set_up (TwoCores *self, gconstpointer data);
void two_cores_tear_down (TwoCores *self, gconstpointer data);

/* Returns: (transfer full): an account of @name at the server of the test, certificate pinned
 */
FerryAccount *two_cores_make_account (TwoCores *self, const char *name);
/* Opens the profile again, as the next start of the program does. */
void side_open (Side *self);
/* Waits until passwords are where they are kept. */
void side_flush (Side *self);
/* Ends the core in order, and makes sure that nothing of it is left. */
void side_close (Side *self);
/* (transfer none): the client of the side's account */
FerryClient *side_get_client (Side *self);
void side_wait_online (Side *self);
/* Waits until a device of @peer that takes files is there. */
void side_wait_device (Side *self, FerryJid *peer);

/* Writes @size bytes into a file and offers it. (transfer none) */
FerryTransfer *side_send (
    Side *self, TwoCores *cores, Side *to, const char *name, guint64 size, FerryRoute routes);
/* Waits for an offer of that name. (transfer none) */
FerryOffer *side_wait_offer (Side *self, const char *name);
/* Waits until @transfer is finished and has @state, with @error unless that is negative. */
void assert_ends (FerryTransfer *transfer, FerryTransferState state, int error);
/* The newest row of the history with @name must say this. @error_code: (nullable) */
void assert_history (Side *self, const char *name, const char *outcome, const char *error_code);

G_END_DECLS
