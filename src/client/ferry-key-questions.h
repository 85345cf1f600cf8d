/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FerryKeyQuestions: the open questions about keys of devices, and which transfers wait for
 * what the user says to each. What is known of the keys is FerryKeyGuard's. */
#pragma once

#include "client/ferry-key-question.h"
#include "transfer/ferry-transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_KEY_QUESTIONS (ferry_key_questions_get_type ())
G_DECLARE_FINAL_TYPE (FerryKeyQuestions, ferry_key_questions, FERRY, KEY_QUESTIONS, GObject)

/**
 * ferry_key_questions_new:
 *
 * Signal "answered" (FerryTransfer *transfer, GError *refusal): the user has said whether
 * @transfer, which is PAUSED for its peer's key, may go on: it may if @refusal is %NULL.
 */
FerryKeyQuestions *ferry_key_questions_new (void);
/* Open questions, oldest first. (transfer none) (element-type FerryKeyQuestion) */
GListModel *ferry_key_questions_get_list (FerryKeyQuestions *self);
/* (transfer none) (nullable): the oldest about @device */
FerryKeyQuestion *ferry_key_questions_find (FerryKeyQuestions *self,
                                            const FerryJid *account,
                                            const FerryJid *device);
/* @transfer waits from now on for the answer to @question, or to one that asks the same. */
void ferry_key_questions_ask (FerryKeyQuestions *self,
                              FerryKeyQuestion *question,
                              FerryTransfer *transfer);
/* For a transfer that waits inside an attempt; any other waits as a PAUSED one. */
void ferry_key_questions_wait_async (FerryKeyQuestions *self,
                                     FerryTransfer *transfer,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
/* @error: %FERRY_ERROR_OTHER_KEY, %FERRY_ERROR_NO_KEY: the user said no */
gboolean
ferry_key_questions_wait_finish (FerryKeyQuestions *self, GAsyncResult *result, GError **error);
/* Returns: (transfer container) (element-type FerryTransfer): who waits for the answer */
GPtrArray *ferry_key_questions_list_waiting (FerryKeyQuestions *self,
                                             FerryKeyQuestion *question);
void ferry_key_questions_answer (FerryKeyQuestions *self,
                                 FerryKeyQuestion *question,
                                 gboolean accepted);

G_END_DECLS
