/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The notes of a transfer's timeline in the user's language. They are made and kept in English,
 * as the log is: whoever is asked for help reads the same as whoever asks, and what an older
 * Ferry noted can be shown in any language. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): @note in the user's language, or as it is if it is none of ours */
char *ferry_note_translate (const char *note);
/* @timeline: lines "  1.234 s  note", as of ferry_transfer_dup_timeline()
 * Returns: (transfer full): the same with each note translated */
char *ferry_note_translate_timeline (const char *timeline);

G_END_DECLS
