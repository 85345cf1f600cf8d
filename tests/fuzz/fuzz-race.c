/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes → events of every kind in any order, also impossible ones. The race must keep its
 * promises: one report, one end, nothing after it, only living dials are dropped or settled on,
 * and with time alone every run ends. */
#include "bytestream/s5b/ferry-race.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define N_NAMES 8

typedef struct
{
  FerryRace *race;
  gint64 now_ms;
  gboolean is_dialling[N_NAMES];
  gboolean is_up[N_NAMES];
  guint n_reports;
  guint n_ends;
  gboolean is_initiator;
} Run;

static const char *const names[N_NAMES] = { "0", "1", "2", "3", "4", "5", "6", "7" };

/* In fast mode the initiator has answered before it says go, and nobody else says it. */
static void
check_end (Run *run, const FerryRaceEffect *effect)
{
  gboolean chooses = ferry_race_is_fast (run->race) && run->is_initiator;

  g_assert_true (effect->says_go == (chooses && effect->type != FERRY_RACE_FAIL));
  if (ferry_race_is_fast (run->race))
    g_assert_cmpuint (run->n_reports, ==, 1);
  run->n_ends++;
}

static void
check_effect (Run *run, const FerryRaceEffect *effect)
{
  guint name = effect->candidate != NULL ? (guint) (effect->candidate->cid[0] - '0') : 0;

  g_assert_cmpuint (run->n_ends, ==, 0);
  switch (effect->type)
    {
    case FERRY_RACE_DIAL:
      g_assert_false (run->is_dialling[name]);
      g_assert_cmpuint (run->n_reports, ==, 0);
      run->is_dialling[name] = TRUE;
      break;
    case FERRY_RACE_DROP:
      g_assert_true (run->is_dialling[name]);
      run->is_dialling[name] = FALSE;
      run->is_up[name] = FALSE;
      break;
    case FERRY_RACE_TELL_USED:
    case FERRY_RACE_TELL_ERROR:
      run->n_reports++;
      g_assert_cmpuint (run->n_reports, ==, 1);
      break;
    case FERRY_RACE_SETTLE_DIALLED:
      g_assert_true (run->is_dialling[name]);
      check_end (run, effect);
      break;
    case FERRY_RACE_SETTLE_INCOMING:
    case FERRY_RACE_SETTLE_ACTIVATED:
    case FERRY_RACE_FAIL:
      check_end (run, effect);
      break;
    case FERRY_RACE_ACTIVATE:
      g_assert_true (ferry_candidate_is_proxy (effect->candidate));
      break;
    case FERRY_RACE_TELL_ACTIVATED:
    case FERRY_RACE_TELL_PROXY_ERROR:
    default:
      break;
    }
}

static void
step (Run *run, const FerryRaceEvent *event)
{
  g_autoptr (GArray) effects = g_array_new (FALSE, FALSE, sizeof (FerryRaceEffect));
  guint name = event->cid != NULL ? (guint) (event->cid[0] - '0') : 0;

  /* The driver says of what it dials that the dial has failed, once. */
  if (event->type == FERRY_RACE_DIAL_FAILED)
    {
      if (!run->is_dialling[name])
        return;
      run->is_dialling[name] = run->is_up[name] = FALSE;
    }
  if (event->type == FERRY_RACE_DIALLED)
    run->is_up[name] |= run->is_dialling[name];
  gboolean success = ferry_race_step (run->race, event, run->now_ms, effects, NULL);
  for (guint i = 0; i < effects->len; i++)
    check_effect (run, &g_array_index (effects, FerryRaceEffect, i));
  if (ferry_race_is_over (run->race))
    g_assert_cmpuint (run->n_ends, ==, 1);
  else if (success && ferry_race_get_deadline (run->race) < G_MAXINT64)
    g_assert_cmpint (ferry_race_get_deadline (run->race), >, run->now_ms);
}

/* Each event is three bytes: kind, name and details, milliseconds that pass before it. */
static void
decode (Run *run, const guint8 *bytes, FerryJid *own, FerryJid *relay)
{
  gboolean is_proxy = bytes[1] >> 7;
  g_autoptr (FerryCandidate) candidate = ferry_candidate_new (
      names[bytes[1] % N_NAMES], "192.0.2.1", (guint16) (1 + (bytes[1] >> 3) % 2),
      is_proxy ? relay : own, 1 + (bytes[1] >> 4) % 4 + (is_proxy ? 0 : 4),
      is_proxy ? FERRY_CANDIDATE_PROXY : FERRY_CANDIDATE_DIRECT);
  FerryRaceEvent event = { .type = bytes[0] % FERRY_RACE_N_EVENTS,
                           .candidate = candidate,
                           .cid = candidate->cid,
                           .connection = bytes[1] };
  run->now_ms += bytes[2] * 16;
  step (run, &event);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FerryJid) own = ferry_jid_new ("a@example.com/x", NULL);
  g_autoptr (FerryJid) relay = ferry_jid_new ("relay.example.com", NULL);
  Run run = { .now_ms = 1 };

  if (size == 0 || size > 3000)
    return 0;
  const FerryRaceRules *rules[] = { &ferry_race_rules_jingle, &ferry_race_rules_si,
                                    &ferry_race_rules_jingle, &ferry_race_rules_si_fast };
  run.is_initiator = data[0] >> 1 & 1;
  run.race = ferry_race_new (rules[(data[0] & 1) | (data[0] >> 1 & 2)], NULL, run.is_initiator);
  for (gsize i = 1; i + 3 <= size; i += 3)
    decode (&run, data + i, own, relay);

  FerryRaceEvent start = { .type = FERRY_RACE_START };
  FerryRaceEvent tick = { .type = FERRY_RACE_TICK };
  step (&run, &start);
  gint64 latest_ms = run.now_ms + 300000;
  while (!ferry_race_is_over (run.race))
    {
      run.now_ms = MAX (run.now_ms, ferry_race_get_deadline (run.race));
      g_assert_cmpint (run.now_ms, <, latest_ms);
      step (&run, &tick);
    }
  g_assert_cmpuint (run.n_ends, ==, 1);
  ferry_race_free (run.race);
  return 0;
}
