/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ferry-test.h"

#include "base/ferry-error.h"
#include "bytestream/ibb/ferry-ibb.h"

#include <string.h>

/* --- One machine, told a story --------------------------------------------------------------
 */

static const char *const effect_names[] = {
  [FERRY_IBB_DO_OPEN] = "open",       [FERRY_IBB_DO_ACCEPT] = "accept",
  [FERRY_IBB_DO_REFUSE] = "refuse",   [FERRY_IBB_DO_CLOSE] = "close",
  [FERRY_IBB_DO_READY] = "ready",     [FERRY_IBB_DO_SEND] = "send",
  [FERRY_IBB_DO_RESEND] = "resend",   [FERRY_IBB_DO_RELEASE] = "release",
  [FERRY_IBB_DO_DELIVER] = "deliver", [FERRY_IBB_DO_ACK] = "ack",
  [FERRY_IBB_DO_END] = "end",
};

static char *
step_to_string (FerryIbb *ibb, const FerryIbbEvent *event, gint64 now)
{
  FerryIbbEffects effects;
  GString *text = g_string_new (NULL);

  ferry_ibb_step (ibb, event, now, &effects);
  for (guint i = 0; i < effects.n_items; i++)
    {
      const FerryIbbEffect *effect = &effects.items[i];
      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", effect_names[effect->type]);
      if (effect->type == FERRY_IBB_DO_SEND || effect->type == FERRY_IBB_DO_RESEND)
        g_string_append_printf (text, ":%u", effect->seq);
      if (effect->type == FERRY_IBB_DO_REFUSE)
        g_string_append_printf (text, ":%d", (int) effect->condition);
    }
  return g_string_free (text, FALSE);
}

#define assert_step(ibb, now, expected, ...)                                                   \
  G_STMT_START                                                                                 \
  {                                                                                            \
    const FerryIbbEvent event_ = { __VA_ARGS__ };                                              \
    g_autofree char *effects_ = step_to_string ((ibb), &event_, (now));                        \
    g_assert_cmpstr (effects_, ==, (expected));                                                \
  }                                                                                            \
  G_STMT_END

static GError *
make_stanza_error (FerryStanzaCondition condition)
{
  g_autoptr (FerryNode) iq = ferry_node_new ("iq", "jabber:client");
  ferry_node_set_attr (iq, "type", "error");
  ferry_node_take_child (iq, ferry_stanza_error_to_node (condition, NULL));
  return ferry_stanza_error_parse (iq);
}

static void
start (FerryIbb *ibb, guint block_size)
{
  ferry_ibb_init (ibb, FERRY_IBB_OPENER, block_size, 0);
  assert_step (ibb, 0, "open", .type = FERRY_IBB_EV_BEGIN);
  assert_step (ibb, 0, "ready", .type = FERRY_IBB_EV_OPENED);
}

