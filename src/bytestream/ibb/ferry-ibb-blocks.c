/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The actions of the machine about blocks: theirs, which come in order or not at all, and ours,
 * which wait in a window until they are acknowledged. */
#include "config.h"

#include "bytestream/ibb/ferry-ibb-private.h"

#include "base/ferry-error.h"

#define MAX_RETRIES 3
#define MAX_EMPTY 16

/* --- Receiving ------------------------------------------------------------------------------
 */

static void
reject (FerryIbb *self,
        const FerryIbbEvent *event,
        FerryIbbStep *step,
        FerryStanzaCondition condition,
        FerryError code,
        const char *reason)
{
  if (!event->by_message)
    ferry_ibb_refuse (step, condition);
  ferry_ibb_fail (self, step, code, reason);
}

void
ferry_ibb_take_block (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  if (event->by_message && !self->takes_messages)
    {
      ferry_ibb_fail (self, step, FERRY_ERROR_PROTOCOL, "Message in an in-band stream of iqs");
      return;
    }
  /* XEP-0198: a block whose result was lost on a broken connection comes again. */
  if (event->repeated && self->got_any && event->seq == (guint16) (self->expected_seq - 1))
    {
      if (!event->by_message)
        ferry_ibb_emit (step, FERRY_IBB_DO_ACCEPT);
      return;
    }
  if (event->seq != self->expected_seq)
    {
      reject (self, event, step, FERRY_STANZA_UNEXPECTED_REQUEST, FERRY_ERROR_PROTOCOL,
              "In-band block out of sequence");
      return;
    }
  self->n_empty = event->size == 0 ? self->n_empty + 1 : 0;
  if (self->n_empty > MAX_EMPTY)
    {
      reject (self, event, step, FERRY_STANZA_POLICY_VIOLATION, FERRY_ERROR_LIMIT,
              "Too many empty in-band blocks");
      return;
    }
  if (self->pending_bytes + event->size > FERRY_IBB_MAX_PENDING_BYTES ||
      (!event->by_message && self->n_pending == FERRY_IBB_MAX_PENDING))
    {
      reject (self, event, step, FERRY_STANZA_RESOURCE_CONSTRAINT, FERRY_ERROR_LIMIT,
              "The peer sends without waiting for answers");
      return;
    }

  self->expected_seq++;
  self->got_any = TRUE;
  self->pending_bytes += event->size;
  self->n_pending += event->by_message ? 0 : 1;
  ferry_ibb_emit (step, FERRY_IBB_DO_DELIVER);
}

void
ferry_ibb_reject_bad (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  reject (self, event, step, FERRY_STANZA_BAD_REQUEST, FERRY_ERROR_PROTOCOL,
          "In-band block that cannot be decoded, or is larger than agreed");
}

void
ferry_ibb_made_room (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  g_assert (self->pending_bytes >= event->size);
  self->pending_bytes -= event->size;
  if (event->by_message)
    return;
  g_assert (self->n_pending > 0);
  self->n_pending--;
  ferry_ibb_emit (step, FERRY_IBB_DO_ACK);
}

void
ferry_ibb_peer_closed (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  for (; self->n_pending > 0; self->n_pending--)
    ferry_ibb_emit (step, FERRY_IBB_DO_ACK);
  ferry_ibb_emit (step, FERRY_IBB_DO_ACCEPT);
  step->from = FERRY_IBB_STATE_ENDED; /* answered; no <close/> of ours */
  if (self->sent.n_slots > 0 || event->size > 0)
    ferry_ibb_fail (self, step, FERRY_ERROR_CANCELLED_BY_PEER,
                    "The peer closed the in-band stream before it had everything");
  else
    ferry_ibb_end (self, step, NULL);
}

/* --- Sending --------------------------------------------------------------------------------
 */

static void
release_first (FerryIbb *self, FerryIbbStep *step)
{
  ferry_ibb_window_pop (&self->sent);
  self->n_tries = 0;
  ferry_ibb_emit (step, FERRY_IBB_DO_RELEASE);
}

