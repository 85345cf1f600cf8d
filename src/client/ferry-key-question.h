/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryKeyQuestion: a question to the user, as an object in a list: a device shows another key
 * than the one it was known by, or does not encrypt any more. It is answered through FerryCore
 * and then leaves the list. */
#pragma once

#include <gio/gio.h>

#include "base/ferry-jid.h"

G_BEGIN_DECLS

#define FERRY_TYPE_KEY_QUESTION (ferry_key_question_get_type ())
G_DECLARE_FINAL_TYPE (FerryKeyQuestion, ferry_key_question, FERRY, KEY_QUESTION, GObject)

/**
 * ferry_key_question_new:
 * @account: own bare JID
 * @device: full JID
 * @peer_name: what the user calls the contact
 * @file_name: of the transfer that waits for the answer first
 * @known: fingerprint by which the device is known, hex; empty: by none, but other devices of
 *   the contact are, and it says that it is a Ferry as well
 * @other: (nullable): what it shows now, hex; %NULL: nothing, the file would go in clear
 * @is_verified: did people compare @known?
 *
 * Signal "closed": answered, or no transfer waits for it any more.
 */
FerryKeyQuestion *ferry_key_question_new (FerryJid *account,
                                          FerryJid *device,
                                          const char *peer_name,
                                          const char *file_name,
                                          const char *known,
                                          const char *other,
                                          gboolean is_verified);
FerryJid *ferry_key_question_get_account (FerryKeyQuestion *self);
FerryJid *ferry_key_question_get_device (FerryKeyQuestion *self);
const char *ferry_key_question_get_peer_name (FerryKeyQuestion *self);
const char *ferry_key_question_get_file_name (FerryKeyQuestion *self);
/* Hexadecimal; ferry_key_question_dup_groups() is for people. */
const char *ferry_key_question_get_known (FerryKeyQuestion *self);
/* (nullable): %NULL: the device does not encrypt */
const char *ferry_key_question_get_other (FerryKeyQuestion *self);
gboolean ferry_key_question_is_verified (FerryKeyQuestion *self);
/* @fingerprint: hexadecimal. Returns: (transfer full): in groups of four digits */
char *ferry_key_question_dup_groups (const char *fingerprint);
/* Emits "closed"; for FerryCore. */
void ferry_key_question_close (FerryKeyQuestion *self);

G_END_DECLS
