/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "client/ferry-key-questions.h"

#include "base/ferry-error.h"

/* A transfer that holds an offer open waits with a task; one whose attempt ended waits as a
 * PAUSED transfer, which it may not be yet. */
typedef struct
{
  FerryKeyQuestions *questions;
  FerryKeyQuestion *question; /* NULL: it was answered */
  GError *refusal;            /* answered with no */
  FerryTransfer *transfer;
  gulong state_id;
  GTask *task; /* nullable */
  gulong cancelled_id;
} Waiter;

struct _FerryKeyQuestions
{
  GObject parent_instance;

  GListStore *list;
  GPtrArray *waiters; /* of Waiter */
};

G_DEFINE_FINAL_TYPE (FerryKeyQuestions, ferry_key_questions, G_TYPE_OBJECT)

static guint answered_signal;

static void
waiter_free (gpointer data)
{
  Waiter *waiter = data;

  g_clear_signal_handler (&waiter->state_id, waiter->transfer);
  if (waiter->task != NULL)
    g_clear_signal_handler (&waiter->cancelled_id, g_task_get_cancellable (waiter->task));
  g_clear_object (&waiter->task);
  g_clear_object (&waiter->transfer);
  g_clear_object (&waiter->question);
  g_clear_error (&waiter->refusal);
  g_free (waiter);
}

GListModel *
ferry_key_questions_get_list (FerryKeyQuestions *self)
{
  g_return_val_if_fail (FERRY_IS_KEY_QUESTIONS (self), NULL);

  return G_LIST_MODEL (self->list);
}

static gboolean
is_about (FerryKeyQuestion *question, const FerryJid *account, const FerryJid *device)
{
  return ferry_jid_equal_bare (ferry_key_question_get_account (question), account) &&
         ferry_jid_equal (ferry_key_question_get_device (question), device);
}

FerryKeyQuestion *
ferry_key_questions_find (FerryKeyQuestions *self,
                          const FerryJid *account,
                          const FerryJid *device)
{
  g_return_val_if_fail (FERRY_IS_KEY_QUESTIONS (self), NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      g_autoptr (FerryKeyQuestion) question =
          g_list_model_get_item (G_LIST_MODEL (self->list), i);
      if (is_about (question, account, device))
        return question; /* the list holds it */
    }
  return NULL;
}

static void
close_question (FerryKeyQuestions *self, FerryKeyQuestion *question)
{
  g_autoptr (FerryKeyQuestion) held = g_object_ref (question);
  guint position;

  if (g_list_store_find (self->list, question, &position))
    g_list_store_remove (self->list, position);
  ferry_key_question_close (held);
}

/* A question that nobody waits for any more is none. */
static void
drop_waiter (FerryKeyQuestions *self, Waiter *waiter)
{
  g_autoptr (FerryKeyQuestion) question = g_steal_pointer (&waiter->question);

  g_ptr_array_remove (self->waiters, waiter);
  for (guint i = 0; i < self->waiters->len; i++)
    if (((Waiter *) self->waiters->pdata[i])->question == question)
      return;
  if (question != NULL)
    close_question (self, question);
}

/* --- Transfers that are PAUSED ---------------------------------------------------------------
 */

static gboolean
is_paused (FerryTransfer *transfer)
{
  return ferry_transfer_get_pause (transfer) == FERRY_TRANSFER_PAUSE_KEY;
}

static void
tell_transfer (FerryKeyQuestions *self, Waiter *waiter)
{
  g_autoptr (FerryTransfer) transfer = g_object_ref (waiter->transfer);
  g_autoptr (GError) refusal = g_steal_pointer (&waiter->refusal);

  g_ptr_array_remove (self->waiters, waiter);
  g_signal_emit (self, answered_signal, 0, transfer, refusal);
}

static gboolean
tell_later_cb (gpointer user_data)
{
  FerryKeyQuestions *self = user_data;

  for (guint i = 0; i < self->waiters->len;)
    {
      Waiter *waiter = self->waiters->pdata[i];
      if (waiter->question == NULL && is_paused (waiter->transfer))
        {
          tell_transfer (self, waiter);
          i = 0;
        }
      else
        i++;
    }
  return G_SOURCE_REMOVE;
}

