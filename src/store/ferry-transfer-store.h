/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transfers in the database: those under way, so that they outlive a restart, and the finished
 * ones, which are the history. The words in them (state, route …) are those of src/transfer;
 * here they are text. */
#pragma once

#include "base/ferry-batch-info.h"
#include "store/ferry-store.h"

G_BEGIN_DECLS

/**
 * FerryTransferRow:
 * @id: unique in the profile
 * @account: own bare JID
 * @peer: bare or full JID
 * @peer_name: what the user calls the contact
 * @name: file name, safe to use
 * @size: bytes, -1 if unknown
 * @path: (nullable): source, or where it was saved
 * @part_path: (nullable): the unfinished file of an incoming transfer
 * @offset: bytes of it that are known to be on the disk
 * @promised_hash: (nullable): what the peer announced, `ALGO:HEX`
 * @state: state word: `done`, `declined`, `cancelled`, `missed`, `failed` once finished
 * @route: (nullable): route word
 * @signalling: (nullable): `jingle` or `si`
 * @is_key_verified: it was encrypted with a key that people had compared
 * @verified: (nullable): hash name, or `size`; @is_received: the receiver has it, as far as the
 *   sender knows
 * @sha256: (nullable): lower-case hex
 * @error_code: (nullable): as ferry_error_get_code_name()
 * @error_message: (nullable): for the log and Details
 * @created_us: wall clock
 * @started_us: wall clock, 0 before the first byte
 * @ended_us: wall clock, 0 while it is unfinished
 * @routes: ways allowed, as bits; 0 for all
 * @pause: who or what has paused it, 0 for nobody
 * @can_ask: incoming: the peer's program sends the rest when asked
 * @is_ranged: the sender's program sends parts
 * @date_us: incoming: of the file, as it was offered; 0 if unknown
 * @source_key: (nullable): outgoing: which version of the file is being sent
 * @peer_id: (nullable): incoming: what the sender calls it
 * @is_published: outgoing: sent only when the peer asks for it
 * @n_files: files in a folder that goes as one, -1 for a file
 * @n_files_done: how many have come
 * @n_files_failed: how many of these did not come well
 * @is_zipped: outgoing: a folder that shall go as an archive
 * @batch: what it was sent together with
 * @place: its place in the queue; smaller ones start sooner
 * @failed_files: (nullable): of a folder: paths that did not arrive, one a line; the first ones
 * @is_listed: does the window's list of transfers still show it?
 */
typedef struct
{
  char *id;
  char *account;
  char *peer;
  char *peer_name;
  gboolean is_outgoing;
  char *name;
  gint64 size;
  char *path;
  char *part_path;
  gint64 offset;
  char *promised_hash;
  char *state;
  char *route;
  char *signalling;
  gboolean encrypted;
  gboolean is_key_verified;
  char *verified;
  gboolean is_received;
  char *sha256;
  char *error_code;
  char *error_message;
  gint64 created_us;
  gint64 started_us;
  gint64 ended_us;
  guint routes;
  guint pause;
  gboolean can_ask;
  gboolean is_ranged;
  gint64 date_us;
  char *source_key;
  char *peer_id;
  gboolean is_published;
  gint64 n_files;
  guint n_files_done;
  guint n_files_failed;
  gboolean is_zipped;
  FerryBatchInfo batch;
  gint64 place;
  char *failed_files;
  gboolean is_listed;
} FerryTransferRow;

/* Returns: (transfer full): an empty row, listed, of unknown size */
FerryTransferRow *ferry_transfer_row_new (void);
void ferry_transfer_row_free (FerryTransferRow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryTransferRow, ferry_transfer_row_free)

/* All errors are %FERRY_ERROR_STORE, also for an id that is not there (or, inserting, is). */

gboolean
ferry_transfer_store_insert (FerryStore *store, const FerryTransferRow *row, GError **error);
/* Writes all fields of the row with @row->id. */
gboolean
ferry_transfer_store_update (FerryStore *store, const FerryTransferRow *row, GError **error);
/* The journal of a part file: only this number, as cheaply as possible. */
gboolean ferry_transfer_store_set_offset (FerryStore *store,
                                          const char *id,
                                          gint64 offset,
                                          GError **error);
/* Takes it off the window's list, or back; the history has it all the same. */
gboolean ferry_transfer_store_set_listed (FerryStore *store,
                                          const char *id,
                                          gboolean is_listed,
                                          GError **error);
/* Removes it from the history too. That it is not there is no error. */
gboolean ferry_transfer_store_delete (FerryStore *store, const char *id, GError **error);

/* Unfinished and finished, as long as they are listed. Returns: (transfer full) (element-type
 * FerryTransferRow) (nullable): oldest first */
GPtrArray *ferry_transfer_store_list_listed (FerryStore *store, GError **error);

/* @n_transfers: how many have been accepted; @size: their bytes; @path: (nullable): of one of
 * them, or of its part */
typedef struct
{
  guint n_transfers;
  gint64 size;
  char *path;
} FerryBatchSum;

/**
 * ferry_transfer_store_sum_batch:
 * @account: own bare JID
 * @peer: the sender's bare JID
 * @batch: what it calls the files that it sends together
 * @since_us: wall clock; older ones do not count
 * @but: (nullable): nor does the one that the sender calls so
 * @sum: (out): its path is the caller's
 *
 * How much of a batch was accepted by us, and has come or may still do so.
 */
gboolean ferry_transfer_store_sum_batch (FerryStore *store,
                                         const char *account,
                                         const char *peer,
                                         const char *batch,
                                         gint64 since_us,
                                         const char *but,
                                         FerryBatchSum *sum,
                                         GError **error);

/* What happened on the way, line by line; apart from the row, because few look at it. */
gboolean ferry_transfer_store_set_timeline (FerryStore *store,
                                            const char *id,
                                            const char *timeline,
                                            GError **error);
/* Returns: (transfer full) (nullable): %NULL if nothing was kept, or with @error */
char *ferry_transfer_store_dup_timeline (FerryStore *store, const char *id, GError **error);

G_END_DECLS
