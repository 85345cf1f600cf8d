/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-caps"
#include "config.h"

#include "xmpp/ferry-caps.h"

#include "xmpp/ferry-ns.h"

#include <gio/gio.h>
#include <string.h>

#define MAX_ATTR_BYTES 1023
#define MAX_ENTRIES 2000
#define MAX_ENTRY_BYTES (64 * 1024)
/* An entry has some 2 kB normally; a file so large is not ours. */
#define MAX_FILE_BYTES (8 * 1024 * 1024)
#define SAVE_DELAY_S 10

/* --- The mark --------------------------------------------------------------------------------
 */

FerryCaps *
ferry_caps_parse (const FerryNode *presence)
{
  const FerryNode *c = ferry_node_get_child (presence, "c", FERRY_NS_CAPS);
  if (c == NULL)
    return NULL;

  const char *node = ferry_node_get_attr (c, "node");
  const char *ver = ferry_node_get_attr (c, "ver");
  const char *hash = ferry_node_get_attr (c, "hash");
  if (ver == NULL || *ver == '\0' || strlen (ver) > MAX_ATTR_BYTES ||
      (node != NULL && strlen (node) > MAX_ATTR_BYTES) ||
      (hash != NULL && strlen (hash) > MAX_ATTR_BYTES))
    return NULL;

  FerryCaps caps = { (char *) (node != NULL ? node : ""), (char *) ver, (char *) hash };
  return ferry_caps_copy (&caps);
}

FerryCaps *
ferry_caps_copy (const FerryCaps *self)
{
  if (self == NULL)
    return NULL;
  FerryCaps *copy = g_new0 (FerryCaps, 1);
  copy->node = g_strdup (self->node);
  copy->ver = g_strdup (self->ver);
  copy->hash = g_strdup (self->hash);
  return copy;
}

void
ferry_caps_free (FerryCaps *self)
{
  if (self == NULL)
    return;
  g_free (self->node);
  g_free (self->ver);
  g_free (self->hash);
  g_free (self);
}

gboolean
ferry_caps_equal (const FerryCaps *a, const FerryCaps *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return strcmp (a->node, b->node) == 0 && strcmp (a->ver, b->ver) == 0 &&
         g_strcmp0 (a->hash, b->hash) == 0;
}

/* --- The cache -------------------------------------------------------------------------------
 */

typedef struct
{
  char *hash;
  char *ver;
  FerryDiscoInfo *info;
} Entry;

struct _FerryCapsCache
{
  char *path;        /* nullable */
  GQueue entries;    /* of Entry, oldest first */
  GHashTable *table; /* "hash ver" → Entry, not owned */
  guint save_id;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  g_free (entry->hash);
  g_free (entry->ver);
  ferry_disco_info_unref (entry->info);
  g_free (entry);
}

static char *
make_key (const char *hash, const char *ver)
{
  return g_strconcat (hash, " ", ver, NULL);
}

static FerryNode *
entry_to_node (const Entry *entry)
{
  FerryNode *node = ferry_node_new ("entry", NULL);
  ferry_node_set_attrs (node, "hash", entry->hash, "ver", entry->ver, NULL);
  ferry_node_take_child (node, ferry_disco_info_to_node (entry->info, NULL));
  return node;
}

static void
add_entry (FerryCapsCache *self, const char *hash, const char *ver, FerryDiscoInfo *info)
{
  if (self->entries.length >= MAX_ENTRIES)
    {
      Entry *oldest = g_queue_pop_head (&self->entries);
      g_autofree char *key = make_key (oldest->hash, oldest->ver);
      g_hash_table_remove (self->table, key);
      entry_free (oldest);
    }

  Entry *entry = g_new0 (Entry, 1);
  entry->hash = g_strdup (hash);
  entry->ver = g_strdup (ver);
  entry->info = ferry_disco_info_ref (info);
  g_queue_push_tail (&self->entries, entry);
  g_hash_table_replace (self->table, make_key (hash, ver), entry);
}

/* The file is believed no more than a peer: each entry must have its hash. */
static void
load_entry (FerryCapsCache *self, const FerryNode *node)
{
  const char *hash = ferry_node_get_attr (node, "hash");
  const char *ver = ferry_node_get_attr (node, "ver");
  g_autoptr (FerryDiscoInfo) info =
      ferry_disco_info_parse (ferry_node_get_child (node, "query", NULL), NULL);

  if (info == NULL || !ferry_disco_info_verify (info, hash, ver))
    return;
  g_autofree char *key = make_key (hash, ver);
  if (!g_hash_table_contains (self->table, key))
    add_entry (self, hash, ver, info);
}

