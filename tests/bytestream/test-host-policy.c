/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "bytestream/s5b/ferry-host-policy.h"

static void
test_hosts (void)
{
  g_test_summary ("A host is an address in plain writing or an ordinary name, else nothing");
  static const struct
  {
    const char *host;
    const char *literal; /* NULL: not a literal */
    gboolean is_name;
  } cases[] = {
    { "192.0.2.7", "192.0.2.7", FALSE },
    { "2001:DB8::7", "2001:db8::7", FALSE },
    { "[2001:db8::7]", "2001:db8::7", FALSE },
    { "::ffff:127.0.0.1", "::ffff:127.0.0.1", FALSE },
    { "relay.north.example", NULL, TRUE },
    { "xn--mnchen-3ya.example", NULL, TRUE },
    { "A-1.B2.example", NULL, TRUE },
    { "127.1", NULL, FALSE },
    { "0x7f.1", NULL, FALSE },
    { "2130706433", NULL, FALSE },
    { "127.0.0.01", NULL, FALSE },
    { "127.0.0.1.", NULL, FALSE },
    { "256.0.0.1", NULL, FALSE },
    { "1.2.3.4.5", NULL, FALSE },
    { " 192.0.2.7", NULL, FALSE },
    { "192.0.2.7 ", NULL, FALSE },
    { "::1%lo", NULL, FALSE },
    { "[::1%lo]", NULL, FALSE },
    { "[::1", NULL, FALSE },
    { "[]", NULL, FALSE },
    { ":", NULL, FALSE },
    { "", NULL, FALSE },
    { ".", NULL, FALSE },
    { "localhost", NULL, FALSE },
    { "printer.local", NULL, FALSE },
    { "x.LOCALHOST", NULL, FALSE },
    { "db.internal", NULL, FALSE },
    { "x.onion", NULL, FALSE },
    { "a..example", NULL, FALSE },
    { "-a.example", NULL, FALSE },
    { "a_b.example", NULL, FALSE },
    { "m\303\274nchen.example", NULL, FALSE },
    { "a.example/x", NULL, FALSE },
    { "a.example:80", NULL, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GInetAddress) literal = ferry_host_parse_literal (cases[i].host);
      g_autofree char *text = literal != NULL ? g_inet_address_to_string (literal) : NULL;
      g_test_message ("%s", cases[i].host);
      g_assert_cmpstr (text, ==, cases[i].literal);
      g_assert_cmpint (ferry_host_is_name (cases[i].host), ==, cases[i].is_name);
    }

  g_autofree char *label = g_strnfill (64, 'a');
  g_autofree char *long_label = g_strconcat (label, ".example", NULL);
  g_assert_false (ferry_host_is_name (long_label));
  g_autofree char *long_name = g_strnfill (300, 'a');
  for (guint i = 10; i < 300; i += 10)
    long_name[i] = '.';
  g_assert_false (ferry_host_is_name (long_name));
}

static FerryHostPolicy *
make_policy (const char *own, gboolean allow_loopback)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (addresses, g_inet_address_new_from_string (own));
  return ferry_host_policy_new (addresses, 40000, allow_loopback);
}

static gboolean
allows (const FerryHostPolicy *policy, const char *text, guint16 port, FerryHostKind kind)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);
  g_autoptr (GError) error = NULL;
  gboolean allowed = ferry_host_policy_allows (policy, address, port, kind, &error);
  if (!allowed)
    g_assert_error (error, FERRY_ERROR, FERRY_ERROR_FORBIDDEN);
  return allowed;
}

