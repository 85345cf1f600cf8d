/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-disco"
#include "config.h"

#include "xmpp/ferry-disco.h"

#include "base/ferry-error.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define QUERY_TIMEOUT_MS 30000
/* Entities whose answer stands for themselves only. */
#define MAX_KNOWN 4096

/* What an entity said of itself alone, and the mark its presence bore then. */
typedef struct
{
  FerryCaps *caps; /* nullable */
  FerryDiscoInfo *info;
} Known;

/* One iq on its way, and those who wait for its answer. */
typedef struct
{
  FerryDisco *disco;
  char *key;
  FerryJid *jid;
  FerryCaps *caps;    /* nullable */
  gboolean with_node; /* asked by the node of the caps */
  GPtrArray *tasks;   /* of GTask */
  GCancellable *cancellable;
} Question;

struct _FerryDisco
{
  GObject parent_instance;

  FerryRouter *router;
  FerryDiscoInfo *own;
  char *own_ver; /* SHA-1, base64 */
  FerryDiscoAllowFunc allow;
  gpointer allow_data;
  FerryCapsCache *cache;
  GHashTable *known;     /* FerryJid → Known */
  GHashTable *questions; /* key → Question, not owned */
  guint info_id;
  guint items_id;
};

G_DEFINE_FINAL_TYPE (FerryDisco, ferry_disco, G_TYPE_OBJECT)

static void
known_free (gpointer data)
{
  Known *known = data;
  ferry_caps_free (known->caps);
  ferry_disco_info_unref (known->info);
  g_free (known);
}

/* --- What we say -----------------------------------------------------------------------------
 */

FerryNode *
ferry_disco_make_caps (FerryDisco *self)
{
  g_return_val_if_fail (FERRY_IS_DISCO (self), NULL);

  FerryNode *c = ferry_node_new ("c", FERRY_NS_CAPS);
  ferry_node_set_attrs (c, "hash", "sha-1", "node", FERRY_DISCO_NODE, "ver", self->own_ver,
                        NULL);
  return c;
}

void
ferry_disco_set_allow_func (FerryDisco *self, FerryDiscoAllowFunc func, gpointer user_data)
{
  g_return_if_fail (FERRY_IS_DISCO (self));

  self->allow = func;
  self->allow_data = user_data;
}

/* @from: %NULL for the own server and account */
static gboolean
is_allowed (FerryDisco *self, FerryJid *from)
{
  const FerryJid *own = ferry_router_get_jid (self->router);
  return from == NULL || ferry_jid_equal_bare (from, own) ||
         (self->allow != NULL && self->allow (self, from, self->allow_data));
}

static FerryDiscoInfo *
find_own (FerryDisco *self, const char *node)
{
  if (node == NULL)
    return self->own;
  gboolean is_ours = g_str_has_prefix (node, FERRY_DISCO_NODE "#") &&
                     strcmp (node + strlen (FERRY_DISCO_NODE "#"), self->own_ver) == 0;
  return is_ours ? self->own : NULL;
}

static const FerryNode *
get_question (FerryDisco *self, FerryNode *request, FerryJid *from, const char *ns)
{
  if (g_strcmp0 (ferry_node_get_attr (request, "type"), "get") != 0 || !is_allowed (self, from))
    return NULL;
  return ferry_node_get_child (request, "query", ns);
}

static gboolean
on_info_request (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  FerryDisco *self = user_data;
  const FerryNode *query = get_question (self, request, from, FERRY_NS_DISCO_INFO);
  if (query == NULL)
    return FALSE;

  const char *node = ferry_node_get_attr (query, "node");
  const FerryDiscoInfo *info = find_own (self, node);
  if (info != NULL)
    ferry_router_reply (router, request, ferry_disco_info_to_node (info, node));
  else
    ferry_router_reply_error (router, request, FERRY_STANZA_ITEM_NOT_FOUND, NULL);
  return TRUE;
}

static gboolean
on_items_request (FerryRouter *router, FerryNode *request, FerryJid *from, gpointer user_data)
{
  const FerryNode *query = get_question (user_data, request, from, FERRY_NS_DISCO_ITEMS);
  if (query == NULL)
    return FALSE;

  if (ferry_node_get_attr (query, "node") == NULL)
    ferry_router_reply (router, request, ferry_node_new ("query", FERRY_NS_DISCO_ITEMS));
  else
    ferry_router_reply_error (router, request, FERRY_STANZA_ITEM_NOT_FOUND, NULL);
  return TRUE;
}

/* --- What others say -------------------------------------------------------------------------
 */