static void
load (FerryCapsCache *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->path);
  g_autoptr (GFileInfo) info =
      g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, 0, NULL, NULL);
  g_autofree char *text = NULL;
  gsize length;

  if (info == NULL || g_file_info_get_size (info) > MAX_FILE_BYTES ||
      !g_file_get_contents (self->path, &text, &length, NULL))
    return;
  g_autoptr (FerryNode) root = ferry_node_parse (text, (gssize) length, NULL);
  for (guint i = 0; root != NULL && i < ferry_node_get_n_children (root); i++)
    load_entry (self, ferry_node_get_nth_child (root, i));
  g_debug ("%u entries loaded", self->entries.length);
}

/* Returns: (nullable): %NULL if it would not be read again */
static char *
print_cache (FerryCapsCache *self)
{
  g_autoptr (FerryNode) root = ferry_node_new ("caps", NULL);
  for (GList *link = self->entries.head; link != NULL; link = link->next)
    ferry_node_take_child (root, entry_to_node (link->data));
  g_autofree char *text = ferry_node_to_string (root);
  return strlen (text) <= MAX_FILE_BYTES ? g_steal_pointer (&text) : NULL;
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    g_debug ("not saved: %s", error->message);
}

static gboolean
save_cb (gpointer user_data)
{
  FerryCapsCache *self = user_data;
  char *text = print_cache (self);

  self->save_id = 0;
  if (text == NULL)
    return G_SOURCE_REMOVE;
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  g_autoptr (GFile) file = g_file_new_for_path (self->path);
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL,
                                       saved_cb, NULL);
  return G_SOURCE_REMOVE;
}

/* At the end, when no main loop would carry an asynchronous write through. */
static void
save_now (FerryCapsCache *self)
{
  g_autofree char *text = print_cache (self);
  g_autoptr (GError) error = NULL;
  if (text != NULL && !g_file_set_contents_full (self->path, text, -1,
                                                 G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    g_debug ("not saved: %s", error->message);
}

FerryCapsCache *
ferry_caps_cache_new (const char *path)
{
  FerryCapsCache *self = g_new0 (FerryCapsCache, 1);
  self->path = g_strdup (path);
  g_queue_init (&self->entries);
  self->table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (path != NULL)
    load (self);
  return self;
}

void
ferry_caps_cache_free (FerryCapsCache *self)
{
  if (self == NULL)
    return;
  if (self->save_id != 0)
    save_now (self);
  g_clear_handle_id (&self->save_id, g_source_remove);
  g_hash_table_unref (self->table);
  g_queue_clear_full (&self->entries, entry_free);
  g_free (self->path);
  g_free (self);
}

FerryDiscoInfo *
ferry_caps_cache_lookup (FerryCapsCache *self, const FerryCaps *caps)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (caps == NULL || caps->hash == NULL)
    return NULL;
  g_autofree char *key = make_key (caps->hash, caps->ver);
  const Entry *entry = g_hash_table_lookup (self->table, key);
  return entry != NULL ? entry->info : NULL;
}

gboolean
ferry_caps_cache_add (FerryCapsCache *self, const FerryCaps *caps, FerryDiscoInfo *info)
{
  g_return_val_if_fail (self != NULL && info != NULL, FALSE);

  if (caps == NULL || !ferry_disco_info_verify (info, caps->hash, caps->ver))
    return FALSE;
  if (ferry_caps_cache_lookup (self, caps) != NULL)
    return TRUE;

  g_autoptr (FerryNode) node = ferry_disco_info_to_node (info, NULL);
  g_autofree char *text = ferry_node_to_string (node);
  if (strlen (text) > MAX_ENTRY_BYTES)
    return FALSE;

  add_entry (self, caps->hash, caps->ver, info);
  if (self->path != NULL && self->save_id == 0)
    self->save_id = g_timeout_add_seconds (SAVE_DELAY_S, save_cb, self);
  return TRUE;
}

guint
ferry_caps_cache_get_size (FerryCapsCache *self)
{
  return self->entries.length;
}
