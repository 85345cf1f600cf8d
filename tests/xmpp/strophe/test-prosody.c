/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server harness itself: other tests rest on it. */
#include "ferry-prosody.h"
#include "ferry-test.h"

static gboolean
is_answering (guint16 port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, NULL);
  return connection != NULL;
}

static void
test_two_at_once (void)
{
  g_test_summary ("Two servers live side by side, restart on their ports, and end when asked");

  const char *options[] = { "--no-proxy", "--domain=b.test", NULL };
  g_autoptr (FerryProsody) first = ferry_prosody_start (NULL);
  g_autoptr (FerryProsody) second = ferry_prosody_start (options);
  g_assert_cmpstr (first->domain, ==, "ferry.test");
  g_assert_cmpstr (second->domain, ==, "b.test");
  g_assert_cmpuint (second->proxy_port, ==, 0);
  g_assert_true (is_answering (first->c2s_port));
  g_assert_true (is_answering (first->tls_port));
  g_assert_true (is_answering (first->proxy_port));
  g_assert_true (is_answering (second->c2s_port));

  ferry_prosody_interrupt (first);
  g_assert_false (is_answering (first->c2s_port));
  g_assert_true (is_answering (second->c2s_port));
  ferry_prosody_restart (first);
  g_assert_true (is_answering (first->c2s_port));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prosody/two-at-once", test_two_at_once);
  return g_test_run ();
}
