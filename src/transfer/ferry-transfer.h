/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryTransfer: one file on its way, as everybody sees it: rows and the command line read it,
 * its runner (ferry-transfer-runner.h) writes it. It decides nothing and moves no byte. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-batch-info.h"
#include "base/ferry-hash.h"
#include "base/ferry-jid.h"
#include "bytestream/ferry-bytestream.h"
#include "signalling/ferry-session.h"
#include "transfer/ferry-transfer-machine.h"

G_BEGIN_DECLS

/* What a later attempt needs to know, also after a restart of Ferry. */
typedef struct
{
  FerryRoute routes;     /* ways allowed */
  gboolean is_published; /* sending: only when the peer asks for it (XEP-0137) */
  gboolean is_zipped;    /* sending a folder: as an archive, also to those who know folders */
  char *part_path;       /* receiving: the unfinished file; nullable */
  gint64 date_us;        /* receiving: of the file, as it was offered; 0 if unknown */
  FerryHash promised;   /* of the whole file: what was offered to us, or what we know of ours */
  char *peer_id;        /* receiving: what the sender calls it; nullable */
  char *source_key;     /* sending: which version of the source it is; nullable */
  gint64 place;         /* in the queue: who has the smaller one starts sooner */
  FerryBatchInfo batch; /* what it was sent together with */
} FerryTransferJournal;

/**
 * FerryTransferGuess:
 * @FERRY_TRANSFER_NO_GUESS: it is known what the device can do
 * @FERRY_TRANSFER_GUESS_JINGLE: it was offered Jingle, without knowing
 * @FERRY_TRANSFER_GUESS_SI: it does not know Jingle, so it is offered stream initiation
 */
typedef enum
{
  FERRY_TRANSFER_NO_GUESS,
  FERRY_TRANSFER_GUESS_JINGLE,
  FERRY_TRANSFER_GUESS_SI,
} FerryTransferGuess;

