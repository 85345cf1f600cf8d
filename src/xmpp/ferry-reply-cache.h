/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryReplyCache: which requests were answered lately and how, so that a request that comes
 * again after a resumed stream gets the same answer and is not carried out twice. A pure value:
 * time is an argument. */
#pragma once

#include "base/ferry-node.h"

G_BEGIN_DECLS

typedef struct _FerryReplyCache FerryReplyCache;

typedef enum
{
  FERRY_REPLY_NEW,     /* not seen: carry it out */
  FERRY_REPLY_PENDING, /* seen and still being worked on: its answer will serve both */
  FERRY_REPLY_KNOWN,   /* answered: say the same again */
} FerryReplyState;

FerryReplyCache *ferry_reply_cache_new (void);
void ferry_reply_cache_free (FerryReplyCache *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryReplyCache, ferry_reply_cache_free)

/**
 * ferry_reply_cache_begin:
 * @self: a cache
 * @request: an iq of type get or set; a repeat is one that is equal in all its parts, `from`
 * and `id` included
 * @now_us: monotonic time, microseconds
 * @reply: (out) (transfer none): for %FERRY_REPLY_KNOWN the answer given before
 *
 * Looks @request up and remembers it if it is new. Kept are the last 32 of each sender, 512 in
 * all, for 120 s after their answer.
 */
FerryReplyState ferry_reply_cache_begin (FerryReplyCache *self,
                                         const FerryNode *request,
                                         gint64 now_us,
                                         FerryNode **reply);
/* Remembers the answer to a request that was begun. @reply: (transfer none) */
void ferry_reply_cache_finish (FerryReplyCache *self,
                               const FerryNode *request,
                               FerryNode *reply,
                               gint64 now_us);
void ferry_reply_cache_clear (FerryReplyCache *self);
guint ferry_reply_cache_get_size (const FerryReplyCache *self);

G_END_DECLS
