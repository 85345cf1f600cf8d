/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-s5b-service"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-service-private.h"

#include "bytestream/s5b/ferry-own-addresses.h"

#include <string.h>

/* A peer can make us dial at most so often in so long. */
#define MAX_DIALS 30
#define DIALS_US (60 * G_TIME_SPAN_SECOND)

struct _FerryS5bService
{
  GObject parent_instance;

  FerryRouter *router;
  FerryS5bListener *listener; /* nullable */
  FerryProxyFinder *finder;
  gboolean allow_loopback;
  FerryS5bBackwardsFunc is_backwards; /* nullable */
  gpointer backwards_data;
  const FerryRaceTimes *times; /* nullable */
  GHashTable *dials;           /* bare JID of a peer → GArray of gint64: times of its dials */
};

G_DEFINE_FINAL_TYPE (FerryS5bService, ferry_s5b_service, G_TYPE_OBJECT)

FerryS5bService *
ferry_s5b_service_new (FerryRouter *router, guint16 port, gboolean allow_loopback)
{
  g_return_val_if_fail (FERRY_IS_ROUTER (router), NULL);

  FerryS5bService *self = g_object_new (FERRY_TYPE_S5B_SERVICE, NULL);
  g_autoptr (GError) error = NULL;
  self->router = g_object_ref (router);
  self->finder = ferry_proxy_finder_new (router);
  self->allow_loopback = allow_loopback;
  self->listener = ferry_s5b_listener_new (port, &error);
  if (self->listener == NULL)
    g_info ("Cannot listen on port %u: %s", port, error->message);
  return self;
}

void
ferry_s5b_service_find_proxies (FerryS5bService *self)
{
  g_return_if_fail (FERRY_IS_S5B_SERVICE (self));

  ferry_proxy_finder_find (self->finder);
}

void
ferry_s5b_service_set_proxies (FerryS5bService *self, const char *const *jids)
{
  g_return_if_fail (FERRY_IS_S5B_SERVICE (self));

  ferry_proxy_finder_set_chosen (self->finder, jids);
}

void
ferry_s5b_service_set_backwards_func (FerryS5bService *self,
                                      FerryS5bBackwardsFunc func,
                                      gpointer user_data)
{
  g_return_if_fail (FERRY_IS_S5B_SERVICE (self));

  self->is_backwards = func;
  self->backwards_data = user_data;
}

gboolean
ferry_s5b_service_is_backwards (FerryS5bService *self, FerryJid *peer)
{
  return self->is_backwards != NULL && self->is_backwards (peer, self->backwards_data);
}

FerryRouter *
ferry_s5b_service_get_router (FerryS5bService *self)
{
  return self->router;
}

FerryS5bListener *
ferry_s5b_service_get_listener (FerryS5bService *self)
{
  return self->listener;
}

FerryProxyFinder *
ferry_s5b_service_get_proxy_finder (FerryS5bService *self)
{
  return self->finder;
}

GPtrArray *
ferry_s5b_service_list_addresses (FerryS5bService *self)
{
  return ferry_own_addresses_list (self->allow_loopback);
}

FerryHostPolicy *
ferry_s5b_service_make_policy (FerryS5bService *self)
{
  g_autoptr (GPtrArray) own = ferry_own_addresses_list (FALSE);
  guint16 port = self->listener != NULL ? ferry_s5b_listener_get_port (self->listener) : 0;
  return ferry_host_policy_new (own, port, self->allow_loopback);
}

FerryHostKind
ferry_s5b_service_get_kind (FerryS5bService *self, const FerryCandidate *candidate)
{
  GPtrArray *proxies = ferry_proxy_finder_get_proxies (self->finder);

  if (!ferry_candidate_is_proxy (candidate))
    return FERRY_HOST_DIRECT;
  /* Only what our server itself told us: anybody can claim to be our relay. */
  for (guint i = 0; i < proxies->len; i++)
    {
      const FerryProxy *proxy = proxies->pdata[i];
      if (ferry_jid_equal (proxy->jid, candidate->jid) && proxy->port == candidate->port &&
          strcmp (proxy->host, candidate->host) == 0)
        return FERRY_HOST_OWN_PROXY;
    }
  return FERRY_HOST_PROXY;
}

gboolean
ferry_s5b_service_take_dial (FerryS5bService *self, const FerryJid *peer)
{
  gint64 now_us = g_get_monotonic_time ();
  GArray *times = g_hash_table_lookup (self->dials, ferry_jid_get_bare (peer));

  if (times == NULL)
    {
      times = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_hash_table_insert (self->dials, g_strdup (ferry_jid_get_bare (peer)), times);
    }
  while (times->len > 0 && g_array_index (times, gint64, 0) <= now_us - DIALS_US)
    g_array_remove_index (times, 0);
  if (times->len == MAX_DIALS)
    return FALSE;
  g_array_append_val (times, now_us);
  return TRUE;
}

void
ferry_s5b_service_give_dial_back (FerryS5bService *self, const FerryJid *peer)
{
  GArray *times = g_hash_table_lookup (self->dials, ferry_jid_get_bare (peer));

  if (times != NULL && times->len > 0)
    g_array_set_size (times, times->len - 1);
}

const FerryRaceTimes *
ferry_s5b_service_get_times (FerryS5bService *self)
{
  return self->times;
}

void
ferry_s5b_service_set_times (FerryS5bService *self, const FerryRaceTimes *times)
{
  self->times = times;
}

static void
ferry_s5b_service_finalize (GObject *object)
{
  FerryS5bService *self = FERRY_S5B_SERVICE (object);

  g_clear_pointer (&self->listener, ferry_s5b_listener_free);
  g_clear_object (&self->finder);
  g_clear_object (&self->router);
  g_hash_table_unref (self->dials);
  G_OBJECT_CLASS (ferry_s5b_service_parent_class)->finalize (object);
}

static void
ferry_s5b_service_class_init (FerryS5bServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferry_s5b_service_finalize;
}

static void
ferry_s5b_service_init (FerryS5bService *self)
{
  self->dials =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
}
