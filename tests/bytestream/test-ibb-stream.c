/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-fake-net.h"
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "bytestream/ibb/ferry-ibb-bytestream.h"
#include "xmpp/ferry-ns.h"

#include <string.h>

#define ROMEO "romeo@montague.example/orchard"
#define JULIET "juliet@capulet.example/balcony"
#define SID "s1"
#define IBB "xmlns='http://jabber.org/protocol/ibb' sid='" SID "' "

typedef struct
{
  FerryStream *stream;
  FerryRouter *router;
  FerryIbbService *service;
  FerryBytestream *bytestream;
  GSocket *socket;
  GByteArray *got;
  gboolean eof;
} Side;

typedef struct
{
  FerryFakeNet *net;
  Side romeo, juliet;
} Pair;

static void
side_init (Side *side, FerryFakeNet *net, const char *own)
{
  side->stream = ferry_fake_net_connect (net, own);
  side->router = ferry_router_new (side->stream);
  side->service = ferry_ibb_service_new (side->router);
  side->got = g_byte_array_new ();
}

static void
side_add_stream (Side *side, const char *peer, guint block_size, FerryIbbRole role)
{
  g_autoptr (FerryJid) jid = ferry_jid_new (peer, NULL);
  side->bytestream =
      FERRY_BYTESTREAM (ferry_ibb_bytestream_new (side->service, jid, SID, block_size, role));
}

static void
side_clear (Side *side)
{
  g_clear_object (&side->socket);
  g_clear_object (&side->bytestream);
  g_clear_object (&side->service);
  g_clear_object (&side->router);
  g_clear_object (&side->stream);
  g_clear_pointer (&side->got, g_byte_array_unref);
}

static void
pair_init (Pair *pair, guint block_size, FerryIbbRole romeo, FerryIbbRole juliet)
{
  *pair = (Pair){ .net = ferry_fake_net_new () };
  side_init (&pair->romeo, pair->net, ROMEO);
  side_init (&pair->juliet, pair->net, JULIET);
  ferry_fake_net_settle (pair->net);
  side_add_stream (&pair->romeo, JULIET, block_size, romeo);
  side_add_stream (&pair->juliet, ROMEO, block_size, juliet);
}

static void
pair_clear (Pair *pair)
{
  side_clear (&pair->romeo);
  side_clear (&pair->juliet);
  g_clear_object (&pair->net);
}

static void
side_finish_open (Side *side, GAsyncResult *result, GError **error)
{
  side->socket = ferry_bytestream_open_finish (side->bytestream, result, error);
  g_assert_nonnull (side->socket);
  g_assert_cmpint (ferry_bytestream_get_route (side->bytestream), ==, FERRY_ROUTE_INBAND);
}

static void
pair_open (Pair *pair)
{
  g_autoptr (GAsyncResult) romeo = NULL;
  g_autoptr (GAsyncResult) juliet = NULL;
  g_autoptr (GError) error = NULL;

  ferry_bytestream_open_async (pair->juliet.bytestream, NULL, ferry_test_take_result, &juliet);
  ferry_bytestream_open_async (pair->romeo.bytestream, NULL, ferry_test_take_result, &romeo);
  ferry_test_wait (romeo != NULL && juliet != NULL, 15);
  side_finish_open (&pair->romeo, romeo, &error);
  g_assert_no_error (error);
  side_finish_open (&pair->juliet, juliet, &error);
  g_assert_no_error (error);
}

/* Takes what is there now. */
static void
side_read (Side *side)
{
  char buffer[8192];
  gssize n;

  while (!side->eof &&
         (n = g_socket_receive (side->socket, buffer, sizeof buffer, NULL, NULL)) >= 0)
    if (n == 0)
      side->eof = TRUE;
    else
      g_byte_array_append (side->got, (guint8 *) buffer, (guint) n);
}

static GBytes *
make_bytes (gsize size)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  guint8 *data = g_malloc (size);
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) g_rand_int (rand);
  return g_bytes_new_take (data, size);
}

/* Writes what fits of @bytes from @offset on. Returns: the new offset */
static gsize
side_write (Side *side, GBytes *bytes, gsize offset)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  gssize n;

  while (offset < size &&
         (n = g_socket_send (side->socket, data + offset, size - offset, NULL, NULL)) > 0)
    offset += (gsize) n;
  return offset;
}

