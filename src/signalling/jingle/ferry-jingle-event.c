/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "signalling/jingle/ferry-jingle-event.h"

#include "xmpp/ferry-ns.h"

#define EV(name) FERRY_JINGLE_EV_##name

/* The answer to our offer must name our content and the transport that we offered. Some do not
 * repeat the description, and Gajim says `senders='both'`: neither matters. */
static FerryJingleEventType
read_accept (FerryJingleEvent *self,
             const FerryJingleContent *content,
             const FerryJingleMachine *machine,
             const FerryFileInfo *file,
             const char *s5b_sid)
{
  if (content == NULL)
    return EV (PEER_ACCEPT_BAD);

  self->range = FERRY_RANGE_WHOLE;
  self->security = content->security;
  g_autoptr (FerryFileInfo) described =
      content->description != NULL
          ? ferry_jingle_file_parse (content->description, &self->range, NULL)
          : NULL;
  /* The peer may describe the file or not, or another one: ours counts. */
  gboolean is_whole = described == NULL || ferry_range_is_whole (&self->range, file->size);
  if (!is_whole && (!file->ranged || !ferry_range_fits (&self->range, file->size)))
    return EV (PEER_ACCEPT_BAD);

  if (machine->is_inband)
    {
      self->ibb = ferry_jingle_ibb_parse (content->transport, NULL);
      return self->ibb != NULL && machine->ibb != NULL &&
                     g_str_equal (self->ibb->sid, machine->ibb->sid)
                 ? EV (PEER_ACCEPT)
                 : EV (PEER_ACCEPT_BAD);
    }
  self->s5b = ferry_jingle_s5b_parse (content->transport, NULL);
  return self->s5b != NULL && g_strcmp0 (self->s5b->sid, s5b_sid) == 0 ? EV (PEER_ACCEPT)
                                                                       : EV (PEER_ACCEPT_BAD);
}

/* Reports about a transport that was replaced meanwhile are acknowledged and mean nothing. */
static FerryJingleEventType
read_transport_info (FerryJingleEvent *self,
                     const FerryJingleContent *content,
                     const char *s5b_sid)
{
  if (content == NULL || content->transport == NULL)
    return EV (PEER_BAD);
  if (!ferry_node_is (content->transport, "transport", FERRY_NS_JINGLE_S5B))
    return EV (PEER_IGNORED);

  g_autoptr (FerryJingleS5b) s5b = ferry_jingle_s5b_parse (content->transport, NULL);
  if (s5b == NULL)
    return EV (PEER_BAD);
  if (g_strcmp0 (s5b->sid, s5b_sid) != 0)
    return EV (PEER_IGNORED);
  self->transport = content->transport;
  return EV (PEER_TRANSPORT_INFO);
}

static FerryJingleEventType
read_replace (FerryJingleEvent *self, const FerryJingleContent *content)
{
  if (content == NULL || content->transport == NULL)
    return EV (PEER_BAD);
  self->transport = content->transport;
  if (ferry_node_is (content->transport, NULL, FERRY_NS_JINGLE_IBB))
    {
      self->ibb = ferry_jingle_ibb_parse (content->transport, NULL);
      if (self->ibb == NULL)
        return EV (PEER_BAD);
    }
  return EV (PEER_REPLACE);
}

static FerryJingleEventType
read_replace_taken (FerryJingleEvent *self,
                    const FerryJingleContent *content,
                    const FerryJingleMachine *machine)
{
  if (content == NULL)
    return EV (PEER_BAD);
  self->ibb = ferry_jingle_ibb_parse (content->transport, NULL);
  return self->ibb != NULL && machine->ibb != NULL &&
                 g_str_equal (self->ibb->sid, machine->ibb->sid)
             ? EV (PEER_REPLACE_TAKEN)
             : EV (PEER_BAD);
}

static FerryJingleEventType
read_info (FerryJingleEvent *self, const FerryJingleAction *action, const char *content)
{
  if (action->payload == NULL)
    return EV (PEER_PING);
  if (ferry_node_is (action->payload, "received", FERRY_NS_JINGLE_FILE))
    return EV (PEER_RECEIVED);
  if (!ferry_node_is (action->payload, "checksum", FERRY_NS_JINGLE_FILE))
    return EV (PEER_INFO);
  /* A hash that we cannot use is no mistake of the peer. */
  return ferry_jingle_checksum_parse (action->payload, FERRY_JINGLE_INITIATOR, content,
                                      &self->hash)
             ? EV (PEER_CHECKSUM)
             : EV (PEER_PING);
}

/* Only one that turns the file's way round is a change; Gajim says `both` everywhere. */
static FerryJingleEventType
read_modify (const FerryJingleContent *content)
{
  if (content == NULL)
    return EV (PEER_BAD);
  return content->senders == FERRY_JINGLE_SENDERS_RESPONDER ||
                 content->senders == FERRY_JINGLE_SENDERS_NONE
             ? EV (PEER_REVERSE)
             : EV (PEER_IGNORED);
}

static FerryJingleEventType
read_action (FerryJingleEvent *self,
             const FerryJingleAction *action,
             const FerryJingleMachine *machine,
             const char *name,
             const FerryFileInfo *file,
             const char *s5b_sid)
{
  const FerryJingleContent *content =
      ferry_jingle_action_get_content (action, FERRY_JINGLE_INITIATOR, name);

  switch (action->type)
    {
    case FERRY_JINGLE_SESSION_INITIATE:
      return EV (PEER_INITIATE);
    case FERRY_JINGLE_SESSION_ACCEPT:
      return read_accept (self, content, machine, file, s5b_sid);
    case FERRY_JINGLE_SESSION_INFO:
      return read_info (self, action, name);
    case FERRY_JINGLE_SESSION_TERMINATE:
      return EV (PEER_TERMINATE);
    case FERRY_JINGLE_TRANSPORT_INFO:
      return read_transport_info (self, content, s5b_sid);
    case FERRY_JINGLE_TRANSPORT_REPLACE:
      return read_replace (self, content);
    case FERRY_JINGLE_TRANSPORT_ACCEPT:
      return read_replace_taken (self, content, machine);
    case FERRY_JINGLE_TRANSPORT_REJECT:
      return content != NULL ? EV (PEER_REPLACE_REFUSED) : EV (PEER_BAD);
    case FERRY_JINGLE_CONTENT_ADD:
      return action->contents->len > 0 ? EV (PEER_ADD) : EV (PEER_BAD);
    case FERRY_JINGLE_CONTENT_REMOVE:
      return content != NULL ? EV (PEER_REMOVE) : EV (PEER_BAD);
    case FERRY_JINGLE_CONTENT_MODIFY:
      return read_modify (content);
    case FERRY_JINGLE_CONTENT_ACCEPT:
    case FERRY_JINGLE_CONTENT_REJECT:
      return EV (PEER_STRAY);
    case FERRY_JINGLE_DESCRIPTION_INFO:
    case FERRY_JINGLE_SECURITY_INFO:
    default:
      return EV (PEER_IGNORED);
    }
}

void
ferry_jingle_event_init_from_action (FerryJingleEvent *self,
                                     const FerryJingleAction *action,
                                     const FerryJingleMachine *machine,
                                     const char *content,
                                     const FerryFileInfo *file,
                                     const char *s5b_sid)
{
  *self = (FerryJingleEvent){ .reason = action->reason, .text = action->reason_text };
  self->is_pause = action->reason_extra != NULL &&
                   ferry_node_is (action->reason_extra, "paused", FERRY_NS_FILES);
  self->type = read_action (self, action, machine, content, file, s5b_sid);
}
