/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a host string is, it is a literal or a name but never both, and no literal that
 * means this machine gets past the policy. */
#include "bytestream/s5b/ferry-host-policy.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *host = g_strndup ((const char *) data, size);
  g_autoptr (GInetAddress) literal = ferry_host_parse_literal (host);
  g_assert_false (literal != NULL && ferry_host_is_name (host));
  if (literal == NULL)
    return 0;

  g_autoptr (GPtrArray) own = g_ptr_array_new ();
  g_autoptr (FerryHostPolicy) policy = ferry_host_policy_new (own, 40000, FALSE);
  gboolean allowed = ferry_host_policy_allows (policy, literal, 5000, FERRY_HOST_DIRECT, NULL);
  if (g_inet_address_get_is_any (literal) || g_inet_address_get_is_loopback (literal) ||
      g_inet_address_get_is_link_local (literal) || g_inet_address_get_is_multicast (literal) ||
      g_inet_address_get_is_site_local (literal))
    g_assert_false (allowed && g_inet_address_get_family (literal) == G_SOCKET_FAMILY_IPV4);
  if (g_inet_address_get_is_loopback (literal) || g_inet_address_get_is_link_local (literal))
    g_assert_false (allowed);

  g_autofree char *text = g_inet_address_to_string (literal);
  g_autoptr (GInetAddress) again = ferry_host_parse_literal (text);
  g_assert_nonnull (again);
  g_assert_true (g_inet_address_equal (literal, again));
  return 0;
}
