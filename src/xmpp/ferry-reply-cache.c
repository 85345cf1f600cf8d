/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/ferry-reply-cache.h"

#include "base/ferry-hash.h"

#include <string.h>

#define MAX_PER_PEER 32
#define MAX_IN_ALL 512
#define LIFETIME_US (120 * G_TIME_SPAN_SECOND)

typedef struct
{
  char *peer;
  char *digest;     /* of the whole request; the request itself may be large */
  FerryNode *reply; /* NULL until answered */
  gint64 answered_us;
} Entry;

struct _FerryReplyCache
{
  GQueue entries; /* of Entry, oldest first */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  g_free (entry->peer);
  g_free (entry->digest);
  g_clear_pointer (&entry->reply, ferry_node_unref);
  g_free (entry);
}

FerryReplyCache *
ferry_reply_cache_new (void)
{
  FerryReplyCache *self = g_new0 (FerryReplyCache, 1);
  g_queue_init (&self->entries);
  return self;
}

void
ferry_reply_cache_free (FerryReplyCache *self)
{
  if (self == NULL)
    return;
  ferry_reply_cache_clear (self);
  g_free (self);
}

void
ferry_reply_cache_clear (FerryReplyCache *self)
{
  g_queue_clear_full (&self->entries, entry_free);
}

guint
ferry_reply_cache_get_size (const FerryReplyCache *self)
{
  return self->entries.length;
}

static char *
digest_of (const FerryNode *request)
{
  g_autofree char *text = ferry_node_to_string (request);
  g_autoptr (FerryHasher) hasher = ferry_hasher_new (FERRY_HASH_SHA256);
  FerryHash hash;

  ferry_hasher_update (hasher, text, strlen (text));
  ferry_hasher_finish (hasher, &hash);
  return ferry_hash_to_base64 (&hash);
}

static const char *
peer_of (const FerryNode *request)
{
  const char *from = ferry_node_get_attr (request, "from");
  return from != NULL ? from : "";
}

static Entry *
find_entry (FerryReplyCache *self, const char *digest)
{
  for (GList *link = self->entries.tail; link != NULL; link = link->prev)
    {
      Entry *entry = link->data;
      if (strcmp (entry->digest, digest) == 0)
        return entry;
    }
  return NULL;
}

static void
drop_link (FerryReplyCache *self, GList *link)
{
  entry_free (link->data);
  g_queue_delete_link (&self->entries, link);
}

/* One walk over at most MAX_IN_ALL entries: throws out what is too old, and the oldest of @peer
 * or of all where one more would be too many. */
static void
make_room (FerryReplyCache *self, const char *peer, gint64 now_us)
{
  guint n_of_peer = 0;
  GList *oldest_of_peer = NULL;

  for (GList *link = self->entries.tail, *prev; link != NULL; link = prev)
    {
      const Entry *entry = link->data;
      prev = link->prev;
      if (entry->reply != NULL && now_us - entry->answered_us > LIFETIME_US)
        drop_link (self, link);
      else if (strcmp (entry->peer, peer) == 0)
        {
          n_of_peer++;
          oldest_of_peer = link;
        }
    }

  if (n_of_peer >= MAX_PER_PEER)
    drop_link (self, oldest_of_peer);
  else if (self->entries.length >= MAX_IN_ALL)
    drop_link (self, self->entries.head);
}

FerryReplyState
ferry_reply_cache_begin (FerryReplyCache *self,
                         const FerryNode *request,
                         gint64 now_us,
                         FerryNode **reply)
{
  g_return_val_if_fail (request != NULL && reply != NULL, FERRY_REPLY_NEW);

  g_autofree char *digest = digest_of (request);
  const Entry *known = find_entry (self, digest);
  if (known != NULL && known->reply == NULL)
    return FERRY_REPLY_PENDING;
  if (known != NULL && now_us - known->answered_us <= LIFETIME_US)
    {
      *reply = known->reply;
      return FERRY_REPLY_KNOWN;
    }

  make_room (self, peer_of (request), now_us);
  Entry *entry = g_new0 (Entry, 1);
  entry->peer = g_strdup (peer_of (request));
  entry->digest = g_steal_pointer (&digest);
  g_queue_push_tail (&self->entries, entry);
  return FERRY_REPLY_NEW;
}

void
ferry_reply_cache_finish (FerryReplyCache *self,
                          const FerryNode *request,
                          FerryNode *reply,
                          gint64 now_us)
{
  g_return_if_fail (request != NULL && reply != NULL);

  g_autofree char *digest = digest_of (request);
  Entry *entry = find_entry (self, digest);
  if (entry == NULL)
    return; /* it had to make room meanwhile */
  g_clear_pointer (&entry->reply, ferry_node_unref);
  entry->reply = ferry_node_ref (reply);
  entry->answered_us = now_us;
}