static void
turn (void)
{
  ferry_test_iterate (g_get_monotonic_time () + 20000);
}

static void
assert_got (Side *side, GBytes *bytes)
{
  g_assert_cmpmem (side->got->data, side->got->len, g_bytes_get_data (bytes, NULL),
                   g_bytes_get_size (bytes));
}

/* Moves @bytes from romeo to juliet, to the end of both. @middle is called halfway. */
static void
carry (Pair *pair, GBytes *bytes, void (*middle) (Pair *pair))
{
  g_autoptr (GAsyncResult) romeo = NULL;
  g_autoptr (GAsyncResult) juliet = NULL;
  g_autoptr (GError) error = NULL;
  gsize size = g_bytes_get_size (bytes), offset = 0;
  gboolean shut = FALSE;
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC; /* under ASan too */

  while (!pair->juliet.eof)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      offset = side_write (&pair->romeo, bytes, offset);
      if (offset == size && !shut)
        shut = g_socket_shutdown (pair->romeo.socket, FALSE, TRUE, NULL);
      side_read (&pair->juliet);
      if (middle != NULL && pair->juliet.got->len >= size / 2)
        {
          middle (pair);
          middle = NULL;
        }
      turn ();
    }
  assert_got (&pair->juliet, bytes);

  ferry_bytestream_close_async (pair->romeo.bytestream, NULL, ferry_test_take_result, &romeo);
  ferry_bytestream_close_async (pair->juliet.bytestream, NULL, ferry_test_take_result, &juliet);
  ferry_test_wait (romeo != NULL && juliet != NULL, 5);
  g_assert_true (ferry_bytestream_close_finish (pair->romeo.bytestream, romeo, &error));
  g_assert_no_error (error);
  g_assert_true (ferry_bytestream_close_finish (pair->juliet.bytestream, juliet, &error));
  g_assert_no_error (error);
}

static void
test_carry (gconstpointer data)
{
  g_test_summary ("Bytes of many sizes arrive whole, in order, and both ends close in order");
  static const gsize sizes[] = { 0, 1, 4095, 4096, 4097, 300000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Pair pair;
      g_autoptr (GBytes) bytes = make_bytes (sizes[i]);
      pair_init (&pair, GPOINTER_TO_UINT (data), FERRY_IBB_OPENER, FERRY_IBB_OPENED);
      pair_open (&pair);
      carry (&pair, bytes, NULL);
      pair_clear (&pair);
    }
}

static void
test_wrap (void)
{
  g_test_summary ("65537 blocks of one byte: the sequence number wraps");
  Pair pair;
  g_autoptr (GBytes) bytes = make_bytes (65537);

  pair_init (&pair, 1, FERRY_IBB_OPENER, FERRY_IBB_OPENED);
  pair_open (&pair);
  carry (&pair, bytes, NULL);
  pair_clear (&pair);
}

static void
interrupt_both (Pair *pair)
{
  ferry_fake_net_interrupt (pair->net, pair->juliet.stream);
  for (guint i = 0; i < 5; i++)
    turn ();
  ferry_fake_net_interrupt (pair->net, pair->romeo.stream);
  for (guint i = 0; i < 5; i++)
    turn ();
  ferry_fake_net_resume (pair->net, pair->juliet.stream);
  ferry_fake_net_resume (pair->net, pair->romeo.stream);
}

static void
test_interrupt (void)
{
  g_test_summary ("A connection that is cut and resumed loses and doubles nothing");
  Pair pair;
  g_autoptr (GBytes) bytes = make_bytes (300000);

  pair_init (&pair, FERRY_IBB_BLOCK_SIZE, FERRY_IBB_OPENER, FERRY_IBB_OPENED);
  pair_open (&pair);
  carry (&pair, bytes, interrupt_both);
  pair_clear (&pair);
}

static void
assert_close_fails (Side *side, int code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ferry_bytestream_close_async (side->bytestream, NULL, ferry_test_take_result, &result);
  ferry_test_wait (result != NULL, 5);
  g_assert_false (ferry_bytestream_close_finish (side->bytestream, result, &error));
  g_assert_error (error, FERRY_ERROR, code);
}

