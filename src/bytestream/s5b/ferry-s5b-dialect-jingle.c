/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said inside a Jingle session: the session exchanges the candidates, we the reports.
 */
#define G_LOG_DOMAIN "ferry-s5b-bytestream"
#include "config.h"

#include "bytestream/s5b/ferry-s5b-bytestream-private.h"

#include "bytestream/s5b/ferry-s5b-wire-jingle.h"

#include <string.h>

static void
begin (FerryS5bBytestream *self)
{
  ferry_s5b_bytestream_happen (self, &(FerryRaceEvent){ .type = FERRY_RACE_START });
}

static void
tell (FerryS5bBytestream *self, const FerryRaceEffect *effect)
{
  ferry_link_send (self->link, ferry_s5b_wire_jingle_to_node (effect, self->sid));
}

static void
received (FerryS5bBytestream *self, FerryNode *payload)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FerryJingleS5b) message = ferry_jingle_s5b_parse (payload, &error);
  FerryRaceEvent event;

  if (message == NULL)
    g_debug ("%s: %s", self->sid, error->message);
  else if (strcmp (message->sid, self->sid) != 0)
    g_debug ("%s: a message for stream %s", self->sid, message->sid);
  else
    {
      ferry_s5b_bytestream_add_remote (self, message->candidates, message->dstaddr);
      if (ferry_s5b_wire_jingle_get_event (message, &event))
        ferry_s5b_bytestream_happen (self, &event);
    }
}

static void
end (FerryS5bBytestream *self)
{
}

const FerryS5bDialectFuncs ferry_s5b_dialect_jingle = {
  .begin = begin,
  .tell = tell,
  .received = received,
  .end = end,
};
