/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-roster"
#include "config.h"

#include "xmpp/ferry-roster.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define MAX_ITEMS 10000
#define MAX_GROUPS 50
#define MAX_TEXT_BYTES 1023
#define MAX_ITEM_CHILDREN 512

/* --- Items -----------------------------------------------------------------------------------
 */

void
ferry_roster_item_free (FerryRosterItem *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->jid, ferry_jid_unref);
  g_free (self->name);
  g_strfreev (self->groups);
  g_free (self);
}

/* A text that is shown: cut to a length at a character's boundary. */
static char *
dup_cut (const char *text)
{
  size_t length = strlen (text);
  if (length <= MAX_TEXT_BYTES)
    return g_strdup (text);
  const char *end = g_utf8_find_prev_char (text, text + MAX_TEXT_BYTES + 1);
  return end != NULL ? g_strndup (text, (gsize) (end - text)) : g_strdup ("");
}

static const char *
read_subscription (const FerryNode *node)
{
  static const char *const known[] = { "none", "to", "from", "both", "remove" };
  const char *value = ferry_node_get_attr (node, "subscription");
  if (value == NULL)
    return known[0];
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (value, known[i]) == 0)
      return known[i];
  return NULL;
}

static char **
read_groups (const FerryNode *node)
{
  g_autoptr (GStrvBuilder) groups = g_strv_builder_new ();
  guint n_groups = 0;
  guint n = MIN (ferry_node_get_n_children (node), MAX_ITEM_CHILDREN);

  for (guint i = 0; i < n && n_groups < MAX_GROUPS; i++)
    {
      const FerryNode *group = ferry_node_get_nth_child (node, i);
      if (!ferry_node_is (group, "group", FERRY_NS_ROSTER))
        continue;
      g_autofree char *name = dup_cut (ferry_node_get_text (group));
      g_strv_builder_add (groups, name);
      n_groups++;
    }
  return g_strv_builder_end (groups);
}

FerryRosterItem *
ferry_roster_item_parse (const FerryNode *node, GError **error)
{
  if (!ferry_node_is (node, "item", FERRY_NS_ROSTER))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "not a roster item");
      return NULL;
    }

  g_autoptr (FerryJid) jid = ferry_jid_new (ferry_node_get_attr (node, "jid"), error);
  const char *subscription = read_subscription (node);
  if (jid == NULL)
    return NULL;
  if (subscription == NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_PROTOCOL, "unknown kind of subscription");
      return NULL;
    }

  FerryRosterItem *item = g_new0 (FerryRosterItem, 1);
  const char *name = ferry_node_get_attr (node, "name");
  item->jid = ferry_jid_dup_bare (jid);
  item->name = name != NULL && *name != '\0' ? dup_cut (name) : NULL;
  item->subscription = subscription;
  item->is_asking = g_strcmp0 (ferry_node_get_attr (node, "ask"), "subscribe") == 0;
  item->groups = read_groups (node);
  return item;
}

GPtrArray *
ferry_roster_parse (const FerryNode *query)
{
  GPtrArray *items = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_roster_item_free);

  if (!ferry_node_is (query, "query", FERRY_NS_ROSTER))
    return items;
  for (guint i = 0; i < ferry_node_get_n_children (query) && items->len < MAX_ITEMS; i++)
    {
      FerryRosterItem *item =
          ferry_roster_item_parse (ferry_node_get_nth_child (query, i), NULL);
      if (item != NULL)
        g_ptr_array_add (items, item);
    }
  return items;
}

/* --- The roster ------------------------------------------------------------------------------
 */

struct _FerryRoster
{
  GObject parent_instance;

  FerryRouter *router;
  GHashTable *items; /* FerryJid (of the item) → FerryRosterItem */
  guint handler_id;
};

enum
{
  CHANGED,
  REMOVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FerryRoster, ferry_roster, G_TYPE_OBJECT)

static gboolean
is_removal (const FerryRosterItem *item)
{
  return strcmp (item->subscription, "remove") == 0;
}

static void
remove_item (FerryRoster *self, const FerryJid *jid)
{
  g_autoptr (FerryJid) kept = ferry_jid_ref ((FerryJid *) jid);
  if (g_hash_table_remove (self->items, kept))
    g_signal_emit (self, signals[REMOVED], 0, kept);
}

static void
take_item (FerryRoster *self, FerryRosterItem *item)
{
  g_autoptr (FerryRosterItem) owned = item;
  g_autoptr (FerryJid) jid = ferry_jid_ref (item->jid);

  if (is_removal (item))
    {
      remove_item (self, jid);
      return;
    }
  if (g_hash_table_size (self->items) >= MAX_ITEMS && !g_hash_table_contains (self->items, jid))
    return;
  g_hash_table_replace (self->items, item->jid, item);
  owned = NULL;
  g_signal_emit (self, signals[CHANGED], 0, jid);
}

/* Only the own account may push: without `from`, or from the own bare address (RFC 6121
 * §2.1.6). The router shows both as %NULL, and the bare domain too, which may not. */
static gboolean
is_from_account (FerryRoster *self, FerryNode *request, FerryJid *from)
{
  g_autoptr (FerryJid) written = ferry_jid_new (ferry_node_get_attr (request, "from"), NULL);
  return from == NULL && (written == NULL ||
                          ferry_jid_equal_bare (written, ferry_router_get_jid (self->router)));
}

