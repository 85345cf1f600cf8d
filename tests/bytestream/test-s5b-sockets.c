/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialler against scripted listeners, and the listener against scripted diallers. */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "bytestream/s5b/ferry-s5b-dialler.h"
#include "bytestream/s5b/ferry-s5b-listener.h"

#include <string.h>

#define HASH "972b7bf47291ca609517f67f86b5081086052dad"
#define OTHER_HASH "00112233445566778899aabbccddeeff00112233"

/* --- A scripted listener ---------------------------------------------------------------------
 */

/* Accepts, reads whatever comes, and answers each read with the next of its lines, byte by byte
 * if it is slow. A connection has its own line counter. */
typedef struct
{
  GSocket *socket;
  GSource *source;
  const char *const *lines; /* hexadecimal; "" says nothing, "-" closes */
  guint n_connections;
  GString *heard; /* requests in hexadecimal, one connection a line */
  gboolean is_slow;
  GPtrArray *talks;
} Host;

typedef struct
{
  Host *host;
  GSocket *socket;
  GSource *source;
  guint n_lines;
  const char *unsaid;
  guint saying;
} Talk;

static void
talk_free (Talk *talk)
{
  if (talk->source != NULL)
    {
      g_source_destroy (talk->source);
      g_source_unref (talk->source);
    }
  g_clear_handle_id (&talk->saying, g_source_remove);
  g_object_unref (talk->socket);
  g_free (talk);
}

static gboolean
say_byte_cb (gpointer user_data)
{
  Talk *talk = user_data;
  const char *line = talk->unsaid;
  char byte = (char) (g_ascii_xdigit_value (line[0]) << 4 | g_ascii_xdigit_value (line[1]));

  g_socket_send (talk->socket, &byte, 1, NULL, NULL);
  talk->unsaid += 2;
  if (talk->unsaid[0] != '\0')
    return G_SOURCE_CONTINUE;
  talk->saying = 0;
  return G_SOURCE_REMOVE;
}

static void
say (Talk *talk, const char *line)
{
  talk->unsaid = line;
  if (line[0] == '\0')
    return;
  if (talk->host->is_slow)
    /* Idle: the other end has read each byte before the next one comes. */
    talk->saying = g_idle_add (say_byte_cb, talk);
  else
    while (say_byte_cb (talk))
      ;
}

static gboolean
heard_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Talk *talk = user_data;
  guint8 bytes[300];
  gssize n = g_socket_receive (socket, (char *) bytes, sizeof bytes, NULL, NULL);
  const char *line = talk->host->lines[talk->n_lines];

  for (gssize i = 0; i < n; i++)
    g_string_append_printf (talk->host->heard, "%02x", bytes[i]);
  g_string_append_c (talk->host->heard, '\n');
  if (n <= 0 || line == NULL)
    return G_SOURCE_REMOVE;
  talk->n_lines++;
  if (strcmp (line, "-") == 0)
    g_socket_close (socket, NULL);
  else
    say (talk, line);
  return g_socket_is_closed (socket) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static gboolean
accepted_cb (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Host *host = user_data;
  Talk *talk = g_new0 (Talk, 1);
  talk->host = host;
  talk->socket = g_socket_accept (socket, NULL, NULL);
  g_socket_set_option (talk->socket, 6 /* TCP */, 1 /* TCP_NODELAY */, 1, NULL);
  talk->source = g_socket_create_source (talk->socket, G_IO_IN, NULL);
  g_source_set_callback (talk->source, G_SOURCE_FUNC (heard_cb), talk, NULL);
  g_source_attach (talk->source, NULL);
  g_ptr_array_add (host->talks, talk);
  host->n_connections++;
  return G_SOURCE_CONTINUE;
}

