/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryKeyGuard: knows devices by their keys, and the rules for encryption: the first key that
 * a device shows is remembered; about another one the user is asked. */
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
 * Signal "answered" (FerryTransfer *transfer, gboolean accepted): the user has said whether
 * @transfer, which is PAUSED for its peer's key, may go on.
 */
FerryKeyGuard *ferry_key_guard_new (FerryStore *store);
/* Open questions, oldest first. (transfer none) (element-type FerryKeyQuestion) */
GListModel *ferry_key_guard_get_questions (FerryKeyGuard *self);

/* What the user says of the key that a device has shown. */
typedef enum
{
  FERRY_KEY_DECLINE, /* the old one stays; what waits fails */
  FERRY_KEY_ACCEPT,  /* the device is known by it from now on */
  FERRY_KEY_VERIFY,  /* the same, and people have compared it */
} FerryKeyAnswer;

/* @error: %FERRY_ERROR_STORE: then nothing has changed */
gboolean ferry_key_guard_answer (FerryKeyGuard *self,
                                 FerryJid *account,
                                 FerryJid *device,
                                 FerryKeyAnswer answer,
                                 GError **error);

G_END_DECLS
