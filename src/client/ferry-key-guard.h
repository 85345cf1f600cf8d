/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryKeyGuard: knows devices by their keys, and the rules for encryption: the first key that
 * a device shows is remembered; about another one, and about none, the user is asked. */
#pragma once

#include "client/ferry-key-question.h"
#include "store/ferry-key-store.h"
#include "transfer/ferry-transfer-guard.h"

G_BEGIN_DECLS

#define FERRY_TYPE_KEY_GUARD (ferry_key_guard_get_type ())
G_DECLARE_FINAL_TYPE (FerryKeyGuard, ferry_key_guard, FERRY, KEY_GUARD, GObject)

/**
 * ferry_key_guard_new:
 *
 * Signal "answered" (FerryTransfer *transfer, GError *refusal): the user has said whether
 * @transfer, which is PAUSED for its peer's key, may go on: it may if @refusal is %NULL.
 */
FerryKeyGuard *ferry_key_guard_new (FerryStore *store);
/* Open questions, oldest first. (transfer none) (element-type FerryKeyQuestion) */
GListModel *ferry_key_guard_get_questions (FerryKeyGuard *self);

/**
 * ferry_key_guard_check_clear:
 * @device: full JID, which does not encrypt
 * @is_ferry: it says that it is a Ferry
 *
 * May @transfer go to @device, or come from it, in clear? A device that has shown a key once
 * should not; nor should a Ferry of a contact of whom another device has. What else a contact
 * uses never encrypted, and is no matter for a question.
 *
 * Returns: %FALSE with %FERRY_ERROR_NO_KEY (the user is being asked), %FERRY_ERROR_UNENCRYPTED
 *   (the rule for the contact), %FERRY_ERROR_STORE
 */
gboolean ferry_key_guard_check_clear (FerryKeyGuard *self,
                                      FerryTransfer *transfer,
                                      FerryJid *device,
                                      gboolean is_ferry,
                                      GError **error);

/**
 * FerryKeyAnswer:
 * @FERRY_KEY_DECLINE: what was known stays; what waits fails
 * @FERRY_KEY_ACCEPT: the device is known by the other key from now on; or, if it shows none,
 * files go in clear until it encrypts again
 * @FERRY_KEY_VERIFY: the same, and people have compared the key
 * @FERRY_KEY_ONCE: a device that shows no key: only what waits now goes in clear
 *
 * What the user says of the key that a device has shown, or of there being none.
 */
typedef enum
{
  FERRY_KEY_DECLINE,
  FERRY_KEY_ACCEPT,
  FERRY_KEY_VERIFY,
  FERRY_KEY_ONCE,
} FerryKeyAnswer;

/* Answers the oldest question about @device; without one, what was declined when it was asked.
 * @error: %FERRY_ERROR_STORE: then nothing has changed */
gboolean ferry_key_guard_answer (FerryKeyGuard *self,
                                 FerryJid *account,
                                 FerryJid *device,
                                 FerryKeyAnswer answer,
                                 GError **error);

G_END_DECLS