void
ferry_ibb_put_in_slot (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  g_assert (ferry_ibb_wants_local (self));
  ferry_ibb_emit_seq (step, FERRY_IBB_DO_SEND, ferry_ibb_window_push (&self->sent));
  if (self->leaving)
    self->quiet_at = step->now + FERRY_IBB_QUIET_MS;
}

void
ferry_ibb_resend_first (FerryIbb *self, FerryIbbStep *step)
{
  self->retry_at = -1;
  self->sent.slots[0] = FERRY_IBB_SLOT_FLYING;
  ferry_ibb_emit_seq (step, FERRY_IBB_DO_RESEND, self->sent.first_seq);
}

void
ferry_ibb_acknowledge (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  guint index;

  if (!ferry_ibb_window_find (&self->sent, event->seq, &index))
    return;
  if (ferry_ibb_window_has (&self->sent, 0, index, FERRY_IBB_SLOT_PUT_OFF))
    {
      ferry_ibb_fail (self, step, FERRY_ERROR_PROTOCOL,
                      "The peer took a block but not the one before");
      return;
    }

  self->proven = TRUE;
  self->sent.slots[index] = FERRY_IBB_SLOT_ACKED;
  while (self->sent.n_slots > 0 && self->sent.slots[0] == FERRY_IBB_SLOT_ACKED)
    release_first (self, step);
  /* It was behind another that was put off; if it was put off itself its own time counts. */
  if (self->sent.n_slots > 0 && self->sent.slots[0] == FERRY_IBB_SLOT_PUT_OFF &&
      self->retry_at < 0)
    ferry_ibb_resend_first (self, step);
  if (self->leaving)
    self->quiet_at = step->now + FERRY_IBB_QUIET_MS;
  ferry_ibb_close_if_sent (self, step);
}

static gboolean
asks_to_wait (const GError *error)
{
  return error != NULL &&
         (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_BUSY) ||
          ferry_stanza_error_get_condition (error) == FERRY_STANZA_REMOTE_SERVER_TIMEOUT);
}

void
ferry_ibb_refused_block (FerryIbb *self, const FerryIbbEvent *event, FerryIbbStep *step)
{
  FerryStanzaCondition condition = event->error != NULL
                                       ? ferry_stanza_error_get_condition (event->error)
                                       : FERRY_STANZA_UNDEFINED_CONDITION;
  guint index;

  if (!ferry_ibb_window_find (&self->sent, event->seq, &index))
    return;

  /* The message itself was not refused; what answers for it has no other errors to offer. */
  if (self->by_message)
    {
      ferry_ibb_fail_as_event (self, event, step);
      return;
    }

  /* Coccinella reads blocks in messages only, and says so at the first one. */
  if (condition == FERRY_STANZA_FEATURE_NOT_IMPLEMENTED && !self->proven && !self->slow)
    {
      self->by_message = self->takes_messages = TRUE;
      ferry_ibb_resend_first (self, step);
      return;
    }

  /* A block that was put off makes those behind it come out of sequence. */
  gboolean is_behind = ferry_ibb_window_has (&self->sent, 0, index, FERRY_IBB_SLOT_PUT_OFF);
  if (!asks_to_wait (event->error) &&
      !(is_behind && condition == FERRY_STANZA_UNEXPECTED_REQUEST))
    {
      ferry_ibb_fail_as_event (self, event, step);
      return;
    }
  if (self->n_tries == MAX_RETRIES ||
      ferry_ibb_window_has (&self->sent, index + 1, self->sent.n_slots, FERRY_IBB_SLOT_ACKED))
    {
      ferry_ibb_fail_as_event (self, event, step);
      return;
    }
  self->sent.slots[index] = FERRY_IBB_SLOT_PUT_OFF;
  self->slow = TRUE;
  if (!is_behind)
    self->retry_at = step->now + (FERRY_IBB_FIRST_RETRY_MS << self->n_tries++);
}
