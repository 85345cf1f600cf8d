/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-session.h"

#include "base/ferry-error.h"

G_DEFINE_FINAL_TYPE (FakeSession, fake_session, FERRY_TYPE_SESSION)

static void
fake_session_accept (FerrySession *session, FerryRoute routes)
{
  FAKE_SESSION (session)->n_accepts++;
  ferry_session_set_state (session, FERRY_SESSION_CONNECTING);
}

static void
fake_session_cancel (FerrySession *session)
{
  g_autoptr (GError) error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");

  FAKE_SESSION (session)->n_cancels++;
  ferry_session_end (session, error);
}

static void
fake_session_sent (FerrySession *session, const FerryHash *hash, gboolean peer_closed)
{
  FakeSession *self = FAKE_SESSION (session);

  self->n_sents++;
  self->told_hash = hash != NULL;
  ferry_session_set_state (session, FERRY_SESSION_CLOSING);
  if (!self->keeps_quiet)
    ferry_session_end (session, NULL);
}

static void
fake_session_complete (FerrySession *session, gboolean verified)
{
  FakeSession *self = FAKE_SESSION (session);

  self->n_completes++;
  self->completed_verified = verified;
  if (!self->keeps_quiet)
    ferry_session_end (session, NULL);
}

static void
fake_session_fail (FerrySession *session, const GError *error)
{
  FakeSession *self = FAKE_SESSION (session);

  g_clear_error (&self->failed);
  self->failed = g_error_copy (error);
  ferry_session_end (session, self->better != NULL ? self->better : error);
}

static void
fake_session_finalize (GObject *object)
{
  FakeSession *self = FAKE_SESSION (object);

  socket_pair_clear (&self->pair);
  g_clear_error (&self->better);
  g_clear_error (&self->failed);

  G_OBJECT_CLASS (fake_session_parent_class)->finalize (object);
}

static void
fake_session_class_init (FakeSessionClass *klass)
{
  FerrySessionClass *session_class = FERRY_SESSION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fake_session_finalize;
  session_class->accept = fake_session_accept;
  session_class->decline = fake_session_cancel;
  session_class->cancel = fake_session_cancel;
  session_class->sent = fake_session_sent;
  session_class->complete = fake_session_complete;
  session_class->fail = fake_session_fail;
}

static void
fake_session_init (FakeSession *self)
{
}

FakeSession *
fake_session_new (FerryDirection direction, FerryFileInfo *file)
{
  g_autoptr (FerryJid) peer = ferry_jid_new ("ben@example.org/desk", NULL);

  return g_object_new (FAKE_TYPE_SESSION, "id", "fake", "signalling", "jingle", "direction",
                       direction, "peer", peer, "file", file, NULL);
}

void
fake_session_open (FakeSession *self)
{
  FerrySession *session = FERRY_SESSION (self);

  ferry_session_set_state (session, FERRY_SESSION_CONNECTING);
  ferry_session_set_route (session, FERRY_ROUTE_PROXY);
  socket_pair_open (&self->pair, FALSE);
  if (self->is_broken)
    g_clear_object (&self->pair.theirs);
  ferry_session_emit_opened (session, self->pair.ours);
}

void
fake_session_end (FakeSession *self, int code)
{
  g_autoptr (GError) error =
      code >= 0 ? g_error_new_literal (FERRY_ERROR, code, "the peer said so") : NULL;

  ferry_session_end (FERRY_SESSION (self), error);
}

/* --- The starter ----------------------------------------------------------------------------
 */

static void
fake_starter_start_async (FerryTransferStarter *starter,
                          FerryTransfer *transfer,
                          FerryFileInfo *file,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  FakeStarter *self = FAKE_STARTER (starter);

  g_assert_null (self->pending);
  self->pending = g_task_new (self, NULL, callback, user_data);
  g_task_set_task_data (self->pending, ferry_file_info_ref (file),
                        (GDestroyNotify) ferry_file_info_unref);
  if (!self->keeps_quiet)
    fake_starter_answer (self);
}

static FerrySession *
fake_starter_start_finish (FerryTransferStarter *starter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fake_starter_ask_async (FerryTransferStarter *starter,
                        FerryTransfer *transfer,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  FakeStarter *self = FAKE_STARTER (starter);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  self->n_asks++;
  if (self->fails_with >= 0)
    g_task_return_new_error (task, FERRY_ERROR, self->fails_with, "the peer said so");
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
fake_starter_ask_finish (FerryTransferStarter *starter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static FerryHashAlgo
fake_starter_pick_hash (FerryTransferStarter *starter, FerryTransfer *transfer)
{
  return FAKE_STARTER (starter)->hash;
}

static void
fake_starter_iface_init (FerryTransferStarterInterface *iface)
{
  iface->ask_async = fake_starter_ask_async;
  iface->ask_finish = fake_starter_ask_finish;
  iface->pick_hash = fake_starter_pick_hash;
  iface->start_async = fake_starter_start_async;
  iface->start_finish = fake_starter_start_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeStarter,
                               fake_starter,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_TRANSFER_STARTER,
                                                      fake_starter_iface_init))

static void
fake_starter_finalize (GObject *object)
{
  FakeStarter *self = FAKE_STARTER (object);

  g_assert_null (self->pending);
  g_ptr_array_unref (self->sessions);

  G_OBJECT_CLASS (fake_starter_parent_class)->finalize (object);
}

static void
fake_starter_class_init (FakeStarterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_starter_finalize;
}

static void
fake_starter_init (FakeStarter *self)
{
  self->hash = FERRY_HASH_SHA256;
  self->fails_with = -1;
  self->sessions = g_ptr_array_new_with_free_func (g_object_unref);
}

FakeStarter *
fake_starter_new (void)
{
  return g_object_new (FAKE_TYPE_STARTER, NULL);
}

void
fake_starter_answer (FakeStarter *self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->pending);

  if (self->fails_with >= 0)
    {
      g_task_return_new_error (task, FERRY_ERROR, self->fails_with, "nobody there");
      return;
    }
  FakeSession *session = fake_session_new (FERRY_DIRECTION_SEND, g_task_get_task_data (task));
  g_ptr_array_add (self->sessions, session);
  g_task_return_pointer (task, g_object_ref (session), g_object_unref);
}

FakeSession *
fake_starter_get_session (FakeStarter *self, guint i)
{
  g_assert_cmpuint (i, <, self->sessions->len);
  return g_ptr_array_index (self->sessions, i);
}
