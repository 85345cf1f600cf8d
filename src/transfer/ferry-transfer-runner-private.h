/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The insides of FerryTransferRunner, for its two directions and for tests. */
#pragma once

#include "transfer/ferry-part-file.h"
#include "transfer/ferry-prefix-hash.h"
#include "transfer/ferry-pump.h"
#include "transfer/ferry-source-file.h"
#include "transfer/ferry-transfer-runner.h"
#include "transfer/ferry-tree-reader.h"

G_BEGIN_DECLS

/* Milliseconds. */
typedef struct
{
  guint sample_ms;   /* how often the pump is looked at */
  guint stalled_ms;  /* silence that the user should know of */
  guint checksum_ms; /* how long a promised checksum is waited for; */
  guint rehash_ms;   /* … of a sender that has to read the whole file again for it */
  guint offer_ms;    /* how long a peer that was asked for the file may take to offer it */
} FerryTransferRunnerLimits;

struct _FerryTransferRunner
{
  GObject parent_instance;

  FerryTransfer *transfer;
  FerryHashAlgo hash;
  FerryTransferRunnerLimits limits;
  GCancellable *cancellable;
  FerryTransferStop stop; /* what our user wanted, if it was that */
  guint n_pending;        /* operations that will come back to us */

  FerrySession *session;
  gboolean session_ended;
  gboolean had_way; /* an attempt before this one has come as far as trying a way */

  FerryPump *pump;
  FerryThrottle *throttle; /* nullable */
  gboolean moved_all;      /* receiving: all bytes are here; sending: and the session knows */
  FerryPrefixHash *check;  /* while what is there of the file is read again */
  guint sample_id;
  guint64 n_seen;
  gint64 seen_us;

  gboolean settled; /* the outcome is known: @error, or good */
  GError *error;
  gboolean finished;

  FerryTransferGuard *guard; /* nullable */
  gboolean asks_user;        /* … about the peer's key; another attempt follows the answer */
  gboolean has_met;          /* the peer has shown that it has its key */

  FerryTransferStarter *starter; /* NULL: receiving, with an offer at hand */

  /* Sending */
  FerryJid *target; /* whom the user named; the transfer's peer may be a device of theirs */
  FerrySourceFile *source;
  FerryStore *store; /* nullable: of hashes of files that were sent before */
  gboolean peer_knows_hash;
  GError *verdict; /* the peer's on what came, while we do not know what we sent; nullable */
  FerryTreeReader *reader; /* of a folder, while it is sent; nullable */

  /* Receiving */
  char *folder;
  FerryRoute routes;
  FerryPartFile *part;
  FerryHasher *prefix; /* has the bytes that are there already */
  guint offer_id;
  FerryHash checksum; /* what the sender says; algo NONE while it has not */
  gboolean waits_checksum;
  guint checksum_id;
  gboolean verified;
  gboolean stored;    /* the file has its name */
  gboolean discarded; /* the part is of no use */
};

/* Each operation holds a reference: the result of _begin() is its user data, and _end() is the
 * last thing its callback does. */
FerryTransferRunner *ferry_transfer_runner_begin (FerryTransferRunner *self);
void ferry_transfer_runner_end (FerryTransferRunner *self);

static inline gboolean
ferry_transfer_runner_is_sending (FerryTransferRunner *self)
{
  return ferry_transfer_get_direction (self->transfer) == FERRY_DIRECTION_SEND;
}

void ferry_transfer_runner_bind (FerryTransferRunner *self, FerrySession *session);
/* Forgets a session that has ended, for another one. */
void ferry_transfer_runner_unbind (FerryTransferRunner *self);
/* Reads the first @n_bytes of @fd once more, showing CHECKING; ferry_transfer_runner_checked()
 * is called for the callback of it. */
void ferry_transfer_runner_check (FerryTransferRunner *self,
                                  int fd,
                                  guint64 n_bytes,
                                  FerryHashAlgo algo,
                                  GAsyncReadyCallback callback);