static gboolean
on_push (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  FerryRoster *self = user_data;
  const FerryNode *query = ferry_node_get_child (request, "query", FERRY_NS_ROSTER);

  if (query == NULL || g_strcmp0 (ferry_node_get_attr (request, "type"), "set") != 0 ||
      !is_from_account (self, request, from))
    return FALSE;

  FerryRosterItem *item =
      ferry_node_get_n_children (query) == 1
          ? ferry_roster_item_parse (ferry_node_get_nth_child (query, 0), NULL)
          : NULL;
  if (item == NULL)
    {
      ferry_router_reply_error (router, request, FERRY_STANZA_BAD_REQUEST, NULL);
      return TRUE;
    }
  ferry_router_reply (router, request, NULL);
  take_item (self, item);
  return TRUE;
}

/* What is not in the new list is gone. */
static void
replace_items (FerryRoster *self, const FerryNode *query)
{
  g_autoptr (GPtrArray) items = ferry_roster_parse (query);
  g_autoptr (GHashTable) wanted = g_hash_table_new (ferry_jid_hash, ferry_jid_equal);
  g_autoptr (GPtrArray) gone = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer jid;

  for (guint i = 0; i < items->len; i++)
    g_hash_table_add (wanted, ((FerryRosterItem *) items->pdata[i])->jid);
  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, &jid, NULL))
    if (!g_hash_table_contains (wanted, jid))
      g_ptr_array_add (gone, jid);

  for (guint i = 0; i < gone->len; i++)
    remove_item (self, gone->pdata[i]);
  g_ptr_array_set_free_func (items, NULL);
  for (guint i = 0; i < items->len; i++)
    take_item (self, items->pdata[i]);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);

  if (iq == NULL)
    {
      g_prefix_error (&error, "Could not get the contact list: ");
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  replace_items (g_task_get_source_object (task),
                 ferry_node_get_child (iq, "query", FERRY_NS_ROSTER));
  g_task_return_boolean (task, TRUE);
}

void
ferry_roster_load_async (FerryRoster *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_return_if_fail (FERRY_IS_ROSTER (self));

  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_roster_load_async);
  ferry_router_query_async (self->router, "get", NULL,
                            ferry_node_new ("query", FERRY_NS_ROSTER), 0, cancellable,
                            loaded_cb, task);
}

gboolean
ferry_roster_load_finish (FerryRoster *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

const FerryRosterItem *
ferry_roster_lookup (FerryRoster *self, const FerryJid *jid)
{
  g_return_val_if_fail (FERRY_IS_ROSTER (self) && jid != NULL, NULL);

  g_autoptr (FerryJid) bare = ferry_jid_dup_bare (jid);
  return g_hash_table_lookup (self->items, bare);
}

void
ferry_roster_foreach (FerryRoster *self, FerryRosterFunc func, gpointer user_data)
{
  GHashTableIter iter;
  gpointer item;
  g_return_if_fail (FERRY_IS_ROSTER (self) && func != NULL);

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    func (item, user_data);
}

gboolean
ferry_roster_may_see_us (FerryRoster *self, const FerryJid *jid)
{
  const FerryRosterItem *item = ferry_roster_lookup (self, jid);
  return item != NULL &&
         (strcmp (item->subscription, "from") == 0 || strcmp (item->subscription, "both") == 0);
}

/* --- Object ----------------------------------------------------------------------------------
 */

FerryRoster *
ferry_roster_new (FerryRouter *router)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (router), NULL);

  FerryRoster *self = g_object_new (FERRY_TYPE_ROSTER, NULL);
  self->router = g_object_ref (router);
  self->handler_id = ferry_router_add_request_handler (router, FERRY_NS_ROSTER, on_push, self);
  /* A push says how things are now; saying it twice does no harm, and some servers use one id
   * for all. */
  ferry_router_let_repeats_through (router, FERRY_NS_ROSTER);
  return self;
}

static void
ferry_roster_dispose (GObject *object)
{
  FerryRoster *self = FERRY_ROSTER (object);

  if (self->router != NULL)
    ferry_router_remove_handler (self->router, self->handler_id);
  g_clear_object (&self->router);

  G_OBJECT_CLASS (ferry_roster_parent_class)->dispose (object);
}

static void
ferry_roster_finalize (GObject *object)
{
  g_hash_table_unref (FERRY_ROSTER (object)->items);

  G_OBJECT_CLASS (ferry_roster_parent_class)->finalize (object);
}

static void
ferry_roster_class_init (FerryRosterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_roster_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferry_roster_finalize;

  signals[CHANGED] = g_signal_new ("changed", FERRY_TYPE_ROSTER, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, FERRY_TYPE_JID);
  signals[REMOVED] = g_signal_new ("removed", FERRY_TYPE_ROSTER, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, FERRY_TYPE_JID);
}

static void
ferry_roster_init (FerryRoster *self)
{
  self->items = g_hash_table_new_full (ferry_jid_hash, ferry_jid_equal, NULL,
                                       (GDestroyNotify) ferry_roster_item_free);
}
