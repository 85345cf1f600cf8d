/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bytestream/s5b/ferry-s5b-wire-jingle.h"

static const struct
{
  FerryRaceEffectType effect;
  FerryJingleS5bReport report;
  FerryRaceEventType event;
} messages[] = {
  { FERRY_RACE_TELL_USED, FERRY_JINGLE_S5B_USED, FERRY_RACE_PEER_USED },
  { FERRY_RACE_TELL_ERROR, FERRY_JINGLE_S5B_ERROR, FERRY_RACE_PEER_ERROR },
  { FERRY_RACE_TELL_ACTIVATED, FERRY_JINGLE_S5B_ACTIVATED, FERRY_RACE_PEER_ACTIVATED },
  { FERRY_RACE_TELL_PROXY_ERROR, FERRY_JINGLE_S5B_PROXY_ERROR, FERRY_RACE_PEER_PROXY_ERROR },
};

FerryNode *
ferry_s5b_wire_jingle_to_node (const FerryRaceEffect *effect, const char *sid)
{
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    if (messages[i].effect == effect->type)
      {
        g_autoptr (FerryJingleS5b) message = ferry_jingle_s5b_new (sid);
        message->report = messages[i].report;
        message->cid = effect->candidate != NULL ? g_strdup (effect->candidate->cid) : NULL;
        return ferry_jingle_s5b_to_node (message);
      }
  return NULL;
}

gboolean
ferry_s5b_wire_jingle_get_event (const FerryJingleS5b *message, FerryRaceEvent *event)
{
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    if (messages[i].report == message->report)
      {
        *event = (FerryRaceEvent){ .type = messages[i].event, .cid = message->cid };
        return TRUE;
      }
  return FALSE;
}