static void
test_new_session (void)
{
  g_test_summary ("A new XMPP session ends the stream, and close_finish says why");
  Pair pair;
  g_autoptr (GBytes) bytes = make_bytes (300000);

  pair_init (&pair, FERRY_IBB_BLOCK_SIZE, FERRY_IBB_OPENER, FERRY_IBB_OPENED);
  pair_open (&pair);
  gsize offset = side_write (&pair.romeo, bytes, 0);
  turn ();
  ferry_fake_net_lose_session (pair.net, pair.romeo.stream);
  ferry_test_wait ((offset = side_write (&pair.romeo, bytes, offset)) > 0, 1);
  assert_close_fails (&pair.romeo, FERRY_ERROR_OFFLINE);
  pair_clear (&pair);
}

static guint n_blocks;

static void
count_blocks (FerryNode *stanza, gpointer user_data)
{
  if (ferry_fake_match_path (stanza, "iq/data"))
    n_blocks++;
}

static void
test_slow_reader (void)
{
  g_test_summary ("A reader that stops holds the sender back: little is on its way");
  Pair pair;
  g_autoptr (GBytes) bytes = make_bytes (2000000);

  pair_init (&pair, FERRY_IBB_BLOCK_SIZE, FERRY_IBB_OPENER, FERRY_IBB_OPENED);
  pair_open (&pair);
  n_blocks = 0;
  ferry_fake_net_set_tap (pair.net, count_blocks, NULL);
  gsize offset = 0, before;
  do
    {
      before = offset;
      offset = side_write (&pair.romeo, bytes, offset);
      ferry_fake_net_settle (pair.net);
    }
  while (offset != before);
  g_assert_cmpuint (offset, >, 4 * FERRY_IBB_BLOCK_SIZE);
  g_assert_cmpuint (offset, <, 200000);
  g_assert_cmpuint (n_blocks, <, 2 * 40); /* each seen on its way up and down */

  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  while (pair.juliet.got->len < g_bytes_get_size (bytes))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      side_read (&pair.juliet);
      offset = side_write (&pair.romeo, bytes, offset);
      turn ();
    }
  assert_got (&pair.juliet, bytes);
  pair_clear (&pair);
}

static void
test_both_ways (void)
{
  g_test_summary ("Both directions carry bytes at the same time");
  Pair pair;
  g_autoptr (GBytes) bytes = make_bytes (100000);
  gsize up = 0, down = 0, size = g_bytes_get_size (bytes);

  pair_init (&pair, 1000, FERRY_IBB_OPENER, FERRY_IBB_OPENED);
  pair_open (&pair);
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  while (pair.juliet.got->len < size || pair.romeo.got->len < size)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      up = side_write (&pair.romeo, bytes, up);
      down = side_write (&pair.juliet, bytes, down);
      side_read (&pair.romeo);
      side_read (&pair.juliet);
      turn ();
    }
  assert_got (&pair.juliet, bytes);
  assert_got (&pair.romeo, bytes);
  pair_clear (&pair);
}

static void
test_both_silent (void)
{
  g_test_summary ("Two sides that wait for the other both open, and that is one stream");
  Pair pair;
  g_autoptr (GBytes) bytes = make_bytes (10000);

  pair_init (&pair, 4096, FERRY_IBB_OPENER_IF_SILENT, FERRY_IBB_OPENER_IF_SILENT);
  pair_open (&pair);
  carry (&pair, bytes, NULL);
  pair_clear (&pair);
}

/* --- A scripted peer ------------------------------------------------------------------------
 */

typedef struct
{
  FerryFakeNet *net;
  FerryFakePeer *peer;
  Side juliet;
} Script;

static void
script_init (Script *script, FerryIbbRole role)
{
  *script = (Script){ .net = ferry_fake_net_new () };
  script->peer = ferry_fake_peer_new (script->net, ROMEO);
  side_init (&script->juliet, script->net, JULIET);
  ferry_fake_net_settle (script->net);
  side_add_stream (&script->juliet, ROMEO, 8, role);
}

static void
script_clear (Script *script)
{
  side_clear (&script->juliet);
  g_clear_pointer (&script->peer, ferry_fake_peer_free);
  g_clear_object (&script->net);
}