/* So many transfers, or more, come before: nobody counts them. */
#define FERRY_TRANSFER_MANY_AHEAD 100

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
 * (FerryTransferState enum), "route" (uint, FerryRoute), "encrypted" (boolean),
 * "key-verified" (boolean: people have compared the key of the peer's device), "verified"
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

/* A folder that goes as one: properties "is-folder" (boolean), "n-files", "n-files-done",
 * "n-files-failed" (uint; failed ones are done, too), all notifying. They are known once it was
 * looked at; until then it is like a file of unknown size. */
gboolean ferry_transfer_is_folder (FerryTransfer *self);
guint ferry_transfer_get_n_files (FerryTransfer *self);
guint ferry_transfer_get_n_files_done (FerryTransfer *self);
/* Files that could not be read, or came damaged; all others are there. */
guint ferry_transfer_get_n_files_failed (FerryTransfer *self);
/* Returns: (transfer none) (nullable): their paths in the folder, the first hundred */
const char *const *ferry_transfer_get_failed_files (FerryTransfer *self);
/* Sending: links and the like, which were left out from the beginning. */
guint ferry_transfer_get_n_files_skipped (FerryTransfer *self);
/* Returns: (transfer none) (nullable): what it was sent together with; %NULL if with nothing */
const FerryBatchInfo *ferry_transfer_get_batch (FerryTransfer *self);
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
gboolean ferry_transfer_get_key_verified (FerryTransfer *self);
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
/* Why a PAUSED transfer is; can the user end it with ferry_core_resume()? */
FerryTransferPause ferry_transfer_get_pause (FerryTransfer *self);
/* Can what has come be kept while it is paused, because the peer sends parts? */
gboolean ferry_transfer_can_pause (FerryTransfer *self);
/* While WAITING_PEER: is it for us that it waits? Property "link" (int), notifying. */
FerryTransferLink ferry_transfer_get_link (FerryTransfer *self);
/* While QUEUED: how many of its direction are under way or start sooner, at most
 * FERRY_TRANSFER_MANY_AHEAD. Property "n-ahead" (uint), notifying. */
guint ferry_transfer_get_n_ahead (FerryTransfer *self);
/* While STALLED: for how long no byte has moved. Property "quiet-seconds" (uint), notifying. */
guint ferry_transfer_get_quiet_seconds (FerryTransfer *self);
/* While RECONNECTING: attempts made, and seconds until the next. */
guint ferry_transfer_get_n_tries (FerryTransfer *self);
int ferry_transfer_get_retry_seconds (FerryTransfer *self);
/* Did it have to begin again, because the peer's program cannot go on with a file? */
gboolean ferry_transfer_get_starts_over (FerryTransfer *self);
FerryTransferGuess ferry_transfer_get_guess (FerryTransfer *self);
/* When the user wanted it; wall clock, microseconds. */
gint64 ferry_transfer_get_created_us (FerryTransfer *self);
/* In the queue: who has the smaller one starts sooner; 0 before it was in one. Property "place"
 * (int64), notifying. */
gint64 ferry_transfer_get_place (FerryTransfer *self);
/* Lines "  1.234 s  text" of what happened, for the Details view. Returns: (transfer full) */
char *ferry_transfer_dup_timeline (FerryTransfer *self);

/* --- For the runner and the store ------------------------------------------------------------
 */
/**
 * ferry_transfer_step:
 *
 * Gives @event to the machine of the transfer (ferry-transfer-machine.h), and shows what comes
 * of it.
 *
 * Returns: whether it meant something now
 */
gboolean ferry_transfer_step (FerryTransfer *self, FerryTransferEvent event);
const FerryTransferMachine *ferry_transfer_get_machine (FerryTransfer *self);
/* For transfers that never went through a queue, and what the store knows of others. */
void ferry_transfer_set_state (FerryTransfer *self, FerryTransferState state);
void ferry_transfer_set_pause (FerryTransfer *self, FerryTransferPause pause);
void ferry_transfer_set_can_ask (FerryTransfer *self, gboolean can_ask);
/* How far the file has ever come, bytes: a part of it is at the receiver's. */
void ferry_transfer_set_reached (FerryTransfer *self, guint64 n_bytes);
void ferry_transfer_set_ranged (FerryTransfer *self, gboolean ranged);
void ferry_transfer_set_starts_over (FerryTransfer *self, gboolean starts_over);
void ferry_transfer_set_link (FerryTransfer *self, FerryTransferLink link);
void ferry_transfer_set_n_ahead (FerryTransfer *self, guint n_ahead);
void ferry_transfer_set_quiet_seconds (FerryTransfer *self, guint seconds);
void ferry_transfer_set_retry_at (FerryTransfer *self, gint64 monotonic_us);
/* Which signalling a device is offered the file by that says nothing about itself. */
void ferry_transfer_set_guess (FerryTransfer *self, FerryTransferGuess guess);
void ferry_transfer_set_created_us (FerryTransfer *self, gint64 created_us);
/* Whoever writes into the journal says so; signal "journal-changed" then has it kept. */
FerryTransferJournal *ferry_transfer_get_journal (FerryTransfer *self);
void ferry_transfer_set_place (FerryTransfer *self, gint64 place);
void ferry_transfer_set_part_path (FerryTransfer *self, const char *path);
void ferry_transfer_keep_journal (FerryTransfer *self);
void ferry_transfer_set_error (FerryTransfer *self, const GError *error);
void ferry_transfer_set_peer (FerryTransfer *self, FerryJid *peer);
void ferry_transfer_set_name (FerryTransfer *self, const char *name);
void ferry_transfer_set_size (FerryTransfer *self, gint64 size);
/* It is a folder, with so many files in it. */
void ferry_transfer_set_folder (FerryTransfer *self, guint n_files);
void ferry_transfer_set_files_done (FerryTransfer *self, guint n_done, guint n_failed);
void ferry_transfer_set_failed_files (FerryTransfer *self, const char *const *paths);
/* @batch: (nullable): kept in the journal at once */
void ferry_transfer_set_batch (FerryTransfer *self, const FerryBatchInfo *batch);
void ferry_transfer_set_files_skipped (FerryTransfer *self, guint n_skipped);
/* @now_us: monotonic time; keeps the means of "speed" and "seconds-left" */
void ferry_transfer_set_n_done (FerryTransfer *self, guint64 n_done, gint64 now_us);
void ferry_transfer_set_route (FerryTransfer *self, FerryRoute route);
void ferry_transfer_set_signalling (FerryTransfer *self, const char *signalling);
void ferry_transfer_set_encrypted (FerryTransfer *self, gboolean encrypted);
void ferry_transfer_set_key_verified (FerryTransfer *self, gboolean verified);
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
