/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryMailbox: hands pointers from one thread to a main context, in order, many at a time. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FerryMailbox FerryMailbox;

/* Called in the main context for each item; owns it no longer afterwards. */
typedef void (*FerryMailboxFunc) (gpointer item, gpointer user_data);

/* @context: where @func is called; @free_item: for items that nobody took and those that were
 */
FerryMailbox *ferry_mailbox_new (GMainContext *context,
                                 FerryMailboxFunc func,
                                 gpointer user_data,
                                 GDestroyNotify free_item);
FerryMailbox *ferry_mailbox_ref (FerryMailbox *self);
void ferry_mailbox_unref (FerryMailbox *self);
/* From any thread; takes @item. */
void ferry_mailbox_put (FerryMailbox *self, gpointer item);
/* In the main context, once, before the last reference goes: nothing is delivered any more, not
 * even what was put before. */
void ferry_mailbox_close (FerryMailbox *self);

G_END_DECLS
