/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-history"

#include "config.h"

#include "store/ferry-history.h"

#include "store/ferry-history-private.h"
#include "store/ferry-store-private.h"

/* The list is the keys of all rows that match, 16 bytes each, read in one query; so positions
 * stay what they are whatever happens to the database until the next refresh. The rows
 * themselves are read when a view comes by, and kept: whoever asks for a position twice gets
 * one object. */

/* Rows read at once: about what a tall window shows. */
#define PAGE_ROWS 64

typedef struct
{
  gint64 seq;
  gint64 ended_us; /* a transfer that ended again is another entry */
} Key;

struct _FerryHistory
{
  GObject parent_instance;

  FerryStore *store;
  char *query;         /* nullable: no search */
  GArray *keys;        /* of Key, newest first */
  GHashTable *entries; /* Key → FerryHistoryEntry */
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryHistory,
                               ferry_history,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;
  return g_int64_hash (&key->seq);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const Key *key_a = a, *key_b = b;
  return key_a->seq == key_b->seq && key_a->ended_us == key_b->ended_us;
}

static const Key *
get_key (GArray *keys, guint position)
{
  return &g_array_index (keys, Key, position);
}

/* --- Rows ------------------------------------------------------------------------------------
 */

/* Stands for a row that was deleted since the keys were read, until the next refresh. */
static FerryTransferRow *
make_blank_row (const Key *key)
{
  FerryTransferRow *row = ferry_transfer_row_new ();
  row->id = g_strdup ("");
  row->peer = g_strdup ("");
  row->peer_name = g_strdup ("");
  row->name = g_strdup ("");
  row->state = g_strdup ("");
  row->ended_us = key->ended_us;
  return row;
}

static void
load_row (FerryHistory *self, const Key *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryTransferRow) row =
      ferry_transfer_store_lookup_seq (self->store, key->seq, &error);

  if (error != NULL)
    g_info ("a row cannot be read: %s", error->message);
  if (row == NULL)
    row = make_blank_row (key);
  g_hash_table_insert (self->entries, g_memdup2 (key, sizeof *key),
                       ferry_history_entry_new_take (g_steal_pointer (&row)));
}

static void
load_page (FerryHistory *self, guint position)
{
  guint first = position - position % PAGE_ROWS;
  guint end = MIN (first + PAGE_ROWS, self->keys->len);

  for (guint i = first; i < end; i++)
    if (!g_hash_table_contains (self->entries, get_key (self->keys, i)))
      load_row (self, get_key (self->keys, i));
}

static GType
get_item_type (GListModel *model)
{
  return FERRY_TYPE_HISTORY_ENTRY;
}

static guint
get_n_items (GListModel *model)
{
  return FERRY_HISTORY (model)->keys->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  FerryHistory *self = FERRY_HISTORY (model);
  if (position >= self->keys->len)
    return NULL;

  const Key *key = get_key (self->keys, position);
  if (!g_hash_table_contains (self->entries, key))
    load_page (self, position);
  return g_object_ref (g_hash_table_lookup (self->entries, key));
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* --- Keys ------------------------------------------------------------------------------------
 */

static GArray *
read_keys (FerryHistory *self, GError **error)
{
  static const char all[] = "SELECT seq, ended_us FROM transfers WHERE ended_us > 0"
                            " ORDER BY ended_us DESC, seq DESC";
  static const char matching[] =
      "SELECT t.seq, t.ended_us FROM transfer_words AS w JOIN transfers AS t ON t.seq = w.rowid"
      " WHERE transfer_words MATCH ?1 AND t.ended_us > 0"
      " ORDER BY t.ended_us DESC, t.seq DESC";
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (Key));
  g_autoptr (FerryStatement) statement =
      ferry_store_prepare (self->store, self->query != NULL ? matching : all, error);
  if (statement == NULL)
    return NULL;

  if (self->query != NULL)
    ferry_statement_bind (statement, "s", self->query);
  while (ferry_statement_next (statement, &local_error))
    {
      Key key = { ferry_statement_get_int (statement, 0),
                  ferry_statement_get_int (statement, 1) };
      g_array_append_val (keys, key);
    }
  if (local_error == NULL)
    return g_steal_pointer (&keys);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

/* Forgets the entries of rows that are in the list no more. */
static void
forget_absent (FerryHistory *self)
{
  g_autoptr (GHashTable) present = g_hash_table_new (key_hash, key_equal);
  GHashTableIter iter;
  gpointer key;

  for (guint i = 0; i < self->keys->len; i++)
    g_hash_table_add (present, (gpointer) get_key (self->keys, i));
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (present, key))
      g_hash_table_iter_remove (&iter);
}