/* Returns: (transfer full) (nullable): %NULL after the outcome was settled */
FerryHasher *ferry_transfer_runner_checked (FerryTransferRunner *self, GAsyncResult *result);
/* ferry-transfer-runner-keys.c */
/* Before it moves: as the session has agreed on. */
void ferry_transfer_runner_encrypt (FerryTransferRunner *self, FerryPump *pump);
/* Returns: %FALSE after the outcome was settled */
gboolean ferry_transfer_runner_may_move (FerryTransferRunner *self);
/* Receiving: ferry_transfer_runner_receive_prepare() follows if the sender is who it should be.
 */
void ferry_transfer_runner_know_sender (FerryTransferRunner *self);
/* While it moves: has the peer shown by now that it has its key? */
void ferry_transfer_runner_meet_peer (FerryTransferRunner *self);

/* @pump: (transfer full) */
void ferry_transfer_runner_move (FerryTransferRunner *self, FerryPump *pump);
/* The outcome is decided, once. The peer is told of an @error; %NULL is success. */
void ferry_transfer_runner_settle (FerryTransferRunner *self, const GError *error);

/* Whatever has come to rest calls this; the last one finishes the attempt. */
void ferry_transfer_runner_try_finish (FerryTransferRunner *self);

/* ferry-transfer-runner-hashes.c; the source is open */
/* Returns: whether the hash of this version of it is known, and in its info now */
gboolean ferry_transfer_runner_find_hash (FerryTransferRunner *self);
/* @hash: of all of it, as it is */
void ferry_transfer_runner_keep_hash (FerryTransferRunner *self, const FerryHash *hash);
void ferry_transfer_runner_forget_hash (FerryTransferRunner *self);

/* ferry-transfer-runner-send.c */
void ferry_transfer_runner_send_start (FerryTransferRunner *self);
FerryPump *ferry_transfer_runner_send_make_pump (FerryTransferRunner *self, GSocket *socket);
void ferry_transfer_runner_send_moved (FerryTransferRunner *self);
/* The session has ended for @error while the pump runs. Returns: whether what was sent has to
 * be known before the outcome is */
gboolean ferry_transfer_runner_send_doubted (FerryTransferRunner *self, const GError *error);
/* The session ended well after our last byte. */
void ferry_transfer_runner_send_ended (FerryTransferRunner *self);
/* It ended well before a byte could move: the peer has the file already. */
void ferry_transfer_runner_send_unneeded (FerryTransferRunner *self);
/* The session has ended for @error before anybody agreed. Returns: whether the device is
 * offered the file in another way now */
gboolean ferry_transfer_runner_send_otherwise (FerryTransferRunner *self, const GError *error);

/* ferry-transfer-runner-folder.c */
/* Does a folder go as one stream? */
gboolean ferry_transfer_runner_is_folder (FerryTransferRunner *self);
/* The session is there: the peer may have been offered an archive. */
void ferry_transfer_runner_folder_offered (FerryTransferRunner *self);
/* Returns: (nullable): %NULL for a file that is none */
FerryPump *ferry_transfer_runner_folder_send (FerryTransferRunner *self, GSocket *socket);
FerryPump *ferry_transfer_runner_folder_receive (FerryTransferRunner *self, GSocket *socket);
/* Of a folder that is sent: tells what is left out of it. */
void ferry_transfer_runner_note_skipped (FerryTransferRunner *self);
/* How many of a folder have come; of a file nothing. */
void ferry_transfer_runner_show_files (FerryTransferRunner *self);
/* All bytes have moved. Returns: whether each file is whole */
gboolean ferry_transfer_runner_folder_moved (FerryTransferRunner *self);

/* ferry-transfer-runner-receive.c */
void ferry_transfer_runner_receive_start (FerryTransferRunner *self);
FerryPump *ferry_transfer_runner_receive_make_pump (FerryTransferRunner *self, GSocket *socket);
void ferry_transfer_runner_receive_moved (FerryTransferRunner *self);
/* A session is there: looks who sends, prepares the part file, then accepts. */
void ferry_transfer_runner_receive_begin (FerryTransferRunner *self);
void ferry_transfer_runner_receive_prepare (FerryTransferRunner *self);
/* The sender's word is here, or will never be. */
void ferry_transfer_runner_receive_stop_waiting (FerryTransferRunner *self);

G_END_DECLS