/* Others still hear of the new state: what follows from an answer comes after that. */
static void
on_state (FerryTransfer *transfer, GParamSpec *pspec, Waiter *waiter)
{
  g_autoptr (FerryKeyQuestions) self = g_object_ref (waiter->questions);
  FerryTransferState state = ferry_transfer_get_state (transfer);

  if (is_paused (transfer) && waiter->question == NULL)
    g_idle_add_full (G_PRIORITY_DEFAULT, tell_later_cb, g_object_ref (self), g_object_unref);
  else if (!is_paused (transfer) &&
           (ferry_transfer_state_is_final (state) || state == FERRY_TRANSFER_QUEUED))
    drop_waiter (self, waiter);
}

/* --- Transfers that hold an offer open -------------------------------------------------------
 */

static void
on_cancelled (GCancellable *cancellable, Waiter *waiter)
{
  g_autoptr (FerryKeyQuestions) self = g_object_ref (waiter->questions);
  g_autoptr (GTask) task = g_steal_pointer (&waiter->task);

  /* A handler of the cancellable must not disconnect itself with its lock held. */
  waiter->cancelled_id = 0;
  g_task_return_error_if_cancelled (task);
  drop_waiter (self, waiter);
}

/* Returns what was answered; the waiter is no more. */
static void
return_answer (FerryKeyQuestions *self, Waiter *waiter, GTask *task)
{
  g_autoptr (GError) refusal = g_steal_pointer (&waiter->refusal);

  g_ptr_array_remove (self->waiters, waiter);
  if (refusal != NULL)
    g_task_return_error (task, g_steal_pointer (&refusal));
  else
    g_task_return_boolean (task, TRUE);
}

void
ferry_key_questions_wait_async (FerryKeyQuestions *self,
                                FerryTransfer *transfer,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (FERRY_IS_KEY_QUESTIONS (self));

  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Waiter *waiter = NULL;

  g_task_set_source_tag (task, ferry_key_questions_wait_async);
  for (guint i = 0; i < self->waiters->len && waiter == NULL; i++)
    if (((Waiter *) self->waiters->pdata[i])->transfer == transfer)
      waiter = self->waiters->pdata[i];

  if (waiter == NULL)
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_OTHER_KEY,
                               "There is no question");
      return;
    }
  /* It may have been answered in the moment in which it was asked. */
  if (waiter->question == NULL)
    {
      return_answer (self, waiter, task);
      return;
    }
  waiter->task = g_steal_pointer (&task);
  waiter->cancelled_id =
      g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_cancelled), waiter);
}

gboolean
ferry_key_questions_wait_finish (FerryKeyQuestions *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Asking and answering --------------------------------------------------------------------
 */

static FerryKeyQuestion *
find_same (FerryKeyQuestions *self, FerryKeyQuestion *asked)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    {
      g_autoptr (FerryKeyQuestion) question =
          g_list_model_get_item (G_LIST_MODEL (self->list), i);
      if (is_about (question, ferry_key_question_get_account (asked),
                    ferry_key_question_get_device (asked)) &&
          g_strcmp0 (ferry_key_question_get_other (question),
                     ferry_key_question_get_other (asked)) == 0)
        return question; /* the list holds it */
    }
  return NULL;
}

static void
add_waiter (FerryKeyQuestions *self, FerryKeyQuestion *question, FerryTransfer *transfer)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->questions = self;
  waiter->question = g_object_ref (question);
  waiter->transfer = g_object_ref (transfer);
  waiter->state_id =
      g_signal_connect (transfer, "notify::state", G_CALLBACK (on_state), waiter);
  g_ptr_array_add (self->waiters, waiter);
}

void
ferry_key_questions_ask (FerryKeyQuestions *self,
                         FerryKeyQuestion *question,
                         FerryTransfer *transfer)
{
  g_return_if_fail (FERRY_IS_KEY_QUESTIONS (self));
  g_return_if_fail (FERRY_IS_KEY_QUESTION (question) && FERRY_IS_TRANSFER (transfer));

  FerryKeyQuestion *same = find_same (self, question);

  for (guint i = 0; i < self->waiters->len; i++)
    if (((Waiter *) self->waiters->pdata[i])->transfer == transfer)
      return;
  add_waiter (self, same != NULL ? same : question, transfer);
  if (same == NULL)
    g_list_store_append (self->list, question);
}