/* Tells only of what lies between the common beginning and the common end, so that a view keeps
 * its place when a new entry comes in at the top. */
static void
replace_keys (FerryHistory *self, GArray *keys)
{
  g_autoptr (GArray) old = self->keys;
  guint n_shared = MIN (old->len, keys->len);
  guint n_same_start = 0, n_same_end = 0;

  while (n_same_start < n_shared &&
         key_equal (get_key (old, n_same_start), get_key (keys, n_same_start)))
    n_same_start++;
  while (n_same_end < n_shared - n_same_start &&
         key_equal (get_key (old, old->len - 1 - n_same_end),
                    get_key (keys, keys->len - 1 - n_same_end)))
    n_same_end++;

  self->keys = keys;
  forget_absent (self);
  guint n_removed = old->len - n_same_start - n_same_end;
  guint n_added = keys->len - n_same_start - n_same_end;
  if (n_removed > 0 || n_added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), n_same_start, n_removed, n_added);
}

void
ferry_history_refresh (FerryHistory *self)
{
  g_return_if_fail (FERRY_IS_HISTORY (self));

  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) keys = read_keys (self, &error);
  if (keys == NULL)
    {
      g_info ("the history stays as it is: %s", error->message);
      return;
    }
  replace_keys (self, g_steal_pointer (&keys));
}

void
ferry_history_set_search (FerryHistory *self, const char *text)
{
  g_return_if_fail (FERRY_IS_HISTORY (self));

  g_autofree char *query = ferry_history_query_new (text);
  if (g_strcmp0 (query, self->query) == 0)
    return;

  g_free (self->query);
  self->query = g_steal_pointer (&query);
  ferry_history_refresh (self);
}

void
ferry_history_remove (FerryHistory *self, FerryHistoryEntry *entry)
{
  g_return_if_fail (FERRY_IS_HISTORY (self) && FERRY_IS_HISTORY_ENTRY (entry));

  g_autoptr (GError) error = NULL;
  if (!ferry_transfer_store_delete (self->store, ferry_history_entry_get_id (entry), &error))
    g_info ("not removed: %s", error->message);
  ferry_history_refresh (self);
}

void
ferry_history_clear (FerryHistory *self)
{
  g_return_if_fail (FERRY_IS_HISTORY (self));

  g_autoptr (GError) error = NULL;
  if (!ferry_store_execute (self->store, &error, "DELETE FROM transfers WHERE ended_us > 0",
                            ""))
    g_info ("not cleared: %s", error->message);
  ferry_history_refresh (self);
}

char *
ferry_history_dup_timeline (FerryHistory *self, FerryHistoryEntry *entry)
{
  g_return_val_if_fail (FERRY_IS_HISTORY (self) && FERRY_IS_HISTORY_ENTRY (entry), NULL);

  g_autoptr (GError) error = NULL;
  char *timeline = ferry_transfer_store_dup_timeline (
      self->store, ferry_history_entry_get_id (entry), &error);
  if (error != NULL)
    g_info ("a timeline cannot be read: %s", error->message);
  return timeline;
}

FerryStore *
ferry_history_get_store (FerryHistory *self)
{
  return self->store;
}

GArray *
ferry_history_dup_seqs (FerryHistory *self)
{
  GArray *seqs = g_array_sized_new (FALSE, FALSE, sizeof (gint64), self->keys->len);

  for (guint i = 0; i < self->keys->len; i++)
    g_array_append_val (seqs, get_key (self->keys, i)->seq);
  return seqs;
}

/* --- Object ----------------------------------------------------------------------------------
 */

static void
ferry_history_finalize (GObject *object)
{
  FerryHistory *self = FERRY_HISTORY (object);

  g_clear_pointer (&self->keys, g_array_unref);
  g_clear_pointer (&self->entries, g_hash_table_unref);
  g_clear_pointer (&self->query, g_free);
  g_clear_object (&self->store);

  G_OBJECT_CLASS (ferry_history_parent_class)->finalize (object);
}

static void
ferry_history_class_init (FerryHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_history_finalize;
}

static void
ferry_history_init (FerryHistory *self)
{
  self->keys = g_array_new (FALSE, FALSE, sizeof (Key));
  self->entries = g_hash_table_new_full (key_hash, key_equal, g_free, g_object_unref);
}

FerryHistory *
ferry_history_new (FerryStore *store)
{
  g_return_val_if_fail (FERRY_IS_STORE (store), NULL);

  FerryHistory *self = g_object_new (FERRY_TYPE_HISTORY, NULL);
  self->store = g_object_ref (store);
  ferry_history_refresh (self);
  return self;
}
