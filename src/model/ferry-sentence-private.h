/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files that make sentences have in common. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names come from other people and may be written in the other direction. @name: (nullable).
 * Returns: (transfer full) */
char *ferry_sentence_isolate (const char *name);

/* @n_files: 0 for a single file; @size: -1 if unknown; @speed: bytes a second; @seconds_left:
 * -1 if unknown */
typedef struct
{
  guint n_files;
  guint n_files_done;
  gint64 size;
  guint64 n_done;
  double speed;
  int seconds_left;
} FerryProgress;

/* "12 of 48 files · 31.0 of 48.2 MB · 6.1 MB/s · 3 s left" */
char *ferry_sentence_for_progress (const FerryProgress *progress);
/* @amount: a size. "48.2 MB · 48 of 50 files arrived" */
char *ferry_sentence_for_arrived (const char *amount, guint n_arrived, guint n_files);

G_END_DECLS