GPtrArray *
ferry_key_questions_list_waiting (FerryKeyQuestions *self, FerryKeyQuestion *question)
{
  g_return_val_if_fail (FERRY_IS_KEY_QUESTIONS (self), NULL);

  GPtrArray *transfers = g_ptr_array_new ();
  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter *waiter = self->waiters->pdata[i];
      if (waiter->question == question)
        g_ptr_array_add (transfers, waiter->transfer);
    }
  return transfers;
}

static GError *
new_refusal (FerryKeyQuestion *question)
{
  return ferry_key_question_get_other (question) != NULL
             ? g_error_new_literal (FERRY_ERROR, FERRY_ERROR_OTHER_KEY,
                                    "The user does not want the key")
             : g_error_new_literal (FERRY_ERROR, FERRY_ERROR_NO_KEY,
                                    "The user does not want it in clear");
}

static void
tell_waiter (FerryKeyQuestions *self, Waiter *waiter)
{
  if (waiter->task != NULL)
    {
      g_clear_signal_handler (&waiter->cancelled_id, g_task_get_cancellable (waiter->task));
      g_autoptr (GTask) task = g_steal_pointer (&waiter->task);
      return_answer (self, waiter, task);
    }
  /* If it is not PAUSED yet, on_state() follows. */
  else if (is_paused (waiter->transfer))
    tell_transfer (self, waiter);
}

void
ferry_key_questions_answer (FerryKeyQuestions *self,
                            FerryKeyQuestion *question,
                            gboolean accepted)
{
  g_return_if_fail (FERRY_IS_KEY_QUESTIONS (self));
  g_return_if_fail (FERRY_IS_KEY_QUESTION (question));

  g_autoptr (FerryKeyQuestions) alive = g_object_ref (self);
  g_autoptr (FerryKeyQuestion) held = g_object_ref (question);
  g_autoptr (GPtrArray) answered = g_ptr_array_new ();

  for (guint i = 0; i < self->waiters->len; i++)
    {
      Waiter *waiter = self->waiters->pdata[i];
      if (waiter->question != question)
        continue;
      g_clear_object (&waiter->question);
      if (!accepted)
        waiter->refusal = new_refusal (held);
      g_ptr_array_add (answered, waiter);
    }
  close_question (self, question);
  for (guint i = 0; i < answered->len; i++)
    if (g_ptr_array_find (self->waiters, answered->pdata[i], NULL))
      tell_waiter (self, answered->pdata[i]);
}

/* --- Life ------------------------------------------------------------------------------------
 */

static void
ferry_key_questions_dispose (GObject *object)
{
  FerryKeyQuestions *self = FERRY_KEY_QUESTIONS (object);

  g_ptr_array_set_size (self->waiters, 0);
  g_list_store_remove_all (self->list);
  G_OBJECT_CLASS (ferry_key_questions_parent_class)->dispose (object);
}

static void
ferry_key_questions_finalize (GObject *object)
{
  FerryKeyQuestions *self = FERRY_KEY_QUESTIONS (object);

  g_ptr_array_unref (self->waiters);
  g_object_unref (self->list);
  G_OBJECT_CLASS (ferry_key_questions_parent_class)->finalize (object);
}

static void
ferry_key_questions_class_init (FerryKeyQuestionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferry_key_questions_dispose;
  object_class->finalize = ferry_key_questions_finalize;
  answered_signal =
      g_signal_new ("answered", FERRY_TYPE_KEY_QUESTIONS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 2, FERRY_TYPE_TRANSFER, G_TYPE_ERROR);
}

static void
ferry_key_questions_init (FerryKeyQuestions *self)
{
  self->list = g_list_store_new (FERRY_TYPE_KEY_QUESTION);
  self->waiters = g_ptr_array_new_with_free_func (waiter_free);
}

FerryKeyQuestions *
ferry_key_questions_new (void)
{
  return g_object_new (FERRY_TYPE_KEY_QUESTIONS, NULL);
}
