/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps: disco#items of the domain, then for at most four items at a time disco#info and,
 * if the item is a relay, its address. What the user named is a relay, and asked for its
 * address at once. */
#define G_LOG_DOMAIN "ferry-proxy-finder"
#include "config.h"

#include "bytestream/s5b/ferry-proxy-finder.h"

#include "bytestream/s5b/ferry-s5b-values.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define MAX_ITEMS 20
#define MAX_CHOSEN 5
#define MAX_RUNNING 4
#define QUERY_MS 10000
#define LOOK_UP_MS 5000 /* a transfer waits for it */
#define FRESH_US (6 * G_TIME_SPAN_HOUR)
#define FRESH_WHEN_POOR_US (30 * G_TIME_SPAN_MINUTE)

struct _FerryProxyFinder
{
  GObject parent_instance;

  FerryRouter *router;
  GPtrArray *proxies; /* of FerryProxy */
  gboolean is_busy;
  gint64 stale_us; /* monotonic; when the next search is worth it */
  gint64 good_us;  /* how long … */
  gint64 poor_us;  /* … the outcome of a search is fresh */
  guint again_id;
  GPtrArray *chosen; /* of FerryJid: the user's */

  /* of the running search */
  GPtrArray *items; /* of FerryJid: first the chosen ones */
  GPtrArray *found; /* of FerryProxy or NULL, one for each item */
  guint n_begun;
  guint n_running;
  gboolean has_errors;
};

G_DEFINE_FINAL_TYPE (FerryProxyFinder, ferry_proxy_finder, G_TYPE_OBJECT)

static guint done_signal;

/* One item being asked. */
typedef struct
{
  FerryProxyFinder *finder;
  guint index;
} Probe;

static void begin_probes (FerryProxyFinder *self);

void
ferry_proxy_free (FerryProxy *proxy)
{
  if (proxy == NULL)
    return;

  ferry_jid_unref (proxy->jid);
  g_free (proxy->host);
  g_free (proxy);
}

gboolean
ferry_proxy_is_in_domain (const FerryJid *jid, const char *domain)
{
  const char *own = ferry_jid_get_domain (jid);
  return strcmp (own, domain) == 0 ||
         (g_str_has_suffix (own, domain) && own[strlen (own) - strlen (domain) - 1] == '.');
}

FerryProxy *
ferry_proxy_parse (const FerryNode *query, const FerryJid *asked)
{
  g_return_val_if_fail (query != NULL && asked != NULL, NULL);

  for (guint i = 0; i < ferry_node_get_n_children (query); i++)
    {
      const FerryNode *node = ferry_node_get_nth_child (query, i);
      const char *host = ferry_node_get_attr (node, "host");
      g_autoptr (FerryJid) jid = ferry_jid_new (ferry_node_get_attr (node, "jid"), NULL);
      guint16 port;

      /* Another JID than the one asked is good for activation only if it is as trustworthy. */
      if (!ferry_node_is (node, "streamhost", FERRY_NS_BYTESTREAMS) || jid == NULL ||
          !ferry_proxy_is_in_domain (jid, ferry_jid_get_domain (asked)) ||
          !ferry_s5b_is_host (host) ||
          !ferry_s5b_parse_port (ferry_node_get_attr (node, "port"), &port))
        continue;

      FerryProxy *proxy = g_new0 (FerryProxy, 1);
      proxy->jid = g_steal_pointer (&jid);
      proxy->host = g_strdup (host);
      proxy->port = port;
      return proxy;
    }
  return NULL;
}

/* --- The end of a search ---------------------------------------------------------------------
 */

/* A transfer finds relays known, even hours after signing in. While we are offline nothing is
 * asked; the next session searches anyway. */
static gboolean
again_cb (gpointer user_data)
{
  FerryProxyFinder *self = user_data;

  self->again_id = 0;
  if (ferry_stream_get_state (ferry_router_get_stream (self->router)) == FERRY_STREAM_ONLINE)
    ferry_proxy_finder_find (self);
  return G_SOURCE_REMOVE;
}

static void
finish_search (FerryProxyFinder *self)
{
  g_ptr_array_set_size (self->proxies, 0);
  for (guint i = 0; i < self->found->len; i++)
    if (self->found->pdata[i] != NULL)
      g_ptr_array_add (self->proxies, g_steal_pointer (&self->found->pdata[i]));
  g_debug ("%u relays", self->proxies->len);

  gboolean is_poor = self->has_errors || self->proxies->len == 0;
  gint64 fresh_us = is_poor ? self->poor_us : self->good_us;
  self->is_busy = FALSE;
  self->stale_us = g_get_monotonic_time () + fresh_us;
  g_clear_handle_id (&self->again_id, g_source_remove);
  self->again_id = g_timeout_add ((guint) (fresh_us / 1000 + 1), again_cb, self);
  g_signal_emit (self, done_signal, 0);
}

