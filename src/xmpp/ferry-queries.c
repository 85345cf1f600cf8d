/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "xmpp/ferry-queries.h"

#include "base/ferry-error.h"

typedef struct
{
  FerryQueries *queries;
  char *id;
  FerryJid *to; /* nullable */
  GTask *task;
  gint64 left_us;     /* of the time limit, when the clock last stood still */
  gint64 started_us;  /* when it began to run again */
  GSource *timeout;   /* NULL while the clock stands still */
  GSource *cancelled; /* nullable */
} Query;

struct _FerryQueries
{
  GHashTable *table; /* id → Query */
};

static void
query_stop_clock (Query *query)
{
  if (query->timeout == NULL)
    return;
  query->left_us -= g_get_monotonic_time () - query->started_us;
  g_source_destroy (query->timeout);
  g_clear_pointer (&query->timeout, g_source_unref);
}

static void
query_disarm (Query *query)
{
  query_stop_clock (query);
  if (query->cancelled != NULL)
    g_source_destroy (query->cancelled);
  g_clear_pointer (&query->cancelled, g_source_unref);
}

static void
query_free (gpointer data)
{
  Query *query = data;

  query_disarm (query);
  g_clear_pointer (&query->to, ferry_jid_unref);
  g_clear_object (&query->task);
  g_free (query->id);
  g_free (query);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Query, query_free)

static Query *
steal_query (FerryQueries *self, const char *id)
{
  gpointer query = NULL;
  g_hash_table_steal_extended (self->table, id, NULL, &query);
  return query;
}

/* The task holds whatever holds the table, and is the last to go. */
static gboolean
query_timed_out_cb (gpointer user_data)
{
  Query *query = user_data;
  g_autoptr (Query) owned = steal_query (query->queries, query->id);

  g_task_return_new_error (owned->task, FERRY_ERROR, FERRY_ERROR_TIMEOUT,
                           "no answer from %s in time",
                           owned->to != NULL ? ferry_jid_get_text (owned->to) : "the server");
  return G_SOURCE_REMOVE;
}

static gboolean
query_cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Query *query = user_data;
  g_autoptr (Query) owned = steal_query (query->queries, query->id);

  g_task_return_error_if_cancelled (owned->task);
  return G_SOURCE_REMOVE;
}

static void
query_start_clock (Query *query)
{
  if (query->timeout != NULL)
    return;
  query->started_us = g_get_monotonic_time ();
  query->timeout = g_timeout_source_new ((guint) (MAX (query->left_us, 0) / 1000));
  g_source_set_callback (query->timeout, query_timed_out_cb, query, NULL);
  g_source_attach (query->timeout, g_main_context_get_thread_default ());
}

static void
watch_cancellable (Query *query)
{
  GCancellable *cancellable = g_task_get_cancellable (query->task);
  if (cancellable == NULL)
    return;
  query->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (query->cancelled, G_SOURCE_FUNC (query_cancelled_cb), query, NULL);
  g_source_attach (query->cancelled, g_main_context_get_thread_default ());
}

static GHashTable *
new_table (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, query_free);
}

FerryQueries *
ferry_queries_new (void)
{
  FerryQueries *self = g_new0 (FerryQueries, 1);
  self->table = new_table ();
  return self;
}

void
ferry_queries_free (FerryQueries *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->table);
  g_free (self);
}

void
ferry_queries_add (FerryQueries *self,
                   const char *id,
                   const FerryJid *to,
                   GTask *task,
                   guint limit_ms,
                   gboolean is_running)
{
  Query *query = g_new0 (Query, 1);
  query->queries = self;
  query->id = g_strdup (id);
  query->to = to != NULL ? ferry_jid_ref ((FerryJid *) to) : NULL;
  query->task = task;
  query->left_us = (gint64) limit_ms * 1000;
  g_hash_table_insert (self->table, query->id, query);
  watch_cancellable (query);
  if (is_running)
    query_start_clock (query);
}

gboolean
ferry_queries_lookup (FerryQueries *self, const char *id, const FerryJid **to)
{
  const Query *query = g_hash_table_lookup (self->table, id);
  if (query != NULL)
    *to = query->to;
  return query != NULL;
}

GTask *
ferry_queries_steal (FerryQueries *self, const char *id)
{
  g_autoptr (Query) query = steal_query (self, id);
  return query != NULL ? g_steal_pointer (&query->task) : NULL;
}

void
ferry_queries_set_running (FerryQueries *self, gboolean is_running)
{
  GHashTableIter iter;
  gpointer query;

  g_hash_table_iter_init (&iter, self->table);
  while (g_hash_table_iter_next (&iter, NULL, &query))
    if (is_running)
      query_start_clock (query);
    else
      query_stop_clock (query);
}

void
ferry_queries_fail_all (FerryQueries *self, const GError *error)
{
  g_autoptr (GHashTable) ending = g_steal_pointer (&self->table);
  GHashTableIter iter;
  gpointer query;

  self->table = new_table ();
  /* First none of them can fire any more, then they return: a callback may do anything. */
  g_hash_table_iter_init (&iter, ending);
  while (g_hash_table_iter_next (&iter, NULL, &query))
    query_disarm (query);
  g_hash_table_iter_init (&iter, ending);
  while (g_hash_table_iter_next (&iter, NULL, &query))
    g_task_return_error (((Query *) query)->task, g_error_copy (error));
}
