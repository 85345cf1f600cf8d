/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes → events: whatever comes, in whatever order, a stream ends once, then does nothing but
 * refuse, and keeps its counts. */
#include "base/ferry-error.h"
#include "bytestream/ibb/ferry-ibb.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

typedef struct
{
  FerryIbb ibb;
  guint n_sent, n_delivered, n_unanswered, n_ends;
  guint8 sizes[1 << 16]; /* of the blocks delivered, with the top bit for messages */
  guint first;
} Run;

static void
check_effects (Run *run, const FerryIbbEvent *event, const FerryIbbEffects *effects)
{
  for (guint i = 0; i < effects->n_items; i++)
    {
      const FerryIbbEffectType type = effects->items[i].type;
      g_assert_true (run->n_ends == 0 || type == FERRY_IBB_DO_REFUSE);
      if (type == FERRY_IBB_DO_SEND)
        g_assert_cmpuint (++run->n_sent, <=, FERRY_IBB_MAX_WINDOW);
      else if (type == FERRY_IBB_DO_RESEND)
        g_assert_cmpuint (run->n_sent, >, 0);
      else if (type == FERRY_IBB_DO_RELEASE)
        g_assert_cmpuint (run->n_sent--, >, 0);
      else if (type == FERRY_IBB_DO_DELIVER)
        {
          run->sizes[run->n_delivered++] =
              (guint8) (event->size | (event->by_message ? 0x80 : 0));
          run->n_unanswered += event->by_message ? 0 : 1;
        }
      else if (type == FERRY_IBB_DO_ACK)
        g_assert_cmpuint (run->n_unanswered--, >, 0);
      else if (type == FERRY_IBB_DO_END)
        run->n_ends++;
    }
  g_assert_true ((run->ibb.state == FERRY_IBB_STATE_ENDED) == (run->n_ends == 1));
  g_assert_cmpuint (run->n_unanswered, <=, FERRY_IBB_MAX_PENDING);
}

static void
feed (Run *run, FerryIbbEvent *event, gint64 now)
{
  FerryIbbEffects effects;

  if (event->type == FERRY_IBB_EV_LOCAL_BYTES && !ferry_ibb_wants_local (&run->ibb))
    return;
  if (event->type == FERRY_IBB_EV_ROOM)
    {
      if (run->first == run->n_delivered)
        return;
      guint8 delivered = run->sizes[run->first++];
      event->size = delivered & 0x7f;
      event->by_message = delivered >> 7;
    }
  ferry_ibb_step (&run->ibb, event, now, &effects);
  check_effects (run, event, &effects);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const struct
  {
    FerryError code;
    const char *message;
  } errors[] = { { FERRY_ERROR_BUSY, "[resource-constraint]" },
                 { FERRY_ERROR_PROTOCOL, "[unexpected-request]" },
                 { FERRY_ERROR_UNSUPPORTED, "[feature-not-implemented]" },
                 { FERRY_ERROR_TIMEOUT, "no answer" } };
  if (size < 2)
    return 0;

  g_autofree Run *run = g_new0 (Run, 1);
  gint64 now = 0;
  ferry_ibb_init (&run->ibb, (FerryIbbRole) (data[0] % 3), 100, data[1] % 20);
  for (gsize i = 2; i + 3 <= size && i < 60000; i += 3)
    {
      g_autoptr (GError) error = g_error_new_literal (
          FERRY_ERROR, (int) errors[data[i + 2] % 4].code, errors[data[i + 2] % 4].message);
      FerryIbbEvent event = {
        .type = (FerryIbbEventType) (data[i] % FERRY_IBB_N_EVENTS),
        .seq = data[i + 1] < 250 ? data[i + 1] : (guint16) (65280 + data[i + 1]),
        .size = data[i + 2] % 101,
        .block_size = 90 + data[i + 2] % 20,
        .stanza = (FerryIbbStanza) (data[i + 2] % 3),
        .repeated = data[i] > 200,
        .by_message = data[i] > 128 && data[i] < 200,
        .error = error,
      };
      now += data[i + 1] * 20;
      feed (run, &event, now);
    }

  /* Offered nothing but time and the end of the session, it ends. */
  FerryIbbEvent last = { .type = FERRY_IBB_EV_OFFLINE };
  feed (run, &last, now);
  g_assert_cmpuint (run->n_ends, ==, 1);
  ferry_ibb_clear (&run->ibb);
  return 0;
}
