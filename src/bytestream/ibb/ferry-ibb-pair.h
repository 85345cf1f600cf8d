/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryIbbPair: the socket pair of an in-band stream. The far end goes to whoever moves the
 * file; the near end is read and written here, in the main context, block by block. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _FerryIbbPair FerryIbbPair;

/**
 * FerryIbbPairFuncs:
 * @readable: ferry_ibb_pair_read(), which had found nothing, may find something
 * @written: all bytes of the oldest block given to ferry_ibb_pair_write() are in the pair
 * @gone: the far end was closed and takes nothing more
 *
 * They are called from the main context, never from within a function of the pair.
 */
typedef struct
{
  void (*readable) (gpointer user_data);
  void (*written) (gpointer user_data);
  void (*gone) (gpointer user_data);
} FerryIbbPairFuncs;

FerryIbbPair *
ferry_ibb_pair_new (const FerryIbbPairFuncs *funcs, gpointer user_data, GError **error);
/* Closes the near end at once. */
void ferry_ibb_pair_free (FerryIbbPair *self);

/* Returns: (transfer full) (nullable): the far end, once */
GSocket *ferry_ibb_pair_take_far (FerryIbbPair *self);
/**
 * ferry_ibb_pair_read:
 * @is_eof: (out): the far end was shut for writing, or closed
 *
 * What nobody reads makes the far end meet a full buffer.
 *
 * Returns: (transfer full) (nullable): a block of 1 to @max_size bytes; if there is none, and
 * no end either, `readable` will tell
 */
GBytes *ferry_ibb_pair_read (FerryIbbPair *self, guint max_size, gboolean *is_eof);
/* Bytes that could be read now. */
gsize ferry_ibb_pair_get_available (FerryIbbPair *self);

/* Returns: %TRUE if @block is in the pair already; %FALSE if `written` will tell */
gboolean ferry_ibb_pair_write (FerryIbbPair *self, GBytes *block);
/* Nothing is read any more, and the far end sees EOF after all that was written. */
void ferry_ibb_pair_shut (FerryIbbPair *self);

G_END_DECLS
