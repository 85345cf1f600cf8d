/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user reads: complete, translatable sentences without codes, the same in the window
 * and on the command line. */
#pragma once

#include "model/ferry-batch.h"
#include "model/ferry-offer.h"

G_BEGIN_DECLS

/* The one thing to do about a problem. */
typedef enum
{
  FERRY_REMEDY_NONE,
  FERRY_REMEDY_RETRY,
  FERRY_REMEDY_SEND_AGAIN,
  FERRY_REMEDY_CHOOSE_FOLDER,
  FERRY_REMEDY_LOCATE_FILE,
  FERRY_REMEDY_ENTER_PASSWORD,
  FERRY_REMEDY_VIEW_CERTIFICATE,
  FERRY_REMEDY_RECONNECT,
} FerryRemedy;

/**
 * ferry_sentence_for_transfer_error:
 * @error: in FERRY_ERROR
 * @peer_name: what the user calls the contact
 * @file_name: the file
 * @remedy: (out) (optional): what to offer
 *
 * Returns: (transfer full): for instance "Ada declined “a.pdf”."
 */
char *ferry_sentence_for_transfer_error (const GError *error,
                                         const char *peer_name,
                                         const char *file_name,
                                         FerryRemedy *remedy);
/* The same for an account that cannot connect to @server. */
char *
ferry_sentence_for_account_error (const GError *error, const char *server, FerryRemedy *remedy);
/* The second line of a transfer's row for its present state: "31.0 of 48.2 MB · 6.1 MB/s ·
 * about 3 s left", "Waiting for Ada to accept", "1.2 GB · Verified", or the error's sentence.
 */
char *ferry_sentence_for_transfer (FerryTransfer *transfer);
/* What stands for a file or a folder: "thesis.pdf", "Holiday (48 files)". */
char *ferry_sentence_for_name (const char *name, gboolean is_folder, guint n_files);
/* What is worth knowing besides: "Ada’s program cannot continue files, so this one starts
 * over.", or what was left out of a folder. Returns: (transfer full) (nullable) */
char *ferry_sentence_for_note (FerryTransfer *transfer);
/* "Direct", "Direct (fast mode)", "Relay", "In-band (slow)"; "" for none. */
const char *ferry_sentence_for_route (FerryRoute route);
/* The way of a transfer and whether others can read along: "Direct · Encrypted"; "" for none.
 */
char *ferry_sentence_for_way (FerryTransfer *transfer);
/* What a contact learns when only @routes are allowed: "Files take the fastest way. Ada may see
 * your network address." */
char *ferry_sentence_for_privacy (FerryRoute routes, const char *peer_name);
/* The whole row for a screen reader: "Sending thesis.pdf to Ada, 64 per cent, 3 seconds left,
 * direct, not encrypted". */
char *ferry_sentence_for_accessibility (FerryTransfer *transfer);
/* What stands for several files, of which @name is the first: "a.jpg and 11 more". */
char *ferry_sentence_for_several (const char *name, guint n_files);
/* "Ada wants to send you 12 files": of a contact. */
char *ferry_sentence_for_offer (FerryOffer *offer);
/* The same for @n_files offers of one contact. */
char *ferry_sentence_for_wish (const char *peer_name, guint n_files);
/* "IMG_2041.jpg", "Holiday (48 files)", or "IMG_2041.jpg and 11 more". */
char *ferry_sentence_for_offer_name (FerryOffer *offer);
/* The second line of a batch's row: "12 of 48 files · 31.0 of 48.2 MB · 6.1 MB/s", "48.2 MB ·
 * 48 of 50 files arrived", or what the one that is furthest waits for. */
char *ferry_sentence_for_batch (FerryBatch *batch);
/* Its whole row for a screen reader. */
char *ferry_sentence_for_batch_accessibility (FerryBatch *batch);
/* "about 3 min", "12 s" */
char *ferry_sentence_for_seconds (int seconds);

G_END_DECLS