static guint16
get_port (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

static GSocket *
bind_loopback (guint16 port)
{
  GSocket *socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr (GError) error = NULL;
  g_socket_bind (socket, address, TRUE, &error);
  g_assert_no_error (error);
  return socket;
}

static void
host_listen (Host *host)
{
  g_autoptr (GError) error = NULL;
  g_socket_listen (host->socket, &error);
  g_assert_no_error (error);
  host->source = g_socket_create_source (host->socket, G_IO_IN, NULL);
  g_source_set_callback (host->source, G_SOURCE_FUNC (accepted_cb), host, NULL);
  g_source_attach (host->source, NULL);
}

static Host *
host_new (const char *const *lines)
{
  Host *host = g_new0 (Host, 1);
  host->lines = lines;
  host->heard = g_string_new (NULL);
  host->talks = g_ptr_array_new_with_free_func ((GDestroyNotify) talk_free);
  host->socket = bind_loopback (0);
  return host;
}

static void
host_free (Host *host)
{
  if (host->source != NULL)
    {
      g_source_destroy (host->source);
      g_source_unref (host->source);
    }
  g_ptr_array_unref (host->talks);
  g_string_free (host->heard, TRUE);
  g_object_unref (host->socket);
  g_free (host);
}

/* --- Dialling --------------------------------------------------------------------------------
 */

typedef struct
{
  GAsyncResult *result;
  guint n_connected;
  guint n_greeted;
} Dialled;

static void
stage_cb (FerryDialStage stage, gpointer user_data)
{
  Dialled *dialled = user_data;
  if (stage == FERRY_DIAL_CONNECTED)
    dialled->n_connected++;
  else
    dialled->n_greeted++;
}

static void
dialled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Dialled *) user_data)->result = g_object_ref (result);
}

static void
begin_dial (Dialled *dialled,
            const char *host,
            guint16 port,
            const char *other_destination,
            GCancellable *cancellable)
{
  g_autoptr (GPtrArray) own = g_ptr_array_new ();
  g_autoptr (FerryHostPolicy) policy = ferry_host_policy_new (own, 1, TRUE);
  g_autoptr (FerryJid) jid = ferry_jid_new ("anna@north.example/desk", NULL);
  g_autoptr (FerryCandidate) candidate =
      ferry_candidate_new ("c1", host, port, jid, 1, FERRY_CANDIDATE_DIRECT);

  *dialled = (Dialled){ 0 };
  ferry_s5b_dial_async (candidate, FERRY_HOST_DIRECT, policy, HASH, other_destination, stage_cb,
                        cancellable, dialled_cb, dialled);
}

static GSocket *
finish_dial (Dialled *dialled, GError **error)
{
  ferry_test_wait (dialled->result != NULL, 9);
  GSocket *socket = ferry_s5b_dial_finish (dialled->result, error);
  g_clear_object (&dialled->result);
  return socket;
}

static char *
hex_request (const char *destination)
{
  GString *hex = g_string_new ("0501000328");
  for (const char *p = destination; *p != '\0'; p++)
    g_string_append_printf (hex, "%02x", (guint8) *p);
  g_string_append (hex, "0000");
  return g_string_free (hex, FALSE);
}

/* Reads what is there. Returns: how much it is now */
static gsize
receive (GSocket *socket, char *bytes, gsize have, gsize size)
{
  gssize n = g_socket_receive (socket, bytes + have, size - have, NULL, NULL);
  return n > 0 ? have + (gsize) n : have;
}

static void
test_dial (void)
{
  g_test_summary (
      "Greeting and request go out in one piece each, the request after the answer, "
      "also to a host that answers byte by byte; the stream's bytes stay unread");
  for (guint i = 0; i < 2; i++)
    {
      static const char *const lines[] = { "0500", "05000001c0000207000041424344", NULL };
      Host *host = host_new (lines);
      g_autoptr (GError) error = NULL;
      Dialled dialled;
      char bytes[8] = "";
      gsize have = 0;

      host->is_slow = i == 1;
      host_listen (host);
      begin_dial (&dialled, "127.0.0.1", get_port (host->socket), NULL, NULL);
      g_autoptr (GSocket) socket = finish_dial (&dialled, &error);
      g_assert_no_error (error);
      g_autofree char *request = hex_request (HASH);
      g_autofree char *heard = g_strconcat ("050100\n", request, "\n", NULL);
      g_assert_cmpstr (host->heard->str, ==, heard);
      g_assert_cmpuint (dialled.n_connected, ==, 1);
      g_assert_cmpuint (dialled.n_greeted, ==, 1);
      ferry_test_wait ((have = receive (socket, bytes, have, 4)) == 4, 5);
      g_assert_cmpstr (bytes, ==, "ABCD");
      host_free (host);
    }
}