static void
test_window (void)
{
  g_test_summary ("One block until the first was taken, then 8, or fewer large ones");
  static const struct
  {
    guint block_size, window;
  } cases[] = { { 1, 8 }, { 4096, 8 }, { 4097, 4 }, { 8192, 4 }, { 16384, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerryIbb ibb;
      start (&ibb, cases[i].block_size);
      assert_step (&ibb, 0, "send:0", .type = FERRY_IBB_EV_LOCAL_BYTES, .size = 1);
      g_assert_false (ferry_ibb_wants_local (&ibb));
      assert_step (&ibb, 0, "", .type = FERRY_IBB_EV_ACK, .seq = 1);
      assert_step (&ibb, 0, "release", .type = FERRY_IBB_EV_ACK, .seq = 0);
      assert_step (&ibb, 0, "", .type = FERRY_IBB_EV_ACK, .seq = 0);
      for (guint n = 0; n < cases[i].window; n++)
        {
          g_autofree char *expected = g_strdup_printf ("send:%u", n + 1);
          g_assert_true (ferry_ibb_wants_local (&ibb));
          assert_step (&ibb, 0, expected, .type = FERRY_IBB_EV_LOCAL_BYTES, .size = 1);
        }
      g_assert_false (ferry_ibb_wants_local (&ibb));
      ferry_ibb_clear (&ibb);
    }
}

static void
test_open_smaller (void)
{
  g_test_summary ("resource-constraint halves the block size, down to 1024");
  FerryIbb ibb;
  g_autoptr (GError) error = make_stanza_error (FERRY_STANZA_RESOURCE_CONSTRAINT);

  ferry_ibb_init (&ibb, FERRY_IBB_OPENER, 4096, 0);
  assert_step (&ibb, 0, "open", .type = FERRY_IBB_EV_BEGIN);
  assert_step (&ibb, 0, "open", .type = FERRY_IBB_EV_REFUSED, .error = error);
  g_assert_cmpuint (ibb.block_size, ==, 2048);
  assert_step (&ibb, 0, "open", .type = FERRY_IBB_EV_REFUSED, .error = error);
  g_assert_cmpuint (ibb.block_size, ==, 1024);
  assert_step (&ibb, 0, "end", .type = FERRY_IBB_EV_REFUSED, .error = error);
  g_assert_error (ibb.error, FERRY_ERROR, FERRY_ERROR_BUSY);
  ferry_ibb_clear (&ibb);
}

static void
test_put_off (void)
{
  g_test_summary ("A block the peer puts off comes again after 2, 4, 8 s with the same number, "
                  "those behind it after it, one at a time");
  FerryIbb ibb;
  g_autoptr (GError) wait = make_stanza_error (FERRY_STANZA_RESOURCE_CONSTRAINT);
  g_autoptr (GError) unexpected = make_stanza_error (FERRY_STANZA_UNEXPECTED_REQUEST);

  start (&ibb, 4096);
  assert_step (&ibb, 0, "send:0", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "release", .type = FERRY_IBB_EV_ACK, .seq = 0);
  assert_step (&ibb, 0, "send:1", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "send:2", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "", .type = FERRY_IBB_EV_NAK, .seq = 1, .error = wait);
  assert_step (&ibb, 0, "", .type = FERRY_IBB_EV_NAK, .seq = 2, .error = unexpected);
  g_assert_cmpint (ferry_ibb_get_deadline (&ibb), ==, 2000);
  assert_step (&ibb, 1999, "", .type = FERRY_IBB_EV_TIMER);
  assert_step (&ibb, 2000, "resend:1", .type = FERRY_IBB_EV_TIMER);
  assert_step (&ibb, 2000, "", .type = FERRY_IBB_EV_NAK, .seq = 1, .error = wait);
  g_assert_cmpint (ferry_ibb_get_deadline (&ibb), ==, 6000);
  assert_step (&ibb, 6000, "resend:1", .type = FERRY_IBB_EV_TIMER);
  assert_step (&ibb, 6000, "release resend:2", .type = FERRY_IBB_EV_ACK, .seq = 1);
  g_assert_false (ferry_ibb_wants_local (&ibb));
  assert_step (&ibb, 6000, "release", .type = FERRY_IBB_EV_ACK, .seq = 2);
  assert_step (&ibb, 6000, "send:3", .type = FERRY_IBB_EV_LOCAL_BYTES);
  g_assert_false (ferry_ibb_wants_local (&ibb)); /* slow from now on */

  gint64 now = 6000;
  for (guint i = 0; i < 3; i++)
    {
      assert_step (&ibb, now, "", .type = FERRY_IBB_EV_NAK, .seq = 3, .error = wait);
      g_assert_cmpint (ferry_ibb_get_deadline (&ibb), ==, now + (2000 << i));
      now = ferry_ibb_get_deadline (&ibb);
      assert_step (&ibb, now, "resend:3", .type = FERRY_IBB_EV_TIMER);
    }
  assert_step (&ibb, now, "close end", .type = FERRY_IBB_EV_NAK, .seq = 3, .error = wait);
  g_assert_error (ibb.error, FERRY_ERROR, FERRY_ERROR_BUSY);
  ferry_ibb_clear (&ibb);
}

static void
test_put_off_behind (void)
{
  g_test_summary ("A block put off behind one still on its way comes again once, in its time");
  FerryIbb ibb;
  g_autoptr (GError) wait = make_stanza_error (FERRY_STANZA_RESOURCE_CONSTRAINT);

  start (&ibb, 4096);
  assert_step (&ibb, 0, "send:0", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "release", .type = FERRY_IBB_EV_ACK, .seq = 0);
  assert_step (&ibb, 0, "send:1", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "send:2", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "", .type = FERRY_IBB_EV_NAK, .seq = 2, .error = wait);
  assert_step (&ibb, 0, "release", .type = FERRY_IBB_EV_ACK, .seq = 1);
  assert_step (&ibb, 2000, "resend:2", .type = FERRY_IBB_EV_TIMER);
  assert_step (&ibb, 2000, "release", .type = FERRY_IBB_EV_ACK, .seq = 2);
  g_assert_cmpint (ferry_ibb_get_deadline (&ibb), ==, -1);
  ferry_ibb_clear (&ibb);
}

static void
test_gap (void)
{
  g_test_summary ("A peer that takes a block behind one it put off has lost bytes: the end");
  FerryIbb ibb;
  g_autoptr (GError) wait = make_stanza_error (FERRY_STANZA_RESOURCE_CONSTRAINT);

  start (&ibb, 4096);
  assert_step (&ibb, 0, "send:0", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "release", .type = FERRY_IBB_EV_ACK, .seq = 0);
  assert_step (&ibb, 0, "send:1", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "send:2", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "", .type = FERRY_IBB_EV_NAK, .seq = 1, .error = wait);
  assert_step (&ibb, 0, "close end", .type = FERRY_IBB_EV_ACK, .seq = 2);
  g_assert_error (ibb.error, FERRY_ERROR, FERRY_ERROR_PROTOCOL);
  ferry_ibb_clear (&ibb);
}

static void
test_empty_blocks (void)
{
  g_test_summary ("16 empty blocks in a row count; the 17th ends the stream");
  FerryIbb ibb;

  start (&ibb, 4096);
  for (guint16 seq = 0; seq < 32; seq++)
    {
      assert_step (&ibb, 0, "deliver", .type = FERRY_IBB_EV_PEER_DATA, .seq = seq,
                   .size = seq == 15 ? 1 : 0);
      assert_step (&ibb, 0, "ack", .type = FERRY_IBB_EV_ROOM, .size = seq == 15 ? 1 : 0);
    }
  g_autofree char *expected =
      g_strdup_printf ("refuse:%d close end", FERRY_STANZA_POLICY_VIOLATION);
  assert_step (&ibb, 0, expected, .type = FERRY_IBB_EV_PEER_DATA, .seq = 32);
  g_assert_error (ibb.error, FERRY_ERROR, FERRY_ERROR_LIMIT);
  ferry_ibb_clear (&ibb);
}

static void
test_flood (void)
{
  g_test_summary (
      "A peer that does not wait for answers meets a limit, in iqs and in messages");
  FerryIbb ibb;

  start (&ibb, 4096);
  for (guint16 seq = 0; seq < FERRY_IBB_MAX_PENDING; seq++)
    assert_step (&ibb, 0, "deliver", .type = FERRY_IBB_EV_PEER_DATA, .seq = seq, .size = 1);
  g_autofree char *expected =
      g_strdup_printf ("refuse:%d close end", FERRY_STANZA_RESOURCE_CONSTRAINT);
  assert_step (&ibb, 0, expected, .type = FERRY_IBB_EV_PEER_DATA, .seq = FERRY_IBB_MAX_PENDING,
               .size = 1);
  ferry_ibb_clear (&ibb);

  ferry_ibb_init (&ibb, FERRY_IBB_OPENED, 4096, 0);
  assert_step (&ibb, 0, "accept ready", .type = FERRY_IBB_EV_PEER_OPEN, .block_size = 4096,
               .stanza = FERRY_IBB_STANZA_MESSAGE);
  for (guint i = 0; i < FERRY_IBB_MAX_PENDING_BYTES / 4096; i++)
    assert_step (&ibb, 0, "deliver", .type = FERRY_IBB_EV_PEER_DATA, .seq = (guint16) i,
                 .size = 4096, .by_message = TRUE);
  assert_step (&ibb, 0, "close end", .type = FERRY_IBB_EV_PEER_DATA,
               .seq = FERRY_IBB_MAX_PENDING_BYTES / 4096, .size = 1, .by_message = TRUE);
  ferry_ibb_clear (&ibb);
}

static void
test_messages_counted (void)
{
  g_test_summary ("Messages have a window as iqs have; one that nobody speaks for ends it");
  FerryIbb ibb;
  g_autoptr (GError) busy = make_stanza_error (FERRY_STANZA_RESOURCE_CONSTRAINT);

  ferry_ibb_init (&ibb, FERRY_IBB_OPENED, 4096, 0);
  assert_step (&ibb, 0, "accept ready", .type = FERRY_IBB_EV_PEER_OPEN, .block_size = 4096,
               .stanza = FERRY_IBB_STANZA_MESSAGE);
  assert_step (&ibb, 0, "send:0", .type = FERRY_IBB_EV_LOCAL_BYTES);
  g_assert_false (ferry_ibb_wants_local (&ibb));
  assert_step (&ibb, 0, "release", .type = FERRY_IBB_EV_ACK, .seq = 0);
  assert_step (&ibb, 0, "send:1", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "send:2", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 0, "release", .type = FERRY_IBB_EV_ACK, .seq = 1);
  assert_step (&ibb, 0, "close end", .type = FERRY_IBB_EV_NAK, .seq = 2, .error = busy);
  ferry_ibb_clear (&ibb);
}

static void
test_leaving (void)
{
  g_test_summary ("A side that wants no more closes when it has been quiet for 2 s");
  FerryIbb ibb;

  start (&ibb, 4096);
  assert_step (&ibb, 0, "", .type = FERRY_IBB_EV_LOCAL_CLOSE);
  assert_step (&ibb, 1000, "send:0", .type = FERRY_IBB_EV_LOCAL_BYTES);
  assert_step (&ibb, 3000, "", .type = FERRY_IBB_EV_TIMER);
  assert_step (&ibb, 3500, "release", .type = FERRY_IBB_EV_ACK, .seq = 0);
  g_assert_cmpint (ferry_ibb_get_deadline (&ibb), ==, 5500);
  assert_step (&ibb, 5500, "close", .type = FERRY_IBB_EV_TIMER);
  assert_step (&ibb, 7500, "end", .type = FERRY_IBB_EV_TIMER);
  g_assert_no_error (ibb.error);
  ferry_ibb_clear (&ibb);
}

/* --- Two machines, joined -------------------------------------------------------------------
 */

typedef struct
{
  gint64 at;
  FerryIbbEvent event;
  guint8 byte; /* the block, one byte */
} Parcel;

typedef struct
{
  FerryIbb ibb;
  GQueue in;       /* of Parcel, by time */
  GQueue requests; /* of seqs (as pointers) delivered, unanswered */
  GQueue sent;     /* of bytes in the slots */
  guint n_to_send, n_sent, n_got, n_ends;
  gboolean eof_told;
} End;

typedef struct
{
  End ends[2];
  GRand *rand;
  gint64 now;
} World;

static void world_step (World *world, guint who, const FerryIbbEvent *event, guint8 byte);

static guint8
nth_byte (guint n)
{
  return (guint8) (n * 31 + n / 256);
}

/* In order, as XMPP keeps it between two addresses, but at a random time. */
static void
post (World *world, guint to, const FerryIbbEvent *event, guint8 byte)
{
  GQueue *in = &world->ends[to].in;
  Parcel *last = g_queue_peek_tail (in);
  Parcel *parcel = g_new (Parcel, 1);
  gint64 at = world->now + g_rand_int_range (world->rand, 0, 50);

  *parcel = (Parcel){ last != NULL ? MAX (at, last->at) : at, *event, byte };
  g_queue_push_tail (in, parcel);
}

static void
post_type (World *world, guint to, FerryIbbEventType type, guint16 seq)
{
  const FerryIbbEvent event = { .type = type, .seq = seq };
  post (world, to, &event, 0);
}

static void
world_perform (World *world,
               guint who,
               const FerryIbbEffect *effect,
               const FerryIbbEvent *event,
               guint8 byte)
{
  End *end = &world->ends[who];
  guint other = 1 - who;
  FerryIbbEvent out = { .seq = effect->seq, .size = 1 };

  switch (effect->type)
    {
    case FERRY_IBB_DO_OPEN:
      out.type = FERRY_IBB_EV_PEER_OPEN;
      out.block_size = end->ibb.block_size;
      post (world, other, &out, 0);
      break;
    case FERRY_IBB_DO_ACCEPT:
      post_type (
          world, other,
          event->type == FERRY_IBB_EV_PEER_OPEN ? FERRY_IBB_EV_OPENED : FERRY_IBB_EV_CLOSED, 0);
      break;
    case FERRY_IBB_DO_CLOSE:
      post_type (world, other, FERRY_IBB_EV_PEER_CLOSE, 0);
      break;
    case FERRY_IBB_DO_SEND:
    case FERRY_IBB_DO_RESEND:
      out.type = FERRY_IBB_EV_PEER_DATA;
      g_queue_push_tail (&end->sent, GUINT_TO_POINTER (byte));
      post (world, other, &out, byte);
      break;
    case FERRY_IBB_DO_RELEASE:
      g_assert_false (g_queue_is_empty (&end->sent));
      g_queue_pop_head (&end->sent);
      break;
    case FERRY_IBB_DO_DELIVER:
      g_assert_cmpuint (byte, ==, nth_byte (end->n_got));
      end->n_got++;
      g_queue_push_tail (&end->requests, GUINT_TO_POINTER (event->seq));
      post_type (world, who, FERRY_IBB_EV_ROOM, 0);
      ((Parcel *) g_queue_peek_tail (&end->in))->event.size = 1;
      break;
    case FERRY_IBB_DO_ACK:
      post_type (world, other, FERRY_IBB_EV_ACK,
                 (guint16) GPOINTER_TO_UINT (g_queue_pop_head (&end->requests)));
      break;
    case FERRY_IBB_DO_END:
      end->n_ends++;
      break;
    case FERRY_IBB_DO_READY:
      break;
    case FERRY_IBB_DO_REFUSE:
    default:
      g_assert_not_reached (); /* two of us never offend each other */
    }
}

static void
world_step (World *world, guint who, const FerryIbbEvent *event, guint8 byte)
{
  FerryIbbEffects effects;
  ferry_ibb_step (&world->ends[who].ibb, event, world->now, &effects);
  for (guint i = 0; i < effects.n_items; i++)
    world_perform (world, who, &effects.items[i], event, byte);
}

static void
feed (World *world, guint who)
{
  End *end = &world->ends[who];
  FerryIbbEvent event = { .type = FERRY_IBB_EV_LOCAL_BYTES, .size = 1 };

  while (end->n_sent < end->n_to_send && ferry_ibb_wants_local (&end->ibb) &&
         g_rand_boolean (world->rand))
    world_step (world, who, &event, nth_byte (end->n_sent++));

  /* The second end closes only when it has everything, as one who answers does. */
  if (end->n_sent == end->n_to_send && ferry_ibb_wants_local (&end->ibb) && !end->eof_told &&
      (who == 0 ? world->ends[1].n_sent == world->ends[1].n_to_send &&
                      world->ends[1].ibb.sent.n_slots == 0
                : FALSE))
    {
      end->eof_told = TRUE;
      event.type = FERRY_IBB_EV_LOCAL_EOF;
      world_step (world, who, &event, 0);
    }
}

static void
pass (World *world, guint who)
{
  End *end = &world->ends[who];
  Parcel *parcel = g_queue_peek_head (&end->in);

  if (parcel != NULL && parcel->at <= world->now)
    {
      g_autofree Parcel *taken = g_queue_pop_head (&end->in);
      world_step (world, who, &taken->event, taken->byte);
    }
  gint64 deadline = ferry_ibb_get_deadline (&end->ibb);
  if (deadline >= 0 && deadline <= world->now)
    {
      const FerryIbbEvent event = { .type = FERRY_IBB_EV_TIMER };
      world_step (world, who, &event, 0);
    }
  feed (world, who);
}

static void
run_world (guint32 seed, FerryIbbRole a, FerryIbbRole b, guint n_up, guint n_down)
{
  World world = { .rand = g_rand_new_with_seed (seed) };
  const FerryIbbEvent begin = { .type = FERRY_IBB_EV_BEGIN };

  ferry_ibb_init (&world.ends[0].ibb, a, 1, (guint) (seed % 17));
  ferry_ibb_init (&world.ends[1].ibb, b, 1, (guint) (seed % 5));
  world.ends[0].n_to_send = n_up;
  world.ends[1].n_to_send = n_down;
  for (guint i = 0; i < 2; i++)
    world_step (&world, i, &begin, 0);

  guint64 n_turns = 0;
  while (world.ends[0].n_ends + world.ends[1].n_ends < 2)
    {
      g_assert_cmpuint (n_turns++, <, 200 * (guint64) (n_up + n_down) + 20000);
      for (guint i = 0; i < 2; i++)
        pass (&world, i);
      world.now++;
    }

  for (guint i = 0; i < 2; i++)
    {
      End *end = &world.ends[i];
      g_assert_no_error (end->ibb.error);
      g_assert_cmpuint (end->n_ends, ==, 1);
      g_assert_cmpuint (end->n_got, ==, world.ends[1 - i].n_to_send);
      g_assert_true (g_queue_is_empty (&end->sent));
      g_queue_clear_full (&end->in, g_free);
      g_queue_clear (&end->requests);
      ferry_ibb_clear (&end->ibb);
    }
  g_rand_free (world.rand);
}

static void
test_model (void)
{
  g_test_summary ("Two machines, any delays, windows and roles: every byte arrives once and in "
                  "order, both ways, and every run ends in order");
  static const FerryIbbRole roles[][2] = {
    { FERRY_IBB_OPENER, FERRY_IBB_OPENED },
    { FERRY_IBB_OPENED, FERRY_IBB_OPENER },
    { FERRY_IBB_OPENER_IF_SILENT, FERRY_IBB_OPENED },
    { FERRY_IBB_OPENER_IF_SILENT, FERRY_IBB_OPENER_IF_SILENT },
  };

  for (guint32 seed = 0; seed < 400; seed++)
    run_world (seed, roles[seed % 4][0], roles[seed % 4][1], seed % 97, seed % 61);
}

static void
test_model_wrap (void)
{
  g_test_summary ("The numbers wrap in both directions");
  run_world (15, FERRY_IBB_OPENER, FERRY_IBB_OPENED, 65537, 65540);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ibb/window", test_window);
  g_test_add_func ("/ibb/open-smaller", test_open_smaller);
  g_test_add_func ("/ibb/put-off", test_put_off);
  g_test_add_func ("/ibb/put-off-behind", test_put_off_behind);
  g_test_add_func ("/ibb/gap", test_gap);
  g_test_add_func ("/ibb/empty-blocks", test_empty_blocks);
  g_test_add_func ("/ibb/flood", test_flood);
  g_test_add_func ("/ibb/messages-counted", test_messages_counted);
  g_test_add_func ("/ibb/leaving", test_leaving);
  g_test_add_func ("/ibb/model", test_model);
  g_test_add_func ("/ibb/model-wrap", test_model_wrap);
  return g_test_run ();
}