FerryDiscoInfo *
ferry_disco_lookup (FerryDisco *self, const FerryJid *jid, const FerryCaps *caps)
{
  g_return_val_if_fail (FERRY_IS_DISCO (self) && jid != NULL, NULL);

  FerryDiscoInfo *info = ferry_caps_cache_lookup (self->cache, caps);
  if (info != NULL)
    return info;
  const Known *known = g_hash_table_lookup (self->known, jid);
  return known != NULL && ferry_caps_equal (known->caps, caps) ? known->info : NULL;
}

/* Only a mark with a hash names a node of its own; a legacy `ver` means nothing. */
static char *
make_node (const FerryCaps *caps)
{
  return caps != NULL && caps->hash != NULL ? g_strconcat (caps->node, "#", caps->ver, NULL)
                                            : NULL;
}

static char *
make_question_key (const FerryJid *jid, const FerryCaps *caps)
{
  return g_strjoin ("\n", ferry_jid_get_text (jid), caps != NULL ? caps->node : "",
                    caps != NULL ? caps->ver : "",
                    caps != NULL && caps->hash != NULL ? caps->hash : "", NULL);
}

static void
question_free (Question *question)
{
  g_free (question->key);
  ferry_jid_unref (question->jid);
  ferry_caps_free (question->caps);
  g_ptr_array_unref (question->tasks);
  g_object_unref (question->cancellable);
  g_free (question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static void
remember (FerryDisco *self, const Question *question, FerryDiscoInfo *info)
{
  if (ferry_caps_cache_add (self->cache, question->caps, info))
    return;
  if (question->caps != NULL && question->caps->hash != NULL)
    g_debug ("%s: the hash does not fit; believed for itself only",
             ferry_jid_get_text (question->jid));
  if (g_hash_table_size (self->known) >= MAX_KNOWN)
    return;
  Known *known = g_new0 (Known, 1);
  known->caps = ferry_caps_copy (question->caps);
  known->info = ferry_disco_info_ref (info);
  g_hash_table_replace (self->known, ferry_jid_ref (question->jid), known);
}

static void
fail_tasks (GPtrArray *tasks, const GError *error)
{
  for (guint i = 0; i < tasks->len; i++)
    g_task_return_error (tasks->pdata[i], g_error_copy (error));
}

static void answered_cb (GObject *source, GAsyncResult *result, gpointer user_data);

/* @node: (nullable) */
static void
send_question (FerryDisco *self, Question *question, const char *node)
{
  FerryNode *query = ferry_node_new ("query", FERRY_NS_DISCO_INFO);

  ferry_node_set_attr (query, "node", node);
  question->with_node = node != NULL;
  ferry_router_query_async (self->router, "get", question->jid, query, QUERY_TIMEOUT_MS,
                            question->cancellable, answered_cb, question);
}

/* Coccinella answers with an error when it is asked by the node of its own presence. */
static gboolean
may_say_more (const Question *question, const GError *error)
{
  return question->with_node && !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_GONE) &&
         !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_OFFLINE) &&
         !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);
  g_autoptr (FerryDiscoInfo) info = NULL;

  if (g_cancellable_is_cancelled (question->cancellable))
    return; /* the device is gone; nobody waits any more */
  g_autoptr (FerryDisco) self = g_object_ref (question->disco);
  if (iq == NULL && may_say_more (question, error))
    {
      send_question (self, question, NULL);
      g_steal_pointer (&question);
      return;
    }
  g_hash_table_remove (self->questions, question->key);
  if (iq != NULL)
    info = ferry_disco_info_parse (ferry_node_get_child (iq, "query", NULL), &error);
  if (info != NULL)
    remember (self, question, info);

  if (info == NULL)
    fail_tasks (question->tasks, error);
  for (guint i = 0; info != NULL && i < question->tasks->len; i++)
    g_task_return_pointer (question->tasks->pdata[i], ferry_disco_info_ref (info),
                           (GDestroyNotify) ferry_disco_info_unref);
}

/* Whoever has the address next is not the one that was asked. */
static void
abandon (Question *question)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&question->tasks);
  g_autoptr (GError) error = g_error_new (FERRY_ERROR, FERRY_ERROR_GONE, "%s went offline",
                                          ferry_jid_get_text (question->jid));

  question->tasks = g_ptr_array_new ();
  g_cancellable_cancel (question->cancellable);
  fail_tasks (tasks, error);
}