static void
test_dial_other_order (void)
{
  g_test_summary (
      "Refused, closed or silent on the first destination: the second is asked for on "
      "a second connection, without greeting in between");
  static const char *const answers[] = { "0502000300", "-", "" };
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      const char *const lines[] = { "0500", answers[i], NULL };
      Host *host = host_new (lines);
      g_autoptr (GError) error = NULL;
      Dialled dialled;

      host_listen (host);
      begin_dial (&dialled, "127.0.0.1", get_port (host->socket), OTHER_HASH, NULL);
      ferry_test_wait (host->n_connections == 2, 5);
      static const char *const good[] = { "0500", "050000000000", NULL };
      host->lines = good;
      g_autoptr (GSocket) socket = finish_dial (&dialled, &error);
      g_assert_no_error (error);
      g_assert_nonnull (socket);
      g_autofree char *first = hex_request (HASH);
      g_autofree char *second = hex_request (OTHER_HASH);
      g_assert_nonnull (strstr (host->heard->str, first));
      g_assert_nonnull (strstr (strstr (host->heard->str, first), second));
      host_free (host);
    }
}

static void
test_dial_refused (void)
{
  g_test_summary (
      "A host that is not what it should be: an error that says so, one connection");
  static const struct
  {
    const char *lines[3];
    FerryError code;
  } cases[] = {
    { { "05ff", NULL }, FERRY_ERROR_PROTOCOL },
    { { "485454502f31", NULL }, FERRY_ERROR_PROTOCOL },
    { { "-", NULL }, FERRY_ERROR_PROTOCOL },
    { { "0500", "0501", NULL }, FERRY_ERROR_PROTOCOL },
    { { "0500", "-", NULL }, FERRY_ERROR_PROTOCOL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Host *host = host_new (cases[i].lines);
      g_autoptr (GError) error = NULL;
      Dialled dialled;

      host_listen (host);
      begin_dial (&dialled, "127.0.0.1", get_port (host->socket), NULL, NULL);
      g_assert_null (finish_dial (&dialled, &error));
      g_assert_error (error, FERRY_ERROR, (int) cases[i].code);
      g_assert_cmpuint (host->n_connections, ==, 1);
      host_free (host);
    }
}

static gboolean
listen_late_cb (gpointer user_data)
{
  host_listen (user_data);
  return G_SOURCE_REMOVE;
}

static void
test_dial_late_listener (void)
{
  g_test_summary ("A listener that opens a moment late is found by the second try");
  static const char *const lines[] = { "0500", "050000000000", NULL };
  Host *host = host_new (lines);
  g_autoptr (GError) error = NULL;
  Dialled dialled;

  begin_dial (&dialled, "127.0.0.1", get_port (host->socket), NULL, NULL);
  /* By then the first try has been refused; the second comes after 200 ms. */
  g_timeout_add (100, listen_late_cb, host);
  g_autoptr (GSocket) socket = finish_dial (&dialled, &error);
  g_assert_no_error (error);
  g_assert_nonnull (socket);
  host_free (host);
}

static void
test_dial_silent (void)
{
  g_test_summary ("A host that accepts and says nothing costs 4 s, or nothing once cancelled");
  static const char *const lines[] = { "", NULL };
  Host *host = host_new (lines);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL, cancelled = NULL;
  Dialled dialled, other;

  host_listen (host);
  begin_dial (&dialled, "127.0.0.1", get_port (host->socket), NULL, NULL);
  begin_dial (&other, "127.0.0.1", get_port (host->socket), NULL, cancellable);
  ferry_test_wait (host->n_connections == 2, 5);
  g_cancellable_cancel (cancellable);
  g_assert_null (finish_dial (&other, &cancelled));
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (finish_dial (&dialled, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);
  host_free (host);
}

static void
test_dial_forbidden (void)
{
  g_test_summary ("Hosts that the policy forbids are not dialled");
  static const char *const hosts[] = { "169.254.0.1", "localhost", "127.1", "0.0.0.0", "" };
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (GError) error = NULL;
      Dialled dialled;
      begin_dial (&dialled, hosts[i], 5000, NULL, NULL);
      g_assert_null (finish_dial (&dialled, &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_FORBIDDEN);
    }
}

/* --- Listening -------------------------------------------------------------------------------
 */

static void
collect (GSocket *socket, gpointer user_data)
{
  g_ptr_array_add (user_data, g_object_ref (socket));
}

static GSocket *
connect_to (FerryS5bListener *listener)
{
  GSocket *socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new (loopback, ferry_s5b_listener_get_port (listener));
  g_autoptr (GError) error = NULL;
  g_socket_connect (socket, address, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  return socket;
}

static void
send_request (GSocket *socket, const char *destination)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *) "\5\1\0\5\1\0\3\x28", 8);
  g_byte_array_append (bytes, (const guint8 *) destination, 40);
  g_byte_array_append (bytes, (const guint8 *) "\0\0data", 6);
  g_assert_cmpint (g_socket_send (socket, (const char *) bytes->data, bytes->len, NULL, NULL),
                   ==, bytes->len);
}

