/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-s5b-bytestream-private.h"

#include "base/ferry-source.h"

#include "bytestream/s5b/ferry-s5b-offer.h"
#include "bytestream/s5b/ferry-s5b-service-private.h"

#define GATHER_MS 3000

typedef struct
{
  gulong done_handler;
  GSource *timeout;
} Gathering;

static void
gathering_free (Gathering *gathering)
{
  ferry_clear_source (&gathering->timeout);
  g_free (gathering);
}

/* Where only fast mode is allowed nobody gets in at our addresses; but Coccinella refuses an
 * offer that has none. */
static gboolean
offers_addresses (FerryS5bBytestream *self)
{
  return self->listen_route != FERRY_ROUTE_NONE ||
         (self->is_initiator && self->dial_route == FERRY_ROUTE_FAST);
}

static void
offer (GTask *task)
{
  FerryS5bBytestream *self = g_task_get_source_object (task);
  FerryS5bListener *listener = ferry_s5b_service_get_listener (self->service);
  FerryProxyFinder *finder = ferry_s5b_service_get_proxy_finder (self->service);
  g_autoptr (GPtrArray) addresses = NULL;

  if (listener != NULL && offers_addresses (self))
    addresses = ferry_s5b_service_list_addresses (self->service);
  GPtrArray *candidates = ferry_s5b_offer_make (
      self->own, addresses, listener != NULL ? ferry_s5b_listener_get_port (listener) : 0,
      self->routes & FERRY_ROUTE_PROXY ? ferry_proxy_finder_get_proxies (finder) : NULL,
      self->remote, self->is_initiator);
  for (guint i = 0; i < candidates->len; i++)
    ferry_s5b_bytestream_happen (
        self, &(FerryRaceEvent){ .type = FERRY_RACE_OWN, .candidate = candidates->pdata[i] });
  g_clear_pointer (&self->offered, g_ptr_array_unref);
  self->offered = g_ptr_array_ref (candidates);
  g_task_return_pointer (task, candidates, (GDestroyNotify) g_ptr_array_unref);
}

static void
end_gathering (GTask *task)
{
  FerryS5bBytestream *self = g_task_get_source_object (task);
  Gathering *gathering = g_task_get_task_data (task);

  g_signal_handler_disconnect (ferry_s5b_service_get_proxy_finder (self->service),
                               gathering->done_handler);
  ferry_clear_source (&gathering->timeout);
  offer (task);
  g_object_unref (task);
}

static void
on_proxies_found (FerryProxyFinder *finder, gpointer user_data)
{
  end_gathering (user_data);
}

static gboolean
gather_timeout_cb (gpointer user_data)
{
  end_gathering (user_data);
  return G_SOURCE_REMOVE;
}

void
ferry_s5b_bytestream_gather_async (FerryS5bBytestream *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_return_if_fail (FERRY_IS_S5B_BYTESTREAM (self));

  FerryProxyFinder *finder = ferry_s5b_service_get_proxy_finder (self->service);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, ferry_s5b_bytestream_gather_async);

  if (!(self->routes & FERRY_ROUTE_PROXY) || !ferry_proxy_finder_is_busy (finder))
    {
      offer (task);
      return;
    }
  Gathering *gathering = g_new0 (Gathering, 1);
  g_task_set_task_data (task, gathering, (GDestroyNotify) gathering_free);
  gathering->done_handler =
      g_signal_connect (finder, "done", G_CALLBACK (on_proxies_found), task);
  gathering->timeout = g_timeout_source_new (GATHER_MS);
  g_source_set_callback (gathering->timeout, gather_timeout_cb, task, NULL);
  g_source_attach (gathering->timeout, g_task_get_context (task));
  g_steal_pointer (&task); /* until end_gathering() */
}

GPtrArray *
ferry_s5b_bytestream_gather_finish (FerryS5bBytestream *self,
                                    GAsyncResult *result,
                                    GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