static void
test_addresses (void)
{
  g_test_summary ("Addresses that cannot be another machine's are never dialled, private ones "
                  "only from the same kind of network");
  static const struct
  {
    const char *address;
    gboolean direct, own_proxy, proxy;
  } cases[] = {
    { "198.51.100.1", TRUE, TRUE, TRUE },
    { "2001:db8::1", TRUE, TRUE, TRUE },
    { "11.0.0.1", TRUE, TRUE, TRUE },
    { "172.32.0.1", TRUE, TRUE, TRUE },
    { "172.15.255.255", TRUE, TRUE, TRUE },
    { "100.128.0.1", TRUE, TRUE, TRUE },
    { "128.0.0.1", TRUE, TRUE, TRUE },
    { "192.168.1.9", TRUE, TRUE, FALSE }, /* we have 192.168.1.2 */
    { "::ffff:192.168.1.9", TRUE, TRUE, FALSE },
    { "10.0.0.9", FALSE, TRUE, FALSE },
    { "172.16.0.1", FALSE, TRUE, FALSE },
    { "172.31.255.255", FALSE, TRUE, FALSE },
    { "100.64.0.1", FALSE, TRUE, FALSE },
    { "fd00::1", FALSE, TRUE, FALSE },
    { "0.0.0.0", FALSE, FALSE, FALSE },
    { "0.1.2.3", FALSE, FALSE, FALSE },
    { "127.0.0.1", FALSE, FALSE, FALSE },
    { "127.255.0.1", FALSE, FALSE, FALSE },
    { "169.254.3.4", FALSE, FALSE, FALSE },
    { "224.0.0.1", FALSE, FALSE, FALSE },
    { "239.255.255.255", FALSE, FALSE, FALSE },
    { "240.0.0.1", FALSE, FALSE, FALSE },
    { "255.255.255.255", FALSE, FALSE, FALSE },
    { "::", FALSE, FALSE, FALSE },
    { "::1", FALSE, FALSE, FALSE },
    { "fe80::1", FALSE, FALSE, FALSE },
    { "febf::1", FALSE, FALSE, FALSE },
    { "ff02::1", FALSE, FALSE, FALSE },
    { "::ffff:127.0.0.1", FALSE, FALSE, FALSE },
    { "::ffff:0.0.0.0", FALSE, FALSE, FALSE },
    { "::ffff:169.254.1.1", FALSE, FALSE, FALSE },
  };
  g_autoptr (FerryHostPolicy) policy = make_policy ("192.168.1.2", FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *address = cases[i].address;
      g_test_message ("%s", address);
      g_assert_cmpint (allows (policy, address, 5000, FERRY_HOST_DIRECT), ==, cases[i].direct);
      g_assert_cmpint (allows (policy, address, 5000, FERRY_HOST_OWN_PROXY), ==,
                       cases[i].own_proxy);
      g_assert_cmpint (allows (policy, address, 5000, FERRY_HOST_PROXY), ==, cases[i].proxy);
    }
}

static void
test_ports (void)
{
  g_test_summary ("Ports of other services and our own listener are never dialled");
  g_autoptr (FerryHostPolicy) policy = make_policy ("198.51.100.2", TRUE);

  for (guint port = 0; port < 1200; port++)
    {
      gboolean is_good = port >= 1024 || port == 80 || port == 443 || port == 777;
      g_assert_cmpint (allows (policy, "198.51.100.1", (guint16) port, FERRY_HOST_DIRECT), ==,
                       is_good || port == 1080);
    }
  g_assert_true (allows (policy, "198.51.100.1", 40000, FERRY_HOST_DIRECT));
  g_assert_false (allows (policy, "198.51.100.2", 40000, FERRY_HOST_DIRECT));
  g_assert_true (allows (policy, "198.51.100.2", 40001, FERRY_HOST_DIRECT));
}

static void
test_loopback (void)
{
  g_test_summary (
      "The test switch opens loopback, and only loopback, but not our own listener");
  g_autoptr (FerryHostPolicy) policy = make_policy ("198.51.100.2", TRUE);

  g_assert_true (allows (policy, "127.0.0.1", 5000, FERRY_HOST_DIRECT));
  g_assert_true (allows (policy, "127.0.0.2", 5000, FERRY_HOST_PROXY));
  g_assert_true (allows (policy, "::1", 5000, FERRY_HOST_DIRECT));
  g_assert_true (allows (policy, "::ffff:127.0.0.1", 5000, FERRY_HOST_DIRECT));
  g_assert_false (allows (policy, "127.0.0.1", 40000, FERRY_HOST_DIRECT));
  g_assert_false (allows (policy, "::ffff:127.0.0.1", 40000, FERRY_HOST_DIRECT));
  g_assert_false (allows (policy, "0.0.0.0", 5000, FERRY_HOST_DIRECT));
  g_assert_false (allows (policy, "fe80::1", 5000, FERRY_HOST_DIRECT));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytestream/host-policy/hosts", test_hosts);
  g_test_add_func ("/bytestream/host-policy/addresses", test_addresses);
  g_test_add_func ("/bytestream/host-policy/ports", test_ports);
  g_test_add_func ("/bytestream/host-policy/loopback", test_loopback);
  return g_test_run ();
}