/* Takes @probe. */
static void
end_probe (Probe *probe, const GError *error)
{
  g_autoptr (FerryProxyFinder) self = probe->finder;

  if (error != NULL)
    {
      g_debug ("%s: %s", ferry_jid_get_text (self->items->pdata[probe->index]), error->message);
      self->has_errors = TRUE;
    }
  g_free (probe);
  self->n_running--;
  begin_probes (self);
}

/* --- The steps -------------------------------------------------------------------------------
 */

static void
ask (FerryProxyFinder *self,
     const FerryJid *whom,
     const char *ns,
     GAsyncReadyCallback callback,
     gpointer user_data)
{
  ferry_router_query_async (self->router, "get", whom, ferry_node_new ("query", ns), QUERY_MS,
                            NULL, callback, user_data);
}

static void
address_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  FerryProxyFinder *self = probe->finder;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);
  FerryNode *query =
      iq != NULL ? ferry_node_get_child (iq, "query", FERRY_NS_BYTESTREAMS) : NULL;

  if (query != NULL)
    self->found->pdata[probe->index] =
        ferry_proxy_parse (query, self->items->pdata[probe->index]);
  end_probe (probe, error);
}

static gboolean
is_relay (const FerryNode *query)
{
  for (guint i = 0; query != NULL && i < ferry_node_get_n_children (query); i++)
    {
      const FerryNode *node = ferry_node_get_nth_child (query, i);
      if (ferry_node_is (node, "identity", FERRY_NS_DISCO_INFO) &&
          g_strcmp0 (ferry_node_get_attr (node, "category"), "proxy") == 0 &&
          g_strcmp0 (ferry_node_get_attr (node, "type"), "bytestreams") == 0)
        return TRUE;
    }
  return FALSE;
}

static void
info_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  FerryProxyFinder *self = probe->finder;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);

  if (iq != NULL && is_relay (ferry_node_get_child (iq, "query", FERRY_NS_DISCO_INFO)))
    ask (self, self->items->pdata[probe->index], FERRY_NS_BYTESTREAMS, address_cb, probe);
  else
    /* Something that is no relay, or does not say what it is, is no reason to ask soon again.
     */
    end_probe (probe, NULL);
}

static void
begin_probes (FerryProxyFinder *self)
{
  while (self->n_running < MAX_RUNNING && self->n_begun < self->items->len)
    {
      Probe *probe = g_new0 (Probe, 1);
      probe->finder = g_object_ref (self);
      probe->index = self->n_begun++;
      self->n_running++;
      if (probe->index < self->chosen->len)
        ask (self, self->items->pdata[probe->index], FERRY_NS_BYTESTREAMS, address_cb, probe);
      else
        ask (self, self->items->pdata[probe->index], FERRY_NS_DISCO_INFO, info_cb, probe);
    }
  if (self->n_running == 0 && self->is_busy)
    finish_search (self);
}

/* Takes @jid. One that is there already is not asked twice. */
static void
add_item (FerryProxyFinder *self, FerryJid *jid)
{
  g_autoptr (FerryJid) owned = jid;

  for (guint i = 0; i < self->items->len; i++)
    if (ferry_jid_equal (self->items->pdata[i], jid))
      return;
  g_ptr_array_add (self->items, g_steal_pointer (&owned));
}

static void
items_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FerryProxyFinder) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);
  FerryNode *query =
      iq != NULL ? ferry_node_get_child (iq, "query", FERRY_NS_DISCO_ITEMS) : NULL;

  self->has_errors = iq == NULL;
  for (guint i = 0;
       query != NULL && i < ferry_node_get_n_children (query) && self->items->len < MAX_ITEMS;
       i++)
    {
      const FerryNode *item = ferry_node_get_nth_child (query, i);
      FerryJid *jid = ferry_node_is (item, "item", FERRY_NS_DISCO_ITEMS)
                          ? ferry_jid_new (ferry_node_get_attr (item, "jid"), NULL)
                          : NULL;
      if (jid != NULL)
        add_item (self, jid);
    }
  g_ptr_array_set_size (self->found, (gint) self->items->len);
  begin_probes (self);
}

void
ferry_proxy_finder_find (FerryProxyFinder *self)
{
  g_return_if_fail (FERRY_IS_PROXY_FINDER (self));

  FerryJid *own = ferry_router_get_jid (self->router);
  g_autoptr (FerryJid) domain =
      own != NULL ? ferry_jid_new (ferry_jid_get_domain (own), NULL) : NULL;
  if (self->is_busy || domain == NULL || g_get_monotonic_time () < self->stale_us)
    return;

  self->is_busy = TRUE;
  self->n_begun = 0;
  g_ptr_array_set_size (self->items, 0);
  g_ptr_array_set_size (self->found, 0);
  for (guint i = 0; i < self->chosen->len; i++)
    g_ptr_array_add (self->items, ferry_jid_ref (self->chosen->pdata[i]));
  ask (self, domain, FERRY_NS_DISCO_ITEMS, items_cb, g_object_ref (self));
}