static void
test_listener (void)
{
  g_test_summary ("A connection goes to whoever awaits its destination, with its data unread; "
                  "at most four at a time");
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryS5bListener) listener = ferry_s5b_listener_new (0, &error);
  g_autoptr (GPtrArray) got = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) diallers = g_ptr_array_new_with_free_func (g_object_unref);
  char bytes[64];

  g_assert_no_error (error);
  ferry_s5b_listener_expect (listener, HASH, collect, got);
  ferry_s5b_listener_expect (listener, OTHER_HASH, collect, others);
  for (guint i = 0; i < 5; i++)
    {
      g_ptr_array_add (diallers, connect_to (listener));
      send_request (diallers->pdata[i], HASH);
    }
  ferry_test_wait (got->len == 4 && ferry_s5b_listener_get_n_pending (listener) == 0, 5);
  g_assert_cmpuint (others->len, ==, 0);
  g_assert_cmpint (g_socket_receive (got->pdata[0], bytes, sizeof bytes, NULL, NULL), ==, 4);
  g_assert_cmpmem (bytes, 4, "data", 4);

  /* One goes, another may come. */
  g_ptr_array_remove_index (got, 0);
  g_ptr_array_add (diallers, connect_to (listener));
  send_request (diallers->pdata[5], HASH);
  ferry_test_wait (got->len == 4, 5);

  ferry_s5b_listener_forget (listener, HASH);
  g_ptr_array_set_size (got, 0);
  g_ptr_array_add (diallers, connect_to (listener));
  send_request (diallers->pdata[6], HASH);
  gsize have = 0;
  ferry_test_wait ((have = receive (diallers->pdata[6], bytes, have, sizeof bytes)) >= 4, 5);
  g_assert_cmpmem (bytes, 4, "\5\0\5\2", 4);
  g_assert_cmpuint (got->len, ==, 0);
}

static void
test_listener_idle (void)
{
  g_test_summary ("Idle connections do not keep others out: beyond 16 the oldest is closed");
  g_autoptr (FerryS5bListener) listener = ferry_s5b_listener_new (0, NULL);
  g_autoptr (GPtrArray) got = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) idle = g_ptr_array_new_with_free_func (g_object_unref);
  char byte;

  ferry_s5b_listener_expect (listener, HASH, collect, got);
  for (guint i = 0; i < FERRY_S5B_LISTENER_MAX_PENDING; i++)
    g_ptr_array_add (idle, connect_to (listener));
  ferry_test_wait (
      ferry_s5b_listener_get_n_pending (listener) == FERRY_S5B_LISTENER_MAX_PENDING, 5);
  g_autoptr (GSocket) socket = connect_to (listener);
  send_request (socket, HASH);
  ferry_test_wait (got->len == 1, 5);
  g_assert_cmpuint (ferry_s5b_listener_get_n_pending (listener), ==,
                    FERRY_S5B_LISTENER_MAX_PENDING - 1);
  g_assert_cmpint (g_socket_receive (idle->pdata[0], &byte, 1, NULL, NULL), ==, 0);
  g_assert_cmpint (g_socket_receive (idle->pdata[1], &byte, 1, NULL, NULL), ==, -1);
}

static void
test_listener_port (void)
{
  g_test_summary ("A taken port is an error");
  g_autoptr (FerryS5bListener) listener = ferry_s5b_listener_new (0, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (ferry_s5b_listener_new (ferry_s5b_listener_get_port (listener), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bytestream/s5b-dialler/dial", test_dial);
  g_test_add_func ("/bytestream/s5b-dialler/other-order", test_dial_other_order);
  g_test_add_func ("/bytestream/s5b-dialler/refused", test_dial_refused);
  g_test_add_func ("/bytestream/s5b-dialler/late-listener", test_dial_late_listener);
  g_test_add_func ("/bytestream/s5b-dialler/silent", test_dial_silent);
  g_test_add_func ("/bytestream/s5b-dialler/forbidden", test_dial_forbidden);
  g_test_add_func ("/bytestream/s5b-listener/hands-over", test_listener);
  g_test_add_func ("/bytestream/s5b-listener/idle", test_listener_idle);
  g_test_add_func ("/bytestream/s5b-listener/port", test_listener_port);
  return g_test_run ();
}