static void
ask (Script *script, const char *id, const char *payload, const char *expected)
{
  g_autofree char *path = g_strdup_printf (expected, id);
  ferry_fake_peer_send (script->peer, "<iq type='set' id='%s' to='" JULIET "'>%s</iq>", id,
                        payload);
  g_autoptr (FerryNode) answer = ferry_fake_peer_expect (script->peer, path);
}

#define RESULT "iq[type=result][id=%s]"
#define REFUSED(condition) "iq[type=error][id=%s]/error/" condition

static void
script_open (Script *script)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ask (script, "o", "<open " IBB "block-size='8'/>", RESULT);
  ferry_bytestream_open_async (script->juliet.bytestream, NULL, ferry_test_take_result,
                               &result);
  ferry_test_wait (result != NULL, 5);
  side_finish_open (&script->juliet, result, &error);
}

static void
test_misbehaving (void)
{
  g_test_summary ("What a peer may not do is refused by the right condition, and ends the "
                  "stream where the order of the bytes is in doubt");
  static const struct
  {
    const char *payload;
    const char *expected;
    gboolean ends;
  } cases[] = {
    { "<data " IBB "seq='1'>QUJD</data>", REFUSED ("unexpected-request"), TRUE },
    { "<data " IBB "seq='65535'>QUJD</data>", REFUSED ("unexpected-request"), TRUE },
    { "<data " IBB "seq='0'>QUJDREVGR0hJ</data>", REFUSED ("bad-request"), TRUE },
    { "<data " IBB "seq='0'>QUJ</data>", REFUSED ("bad-request"), TRUE },
    { "<data " IBB "seq='x'>QUJD</data>", REFUSED ("bad-request"), TRUE },
    { "<open " IBB "block-size='8'/>", REFUSED ("not-acceptable"), FALSE },
    { "<open " IBB "block-size='0'/>", REFUSED ("bad-request"), FALSE },
    { "<else " IBB "/>", REFUSED ("bad-request"), FALSE },
    { "<data xmlns='" FERRY_NS_IBB "' sid='s2' seq='0'>QUJD</data>", REFUSED ("item-not-found"),
      FALSE },
    { "<data xmlns='" FERRY_NS_IBB "' seq='0'>QUJD</data>", REFUSED ("item-not-found"), FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Script script;
      g_test_message ("%s", cases[i].payload);
      script_init (&script, FERRY_IBB_OPENED);
      script_open (&script);
      ask (&script, "bad", cases[i].payload, cases[i].expected);
      if (cases[i].ends)
        {
          g_autoptr (FerryNode) close =
              ferry_fake_peer_expect_and_ack (script.peer, "iq[type=set]/close");
          assert_close_fails (&script.juliet, FERRY_ERROR_PROTOCOL);
          ask (&script, "late", "<data " IBB "seq='0'>QUJD</data>", REFUSED ("item-not-found"));
        }
      else
        ask (&script, "d", "<data " IBB "seq='0'>QUJD</data>", RESULT);
      script_clear (&script);
    }
}

static void
test_order_of_talk (void)
{
  g_test_summary ("Data before open, a stranger with our id, repeated blocks, closing twice");
  Script script;

  script_init (&script, FERRY_IBB_OPENED);
  ask (&script, "1", "<data " IBB "seq='0'>QUJD</data>", REFUSED ("item-not-found"));
  ask (&script, "2", "<close " IBB "/>", REFUSED ("item-not-found"));
  ask (&script, "3", "<open " IBB "block-size='9'/>", REFUSED ("resource-constraint"));
  script_open (&script);

  g_autoptr (FerryFakePeer) stranger = ferry_fake_peer_new (script.net, "x@capulet.example/y");
  ferry_fake_peer_send (stranger, "<iq type='set' id='4' to='" JULIET "'><data " IBB
                                  "seq='0'>QUJD</data></iq>");
  g_autoptr (FerryNode) answer =
      ferry_fake_peer_expect (stranger, "iq[type=error][id=4]/error/item-not-found");

  ask (&script, "5", "<data " IBB "seq='0'>QUJD</data>", RESULT);
  ask (&script, "5", "<data " IBB "seq='0'>QUJD</data>", RESULT); /* XEP-0198 sent it again */
  ask (&script, "6", "<data " IBB "seq='1'>REU=</data>", RESULT);
  ask (&script, "7", "<close " IBB "/>", RESULT);
  ask (&script, "8", "<close " IBB "/>", REFUSED ("item-not-found"));
  side_read (&script.juliet);
  g_assert_true (script.juliet.eof);
  g_assert_cmpmem (script.juliet.got->data, script.juliet.got->len, "ABCDE", 5);
  script_clear (&script);
}

static void
test_same_block_other_id (void)
{
  g_test_summary ("A block repeated under another id is out of sequence");
  Script script;

  script_init (&script, FERRY_IBB_OPENED);
  script_open (&script);
  ask (&script, "1", "<data " IBB "seq='0'>QUJD</data>", RESULT);
  ask (&script, "2", "<data " IBB "seq='0'>QUJD</data>", REFUSED ("unexpected-request"));
  script_clear (&script);
}

static void
test_messages_in (void)
{
  g_test_summary ("Blocks in messages are taken when the stream was not opened for iqs only");
  Script script;

  script_init (&script, FERRY_IBB_OPENED);
  script_open (&script);
  ferry_fake_peer_send (script.peer,
                        "<message to='" JULIET "'><data " IBB "seq='0'>QUJD</data></message>"
                        "<message to='" JULIET "'><data " IBB "seq='1'>RE\nU=\n</data>"
                        "</message>");
  ask (&script, "c", "<close " IBB "/>", RESULT);
  side_read (&script.juliet);
  g_assert_true (script.juliet.eof);
  g_assert_cmpmem (script.juliet.got->data, script.juliet.got->len, "ABCDE", 5);
  script_clear (&script);
}

static void
test_messages_out (void)
{
  g_test_summary ("A peer that reads blocks only in messages gets messages");
  Script script;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  script_init (&script, FERRY_IBB_OPENER);
  ferry_bytestream_open_async (script.juliet.bytestream, NULL, ferry_test_take_result, &result);
  g_autoptr (FerryNode) open = ferry_fake_peer_expect_and_ack (script.peer, "iq/open");
  ferry_test_wait (result != NULL, 5);
  side_finish_open (&script.juliet, result, &error);

  g_assert_cmpint (g_socket_send (script.juliet.socket, "ABCDEFGHIJ", 10, NULL, NULL), ==, 10);
  g_assert_true (g_socket_shutdown (script.juliet.socket, FALSE, TRUE, NULL));
  g_autoptr (FerryNode) first = ferry_fake_peer_expect (script.peer, "iq/data[seq=0]");
  ferry_fake_peer_reply_error (script.peer, first, FERRY_STANZA_FEATURE_NOT_IMPLEMENTED);
  g_autoptr (FerryNode) again = ferry_fake_peer_expect (script.peer, "message/data[seq=0]");
  ferry_fake_peer_assert_none (script.peer, "message");
  g_autoptr (FerryNode) ping = ferry_fake_peer_expect (script.peer, "iq[type=get]/ping");
  ferry_fake_peer_reply_error (script.peer, ping, FERRY_STANZA_FEATURE_NOT_IMPLEMENTED);
  g_autoptr (FerryNode) second = ferry_fake_peer_expect (script.peer, "message/data[seq=1]");
  ferry_fake_peer_assert_none (script.peer, "iq/close");
  g_autoptr (FerryNode) next = ferry_fake_peer_expect_and_ack (script.peer, "iq/ping");
  g_autoptr (FerryNode) close = ferry_fake_peer_expect (script.peer, "iq/close");
  g_assert_cmpstr (ferry_node_get_child_text (again, "data", NULL), ==, "QUJDREVGR0g=");
  g_assert_cmpstr (ferry_node_get_child_text (second, "data", NULL), ==, "SUo=");

  /* libpurple does not answer <close/>: that is no failure. */
  g_autoptr (GAsyncResult) closed = NULL;
  ferry_bytestream_close_async (script.juliet.bytestream, NULL, ferry_test_take_result,
                                &closed);
  ferry_test_wait (closed != NULL, 5);
  g_assert_true (ferry_bytestream_close_finish (script.juliet.bytestream, closed, &error));
  script_clear (&script);
}

static void
test_peer_gives_up (void)
{
  g_test_summary ("A peer that closes before it has everything has cancelled");
  Script script;

  script_init (&script, FERRY_IBB_OPENED);
  script_open (&script);
  g_assert_cmpint (g_socket_send (script.juliet.socket, "ABC", 3, NULL, NULL), ==, 3);
  g_autoptr (FerryNode) data = ferry_fake_peer_expect (script.peer, "iq/data[seq=0]");
  ask (&script, "c", "<close " IBB "/>", RESULT);
  assert_close_fails (&script.juliet, FERRY_ERROR_CANCELLED_BY_PEER);
  script_clear (&script);
}

static void
test_open_refused (void)
{
  g_test_summary ("An <open/> that is refused fails; the user's cancel ends the waiting");
  Script script;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  script_init (&script, FERRY_IBB_OPENER);
  ferry_bytestream_open_async (script.juliet.bytestream, NULL, ferry_test_take_result, &result);
  g_autoptr (FerryNode) open = ferry_fake_peer_expect (script.peer, "iq/open[block-size=8]");
  ferry_fake_peer_reply_error (script.peer, open, FERRY_STANZA_NOT_ACCEPTABLE);
  ferry_test_wait (result != NULL, 5);
  g_assert_null (ferry_bytestream_open_finish (script.juliet.bytestream, result, &error));
  g_assert_nonnull (error);
  script_clear (&script);

  g_autoptr (GAsyncResult) cancelled = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_clear_error (&error);
  script_init (&script, FERRY_IBB_OPENED);
  ferry_bytestream_open_async (script.juliet.bytestream, cancellable, ferry_test_take_result,
                               &cancelled);
  g_cancellable_cancel (cancellable);
  ferry_test_wait (cancelled != NULL, 5);
  g_assert_null (ferry_bytestream_open_finish (script.juliet.bytestream, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  script_clear (&script);
}

static void
test_too_many (void)
{
  g_test_summary ("A ninth stream with one peer, or a second of the same id, does not open");
  Script script;
  FerryIbbBytestream *streams[9];
  g_autoptr (FerryJid) peer = ferry_jid_new (ROMEO, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  script_init (&script, FERRY_IBB_OPENED); /* the first one */
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    {
      g_autofree char *sid = g_strdup_printf ("%u", i);
      streams[i] = ferry_ibb_bytestream_new (script.juliet.service, peer, i == 0 ? SID : sid, 8,
                                             FERRY_IBB_OPENER);
    }
  for (guint i = 0; i < 9; i += 8)
    {
      g_clear_object (&result);
      g_clear_error (&error);
      ferry_bytestream_open_async (FERRY_BYTESTREAM (streams[i]), NULL, ferry_test_take_result,
                                   &result);
      ferry_test_wait (result != NULL, 5);
      g_assert_null (
          ferry_bytestream_open_finish (FERRY_BYTESTREAM (streams[i]), result, &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT);
    }
  for (guint i = 0; i < G_N_ELEMENTS (streams); i++)
    g_object_unref (streams[i]);
  script_clear (&script);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/ibb/stream/carry/4096", GUINT_TO_POINTER (4096), test_carry);
  g_test_add_data_func ("/ibb/stream/carry/65535", GUINT_TO_POINTER (65535), test_carry);
  g_test_add_func ("/ibb/stream/wrap", test_wrap);
  g_test_add_func ("/ibb/stream/interrupt", test_interrupt);
  g_test_add_func ("/ibb/stream/new-session", test_new_session);
  g_test_add_func ("/ibb/stream/slow-reader", test_slow_reader);
  g_test_add_func ("/ibb/stream/both-ways", test_both_ways);
  g_test_add_func ("/ibb/stream/both-silent", test_both_silent);
  g_test_add_func ("/ibb/stream/misbehaving", test_misbehaving);
  g_test_add_func ("/ibb/stream/order-of-talk", test_order_of_talk);
  g_test_add_func ("/ibb/stream/same-block-other-id", test_same_block_other_id);
  g_test_add_func ("/ibb/stream/messages-in", test_messages_in);
  g_test_add_func ("/ibb/stream/messages-out", test_messages_out);
  g_test_add_func ("/ibb/stream/peer-gives-up", test_peer_gives_up);
  g_test_add_func ("/ibb/stream/open-refused", test_open_refused);
  g_test_add_func ("/ibb/stream/too-many", test_too_many);
  return g_test_run ();
}
