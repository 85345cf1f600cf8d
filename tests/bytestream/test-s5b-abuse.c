/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The SOCKS5 listener and those who only want to harm it: whoever is awaited gets in all the
 * same. */
#include "ferry-test.h"

#include "bytestream/s5b/ferry-s5b-listener.h"

#include <string.h>
#include <sys/socket.h>

#define HASH "972b7bf47291ca609517f67f86b5081086052dad"
#define WRONG_HASH "00112233445566778899aabbccddeeff00112233"
#define N_MANY 1000
#define N_OPEN 64 /* of them at a time: file descriptors are few */

typedef struct
{
  FerryS5bListener *listener;
  GPtrArray *got; /* of GSocket */
} Door;

static void
take (GSocket *socket, gpointer user_data)
{
  g_ptr_array_add (((Door *) user_data)->got, g_object_ref (socket));
}

static void
door_init (Door *door)
{
  door->listener = ferry_s5b_listener_new (0, NULL);
  g_assert_nonnull (door->listener);
  door->got = g_ptr_array_new_with_free_func (g_object_unref);
  ferry_s5b_listener_expect (door->listener, HASH, take, door);
}

static void
door_clear (Door *door)
{
  ferry_s5b_listener_free (door->listener);
  g_ptr_array_unref (door->got);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Door, door_clear)

