/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTransfer: one file on its way, as everybody sees it: rows and the command line read it,
 * its runner (ferry-transfer-runner.h) writes it. It decides nothing and moves no byte. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-hash.h"
#include "base/ferry-jid.h"
#include "bytestream/ferry-bytestream.h"
#include "signalling/ferry-session.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_TRANSFER_PREPARING,    /* reading or hashing the source */
  FERRY_TRANSFER_QUEUED,       /* a slot is not free */
  FERRY_TRANSFER_WAITING_PEER, /* the contact is not online */
  FERRY_TRANSFER_OFFERED,      /* the contact's user has not answered */
  FERRY_TRANSFER_CONNECTING,   /* looking for a way; "route" is what is tried */
  FERRY_TRANSFER_ACTIVE,       /* bytes move */
  FERRY_TRANSFER_STALLED,      /* no byte for 10 s */
  FERRY_TRANSFER_RECONNECTING,
  FERRY_TRANSFER_PAUSED,
  FERRY_TRANSFER_VERIFYING, /* all bytes there; hash, sync, or the peer's word awaited */
  FERRY_TRANSFER_DONE,
  FERRY_TRANSFER_DECLINED,
  FERRY_TRANSFER_CANCELLED,
  FERRY_TRANSFER_MISSED, /* an offer nobody answered */
  FERRY_TRANSFER_FAILED, /* "error" says why */
} FerryTransferState;

GType ferry_transfer_state_get_type (void);
#define FERRY_TYPE_TRANSFER_STATE (ferry_transfer_state_get_type ())

#define FERRY_TYPE_TRANSFER (ferry_transfer_get_type ())
G_DECLARE_FINAL_TYPE (FerryTransfer, ferry_transfer, FERRY, TRANSFER, GObject)

/**
 * ferry_transfer_new:
 * @id: unique in the profile, never reused
 * @account: own bare JID
 * @direction: send or receive
 * @peer: the contact's bare or full JID
 * @peer_name: what the user calls the contact
 * @name: file name, already safe to show and use
 * @size: bytes, -1 if unknown
 *
 * Properties, all notifying: "id" (string), "direction" (int), "peer-name", "name", "size"
 * (int64), "n-done" (uint64, bytes), "fraction" (double, 0…1; 0 while the size is unknown),
 * "speed" (double, bytes a second, mean of 5 s), "seconds-left" (int, -1 unknown), "state"
 * (FerryTransferState enum), "route" (uint, FerryRoute), "encrypted" (boolean), "verified"
 * (string: hash name, "size", or NULL), "received" (boolean: the receiver, we or the peer, has
 * said that it has the whole file), "is-held" (boolean: it can still be taken back as if it had
 * never been asked for), "path" (string, nullable: source, or where it was
 * saved), "error" (boxed GError, nullable), "is-finished" (boolean).
 */
FerryTransfer *ferry_transfer_new (const char *id,
                                   FerryJid *account,
                                   FerryDirection direction,
                                   FerryJid *peer,
                                   const char *peer_name,
                                   const char *name,
                                   gint64 size);

const char *ferry_transfer_get_id (FerryTransfer *self);
FerryJid *ferry_transfer_get_account (FerryTransfer *self);
FerryDirection ferry_transfer_get_direction (FerryTransfer *self);
FerryJid *ferry_transfer_get_peer (FerryTransfer *self);
const char *ferry_transfer_get_peer_name (FerryTransfer *self);
const char *ferry_transfer_get_name (FerryTransfer *self);
gint64 ferry_transfer_get_size (FerryTransfer *self);
guint64 ferry_transfer_get_n_done (FerryTransfer *self);
double ferry_transfer_get_fraction (FerryTransfer *self);
double ferry_transfer_get_speed (FerryTransfer *self);
int ferry_transfer_get_seconds_left (FerryTransfer *self);
FerryTransferState ferry_transfer_get_state (FerryTransfer *self);
FerryRoute ferry_transfer_get_route (FerryTransfer *self);
const char *ferry_transfer_get_signalling (FerryTransfer *self); /* nullable; "jingle", "si" */
gboolean ferry_transfer_get_encrypted (FerryTransfer *self);
gboolean ferry_transfer_get_received (FerryTransfer *self);
gboolean ferry_transfer_is_held (FerryTransfer *self);
const char *ferry_transfer_get_verified (FerryTransfer *self);  /* nullable */
const FerryHash *ferry_transfer_get_hash (FerryTransfer *self); /* nullable */
const char *ferry_transfer_get_path (FerryTransfer *self);      /* nullable */
const GError *ferry_transfer_get_error (FerryTransfer *self);   /* nullable */
/* Wall clock, microseconds; 0 if not yet. */
gint64 ferry_transfer_get_started_us (FerryTransfer *self);
gint64 ferry_transfer_get_ended_us (FerryTransfer *self);
/* Is the state one that only a new attempt leaves? */
gboolean ferry_transfer_is_finished (FerryTransfer *self);
gboolean ferry_transfer_state_is_final (FerryTransferState state);
/* Lines "  1.234 s  text" of what happened, for the Details view. Returns: (transfer full) */
char *ferry_transfer_dup_timeline (FerryTransfer *self);

/* --- For the runner and the store ------------------------------------------------------------
 */
void ferry_transfer_set_state (FerryTransfer *self, FerryTransferState state);
void ferry_transfer_set_error (FerryTransfer *self, const GError *error);
void ferry_transfer_set_peer (FerryTransfer *self, FerryJid *peer);
void ferry_transfer_set_name (FerryTransfer *self, const char *name);
void ferry_transfer_set_size (FerryTransfer *self, gint64 size);
/* @now_us: monotonic time; keeps the means of "speed" and "seconds-left" */
void ferry_transfer_set_n_done (FerryTransfer *self, guint64 n_done, gint64 now_us);
void ferry_transfer_set_route (FerryTransfer *self, FerryRoute route);
void ferry_transfer_set_signalling (FerryTransfer *self, const char *signalling);
void ferry_transfer_set_encrypted (FerryTransfer *self, gboolean encrypted);
void ferry_transfer_set_received (FerryTransfer *self, gboolean received);
void ferry_transfer_set_held (FerryTransfer *self, gboolean held);
void ferry_transfer_set_verified (FerryTransfer *self, const char *verified);
void ferry_transfer_set_hash (FerryTransfer *self, const FerryHash *hash);
void ferry_transfer_set_path (FerryTransfer *self, const char *path);
void ferry_transfer_set_times (FerryTransfer *self, gint64 started_us, gint64 ended_us);
/* @timeline: (nullable): what an earlier run of Ferry noted; takes the place of all notes */
void ferry_transfer_set_timeline (FerryTransfer *self, const char *timeline);
void ferry_transfer_add_note (FerryTransfer *self, const char *text);

G_END_DECLS
