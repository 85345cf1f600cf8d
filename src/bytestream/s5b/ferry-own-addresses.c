/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-own-addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

/* Returns: (transfer full) (nullable) */
static GInetAddress *
read_address (const struct ifaddrs *entry)
{
  if (entry->ifa_addr == NULL || !(entry->ifa_flags & IFF_UP) ||
      (entry->ifa_flags & IFF_LOOPBACK))
    return NULL;

  gsize size = entry->ifa_addr->sa_family == AF_INET    ? sizeof (struct sockaddr_in)
               : entry->ifa_addr->sa_family == AF_INET6 ? sizeof (struct sockaddr_in6)
                                                        : 0;
  if (size == 0)
    return NULL;
  g_autoptr (GSocketAddress) native = g_socket_address_new_from_native (entry->ifa_addr, size);
  if (native == NULL)
    return NULL;

  GInetAddress *address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (native));
  if (g_inet_address_get_is_link_local (address) || g_inet_address_get_is_loopback (address))
    return NULL;
  return g_object_ref (address);
}

/* Brings the first address of the other family to the second place. */
static void
mix_families (GPtrArray *addresses)
{
  for (guint i = 2; i < addresses->len; i++)
    if (g_inet_address_get_family (addresses->pdata[i]) !=
        g_inet_address_get_family (addresses->pdata[0]))
      {
        g_ptr_array_insert (addresses, 1, g_ptr_array_steal_index (addresses, i));
        return;
      }
}

GPtrArray *
ferry_own_addresses_list (gboolean with_loopback)
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);
  struct ifaddrs *list = NULL;

  if (getifaddrs (&list) == 0)
    {
      for (const struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next)
        {
          GInetAddress *address = read_address (entry);
          if (address != NULL)
            g_ptr_array_add (addresses, address);
        }
      freeifaddrs (list);
    }
  mix_families (addresses);
  if (with_loopback)
    g_ptr_array_add (addresses, g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4));
  return addresses;
}