void
ferry_proxy_finder_set_chosen (FerryProxyFinder *self, const char *const *jids)
{
  g_return_if_fail (FERRY_IS_PROXY_FINDER (self) && !self->is_busy);

  g_ptr_array_set_size (self->chosen, 0);
  for (guint i = 0; jids != NULL && jids[i] != NULL && i < MAX_CHOSEN; i++)
    {
      FerryJid *jid = ferry_jid_new (jids[i], NULL);
      if (jid != NULL)
        g_ptr_array_add (self->chosen, jid);
    }
}

void
ferry_proxy_finder_set_freshness (FerryProxyFinder *self, gint64 good_us, gint64 poor_us)
{
  g_return_if_fail (FERRY_IS_PROXY_FINDER (self));

  self->good_us = good_us;
  self->poor_us = poor_us;
}

gboolean
ferry_proxy_finder_is_busy (FerryProxyFinder *self)
{
  return self->is_busy;
}

GPtrArray *
ferry_proxy_finder_get_proxies (FerryProxyFinder *self)
{
  return self->proxies;
}

/* --- Relays of others ------------------------------------------------------------------------
 */

static FerryProxy *
proxy_copy (const FerryProxy *proxy)
{
  FerryProxy *copy = g_new0 (FerryProxy, 1);
  copy->jid = ferry_jid_ref (proxy->jid);
  copy->host = g_strdup (proxy->host);
  copy->port = proxy->port;
  return copy;
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryNode) iq = ferry_router_query_finish (FERRY_ROUTER (source), result, &error);
  FerryNode *query =
      iq != NULL ? ferry_node_get_child (iq, "query", FERRY_NS_BYTESTREAMS) : NULL;
  FerryProxy *proxy =
      query != NULL ? ferry_proxy_parse (query, g_task_get_task_data (task)) : NULL;

  if (proxy != NULL)
    g_task_return_pointer (task, proxy, (GDestroyNotify) ferry_proxy_free);
  else if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_FORBIDDEN, "It is no relay");
}

void
ferry_proxy_finder_look_up_async (FerryProxyFinder *self,
                                  FerryJid *jid,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (FERRY_IS_PROXY_FINDER (self));
  g_return_if_fail (jid != NULL);

  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_proxy_finder_look_up_async);
  g_task_set_task_data (task, ferry_jid_ref (jid), (GDestroyNotify) ferry_jid_unref);

  for (guint i = 0; i < self->proxies->len; i++)
    {
      const FerryProxy *proxy = self->proxies->pdata[i];
      if (ferry_jid_equal (proxy->jid, jid))
        {
          g_task_return_pointer (task, proxy_copy (proxy), (GDestroyNotify) ferry_proxy_free);
          return;
        }
    }
  if (strcmp (ferry_jid_get_text (jid), ferry_jid_get_domain (jid)) != 0)
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_FORBIDDEN, "It is no relay");
  else
    ferry_router_query_async (self->router, "get", jid,
                              ferry_node_new ("query", FERRY_NS_BYTESTREAMS), LOOK_UP_MS,
                              cancellable, looked_up_cb, g_steal_pointer (&task));
}

FerryProxy *
ferry_proxy_finder_look_up_finish (FerryProxyFinder *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- The object ------------------------------------------------------------------------------
 */

/* The server may be another one now, or have learnt something. */
static void
on_online (FerryStream *stream, gboolean resumed, FerryProxyFinder *self)
{
  if (!resumed)
    self->stale_us = 0;
}

FerryProxyFinder *
ferry_proxy_finder_new (FerryRouter *router)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (router), NULL);

  FerryProxyFinder *self = g_object_new (FERRY_TYPE_PROXY_FINDER, NULL);
  self->router = g_object_ref (router);
  g_signal_connect_object (ferry_router_get_stream (router), "online", G_CALLBACK (on_online),
                           self, 0);
  return self;
}

static void
ferry_proxy_finder_finalize (GObject *object)
{
  FerryProxyFinder *self = FERRY_PROXY_FINDER (object);

  g_clear_handle_id (&self->again_id, g_source_remove);
  g_ptr_array_unref (self->chosen);
  g_clear_object (&self->router);
  g_ptr_array_unref (self->proxies);
  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->found);
  G_OBJECT_CLASS (ferry_proxy_finder_parent_class)->finalize (object);
}

static void
ferry_proxy_finder_class_init (FerryProxyFinderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_proxy_finder_finalize;
  done_signal = g_signal_new ("done", FERRY_TYPE_PROXY_FINDER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 0);
}

static void
ferry_proxy_finder_init (FerryProxyFinder *self)
{
  self->good_us = FRESH_US;
  self->poor_us = FRESH_WHEN_POOR_US;
  self->chosen = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_jid_unref);
  self->proxies = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_proxy_free);
  self->found = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_proxy_free);
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_jid_unref);
}
