/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/ferry-bytestream.h"

G_DEFINE_INTERFACE (FerryBytestream, ferry_bytestream, G_TYPE_OBJECT)

static const struct
{
  FerryRoute route;
  const char *name;
} route_names[] = {
  /* best first */
  { FERRY_ROUTE_DIRECT, "direct" },
  { FERRY_ROUTE_FAST, "fast" },
  { FERRY_ROUTE_PROXY, "proxy" },
  { FERRY_ROUTE_INBAND, "inband" },
};

const char *
ferry_route_get_name (FerryRoute route)
{
  for (guint i = 0; i < G_N_ELEMENTS (route_names); i++)
    if (route_names[i].route == route)
      return route_names[i].name;
  return NULL;
}

FerryRoute
ferry_route_from_name (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (route_names); i++)
    if (g_strcmp0 (route_names[i].name, name) == 0)
      return route_names[i].route;
  return FERRY_ROUTE_NONE;
}

char *
ferry_routes_to_text (FerryRoute routes)
{
  if (routes == FERRY_ROUTE_ALL)
    return g_strdup ("any");
  if (routes == FERRY_ROUTE_NONE)
    return g_strdup ("none");

  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (route_names); i++)
    if (routes & route_names[i].route)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "", route_names[i].name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

FerryRoute
ferry_routes_from_text (const char *text)
{
  if (text == NULL)
    return FERRY_ROUTE_NONE;
  if (g_str_equal (text, "any"))
    return FERRY_ROUTE_ALL;

  g_auto (GStrv) names = g_strsplit (text, ",", -1);
  FerryRoute routes = FERRY_ROUTE_NONE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      FerryRoute route = ferry_route_from_name (names[i]);
      if (route == FERRY_ROUTE_NONE)
        return FERRY_ROUTE_NONE;
      routes |= route;
    }
  return routes;
}

FerryRoute
ferry_route_get_best (FerryRoute routes)
{
  for (guint i = 0; i < G_N_ELEMENTS (route_names); i++)
    if (routes & route_names[i].route)
      return route_names[i].route;
  return FERRY_ROUTE_NONE;
}

static void
ferry_bytestream_default_init (FerryBytestreamInterface *iface)
{
}

void
ferry_bytestream_open_async (FerryBytestream *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  FERRY_BYTESTREAM_GET_IFACE (self)->open_async (self, cancellable, callback, user_data);
}

GSocket *
ferry_bytestream_open_finish (FerryBytestream *self, GAsyncResult *result, GError **error)
{
  return FERRY_BYTESTREAM_GET_IFACE (self)->open_finish (self, result, error);
}

void
ferry_bytestream_close_async (FerryBytestream *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  FERRY_BYTESTREAM_GET_IFACE (self)->close_async (self, cancellable, callback, user_data);
}

gboolean
ferry_bytestream_close_finish (FerryBytestream *self, GAsyncResult *result, GError **error)
{
  return FERRY_BYTESTREAM_GET_IFACE (self)->close_finish (self, result, error);
}

FerryRoute
ferry_bytestream_get_route (FerryBytestream *self)
{
  return FERRY_BYTESTREAM_GET_IFACE (self)->get_route (self);
}