static void
run_main_context (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static GSocket *
knock (Door *door)
{
  GSocket *socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new (loopback, ferry_s5b_listener_get_port (door->listener));
  g_autoptr (GError) error = NULL;
  g_socket_connect (socket, address, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  return socket;
}

/* Whoever has been shown the door hears of it here and not by a signal. */
static void
say (GSocket *socket, const void *bytes, gsize n)
{
  send (g_socket_get_fd (socket), bytes, n, MSG_NOSIGNAL);
}

static void
say_request (GSocket *socket, const char *destination)
{
  char bytes[50] = "\5\1\0\5\1\0\3\x28";
  memcpy (bytes + 8, destination, 40);
  say (socket, bytes, sizeof bytes);
}

/* What is said to us until the connection is closed. */
static char *
hear_all (GSocket *socket, gsize *length)
{
  g_autoptr (GByteArray) heard = g_byte_array_new ();
  guint8 bytes[64];
  gssize n = -1;

  do
    {
      ferry_test_wait (
          (n = recv (g_socket_get_fd (socket), bytes, sizeof bytes, MSG_DONTWAIT)) >= 0 ||
              errno == ECONNRESET,
          10);
      if (n > 0)
        g_byte_array_append (heard, bytes, (guint) n);
    }
  while (n > 0);
  *length = heard->len;
  return (char *) g_byte_array_free (g_steal_pointer (&heard), FALSE);
}

static void
assert_hears_all (GSocket *socket, const char *expected, gsize n)
{
  gsize length;
  g_autofree char *heard = hear_all (socket, &length);
  g_assert_cmpmem (heard, length, expected, n);
}

/* The one whom we await. */
static void
assert_lets_in (Door *door)
{
  guint n_before = door->got->len;
  g_autoptr (GSocket) socket = knock (door);

  say_request (socket, HASH);
  ferry_test_wait (door->got->len > n_before, 10);
  g_socket_close (door->got->pdata[n_before], NULL);
}

static void
test_silent (void)
{
  g_test_summary (
      "A thousand connections that say nothing: few are kept, and none keeps out whom "
      "we await");
  g_auto (Door) door = { 0 };
  door_init (&door);
  g_autoptr (GQueue) open = g_queue_new ();

  for (guint i = 0; i < N_MANY; i++)
    {
      g_queue_push_tail (open, knock (&door));
      if (open->length > N_OPEN)
        g_object_unref (g_queue_pop_head (open));
      run_main_context ();
      g_assert_cmpuint (ferry_s5b_listener_get_n_pending (door.listener), <=,
                        FERRY_S5B_LISTENER_MAX_PENDING);
      if (i % 100 == 99)
        assert_lets_in (&door);
    }
  g_assert_cmpuint (door.got->len, ==, N_MANY / 100);
  g_queue_foreach (open, (GFunc) (void (*) (void)) g_object_unref, NULL);
  ferry_test_wait (ferry_s5b_listener_get_n_pending (door.listener) == 0, 10);
}

static void
test_wrong_hash (void)
{
  g_test_summary (
      "A thousand guesses at the hash: each hears no, is closed, and nothing is left");
  g_auto (Door) door = { 0 };
  door_init (&door);

  for (guint i = 0; i < N_MANY; i++)
    {
      g_autoptr (GSocket) socket = knock (&door);
      g_autofree char *guess = g_strdup_printf ("%08x%s", i, WRONG_HASH + 8);
      char expected[49] = "\5\0\5\2\0\3\x28";

      memcpy (expected + 7, guess, 40);
      say_request (socket, guess);
      assert_hears_all (socket, expected, sizeof expected);
    }
  g_assert_cmpuint (door.got->len, ==, 0);
  ferry_test_wait (ferry_s5b_listener_get_n_pending (door.listener) == 0, 10);
  assert_lets_in (&door);
}

static void
test_methods (void)
{
  g_test_summary ("The longest list of methods is read; without the one method it is refused");
  g_auto (Door) door = { 0 };
  door_init (&door);
  char greeting[2 + 255] = "\5\xff";

  memset (greeting + 2, 2, 255);
  g_autoptr (GSocket) refused = knock (&door);
  say (refused, greeting, sizeof greeting);
  assert_hears_all (refused, "\5\xff", 2);

  greeting[sizeof greeting - 1] = 0;
  /* A second greeting where the request should be. */
  g_autoptr (GSocket) twice = knock (&door);
  say (twice, greeting, sizeof greeting);
  say_request (twice, HASH);
  gsize length;
  g_autofree char *heard = hear_all (twice, &length);
  g_assert_cmpmem (heard, MIN (length, 2), "\5\0", 2);
  g_assert_cmpuint (door.got->len, ==, 0);

  g_autoptr (GSocket) right = knock (&door);
  char request[47] = "\5\1\0\3\x28";
  memcpy (request + 5, HASH, 40);
  say (right, greeting, sizeof greeting);
  say (right, request, sizeof request);
  ferry_test_wait (door.got->len == 1, 10);
}

static void
test_slow (void)
{
  g_test_summary ("Whoever speaks byte by byte is understood, and others are not kept waiting");
  g_auto (Door) door = { 0 };
  door_init (&door);
  g_autoptr (GSocket) slow = knock (&door);
  char request[50] = "\5\1\0\5\1\0\3\x28";

  memcpy (request + 8, HASH, 40);
  for (gsize i = 0; i < sizeof request; i++)
    {
      if (i == sizeof request / 2)
        assert_lets_in (&door);
      say (slow, request + i, 1);
      run_main_context ();
    }
  ferry_test_wait (door.got->len == 2, 10);
}

static void
test_garbage (void)
{
  g_test_summary (
      "Whoever speaks something else is closed at once, however much there is of it");
  static const char *const openings[] = {
    "GET / HTTP/1.1\r\n", "\4\1", "\5", "\5\1\0\5\2\0\1", "\5\1\0\5\1\0\1\177\0\0\1\0\26",
    "\26\3\1\2"
  };
  g_auto (Door) door = { 0 };
  door_init (&door);
  g_autofree char *much = g_strnfill (1 << 20, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (openings); i++)
    {
      g_autoptr (GSocket) socket = knock (&door);
      gsize length;
      say (socket, openings[i], MAX (strlen (openings[i]), 1));
      say (socket, much, 1 << 20);
      g_autofree char *heard = hear_all (socket, &length);
      g_assert_cmpuint (length, <=, 2 + 10);
    }
  g_assert_cmpuint (door.got->len, ==, 0);
  assert_lets_in (&door);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytestream/abuse/silent", test_silent);
  g_test_add_func ("/bytestream/abuse/wrong-hash", test_wrong_hash);
  g_test_add_func ("/bytestream/abuse/methods", test_methods);
  g_test_add_func ("/bytestream/abuse/slow", test_slow);
  g_test_add_func ("/bytestream/abuse/garbage", test_garbage);
  return g_test_run ();
}
