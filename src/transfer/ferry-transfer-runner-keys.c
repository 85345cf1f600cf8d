/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an attempt does about encryption, and about whose key the peer shows. */
#include "config.h"

#include "transfer/ferry-transfer-runner-private.h"

/* Each step takes a round trip, which in-band are stanzas through two servers. */
#define HANDSHAKE_MS (20 * 1000)
#define HANDSHAKE_INBAND_MS (60 * 1000)

void
ferry_transfer_runner_set_guard (FerryTransferRunner *self, FerryTransferGuard *guard)
{
  g_return_if_fail (FERRY_IS_TRANSFER_RUNNER (self));

  g_set_object (&self->guard, guard);
}

void
ferry_transfer_runner_encrypt (FerryTransferRunner *self, FerryPump *pump)
{
  g_autoptr (FerryTlsAgreement) agreement = ferry_session_dup_tls_agreement (self->session);
  gboolean is_inband = (ferry_session_get_route (self->session) & FERRY_ROUTE_INBAND) != 0;
  /* A file of which a part went in clear is not one that was encrypted. */
  gboolean is_first = ferry_session_get_range (self->session)->offset == 0;

  ferry_transfer_set_encrypted (
      self->transfer,
      agreement != NULL && (is_first || ferry_transfer_get_encrypted (self->transfer)));
  ferry_transfer_add_note (self->transfer, agreement != NULL
                                               ? "Encrypted between the two devices"
                                               : "Not encrypted between the two devices");
  if (agreement == NULL)
    return;
  ferry_pump_set_tls (pump, agreement);
  ferry_pump_set_handshake_limit (pump, is_inband ? HANDSHAKE_INBAND_MS : HANDSHAKE_MS);
}

/* The pipe is there, and the peer would not wait with it for a person: if one has to be asked
 * this attempt ends, and another follows the answer. */
gboolean
ferry_transfer_runner_may_move (FerryTransferRunner *self)
{
  g_autoptr (GError) error = NULL;

  if (self->guard == NULL ||
      ferry_transfer_guard_check (self->guard, self->transfer, self->session, &error))
    return TRUE;
  self->asks_user = ferry_transfer_guard_asks (error);
  ferry_transfer_runner_settle (self, error);
  return FALSE;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FerryTransferRunner *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ferry_transfer_guard_wait_finish (self->guard, result, &error))
    ferry_transfer_runner_settle (self, error);
  else if (!self->settled)
    {
      ferry_transfer_set_error (self->transfer, NULL);
      ferry_transfer_runner_receive_prepare (self);
    }
  ferry_transfer_runner_end (self);
}

/* Whoever offers a file waits for a person anyway, so the offer stays open for the answer. */
void
ferry_transfer_runner_know_sender (FerryTransferRunner *self)
{
  g_autoptr (GError) error = NULL;

  if (self->guard == NULL || !ferry_session_knows_security (self->session) ||
      ferry_transfer_guard_check (self->guard, self->transfer, self->session, &error))
    ferry_transfer_runner_receive_prepare (self);
  else if (ferry_transfer_guard_asks (error))
    {
      /* What it waits for. */
      ferry_transfer_set_error (self->transfer, error);
      ferry_transfer_guard_wait_async (self->guard, self->transfer, self->session,
                                       self->cancellable, answered_cb,
                                       ferry_transfer_runner_begin (self));
    }
  else
    ferry_transfer_runner_settle (self, error);
}

void
ferry_transfer_runner_meet_peer (FerryTransferRunner *self)
{
  if (self->has_met || self->guard == NULL || !ferry_pump_has_met_peer (self->pump))
    return;
  self->has_met = TRUE;
  ferry_transfer_guard_meet (self->guard, self->transfer, self->session);
}
