/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-ibb-service"

#include "config.h"

#include "bytestream/ibb/ferry-ibb-service-private.h"

#include "xmpp/ferry-ns.h"

#include <string.h>

#define MAX_STREAMS_PER_PEER 8

struct _FerryIbbService
{
  GObject parent_instance;
  FerryRouter *router;
  guint request_handler;
  guint message_handler;
  GHashTable *entries; /* set of Entry, equal by peer and sid */
};

G_DEFINE_FINAL_TYPE (FerryIbbService, ferry_ibb_service, G_TYPE_OBJECT)

typedef struct
{
  FerryJid *peer;
  char *sid;
  FerryIbbInput input;
  gpointer user_data;
} Entry;

static guint
entry_hash (gconstpointer key)
{
  const Entry *entry = key;
  return ferry_jid_hash (entry->peer) * 31 + g_str_hash (entry->sid);
}

static gboolean
entry_equal (gconstpointer a, gconstpointer b)
{
  const Entry *entry_a = a, *entry_b = b;
  return strcmp (entry_a->sid, entry_b->sid) == 0 &&
         ferry_jid_equal (entry_a->peer, entry_b->peer);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  ferry_jid_unref (entry->peer);
  g_free (entry->sid);
  g_free (entry);
}

static Entry *
find_entry (FerryIbbService *self, FerryNode *payload, FerryJid *from)
{
  const char *sid = ferry_node_get_attr (payload, "sid");
  if (sid == NULL || from == NULL)
    return NULL;

  const Entry key = { .peer = from, .sid = (char *) sid };
  return g_hash_table_lookup (self->entries, &key);
}

static gboolean
on_request (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  FerryIbbService *self = user_data;
  FerryNode *payload = ferry_node_get_child (request, NULL, FERRY_NS_IBB);

  if (g_strcmp0 (ferry_node_get_attr (request, "type"), "set") != 0)
    return FALSE;

  Entry *entry = find_entry (self, payload, from);
  if (entry != NULL)
    entry->input (request, payload, entry->user_data);
  else
    ferry_router_reply_error (router, request, FERRY_STANZA_ITEM_NOT_FOUND, NULL);
  return TRUE;
}

static void
on_message (FerryRouter *router, FerryNode *message, FerryJid *from, gpointer user_data)
{
  FerryIbbService *self = user_data;
  FerryNode *payload = ferry_node_get_child (message, "data", FERRY_NS_IBB);
  Entry *entry = payload != NULL ? find_entry (self, payload, from) : NULL;

  if (entry != NULL)
    entry->input (message, payload, entry->user_data);
}

FerryIbbService *
ferry_ibb_service_new (FerryRouter *router)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (router), NULL);

  FerryIbbService *self = g_object_new (FERRY_TYPE_IBB_SERVICE, NULL);
  self->router = g_object_ref (router);
  self->request_handler =
      ferry_router_add_request_handler (router, FERRY_NS_IBB, on_request, self);
  self->message_handler =
      ferry_router_add_message_handler (router, FERRY_NS_IBB, on_message, self);
  /* A stream knows a block that it has had; keeping each one here too would cost memory. */
  ferry_router_let_repeats_through (router, FERRY_NS_IBB);
  return self;
}

FerryRouter *
ferry_ibb_service_get_router (FerryIbbService *self)
{
  return self->router;
}

gpointer
ferry_ibb_service_register (FerryIbbService *self,
                            FerryJid *peer,
                            const char *sid,
                            FerryIbbInput input,
                            gpointer user_data)
{
  const Entry key = { .peer = peer, .sid = (char *) sid };
  GHashTableIter iter;
  gpointer other;
  guint n_streams = 0;

  if (g_hash_table_contains (self->entries, &key))
    return NULL;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &other, NULL))
    n_streams += ferry_jid_equal (((Entry *) other)->peer, peer) ? 1 : 0;
  if (n_streams >= MAX_STREAMS_PER_PEER)
    return NULL;

  Entry *entry = g_new (Entry, 1);
  *entry = (Entry){
    .peer = ferry_jid_ref (peer), .sid = g_strdup (sid), .input = input, .user_data = user_data
  };
  g_hash_table_add (self->entries, entry);
  return entry;
}

void
ferry_ibb_service_unregister (FerryIbbService *self, gpointer entry)
{
  g_hash_table_remove (self->entries, entry);
}

static void
ferry_ibb_service_dispose (GObject *object)
{
  FerryIbbService *self = FERRY_IBB_SERVICE (object);

  if (self->router != NULL)
    {
      ferry_router_remove_handler (self->router, self->request_handler);
      ferry_router_remove_handler (self->router, self->message_handler);
    }
  g_clear_object (&self->router);
  G_OBJECT_CLASS (ferry_ibb_service_parent_class)->dispose (object);
}

static void
ferry_ibb_service_finalize (GObject *object)
{
  g_hash_table_unref (FERRY_IBB_SERVICE (object)->entries);
  G_OBJECT_CLASS (ferry_ibb_service_parent_class)->finalize (object);
}

static void
ferry_ibb_service_class_init (FerryIbbServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_ibb_service_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferry_ibb_service_finalize;
}

static void
ferry_ibb_service_init (FerryIbbService *self)
{
  self->entries = g_hash_table_new_full (entry_hash, entry_equal, entry_free, NULL);
}