void
ferry_disco_forget (FerryDisco *self, const FerryJid *jid)
{
  g_return_if_fail (FERRY_IS_DISCO (self) && jid != NULL);

  g_autoptr (FerryDisco) alive = g_object_ref (self);
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer question;

  g_hash_table_remove (self->known, jid);
  g_hash_table_iter_init (&iter, self->questions);
  while (g_hash_table_iter_next (&iter, NULL, &question))
    if (ferry_jid_equal (((Question *) question)->jid, jid))
      {
        g_ptr_array_add (open, question);
        g_hash_table_iter_remove (&iter);
      }
  for (guint i = 0; i < open->len; i++)
    abandon (open->pdata[i]);
}

static Question *
ask (FerryDisco *self, FerryJid *jid, const FerryCaps *caps, char *key)
{
  g_autofree char *node = make_node (caps);
  Question *question = g_new0 (Question, 1);
  question->disco = self; /* the tasks hold it */
  question->key = key;
  question->jid = ferry_jid_ref (jid);
  question->caps = ferry_caps_copy (caps);
  question->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  question->cancellable = g_cancellable_new ();
  g_hash_table_insert (self->questions, question->key, question);

  send_question (self, question, node);
  return question;
}

void
ferry_disco_query_async (FerryDisco *self,
                         FerryJid *jid,
                         const FerryCaps *caps,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_return_if_fail (FERRY_IS_DISCO (self) && jid != NULL);

  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_disco_query_async);

  FerryDiscoInfo *known = ferry_disco_lookup (self, jid, caps);
  if (known != NULL)
    {
      g_task_return_pointer (task, ferry_disco_info_ref (known),
                             (GDestroyNotify) ferry_disco_info_unref);
      return;
    }

  g_autofree char *key = make_question_key (jid, caps);
  Question *question = g_hash_table_lookup (self->questions, key);
  if (question == NULL)
    question = ask (self, jid, caps, g_steal_pointer (&key));
  g_ptr_array_add (question->tasks, g_steal_pointer (&task));
}

FerryDiscoInfo *
ferry_disco_query_finish (FerryDisco *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- Object ----------------------------------------------------------------------------------
 */

static void
on_online (FerryStream *stream, gboolean resumed, FerryDisco *self)
{
  if (!resumed)
    g_hash_table_remove_all (self->known);
}

FerryDisco *
ferry_disco_new (FerryRouter *router, FerryDiscoInfo *own, const char *cache_path)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (router) && own != NULL, NULL);

  FerryDisco *self = g_object_new (FERRY_TYPE_DISCO, NULL);
  self->router = g_object_ref (router);
  self->cache = ferry_caps_cache_new (cache_path);
  self->own = ferry_disco_info_ref (own);
  self->own_ver = ferry_disco_info_dup_ver (own, FERRY_HASH_SHA1);
  self->info_id =
      ferry_router_add_request_handler (router, FERRY_NS_DISCO_INFO, on_info_request, self);
  self->items_id =
      ferry_router_add_request_handler (router, FERRY_NS_DISCO_ITEMS, on_items_request, self);
  g_signal_connect_object (ferry_router_get_stream (router), "online", G_CALLBACK (on_online),
                           self, 0);
  return self;
}

static void
ferry_disco_dispose (GObject *object)
{
  FerryDisco *self = FERRY_DISCO (object);

  if (self->router != NULL)
    {
      ferry_router_remove_handler (self->router, self->info_id);
      ferry_router_remove_handler (self->router, self->items_id);
    }
  g_clear_object (&self->router);

  G_OBJECT_CLASS (ferry_disco_parent_class)->dispose (object);
}

static void
ferry_disco_finalize (GObject *object)
{
  FerryDisco *self = FERRY_DISCO (object);

  g_clear_pointer (&self->own, ferry_disco_info_unref);
  g_clear_pointer (&self->own_ver, g_free);
  g_clear_pointer (&self->cache, ferry_caps_cache_free);
  g_clear_pointer (&self->known, g_hash_table_unref);
  g_clear_pointer (&self->questions, g_hash_table_unref);

  G_OBJECT_CLASS (ferry_disco_parent_class)->finalize (object);
}

static void
ferry_disco_class_init (FerryDiscoClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferry_disco_dispose;
  G_OBJECT_CLASS (klass)->finalize = ferry_disco_finalize;
}

static void
ferry_disco_init (FerryDisco *self)
{
  self->known = g_hash_table_new_full (ferry_jid_hash, ferry_jid_equal,
                                       (GDestroyNotify) ferry_jid_unref, known_free);
  self->questions = g_hash_table_new (g_str_hash, g_str_equal);
}
