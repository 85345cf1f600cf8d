/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One attempt at one candidate: look-up, TCP connection, SOCKS5 dialogue. */
#pragma once

#include "bytestream/s5b/ferry-candidate.h"
#include "bytestream/s5b/ferry-host-policy.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * FerryDialStage:
 * @FERRY_DIAL_CONNECTED: TCP stands, nothing was written yet
 * @FERRY_DIAL_GREETED: the other end speaks SOCKS5
 */
typedef enum
{
  FERRY_DIAL_CONNECTED,
  FERRY_DIAL_GREETED,
} FerryDialStage;

/* Told as the attempt advances; may cancel other attempts, and this one. */
typedef void (*FerryDialStageFunc) (FerryDialStage stage, gpointer user_data);

/**
 * ferry_s5b_dial_async:
 * @candidate: whom to dial; copied
 * @kind: what it is to the policy
 * @policy: decides about every address before it is connected to
 * @destination: DST.ADDR
 * @other_destination: (nullable): tried on a second connection when the first is refused or not
 *   answered within 2 s, because clients disagree about the order of the addresses in the hash
 * @stage_func: (nullable): called with @user_data
 * @cancellable: (nullable): stops and closes at once
 * @callback: called when it is over
 * @user_data: for both functions
 *
 * Takes 10 s at most. A refused connection is tried once more after 200 ms: Gajim's listener
 * opens a moment after its offer.
 */
void ferry_s5b_dial_async (const FerryCandidate *candidate,
                           FerryHostKind kind,
                           FerryHostPolicy *policy,
                           const char *destination,
                           const char *other_destination,
                           FerryDialStageFunc stage_func,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/**
 * ferry_s5b_dial_finish:
 * @error: %FERRY_ERROR_FORBIDDEN by the policy, %FERRY_ERROR_TIMEOUT, %FERRY_ERROR_PROTOCOL for
 * a refusing or broken dialogue, and those of GIO
 *
 * Returns: (transfer full) (nullable): the connection, non-blocking, with no byte of the stream
 *   read
 */
GSocket *ferry_s5b_dial_finish (GAsyncResult *result, GError **error);

G_END_DECLS
