/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the object as others read it (ferry-transfer.c) and those who write into it
 * (ferry-transfer-writing.c). */
#pragma once

#include "transfer/ferry-speed.h"
#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

struct _FerryTransfer
{
  GObject parent_instance;

  char *id;
  FerryJid *account;
  FerryDirection direction;
  FerryJid *peer;
  char *peer_name;
  char *name;
  gint64 size;
  gboolean is_folder;
  guint n_files;
  guint n_files_done;
  guint n_files_failed;
  guint n_files_skipped;
  char **failed_files; /* nullable */

  guint64 n_done;
  FerrySpeed speed;
  double shown_speed;
  int seconds_left;

  FerryTransferMachine machine;
  FerryTransferJournal journal;
  guint64 n_reached; /* bytes: how far it has ever come */
  gboolean ranged;   /* the sender can begin anywhere */
  gboolean starts_over;
  FerryTransferGuess guess;
  FerryTransferLink link;
  guint n_ahead;
  guint quiet_seconds;
  gint64 retry_at_us; /* monotonic; 0 if no attempt is planned */
  FerryRoute route;
  char *signalling;
  gboolean encrypted;
  gboolean key_verified;
  gboolean received;
  gboolean held;
  char *verified;
  FerryHash *hash;
  char *path;
  GError *error;
  gint64 started_us;
  gint64 ended_us;

  gint64 wanted_us;  /* wall clock: when the user wanted it */
  gint64 created_us; /* monotonic: where the timeline begins */
  GString *timeline;
  guint n_notes;
};

typedef enum
{
  PROP_ID = 1,
  PROP_DIRECTION,
  PROP_PEER_NAME,
  PROP_NAME,
  PROP_SIZE,
  PROP_N_DONE,
  PROP_FRACTION,
  PROP_SPEED,
  PROP_SECONDS_LEFT,
  PROP_STATE,
  PROP_ROUTE,
  PROP_ENCRYPTED,
  PROP_KEY_VERIFIED,
  PROP_RECEIVED,
  PROP_IS_HELD,
  PROP_VERIFIED,
  PROP_PATH,
  PROP_ERROR,
  PROP_IS_FINISHED,
  PROP_IS_FOLDER,
  PROP_N_FILES,
  PROP_N_FILES_DONE,
  PROP_N_FILES_FAILED,
  PROP_PLACE,
  PROP_LINK,
  PROP_N_AHEAD,
  PROP_QUIET_SECONDS,
  N_PROPS
} FerryTransferProperty;

void ferry_transfer_notify (FerryTransfer *self, FerryTransferProperty prop);
void ferry_transfer_emit_journal_changed (FerryTransfer *self);

G_END_DECLS
